"""Calls about subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal_embed.billing.stripe.objects import Listing, Reference, Schedule, Subscription

if TYPE_CHECKING:
    from portal_embed.billing.stripe.client import StripeClient

MOST = 100
_WITH = ("schedule", "discounts.source.coupon", "discounts.promotion_code", "items.data.discounts")
"""What is read along with a subscription: what is planned for it, and its discounts (four levels in a list, Stripe's most, so
those of its items name their coupons only).
"""


async def of_customer(stripe: StripeClient, customer: str) -> tuple[Subscription, ...]:
    """All subscriptions of a customer, newest first, ended ones too; at most a hundred."""
    page = await stripe.get(
        Listing[Subscription],
        "/v1/subscriptions",
        customer=customer,
        status="all",
        limit=MOST,
        expand=[f"data.{field}" for field in _WITH],
    )
    return page.data


async def retrieve(stripe: StripeClient, subscription: str, *, with_method: bool = False) -> Subscription:
    """One subscription. `with_method`: its customer is read along, and the methods that either charges by default."""
    more = ("default_payment_method", "customer.invoice_settings.default_payment_method") if with_method else ()
    return await stripe.get(Subscription, f"/v1/subscriptions/{subscription}", expand=[*_WITH, *more])


async def create(stripe: StripeClient, customer: str, *, key: str, **params: Any) -> Subscription:
    """Start one. The answer is what Stripe now says."""
    return await stripe.post(Subscription, "/v1/subscriptions", key=key, customer=customer, **params)


async def update(stripe: StripeClient, subscription: str, *, key: str, **params: Any) -> Subscription:
    """Change it; the answer is what Stripe now says."""
    return await stripe.post(Subscription, f"/v1/subscriptions/{subscription}", key=key, **params)


async def cancel_now(stripe: StripeClient, subscription: str, **params: Any) -> Subscription:
    """End it at once, for good. Stripe takes no idempotency key here: re-read before and after."""
    return await stripe.delete(Subscription, f"/v1/subscriptions/{subscription}", **params)


async def resume(stripe: StripeClient, subscription: str, *, key: str, charges: bool = False) -> Subscription:
    """Go on with a paused one, in a period that begins now. Its invoice has to be paid before it is active.

    `charges`: Stripe charges the method in force in this call, and the subscription stays paused should that fail; only in
    flexible billing mode and where there is a method. Otherwise the invoice is left to be paid.
    """
    behavior = {"payment_behavior": "resume_on_payment_success"} if charges else {}
    path = f"/v1/subscriptions/{subscription}/resume"
    return await stripe.post(Subscription, path, key=key, billing_cycle_anchor={"type": "now"}, **behavior)


async def pause(stripe: StripeClient, subscription: str, *, key: str) -> Subscription:
    """Pause it now, until it is resumed, in flexible billing mode.

    What is left of the paid period is credited, and use billed, on the next invoice, which are Stripe's defaults.
    """
    return await stripe.post(Subscription, f"/v1/subscriptions/{subscription}/pause", key=key)


async def pause_for(
    stripe: StripeClient, subscription: str, *, interval: str, interval_count: int, metadata: dict[str, str], key: str
) -> Reference:
    """Pause it now for so long: a schedule that ends the pause by itself. Its defaults are those of `pause`."""
    duration = {"interval": interval, "interval_count": interval_count}
    planned = {
        "pause": {"pause_at": {"type": "now"}},
        "resume": {"resume_at": {"type": "duration", "duration": duration}},
    }
    return await stripe.post(
        Reference,
        "/v1/subscription_schedules",
        key=key,
        from_subscription=subscription,
        pause_schedules=[planned],
        metadata=metadata,
    )


async def schedule(stripe: StripeClient, subscription: str, *, key: str, metadata: dict[str, str]) -> Schedule:
    """A schedule for a running subscription: its first phase is the period that runs, as it is."""
    return await stripe.post(
        Schedule, "/v1/subscription_schedules", key=key, from_subscription=subscription, metadata=metadata
    )


async def plan_phases(stripe: StripeClient, schedule: str, phases: list[dict[str, Any]], *, key: str) -> Schedule:
    """Say how it goes on; after the last phase the subscription goes on by itself."""
    return await stripe.post(
        Schedule, f"/v1/subscription_schedules/{schedule}", key=key, end_behavior="release", phases=phases
    )


async def release_schedule(stripe: StripeClient, schedule: str, *, key: str) -> Reference:
    """Let the subscription go on without its schedule; nothing that the schedule planned happens."""
    return await stripe.post(Reference, f"/v1/subscription_schedules/{schedule}/release", key=key)
