"""Pausing a subscription, and going on with it: what it means and exactly what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.invoices import opens_until
from portal_embed.billing.money import Money
from portal_embed.billing.pauses import ends, pause_of
from portal_embed.billing.subscriptions import main_item, period_end
from portal_embed.view_models.bill_rows import bill_rows, due_rows
from portal_embed.view_models.pause_words import length_words, pause_sentences
from portal_embed.view_models.shared import CardLink, MethodLabel, Notice, SumRow
from portal_embed.view_models.subscription_words import subscription_name, why_not_text
from portal_embed.view_models.wording import method_label, recurring_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.pauses import PauseQuote
    from portal_embed.billing.resumptions import ResumeQuote
    from portal_embed.billing.stripe.objects import Invoice, Product, Subscription
    from portal_embed.config import Features, PauseInterval
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class LengthChoice:
    """For how long. `value`: what the form sends. `label` "2 months"; `detail`: when it goes on and what is billed then.
    `is_selected`: it is the one chosen so far.
    """

    value: str
    label: str
    detail: str
    is_selected: bool


@dataclass(frozen=True)
class PausePage:
    """Pausing one subscription.

    `title` "Pause Pro"; `sentences`: what it means. `sum_label` and `sum`: what it takes off the next bill, or adds to it, in a
    word and an amount, "" for neither; `rows`: what that is made of. `choices`: at least one. `button` pauses. `problem`:
    what was wrong with what was sent. `subscription_id`: which one.
    """

    subscription_id: str
    title: str
    sentences: tuple[str, ...]
    sum_label: str
    sum: str
    rows: tuple[SumRow, ...]
    choices: tuple[LengthChoice, ...]
    button: str
    problem: Notice | None = None


@dataclass(frozen=True)
class ResumePage:
    """Going on with one subscription.

    `title` "Resume Pro"; `sentences`: how it stands, and what happens. `due_now` "$29.00"; `rows`: what it is made of.
    `next_rows`: what comes after that. `method`: what is charged, None for none. `needs_method`: one has to be added first.
    `amount_due` and `total` (minor units) go back in the form, so that what is charged is what was shown. `button` does it.
    `problem`: set when the sum moved since it was shown. `subscription_id`: which one.
    """

    subscription_id: str
    title: str
    sentences: tuple[str, ...]
    due_now: str
    rows: tuple[SumRow, ...]
    next_rows: tuple[SumRow, ...]
    method: MethodLabel | None
    needs_method: bool
    button: str
    amount_due: int
    total: int
    problem: Notice | None = None


def length_value(length: PauseInterval | None) -> str:
    """How a form names it: "month:2", "indefinite"."""
    return f"{length.interval}:{length.interval_count}" if length is not None else "indefinite"


def pause_page(
    quote: PauseQuote,
    name: str,
    lengths: tuple[PauseInterval | None, ...],
    fmt: Formatter,
    *,
    now: int,
    problem: Notice | None = None,
) -> PausePage:
    """`lengths`: what may be chosen, None for "until I resume"."""
    subscription, waiting = quote.subscription, quote.waiting
    label, amount = "", ""
    if waiting is not None and waiting.total:
        amount = fmt.money(Money(abs(waiting.total), waiting.currency))
        label = fmt._("Taken off your next bill") if waiting.total < 0 else fmt._("Added to your next bill")
    return PausePage(
        subscription_id=subscription.id,
        title=fmt._("Pause %(plan)s", plan=name),
        sentences=_what_a_pause_means(quote, name, fmt),
        sum_label=label,
        sum=amount,
        rows=bill_rows(waiting, fmt) if waiting is not None and len(waiting.lines.data) > 1 else (),
        choices=tuple(
            LengthChoice(length_value(length), length_words(length, fmt), _then(quote, length, fmt, now), index == 0)
            for index, length in enumerate(lengths)
        ),
        button=fmt._("Pause my plan"),
        problem=problem,
    )


def _what_a_pause_means(quote: PauseQuote, name: str, fmt: Formatter) -> tuple[str, ...]:
    if quote.subscription.billing_mode.type == "classic":
        sentences = [
            fmt._("Bills that fall into the pause are dropped. %(plan)s itself goes on.", plan=name),
            fmt._("Nothing is charged now, and nothing that you have paid for already is given back."),
        ]
    else:
        sentences = [
            fmt._("%(plan)s stops now, and you are not charged until it goes on.", plan=name),
            fmt._("Nothing is charged now. What is left of the time you have paid for is taken off your next bill."),
        ]
    sentences.append(fmt._("You can resume it at any time."))
    if quote.has_passing_discount:
        sentences.append(fmt._("Your discount does not wait: its time goes on while your plan is paused."))
    return tuple(sentences)


def _then(quote: PauseQuote, length: PauseInterval | None, fmt: Formatter, now: int) -> str:
    """When a pause of this length ends, and what is billed then."""
    subscription, until = quote.subscription, ends(length, now)
    regular = fmt.money(Money(quote.recurring.total, quote.recurring.currency))
    if subscription.billing_mode.type == "classic":
        if until is None:
            return fmt._(
                "After that, each bill is charged as before: %(amount)s.",
                amount=_each(quote.recurring, subscription, fmt),
            )
        if until <= period_end(subscription):
            return fmt._("Until %(date)s. No bill falls into this time.", date=fmt.date(until))
        return fmt._(
            "Until %(date)s. The first bill after that is charged as before: %(amount)s.",
            date=fmt.date(until),
            amount=regular,
        )
    if quote.then is None:
        if until is None:
            return fmt._("You are billed when you resume it.")
        return fmt._("It goes on by itself on %(date)s, and is billed as usual then.", date=fmt.date(until))
    then = fmt.money(Money(quote.then, quote.recurring.currency))
    if until is None:
        return fmt._("When you resume it, %(amount)s is billed and a new period begins.", amount=then)
    return fmt._("It goes on by itself on %(date)s, and %(amount)s is billed then.", date=fmt.date(until), amount=then)


def resume_page(quote: ResumeQuote, name: str, fmt: Formatter, *, now: int, moved: bool = False) -> ResumePage:
    """`moved`: the sum is not the one shown before; say so."""
    subscription, due_now = quote.subscription, quote.due_now
    amount, total = quote.sums
    due = fmt.money(Money(amount, subscription.currency))
    rows = due_rows(due_now, fmt) if due_now is not None else ()
    problem = Notice(
        "caution",
        fmt._("The amount has changed since you last saw it"),
        fmt._("Nothing was charged. Please check the new amount."),
    )
    pays = amount > 0
    return ResumePage(
        subscription_id=subscription.id,
        title=fmt._("Resume %(plan)s", plan=name),
        sentences=(*pause_sentences(subscription, fmt)[:1], _what_resuming_means(quote, fmt)),
        due_now=due,
        rows=rows,
        next_rows=_next_rows(quote, fmt),
        method=method_label(quote.method, fmt, now) if quote.method is not None else None,
        needs_method=quote.method is None and subscription.status == "paused",
        button=fmt._("Pay %(amount)s and resume", amount=due) if pays else fmt._("Resume now"),
        amount_due=amount,
        total=total,
        problem=problem if moved else None,
    )


def _what_resuming_means(quote: ResumeQuote, fmt: Formatter) -> str:
    if quote.subscription.status != "paused":
        return fmt._("Nothing is due today. From now on your bills are charged again.")
    if quote.sums[0] > 0:
        return fmt._("It goes on as soon as this is paid, and a new period begins today.")
    return fmt._("It goes on at once, and a new period begins today. You pay nothing today.")


def _next_rows(quote: ResumeQuote, fmt: Formatter) -> tuple[SumRow, ...]:
    """The bill after this one."""
    subscription, bill = quote.subscription, quote.due_now
    if quote.recurring is not None:
        date = fmt._("From %(date)s", date=fmt.date(period_end(subscription)))
        return (SumRow(date, _each(quote.recurring, subscription, fmt)),)
    if bill is None:
        return ()
    ends_on = opens_until(bill, {item.price.id for item in subscription.items.data})
    if ends_on is None:
        return ()
    return (SumRow(fmt._("The next bill comes on"), fmt.date(ends_on)),)


def _each(invoice: Invoice, subscription: Subscription, fmt: Formatter) -> str:
    """What each period costs: "$29.00 a month"."""
    amount, item = fmt.money(Money(invoice.total, invoice.currency)), main_item(subscription)
    return recurring_text(amount, item.price, fmt) if item is not None else amount


def pause_links(
    subscription: Subscription, features: Features, fmt: Formatter, *, may_write: bool, may_pay: bool
) -> tuple[CardLink, ...]:
    """What the card of a subscription offers of this."""
    if not may_write:
        return ()
    pause = pause_of(subscription)
    if pause is None:
        may = why_not(Act.PAUSE, subscription, features) is None
        return (CardLink(fmt._("Pause"), "pauses.new"),) if may else ()
    if not may_pay or pause.unpaid is not None or why_not(Act.RESUME, subscription, features) is not None:
        return ()
    label = fmt._("Resume billing") if pause.is_collection else fmt._("Resume now")
    return (CardLink(label, "resumptions.new", leads=True),)


def resume_notice(
    subscription: Subscription, products: Mapping[str, Product], invoice: Invoice, fmt: Formatter
) -> Notice:
    """A resumption that waits for its payment."""
    amount = fmt.money(Money(invoice.amount_remaining, invoice.currency))
    return Notice(
        "caution",
        fmt._("%(plan)s is not running yet", plan=subscription_name(subscription, products, fmt)),
        fmt._("It goes on once %(amount)s is paid. Until then it stays paused.", amount=amount),
        fmt._("Pay %(amount)s", amount=amount),
        "payments.new",
        invoice.id,
    )


def pause_note(subscription: Subscription, features: Features, fmt: Formatter) -> str:
    """Why it cannot be paused where pausing is on, "" where it can or nothing needs saying."""
    reason = why_not(Act.PAUSE, subscription, features)
    if reason in {None, "off", "paused", "canceling"}:
        return ""
    words = {
        "trial": fmt._("It can be paused once its trial is over."),
        "payment_due": fmt._("Pay the open invoice first, then you can pause it."),
        "managed": fmt._("Contact us to pause it."),
        "planned": fmt._("It cannot be paused while a change is planned."),
        "scheduled": fmt._("It cannot be paused while a change is planned."),
        "waiting": fmt._("It cannot be paused while a change waits for its payment."),
        "invoiced": fmt._("It is paid by invoice. Contact us to pause it."),
    }
    return words.get(reason or "") or why_not_text(reason or "", fmt)
