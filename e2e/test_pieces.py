"""Sections of the portal in a page of the host's: by the element, and as fragments that the host's own htmx swaps."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from e2e.conftest import listening_to
from e2e.embedding import shop_and_portal
from e2e.steps import GOOD_CARD, Visit, cards_of, default_of

pytestmark = pytest.mark.feature(2)

PACKAGES = Path(__file__).parent.parent / "tests" / "js" / "node_modules"
VENDORED = {
    "bootstrap.css": PACKAGES / "bootstrap/dist/css/bootstrap.min.css",
    "preflight.css": PACKAGES / "tailwindcss/preflight.css",
    "htmx2.js": PACKAGES / "htmx.org/dist/htmx.min.js",
    "htmx4.js": Path(__file__).parent.parent / "src/portal_embed/static/vendor/htmx-4.0.1.min.js",
}
HOSTILE = """<style>
html { font-size: 62.5% }
body { text-transform: uppercase; letter-spacing: 4px; line-height: 3; text-align: right; font-style: italic }
* { color: red !important; font: 40px/1 serif !important; border: 3px solid lime !important; float: left !important }
a, button, table, td, p { display: inline !important; margin: 30px !important; background: yellow !important }
.portal, .button, .badge, .table { display: none !important }
</style>"""
AROUND = {
    "Bootstrap": '<link rel="stylesheet" href="/npm/bootstrap.css">',
    "Tailwind's preflight": '<link rel="stylesheet" href="/npm/preflight.css">',
    "a hostile stylesheet": HOSTILE,
    "htmx 2": '<script src="/npm/htmx2.js"></script>',
}
PIECE = """<billing-portal-piece src="{{portal}}" token-url="token" name="{name}" {more}></billing-portal-piece>"""
SCRIPT = """<script src="{portal}/pieces.js"></script>"""


@pytest.fixture
def ada(world):
    return world.live("monthly", days=900, name="Ada Lovelace", email="ada@example.com")


@pytest.fixture
def shop(world, ada):
    with shop_and_portal(world, shop_host="localhost", portal_host="localhost", allowed=()) as running:
        running.customer = ada["customer"]
        running.arguments = {"return_url": running.page_url()}
        yield running


@pytest.fixture
def page(shop, new_context, problems):
    """A browser that closes before the shop does; files of npm packages are at /npm/."""
    context = listening_to(new_context(), problems)
    context.route("**/npm/*", lambda route: route.fulfill(path=VENDORED[route.request.url.rpartition("/")[2]]))
    return context.new_page()


def show(page, shop, *names, around="", more=""):
    """Open the shop's page with these pieces; answers a `Visit` whose page is the first of them."""
    shop.body = around + "".join(PIECE.format(name=name, more=more) for name in names) + SCRIPT
    page.goto(shop.page_url())
    piece = page.locator("billing-portal-piece").first
    expect(piece.locator(".portal--piece")).to_be_attached()
    return Visit(piece, shop.host)


def heard(page, type):
    return [detail for name, detail in page.evaluate("window.heard") if name == type]


class TestTheElement:
    def test_invoices_are_paged_and_opened_in_place(self, page, shop, ada):
        visit = show(page, shop, "invoices")
        piece = visit.page
        expect(piece.get_by_role("row")).to_have_count(21)
        first = piece.get_by_role("row").nth(1).get_by_role("link").first.inner_text()
        piece.get_by_role("link", name="Older").click()
        expect(piece.get_by_role("link", name="Back to the newest")).to_be_visible()
        piece.get_by_role("link", name="Back to the newest").click()
        piece.get_by_role("link", name=first, exact=True).click()
        expect(piece.get_by_role("heading", name=first)).to_be_focused()
        piece.get_by_role("link", name="Invoices").click()
        expect(piece.get_by_role("row")).to_have_count(21)
        assert page.url == shop.page_url()
        assert [detail["view"] for detail in heard(page, "navigate")] == ["invoices"] * 5

    def test_a_pdf_is_loaded_by_the_browser(self, page, shop):
        piece = show(page, shop, "invoices").page
        with page.expect_response(lambda answer: answer.url.endswith("/pdf")) as answer:
            piece.get_by_role("link", name="PDF of invoice").first.click()
        assert answer.value.status in {200, 302}

    def test_one_invoice(self, page, shop, ada):
        piece = show(page, shop, "invoice", more=f'object="{ada["invoice"]}"').page
        expect(piece.get_by_role("heading", name="Invoice")).to_be_visible()
        expect(piece).to_contain_text("$29.00")

    def test_another_card_is_made_the_default_by_a_form(self, page, shop, ada, books):
        books.v1.payment_methods.attach("pm_card_mastercard", {"customer": ada["customer"]})
        piece = show(page, shop, "payment-methods").page
        piece.locator("summary", has_text="Make default").click()
        piece.get_by_role("button", name="Use as default").click()
        expect(piece.locator(".notice")).to_contain_text("Mastercard")
        assert default_of(books, ada) != ada["payment_method"]
        assert [detail["change"] for detail in heard(page, "changed")] == ["method_default"]

    def test_a_card_is_entered_on_the_portals_own_page_with_the_way_back(self, page, shop, ada, books):
        visit = show(page, shop, "payment-methods")
        visit.press("Add payment method")
        whole = Visit(page, shop.host)
        whole.stands_at("Add a payment method").enter_card(GOOD_CARD).sees("was added")
        assert cards_of(books, ada) == ["4242", "4242"]
        page.get_by_role("link", name="Back to Acme").click()
        expect(page).to_have_url(shop.page_url())

    def test_the_plan_with_its_next_charge_is_changed(self, page, shop, ada, books):
        piece = show(page, shop, "plan").page
        expect(piece).to_contain_text("You pay $29.00 on")
        piece.get_by_role("link", name="Change plan").click()
        piece.get_by_label("Starter").first.check()
        piece.get_by_role("button", name="See what it costs").click()
        piece.get_by_role("button", name="change plan").click()
        expect(page.locator("main")).to_contain_text(
            "Your plan is now Starter"
        )  # a bank might have asked: a page of its own
        (item,) = books.v1.subscriptions.retrieve(ada["subscription"])["items"].data
        assert item.price.lookup_key == "starter_monthly"
        page.get_by_role("link", name="Back to Acme").click()
        expect(page.locator("billing-portal-piece")).to_contain_text("$9.00 a month")

    def test_canceled_and_kept(self, page, shop, ada, books):
        piece = show(page, shop, "cancel").page
        expect(piece.get_by_role("heading", name="Cancel")).to_be_visible()
        piece.get_by_role("button", name="Cancel subscription").click()
        expect(piece).to_contain_text("Pro is canceled")
        assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is not None
        piece.get_by_role("button", name="Keep").click()
        expect(piece.locator(".notice")).to_be_focused()
        assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is None
        assert [detail["change"] for detail in heard(page, "changed")] == ["canceled", "kept"]

    def test_what_comes_next_and_what_wants_attention(self, page, shop, world):
        shop.customer = world.life("past_due", name="Bob", email="bob@example.com")
        show(page, shop, "attention", "upcoming")
        attention, upcoming = (page.locator("billing-portal-piece").nth(number) for number in (0, 1))
        expect(attention).to_contain_text("failed")
        expect(upcoming).to_contain_text("You pay $29.00 on")

    def test_pieces_of_one_page_share_one_session(self, page, shop):
        show(page, shop, "invoices", "payment-methods", "plan")
        pieces = page.locator("billing-portal-piece")
        for number in range(3):
            expect(pieces.nth(number).locator(".portal--piece")).to_be_attached()
        pieces.nth(0).get_by_role("link", name="Older").click()
        expect(pieces.nth(0).get_by_role("link", name="Back to the newest")).to_be_visible()
        pieces.nth(2).get_by_role("link", name="Cancel subscription").click()
        pieces.nth(2).get_by_role("button", name="Cancel subscription").click()
        expect(pieces.nth(2)).to_contain_text("Pro is canceled")
        assert heard(page, "expired") == []


class TestWhoIsThere:
    def test_nobody(self, page, shop):
        shop.customer = None
        shop.body = PIECE.format(name="invoices", more="") + SCRIPT
        page.goto(shop.page_url())
        expect(page.locator("billing-portal-piece").get_by_role("link", name="Open billing")).to_be_visible()
        assert heard(page, "error")[0]["message"] == "token-url answered 401"

    def test_never_the_one_who_was_here_before(self, page, shop, world):
        show(page, shop, "invoices")
        shop.customer = world.life("new", name="Finn", email="finn@example.com")
        visit = show(page, shop, "invoices")
        expect(visit.page).to_contain_text("No invoices yet")

    def test_nor_when_the_user_changes_without_a_new_page(self, page, shop, world):
        visit = show(page, shop, "invoices")
        expect(visit.page.get_by_role("row")).to_have_count(21)
        shop.customer = world.life("new", name="Finn", email="finn@example.com")
        visit.page.evaluate("(piece) => piece.start()")
        expect(visit.page).to_contain_text("No invoices yet")

    def test_a_sign_in_that_failed_is_tried_anew(self, page, shop, ada):
        shop.customer = None
        shop.body = PIECE.format(name="upcoming", more="") + SCRIPT
        page.goto(shop.page_url())
        piece = page.locator("billing-portal-piece")
        expect(piece.get_by_role("link", name="Open billing")).to_be_visible()
        shop.customer = ada["customer"]
        piece.evaluate("(piece) => piece.start()")
        expect(piece).to_contain_text("You pay $29.00 on")

    def test_a_form_that_got_lost_says_so(self, page, shop, problems):
        piece = show(page, shop, "cancel").page
        page.route("**/cancellation", lambda route: route.abort())
        piece.get_by_role("button", name="Cancel subscription").click()
        expect(piece.get_by_role("alert")).to_contain_text("could not confirm what happened")
        expect(piece.locator("[aria-busy]")).to_have_count(0)
        problems.clear()  # the browser says that the connection failed, which it did

    def test_a_session_that_ends_goes_on_with_what_was_typed(self, page, shop, ada, books):
        piece = show(page, shop, "cancel").page
        piece.get_by_label("Anything you want to tell us?").fill("Moving to a smaller boat")
        shop.host.portal.end_sessions(customer=ada["customer"])
        piece.get_by_role("button", name="Cancel subscription").click()
        expect(piece).to_contain_text("Pro is canceled")
        details = books.v1.subscriptions.retrieve(ada["subscription"]).cancellation_details
        assert details.comment == "Moving to a smaller boat"
        assert len(heard(page, "expired")) == 1

    def test_nothing_is_sent_for_another_customer(self, page, shop, ada, world, books):
        piece = show(page, shop, "cancel").page
        shop.host.portal.end_sessions(customer=ada["customer"])
        other = world.live("monthly", name="Eve", email="eve@example.com")
        shop.customer = other["customer"]
        piece.get_by_role("button", name="Cancel subscription").click()
        expect(piece.locator("[aria-busy]")).to_have_count(0)
        for life in (ada, other):
            assert books.v1.subscriptions.retrieve(life["subscription"]).cancel_at is None

    def test_the_portal_of_another_origin_is_refused_in_words(self, page, shop):
        shop.body = (
            PIECE.format(name="invoices", more="").replace("{portal}", "http://portal.localhost:1/billing") + SCRIPT
        )
        page.goto(shop.page_url())
        expect(page.locator("billing-portal-piece").get_by_role("link", name="Open billing")).to_be_visible()
        page.locator("billing-portal-piece").evaluate("(piece) => piece.start()")
        assert "the page's own origin" in heard(page, "error")[0]["message"]


LOOKS = """(root) => [...root.shadowRoot.querySelectorAll(".portal--piece, .portal--piece *")].map((element) => {
  const it = getComputedStyle(element);
  const names = ["display", "color", "backgroundColor", "fontSize", "fontFamily", "fontStyle", "lineHeight", "letterSpacing",
    "textTransform", "textAlign", "borderTopWidth", "borderTopColor", "paddingTop", "marginTop", "float", "blockSize"];
  return element.tagName + names.map((name) => it[name]).join("|");
})"""
HOSTS_LOOK = """() => [...document.querySelectorAll("h1, #below, #table, #table td, #link")].map((element) => {
  const it = getComputedStyle(element);
  return ["display", "color", "fontSize", "fontFamily", "lineHeight", "paddingTop", "marginTop"].map((name) => it[name]).join("|");
})"""
OF_THE_HOST = '<table id="table"><tr><td>A table <a id="link" class="button" href="#">of the host</a></td></tr></table>'


class TestNeitherSidesStylesReachTheOther:
    @pytest.mark.parametrize("around", AROUND)
    def test_a_piece_looks_as_it_does_on_an_empty_page(self, page, shop, around):
        width = "<style>billing-portal-piece { width: 600px !important; display: block !important }</style>"
        looks = []
        for surroundings in ("", AROUND[around]):
            piece = show(page, shop, "invoices", around=width + surroundings).page
            expect(piece.get_by_role("row")).to_have_count(21)
            looks.append(piece.evaluate(LOOKS))
        assert len(looks[0]) > 50
        assert looks[0] == looks[1]

    @pytest.mark.parametrize("around", AROUND)
    def test_the_page_looks_as_it_does_without_a_piece(self, page, shop, around):
        shop.body = AROUND[around] + OF_THE_HOST
        page.goto(shop.page_url())
        before = page.evaluate(HOSTS_LOOK)
        show(page, shop, "invoices", around=AROUND[around] + OF_THE_HOST)
        assert page.evaluate(HOSTS_LOOK) == before

    def test_light_where_the_page_is_light_whatever_the_system_prefers(self, page, shop):
        page.emulate_media(color_scheme="dark")
        ink = []
        for scheme in ("normal", "light dark"):
            piece = show(page, shop, "upcoming", around=f"<style>:root {{ color-scheme: {scheme} }}</style>").page
            ink.append(piece.locator(".portal--piece").evaluate("(root) => getComputedStyle(root).color"))
        assert ink == ["rgb(26, 31, 41)", "rgb(233, 236, 241)"]

    def test_narrow_in_a_narrow_place_of_a_wide_window(self, page, shop):
        width = "<style>billing-portal-piece { width: 300px }</style>"
        piece = show(page, shop, "invoices", around=width).page
        root = piece.locator(".portal--piece")
        assert root.evaluate("(root) => root.scrollWidth <= root.clientWidth + 1")
        assert piece.get_by_role("row").nth(1).evaluate("(row) => getComputedStyle(row).display") != "table-row"


@pytest.mark.parametrize("version", ["htmx2.js", "htmx4.js"])
class TestFragmentsSwappedByTheHosts:
    @pytest.fixture
    def swapped(self, page, shop, ada, version):
        """Open a page of the shop's whose own htmx loads the piece of this name."""

        def open_piece(name):
            page.goto(shop.host.link(ada["customer"]))
            shop.body = (
                f'<script src="/npm/{version}"></script><div id="billing" '
                f'hx-get="{{portal}}/pieces/{name}" hx-trigger="load"></div>'
            )
            page.goto(shop.page_url())
            return page.locator("#billing")

        return open_piece

    def test_links_are_followed_in_place(self, page, shop, swapped):
        piece = swapped("invoices")
        expect(piece.get_by_role("row")).to_have_count(21)
        piece.get_by_role("link", name="Older").click()
        expect(piece.get_by_role("link", name="Back to the newest")).to_be_visible()
        expect(page.locator("h1")).to_have_text("Your account at the shop")
        assert page.url == shop.page_url()
        assert heard(page, "navigate")[-1]["view"] == "invoices"

    def test_a_form_does_what_it_says(self, page, shop, swapped, ada, books):
        piece = swapped("cancel")
        piece.get_by_role("button", name="Cancel subscription").click()
        expect(piece).to_contain_text("Pro is canceled")
        assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is not None
        assert page.url == shop.page_url()
        assert [detail["change"] for detail in heard(page, "changed")] == ["canceled"]

    def test_what_a_choice_costs_is_shown_in_place(self, page, shop, swapped):
        piece = swapped("plan")
        piece.get_by_role("link", name="Change plan").click()
        piece.get_by_label("Starter").first.check()
        piece.get_by_role("button", name="See what it costs").click()
        expect(piece).to_contain_text("Starter, $9.00 a month")
        expect(piece.get_by_label("Starter").first).to_be_checked()
        assert page.url == shop.page_url()

    def test_a_session_that_is_over_says_so_in_place(self, page, shop, swapped, ada):
        piece = swapped("invoices")
        expect(piece.get_by_role("row")).to_have_count(21)
        shop.host.portal.end_sessions(customer=ada["customer"])
        piece.get_by_role("link", name="Older").click()
        expect(piece).to_contain_text("session")
        assert heard(page, "error")[-1]["status"] == 401
        assert page.url == shop.page_url()
