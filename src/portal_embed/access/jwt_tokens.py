"""The handover token as a JWT, for hosts in other languages. Signed by a key of their own (`PORTAL_JWT_KEYS`).

The header is `{"alg": "HS256" or "EdDSA", "kid": …, "typ": "JWT"}` and nothing else: `kid` names the key, and the key, never the
token, says which algorithm it is for. The claims:

    aud                 required  the portal's address, PORTAL_BASE_URL
    iat, exp            required  whole seconds since 1970, at most 300 apart; nbf too, for libraries that write it
    jti                 required  22 to 64 of A-Z a-z 0-9 - _, never the same again: a random UUID
    customer            required  "cus_…"; or customer_account, "acct_…"
    scopes                        "view", "pay", "manage", or a list; left out, "manage"
    return_url, locale, flow_data, configuration, actor, host_session, customers, embed_origin, stripe_account,
    on_behalf_of, after_expiration
                                  as `create_session` has them (`links.create_session`); host_session is the session's id itself

What there is nothing to say about is left out: null is refused, and so is a claim that is not listed, because a `scope` or a
`scopes` that went wrong must not mean everything. A JWT is not believed twice: once its signature is right, a token of ours is made
of it by the rules of `create_session`, and that one has to pass all that ours have to pass.

Seconds are whole, so what was signed in the second in which the host ended somebody's sessions is ended with them.
"""

from __future__ import annotations

import base64
import json
import logging
import re
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

import msgspec
from msgspec import UNSET, UnsetType

from portal_embed.access.links import create_session
from portal_embed.access.tokens import CLOCK_SKEW, LONGEST_LIFE
from portal_embed.errors import LinkRefused

if TYPE_CHECKING:
    from portal_embed.config import PortalConfig
    from portal_embed.config.jwt_keys import JwtKey

logger = logging.getLogger("portal_embed")

LONGEST = 8192
"""Characters, about what proxies let through in an address; what is longer is not looked at."""

_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_LONGEST_SENTENCE = 300
_UNREADABLE = (ValueError, RecursionError, msgspec.MsgspecError)
"""What reading a document may raise; msgspec's own are ValueErrors only in its newer versions."""


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No `jwk`, `jku`, `x5c`: a token brings no key. No `crit`, `zip`: we understand no extension."""

    alg: str
    kid: str
    typ: Literal["JWT"] = "JWT"


class Claims(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a JWT may say, see the table above."""

    aud: str | list[str]
    iat: int
    exp: int
    jti: str
    nbf: int = 0
    customer: str | UnsetType = UNSET
    customer_account: str | UnsetType = UNSET
    scopes: str | list[str] | UnsetType = UNSET
    return_url: str | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    flow_data: dict[str, Any] | UnsetType = UNSET
    configuration: str | UnsetType = UNSET
    actor: str | UnsetType = UNSET
    host_session: str | UnsetType = UNSET
    customers: list[str] | UnsetType = UNSET
    embed_origin: str | UnsetType = UNSET
    stripe_account: str | UnsetType = UNSET
    on_behalf_of: str | UnsetType = UNSET
    after_expiration: dict[str, Any] | UnsetType = UNSET


_REGISTERED = {"aud", "iat", "exp", "jti", "nbf"}
"""RFC 7519's claims; the others are keywords of `create_session`."""


def is_jwt(token: object) -> TypeGuard[str]:
    """Whether `token` has the form of a JWT, which none of our own tokens has."""
    return isinstance(token, str) and len(token) <= LONGEST and _FORM.fullmatch(token) is not None


def exchanged(config: PortalConfig, token: str, now: float) -> str:
    """The token of ours that says what a JWT says, with its times and its `jti`. `now`: seconds since 1970.

    Raises `LinkRefused`; what the host's engineer got wrong is a sentence in the log, once a key of theirs has signed it.
    """
    key = _key(config, token)
    claims = _claims(key, _verified(key, token))
    if claims.aud not in (config.base_url, [config.base_url]):
        raise LinkRefused("audience")
    if not 1 <= claims.exp - claims.iat <= LONGEST_LIFE or claims.nbf > now + CLOCK_SKEW:
        raise LinkRefused("lifetime")
    said = {name: value for name, value in msgspec.structs.asdict(claims).items() if value is not UNSET}
    arguments: dict[str, Any] = {name: value for name, value in said.items() if name not in _REGISTERED}
    try:
        made = create_session(config, **arguments, ttl=claims.exp - claims.iat, now=claims.iat, jti=claims.jti)
    except ValueError as wrong:
        # Every sentence of `create_session` begins with the name of the argument.
        raise _refusal(key, str(wrong).split(maxsplit=1)[0].partition(".")[0], wrong) from None
    return made.url.rpartition("token=")[2]


def _key(config: PortalConfig, token: str) -> JwtKey:
    """The key that the header names, if it is for the algorithm that the header says."""
    parts = [_decoded(part) for part in token.split(".")]
    try:
        _refuse_repetition(parts[0])
        header = msgspec.json.decode(parts[0], type=Header)
    except _UNREADABLE:
        raise LinkRefused("header") from None
    key = config.jwt_keyring.get(header.kid)
    if key is None:
        raise LinkRefused("key")
    if header.alg != key.algorithm:
        raise LinkRefused("algorithm")
    return key


def _verified(key: JwtKey, token: str) -> bytes:
    """The claims as they were signed, still JSON."""
    from jwt import PyJWS, PyJWTError  # noqa: PLC0415  an extra: only who has keys for JWTs needs it

    try:
        payload: bytes = PyJWS().decode(token, key.for_library(), algorithms=[key.algorithm])
    except PyJWTError:
        raise LinkRefused("signature") from None
    return payload


def _claims(key: JwtKey, payload: bytes) -> Claims:
    try:
        _refuse_repetition(payload)
        return msgspec.json.decode(payload, type=Claims)
    except _UNREADABLE as wrong:
        raise _refusal(key, "claims", wrong) from None


def _decoded(part: str) -> bytes:
    """Base64url in its one spelling: no padding, no spare bits."""
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise LinkRefused("format") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii") != part:
        raise LinkRefused("format")
    return data


def _refuse_repetition(document: bytes) -> None:
    """No name may stand twice in one object: readers would differ over which of the two counts. Raises ValueError."""

    def unrepeated(pairs: list[tuple[str, Any]]) -> None:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("a name stands twice in one object")

    json.loads(document.decode(), object_pairs_hook=unrepeated)


def _refusal(key: JwtKey, reason: str, wrong: Exception) -> LinkRefused:
    logger.warning("a JWT of key %s is refused: %s", key.kid, str(wrong)[:_LONGEST_SENTENCE])
    return LinkRefused(reason)
