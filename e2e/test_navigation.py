"""Moving about: links replace the page's content without a reload, history works, and parts that load later arrive."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


@pytest.fixture
def ada(visit, world):
    ada = world.live("monthly")
    visit.arrive(ada["customer"])
    return ada


def test_the_next_charge_arrives_by_itself_with_what_it_is_made_of(visit, world, books):
    books.v1.coupons.create({"id": "half", "percent_off": 50, "duration": "forever"})
    ada = world.live("monthly", coupon="half", days=40)

    visit.arrive(ada["customer"]).sees("$14.50 on")

    expect(visit.page.get_by_role("link", name="See the amount")).to_have_count(0)
    visit.page.get_by_text("What this is made of").click()
    expect(visit.page.locator(".next-charge .sums")).to_contain_text("Discount")


def test_links_change_the_page_without_loading_a_document(visit, ada):
    visit.page.evaluate("window.sameDocument = true")

    visit.follow("Invoices", exact=True).stands_at("Invoices")

    assert visit.page.evaluate("window.sameDocument")
    assert visit.page.title() == "Invoices · Acme"
    expect(visit.page.get_by_role("link", name="Invoices", exact=True)).to_have_attribute("aria-current", "page")
    expect(visit.page.get_by_role("heading", level=1)).to_be_focused()


def test_back_and_forward_bring_the_pages_and_their_titles(visit, ada):
    visit.follow("Invoices", exact=True).stands_at("Invoices")
    visit.page.locator(".invoice-row__number a").first.click()
    expect(visit.page.get_by_role("link", name="Download PDF")).to_be_visible()
    invoice = visit.page.title()

    visit.page.go_back()
    visit.stands_at("Invoices")
    expect(visit.page).to_have_title("Invoices · Acme")
    visit.page.go_back()
    visit.stands_at("Overview")
    expect(visit.page).to_have_title("Overview · Acme")
    visit.page.go_forward()
    visit.stands_at("Invoices")
    visit.page.go_forward()
    expect(visit.page).to_have_title(invoice)


def test_reload_after_links_shows_the_same_page(visit, ada):
    visit.follow("Payment methods").stands_at("Payment methods")

    visit.page.reload()

    visit.stands_at("Payment methods").sees("Visa •••• 4242")


def test_a_new_page_starts_at_its_top(visit, world):
    grace = world.live("many_invoices", count=40)
    visit.arrive(grace["customer"]).follow("Invoices", exact=True).stands_at("Invoices")

    visit.follow("Older")
    expect(visit.page.get_by_role("link", name="Newer")).to_be_attached()

    visit.page.wait_for_function("scrollY === 0")
    assert "starting_after=" in visit.page.url


def test_the_pages_of_a_long_history_lead_there_and_back(visit, world):
    grace = world.live("many_invoices", count=45)
    visit.arrive(grace["customer"]).follow("Invoices", exact=True).stands_at("Invoices")
    numbers = visit.page.locator(".invoice-row__number a")
    newest = numbers.first.inner_text()

    visit.follow("Older")
    expect(numbers.first).not_to_have_text(newest)
    visit.follow("Newer")
    expect(numbers.first).to_have_text(newest)
