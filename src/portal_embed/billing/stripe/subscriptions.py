"""Calls about subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal_embed.billing.stripe.objects import Listing, Reference, Subscription

if TYPE_CHECKING:
    from portal_embed.billing.stripe.client import StripeClient

MOST = 100
_WITH = ("schedule", "discounts.source.coupon", "discounts.promotion_code")
"""What is read along with a subscription: what is planned for it, and its discounts (four levels in a list, Stripe's most)."""


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


async def retrieve(stripe: StripeClient, subscription: str) -> Subscription:
    """One subscription."""
    return await stripe.get(Subscription, f"/v1/subscriptions/{subscription}", expand=list(_WITH))


async def create(stripe: StripeClient, customer: str, *, key: str, **params: Any) -> Subscription:
    """Start one. The answer is what Stripe now says."""
    return await stripe.post(Subscription, "/v1/subscriptions", key=key, customer=customer, **params)


async def update(stripe: StripeClient, subscription: str, *, key: str, **params: Any) -> Subscription:
    """Change it; the answer is what Stripe now says."""
    return await stripe.post(Subscription, f"/v1/subscriptions/{subscription}", key=key, **params)


async def cancel_now(stripe: StripeClient, subscription: str, **params: Any) -> Subscription:
    """End it at once, for good. Stripe takes no idempotency key here: re-read before and after."""
    return await stripe.delete(Subscription, f"/v1/subscriptions/{subscription}", **params)


async def resume(stripe: StripeClient, subscription: str, *, key: str) -> Subscription:
    """Go on with a paused one, in a period that begins now. Its invoice has to be paid before it is active."""
    return await stripe.post(
        Subscription, f"/v1/subscriptions/{subscription}/resume", key=key, billing_cycle_anchor={"type": "now"}
    )


async def pause(stripe: StripeClient, subscription: str, *, months: int, key: str) -> Reference:
    """Pause it now for so many months, in flexible billing mode: a schedule that ends the pause by itself.

    What is left of the paid period is credited on the next invoice, which are Stripe's defaults.
    """
    planned = {
        "pause": {"pause_at": {"type": "now"}},
        "resume": {"resume_at": {"type": "duration", "duration": {"interval": "month", "interval_count": months}}},
    }
    return await stripe.post(
        Reference,
        "/v1/subscription_schedules",
        key=key,
        from_subscription=subscription,
        pause_schedules=[planned],
    )


async def release_schedule(stripe: StripeClient, schedule: str, *, key: str) -> Reference:
    """Let the subscription go on without its schedule; nothing that the schedule planned happens."""
    return await stripe.post(Reference, f"/v1/subscription_schedules/{schedule}/release", key=key)
