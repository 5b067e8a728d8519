"""The host's catalog, resolved to Stripe's prices: what a subscription may change to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import Product
from portal_embed.errors import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from portal_embed.billing.stripe.catalog import CatalogReader
    from portal_embed.billing.stripe.objects import Price, Subscription, SubscriptionItem
    from portal_embed.config import AllowedChanges, Catalog, Plan


@dataclass(frozen=True)
class Offer:
    """One plan on offer: what the host said of it, and what Stripe says. `includes`: the prices that come with it."""

    plan: Plan
    price: Price
    includes: tuple[Price, ...] = ()

    @property
    def product(self) -> Product | None:
        """Stripe's product, which names and describes the plan unless the host did."""
        return self.price.product if isinstance(self.price.product, Product) else None

    @property
    def name(self) -> str:
        """What the customer calls it."""
        return self.plan.name or (self.product.name if self.product else "") or self.price.nickname or ""

    @property
    def description(self) -> str:
        """What it is, in the host's or Stripe's words; may be empty."""
        return self.plan.description or (self.product.description if self.product else None) or ""


async def offers_for(
    catalog: Catalog, reader: CatalogReader, subscription: Subscription
) -> tuple[tuple[Offer, ...], tuple[Offer, ...]]:
    """The plans that this subscription could move to (the current one included), and the add-ons; in the host's order.

    Only active recurring prices in the subscription's own currency: a currency never changes within a subscription.
    """
    return await on_sale(catalog, reader, subscription.currency)


async def on_sale(
    catalog: Catalog, reader: CatalogReader, currency: str | None
) -> tuple[tuple[Offer, ...], tuple[Offer, ...]]:
    """The plans and the add-ons whose prices are active and recurring, in the host's order; of this currency alone, None for
    any. A plan is not on sale while a price that it includes is not.
    """
    by_key, *by_id = await asyncio.gather(
        reader.by_lookup_keys(catalog.lookup_keys), *(reader.by_id(price) for price in catalog.prices)
    )
    found = {price.lookup_key: price for price in by_key}
    found_ids = {price.id: price for prices in by_id for price in prices}

    def price_of(plan: Plan) -> Price | None:
        price = found.get(plan.lookup_key) if plan.lookup_key else found_ids.get(plan.price or "")
        if price is None or not price.active or price.recurring is None or currency not in {None, price.currency}:
            return None
        return price

    def on_offer(plans: Iterable[Plan]) -> tuple[Offer, ...]:
        offers = []
        for plan in plans:
            price, parts = price_of(plan), [price_of(part) for part in plan.includes]
            known = tuple(part for part in parts if part is not None)
            if price is not None and len(known) == len(parts):
                offers.append(Offer(plan, price, known))
        return tuple(offers)

    return on_offer(catalog.plans), on_offer(catalog.add_ons)


def within(limits: AllowedChanges, offers: tuple[Offer, ...], current: str) -> tuple[Offer, ...]:
    """What the host allows to one customer. The plan in force (`current`: its price) stays, so that its number may change.

    Raises `NotAllowed` with the host's own words where it allows nothing.
    """
    if limits.refusal:
        raise NotAllowed("host", limits.refusal)
    offers, quantity = _named(limits.plans, offers, current), limits.quantity
    if quantity is not None:
        offers = tuple(
            o if o.plan.quantity is None else replace(o, plan=replace(o.plan, quantity=quantity)) for o in offers
        )
    return offers


def add_ons_within(limits: AllowedChanges, add_ons: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """The add-ons that the host allows to one customer."""
    return _named(limits.add_ons, add_ons, None)


def _named(names: Collection[str] | None, offers: tuple[Offer, ...], current: str | None) -> tuple[Offer, ...]:
    if names is None:
        return offers
    return tuple(o for o in offers if o.price.id == current or not {o.price.id, o.price.lookup_key}.isdisjoint(names))


def included(subscription: Subscription, plans: Iterable[Plan]) -> frozenset[str]:
    """The ids of the prices in force that come with one of these plans, whether that is on sale still or not."""
    parts = [part for plan in plans for part in plan.includes]
    ids, keys = {part.price for part in parts if part.price}, {part.lookup_key for part in parts if part.lookup_key}
    prices = (item.price for item in subscription.items.data)
    return frozenset(price.id for price in prices if price.id in ids or price.lookup_key in keys)


def plan_of(subscription: Subscription, catalog: Catalog, *, with_add_ons: bool = False) -> SubscriptionItem | None:
    """The item that is the plan, of a subscription of one plan and what comes with it; None for any other. `with_add_ons`: it may
    have some beside it.
    """
    items, add_ons = subscription.items.data, catalog.add_ons if with_add_ons else ()
    beside = {plan.price or plan.lookup_key for plan in add_ons}
    for item in items:
        plan = catalog.find(price=item.price.id, lookup_key=item.price.lookup_key)
        parts = included(subscription, (plan,) if plan is not None else ())
        beside_it = (other for other in items if beside.isdisjoint({other.price.id, other.price.lookup_key}))
        if all(other is item or other.price.id in parts for other in beside_it):
            return item
    return None


def find_offer(offers: tuple[Offer, ...], price_id: str) -> Offer | None:
    """The offer with this price, None if it is not on offer."""
    return next((offer for offer in offers if offer.price.id == price_id), None)
