"""Calls about promotion codes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import Listing, PromotionCode

if TYPE_CHECKING:
    from portal_embed.billing.stripe.client import StripeClient

MOST = 100
_WITH = (
    "promotion.coupon.applies_to",
    "promotion.coupon.currency_options",
    "restrictions.currency_options",
)
"""Both of a coupon's need an expand of their own; four levels in a list, Stripe's most."""


async def for_customer(stripe: StripeClient, customer: str, code: str) -> PromotionCode | None:
    """The active code with these letters that this customer may use: one of their own, or everybody's. None where there is none.

    Stripe lets several customers each have a code of their own with the same letters, so theirs is asked for by name. Both calls
    are always made: how long the answer takes says nothing about whether somebody else has such a code.
    """
    own, any_ = await asyncio.gather(
        *(
            stripe.get(
                Listing[PromotionCode],
                "/v1/promotion_codes",
                code=code,
                active=True,
                expand=[f"data.{field}" for field in _WITH],
                **more,
            )
            for more in ({"customer": customer, "limit": 1}, {"limit": MOST})
        )
    )
    return next((found for found in (*own.data, *any_.data) if found.customer in (None, customer)), None)


async def retrieve(stripe: StripeClient, promotion_code: str) -> PromotionCode:
    """One by its id, whoever it is for."""
    return await stripe.get(PromotionCode, f"/v1/promotion_codes/{promotion_code}", expand=list(_WITH))
