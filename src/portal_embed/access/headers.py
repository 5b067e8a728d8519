"""`SecurityHeaders`: the outermost wrapper of the portal, through which every answer leaves.

Outermost because Starlette's own middleware does not see the 500 of its error handler, nor a refusal by another
wrapper. It makes the nonce and the request id, limits the body, checks that the portal stands where its settings say,
and has the last word on the headers.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from typing import TYPE_CHECKING

from portal_embed.access.csp import content_security_policy, framing_policy, permissions_policy
from portal_embed.access.last_resort import send_last_resort
from portal_embed.access.redaction import install_redaction
from portal_embed.access.requests import ASGIApp, Message, Receive, Scope, Send, header_map, route_path, whole_path
from portal_embed.errors import PortalError, TooLarge, TooSlow

if TYPE_CHECKING:
    from portal_embed.config import PortalConfig

logger = logging.getLogger("portal_embed")

LARGEST_BODY = 64 * 1024
"""Bytes. The largest form of the portal is a few hundred."""
LARGEST_EVENT = 1024 * 1024
"""Bytes of a webhook, which may hold an invoice of many lines."""

SLOWEST_BODY = 10.0
"""Seconds from the first byte asked for to the last one."""

_HASHED = re.compile(r"/static/[0-9a-f]{8,64}/.+")
_NEVER_FRAMED = ("/login", "/recover", "/email-change")
_FRAMED_IF_ALLOWED = {"/login", "/login/code", "/login/renewal", "/recover"}
_SHORT_LIVED = {"/embed.js", "/embed.d.ts", "/theme.css", "/pieces.css", "/pieces.js"}
_VARY = ("Cookie", "HX-Request", "HX-Request-Type", "X-Portal-Piece", "Sec-Fetch-Site")


class SecurityHeaders:
    """ASGI wrapper. Gives the scope `portal.nonce`, `portal.request_id`, `portal.session` (None until the guard says
    otherwise) and `portal.payment_page`, `portal.inside` and `portal.challenge` (False until a page says otherwise).
    """

    def __init__(self, app: ASGIApp, config: PortalConfig) -> None:
        """`app` is the whole rest of the portal."""
        self.app = app
        self.config = config
        install_redaction()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Never lets an `Exception` out unless the answer is half sent, when the connection must break."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope = {
            **scope,
            "root_path": scope.get("root_path", "").rstrip("/"),
            "portal.nonce": secrets.token_urlsafe(16),
            "portal.request_id": request_id,
            "portal.session": None,
            "portal.payment_page": False,
            "portal.inside": False,
            "portal.challenge": False,
        }
        scope["path"] = whole_path(scope)
        answer = _Answer(self.config, scope, send)
        if scope["root_path"] != self.config.mount_path:
            await self._refuse_address(scope, answer)
            return
        if _is_declared_too_large(scope):
            await send_last_resort(answer.send, 413, request_id)
            return
        try:
            await self.app(scope, _limited(receive, _largest(scope)), answer.send)
        except Exception as error:
            logger.exception("request %s: %s escaped the portal", request_id, type(error).__name__)
            if not answer.started:
                status = error.status if isinstance(error, PortalError) else 500
                await send_last_resort(answer.send, status, request_id)
            elif not answer.finished:
                raise

    async def _refuse_address(self, scope: Scope, answer: _Answer) -> None:
        """A second mount, or a wrong setting: links and form checks would all be wrong, so nothing is served."""
        sentence = (
            f"The portal is set up for {self.config.base_url} but is mounted at {scope['root_path'] or '/'}: "
            "change PORTAL_BASE_URL or the place where it is mounted (root_path, in a dispatch of your own), so that they agree."
        )
        logger.error("request %s: %s", scope["portal.request_id"], sentence)
        await send_last_resort(answer.send, 500, scope["portal.request_id"], sentence=sentence)


class _Answer:
    """The way out: remembers how far the answer is, and writes the headers when it starts."""

    def __init__(self, config: PortalConfig, scope: Scope, send: Send) -> None:
        self.config = config
        self.scope = scope
        self._send = send
        self.started = False
        self.finished = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message = {**message, "headers": self._headers(message)}
        elif message["type"] == "http.response.body":
            self.finished = not message.get("more_body", False)
        await self._send(message)

    def _policy(self, *, may_be_framed: bool) -> str:
        session = self.scope["portal.session"]
        if self.scope["portal.inside"]:
            return framing_policy(self.config, session, may_be_framed=may_be_framed)
        return content_security_policy(
            self.config,
            self.scope["portal.nonce"],
            session=session,
            may_be_framed=may_be_framed,
            payment_page=bool(self.scope["portal.payment_page"]),
            challenge=bool(self.scope["portal.challenge"]),
        )

    def _headers(self, message: Message) -> list[tuple[bytes, bytes]]:
        """Ours replace what the app wrote under the same name; `Vary` is added to."""
        path = route_path(self.scope)
        found = message["status"] in (200, 206, 304)
        is_hashed = found and _HASHED.fullmatch(path) is not None
        is_short_lived = found and path in _SHORT_LIVED
        ours = {
            "content-security-policy": self._policy(may_be_framed=not is_never_framed(self.config, path)),
            "x-content-type-options": "nosniff",
            # Not no-referrer: that would turn the Origin of a native form post into "null".
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin-allow-popups",
            "cross-origin-resource-policy": "cross-origin" if path == "/embed.js" else "same-origin",
            "permissions-policy": permissions_policy(self.config),
            "cache-control": "no-store",
            "x-request-id": self.scope["portal.request_id"],
        }
        if is_hashed:
            ours["cache-control"] = "public, max-age=31536000, immutable"
        elif is_short_lived:
            ours["cache-control"] = "public, max-age=300"
        if not self.config.embed_origins or is_never_framed(self.config, path):
            # With embedding allowed it cannot express the list, and frame-ancestors says it.
            ours["x-frame-options"] = "DENY"
        theirs = [
            (name, value) for name, value in message.get("headers", ()) if name.decode("latin-1").lower() not in ours
        ]
        if not (is_hashed or is_short_lived):
            theirs = _with_vary(theirs)
        return [*theirs, *((name.encode(), value.encode("latin-1")) for name, value in ours.items())]


def is_never_framed(config: PortalConfig, path: str) -> bool:
    """Pages where somebody proves who they are: another site around them could pretend to be ours.

    `LoginPage(may_be_framed=True)` lets the embedding origins frame those that want something typed: an address, or a code that
    only its reader's mail has; a stolen click gets nothing there. What a mailed link opens is never framed: there one click
    signs in (perhaps as somebody else), pays, or changes the address, and mail opens in a tab of its own anyway.
    """
    if config.login_page.may_be_framed and path in _FRAMED_IF_ALLOWED:
        return False
    return path.startswith(_NEVER_FRAMED)


def _with_vary(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    written = [
        part.strip()
        for name, value in headers
        if name.lower() == b"vary"
        for part in value.decode("latin-1").split(",")
    ]
    known = {part.lower() for part in _VARY}
    names = [*_VARY, *(part for part in written if part and part.lower() not in known)]
    rest = [(name, value) for name, value in headers if name.lower() != b"vary"]
    return [*rest, (b"vary", ", ".join(names).encode("latin-1"))]


def _is_declared_too_large(scope: Scope) -> bool:
    length = header_map(scope).get("content-length", "0")
    return not length.isascii() or not length.isdigit() or len(length) > 12 or int(length) > _largest(scope)


def _largest(scope: Scope) -> int:
    return LARGEST_EVENT if route_path(scope).startswith("/webhooks/") else LARGEST_BODY


def _limited(receive: Receive, largest: int) -> Receive:
    """`receive` that raises `TooLarge` past the limit, whatever Content-Length said, and `TooSlow` when a body trickles in
    for too long: the app's own error page then answers.
    """
    read = 0
    deadline: float | None = None
    is_complete = False

    async def limited() -> Message:
        nonlocal read, deadline, is_complete
        if is_complete:  # whoever asks now waits for the client to leave, which may take as long as it likes
            return await receive()
        if deadline is None:
            deadline = asyncio.get_running_loop().time() + SLOWEST_BODY
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise TooSlow(f"request body slower than {SLOWEST_BODY} s") from None
        if message["type"] == "http.request":
            read += len(message.get("body", b""))
            is_complete = not message.get("more_body", False)
            if read > largest:
                raise TooLarge(f"request body over {largest} bytes")
        return message

    return limited
