"""Calls about saved payment methods and saving new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import Listing, PaymentMethod, SetupIntent

if TYPE_CHECKING:
    from portal_embed.billing.stripe.client import StripeClient

MOST = 100


async def of_customer(stripe: StripeClient, customer: str) -> tuple[PaymentMethod, ...]:
    """All saved methods of all types, newest first; at most a hundred."""
    found = await stripe.get(Listing[PaymentMethod], f"/v1/customers/{customer}/payment_methods", limit=MOST)
    return found.data


async def retrieve(stripe: StripeClient, customer: str, payment_method: str) -> PaymentMethod:
    """One saved method, looked up under its customer: anybody else's is not found by Stripe itself."""
    return await stripe.get(PaymentMethod, f"/v1/customers/{customer}/payment_methods/{payment_method}")


async def show_again(stripe: StripeClient, payment_method: str, *, key: str) -> PaymentMethod:
    """Allow a method that the customer chose to save to be offered again by any page of the merchant's."""
    return await stripe.post(PaymentMethod, f"/v1/payment_methods/{payment_method}", key=key, allow_redisplay="always")


async def detach(stripe: StripeClient, payment_method: str, *, key: str) -> PaymentMethod:
    """Remove it from its customer; it can never be used again."""
    return await stripe.post(PaymentMethod, f"/v1/payment_methods/{payment_method}/detach", key=key)


async def start_setup(
    stripe: StripeClient,
    customer: str,
    *,
    key: str,
    metadata: dict[str, str],
    configuration: str | None,
    on_behalf_of: str | None,
) -> SetupIntent:
    """Begin saving a method of any type that the merchant allows: in the payment method configuration, else the default one."""
    named = {"payment_method_configuration": configuration, "on_behalf_of": on_behalf_of}
    return await stripe.post(
        SetupIntent,
        "/v1/setup_intents",
        key=key,
        customer=customer,
        usage="off_session",
        automatic_payment_methods={"enabled": True},
        metadata=metadata,
        **{name: value for name, value in named.items() if value is not None},
    )


async def setup(stripe: StripeClient, setup_intent: str) -> SetupIntent:
    """How saving a method stands."""
    return await stripe.get(SetupIntent, f"/v1/setup_intents/{setup_intent}")
