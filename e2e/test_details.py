"""Somebody moves, gets a tax id and another email; with JavaScript, without it, and on a small screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.steps import Visit
from tests.pages.postbox import Postbox, link_in
from tests.serving import hosting

NARROW = {"width": 320, "height": 640}


@pytest.fixture
def mails():
    return Postbox()


@pytest.fixture
def host(world, mails):
    """A host that sends mail."""
    with hosting(world, mail=mails.deliver) as running:
        mails.host = running
        yield running


@pytest.fixture
def ada(world):
    return world.live("monthly")["customer"]


@pytest.fixture(params=["with", "without"])
def somebody(request, host, ada):
    """In front of a browser with and without JavaScript."""
    visit = request.getfixturevalue("visit" if request.param == "with" else "plain_visit")
    visit.scripted = request.param == "with"
    return visit.arrive(ada)


def choose_country(visit, code, label="Country or region"):
    visit.page.get_by_label(label, exact=True).select_option(code)
    if not visit.scripted:
        visit.press("Use this country")


@pytest.mark.feature(114)
def test_moving_to_another_country_asks_for_its_lines_and_keeps_what_was_typed(somebody, books, ada):
    somebody.follow("Details").stands_at("Details").follow("Add billing address")
    choose_country(somebody, "US")
    fields = somebody.page
    fields.get_by_label("Street address").fill("1 Main Street")
    fields.get_by_label("State").select_option(label="Texas")
    choose_country(somebody, "DE")
    expect(fields.get_by_label("State")).to_have_count(0)
    expect(fields.get_by_label("Street address")).to_have_value("1 Main Street")
    fields.get_by_label("City").fill("Berlin")
    fields.get_by_label("Postal code").fill("1011")
    somebody.press("Save billing address").sees("Postal code should look like 26133")
    expect(fields.get_by_label("City")).to_have_value("Berlin")
    fields.get_by_label("Postal code").fill("10115")
    fields.get_by_label("Postal code").press("Enter")  # presses Save, not "Use this country"
    somebody.sees("Billing address saved").sees("10115 Berlin")
    assert books.v1.customers.retrieve(ada).address.city == "Berlin"


@pytest.mark.feature(115, 116)
def test_a_tax_id_comes_and_goes(somebody, books, ada):
    somebody.follow("Details").follow("Add tax ID")
    choose_country(somebody, "DE", "Country or region of the tax ID")
    somebody.page.get_by_label("VAT (EU)").check()
    somebody.page.get_by_label("Number", exact=True).fill("123456789")
    somebody.press("Add tax ID").sees("DE123456789 was added").sees("Being checked")
    somebody.follow("Remove DE123456789").press("Remove tax ID").sees("The tax ID was removed")
    assert books.v1.customers.tax_ids.list(ada).data == []


@pytest.mark.feature(113)
def test_a_new_email_is_confirmed_where_it_is_read(somebody, host, mails, books, ada, new_context):
    somebody.follow("Details").follow("Change email")
    somebody.page.get_by_label("New email").fill("ada@new.example")
    somebody.press("Send confirmation link").sees("Waiting for confirmation at a•••@new.example")
    (letter,) = [mail for mail in mails.mails() if mail.to == "ada@new.example"]

    elsewhere = Visit(new_context().new_page(), host)
    elsewhere.page.goto(link_in(letter))
    elsewhere.stands_at("Use this email for billing?").press("Use this email").stands_at("Your email is changed")

    assert books.v1.customers.retrieve(ada).email == "ada@new.example"
    somebody.open("/details").sees("ada@new.example")


@pytest.mark.feature(117)
def test_a_purchase_order_number_on_a_small_screen(somebody, books, ada):
    somebody.page.set_viewport_size(NARROW)
    somebody.open("/details").follow("Add to your invoices")
    somebody.page.get_by_label("PO number").fill("4500012345")
    somebody.press("Save for next invoices").sees("It appears on your next invoices.").sees("4500012345")
    assert somebody.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    fields = books.v1.customers.retrieve(ada).invoice_settings.custom_fields
    assert [(field.name, field.value) for field in fields] == [("PO number", "4500012345")]


def test_what_is_wrong_takes_the_focus(visit, host, ada):
    visit.arrive(ada).open("/details/contact").page.get_by_label("Name", exact=True).fill("")
    visit.press("Save contact details")
    expect(visit.page.locator("[data-portal-focus]")).to_be_focused()
    visit.follow("Name is missing")
    expect(visit.page.get_by_label("Name", exact=True)).to_be_focused()
