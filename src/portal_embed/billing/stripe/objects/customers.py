"""Who pays."""

from __future__ import annotations

from msgspec import Struct

from portal_embed.billing.stripe.objects.catalog import Discount
from portal_embed.billing.stripe.objects.payment_methods import PaymentMethod


class Address(Struct, frozen=True, kw_only=True):
    """A postal address. `country` is an ISO code; the other lines are what the country makes of them."""

    city: str | None = None
    country: str | None = None
    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    state: str | None = None


class Shipping(Struct, frozen=True, kw_only=True):
    """Where goods go, to whom, and a telephone number for the courier."""

    address: Address | None = None
    name: str | None = None
    phone: str | None = None


class CustomField(Struct, frozen=True, kw_only=True):
    """A line in the head of every invoice, such as a purchase order's number."""

    name: str
    value: str


class CustomerInvoiceSettings(Struct, frozen=True, kw_only=True):
    """What the customer's invoices use by default."""

    default_payment_method: str | PaymentMethod | None = None
    custom_fields: tuple[CustomField, ...] | None = None


class Customer(Struct, frozen=True, kw_only=True):
    """A customer. `balance` in minor units of `currency`: negative is credit, positive is owed on the next invoice.

    `created` in seconds since 1970.
    """

    id: str
    created: int = 0
    deleted: bool = False
    name: str | None = None
    business_name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: Address | None = None
    shipping: Shipping | None = None
    balance: int = 0
    currency: str | None = None
    default_source: str | None = None
    preferred_locales: tuple[str, ...] | None = None
    discount: Discount | None = None
    invoice_settings: CustomerInvoiceSettings = CustomerInvoiceSettings()


class Verification(Struct, frozen=True, kw_only=True):
    """What a government's register says of a tax id: "pending", "verified", "unverified", "unavailable"."""

    status: str
    verified_name: str | None = None


class TaxId(Struct, frozen=True, kw_only=True):
    """A tax id, printed on invoices. `type` such as "eu_vat"; `country` is an ISO code."""

    id: str
    type: str
    value: str
    deleted: bool = False
    country: str | None = None
    customer: str | Customer | None = None
    verification: Verification | None = None
