"""What an invoice, or a preview of one, says about its tax. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal_embed.billing.stripe.objects import Invoice


def needs_location(invoice: Invoice) -> bool:
    """Whether Stripe cannot work out the tax because it does not know where the customer is."""
    return invoice.automatic_tax.enabled and invoice.automatic_tax.status == "requires_location_inputs"


def is_reverse_charged(invoice: Invoice) -> bool:
    """Whether the customer accounts for the tax: Stripe Tax says so line by line, the merchant for the whole customer."""
    reasons = {tax.taxability_reason for tax in invoice.total_taxes or ()}
    return "reverse_charge" in reasons or invoice.customer_tax_exempt == "reverse"
