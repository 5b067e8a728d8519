"""Three clicks where one was meant: one effect, and a page that says what is true. With JavaScript and without."""

from __future__ import annotations

import re

import pytest

from e2e.steps import SECOND_CARD, Visit, cards_of, charged, default_of
from portal_embed.config import Features, SubscriptionCancel
from tests.serving import hosting


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def somebody(request, context, plain_context, host):
    """A visitor with and without JavaScript, at the same host."""
    chosen = context if request.param == "with JavaScript" else plain_context
    return Visit(chosen.new_page(), host)


def test_paying_charges_once(somebody, world, books):
    ivy = world.live("open_invoice")
    somebody.arrive(ivy["customer"]).open(f"/invoices/{ivy['invoice']}/payment")

    somebody.tap_thrice("Pay $49.00").sees("Paid")

    assert charged(books, ivy) == [4900]


def test_changing_the_plan_charges_once(somebody, world, books):
    ada = world.live("monthly", price="starter_monthly")
    before = len(charged(books, ada))
    price = ada["prices"]["pro_monthly"]
    somebody.arrive(ada["customer"]).open(f"/subscriptions/{ada['subscription']}/plan?price={price}")

    somebody.tap_thrice(re.compile("and change plan")).sees("Your plan is now Pro")

    assert len(charged(books, ada)) == before + 1


def test_canceling_and_keeping_happen_once(somebody, world, books):
    ada = world.live("monthly")
    somebody.arrive(ada["customer"]).open(f"/subscriptions/{ada['subscription']}/cancellation")

    somebody.tap_thrice("Cancel subscription").sees("Pro is canceled")
    assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is not None

    somebody.tap_thrice("Keep my plan").sees("You keep Pro")
    assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is None


def test_canceling_at_once_says_that_it_has_ended(context, plain_context, world, books):
    with hosting(world, features=Features(subscription_cancel=SubscriptionCancel(mode="immediately"))) as host:
        for browser in (context, plain_context):
            ada = world.live("monthly")
            visit = Visit(browser.new_page(), host)
            visit.arrive(ada["customer"]).open(f"/subscriptions/{ada['subscription']}/cancellation")

            visit.tap_thrice("Cancel subscription").sees("Pro has ended")

            assert books.v1.subscriptions.retrieve(ada["subscription"]).status == "canceled"


def test_removing_a_card_says_that_it_is_gone(somebody, world, books):
    ada = world.live("monthly")
    spare = books.v1.payment_methods.attach("pm_card_mastercard", {"customer": ada["customer"]})
    somebody.arrive(ada["customer"]).open(f"/payment-methods/{spare.id}/removal")

    somebody.tap_thrice("Remove payment method").sees("The payment method was removed")

    assert books.v1.payment_methods.retrieve(spare.id).customer is None


def test_choosing_a_default_happens_once(somebody, world, books):
    ada = world.live("monthly")
    spare = books.v1.payment_methods.attach("pm_card_mastercard", {"customer": ada["customer"]})
    somebody.arrive(ada["customer"]).follow("Payment methods")
    somebody.page.locator("summary", has_text="Make default").click()

    somebody.tap_thrice("Use as default").sees("Mastercard •••• 4444 is your default now")

    assert default_of(books, ada) == spare.id


def test_saving_a_card_saves_one(visit, world, books):
    ada = world.live("monthly")
    visit.arrive(ada["customer"]).follow("Payment methods")
    visit.tap_thrice("Add payment method").type_card(SECOND_CARD)

    visit.tap_thrice("Save payment method").sees("Mastercard •••• 4444 was added")

    assert cards_of(books, ada) == ["4242", "4444"]
