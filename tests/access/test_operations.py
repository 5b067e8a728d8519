"""One rendered form has one effect."""

import re
from contextlib import asynccontextmanager

import pytest

from portal_embed.access import tokens
from portal_embed.errors import Conflict, FormRefused, StoreUnavailable, StripeUnavailable
from tests.access.portal import ADA, MALLORY, Portal

ACTION = "cancellations.create:sub_1"


@pytest.fixture
def portal():
    return Portal()


def session_of(portal, customer=ADA):
    return portal.sessions.open(tokens.verify(portal.config, portal.token(customer), portal.clock()))


def test_the_same_form_always_gives_the_same_idempotency_key(portal):
    ada = session_of(portal)
    token = portal.operations.issue(ada, ACTION)
    keys = {portal.operations.open(token, ada, ACTION).idempotency_key("update") for _ in range(3)}

    assert len(keys) == 1
    assert re.fullmatch(r"pe:[A-Za-z0-9_-]{43}", keys.pop())


def test_two_forms_two_actions_and_two_steps_have_different_keys(portal):
    ada = session_of(portal)
    first, second = (portal.operations.open(portal.operations.issue(ada, ACTION), ada, ACTION) for _ in range(2))
    other = portal.operations.open(portal.operations.issue(ada, "x"), ada, "x")
    keys = [first.idempotency_key(), second.idempotency_key(), other.idempotency_key(), first.idempotency_key("two")]

    assert len(set(keys)) == 4


@pytest.mark.parametrize("value", [None, "", "garbage", 7, "a" * 60 + "." + "b" * 43])
def test_a_missing_or_invented_token_is_refused(portal, value):
    with pytest.raises(FormRefused):
        portal.operations.open(value, session_of(portal), ACTION)


def test_a_token_of_another_session_or_action_is_refused(portal):
    ada, mallory = session_of(portal), session_of(portal, MALLORY)
    token = portal.operations.issue(mallory, ACTION)

    for session, action in [
        (ada, ACTION),
        (session_of(portal, MALLORY), ACTION),
        (mallory, "cancellations.create:sub_2"),
    ]:
        with pytest.raises(FormRefused):
            portal.operations.open(token, session, action)


def test_a_link_or_cookie_is_no_operation_token(portal):
    ada = session_of(portal)

    for value in (portal.token(), portal.sessions.seal(ada)):
        with pytest.raises(FormRefused):
            portal.operations.open(value, ada, ACTION)


async def test_the_same_form_sent_again_is_recognised(portal):
    ada = session_of(portal)
    operation = portal.operations.open(portal.operations.issue(ada, ACTION), ada, ACTION)

    assert await portal.operations.claim(operation, {"price": "price_1", "quantity": 2})
    assert not await portal.operations.claim(operation, {"quantity": 2, "price": "price_1"})


async def test_a_form_is_remembered_for_as_long_as_its_session_may_live():
    week = 7 * 24 * 3600
    portal = Portal(session_idle=week, session_absolute=week)
    ada = session_of(portal)
    operation = portal.operations.open(portal.operations.issue(ada, ACTION), ada, ACTION)
    await portal.operations.claim(operation, {})
    portal.clock.move(week - 60)

    assert not await portal.operations.claim(operation, {})


async def test_the_same_form_with_other_values_is_a_conflict(portal):
    ada = session_of(portal)
    operation = portal.operations.open(portal.operations.issue(ada, ACTION), ada, ACTION)
    await portal.operations.claim(operation, {"amount": 900})

    with pytest.raises(Conflict):
        await portal.operations.claim(operation, {"amount": 1})


async def test_one_customers_deed_waits_for_the_other_one(portal):
    ada = session_of(portal)
    async with portal.operations.lock(ada, "subscription:sub_1"):
        with pytest.raises(StripeUnavailable) as waited:
            async with portal.operations.lock(session_of(portal), "subscription:sub_1", wait=0.05):
                pass
        assert waited.value.outcome_unknown  # the deed it waited for may be the very same click
        async with portal.operations.lock(session_of(portal, MALLORY), "subscription:sub_1", wait=0):
            pass


class _LosingStore:
    """Its locks can be taken, but not given back."""

    @asynccontextmanager
    async def lock(self, *_):
        yield
        raise StoreUnavailable("gone")


async def test_a_store_that_fails_after_the_deed_does_not_make_it_undone(portal, monkeypatch):
    ada = session_of(portal)
    done = False
    with monkeypatch.context() as patch:
        patch.setattr(portal.operations, "store", _LosingStore())
        async with portal.operations.lock(ada, "subscription:sub_1"):
            done = True
    assert done


async def test_the_store_learns_no_values_and_no_customer(portal):
    ada = session_of(portal)
    operation = portal.operations.open(portal.operations.issue(ada, ACTION), ada, ACTION)
    async with portal.operations.lock(ada, "subscription:sub_1"):
        await portal.operations.claim(operation, {"comment": "my cat is ill"})
        stored = str(portal.store.snapshot())

    assert not [word for word in ("cat", ADA, operation.nonce, "sub_1") if word in stored]
