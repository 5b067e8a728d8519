"""Paying ahead in the browser, with JavaScript and without it; and what a bank that says no leaves behind: nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from e2e.steps import amount_in, charged
from portal_embed import Features
from portal_embed.config import SubscriptionPrepay
from tests.serving import hosting

pytestmark = pytest.mark.feature(75)


@pytest.fixture
def host(world):
    """A host whose customers may pay ahead."""
    with hosting(world, features=Features(subscription_prepay=SubscriptionPrepay(enabled=True))) as running:
        yield running


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10)


@pytest.fixture(params=["with", "without"])
def somebody(request, host, ada):
    """In front of a browser with and without JavaScript."""
    visit = request.getfixturevalue("visit" if request.param == "with" else "plain_visit")
    return visit.arrive(ada["customer"]), request.param == "with"


def choose(visit, how_long, scripted=True):
    visit.page.locator(".choice", has_text=how_long).first.click()
    if not scripted:
        visit.page.get_by_role("button", name="See what it costs").click()
    return visit.page.get_by_role("button", name=re.compile(r"^Pay \$"))


def test_half_a_year_is_paid_in_one_go(somebody, ada, books):
    visit, scripted = somebody
    before = charged(books, ada)
    visit.follow("Pay ahead")
    pay = choose(visit, "6 months", scripted)
    shown = amount_in(pay.inner_text())
    pay.click()
    visit.stands_at("Overview").sees("Paid until")
    assert shown == 6 * 2900
    assert charged(books, ada) == [shown, *before]
    expect(visit.page.get_by_role("link", name="Change plan")).to_have_count(0)


def test_another_choice_changes_the_sum_before_anything_is_paid(visit, ada, books):
    before = charged(books, ada)
    visit.arrive(ada["customer"]).follow("Pay ahead")
    expect(choose(visit, "3 months")).to_have_text("Pay $87.00")
    expect(choose(visit, "12 months")).to_have_text("Pay $348.00")
    assert charged(books, ada) == before


def test_a_bank_that_wants_to_confirm_leaves_nothing_behind(visit, ada, books):
    card = books.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": ada["customer"]})
    books.v1.customers.update(ada["customer"], {"invoice_settings": {"default_payment_method": card.id}})
    visit.arrive(ada["customer"]).follow("Pay ahead")
    choose(visit, "3 months").click()
    visit.sees("Your bank wants to confirm this payment").sees("Nothing was charged")
    assert books.v1.subscriptions.retrieve(ada["subscription"]).status == "active"
    assert not books.v1.invoices.list({"customer": ada["customer"], "status": "open"}).data
