"""Calls about Checkout, Stripe's own page to buy on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal_embed.billing.stripe.objects import CheckoutSession, Listing

if TYPE_CHECKING:
    from portal_embed.billing.stripe.client import StripeClient

MOST = 100
_PATH = "/v1/checkout/sessions"


async def create(stripe: StripeClient, customer: str, *, key: str, **params: Any) -> CheckoutSession:
    """Begin a visit of this customer to Stripe's page, for a subscription."""
    return await stripe.post(
        CheckoutSession, _PATH, key=key, customer=customer, mode="subscription", ui_mode="hosted_page", **params
    )


async def retrieve(stripe: StripeClient, session: str) -> CheckoutSession:
    """How a visit stands."""
    return await stripe.get(CheckoutSession, f"{_PATH}/{session}")


async def open_ones(stripe: StripeClient, customer: str) -> tuple[CheckoutSession, ...]:
    """The visits of a customer that can still be completed, newest first; at most a hundred."""
    found = await stripe.get(Listing[CheckoutSession], _PATH, customer=customer, status="open", limit=MOST)
    return found.data


async def expire(stripe: StripeClient, session: str, *, key: str) -> CheckoutSession:
    """Nothing more can be bought by it. Stripe refuses it for one that is over."""
    return await stripe.post(CheckoutSession, f"{_PATH}/{session}/expire", key=key)
