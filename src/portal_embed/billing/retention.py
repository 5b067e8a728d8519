"""A coupon offered to who is about to leave: when it may be offered, what it comes to, and taking it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.deeds import settled
from portal_embed.billing.discounts import coupons_on, inherited, kept
from portal_embed.billing.stripe import coupons, invoices, subscriptions
from portal_embed.billing.subscriptions import (
    billed_ahead_until,
    ends_at,
    has_mixed_intervals,
    has_next_charge,
    is_live,
    product_ids,
)
from portal_embed.errors import NotAllowed, NotFound, PortalError

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import Coupon, Invoice, Subscription


@dataclass(frozen=True)
class RetentionOffer:
    """A coupon that may be taken, and the next bill without and with it, None where Stripe could not tell."""

    coupon: Coupon
    before: Invoice | None
    after: Invoice | None


def may_offer(coupon: Coupon, subscription: Subscription) -> bool:
    """Whether this coupon makes sense for this subscription: valid, in its currency, for one of its products, not on it yet.

    Not for items of different intervals: Stripe's portal has no retention coupon for those either.
    """
    return (
        coupon.valid
        and is_live(subscription)
        and ends_at(subscription) is None
        and bool(subscription.items.data)
        and not has_mixed_intervals(subscription)
        and billed_ahead_until(subscription) is None
        and (coupon.amount_off is None or coupon.currency == subscription.currency)
        and (coupon.applies_to is None or not product_ids((subscription,)).isdisjoint(coupon.applies_to.products))
        and coupon.id not in coupons_on(subscription)
    )


async def offer(account: CustomerAccount, subscription_id: str, coupon_id: str) -> RetentionOffer | None:
    """The offer with its sums; None where there is none to make. Nothing that fails here may keep anybody from leaving."""
    try:
        coupon, subscription = await _read(account, subscription_id, coupon_id)
        if not may_offer(coupon, subscription):
            return None
        theirs = await inherited(account, subscription)
        if not has_next_charge(subscription):
            return RetentionOffer(coupon, None, None) if theirs is None else None
        discounts = _with(subscription, coupon)
        before, after = await asyncio.gather(
            account.next_invoice(subscription),
            invoices.preview(account.stripe, account.customer_id, subscription=subscription.id, discounts=discounts),
        )
    except PortalError:
        return None
    if theirs is not None and after.total >= before.total:
        return None  # beside the coupon the customer's own discount does not hold
    return RetentionOffer(coupon, before, after)


async def accept(account: CustomerAccount, subscription_id: str, coupon_id: str, deed: Deed) -> None:
    """Put the coupon on the subscription; nothing is canceled. The same click again finds it there and is content.

    Raises `NotFound`, and `NotAllowed` when it may not be offered (any more).
    """
    coupon, subscription = await _read(account, subscription_id, coupon_id)
    if coupon.id in coupons_on(subscription):
        return
    if not may_offer(coupon, subscription):
        raise NotAllowed("offer_gone")
    await settled(
        lambda: subscriptions.update(
            account.stripe, subscription.id, key=deed.key("discount"), discounts=_with(subscription, coupon)
        ),
        lambda: _has(account, subscription.id, coupon.id),
        again=deed.again,
    )
    account.forget()


async def is_accepted(account: CustomerAccount, subscription_id: str, coupon_id: str) -> bool:
    """Whether the coupon is on the subscription."""
    return await _has(account, subscription_id, coupon_id)


async def _read(account: CustomerAccount, subscription_id: str, coupon_id: str) -> tuple[Coupon, Subscription]:
    return await asyncio.gather(coupons.retrieve(account.stripe, coupon_id), account.subscription(subscription_id))


async def _has(account: CustomerAccount, subscription_id: str, coupon_id: str) -> bool:
    try:
        return coupon_id in coupons_on(await account.subscription(subscription_id))
    except NotFound:
        return False


def _with(subscription: Subscription, coupon: Coupon) -> list[dict[str, str]]:
    return [*kept(subscription.discounts), {"coupon": coupon.id}]
