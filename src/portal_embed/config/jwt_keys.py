"""The keys of hosts in other languages, which sign the handover token as a JWT: one for each `kid`, each for one algorithm.

An entry reads `kid:HS256:secret` or `kid:EdDSA:public key`, both base64. The public key is the one line between BEGIN and END
that `openssl pkey -pubout` prints (Ed25519, SubjectPublicKeyInfo): no tool prints the bare 32 bytes, and a private key pasted by
mistake is told from it.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

HS256 = "HS256"
EDDSA = "EdDSA"
SHORTEST_SECRET = 32
"""Bytes, as RFC 7518 wants for HS256."""

_KID = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_PUBLIC = bytes.fromhex("302a300506032b6570032100")
_PRIVATE = bytes.fromhex("302e020100300506032b6570")
"""How the DER forms of Ed25519 keys begin (RFC 8410); what follows a public one are its 32 bytes."""


@dataclass(frozen=True, kw_only=True)
class JwtKey:
    """One key. `material`: the secret's bytes for HS256, the 32 bytes of the public key for EdDSA."""

    kid: str
    algorithm: str
    material: bytes = field(repr=False)

    def for_library(self) -> Any:
        """The key as PyJWT takes it."""
        if self.algorithm == HS256:
            return self.material
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415  an extra

        return Ed25519PublicKey.from_public_bytes(self.material)


def parse(entry: object) -> JwtKey:
    """The key that an entry names. Raises ValueError with the end of a sentence, which never shows the entry."""
    kid, algorithm, text = entry.split(":") if isinstance(entry, str) and entry.count(":") == 2 else ("", "", "")
    if not _KID.fullmatch(kid):
        raise ValueError("must read kid:HS256:secret or kid:EdDSA:public key; a kid is letters, digits, - _ and dots")
    if algorithm not in {HS256, EDDSA}:
        raise ValueError("must be for HS256 or EdDSA: there are no other algorithms here")
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("must end in base64 (letters, digits, + and /, with its = signs)") from None
    if algorithm == HS256:
        if decoded.startswith(_PUBLIC):
            raise ValueError(
                "has a public key for its secret: write EdDSA, or make a secret by `openssl rand -base64 32`"
            )
        if len(decoded) < SHORTEST_SECRET:
            raise ValueError("has a secret shorter than 32 bytes: make one by `openssl rand -base64 32`")
        return JwtKey(kid=kid, algorithm=algorithm, material=decoded)
    if decoded.startswith(_PRIVATE):
        raise ValueError(
            "has a private key, which belongs to the host alone: give what `openssl pkey -pubout` makes of it"
        )
    if not decoded.startswith(_PUBLIC) or len(decoded) != len(_PUBLIC) + 32:
        raise ValueError("must end in the line between BEGIN and END of `openssl pkey -in key.pem -pubout` (Ed25519)")
    return JwtKey(kid=kid, algorithm=algorithm, material=decoded[len(_PUBLIC) :])


def problems(entries: Sequence[object] | str, secret_keys: Sequence[object] | str) -> list[str]:
    """One sentence for each wrong entry, by its place: what stands in it may be a secret."""
    if isinstance(entries, str):
        return [
            "jwt_keys must be a list of strings, not one string (in the environment, PORTAL_JWT_KEYS is split at commas)."
        ]
    found, keys = [], []
    for place, entry in enumerate(entries, start=1):
        try:
            keys.append(parse(entry))
        except ValueError as wrong:
            found.append(f"PORTAL_JWT_KEYS, entry {place}, {wrong}.")
    if len({key.kid for key in keys}) != len(keys):
        found.append("PORTAL_JWT_KEYS names one kid twice: give each key a kid of its own.")
    if len({key.material for key in keys}) != len(keys):
        found.append("PORTAL_JWT_KEYS names one key twice: remove the repetition, or make another key.")
    ours = {form for key in secret_keys for form in _forms(key)}
    if any(key.material in ours for key in keys):
        found.append("PORTAL_JWT_KEYS holds one of PORTAL_SECRET_KEYS: make a key for JWTs alone.")
    if keys and not found and not _can_verify(keys):
        found.append("PORTAL_JWT_KEYS needs PyJWT and cryptography: pip install 'portal-embed[jwt]'.")
    return found


def _forms(key: object) -> list[bytes]:
    """The bytes of a signing key: as they are, and as base64 says them."""
    if not isinstance(key, str):
        return []
    try:
        return [key.encode(), base64.b64decode(key + "=" * (-len(key) % 4), validate=True)]
    except (binascii.Error, ValueError):
        return [key.encode()]


def _can_verify(keys: Sequence[JwtKey]) -> bool:
    try:
        from jwt import PyJWS  # noqa: F401, PLC0415  an extra; and another package calls itself jwt too

        for key in keys:
            key.for_library()
    except ImportError:
        return False
    return True
