"""Changing a plan: choose, see exactly what it costs, confirm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.money import Money
from portal_embed.billing.subscriptions import charges_automatically
from portal_embed.config.catalog import LARGEST_QUANTITY
from portal_embed.view_models.shared import MethodLabel, Notice, SumRow
from portal_embed.view_models.subscription_words import price_name
from portal_embed.view_models.wording import interval_heading, method_label, price_text, recurring_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.catalog import Offer
    from portal_embed.billing.plan_changes import Choice, Choosing, Quote
    from portal_embed.billing.stripe.objects import Product
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class PlanChoice:
    """One plan of the host's catalog. `price` "$29.00 a month"; `saving` "Save 17 %" or ""; `is_current` the one in
    force.

    `price_id`: what the form sends. `name` and `description`: the product's, "" for no description. `is_selected`: it
    is the one chosen so far.
    """

    price_id: str
    name: str
    description: str
    price: str
    saving: str
    is_current: bool
    is_selected: bool


@dataclass(frozen=True)
class PlanGroup:
    """Plans of one interval, under a heading such as "Monthly". `heading`: the interval in words."""

    heading: str
    choices: tuple[PlanChoice, ...]


@dataclass(frozen=True)
class QuantityField:
    """How many. `minimum`/`maximum` as whole numbers (maximum None: no limit); `label` "Seats"; `help` says the
    limits in words.

    `value`: the number so far. `error`: why it is refused, "" for nothing.
    """

    value: int
    minimum: int
    maximum: int | None
    label: str
    help: str
    error: str = ""


@dataclass(frozen=True)
class PlanPreview:
    """Exactly what a change costs, from Stripe's own preview.

    `due_now` "$13.40" is the largest thing on the page; `due_now_sentence` says it in words. `rows`: what it is made
    of. `next_rows`: what comes next and when. `price_id`, `quantity`, `proration_date` (unix seconds), `amount_due` and
    `total` (minor units) go back in the confirming form, so that what is charged, or kept as credit, is what was shown.
    `button` "Pay $13.40 and change plan". `changed_notice`: set when the sum moved since it was shown.
    `subscription_id`: whose plan it is. `plan_name` and `price`: what is changed to. `sentences`: what else to know,
    none or a few.
    """

    subscription_id: str
    plan_name: str
    price: str
    due_now: str
    due_now_sentence: str
    rows: tuple[SumRow, ...]
    next_rows: tuple[SumRow, ...]
    method: MethodLabel | None
    button: str
    price_id: str
    quantity: int
    proration_date: int
    amount_due: int
    total: int = 0
    sentences: tuple[str, ...] = ()
    changed_notice: Notice | None = None


@dataclass(frozen=True)
class PlansPage:
    """Choosing a plan. `current_name` and `current_price` say what is in force now.

    `not_returnable`: the current price is not in the catalog, so leaving it is for good; said in a sentence, ""
    otherwise. `quantity` None when the plan has no quantity. `preview` is shown once a choice is made; `preview_note`
    instead when the choice changes nothing. `subscription_id`: whose plan it is.
    """

    subscription_id: str
    current_name: str
    current_price: str
    groups: tuple[PlanGroup, ...]
    quantity: QuantityField | None
    not_returnable: str
    preview: PlanPreview | None
    preview_note: str
    problem: Notice | None = None


def plans_page(
    state: Choosing,
    products: Mapping[str, Product],
    fmt: Formatter,
    *,
    choice: Choice | None = None,
    preview: PlanPreview | None = None,
    problem: Notice | None = None,
    asked_quantity: int | None = None,
) -> PlansPage:
    """Choosing a plan, in words.

    `choice`: what was chosen so far; `asked_quantity`: what was typed, to say when it was out of bounds.
    """
    selected = choice.offer if choice is not None else state.current
    note = ""
    if choice is not None and preview is None and state.changes_nothing(choice):
        note = fmt._("This is the plan you have.")
    return PlansPage(
        subscription_id=state.subscription.id,
        current_name=state.current.name if state.current else price_name(state.item.price, products, fmt),
        current_price=price_text(state.item.price, state.item.quantity, fmt),
        groups=_groups(state, selected, fmt),
        quantity=_quantity(state, selected, choice, asked_quantity, fmt),
        not_returnable=""
        if state.current is not None
        else fmt._("Your present plan is no longer offered. Once you change, you cannot come back to it."),
        preview=preview,
        preview_note=note,
        problem=problem,
    )


def _groups(state: Choosing, selected: Offer | None, fmt: Formatter) -> tuple[PlanGroup, ...]:
    groups: dict[str, list[PlanChoice]] = {}
    for offer in state.offers:
        if not state.may_price and offer is not state.current:
            continue
        groups.setdefault(interval_heading(offer.price, fmt), []).append(
            PlanChoice(
                price_id=offer.price.id,
                name=offer.name or fmt._("Plan"),
                description=offer.description,
                price=price_text(offer.price, None, fmt),
                saving=_saving(offer, state.offers, fmt),
                is_current=offer is state.current,
                is_selected=offer is selected,
            )
        )
    return tuple(PlanGroup(heading, tuple(choices)) for heading, choices in groups.items())


def _saving(offer: Offer, offers: tuple[Offer, ...], fmt: Formatter) -> str:
    """What a yearly price saves against twelve of the same product's monthly ones, in whole percent, rounded down."""
    recurring = offer.price.recurring
    if (
        recurring is None
        or (recurring.interval, recurring.interval_count) != ("year", 1)
        or not offer.price.unit_amount
    ):
        return ""
    for other in offers:
        rhythm = other.price.recurring
        same = other.product is not None and offer.product is not None and other.product.id == offer.product.id
        if (
            not same
            or rhythm is None
            or (rhythm.interval, rhythm.interval_count) != ("month", 1)
            or not other.price.unit_amount
        ):
            continue
        full = other.price.unit_amount * 12
        percent = (full - offer.price.unit_amount) * 100 // full
        return fmt._("Save %(percent)s", percent=fmt.percent(percent)) if percent > 0 else ""
    return ""


def _quantity(
    state: Choosing, selected: Offer | None, choice: Choice | None, asked: int | None, fmt: Formatter
) -> QuantityField | None:
    if selected is None or selected.plan.quantity is None or not state.may_quantity:
        return None
    limits = selected.plan.quantity
    unit = selected.product.unit_label if selected.product is not None else None
    value = choice.quantity if choice is not None else (state.item.quantity or 1)
    maximum = limits.maximum if limits.maximum < LARGEST_QUANTITY else None
    if maximum is None:
        help_text = fmt._("At least %(minimum)s.", minimum=fmt.number(limits.minimum)) if limits.minimum > 1 else ""
    else:
        help_text = fmt._(
            "From %(minimum)s to %(maximum)s.", minimum=fmt.number(limits.minimum), maximum=fmt.number(maximum)
        )
    error = ""
    if asked is not None and not limits.minimum <= asked <= limits.maximum:
        error = help_text or fmt._("Enter a whole number.")
    return QuantityField(value, limits.minimum, maximum, _unit_label(unit, fmt), help_text, error)


def _unit_label(unit: str | None, fmt: Formatter) -> str:
    if not unit:
        return fmt._("Quantity")
    return fmt._("Quantity (%(unit)s)", unit=unit)


def plan_preview(quote: Quote, fmt: Formatter, *, now: int, moved: bool = False) -> PlanPreview:
    """What a change costs, in words. `moved`: the sum is not the one shown before; say so."""
    price, currency = quote.choice.offer.price, quote.recurring.currency

    def money(amount: int) -> str:
        return fmt.money(Money(amount, currency))

    due = money(quote.amount_due)
    return PlanPreview(
        subscription_id=quote.choosing.subscription.id,
        plan_name=quote.choice.offer.name or fmt._("Plan"),
        price=price_text(price, quote.choice.quantity, fmt),
        due_now=due,
        due_now_sentence=_due_sentence(quote, fmt, due),
        rows=_due_rows(quote, fmt),
        next_rows=(
            SumRow(
                fmt._("From %(date)s", date=fmt.date(quote.next_on)),
                recurring_text(money(quote.recurring.total), price, fmt),
            ),
        ),
        method=method_label(quote.method, fmt, now) if quote.method is not None else None,
        button=fmt._("Pay %(amount)s and change plan", amount=due) if quote.amount_due > 0 else fmt._("Change plan"),
        price_id=price.id,
        quantity=quote.choice.quantity,
        proration_date=quote.proration_date,
        amount_due=quote.amount_due,
        total=quote.total,
        sentences=_remarks(quote, fmt),
        changed_notice=Notice(
            "caution",
            fmt._("The amount has changed since you last saw it"),
            fmt._("Nothing was charged. Please check the new amount."),
        )
        if moved
        else None,
    )


def _due_sentence(quote: Quote, fmt: Formatter, due: str) -> str:
    next_on = fmt.date(quote.next_on)
    if quote.due_now is None:
        return fmt._("You pay nothing today. The new price counts from %(date)s.", date=next_on)
    if quote.due_now.total < 0:
        credit = fmt.money(Money(-quote.due_now.total, quote.due_now.currency))
        return fmt._(
            "You pay nothing today. %(amount)s is kept as credit and taken off your next bills.", amount=credit
        )
    if quote.amount_due == 0:
        return fmt._("You pay nothing today.")
    if not charges_automatically(quote.choosing.subscription):
        return fmt._("You get an invoice over %(amount)s for the time until %(date)s.", amount=due, date=next_on)
    return fmt._("You pay %(amount)s today for the time until %(date)s.", amount=due, date=next_on)


def _due_rows(quote: Quote, fmt: Formatter) -> tuple[SumRow, ...]:
    """What the sum due now is made of; the rows add up to it."""
    invoice = quote.due_now
    if invoice is None:
        return ()

    def money(amount: int) -> str:
        return fmt.money(Money(amount, invoice.currency))

    rows = [
        SumRow(line.description or fmt._("Item"), money(line.amount), is_credit=line.amount < 0)
        for line in invoice.lines.data
    ]
    off = sum(discount.amount for discount in invoice.total_discount_amounts or ())
    if off:
        rows.append(SumRow(fmt._("Discount"), money(-off), is_credit=True))
    added = sum(tax.amount for tax in invoice.total_taxes or () if tax.tax_behavior == "exclusive")
    if added:
        rows.append(SumRow(fmt._("Tax"), money(added), is_credit=added < 0))
    carried = invoice.amount_due - invoice.total
    if carried < 0:
        rows.append(SumRow(fmt._("Credit from your account"), money(carried), is_credit=True))
    elif carried > 0:
        label = fmt._("Kept as credit") if invoice.total < 0 else fmt._("Carried over from earlier")
        rows.append(SumRow(label, money(carried)))
    rows.append(SumRow(fmt._("Due now"), money(invoice.amount_due), strong=True))
    return tuple(rows)


def _remarks(quote: Quote, fmt: Formatter) -> tuple[str, ...]:
    subscription = quote.choosing.subscription
    remarks = []
    if subscription.status == "trialing":
        remarks.append(fmt._("Your trial goes on.") if quote.due_now is None else fmt._("Your trial ends today."))
    if quote.method is None and quote.amount_due > 0 and charges_automatically(subscription):
        remarks.append(fmt._("No payment method is saved. Add one first."))
    return tuple(remarks)
