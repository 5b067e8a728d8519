"""What stands between a portal and its customers, made as small ASGI wrappers: each one spoils one thing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse, RedirectResponse

from portal_embed import Portal
from tests.serving import config_for, server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from portal_embed.sandbox import SandboxWorld

    Pairs = list[tuple[str, str]]
    Way = Callable[[ASGIApp], ASGIApp]


@contextmanager
def deployed(world: SandboxWorld, *ways: Way, base_url: str | None = None, **settings: object) -> Iterator[str]:
    """The public address of a portal behind `ways`, the nearest first. `base_url`: what its settings say it is."""
    carrier = server()
    path = carrier.next_path()
    portal = Portal(config_for(world, base_url or carrier.origin + path, **settings))
    app: ASGIApp = portal
    for way in ways:
        app = way(app)
    with carrier.carrying(path, app):
        try:
            yield carrier.origin + path
        finally:
            carrier.run(portal.aclose())


@contextmanager
def showing(app: ASGIApp) -> Iterator[str]:
    """The address of something that is no portal, such as a page of the host."""
    carrier = server()
    path = carrier.next_path()
    with carrier.carrying(path, app):
        yield f"{carrier.origin}{path}/"


def headers(change: Callable[[Pairs], Pairs], *, only: str = "") -> Way:
    """Every answer's headers as `change` makes them; `only`: of paths that end so."""

    def way(app: ASGIApp) -> ASGIApp:
        async def meddle(scope: Scope, receive: Receive, send: Send) -> None:
            async def spoiled(message: dict) -> None:
                if message["type"] == "http.response.start" and scope["path"].endswith(only):
                    before = [(name.decode(), value.decode()) for name, value in message["headers"]]
                    after = change(before)
                    message = {**message, "headers": [(name.encode(), value.encode()) for name, value in after]}
                await send(message)

            await app(scope, receive, spoiled)

        return meddle

    return way


def adds(name: str, value: str, *, only: str = "") -> Way:
    return headers(lambda pairs: [*pairs, (name, value)], only=only)


def strips(name: str, *, only: str = "") -> Way:
    return headers(lambda pairs: [pair for pair in pairs if pair[0] != name], only=only)


def sets(name: str, value: str, *, only: str = "") -> Way:
    return headers(lambda pairs: [*(pair for pair in pairs if pair[0] != name), (name, value)], only=only)


def edits(name: str, old: str, new: str) -> Way:
    """What `Header edit` does."""
    return headers(lambda pairs: [(key, value.replace(old, new) if key == name else value) for key, value in pairs])


def requests(change: Callable[[Scope], Scope]) -> Way:
    """Every request's scope as `change` makes it."""
    return lambda app: lambda scope, receive, send: app(change(dict(scope)), receive, send)


def forgets(*names: str) -> Way:
    """Takes headers off the requests."""
    return requests(
        lambda scope: {**scope, "headers": [pair for pair in scope["headers"] if pair[0].decode() not in names]}
    )


def strips_the_prefix(scope: Scope) -> Scope:
    """As `proxy_pass` with a path at its end does."""
    return {**scope, "root_path": "", "path": scope["path"].removeprefix(scope["root_path"])}


def moves_to(base_url: str) -> Callable[[Scope], Scope]:
    """As `proxy_pass` to another path does: the portal is asked, and answers, as if it were at `base_url`."""
    path = urlsplit(base_url).path

    def change(scope: Scope) -> Scope:
        return {**scope, "root_path": path, "path": path + scope["path"].removeprefix(scope["root_path"])}

    return change


def answers(status: int, *, method: str | None = None, only: str = "", **named: str) -> Way:
    """Answers itself instead of the portal; `named`: its headers."""
    instead = PlainTextResponse(
        "computer says no", status, headers={name.replace("_", "-"): value for name, value in named.items()}
    )
    return _instead(instead, method, only)


def redirects(to: str, *, method: str | None = None) -> Way:
    return _instead(RedirectResponse(to, 302), method, "")


def _instead(answer: ASGIApp, method: str | None, only: str) -> Way:
    def way(app: ASGIApp) -> ASGIApp:
        async def meddle(scope: Scope, receive: Receive, send: Send) -> None:
            is_it = method in (None, scope["method"]) and scope["path"].endswith(only)
            await (answer if is_it else app)(scope, receive, send)

        return meddle

    return way


def writes_into(only: str, text: bytes, *, before: bytes = b"") -> Way:
    """Puts `text` before `before`, or at the end, of bodies of paths that end with `only`."""

    def way(app: ASGIApp) -> ASGIApp:
        async def meddle(scope: Scope, receive: Receive, send: Send) -> None:
            if not scope["path"].endswith(only):
                await app(scope, receive, send)
                return
            plain = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}
            start: dict = {}

            async def spoiled(message: dict) -> None:
                if message["type"] == "http.response.start":
                    start.update(message)
                    return
                body = message["body"].replace(before, text + before, 1) if before else message["body"] + text
                kept = [pair for pair in start["headers"] if pair[0] != b"content-length"]
                await send({**start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
                await send({**message, "body": body})

            await app(plain, receive, spoiled)

        return meddle

    return way


def keeps(app: ASGIApp) -> ASGIApp:
    """A cache that keeps whatever it is answered to a GET."""
    kept: dict[str, list[dict]] = {}

    async def meddle(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]

        async def remembered(message: dict) -> None:
            kept.setdefault(path, []).append(message)
            await send(message)

        if scope["method"] != "GET":
            await app(scope, receive, send)
        elif path in kept:
            for message in kept[path]:
                await send(message)
        else:
            await app(scope, receive, remembered)

    return meddle
