"""Runs portals as production does: uvicorn, a socket, a thread of its own. One server carries any number of hosts."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from portal_embed import BusinessProfile, Catalog, Plan, Portal, PortalConfig, Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from portal_embed.sandbox import SandboxWorld

CATALOG = Catalog(
    [
        Plan(lookup_key="starter_monthly"),
        Plan(lookup_key="pro_monthly"),
        Plan(lookup_key="scale_monthly", quantity=Quantity(1, 50)),
        Plan(lookup_key="starter_yearly"),
        Plan(lookup_key="pro_yearly"),
        Plan(lookup_key="scale_yearly", quantity=Quantity(1, 50)),
    ]
)


PORTS = range(20_000, 32_000)
"""Below those that systems hand out by themselves: to one of them a connection of any other test could come first."""


def free_port() -> int:
    """A port of the loopback address that nobody listens on, for a process that is told a number and starts later."""
    chance = random.SystemRandom()  # not one that a seed makes the same in every worker
    while True:
        port = chance.choice(PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class Server:
    """A uvicorn in a thread. Hosts come and go on it, each below a path of its own."""

    def __init__(self) -> None:
        """Listens at once; nobody has to poll for the start, connections wait in the backlog."""
        # Named as TCP, or asyncio would not turn Nagle's algorithm off, and every page would take 40 ms longer.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(128)
        self.origin = f"http://localhost:{self._socket.getsockname()[1]}"
        self._app = Starlette(routes=[Route("/account", _account)])
        self._numbers = count(1)
        self._loop = asyncio.new_event_loop()
        self._server = uvicorn.Server(uvicorn.Config(self._app, lifespan="off", log_level="warning", access_log=False))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def next_path(self) -> str:
        """A path nobody uses yet: "/h7/billing"."""
        return f"/h{next(self._numbers)}/billing"

    @contextmanager
    def carrying(self, path: str, app: ASGIApp) -> Iterator[None]:
        """Serve `app` at `path` until the block ends."""
        route = Mount(path, app)
        self._app.router.routes.append(route)
        try:
            yield
        finally:
            self._app.router.routes.remove(route)

    def run(self, coroutine: Any) -> Any:
        """Run a coroutine on the server's own loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def close(self) -> None:
        """Stop listening. The server of the test run needs none; one that a test makes for itself does."""
        self._server.should_exit = True
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve(sockets=[self._socket]))
        self._loop.close()


@lru_cache(maxsize=1)
def server() -> Server:
    """The one server of a test run."""
    return Server()


def config_for(world: SandboxWorld, base_url: str, **settings: Any) -> PortalConfig:
    """A portal's settings for a world of the sandbox; `settings` win."""
    return PortalConfig(
        **{
            "stripe_secret_key": "sk_test_portal",
            "stripe_publishable_key": "pk_test_portal",
            "secret_keys": ("a-signing-key-only-for-tests-0123456789",),
            "base_url": base_url,
            "return_url": "/account",
            "stripe_api_base": world.api_base,
            "stripe_js_url": world.stripe_js_url,
            "business_profile": BusinessProfile(name="Acme"),
            "catalog": CATALOG,
            **settings,
        }
    )


class Host:
    """A host's site with a portal: `origin`, `path` of the portal, and a way to hand a customer over."""

    def __init__(self, origin: str, path: str, portal: Portal) -> None:
        """`origin`: "http://localhost:1234"; `path`: "/h7/billing"."""
        self.origin = origin
        self.path = path
        self.portal = portal

    def link(self, customer: str, **arguments: Any) -> str:
        """A fresh single-use link for a customer."""
        return self.portal.create_session(customer=customer, **arguments).url


@contextmanager
def hosting(world: SandboxWorld, *, clock: Callable[[], float] = time.time, **settings: Any) -> Iterator[Host]:
    """A bare host with a portal for this world, on the server of the test run. `clock`: the portal's, seconds since 1970."""
    carrier = server()
    path = carrier.next_path()
    portal = Portal(config_for(world, carrier.origin + path, **settings), clock=clock)
    counted = _Counted(portal)
    try:
        with carrier.carrying(path, counted):
            yield Host(carrier.origin, path, portal)
    finally:
        carrier.run(_closed(counted))


class _Counted:
    """An app that knows whether somebody is being served: a page that is still open may ask for a part of it at any time."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.running = 0
        self.idle = asyncio.Event()
        self.idle.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.running += 1
        self.idle.clear()
        try:
            await self.portal(scope, receive, send)
        finally:
            self.running -= 1
            if not self.running:
                self.idle.set()


async def _closed(counted: _Counted) -> None:
    """Close the portal once the last answer is given, or its connections to Stripe would be opened anew."""
    with suppress(TimeoutError):
        await asyncio.wait_for(counted.idle.wait(), 5)
    await counted.portal.aclose()


async def _account(_: Request) -> PlainTextResponse:
    return PlainTextResponse("the host's account page")
