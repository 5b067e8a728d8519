"""Pausing a subscription: nothing is charged until it goes on, by itself or when the customer says so.

Flexible billing mode has a real pause, planned with its end as a subscription schedule; classic mode has only invoices that are
not collected (Stripe docs, "Pause subscriptions" and "Pause payment collection").
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal_embed.billing.days import months_later
from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.discounts import inherited
from portal_embed.billing.eligibility import Act, refusal, standing
from portal_embed.billing.schedules import MARK, resumes_at
from portal_embed.billing.stripe import invoices, subscriptions
from portal_embed.billing.stripe.objects import Coupon, Discount, id_of
from portal_embed.billing.subscriptions import has_metered, has_mixed_intervals
from portal_embed.errors import Conflict, NotAllowed, NotFound, StripeUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import Invoice, Subscription
    from portal_embed.config import PauseInterval


@dataclass(frozen=True)
class Pause:
    """A pause that runs. `since` and `until`, unix seconds: None where Stripe does not say, or it has no end. `reason`: Stripe's,
    "" for none. `is_collection`: only its invoices are not collected. `unpaid`: the invoice that has to be paid before it
    goes on, of a resumption that was asked for or planned; None for none.
    """

    since: int | None
    until: int | None
    reason: str
    is_collection: bool
    unpaid: str | None


@dataclass(frozen=True)
class PauseQuote:
    """What a pause that begins now comes to, by Stripe's previews. `waiting`: what it leaves for the next bill, None for nothing.
    `recurring`: what each period costs. `then`: the bill when it goes on, minor units, None where that cannot be told today.
    `has_passing_discount`: one is on it that does not stay, and does not wait either.
    """

    subscription: Subscription
    waiting: Invoice | None
    recurring: Invoice
    then: int | None
    has_passing_discount: bool


def pause_of(subscription: Subscription) -> Pause | None:
    """The pause that runs, None where none does."""
    if subscription.status == "paused":
        paused = subscription.status_details.paused if subscription.status_details is not None else None
        reason = paused.subscription.type if paused is not None and paused.subscription is not None else ""
        unpaid = id_of(subscription.latest_invoice) if subscription.pending_update is not None else None
        since = paused.transitioned_at if paused is not None else None
        return Pause(since, None if unpaid else resumes_at(subscription), reason, is_collection=False, unpaid=unpaid)
    collection = subscription.pause_collection
    if collection is None:
        return None
    return Pause(None, collection.resumes_at, "", is_collection=True, unpaid=None)


def ends(length: PauseInterval | None, now: int) -> int | None:
    """When a pause of this length that begins `now` ends (unix seconds, as Stripe counts calendar months), None for never."""
    if length is None:
        return None
    if length.interval in {"day", "week"}:
        return now + length.interval_count * (604_800 if length.interval == "week" else 86_400)
    return months_later(now, length.interval_count * (12 if length.interval == "year" else 1))


def may_pause(subscription: Subscription) -> bool:
    """Whether it can be paused as it stands, whatever the host switched off."""
    return refusal(Act.PAUSE, standing(subscription)) is None


def _is_passing(discounts: Iterable[str | Discount | None]) -> bool:
    """Whether one of them does not stay: it goes on running while the subscription is paused."""
    coupons = (found.source.coupon for found in discounts if isinstance(found, Discount))
    return any(not isinstance(coupon, Coupon) or coupon.duration != "forever" for coupon in coupons)


async def quote(account: CustomerAccount, subscription: Subscription) -> PauseQuote:
    """Ask Stripe what a pause comes to. Changes nothing."""
    waiting, theirs, recurring = await asyncio.gather(
        _waiting(account, subscription),
        inherited(account, subscription),
        invoices.preview(
            account.stripe,
            account.customer_id,
            subscription=subscription.id,
            preview_mode="recurring",
        ),
    )
    is_passing = _is_passing([*(subscription.discounts or ()), theirs])
    # With several intervals a regular bill is not that of all items, which begin anew together.
    is_open = is_passing or has_metered(subscription) or has_mixed_intervals(subscription)
    then = None if is_open else max(0, recurring.total + (waiting.total if waiting is not None else 0))
    return PauseQuote(subscription, waiting, recurring, then, is_passing)


async def pause(account: CustomerAccount, subscription_id: str, length: PauseInterval | None, deed: Deed) -> None:
    """Pause it from now on, for so long or until it is resumed. The same click again finds it paused and is content.

    Raises `NotFound`, and `NotAllowed` with the reason where it cannot be paused.
    """

    async def is_paused() -> bool:
        return pause_of(await account.subscription(subscription_id)) is not None

    subscription = await account.subscription(subscription_id)
    if pause_of(subscription) is not None:
        return
    reason = refusal(Act.PAUSE, standing(subscription))
    if reason is not None:
        raise NotAllowed(reason)
    left_over = id_of(subscription.schedule)
    if left_over is not None and deed.again:
        raise Conflict("the same click as before, whose pause is over")
    if left_over is not None:  # of a pause that is over: Stripe takes one schedule at a time
        await subscriptions.release_schedule(account.stripe, left_over, key=deed.key("release"))
    await settled(lambda: _write(account, subscription, length, deed.key("pause")), is_paused, again=deed.again)
    account.forget()
    with underway():
        if not await is_paused():
            raise StripeUnavailable("the pause does not show yet", outcome_unknown=True)


async def _write(
    account: CustomerAccount, subscription: Subscription, length: PauseInterval | None, key: str
) -> object:
    stripe = account.stripe
    if subscription.billing_mode.type == "classic":
        collection: dict[str, Any] = {"behavior": "void"}
        if length is not None:
            collection["resumes_at"] = ends(length, account.now)
        return await subscriptions.update(stripe, subscription.id, key=key, pause_collection=collection)
    if length is None:
        return await subscriptions.pause(stripe, subscription.id, key=key)
    return await subscriptions.pause_for(
        stripe,
        subscription.id,
        interval=length.interval,
        interval_count=length.interval_count,
        metadata={MARK: "pause"},
        key=key,
    )


async def _waiting(account: CustomerAccount, subscription: Subscription) -> Invoice | None:
    """What a pause credits and bills. Stripe previews it only as an invoice of its own; the sums are the same."""
    if subscription.billing_mode.type == "classic":
        return None
    details = {"pause": {"type": "subscription", "invoicing_behavior": "invoice"}}
    try:
        return await invoices.preview(
            account.stripe, account.customer_id, subscription=subscription.id, subscription_details=details
        )
    except NotFound:
        return None  # it credits nothing and bills nothing
