"""Signing in by email in a real browser: by code and by link, past a mail scanner, one of two customers, a link had anew."""

from __future__ import annotations

import re

import httpx2 as httpx
import pytest
from playwright.sync_api import expect

from e2e.steps import Visit
from portal_embed import LoginPage
from tests.pages.postbox import Postbox, link_in
from tests.serving import hosting


@pytest.fixture
def mails():
    return Postbox()


@pytest.fixture
def host(world, mails):
    with hosting(world, mail=mails.deliver, login_page=LoginPage(enabled=True)) as running:
        mails.host = running
        yield running


@pytest.fixture
def ada(world):
    return world.live("monthly", name="Ada Lovelace", email="ada@example.com")


@pytest.fixture(params=["with", "without"])
def somebody(request, host, ada):
    """In front of a browser with and without JavaScript."""
    return request.getfixturevalue("visit" if request.param == "with" else "plain_visit")


def code_in(mail):
    return re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", mail.text)[0]


def ask(visit):
    visit.open("/login").page.get_by_label("Billing email").fill("ada@example.com")
    return visit.press("Send the code").stands_at("Enter your code")


def scan(link):
    """What a mail scanner does with a link: it looks, in its own way."""
    for method in ("GET", "HEAD", "GET"):
        assert httpx.request(method, link, follow_redirects=True).status_code == 200


@pytest.mark.feature(3)
def test_by_code(somebody, mails):
    ask(somebody)
    somebody.page.get_by_label("Code").fill("wrong")
    somebody.press("Sign in").sees("That is not the code.")
    somebody.page.get_by_label("Code").fill(code_in(mails.last()).lower())
    somebody.press("Sign in").stands_at("Overview")
    expect(somebody.page.locator(".header")).to_contain_text("Billing for Ada Lovelace")


@pytest.mark.feature(3)
def test_by_link_with_a_mail_scanner_in_between(somebody, mails, new_context):
    ask(somebody)
    link = link_in(mails.last())
    scan(link)
    phone = Visit(new_context().new_page(), somebody.host)
    phone.page.goto(link)
    phone.sees("This opens the billing of ada@example.com.").press("Sign in").stands_at("Overview")
    somebody.page.goto(link)
    somebody.press("Sign in").stands_at("This link has expired").follow("Sign in by email").stands_at(
        "Sign in to billing"
    )


@pytest.mark.feature(5)
def test_two_customers_under_one_address_choose(somebody, world, mails):
    world.live("past_due", name="Analytical Engines Ltd", email="ada@example.com")
    ask(somebody)
    somebody.page.get_by_label("Code").fill(code_in(mails.last()))
    somebody.press("Sign in").stands_at("Whose billing?").sees("Ada Lovelace")
    somebody.press("Open the billing of Analytical Engines Ltd").stands_at("Overview").sees("Past due")
    somebody.follow("Switch account").press("Open the billing of Ada Lovelace").stands_at("Overview").sees("Active")


@pytest.mark.feature(6)
def test_an_expired_link_is_had_anew(somebody, host, ada, mails):
    link = host.link(ada["customer"], after_expiration={"type": "customer_login"}, scopes="view")
    somebody.page.goto(link)
    somebody.page.context.clear_cookies()
    somebody.page.goto(link)
    somebody.stands_at("This link has expired").press("Send a new link")
    somebody.page.get_by_label("Code").fill(code_in(mails.last()))
    somebody.press("Sign in").stands_at("Overview")
    expect(somebody.page.locator(".read-only")).to_contain_text("Read-only view")
