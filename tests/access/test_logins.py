"""A code or a link from a mail, proved once: what is taken, what is refused, what a guess costs."""

from __future__ import annotations

import re

import pytest

from portal_embed.access.logins import EMAIL, LIFE, MOST_TRIES, Logins, WrongCode
from portal_embed.errors import LinkRefused, StoreUnavailable
from portal_embed.store import MemoryStore
from tests.access.portal import NEW_KEY, OLD_KEY, Clock, make_config

pytestmark = pytest.mark.feature(3)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def logins(clock):
    return Logins(make_config(), MemoryStore(clock=clock), clock)


@pytest.fixture
def asked(logins):
    return logins.ask("ada@example.com")


async def refusal(proving) -> str:
    with pytest.raises(LinkRefused) as refused:
        await proving
    return refused.value.reason


async def test_the_code_of_the_mail_proves_who_asked(logins, asked):
    assert await logins.prove_by_code(logins.form_token(asked), logins.code(asked)) == asked


@pytest.mark.parametrize(
    "typed", [str.lower, lambda code: code.replace("-", ""), lambda code: f"  {code[:4]} {code[5:]}. "]
)
async def test_it_may_be_typed_as_people_type(logins, asked, typed):
    assert await logins.prove_by_code(logins.form_token(asked), typed(logins.code(asked))) == asked


def test_a_code_is_eight_letters_that_spell_nothing(logins):
    for _ in range(200):
        assert re.fullmatch(r"[B-DF-HJ-NP-TV-XZ2-9]{4}-[B-DF-HJ-NP-TV-XZ2-9]{4}", logins.code(logins.ask("a@b.c")))


def test_every_request_has_a_code_of_its_own(logins):
    assert len({logins.code(logins.ask("ada@example.com")) for _ in range(50)}) == 50


async def test_the_link_of_the_mail_proves_it_too(logins, asked):
    assert logins.read_link(logins.link_token(asked)) == asked
    assert await logins.prove_by_link(logins.link_token(asked)) == asked


async def test_looking_at_the_link_uses_nothing_up(logins, asked):
    for _ in range(5):
        logins.read_link(logins.link_token(asked))
    assert await logins.prove_by_link(logins.link_token(asked)) == asked


@pytest.mark.parametrize("first", ["code", "link"])
async def test_code_and_link_work_once_together(logins, asked, first):
    def by_code():
        return logins.prove_by_code(logins.form_token(asked), logins.code(asked))

    def by_link():
        return logins.prove_by_link(logins.link_token(asked))

    await (by_code() if first == "code" else by_link())
    assert await refusal(by_code()) == "replay"
    assert await refusal(by_link()) == "replay"


async def test_both_are_dead_after_ten_minutes(logins, asked, clock):
    clock.move(LIFE - 1)
    logins.read_form(logins.form_token(asked))
    clock.move(1)
    assert await refusal(logins.prove_by_code(logins.form_token(asked), logins.code(asked))) == "expired"
    assert await refusal(logins.prove_by_link(logins.link_token(asked))) == "expired"


async def test_after_five_wrong_codes_the_right_one_does_not_help(logins, asked):
    token = logins.form_token(asked)
    for left in range(MOST_TRIES - 1, -1, -1):
        with pytest.raises(WrongCode) as wrong:
            await logins.prove_by_code(token, "BBBB-BBBB")
        assert wrong.value.tries_left == left
    with pytest.raises(WrongCode) as dead:
        await logins.prove_by_code(token, logins.code(asked))
    assert dead.value.tries_left == 0


async def test_the_code_of_another_request_is_wrong(logins, asked):
    other = logins.ask("ada@example.com")
    with pytest.raises(WrongCode):
        await logins.prove_by_code(logins.form_token(asked), logins.code(other))


async def test_the_page_s_token_is_no_link_and_a_link_no_page(logins, asked):
    assert await refusal(logins.prove_by_link(logins.form_token(asked))) == "signature"
    assert await refusal(logins.prove_by_code(logins.link_token(asked), logins.code(asked))) == "signature"


@pytest.mark.parametrize("token", ["", None, "x", "a.b", 7, "ey" + "A" * 60 + "." + "B" * 43])
async def test_what_we_never_signed_is_refused(logins, token):
    assert await refusal(logins.prove_by_link(token)) in {"format", "signature"}


async def test_a_key_may_be_replaced_while_the_mail_is_on_its_way(asked, clock):
    store = MemoryStore(clock=clock)
    before, after = (Logins(make_config(secret_keys=keys), store, clock) for keys in ((OLD_KEY,), (OLD_KEY, NEW_KEY)))
    assert await after.prove_by_code(before.form_token(asked), before.code(asked)) == asked


async def test_another_portal_of_the_same_keys_refuses(asked, logins, clock):
    other = Logins(make_config(base_url="https://app.example.com/other"), MemoryStore(clock=clock), clock)
    assert await refusal(other.prove_by_link(logins.link_token(asked))) == "audience"


async def test_without_the_store_nobody_is_proved(asked, clock):
    class Down(MemoryStore):
        async def incr(self, key, ttl):
            raise StoreUnavailable

        async def add_once(self, key, ttl):
            raise StoreUnavailable

    logins = Logins(make_config(), Down(clock=clock), clock)
    with pytest.raises(StoreUnavailable):
        await logins.prove_by_code(logins.form_token(asked), logins.code(asked))
    with pytest.raises(StoreUnavailable):
        await logins.prove_by_link(logins.link_token(asked))


@pytest.mark.parametrize("email", ["ada@example.com", "a.b+c@x.co", "jürgen@münchen.de", "o'neill@example.com"])
def test_an_address_is_an_address(email):
    assert EMAIL.fullmatch(email)


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "a b@x.com",
        "a@b@c",
        "<a@x.com>",
        "a@x.com\n",
        "a@x.com,b@x.com",
        "a" * 65 + "@x.com",
    ],
)
def test_and_what_is_none_is_none(email):
    assert not EMAIL.fullmatch(email)
