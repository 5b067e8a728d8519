"""Leaving on a day of one's own: chosen, told what it costs, moved, and undone; an offer declined on the way. With scripts and
without.
"""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import expect

from e2e.conftest import listening_to
from e2e.embedding import shop_and_portal
from e2e.steps import Visit, amount_in, charged
from portal_embed.config import CancellationReason, CouponOffer, Features, Hooks, SubscriptionCancel
from tests.serving import hosting

DAY = 86_400
CHOICES = ("at_period_end", "on_date", "immediately")


@pytest.fixture
def ada(world):
    """Ten days into a month of Pro."""
    return world.live("monthly", days=10)


@pytest.fixture(params=["scripts", "no scripts"])
def leaving(request, world, books, new_context, problems):
    """`leaving(offers=…)`: somebody in front of a host where the customer chooses when."""
    running = []

    def arrive(life, **hooks):
        reason = CancellationReason(required=True)
        features = Features(subscription_cancel=SubscriptionCancel(choices=CHOICES, cancellation_reason=reason))
        context = hosting(world, features=features, hooks=Hooks(**hooks))
        running.append(context)
        browser = listening_to(new_context(java_script_enabled=request.param == "scripts"), problems)
        running.append(browser)
        return Visit(browser.new_page(), context.__enter__()).arrive(life["customer"])

    yield arrive
    for context in reversed(running):
        context.__exit__(None, None, None)


def day_in(world, days):
    return dt.datetime.fromtimestamp(world.now() + days * DAY, dt.UTC).date()


def words(day):
    return f"{day.day} {day:%B %Y}"


def choose_day(visit, day):
    visit.page.get_by_label("On another day").check()
    visit.page.get_by_label("The last day").fill(day.isoformat())
    button = visit.page.get_by_role("button", name="See what that means")
    if button.is_visible():  # without JavaScript it asks, with it the page has asked already
        button.click()
    return visit


@pytest.mark.feature(36, 45)
def test_on_a_day_that_is_chosen_moved_and_given_up(leaving, world, books, ada):
    visit = leaving(ada).follow("Cancel subscription")
    day, later = day_in(world, 40), day_in(world, 70)

    choose_day(visit, day).sees(f"You keep Pro until {words(day)}. Then it ends.").sees("One last bill of")
    said = amount_in(visit.page.locator("#portal-outlook").get_by_text("One last bill of").inner_text())
    visit.page.get_by_label("I do not use it enough").check()
    visit.press("Cancel subscription").stands_at("Overview").sees("Pro is canceled").sees(f"Cancels on {words(day)}")

    found = books.v1.subscriptions.retrieve(ada["subscription"])
    assert dt.datetime.fromtimestamp(found.cancel_at, dt.UTC).date() == day
    assert found.cancellation_details.feedback == "unused"
    assert 0 < said < 2900

    choose_day(visit.follow("Change the end date"), later).sees(words(later)).press("Change the end date")
    visit.stands_at("Overview").sees(f"Pro ends on {words(later)}")

    visit.press("Keep my plan").sees("You keep Pro").sees_no("Cancels on")
    assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is None


@pytest.mark.feature(36)
def test_what_was_said_of_the_last_bill_is_what_is_charged(leaving, world, books, ada):
    visit = leaving(ada).follow("Cancel subscription")
    choose_day(visit, day_in(world, 40))
    said = amount_in(visit.page.locator("#portal-outlook").get_by_text("One last bill of").inner_text())
    visit.page.get_by_label("Another reason").check()
    visit.press("Cancel subscription").sees("Pro is canceled")

    world.move_clock(45 * DAY)

    assert charged(books, ada)[0] == said
    assert books.v1.subscriptions.retrieve(ada["subscription"]).status == "canceled"


@pytest.mark.feature(43, 44)
def test_an_offer_is_declined_and_the_day_still_holds(leaving, world, books, ada):
    books.v1.coupons.create({"id": "STAY25", "percent_off": 25, "duration": "once"})
    visit = leaving(ada, offers=lambda _leaving: [CouponOffer("STAY25")])
    visit.follow("Cancel subscription")
    day = day_in(world, 40)
    choose_day(visit, day)
    visit.page.get_by_label("It costs too much").check()
    visit.page.get_by_label("Anything you want to tell us?").fill("We sell the boat")
    visit.press("Continue to cancel").stands_at("Before you go").sees("Stay for 25% less")
    visit.sees(f"You keep Pro until {words(day)}. Then it ends.")

    visit.press("Back").stands_at("Cancel Pro").sees(f"You keep Pro until {words(day)}")
    expect(visit.page.get_by_label("The last day")).to_have_value(day.isoformat())
    expect(visit.page.get_by_label("It costs too much")).to_be_checked()
    expect(visit.page.get_by_label("Anything you want to tell us?")).to_have_value("We sell the boat")
    visit.press("Continue to cancel").stands_at("Before you go")

    visit.press("Cancel subscription").stands_at("Overview").sees("Pro is canceled")

    found = books.v1.subscriptions.retrieve(ada["subscription"])
    assert dt.datetime.fromtimestamp(found.cancel_at, dt.UTC).date() == day
    details = found.cancellation_details
    assert (details.feedback, details.comment) == ("too_expensive", "We sell the boat")
    assert found.discounts == []


@pytest.mark.feature(36)
def test_inside_a_piece_of_a_page_of_the_hosts(world, books, ada, new_context, problems):
    features = Features(subscription_cancel=SubscriptionCancel(choices=CHOICES))
    where = {"shop_host": "localhost", "portal_host": "localhost", "allowed": ()}
    with shop_and_portal(world, **where, features=features) as shop:
        shop.customer, shop.arguments = ada["customer"], {"return_url": shop.page_url()}
        context = listening_to(new_context(), problems)
        page = context.new_page()
        shop.body = (
            '<billing-portal-piece src="{portal}" token-url="token" name="cancel"></billing-portal-piece>'
            '<script src="{portal}/pieces.js"></script>'
        )
        page.goto(shop.page_url())
        visit, day = Visit(page.locator("billing-portal-piece"), shop.host), day_in(world, 40)
        choose_day(visit, day)
        visit.page.get_by_text("One last bill of").wait_for()
        visit.press("Cancel subscription")
        visit.page.get_by_text("Pro is canceled").wait_for()
        context.close()
    found = books.v1.subscriptions.retrieve(ada["subscription"])
    assert dt.datetime.fromtimestamp(found.cancel_at, dt.UTC).date() == day


@pytest.mark.feature(42)
def test_a_reason_that_is_demanded_is_asked_for_by_the_browser_or_the_page(leaving, books, ada):
    visit = leaving(ada).follow("Cancel subscription")
    visit.press("Cancel subscription").stands_at("Cancel Pro")
    assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is None
    visit.page.get_by_label("Another reason").check()
    visit.press("Cancel subscription").sees("Pro is canceled")
