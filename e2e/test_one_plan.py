"""The page of one plan, and a payment by bank debit that goes from "on its way" to arrived in front of the customer."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from e2e.steps import Visit
from portal_embed.config import Catalog, Plan
from portal_embed.sandbox.engine.charging import DEBIT_TAKES
from portal_embed.view_models.outcomes import PAUSES
from portal_embed.view_models.standings import PAUSES as STANDING_PAUSES
from tests.pages.people import Books
from tests.pages.test_outcomes import lose_the_answer
from tests.serving import hosting


@pytest.mark.feature(24)
@pytest.mark.feature(31)
def test_tiers_and_use_are_seen(visit, world):
    liv = world.live("metered")
    visit.arrive(liv["customer"]).follow("API calls").stands_at("API calls")
    prices = visit.page.get_by_role("table", name="Prices of API calls by quantity")
    expect(prices.get_by_role("row", name="1,001 to 10,000")).to_contain_text("$0.002")
    visit.sees("3,300").sees("So far it comes to $4.60.")
    days = visit.page.get_by_role("table", name="API calls day by day")
    expect(days).to_be_hidden()
    visit.page.get_by_text("Day by day", exact=True).click()
    expect(days.get_by_role("row")).to_have_count(6)


@pytest.mark.feature(24)
@pytest.mark.feature(31)
def test_tiers_and_use_are_seen_without_javascript(plain_visit, world):
    liv = world.live("metered")
    plain_visit.arrive(liv["customer"]).follow("API calls").stands_at("API calls")
    plain_visit.sees("1,001 to 10,000").sees("$0.002").sees("3,300")
    plain_visit.sees(re.compile(r"20\d\d See the amount")).follow("See the amount").sees("So far it comes to $4.60.")


@pytest.fixture
def dora(world):
    """On the small plan, paying by bank debit."""
    books = Books(world)
    customer = books.customer(card=None)
    books.add_sepa(customer)
    small, large = (books.price(cents, currency="eur", name=name) for cents, name in ((1000, "Small"), (5000, "Large")))
    subscription = books.subscribe(customer, small)
    world.move_clock(DEBIT_TAKES + 1)
    return {"customer": customer, "subscription": subscription, "small": small, "large": large}


@pytest.fixture
def shop(world, dora):
    """A host that sells both plans."""
    with hosting(world, catalog=Catalog([Plan(price=dora["small"]), Plan(price=dora["large"])])) as running:
        yield running


def change(visit, dora, *, without_script=False):
    """To the large plan, paid by debit."""
    visit.arrive(dora["customer"]).follow("Change plan")
    visit.page.locator(".choice", has_text="Large").first.click()
    if without_script:
        visit.press("See what it costs")
    visit.page.get_by_role("button", name=re.compile("change plan", re.IGNORECASE)).click()
    return visit.stands_at("Overview").sees("Your plan is now Large").sees("is on its way")


@pytest.mark.parametrize("place", ["Overview", "Large"])
def test_a_change_paid_by_debit_arrives_on_the_page_without_a_reload(place, shop, context, world, dora):
    page = context.new_page()
    page.clock.install()
    visit = Visit(page, shop)
    change(visit, dora)
    if place == "Large":
        visit.follow("Large", exact=True).stands_at("Large").sees("is on its way")
    page.evaluate("window.sameDocument = true")
    with page.expect_response(re.compile("/outcome")):
        page.clock.run_for(PAUSES[0] * 1000 + 100)
    visit.sees("is on its way")

    world.move_clock(DEBIT_TAKES + 1)
    page.clock.run_for(PAUSES[1] * 1000 + 100)

    visit.sees("Your payment has arrived").sees("Large is paid for.").sees_no("is on its way")
    assert page.evaluate("window.sameDocument") is True
    page.clock.run_for(100)
    expect(page.get_by_role("status")).to_contain_text("Your payment has arrived")


def test_without_javascript_one_looks_again(shop, plain_context, world, dora):
    visit = Visit(plain_context.new_page(), shop)
    change(visit, dora, without_script=True)
    world.move_clock(DEBIT_TAKES + 1)
    visit.follow("Look again").sees_no("is on its way")
    visit.follow("Large", exact=True).sees_no("is on its way")


def test_what_nobody_knows_is_shown_as_it_stands(page, host, world, monkeypatch):
    ada = world.live("monthly", days=10)
    page.clock.install()
    visit = Visit(page, host)
    visit.arrive(ada["customer"]).follow("Change plan")
    page.locator(".choice", has_text="$290.00 a year").first.click()
    button = page.get_by_role("button", name=re.compile("change plan", re.IGNORECASE))
    page.clock.run_for(500)
    expect(button).to_be_visible()
    lose_the_answer(monkeypatch)

    button.click()
    visit.sees("We could not find out whether it went through.").sees("See how it stands now")
    page.clock.run_for(STANDING_PAUSES[0] * 1000 + 100)

    visit.sees("Pro $290.00 a year Active")
    visit.follow("See how it stands now").stands_at("Pro").sees("$290.00 a year")
