"""The Address Element: which fields it has, what the page reads, and what goes into the payment method."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.stripe_js.stage import FRAME, fill, result

MADE = "create('address', {mode: 'billing'})"
ADDRESS = "iframe[title='Secure address input frame']"


def address(page, **options):
    """The Address Element, mounted below the form."""
    page.evaluate(
        """(options) => {
          window.elements ??= stripe.elements({mode: "setup", currency: "usd"});
          document.querySelector("form").insertAdjacentHTML("beforeend", "<div id='address-element'></div>");
          window.addressElement = elements.create("address", options);
          const ready = new Promise((resolve) => addressElement.on("ready", resolve));
          window.addressEvents = [];
          addressElement.on("change", (event) => addressEvents.push(event));
          addressElement.mount("#address-element");
          return ready.then(() => null);
        }""",
        {"mode": "billing", **options},
    )
    return page.frame_locator(ADDRESS)


def write(fields, name="Ada Lovelace", **more):
    """An address in Berlin."""
    if name:
        fields.get_by_label("Full name").fill(name)
    fields.get_by_label("Country or region").select_option("DE")
    lines = {"Address line 1": "Unter den Linden 1", "City": "Berlin", "Postal code": "10117", **more}
    for label, text in lines.items():
        fields.get_by_label(label).fill(text)


BERLIN = {
    "line1": "Unter den Linden 1", "line2": None, "city": "Berlin", "state": "", "postal_code": "10117", "country": "DE",
}  # fmt: skip


def test_the_page_reads_the_address_and_hears_when_it_is_complete(page, intent):
    write(address(page))

    read = page.evaluate("addressElement.getValue()")

    assert read == {"complete": True, "isNewAddress": True, "value": {"name": "Ada Lovelace", "address": BERLIN}}
    told = page.evaluate("addressEvents.at(-1)")
    assert told == {"elementType": "address", "elementMode": "billing", "empty": False, **read}


def test_what_is_missing_is_said_beside_its_field(page, intent):
    fields = address(page, defaultValues={"address": {"country": "US"}})

    error = page.evaluate("elements.submit()")["error"]

    assert error == {
        "type": "validation_error", "code": "incomplete_name", "message": "Your name is incomplete.",
    }  # fmt: skip
    expect(fields.get_by_label("State")).to_have_accessible_description("Your state is incomplete.")
    expect(fields.get_by_label("ZIP code")).to_have_attribute("aria-invalid", "true")
    expect(fields.get_by_label("Full name")).to_be_focused()
    assert page.evaluate("addressElement.getValue()")["complete"] is False


def test_the_fields_begin_with_what_the_page_knows(page, intent):
    known = {"name": "Ada", "phone": "+49 30 1", "address": {**BERLIN, "line2": "Hof"}}
    address(page, mode="shipping", defaultValues=known, fields={"phone": "always"})

    assert page.evaluate("addressElement.getValue()")["value"] == known


def test_only_allowed_countries_are_offered(page, intent):
    fields = address(page, allowedCountries=["AT", "CH"], defaultValues={"address": {"country": "FR"}})

    options = fields.get_by_label("Country or region").locator("option")
    assert sorted(options.evaluate_all("found => found.map((one) => one.value)")) == ["AT", "CH"]


def test_names_may_be_split_or_an_organizations(page, intent):
    fields = address(page, display={"name": "split"})
    write(fields, name=None, **{"First name": "Ada", "Last name": "Lovelace"})
    value = page.evaluate("addressElement.getValue()")["value"]
    assert (value["name"], value["firstName"], value["lastName"]) == ("Ada Lovelace", "Ada", "Lovelace")

    page.evaluate("addressElement.update({display: {name: 'organization'}})")
    expect(fields.get_by_label("Organization name")).to_be_visible()


def test_it_looks_as_the_page_asks(page, intent):
    page.evaluate(
        "window.elements = stripe.elements({mode: 'setup', appearance: {variables: {colorBackground: '#102030'}}})"
    )
    name = address(page).get_by_label("Full name")

    assert name.evaluate("field => getComputedStyle(field).backgroundColor") == "rgb(16, 32, 48)"


def test_a_billing_address_goes_into_the_payment_method_and_is_asked_for_once(page, intent, client):
    page.evaluate("(clientSecret) => mount({clientSecret, locale: 'en'})", intent.client_secret)
    card = page.frame_locator(FRAME)
    fill(card)
    write(address(page))
    expect(card.get_by_label("Country")).to_be_hidden()

    page.evaluate("save()")

    saved = client.v1.payment_methods.retrieve(result(page)["setupIntent"]["payment_method"])
    details = saved.billing_details.to_dict()
    assert (details["name"], {**BERLIN, **details["address"]}) == ("Ada Lovelace", {**BERLIN, "state": None})


def test_an_address_that_is_not_complete_saves_nothing(page, intent):
    page.evaluate("(clientSecret) => mount({clientSecret, locale: 'en'})", intent.client_secret)
    fill(page.frame_locator(FRAME))
    address(page)

    page.evaluate("save()")

    assert result(page)["error"]["code"] == "incomplete_name"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("stripe.elements().create('address')", 'mode: "billing" or "shipping"'),
        ("stripe.elements().create('address', {mode: 'billing', blockPoBox: true})", "blockPoBox"),
        (f"(elements => {{ elements.{MADE}; elements.{MADE}; }})(stripe.elements())", "one Element of type address"),
        ("stripe.elements().create('address', {mode: 'billing'}).getValue()", "mounted"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_page_is_thrown(page, code, words):
    told = page.evaluate(
        f"(async () => {{ try {{ await {code}; }} catch (e) {{ return e.name + ': ' + e.message; }} }})()"
    )

    assert told.startswith("IntegrationError: ")
    assert words in told
