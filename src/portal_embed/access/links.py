"""`create_session`: one local call, as Stripe's `billing_portal.sessions.create` reads, that makes the link a host redirects to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

from portal_embed.access import tokens
from portal_embed.access.flows import OURS, parse
from portal_embed.access.locales import LOCALES
from portal_embed.access.return_url import safe_return_url
from portal_embed.access.scopes import expand
from portal_embed.config.configuration import is_stripes_configuration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal_embed.access.flows import Flow
    from portal_embed.config import PortalConfig


@dataclass(frozen=True)
class PortalSession:
    """What `create_session` answers. Redirect the customer to `url` at once: it works a single time.

    `expires_at` is in seconds since 1970. The URL lets its holder in, so it is left out of `repr`: do not log it.
    """

    url: str = field(repr=False)
    expires_at: int


class SessionArguments(TypedDict, total=False):
    """The keywords of `create_session`, for editors and type checkers."""

    customer: str | None
    customer_account: str | None
    configuration: str | None
    return_url: str | None
    locale: str | None
    flow_data: Any
    on_behalf_of: str | None
    after_expiration: Any
    expand: list[str] | None
    scopes: str | Iterable[str] | None
    actor: str | None
    host_session: str | None
    customers: Iterable[str]
    embed_origin: str | None
    stripe_account: str | None
    ttl: int


def create_session(
    config: PortalConfig,
    *,
    customer: str | None = None,
    customer_account: str | None = None,
    configuration: str | None = None,
    return_url: str | None = None,
    locale: str | None = None,
    flow_data: Any = None,
    on_behalf_of: str | None = None,
    after_expiration: Any = None,
    expand: list[str] | None = None,
    scopes: str | Iterable[str] | None = None,
    actor: str | None = None,
    host_session: str | None = None,
    customers: Iterable[str] = (),
    embed_origin: str | None = None,
    stripe_account: str | None = None,
    ttl: int = tokens.LONGEST_LIFE,
    now: float | None = None,
    jti: str | None = None,
) -> PortalSession:
    """A single-use link into the portal for `customer` ("cus_…"). Local and sync: no Stripe call, no event loop, any
    process.

    The first nine keywords are Stripe's. Ours: `scopes` (a role such as "view", or scopes), `actor` (who acts: your
    user's id), `host_session` (your session's id; `end_sessions(host_session=…)` then ends this one with it),
    `customers` (all the customers of the same Stripe account that this user manages, to switch between, at most 20),
    `embed_origin` (the page that will frame the portal), `stripe_account` ("acct_…" of a connected account), `ttl`
    (seconds, 1 to 300). `jti` is for a link that has an id already, see `jwt_tokens`.

    Raises ValueError with one sentence when an argument is wrong, or is one of Stripe's that this version does not know
    yet.
    """
    del expand  # nothing in the answer is expandable; accepted so that a call written for Stripe runs unchanged
    _check_customer(customer, customer_account)
    if stripe_account is not None and not tokens.is_account(stripe_account):
        raise ValueError("stripe_account must be a Stripe account id such as acct_1032D82eZvKYlo2C.")
    if on_behalf_of is not None and not tokens.is_account(on_behalf_of):
        raise ValueError("on_behalf_of must be a Stripe account id such as acct_1032D82eZvKYlo2C.")
    if type(ttl) is not int or not 1 <= ttl <= tokens.LONGEST_LIFE:
        raise ValueError(f"ttl must be 1 to {tokens.LONGEST_LIFE} seconds.")
    if host_session is not None and not _is_text(host_session):
        raise ValueError("host_session must be a non-empty string: your session's id.")
    token, expires_at = tokens.create(
        config,
        customer=customer,
        customer_account=customer_account,
        account=stripe_account,
        scopes=_scopes(scopes),
        flow=_flow(config, flow_data),
        configuration=_configuration(config, configuration),
        on_behalf_of=on_behalf_of,
        customers=_customers(customer, customers),
        actor=_actor(actor),
        host_session=None if host_session is None else tokens.host_session_digest(host_session),
        locale=_locale(locale),
        return_url=_return_url(config, return_url),
        embed_origin=_embed_origin(config, embed_origin),
        renewable_until=_renewable_until(config, after_expiration),
        ttl=ttl,
        now=time.time() if now is None else now,
        jti=jti,
    )
    return PortalSession(url=f"{config.base_url}/enter?token={token}", expires_at=expires_at)


_scopes = expand


def _flow(config: PortalConfig, flow_data: Any) -> Flow | None:
    if flow_data is None:
        return None
    flow = parse(flow_data, config.allowed_return_origins)
    if flow.type == OURS:
        raise ValueError("flow_data.type recovery is not one of Stripe's: use create_recovery_link.")
    return flow


def _customers(customer: str | None, customers: Iterable[str]) -> tuple[str, ...]:
    """The customers to switch between, the one the link is for first; none when there is no other."""
    if isinstance(customers, str):
        raise ValueError("customers must be a list of Stripe customer ids, not one string.")  # noqa: TRY004  (see below)
    named = tuple(dict.fromkeys([customer, *customers] if customer is not None else customers))
    if not all(map(tokens.is_customer, named)):
        raise ValueError("customers must hold Stripe customer ids such as cus_NffrFeUfNV2Hib.")
    if len(named) > tokens.MOST_CUSTOMERS:
        raise ValueError(f"customers names more than {tokens.MOST_CUSTOMERS}: a session can carry no more.")
    return tuple(str(name) for name in named) if len(named) > 1 else ()


def _check_customer(customer: str | None, customer_account: str | None) -> None:
    if customer is not None and customer_account is not None:
        raise ValueError("customer and customer_account name the same thing: give one of the two.")
    if customer_account is not None and not tokens.is_account(customer_account):
        raise ValueError("customer_account must be the id of an Account such as acct_1032D82eZvKYlo2C.")
    if customer_account is None and not tokens.is_customer(customer):
        raise ValueError("customer must be a Stripe customer id such as cus_NffrFeUfNV2Hib.")


def is_configuration(config: PortalConfig, name: str) -> bool:
    """Whether `name` is one of the host's own configurations, or names one of Stripe's ("bpc_…", "default")."""
    return name in config.configurations or is_stripes_configuration(name)


def _configuration(config: PortalConfig, name: str | None) -> str | None:
    if name is not None and not is_configuration(config, name):
        raise ValueError(
            f"configuration {name!r} is neither one of Stripe's (bpc_…) nor one of PortalConfig(configurations=…)."
        )
    return name


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _actor(actor: str | None) -> str | None:
    if actor is not None and not tokens.is_actor(actor):
        raise ValueError("actor must be 1 to 128 printable characters: your user's id.")
    return actor


def _locale(locale: str | None) -> str | None:
    if locale is not None and locale not in LOCALES:
        raise ValueError(f"locale {locale!r} is not one of Stripe's: use one such as de, en-GB or auto.")
    return None if locale == "auto" else locale


def _return_url(config: PortalConfig, url: str | None) -> str | None:
    if url is not None and safe_return_url(url, config.allowed_return_origins) is None:
        raise ValueError(
            "return_url must be a path such as /account, or an address on an origin listed in PORTAL_RETURN_ORIGINS."
        )
    return url


def _renewable_until(config: PortalConfig, after_expiration: Any) -> int | None:
    """`after_expiration` as Stripe has it: `{"type": "customer_login", "customer_login": {"expires_at": …}}`."""
    if after_expiration is None:
        return None
    if not isinstance(after_expiration, Mapping) or after_expiration.get("type") != "customer_login":
        raise ValueError(
            'after_expiration must be {"type": "customer_login"}, with customer_login.expires_at if you like.'
        )
    if not config.can_mail:
        raise ValueError("after_expiration needs mail: give PortalConfig mail=, or PORTAL_SMTP_URL.")
    until = (after_expiration.get("customer_login") or {}).get("expires_at")
    if until is None:
        return tokens.FOR_EVER
    if type(until) is not int or until <= 0:
        raise ValueError("after_expiration.customer_login.expires_at must be a time in whole seconds since 1970.")
    return int(until)


def _embed_origin(config: PortalConfig, origin: str | None) -> str | None:
    if origin is not None and origin not in config.embed_origins:
        raise ValueError("embed_origin must be one of the origins listed in PORTAL_EMBED_ORIGINS.")
    return origin
