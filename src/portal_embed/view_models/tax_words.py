"""Tax in words, for every page that shows what an invoice will be or was. Pure: an invoice in, sentences out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.tax import is_reverse_charged
from portal_embed.view_models.shared import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal_embed.billing.stripe.objects import Invoice, TaxId
    from portal_embed.i18n.formatting import Formatter

_VAT = ("_vat", "_oss_vat")
"""How the types of numbers end that a reverse charge rests on: "eu_vat", "gb_vat"."""


def tax_sentences(invoice: Invoice, fmt: Formatter, tax_ids: Sequence[TaxId] = ()) -> tuple[str, ...]:
    """What there is to say about the tax of an invoice or a preview, none or a few.

    `tax_ids`: the customer's, so that one that is not verified is said to be so where the charge is reversed.
    """
    if not is_reverse_charged(invoice):
        return ()
    said = [fmt._("You account for the VAT yourself (reverse charge).")]
    for tax_id in tax_ids:
        status = tax_id.verification.status if tax_id.verification is not None else ""
        if not tax_id.type.endswith(_VAT):
            continue
        if status == "pending":
            said.append(
                fmt._("Your VAT ID %(number)s is not verified yet; that can take a few days.", number=tax_id.value)
            )
        elif status == "unverified":
            said.append(
                fmt._(
                    "Your VAT ID %(number)s is not verified: the register does not know it with your name and address.",
                    number=tax_id.value,
                )
            )
    return tuple(said)


def location_missing(fmt: Formatter) -> tuple[str, str]:
    """Stripe cannot place the customer: what that means, and what to do."""
    return (
        fmt._("Your address is needed to work out the tax"),
        fmt._("Enter it, and you come back here."),
    )


def location_notice(fmt: Formatter, back: str, *, may_enter: bool) -> Notice:
    """Asks for the address in place. `back`: this page, where its form leads back to. `may_enter`: this session may."""
    title, body = location_missing(fmt)
    if not may_enter:
        return Notice("caution", title, fmt._("Until then the sums are without it."))
    return Notice("caution", title, body, fmt._("Enter your address"), "tax_addresses.edit", link_back=back)
