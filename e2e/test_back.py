"""Back after an action, reload, and sending an old form again: nothing happens twice and the page tells what is true."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from e2e.steps import CARD_FRAME, SECOND_CARD, cards_of, charged

PROOF = "form => Object.fromEntries(new FormData(form))"


def remembered(visit, action):
    """What a form of the page would send, and where to: for sending it again later, as browsers offer to."""
    form = visit.page.locator(f"form[method=post][action$='{action}']").first
    return visit.host.origin + form.get_attribute("action"), form.evaluate(PROOF)


def send_again(visit, form):
    """The old request once more, with the browser's cookies."""
    address, fields = form
    return visit.page.context.request.post(address, form=fields, headers={"Origin": visit.host.origin})


def test_back_after_paying_leads_to_the_paid_invoice_and_the_old_form_pays_nothing(visit, world, books):
    ivy = world.live("open_invoice")
    visit.arrive(ivy["customer"]).open(f"/invoices/{ivy['invoice']}/payment")
    form = remembered(visit, "/payment")
    visit.press("Pay $49.00").sees("We received $49.00")

    visit.page.go_back()

    visit.sees("Paid")
    expect(visit.page.get_by_role("button", name="Pay $49.00")).to_have_count(0)
    assert send_again(visit, form).ok
    assert charged(books, ivy) == [4900]


def test_reloading_the_page_of_a_decline_does_not_charge(visit, world, books):
    bob = world.live("past_due")
    visit.arrive(bob["customer"]).open(f"/invoices/{bob['invoice']}/payment")
    visit.press("Pay $29.00").sees("Your bank declined the payment.")

    visit.page.reload()

    visit.sees("Your bank declined the payment.")
    assert books.v1.invoices.retrieve(bob["invoice"]).status == "open"


def test_back_after_changing_the_plan_shows_the_new_one_and_the_old_form_charges_nothing(visit, world, books):
    ada = world.live("monthly", price="starter_monthly")
    visit.arrive(ada["customer"])
    visit.open(f"/subscriptions/{ada['subscription']}/plan?price={ada['prices']['pro_monthly']}")
    form = remembered(visit, "/plan")
    visit.press(re.compile("and change plan")).sees("Your plan is now Pro")
    before = charged(books, ada)

    visit.page.go_back()

    visit.sees("You are on Pro").sees("This is the plan you have.")
    assert send_again(visit, form).ok
    assert charged(books, ada) == before


def test_back_after_canceling_does_not_ask_again_and_the_old_form_does_not_undo_a_keeping(visit, world, books):
    ada = world.live("monthly")
    visit.arrive(ada["customer"]).follow("Cancel subscription").stands_at("Cancel Pro")
    form = remembered(visit, "/cancellation")
    visit.press("Cancel subscription").sees("Pro is canceled")

    visit.page.go_back()
    visit.sees("Cancels on")
    expect(visit.page.get_by_role("button", name="Cancel subscription")).to_have_count(0)

    visit.press("Keep my plan").sees("You keep Pro")
    send_again(visit, form)
    assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is None


def test_back_after_adding_a_card_shows_the_cards_and_no_form_that_saves_it_again(visit, world, books):
    ada = world.live("monthly")
    visit.arrive(ada["customer"]).follow("Payment methods").stands_at("Payment methods")
    visit.add_card(SECOND_CARD).sees("Mastercard •••• 4444 was added")

    visit.page.go_back()

    visit.stands_at("Payment methods").sees("Mastercard •••• 4444")
    assert cards_of(books, ada) == ["4242", "4444"]


def test_reloading_the_card_form_leads_to_the_cards_and_not_to_a_question_about_sending_again(visit, world):
    ada = world.live("monthly")
    visit.arrive(ada["customer"]).follow("Payment methods").press("Add payment method")
    visit.stands_at("Add a payment method")
    visit.page.frame_locator(CARD_FRAME).get_by_label("Card number").wait_for()

    visit.page.reload()

    visit.stands_at("Payment methods")


def test_back_after_removing_a_card_says_that_it_is_gone(visit, world, books):
    ada = world.live("monthly")
    spare = books.v1.payment_methods.attach("pm_card_mastercard", {"customer": ada["customer"]})
    visit.arrive(ada["customer"]).open(f"/payment-methods/{spare.id}/removal")
    form = remembered(visit, "/removal")
    visit.press("Remove payment method").sees("The payment method was removed")

    visit.page.go_back()

    visit.sees("We could not find this page")
    assert "was removed" in send_again(visit, form).text()
