"""A customer's details in words."""

from __future__ import annotations

import pytest

from portal_embed.billing.money import Money
from portal_embed.billing.stripe.objects import Address, Customer, TaxId, Verification
from portal_embed.config import CustomerUpdate
from portal_embed.i18n.formatting import formatter_for
from portal_embed.view_models.address_words import address_fields, address_lines, country_field
from portal_embed.view_models.detail_confirmations import of_details
from portal_embed.view_models.detail_forms import address_typed, contact_form
from portal_embed.view_models.details import details_page
from portal_embed.view_models.tax_ids import new_tax_id_page, tax_id_row

EN, DE = formatter_for("en", "UTC"), formatter_for("de-AT", "UTC")
ADA = Customer(id="cus_1", name="Ada", address=Address(country="DE", line1="Hauptstraße 1", city="Berlin"))


@pytest.mark.feature(116)
@pytest.mark.parametrize(
    ("status", "badge", "note"),
    [
        ("verified", "Verified", ""),
        ("pending", "Being checked", "This can take a few days."),
        ("unverified", "Not verified", "Check all three."),
        ("unavailable", None, "Not checked against a register."),
        ("something_new", None, "Not checked against a register."),
    ],
)
def test_how_a_tax_id_s_verification_stands(status, badge, note):
    row = tax_id_row(
        TaxId(id="txi_1", type="eu_vat", value="DE1", country="DE", verification=Verification(status=status)),
        EN,
        may_write=False,
    )
    assert (row.badge.text if row.badge else None) == badge
    assert note in row.note
    assert row.kind == "Germany · VAT (EU)"


def test_a_type_of_tomorrow_is_shown_as_it_is():
    row = tax_id_row(TaxId(id="txi_1", type="xy_new", value="1", country="DE"), EN, may_write=True)
    assert row.kind == "Germany · XY NEW"


def test_countries_stand_in_the_reader_s_language_and_order():
    names = [option.label for option in country_field("AT", "billing", DE).options]
    assert "Österreich" in names
    assert names.index("Österreich") < names.index("Palau")


def test_a_reader_s_own_country_is_where_a_new_address_starts():
    assert address_typed(None, DE)["country"] == "AT"
    assert address_typed(None, EN)["country"] == ""


@pytest.mark.feature(114)
def test_browsers_are_told_whose_lines_they_fill_in():
    from portal_embed.billing.addresses import rules_of

    fields = address_fields({}, rules_of("US"), "shipping", EN, {})
    assert [field.autocomplete for field in fields] == [
        "shipping address-line1",
        "shipping address-line2",
        "shipping address-level2",
        "shipping address-level1",
        "shipping postal-code",
    ]
    assert fields[-1].inputmode == "numeric"


def test_an_address_ends_with_its_country():
    assert address_lines(ADA.address, EN) == ("Hauptstraße 1", "Berlin", "Germany")
    assert address_lines(None, EN) == ()


@pytest.mark.feature(113)
def test_only_what_may_be_changed_is_asked():
    form = contact_form({}, CustomerUpdate(allowed_updates=("phone",)), EN)
    assert [field.name for field in form.fields] == ["phone"]


def test_who_may_only_read_is_offered_nothing():
    page = details_page(ADA, (), (), CustomerUpdate(), EN, may_write=False, sends_mail=True, business="Acme")
    sections = (page.contact, *page.addresses, page.invoices)
    assert [section.edit_route for section in sections] == [None] * 4
    assert not page.tax_ids.may_add
    assert [row.edit_route for row in page.contact.rows] == [None] * len(page.contact.rows)


def test_a_number_of_the_wrong_form_is_told_what_one_looks_like():
    page = new_tax_id_page("BR", "br_cnpj", "1", EN, problem="tax_id_invalid")
    assert "01.234.456/5432-10" in page.errors[0][1]


def test_tax_that_stays_the_same_is_not_said_to_change():
    said = of_details("billing_address", "580", ADA, (), EN, tax_now=Money(580, "usd"))
    assert said.body.startswith("Your next invoice has $5.80 tax.")
    moved = of_details("billing_address", "0", ADA, (), EN, tax_now=Money(580, "usd"))
    assert "from $0.00 to $5.80" in moved.body


@pytest.mark.parametrize(
    ("done", "of"), [("shipping_address", ""), ("tax_id_added", "txi_gone"), ("nothing", ""), ("", "")]
)
def test_what_the_details_do_not_bear_out_is_not_said(done, of):
    assert of_details(done, of, ADA, (), EN) is None
