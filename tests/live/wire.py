"""The way of every call of an errand: held to what is ours, slowed down, and written down."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

from tests.live.safety import Ours

API_VERSION = "2026-10-28.endive"
SLOWLY = 1 / 15
"""Seconds between two calls to Stripe: below 20 a second."""

_TRIES = 6

Exchange = dict[str, Any]
"""method, path, params (name → value as sent), status, body."""


class Wire(stripe.RequestsClient):
    """An HTTP client for the SDK that keeps what was said in `exchanges`, and in `made` the objects to clean up."""

    def __init__(self, pause: float) -> None:
        """Let `pause` seconds pass between two calls."""
        super().__init__()
        self.exchanges: list[Exchange] = []
        self.made: list[dict[str, Any]] = []
        self._ours = Ours()
        self._pause = pause
        self._backoff = 1.0 if pause else 0.01
        self._next = 0.0
        self._quiet = False

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """One call. Raises Refused, and sends nothing, when it would touch what is not ours."""
        split = urlsplit(url)
        path = split.path[split.path.index("/v1/") :]
        sent = (post_data if method == "post" else split.query) or ""
        self._ours.check(method, path, sent)
        for attempt in range(_TRIES):
            self._wait()
            try:
                content, status, answered = super().request(method, url, headers, post_data)
            except stripe.APIConnectionError:
                # The same call with the same idempotency key: else something might be made that nobody knows of.
                if attempt == _TRIES - 1:
                    raise
            else:
                if status != 429 or attempt == _TRIES - 1:
                    break
            rest(self._backoff * 2.0**attempt)
        text = content.decode() if isinstance(content, bytes) else content
        body = json.loads(text)
        self._ours.learn(text)
        if method == "post" and status == 200:
            self._remember(body)
        if not self._quiet:
            params = dict(parse_qsl(sent, keep_blank_values=True))
            self.exchanges.append(
                {"method": method.upper(), "path": path, "params": params, "status": status, "body": body}
            )
        return content, status, answered

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Keep nothing of what is said inside: moving a clock and cleaning up are no part of an errand."""
        self._quiet, before = True, self._quiet
        try:
            yield
        finally:
            self._quiet = before

    def _remember(self, body: dict[str, Any]) -> None:
        known = {made["id"] for made in self.made}
        if body.get("id") and body["id"] not in known:
            self.made.append({"id": body["id"], "object": body.get("object")})
        if body.get("object") == "price" and body["product"] not in known:
            self.made.append({"id": body["product"], "object": "product"})

    def _wait(self) -> None:
        now = time.monotonic()
        if now < self._next:
            rest(self._next - now)
        self._next = time.monotonic() + self._pause


def rest(seconds: float) -> None:
    """Wait."""
    threading.Event().wait(seconds)


def client_on(wire: Wire, key: str, api_base: str | None = None) -> stripe.StripeClient:
    """Stripe's client over this wire, at Stripe itself or at a sandbox."""
    options: dict[str, Any] = {}
    if api_base:
        options["base_addresses"] = {"api": api_base, "files": api_base, "connect": api_base}
    return stripe.StripeClient(key, stripe_version=API_VERSION, http_client=wire, max_network_retries=0, **options)
