"""`SessionGuard`: every request meets it before a page does. Who is it, is that session alive, and is this form from
our own page?

It never raises into the app around it: what it refuses is answered through `problem`, so that the customer reads a
designed page.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import parse_qsl

from starlette.requests import Request

from portal_embed.access import tokens
from portal_embed.access.cookies import cookie_name, read_cookie, set_cookie
from portal_embed.access.csrf import check_content_type, check_origin
from portal_embed.access.entrance import CARRIER, is_cross_site_frame, is_frame
from portal_embed.access.last_resort import send_last_resort
from portal_embed.access.limits import POSTS, REQUESTS, Limits
from portal_embed.access.links import is_configuration
from portal_embed.access.locales import LOCALES
from portal_embed.access.requests import ASGIApp, Message, Receive, Scope, Send, cookie_headers, header_map, route_path
from portal_embed.access.return_url import safe_return_url
from portal_embed.access.scopes import expand
from portal_embed.access.session import Session, Sessions, new_sid
from portal_embed.config import Identity, IdentityCallable, PortalConfig
from portal_embed.errors import IdentityUnavailable, MethodNotAllowed, PortalError, RateLimited

logger = logging.getLogger("portal_embed")

Problem = Callable[[Scope, Receive, Send, PortalError], Awaitable[None]]

_METHODS = {"GET", "HEAD", "POST"}
_WITHOUT_SESSION = ("/static/", "/webhooks/", "/embed.js", "/embed.d.ts", "/theme.css", "/pieces.css", "/pieces.js")
_OWN_FORM_RULES = {"/session", "/webhooks/stripe"}


class SessionGuard:
    """ASGI middleware inside `SecurityHeaders`. Sets `scope["portal.session"]` to a live `Session` or None.

    State changes only by POST; PUT, PATCH, DELETE, OPTIONS and the rest are answered 405 here. A POST must come from
    our own origin with a form's content type; its `_csrf` field is checked where the form is read (`check_csrf_token`).
    """

    def __init__(
        self, app: ASGIApp, config: PortalConfig, sessions: Sessions, limits: Limits, problem: Problem | None = None
    ) -> None:
        """`problem` renders the page for an error; without it a plain one is sent."""
        self.app = app
        self.config = config
        self.sessions = sessions
        self.limits = limits
        self.problem = problem or _plain_problem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = route_path(scope)
        if scope["method"] not in _METHODS:
            await self.problem(scope, receive, send, MethodNotAllowed(f"method {scope['method'][:20]!r}"))
            return
        if path.startswith(_WITHOUT_SESSION):
            await self.app(scope, receive, send)
            return
        try:
            session, fresh = await self._recognise(scope)
            if session is None and self.config.embed_origins and self.config.identity is None:
                session, receive = await self._from_carrier(scope, receive)
            scope["portal.session"] = session
            if session is not None:
                await self.limits.check(REQUESTS, session.sid)
            if scope["method"] == "POST" and path not in _OWN_FORM_RULES:
                await self._check_form(scope, session)
        except PortalError as error:
            logger.warning(
                "request %s refused: %s: %s", scope.get("portal.request_id", "-"), type(error).__name__, error
            )
            await self.problem(scope, receive, send, error)
            return
        await self.app(scope, receive, self._with_cookie(send, session) if session is not None and fresh else send)

    async def _recognise(self, scope: Scope) -> tuple[Session | None, bool]:
        """The live session, and whether its cookie must be written again."""
        session = await self._from_cookie(scope)
        if self.config.identity is not None:
            session, is_new = await self._from_identity(scope, self.config.identity, session)
            if is_new:
                return session, True
        if session is None or not self.sessions.needs_reissue(session):
            return session, False
        return self.sessions.touched(session), True

    async def _from_cookie(self, scope: Scope) -> Session | None:
        found = read_cookie(self.config, cookie_headers(scope))
        if found is None:
            return None
        value, framed = found
        session = self.sessions.read(value)
        # What was moved from one jar to the other, or into one, was not moved by us.
        if session is None or session.framed is not framed or session.carried or await self.sessions.is_ended(session):
            return None
        return session

    async def _from_carrier(self, scope: Scope, receive: Receive) -> tuple[Session | None, Receive]:
        """The session that a frame's own script or form carries, where the browser keeps no cookie; and the body to read again."""
        headers = header_map(scope)
        value = headers.get(CARRIER)
        if (
            value is None
            and scope["method"] == "POST"
            and is_frame(headers)
            and route_path(scope) not in _OWN_FORM_RULES
        ):
            body = await _whole_body(receive)
            receive = _once(body)
            value = dict(parse_qsl(body.decode("latin-1"))).get("_session")
        session = self.sessions.read(value) if value is not None else None
        if session is None or not session.carried or await self.sessions.is_ended(session):
            return None, receive
        return self.sessions.touched(session), receive

    async def _from_identity(
        self, scope: Scope, ask: IdentityCallable, held: Session | None
    ) -> tuple[Session | None, bool]:
        """Ask the host, on every request. The cookie only keeps the session's id, for forms; the host's word is who it is."""
        identity = await self._ask_host(scope, ask)
        if identity is None:
            # Whom the host does not know may have come by a mail, without the host.
            return (held, False) if held is not None and held.by_mail else (None, False)
        try:
            wanted = self._session_for(identity, framed=is_cross_site_frame(header_map(scope)))
        except ValueError as error:
            raise IdentityUnavailable(f"identity= answered something unusable: {error}") from None
        if held is not None and _is_same(held, wanted):
            return replace(held, locale=wanted.locale, return_url=wanted.return_url), False
        if held is not None:
            await self.sessions.end(held)
            wanted = replace(wanted, framed=held.framed)
        logger.info("session %s opened by identity", wanted.log_name)
        return wanted, True

    async def _ask_host(self, scope: Scope, ask: IdentityCallable) -> Identity | None:
        """A sync callable runs in a thread, because it may ask a database. It gets the request without its body."""
        request = Request(scope)
        try:
            if inspect.iscoroutinefunction(ask):
                identity = await ask(request)
            else:
                identity = await asyncio.to_thread(ask, request)
                if inspect.isawaitable(identity):
                    identity = await identity
        except Exception as error:
            logger.exception("request %s: identity= raised", scope.get("portal.request_id", "-"))
            raise IdentityUnavailable(f"identity= raised {type(error).__name__}") from None
        if identity is not None and not isinstance(identity, Identity):
            raise IdentityUnavailable(f"identity= answered a {type(identity).__name__}, not Identity(...) or None")
        return identity

    def _session_for(self, identity: Identity, *, framed: bool) -> Session:
        """A new session for what the host says. Raises ValueError on what cannot be."""
        if not tokens.is_customer(identity.customer):
            raise ValueError("customer is not a Stripe customer id")
        if identity.stripe_account is not None and not tokens.is_account(identity.stripe_account):
            raise ValueError("stripe_account is not a Stripe account id")
        if identity.on_behalf_of is not None and not tokens.is_account(identity.on_behalf_of):
            raise ValueError("on_behalf_of is not a Stripe account id")
        if identity.configuration is not None and not is_configuration(self.config, identity.configuration):
            raise ValueError(
                "configuration is neither one of Stripe's (bpc_…) nor one of PortalConfig(configurations=…)"
            )
        if identity.actor is not None and not tokens.is_actor(identity.actor):
            raise ValueError("actor is not 1 to 128 printable characters")
        now = self.sessions.clock()
        return Session(
            sid=new_sid(),
            customer=identity.customer,
            account=identity.stripe_account,
            livemode=self.config.livemode,
            scopes=expand(identity.scopes),
            flow=None,
            actor=identity.actor,
            host_session=None if identity.host_session is None else tokens.host_session_digest(identity.host_session),
            locale=identity.locale if identity.locale in LOCALES and identity.locale != "auto" else None,
            return_url=safe_return_url(identity.return_url, self.config.allowed_return_origins),
            embed_origin=None,
            created=now,
            last_seen=now,
            configuration=identity.configuration,
            on_behalf_of=identity.on_behalf_of,
            framed=framed,
        )

    async def _check_form(self, scope: Scope, session: Session | None) -> None:
        headers = header_map(scope)
        check_origin(self.config, headers)
        check_content_type(headers)
        if session is not None:
            await self.limits.check(POSTS, session.sid)

    def _with_cookie(self, send: Send, session: Session) -> Send:
        """`send` that adds the session's cookie, unless the page wrote it itself (arrival, logout)."""
        line = set_cookie(self.config, self.sessions.seal(session), framed=session.framed).encode("latin-1")
        ours = tuple(cookie_name(self.config, framed=framed).encode() + b"=" for framed in (False, True))

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                if not any(name.lower() == b"set-cookie" and value.startswith(ours) for name, value in headers):
                    message = {**message, "headers": [*headers, (b"set-cookie", line)]}
            await send(message)

        return send_with_cookie


def _is_same(held: Session, wanted: Session) -> bool:
    """Whether the host still speaks of the one the session was made for. A session made by a link is not one of identity's."""
    facts = (
        *("customer", "account", "livemode", "scopes", "actor", "host_session"),
        *("configuration", "on_behalf_of"),
    )
    return held.link is None and all(getattr(held, fact) == getattr(wanted, fact) for fact in facts)


async def _whole_body(receive: Receive) -> bytes:
    """No longer than `SecurityHeaders` lets through."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return b"".join(parts)


def _once(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _plain_problem(scope: Scope, _receive: Receive, send: Send, error: PortalError) -> None:
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if isinstance(error, RateLimited):
        headers = ((b"retry-after", str(error.retry_after).encode()),)
    elif isinstance(error, MethodNotAllowed):
        headers = ((b"allow", b"GET, HEAD, POST"),)
    await send_last_resort(send, error.status, scope.get("portal.request_id", "-"), headers=headers)
