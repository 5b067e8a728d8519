"""Calls about coupons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import Coupon

if TYPE_CHECKING:
    from portal_embed.billing.stripe.client import StripeClient


async def retrieve(stripe: StripeClient, coupon: str) -> Coupon:
    """One coupon, with the products it is for."""
    return await stripe.get(Coupon, f"/v1/coupons/{coupon}", expand=["applies_to"])
