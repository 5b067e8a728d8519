"""How a call travels to Stripe: the official SDK's client, our pinned version, our structs, our errors.

Reads and writes go through `raw_request_async`, which every SDK since 11 has, so the package installs beside whatever
SDK the host uses; the body is decoded straight into our structs (building the SDK's own objects was measured at 78 %
of a read's CPU time; `bodies` spares the rest of it).
"""

from __future__ import annotations

import asyncio
import logging
import random
import weakref
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import msgspec
import stripe

from portal_embed.billing.stripe.bodies import BodyKeepingClient, kept_bodies
from portal_embed.billing.stripe.errors import NoAnswer, ours
from portal_embed.errors import PortalError, RateLimited, StripeMisconfigured, StripeUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger("portal_embed.stripe")

API_VERSION = "2026-10-28.endive"
"""The version of Stripe's API that every call asks for, whatever the installed SDK's own default is."""

TIMEOUT_SECONDS = 10
RETRIES = 2
RATE_LIMIT_PAUSES = (0.3, 0.9)
"""Seconds (plus jitter) before trying again after a 429, which the SDK never retries by itself."""

T = TypeVar("T")


class StripeClient:
    """Calls to one Stripe account with one key.

    Holds one HTTP session per event loop, made on first use (a mounted app's lifespan never runs) and closed by
    `aclose`.
    """

    def __init__(self, *, secret_key: str, api_base: str, account: str | None = None) -> None:
        """`secret_key`: "sk_…" or "rk_…". `api_base`: Stripe's address, or a sandbox's. `account`: "acct_…" for Connect."""
        self._secret_key = secret_key
        self._api_base = api_base
        self._account = account
        self._by_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Connection] = weakref.WeakKeyDictionary()

    async def get(self, kind: type[T], path: str, **params: Any) -> T:
        """Read. `kind` is the struct to decode into; `params` as the SDK takes them (nested dicts and lists)."""
        return await self._call(kind, "get", path, params, key=None)

    async def post(self, kind: type[T], path: str, *, key: str | None, **params: Any) -> T:
        """Write, at most once: `key` is the idempotency key (None only for previews, which change nothing)."""
        return await self._call(kind, "post", path, params, key=key)

    async def delete(self, kind: type[T], path: str, **params: Any) -> T:
        """Delete. Stripe takes no idempotency key here: the caller re-reads before and after."""
        return await self._call(kind, "delete", path, params, key=None)

    async def aclose(self) -> None:
        """Close this event loop's HTTP session."""
        connection = self._by_loop.pop(asyncio.get_running_loop(), None)
        if connection is not None:
            await connection.aclose()

    async def _call(self, kind: type[T], method: str, path: str, params: Mapping[str, Any], *, key: str | None) -> T:
        options: dict[str, Any] = {name: _spelled(value) for name, value in params.items()}
        if key is not None:
            options["idempotency_key"] = key
        if self._account is not None:
            options["stripe_account"] = self._account
        writes = method == "delete" or key is not None
        for pause in (*RATE_LIMIT_PAUSES, None):
            try:
                body = await self._connection().send(method, path, options)
            except stripe.StripeError as error:
                translated = ours(error, writes=writes)
                if isinstance(translated, RateLimited) and pause is not None:
                    await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  (jitter, not a secret)
                    continue
                logger.log(
                    _level(translated, error.code),
                    "Stripe answered %s %s with %s (%s, request %s)",
                    *(method.upper(), path.split("?", maxsplit=1)[0], error.http_status, error.code, error.request_id),
                )
                raise translated from error
            except (TimeoutError, aiohttp.ClientError) as error:
                logger.warning("Stripe did not answer %s %s: %r", method.upper(), path, error)
                raise NoAnswer(repr(error), outcome_unknown=writes) from error
            return _decode(kind, body, writes=writes)
        raise AssertionError("unreachable")  # pragma: no cover

    def _connection(self) -> _Connection:
        loop = asyncio.get_running_loop()
        connection = self._by_loop.get(loop)
        if connection is None:
            connection = self._by_loop[loop] = _Connection(self._secret_key, self._api_base)
        return connection


def _level(error: PortalError, code: str | None) -> int:
    """How loud a refusal is. That nothing is going to be billed is an answer like any other."""
    if code == "invoice_upcoming_none":
        return logging.DEBUG
    return logging.ERROR if isinstance(error, StripeMisconfigured) else logging.WARNING


class _Connection:
    """The SDK's client with an HTTP session of this event loop."""

    def __init__(self, secret_key: str, api_base: str) -> None:
        self._http = BodyKeepingClient(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        self._client = stripe.StripeClient(
            secret_key,
            stripe_version=API_VERSION,
            base_addresses={"api": api_base},
            http_client=self._http,
            max_network_retries=RETRIES,
        )

    async def send(self, method: str, path: str, options: Mapping[str, Any]) -> bytes:
        bodies: list[bytes] = []
        kept_bodies.set(bodies)
        await self._client.raw_request_async(method, path, **options)
        return bodies[-1]

    async def aclose(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]


def _spelled(value: Any) -> Any:
    """Booleans as Stripe spells them: SDK 11 would send Python's "True"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return {name: _spelled(inner) for name, inner in value.items()}
    return [_spelled(inner) for inner in value] if isinstance(value, list) else value


def _decode(kind: type[T], body: bytes, *, writes: bool) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        logger.exception("Stripe sent a body that %s does not describe", kind)
        raise StripeUnavailable(f"undecodable answer: {error}", outcome_unknown=writes) from error
