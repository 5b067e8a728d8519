"""Stripe does not answer, or the network is gone: said in place or on a page of ours, with what to do and no pretence."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

DOWN = "Our payment provider does not answer"


@pytest.fixture
def ada(world):
    return world.live("monthly", price="scale_monthly", quantity=2)


def stripe_is_down(world, times=50, **more):
    world.fail("^/v1/", status=503, times=times, **more)


def alert(visit):
    return visit.page.locator("#portal-alert")


def test_a_page_that_cannot_be_read_says_so_with_a_reference_and_loads_once_stripe_is_back(visit, world, ada):
    visit.arrive(ada["customer"])
    stripe_is_down(world)

    visit.follow("Invoices", exact=True).stands_at(DOWN).sees("Please try again in a few minutes.").sees("Reference ")

    world.heal()
    visit.follow("Try again").stands_at("Invoices")


def test_a_preview_that_cannot_be_read_keeps_the_page_and_says_so(visit, world, ada):
    visit.arrive(ada["customer"]).follow("Change plan").stands_at("Change plan")
    stripe_is_down(world)

    visit.page.get_by_label("Seats").fill("9")

    expect(alert(visit)).to_contain_text(DOWN)
    visit.stands_at("Change plan")
    world.heal()
    visit.page.get_by_label("Seats").fill("8")
    visit.sees("$15.00 a month × 8")
    expect(alert(visit)).to_be_empty()


def test_a_next_charge_that_cannot_be_read_leaves_the_rest_of_the_overview_whole(visit, world, ada):
    world.fail("/v1/invoices/create_preview", status=503, times=50)

    visit.arrive(ada["customer"]).sees("Scale").sees("Visa •••• 4242")

    expect(alert(visit)).to_be_empty()


def test_an_action_of_unknown_outcome_says_so_and_how_it_stands_is_one_click_away(visit, world, ada, books):
    visit.arrive(ada["customer"]).follow("Cancel subscription").stands_at("Cancel Scale")
    stripe_is_down(world)

    visit.press("Cancel subscription").stands_at(DOWN)

    world.heal()
    visit.follow("Go to the overview").stands_at("Overview").sees("Active")
    assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is None


def test_an_answer_lost_after_the_effect_is_found_out(visit, world, ada, books):
    visit.arrive(ada["customer"]).follow("Cancel subscription").stands_at("Cancel Scale")
    world.fail(f"/v1/subscriptions/{ada['subscription']}", method="POST", status=500, when="after", times=1)

    visit.press("Cancel subscription").sees("Scale is canceled")

    assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is not None


def test_without_a_network_a_link_says_what_happened_and_works_again_later(visit, ada, problems):
    visit.arrive(ada["customer"])
    visit.page.context.set_offline(offline=True)

    visit.follow("Invoices", exact=True)
    expect(alert(visit)).to_have_text("This did not load. Check your connection and try again.")
    visit.stands_at("Overview")

    visit.page.context.set_offline(offline=False)
    visit.follow("Invoices", exact=True).stands_at("Invoices")
    expect(alert(visit)).to_be_empty()
    heard_only_of_the_network(problems)


def test_without_a_network_an_action_does_not_claim_success(visit, ada, books, problems):
    visit.arrive(ada["customer"]).follow("Cancel subscription").stands_at("Cancel Scale")
    visit.page.context.set_offline(offline=True)

    visit.press("Cancel subscription")

    expect(alert(visit)).to_contain_text("We could not confirm what happened.")
    assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is None
    heard_only_of_the_network(problems)


def heard_only_of_the_network(problems):
    """The browser itself complains of the missing network; that is what these tests are about."""
    others = [line for line in problems if "ERR_INTERNET_DISCONNECTED" not in line and "Failed to fetch" not in line]
    assert others == []
    problems.clear()
