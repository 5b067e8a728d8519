"""The rules about a customer's details: addresses of the world, tax ids, and the lines on invoices."""

from __future__ import annotations

import pytest

from portal_embed.billing.addresses import countries, read_address, rules_of, written
from portal_embed.billing.details import InvoiceFields, invoice_fields_of, invoice_fields_problem, is_email, is_phone
from portal_embed.billing.stripe.objects import Address, Customer, CustomerInvoiceSettings, CustomField
from portal_embed.billing.tax_ids import TYPES, looks_right, spelled, type_named, types_of
from portal_embed.config import CustomerUpdate

UPDATE = CustomerUpdate()


class TestTaxIds:
    def test_every_example_has_the_form_of_its_type(self):
        assert [kind for kind in TYPES if kind.example and not looks_right(kind, kind.example)] == []

    def test_every_country_of_the_union_has_the_european_number_first(self):
        for country in "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split():
            assert types_of(country)[0].type == "eu_vat", country

    def test_britain_s_own_comes_before_northern_ireland_s(self):
        assert [kind.type for kind in types_of("GB")] == ["gb_vat", "eu_vat"]

    @pytest.mark.parametrize(
        ("country", "typed", "sent"),
        [
            ("DE", "123 456 789", "DE123456789"),
            ("GR", "el-123456789", "EL123456789"),
            ("FR", "AB 123456789", "FRAB123456789"),
        ],
    )
    def test_a_european_number_gets_its_country_s_letters(self, country, typed, sent):
        assert spelled(type_named("eu_vat", country), typed) == sent

    @pytest.mark.parametrize(
        ("type", "value"), [("us_ein", "12-345678"), ("br_cnpj", "1"), ("ch_vat", "CHE-123.456.789")]
    )
    def test_an_obvious_slip_is_seen(self, type, value):
        assert not looks_right(type_named(type), value)

    def test_a_type_without_a_known_form_is_left_to_stripe(self):
        assert looks_right(type_named("gh_tin"), "anything")


class TestAddresses:
    @pytest.mark.feature(114)
    @pytest.mark.parametrize(
        ("country", "lines", "required"),
        [
            ("US", "line1 line2 city state postal_code", "line1 city state postal_code"),
            ("DE", "line1 line2 postal_code city", "line1 postal_code city"),
            ("GB", "line1 line2 city postal_code", "line1 city postal_code"),
            ("HK", "line1 line2 city state", "line1 state"),
            ("JP", "line1 line2 city state postal_code", "line1 state postal_code"),
            ("AE", "line1 line2 state", "line1 state"),
        ],
    )
    def test_each_country_has_its_own_lines(self, country, lines, required):
        rules = rules_of(country)
        assert rules.lines == tuple(lines.split())
        assert rules.required == frozenset(required.split())

    def test_who_reads_japanese_is_asked_in_japanese_order_and_names(self):
        rules = rules_of("JP", "ja")
        assert rules.lines[:3] == ("postal_code", "state", "city")
        assert rules.states[12].name == "東京都"
        assert rules_of("JP", "en").states[12].name == "Tokyo"

    def test_every_country_has_a_street_and_readable_states(self):
        for country in countries():
            rules = rules_of(country)
            assert "line1" in rules.lines, country
            assert all(state.value and state.name for state in rules.states), country

    def test_every_example_of_a_postal_code_is_one(self):
        for country in countries():
            rules = rules_of(country)
            if rules.postal_pattern and rules.postal_example:
                assert rules.postal_pattern.fullmatch(rules.postal_example), country

    @pytest.mark.parametrize("code", ["sw1a 1aa", "SW1A1AA", " SW1A  1AA "])
    def test_a_postal_code_may_be_written_as_people_do(self, code):
        address, wrong = read_address({"line1": "1 Mall", "city": "London", "postal_code": code}, rules_of("GB"))
        assert wrong == {}
        assert address.postal_code == address.postal_code.upper()

    def test_what_a_country_has_no_line_for_does_not_stay(self):
        address, _ = read_address(
            {"line1": "x", "state": "TX", "city": "Berlin", "postal_code": "10115"}, rules_of("DE")
        )
        assert address.state == ""

    def test_nothing_that_is_known_is_left_out_when_it_is_read(self):
        for country in countries():
            address = Address(
                country=country, line1="Eins", line2="Zwei", city="Drei", state="Vier", postal_code="5555"
            )
            text = " ".join(written(address, rules_of(country)))
            assert all(word in text for word in ("Eins", "Zwei", "Drei", "Vier", "5555")), country


class TestInvoiceFields:
    def test_the_number_is_known_by_its_name_and_the_others_stay(self):
        fields = (CustomField(name="Vendor", value="7"), CustomField(name="po number", value="1"))
        customer = Customer(id="cus_1", invoice_settings=CustomerInvoiceSettings(custom_fields=fields))
        found = invoice_fields_of(customer, UPDATE)
        assert found == InvoiceFields("1", (fields[0],))
        assert [field.name for field in found.kept("PO number")] == ["PO number", "Vendor"]

    def test_four_are_the_most(self):
        others = tuple(CustomField(name=str(n), value="x") for n in range(4))
        assert invoice_fields_problem(InvoiceFields("", others), UPDATE) is None
        assert invoice_fields_problem(InvoiceFields("1", others), UPDATE) == "too_many"

    def test_a_free_line_cannot_take_the_number_s_name(self):
        fields = InvoiceFields("", (CustomField(name="PO Number", value="x"),))
        assert invoice_fields_problem(fields, UPDATE) == "same_name"


@pytest.mark.parametrize("text", ["+49 30 123456", "(512) 555-0100", "030/123456", "+1 512 555 0100 x12"])
def test_telephone_numbers_as_people_write_them(text):
    assert is_phone(text)


@pytest.mark.parametrize("text", ["123", "4242 4242 4242 4242", "+1<script>", "call me", "1" * 21])
def test_what_is_no_telephone_number(text):
    assert not is_phone(text)


@pytest.mark.parametrize("text", ["ada@example.com", "a.b+c@sub.example.co", "ada@bücher.example"])
def test_addresses_that_may_exist(text):
    assert is_email(text)


@pytest.mark.parametrize(
    "text", ["ada", "ada@", "@x.de", "a b@x.de", "a@b", "a@b..de", "a@x.de\nBcc: b@x.de", "<a@x.de>"]
)
def test_addresses_that_cannot(text):
    assert not is_email(text)
