"""Idempotency keys: one effect, one answer."""

import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.support import http, refusal_of


def test_the_same_key_gives_the_first_answer_byte_for_byte(world: SandboxWorld) -> None:
    first = http(world, "POST", "/v1/customers", "name=Ada", Idempotency_Key="k1")
    again = http(world, "POST", "/v1/customers", "name=Ada", Idempotency_Key="k1")
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"] != again.headers["request-id"]
    assert len(http(world, "GET", "/v1/customers").json["data"]) == 1


def test_the_same_key_with_other_parameters_is_refused(client: stripe.StripeClient) -> None:
    client.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k1"})
    error = refusal_of(client.v1.customers.create, {"name": "Bob"}, {"idempotency_key": "k1"})
    assert isinstance(error, stripe.IdempotencyError)
    assert error.http_status == 400


def test_a_refused_parameter_does_not_use_the_key_up(client: stripe.StripeClient) -> None:
    refusal_of(client.v1.customers.create, {"wat": "1"}, {"idempotency_key": "k1"})
    assert client.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k1"}).name == "Ada"


def test_a_decline_is_repeated_too(client: stripe.StripeClient) -> None:
    ada = client.v1.customers.create()
    card = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa_chargeDeclined"}})
    errors = [
        refusal_of(client.v1.payment_methods.attach, card.id, {"customer": ada.id}, {"idempotency_key": "k"})
        for _ in "ab"
    ]
    assert errors[0].json_body == errors[1].json_body


def test_keys_do_not_count_on_reads(world: SandboxWorld) -> None:
    assert "idempotency-key" not in http(world, "GET", "/v1/customers", Idempotency_Key="k1").headers


def test_events_name_the_key_of_their_request(client: stripe.StripeClient) -> None:
    client.v1.customers.create({"name": "Ada"}, {"idempotency_key": "portal-1"})
    request = client.v1.events.list().data[0].request
    assert request is not None
    assert request.idempotency_key == "portal-1"
