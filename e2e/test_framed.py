"""The portal in a page of the host's, on the same site and across two, with the browser's cookies for others on and off."""

from __future__ import annotations

from functools import partial

import httpx
import pytest
from playwright.sync_api import expect

from e2e.conftest import listening_to
from e2e.embedding import block_third_party_cookies, framed, shop_and_portal, third_party_cookies
from e2e.steps import ALWAYS_ASKING_CARD, ASKING_CARD, cards_of, default_of
from e2e.test_story import cancel_and_come_back, change_plan_and_compare

pytestmark = pytest.mark.feature(2)

PLACES = (
    "same origin",
    "across sites",
    "across sites, cookies of others blocked",
    "across sites in Firefox",
    "across sites in Firefox, all cookies of others blocked",
)
FIREFOX_BLOCKS_ALL = {"network.cookie.cookieBehavior": 1}
"""What its setting "All cross-site cookies" writes; as shipped it keeps them apart by site instead."""
in_places = partial(pytest.mark.parametrize, "place", indirect=True)
COOKIES_DIFFER_MOST = (PLACES[0], "across sites, cookies of others blocked", PLACES[-1])
"""For a story that asks no more of cookies than the whole one does."""


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")


@pytest.fixture
def shop(world, ada):
    with shop_and_portal(world) as running:
        running.customer = ada["customer"]
        yield running


@pytest.fixture(params=PLACES)
def place(request, world, ada, new_context, firefoxes, problems):
    """(page, shop): a browser, and a shop on the portal's site or another; first it is proved which cookies it keeps."""
    blocked = "blocked" in request.param
    in_firefox = "Firefox" in request.param
    preferences = FIREFOX_BLOCKS_ALL if blocked else {}
    context = firefoxes(**preferences).new_context() if in_firefox else new_context()
    page = listening_to(context, problems).new_page()
    with shop_and_portal(
        world, shop_host="portal.localhost" if request.param == "same origin" else "shop.localhost"
    ) as shop:
        shop.customer = ada["customer"]
        if request.param != "same origin":
            if blocked and not in_firefox:
                block_third_party_cookies(page)
            assert third_party_cookies(page, shop) == ("blocked" if blocked else "kept")
        yield page, shop
        context.close()


def opened(page, shop, view=""):
    page.goto(shop.page_url(view))
    return framed(page, shop)


def heard(page, type):
    return [detail for kind, detail in page.evaluate("window.heard") if kind == type]


def cookies_of(page, shop):
    return {c["name"]: c for c in page.context.cookies(shop.host.origin + shop.host.path)}


class TestTheWholeStory:
    # In Firefox as it comes cookies are kept as in Chromium, and each click takes half a second.
    @in_places([place for place in PLACES if place != "across sites in Firefox"])
    def test_invoices_a_card_with_the_bank_s_question_a_change_of_plan_and_canceling(self, place, ada, books):
        page, shop = place
        visit = opened(page, shop)
        visit.sees("Pro")
        visit.follow("Invoices", exact=True).stands_at("Invoices")
        visit.follow("Payment methods").add_card(ASKING_CARD).bank("Complete authentication")
        visit.sees("Visa •••• 3155 was added")
        assert cards_of(books, ada) == ["3155", "4242"]
        visit.follow("Overview")
        change_plan_and_compare(visit, books, ada)
        cancel_and_come_back(visit, books, ada)
        assert page.url == shop.page_url()
        page.wait_for_function("window.heard.some(([, detail]) => detail.change === 'kept')")
        changes = [detail["change"] for detail in heard(page, "changed")]
        assert changes == ["method_added", "changed", "canceled", "kept"]

    @in_places(COOKIES_DIFFER_MOST)
    def test_an_invoice_paid_with_a_card_whose_bank_asks(self, place, world, books):
        page, shop = place
        bob = world.live("open_invoice", name="Bob", email="bob@example.com")
        shop.customer = bob["customer"]
        visit = opened(page, shop, "invoices")
        visit.page.locator(f"a[href$='/invoices/{bob['invoice']}']").first.click()
        visit.page.locator("a[href$='/payment']").first.click()
        visit.press("Pay with another method").enter_card(ALWAYS_ASKING_CARD).bank("Complete authentication")
        visit.page.locator("main form[action$='/payment'] button[type=submit]").click()
        visit.bank("Complete authentication").sees("We received $49.00. Thank you.")
        assert books.v1.invoices.retrieve(bob["invoice"]).status == "paid"
        assert page.url == shop.page_url("invoices")

    @in_places(PLACES)
    def test_the_default_can_be_changed_by_a_form(self, place, ada, books):
        page, shop = place
        books.v1.payment_methods.attach("pm_card_mastercard", {"customer": ada["customer"]})
        before = default_of(books, ada)
        visit = opened(page, shop, "payment-methods")
        visit.page.get_by_text("Make default").first.click()
        visit.press("Use as default")
        page.wait_for_function("window.heard.some(([, detail]) => detail.change === 'method_default')")
        assert default_of(books, ada) != before


class TestTheFrame:
    @pytest.mark.parametrize(
        ("view", "heading"),
        [
            ("", "Overview"),
            ("plan", "Change plan"),
            ("invoices", "Invoices"),
            ("payment-methods", "Payment methods"),
            ("details", "Details"),
            ("no-such-view", "Overview"),
        ],
    )
    def test_it_opens_at_the_view_that_the_host_asks_for(self, shop, page, view, heading):
        visit = opened(page, shop, view)
        expect(visit.page.get_by_role("heading", level=1)).to_have_text(heading)

    def test_a_flow_opens_at_its_beginning_and_says_when_it_is_done(self, shop, page, ada):
        flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": ada["subscription"]}}
        shop.arguments = {"flow_data": flow}
        visit = opened(page, shop)
        visit.page.locator("main form button[type=submit]").last.click()
        visit.sees("is canceled")
        page.wait_for_function("window.heard.some(([type]) => type === 'done')")

    def test_the_page_around_it_says_in_which_language_and_light(self, shop, page):
        shop.body = shop.body.replace("token-url", 'locale="de" theme="dark" token-url')
        visit = opened(page, shop, "invoices")
        visit.sees("29,00")
        look = "getComputedStyle(document.documentElement).backgroundColor"
        assert visit.page.evaluate(look) == "rgb(18, 21, 27)"
        page.evaluate("document.querySelector('billing-portal').setAttribute('theme', 'light')")
        expect(visit.page.locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")

    def test_it_is_as_high_as_its_content_and_does_not_grow_by_itself(self, shop, page):
        visit = opened(page, shop)
        visit.sees("Pro")
        frame = page.locator("billing-portal iframe")
        page.wait_for_function(
            """() => { const frame = document.querySelector("billing-portal iframe");
                       return Math.abs(frame.clientHeight - 384) > 2 }"""
        )
        sizes = page.evaluate(
            """() => new Promise((resolve) => { const seen = []; const frame = document.querySelector("billing-portal iframe");
               const look = () => { seen.push(frame.clientHeight); seen.length < 30 ? requestAnimationFrame(look) : resolve(seen) };
               look() })"""
        )
        assert len(set(sizes[-10:])) == 1
        inner = visit.page.evaluate("[document.documentElement.scrollHeight, document.documentElement.clientHeight]")
        assert inner[0] <= inner[1]
        assert frame.bounding_box()["height"] < 5000

    def test_the_cookie_is_partitioned_and_of_no_use_elsewhere(self, shop, page):
        opened(page, shop).sees("Pro")
        (cookie,) = [c for c in page.context.cookies() if c["name"].startswith("__Host-pex_")]
        assert cookie["sameSite"] == "None"
        assert cookie["secure"]
        assert cookie["httpOnly"]
        page.goto(shop.host.origin + shop.host.path + "/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your session has expired")

    def test_no_token_stands_in_any_address(self, shop, page):
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        opened(page, shop).sees("Pro")
        assert not [url for url in asked if "token=" in url]

    def test_who_is_not_in_the_list_cannot_frame_it(self, world, ada, page, problems):
        with shop_and_portal(world, allowed=("https://somebody-else.example",)) as shop:
            shop.customer = ada["customer"]
            visit = opened(page, shop)
            page.wait_for_function("document.querySelector('billing-portal iframe').clientHeight > 0")
            visit.page.wait_for_load_state()
            assert not visit.page.get_by_text("Pro").count()
            assert heard(page, "ready") == []
            page.goto("about:blank")
        problems.clear()  # the browser says on its console that it refused to show the frame


class TestASessionThatEnds:
    def test_the_host_is_asked_and_it_goes_on_where_it_was(self, shop, page, ada):
        visit = opened(page, shop, "payment-methods")
        visit.stands_at("Payment methods")
        shop.host.portal.end_sessions(customer=ada["customer"])
        visit.follow("Invoices", exact=True).stands_at("Invoices").sees("$29.00")
        assert len(heard(page, "expired")) == 1

    def test_where_the_host_knows_nobody_any_more_it_stays_ended(self, shop, page, ada):
        visit = opened(page, shop, "payment-methods")
        visit.stands_at("Payment methods")
        shop.host.portal.end_sessions(customer=ada["customer"])
        shop.customer = None
        visit.follow("Invoices", exact=True).stands_at("Your session has expired")
        page.wait_for_function("window.heard.some(([type, detail]) => type === 'error' && detail.reason === 'token')")

    def test_a_half_filled_form_is_not_lost(self, shop, page, ada, books):
        page.clock.install()
        visit = opened(page, shop, "details")
        visit.page.locator("a[href$='/details/contact']").click()
        visit.page.get_by_label("Name", exact=True).fill("Ada King")
        shop.host.portal.end_sessions(customer=ada["customer"])
        page.clock.fast_forward("20:00")  # longer than a session may rest
        visit.press("Save")
        visit.sees("Ada King")
        assert books.v1.customers.retrieve(ada["customer"]).name == "Ada King"

    def test_a_form_does_not_hang_where_the_host_answers_nothing(self, shop, page, ada):
        page.clock.install()
        visit = opened(page, shop, "details")
        visit.page.locator("a[href$='/details/contact']").click()
        visit.page.get_by_label("Name", exact=True).fill("Ada King")
        shop.customer = None
        shop.host.portal.end_sessions(customer=ada["customer"])
        page.clock.fast_forward("20:00")
        visit.press("Save")
        page.wait_for_function("window.heard.some(([type, detail]) => type === 'error' && detail.reason === 'token')")
        page.clock.fast_forward("00:11")
        visit.stands_at("Your session has expired")

    def test_nor_saved_for_another_customer(self, world, shop, page, ada, books):
        page.clock.install()
        visit = opened(page, shop, "details")
        visit.page.locator("a[href$='/details/contact']").click()
        visit.page.get_by_label("Name", exact=True).fill("Ada King")
        page.clock.fast_forward("20:00")  # longer than a session may rest
        other = world.live("monthly", name="Bob", email="bob@example.com")
        shop.customer = other["customer"]
        visit.press("Save")
        expect(visit.page.get_by_label("Name", exact=True)).to_have_value("Bob")
        assert books.v1.customers.retrieve(other["customer"]).name == "Bob"

    def test_where_no_session_can_be_kept_at_all_a_tab_of_its_own_is_offered(self, shop, page):
        """As if the browser lost everything: whatever is posted is answered by the page for nobody."""
        ended = httpx.get(f"{shop.host.origin.replace('portal.', '')}{shop.host.path}/expired")
        policy = {"content-security-policy": f"frame-ancestors {shop.origin}", "content-type": "text/html"}
        nobody = {"status": 401, "body": ended.text, "headers": policy}
        page.route("**/billing/session", lambda route: route.fulfill(**nobody))
        page.goto(shop.page_url())
        link = page.get_by_role("link", name="Open billing in a new tab")
        link.wait_for()
        assert {"reason": "session"} in heard(page, "error")
        page.unroute_all()
        with page.context.expect_page() as opened_tab:
            link.click()
        expect(opened_tab.value.get_by_role("heading", level=1)).to_have_text("Overview")


class TestMessages:
    def test_those_of_others_do_nothing(self, shop, page):
        visit = opened(page, shop)
        visit.sees("Pro")
        page.wait_for_function("document.querySelector('billing-portal iframe').clientHeight > 400")
        height = page.locator("billing-portal iframe").bounding_box()["height"]
        known = len(page.evaluate("window.heard"))
        page.evaluate(
            """() => { for (const origin of ["*"]) {
                 window.postMessage({ portal_embed: 1, type: "resize", height: 9999 }, origin);
                 window.postMessage({ portal_embed: 1, type: "done" }, origin); } }"""
        )
        visit.page.evaluate("window.parent.postMessage({ portal_embed: 2, type: 'done' }, '*')")
        visit.page.evaluate("window.parent.postMessage({ type: 'done' }, '*')")
        visit.page.evaluate("window.postMessage({ portal_embed: 1, type: 'token', token: 'x' }, '*')")
        visit.follow("Invoices", exact=True).stands_at("Invoices")
        assert heard(page, "done") == []
        assert len(page.evaluate("window.heard")) == known + 1
        assert page.locator("billing-portal iframe").bounding_box()["height"] <= max(height, 2000)

    def test_they_name_no_customer_and_no_object(self, shop, page, ada):
        page.add_init_script(
            "window.said = []; addEventListener('message', ({ data }) => said.push(JSON.stringify(data)))"
        )
        visit = opened(page, shop, "payment-methods")
        visit.add_card(ASKING_CARD).bank("Complete authentication").sees("was added")
        said = " ".join(page.evaluate("window.said"))
        assert "changed" in said
        for secret in (ada["customer"], ada["subscription"], "Ada", "pm_", "cus_", "http"):
            assert secret not in said


def test_the_script_keeps_its_address_and_is_small(shop, page):
    at = f"{shop.host.origin.replace('portal.localhost', 'localhost')}{shop.host.path}/embed.js"
    answer = page.request.get(at)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert "set-cookie" not in answer.headers
    again = page.request.get(answer.url, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status == 304


@pytest.mark.parametrize("java_script", [True, False])
def test_a_plain_iframe_needs_no_script_of_the_host_s(shop, new_context, java_script):
    shop.body = f'<iframe id="billing" width="800" height="900" src="{shop.host.link(shop.customer)}"></iframe>'
    page = new_context(java_script_enabled=java_script).new_page()
    page.goto(shop.page_url())
    frame = page.frame_locator("#billing")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Overview")
    frame.get_by_role("link", name="Invoices", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Invoices")
    page.context.close()
