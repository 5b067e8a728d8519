"""What was billed."""

from __future__ import annotations

from msgspec import Struct

from portal_embed.billing.stripe.objects.catalog import Discount
from portal_embed.billing.stripe.objects.shared import Listing, Reference, id_of


class ConfirmationSecret(Struct, frozen=True, kw_only=True):
    """What the browser needs to confirm a payment. Secret: goes to the page that uses it, never into a log."""

    client_secret: str


class InvoiceSubscriptionDetails(Struct, frozen=True, kw_only=True):
    """The subscription behind an invoice."""

    subscription: str | None = None


class InvoiceParent(Struct, frozen=True, kw_only=True):
    """What an invoice bills."""

    subscription_details: InvoiceSubscriptionDetails | None = None


class Period(Struct, frozen=True, kw_only=True):
    """From `start` to `end`, unix seconds."""

    start: int
    end: int


class PriceDetails(Struct, frozen=True, kw_only=True):
    """Which price a line bills."""

    price: str | Reference | None = None


class LinePricing(Struct, frozen=True, kw_only=True):
    """The price of one unit as a decimal string of minor units; None on prorations."""

    price_details: PriceDetails | None = None
    unit_amount_decimal: str | None = None


class DiscountAmount(Struct, frozen=True, kw_only=True):
    """How much a discount took off, minor units."""

    amount: int
    discount: str | Discount


class TaxAmount(Struct, frozen=True, kw_only=True):
    """A tax, minor units. `tax_behavior` "inclusive" is already inside the total. `taxability_reason` such as "standard_rated" or
    "reverse_charge".
    """

    amount: int
    tax_behavior: str = "exclusive"
    taxability_reason: str | None = None


class InvoiceLine(Struct, frozen=True, kw_only=True):
    """One line of an invoice; `amount` before discounts and exclusive tax."""

    id: str
    amount: int
    currency: str
    description: str | None = None
    quantity: int | None = None
    period: Period | None = None
    pricing: LinePricing | None = None
    discount_amounts: tuple[DiscountAmount, ...] | None = None
    taxes: tuple[TaxAmount, ...] | None = None

    @property
    def price(self) -> str | None:
        """The id of the price it bills, None for none."""
        details = self.pricing.price_details if self.pricing is not None else None
        return id_of(details.price) if details is not None else None

    @property
    def total(self) -> int:
        """What it adds to the invoice's total, minor units."""
        off = sum(one.amount for one in self.discount_amounts or ())
        return self.amount - off + sum(tax.amount for tax in self.taxes or () if tax.tax_behavior == "exclusive")


class InvoiceTax(Struct, frozen=True, kw_only=True):
    """Whether Stripe works out the tax, and how that went: `status` "complete", "requires_location_inputs" or "failed"."""

    enabled: bool = False
    status: str | None = None


class StatusTransitions(Struct, frozen=True, kw_only=True):
    """When an invoice reached a state."""

    paid_at: int | None = None


class Invoice(Struct, frozen=True, kw_only=True):
    """An invoice. `amount_due` is what is charged (after the customer's balance), `total` what it bills."""

    id: str = ""
    customer: str | None = None
    currency: str = "usd"
    created: int = 0
    number: str | None = None
    status: str | None = None
    billing_reason: str | None = None
    collection_method: str = "charge_automatically"
    description: str | None = None
    due_date: int | None = None
    effective_at: int | None = None
    subtotal: int = 0
    total: int = 0
    amount_due: int = 0
    amount_paid: int = 0
    amount_remaining: int = 0
    starting_balance: int = 0
    ending_balance: int | None = None
    pre_payment_credit_notes_amount: int = 0
    post_payment_credit_notes_amount: int = 0
    attempt_count: int = 0
    attempted: bool = False
    next_payment_attempt: int | None = None
    customer_name: str | None = None
    customer_email: str | None = None
    hosted_invoice_url: str | None = None
    invoice_pdf: str | None = None
    on_behalf_of: str | None = None
    lines: Listing[InvoiceLine] = Listing(data=())
    total_discount_amounts: tuple[DiscountAmount, ...] | None = None
    total_taxes: tuple[TaxAmount, ...] | None = None
    automatic_tax: InvoiceTax = InvoiceTax()
    customer_tax_exempt: str | None = None
    discounts: tuple[str | Discount, ...] | None = None
    parent: InvoiceParent | None = None
    confirmation_secret: ConfirmationSecret | None = None
    status_transitions: StatusTransitions = StatusTransitions()

    @property
    def subscription(self) -> str | None:
        """The id of the subscription it bills, None for a one-off."""
        if self.parent is None or self.parent.subscription_details is None:
            return None
        return self.parent.subscription_details.subscription
