"""Payment methods: bodies, attaching, detaching, test cards."""

import pytest

from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.support import refusal_of

HOLDER = {"name": "Ada", "email": "ada@example.com"}
MADE_OF = {
    "acss_debit": {"account_number": "000123456789", "institution_number": "000", "transit_number": "11000"},
    "amazon_pay": {},
    "au_becs_debit": {"account_number": "900123456", "bsb_number": "000000"},
    "bacs_debit": {"account_number": "00012345", "sort_code": "108800"},
    "bancontact": {},
    "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"},
    "cashapp": {},
    "ideal": {"bank": "ing"},
    "klarna": {},
    "link": {},
    "paypal": {},
    "revolut_pay": {},
    "sepa_debit": {"iban": "DE89370400440532013000"},
    "us_bank_account": {
        "account_number": "000123456789",
        "routing_number": "110000000",
        "account_holder_type": "individual",
    },
}


@pytest.fixture
def ada(client):
    """A customer."""
    return client.v1.customers.create({"name": "Ada"})


def card(client, token="tok_visa"):
    """A card of a test token."""
    return client.v1.payment_methods.create({"type": "card", "card": {"token": token}})


@pytest.mark.parametrize("kind", MADE_OF)
def test_every_type_has_exactly_the_keys_the_sdk_declares(client, kind):
    made = client.v1.payment_methods.create({"type": kind, kind: MADE_OF[kind], "billing_details": HOLDER})
    assert_matches_sdk(made.to_dict())
    assert made.type == kind


def test_a_new_card_belongs_to_nobody_and_is_not_checked(client):
    made = card(client)
    assert (made.customer, made.allow_redisplay, made.card.checks.cvc_check) == (None, "unspecified", "unchecked")


def test_attaching_checks_the_card_and_keeps_its_id(client, ada):
    made = card(client)
    attached = client.v1.payment_methods.attach(made.id, {"customer": ada.id})
    assert (attached.id, attached.customer, attached.card.checks.cvc_check) == (made.id, ada.id, "pass")


def test_attaching_does_not_make_it_the_default(client, ada):
    client.v1.payment_methods.attach(card(client).id, {"customer": ada.id})
    assert client.v1.customers.retrieve(ada.id).invoice_settings.default_payment_method is None


def test_attaching_a_test_name_makes_a_new_method(client, ada):
    attached = client.v1.payment_methods.attach("pm_card_mastercard", {"customer": ada.id})
    assert attached.id != "pm_card_mastercard"
    assert attached.card.brand == "mastercard"


def test_attaching_again_to_the_same_customer_changes_nothing(client, ada):
    made = client.v1.payment_methods.attach(card(client).id, {"customer": ada.id})
    assert client.v1.payment_methods.attach(made.id, {"customer": ada.id}).to_dict() == made.to_dict()


def test_attaching_without_a_customer_is_refused(client):
    error = refusal_of(client.v1.payment_methods.attach, card(client).id, {})
    assert (error.code, error.user_message) == ("parameter_missing", "Must provide customer or customer_account.")


def test_mallory_cannot_attach_adas_card(client, ada):
    made = client.v1.payment_methods.attach(card(client).id, {"customer": ada.id})
    mallory = client.v1.customers.create()
    assert refusal_of(client.v1.payment_methods.attach, made.id, {"customer": mallory.id}).http_status == 400


def test_a_declining_card_is_refused_at_attach_as_recorded(client, ada):
    error = refusal_of(
        client.v1.payment_methods.attach, card(client, "tok_visa_chargeDeclined").id, {"customer": ada.id}
    )
    body = error.json_body["error"]
    del body["request_log_url"]
    assert error.http_status == 402
    assert body == {
        "advice_code": "try_again_later",
        "code": "card_declined",
        "decline_code": "generic_decline",
        "doc_url": "https://stripe.com/docs/error-codes/card-declined",
        "message": "Your card was declined.",
        "network_decline_code": "01",
        "param": "",
        "type": "card_error",
    }


def test_detaching_frees_it_for_good(client, ada):
    made = client.v1.payment_methods.attach(card(client).id, {"customer": ada.id})
    assert client.v1.payment_methods.detach(made.id).customer is None
    assert "is not attached to a customer" in refusal_of(client.v1.payment_methods.detach, made.id).user_message
    assert (
        "may not be used again"
        in refusal_of(client.v1.payment_methods.attach, made.id, {"customer": ada.id}).user_message
    )


def test_the_event_of_a_detachment_names_the_customer_it_was(client, ada):
    made = client.v1.payment_methods.attach(card(client).id, {"customer": ada.id})
    client.v1.payment_methods.detach(made.id)
    event = client.v1.events.list({"type": "payment_method.detached"}).data[0]
    assert event.data.previous_attributes.to_dict() == {"customer": ada.id}


def test_a_list_without_a_customer_is_empty(client, ada):
    client.v1.payment_methods.attach(card(client).id, {"customer": ada.id})
    assert client.v1.payment_methods.list().data == []


def test_a_deleted_customers_list_is_refused(client, ada):
    client.v1.customers.delete(ada.id)
    error = refusal_of(client.v1.payment_methods.list, {"customer": ada.id})
    assert (error.http_status, error.param) == (400, "customer")


def test_mallorys_url_does_not_show_adas_card(client, ada):
    made = client.v1.payment_methods.attach(card(client).id, {"customer": ada.id})
    mallory = client.v1.customers.create()
    error = refusal_of(client.v1.customers.payment_methods.retrieve, mallory.id, made.id)
    assert (error.http_status, error.user_message, error.param) == (404, "Invalid request", "customer")


def test_billing_details_are_merged_leaf_by_leaf(client, ada):
    made = client.v1.payment_methods.attach(card(client).id, {"customer": ada.id})
    client.v1.payment_methods.update(made.id, {"billing_details": {"name": "Ada", "address": {"city": "London"}}})
    changed = client.v1.payment_methods.update(made.id, {"billing_details": {"address": {"country": "GB"}}})
    details = changed.billing_details
    assert (details.name, details.address.city, details.address.country) == ("Ada", "London", "GB")


def test_the_same_number_has_the_same_fingerprint(client):
    one, two, other = card(client), card(client), card(client, "tok_mastercard")
    assert one.card.fingerprint == two.card.fingerprint != other.card.fingerprint


def test_a_number_that_fails_the_luhn_check_is_incorrect(client):
    wrong = {"type": "card", "card": {"number": "4242424242424241", "exp_month": 12, "exp_year": 2034}}
    error = refusal_of(client.v1.payment_methods.create, wrong)
    assert (error.http_status, error.code, error.param) == (402, "incorrect_number", "number")


def test_a_past_expiry_is_invalid(client):
    past = {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2020}}
    assert refusal_of(client.v1.payment_methods.create, past).code == "invalid_expiry_year"


def test_detaching_the_default_clears_it_at_the_customer(client, ada):
    made = client.v1.payment_methods.attach(card(client).id, {"customer": ada.id})
    client.v1.customers.update(ada.id, {"invoice_settings": {"default_payment_method": made.id}})
    client.v1.payment_methods.detach(made.id)
    assert client.v1.customers.retrieve(ada.id).invoice_settings.default_payment_method is None
