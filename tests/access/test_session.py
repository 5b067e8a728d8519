"""A session is what its link said, for as long as it may live, unless it was ended."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_embed.access import Sessions, keys, tokens
from portal_embed.errors import StoreUnavailable
from portal_embed.store import MemoryStore
from tests.access.portal import ADA, MALLORY, NEW_KEY, NOON, OLD_KEY, Clock, Portal, make_config
from tests.properties import WITHOUT_A_CLOCK


def handover(portal, customer=ADA, **arguments):
    return tokens.verify(portal.config, portal.token(customer, **arguments), portal.clock())


def open_session(portal, customer=ADA, **arguments):
    return portal.sessions.open(handover(portal, customer, **arguments))


def test_a_sealed_session_reads_back_as_it_was():
    portal = Portal(embed_origins=("https://app.example.com",), return_url="/account")
    session = open_session(
        portal, actor="Grace", host_session="h1", locale="de", scopes="pay", embed_origin="https://app.example.com"
    )

    assert portal.sessions.read(portal.sessions.seal(session)) == session
    assert session.return_url is None  # the portal's own comes in when a page is made


def test_a_session_answers_what_it_may_do():
    session = open_session(Portal(), scopes="view")

    assert session.may("invoices:read")
    assert not session.may("invoices:pay")


def test_two_sessions_of_one_link_holder_have_different_ids():
    portal = Portal()
    same = handover(portal)

    assert portal.sessions.open(same).sid != portal.sessions.open(same).sid


def test_after_resting_fifteen_minutes_it_is_over():
    portal = Portal()
    value = portal.sessions.seal(open_session(portal))

    portal.clock.move(15 * 60 - 1)
    assert portal.sessions.read(value) is not None
    portal.clock.move(1)
    assert portal.sessions.read(value) is None


def test_after_four_hours_it_is_over_even_when_busy():
    portal = Portal()
    session = open_session(portal)
    for _ in range(4 * 60 - 1):
        portal.clock.move(60)
        session = portal.sessions.touched(session)
        assert portal.sessions.read(portal.sessions.seal(session)) is not None
    portal.clock.move(60)

    assert portal.sessions.read(portal.sessions.seal(portal.sessions.touched(session))) is None


def test_the_cookie_is_due_again_after_a_minute():
    portal = Portal()
    session = open_session(portal)

    assert not portal.sessions.needs_reissue(session, NOON + 59)
    assert portal.sessions.needs_reissue(session, NOON + 60)


@pytest.mark.parametrize("value", [None, "", "garbage", "a" * 5000, "ä", "a.b", 7])
def test_garbage_is_no_session(value):
    assert Portal().sessions.read(value) is None


@WITHOUT_A_CLOCK
@given(st.text())
def test_no_text_is_a_session_by_chance(value):
    assert Portal().sessions.read(value) is None


def test_a_link_is_no_session_cookie_and_a_session_no_link():
    portal = Portal()
    session = portal.sessions.seal(open_session(portal))

    assert portal.sessions.read(portal.token()) is None
    with pytest.raises(Exception, match="signature"):
        tokens.verify(portal.config, session, NOON)


def test_a_session_of_another_portal_or_mode_is_none():
    portal = Portal()
    value = portal.sessions.seal(open_session(portal))
    other = make_config(base_url="https://app.example.com/other")
    live = make_config(stripe_secret_key="sk_live_1", stripe_publishable_key="pk_live_1")

    assert [Sessions(config, portal.store, portal.clock).read(value) for config in (other, live)] == [None, None]


def test_a_session_cookie_survives_key_rotation():
    old, both, new = (Portal(secret_keys=ring) for ring in [(OLD_KEY,), (OLD_KEY, NEW_KEY), (NEW_KEY,)])
    value = old.sessions.seal(open_session(old))

    assert both.sessions.read(value) is not None
    assert new.sessions.read(value) is None


def test_a_session_signed_by_another_version_is_none():
    portal = Portal()
    claims = {"v": 1, "typ": "session", "aud": portal.config.base_url, "livemode": False, "sid": "x"}

    assert portal.sessions.read(keys.sign(portal.config, "session", claims)) is None


def test_the_largest_session_fits_a_cookie():
    portal = Portal(
        embed_origins=("https://" + "e" * 60 + ".example.com",), return_origins=("https://shop.example.com",)
    )
    session = open_session(
        portal,
        "cus_" + "A1b2C3d4" * 8,
        actor="ж" * 128,
        host_session="h",
        return_url="https://shop.example.com/" + "".join(chr(97 + (i * i * 7) % 26) for i in range(990)),
        embed_origin=portal.config.embed_origins[0],
        stripe_account="acct_" + "Z9y8X7w6" * 8,
    )

    assert len(portal.sessions.seal(session)) <= 3500


async def test_logging_out_ends_this_session_and_no_other():
    portal = Portal()
    laptop, phone = open_session(portal), open_session(portal)
    await portal.sessions.end(laptop)

    assert await portal.sessions.is_ended(laptop)
    assert not await portal.sessions.is_ended(phone)


async def test_the_host_ends_all_sessions_of_a_customer():
    portal = Portal()
    ada, mallory = open_session(portal), open_session(portal, MALLORY)
    portal.clock.move(1)
    portal.sessions.end_all(customer=ADA)

    assert await portal.sessions.is_ended(ada)
    assert not await portal.sessions.is_ended(mallory)


async def test_the_host_ends_the_sessions_of_one_of_its_own():
    portal = Portal()
    laptop, phone = open_session(portal, host_session="laptop"), open_session(portal, host_session="phone")
    portal.clock.move(1)
    portal.sessions.end_all(host_session="laptop")

    assert await portal.sessions.is_ended(laptop)
    assert not await portal.sessions.is_ended(phone)


async def test_a_session_made_right_after_is_not_ended():
    portal = Portal()
    portal.sessions.end_all(customer=ADA)
    portal.clock.move(0.00001)

    assert not await portal.sessions.is_ended(open_session(portal))


async def test_links_made_before_are_ended_too():
    portal = Portal()
    before = handover(portal)
    portal.clock.move(0.5)
    portal.sessions.end_all(customer=ADA)
    portal.clock.move(0.5)

    assert await portal.sessions.is_link_ended(before)
    assert not await portal.sessions.is_link_ended(handover(portal))


async def test_an_ended_session_stays_ended_for_as_long_as_it_could_live():
    portal = Portal()
    session = open_session(portal)
    portal.clock.move(1)
    portal.sessions.end_all(customer=ADA)
    portal.clock.move(4 * 3600 - 2)

    assert await portal.sessions.is_ended(session)


async def test_the_name_of_an_account_ends_the_session_also_after_going_there_and_back():
    portal = Portal()
    opened = replace(open_session(portal), customer_account="acct_1Ada", customers=(ADA, MALLORY))
    back = portal.sessions.switched(portal.sessions.switched(opened, MALLORY, None), ADA, None)
    portal.clock.move(1)
    portal.sessions.end_all(customer="acct_1Ada")

    assert await portal.sessions.is_ended(back)


@pytest.mark.parametrize("arguments", [{}, {"customer": ADA, "host_session": "h"}])
def test_ending_needs_exactly_one_name(arguments):
    with pytest.raises(ValueError, match="either"):
        Portal().sessions.end_all(**arguments)


def test_ending_works_without_a_running_event_loop():
    portal = Portal()
    portal.sessions.end_all(host_session="h")

    assert len(portal.store.snapshot()) == 1


async def test_the_store_holds_no_id_in_clear():
    portal = Portal()
    browser = portal.signed_in(host_session="the-hosts-session")
    home = browser.get("/billing/").json()
    await portal.sessions.end(open_session(portal))
    portal.sessions.end_all(customer=ADA)
    portal.sessions.end_all(host_session="the-hosts-session")
    stored = str(portal.store.snapshot())

    for secret in (ADA, home["sid"], "the-hosts-session", "testclient"):
        assert secret not in stored
    assert all(value.isdigit() for value in portal.store.snapshot().values())


async def test_not_knowing_whether_it_is_ended_is_an_error():
    class DownStore(MemoryStore):
        async def get_many(self, keys):
            raise StoreUnavailable

    portal = Portal(store=DownStore(clock=Clock()))
    with pytest.raises(StoreUnavailable):
        await portal.sessions.is_ended(open_session(portal))
