"""The customer's details: what the sheet shows, what each form saves, and what it refuses without losing a word."""

from __future__ import annotations

import pytest

from portal_embed import Features
from portal_embed.billing.tax_ids import MOST_TAX_IDS
from portal_embed.config import CustomerUpdate
from tests.pages.postbox import Postbox, link_in
from tests.pages.visitor import NAVIGATION, PART
from tests.serving import hosting

AUSTIN = {"country": "US", "line1": "1 Main Street", "city": "Austin", "state": "TX", "postal_code": "78701"}
BERLIN = {"country": "DE", "line1": "Hauptstraße 1", "line2": "", "city": "Berlin", "postal_code": "10115"}


@pytest.fixture
def ada(books):
    """She has an address in Austin."""
    return books.customer(address=AUSTIN, phone="+1 512 555 0100")


@pytest.fixture
def browser(ada, visit):
    return visit(ada)


def form_of(browser, section):
    return browser.get(f"/details/{section}").form(f"/details/{section}")


def writes_of(books, customer):
    """What was asked of Stripe about this customer that could change something."""
    return [call for call in books.writes() if customer in call["path"]]


class TestTheSheet:
    @pytest.mark.feature(113, 114, 117)
    def test_it_shows_what_is_known_and_says_what_is_not(self, browser):
        page = browser.get("/details")
        for words in (
            "Ada Lovelace",
            "ada@example.com",
            "+1 512 555 0100",
            "1 Main Street Austin, TX 78701 United States",
        ):
            assert words in page.text
        assert "Business name Not given" in page.text
        assert "Same as the billing address." in page.text
        assert "No tax ID yet." in page.text

    def test_it_is_in_the_navigation(self, browser):
        assert browser.get("/").link("Details").endswith("/details")

    def test_who_may_only_look_reads_it_and_is_offered_no_form(self, ada, visit):
        page = visit(ada, scopes="view").get("/details")
        assert "1 Main Street" in page.text
        assert [link for link in page.links if "/details/" in link] == []

    def test_three_calls_show_it(self, browser, world):
        world.forget_requests()
        browser.get("/details")
        assert len(world.requests()) == 3


class TestContact:
    @pytest.mark.feature(113, 117)
    def test_name_business_name_and_phone_are_saved(self, browser, books, ada):
        form = form_of(browser, "contact")
        page = browser.submit(form, name=" Augusta  Ada King ", business_name="Engines Ltd", phone="+44 20 7946 0000")
        assert "Contact details saved" in page.text
        assert "Augusta Ada King" in page.text
        customer = books.api.customers.retrieve(ada)
        assert (customer.name, customer.business_name, customer.phone) == (
            "Augusta Ada King", "Engines Ltd", "+44 20 7946 0000",
        )  # fmt: skip

    def test_what_may_be_empty_can_be_emptied(self, browser, books, ada):
        browser.submit(form_of(browser, "contact"), phone="")
        assert not books.api.customers.retrieve(ada).phone

    def test_only_the_section_s_own_fields_are_sent(self, browser, world, books, ada):
        form = form_of(browser, "contact")
        world.forget_requests()
        browser.submit(
            form, name="Ada", email="mallory@example.com", balance="-9999", tax_exempt="exempt", metadata="x"
        )
        assert len(writes_of(books, ada)) == 1
        customer = books.api.customers.retrieve(ada)
        assert (customer.email, customer.balance, customer.tax_exempt) == ("ada@example.com", 0, "none")

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"name": " "}, "Name is missing"),
            ({"name": "x" * 151}, "Name: use at most 150 characters"),
            ({"phone": "call me"}, "Enter a phone number as in +49 30 123456"),
            ({"phone": "4242 4242 4242 4242"}, "Enter a phone number as in +49 30 123456"),
        ],
    )
    def test_what_cannot_be_is_said_at_the_field_and_nothing_typed_is_lost(self, browser, books, ada, typed, words):
        form = form_of(browser, "contact")
        page = browser.submit(form, **{"business_name": "Engines Ltd", **typed})
        assert page.status == 422
        assert page.text.count(words) == 2  # in the summary and under the field
        assert page.form("/contact").fields["business_name"] == "Engines Ltd"
        assert "business_name" not in books.api.customers.retrieve(ada)

    def test_a_long_telephone_number_is_no_card(self, browser, books, ada):
        number = "+4930123456788"  # passes Luhn's check
        assert browser.submit(form_of(browser, "contact"), phone=number).status == 200
        assert books.api.customers.retrieve(ada).phone == number

    def test_a_second_click_changes_nothing_again(self, browser, world, books, ada):
        form = form_of(browser, "contact")
        world.forget_requests()
        first, second = browser.submit(form, name="Ada King"), browser.submit(form, name="Ada King")
        assert "Contact details saved" in first.text
        assert "Contact details saved" in second.text
        keys = {call["idempotency_key"] for call in writes_of(books, ada) if "idempotency_key" in call}
        assert len(keys) <= 1
        assert len(books.api.events.list({"type": "customer.updated"}).data) <= 3

    def test_an_invented_confirmation_says_nothing(self, browser):
        assert "saved" not in browser.get("/details?done=contact&proof=x").text
        assert "Waiting" not in browser.get("/details?done=email_asked&of=m@x.example").text


class TestBillingAddress:
    @pytest.mark.feature(114)
    def test_the_form_asks_what_the_country_needs(self, browser):
        form = form_of(browser, "billing-address")
        assert {**form.fields, **AUSTIN} == form.fields | AUSTIN
        assert "TX" in form.choices["state"]
        german = browser.submit(form, country="DE", use_country="yes")
        assert german.status == 200
        assert "state" not in german.form("/billing-address").fields
        assert german.form("/billing-address").fields["line1"] == "1 Main Street"

    def test_another_country_comes_as_a_part_too(self, browser):
        form = form_of(browser, "billing-address")
        fields = {**form.fields, "country": "CA", "use_country": "yes"}
        answer = browser.ask("POST", "/details/billing-address", data=fields, headers={**PART, **browser.own})
        assert answer.status_code == 200
        assert "<html" not in answer.text
        assert "Province" in answer.text
        assert "Saskatchewan" in answer.text

    @pytest.mark.parametrize(
        ("country", "words"),
        [
            ("US", "ZIP code"), ("CA", "Province"), ("AU", "Suburb or city"), ("GB", "Town or city"), ("DE", "Postal code"),
            ("FR", "Postal code"), ("JP", "Prefecture"), ("BR", "State"), ("IN", "PIN code"), ("CN", "Province"),
            ("HK", "Area"), ("IE", "Eircode"), ("ES", "Province"), ("IT", "Province"), ("NL", "Postal code"),
            ("CH", "Postal code"), ("KR", "Province or city"), ("AE", "Emirate"),
        ],
    )  # fmt: skip
    def test_lines_are_called_what_the_country_calls_them(self, browser, country, words):
        page = browser.submit(form_of(browser, "billing-address"), country=country, use_country="yes")
        assert words in page.text

    @pytest.mark.feature(114)
    def test_it_is_saved_whole_and_nothing_of_the_old_one_stays(self, browser, books, ada):
        german = browser.submit(form_of(browser, "billing-address"), country="DE", use_country="yes")
        page = browser.submit(german.form("/billing-address"), **BERLIN)
        assert "Billing address saved" in page.text
        assert "Hauptstraße 1 10115 Berlin Germany" in page.text
        address = books.api.customers.retrieve(ada).address
        assert (address.country, address.city, address.state or None) == ("DE", "Berlin", None)

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"postal_code": "ABC"}, "ZIP code should look like 95014"),
            ({"line1": ""}, "Street address is missing"),
            ({"state": ""}, "State is missing"),
            ({"state": "Bavaria"}, "State: choose one of the list"),
            ({"country": "ZZ"}, "Choose a country"),
            ({"city": "x" * 201}, "City: use at most 200 characters"),
        ],
    )
    def test_what_cannot_be_is_said_at_the_field(self, browser, books, ada, typed, words):
        page = browser.submit(form_of(browser, "billing-address"), **typed)
        assert page.status == 422
        assert words in page.text
        assert books.api.customers.retrieve(ada).address.postal_code == "78701"

    def test_a_browser_s_own_word_for_a_state_is_understood(self, browser, books, ada):
        browser.submit(form_of(browser, "billing-address"), state="new york", postal_code="10001")
        assert books.api.customers.retrieve(ada).address.state == "NY"


@pytest.fixture
def taxed(books, ada):
    """Ada's plan is taxed by where she lives."""
    books.subscribe(ada, books.price(10000, name="Taxed"), automatic_tax={"enabled": True})
    return ada


class TestTax:
    @pytest.mark.feature(114)
    def test_what_the_address_does_to_tax_is_said_before_and_after(self, browser, taxed):
        page = browser.get("/details/billing-address")
        assert "Tax on your next invoices follows this address." in page.text
        german = browser.submit(page.form("/billing-address"), country="DE", use_country="yes")
        saved = browser.submit(german.form("/billing-address"), **BERLIN)
        assert "The tax on your next invoice changes from $6.25 to $19.00." in saved.text

    def test_a_place_that_tax_cannot_find_is_said_at_the_field(self, browser, taxed, books):
        page = browser.submit(form_of(browser, "billing-address"), postal_code="00012")
        assert page.status == 422
        assert "Tax cannot be worked out for this address." in page.text
        assert page.form("/billing-address").fields["postal_code"] == "00012"
        assert books.api.customers.retrieve(taxed).address.postal_code == "78701"

    def test_where_tax_does_not_follow_the_address_nothing_is_said_of_it(self, browser):
        assert "Tax on" not in browser.get("/details/billing-address").text

    def test_a_shipping_address_wins_over_the_billing_address(self, browser, taxed, books):
        books.api.customers.update(taxed, {"shipping": {"name": "Ada", "address": BERLIN}})
        assert "follows your shipping address" in browser.get("/details/billing-address").text


class TestShippingAddress:
    @pytest.mark.feature(114)
    def test_it_starts_from_the_billing_address_is_saved_and_removed(self, browser, books, ada):
        page = browser.get("/details/shipping-address")
        filled = browser.get(page.link("Start from my billing address"))
        saved = browser.submit(filled.form("/shipping-address"), name="Charles Babbage", phone="+1 512 555 0101")
        assert "Shipping address saved" in saved.text
        assert "Charles Babbage 1 Main Street Austin, TX 78701 United States +1 512 555 0101" in saved.text
        assert books.api.customers.retrieve(ada).shipping.address.city == "Austin"
        gone = browser.submit(browser.get("/details/shipping-address").form("/removal"))
        assert "Shipping address removed" in gone.text
        assert books.api.customers.retrieve(ada).shipping is None

    def test_a_parcel_needs_a_name(self, browser):
        page = browser.submit(form_of(browser, "shipping-address"), **AUSTIN, name="")
        assert page.status == 422
        assert "Name of the recipient is missing" in page.text


class TestInvoiceFields:
    @pytest.mark.feature(117)
    def test_a_purchase_order_number_and_free_lines_are_saved(self, browser, books, ada):
        form = form_of(browser, "invoice-fields")
        page = browser.submit(form, purchase_order="4500012345", label_1="Cost center", text_1="R&D")
        assert "It appears on your next invoices." in page.text
        kept = books.api.customers.retrieve(ada).invoice_settings.custom_fields
        assert [(field.name, field.value) for field in kept] == [("PO number", "4500012345"), ("Cost center", "R&D")]

    @pytest.mark.feature(117)
    def test_lines_that_are_the_host_s_alone_stay_as_they_are(self, world, books, ada, visit):
        vendor = {"name": "Vendor", "value": "77"}
        books.api.customers.update(
            ada, {"invoice_settings": {"custom_fields": [vendor, {"name": "po NUMBER", "value": "1"}]}}
        )
        with hosting(
            world, features=Features(customer_update=CustomerUpdate(invoice_fields=("purchase_order",)))
        ) as host:
            browser = visit(ada, at=host)
            form = form_of(browser, "invoice-fields")
            assert form.fields["purchase_order"] == "1"
            browser.submit(form, purchase_order="2", label_1="Vendor", text_1="mine now")
        kept = books.api.customers.retrieve(ada).invoice_settings.custom_fields
        assert [(field.name, field.value) for field in kept] == [("PO number", "2"), ("Vendor", "77")]

    def test_all_can_be_emptied_and_the_card_stays_the_default(self, browser, books, ada):
        card = books.default_of(ada)
        browser.submit(form_of(browser, "invoice-fields"), purchase_order="1")
        browser.submit(form_of(browser, "invoice-fields"), purchase_order="")
        assert not books.api.customers.retrieve(ada).invoice_settings.custom_fields
        assert books.default_of(ada) == card

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"label_1": "Cost center"}, "Text is missing"),
            ({"text_1": "R&D"}, "Label is missing"),
            ({"label_1": "x" * 41, "text_1": "1"}, "Label: use at most 40 characters"),
            ({"purchase_order": "x" * 141}, "PO number: use at most 140 characters"),
            ({"label_1": "A", "text_1": "1", "label_2": "a", "text_2": "2"}, "Two lines have the same label."),
        ],
    )
    def test_what_stripe_would_not_keep_is_said_at_the_field(self, browser, typed, words):
        page = browser.submit(form_of(browser, "invoice-fields"), **typed)
        assert page.status == 422
        assert words in page.text


class TestTaxIds:
    @pytest.mark.feature(115, 116)
    def test_one_is_added_with_its_status_in_words_and_removed(self, browser, books, ada):
        german = browser.submit(form_of(browser, "tax-ids/new"), country="DE", use_country="yes")
        assert "VAT (EU)" in german.text
        assert "Steuernummer" in german.text
        added = browser.submit(german.form("/tax-ids/new"), type="eu_vat", tax_id="123 456 789")
        assert "DE123456789 was added" in added.text
        assert "Being checked" in added.text
        assert "Germany · VAT (EU)" in added.text
        (kept,) = books.api.customers.tax_ids.list(ada).data
        assert (kept.type, kept.value) == ("eu_vat", "DE123456789")
        ask = browser.get(f"/details/tax-ids/{kept.id}/removal")
        assert "Remove DE123456789?" in ask.text
        gone = browser.submit(ask.form("/removal"))
        assert "The tax ID was removed" in gone.text
        assert books.api.customers.tax_ids.list(ada).data == []

    def test_removing_one_is_no_trouble_for_the_log(self, browser, books, ada, caplog):
        kept = books.api.customers.tax_ids.create(ada, {"type": "eu_vat", "value": "DE123456789"})
        browser.submit(browser.get(f"/details/tax-ids/{kept.id}/removal").form("/removal"))
        assert books.api.customers.tax_ids.list(ada).data == []
        assert [record for record in caplog.records if record.exc_info] == []

    def test_the_country_of_the_billing_address_is_suggested(self, browser):
        form = form_of(browser, "tax-ids/new")
        assert (form.fields["country"], form.fields["type"]) == ("US", "us_ein")

    @pytest.mark.feature(115)
    def test_a_number_of_the_wrong_form_is_helped_and_kept_in_the_field(self, browser, world, books, ada):
        form = form_of(browser, "tax-ids/new")
        world.forget_requests()
        page = browser.submit(form, tax_id="12-34")
        assert page.status == 422
        assert "It looks like 12-3456789." in page.text
        assert page.form("/tax-ids/new").fields["tax_id"] == "12-34"
        assert writes_of(books, ada) == []

    def test_stripe_has_the_last_word(self, browser, world):
        german = browser.submit(form_of(browser, "tax-ids/new"), country="DE", use_country="yes")
        world.fail("/tax_ids$", status=400, code="tax_id_prohibited")
        page = browser.submit(german.form("/tax-ids/new"), type="de_stn", tax_id="1234567890")
        assert page.status == 422
        assert "This tax ID cannot be used here." in page.text

    def test_a_siret_is_no_card_although_it_passes_luhn_s_check(self, browser, books, ada):
        french = browser.submit(form_of(browser, "tax-ids/new"), country="FR", use_country="yes")
        assert browser.submit(french.form("/tax-ids/new"), type="fr_siret", tax_id="732 829 320 00074").status == 200
        assert [t.type for t in books.api.customers.tax_ids.list(ada).data] == ["fr_siret"]

    def test_the_same_number_is_kept_once(self, browser, books, ada):
        for spelled in ("12-3456789", "123456789"):
            browser.submit(form_of(browser, "tax-ids/new"), tax_id=spelled)
        assert len(books.api.customers.tax_ids.list(ada).data) == 1

    def test_a_type_of_another_country_is_not_taken(self, browser, books, ada):
        browser.submit(form_of(browser, "tax-ids/new"), type="br_cnpj", tax_id="12-3456789")
        assert [t.type for t in books.api.customers.tax_ids.list(ada).data] == ["us_ein"]

    def test_there_is_a_limit_that_is_said(self, browser, books, ada):
        form = form_of(browser, "tax-ids/new")
        for number in range(MOST_TAX_IDS):
            books.api.customers.tax_ids.create(ada, {"type": "us_ein", "value": f"12-34567{number:02d}"})
        page = browser.submit(form, tax_id="99-9999999")
        assert page.status == 409
        assert "as many tax IDs as possible" in page.text
        assert len(books.api.customers.tax_ids.list(ada, {"limit": 100}).data) == MOST_TAX_IDS
        assert not browser.get("/details").leads_to("/tax-ids/new")


@pytest.fixture
def mails():
    return Postbox()


@pytest.fixture
def mailing(world, mails):
    """A host that sends mail."""
    with hosting(world, mail=mails.deliver) as host:
        mails.host = host
        yield host


def letter_to(mails, address):
    """The newest letter to an address."""
    return [mail for mail in mails.mails() if mail.to == address][-1]


class TestEmail:
    @pytest.mark.feature(113)
    def test_it_changes_once_confirmed_at_the_new_address_and_the_old_one_is_told(
        self, mailing, mails, books, ada, visit
    ):
        browser = visit(ada, at=mailing)
        page = browser.submit(form_of(browser, "email"), email="ada@new.example")
        assert "Waiting for confirmation at a•••@new.example" in page.text
        assert books.api.customers.retrieve(ada).email == "ada@example.com"
        letter = letter_to(mails, "ada@new.example")
        assert letter_to(mails, "ada@example.com").kind == "email_changed_notice"
        reader = visit(at=mailing)  # another browser, without a session
        scanned = reader.get(link_in(letter))  # a mail scanner's GET changes nothing
        assert books.api.customers.retrieve(ada).email == "ada@example.com"
        done = reader.submit(scanned.form("/email-change"))
        assert "Your email is changed" in done.text
        assert books.api.customers.retrieve(ada).email == "ada@new.example"
        told = letter_to(mails, "ada@example.com")
        assert told.kind == "email_changed"
        assert "a•••@new.example" in told.text

    def test_the_link_works_once(self, mailing, mails, books, ada, visit):
        browser = visit(ada, at=mailing)
        browser.submit(form_of(browser, "email"), email="ada@new.example")
        link = link_in(letter_to(mails, "ada@new.example"))
        form = browser.get(link).form("/email-change")
        browser.submit(form)
        assert "Your email is changed" in browser.submit(form).text
        books.api.customers.update(ada, {"email": "ada@example.com"})
        page = browser.submit(form)
        assert page.status == 400
        assert "This link does not work any more" in page.text
        assert books.api.customers.retrieve(ada).email == "ada@example.com"

    def test_another_change_in_between_makes_the_link_void(self, mailing, mails, books, ada, visit):
        browser = visit(ada, at=mailing)
        browser.submit(form_of(browser, "email"), email="ada@new.example")
        books.api.customers.update(ada, {"email": "third@example.com"})
        assert browser.get(link_in(letter_to(mails, "ada@new.example"))).status == 400

    @pytest.mark.parametrize("token", ["", "x", "eyJ2IjoxfQ." + "A" * 43])
    def test_what_we_did_not_sign_is_no_link(self, mailing, visit, token):
        browser = visit(at=mailing)
        assert "This link does not work any more" in browser.get(f"/email-change?token={token}").text
        answer = browser.ask("POST", "/email-change", data={"token": token}, headers={**NAVIGATION, **browser.own})
        assert answer.status_code == 400

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("", "New email is missing"),
            ("ada at home", "Enter an email address"),
            ("a@b.example\r\nBcc: x@y.example", "Enter an email address"),
            ("ADA@example.com", "This is the email you have now"),
        ],
    )
    def test_what_cannot_be_an_address_gets_no_letter(self, mailing, mails, ada, visit, typed, words):
        browser = visit(ada, at=mailing)
        page = browser.submit(form_of(browser, "email"), email=typed)
        assert page.status == 422
        assert words in page.text
        assert mails.mails() == []

    def test_the_same_click_again_sends_no_second_letter(self, mailing, mails, ada, visit):
        browser = visit(ada, at=mailing)
        form = form_of(browser, "email")
        browser.submit(form, email="ada@new.example")
        browser.submit(form, email="ada@new.example")
        assert [mail.kind for mail in mails.mails()] == ["email_confirmation", "email_changed_notice"]

    def test_without_a_way_to_send_mail_it_is_only_shown(self, browser):
        page = browser.get("/details")
        assert "ada@example.com Ask Acme to change it." in page.text
        assert not page.leads_to("/details/email")
        assert browser.get("/details/email").status == 404


@pytest.mark.parametrize(
    ("update", "section"),
    [
        ("name", "contact"), ("email", "email"), ("address", "billing-address"), ("shipping", "shipping-address"),
        ("tax_id", "tax-ids/new"),
    ],
)  # fmt: skip
def test_what_is_not_allowed_leaves_no_trace(world, ada, visit, mails, update, section):
    others = tuple(name for name in ("name", "email", "address", "shipping", "tax_id") if name != update)
    features = Features(customer_update=CustomerUpdate(allowed_updates=others))
    with hosting(world, features=features, mail=mails.deliver) as host:
        browser = visit(ada, at=host)
        page = browser.get("/details")
        assert page.status == 200
        assert not page.leads_to(f"/details/{section}")
        assert browser.get(f"/details/{section}").status == 404
        assert browser.ask("POST", f"/details/{section}", data={"name": "x"}, headers=browser.own).status_code == 404


def test_where_it_is_off_there_are_no_details_at_all(world, ada, visit):
    with hosting(world, features=Features(customer_update=CustomerUpdate(enabled=False))) as host:
        browser = visit(ada, at=host)
        assert not browser.get("/").leads_to("/details")
        for path in ("/details", "/details/contact", "/details/tax-ids/new"):
            assert browser.get(path).status == 404
