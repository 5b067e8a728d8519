"""The handover token: what the host signs to say "this browser may look after this customer's billing".

Signed with itsdangerous, used once, alive for at most 300 seconds, as Stripe's own portal links are. The signature's
text is malleable (base64), so a used token is remembered by its `jti`, never by its text.
"""

from __future__ import annotations

import math
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from portal_embed.access import flows, keys
from portal_embed.access.locales import LOCALES
from portal_embed.access.return_url import safe_return_url
from portal_embed.access.scopes import SCOPES
from portal_embed.config.origins import is_exact_origin
from portal_embed.errors import LinkRefused

if TYPE_CHECKING:
    from portal_embed.access.flows import Flow
    from portal_embed.config import PortalConfig

LONGEST_LIFE = 300
"""Seconds; Stripe's portal links live as long."""
LASTING_LIFE = 365 * 24 * 60 * 60
"""Seconds that a link from a mail may live: one of `after_expiration`, or of `create_recovery_link`. There must be a limit, because
for so long the store has to remember that the host ended somebody's sessions."""
MOST_CUSTOMERS = 20
"""How many customers a session may switch between; it carries them in its cookie."""
FOR_EVER = -1
CLOCK_SKEW = 10
"""Seconds by which the clocks of host and portal may differ."""
CUSTOMER = re.compile(r"cus_[A-Za-z0-9_]{6,64}")
ACCOUNT = re.compile(r"acct_[A-Za-z0-9_]{6,64}")
CONFIGURATION = re.compile(r"[A-Za-z0-9_\-]{1,64}")
"""A configuration of Stripe's ("bpc_…") or one of the host's own, by its name."""

_PURPOSE = "handover"
_VERSION = 1
_JTI = re.compile(r"[A-Za-z0-9_-]{22,64}")
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST_ACTOR = 128


@dataclass(frozen=True, kw_only=True)
class Handover:
    """What a verified token says. Times are seconds since 1970; `issued` has microseconds.

    `customer` is "cus_…"; where the host named a `customer_account` ("acct_…") it is that until Stripe has said which customer
    it is. `host_session` is a hash of the host's session id (`host_session_digest`), never the id itself.
    """

    jti: str
    customer: str
    account: str | None
    livemode: bool
    scopes: frozenset[str]
    issued: float
    expires: int
    customer_account: str | None = None
    flow: Flow | None = None
    configuration: str | None = None
    on_behalf_of: str | None = None
    customers: tuple[str, ...] = ()
    actor: str | None = None
    host_session: str | None = None
    locale: str | None = None
    return_url: str | None = None
    embed_origin: str | None = None
    renewable_until: float = 0

    def is_renewable(self, now: float) -> bool:
        """Whether the host allowed that the link, once expired, is had anew by email (`after_expiration`)."""
        return now < self.renewable_until


def host_session_digest(host_session: str) -> str:
    """The form in which the host's session id travels and is stored."""
    return keys.digest("host_session", host_session)


def create(
    config: PortalConfig,
    *,
    customer: str | None,
    scopes: frozenset[str],
    customer_account: str | None = None,
    account: str | None = None,
    flow: Flow | None = None,
    configuration: str | None = None,
    on_behalf_of: str | None = None,
    customers: tuple[str, ...] = (),
    actor: str | None = None,
    host_session: str | None = None,
    locale: str | None = None,
    return_url: str | None = None,
    embed_origin: str | None = None,
    renewable_until: int | None = None,
    ttl: int = LONGEST_LIFE,
    now: float,
    jti: str | None = None,
) -> tuple[str, int]:
    """A new token and the second it expires. `host_session` is the digest. Arguments must be checked already (`links`), all
    but `jti`, which is a random one where none is given.
    """
    issued = int(now)
    claims: dict[str, Any] = {
        "v": _VERSION,
        "typ": _PURPOSE,
        "aud": config.base_url,
        "cus": customer,
        "cacct": customer_account,
        "acct": account,
        "live": config.livemode,
        "scp": sorted(scopes),
        "flow": None if flow is None else flow.flow_data(),
        "conf": configuration,
        "obo": on_behalf_of,
        "also": list(customers) or None,
        "sub": actor,
        "host_sid": host_session,
        "loc": locale,
        "ret": return_url,
        "org": embed_origin,
        "renew": renewable_until,
        "iat": issued,
        "us": int((now - issued) * 1_000_000),
        "exp": issued + ttl,
        "jti": secrets.token_urlsafe(16) if jti is None else jti,
    }
    present = {name: value for name, value in claims.items() if value is not None}
    return keys.sign(config, _PURPOSE, present), issued + ttl


def verify(config: PortalConfig, token: object, now: float, *, expired_ok: bool = False) -> Handover:
    """What `token` says, or `LinkRefused` with a one-word reason.

    Whether it was used before is not known here: `Entrance` asks that last. `expired_ok` is for the browser that
    already holds the session this very link made.
    """
    try:
        claims = keys.unsign(config, _PURPOSE, token)
    except keys.Unsigned as refused:
        raise LinkRefused(str(refused)) from None
    if type(claims.get("v")) is not int or claims["v"] != _VERSION or claims.get("typ") != _PURPOSE:
        raise LinkRefused("type")
    if not isinstance(claims.get("aud"), str) or claims["aud"] != config.base_url:
        raise LinkRefused("audience")
    issued, expires = _check_times(claims, now, expired_ok=expired_ok)
    customer_account = _optional(claims, "cacct", ACCOUNT, "customer")
    if customer_account is not None and claims.get("cus") is not None:
        raise LinkRefused("customer")
    if claims.get("live") is not config.livemode:
        raise LinkRefused("livemode")
    return Handover(
        jti=_text(claims, "jti", _JTI, "claims"),
        customer=customer_account or _text(claims, "cus", CUSTOMER, "customer"),
        customer_account=customer_account,
        account=_optional(claims, "acct", ACCOUNT, "account"),
        livemode=config.livemode,
        scopes=_check_scopes(claims),
        flow=_check_flow(config, claims),
        configuration=_optional(claims, "conf", CONFIGURATION, "configuration"),
        on_behalf_of=_optional(claims, "obo", ACCOUNT, "on_behalf_of"),
        customers=_check_customers(claims),
        actor=_check_actor(claims),
        host_session=_optional(claims, "host_sid", _DIGEST, "host_session"),
        locale=_known_locale(claims),
        return_url=_check_return_url(config, claims),
        embed_origin=_check_embed_origin(config, claims),
        renewable_until=min(_check_renewal(claims), issued + LASTING_LIFE),
        issued=issued,
        expires=expires,
    )


def _check_times(claims: dict[str, Any], now: float, *, expired_ok: bool) -> tuple[float, int]:
    issued, expires, fraction = claims.get("iat"), claims.get("exp"), claims.get("us", 0)
    # `type() is int` and not isinstance: True is an int too.
    if (
        type(issued) is not int
        or type(expires) is not int
        or type(fraction) is not int
        or not 0 <= fraction < 1_000_000
    ):
        raise LinkRefused("claims")
    if issued < 0 or issued > now + CLOCK_SKEW or not issued < expires <= issued + LONGEST_LIFE:
        raise LinkRefused("lifetime")
    if now >= expires + CLOCK_SKEW and not expired_ok:
        raise LinkRefused("expired")
    return issued + fraction / 1_000_000, expires


def _check_scopes(claims: dict[str, Any]) -> frozenset[str]:
    scopes = claims.get("scp")
    if (
        not isinstance(scopes, list)
        or not scopes
        or not all(isinstance(scope, str) and scope in SCOPES for scope in scopes)
    ):
        raise LinkRefused("scopes")
    return frozenset(scopes)


def _check_customers(claims: dict[str, Any]) -> tuple[str, ...]:
    customers = claims.get("also", [])
    if not isinstance(customers, list) or len(customers) > MOST_CUSTOMERS or not all(map(is_customer, customers)):
        raise LinkRefused("customers")
    return tuple(customers)


def _check_flow(config: PortalConfig, claims: dict[str, Any]) -> Flow | None:
    if claims.get("flow") is None:
        return None
    try:
        return flows.parse(claims["flow"], config.allowed_return_origins)
    except ValueError:
        raise LinkRefused("flow") from None


def _check_actor(claims: dict[str, Any]) -> str | None:
    actor = claims.get("sub")
    if actor is not None and not is_actor(actor):
        raise LinkRefused("actor")
    return actor


def is_customer(customer: object) -> TypeGuard[str]:
    """A Stripe customer id, by its form."""
    return isinstance(customer, str) and CUSTOMER.fullmatch(customer) is not None


def is_account(account: object) -> TypeGuard[str]:
    """A Stripe account id, by its form."""
    return isinstance(account, str) and ACCOUNT.fullmatch(account) is not None


def is_actor(actor: object) -> TypeGuard[str]:
    """A host's user id: 1 to 128 printable characters."""
    return isinstance(actor, str) and 0 < len(actor) <= _LONGEST_ACTOR and actor.isprintable()


def _known_locale(claims: dict[str, Any]) -> str | None:
    """An unknown locale is no reason to keep a customer out: they read the default."""
    locale = claims.get("loc")
    return locale if isinstance(locale, str) and locale in LOCALES and locale != "auto" else None


def _check_return_url(config: PortalConfig, claims: dict[str, Any]) -> str | None:
    url = claims.get("ret")
    if url is not None and safe_return_url(url, config.allowed_return_origins) is None:
        raise LinkRefused("return_url")
    return url


def _check_embed_origin(config: PortalConfig, claims: dict[str, Any]) -> str | None:
    origin = claims.get("org")
    if origin is not None and not (is_exact_origin(origin) and origin in config.embed_origins):
        raise LinkRefused("embed_origin")
    return origin


def _check_renewal(claims: dict[str, Any]) -> float:
    """Seconds since 1970; 0 for a link that dies for good, infinity for one without a deadline of its own (written as -1)."""
    until = claims.get("renew", 0)
    if type(until) is not int:
        raise LinkRefused("claims")
    return math.inf if until == FOR_EVER else float(until)


def _text(claims: dict[str, Any], name: str, form: re.Pattern[str], reason: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise LinkRefused(reason)
    return value


def _optional(claims: dict[str, Any], name: str, form: re.Pattern[str], reason: str) -> str | None:
    return None if claims.get(name) is None else _text(claims, name, form, reason)
