"""Calls about one customer."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from portal_embed.billing.stripe import coupons, promotion_codes
from portal_embed.billing.stripe.objects import Customer, Listing
from portal_embed.errors import PortalError

if TYPE_CHECKING:
    from portal_embed.billing.stripe.client import StripeClient
    from portal_embed.billing.stripe.objects import Discount


async def retrieve(stripe: StripeClient, customer: str) -> Customer:
    """The customer; `deleted` is true for one that the host deleted.

    `customer`: "cus_…", or the "acct_…" of an Account that is one: `/v1/customers` takes both and answers "cus_…" (Stripe's
    guide "Represent customers using Account objects").
    """
    found = await stripe.get(Customer, f"/v1/customers/{customer}")
    return found if found.discount is None else replace(found, discount=await _worded(stripe, found.discount))


async def _worded(stripe: StripeClient, discount: Discount) -> Discount:
    """The discount with its coupon and code, which it only names. Few customers have one, and of a deleted one nothing could be
    expanded. What cannot be read stays a name: a discount without its words is no reason to show nothing.
    """
    coupon, code = discount.source.coupon, discount.promotion_code
    if isinstance(coupon, str):
        with suppress(PortalError):
            coupon = await coupons.retrieve(stripe, coupon)
    if isinstance(code, str):
        with suppress(PortalError):
            code = await promotion_codes.retrieve(stripe, code)
    return replace(discount, source=replace(discount.source, coupon=coupon), promotion_code=code)


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
