"""Failures on demand, and what they leave behind."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import IncompleteRead

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from portal_embed.sandbox.faults import Latency
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


def test_a_call_without_a_pattern_is_any_call(world: SandboxWorld) -> None:
    world.fail(status=503)
    assert http(world, "GET", "/v1/prices").status == 503


def test_a_failure_can_last_until_it_is_healed(world: SandboxWorld) -> None:
    world.fail(times=None)
    assert {http(world, "GET", "/v1/prices").status for _ in range(5)} == {500}
    world.heal()
    assert http(world, "GET", "/v1/prices").status == 200


def test_a_locked_object_is_a_429_of_its_own(world: SandboxWorld, client: stripe.StripeClient) -> None:
    world.fail(status=429, code="lock_timeout")
    error = refusal_of(client.v1.customers.list)
    assert (error.http_status, error.json_body["error"]["code"]) == (429, "lock_timeout")


def test_a_truncated_body_reaches_the_client_as_a_connection_error(
    world: SandboxWorld, client: stripe.StripeClient
) -> None:
    world.fail("^/v1/customers$", method="POST", truncated=True)
    assert isinstance(refusal_of(client.v1.customers.create, {"name": "Ada"}), stripe.APIConnectionError)
    assert [customer.name for customer in client.v1.customers.list().data] == ["Ada"]


def test_a_truncated_answer_is_healed_by_trying_again_with_the_key(world: SandboxWorld) -> None:
    world.fail("^/v1/customers$", method="POST", truncated=True)
    with pytest.raises(IncompleteRead):
        http(world, "POST", "/v1/customers", "name=Ada", Idempotency_Key="k")
    again = http(world, "POST", "/v1/customers", "name=Ada", Idempotency_Key="k")
    assert again.headers["idempotent-replayed"] == "true"
    assert len(http(world, "GET", "/v1/customers").json["data"]) == 1


def test_a_slow_body_arrives_whole(world: SandboxWorld) -> None:
    world.fail(drip=0.2)
    begun = time.perf_counter()
    assert http(world, "GET", "/v1/customers").json["data"] == []
    assert time.perf_counter() - begun >= 0.2


def test_a_stale_read_shows_what_was_before_the_last_write(world: SandboxWorld, client: stripe.StripeClient) -> None:
    ada = client.v1.customers.create({"name": "Ada"})
    client.v1.customers.update(ada.id, {"name": "Ada Lovelace"})
    world.fail(f"^/v1/customers/{ada.id}$", stale=True)
    names = [client.v1.customers.retrieve(ada.id).name for _ in range(2)]
    assert names == ["Ada", "Ada Lovelace"]


def test_a_stale_list_lacks_what_was_just_made(world: SandboxWorld, client: stripe.StripeClient) -> None:
    for name in ("Ada", "Bob"):
        client.v1.customers.create({"name": name})
    world.fail("^/v1/customers$", stale=True)
    lists = [[customer.name for customer in client.v1.customers.list().data] for _ in range(2)]
    assert lists == [["Ada"], ["Bob", "Ada"]]


def test_a_stale_read_leaves_the_books_of_a_big_change_whole(world: SandboxWorld, client: stripe.StripeClient) -> None:
    customer = world.life("monthly")
    world.move_clock(31 * 86_400)
    before = client.v1.invoices.list({"customer": customer, "limit": 100}).to_dict()
    world.fail("^/v1/invoices$", stale=True)
    stale = client.v1.invoices.list({"customer": customer, "limit": 100}).to_dict()
    assert len(stale["data"]) == len(before["data"]) - 1
    assert client.v1.invoices.list({"customer": customer, "limit": 100}).to_dict() == before


def test_a_realistic_latency_comes_from_its_seed() -> None:
    first, again, other = Latency(), Latency(), Latency()
    for latency, seed in ((first, 7), (again, 7), (other, 8)):
        latency.set("realistic", seed)
    calls = [first.next("GET") for _ in range(500)]
    assert calls == [again.next("GET") for _ in range(500)]
    assert calls != [other.next("GET") for _ in range(500)]
    assert 0.11 < sorted(calls)[250] < 0.15
    assert 0.4 < sorted(calls)[495] < 1.2


def test_a_world_can_be_told_to_be_realistically_slow(world: SandboxWorld) -> None:
    world.latency("realistic", seed=1)
    begun = time.perf_counter()
    http(world, "GET", "/v1/customers")
    assert time.perf_counter() - begun >= 0.02


def test_the_26th_call_of_one_operation_in_a_second_is_refused(world: SandboxWorld) -> None:
    world.freeze(1_800_000_000)
    world.limits()
    answers = [http(world, "GET", "/v1/prices") for _ in range(26)]
    assert [answer.status for answer in answers] == [200] * 25 + [429]
    assert answers[-1].json["error"]["code"] == "rate_limit"
    assert answers[-1].headers["stripe-rate-limited-reason"] == "endpoint-rate"
    assert http(world, "GET", "/v1/coupons").status == 200
    world.move_clock(1)
    assert http(world, "GET", "/v1/prices").status == 200


def test_an_accounts_calls_in_a_second_have_a_limit_together(world: SandboxWorld) -> None:
    world.freeze(1_800_000_000)
    world.limits(per_operation=None, per_account=3)
    answers = [http(world, "GET", f"/v1/{name}") for name in ("prices", "coupons", "products", "events")]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["stripe-rate-limited-reason"] == "global-rate"
    assert http(world, "GET", "/v1/prices", Stripe_Account="acct_1erin").status == 200


def test_a_limited_call_has_no_effect_and_its_key_stays_free(world: SandboxWorld) -> None:
    world.freeze(1_800_000_000)
    world.limits(per_operation=1)
    statuses = [http(world, "POST", "/v1/customers", f"name={key}", Idempotency_Key=key).status for key in "ab"]
    world.move_clock(1)
    again = http(world, "POST", "/v1/customers", "name=b", Idempotency_Key="b")
    assert [*statuses, again.status] == [200, 429, 200]
    assert "idempotent-replayed" not in again.headers


def test_a_failure_that_cannot_be_is_refused(world: SandboxWorld) -> None:
    with pytest.raises(ValueError, match="before or after"):
        world.fail(when="never")
