"""Paying an open invoice, once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.invoices import intents, is_payable
from portal_embed.billing.stripe import invoices
from portal_embed.errors import AuthenticationRequired, Conflict, Declined, NotAllowed, StripeMisconfigured

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import Invoice


@dataclass(frozen=True)
class Paid:
    """The invoice is settled, or its payment is on the way (bank debits)."""

    invoice: Invoice


@dataclass(frozen=True)
class BankAsks:
    """The bank wants to confirm (3-D Secure): nothing is charged until the customer has done so."""

    invoice: Invoice


async def pay(
    account: CustomerAccount, invoice_id: str, method_id: str, deed: Deed, *, shown_amount: int
) -> Paid | BankAsks:
    """Charge an open invoice to a saved method.

    `shown_amount`: what the customer saw on the button, minor units; if Stripe now says another sum, `Conflict` and
    nothing is charged. The same click again, or one beside another way of paying, finds the invoice paid or its payment
    on the way and is content. Raises `NotFound`, `NotAllowed`, `Declined`.
    """
    invoice = await account.invoice(invoice_id)
    if invoice.status == "paid":
        return Paid(invoice)
    if not is_payable(invoice):
        raise NotAllowed("not_payable")
    method, on_its_way = await asyncio.gather(account.payment_method(method_id), is_on_its_way(account, invoice_id))
    if on_its_way:
        return Paid(invoice)
    if invoice.amount_remaining != shown_amount:
        raise Conflict("the amount changed since it was shown")
    try:
        await settled(
            lambda: invoices.pay(account.stripe, invoice_id, method.id, key=deed.key("pay")),
            lambda: _is_paid(account, invoice_id),
        )
    except AuthenticationRequired:
        return BankAsks(await to_authenticate(account, invoice_id))
    except StripeMisconfigured:
        # Refused as it stands: what else paid it a moment ago (the automatic retry, another tab) is no failure.
        if not await _is_paid(account, invoice_id):
            if not is_payable(await account.invoice(invoice_id)):  # it was voided meanwhile, as in another tab
                raise NotAllowed("not_payable") from None
            raise
    if deed.again and not await _is_paid(account, invoice_id):
        # Stripe repeats its old answer to the same click; what that had under way has failed since, as a bank debit may for days.
        raise Declined("generic")
    account.forget()
    with underway():
        return Paid(await account.invoice(invoice_id))


async def to_authenticate(account: CustomerAccount, invoice_id: str) -> Invoice:
    """The invoice with its `confirmation_secret`, for the page that shows the bank's dialog. Raises `NotFound`, `NotAllowed`."""
    invoice = await account.invoice(invoice_id, expand=("confirmation_secret",))
    if not is_payable(invoice) or invoice.confirmation_secret is None:
        raise NotAllowed("not_payable")
    return invoice


async def intent_status(account: CustomerAccount, invoice_id: str) -> str:
    """How the newest payment of an invoice stands: a PaymentIntent's status, "" when there is none.

    "requires_action": the bank asks; "requires_payment_method": it said no, or the customer gave up.
    """
    found = intents(await invoices.payments(account.stripe, invoice_id))
    return found[0].status if found else ""


async def is_on_its_way(account: CustomerAccount, invoice_id: str) -> bool:
    """Whether a payment of the invoice is being collected (bank debits take days): it must not be paid a second time."""
    return await intent_status(account, invoice_id) == "processing"


async def _is_paid(account: CustomerAccount, invoice_id: str) -> bool:
    """Paid, or on its way."""
    if (await account.invoice(invoice_id)).status == "paid":
        return True
    return await is_on_its_way(account, invoice_id)
