"""Buying on Stripe's own page."""

from __future__ import annotations

from msgspec import Struct

from portal_embed.billing.stripe.objects.subscriptions import Subscription


class CheckoutSession(Struct, frozen=True, kw_only=True):
    """One visit to Checkout. `status` "open", "complete" or "expired"; `payment_status` "paid", "unpaid" or
    "no_payment_required"; `url`: its page, None once it is over. `metadata` says whether it was begun here.
    """

    id: str
    customer: str | None = None
    status: str | None = None
    payment_status: str = "unpaid"
    url: str | None = None
    subscription: str | Subscription | None = None
    metadata: dict[str, str] | None = None
