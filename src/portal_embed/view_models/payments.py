"""Paying an open invoice, and the bank's question in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.money import Money
from portal_embed.view_models.shared import MethodLabel, Notice, SumRow
from portal_embed.view_models.wording import method_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal_embed.billing.stripe.objects import Invoice, PaymentMethod
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class MethodChoice:
    """One saved method to pay with. `is_selected` is pre-selected; `is_default` gets a word."""

    method: MethodLabel
    is_default: bool
    is_selected: bool


@dataclass(frozen=True)
class PayInvoicePage:
    """Paying an open invoice.

    `amount` what will be charged, `amount_minor` the same in minor units (goes back in the form so that a changed sum
    is noticed), `button` "Pay $29.00". No `methods`: only adding a new one is offered. `withdraws`: the subscription
    whose waiting plan change this invoice pays, so that dropping the change can be offered instead; None for any other
    invoice. `resumes`: what waits is no change but a paused subscription that goes on. `id`: Stripe's, for addresses;
    `number`: what the customer knows it by. `may_add_method`: whether this session may add one.
    """

    id: str
    number: str
    amount: str
    amount_minor: int
    rows: tuple[SumRow, ...]
    methods: tuple[MethodChoice, ...]
    button: str
    may_add_method: bool
    problem: Notice | None = None
    withdraws: str | None = None
    resumes: bool = False


@dataclass(frozen=True)
class AuthenticationPage:
    """The bank wants to confirm a payment (3-D Secure); Stripe.js shows its dialog on this page.

    `title` and `sentence` say what for and how much. `hosted_url`: Stripe's own page for the same, the way without
    JavaScript, or None. `return_url`: absolute, where the bank's page or the script leads.
    `give_up_route`/`give_up_id`: the way back. `amount` "$29.00". `client_secret`, `publishable_key`, `stripe_js_url`,
    `stripe_account` and `locale` are what Stripe.js needs; none is secret to this customer.
    """

    title: str
    sentence: str
    amount: str
    client_secret: str
    publishable_key: str
    stripe_js_url: str
    stripe_account: str
    locale: str
    return_url: str
    hosted_url: str | None
    give_up_route: str
    give_up_id: str | None


def pay_page(
    invoice: Invoice,
    methods: Sequence[PaymentMethod],
    default: str | None,
    fmt: Formatter,
    *,
    now: int,
    may_add: bool,
    selected: str | None = None,
    problem: Notice | None = None,
    withdraws: str | None = None,
    resumes: bool = False,
) -> PayInvoicePage:
    """Paying an open invoice. `selected`: the method to pre-select (the one just added, or tried before)."""
    amount = fmt.money(Money(invoice.amount_remaining, invoice.currency))
    known = {method.id for method in methods}
    chosen = next((m for m in (selected, default) if m in known), methods[0].id if methods else None)
    rows = [SumRow(fmt._("Invoice"), invoice.number or fmt._("Without number"))]
    if invoice.amount_paid:
        rows.append(SumRow(fmt._("Total"), fmt.money(Money(invoice.amount_due, invoice.currency))))
        paid = fmt.money(Money(-invoice.amount_paid, invoice.currency))
        rows.append(SumRow(fmt._("Already paid"), paid, is_credit=True))
    return PayInvoicePage(
        id=invoice.id,
        number=invoice.number or fmt._("Without number"),
        amount=amount,
        amount_minor=invoice.amount_remaining,
        rows=tuple(rows),
        methods=tuple(
            MethodChoice(method_label(m, fmt, now), is_default=m.id == default, is_selected=m.id == chosen)
            for m in methods
        ),
        button=fmt._("Pay %(amount)s", amount=amount),
        may_add_method=may_add,
        problem=problem,
        withdraws=withdraws,
        resumes=resumes,
    )


@dataclass(frozen=True)
class StripeJs:
    """What a page needs to talk to Stripe from the browser. None of it is secret."""

    publishable_key: str
    url: str
    account: str
    locale: str


def authentication_page(
    invoice: Invoice,
    fmt: Formatter,
    js: StripeJs,
    *,
    return_url: str,
    hosted_url: str | None,
    back_route: str,
    back_id: str | None,
) -> AuthenticationPage:
    """The page with the bank's dialog. `invoice` carries its confirmation secret."""
    amount = fmt.money(Money(invoice.amount_remaining, invoice.currency))
    secret = invoice.confirmation_secret
    return AuthenticationPage(
        title=fmt._("Confirm with your bank"),
        sentence=fmt._("Your bank wants to be sure that it is you who pays %(amount)s.", amount=amount),
        amount=amount,
        client_secret=secret.client_secret if secret is not None else "",
        publishable_key=js.publishable_key,
        stripe_js_url=js.url,
        stripe_account=js.account,
        locale=js.locale,
        return_url=return_url,
        hosted_url=hosted_url,
        give_up_route=back_route,
        give_up_id=back_id,
    )
