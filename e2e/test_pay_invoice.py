"""Bob's last payment failed. He pays the open invoice: refused, by another card, with his bank's blessing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from e2e.steps import ALWAYS_ASKING_CARD, GOOD_CARD, amount_in, charged


@pytest.fixture
def bob(world):
    """Past due: the card on file declines whenever it is charged."""
    return world.live("past_due")


def test_a_declined_card_says_so_then_another_card_pays_after_3d_secure(visit, bob, books):
    visit.arrive(bob["customer"]).sees("Past due")
    visit.follow("Pay $29.00").sees("You pay now")

    visit.press("Pay $29.00")
    visit.sees("Your bank declined the payment.").sees("Nothing was charged.")
    assert books.v1.invoices.retrieve(bob["invoice"]).status == "open"

    visit.press("Pay with another method").enter_card(ALWAYS_ASKING_CARD).bank("Complete authentication")
    visit.sees("You pay now").sees("Visa •••• 3184")
    expect(visit.page.get_by_role("radio", checked=True)).to_have_accessible_name(re.compile("ending in 3184"))

    button = visit.page.get_by_role("button", name="Pay $")
    shown = amount_in(button.inner_text())
    button.click()
    visit.bank("Complete authentication")

    visit.sees("We received $29.00. Thank you.")
    paid = books.v1.invoices.retrieve(bob["invoice"])
    assert (paid.status, paid.amount_paid) == ("paid", shown)
    assert books.v1.subscriptions.retrieve(bob["subscription"]).status == "active"
    visit.follow("Overview", exact=True).sees("Active").sees_no("Past due")


@pytest.mark.parametrize("answer", ["Fail authentication", "Close"])
def test_a_bank_that_says_no_takes_no_money_and_leads_back_to_the_payment(visit, world, books, answer):
    jo = world.live("3ds_renewal")
    visit.arrive(jo["customer"]).open(f"/invoices/{jo['invoice']}/payment")

    visit.press("Pay $29.00").bank(answer)

    visit.sees("Your bank did not confirm the payment").sees("Nothing was charged.")
    assert books.v1.invoices.retrieve(jo["invoice"]).status == "open"

    visit.press("Pay $29.00").bank("Complete authentication")
    visit.sees("We received $29.00")
    assert books.v1.invoices.retrieve(jo["invoice"]).status == "paid"


def test_a_new_card_is_saved_from_the_payment_and_chosen_there(visit, bob, books):
    visit.arrive(bob["customer"]).open(f"/invoices/{bob['invoice']}/payment")

    visit.press("Pay with another method").enter_card(GOOD_CARD)

    visit.sees("You pay now")
    visit.press("Pay $29.00").sees("We received $29.00")
    assert books.v1.invoices.retrieve(bob["invoice"]).status == "paid"


def test_an_invoice_paid_in_another_tab_is_not_paid_again(visit, context, world, books):
    ivy = world.live("open_invoice")
    visit.arrive(ivy["customer"]).open(f"/invoices/{ivy['invoice']}/payment")
    other = context.new_page()
    other.goto(visit.page.url)
    other.get_by_role("button", name="Pay $49.00").click()
    expect(other.locator("main")).to_contain_text("We received $49.00")

    visit.press("Pay $49.00")

    visit.stands_at(f"Invoice {books.v1.invoices.retrieve(ivy['invoice']).number}").sees("Paid")
    assert charged(books, ivy) == [4900]
