"""Paying an invoice in the page with Stripe.js: a new card, a saved one, 3-D Secure, declines."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from e2e.stripe_js.stage import BANK, DECLINED_CARD, fill, mount, result

ALWAYS_ASKING_CARD = "4000002760003184"
ASKING_THEN_DECLINED_CARD = "4000008400001629"
PAY = """(confirmParams) => { stripe.confirmPayment(
    {elements, confirmParams: {return_url: location.origin + "/return", ...confirmParams}, redirect: "if_required"}
).then(shown); }"""
PAY_WITH_A_SAVED_CARD = """([clientSecret, payment_method]) => { stripe.confirmPayment(
    {clientSecret, confirmParams: {return_url: location.origin + "/return", payment_method}, redirect: "if_required"}
).then(shown); }"""


@pytest.fixture
def invoice(client, ada):
    """Ada's open invoice over 10 dollars."""
    draft = client.v1.invoices.create({"customer": ada.id, "currency": "usd", "auto_advance": False})
    client.v1.invoice_items.create(
        {"customer": ada.id, "invoice": draft.id, "amount": 1000, "currency": "usd", "description": "T-Shirt"}
    )
    return client.v1.invoices.finalize_invoice(draft.id, {"auto_advance": False, "expand": ["confirmation_secret"]})


@pytest.fixture
def due(invoice):
    """What the page is given to pay it."""
    return invoice.confirmation_secret


def is_paid(client, invoice):
    return client.v1.invoices.retrieve(invoice.id).status == "paid"


def test_a_new_card_pays_the_invoice(page, client, invoice, due):
    fill(mount(page, due))

    page.evaluate(PAY, {})

    paid = result(page)["paymentIntent"]
    assert (paid["status"], paid["amount"]) == ("succeeded", 1000)
    assert is_paid(client, invoice)


def test_a_declined_card_leaves_the_invoice_open_and_another_pays_it(page, client, invoice, due):
    fields = mount(page, due)
    fill(fields, DECLINED_CARD)
    page.evaluate(PAY, {})

    error = result(page)["error"]

    assert (error["code"], error["payment_intent"]["status"]) == ("card_declined", "requires_payment_method")
    assert not is_paid(client, invoice)
    fill(fields)
    page.evaluate(PAY, {})
    expect(page.locator("output")).to_contain_text('"status":"succeeded"')
    assert is_paid(client, invoice)


def test_a_saved_card_that_asks_for_3d_secure_pays_after_it(page, client, ada, invoice, due):
    saved = client.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": ada.id})

    page.evaluate(PAY_WITH_A_SAVED_CARD, [due.client_secret, saved.id])
    page.frame_locator(BANK).get_by_role("button", name="Complete authentication").click()

    assert result(page)["paymentIntent"]["status"] == "succeeded"
    assert is_paid(client, invoice)


def test_a_challenge_given_up_takes_no_money(page, client, invoice, due):
    fill(mount(page, due), ALWAYS_ASKING_CARD)
    page.evaluate(PAY, {})

    page.frame_locator(BANK).get_by_role("button", name="Close").click()

    error = result(page)["error"]
    assert error["code"] == "payment_intent_authentication_failure"
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert not is_paid(client, invoice)


def test_a_decline_after_the_challenge_is_a_decline(page, client, invoice, due):
    fill(mount(page, due), ASKING_THEN_DECLINED_CARD)
    page.evaluate(PAY, {})

    page.frame_locator(BANK).get_by_role("button", name="Complete authentication").click()

    error = result(page)["error"]
    assert (error["type"], error["code"]) == ("card_error", "card_declined")
    assert not is_paid(client, invoice)


def test_what_the_server_tried_is_brought_to_its_end(page, client, ada, invoice):
    """`invoices.pay` answered that the bank wants to ask; the page lets it."""
    saved = client.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": ada.id})
    with pytest.raises(Exception, match="additional user action"):
        client.v1.invoices.pay(invoice.id, {"payment_method": saved.id, "off_session": False})
    waiting = client.v1.invoices.retrieve(invoice.id, {"expand": ["confirmation_secret"]}).confirmation_secret

    page.evaluate("(clientSecret) => { stripe.handleNextAction({clientSecret}).then(shown); }", waiting.client_secret)
    page.frame_locator(BANK).get_by_role("button", name="Complete authentication").click()

    assert result(page)["paymentIntent"]["status"] == "succeeded"
    assert is_paid(client, invoice)


def test_without_if_required_a_payment_leads_to_the_return_url(page, host, due):
    fill(mount(page, due))

    page.evaluate("stripe.confirmPayment({elements, confirmParams: {return_url: location.origin + '/return'}}), null")

    page.wait_for_url(f"{host}/return?*")
    query = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    assert query["payment_intent_client_secret"] == due.client_secret
    assert (query["payment_intent"], query["redirect_status"]) == (due.client_secret.split("_secret_")[0], "succeeded")
