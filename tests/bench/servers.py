"""The servers that the bench measures, each a process of its own: `python -m tests.bench.servers <role> <settings as JSON>`.

A server takes a free port of 127.0.0.1, prints its address once it listens, answers "cpu" on its standard input with
the seconds of CPU it has used, and ends when its standard input does: it cannot outlive the bench.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from portal_embed import Features, Portal
from portal_embed.access import guard
from portal_embed.billing import accounts
from portal_embed.sandbox import Sandbox, SandboxWorld
from tests.bench.bare import bare_app
from tests.bench.cores import OTHER_CORE, SERVER_CORE, pin
from tests.bench.errands import OTHER_CHANGES
from tests.bench.stand_in import StandIn
from tests.bench.typed_reads import TypedReads
from tests.serving import config_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import ASGIApp


def main(role: str, settings: dict[str, Any]) -> None:
    """Be one server until the standard input ends."""
    pin(OTHER_CORE if role in {"sandbox", "stand_in"} else SERVER_CORE)
    ROLES[role](**settings)


def sandbox() -> None:
    """The sandbox, as `portal-embed sandbox` runs it."""
    with Sandbox(seed="bench") as running:
        announce(running.url)
        attend()


def stand_in(tape: str) -> None:
    """What replays the sandbox's answers; `tape` is a file."""
    running = StandIn.from_file(tape)
    bound = listening()
    announce(address(bound))
    threading.Thread(target=running.serve, args=(bound,), daemon=True).start()
    attend()


def portal(api_base: str, *, has_choices: bool = False) -> None:
    """The product, mounted in a host. `has_choices`: with what `OTHER_CHANGES` switches on."""
    bound = listening()
    serve(hosted(api_base, bound, features=OTHER_CHANGES if has_choices else Features()), bound)


def typed(api_base: str) -> None:
    """The same pages, but read through the SDK's typed objects and its own HTTP client."""
    accounts.StripeClient = TypedReads
    portal(api_base)


def bare(sizes: dict[str, int]) -> None:
    """Starlette and Jinja2 with nothing to read. `sizes`: page → bytes."""
    serve(bare_app(sizes), listening())


ROLES: dict[str, Callable[..., None]] = {
    "sandbox": sandbox,
    "stand_in": stand_in,
    "portal": portal,
    "typed": typed,
    "bare": bare,
}


def hosted(api_base: str, bound: socket.socket, *, features: Features) -> ASGIApp:
    """The portal at /billing, as every quick start mounts it, but for the limit on how often one session may ask."""
    guard.REQUESTS = replace(guard.REQUESTS, times=10**9)
    mounted = Portal(config_for(SandboxWorld(api_base), f"{address(bound)}/billing", features=features))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await mounted.aclose()

    return Starlette(routes=[Mount("/billing", mounted)], lifespan=lifespan)


def serve(app: ASGIApp, bound: socket.socket) -> None:
    """Serve with one worker until the standard input ends."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    bound.listen(128)
    announce(address(bound))

    def end_with_the_bench() -> None:
        attend()
        server.should_exit = True

    threading.Thread(target=end_with_the_bench, daemon=True).start()
    server.run(sockets=[bound])


def listening() -> socket.socket:
    """A free port of 127.0.0.1, bound before the app is made, because the portal must know its own address."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    return bound


def address(bound: socket.socket) -> str:
    """Where it is. By name, because the session's cookie belongs to a name."""
    return f"http://localhost:{bound.getsockname()[1]}"


def announce(url: str) -> None:
    """Say that it listens."""
    print(url, flush=True)


def attend() -> None:
    """Answer questions until the standard input ends."""
    for line in sys.stdin:
        if line.strip() == "cpu":
            print(time.process_time(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
