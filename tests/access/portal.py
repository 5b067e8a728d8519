"""A tiny portal around the rooms under test: a few routes behind the real guard and headers, mounted at /billing."""

from __future__ import annotations

import re

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from portal_embed.access import (
    Entrance,
    Limits,
    Operations,
    SecurityHeaders,
    SessionGuard,
    Sessions,
    check_csrf_token,
    create_session,
    csrf_token,
    delete_cookie,
)
from portal_embed.config import PortalConfig
from portal_embed.errors import LinkRefused, PortalError, SessionExpired
from portal_embed.store import MemoryStore

NOON = 1_800_000_000.25
BASE = "https://app.example.com/billing"
ORIGIN = "https://app.example.com"
OLD_KEY = "the-older-signing-key-of-this-portal-0001"
NEW_KEY = "the-newer-signing-key-of-this-portal-0002"
ADA = "cus_AdaLovelace"
MALLORY = "cus_MalloryMallet"


class Clock:
    """Seconds since 1970 that move only when told."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds


def make_config(**changes) -> PortalConfig:
    settings = {
        "stripe_secret_key": "sk_test_123",
        "stripe_publishable_key": "pk_test_123",
        "secret_keys": (NEW_KEY,),
        "base_url": BASE,
    }
    return PortalConfig(**{**settings, **changes})


class Portal:
    """Everything wired as the real one is, with a clock in hand."""

    def __init__(self, *, store=None, confirm=None, **changes) -> None:
        self.config = make_config(**changes)
        self.clock = Clock()
        self.store = store or MemoryStore(clock=self.clock)
        self.sessions = Sessions(self.config, self.store, self.clock)
        self.limits = Limits(self.config, self.store, self.clock)
        self.operations = Operations(self.config, self.store)
        self.entrance = Entrance(self.sessions, self.limits, confirm)
        self.writes: list[str] = []
        guard = Middleware(SessionGuard, config=self.config, sessions=self.sessions, limits=self.limits)
        pages = Starlette(routes=self._routes(), middleware=[guard], exception_handlers={PortalError: _problem})
        self.app = SecurityHeaders(pages, self.config)

    def link(self, customer: str = ADA, **arguments) -> str:
        """A fresh link, as the host makes it."""
        return create_session(self.config, customer=customer, now=self.clock(), **arguments).url

    def token(self, customer: str = ADA, **arguments) -> str:
        return self.link(customer, **arguments).partition("token=")[2]

    def browser(self, *, mount: str = "/billing", host: Starlette | None = None) -> TestClient:
        """A browser with its own cookies, looking at the host the portal is mounted in."""
        host = host or Starlette(routes=[Mount(mount, app=self.app)])
        return TestClient(host, base_url=self.config.origin, follow_redirects=False, raise_server_exceptions=False)

    def signed_in(self, customer: str = ADA, **arguments) -> TestClient:
        browser = self.browser()
        assert browser.get(self.link(customer, **arguments)).status_code == 303
        return browser

    def _routes(self) -> list[Route]:
        return [
            Route("/", self._home),
            Route("/enter", self._enter),
            Route("/session", self._session, methods=["POST"]),
            Route("/write", self._write, methods=["POST"]),
            Route("/logout", self._logout, methods=["POST"]),
            Route("/pay", self._pay),
            Route("/boom", _boom),
            Route("/half", _half),
            Route("/limited", _limited),
            Route("/static/{digest}/{name}", _static),
            Route("/embed.js", _static),
        ]

    async def _home(self, request: Request) -> Response:
        session = request.scope["portal.session"]
        if session is None:
            raise SessionExpired
        return JSONResponse(
            {"customer": session.customer, "sid": session.sid, "csrf": csrf_token(self.config, session)}
        )

    async def _enter(self, request: Request) -> Response:
        return self._arrived(await self.entrance.by_link(request.scope, request.query_params.get("token")))

    async def _session(self, request: Request) -> Response:
        form = await request.form()
        return self._arrived(await self.entrance.by_form(request.scope, form.get("token")))

    def _arrived(self, arrival) -> Response:
        response = RedirectResponse(f"{self.config.base_url}/", status_code=303)
        response.raw_headers.append((b"set-cookie", arrival.set_cookie.encode()))
        response.headers["x-replaced"] = str(arrival.replaced)
        response.headers["x-again"] = str(arrival.again)
        return response

    async def _write(self, request: Request) -> Response:
        session = request.scope["portal.session"]
        if session is None:
            raise SessionExpired
        form = await request.form()
        check_csrf_token(self.config, session, form.get("_csrf"))
        self.writes.append(session.customer)
        return PlainTextResponse("written")

    async def _logout(self, request: Request) -> Response:
        session = request.scope["portal.session"]
        await self.sessions.end(session)
        response = RedirectResponse(f"{self.config.base_url}/", status_code=303)
        response.raw_headers.append((b"set-cookie", delete_cookie(self.config, framed=session.framed).encode()))
        return response

    async def _pay(self, request: Request) -> Response:
        request.scope["portal.payment_page"] = True
        return PlainTextResponse("pay")


def same_origin(**more: str) -> dict[str, str]:
    """The headers a browser sends with a form of our own page."""
    return {"origin": ORIGIN, "sec-fetch-site": "same-origin", **more}


def session_cookies(response) -> list[str]:
    return [line for line in response.headers.get_list("set-cookie") if re.match(r"(__Host-)?pex?_", line)]


async def _problem(_request: Request, error: PortalError) -> Response:
    text = "link expired" if isinstance(error, LinkRefused) else type(error).__name__
    return PlainTextResponse(text, status_code=error.status)


async def _boom(_request: Request) -> Response:
    raise RuntimeError("the disk of sk_live_abcdef is on fire")


async def _half(_request: Request) -> Response:
    async def halves():
        yield b"half"
        raise RuntimeError("the other half is lost")

    return StreamingResponse(halves())


async def _limited(_request: Request) -> Response:
    return PlainTextResponse(
        "slow down", status_code=429, headers={"Vary": "Accept-Language", "Cache-Control": "public"}
    )


async def _static(request: Request) -> Response:
    status = 404 if request.path_params.get("name") == "gone.css" else 200
    return PlainTextResponse("body{}", status_code=status)
