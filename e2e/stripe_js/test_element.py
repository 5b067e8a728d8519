"""The Payment Element's frame: fields, checks, look, and what it tells the page around it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.stripe_js.stage import FRAME, fill, mount, result


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("Card number", "4242 4242", "Your card number is incomplete."),
        ("Card number", "4242 4242 4242 4241", "Your card number is invalid."),
        ("Expiration date", "12", "Your card's expiration date is incomplete."),
        ("Expiration date", "12 / 20", "Your card's expiration year is in the past."),
        ("Security code", "12", "Your card's security code is incomplete."),
        ("ZIP code", "", "Your postal code is incomplete."),
    ],
)
def test_what_is_wrong_with_a_field_is_said_beside_it_and_to_the_page(page, intent, field, text, message):
    fields = mount(page, intent)
    fill(fields)
    fields.get_by_label(field).fill(text)

    submitted = page.evaluate("elements.submit()")

    assert (submitted["error"]["type"], submitted["error"]["message"]) == ("validation_error", message)
    expect(fields.get_by_role("alert").get_by_text(message)).to_be_visible()
    expect(fields.get_by_label(field)).to_have_accessible_description(message)
    expect(fields.get_by_label(field)).to_be_focused()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("1234", "12 / 34"),
        ("434", "04 / 34"),
        ("1/34", "01 / 34"),
        ("12/2034", "12 / 34"),
        ("1", "1"),
        ("12/20", "12 / 20"),
    ],
)
def test_an_expiry_typed_in_any_usual_way_reads_the_same(page, intent, typed, shown):
    expiry = mount(page, intent).get_by_label("Expiration date")

    expiry.press_sequentially(typed)

    expect(expiry).to_have_value(shown)


def test_the_fields_carry_the_names_browsers_fill_in(page, intent):
    fields = mount(page, intent)

    expect(fields.get_by_label("Card number")).to_have_attribute("autocomplete", "cc-number")
    expect(fields.get_by_label("Expiration date")).to_have_attribute("autocomplete", "cc-exp")
    expect(fields.get_by_label("Security code")).to_have_attribute("autocomplete", "cc-csc")


def test_the_postal_code_is_asked_for_where_stripe_asks_for_it(page, intent):
    fields = mount(page, intent, element={"defaultValues": {"billingDetails": {"address": {"country": "DE"}}}})

    expect(fields.get_by_label("Country")).to_have_value("DE")
    expect(fields.get_by_label("ZIP code")).to_have_count(0)
    fields.get_by_label("Country").select_option("GB")
    expect(fields.get_by_label("Postal code")).to_be_visible()


def test_the_element_looks_as_the_page_asks(page, intent):
    fields = mount(page, intent, {"theme": "night", "variables": {"colorBackground": "#102030", "borderRadius": "9px"}})
    style = "(field, name) => getComputedStyle(field)[name]"
    number = fields.get_by_label("Card number")

    assert number.evaluate(style, "backgroundColor") == "rgb(16, 32, 48)"
    assert number.evaluate(style, "borderRadius") == "9px"
    assert number.evaluate(style, "color") == "rgb(255, 255, 255)"
    page.evaluate("elements.update({appearance: {variables: {colorBackground: '#fff'}}})")
    assert number.evaluate(style, "backgroundColor") == "rgb(255, 255, 255)"


def test_the_frame_is_as_high_as_its_content(page, intent):
    fields = mount(page, intent)
    height = "document.documentElement.offsetHeight"
    before = page.frame_locator(FRAME).locator("html").evaluate(f"() => {height}")

    page.evaluate("elements.submit()")

    expect(fields.get_by_text("Your card number is incomplete.")).to_be_visible()
    after = fields.locator("html").evaluate(f"() => {height}")
    expect(page.locator(FRAME)).to_have_css("height", f"{after}px")
    assert after > before > 100


def test_the_page_hears_when_the_card_is_complete(page, intent):
    fill(mount(page, intent))

    expect(page.locator("pre")).to_contain_text('"complete":true')

    assert page.evaluate("events.map(([name]) => name)[0]") == "ready"
    assert page.evaluate("events.find(([name]) => name === 'change')[1].value") == {"type": "card"}


def test_enter_in_a_field_submits_the_form_around_the_element(page, intent):
    page.evaluate("document.querySelector('form').addEventListener('submit', (e) => { e.preventDefault(); save(); })")
    fields = mount(page, intent)
    fill(fields)

    fields.get_by_label("ZIP code").press("Enter")

    assert result(page)["setupIntent"]["status"] == "succeeded"


def test_a_finished_intent_cannot_be_mounted(page, intent, client):
    client.v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa", "return_url": "https://host.example"})

    mount(page, intent)

    name, event = page.evaluate("events[0]")
    assert name == "loaderror"
    assert event["error"]["code"] == "setup_intent_unexpected_state"


def test_messages_of_strangers_change_nothing(page, intent):
    fields = mount(page, intent)
    page.evaluate("events.length = 0; postMessage({event: 'change', payload: {complete: true}}, '*')")
    fields.get_by_label("Card number").fill("4")

    expect(page.locator("pre")).to_contain_text('"complete":false')
    assert page.evaluate("events.length") == 1
