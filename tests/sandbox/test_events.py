"""Events: what each change tells, and of which request (most of it recorded from Stripe's API, Aug 2026)."""

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.billing import DAY, Shop
from tests.sandbox.support import refusal_of


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September."""
    return Shop(client, world)


def happened(shop, *of):
    """The events so far, oldest first; only those of these types where any are named."""
    events = list(shop.api.events.list({"limit": 100}).data)[::-1]
    return [event for event in events if not of or event.type in of]


def last(shop, type):
    """The newest event of a type, which must exist."""
    return happened(shop, type)[-1].to_dict()


def since(shop, action):
    """The types of events that a call brought, oldest first, and the call's answer."""
    before = len(happened(shop))
    answer = action()
    return [event.type for event in happened(shop)[before:]], answer


def test_an_event_has_stripes_shape(shop):
    ada = shop.api.customers.create({"name": "Ada"}, {"idempotency_key": "sign-up-7"})
    event = last(shop, "customer.created")
    assert event["request"]["idempotency_key"] == "sign-up-7"
    assert event["request"]["id"] == ada.last_response.request_id
    assert event["pending_webhooks"] == 0
    assert "previous_attributes" not in event["data"]
    assert event["data"]["object"] == shop.api.customers.retrieve(ada.id).to_dict()
    assert_matches_sdk(event)


def test_an_update_tells_the_old_values_of_what_changed_and_nothing_else(shop):
    ada = shop.api.customers.create({"name": "Ada", "email": "ada@example.com", "metadata": {"seat": "1"}})
    shop.api.customers.update(ada.id, {"email": "a@example.com", "description": "Engine", "metadata": {"row": "2"}})
    previous = last(shop, "customer.updated")["data"]["previous_attributes"]
    assert previous == {"description": None, "email": "ada@example.com", "metadata": {"row": None}}


def test_a_removed_key_of_metadata_is_told_with_its_old_value(shop):
    ada = shop.api.customers.create({"metadata": {"seat": "1", "row": "2"}})
    shop.api.customers.update(ada.id, {"metadata": {"seat": ""}})
    assert last(shop, "customer.updated")["data"]["previous_attributes"] == {"metadata": {"seat": "1"}}


def test_an_update_that_changes_nothing_tells_nothing(shop):
    ada = shop.api.customers.create({"name": "Ada"})
    types, _ = since(shop, lambda: shop.api.customers.update(ada.id, {"name": "Ada"}))
    assert types == []


def test_what_a_delete_brings_has_no_idempotency_key(shop):
    ada = shop.api.customers.create()
    gone = shop.api.customers.delete(ada.id)
    request = last(shop, "customer.deleted")["request"]
    assert request == {"id": gone.last_response.request_id, "idempotency_key": None}


def test_what_time_brings_belongs_to_no_request(shop):
    shop.subscribe(shop.customer(), shop.price(1_000))
    shop.pass_time(31 * DAY)
    assert last(shop, "invoice.paid")["request"] == {"id": None, "idempotency_key": None}


def test_one_requests_events_share_its_id(shop):
    ada = shop.customer()
    price = shop.price(1_000)
    before = len(happened(shop))
    answer = shop.subscribe(ada, price)
    requests = {event.request.id for event in happened(shop)[before:]}
    assert requests == {answer.last_response.request_id}


def test_a_deleted_customers_event_carries_the_whole_customer(shop):
    ada = shop.api.customers.create({"name": "Ada"})
    whole = shop.api.customers.retrieve(ada.id).to_dict()
    shop.api.customers.delete(ada.id)
    assert last(shop, "customer.deleted")["data"]["object"] == whole


def test_a_deleted_products_event_shows_it_inactive(shop):
    product = shop.api.products.create({"name": "Pro"})
    shop.api.products.delete(product.id)
    assert last(shop, "product.deleted")["data"]["object"]["active"] is False


def test_a_deleted_coupons_event_shows_it_invalid(shop):
    coupon = shop.api.coupons.create({"percent_off": 10, "duration": "once"})
    shop.api.coupons.delete(coupon.id)
    assert last(shop, "coupon.deleted")["data"]["object"]["valid"] is False


def test_making_a_method_tells_nothing_and_attaching_it_has_no_previous_attributes(shop):
    ada = shop.customer(card=None)
    types, _ = since(shop, lambda: shop.api.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}}))
    assert types == []
    shop.use(ada, "pm_card_visa")
    assert "previous_attributes" not in last(shop, "payment_method.attached")["data"]


def test_a_detached_method_tells_whose_it_was(shop):
    ada = shop.customer(card=None)
    method = shop.api.payment_methods.attach("pm_card_visa", {"customer": ada.id})
    shop.api.payment_methods.detach(method.id)
    assert last(shop, "payment_method.detached")["data"]["previous_attributes"] == {"customer": ada.id}


def test_an_updated_method_tells_its_old_address(shop):
    ada = shop.customer(card=None)
    method = shop.api.payment_methods.attach("pm_card_visa", {"customer": ada.id})
    shop.api.payment_methods.update(method.id, {"billing_details": {"name": "Ada"}})
    assert last(shop, "payment_method.updated")["data"]["previous_attributes"] == {"billing_details": {"name": None}}


def test_a_transferred_lookup_key_updates_its_old_holder(shop):
    product = shop.api.products.create({"name": "Pro"})
    made = {"product": product.id, "currency": "usd", "unit_amount": 500, "lookup_key": "pro"}
    old = shop.api.prices.create(made)
    types, _ = since(shop, lambda: shop.api.prices.create({**made, "transfer_lookup_key": True}))
    assert sorted(types) == ["price.created", "price.updated"]
    event = last(shop, "price.updated")
    assert event["data"]["object"]["id"] == old.id
    assert event["data"]["previous_attributes"] == {"lookup_key": "pro"}


def test_a_paid_payment_tells_of_its_charge_and_itself(shop):
    ada = shop.customer()
    pay = {
        "amount": 500,
        "currency": "usd",
        "customer": ada.id,
        "payment_method": method_of(shop, ada),
        "confirm": True,
    }
    types, _ = since(shop, lambda: shop.api.payment_intents.create({**pay, "off_session": True}))
    assert types == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def test_a_declined_payment_tells_of_its_charge_and_itself(shop):
    ada = shop.customer("pm_card_chargeCustomerFail")
    pay = {
        "amount": 500,
        "currency": "usd",
        "customer": ada.id,
        "payment_method": method_of(shop, ada),
        "confirm": True,
    }
    types, _ = since(shop, lambda: refusal_of(shop.api.payment_intents.create, {**pay, "off_session": True}))
    assert types == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_a_setup_that_attaches_tells_three_things(shop):
    ada = shop.customer(card=None)
    setup = {
        "customer": ada.id,
        "payment_method": "pm_card_visa",
        "confirm": True,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
    }
    types, _ = since(shop, lambda: shop.api.setup_intents.create(setup))
    assert types == ["setup_intent.created", "payment_method.attached", "setup_intent.succeeded"]


def test_a_failed_setup_tells_so(shop):
    ada = shop.customer(card=None)
    setup = {
        "customer": ada.id,
        "payment_method": "pm_card_chargeDeclined",
        "confirm": True,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
    }
    types, _ = since(shop, lambda: refusal_of(shop.api.setup_intents.create, setup))
    assert types[-1] == "setup_intent.setup_failed"


def test_a_new_subscription_tells_of_itself_and_its_paid_invoice(shop):
    ada, price = shop.customer(), shop.price(1_000)
    types, _ = since(shop, lambda: shop.subscribe(ada, price))
    wanted = {
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.payment_succeeded",
        "invoice.paid",
        "invoice_payment.paid",
    }
    assert wanted <= set(types)


def test_scheduling_a_cancel_and_taking_it_back_are_updates(shop):
    subscription = shop.subscribe(shop.customer(), shop.price(1_000))
    for ends in (True, False):
        change = {"cancel_at_period_end": ends}
        types, _ = since(shop, lambda change=change: shop.api.subscriptions.update(subscription.id, change))
        assert types == ["customer.subscription.updated"]
    previous = last(shop, "customer.subscription.updated")["data"]["previous_attributes"]
    assert previous["cancel_at_period_end"] is True
    assert "status" not in previous


def test_cancelling_at_once_tells_that_it_ended(shop):
    subscription = shop.subscribe(shop.customer(), shop.price(1_000))
    types, _ = since(shop, lambda: shop.api.subscriptions.cancel(subscription.id))
    assert types == ["customer.subscription.deleted"]


def test_a_failed_renewal_tells_of_the_invoice_and_of_the_status(shop):
    ada = shop.customer()
    shop.subscribe(ada, shop.price(1_000))
    shop.use(ada, "pm_card_chargeCustomerFail")
    types, _ = since(shop, lambda: shop.pass_time(31 * DAY))
    assert {"invoice.payment_failed", "customer.subscription.updated"} <= set(types)
    event = last(shop, "customer.subscription.updated")
    assert event["data"]["previous_attributes"] == {"status": "active"}


def test_a_test_clock_tells_that_it_advances_and_is_ready(shop):
    clock = shop.api.test_helpers.test_clocks.create({"frozen_time": shop.now})
    advance = {"frozen_time": shop.now + DAY}
    types, _ = since(shop, lambda: shop.api.test_helpers.test_clocks.advance(clock.id, advance))
    assert types == ["test_helpers.test_clock.advancing", "test_helpers.test_clock.ready"]


def method_of(shop, customer):
    """The id of a customer's default method."""
    return shop.api.customers.retrieve(customer.id).invoice_settings.default_payment_method
