"""What was used in the running period of a metered item."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.stripe import meters
from portal_embed.billing.subscriptions import is_metered
from portal_embed.errors import PortalError

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.stripe.objects import MeterSummary, SubscriptionItem

logger = logging.getLogger("portal_embed")

MINUTE, DAY = 60, 86_400
DAYS_SHOWN = 31
"""Of a longer period the last days; the sum is always the whole period's."""


@dataclass(frozen=True)
class Usage:
    """What was used since `since` (unix seconds): `total`, and `days`, newest first, those with any use. `total` is None when
    Stripe could not tell.
    """

    since: int
    total: float | None = None
    days: tuple[MeterSummary, ...] = ()


async def of_items(account: CustomerAccount, items: tuple[SubscriptionItem, ...]) -> dict[str, Usage]:
    """The usage of each metered item, by the item's id: two calls an item, all at once."""
    metered = [item for item in items if is_metered(item.price)]
    found = await asyncio.gather(*(_of_item(account, item) for item in metered))
    return {item.id: usage for item, usage in zip(metered, found, strict=True)}


async def _of_item(account: CustomerAccount, item: SubscriptionItem) -> Usage:
    """A page about a subscription does not fail for want of a number on it."""
    meter, since = item.price.recurring.meter if item.price.recurring else None, item.current_period_start
    if meter is None:
        return Usage(since)
    # A customer on one of Stripe's test clocks may have a period that our own clock is not in.
    until = account.now if since <= account.now < item.current_period_end else item.current_period_end
    first, end = since - since % MINUTE, _up(until + 1, MINUTE)
    midnight = max(since - since % DAY, _up(end, DAY) - DAYS_SHOWN * DAY)
    summed, days = await asyncio.gather(
        _read(account, meter, first, end), _read(account, meter, midnight, _up(end, DAY), by_day=True)
    )
    if summed is None:
        return Usage(since)
    total = sum(summary.aggregated_value for summary in summed)
    return Usage(since, total, tuple(day for day in days or () if day.aggregated_value))


async def _read(
    account: CustomerAccount, meter: str, start: int, end: int, *, by_day: bool = False
) -> tuple[MeterSummary, ...] | None:
    try:
        return await meters.summaries(account.stripe, meter, account.customer_id, start=start, end=end, by_day=by_day)
    except PortalError as error:
        logger.warning("the usage of a metered item is not shown: %s: %s", type(error).__name__, error)
        return None


def _up(moment: int, step: int) -> int:
    return -(-moment // step) * step
