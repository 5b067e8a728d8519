"""How calls travel to Stripe: version, keys, patience; and how Stripe's refusals become ours."""

from __future__ import annotations

import itertools
from typing import get_type_hints

import pytest
import stripe

from portal_embed import errors
from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.stripe.client import API_VERSION, StripeClient
from portal_embed.billing.stripe.errors import NoAnswer, ours
from portal_embed.billing.stripe.objects import Customer, Listing, Subscription
from portal_embed.sandbox import Sandbox

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(seed="gateway") as running:
        yield running


@pytest.fixture
def world(sandbox):
    return sandbox.world(f"gateway{next(_numbers)}")


@pytest.fixture
async def client(world):
    made = StripeClient(secret_key="sk_test_gateway", api_base=world.api_base)
    yield made
    await made.aclose()


def refusal(kind, status, code=None, **body):
    error = kind("words of Stripe's", **({"code": code} if kind is stripe.CardError else {}), **extra(kind))
    error.http_status, error.code = status, code
    if body:
        error.error = type("Error", (), body)()
    return error


def extra(kind):
    return {"param": None} if kind in {stripe.CardError, stripe.InvalidRequestError} else {}


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            (refusal(stripe.CardError, 402, "card_declined"), errors.Declined),
            (refusal(stripe.CardError, 402, "authentication_required"), errors.AuthenticationRequired),
            (
                refusal(stripe.CardError, 402, "invoice_payment_intent_requires_action"),
                errors.AuthenticationRequired,
            ),
            (refusal(stripe.RateLimitError, 429), errors.RateLimited),
            (refusal(stripe.IdempotencyError, 400), errors.Conflict),
            (refusal(stripe.AuthenticationError, 401), errors.StripeMisconfigured),
            (refusal(stripe.PermissionError, 403), errors.StripeMisconfigured),
            (refusal(stripe.InvalidRequestError, 404, "resource_missing"), errors.NotFound),
            (refusal(stripe.InvalidRequestError, 400, "resource_missing"), errors.NotFound),
            (refusal(stripe.InvalidRequestError, 400, "parameter_unknown"), errors.StripeMisconfigured),
            (refusal(stripe.APIError, 500), errors.StripeUnavailable),
            (refusal(stripe.APIError, 409), NoAnswer),
            (refusal(stripe.APIConnectionError, None), NoAnswer),
        ],
        ids=lambda it: it.__name__ if isinstance(it, type) else f"{type(it).__name__}-{it.http_status}-{it.code}",
    )
    def test_each_of_stripe_s_becomes_one_of_ours(self, error, expected):
        assert type(ours(error, writes=True)) is expected

    def test_a_decline_keeps_the_bank_s_reason_where_it_may_be_shown(self):
        error = refusal(stripe.CardError, 402, "card_declined", decline_code="insufficient_funds")
        assert ours(error, writes=True).code == "insufficient_funds"

    @pytest.mark.parametrize("writes", [True, False])
    def test_only_a_write_leaves_the_outcome_open(self, writes):
        assert ours(refusal(stripe.APIError, 500), writes=writes).outcome_unknown is writes

    def test_stripe_s_own_words_are_for_the_log_only(self):
        assert "words of Stripe's" in str(ours(refusal(stripe.APIError, 500), writes=False))

    def test_stripe_s_request_id_is_kept_for_the_log(self):
        error = refusal(stripe.APIError, 500)
        error.headers = {"request-id": "req_1"}
        error.request_id = "req_1"
        assert ours(error, writes=False).stripe_request_id == "req_1"


class TestCalls:
    async def test_every_call_asks_for_our_version_of_the_api(self, client, world, monkeypatch):
        seen = []
        original = stripe.AIOHTTPClient.request_async

        async def spy(self, method, url, headers, post_data=None):
            seen.append(headers["Stripe-Version"])
            return await original(self, method, url, headers, post_data)

        monkeypatch.setattr(stripe.AIOHTTPClient, "request_async", spy)
        customer = world.life("new")
        await client.get(Customer, f"/v1/customers/{customer}")
        await client.post(Customer, f"/v1/customers/{customer}", key="pe:1", name="Ada")
        assert seen == [API_VERSION, API_VERSION] == ["2026-10-28.endive"] * 2

    async def test_a_write_carries_the_key_it_was_given(self, client, world):
        customer = world.life("new")
        world.forget_requests()
        await client.post(Customer, f"/v1/customers/{customer}", key="pe:abc", name="Ada")
        assert [call["idempotency_key"] for call in world.requests()] == ["pe:abc"]

    async def test_all_attempts_of_one_write_carry_the_same_key(self, client, world):
        customer = world.life("new")
        world.forget_requests()
        world.fail("/v1/customers/", status=500, times=2)
        await client.post(Customer, f"/v1/customers/{customer}", key="pe:abc", name="Ada")
        assert [call["idempotency_key"] for call in world.requests()] == ["pe:abc"] * 3

    @pytest.mark.parametrize(("status", "attempts"), [(500, 3), (503, 3), (429, 3), (400, 1), (401, 1), (404, 1)])
    async def test_what_may_pass_is_tried_three_times_and_what_will_not_once(self, status, attempts, client, world):
        world.life("new")
        world.forget_requests()
        world.fail("/v1/customers", status=status, times=99)
        with pytest.raises(errors.PortalError):
            await client.get(Listing[Customer], "/v1/customers")
        assert len(world.requests()) == attempts

    async def test_a_connected_account_is_named_on_every_call(self, world):
        connected = StripeClient(secret_key="sk_test_gateway", api_base=world.api_base, account="acct_1234567")
        with pytest.raises(errors.PortalError):
            await connected.get(Customer, "/v1/customers/cus_1")
        await connected.aclose()
        assert world.requests()[-1]["account"] == "acct_1234567"

    async def test_values_that_stripe_invents_tomorrow_break_nothing(self, client, world):
        life = world.live("monthly", days=10)
        found = await client.get(Subscription, f"/v1/subscriptions/{life['subscription']}")
        assert found.status == "active"
        assert get_type_hints(Subscription)["status"] is str

    async def test_an_answer_we_cannot_read_is_not_a_traceback(self, client, world):
        life = world.live("monthly", days=10)
        with pytest.raises(errors.StripeUnavailable):
            await client.get(Subscription, f"/v1/invoices/{life['invoice']}")


class TestSettled:
    """Asking what happened when Stripe's answer was lost."""

    async def lost(self):
        raise errors.StripeUnavailable("500", outcome_unknown=True)

    async def silent(self):
        raise NoAnswer("timeout", outcome_unknown=True)

    async def yes(self):
        return True

    async def no(self):
        return False

    async def unreachable(self):
        raise errors.StripeUnavailable("again")

    async def test_it_happened(self):
        assert await settled(self.lost, self.yes) is None
        assert await settled(self.silent, self.yes) is None

    async def test_stripe_said_no_and_it_did_not_happen(self):
        with pytest.raises(errors.StripeUnavailable) as raised:
            await settled(self.lost, self.no)
        assert raised.value.outcome_unknown is False

    async def test_stripe_said_nothing_so_it_may_still_happen(self):
        with pytest.raises(errors.StripeUnavailable) as raised:
            await settled(self.silent, self.no)
        assert raised.value.outcome_unknown is True

    async def test_it_cannot_be_found_out(self):
        with pytest.raises(errors.StripeUnavailable) as raised:
            await settled(self.lost, self.unreachable)
        assert raised.value.outcome_unknown is True

    @pytest.mark.parametrize("error", [errors.RateLimited(), errors.NotFound(), errors.StripeUnavailable()])
    def test_what_fails_after_the_first_effect_never_reads_as_nothing_happened(self, error):
        with pytest.raises(errors.StripeUnavailable) as raised, underway():
            raise error
        assert raised.value.outcome_unknown is True

    def test_a_decline_says_itself_what_became_of_the_money(self):
        with pytest.raises(errors.Declined), underway():
            raise errors.Declined("generic")
