"""Discounts in force: which there are, what stays beside another one, and taking one off."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal_embed.billing.account import checked
from portal_embed.billing.days import months_after
from portal_embed.billing.deeds import settled
from portal_embed.billing.stripe import coupons, invoices, promotion_codes, subscriptions
from portal_embed.billing.stripe.objects import Coupon, Customer, Discount, PromotionCode, id_of
from portal_embed.billing.subscriptions import has_next_charge, product_ids
from portal_embed.errors import NotFound, PortalError, StripeMisconfigured

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.changes import Choosing
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import Invoice, Subscription, SubscriptionItem

    Named = Mapping[str, Coupon | PromotionCode]
    """Coupons and promotion codes by id, where a discount only names its own."""


@dataclass(frozen=True)
class InForce:
    """A discount on a subscription. `item`: the only part of it that it lowers, None for all. `coupon`: None where it is gone
    or cannot be told. `code`: what was typed to get it, "" for nothing. `is_the_customers`: it is on the customer, and holds here
    while the subscription has none of its own.
    """

    discount: Discount
    item: SubscriptionItem | None
    coupon: Coupon | None
    code: str
    is_the_customers: bool = False


@dataclass(frozen=True)
class NextBill:
    """The next bill as it stands and as it would be; None where there is none, or Stripe could not tell."""

    before: Invoice | None
    after: Invoice | None


def in_force(
    subscription: Subscription, named: Named, now: int, customer: Customer | None = None
) -> tuple[InForce, ...]:
    """The discounts that still run at `now` (unix seconds): the subscription's, then those of its items.

    Before them that of the `customer`, where it lowers this one.
    """
    found = [(discount, None) for discount in subscription.discounts or ()]
    of_items = [(discount, item) for item in subscription.items.data for discount in item.discounts or ()]
    own = tuple(
        InForce(discount, item, _coupon(discount, named), _code(discount, named))
        for discount, item in (*found, *of_items)
        if isinstance(discount, Discount) and _runs(discount, now)
    )
    theirs = inherited_by(subscription, customer, now) if customer is not None else None
    if theirs is None:
        return own
    return (held_by_customer(theirs, named), *own)


def held_by_customer(theirs: Discount, named: Named) -> InForce:
    """The customer's discount, as one that lowers a subscription."""
    return InForce(theirs, None, _coupon(theirs, named), _code(theirs, named), is_the_customers=True)


def of_the_customer(subscription: Subscription, customer: Customer, now: int) -> Discount | None:
    """The customer's discount where it would lower this subscription if that had none of its own: for one of its products, in
    its currency, and running at `now` (unix seconds).
    """
    return of_the_customer_for(product_ids((subscription,)), subscription.currency, customer, now)


def of_the_customer_for(products: Collection[str], currency: str, customer: Customer, now: int) -> Discount | None:
    """The same for a subscription to these `products`, by id, that is yet to begin."""
    theirs = _in_currency(currency, customer, now)
    return theirs if theirs is not None and lowers(theirs, products) else None


def gives_way(state: Choosing, products: Collection[str]) -> Discount | None:
    """The customer's discount that would lower one of these `products`, by id, and does not beside a code."""
    theirs = state.theirs if not state.subscription.discounts else None
    return theirs if theirs is not None and lowers(theirs, products) else None


def _in_currency(currency: str, customer: Customer, now: int) -> Discount | None:
    theirs = customer.discount
    if theirs is None or not _runs(theirs, now):
        return None
    coupon = theirs.source.coupon
    return theirs if not isinstance(coupon, Coupon) or coupon.currency in (None, currency) else None


def lowers(discount: Discount, products: Collection[str]) -> bool:
    """Whether it is for any of these products (ids). One whose coupon was not read is taken to be."""
    coupon = discount.source.coupon
    only = coupon.applies_to.products if isinstance(coupon, Coupon) and coupon.applies_to is not None else ()
    return not only or not set(only).isdisjoint(products)


def inherited_by(subscription: Subscription, customer: Customer, now: int) -> Discount | None:
    """The customer's discount where it lowers this subscription: one of its own comes before it (Stripe docs, "Coupons")."""
    own = (found for found in subscription.discounts or () if not isinstance(found, Discount) or _runs(found, now))
    return of_the_customer(subscription, customer, now) if next(own, None) is None else None


async def inherited(account: CustomerAccount, subscription: Subscription, *, alone: bool = False) -> Discount | None:
    """The same, read where it must be: no call for a subscription that was read with a customer who has none. `alone`: whatever
    the subscription has of its own, and for whichever of the products it may yet be changed to.
    """
    if isinstance(subscription.customer, Customer) and subscription.customer.discount is None:
        return None
    customer = await account.customer()
    if alone:
        return _in_currency(subscription.currency, customer, account.now)
    return inherited_by(subscription, customer, account.now)


def ends_after(coupon: Coupon, since: int) -> int | None:
    """When a discount that begins at `since` has had all months of this coupon, unix seconds; None for one bill, or for good."""
    return months_after(since, coupon.duration_in_months) if coupon.duration_in_months else None


def is_for_one_bill(discount: Discount) -> bool:
    """Whether the next bill uses it up."""
    coupon = discount.source.coupon
    return isinstance(coupon, Coupon) and coupon.duration == "once"


async def named_by(account: CustomerAccount, found: Iterable[Subscription]) -> Named:
    """The coupons and codes that the discounts of single items only name. No call where no item has a discount of its own.

    What cannot be read is left out: a discount without its words is no reason to show nothing.
    """
    discounts = [
        discount
        for subscription in found
        for item in subscription.items.data
        for discount in item.discounts or ()
        if isinstance(discount, Discount)
    ]
    wanted_coupons = {d.source.coupon for d in discounts if isinstance(d.source.coupon, str)}
    wanted_codes = {d.promotion_code for d in discounts if isinstance(d.promotion_code, str)}
    answers = await asyncio.gather(
        *(coupons.retrieve(account.stripe, id) for id in wanted_coupons),
        *(promotion_codes.retrieve(account.stripe, id) for id in wanted_codes),
        return_exceptions=True,
    )
    known: dict[str, Coupon | PromotionCode] = {}
    for answer in answers:
        if isinstance(answer, Coupon | PromotionCode):
            known[answer.id] = answer
        elif isinstance(answer, BaseException) and not isinstance(answer, PortalError):
            raise answer
    return known


def coupons_on(subscription: Subscription) -> set[str | None]:
    """The ids of the coupons on a subscription that was read with its discounts."""
    return {id_of(found.source.coupon) for found in subscription.discounts or () if isinstance(found, Discount)}


def kept(discounts: Sequence[str | Discount] | None, *, without: str | None = None) -> list[dict[str, str]]:
    """What is on it, as it is sent so that it stays: a list of discounts that is sent replaces the one that was."""
    ids = [str(id_of(found)) for found in discounts or ()]
    return [{"discount": id} for id in ids if id != without]


async def of_customer(account: CustomerAccount, discount_id: str) -> tuple[Subscription, InForce]:
    """A discount of this customer with the subscription that it is on. Raises `NotFound`."""
    checked(discount_id, "di")
    found = await account.live_subscriptions()
    named = await named_by(account, found)
    for subscription in found:
        for one in in_force(subscription, named, account.now):
            if one.discount.id == discount_id:
                return subscription, one
    raise NotFound("no discount in force")


async def without(account: CustomerAccount, subscription: Subscription, discount_id: str) -> NextBill:
    """The next bill with and without a discount, by Stripe's previews."""
    params = _without(subscription, discount_id) or {}
    if "items" in params:
        params = {"subscription_details": params}
    elif not params.get("discounts"):
        # A subscription without any has the customer's; a preview that is told of none has not.
        theirs = await inherited(account, subscription, alone=True)
        params = {"discounts": [{"discount": theirs.id}] if theirs is not None else ""}
    return await previewed(account, subscription, **params)


async def previewed(account: CustomerAccount, subscription: Subscription, **params: Any) -> NextBill:
    """The next bill as it stands and as it would be with `params`.

    Raises `StripeMisconfigured` where Stripe previews the one and refuses the other. None for both where it previews neither:
    that keeps nobody from what they want.
    """
    if not has_next_charge(subscription):
        return NextBill(None, None)
    before, after = await asyncio.gather(
        account.next_invoice(subscription),
        invoices.preview(account.stripe, account.customer_id, subscription=subscription.id, **params),
        return_exceptions=True,
    )
    for failure in (before, after):
        if isinstance(failure, BaseException) and not isinstance(failure, PortalError):
            raise failure
    if isinstance(before, BaseException):
        return NextBill(None, None)
    if isinstance(after, StripeMisconfigured):
        raise after
    return NextBill(before, None if isinstance(after, BaseException) else after)


async def take_off(account: CustomerAccount, subscription_id: str, discount_id: str, deed: Deed) -> None:
    """Take a discount off for good. The same click again finds it gone and is content. Raises `NotFound`."""
    params = _without(await account.subscription(subscription_id), discount_id)
    if params is None:
        return

    async def is_off() -> bool:
        return _without(await account.subscription(subscription_id), discount_id) is None

    await settled(
        lambda: subscriptions.update(account.stripe, subscription_id, key=deed.key("discounts"), **params),
        is_off,
        again=deed.again,
    )
    account.forget()


def _without(subscription: Subscription, discount_id: str) -> dict[str, Any] | None:
    """What to write so that a discount is gone and the others stay; None when it is not there. An empty list is sent as ""."""
    if discount_id in {id_of(found) for found in subscription.discounts or ()}:
        return {"discounts": kept(subscription.discounts, without=discount_id) or ""}
    for item in subscription.items.data:
        if discount_id in {id_of(found) for found in item.discounts or ()}:
            others = kept(item.discounts, without=discount_id) or ""
            # What is paid for already stays as it was billed.
            return {"items": [{"id": item.id, "discounts": others}], "proration_behavior": "none"}
    return None


def _runs(discount: Discount, now: int) -> bool:
    return discount.end is None or discount.end > now


def _coupon(discount: Discount, named: Named) -> Coupon | None:
    coupon = discount.source.coupon
    found = named.get(coupon) if isinstance(coupon, str) else coupon
    return found if isinstance(found, Coupon) and (found.percent_off or found.amount_off) else None


def _code(discount: Discount, named: Named) -> str:
    code = discount.promotion_code
    found = named.get(code) if isinstance(code, str) else code
    return found.code if isinstance(found, PromotionCode) else ""
