"""Failures on demand, and what they leave behind."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.support import http, refusal_of, sdk


def test_a_500_before_the_effect_leaves_nothing(world: SandboxWorld, client: stripe.StripeClient) -> None:
    world.fail("^/v1/customers$", method="POST")
    assert refusal_of(client.v1.customers.create, {"name": "Ada"}).http_status == 500
    assert client.v1.customers.list().data == []


def test_a_500_after_the_effect_leaves_the_effect(world: SandboxWorld, client: stripe.StripeClient) -> None:
    world.fail("^/v1/customers$", method="POST", when="after")
    assert refusal_of(client.v1.customers.create, {"name": "Ada"}).http_status == 500
    assert len(client.v1.customers.list().data) == 1


def test_a_500_after_the_effect_is_what_its_key_repeats(world: SandboxWorld, client: stripe.StripeClient) -> None:
    world.fail("^/v1/customers$", method="POST", when="after")
    statuses = [http(world, "POST", "/v1/customers", "name=Ada", Idempotency_Key="k").status for _ in "ab"]
    assert statuses == [500, 500]
    assert len(client.v1.customers.list().data) == 1


def test_a_502_after_the_effect_is_healed_by_trying_again_with_the_key(world: SandboxWorld) -> None:
    world.fail("^/v1/customers$", method="POST", when="after", status=502)
    patient = sdk(world, max_network_retries=2)
    assert patient.v1.customers.create({"name": "Ada"}).name == "Ada"
    assert len(patient.v1.customers.list().data) == 1


def test_a_cut_connection_before_the_effect_is_healed_by_one_retry(world: SandboxWorld) -> None:
    world.fail("^/v1/customers$", method="POST", reset=True)
    patient = sdk(world, max_network_retries=1)
    assert patient.v1.customers.create({"name": "Ada"}).name == "Ada"


def test_a_cut_connection_reaches_the_client_as_a_connection_error(
    world: SandboxWorld, client: stripe.StripeClient
) -> None:
    world.fail("^/v1/customers$", method="POST", when="after", reset=True)
    assert isinstance(refusal_of(client.v1.customers.create), stripe.APIConnectionError)
    assert len(client.v1.customers.list().data) == 1


def test_a_429_has_stripes_shape(world: SandboxWorld, client: stripe.StripeClient) -> None:
    world.fail("^/v1/customers$", status=429)
    error = refusal_of(client.v1.customers.list)
    assert isinstance(error, stripe.RateLimitError)
    assert error.json_body["error"]["code"] == "rate_limit"


def test_failures_end_after_as_many_calls_as_asked(world: SandboxWorld, client: stripe.StripeClient) -> None:
    world.fail("^/v1/customers$", times=2)
    assert [http(world, "GET", "/v1/customers").status for _ in range(3)] == [500, 500, 200]


def test_failures_leave_other_calls_alone(world: SandboxWorld, client: stripe.StripeClient) -> None:
    world.fail("^/v1/customers$", method="POST")
    assert client.v1.customers.list().data == []


def test_a_failure_takes_back_nothing_when_healed(world: SandboxWorld, client: stripe.StripeClient) -> None:
    world.fail("^/v1/customers$", times=100)
    world.heal()
    assert client.v1.customers.list().data == []


def test_the_log_names_every_call_with_its_key(world: SandboxWorld, client: stripe.StripeClient) -> None:
    client.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k1"})
    (call,) = world.requests()
    assert (call["method"], call["path"], call["status"], call["idempotency_key"]) == (
        "POST",
        "/v1/customers",
        200,
        "k1",
    )


def test_a_frozen_clock_shows_the_same_moment_until_it_is_moved(
    world: SandboxWorld, client: stripe.StripeClient
) -> None:
    world.freeze(1_800_000_000)
    assert client.v1.customers.create().created == 1_800_000_000
    assert world.move_clock(60) == 1_800_000_060
    assert client.v1.customers.create().created == 1_800_000_060


def test_a_reset_world_has_forgotten_everything(world: SandboxWorld, client: stripe.StripeClient) -> None:
    client.v1.customers.create()
    world.reset()
    assert client.v1.customers.list().data == []


def test_a_cut_connection_after_the_effect_is_healed_by_the_kept_answer(world: SandboxWorld) -> None:
    world.fail("^/v1/customers$", method="POST", when="after", reset=True)
    patient = sdk(world, max_network_retries=1)
    assert patient.v1.customers.create({"name": "Ada"}).name == "Ada"
    assert len(patient.v1.customers.list().data) == 1


def test_two_requests_at_once_with_one_key_have_one_effect(world: SandboxWorld) -> None:
    world.latency(0.5)
    with ThreadPoolExecutor(2) as pool:
        post = partial(http, world, "POST", "/v1/customers", "name=Ada", Idempotency_Key="double-click")
        statuses = sorted(answer.status for answer in pool.map(lambda _: post(), range(2)))
    assert statuses == [200, 409]
    assert len(http(world, "GET", "/v1/customers").json["data"]) == 1


def test_latency_slows_every_call(world: SandboxWorld) -> None:
    world.latency(0.1)
    begun = time.perf_counter()
    http(world, "GET", "/v1/customers")
    assert time.perf_counter() - begun >= 0.1
