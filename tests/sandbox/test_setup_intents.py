"""SetupIntents: states, 3-D Secure, declines, and what a browser may do."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from portal_embed.sandbox.resources import setup_intents
from portal_embed.sandbox.world import World
from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.support import http, refusal_of, sdk

PAGE = {"return_url": "https://shop.example/back"}


@pytest.fixture
def ada(client):
    """A customer."""
    return client.v1.customers.create({"name": "Ada"})


@pytest.fixture
def intent(client, ada):
    """Ada's new intent."""
    return client.v1.setup_intents.create({"customer": ada.id})


def confirm(client, intent, alias, **options):
    """Confirm with a fresh method of a test name."""
    return client.v1.setup_intents.confirm(intent.id, {"payment_method": alias, **PAGE, **options})


def test_a_new_intent_has_exactly_the_keys_the_sdk_declares(intent):
    assert_matches_sdk(intent.to_dict())


def test_a_new_intent_waits_for_a_method_and_takes_dynamic_ones(intent):
    assert (intent.status, intent.usage) == ("requires_payment_method", "off_session")
    assert intent.automatic_payment_methods.to_dict() == {"allow_redirects": "always", "enabled": True}


def test_its_secret_has_thirty_one_characters(intent):
    assert len(intent.client_secret.removeprefix(f"{intent.id}_secret_")) == 31


def test_payment_method_types_are_no_longer_supported(client):
    error = refusal_of(client.v1.setup_intents.create, {"payment_method_types": ["card"]})
    assert error.code == "payment_method_types_no_longer_supported"


def test_success_attaches_the_method_to_the_customer(client, ada, intent):
    done = confirm(client, intent, "pm_card_visa")
    assert_matches_sdk(done.to_dict())
    assert done.status == "succeeded"
    assert client.v1.payment_methods.retrieve(done.payment_method).customer == ada.id


def test_success_emits_its_events_in_order(client, intent):
    confirm(client, intent, "pm_card_visa")
    types = [event.type for event in client.v1.events.list().data][::-1]
    assert types == ["customer.created", "setup_intent.created", "payment_method.attached", "setup_intent.succeeded"]


def test_a_3ds_card_asks_the_dialog_when_stripe_js_runs(client, intent):
    asked = confirm(client, intent, "pm_card_authenticationRequired", use_stripe_sdk=True)
    assert_matches_sdk(asked.to_dict())
    assert (asked.status, asked.next_action.type) == ("requires_action", "use_stripe_sdk")


def test_a_3ds_card_asks_for_a_redirect_otherwise(client, world, intent):
    asked = confirm(client, intent, "pm_card_authenticationRequired")
    assert asked.next_action.redirect_to_url.return_url == "https://shop.example/back"
    assert asked.next_action.redirect_to_url.url.startswith(f"{world.api_base}/3ds/{intent.id}")


def test_passing_3ds_saves_the_card_for_later():
    books = World("unit")
    intent = setup_intents.make_setup_intent(books, {})
    method = setup_intents.usable(books, "pm_card_authenticationRequired")
    books.save({**intent, "status": "requires_action", "payment_method": method["id"]})
    done = setup_intents.complete_authentication(books, intent["id"], success=True)
    assert done["status"] == "succeeded"
    assert books.get("_card", method["id"])["set_up"] is True


def test_failing_3ds_leaves_the_intent_waiting_with_the_reason():
    books = World("unit")
    intent = setup_intents.make_setup_intent(books, {})
    method = setup_intents.usable(books, "pm_card_authenticationRequired")
    books.save({**intent, "status": "requires_action", "payment_method": method["id"]})
    left = setup_intents.complete_authentication(books, intent["id"], success=False)
    assert (left["status"], left["payment_method"]) == ("requires_payment_method", None)
    assert left["last_setup_error"]["code"] == "setup_intent_authentication_failure"


def test_a_decline_is_a_402_and_stays_on_the_intent(client, intent):
    error = refusal_of(confirm, client, intent, "pm_card_visa_chargeDeclined")
    assert (error.http_status, error.code, error.json_body["error"]["setup_intent"]["id"]) == (
        402,
        "card_declined",
        intent.id,
    )
    left = client.v1.setup_intents.retrieve(intent.id)
    assert_matches_sdk(left.to_dict())
    assert (left.status, left.payment_method, left.last_setup_error.code) == (
        "requires_payment_method",
        None,
        "card_declined",
    )


def test_an_expired_card_says_so(client, intent):
    error = refusal_of(confirm, client, intent, "pm_card_chargeDeclinedExpiredCard")
    assert (error.code, error.param, error.user_message) == ("expired_card", "exp_month", "Your card has expired.")


def test_confirming_twice_is_refused_with_the_intent(client, intent):
    confirm(client, intent, "pm_card_visa")
    error = refusal_of(confirm, client, intent, "pm_card_visa")
    assert error.code == "setup_intent_unexpected_state"
    assert error.user_message == "You cannot confirm this SetupIntent because it has already succeeded."
    assert error.json_body["error"]["setup_intent"]["status"] == "succeeded"


def test_a_succeeded_intent_cannot_be_canceled(client, intent):
    confirm(client, intent, "pm_card_visa")
    assert "it has a status of succeeded" in refusal_of(client.v1.setup_intents.cancel, intent.id).user_message


def test_mallorys_intent_cannot_use_adas_card(client, ada):
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": ada.id})
    mallory = client.v1.customers.create()
    hers = client.v1.setup_intents.create({"customer": mallory.id})
    error = refusal_of(confirm, client, hers, card.id)
    assert (error.http_status, error.param) == (400, "payment_method")
    assert f"does not belong to the Customer you supplied {mallory.id}" in error.user_message


def test_redirecting_methods_need_a_return_url(client, intent):
    error = refusal_of(client.v1.setup_intents.confirm, intent.id, {"payment_method": "pm_card_visa"})
    assert "you must provide a `return_url`" in error.user_message


def test_a_browser_confirms_with_the_client_secret(world, intent):
    card = "payment_method_data[type]=card&payment_method_data[card][token]=tok_visa"
    answer = http(
        world,
        "POST",
        f"/v1/setup_intents/{intent.id}/confirm",
        f"key=pk_test_1234567890&client_secret={intent.client_secret}&{card}",
        Authorization="",
    )
    assert (answer.status, answer.json["status"]) == (200, "succeeded")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_browser_with_a_wrong_secret_sees_nothing(world, intent):
    browser = sdk(world, key="pk_test_1234567890")
    error = refusal_of(browser.v1.setup_intents.retrieve, intent.id, {"client_secret": "seti_wrong"})
    assert error.http_status == 404


@pytest.fixture
def with_paypal(client, ada):
    """Ada's new intent, made with a configuration that offers PayPal beside cards."""
    offered = {"name": "with PayPal", "paypal": {"display_preference": {"preference": "on"}}}
    configuration = client.v1.payment_method_configurations.create(offered)
    return client.v1.setup_intents.create({"customer": ada.id, "payment_method_configuration": configuration.id})


def confirm_paypal(client, intent, **options):
    """As Stripe.js does, which runs the SDK."""
    data = {"payment_method_data": {"type": "paypal"}, "use_stripe_sdk": True}
    return client.v1.setup_intents.confirm(intent.id, {**data, **PAGE, **options})


def answered(world, intent, outcome):
    """The query that PayPal's page leads back with."""
    path = f"/paypal/{intent.id}"
    body = urlencode({"client_secret": intent.client_secret, "outcome": outcome})
    answer = httpx.post(
        world.api_base + path, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == PAGE["return_url"]
    return dict(parse_qsl(address.query))


def test_a_configuration_says_which_types_an_intent_offers(client, intent, with_paypal):
    configuration = with_paypal.payment_method_configuration_details.id
    assert_matches_sdk(client.v1.payment_method_configurations.retrieve(configuration).to_dict())
    assert with_paypal.payment_method_types == ["card", "paypal"]
    assert "paypal" not in intent.payment_method_types


def test_an_unknown_configuration_is_refused(client):
    error = refusal_of(client.v1.setup_intents.create, {"payment_method_configuration": "pmc_1Missing"})
    assert error.code == "resource_missing"


def test_paypal_leaves_the_page_also_where_stripe_js_runs(client, world, with_paypal):
    asked = confirm_paypal(client, with_paypal)
    assert_matches_sdk(asked.to_dict())
    assert (asked.status, asked.next_action.type) == ("requires_action", "redirect_to_url")
    assert asked.next_action.redirect_to_url.url == f"{world.api_base}/paypal/{with_paypal.id}"


def test_paypal_needs_an_address_to_come_back_to(client, with_paypal):
    asked = {"payment_method_data": {"type": "paypal"}, "use_stripe_sdk": True}
    error = refusal_of(client.v1.setup_intents.confirm, with_paypal.id, asked)
    assert error.param == "return_url"


def test_paypal_s_page_refuses_to_be_framed(client, world, with_paypal):
    address = confirm_paypal(client, with_paypal).next_action.redirect_to_url.url
    assert httpx.get(address).headers["x-frame-options"] == "DENY"


def test_what_is_approved_at_paypal_is_saved(client, world, ada, with_paypal):
    confirm_paypal(client, with_paypal)
    query = answered(world, with_paypal, "complete")
    assert query == {
        "setup_intent": with_paypal.id,
        "setup_intent_client_secret": with_paypal.client_secret,
        "redirect_status": "succeeded",
    }
    (method,) = client.v1.customers.payment_methods.list(ada.id).data
    assert method.type == "paypal"


def test_what_is_declined_at_paypal_is_not(client, world, ada, with_paypal):
    confirm_paypal(client, with_paypal)
    assert answered(world, with_paypal, "fail")["redirect_status"] == "failed"
    assert client.v1.setup_intents.retrieve(with_paypal.id).status == "requires_payment_method"
    assert client.v1.customers.payment_methods.list(ada.id).data == []
