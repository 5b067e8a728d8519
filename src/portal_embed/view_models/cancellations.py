"""Leaving a plan: what ends when, what stays, one question, done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing import subscriptions as rules
from portal_embed.billing.money import Money
from portal_embed.billing.subscriptions import State
from portal_embed.view_models.flows import RetentionCard, retention_card
from portal_embed.view_models.shared import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal_embed.billing.retention import RetentionOffer
    from portal_embed.billing.stripe.objects import Invoice, Subscription
    from portal_embed.config import CancelMode, SubscriptionCancel
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class ReasonChoice:
    """One reason for leaving. `value` is Stripe's `cancellation_details.feedback`. `label`: its words."""

    value: str
    label: str


@dataclass(frozen=True)
class CancelPage:
    """What ends, when, and what stays.

    `title` "Cancel Pro"; `sentences`: exactly what happens and when. `reasons` empty when the host does not ask.
    `button` "Cancel subscription"; `keep_label` leads back unharmed. `offer`: a coupon for who stays, beside the way
    out, None for none. `mode` goes back in the form, so that nothing ends at once of which the page said that it stays
    for a while. `subscription_id`: which one ends.
    """

    subscription_id: str
    title: str
    sentences: tuple[str, ...]
    reasons: tuple[ReasonChoice, ...]
    button: str
    keep_label: str
    attention: Notice | None = None
    offer: RetentionCard | None = None
    mode: CancelMode = "at_period_end"


def cancel_page(
    subscription: Subscription,
    name: str,
    mode: CancelMode,
    settings: SubscriptionCancel,
    open_invoices: Sequence[Invoice],
    fmt: Formatter,
    *,
    offer: RetentionOffer | None = None,
    goes_on: bool = False,
) -> CancelPage:
    """What will happen, exactly, and the one question. `open_invoices`: unpaid ones of this subscription. `offer`: a coupon
    for who stays, None for none. `goes_on`: another page may come before the end.
    """
    reason = settings.cancellation_reason
    words = reason_words(fmt)
    return CancelPage(
        subscription_id=subscription.id,
        title=fmt._("Cancel %(plan)s", plan=name),
        sentences=_what_happens(subscription, name, mode, settings, fmt),
        reasons=tuple(ReasonChoice(value, words.get(value, value)) for value in reason.options)
        if reason.enabled
        else (),
        button=fmt._("Continue to cancel") if goes_on else fmt._("Cancel subscription"),
        keep_label=fmt._("Keep my plan"),
        attention=_unpaid(open_invoices, fmt),
        offer=retention_card(offer, fmt) if offer is not None else None,
        mode=mode,
    )


def reason_words(fmt: Formatter) -> dict[str, str]:
    """Stripe's eight reasons as people say them."""
    return {
        "too_expensive": fmt._("It costs too much"),
        "missing_features": fmt._("Features I need are missing"),
        "switched_service": fmt._("I am switching to another product"),
        "unused": fmt._("I do not use it enough"),
        "customer_service": fmt._("The customer service was not good"),
        "too_complex": fmt._("It is too hard to use"),
        "low_quality": fmt._("The quality was not good"),
        "other": fmt._("Another reason"),
    }


def _what_happens(
    subscription: Subscription, name: str, mode: CancelMode, settings: SubscriptionCancel, fmt: Formatter
) -> tuple[str, ...]:
    if mode == "immediately":
        sentences = [fmt._("%(plan)s ends at once and cannot be brought back.", plan=name)]
        if rules.state_of(subscription) is not State.INCOMPLETE:
            sentences.append(fmt._("You are not charged again. The time already paid for is not refunded here."))
            if settings.proration_behavior == "create_prorations":
                sentences[-1] = fmt._("You are not charged again. Unused time is noted on your account, not paid out.")
        return (*sentences, fmt._("Your invoices stay available."))
    ends = fmt.date(rules.latest_period_end(subscription))
    if subscription.status == "trialing":
        return (
            fmt._("Your trial goes on until %(date)s. Then it ends and you are not charged.", date=ends),
            fmt._("Until then you can change your mind at any time."),
            fmt._("Your invoices stay available."),
        )
    return (
        fmt._("You keep %(plan)s until %(date)s. Then it ends and you are not charged again.", plan=name, date=ends),
        fmt._("Until then you can change your mind at any time."),
        fmt._("Your invoices stay available."),
    )


def _unpaid(open_invoices: Sequence[Invoice], fmt: Formatter) -> Notice | None:
    owed = [invoice for invoice in open_invoices if invoice.amount_remaining > 0]
    if not owed:
        return None
    amount = fmt.money(Money(sum(i.amount_remaining for i in owed), owed[0].currency))
    return Notice(
        "caution",
        fmt.n(
            "One invoice over %(amount)s is unpaid",
            "%(count)s invoices over %(amount)s are unpaid",
            len(owed),
            amount=amount,
        ),
        fmt._("Canceling does not settle it. You can still pay it afterwards."),
        fmt._("See the invoice"),
        "invoices.show",
        owed[0].id,
    )
