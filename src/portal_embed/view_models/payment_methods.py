"""Saved payment methods, adding one, removing one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing import payment_methods as rules
from portal_embed.billing.payment_methods import Expiry, expiry_of
from portal_embed.billing.subscriptions import is_live, overriding
from portal_embed.view_models.shared import MethodLabel, Notice
from portal_embed.view_models.subscription_words import subscription_name
from portal_embed.view_models.wording import masked_email, method_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal_embed.billing.stripe.objects import Customer, PaymentMethod, Product, SetupIntent, Subscription
    from portal_embed.i18n.formatting import Formatter
    from portal_embed.view_models.payments import StripeJs


@dataclass(frozen=True)
class MethodRow:
    """One saved method.

    `used_for`: "Used for Pro and Team" or "". `removal_note`: why it cannot be removed, "" when it can; `may_replace`
    offers "Replace" as the way out of that. `may_use_for_all`: it is the default, but some subscription has a method of
    its own, which would win. `is_default`: it pays where nothing else is said. `may_make_default`, `may_remove`:
    whether this session may do so now.
    """

    method: MethodLabel
    is_default: bool
    used_for: str
    may_make_default: bool
    may_remove: bool
    removal_note: str
    may_replace: bool
    may_use_for_all: bool = False


@dataclass(frozen=True)
class PaymentMethodsPage:
    """All saved methods, the default first.

    `subscription_count`: live subscriptions, for the words of "use for all my subscriptions". `may_add`: whether this
    session may add one.
    """

    rows: tuple[MethodRow, ...]
    may_add: bool
    subscription_count: int
    confirmation: Notice | None = None
    attention: Notice | None = None


@dataclass(frozen=True)
class NewMethodPage:
    """The page with Stripe's Payment Element. The answer to a POST, never cached.

    `return_url` absolute: where a bank's page leads back. `appearance_json`: the Payment Element's `appearance`, from
    our tokens. `offers_default`: show "Make this my default" (off for the very first method: it simply becomes the
    default). `offers_all`: show "Use for all my subscriptions". Both are off when it takes the place of another: then
    it is used for exactly what that was. `replaces`: the method it takes the place of, None for a plain add.
    `invoice_id`: the open invoice to pay next, None for none. `resumes`: the paused subscription to resume next. `start` and
    `count`: price and number of the plan to start next, None and "" for none; `code`: the promotion code for it, "" for none.
    `whose`: the masked account the card is saved to. `title` says what for. `client_secret`, `setup_intent_id`, `publishable_key`,
    `stripe_js_url`, `stripe_account` and `locale` are what Stripe.js needs; none is secret to this customer.
    `appearance_dark_json`: the appearance in the dark.
    `may_step_out`: it stands in a frame, so what is approved on a page of its own goes on at top level.
    """

    title: str
    client_secret: str
    setup_intent_id: str
    publishable_key: str
    stripe_js_url: str
    stripe_account: str
    locale: str
    return_url: str
    appearance_json: str
    appearance_dark_json: str
    offers_default: bool
    offers_all: bool
    replaces: MethodLabel | None
    invoice_id: str | None
    whose: str
    may_step_out: bool = False
    resumes: str | None = None
    start: str | None = None
    count: str = ""
    code: str = ""


@dataclass(frozen=True)
class FinishMethodPage:
    """Back from a bank's page: one button (pressed by script) finishes. The choices made before ride along as
    fields.

    `sentence`: what is left to do. `setup_intent_id` and `fields` (pairs of name and value) are sent with the button.
    """

    setup_intent_id: str
    sentence: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RemoveMethodPage:
    """Asks once before removing. `sentences`: what follows from removing it."""

    method: MethodLabel
    sentences: tuple[str, ...]


def payment_methods_page(
    customer: Customer,
    methods: Sequence[PaymentMethod],
    subscriptions: Sequence[Subscription],
    products: Mapping[str, Product],
    fmt: Formatter,
    *,
    now: int,
    may_write: bool,
    confirmation: Notice | None = None,
) -> PaymentMethodsPage:
    """All saved methods in words, the default first. `now`: unix seconds."""
    default = rules.default_of(customer)
    rows = []
    trouble: Notice | None = None
    for method in rules.ordered(methods, default):
        users = rules.used_by(method.id, customer, subscriptions)
        label = method_label(method, fmt, now)
        names = [subscription_name(s, products, fmt) for s in users]
        refusal = rules.removal_refusal(method.id, customer, subscriptions)
        if users and trouble is None and expiry_of(method, now) is Expiry.EXPIRED:
            trouble = Notice(
                "critical",
                fmt._("%(card)s has expired", card=label.text),
                fmt._("Add your new card so that the next bill can be paid."),
            )
        rows.append(
            MethodRow(
                method=label,
                is_default=method.id == default,
                used_for=fmt._("Used for %(names)s", names=fmt.listing(list(dict.fromkeys(names)))) if names else "",
                may_make_default=may_write and method.id != default,
                may_remove=may_write and refusal is None,
                removal_note=fmt._("In use. Replace it, or choose another default first.")
                if may_write and refusal
                else "",
                may_replace=may_write and refusal is not None,
                may_use_for_all=may_write and method.id == default and bool(overriding(subscriptions, method.id)),
            )
        )
    live = sum(1 for s in subscriptions if is_live(s))
    return PaymentMethodsPage(tuple(rows), may_write, live, confirmation, trouble)


def remove_method_page(method: PaymentMethod, *, is_default: bool, fmt: Formatter, now: int) -> RemoveMethodPage:
    """Asks once before removing."""
    sentences = [fmt._("It cannot be used again unless you add it anew.")]
    if is_default:
        sentences.append(fmt._("It is your default. Choose another one before your next bill."))
    return RemoveMethodPage(method_label(method, fmt, now), tuple(sentences))


def new_method_page(
    intent: SetupIntent,
    customer: Customer,
    methods: Sequence[PaymentMethod],
    live: Sequence[Subscription],
    fmt: Formatter,
    js: StripeJs,
    *,
    now: int,
    return_url: str,
    appearance: tuple[str, str],
    replaces: PaymentMethod | None,
    invoice_id: str | None,
    resumes: str | None = None,
    start: str | None = None,
    count: str = "",
    code: str = "",
    is_default: bool = False,
    is_for_all: bool = False,
    may_step_out: bool = False,
) -> NewMethodPage:
    """The page with the Payment Element. `appearance`: as JSON, light and dark. `replaces`: the method it takes the place of.
    `is_default`, `is_for_all`: it becomes that anyway, so there is nothing to tick.
    """
    return NewMethodPage(
        title=fmt._("Replace payment method") if replaces else fmt._("Add a payment method"),
        client_secret=intent.client_secret or "",
        setup_intent_id=intent.id,
        publishable_key=js.publishable_key,
        stripe_js_url=js.url,
        stripe_account=js.account,
        locale=js.locale,
        return_url=return_url,
        appearance_json=appearance[0],
        appearance_dark_json=appearance[1],
        offers_default=bool(methods) and replaces is None and rules.default_of(customer) is not None and not is_default,
        offers_all=bool(live) and replaces is None and not is_for_all,
        replaces=method_label(replaces, fmt, now) if replaces else None,
        invoice_id=invoice_id,
        resumes=resumes,
        whose=masked_email(customer.email) or customer.name or "",
        may_step_out=may_step_out,
        start=start,
        count=count if start is not None else "",
        code=code if start is not None else "",
    )
