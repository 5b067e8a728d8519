"""Paying ahead: how far, exactly what is charged now, and until when that lasts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal_embed.billing import prepaying as billing
from portal_embed.billing.money import Money
from portal_embed.billing.subscriptions import billed_ahead_until
from portal_embed.view_models.bill_rows import due_rows
from portal_embed.view_models.shared import CardLink, MethodLabel, Notice, SumRow
from portal_embed.view_models.subscription_words import item_price, subscription_name
from portal_embed.view_models.wording import method_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal_embed.billing.prepaying import Ahead, PrepayQuote
    from portal_embed.billing.stripe.objects import Invoice, Product, Subscription
    from portal_embed.config import Features
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class AheadChoice:
    """How far ahead. `value` goes back in the form; `label` "6 months"; `until` "Paid until 3 May 2027". `is_selected`: chosen."""

    value: int
    label: str
    until: str
    is_selected: bool


@dataclass(frozen=True)
class PrepayPreview:
    """Exactly what paying ahead costs, from Stripe's own preview.

    `due_now` "$174.00"; `sentence` says it in words; `rows`: what it is made of; `sentences`: what then holds. `method`: what is
    charged. `problem`: why it cannot be confirmed as it is, None where it can. `button` "Pay $174.00". `periods`, `until` (unix
    seconds), `amount_due` and `total` (minor units) go back in the confirming form.
    """

    due_now: str
    sentence: str
    rows: tuple[SumRow, ...]
    sentences: tuple[str, ...]
    method: MethodLabel | None
    problem: Notice | None
    button: str
    periods: int
    until: int
    amount_due: int
    total: int


@dataclass(frozen=True)
class PrepayPage:
    """How far ahead a subscription may be paid. `subscription_id`: which one; its `name` "Pro" and `price` "$29.00 a month", ""
    where it has several. `choices`: nearest first. `problem`: what went wrong, or that the sum moved, None for nothing.
    `preview`: None while nothing is chosen.
    """

    subscription_id: str
    name: str
    price: str
    choices: tuple[AheadChoice, ...]
    preview: PrepayPreview | None
    problem: Notice | None


def prepay_links(subscription: Subscription, features: Features, fmt: Formatter, *, now: int) -> tuple[CardLink, ...]:
    """The way to this page from a subscription's card, where there is anything to choose. `now`: unix seconds."""
    if not billing.choices(subscription, features, now):
        return ()
    return (CardLink(fmt._("Pay ahead"), "prepayments.new"),)


def prepaid_sentences(subscription: Subscription, fmt: Formatter) -> tuple[str, ...]:
    """Until when it is paid, empty where that is only the period that runs."""
    ahead = billed_ahead_until(subscription)
    return (fmt._("Paid until %(date)s", date=fmt.date(ahead)) + ".",) if ahead is not None else ()


def prepay_page(
    subscription: Subscription,
    products: Mapping[str, Product],
    choices: Sequence[Ahead],
    fmt: Formatter,
    *,
    now: int,
    quoted: PrepayQuote | None = None,
    problem: Notice | None = None,
    back: str = "",
) -> PrepayPage:
    """The page in words. `quoted`: what the chosen one costs. `now`: unix seconds. `back`: the address of the choice, for who goes
    to another payment method.
    """
    items = subscription.items.data
    return PrepayPage(
        subscription_id=subscription.id,
        name=subscription_name(subscription, products, fmt),
        price=item_price(items[0], products, fmt, alone=False) if len(items) == 1 else "",
        choices=tuple(
            AheadChoice(
                one.periods,
                _length(one, fmt),
                fmt._("Paid until %(date)s", date=fmt.date(one.until)),
                quoted is not None and one == quoted.ahead,
            )
            for one in choices
        ),
        preview=_preview(quoted, fmt, now, back) if quoted is not None else None,
        problem=replace(problem, link_back=back) if problem is not None else None,
    )


def _preview(quoted: PrepayQuote, fmt: Formatter, now: int, back: str) -> PrepayPreview:
    invoice, until = quoted.due_now, fmt.date(quoted.ahead.until)
    due = fmt.money(Money(invoice.amount_due, invoice.currency))
    problem = {"no_payment_method": needs_method(fmt), "pays_later": pays_later(fmt)}.get(quoted.refusal or "")
    return PrepayPreview(
        due_now=due,
        sentence=fmt._("You pay %(amount)s today for the time until %(date)s.", amount=due, date=until)
        if invoice.amount_due > 0
        else fmt._("You pay nothing today."),
        rows=due_rows(invoice, fmt, _line_rows(invoice, fmt)),
        sentences=(
            fmt._("You are not charged again for your plan before %(date)s. Then it renews as before.", date=until),
            fmt._(
                "You can change your plan in the last period that you have paid for. You can cancel at any time, and keep it "
                "until then."
            ),
        ),
        method=method_label(quoted.method, fmt, now) if quoted.method is not None else None,
        problem=replace(problem, link_back=back) if problem is not None else None,
        button=fmt._("Pay %(amount)s", amount=due) if invoice.amount_due > 0 else fmt._("Pay ahead"),
        periods=quoted.ahead.periods,
        until=quoted.ahead.until,
        amount_due=invoice.amount_due,
        total=invoice.total,
    )


def _line_rows(invoice: Invoice, fmt: Formatter) -> tuple[SumRow, ...]:
    """The lines of the same thing for one period after the other as one: a year of months is no table of twelve."""
    rows = []
    for description in dict.fromkeys(line.description for line in invoice.lines.data):
        lines = [line for line in invoice.lines.data if line.description == description]
        amount = sum(line.amount for line in lines)
        periods = [line.period for line in lines if line.period is not None]
        detail = ""
        if periods:
            start, end = min(period.start for period in periods), max(period.end for period in periods)
            detail = fmt._("%(start)s to %(end)s", start=fmt.short_date(start), end=fmt.short_date(end))
        money = fmt.money(Money(amount, invoice.currency))
        rows.append(SumRow(description or fmt._("Item"), money, detail, is_credit=amount < 0))
    return tuple(rows)


def _length(ahead: Ahead, fmt: Formatter) -> str:
    count = ahead.periods * ahead.interval_count
    words = {
        "day": fmt.n("%(count)s day", "%(count)s days", count),
        "week": fmt.n("%(count)s week", "%(count)s weeks", count),
        "month": fmt.n("%(count)s month", "%(count)s months", count),
        "year": fmt.n("%(count)s year", "%(count)s years", count),
    }
    return words[ahead.interval]


def bank_asks(fmt: Formatter) -> Notice:
    """The bank wants to ask the customer, which Stripe cannot do here without leaving an unpaid bill behind."""
    return Notice(
        "caution",
        fmt._("Your bank wants to confirm this payment"),
        fmt._("That is not possible for a payment ahead. Nothing was charged. Use another payment method."),
        fmt._("Change payment method"),
        "payment_methods.index",
    )


def needs_method(fmt: Formatter) -> Notice:
    """Nothing to pay it with."""
    return Notice(
        "caution",
        fmt._("No payment method is saved"),
        fmt._("Add one first, then you can pay ahead."),
        fmt._("Add a payment method"),
        "payment_methods.index",
    )


def pays_later(fmt: Formatter) -> Notice:
    """A bank debit takes days, and the time would count as paid meanwhile."""
    return Notice(
        "caution",
        fmt._("This payment method takes days to pay"),
        fmt._("Paying ahead needs one that pays at once, such as a card. Nothing was charged."),
        fmt._("Change payment method"),
        "payment_methods.index",
    )
