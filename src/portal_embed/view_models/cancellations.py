"""Leaving a plan: what ends when, what is still billed, what stays, one question, done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing import subscriptions as rules
from portal_embed.billing.endings import days_of
from portal_embed.billing.money import Money
from portal_embed.billing.schedules import Planned, planned
from portal_embed.billing.subscriptions import State
from portal_embed.view_models.endings import is_over_with_it, last_bill_words, still_billed_words
from portal_embed.view_models.flows import RetentionCard, retention_card
from portal_embed.view_models.shared import DayQuestion, Notice, WhenChoice
from portal_embed.view_models.wording import day_question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal_embed.billing.endings import Ending, Outlook
    from portal_embed.billing.retention import RetentionOffer
    from portal_embed.billing.stripe.objects import Invoice, Subscription
    from portal_embed.config import CancelChoice, SubscriptionCancel
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class ReasonChoice:
    """One reason for leaving. `value` is Stripe's `cancellation_details.feedback`, or the id of a reason of the host's. `label`:
    its words. `is_selected`: it was chosen already.
    """

    value: str
    label: str
    is_selected: bool = False


@dataclass(frozen=True)
class CancelPage:
    """What ends, when, what is still billed, and what stays.

    `title` "Cancel Pro"; `sentences`: exactly what happens and when. `reasons` empty when the host does not ask.
    `button` "Cancel subscription"; `keep_label` leads back unharmed. `offer`: a coupon for who stays, beside the way
    out, None for none. `mode` and `date` go back in the form, so that nothing ends at another moment than the page said.
    `subscription_id`: which one ends. `choices`: when it may end, empty where that is not the customer's choice; `day` asks
    for the day. `is_ready`: it is known when it ends, so that it can be confirmed. `is_required`: a reason has to be given;
    `reason_error`: none was. `comment`: what was written already. `problem`: why it was not done as it was sent, or None.
    """

    subscription_id: str
    title: str
    sentences: tuple[str, ...]
    reasons: tuple[ReasonChoice, ...]
    button: str
    keep_label: str
    attention: Notice | None = None
    offer: RetentionCard | None = None
    mode: CancelChoice = "at_period_end"
    date: str = ""
    choices: tuple[WhenChoice, ...] = ()
    day: DayQuestion | None = None
    is_ready: bool = True
    is_required: bool = False
    reason_error: str = ""
    comment: str = ""
    problem: Notice | None = None

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """What the summary of errors lists."""
        day = (("portal-date", self.day.error),) if self.day is not None and self.day.error else ()
        return (*day, ("portal-reason-1", self.reason_error)) if self.reason_error else day


@dataclass(frozen=True)
class Asked:
    """What the page is asked about. `ending`: None while the day is not known; `when` and `date` as they were asked for.
    `date_error`: in words. `is_move`: it ends already, at another time.
    """

    ending: Ending | None
    when: CancelChoice
    date: str = ""
    date_error: str = ""
    is_move: bool = False
    reason: str = ""
    reason_error: str = ""
    comment: str = ""


def cancel_page(
    subscription: Subscription,
    name: str,
    asked: Asked,
    choices: Sequence[CancelChoice],
    settings: SubscriptionCancel,
    outlook: Outlook | None,
    attention: Notice | None,
    fmt: Formatter,
    *,
    own_reasons: Mapping[str, str],
    now: int,
    offer: RetentionOffer | None = None,
    goes_on: bool = False,
    problem: Notice | None = None,
) -> CancelPage:
    """What will happen, exactly, and the one question.

    `outlook`: what Stripe says is still billed, None while it is not known when it ends. `attention`: unpaid invoices.
    `own_reasons`: the host's, by id. `offer`: a coupon for who stays. `goes_on`: another page may come before the end.
    """
    ending = asked.ending
    sentences: tuple[str, ...] = (_before_the_day(subscription, name, fmt),)
    if ending is not None and outlook is not None:
        sentences = (*_dropped(subscription, fmt), *_what_happens(subscription, name, ending, settings, outlook, fmt))
    reason, is_move = settings.cancellation_reason, asked.is_move
    button = fmt._("Continue to cancel") if goes_on else fmt._("Cancel subscription")
    reasons = _reasons(settings, own_reasons, asked.reason, fmt) if reason.enabled and not is_move else ()
    return CancelPage(
        subscription_id=subscription.id,
        title=fmt._("Change when %(plan)s ends", plan=name) if is_move else fmt._("Cancel %(plan)s", plan=name),
        sentences=sentences,
        reasons=reasons,
        button=_move_label(ending, fmt) if is_move else button,
        keep_label=fmt._("Leave it as it is") if is_move else fmt._("Keep my plan"),
        attention=attention,
        offer=retention_card(offer, fmt) if offer is not None else None,
        mode=asked.when,
        date=asked.date if ending is not None and ending.when == "on_date" else "",
        choices=_when(subscription, choices, asked.when, fmt) if len(choices) > 1 else (),
        day=_day(subscription, asked, now, fmt) if "on_date" in choices else None,
        is_ready=ending is not None,
        is_required=bool(reasons) and reason.required,
        reason_error=asked.reason_error,
        comment=asked.comment,
        problem=problem,
    )


def ending_moved(fmt: Formatter) -> Notice:
    """What the form says of when is not what the page said last."""
    return Notice(
        "caution",
        fmt._("Please check when it ends"),
        fmt._("You have chosen another moment since you last saw what happens. Nothing was changed."),
    )


def _move_label(ending: Ending | None, fmt: Formatter) -> str:
    at_once = ending is not None and ending.when == "immediately"
    return fmt._("End it now") if at_once else fmt._("Change the end date")


def _reasons(
    settings: SubscriptionCancel, own: Mapping[str, str], chosen: str, fmt: Formatter
) -> tuple[ReasonChoice, ...]:
    words = reason_words(fmt)
    stripes: dict[str, str] = {value: words.get(value, value) for value in settings.cancellation_reason.options}
    return tuple(ReasonChoice(value, label, value == chosen) for value, label in {**own, **stripes}.items())


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


def _when(
    subscription: Subscription, choices: Sequence[CancelChoice], chosen: CancelChoice, fmt: Formatter
) -> tuple[WhenChoice, ...]:
    ends = fmt.date(rules.latest_period_end(subscription))
    paid = (
        fmt._("When the trial ends, on %(date)s", date=ends)
        if subscription.status == "trialing"
        else fmt._("When the paid period ends, on %(date)s", date=ends)
    )
    words: dict[CancelChoice, str] = {
        "at_period_end": paid,
        "on_date": fmt._("On another day"),
        "immediately": fmt._("Now"),
    }
    return tuple(WhenChoice(choice, words[choice], choice == chosen) for choice in choices)


def _day(subscription: Subscription, asked: Asked, now: int, fmt: Formatter) -> DayQuestion:
    first, last = days_of(subscription, now, fmt.timezone)
    return day_question(first, last, asked.date, asked.date_error, fmt)


def _before_the_day(subscription: Subscription, name: str, fmt: Formatter) -> str:
    ends = rules.ends_at(subscription)
    if ends is None:
        return fmt._("Choose the last day to see exactly what happens then.")
    return fmt._(
        "%(plan)s ends on %(date)s. Choose another day to see what changes then.", plan=name, date=fmt.date(ends)
    )


def _dropped(subscription: Subscription, fmt: Formatter) -> tuple[str, ...]:
    """What was planned and will not happen."""
    is_paused = rules.state_of(subscription) is State.PAUSED
    words = {
        Planned.OURS: fmt._("The plan change that is planned is dropped."),
        Planned.PAUSE: fmt._("The pause that is planned is dropped.") if not is_paused else None,
        Planned.MERCHANTS: fmt._("What is planned for this subscription is dropped."),
    }
    waits = subscription.pending_update is not None
    found = (
        words.get(planned(subscription)),
        fmt._("The plan change that waits for its payment is dropped.") if waits else None,
    )
    return tuple(sentence for sentence in found if sentence is not None)


def _what_happens(
    subscription: Subscription,
    name: str,
    ending: Ending,
    settings: SubscriptionCancel,
    outlook: Outlook,
    fmt: Formatter,
) -> tuple[str, ...]:
    stays = fmt._("Your invoices stay available.")
    if ending.when == "immediately":
        return (*_at_once(subscription, name, settings, outlook, fmt), stays)
    undo = fmt._("Until then you can change your mind at any time.")
    paid_until = rules.latest_period_end(subscription)
    ends = ending.at or paid_until
    date, is_over = fmt.date(ends), is_over_with_it(subscription, outlook)
    is_trial = subscription.status == "trialing" and ends <= (subscription.trial_end or 0)
    if is_trial and is_over:
        first = fmt._("Your trial goes on until %(date)s. Then it ends and you are not charged.", date=date)
    elif is_over:
        first = fmt._(
            "You keep %(plan)s until %(date)s. Then it ends and you are not charged again.", plan=name, date=date
        )
    else:
        first = fmt._("You keep %(plan)s until %(date)s. Then it ends.", plan=name, date=date)
    cut = fmt._("What you have paid for after that day is not paid back.") if ends < paid_until and not is_trial else ""
    found = (first, still_billed_words(subscription, outlook, ends, fmt), cut, undo, stays)
    return tuple(sentence for sentence in found if sentence)


def _at_once(
    subscription: Subscription, name: str, settings: SubscriptionCancel, outlook: Outlook, fmt: Formatter
) -> tuple[str, ...]:
    """Money back is the merchant's own decision, so none is promised; nor is a credit, which Stripe may never make of it."""
    first = fmt._("%(plan)s ends at once and cannot be brought back.", plan=name)
    if rules.state_of(subscription) is State.INCOMPLETE:
        return (first,)
    is_over = outlook.is_known or not settings.invoice_now
    billed = last_bill_words(outlook, fmt) or (fmt._("You are not charged again.") if is_over else "")
    if rules.has_metered(subscription) and settings.proration_behavior != "none" and not settings.invoice_now:
        billed = fmt._("What you have used may still be billed.")
    back = fmt._("The time already paid for is not paid back.")
    if subscription.status == "trialing":
        back = ""
    elif outlook.credit:
        amount = fmt.money(Money(outlook.credit, subscription.currency))
        back = fmt._(
            "The time you do not use comes to %(amount)s. It is not paid back, and may count only towards a later bill.",
            amount=amount,
        )
    elif settings.proration_behavior == "create_prorations" and not outlook.is_known:
        back = fmt._("The time you do not use is not paid back, and may count only towards a later bill.")
    return tuple(sentence for sentence in (first, billed, back) if sentence)


def unpaid_notice(
    subscription: Subscription, open_invoices: Sequence[Invoice], fmt: Formatter, *, may_pay: bool
) -> Notice | None:
    """Its unpaid invoices, and the way to pay them; None for none. `may_pay`: in this session."""
    owed = [
        invoice for invoice in open_invoices if invoice.subscription == subscription.id and invoice.amount_remaining > 0
    ]
    if not owed:
        return None
    amount = fmt.money(Money(sum(i.amount_remaining for i in owed), owed[0].currency))
    title = fmt.n(
        "One invoice of %(amount)s is unpaid",
        "%(count)s invoices for %(amount)s are unpaid",
        len(owed),
        amount=amount,
    )
    body = fmt._("Canceling does not settle it. You can still pay it afterwards.")
    if rules.state_of(subscription) is State.INCOMPLETE:
        body = fmt._("Once it is paid, your subscription starts. If you cancel, it never does.")
    if may_pay:
        first = fmt.money(Money(owed[0].amount_remaining, owed[0].currency))
        return Notice("caution", title, body, fmt._("Pay %(amount)s", amount=first), "payments.new", owed[0].id)
    return Notice("caution", title, body, fmt._("See the invoice"), "invoices.show", owed[0].id)
