"""Calls about one customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal_embed.billing.stripe.objects import Customer, Listing

if TYPE_CHECKING:
    from portal_embed.billing.stripe.client import StripeClient


_WITH = ["discount.source.coupon", "discount.promotion_code"]
"""What is read along with a customer: the words of a discount on all that they pay for."""


async def retrieve(stripe: StripeClient, customer: str) -> Customer:
    """The customer; `deleted` is true for one that the host deleted.

    `customer`: "cus_…", or the "acct_…" of an Account that is one: `/v1/customers` takes both and answers "cus_…" (Stripe's
    guide "Represent customers using Account objects").
    """
    return await stripe.get(Customer, f"/v1/customers/{customer}", expand=_WITH)


async def by_email(stripe: StripeClient, email: str) -> tuple[Customer, ...]:
    """The customers with this address, newest first. Stripe's filter tells upper case from lower; deleted ones are not there."""
    found = await stripe.get(Listing[Customer], "/v1/customers", email=email, limit=100)
    return found.data


async def set_default_method(stripe: StripeClient, customer: str, payment_method: str, *, key: str) -> Customer:
    """From now on invoices are paid with this method, unless a subscription has one of its own."""
    settings = {"default_payment_method": payment_method}
    return await stripe.post(Customer, f"/v1/customers/{customer}", key=key, invoice_settings=settings)


async def update(stripe: StripeClient, customer: str, *, key: str, **params: Any) -> Customer:
    """Change details; the answer is what Stripe now says. "" empties one; `address`, `shipping` and a list of custom fields
    take the place of what was there. Raises `DetailRefused`.
    """
    return await stripe.post(Customer, f"/v1/customers/{customer}", key=key, **params)
