"""Enough is enough, for that one key, for that long."""

import pytest

from portal_embed.access import Limits
from portal_embed.access.limits import (
    HANDOVER_FAILURES,
    INVOICE_PAYMENTS,
    POSTS,
    REQUESTS,
    SETUP_INTENTS_PER_HOUR,
    TEST_MODE_FACTOR,
)
from portal_embed.access.requests import client_address
from portal_embed.errors import RateLimited
from portal_embed.store import MemoryStore
from tests.access.portal import ADA, MALLORY, Clock, Portal, make_config, same_origin

LIVE = {"stripe_secret_key": "rk_live_1", "stripe_publishable_key": "pk_live_1"}


@pytest.fixture
def clock():
    return Clock(1_800_000_000.0)


@pytest.fixture
def limits(clock):
    return Limits(make_config(**LIVE), MemoryStore(clock=clock), clock)


async def exhaust(limits, limit, *key):
    for _ in range(limit.times):
        await limits.check(limit, *key)


async def test_one_too_many_is_refused_until_the_window_has_passed(limits, clock):
    await exhaust(limits, INVOICE_PAYMENTS, ADA, "in_1")
    with pytest.raises(RateLimited) as refused:
        await limits.check(INVOICE_PAYMENTS, ADA, "in_1")
    clock.move(refused.value.retry_after)

    await limits.check(INVOICE_PAYMENTS, ADA, "in_1")


async def test_what_one_customer_did_does_not_count_for_another(limits):
    await exhaust(limits, SETUP_INTENTS_PER_HOUR, MALLORY)

    await limits.check(SETUP_INTENTS_PER_HOUR, ADA)


async def test_failures_cool_down_for_an_hour(limits, clock):
    await exhaust(limits, HANDOVER_FAILURES, "192.0.2.1")
    for _ in range(2):
        with pytest.raises(RateLimited) as refused:
            await limits.check(HANDOVER_FAILURES, "192.0.2.1")
        assert refused.value.retry_after == 3600
        clock.move(1800)
    clock.move(1)

    await limits.check(HANDOVER_FAILURES, "192.0.2.1")


async def test_in_test_mode_there_is_more_room(clock):
    limits = Limits(make_config(), MemoryStore(clock=clock), clock)
    for _ in range(SETUP_INTENTS_PER_HOUR.times * TEST_MODE_FACTOR):
        await limits.check(SETUP_INTENTS_PER_HOUR, ADA)

    with pytest.raises(RateLimited):
        await limits.check(SETUP_INTENTS_PER_HOUR, ADA)


def test_a_session_that_posts_without_pause_is_told_to_wait():
    portal = Portal(**LIVE)
    ada = portal.signed_in()
    headers = same_origin(**{"content-type": "application/x-www-form-urlencoded"})
    statuses = [ada.post("/billing/write", content="", headers=headers).status_code for _ in range(POSTS.times)]
    answer = ada.post("/billing/write", content="", headers={**headers, "x-forwarded-for": "203.0.113.9"})

    assert set(statuses) == {403}
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_many_bad_links_are_limited_by_address_whatever_the_client_says_of_itself():
    portal = Portal(**LIVE)
    browser = portal.browser()
    statuses = [
        browser.get("/billing/enter?token=bad", headers={"x-forwarded-for": f"203.0.113.{n}"}).status_code
        for n in range(HANDOVER_FAILURES.times + 1)
    ]

    assert statuses == [400] * HANDOVER_FAILURES.times + [429]


def test_a_good_link_works_whatever_others_at_the_same_address_did():
    portal = Portal(**LIVE)
    browser = portal.browser()
    for _ in range(HANDOVER_FAILURES.times + 5):
        browser.get("/billing/enter?token=bad")

    assert portal.browser().get(portal.link()).status_code == 303


def test_a_session_that_reads_without_pause_waits_while_another_goes_on():
    portal = Portal(**LIVE)
    ada, other = portal.signed_in(), portal.signed_in()
    statuses = {ada.get("/billing/read").status_code for _ in range(REQUESTS.times + 1)}

    assert 429 in statuses
    assert other.get("/billing/read").status_code != 429


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        (("203.0.113.7", 1), "203.0.113.7"),
        (("2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (("2001:db8:1:2::ffff", 1), "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 1), "fe80::/64"),
        (("/run/portal.sock", 0), "/run/portal.sock"),
        (None, "unknown"),
    ],
)
def test_of_ipv6_the_network_counts(client, counted):
    assert client_address({"client": client}) == counted
