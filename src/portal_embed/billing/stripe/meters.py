"""Calls about what was used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import Listing, MeterSummary

if TYPE_CHECKING:
    from portal_embed.billing.stripe.client import StripeClient

MOST = 100


async def summaries(
    stripe: StripeClient, meter: str, customer: str, *, start: int, end: int, by_day: bool = False
) -> tuple[MeterSummary, ...]:
    """What a customer's use of a meter adds up to, in one sum or day by day, newest first, at most a hundred days.

    `start` and `end`: unix seconds, at full minutes; with `by_day` at midnight UTC, since Stripe knows no other day.
    """
    window = {"value_grouping_window": "day"} if by_day else {}
    found = await stripe.get(
        Listing[MeterSummary],
        f"/v1/billing/meters/{meter}/event_summaries",
        customer=customer,
        start_time=start,
        end_time=end,
        limit=MOST,
        **window,
    )
    return found.data
