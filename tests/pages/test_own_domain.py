"""A portal at the root of a domain of its own: it says so in every address, and to nobody but that domain."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from portal_embed import Portal
from tests.pages.visitor import NAVIGATION, Page
from tests.serving import config_for

pytestmark = pytest.mark.feature(14)

DOMAIN = "https://billing.shop.example"


@pytest.fixture
def portal(world):
    return Portal(config_for(world, DOMAIN, return_url="https://shop.example/account"))


@pytest.fixture
def browser(portal):
    app = Starlette(routes=[Mount("/", portal)])
    with TestClient(app, base_url=DOMAIN, headers=NAVIGATION) as made:
        yield made
        made.portal.call(portal.aclose)


@pytest.fixture
def ada(world):
    return world.live("monthly")


def test_its_links_are_on_that_domain_and_its_pages_at_the_root(portal, browser, ada):
    link = portal.create_session(customer=ada["customer"]).url
    assert link.startswith(f"{DOMAIN}/enter?token=")
    page = Page(browser.get(link))
    assert page.url == f"{DOMAIN}/"
    assert "$29.00 a month" in page.text
    assert {href for href in page.links if not href.startswith(("/", "#"))} == {"https://shop.example/account"}
    assert Page(browser.get("/invoices")).status == 200


def test_a_form_is_taken_from_that_domain_and_from_no_other(portal, browser, ada, books):
    browser.get(portal.create_session(customer=ada["customer"]).url)
    form = Page(browser.get(f"/subscriptions/{ada['subscription']}/cancellation")).form("/cancellation")

    def send(origin, site):
        headers = {"Origin": origin, "Sec-Fetch-Site": site}
        status = browser.post(form.action, data=form.fields, headers=headers, follow_redirects=False).status_code
        return status, books.api.subscriptions.retrieve(ada["subscription"]).cancel_at is not None

    assert send("https://shop.example", "same-site") == (403, False)
    assert send(DOMAIN, "same-origin") == (303, True)
