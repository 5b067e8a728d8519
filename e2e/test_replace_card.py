"""Replacing and removing cards: never the last one in use, and nothing keeps the old one."""

from __future__ import annotations

from e2e.steps import AMEX, SECOND_CARD, cards_of, default_of


def test_a_card_in_use_is_replaced_everywhere_and_gone(visit, world, books):
    ada = world.live("monthly")
    visit.arrive(ada["customer"]).follow("Payment methods")
    visit.sees("In use. Replace it, or choose another default first.")

    visit.press("Replace Visa ending in 4242").sees("It takes the place of:").enter_card(SECOND_CARD)

    visit.stands_at("Payment methods").sees("Mastercard •••• 4444 was added").sees_no("Visa •••• 4242")
    assert cards_of(books, ada) == ["4444"]
    assert books.v1.payment_methods.retrieve(default_of(books, ada)).card.last4 == "4444"


def test_a_subscriptions_own_card_is_replaced_there(visit, world, books):
    erin = world.live("two_subscriptions")
    visit.arrive(erin["customer"]).follow("Payment methods")

    visit.press("Replace Mastercard ending in 4444")
    visit.enter_card(AMEX).sees("American Express •••• 0005 was added")

    own = books.v1.subscriptions.retrieve(erin["second_subscription"]).default_payment_method
    assert books.v1.payment_methods.retrieve(own).card.last4 == "0005"
    assert cards_of(books, erin) == ["0005", "4242"]
    assert default_of(books, erin) == erin["payment_method"]


def test_a_spare_card_is_removed_after_one_question(visit, world, books):
    ada = world.live("monthly")
    spare = books.v1.payment_methods.attach("pm_card_mastercard", {"customer": ada["customer"]})
    visit.arrive(ada["customer"]).follow("Payment methods")

    visit.follow("Remove Mastercard ending in 4444").stands_at("Remove Mastercard •••• 4444?")
    visit.press("Remove payment method")

    visit.sees("The payment method was removed").sees_no("4444")
    assert books.v1.payment_methods.retrieve(spare.id).customer is None


def test_a_card_made_the_default_for_all_pays_every_subscription(visit, world, books):
    erin = world.live("two_subscriptions")
    visit.arrive(erin["customer"]).follow("Payment methods")

    visit.page.locator("summary", has_text="Make default").click()
    visit.press("Use as default").sees("Mastercard •••• 4444 is your default now")

    card = erin["second_payment_method"]
    assert default_of(books, erin) == card
    for key in ("subscription", "second_subscription"):
        own = books.v1.subscriptions.retrieve(erin[key]).default_payment_method
        assert own in {None, card}
