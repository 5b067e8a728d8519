"""Signing and store keys: one salt for each purpose, so that no value made for one door opens another.

itsdangerous derives a key per salt by HMAC; a list of keys runs oldest to newest, the newest signs and all verify.
Nothing here has an algorithm header, so there is no algorithm to confuse.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any

from itsdangerous import BadData, URLSafeSerializer

if TYPE_CHECKING:
    from portal_embed.config import PortalConfig

SIGNED = re.compile(r"\.?[A-Za-z0-9_-]{8,3400}\.[A-Za-z0-9_-]{43}")
"""What a value of ours looks like. Checked before parsing: base64 lets padding and junk through, we do not."""


class Unsigned(Exception):
    """A value that none of our keys signed. `args[0]` is "format" or "signature"."""


def sign(config: PortalConfig, purpose: str, payload: dict[str, Any]) -> str:
    """`payload` (JSON) as a URL-safe signed string."""
    return str(_serializer(config, purpose).dumps(payload))


def unsign(config: PortalConfig, purpose: str, value: object) -> dict[str, Any]:
    """The payload that `sign` was given for the same purpose; raises `Unsigned`."""
    if not isinstance(value, str) or not SIGNED.fullmatch(value):
        raise Unsigned("format")
    # 43 characters carry 258 bits for a 256-bit signature: without this, four texts would stand for each one.
    signature = value.rpartition(".")[2]
    if _base64url(base64.urlsafe_b64decode(signature + "=")) != signature:
        raise Unsigned("format")
    try:
        payload = _serializer(config, purpose).loads(value)
    except (BadData, ValueError, RecursionError):
        raise Unsigned("signature") from None
    if not isinstance(payload, dict):
        raise Unsigned("format")
    return payload


def macs(config: PortalConfig, purpose: str, text: str) -> list[str]:
    """43 URL-safe characters that only our keys can make of `text`: one for each key, the signing one first."""
    message = f"portal_embed.{purpose}.v1\0{text}".encode()
    return [_base64url(hmac.digest(key.encode(), message, "sha256")) for key in reversed(config.secret_keys)]


def digest(*parts: str | None) -> str:
    """43 URL-safe characters of SHA-256 over the parts, absent and empty told apart."""
    text = "\0".join("-" if part is None else "+" + part for part in parts)
    return _base64url(hashlib.sha256(text.encode()).digest())


def store_key(purpose: str, *parts: str | None) -> str:
    """A key for the store. The parts are hashed: who reads the store learns no customer, session or link."""
    return f"{purpose}:{digest(*parts)}"


def _serializer(config: PortalConfig, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(config.secret_keys),
        salt=f"portal_embed.{purpose}.v1",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
