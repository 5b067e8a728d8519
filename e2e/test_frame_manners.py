"""Manners in a host's page: going back, documents, links out, printing, focus and the tab key stay where a reader expects them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.embedding import shop_and_portal
from e2e.test_framed import ada, opened, place, shop  # noqa: F401  (pytest finds fixtures by name)
from portal_embed import BusinessProfile

pytestmark = pytest.mark.feature(2)

everywhere = pytest.mark.parametrize(
    "place",
    ["same origin", "across sites", "across sites in Firefox, all cookies of others blocked"],
    indirect=True,
)


def back(page):
    """The browser's button: the history of a page and of its frames is one. Playwright's own waits for the page around to load."""
    page.evaluate("history.back()")


@everywhere
def test_back_leads_to_the_page_before_in_the_frame_and_not_out_of_the_host_s(place):  # noqa: F811
    page, shop = place  # noqa: F811
    visit = opened(page, shop)
    visit.stands_at("Overview").follow("Invoices", exact=True).stands_at("Invoices")
    visit.follow("Details", exact=True).stands_at("Details")
    back(page)
    visit.stands_at("Invoices")
    back(page)
    visit.stands_at("Overview").sees("Pro")
    page.evaluate("history.forward()")
    visit.stands_at("Invoices").sees("$29.00")
    assert page.url == shop.page_url()


@everywhere
def test_an_invoice_s_pdf_leaves_both_pages_where_they_are(place):  # noqa: F811
    page, shop = place  # noqa: F811
    visit = opened(page, shop, "invoices").stands_at("Invoices")
    with page.expect_download() as saved:
        visit.page.locator("main a[href$='/pdf']").first.click()
    assert saved.value.suggested_filename.endswith(".pdf")
    visit.stands_at("Invoices")
    # The tab of a download is closed by browsers with windows; one without may keep it, empty.
    assert [tab.url for tab in page.context.pages if tab.url not in {"", "about:blank"}] == [shop.page_url("invoices")]


@everywhere
def test_a_receipt_opens_in_a_tab_of_its_own(place, problems):  # noqa: F811
    page, shop = place  # noqa: F811
    visit = opened(page, shop, "invoices").stands_at("Invoices")
    visit.page.locator("main a[href*='/invoices/in_']:not([href$='/pdf'])").first.click()
    with page.context.expect_page() as tab:
        visit.page.get_by_role("link", name="Receipt").click()
    expect(tab.value.locator("body")).to_contain_text("Receipt")
    assert tab.value.evaluate("window.opener") is None
    expect(visit.page.get_by_role("link", name="Receipt")).to_be_visible()
    assert page.url == shop.page_url("invoices")
    problems[:] = [said for said in problems if "favicon.ico" not in said]  # the pretend receipt's own, in Firefox


def test_a_page_that_lets_its_frames_lead_nowhere_but_to_the_portal_still_gives_documents(shop, page):  # noqa: F811
    shop.policy = f"frame-src {shop.host.origin}; form-action {shop.host.origin}"
    visit = opened(page, shop, "invoices").stands_at("Invoices")
    with page.expect_download() as saved:
        visit.page.locator("main a[href$='/pdf']").first.click()
    assert saved.value.suggested_filename.endswith(".pdf")
    visit.stands_at("Invoices")


def test_where_tabs_are_forbidden_the_document_is_had_in_the_frame(shop, page):  # noqa: F811
    visit = opened(page, shop, "invoices").stands_at("Invoices")
    visit.page.evaluate("window.open = () => null")
    with page.expect_download() as saved:
        visit.page.locator("main a[href$='/pdf']").first.click()
    assert saved.value.suggested_filename.endswith(".pdf")
    visit.stands_at("Invoices")


def test_a_document_that_is_gone_is_told_in_the_frame(shop, page, world):  # noqa: F811
    visit = opened(page, shop, "invoices").stands_at("Invoices")
    world.fail("^/v1/invoices/", status=500, times=None)
    visit.page.locator("main a[href$='/pdf']").first.click()
    expect(visit.page.get_by_role("heading", level=1)).not_to_have_text("Invoices")
    assert len(page.context.pages) == 1
    assert page.url == shop.page_url("invoices")


class TestLinksOut:
    @pytest.fixture
    def acme_shop(self, world, ada):  # noqa: F811
        profile = BusinessProfile(
            name="Acme",
            privacy_policy_url="https://acme.example/privacy",
            terms_of_service_url="https://acme.example/terms",
        )
        with shop_and_portal(world, business_profile=profile, return_origins=("https://acme.example",)) as running:
            running.customer = ada["customer"]
            yield running

    @pytest.fixture(autouse=True)
    def acme(self, page):
        page.context.route(
            "https://acme.example/**", lambda route: route.fulfill(body="Acme", content_type="text/html")
        )

    @pytest.mark.parametrize("name", ["Terms", "Privacy"])
    def test_terms_and_privacy_open_in_a_tab(self, acme_shop, page, name):
        visit = opened(page, acme_shop).stands_at("Overview")
        with page.context.expect_page() as tab:
            visit.follow(name)
        expect(tab.value).to_have_url(f"https://acme.example/{name.lower()}")
        visit.stands_at("Overview")
        assert page.url == acme_shop.page_url()

    def test_the_way_back_is_the_whole_window_s(self, acme_shop, page):
        acme_shop.arguments = {"return_url": "https://acme.example/account"}
        opened(page, acme_shop).stands_at("Overview").follow("Back to Acme")
        expect(page).to_have_url("https://acme.example/account")


class TestPrinting:
    def test_the_page_around_prints_the_whole_of_it_and_nothing_to_press(self, shop, page):  # noqa: F811
        visit = opened(page, shop, "invoices").stands_at("Invoices").sees("$29.00")
        page.set_viewport_size({"width": 700, "height": 400})  # about a sheet of paper's width
        page.emulate_media(media="print")
        for gone in (visit.page.locator(".nav"), visit.page.get_by_role("link", name="PDF").first):
            expect(gone).to_be_hidden()
        expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
        expect(visit.page.get_by_text("$29.00").first).to_be_visible()
        needed = visit.page.locator("body").bounding_box()["height"]
        assert needed > 100
        page.wait_for_function(  # neither cut off, nor with a hole after it
            "(needed) => Math.abs(document.querySelector('billing-portal iframe').clientHeight - needed) < 2",
            arg=needed,
        )


class TestFocus:
    def where(self, page, visit):
        return page.evaluate("document.activeElement.tagName"), visit.page.evaluate("document.activeElement.tagName")

    @everywhere
    def test_after_going_on_it_is_at_the_heading_inside_the_frame(self, place):  # noqa: F811
        page, shop = place  # noqa: F811
        visit = opened(page, shop).stands_at("Overview").follow("Invoices", exact=True).stands_at("Invoices")
        expect(visit.page.get_by_role("heading", level=1)).to_be_focused()
        assert self.where(page, visit) == ("IFRAME", "H1")

    def test_arriving_takes_it_from_nobody(self, shop, page):  # noqa: F811
        shop.body = '<input id="search" autofocus>' + shop.body
        visit = opened(page, shop).stands_at("Overview").sees("Pro")
        assert page.evaluate("document.activeElement.id") == "search"
        visit.sees("Visa")
        expect(page.locator("#search")).to_be_focused()

    def test_the_tab_key_leads_from_the_page_through_the_frame_and_out_again(self, shop, page):  # noqa: F811
        shop.body = f'<button id="before">Before</button>{shop.body}<button id="after">After</button>'
        visit = opened(page, shop).stands_at("Overview").sees("Visa")
        page.locator("#before").focus()
        inside = []
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "after":
                break
            inside.append(visit.page.evaluate("document.activeElement.textContent.trim()"))
        expect(page.locator("#after")).to_be_focused()
        assert inside[0] == "Skip to content"
        assert "Invoices" in inside
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.tagName") == "IFRAME"
        for _ in inside:
            page.keyboard.press("Shift+Tab")
        expect(page.locator("#before")).to_be_focused()


def test_what_went_wrong_is_said_where_the_reader_looks_however_tall_the_frame(shop, page, problems):  # noqa: F811
    page.set_viewport_size({"width": 700, "height": 400})
    visit = opened(page, shop, "details").stands_at("Details")
    page.wait_for_function("document.querySelector('billing-portal iframe').clientHeight > 800")
    page.route("**/billing/invoices", lambda route: route.abort())
    visit.follow("Invoices", exact=True)
    alert = visit.page.get_by_role("alert")
    expect(alert).to_contain_text("This did not load.")
    expect(alert).to_be_in_viewport(ratio=1)
    expect(visit.page.get_by_role("link", name="Invoices", exact=True)).to_be_in_viewport()
    problems.clear()  # the browser says that the request failed
