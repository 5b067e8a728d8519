"""The overview: is all well, what is next, and what needs attention first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing import invoices as invoice_rules
from portal_embed.billing import subscriptions as rules
from portal_embed.billing.money import Money
from portal_embed.billing.payment_methods import Expiry, expiry_of
from portal_embed.billing.sales import restart_refusal
from portal_embed.billing.subscriptions import State
from portal_embed.view_models.pauses import resume_notice
from portal_embed.view_models.shared import Notice
from portal_embed.view_models.subscription_cards import (
    EndedRow,
    OverviewFacts,
    SubscriptionCard,
    ended_row,
    subscription_card,
)
from portal_embed.view_models.subscription_words import no_method_text, subscription_name, why_not_text
from portal_embed.view_models.wording import method_label

if TYPE_CHECKING:
    from portal_embed.billing.stripe.objects import Customer, Subscription
    from portal_embed.i18n.formatting import Formatter

ENDED_SHOWN = 3


@dataclass(frozen=True)
class OverviewPage:
    """What runs, what was, and what needs looking at.

    `subscriptions` the live ones; `ended` the latest ended ones, at most three, and `more_ended` the words of the link to all of
    them, "" when these are all. `balance`: a credit or debt on the account in a sentence, "" for none. `confirmation`: what was
    just done, worded from what Stripe now says. `attention`: the most urgent thing, one at most: what is owed, a card that runs
    out, no payment method. `start_label`: the words of the link to the plans on sale, "" where none can be started.
    """

    confirmation: Notice | None
    attention: Notice | None
    subscriptions: tuple[SubscriptionCard, ...]
    ended: tuple[EndedRow, ...]
    balance: str
    more_ended: str = ""
    start_label: str = ""


def overview_page(
    facts: OverviewFacts, fmt: Formatter, confirmation: Notice | None, *, shows_attention: bool = True
) -> OverviewPage:
    """The overview in words. `shows_attention`: the notice stands above the cards, so that they need not say the same."""
    live = [s for s in facts.subscriptions if rules.is_live(s)]
    ended = [s for s in facts.subscriptions if not rules.is_live(s)]
    no_method = _no_method(facts, fmt)
    attention = (_owed(facts, fmt) or _card_trouble(facts, fmt) or no_method) if facts.may_pay else None
    asks = attention if shows_attention else None
    asked_for = asks.link_id if asks is not None else None
    asks_method = asks is not None and asks is no_method
    return OverviewPage(
        confirmation=confirmation,
        attention=attention,
        subscriptions=tuple(
            subscription_card(s, facts, fmt, asked_for=asked_for, asks_method=asks_method) for s in live
        ),
        ended=tuple(
            ended_row(
                s,
                facts.products,
                fmt,
                may_restart=_may_restart(s, facts, live),
                note=_why_no_restart(s, facts, live, fmt),
            )
            for s in ended[:ENDED_SHOWN]
        ),
        more_ended=fmt._("All that ended (%(count)s)", count=fmt.number(len(ended)))
        if len(ended) > ENDED_SHOWN
        else "",
        balance=_balance(facts.customer, fmt),
        start_label=_start_label(facts, live, fmt),
    )


def _may_restart(subscription: Subscription, facts: OverviewFacts, live: list[Subscription]) -> bool:
    """The same can be started again: it is on sale still, and no other plan runs in its place."""
    if not facts.may_write or (live and not facts.features.subscription_create.allow_several):
        return False
    return restart_refusal(subscription, facts.features, facts.catalog) is None


def _why_no_restart(subscription: Subscription, facts: OverviewFacts, live: list[Subscription], fmt: Formatter) -> str:
    """Where nobody would guess."""
    reason = restart_refusal(subscription, facts.features, facts.catalog)
    is_wanted = facts.may_write and not live and reason == "several_items"
    return why_not_text("several_items", fmt) if is_wanted else ""


def _start_label(facts: OverviewFacts, live: list[Subscription], fmt: Formatter) -> str:
    create = facts.features.subscription_create
    if not (create.enabled and facts.may_write and facts.catalog.plans):
        return ""
    if not live:
        return fmt._("See plans")
    return fmt._("Add a plan") if create.allow_several else ""


def _balance(customer: Customer, fmt: Formatter) -> str:
    if not customer.balance or not customer.currency:
        return ""
    amount = fmt.money(Money(abs(customer.balance), customer.currency))
    if customer.balance < 0:
        return fmt._("You have %(amount)s credit. It is taken off your next bill.", amount=amount)
    return fmt._("%(amount)s from earlier is added to your next bill.", amount=amount)


def _owed(facts: OverviewFacts, fmt: Formatter) -> Notice | None:
    """A failed payment, an unconfirmed change, an open invoice."""
    owed = [i for i in facts.open_invoices if i.amount_remaining > 0 and i.id not in facts.on_their_way]
    waiting = {
        s.latest_invoice: s
        for s in facts.subscriptions
        if s.pending_update is not None and isinstance(s.latest_invoice, str)
    }
    first = {
        s.latest_invoice: subscription_name(s, facts.products, fmt)
        for s in facts.subscriptions
        if rules.state_of(s) is State.INCOMPLETE and isinstance(s.latest_invoice, str)
    }
    failed = [
        i
        for i in owed
        if invoice_rules.state_of(i, facts.now) is invoice_rules.InvoiceState.FAILED
        and i.id not in waiting
        and i.id not in first
    ]
    for invoice in (*failed, *owed):
        amount = fmt.money(Money(invoice.amount_remaining, invoice.currency))
        if invoice in failed:
            ends = next((rules.ends_at(s) for s in facts.subscriptions if s.id == invoice.subscription), None)
            return Notice(
                "critical",
                fmt._("Your last payment of %(amount)s failed", amount=amount),
                fmt._("Pay the open invoice to keep your subscription.")
                if ends is None
                else fmt._("Your plan ends on %(date)s. The invoice is to be paid all the same.", date=fmt.date(ends)),
                fmt._("Pay %(amount)s", amount=amount),
                "payments.new",
                invoice.id,
            )
        if invoice.id in waiting and waiting[invoice.id].status == "paused":
            return resume_notice(waiting[invoice.id], facts.products, invoice, fmt)
        if invoice.id in first:
            return Notice(
                "caution",
                fmt._("%(plan)s has not started yet", plan=first[invoice.id]),
                fmt._("It starts once %(amount)s is paid.", amount=amount),
                fmt._("Finish payment"),
                "payments.new",
                invoice.id,
            )
        if invoice.id in waiting:
            return Notice(
                "caution",
                fmt._("Your plan change is not finished"),
                fmt._("It takes effect once %(amount)s is paid. Until then your old plan goes on.", amount=amount),
                fmt._("Finish the change"),
                "payments.new",
                invoice.id,
            )
        overdue = invoice_rules.state_of(invoice, facts.now) is invoice_rules.InvoiceState.OVERDUE
        title = (
            fmt._("An invoice of %(amount)s is overdue", amount=amount)
            if overdue
            else fmt._("An invoice of %(amount)s is open", amount=amount)
        )
        body = (
            fmt._("It was due on %(date)s.", date=fmt.date(invoice.due_date))
            if overdue and invoice.due_date
            else (fmt._("It is due on %(date)s.", date=fmt.date(invoice.due_date)) if invoice.due_date else "")
        )
        return Notice(
            "critical" if overdue else "caution",
            title,
            body,
            fmt._("Pay %(amount)s", amount=amount),
            "payments.new",
            invoice.id,
        )
    return None


def _billed(facts: OverviewFacts) -> list[Subscription]:
    """Those whose next bill is charged by itself."""
    return [
        s
        for s in facts.subscriptions
        if rules.is_live(s)
        and rules.charges_automatically(s)
        and rules.ends_at(s) is None
        and rules.state_of(s) is not State.INCOMPLETE
    ]


def _methods_used(facts: OverviewFacts) -> set[str | None]:
    """The ids of what pays the next bills, None among them where nothing does."""
    return {rules.effective_method(s, facts.customer) for s in _billed(facts)}


def _card_trouble(facts: OverviewFacts, fmt: Formatter) -> Notice | None:
    """A card that runs out."""
    used = _methods_used(facts)
    link = (fmt._("Update payment method"), "payment_methods.index")
    for method in facts.methods:
        if method.id not in used:
            continue
        expiry = expiry_of(method, facts.now)
        label = method_label(method, fmt, facts.now)
        if expiry is Expiry.EXPIRED:
            return Notice(
                "critical", fmt._("%(card)s has expired", card=label.text), fmt._("The next payment will fail."), *link
            )
        if expiry is Expiry.SOON:
            return Notice("caution", fmt._("%(card)s expires soon", card=label.text), label.detail, *link)
    return None


def _no_method(facts: OverviewFacts, fmt: Formatter) -> Notice | None:
    billed = _billed(facts)
    if _methods_used(facts) != {None}:
        return None
    lapses = len(billed) == 1 and rules.lapses_without_method(billed[0], facts.customer)
    return Notice(
        "caution",
        fmt._("No payment method is saved"),
        no_method_text(billed[0], facts.customer, fmt)
        if lapses
        else fmt._("Add one so that the next bill can be paid."),
        fmt._("Add a payment method"),
        "payment_methods.index",
    )
