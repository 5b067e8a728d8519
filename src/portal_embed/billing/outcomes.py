"""Payments whose result is not in yet: a bank debit is on its way for days, a card sometimes for a moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from portal_embed.billing.account import checked
from portal_embed.billing.invoices import intents
from portal_embed.billing.payments import is_on_its_way
from portal_embed.billing.stripe import invoices
from portal_embed.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.stripe.objects import Invoice

MOST_ASKED = 3
"""How many open invoices are looked into on one page; who has more that were tried has other troubles."""


async def on_their_way(account: CustomerAccount, among: Iterable[Invoice]) -> frozenset[str]:
    """The ids of those invoices whose payment is being collected. One call for each open one that a payment was tried of."""
    tried = [i.id for i in among if i.status == "open" and i.attempted and i.amount_remaining > 0][:MOST_ASKED]
    found = await asyncio.gather(*(is_on_its_way(account, invoice) for invoice in tried))
    return frozenset(invoice for invoice, waits in zip(tried, found, strict=True) if waits)


async def is_settled(account: CustomerAccount, invoice_id: str) -> bool:
    """Whether the result of an invoice's payment is in, good or bad. One cheap call. Raises `NotFound`."""
    if account.on_behalf_of is not None or account.only_subscription is not None:
        await account.invoice(invoice_id)
    found = intents(await invoices.payments(account.stripe, checked(invoice_id, "in")))
    if not found or any(intent.customer != account.customer_id for intent in found):
        raise NotFound("belongs to another customer, or was never to be paid")
    return found[0].status != "processing"
