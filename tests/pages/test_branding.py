"""`Theme(colors_from="stripe")`: the brand that the merchant chose at Stripe is the portal's, and never in anybody's way."""

from __future__ import annotations

import pytest

from portal_embed import LoginPage, StripeAccount, Theme
from portal_embed.config.colors import contrast
from tests.pages.people import services
from tests.pages.postbox import Postbox
from tests.serving import hosting

pytestmark = pytest.mark.feature(13)

EU = "acct_1EuropeanSide"


@pytest.fixture
def ada(world):
    return world.live("monthly", name="Ada Lovelace", email="ada@example.com")["customer"]


@pytest.fixture
def host(world):
    postbox = Postbox()
    settings = {
        "theme": Theme(colors_from="stripe", radius="2px"),
        "accounts": {EU: StripeAccount(secret_key="sk_test_eu", publishable_key="pk_test_eu")},
        "mail": postbox.deliver,
        "login_page": LoginPage(enabled=True),
    }
    world.own("sk_test_eu", EU)
    with hosting(world, **settings) as served:
        postbox.host, served.postbox = served, postbox
        yield served


def asked_for_it(world):
    return [call for call in world.requests() if call["path"] == "/v1/account"]


def sheet(page, browser):
    """The theme that a page links."""
    (address,) = [value for _, name, value in page.attributes if name == "href" and "theme.css" in value]
    return browser.ask("GET", address).text


def test_a_page_has_the_brand_s_colour_and_the_rest_of_the_theme(world, ada, visit):
    world.brand(secondary_color="#0b6e75")
    browser = visit(ada)
    look = sheet(browser.get("/"), browser)
    assert "--portal-accent: #0b6e75;" in look
    assert "--portal-radius: 2px;" in look


def test_so_has_a_page_for_nobody(world, visit):
    world.brand(secondary_color="#0b6e75")
    browser = visit()
    assert "#0b6e75" in sheet(browser.get("/login"), browser)


def test_so_have_the_payment_element_and_a_mail(host, world, ada, visit):
    world.brand(secondary_color="#0b6e75")
    browser = visit(ada)
    page = browser.submit(next(f for f in browser.get("/payment-methods").forms if f.action.endswith("/new")))
    (appearance,) = [value for _, name, value in page.attributes if name == "data-appearance"]
    assert '"colorPrimary": "#0b6e75"' in appearance

    stranger = visit()
    stranger.submit(stranger.get("/login").form("/login"), email="ada@example.com")
    assert "#0b6e75" in host.postbox.last().html


def test_a_brand_that_cannot_be_read_is_darkened_until_it_can(world, ada, visit):
    world.brand(primary_color="#ffcc00")
    browser = visit(ada)
    light, _, dark = sheet(browser.get("/"), browser).partition("@media")
    accent = light.partition("--portal-accent: ")[2][:7]
    assert accent != "#ffcc00"
    assert contrast(accent, "#ffffff") >= 4.5
    assert "--portal-accent: #ffcc00;" in dark


def test_it_is_asked_for_once_and_not_with_each_page(world, ada, visit):
    world.brand(secondary_color="#0b6e75")
    browser = visit(ada)
    for _ in range(3):
        sheet(browser.get("/"), browser)
    assert len(asked_for_it(world)) == 1


def test_a_theme_that_names_its_colours_asks_for_none(world, ada, visit):
    with hosting(world, theme=Theme(accent="#0b6e75")) as plain:
        visit(ada, at=plain).get("/")
    assert asked_for_it(world) == []


@pytest.mark.parametrize("trouble", [{"status": 500}, {"status": 403}, {"reset": True}])
def test_where_it_cannot_be_read_the_page_is_there_in_the_portal_s_own_look(trouble, world, ada, visit):
    world.brand(secondary_color="#0b6e75")
    world.fail("^/v1/account$", times=None, **trouble)
    browser = visit(ada)
    page = browser.get("/")
    assert page.status == 200
    look = sheet(page, browser)
    assert "--portal-radius: 2px;" in look
    assert "--portal-accent:" not in look


def test_each_listed_account_has_its_own_brand_and_nobody_else_is_asked_for(world, host, visit):
    world.brand(secondary_color="#0b6e75")
    world.brand(secondary_color="#8a3b12", account=EU)
    greta = services(world.stripe_client("sk_test_eu")).customers.create({"name": "Greta"}).id
    browser = visit(greta, stripe_account=EU)
    assert "#8a3b12" in sheet(browser.get("/"), browser)

    world.forget_requests()
    stranger = visit()
    assert "#8a3b12" in stranger.ask("GET", f"/theme.css?account={EU}").text
    assert "#0b6e75" in stranger.ask("GET", "/theme.css?account=acct_1Nobody").text
    assert {call["account"] for call in asked_for_it(world)} <= {None}
