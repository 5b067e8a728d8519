"""Canceling at once, where the host has set it so, and canceling with nothing said."""

from __future__ import annotations

import pytest

from e2e.steps import Visit
from portal_embed.config import Features, SubscriptionCancel
from tests.serving import hosting


@pytest.fixture
def host_at_once(world):
    """A host whose customers cancel at once."""
    with hosting(world, features=Features(subscription_cancel=SubscriptionCancel(mode="immediately"))) as running:
        yield running


@pytest.fixture
def at_once(host_at_once, page):
    return Visit(page, host_at_once)


@pytest.mark.feature(33)
def test_canceling_at_once_says_so_first_and_ends_at_once(at_once, world, books):
    ada = world.live("monthly")
    at_once.arrive(ada["customer"]).follow("Cancel subscription")
    at_once.sees("Pro ends at once and cannot be brought back.")

    at_once.press("Cancel subscription")

    at_once.stands_at("Overview").sees("Pro has ended").sees("You are not charged again.")
    assert books.v1.subscriptions.retrieve(ada["subscription"]).status == "canceled"


def test_the_question_why_may_be_left_unanswered(visit, world, books):
    ada = world.live("monthly")
    visit.arrive(ada["customer"]).follow("Cancel subscription")

    visit.press("Cancel subscription").sees("Pro is canceled")

    ending = books.v1.subscriptions.retrieve(ada["subscription"])
    assert ending.cancel_at is not None
    assert ending.cancellation_details.feedback is None


def test_keeping_the_plan_on_the_question_page_changes_nothing(visit, world, books):
    ada = world.live("monthly")
    visit.arrive(ada["customer"]).follow("Cancel subscription").follow("Keep my plan")

    visit.stands_at("Overview").sees("Active")

    assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is None


@pytest.mark.feature(45)
@pytest.mark.parametrize("billing_mode", ["classic", "flexible"])
def test_a_plan_that_was_going_to_end_is_kept(visit, world, books, billing_mode):
    dan = world.live("canceling", billing_mode=billing_mode)
    visit.arrive(dan["customer"]).sees("Cancels on")

    visit.press("Keep my plan").sees("You keep Pro").sees_no("Cancels on")

    kept = books.v1.subscriptions.retrieve(dan["subscription"])
    assert (kept.cancel_at, kept.cancel_at_period_end) == (None, False)


def test_one_of_two_subscriptions_ends_and_the_other_goes_on(visit, world, books):
    erin = world.live("two_subscriptions")
    visit.arrive(erin["customer"])
    visit.page.get_by_role("region", name="Scale").get_by_role("link", name="Cancel subscription").click()

    visit.stands_at("Cancel Scale").press("Cancel subscription").sees("Scale is canceled")

    assert books.v1.subscriptions.retrieve(erin["second_subscription"]).cancel_at is not None
    assert books.v1.subscriptions.retrieve(erin["subscription"]).cancel_at is None
