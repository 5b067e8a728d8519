"""Webhooks: signed, retried, in the background, and troubled on demand."""

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.billing import SEPTEMBER_21
from tests.sandbox.ear import Ear
from tests.sandbox.support import refusal_of, sdk

HOUR = 3_600


@pytest.fixture
def ear():
    """An endpoint of Ada's shop."""
    with Ear() as listening:
        yield listening


@pytest.fixture
def held(world: SandboxWorld) -> SandboxWorld:
    """A world that stands still and sends only when told."""
    world.freeze(SEPTEMBER_21)
    world.hold_webhooks()
    return world


def types(deliveries):
    """The event types of deliveries."""
    return [delivery["type"] for delivery in deliveries]


def heard(ear, secret):
    """The event types an endpoint heard."""
    return [event.type for event in ear.events(secret)]


def test_an_event_arrives_signed_as_the_sdk_verifies_it(world, client, ear):
    secret = client.v1.webhook_endpoints.create({"url": ear.url, "enabled_events": ["*"]}).secret
    ada = client.v1.customers.create({"name": "Ada"})
    ear.wait_for(1)
    (event,) = ear.events(secret)
    assert (event.type, event.data.object["id"]) == ("customer.created", ada.id)


def test_a_wrong_secret_does_not_verify(held, client, ear):
    held.webhook(ear.url)
    client.v1.customers.create({"name": "Ada"})
    held.deliver_webhooks()
    with pytest.raises(stripe.SignatureVerificationError):
        ear.events("whsec_mallory")


def test_what_is_sent_is_the_event_that_the_api_tells(held, client, ear):
    secret = held.webhook(ear.url)
    client.v1.customers.create({"name": "Ada"})
    told = client.v1.events.list().data[0]
    held.deliver_webhooks()
    assert ear.events(secret)[0].to_dict() == told.to_dict()


def test_an_endpoint_hears_only_the_types_it_wants(held, client, ear):
    secret = held.webhook(ear.url, events=("customer.updated",))
    ada = client.v1.customers.create({"name": "Ada"})
    client.v1.customers.update(ada.id, {"name": "Ada L."})
    held.deliver_webhooks()
    assert heard(ear, secret) == ["customer.updated"]


def test_a_refused_call_sends_nothing(held, client, ear):
    held.webhook(ear.url)
    refusal_of(client.v1.subscriptions.create, {"customer": "cus_nobody", "items": [{"price": "price_none"}]})
    assert held.deliver_webhooks() == []


def test_a_preview_sends_nothing(held, client, ear):
    customer = held.life("monthly")
    held.webhook(ear.url)
    (subscription,) = client.v1.subscriptions.list({"customer": customer}).data
    client.v1.invoices.create_preview({"subscription": subscription.id})
    assert held.deliver_webhooks() == []


def test_an_answer_does_not_wait_for_an_endpoint_that_is_silent(world, client):
    world.webhook("http://127.0.0.1:9/nobody-listens")
    assert client.v1.customers.create({"name": "Ada"}).name == "Ada"


def test_a_failed_delivery_is_tried_three_times_more_as_time_passes(world, client, ear):
    world.freeze(SEPTEMBER_21)
    world.hold_webhooks()
    world.webhook(ear.url)
    ear.answers = [500, 500, 500, 500]
    client.v1.customers.create({"name": "Ada"})
    world.hold_webhooks(False)
    for attempt, hours in enumerate((0, 1, 2, 4), start=1):
        world.move_clock(hours * HOUR)
        ear.wait_for(attempt)
        # The ear has it before the sandbox has its answer.
        assert any(len(world.deliveries()[0]["statuses"]) == attempt for _ in range(1000))
    world.move_clock(100 * HOUR)
    assert len(ear.heard) == 4
    assert [(one["state"], one["statuses"]) for one in world.deliveries()] == [("given_up", [500] * 4)]


def test_a_redirect_is_a_failure(held, client, ear):
    held.webhook(ear.url)
    ear.answers = [302]
    client.v1.customers.create({"name": "Ada"})
    (attempt,) = held.deliver_webhooks()
    assert (attempt["state"], attempt["statuses"]) == ("waiting", [302])


def test_an_event_counts_the_deliveries_that_have_not_succeeded(held, client, ear):
    held.webhook(ear.url)
    client.v1.customers.create({"name": "Ada"})
    assert client.v1.events.list().data[0].pending_webhooks == 1
    held.deliver_webhooks()
    assert client.v1.events.list().data[0].pending_webhooks == 0


def test_deliveries_are_no_write_that_a_stale_read_would_miss(held, client, ear):
    held.webhook(ear.url)
    ada = client.v1.customers.create({"name": "Ada"})
    client.v1.customers.update(ada.id, {"name": "Ada Lovelace"})
    held.deliver_webhooks()
    held.fail(f"^/v1/customers/{ada.id}$", stale=True)
    assert client.v1.customers.retrieve(ada.id).name == "Ada"
    assert {event.pending_webhooks for event in client.v1.events.list().data} == {0}


def test_the_next_event_can_be_lost_on_the_way(held, client, ear):
    secret = held.webhook(ear.url)
    held.trouble_webhooks("drop", "customer.created")
    for name in ("Ada", "Bob"):
        client.v1.customers.create({"name": name})
    held.deliver_webhooks()
    assert [event.data.object["name"] for event in ear.events(secret)] == ["Bob"]


def test_the_next_event_can_come_twice(held, client, ear):
    secret = held.webhook(ear.url)
    held.trouble_webhooks("duplicate")
    client.v1.customers.create({"name": "Ada"})
    held.deliver_webhooks()
    assert len({event.id for event in ear.events(secret)}) == 1
    assert len(ear.heard) == 2


def test_events_can_come_in_the_wrong_order(world, client, ear):
    secret = world.webhook(ear.url)
    world.trouble_webhooks("reorder", times=2)
    ada = client.v1.customers.create({"name": "Ada"})
    client.v1.customers.update(ada.id, {"name": "Ada L."})
    ear.wait_for(2)
    assert heard(ear, secret) == ["customer.updated", "customer.created"]


def test_all_that_waits_can_come_last_first(held, client, ear):
    secret = held.webhook(ear.url)
    ada = client.v1.customers.create({"name": "Ada"})
    client.v1.customers.update(ada.id, {"name": "Ada L."})
    assert types(held.deliver_webhooks(reverse=True)) == ["customer.updated", "customer.created"]
    assert heard(ear, secret) == ["customer.updated", "customer.created"]


def test_an_event_can_come_late(world, client, ear):
    world.freeze(SEPTEMBER_21)
    secret = world.webhook(ear.url)
    world.trouble_webhooks("delay", seconds=60)
    for name in ("Ada", "Bob"):
        client.v1.customers.create({"name": name})
    ear.wait_for(1)
    world.move_clock(60)
    ear.wait_for(2)
    assert [event.data.object["name"] for event in ear.events(secret)] == ["Bob", "Ada"]


def test_a_trouble_nobody_knows_is_refused(world):
    with pytest.raises(ValueError, match="No such trouble"):
        world.trouble_webhooks("lose")


def test_a_renewal_by_the_clock_is_sent_too(held, client, ear):
    held.life("monthly")
    held.webhook(ear.url, events=("invoice.paid",))
    held.move_clock(31 * 86_400)
    assert types(held.deliver_webhooks()) == ["invoice.paid"]


def test_a_deleted_endpoint_is_sent_nothing_more(held, client, ear):
    made = client.v1.webhook_endpoints.create({"url": ear.url, "enabled_events": ["*"]})
    client.v1.customers.create({"name": "Ada"})
    client.v1.webhook_endpoints.delete(made.id)
    assert [attempt["state"] for attempt in held.deliver_webhooks()] == ["given_up"]
    assert ear.heard == []


def test_a_disabled_endpoint_hears_nothing(held, client, ear):
    made = client.v1.webhook_endpoints.create({"url": ear.url, "enabled_events": ["*"]})
    assert client.v1.webhook_endpoints.update(made.id, {"disabled": True}).status == "disabled"
    client.v1.customers.create({"name": "Ada"})
    assert held.deliver_webhooks() == []


def test_a_connect_endpoint_hears_of_connected_accounts_with_their_name(held, client, ear):
    made = client.v1.webhook_endpoints.create({"url": ear.url, "enabled_events": ["*"], "connect": True})
    sdk(held, stripe_account="acct_1erin").v1.customers.create({"name": "Erin"})
    client.v1.customers.create({"name": "Ada"})
    held.deliver_webhooks()
    (event,) = ear.events(made.secret)
    assert (event.account, event.data.object["name"]) == ("acct_1erin", "Erin")


def test_the_secret_is_told_once(client, ear):
    made = client.v1.webhook_endpoints.create({"url": ear.url, "enabled_events": ["*"]})
    assert made.secret.startswith("whsec_")
    assert "secret" not in client.v1.webhook_endpoints.retrieve(made.id).to_dict()
    assert [endpoint.id for endpoint in client.v1.webhook_endpoints.list().data] == [made.id]
    assert_matches_sdk(made)


def test_a_type_that_does_not_exist_is_refused(client, ear):
    error = refusal_of(client.v1.webhook_endpoints.create, {"url": ear.url, "enabled_events": ["customer.adored"]})
    assert (error.http_status, error.param) == (400, "enabled_events[0]")


def test_an_address_without_a_scheme_is_refused(client):
    error = refusal_of(client.v1.webhook_endpoints.create, {"url": "ada.example", "enabled_events": ["*"]})
    assert error.code == "url_invalid"
