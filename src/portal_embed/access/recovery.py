"""The link of a dunning mail: it opens one customer's unpaid bills, as often as it is used, for as long as money is owed.

Mails are read late, so it lives for a year; what it opens is only paying. The host ends it like every session, with
`end_sessions(customer=…)`, which the store remembers for longer than the link can live.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Required, TypedDict

from portal_embed.access import keys, tokens
from portal_embed.access.flows import Flow
from portal_embed.access.locales import LOCALES
from portal_embed.access.return_url import safe_return_url
from portal_embed.access.scopes import INVOICES_PAY, PAYMENT_METHODS_WRITE, expand
from portal_embed.errors import LinkRefused

if TYPE_CHECKING:
    from portal_embed.access.tokens import Handover
    from portal_embed.config import PortalConfig

RECOVERY = Flow(type="recovery")
SCOPES = expand([INVOICES_PAY, PAYMENT_METHODS_WRITE, "subscriptions:read", "customer:read"])

ASKED_LIFE = 7 * 24 * 60 * 60
"""Seconds of a link that somebody asked for, at `/recover`."""
_PURPOSE = "recovery"


class RecoveryArguments(TypedDict, total=False):
    """The keywords of `create_recovery_link`, for editors and type checkers."""

    customer: Required[str]
    stripe_account: str | None
    return_url: str | None
    locale: str | None


def create_link(
    config: PortalConfig,
    *,
    customer: str,
    stripe_account: str | None = None,
    return_url: str | None = None,
    locale: str | None = None,
    email: str | None = None,
    now: float | None = None,
) -> str:
    """The address for a mail to `customer` ("cus_…"). Local and sync, as `create_session` is, whose keywords these are.

    `email`: for a link that somebody asked for themselves; it then works for a week, and only while that is the customer's.

    Raises ValueError with one sentence for a wrong argument.
    """
    if not tokens.is_customer(customer):
        raise ValueError("customer must be a Stripe customer id such as cus_NffrFeUfNV2Hib.")
    if stripe_account is not None and not tokens.is_account(stripe_account):
        raise ValueError("stripe_account must be a Stripe account id such as acct_1032D82eZvKYlo2C.")
    if return_url is not None and safe_return_url(return_url, config.allowed_return_origins) is None:
        raise ValueError(
            "return_url must be a path such as /account, or an address on an origin listed in PORTAL_RETURN_ORIGINS."
        )
    if locale is not None and locale not in LOCALES:
        raise ValueError(f"locale {locale!r} is not one of Stripe's: use one such as de, en-GB or auto.")
    issued = time.time() if now is None else now
    claims: dict[str, Any] = {
        "aud": config.base_url,
        "cus": customer,
        "acct": stripe_account,
        "live": config.livemode,
        "ret": return_url,
        "loc": None if locale == "auto" else locale,
        "iat": int(issued * 1_000_000),
        "to": None if email is None else reader(email),
    }
    token = keys.sign(config, _PURPOSE, {name: value for name, value in claims.items() if value is not None})
    return f"{config.base_url}/recover/{token}"


def verify(config: PortalConfig, token: object, now: float) -> Handover:
    """What a link opens. Raises `LinkRefused`; whether money is owed, and whether the host ended it, is not known here."""
    try:
        claims = keys.unsign(config, _PURPOSE, token)
    except keys.Unsigned as refused:
        raise LinkRefused(str(refused)) from None
    if claims.get("aud") != config.base_url or claims.get("live") is not config.livemode:
        raise LinkRefused("audience")
    issued = claims["iat"] / 1_000_000
    if now >= issued + (ASKED_LIFE if "to" in claims else tokens.LASTING_LIFE):
        raise LinkRefused("expired")
    return_url = claims.get("ret")
    if return_url is not None and safe_return_url(return_url, config.allowed_return_origins) is None:
        return_url = None  # the settings have changed since the mail went out, which is no reason not to take the money
    return tokens.Handover(
        jti="",
        customer=claims["cus"],
        account=claims.get("acct"),
        livemode=config.livemode,
        scopes=SCOPES,
        flow=RECOVERY,
        locale=claims.get("loc"),
        return_url=return_url,
        issued=issued,
        expires=0,
    )


def only_for(config: PortalConfig, token: object) -> str | None:
    """The `reader` that a verified link is for, None for whoever has it."""
    found = keys.unsign(config, _PURPOSE, token).get("to")
    return str(found) if found is not None else None


def reader(email: str) -> str:
    """An address, hashed: links hold none in clear."""
    return keys.digest("reader", email)[:22]
