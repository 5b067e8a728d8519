"""The demo's host site: everybody can sign in, get to their billing, and out again; all of it without JavaScript."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from portal_embed import demo
from portal_embed.demo import billing, site
from portal_embed.sandbox import Sandbox

SITE = "http://localhost:8000"
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module")
def sandbox():
    """A running sandbox."""
    with Sandbox(seed="demo") as running:
        yield running


@pytest.fixture(scope="module")
def app(sandbox):
    """The site, with everybody in it."""
    return demo.build(sandbox_api_base=sandbox.url, site_url=SITE)


@pytest.fixture
def browser(app):
    """Somebody in front of it."""
    with TestClient(app, base_url=SITE, headers=NAVIGATION) as client:
        yield client


def sign_in(browser, key):
    return browser.post("/sign-in", data={"person": key})


def manage_billing(browser):
    return browser.post("/manage-billing", headers={"Origin": SITE})


def test_the_first_page_offers_everybody_and_says_what_each_shows(browser):
    page = html.unescape(browser.get("/").text)

    for person in demo.PEOPLE:
        assert f'value="{person.key}"' in page
        assert person.name in page
        assert person.shows in page


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("ada", "Active"),
        ("bob", "Past due"),
        ("clara", "Trial"),
        ("dan", "Cancels"),
        ("erin", "Scale"),
        ("lou", "20% off with SPRING20"),
        ("rosa", "Active"),
        ("finn", "When you start a plan"),
        ("finn", "See plans"),
        ("hugo", "Start again"),
        ("grace", "Active"),
        ("paula", "Paused until"),
        ("otto", "Billing paused until"),
        ("liv", "Price depends on use"),
        ("max", "Storage"),
        ("nina", "Storage pack"),
        ("kiosk", "Pay $49.00"),
        ("theo", "10% off for good"),
        ("nora", "Active"),
        ("ines", "You get an invoice by email"),
        ("conrad", "As agreed in the contract."),
        ("petra", "Changes to Starter on"),
        ("will", "Your plan change is not finished"),
        ("alma", "Paid until"),
        ("ivo", "Pro has not started yet"),
    ],
)
def test_everybody_comes_from_sign_in_to_their_own_overview(browser, key, words):
    sign_in(browser, key)
    overview = manage_billing(browser)

    assert overview.url == f"{SITE}/billing/"
    assert overview.status_code == 200
    assert words.lower() in re.sub(r"<[^>]+>", " ", overview.text).lower()


def test_everybody_is_among_those_whose_overview_is_looked_at():
    looked_at = {
        key for mark in test_everybody_comes_from_sign_in_to_their_own_overview.pytestmark for key, _ in mark.args[1]
    }
    assert looked_at == {person.key for person in demo.PEOPLE}


@pytest.mark.parametrize(
    ("key", "page", "words"),
    [
        ("nora", "next-charge", "Your address is needed to work out the tax"),
        ("will", "payment", "Until it is paid your old plan goes on"),
        ("finn", "plans", "Starter"),
    ],
)
def test_what_is_special_about_some_stands_one_step_further(browser, key, page, words):
    sign_in(browser, key)
    overview = manage_billing(browser)
    link = re.search(rf'href="(/billing/[^"]*{page})"', overview.text)[1]

    assert words in html.unescape(re.sub(r"<[^>]+>", " ", browser.get(link).text))


def test_grace_has_five_hundred_invoices_and_a_next_page(browser):
    sign_in(browser, "grace")
    manage_billing(browser)

    assert "starting_after=" in browser.get("/billing/invoices").text


def test_the_account_page_has_the_button_the_lines_and_the_cards(browser):
    sign_in(browser, "ada")
    page = html.unescape(browser.get("/account").text)

    assert re.search(r'<form method="post" action="/manage-billing"><button[^>]*>Manage billing</button>', page)
    assert site.shown_code() in page
    for number, _does in site.CARDS:
        assert number in page


def test_the_lines_on_the_account_page_are_the_file_that_runs():
    shown = site.shown_code()

    assert shown in Path(billing.__file__).read_text(encoding="utf-8")
    assert 'Mount("/billing", portal)' in shown
    assert "create_session(" in shown


@pytest.mark.parametrize("path", ["/dashboard", "/account"])
def test_a_stranger_is_shown_to_the_sign_in_page(browser, path):
    assert browser.get(path).url == f"{SITE}/"


def test_a_stranger_gets_no_link_into_the_portal(browser):
    assert manage_billing(browser).url == f"{SITE}/"


def test_nobody_can_sign_in_as_somebody_who_is_not_offered(browser):
    assert sign_in(browser, "mallory").url == f"{SITE}/"
    assert browser.get("/account").url == f"{SITE}/"


def test_signing_out_of_the_site_signs_out_of_the_portal(browser):
    sign_in(browser, "ada")
    manage_billing(browser)
    browser.post("/sign-out")

    assert browser.get("/billing/").status_code == 401


def test_the_portal_leads_back_to_the_account_page(browser):
    sign_in(browser, "ada")

    assert 'href="/account"' in manage_billing(browser).text


@pytest.mark.parametrize("path", ["/", "/dashboard", "/account"])
def test_the_site_loads_nothing_from_elsewhere_and_nothing_of_the_portals(browser, path):
    sign_in(browser, "ada") if path != "/" else None
    page = browser.get(path)
    used = re.findall(r'<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"', page.text)

    assert used
    assert all(address.startswith("/static/") for address in used)
    assert "<script" not in page.text
    assert {browser.get(address).status_code for address in used} == {200}


def test_a_cookie_of_a_customer_who_is_gone_counts_for_nothing(browser, app):
    sign_in(browser, "ada")
    kept = app.state.customers["ada"]
    app.state.customers["ada"] = "cus_SomebodyElse"
    try:
        assert browser.get("/account").url == f"{SITE}/"
    finally:
        app.state.customers["ada"] = kept


class TestByEmail:
    """Without signing in at Tidewater: a code from the inbox opens billing, and two businesses of one address are told apart."""

    def ask(self, browser):
        page = browser.get("/billing/login")
        assert page.status_code == 200
        answer = browser.post("/billing/login", data={"email": "ada@tidewater.example"}, headers={"Origin": SITE})
        browser.portal.call(browser.app.state.portal._services.outbox.drain)
        return answer

    def test_the_front_page_leads_there(self, browser):
        page = browser.get("/").text
        assert 'href="/billing/login"' in page
        assert 'href="/inbox"' in page

    def test_the_code_stands_in_the_inbox_and_opens_both_businesses(self, browser):
        asked = self.ask(browser)
        assert "is your code for billing at Tidewater" in browser.get("/inbox").text
        letter = html.unescape(browser.get("/inbox/0").text)
        code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", letter)[0]
        assert code in browser.get("/inbox/0/html").text
        token = re.search(r'name="token" value="([^"]+)"', asked.text)[1]
        page = browser.post("/billing/login/code", data={"token": token, "code": code}, headers={"Origin": SITE})
        assert "Whose billing?" in page.text
        assert page.text.count("Ada Lovelace") >= 2

    def test_a_mail_that_is_not_there_leads_to_the_list(self, browser):
        assert browser.get("/inbox/99").status_code == 200
        assert browser.get("/inbox/99/html").status_code == 404
