"""Who pays."""

from __future__ import annotations

from msgspec import Struct

from portal_embed.billing.stripe.objects.payment_methods import PaymentMethod


class CustomerInvoiceSettings(Struct, frozen=True, kw_only=True):
    """What the customer's invoices use by default."""

    default_payment_method: str | PaymentMethod | None = None


class Customer(Struct, frozen=True, kw_only=True):
    """A customer. `balance` in minor units of `currency`: negative is credit, positive is owed on the next invoice."""

    id: str
    deleted: bool = False
    name: str | None = None
    email: str | None = None
    balance: int = 0
    currency: str | None = None
    default_source: str | None = None
    preferred_locales: tuple[str, ...] | None = None
    invoice_settings: CustomerInvoiceSettings = CustomerInvoiceSettings()
