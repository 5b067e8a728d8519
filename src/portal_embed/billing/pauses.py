"""A pause for who is about to leave: nothing is charged until it ends by itself.

Flexible billing mode has a real pause, planned with its end as a subscription schedule; classic mode has only invoices that are
not collected (Stripe docs, "Pause subscriptions" and "Pause payment collection").
"""

from __future__ import annotations

import calendar
import datetime as dt
from typing import TYPE_CHECKING

from portal_embed.billing.deeds import settled
from portal_embed.billing.stripe import subscriptions
from portal_embed.billing.subscriptions import billed_ahead_until, charges_automatically, ends_at
from portal_embed.errors import NotAllowed

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import Subscription

LONGEST = 36
"""Months, as Stripe's own portal has it: three years."""


def paused_until(subscription: Subscription, months: int, now: int) -> int | None:
    """When a pause that begins `now` would end (unix seconds), None for a subscription that cannot be paused as it stands."""
    is_plain = (
        subscription.status == "active"
        and charges_automatically(subscription)
        and ends_at(subscription) is None
        and subscription.schedule is None
        and billed_ahead_until(subscription) is None
        and subscription.pending_update is None
        and subscription.pause_collection is None
        and not (subscription.managed_payments is not None and subscription.managed_payments.enabled)
    )
    return _months_later(now, months) if is_plain and 1 <= months <= LONGEST else None


async def pause(account: CustomerAccount, subscription_id: str, months: int, deed: Deed) -> None:
    """Pause it from now on. The same click again finds it paused and is content. Raises `NotFound`, `NotAllowed`."""

    async def is_paused() -> bool:
        found = await account.subscription(subscription_id)
        return found.status == "paused" or found.pause_collection is not None

    if await is_paused():
        return
    subscription = await account.subscription(subscription_id)
    until = paused_until(subscription, months, account.now)
    if until is None:
        raise NotAllowed("offer_gone")
    key = deed.key("pause")
    if subscription.billing_mode.type == "classic":
        collection = {"behavior": "void", "resumes_at": until}
        await settled(
            lambda: subscriptions.update(account.stripe, subscription_id, key=key, pause_collection=collection),
            is_paused,
            again=deed.again,
        )
    else:
        await settled(
            lambda: subscriptions.pause(account.stripe, subscription_id, months=months, key=key),
            is_paused,
            again=deed.again,
        )
    account.forget()


def _months_later(now: int, months: int) -> int:
    """The same day and second, or the month's last day where there is no such day."""
    then = dt.datetime.fromtimestamp(now, dt.UTC)
    year, month = divmod(then.month - 1 + months, 12)
    day = min(then.day, calendar.monthrange(then.year + year, month + 1)[1])
    return int(then.replace(year=then.year + year, month=month + 1, day=day).timestamp())
