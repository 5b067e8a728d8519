"""A browser without JavaScript that talks to an ASGI app in this very process: cookies, redirects, a browser's headers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

from portal_embed.simulator.reading import Answer

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message

    from portal_embed.simulator.reading import Form

MOST_HOPS = 8
_NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "accept-language": "en"}


@dataclass(frozen=True)
class Raw:
    """One bare answer of an ASGI app."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """The header's first value, or ""."""
        return next((value for key, value in self.headers if key == name), "")


async def ask(app: ASGIApp, method: str, url: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Raw:
    """One request to an app, without any network."""
    parts = urlsplit(url)
    sent = {"host": parts.netloc, **(headers or {})}
    if body:
        sent["content-length"] = str(len(body))
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()],
        "client": ("127.0.0.1", 50_000),
        "server": (parts.hostname, parts.port or 80),
        "state": {},
    }
    messages: list[Message] = []
    unread = [body]

    async def receive() -> Message:
        if not unread:
            await asyncio.Event().wait()  # this browser never hangs up
        return {"type": "http.request", "body": unread.pop(), "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    start = messages[0]
    return Raw(
        start["status"],
        [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in start.get("headers", ())],
        b"".join(message.get("body", b"") for message in messages[1:]),
    )


class Browser:
    """One browser's cookies on one site. Its tabs share them."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        """A browser that has never been to `origin`, such as "http://localhost:8000"."""
        self._app = app
        self.origin = origin
        self._cookies: dict[str, str] = {}

    async def get(self, url: str) -> Answer:
        """Open an address, or one relative to the site, and follow where it leads."""
        return await self._follow("GET", urljoin(self.origin, url), {}, b"")

    async def send(self, form: Form, fields: dict[str, str]) -> Answer:
        """Submit a form with these fields."""
        url, data = urljoin(self.origin, form.action), urlencode(fields)
        if form.method == "get":
            return await self._follow("GET", f"{url.partition('?')[0]}?{data}", {}, b"")
        own = {
            "origin": self.origin,
            "sec-fetch-site": "same-origin",
            "content-type": "application/x-www-form-urlencoded",
        }
        return await self._follow("POST", url, own, data.encode())

    async def _follow(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        hops: list[tuple[int, str]] = []
        while True:
            raw = await self._once(method, url, headers, body)
            location = raw.header("location")
            if not location or len(hops) == MOST_HOPS:
                return Answer(urlsplit(url).path, raw.status, raw.body.decode("utf-8", "replace"), tuple(hops))
            hops.append((raw.status, location))
            method, url, headers, body = "GET", urljoin(url, location), {}, b""
            if not url.startswith(self.origin):  # a document at Stripe: nothing of ours to see there
                return Answer(urlsplit(url).path, 200, "", tuple(hops))

    async def _once(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Raw:
        sent = {**_NAVIGATION, **headers}
        if self._cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        raw = await ask(self._app, method, url, sent, body)
        for name, value in raw.headers:
            if name == "set-cookie":
                self._keep(value)
        return raw

    def _keep(self, line: str) -> None:
        for name, morsel in SimpleCookie(line).items():
            if morsel["max-age"] == "0" or not morsel.value:
                self._cookies.pop(name, None)
            else:
                self._cookies[name] = morsel.value
