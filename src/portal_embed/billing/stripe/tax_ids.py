"""Calls about a customer's tax ids. There is none that changes one: it is deleted and another is created."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import Listing, Reference, TaxId

if TYPE_CHECKING:
    from portal_embed.billing.stripe.client import StripeClient

MOST = 100


async def of_customer(stripe: StripeClient, customer: str) -> tuple[TaxId, ...]:
    """All of a customer's tax ids, newest first; at most a hundred."""
    return (await stripe.get(Listing[TaxId], f"/v1/customers/{customer}/tax_ids", limit=MOST)).data


async def retrieve(stripe: StripeClient, customer: str, tax_id: str) -> TaxId:
    """One tax id, looked up under its customer: anybody else's is not found by Stripe itself."""
    return await stripe.get(TaxId, f"/v1/customers/{customer}/tax_ids/{tax_id}")


async def create(stripe: StripeClient, customer: str, *, type: str, value: str, key: str) -> TaxId:
    """Keep one. Some types are then looked up in a register, which takes a while. Raises `DetailRefused`."""
    return await stripe.post(TaxId, f"/v1/customers/{customer}/tax_ids", key=key, type=type, value=value)


async def delete(stripe: StripeClient, customer: str, tax_id: str) -> Reference:
    """Remove one. Invoices that are finished keep it."""
    return await stripe.delete(Reference, f"/v1/customers/{customer}/tax_ids/{tax_id}")
