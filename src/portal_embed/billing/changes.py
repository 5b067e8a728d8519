"""A change to a subscription: one description of it, whatever it alters. Pure.

A `Choosing` is what could be; a `Choice` is what the customer wants of it; its `lines` are the subscription's items as they then
are. Preview, write and schedule are all made from the same lines, so that they cannot disagree (`change_params.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from portal_embed.billing.catalog import find_offer
from portal_embed.billing.prices import listed_amount
from portal_embed.billing.subscriptions import is_metered, product_of
from portal_embed.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from portal_embed.billing.catalog import Offer
    from portal_embed.billing.stripe.objects import Coupon, Discount, Price, Subscription, SubscriptionItem
    from portal_embed.config import SubscriptionUpdate

_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


@dataclass(frozen=True)
class Line:
    """One item as it shall be. `quantity` None: billed by use. `item`: the one in force that it is or becomes, None for new."""

    price: Price
    quantity: int | None
    item: str | None = None


@dataclass(frozen=True)
class Choice:
    """What the customer wants: a price for the item that is being changed, how many of it, and what else stands beside it.
    `offer`: the plan on offer with that price, None for the one in force that is on offer no more. `add_ons`: how many of each
    add-on, by price id, 0 for none.
    """

    price: Price
    quantity: int | None
    offer: Offer | None = None
    add_ons: Mapping[str, int] = field(default_factory=dict)
    discount: tuple[str, str] | None = None
    """("coupon" or "promotion_code", id)."""
    coupon: Coupon | None = None
    """What that gives, and for how long; None where it is not known."""
    ends_trial: bool = False
    """The trial under way ends with the change; False where there is none."""
    begins: int | None = None
    """When it takes effect, unix seconds: None for now, else by a schedule, at the end of the running period or inside it."""


@dataclass(frozen=True)
class Choosing:
    """All that the page for choosing needs: what is in force, and what could be.
    `item` is the one that is changed; a subscription may have others beside it: add-ons, and what is none of the catalog's.
    """

    subscription: Subscription
    item: SubscriptionItem
    offers: tuple[Offer, ...]
    may_price: bool
    may_quantity: bool
    add_ons: tuple[Offer, ...] = ()
    others: tuple[SubscriptionItem, ...] = ()
    """Further items whose prices are plans on offer: they can be changed instead."""
    parts: frozenset[str] = frozenset()
    """The ids of the prices in force that come with a plan, be it on offer to this customer or not."""
    shared: frozenset[str] = frozenset()
    """Those of them that come with another plan of this subscription, and stay with it."""
    theirs: Discount | None = None
    """The customer's discount, which holds while the subscription has none of its own."""

    @property
    def current(self) -> Offer | None:
        """The plan in force, None when its price is not on offer (then leaving it is for good)."""
        return find_offer(self.offers, self.item.price.id)

    @property
    def prices(self) -> dict[str, Price]:
        """Every price that is on offer or in force, by its id."""
        on_offer = {offer.price.id: offer.price for offer in (*self.offers, *self.add_ons)}
        on_offer |= {price.id: price for offer in self.offers for price in offer.includes}
        return {**{item.price.id: item.price for item in self.subscription.items.data}, **on_offer}

    def choice(
        self, price_id: str | None, quantity: int | None, add_ons: Mapping[str, int] | None = None, **more: Any
    ) -> Choice:
        """The customer's choice, checked against the catalog. Raises `NotFound` for a price that is not on offer to them.

        `add_ons`: those that were asked about; of any other the number stays. `more`: a `Choice`'s discount and trial.
        """
        offer = find_offer(self.offers, price_id) if price_id else self.current
        if price_id and price_id != self.item.price.id and (offer is None or not self.may_price):
            raise NotFound("a price that is not on offer")
        price = offer.price if offer is not None else self.item.price
        return Choice(price, self._quantity(offer, quantity), offer, self._add_ons(price, add_ons or {}), **more)

    def lines(self, choice: Choice) -> tuple[Line, ...]:
        """Every item as the choice has it."""
        left = {price: count for price, count in choice.add_ons.items() if count}
        stays, comes = self._parts(choice)
        rows = [item for item in self.subscription.items.data if self.add_on_of(item) is not None]
        kept = {item.id: left.pop(item.price.id) for item in rows if item.price.id in left}
        found: list[Line] = []
        for item in self.subscription.items.data:
            if item.id == self.item.id:
                found.append(Line(choice.price, choice.quantity, item.id))
            elif item.id in kept:
                found.append(Line(item.price, None if item.quantity is None else kept[item.id], item.id))
            elif self.is_part(item) and item.id not in stays:
                follower = next((price for price in comes if is_metered(price) == is_metered(item.price)), None)
                if follower is not None:  # takes its place, so that what was paid is settled against it
                    comes.remove(follower)
                    found.append(Line(follower, _count(follower, 1), item.id))
            elif self.add_on_of(item) is None:
                found.append(Line(item.price, item.quantity, item.id))
            elif (heir := self._heir(item, left)) is not None:
                # The same add-on at the plan's new interval takes its place, so that what was paid is settled against it.
                found.append(Line(heir.price, _count(heir.price, left.pop(heir.price.id)), item.id))
        new = (offer.price for offer in self.add_ons if offer.price.id in left)
        return (
            *found,
            *(Line(price, _count(price, 1)) for price in comes),
            *(Line(price, _count(price, left[price.id])) for price in new),
        )

    def changes_nothing(self, choice: Choice) -> bool:
        """Whether the choice is what is in force already."""
        return is_on(self.subscription, self.lines(choice)) and choice.discount is None

    def add_on_of(self, item: SubscriptionItem) -> Offer | None:
        """The add-on on offer that an item is, None for the plan and for what is none of the catalog's."""
        return find_offer(self.add_ons, item.price.id) if item.id != self.item.id else None

    def is_part(self, item: SubscriptionItem) -> bool:
        """Whether an item came with the plan, and goes with it."""
        return item.id != self.item.id and item.price.id in self.parts

    def count_of(self, offer: Offer) -> int:
        """How many of an add-on are in force, 0 for none. One that is billed by use counts as one."""
        items = self.subscription.items.data
        item = next((it for it in items if it.id != self.item.id and it.price.id == offer.price.id), None)
        return 0 if item is None else 1 if item.quantity is None else item.quantity

    def fitting(self, price: Price) -> tuple[Offer, ...]:
        """The add-ons that can stand beside a plan of this price: billed at its interval, or in force already.

        In classic billing mode all items have one interval (Stripe docs, "Mixed intervals").
        """
        is_classic = self.subscription.billing_mode.type == "classic"
        return tuple(
            o
            for o in self.add_ons
            if interval_of(o.price) == interval_of(price) or (self.count_of(o) and not is_classic)
        )

    def can_become(self, offer: Offer) -> bool:
        """Whether Stripe lets the item be this plan beside what else there is: each price once in a subscription, and one
        interval for all in classic billing mode.
        """
        price, others = offer.price, [item for item in self.subscription.items.data if item.id != self.item.id]
        if any(item.price.id == price.id for item in others):
            return False
        if self.subscription.billing_mode.type != "classic" or price.id == self.item.price.id:
            return True
        if any(interval_of(part) != interval_of(price) for part in offer.includes):
            return False
        return interval_of(price) == interval_of(self.item.price) or all(
            self.add_on_of(item) is not None or self.is_part(item) for item in others
        )

    def _quantity(self, offer: Offer | None, wanted: int | None) -> int | None:
        """How many to bill of `offer`: what is wanted, within its limits; None where use is billed.

        A plan without a `Quantity` is one unit when the customer comes from a plan where the number was theirs to choose;
        from any other plan the number stays, because then the host looks after it (seats, say).
        """
        now = self.item.quantity
        if is_metered(offer.price if offer is not None else self.item.price):
            return None
        if offer is None:
            return now or 1
        limits = offer.plan.quantity
        if limits is None:
            was_chosen = self.current is not None and self.current.plan.quantity is not None
            return 1 if was_chosen and offer is not self.current else now or 1
        chosen = wanted if wanted is not None and self.may_quantity else now or 1
        return max(limits.minimum, min(chosen, limits.maximum))

    def _parts(self, choice: Choice) -> tuple[set[str], list[Price]]:
        """Which of the parts in force stay, by their items' ids, and which prices come. Where the plan stays, so do they."""
        there = {item.price.id: item.id for item in self.subscription.items.data if self.is_part(item)}
        if choice.offer is None or choice.price.id == self.item.price.id:
            return set(there.values()), []
        includes = choice.offer.includes
        wanted = self.shared | {price.id for price in includes}
        return {there[id] for id in wanted if id in there}, [price for price in includes if price.id not in there]

    def _add_ons(self, price: Price, asked: Mapping[str, int]) -> dict[str, int]:
        """How many of each add-on that fits: as asked, else as in force, be it at the interval that is left."""
        moves = interval_of(price) != interval_of(self.item.price)
        found = {}
        for offer in self.fitting(price):
            twins = [o for o in self.add_ons if o is not offer and product_of(o.price) == product_of(offer.price)]
            fits = interval_of(offer.price) == interval_of(price)
            if moves and not fits and any(interval_of(twin.price) == interval_of(price) for twin in twins):
                continue  # the same thing at the plan's new interval takes its place
            inherits = twins if moves and fits and offer.price.id not in asked else ()
            counts = [asked.get(o.price.id, self.count_of(o)) for o in (offer, *inherits)]
            held = max(self.count_of(o) for o in (offer, *inherits))
            found[offer.price.id] = _within(max(counts), offer, held)
        return found

    def _heir(self, item: SubscriptionItem, left: Mapping[str, int]) -> Offer | None:
        same = (o for o in self.add_ons if o.price.id in left and product_of(o.price) == product_of(item.price))
        return next(same, None)


def plan_item(
    subscription: Subscription,
    offers: tuple[Offer, ...],
    add_ons: tuple[Offer, ...],
    parts: frozenset[str],
    asked: str | None,
) -> SubscriptionItem | None:
    """The item that is the plan: the one that was asked for, else the first on offer, else the first that is nothing else.
    `parts`: the ids of the prices that come with a plan. Where there is nothing else, one of those is it, or an add-on.
    """
    every = list(subscription.items.data)
    found = [item for item in every if find_offer(add_ons, item.price.id) is None]
    items = [item for item in found if item.price.id not in parts] or found or every
    if asked is not None:
        return next((item for item in items if item.id == asked), None)
    on_offer = (item for item in items if find_offer(offers, item.price.id) is not None)
    return next(on_offer, items[0] if items else None)


def ends_trial(subscription: Subscription, update: SubscriptionUpdate, asked: str | None) -> bool:
    """Whether a change ends the trial under way. `asked`: "end" or "keep", where the host lets the customer say."""
    if subscription.status != "trialing":
        return False
    return update.trial_update_behavior == "end_trial" or (update.trial_update_behavior == "ask" and asked == "end")


def is_on(subscription: Subscription, lines: Iterable[Line]) -> bool:
    """Whether the subscription bills exactly these prices and numbers."""

    def counted(pairs: Iterable[tuple[Price, int | None]]) -> list[tuple[str, int]]:
        return sorted((price.id, quantity or 0) for price, quantity in pairs)

    return counted((item.price, item.quantity) for item in subscription.items.data) == counted(
        (line.price, line.quantity) for line in lines
    )


def bills_at_once(state: Choosing, choice: Choice, update: SubscriptionUpdate) -> bool:
    """Whether Stripe makes an invoice for the change now, and not with the next regular bill.

    In classic billing mode it does so whenever a new period begins, whatever the proration behavior (Stripe docs, "Change the
    price"). In flexible mode only `always_invoice` does.
    """
    subscription = state.subscription
    if subscription.status == "trialing":
        return choice.ends_trial
    if update.proration_behavior == "always_invoice":
        return True
    if subscription.billing_mode.type != "classic":
        return False
    return begins_anew(state, choice, update)


def begins_anew(state: Choosing, choice: Choice, update: SubscriptionUpdate) -> bool:
    """Whether the change begins a new period, in classic billing mode at least: on request, with another interval, and from free
    to paid (Stripe docs, "Change the price").
    """
    return (
        update.billing_cycle_anchor == "now"
        or changes_intervals(state, choice)
        or (_total(state, _in_force(state.subscription)) == 0 and _total(state, state.lines(choice)) != 0)
    )


def changes_intervals(state: Choosing, choice: Choice) -> bool:
    """Whether anything is then billed at an interval that it was not, or nothing any more at one that it was."""
    before = {interval_of(item.price) for item in state.subscription.items.data}
    return {interval_of(line.price) for line in state.lines(choice)} != before


def costs_less(state: Choosing, choice: Choice) -> bool:
    """Whether all items together cost less each time they are billed. What depends on use counts for nothing."""
    before, after = _total(state, _in_force(state.subscription)), _total(state, state.lines(choice))
    return before is not None and after is not None and after < before


def bills_more_often(state: Choosing, choice: Choice) -> bool:
    """Whether the plan's interval becomes shorter."""
    return _days(choice.price) < _days(state.item.price)


def interval_of(price: Price) -> tuple[str, int] | None:
    """How often it bills: ("month", 1), None for a one-off."""
    return (price.recurring.interval, price.recurring.interval_count) if price.recurring is not None else None


def _count(price: Price, quantity: int) -> int | None:
    return None if is_metered(price) else quantity


def _within(count: int, offer: Offer, held: int) -> int:
    """How many of an add-on: where the number is not the customer's to choose, as many as they hold, or one."""
    limits = offer.plan.quantity
    if count <= 0:
        return 0
    return (held or 1) if limits is None else max(limits.minimum, min(count, limits.maximum))


def _in_force(subscription: Subscription) -> tuple[Line, ...]:
    return tuple(Line(item.price, item.quantity, item.id) for item in subscription.items.data)


def _total(state: Choosing, lines: Iterable[Line]) -> Decimal | None:
    """What the lines cost a period, minor units; None where a price goes by steps that were not read: one no longer on offer."""
    total = Decimal(0)
    for line in lines:
        if is_metered(line.price):
            continue
        amount = listed_amount(
            state.prices.get(line.price.id, line.price), 1 if line.quantity is None else line.quantity
        )
        if amount is None:
            return None
        total += amount
    return total


def _days(price: Price) -> int:
    rhythm = interval_of(price)
    return _DAYS.get(rhythm[0], 0) * rhythm[1] if rhythm is not None else 0
