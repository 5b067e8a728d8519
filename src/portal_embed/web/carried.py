"""Going on without a cookie: where a browser keeps none in a frame, the next page is the answer to the form itself.

A redirect would arrive without the session, which travels in forms and a header there. So what a form leads to is made at
once, as if the browser had asked for it; the frame's script then writes its address into the history.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from portal_embed.access.requests import header_map

if TYPE_CHECKING:
    from portal_embed.access.requests import ASGIApp, Message, Receive, Scope, Send
    from portal_embed.access.session import Session

MOST_STEPS = 5
"""Redirects that are followed here; no deed of ours leads on through more than two."""
_OF_THE_FORM = ("portal.fields", "portal.terms", "portal.locale", "path_params", "endpoint", "route")


class Carried:
    """ASGI middleware between the guard and the pages."""

    def __init__(self, app: ASGIApp, mount_path: str) -> None:
        """`mount_path`: where the portal stands, "/billing"."""
        self._app = app
        self._mount = mount_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and what it leads to."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        for _ in range(MOST_STEPS):
            answer = _Held(scope, send, self._mount)
            await self._app(scope, receive, answer.send)
            if answer.leads_to is None:
                return
            receive = _nothing
            _turn_to(scope, answer.leads_to)
        await self._app(scope, receive, send)  # whatever it is now, redirects included


class _Held:
    """The way out, which keeps back a redirect that a carried session would get lost on."""

    def __init__(self, scope: Scope, send: Send, mount: str) -> None:
        self._scope = scope
        self._send = send
        self._mount = mount
        self._by_htmx = "hx-request" in header_map(scope)
        self._is_turned = scope.get("portal.turned", False)
        self.leads_to: str | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 303:
            session: Session | None = self._scope["portal.session"]
            location = next(value for name, value in message["headers"] if name.lower() == b"location").decode(
                "latin-1"
            )
            if session is not None and session.carried and location.startswith(f"{self._mount}/"):
                self.leads_to = location
        if self.leads_to is not None:
            return
        if message["type"] == "http.response.start" and self._is_turned and self._by_htmx:
            query = self._scope["query_string"].decode("latin-1")
            address = self._scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
            message = {**message, "headers": [*message["headers"], (b"hx-push-url", address.encode("latin-1"))]}
        await self._send(message)


def _turn_to(scope: Scope, location: str) -> None:
    """Make of the request the one that the browser would have made next. In place: the headers are written from this scope."""
    parts = urlsplit(location)
    for name in _OF_THE_FORM:
        scope.pop(name, None)
    scope.update(
        {"portal.turned": True},
        method="GET",
        path=unquote(parts.path),
        raw_path=parts.path.encode("latin-1"),
        query_string=parts.query.encode("latin-1"),
        headers=[(name, value) for name, value in scope["headers"] if not name.lower().startswith(b"content-")],
    )


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
