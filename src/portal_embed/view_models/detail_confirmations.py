"""What was just done to a customer's details, worded from what Stripe now says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.money import Money
from portal_embed.view_models.shared import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal_embed.billing.stripe.objects import Customer, TaxId
    from portal_embed.i18n.formatting import Formatter

SAVED = frozenset({"contact", "billing_address", "shipping_address", "shipping_removed", "invoice_fields"})


def of_details(
    done: str, of: str, customer: Customer, tax_ids: Sequence[TaxId], fmt: Formatter, *, tax_now: Money | None = None
) -> Notice | None:
    """After one of `SAVED`, "tax_id_added", "tax_id_removed", "email_asked"; None when the details do not bear it out.

    `of`: the tax id, for "email_asked" the new address as it may be shown, and for an address the tax that the next invoice
    had before, in minor units. `tax_now`: what it has now; None where no tax follows an address.
    """
    if done in {"billing_address", "shipping_address", "shipping_removed"}:
        return _of_address(done, of, customer, fmt, tax_now)
    if done == "contact":
        return Notice("positive", fmt._("Contact details saved"))
    if done == "invoice_fields":
        return Notice(
            "positive",
            fmt._("Saved"),
            fmt._("It appears on your next invoices. Finished invoices keep what they have."),
        )
    if done == "email_asked":
        return Notice(
            "neutral",
            fmt._("Waiting for confirmation at %(email)s", email=of),
            fmt._("Open the link in the letter that we have sent there, within 24 hours. Until then nothing changes."),
        )
    tax_id = next((t for t in tax_ids if t.id == of), None)
    if done == "tax_id_added" and tax_id is not None:
        return Notice(
            "positive",
            fmt._("%(number)s was added", number=tax_id.value),
            fmt._("It appears on your next invoices. Finished invoices keep what they have."),
        )
    if done == "tax_id_removed" and tax_id is None:
        return Notice("positive", fmt._("The tax ID was removed"))
    return None


def _of_address(done: str, of: str, customer: Customer, fmt: Formatter, tax_now: Money | None) -> Notice | None:
    titles = {
        "billing_address": fmt._("Billing address saved"),
        "shipping_address": fmt._("Shipping address saved"),
        "shipping_removed": fmt._("Shipping address removed"),
    }
    if (done == "shipping_removed") != (customer.shipping is None) and done != "billing_address":
        return None
    body = fmt._("It appears on your next invoices. Finished invoices keep what they have.")
    if tax_now is not None:
        now = fmt.money(tax_now)
        body = fmt._("Your next invoice has %(now)s tax. Finished invoices keep what they have.", now=now)
        if of.isdigit() and int(of) != tax_now.amount:
            body = fmt._(
                "The tax on your next invoice changes from %(before)s to %(now)s. Finished invoices keep what they have.",
                before=fmt.money(Money(int(of), tax_now.currency)),
                now=now,
            )
    return Notice("positive", titles[done], body)
