"""What is said about the tax of an invoice, and which ways lead back from an address."""

from __future__ import annotations

import msgspec
import pytest

from portal_embed.billing.stripe.objects import TaxId
from portal_embed.billing.tax import is_reverse_charged, needs_location
from portal_embed.i18n.formatting import Formatter
from portal_embed.view_models.tax_words import tax_sentences
from tests.billing.people import invoice

FMT = Formatter("en", "UTC")
REVERSED = "You account for the VAT yourself (reverse charge)."
TAX = {"amount": 0, "tax_behavior": "exclusive", "taxability_reason": "reverse_charge"}


def tax_id(status, type="eu_vat"):
    return msgspec.convert(
        {"id": "txi_1", "type": type, "value": "DE123456789", "verification": {"status": status}}, TaxId
    )


@pytest.mark.parametrize(
    ("of", "is_reversed"),
    [
        (invoice(), False),
        (invoice(total_taxes=[{**TAX, "amount": 551, "taxability_reason": "standard_rated"}]), False),
        (invoice(total_taxes=[TAX]), True),
        (invoice(customer_tax_exempt="reverse"), True),
        (invoice(customer_tax_exempt="exempt"), False),
        (invoice(customer_tax_exempt=None, total_taxes=None), False),
    ],
)
def test_a_reversed_charge_is_said_where_the_taxes_or_the_customer_say_so(of, is_reversed):
    assert is_reverse_charged(of) is is_reversed
    assert tax_sentences(of, FMT) == ((REVERSED,) if is_reversed else ())


@pytest.mark.parametrize(
    ("held", "more"),
    [
        (tax_id("verified"), ()),
        (tax_id("unavailable"), ()),
        (tax_id("pending"), ("is not verified yet; that can take a few days.",)),
        (tax_id("unverified"), ("is not verified: the register does not know it",)),
        (tax_id("unverified", "gb_vat"), ("is not verified: the register does not know it",)),
        (tax_id("unverified", "au_abn"), ()),
    ],
)
def test_a_vat_id_that_is_not_verified_is_said_to_be_so_beside_it(held, more):
    said = tax_sentences(invoice(total_taxes=[TAX]), FMT, [held])
    assert said[0] == REVERSED
    assert len(said) == 1 + len(more)
    assert all(f"Your VAT ID DE123456789 {words}" in sentence for words, sentence in zip(more, said[1:], strict=True))
    assert tax_sentences(invoice(), FMT, [held]) == ()


def test_a_place_is_asked_for_only_where_stripe_works_out_the_tax_and_lacks_it():
    lacking = {"status": "requires_location_inputs"}
    assert needs_location(invoice(automatic_tax={"enabled": True, **lacking}))
    assert not needs_location(invoice(automatic_tax={"enabled": False, **lacking}))
    assert not needs_location(invoice(automatic_tax={"enabled": True, "status": "complete"}))
    assert not needs_location(invoice(automatic_tax={"enabled": True, "status": None}))
    assert not needs_location(invoice())
