"""What Stripe's webhook says, told to the host: once, only if it is Stripe's, and marked with what caused it."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import httpx
import pytest

from portal_embed import Hooks, Portal
from portal_embed.errors import ConfigError
from tests.pages.visitor import Visitor
from tests.serving import Host, config_for, server

pytestmark = pytest.mark.feature(21)

SECRET = "whsec_an_example_of_a_signing_secret"
OLD = "whsec_the_one_that_is_being_replaced"


@pytest.fixture
def served(world):
    """(host, events): a portal whose endpoint this world's Stripe posts to, and what its host hears."""
    carrier, events = server(), []
    path = carrier.next_path()
    secret = world.webhook(f"{carrier.origin}{path}/webhooks/stripe")
    settings = {"webhook_secrets": (OLD, SECRET, secret), "hooks": Hooks(event=events.append)}
    portal = Portal(config_for(world, carrier.origin + path, **settings))
    with carrier.carrying(path, portal):
        yield Host(carrier.origin, path, portal), events
        carrier.run(portal.aclose())


def settle(host, world):
    server().run(host.portal._services.outbox.drain())


def post(host, event, *, secret=SECRET, late=0, header=None, body=None):
    raw = body if body is not None else json.dumps(event).encode()
    moment = int(time.time()) - late
    mac = hmac.new(secret.encode(), f"{moment}.".encode() + raw, hashlib.sha256).hexdigest()
    headers = {
        "Stripe-Signature": f"t={moment},v1={mac}" if header is None else header,
        "Content-Type": "application/json",
    }
    return httpx.post(f"{host.origin}{host.path}/webhooks/stripe", content=raw, headers=headers)


def event(**changes):
    paid = {"id": "in_1Paid", "object": "invoice", "customer": "cus_Ada12345"}
    made = {
        "id": "evt_1",
        "object": "event",
        "type": "invoice.paid",
        "created": 1,
        "livemode": False,
        "data": {"object": paid},
    }
    return {**made, **changes}


def test_a_change_in_the_portal_comes_back_from_stripe_with_the_same_key(served, world):
    host, events = served
    world.hold_webhooks()
    ada = world.live("monthly", days=10)
    browser = Visitor(host).enter(host.link(ada["customer"], actor="user_42"))
    browser.submit(browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation"))
    browser.close()
    world.deliver_webhooks()
    settle(host, world)
    canceled = next(told for told in events if told.type == "subscription.canceled")
    echoes = [
        told
        for told in events
        if told.source == "stripe" and set(told.idempotency_keys) & set(canceled.idempotency_keys)
    ]
    assert [(told.type, told.object, told.by_portal) for told in echoes] == [
        ("subscription.changed", ada["subscription"], True)
    ]


def test_what_stripe_does_by_itself_is_not_the_portal_s(served, world):
    host, events = served
    world.hold_webhooks()
    ada = world.live("monthly", days=10)
    world.deliver_webhooks()
    settle(host, world)
    paid = next(told for told in events if told.type == "invoice.paid")
    assert (paid.customer, paid.source, paid.by_portal, paid.actor) == (ada["customer"], "stripe", False, None)


@pytest.mark.parametrize("secret", [SECRET, OLD])
def test_it_is_told_once_by_whichever_secret(served, world, secret):
    host, events = served
    assert [post(host, event(), secret=secret).status_code for _ in range(3)] == [200, 200, 200]
    settle(host, world)
    assert [(told.id, told.type, told.object, told.customer) for told in events] == [
        ("evt_1", "invoice.paid", "in_1Paid", "cus_Ada12345")
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "whsec_somebody_else_s_secret_of_theirs"},
        {"late": 400},
        {"late": -400},
        {"header": ""},
        {"header": "t=1,v1=x"},
        {"header": "v1=abc"},
        {"body": b"\xff\xfe not utf-8"},
        {"body": b"not json"},
        {"body": b"[]"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_not_stripe_s_is_refused_without_a_word(served, world, wrong):
    host, events = served
    answer = post(host, event(), **wrong)
    assert (answer.status_code, answer.content) == (400, b"")
    settle(host, world)
    assert events == []


@pytest.mark.parametrize("other", [{"livemode": True}, {"account": "acct_1Stranger"}])
def test_nor_of_another_mode_or_account(served, world, other):
    host, events = served
    assert post(host, event(**other)).status_code == 400
    settle(host, world)
    assert events == []


@pytest.mark.parametrize(
    "strange",
    [
        {"type": "charge.updated"},
        {"data": {"object": {"id": ["x"], "object": 7, "customer": {"id": "cus_1"}}}},
        {"data": {"object": {}}},
        {"request": {"id": None, "idempotency_key": None}},
    ],
)
def test_what_we_do_not_know_is_taken_and_not_told(served, world, strange):
    host, events = served
    assert post(host, event(**strange)).status_code == 200
    settle(host, world)
    assert all(told.type == "invoice.paid" and told.customer == "cus_Ada12345" for told in events)


def test_whose_a_removed_method_was(served, world):
    host, events = served
    method = {"id": "pm_1Gone", "object": "payment_method", "customer": None}
    data = {"object": method, "previous_attributes": {"customer": "cus_Ada12345"}}
    post(host, event(type="payment_method.detached", data=data))
    settle(host, world)
    assert [(told.type, told.object, told.customer) for told in events] == [
        ("payment_method.removed", "pm_1Gone", "cus_Ada12345")
    ]


def test_a_large_invoice_fits_and_a_flood_does_not(served):
    host, _ = served
    lines = {"id": "in_1", "object": "invoice", "customer": "cus_Ada12345", "lines": "x" * 200_000}
    assert post(host, event(data={"object": lines})).status_code == 200
    assert post(host, event(data={"object": {**lines, "lines": "x" * 1_200_000}})).status_code == 413


def test_without_secrets_there_is_no_such_address(world, host):
    assert post(host, event()).status_code == 404


def test_a_secret_of_the_wrong_kind_stops_the_start(world):
    with pytest.raises(ConfigError, match="PORTAL_WEBHOOK_SECRETS"):
        config_for(world, "http://localhost:1/billing", webhook_secrets=("sk_test_not_that_one_but_an_api_key",))
