"""Changing a plan: the preview keeps up, the bank may ask, and the old plan stands until the new one is paid."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from e2e.steps import amount_in, charged


@pytest.fixture
def sue(world, books):
    """On Starter, paying with a card whose bank asks every time."""
    sue = world.live("monthly", price="starter_monthly")
    card = books.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": sue["customer"]})
    books.v1.customers.update(sue["customer"], {"invoice_settings": {"default_payment_method": card.id}})
    return sue


def plan_of(books, life):
    item = books.v1.subscriptions.retrieve(life["subscription"]).items.data[0]
    return item.price.lookup_key, item.quantity


def choose(visit, plan):
    visit.page.locator(".choice", has_text=plan).first.click()
    return visit.page.get_by_role("button", name=re.compile("change plan", re.IGNORECASE))


@pytest.mark.feature(69)
def test_a_plan_is_changed_once_the_bank_agrees(visit, sue, books):
    visit.arrive(sue["customer"]).follow("Change plan")
    pay = choose(visit, "Pro")
    shown = amount_in(pay.inner_text())
    pay.click()
    visit.bank("Complete authentication")

    visit.stands_at("Overview").sees("Your plan is now Pro")
    assert plan_of(books, sue) == ("pro_monthly", 1)
    latest = books.v1.subscriptions.retrieve(sue["subscription"], {"expand": ["latest_invoice"]}).latest_invoice
    assert (latest.status, latest.amount_paid) == ("paid", shown)


@pytest.mark.parametrize("answer", ["Fail authentication", "Close"])
def test_a_bank_that_says_no_leaves_the_old_plan_standing(visit, sue, books, answer):
    visit.arrive(sue["customer"]).follow("Change plan")
    choose(visit, "Pro").click()
    visit.bank(answer)

    visit.sees("Your bank did not confirm the payment").sees("Nothing was charged")
    assert plan_of(books, sue) == ("starter_monthly", 1)

    visit.press("Drop the change and keep my old plan").sees("You keep Starter")
    subscription = books.v1.subscriptions.retrieve(sue["subscription"])
    assert subscription.pending_update is None
    assert subscription.status == "active"


def test_a_declined_card_leaves_the_old_plan_standing_and_nothing_owed(visit, world, books):
    sue = world.live("monthly", price="starter_monthly")
    card = books.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": sue["customer"]})
    books.v1.customers.update(sue["customer"], {"invoice_settings": {"default_payment_method": card.id}})
    visit.arrive(sue["customer"]).follow("Change plan")

    choose(visit, "Pro").click()

    visit.sees("Your bank declined the payment.").sees("Nothing was charged and your plan is unchanged.")
    assert plan_of(books, sue) == ("starter_monthly", 1)
    assert books.v1.invoices.list({"customer": sue["customer"], "status": "open"}).data == []


def test_a_new_quantity_refreshes_the_preview_without_a_reload(visit, world):
    erin = world.live("monthly", price="scale_monthly", quantity=2)
    visit.arrive(erin["customer"]).follow("Change plan")
    visit.page.evaluate("window.sameDocument = true")
    field = visit.page.get_by_label("Seats")

    field.fill("7")
    visit.sees("$15.00 a month × 7")
    seven = amount_in(visit.page.locator(".money__sum").inner_text())
    field.fill("9")
    visit.sees("$15.00 a month × 9")

    assert amount_in(visit.page.locator(".money__sum").inner_text()) > seven > 0
    assert visit.page.evaluate("window.sameDocument")
    expect(field).to_be_focused()
    expect(field).to_have_value("9")
    assert "quantity=9" in visit.page.url


def test_a_quantity_out_of_bounds_is_said_and_not_charged(visit, world, books):
    erin = world.live("monthly", price="scale_monthly", quantity=2)
    visit.arrive(erin["customer"])

    visit.open(f"/subscriptions/{erin['subscription']}/plan?quantity=51")

    visit.sees("Choose a number from 1 to 50.")
    expect(visit.page.get_by_label("Seats")).to_have_attribute("aria-invalid", "true")
    assert plan_of(books, erin) == ("scale_monthly", 2)


def test_a_choice_that_moved_the_price_brings_the_field_for_how_many(visit, world):
    ada = world.live("monthly")
    visit.arrive(ada["customer"]).follow("Change plan").stands_at("Change plan")
    expect(visit.page.get_by_label("Seats")).to_have_count(0)

    choose(visit, "Scale")

    expect(visit.page.get_by_label("Seats")).to_be_visible()


def test_two_tabs_the_second_sees_what_the_first_did_and_charges_nothing_unseen(visit, context, world, books):
    ada = world.live("monthly", price="starter_monthly")
    visit.arrive(ada["customer"]).follow("Change plan")
    stale = choose(visit, "Pro")
    expect(stale).to_be_visible()
    other = context.new_page()
    other.goto(f"{visit.base}/subscriptions/{ada['subscription']}/plan")
    other.locator(".choice", has_text="Scale").first.click()
    other.get_by_role("button", name=re.compile("change plan", re.IGNORECASE)).click()
    expect(other.locator("main")).to_contain_text("Your plan is now Scale")
    before = charged(books, ada)

    stale.click()

    visit.sees("The amount has changed since you last saw it")
    assert plan_of(books, ada) == ("scale_monthly", 1)
    assert charged(books, ada) == before


def test_a_downgrade_charges_nothing_and_says_where_the_rest_goes(visit, world, books):
    ada = world.live("monthly")
    before = charged(books, ada)
    visit.arrive(ada["customer"]).follow("Change plan")

    change = choose(visit, "Starter")
    visit.sees("You pay nothing today.").sees("is kept as credit")
    change.click()

    visit.sees("Your plan is now Starter")
    assert plan_of(books, ada) == ("starter_monthly", 1)
    assert charged(books, ada) == before
