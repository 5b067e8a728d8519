"""Only a token that the host really signed, for this portal, now, says who comes in."""

import base64
import hashlib
import hmac
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_embed.access import keys, tokens
from portal_embed.errors import LinkRefused
from tests.access.portal import ADA, BASE, NEW_KEY, NOON, OLD_KEY, make_config
from tests.properties import WITHOUT_A_CLOCK

CONFIG = make_config()
CLAIMS = {
    "v": 1,
    "typ": "handover",
    "aud": BASE,
    "cus": ADA,
    "live": False,
    "scp": ["invoices:read"],
    "iat": int(NOON),
    "exp": int(NOON) + 300,
    "jti": "a" * 22,
}
LEFT_OUT = object()


def token(config=CONFIG, purpose="handover", **changes) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not LEFT_OUT}
    return keys.sign(config, purpose, claims)


def reason(value, config=CONFIG, now=NOON) -> str:
    with pytest.raises(LinkRefused) as refused:
        tokens.verify(config, value, now)
    return refused.value.reason


GOOD = token()


def test_a_good_token_says_who_comes_in():
    handover = tokens.verify(CONFIG, GOOD, NOON)

    assert (handover.customer, handover.livemode, handover.scopes) == (ADA, False, frozenset({"invoices:read"}))


def test_what_is_created_is_what_is_verified():
    text, expires = tokens.create(
        CONFIG,
        customer=ADA,
        scopes=frozenset({"invoices:pay"}),
        actor="Grace",
        locale="de",
        return_url="/account",
        now=NOON,
    )
    handover = tokens.verify(CONFIG, text, NOON)

    assert (handover.customer, handover.actor, handover.locale, handover.return_url) == (ADA, "Grace", "de", "/account")
    assert (handover.expires, expires) == (int(NOON) + 300, int(NOON) + 300)
    assert handover.issued == NOON


def test_every_token_has_an_id_of_its_own():
    made = [tokens.create(CONFIG, customer=ADA, scopes=frozenset({"invoices:read"}), now=NOON)[0] for _ in range(50)]

    assert len({tokens.verify(CONFIG, text, NOON).jti for text in made}) == 50


@pytest.mark.parametrize("position", range(len(GOOD)))
def test_no_character_can_be_changed(position):
    # Also the last one, where base64 has bits to spare.
    for other in "AQgwBx_.":
        if GOOD[position] != other:
            assert reason(GOOD[:position] + other + GOOD[position + 1 :]) in {"format", "signature"}


def test_one_signature_has_one_spelling():
    # 43 base64 characters have two bits to spare: four spellings decode to the same signature.
    spellings = [GOOD[:-1] + character for character in string.ascii_letters + string.digits + "-_"]

    assert [text for text in spellings if text != GOOD and reason(text) not in {"format", "signature"}] == []


@pytest.mark.parametrize("extra", ["=", "==", "!", "ä", " ", "\n", "\x00", ".", "%3D"])
def test_nothing_can_be_added(extra):
    assert reason(GOOD + extra) == "format"
    assert reason(extra + GOOD) in {"format", "signature"}


@pytest.mark.parametrize("value", [None, 7, b"bytes", [], "", "." * 100, "a" * 5000, GOOD.encode()])
def test_what_is_no_token_is_refused(value):
    assert reason(value) == "format"


def jwt(algorithm: str, key: str) -> str:
    def encode(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    head = encode(json.dumps({"alg": algorithm, "typ": "JWT"}).encode()) + "." + encode(json.dumps(CLAIMS).encode())
    signature = hmac.digest(key.encode(), head.encode(), hashlib.sha256) if algorithm == "HS256" else b""
    return head + "." + encode(signature)


@pytest.mark.parametrize("value", [jwt("none", ""), jwt("HS256", NEW_KEY)])
def test_a_jwt_is_no_token_of_ours(value):
    assert reason(value) in {"format", "signature"}


@pytest.mark.parametrize("purpose", ["session", "operation", "csrf", "revoke"])
def test_what_was_signed_for_another_purpose_is_refused(purpose):
    assert reason(token(purpose=purpose)) == "signature"


def test_during_rotation_both_keys_count_and_the_newest_signs():
    old, both, new = (make_config(secret_keys=ring) for ring in [(OLD_KEY,), (OLD_KEY, NEW_KEY), (NEW_KEY,)])

    assert tokens.verify(both, token(old), NOON)
    assert tokens.verify(new, token(both), NOON)
    assert reason(token(old), new) == "signature"


@pytest.mark.parametrize(
    "audience",
    [LEFT_OUT, None, [BASE], BASE + "/", BASE[:-1], BASE + "x", BASE.upper(), "https://app.example.com", {}, 1],
)
def test_a_token_for_another_portal_is_refused(audience):
    assert reason(token(aud=audience)) == "audience"


@pytest.mark.parametrize("changes", [{"v": 2}, {"v": True}, {"v": "1"}, {"typ": "revoke"}, {"typ": LEFT_OUT}])
def test_a_token_of_another_kind_is_refused(changes):
    assert reason(token(**changes)) == "type"


def test_ten_seconds_of_clock_skew_are_forgiven_and_no_more():
    assert tokens.verify(CONFIG, GOOD, CLAIMS["exp"] + 9.9)
    assert reason(GOOD, now=CLAIMS["exp"] + 10) == "expired"
    assert tokens.verify(CONFIG, GOOD, CLAIMS["iat"] - 9.9)
    assert reason(GOOD, now=CLAIMS["iat"] - 11) == "lifetime"


def test_a_token_expired_an_hour_ago_is_refused():
    assert reason(GOOD, now=NOON + 3900) == "expired"


def test_a_token_that_would_live_a_day_is_refused():
    assert reason(token(exp=int(NOON) + 86400)) == "lifetime"


@pytest.mark.parametrize("value", [LEFT_OUT, "1800000300", 1800000300.0, True, -1, 0, 10**20, None, []])
@pytest.mark.parametrize("claim", ["exp", "iat"])
def test_times_must_be_whole_numbers_that_make_sense(claim, value):
    assert reason(token(**{claim: value})) in {"claims", "lifetime"}


@pytest.mark.parametrize("value", [-1, 1_000_000, "1", 1.5, True, None])
def test_the_fraction_of_a_second_must_be_one(value):
    assert reason(token(us=value)) == "claims"


@pytest.mark.parametrize(
    "customer",
    [
        LEFT_OUT,
        None,
        "",
        "cus_",
        "sub_123456",
        "acct_123456",
        "cus_" + "a" * 5000,
        'cus_12345"',
        "cus_12345\n",
        7,
        [ADA],
    ],
)
def test_the_customer_must_be_a_customer_id(customer):
    assert reason(token(cus=customer)) in {"customer", "format"}


@pytest.mark.parametrize(
    "scopes", [LEFT_OUT, [], ["everything"], "invoices:read", ["invoices:read", 7], {}, None, [None]]
)
def test_scopes_must_be_known_ones(scopes):
    assert reason(token(scp=scopes)) == "scopes"


@pytest.mark.parametrize("live", [True, LEFT_OUT, None, 0, "false"])
def test_a_token_of_the_other_mode_is_refused(live):
    assert reason(token(live=live)) == "livemode"


@pytest.mark.parametrize("jti", [LEFT_OUT, None, "", "short", 7, "a" * 21, "a" * 65, "ä" * 22])
def test_the_id_must_have_128_bits(jti):
    assert reason(token(jti=jti)) == "claims"


def test_an_unknown_locale_is_forgotten():
    assert tokens.verify(CONFIG, token(loc="../../etc"), NOON).locale is None
    assert tokens.verify(CONFIG, token(loc="auto"), NOON).locale is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ret": "https://evil.example/"}, "return_url"),
        ({"ret": 7}, "return_url"),
        ({"org": "https://evil.example"}, "embed_origin"),
        ({"org": ["https://app.example.com"]}, "embed_origin"),
        ({"acct": "cus_123456"}, "account"),
        ({"sub": ""}, "actor"),
        ({"sub": "line\nbreak"}, "actor"),
        ({"host_sid": "the raw id of the host's session"}, "host_session"),
        ({"flow": {"type": "subscription_cancel"}}, "flow"),
    ],
)
def test_every_other_claim_must_be_right_when_it_is_there(changes, why):
    assert reason(token(**changes)) == why


@WITHOUT_A_CLOCK
@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_whatever_comes_is_a_refusal_and_never_a_crash(value):
    with pytest.raises(LinkRefused):
        tokens.verify(CONFIG, value, NOON)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@WITHOUT_A_CLOCK
@given(
    st.dictionaries(st.sampled_from([*CLAIMS, "acct", "sub", "host_sid", "loc", "ret", "org", "us", "flow"]), anything)
)
def test_even_a_signed_token_with_wrong_claims_never_crashes(changes):
    try:
        handover = tokens.verify(CONFIG, token(**changes), NOON)
    except LinkRefused:
        return
    assert tokens.is_customer(handover.customer)
    assert handover.scopes


@WITHOUT_A_CLOCK
@given(st.dictionaries(st.text(), anything) | anything)
def test_whatever_is_signed_by_a_stranger_is_refused(payload):
    stranger = make_config(secret_keys=("a stranger's key of at least 32 bytes",))

    assert reason(keys.sign(stranger, "handover", payload)) in {"signature", "format"}
