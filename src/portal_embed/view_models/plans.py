"""Changing a plan: what can be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.changes import Choice
from portal_embed.billing.eligibility import Act, refusal, standing
from portal_embed.billing.schedules import planned_choice
from portal_embed.billing.subscriptions import is_metered, period_end
from portal_embed.view_models.quantities import QuantityField, maximum_of, quantity_field
from portal_embed.view_models.shared import DayQuestion, Notice, SumRow, WhenChoice
from portal_embed.view_models.subscription_words import item_price, planned_sentence, price_name, waiting_sentence
from portal_embed.view_models.wording import (
    day_error,
    day_question,
    includes_texts,
    interval_heading,
    offer_price_text,
    tier_texts,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.beginnings import Effect
    from portal_embed.billing.catalog import Offer
    from portal_embed.billing.changes import Choosing
    from portal_embed.billing.stripe.objects import Product, Subscription
    from portal_embed.config import SubscriptionUpdate, TakesEffect
    from portal_embed.i18n.formatting import Formatter
    from portal_embed.view_models.discounts import CodeField
    from portal_embed.view_models.plan_preview import PlanPreview


@dataclass(frozen=True)
class PlanChoice:
    """One plan of the host's catalog. `price` "$29.00 a month"; `saving` "Save 17 %" or ""; `is_current` the one in
    force.

    `price_id`: what the form sends. `name` and `description`: the product's, "" for no description. `is_selected`: it
    is the one chosen so far. `includes`: what comes with it and costs extra, a line each.
    `tiers`: the steps of its price, if any.
    """

    price_id: str
    name: str
    description: str
    price: str
    saving: str
    is_current: bool
    is_selected: bool
    includes: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanGroup:
    """Plans of one interval, under a heading such as "Monthly". `heading`: the interval in words."""

    heading: str
    choices: tuple[PlanChoice, ...]


@dataclass(frozen=True)
class AddOnField:
    """Something that can stand beside the plan. `field` is what the form calls it. `name` and `description`: as with plans.
    `price` "$5.00 a month".

    `value` how many are chosen, 0 for none. `is_number`: how many is the customer's to choose, at most `maximum` (None: no limit);
    otherwise it is there or not. `help`: the limits in words; `error`: they were not kept, "" for nothing. `tiers`: the steps of
    its price, if any.
    """

    field: str
    name: str
    description: str
    price: str
    value: int
    is_number: bool
    maximum: int | None
    help: str
    tiers: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class TrialField:
    """Whether a trial under way goes on: `keep_label` and `end_label` are the two answers, `ends` the one chosen so far."""

    keep_label: str
    end_label: str
    ends: bool


@dataclass(frozen=True)
class ItemLink:
    """Another item of the subscription that can be changed: `item` its id, `label` what it is called."""

    item: str
    label: str


@dataclass(frozen=True)
class PlansPage:
    """Choosing a plan. `current_name` and `current_price` say what is in force now.

    `item`: which of several items is changed, "" for the usual one; `other_items`: those that can be changed instead; `kept`: what
    else is part of it and stays. `add_ons`: what can stand beside the plan. `trial`: asked when the host lets the customer say,
    None otherwise. `code`: the field for a promotion code, None where none is taken. `planned`: a change that waits for its
    day, in a sentence, "" for none; `may_unschedule`: it can be dropped. `waiting`: one that waits for its payment, None for none.

    `when`: when the choice can take effect, empty where that is not the customer's to say; `day` asks for the day, None where
    none can be chosen.

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
    item: str = ""
    other_items: tuple[ItemLink, ...] = ()
    kept: tuple[SumRow, ...] = ()
    add_ons: tuple[AddOnField, ...] = ()
    trial: TrialField | None = None
    code: CodeField | None = None
    planned: str = ""
    may_unschedule: bool = False
    waiting: Notice | None = None
    when: tuple[WhenChoice, ...] = ()
    day: DayQuestion | None = None

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """What the summary of errors lists."""
        every = (
            ("portal-quantity", self.quantity.error if self.quantity is not None else ""),
            *((f"portal-add-on-{number}", add_on.error) for number, add_on in enumerate(self.add_ons, 1)),
            ("portal-plan-day", self.day.error if self.day is not None else ""),
            ("portal-code-field", self.code.error if self.code is not None else ""),
        )
        return tuple((field, error) for field, error in every if error)


def plans_page(
    state: Choosing,
    products: Mapping[str, Product],
    fmt: Formatter,
    update: SubscriptionUpdate,
    *,
    choice: Choice | None = None,
    preview: PlanPreview | None = None,
    problem: Notice | None = None,
    asked_quantity: int | None = None,
    asked_add_ons: Mapping[str, int] | None = None,
    code: CodeField | None = None,
    effect: Effect | None = None,
    is_planned: bool = False,
) -> PlansPage:
    """Choosing a plan, in words.

    `choice`: what was chosen so far, None for nothing: then the form has what is planned, or else what is in force.
    `asked_quantity` and `asked_add_ons` (by price id): what was typed, to say when it was out of bounds. `effect`: from when on,
    None before anything is chosen. `is_planned`: just this is planned already.
    """
    ahead = planned_choice(state)
    given = choice if choice is not None else ahead
    selected = given.offer if given is not None else state.current
    note = ""
    if choice is not None and preview is None and state.changes_nothing(choice):
        note = fmt._("This is the plan you have.")
        effect = None
    elif is_planned:
        note = fmt._("This is what is planned already.")
    elif effect is not None and not effect.is_known:
        note = fmt._("Choose the day on which it changes to see exactly what it costs.")
    chosen = given if given is not None else Choice(state.item.price, state.item.quantity, state.current)
    is_gone = state.current is None and state.may_price and bool(state.offers)
    return PlansPage(
        subscription_id=state.subscription.id,
        current_name=state.current.name if state.current else price_name(state.item.price, products, fmt),
        current_price=item_price(state.item, products, fmt, alone=False),
        groups=_groups(state, selected, fmt),
        quantity=_quantity(state, selected, given, asked_quantity, fmt),
        not_returnable=fmt._("Your current plan is no longer offered. Once you change, you cannot come back to it.")
        if is_gone
        else "",
        preview=preview,
        preview_note=note,
        problem=problem,
        item=state.item.id if len(state.subscription.items.data) > 1 else "",
        other_items=tuple(ItemLink(item.id, price_name(item.price, products, fmt)) for item in state.others),
        kept=tuple(
            SumRow(
                price_name(item.price, products, fmt),
                item_price(item, products, fmt),
            )
            for item in state.subscription.items.data
            if item.id != state.item.id and state.add_on_of(item) is None and not state.is_part(item)
        ),
        add_ons=tuple(_add_on(state, offer, chosen, asked_add_ons or {}, fmt) for offer in state.fitting(chosen.price)),
        trial=_trial(state, update, chosen, fmt),
        code=code,
        planned=planned_sentence(state.subscription, state.prices, products, fmt),
        may_unschedule=refusal(Act.UNSCHEDULE, standing(state.subscription)) is None,
        waiting=_waiting(state.subscription, products, fmt),
        when=_when(state.subscription, effect, fmt) if effect is not None and len(effect.choices) > 1 else (),
        day=_day(effect, fmt) if effect is not None else None,
    )


def _waiting(subscription: Subscription, products: Mapping[str, Product], fmt: Formatter) -> Notice | None:
    sentence = waiting_sentence(subscription, products, fmt)
    if not sentence:
        return None
    body, label = fmt._("Another choice takes its place."), fmt._("Finish or drop the change")
    return Notice("caution", sentence, body, label, "subscriptions.show", subscription.id)


def _when(subscription: Subscription, effect: Effect, fmt: Formatter) -> tuple[WhenChoice, ...]:
    words: dict[TakesEffect, str] = {
        "now": fmt._("Now"),
        "at_period_end": fmt._("When the paid period ends, on %(date)s", date=fmt.date(period_end(subscription))),
        "on_date": fmt._("On another day"),
    }
    return tuple(WhenChoice(choice, words[choice], choice == effect.when) for choice in effect.choices)


def _day(effect: Effect, fmt: Formatter) -> DayQuestion | None:
    if effect.days is None:
        return None
    error = day_error(*effect.days, fmt) if effect.day and not effect.is_known else ""
    return day_question(*effect.days, effect.day, error, fmt)


def _add_on(state: Choosing, offer: Offer, choice: Choice, asked: Mapping[str, int], fmt: Formatter) -> AddOnField:
    limits = offer.plan.quantity
    maximum = maximum_of(limits) if limits is not None else None
    text, wrong = "", fmt._("Enter a whole number.")
    if limits is not None and maximum is not None:
        least, most = fmt.number(limits.minimum), fmt.number(maximum)
        text = fmt._("From %(minimum)s to %(maximum)s, or 0 for none.", minimum=least, maximum=most)
        wrong = fmt._("Choose a number from %(minimum)s to %(maximum)s, or 0 for none.", minimum=least, maximum=most)
    value = choice.add_ons.get(offer.price.id, state.count_of(offer))
    typed = asked.get(offer.price.id, value) if limits is not None else value
    return AddOnField(
        field=f"add_on.{offer.price.id}",
        name=offer.name or fmt._("Add-on"),
        description=offer.description,
        price=offer_price_text(offer, fmt),
        tiers=tier_texts(offer.price, fmt),
        value=max(typed, 0),
        is_number=limits is not None and not is_metered(offer.price),
        maximum=maximum,
        help=text,
        error=wrong if typed != value else "",
    )


def _trial(state: Choosing, update: SubscriptionUpdate, choice: Choice, fmt: Formatter) -> TrialField | None:
    subscription = state.subscription
    if subscription.status != "trialing" or update.trial_update_behavior != "ask":
        return None
    ends = fmt.date(subscription.trial_end or 0)
    return TrialField(
        fmt._("Keep my trial until %(date)s", date=ends), fmt._("End my trial and pay from today"), choice.ends_trial
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
                price=offer_price_text(offer, fmt),
                tiers=tier_texts(offer.price, fmt),
                saving=_saving(offer, state.offers, fmt),
                is_current=offer is state.current,
                is_selected=offer is selected,
                includes=includes_texts(offer, fmt),
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
    if selected is None or not state.may_quantity or is_metered(selected.price):
        return None
    value = (choice.quantity if choice is not None else state.item.quantity) or 1
    return quantity_field(selected, value, asked, fmt)
