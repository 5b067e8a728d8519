"""A wrong key for JWTs stops the start with one sentence, which names its place and never shows it."""

from __future__ import annotations

import base64
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from portal_embed.access.redaction import redact
from portal_embed.config import PortalConfig
from portal_embed.errors import ConfigError
from tests.config.test_settings import from_env, problems

SECRET = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.b64encode(bytes(range(1, 49))).decode()
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def public_line(key=PRIVATE) -> str:
    """What stands between BEGIN and END, on one line."""
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return "".join(pem.splitlines()[1:-1])


def private_line() -> str:
    return "".join(PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().splitlines()[1:-1])


def test_keys_are_read_from_the_environment():
    config = from_env(PORTAL_JWT_KEYS=f"shop.1:HS256:{SECRET}, shop-2:HS256:{OTHER},php_1:EdDSA:{public_line()}")

    keyring = config.jwt_keyring
    assert [(key.kid, key.algorithm) for key in keyring.values()] == [
        ("shop.1", "HS256"),
        ("shop-2", "HS256"),
        ("php_1", "EdDSA"),
    ]
    assert keyring["shop.1"].for_library() == bytes(range(32))
    assert keyring["php_1"].for_library() == PRIVATE.public_key()


def test_without_keys_there_are_none():
    assert from_env().jwt_keyring == {}


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        ("", "kid:HS256:secret"),
        (SECRET, "kid:HS256:secret"),
        (f"HS256:{SECRET}", "kid:HS256:secret"),
        (f":HS256:{SECRET}", "kid:HS256:secret"),
        (f"a b:HS256:{SECRET}", "kid:HS256:secret"),
        ("k" * 65 + f":HS256:{SECRET}", "kid:HS256:secret"),
        (f"k:HS256:{SECRET}:", "kid:HS256:secret"),
        (f"k:none:{SECRET}", "no other algorithms"),
        (f"k:hs256:{SECRET}", "no other algorithms"),
        (f"k:RS256:{SECRET}", "no other algorithms"),
        (f"k::{SECRET}", "no other algorithms"),
        ("k:HS256:", "shorter than 32 bytes"),
        ("k:HS256:" + base64.b64encode(b"a" * 31).decode(), "shorter than 32 bytes"),
        ("k:HS256:not base64 at all yet long enough for a secret", "base64"),
        (f"k:HS256:{SECRET.rstrip('=')}", "base64"),
        ("k:HS256:" + "-_" * 22, "base64"),
        (f"k:HS256:{public_line()}", "public key for its secret"),
        (f"k:EdDSA:{private_line()}", "private key"),
        (f"k:EdDSA:{SECRET}", "BEGIN and END"),
        (f"k:EdDSA:{base64.b64encode(base64.b64decode(public_line())[:-1]).decode()}", "BEGIN and END"),
        (f"k:EdDSA:{base64.b64encode(base64.b64decode(public_line()) + b'x').decode()}", "BEGIN and END"),
        (f"k:EdDSA:{public_line(Ed448PrivateKey.from_private_bytes(bytes(57)))}", "BEGIN and END"),
        (f"k:EdDSA:{public_line(generate_private_key(SECP256R1()))}", "BEGIN and END"),
    ],
)
def test_a_wrong_entry_is_one_sentence_that_says_where_and_what(entry, word):
    (sentence,) = problems(PORTAL_JWT_KEYS=f"good:HS256:{OTHER},{entry}")

    assert sentence.startswith("PORTAL_JWT_KEYS, entry 2, ")
    assert word in sentence
    assert sentence.endswith(".")
    text = entry.rpartition(":")[2]
    assert len(text) < 9 or text not in sentence


@pytest.mark.parametrize(
    ("entries", "word"),
    [
        ([f"k:HS256:{SECRET}", f"k:HS256:{OTHER}"], "one kid twice"),
        ([f"k:HS256:{SECRET}", f"k:EdDSA:{public_line()}"], "one kid twice"),
        ([f"k:HS256:{SECRET}", f"l:HS256:{SECRET}"], "one key twice"),
        ([f"k:EdDSA:{public_line()}", f"l:EdDSA:{public_line()}"], "one key twice"),
    ],
)
def test_no_two_entries_are_the_same(entries, word):
    (sentence,) = problems(PORTAL_JWT_KEYS=",".join(entries))

    assert word in sentence


def test_the_public_key_is_no_secret_in_its_bare_form_either():
    bare = base64.b64encode(base64.b64decode(public_line())[-32:]).decode()
    (sentence,) = problems(PORTAL_JWT_KEYS=f"k:EdDSA:{public_line()},l:HS256:{bare}")

    assert "one key twice" in sentence


@pytest.mark.parametrize(
    ("secret_key", "entry"),
    [
        (SECRET, f"k:HS256:{SECRET}"),
        (SECRET.rstrip("="), f"k:HS256:{SECRET}"),
        ("a" * 40, "k:HS256:" + base64.b64encode(b"a" * 40).decode()),
    ],
)
def test_the_keys_of_the_portals_own_tokens_sign_no_jwt(secret_key, entry):
    (sentence,) = problems(PORTAL_SECRET_KEYS=f"{'z' * 32},{secret_key}", PORTAL_JWT_KEYS=entry)

    assert "holds one of PORTAL_SECRET_KEYS" in sentence


@pytest.mark.parametrize("missing", ["jwt", "cryptography.hazmat.primitives.asymmetric.ed25519"])
def test_a_missing_extra_is_named(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    (sentence,) = problems(PORTAL_JWT_KEYS=f"k:EdDSA:{public_line()}")

    assert "pip install 'portal-embed[jwt]'" in sentence


def test_a_portal_without_such_keys_needs_no_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "jwt", None)

    assert from_env().problems() == []


@pytest.mark.parametrize("value", [f"k:HS256:{SECRET}", None, 7])
def test_they_are_a_list(value):
    with pytest.raises((ConfigError, TypeError)):
        from_env_with(jwt_keys=value)


@pytest.mark.parametrize("entry", [None, 7, b"k:HS256:x", ("k", "HS256", SECRET)])
def test_each_is_a_text(entry):
    with pytest.raises(ConfigError, match="entry 1"):
        from_env_with(jwt_keys=[entry])


def from_env_with(**changes):
    config = from_env()
    return PortalConfig(
        stripe_secret_key=config.stripe_secret_key,
        stripe_publishable_key=config.stripe_publishable_key,
        secret_keys=config.secret_keys,
        base_url=config.base_url,
        **changes,
    )


def test_printing_shows_none_of_them():
    config = from_env(PORTAL_JWT_KEYS=f"shop:HS256:{SECRET}")

    for text in (repr(config), repr(config.jwt_keyring), str(config.jwt_keyring["shop"])):
        assert SECRET not in text
        assert repr(bytes(range(32))) not in text


@pytest.mark.parametrize("entry", [f"shop:HS256:{SECRET}", f"shop:HS256:{OTHER}", f"php:EdDSA:{private_line()}"])
def test_the_log_shows_none_of_them(entry):
    text = redact(f"PORTAL_JWT_KEYS={entry} is set")

    assert entry.rpartition(":")[2] not in text
    assert text.startswith("PORTAL_JWT_KEYS=")
    assert text.endswith(" is set")
