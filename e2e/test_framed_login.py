"""Signing in by a code inside a frame on another site, where the browser keeps cookies there and where it keeps none."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.conftest import listening_to
from e2e.embedding import block_third_party_cookies, framed, shop_and_portal, third_party_cookies
from e2e.test_login import code_in
from portal_embed import LoginPage
from tests.pages.postbox import Postbox

pytestmark = pytest.mark.feature(2, 3)


@pytest.fixture(params=["across sites", "across sites, cookies of others blocked"])
def place(request, world, new_context, problems):
    """(page, shop): the shop's page has the element without a token-url."""
    postbox = Postbox()
    settings = {"mail": postbox.deliver, "login_page": LoginPage(enabled=True, may_be_framed=True)}
    blocked = "blocked" in request.param
    context = new_context()
    page = listening_to(context, problems).new_page()
    if blocked:
        block_third_party_cookies(page)
    with shop_and_portal(world, **settings) as shop:
        postbox.host, shop.mails = shop.host, postbox
        shop.body = shop.body.replace(' token-url="token"', "")
        assert third_party_cookies(page, shop) == ("blocked" if blocked else "kept")
        yield page, shop
        context.close()


def test_the_whole_way_in_and_on_without_leaving_the_page_around_it(place, world):
    world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")
    page, shop = place
    page.goto(shop.page_url())
    visit = framed(page, shop)
    visit.stands_at("Sign in to billing").page.get_by_label("Billing email").fill("ada@example.com")
    page.wait_for_function("document.querySelector('billing-portal iframe').clientHeight < 384")
    visit.press("Send the code").stands_at("Enter your code")
    visit.page.get_by_label("Code").fill(code_in(shop.mails.last()))
    visit.press("Sign in").stands_at("Overview").sees("Pro")
    visit.follow("Invoices", exact=True).stands_at("Invoices").sees("$29.00")
    visit.follow("Details", exact=True).page.locator("a[href$='/details/contact']").click()
    visit.page.get_by_label("Name", exact=True).fill("Ada King")
    visit.press("Save").sees("Ada King")
    assert page.url == shop.page_url()
    expect(page.get_by_role("heading", level=1).first).to_have_text("Your account at the shop")
    visit.follow("Overview", exact=True).stands_at("Overview").sees("You pay $29.00")  # nothing is under way any more
    shop.host.portal.end_sessions(customer=world.stripe_client().v1.customers.list().data[0].id)
    visit.follow("Invoices", exact=True).stands_at("Sign in to billing")


def test_where_it_is_not_allowed_there_is_nothing_in_the_frame(world, page, problems):
    settings = {"mail": Postbox().deliver, "login_page": LoginPage(enabled=True)}
    with shop_and_portal(world, **settings) as shop:
        shop.body = f'<iframe id="login" src="{shop.host.origin}{shop.host.path}/login"></iframe>'
        with page.expect_response("**/login") as asked:
            page.goto(shop.page_url())
        assert asked.value.headers["x-frame-options"] == "DENY"
        expect(page.frame_locator("#login").get_by_label("Billing email")).to_have_count(0)
        page.goto("about:blank")
    assert any("frame" in problem.lower() for problem in problems)
    problems.clear()
