"""Adding a card, when the bank or the customer says no, and when it is yes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.steps import ASKING_CARD, CARD_FRAME, DECLINED_CARD, GOOD_CARD, SECOND_CARD, cards_of, default_of

LIGHT_TEXT, DARK_TEXT = "rgb(26, 31, 41)", "rgb(233, 236, 241)"
"""`--portal-text` in static/css/tokens.css, as browsers write it."""


@pytest.fixture
def ada(visit, world):
    """On Pro, at her payment methods."""
    ada = world.live("monthly")
    visit.arrive(ada["customer"]).follow("Payment methods")
    return ada


def test_a_declined_card_is_said_in_the_form_and_another_is_saved_from_the_same_form(visit, ada, books):
    visit.add_card(DECLINED_CARD)
    error = visit.page.locator("[data-part=error]")
    expect(error).to_contain_text("declined")
    expect(error).to_be_focused()
    assert cards_of(books, ada) == ["4242"]

    visit.enter_card(SECOND_CARD).sees("Mastercard •••• 4444 was added")
    assert cards_of(books, ada) == ["4242", "4444"]


@pytest.mark.parametrize("answer", ["Fail authentication", "Close"])
def test_a_bank_that_says_no_leaves_the_card_unsaved_and_lets_try_again(visit, ada, books, answer):
    visit.add_card(ASKING_CARD).bank(answer)
    expect(visit.page.locator("[data-part=error]")).not_to_be_empty()
    assert cards_of(books, ada) == ["4242"]

    visit.press("Save payment method").bank("Complete authentication")
    visit.sees("Visa •••• 3155 was added")
    assert cards_of(books, ada) == ["3155", "4242"]


def test_going_back_without_saving_saves_nothing(visit, ada, books):
    visit.press("Add payment method")
    expect(visit.page.frame_locator(CARD_FRAME).get_by_label("Card number")).to_be_visible()

    visit.follow("Go back without saving").stands_at("Payment methods")

    assert cards_of(books, ada) == ["4242"]


def test_without_the_tick_the_default_stays(visit, ada, books):
    visit.press("Add payment method")
    visit.page.get_by_label("Make this my default").uncheck()
    visit.enter_card(SECOND_CARD).sees("Mastercard •••• 4444 was added")

    assert default_of(books, ada) == ada["payment_method"]


def test_the_first_card_of_a_customer_becomes_the_default(visit, world, books):
    finn = world.live("new")
    visit.arrive(finn["customer"]).follow("Payment methods").sees("No payment method yet")

    visit.add_card(GOOD_CARD).sees("Visa •••• 4242 was added").sees("It is your default from now on.")

    assert books.v1.payment_methods.retrieve(default_of(books, finn)).card.last4 == "4242"


def test_a_card_that_is_no_default_is_not_offered_for_all_subscriptions(visit, ada):
    visit.press("Add payment method")
    expect(visit.page.get_by_label("Use for all my subscriptions")).to_be_checked()

    visit.page.get_by_label("Make this my default").uncheck()

    expect(visit.page.get_by_label("Use for all my subscriptions")).to_be_hidden()


def test_the_card_form_follows_the_dark_mode(visit, ada):
    """The Payment Element lives in Stripe's frame: our tokens reach it as `appearance`."""
    visit.page.emulate_media(color_scheme="dark")
    visit.press("Add payment method")
    field = visit.page.frame_locator(CARD_FRAME).get_by_label("Card number")

    expect(field).to_have_css("color", DARK_TEXT)
    visit.page.emulate_media(color_scheme="light")
    expect(field).to_have_css("color", LIGHT_TEXT)
