"""Somebody has a code: it is put on, mistyped, guessed at, and taken off again; with JavaScript and without it."""

from __future__ import annotations

import re

import pytest

from e2e.steps import amount_in, charged
from portal_embed import Features
from portal_embed.access import limits
from portal_embed.config import SubscriptionCreate, SubscriptionUpdate
from tests.serving import hosting

CODES = Features(
    subscription_update=SubscriptionUpdate(default_allowed_updates=("price", "quantity", "promotion_code")),
    subscription_create=SubscriptionCreate(enabled=True, allow_promotion_codes=True),
)
BERLIN = {"country": "DE", "line1": "Hauptstraße 1", "city": "Berlin", "postal_code": "10115"}


@pytest.fixture
def host(world):
    """A host whose customers may use codes."""
    with hosting(world, features=CODES) as running:
        yield running


@pytest.fixture
def ada(world, books):
    """One without a discount; the code AUTUMN10 is there for her."""
    coupon = books.v1.coupons.create({"percent_off": 10, "duration": "forever"}).id
    books.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon}, "code": "AUTUMN10"})
    return world.live("monthly", days=10)


@pytest.fixture(params=["with", "without"])
def somebody(request, host, ada):
    """In front of a browser with and without JavaScript."""
    visit = request.getfixturevalue("visit" if request.param == "with" else "plain_visit")
    return visit.arrive(ada["customer"])


@pytest.fixture
def somebody_new(somebody, world, books):
    """The same with a card and no plan."""
    somebody.life = world.live("new")
    card = books.v1.payment_methods.attach("pm_card_visa", {"customer": somebody.life["customer"]})
    settings = {"invoice_settings": {"default_payment_method": card.id}}
    books.v1.customers.update(somebody.life["customer"], settings)
    return somebody.arrive(somebody.life["customer"])


def ask_with(visit, word):
    """Type a code beside what else was chosen, and see what it costs: the key does it with and without a script."""
    field = visit.page.get_by_label("Promotion code")
    field.fill(word)
    field.press("Enter")
    return visit


def to_pay(visit, what):
    return amount_in(visit.page.get_by_role("button", name=re.compile(f"and {what}$")).inner_text())


def try_code(visit, word):
    visit.page.get_by_label("Promotion code").fill(word)
    visit.press("See what it saves")
    return visit


def on(books, life):
    return list(books.v1.subscriptions.retrieve(life["subscription"]).discounts)


@pytest.mark.feature(72)
def test_a_code_is_tried_seen_and_put_on(somebody, ada, books):
    somebody.follow("Add promotion code").stands_at("Promotion code")
    try_code(somebody, "autumn10").sees("10% off for good").sees("Without AUTUMN10").sees("$26.10")
    assert on(books, ada) == []

    somebody.press("Use AUTUMN10").stands_at("Overview")

    somebody.sees("Your discount is in force").sees("10% off for good with AUTUMN10")
    assert len(on(books, ada)) == 1


@pytest.mark.feature(72)
def test_a_mistyped_code_says_so_at_the_field_and_the_right_one_is_taken_afterwards(somebody, ada, books):
    somebody.follow("Add promotion code")
    try_code(somebody, "AUTUM10").sees("This code is not valid here.")
    assert somebody.page.get_by_label("Promotion code").input_value() == "AUTUM10"
    assert somebody.page.get_by_label("Promotion code").get_attribute("aria-invalid") == "true"

    try_code(somebody, "AUTUMN10").press("Use AUTUMN10").sees("Your discount is in force")

    assert len(on(books, ada)) == 1


@pytest.mark.feature(72)
def test_after_too_many_guesses_even_the_right_one_waits(somebody, ada, books, monkeypatch):
    monkeypatch.setattr(limits, "TEST_MODE_FACTOR", 0.2)
    somebody.host.portal._services.limits._factor = 0.2
    somebody.follow("Add promotion code")
    for word in ("GUESS1", "GUESS2"):
        try_code(somebody, word).sees("This code is not valid here.")

    try_code(somebody, "GUESS3").sees("Too many codes")
    try_code(somebody, "AUTUMN10").sees("Too many codes").sees_no("10% off")

    assert on(books, ada) == []


@pytest.mark.feature(71)
def test_an_upgrade_with_a_code_mistyped_at_first(somebody, ada, world, books):
    sue = world.live("monthly", price="starter_monthly")
    somebody.arrive(sue["customer"]).follow("Change plan").stands_at("Change plan")
    somebody.page.locator(".choice", has_text="Pro").first.click()
    ask_with(somebody, "AUTUM10").sees("This code is not valid here.")
    full = to_pay(somebody, "change plan")

    ask_with(somebody, "autumn10").sees("10% off for good")
    shown = to_pay(somebody, "change plan")
    assert shown < full
    assert on(books, sue) == []
    before = charged(books, sue)
    somebody.press(re.compile("and change plan$"))

    somebody.stands_at("Overview").sees("Your plan is now Pro").sees("10% off for good with AUTUMN10")
    assert charged(books, sue) == [shown, *before]
    assert len(on(books, sue)) == 1


@pytest.mark.feature(76)
def test_a_plan_is_started_with_a_code(somebody_new, books):
    somebody_new.follow("See plans").stands_at("Plans")
    pro = somebody_new.page.locator(".pricing__plan", has=somebody_new.page.get_by_role("heading", name="Pro"))
    pro.get_by_role("link").click()
    somebody_new.stands_at("Start Pro")
    ask_with(somebody_new, "AUTUM10").sees("This code is not valid here.")
    assert to_pay(somebody_new, "start") == 2900

    ask_with(somebody_new, "autumn10").sees("10% off for good").sees("$26.10 a month")
    assert to_pay(somebody_new, "start") == 2610
    somebody_new.press("Pay $26.10 and start")

    somebody_new.stands_at("Overview").sees("Pro has started").sees("10% off for good with AUTUMN10")
    assert charged(books, somebody_new.life) == [2610]


@pytest.mark.feature(72)
def test_an_impatient_person_uses_it_once(visit, ada, books):
    visit.arrive(ada["customer"]).follow("Add promotion code")
    try_code(visit, "AUTUMN10").sees("10% off").tap_thrice("Use AUTUMN10")

    visit.sees("Your discount is in force")
    assert len(on(books, ada)) == 1


@pytest.mark.feature(26)
@pytest.mark.feature(73)
def test_a_discount_is_taken_off_after_a_look_at_the_next_bill(somebody, world, books):
    lou = world.live("discounted")
    somebody.arrive(lou["customer"]).sees("20% off with SPRING20 until")
    somebody.page.get_by_role("link", name="Remove discount: 20% off with SPRING20").click()
    somebody.stands_at("Remove this discount?").sees("$23.20").sees("$29.00").sees("cannot be undone")
    assert len(on(books, lou)) == 1

    somebody.press("Remove discount").stands_at("Overview")

    somebody.sees("The discount was taken off").sees_no("SPRING20")
    assert on(books, lou) == []


@pytest.mark.feature(73)
def test_it_may_be_kept_after_all(somebody, world, books):
    lou = world.live("discounted")
    somebody.arrive(lou["customer"])
    somebody.page.get_by_role("link", name="Remove discount: 20% off with SPRING20").click()

    somebody.follow("Keep it").stands_at("Overview").sees("20% off with SPRING20")

    assert len(on(books, lou)) == 1


@pytest.mark.feature(63)
def test_a_missing_address_is_entered_on_the_way_and_leads_back_to_the_code(somebody, ada, books):
    books.v1.customers.update(ada["customer"], {"address": BERLIN})
    books.v1.subscriptions.update(ada["subscription"], {"automatic_tax": {"enabled": True}})
    books.v1.customers.update(ada["customer"], {"address": {"country": "US"}})
    somebody.follow("Add promotion code")
    try_code(somebody, "AUTUMN10").sees("Your address is needed to work out the tax")

    somebody.follow("Enter your address").stands_at("Billing address")
    for label, text in (("Street address", "1 Main Street"), ("City", "Seattle"), ("ZIP code", "98101")):
        somebody.page.get_by_label(label).fill(text)
    somebody.page.get_by_label("State").select_option("WA")
    somebody.press("Save billing address").stands_at("Promotion code")

    somebody.press("See what it saves").sees("Without AUTUMN10").sees("$30.88").sees("$27.80")
    somebody.sees_no("Your address is needed")


@pytest.mark.feature(63)
def test_who_accounts_for_the_vat_is_told_so_on_the_overview_itself(visit, world):
    rosa = world.live("reverse_charge")
    visit.arrive(rosa["customer"]).sees("You account for the VAT yourself (reverse charge).")
    visit.sees("Your VAT ID DE123456789 is not verified yet")
