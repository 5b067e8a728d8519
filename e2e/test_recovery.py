"""From a dunning mail to paid, in a real browser."""

from __future__ import annotations

import pytest

from e2e.steps import ALWAYS_ASKING_CARD, SECOND_CARD, charged

pytestmark = [pytest.mark.feature(111), pytest.mark.feature(112)]


def open_mail(visit, life):
    visit.page.goto(visit.host.portal.create_recovery_link(customer=life["customer"], return_url="/account"))
    return visit.sees("$29.00 to Acme is unpaid.").press("Continue").stands_at("$29.00 is unpaid")


def test_past_due_to_paid_with_a_card_that_asks_for_3d_secure(visit, world, books):
    bob = world.live("past_due")
    open_mail(visit, bob).sees("Your bank declined the payment.").press("Use another card for Invoice")
    visit.enter_card(ALWAYS_ASKING_CARD).bank("Complete authentication")
    visit.press("Pay $29.00").bank("Complete authentication")

    visit.stands_at("All is paid")

    subscription = books.v1.subscriptions.retrieve(bob["subscription"])
    customer = books.v1.customers.retrieve(bob["customer"])
    assert subscription.status == "active"
    assert subscription.default_payment_method == customer.invoice_settings.default_payment_method
    assert charged(books, bob)[0] == 2900


def test_a_bank_that_says_no_leaves_everything_payable(visit, world, books):
    bob = world.live("past_due")
    before = charged(books, bob)
    open_mail(visit, bob).press("Use another card for Invoice")
    visit.enter_card(ALWAYS_ASKING_CARD).bank("Complete authentication")
    visit.press("Pay $29.00").bank("Fail authentication")
    visit.sees("did not confirm").sees("Nothing was charged")
    assert charged(books, bob) == before


def test_a_plain_card_and_nothing_but_paying_in_reach(visit, world, books):
    bob = world.live("past_due")
    open_mail(visit, bob).press("Use another card for Invoice")
    visit.enter_card(SECOND_CARD).press("Pay $29.00").stands_at("All is paid")
    visit.open("/").stands_at("We could not find this page")


def test_without_javascript_a_saved_card_pays(plain_visit, world, books):
    bob = world.live("past_due")
    books.v1.payment_methods.attach("pm_card_mastercard", {"customer": bob["customer"]})
    open_mail(plain_visit, bob).follow("Pay $29.00")
    plain_visit.page.get_by_label("Mastercard").check()
    plain_visit.press("Pay $29.00").stands_at("All is paid")
