"""One API call from bytes to bytes: key, version, route, parameters, idempotency, failures on demand, answer."""

import asyncio
import logging
import time
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.types import Receive, Scope, Send

from portal_embed.sandbox.faults import Fault, pieces, too_many
from portal_embed.sandbox.wire import forms, keys
from portal_embed.sandbox.wire.errors import StripeError, unknown_url
from portal_embed.sandbox.wire.expand import expanded
from portal_embed.sandbox.wire.params import typed
from portal_embed.sandbox.wire.router import Call, Route, find
from portal_embed.sandbox.world import API_VERSION
from portal_embed.sandbox.worlds import Account, Realm

LOG = logging.getLogger("portal_embed.sandbox")
CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Request-Id, Stripe-Should-Retry"),
]
"""Stripe.js calls the API from the host page's origin, and Stripe answers every origin."""
_ALWAYS = {"expand": [str]}


class Cut(Exception):
    """The connection is to be cut instead of answered."""


class Api:
    """Answers everything under `/v1/`."""

    async def __call__(self, realm: Realm, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(realm, path, scope, await _body(receive))
        try:
            await exchange.run()
        except Cut:
            await _cut(send)
            return
        finally:
            exchange.log()
        headers = [*exchange.response_headers(), *CORS]
        await send({"type": "http.response.start", "status": exchange.status, "headers": headers})
        if exchange.fault is not None and exchange.fault.drip:
            parts = list(pieces(exchange.body))
            for part in parts:
                await asyncio.sleep(exchange.fault.drip / len(parts))
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        elif exchange.fault is not None and exchange.fault.truncated:
            half = exchange.body[: len(exchange.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            await _hang_up(send)
        else:
            await send({"type": "http.response.body", "body": exchange.body})


class Exchange:
    """One request and the answer in the making."""

    def __init__(self, realm: Realm, path: str, scope: Scope, body: bytes) -> None:
        """Read what the request says of itself; nothing is checked yet."""
        self.started = time.monotonic()
        self.realm = realm
        self.path = path
        self.method: str = scope["method"]
        self.query: str = scope["query_string"].decode()
        self.sent = body
        self.headers: dict[str, str] = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        owner = realm.owners.get(keys.api_key(self.headers.get("authorization"))) if realm.owners else None
        self.account: Account = realm.account(self.headers.get("stripe-account") or owner)
        self.world = self.account.world
        self.key = self.headers.get("idempotency-key") if self.method == "POST" else None
        self.request_id = self.world.new_id("req_")
        self.original = self.request_id
        self.replayed = False
        self.status = 0
        self.body = b""
        self.fault: Fault | None = None
        self.limited = ""

    async def run(self) -> None:
        """Make the answer; every refusal becomes a body in Stripe's shape."""
        trouble = self.realm.trouble
        self.fault = fault = trouble.due(self.method, self.path) if trouble.faults else None
        try:
            call, route = self._understood()
            self._count(route)
            repeated = self.key is not None and self._repeat(self.key)
            try:
                if trouble.latency.seconds:
                    await asyncio.sleep(trouble.latency.next(self.method))
                if repeated:
                    return
                await self._suffer(fault, "before")
            except BaseException:
                if self.key:
                    self.account.keys.forget(self.key)
                raise
            if fault is not None and fault.stale:
                with self.world.before_last_write():
                    self._execute(call, route, fault)
            else:
                self._execute(call, route, fault)
            await self._suffer(fault, "after")
        except StripeError as error:
            self._answer(error.status, error.body(self._log_url()))
        except Cut:
            raise
        except Exception as error:  # a mistake in the sandbox: say so, in a shape that clients can read
            LOG.exception("%s %s", self.method, self.path)
            failure = StripeError(f"The sandbox itself failed: {error!r}", status=500, type="api_error")
            self._answer(500, failure.body(self._log_url()))

    def _count(self, route: Route) -> None:
        """Refuse the call when it is one too many for the limits that are switched on."""
        operation = f"{route.method} {route.pattern}"
        reason = self.realm.trouble.limits.exceeded(self.world.account_id, operation, self.realm.clock.frozen)
        if reason is not None:
            self.limited = reason
            raise too_many("rate_limit")

    def _understood(self) -> tuple[Call, Route]:
        raw = forms.decode(self.query)
        if self.sent:
            raw.update(forms.decode(self.sent.decode()))
        key = keys.api_key(self.headers.get("authorization"), raw.pop("key", None))
        if not key:
            keys.key_kind(key, "any")
        raw.pop("_stripe_account", None)
        if not self.path.startswith("/v1/"):
            raise unknown_url(self.method, self.path)
        try:
            route, ids = find(self.method, self.path)
        except StripeError:
            keys.key_kind(key, "any")
            raise
        kind = keys.key_kind(key, route.key)
        self.realm.trouble.permissions.check(key, self.method, self.path, self.world.account_id)
        keys.check_version(self.headers.get("stripe-version") or raw.pop("_stripe_version", None))
        params = typed(raw, {**route.accepts, **_ALWAYS})
        expand = params.pop("expand", [])
        call = Call(self.world, self.method, self.path, ids, params, kind, self.key, expand)
        return call, route

    def _repeat(self, key: str) -> bool:
        kept = self.account.keys.begin(key, self.path, self.sent, self.request_id)
        if kept is None:
            return False
        self.original, self.replayed = kept.request_id, True
        self.status, self.body = kept.status, kept.body
        return True

    async def _suffer(self, fault: Fault | None, when: str) -> None:
        if fault is None or fault.when != when:
            return
        await asyncio.sleep(fault.delay)
        if fault.reset:
            raise Cut
        if fault.status is not None:
            raise fault.error()

    def _execute(self, call: Call, route: Route, fault: Fault | None) -> None:
        self.world.request_id, self.world.idempotency_key = self.request_id, self.key
        try:
            with self.world.atomic():
                answer = route.handler(call)
                if call.expand:
                    answer = expanded(self.world, answer, call.expand)
            self._answer(200, answer)
        except StripeError as error:
            self._answer(error.status, error.body(self._log_url()))
        except BaseException:
            if self.key:
                self.account.keys.forget(self.key)
            raise
        finally:
            self.world.request_id = self.world.idempotency_key = None
        if self.key:
            status, body = self.status, self.body
            if fault is not None and fault.when == "after" and fault.status == 500 and not fault.reset:
                status, body = 500, msgspec.json.encode(fault.error().body(self._log_url()))
            self.account.keys.finish(self.key, status, body)

    def _answer(self, status: int, body: Any) -> None:
        self.status, self.body = status, msgspec.json.encode(body)

    def _log_url(self) -> str:
        return f"https://dashboard.stripe.com/{self.world.account_id}/test/workbench/logs?object={self.request_id}"

    def response_headers(self) -> list[tuple[bytes, bytes]]:
        """Stripe's headers; those about idempotency on POST only."""
        headers = {
            "content-type": "application/json",
            "content-length": str(len(self.body)),
            "cache-control": "no-cache, no-store",
            "request-id": self.request_id,
            "stripe-version": API_VERSION,
        }
        if self.limited:
            headers["stripe-rate-limited-reason"] = self.limited
        if "stripe-account" in self.headers:
            headers["stripe-account"] = self.headers["stripe-account"]
        if self.key:
            headers["idempotency-key"] = self.key
            headers["original-request"] = self.original
            if self.replayed:
                headers["idempotent-replayed"] = "true"
        if self.status in (409, 429) or self.status >= 500:
            # A conflict and a failure are worth another try; a 429 is left to the client's own judgement.
            if self.status != 429:
                headers["stripe-should-retry"] = "true"
        elif self.method == "POST":
            headers["stripe-should-retry"] = "false"
        return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]

    def log(self) -> None:
        """Note the call for `told`; `started` and `ended` are seconds of one clock, to see which calls ran together."""
        self.realm.trouble.log.append(
            {
                "method": self.method,
                "path": self.path,
                "query": self.query,
                "form": self.sent,
                "status": self.status,
                "idempotency_key": self.key,
                "request_id": self.request_id,
                "replayed": self.replayed,
                "account": self.headers.get("stripe-account"),
                "started": self.started,
                "ended": time.monotonic(),
            }
        )


def told(logged: dict[str, Any]) -> dict[str, Any]:
    """A logged call with its query and form read, each name with its last value."""
    query, form = parse_qs(logged["query"]), parse_qs(logged["form"].decode("utf-8", "replace"))
    return {
        **logged,
        "query": {name: values[-1] for name, values in query.items()},
        "form": {name: values[-1] for name, values in form.items()},
    }


async def _hang_up(send: Send) -> None:
    """Send what was written so far, then close the connection though more was promised."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.close()
        await asyncio.sleep(0.01)


async def _cut(send: Send) -> None:
    """Drop the connection without a byte of an answer, as a broken network does.

    ASGI has no word for that, so uvicorn's own transport is asked; under another server the client gets a torn answer.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        raise Cut
    transport.abort()
    await asyncio.sleep(0.01)


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
