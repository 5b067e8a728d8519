"""Calls about invoices, their payments, refunds and credit notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal_embed.billing.stripe.objects import CreditNote, Invoice, InvoicePayment, Listing, Refund

if TYPE_CHECKING:
    from portal_embed.billing.stripe.client import StripeClient

MOST = 100


async def page(stripe: StripeClient, customer: str, *, limit: int, **cursor: str) -> Listing[Invoice]:
    """One page of a customer's invoices, newest first, drafts included. `cursor`: `starting_after` or `ending_before`, and
    `subscription` for those of one only.
    """
    return await stripe.get(Listing[Invoice], "/v1/invoices", customer=customer, limit=limit, **cursor)


async def open_ones(stripe: StripeClient, customer: str) -> tuple[Invoice, ...]:
    """Invoices that wait for payment, newest first; at most a hundred."""
    found = await stripe.get(Listing[Invoice], "/v1/invoices", customer=customer, status="open", limit=MOST)
    return found.data


async def retrieve(stripe: StripeClient, invoice: str, *, expand: tuple[str, ...] = ()) -> Invoice:
    """One invoice. `expand`: such as "confirmation_secret" or "discounts"."""
    return await stripe.get(Invoice, f"/v1/invoices/{invoice}", **({"expand": list(expand)} if expand else {}))


async def payments(stripe: StripeClient, invoice: str) -> tuple[InvoicePayment, ...]:
    """What was paid, and tried, towards an invoice, with each PaymentIntent and its latest charge (four levels, Stripe's most)."""
    found = await stripe.get(
        Listing[InvoicePayment],
        "/v1/invoice_payments",
        invoice=invoice,
        limit=MOST,
        expand=["data.payment.payment_intent.latest_charge"],
    )
    return found.data


async def refunds(stripe: StripeClient, payment_intent: str) -> tuple[Refund, ...]:
    """What was given back of one payment, newest first."""
    found = await stripe.get(Listing[Refund], "/v1/refunds", payment_intent=payment_intent, limit=MOST)
    return found.data


async def credit_notes(stripe: StripeClient, invoice: str) -> tuple[CreditNote, ...]:
    """Corrections of an invoice, newest first."""
    found = await stripe.get(Listing[CreditNote], "/v1/credit_notes", invoice=invoice, limit=MOST)
    return found.data


async def credit_note(stripe: StripeClient, credit_note: str) -> CreditNote:
    """One credit note."""
    return await stripe.get(CreditNote, f"/v1/credit_notes/{credit_note}")


async def pay(stripe: StripeClient, invoice: str, payment_method: str, *, key: str) -> Invoice:
    """Charge an open invoice to a saved method, with the customer present (so that 3-D Secure can be asked).

    Raises `Declined`, or `AuthenticationRequired` when the bank wants to ask the customer.
    """
    return await stripe.post(
        Invoice, f"/v1/invoices/{invoice}/pay", key=key, payment_method=payment_method, off_session=False
    )


async def void(stripe: StripeClient, invoice: str, *, key: str) -> Invoice:
    """Drop an open invoice for good; with the invoice of a pending update goes the update."""
    return await stripe.post(Invoice, f"/v1/invoices/{invoice}/void", key=key)


async def preview(stripe: StripeClient, customer: str, **params: Any) -> Invoice:
    """The invoice that a change, or the next period, would make. Changes nothing."""
    return await stripe.post(Invoice, "/v1/invoices/create_preview", key=None, customer=customer, **params)
