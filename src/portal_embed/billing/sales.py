"""What is on sale to a customer, what they have already, and what they would start."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal_embed.billing.catalog import find_offer, on_sale, plan_of, within
from portal_embed.billing.changes import interval_of
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.promotions import CodeRefusal, order_for
from portal_embed.billing.subscriptions import is_live, is_metered
from portal_embed.errors import NotFound

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.catalog import Offer
    from portal_embed.billing.promotions import Order, Promotion
    from portal_embed.billing.stripe.objects import Customer, Subscription
    from portal_embed.config import AllowedChanges, Catalog, Features, SubscriptionCreate

MARK = "portal_start"
"""Metadata of what is started here: the key of the click that did it, by which a repeated one finds it again."""
CODE = "portal_start_code"
"""Metadata beside it: the promotion code that it was begun with. A discount for one bill leaves a subscription with that bill."""


@dataclass(frozen=True)
class Beginning:
    """What the customer wants to start: a plan on sale, how many of it, the days of its trial (0 for none), and the promotion that
    a code of theirs gives.
    """

    offer: Offer
    quantity: int
    trial_days: int = 0
    promotion: Promotion | None = None

    @property
    def code(self) -> str:
        """The promotion code's id, "" for none."""
        return self.promotion.code.id if self.promotion is not None else ""

    @property
    def has_several_intervals(self) -> bool:
        """Whether something that comes with the plan is billed at another interval."""
        return any(interval_of(part) != interval_of(self.offer.price) for part in self.offer.includes)

    @property
    def order(self) -> Order:
        """What a code is to lower."""
        price = self.offer.price
        return order_for([(price, self.quantity), *((part, 1) for part in self.offer.includes)], price.currency)


@dataclass(frozen=True)
class Shop:
    """What is on sale to one customer, and what they have already: `running`, and `waiting` for its first payment."""

    customer: Customer
    offers: tuple[Offer, ...]
    running: tuple[Subscription, ...]
    waiting: tuple[Subscription, ...]
    had_one: bool
    terms: SubscriptionCreate

    @property
    def refusal(self) -> str | None:
        """Why nothing may be started: "has_plan", or None."""
        return "has_plan" if self.running and not self.terms.allow_several else None

    def trial_days(self, offer: Offer) -> int:
        """A trial is for the first plan ever."""
        return 0 if self.had_one else offer.plan.trial_days or 0

    def choice(self, price_id: str, quantity: int | None) -> Beginning:
        """What the customer asks for, within the plan's limits. Raises `NotFound` for a price that is not on sale to them."""
        offer = find_offer(self.offers, price_id)
        if offer is None:
            raise NotFound("a price that is not on sale")
        limits = offer.plan.quantity
        number = 1 if limits is None else max(limits.minimum, min(quantity or limits.minimum, limits.maximum))
        return Beginning(offer, number, self.trial_days(offer))

    def code_refusal(self, refusal: CodeRefusal) -> CodeRefusal:
        """Why a code is not taken: who has never paid, and only begun, is told what stands in the way."""
        has_begun = bool(self.waiting) and not self.had_one
        return CodeRefusal("waits") if refusal.reason == "first_time" and has_begun else refusal

    def same(self, wanted: Beginning) -> Subscription | None:
        """The one that waits for its first payment and is just this, with the same code."""
        alike = (s for s in self.waiting if bills(s, wanted))
        return next((s for s in alike if s.metadata.get(CODE, "") == wanted.code), None)


async def shop(
    account: CustomerAccount, catalog: Catalog, features: Features, limits: AllowedChanges | None = None
) -> Shop:
    """What is on sale. `limits`: what the host allows to this customer, None for the whole catalog. Raises `NotAllowed`.

    A customer who was billed before buys in that currency only: Stripe takes no second one.
    """
    customer, found = await asyncio.gather(account.customer(), account.subscriptions())
    offers, _ = await on_sale(catalog, account.catalog, customer.currency)
    if limits is not None:
        offers = within(limits, offers, "")
    live = tuple(s for s in found if is_live(s))
    return Shop(
        customer=customer,
        offers=offers,
        running=tuple(s for s in live if s.status != "incomplete"),
        waiting=tuple(s for s in live if s.status == "incomplete"),
        had_one=any(s.status not in {"incomplete", "incomplete_expired"} for s in found),
        terms=features.subscription_create,
    )


def restart_refusal(ended: Subscription, features: Features, catalog: Catalog) -> str | None:
    """Why the same is not started once more, None where it is: what the table says, or "not_on_offer"."""
    refusal, item = why_not(Act.RESTART, ended, features, catalog), plan_of(ended, catalog, with_add_ons=True)
    if refusal is not None or item is None:
        return refusal or "several_items"
    offered = catalog.find(price=item.price.id, lookup_key=item.price.lookup_key)
    return None if item.price.active and offered is not None else "not_on_offer"


def marks(wanted: Beginning, key: str) -> dict[str, str]:
    """The metadata of what is started by the click of this key."""
    return {MARK: key, **({CODE: wanted.code} if wanted.promotion is not None else {})}


def items_of(wanted: Beginning) -> list[dict[str, Any]]:
    """Price and number of the plan and of what comes with it. What is billed by use has no number."""
    priced = [(wanted.offer.price, wanted.quantity), *((price, 1) for price in wanted.offer.includes)]
    return [{"price": price.id, **({} if is_metered(price) else {"quantity": count})} for price, count in priced]


def trial_terms(store: Shop, wanted: Beginning) -> dict[str, Any]:
    """The trial, and what becomes of it where nothing can be charged at its end."""
    if not wanted.trial_days:
        return {}
    end = {"missing_payment_method": store.terms.missing_payment_method}
    return {"trial_period_days": wanted.trial_days, "trial_settings": {"end_behavior": end}}


def discounts_of(wanted: Beginning) -> list[dict[str, str]]:
    """The discount that its code gives, as it is sent."""
    return [{"promotion_code": wanted.code}] if wanted.promotion is not None else []


def bills(subscription: Subscription, wanted: Beginning) -> bool:
    """Whether it is just what is wanted."""
    asked = {item["price"]: item.get("quantity") for item in items_of(wanted)}
    found = {item.price.id: item.quantity for item in subscription.items.data}
    return found.keys() == asked.keys() and all(count in {None, found[price]} for price, count in asked.items())
