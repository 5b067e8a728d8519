"""Facts and rules about invoices. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import Charge

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from portal_embed.billing.stripe.objects import CreditNote, Invoice, InvoicePayment, PaymentIntent, Refund


class InvoiceState(Enum):
    """What an invoice is in the customer's eyes."""

    PAID = "paid"
    OPEN = "open"
    OVERDUE = "overdue"
    FAILED = "failed"
    PROCESSING = "processing"
    REFUNDED = "refunded"
    PARTLY_REFUNDED = "partly_refunded"
    CREDITED = "credited"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"
    OTHER = "other"


@dataclass(frozen=True)
class InvoiceDetail:
    """One invoice with all that happened to it. `refunds` by PaymentIntent id."""

    invoice: Invoice
    payments: tuple[InvoicePayment, ...]
    refunds: dict[str, tuple[Refund, ...]]
    credit_notes: tuple[CreditNote, ...]

    @property
    def refunded(self) -> int:
        """How much was given back, minor units."""
        return sum(charge.amount_refunded for charge in charges(self.payments))


def is_visible(invoice: Invoice) -> bool:
    """Whether a customer may see it. Drafts are the merchant's own; an unknown status is shown as it is."""
    return invoice.status is not None and invoice.status != "draft"


def is_payable(invoice: Invoice) -> bool:
    """Whether there is something to pay here and now."""
    return invoice.status in {"open", "uncollectible"} and invoice.amount_remaining > 0


def state_of(invoice: Invoice, now: int, detail: InvoiceDetail | None = None) -> InvoiceState:
    """The state to show. A refunded invoice does not just say "paid"; refunds without a credit note need `detail`."""
    if invoice.status == "paid":
        return _paid_state(invoice, detail)
    if invoice.status == "open":
        if detail is not None and any(p.status == "processing" for p in intents(detail.payments)):
            return InvoiceState.PROCESSING
        if invoice.due_date is not None and invoice.due_date < now:
            return InvoiceState.OVERDUE
        failed = invoice.attempted and invoice.attempt_count > 0 and invoice.collection_method == "charge_automatically"
        return InvoiceState.FAILED if failed else InvoiceState.OPEN
    if invoice.status == "void":
        return InvoiceState.VOID
    return InvoiceState.UNCOLLECTIBLE if invoice.status == "uncollectible" else InvoiceState.OTHER


def _paid_state(invoice: Invoice, detail: InvoiceDetail | None) -> InvoiceState:
    refunded = detail.refunded if detail is not None else 0
    back = max(refunded, invoice.post_payment_credit_notes_amount)
    if back <= 0 or invoice.total <= 0:
        return InvoiceState.PAID
    if back < invoice.total:
        return InvoiceState.PARTLY_REFUNDED
    return InvoiceState.REFUNDED if refunded or detail is None else InvoiceState.CREDITED


def opens_until(bill: Invoice, prices: Collection[str]) -> int | None:
    """When the first of the periods ends that a bill opens for these prices (ids), unix seconds: then the next one comes. None
    where it opens none. What it credits, or bills of a time before, opens nothing.
    """
    begins = bill.created - 60  # the clocks of preview and lines may differ by a breath
    periods = [line.period for line in bill.lines.data if line.period is not None and line.price in prices]
    return min((one.end for one in periods if one.start >= begins and one.end > bill.created), default=None)


def intents(payments: Sequence[InvoicePayment]) -> tuple[PaymentIntent, ...]:
    """The PaymentIntents of these payments."""
    return tuple(payment.intent for payment in payments if payment.intent is not None)


def charges(payments: Sequence[InvoicePayment]) -> tuple[Charge, ...]:
    """The latest charge of each payment."""
    return tuple(i.latest_charge for i in intents(payments) if isinstance(i.latest_charge, Charge))


def receipt_url(payments: Sequence[InvoicePayment]) -> str | None:
    """Stripe's receipt of the payment that succeeded; None if there is none."""
    found = (c.receipt_url for c in charges(payments) if c.status == "succeeded" and c.receipt_url)
    return next(found, None)
