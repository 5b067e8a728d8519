"""Money taken and given back."""

from __future__ import annotations

from msgspec import Struct

from portal_embed.billing.stripe.objects.invoices import StatusTransitions
from portal_embed.billing.stripe.objects.payment_methods import CardError


class CardDetails(Struct, frozen=True, kw_only=True):
    """The card of a charge."""

    brand: str | None = None
    last4: str | None = None


class ChargeMethod(Struct, frozen=True, kw_only=True):
    """What a charge was paid with."""

    type: str
    card: CardDetails | None = None


class Charge(Struct, frozen=True, kw_only=True):
    """Money taken. `amount_refunded` in minor units. `receipt_url` is a bearer link: never cached, never logged."""

    id: str
    amount_refunded: int = 0
    status: str = "succeeded"
    receipt_url: str | None = None
    payment_method_details: ChargeMethod | None = None


class PaymentIntent(Struct, frozen=True, kw_only=True):
    """An attempt to take money."""

    id: str
    status: str
    customer: str | None = None
    latest_charge: str | Charge | None = None
    last_payment_error: CardError | None = None


class PaymentOfInvoice(Struct, frozen=True, kw_only=True):
    """How an invoice payment was made."""

    payment_intent: str | PaymentIntent | None = None


class InvoicePayment(Struct, frozen=True, kw_only=True):
    """A payment made, or being made, towards an invoice."""

    id: str
    status: str
    payment: PaymentOfInvoice
    created: int = 0
    currency: str = "usd"
    amount_paid: int | None = None
    amount_requested: int = 0
    status_transitions: StatusTransitions = StatusTransitions()

    @property
    def intent(self) -> PaymentIntent | None:
        """The PaymentIntent, when it was expanded."""
        return self.payment.payment_intent if isinstance(self.payment.payment_intent, PaymentIntent) else None


class Refund(Struct, frozen=True, kw_only=True):
    """Money given back."""

    id: str
    amount: int
    created: int
    currency: str
    status: str | None = None


class CreditNote(Struct, frozen=True, kw_only=True):
    """A correction of an invoice. `pdf` is a bearer link."""

    id: str
    number: str
    amount: int
    created: int
    currency: str
    customer: str | None = None
    invoice: str | None = None
    reason: str | None = None
    pdf: str | None = None
