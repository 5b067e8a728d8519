"""Which function answers which URL, and the call it is handed.

A resource module declares its endpoints with `@route`; importing the module registers them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from portal_embed.sandbox.wire.errors import StripeError, unknown_url
from portal_embed.sandbox.wire.params import Accepts
from portal_embed.sandbox.world import JsonObject, World

KeyKind = Literal["secret", "publishable"]
Handler = Callable[["Call"], JsonObject]
_H = TypeVar("_H", bound=Handler)


@dataclass
class Call:
    """One request to an endpoint, checked and typed.

    `ids` are the path's values by name; `params` what was sent, converted as `accepts` declares (None where an empty
    string cleared a value); `key_kind` tells a server's call from a browser's.
    """

    world: World
    method: str
    path: str
    ids: dict[str, str]
    params: dict[str, Any]
    key_kind: KeyKind = "secret"
    idempotency_key: str | None = None
    expand: list[str] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Whether the parameter was sent, even if only to clear it."""
        return name in self.params

    def get(self, name: str, default: Any = None) -> Any:
        """The parameter's value, or `default` when it was not sent."""
        return self.params.get(name, default)

    def check_client_secret(self, intent: JsonObject) -> None:
        """A browser's call must prove that it was given this intent: refused unless its `client_secret` matches."""
        if self.key_kind == "publishable" and self.get("client_secret") != intent["client_secret"]:
            names = {"setup_intent": "setupintent", "payment_intent": "payment_intent"}
            raise StripeError(
                f"No such {names.get(intent['object'], intent['object'])}: '{intent['id']}'",
                status=404,
                code="resource_missing",
                param="intent",
            )


@dataclass(frozen=True)
class Route:
    """One endpoint. `key` says which API keys may call it: secret (also restricted) ones, publishable ones, or any."""

    method: str
    pattern: str
    parts: tuple[str, ...]
    accepts: Accepts
    key: str
    handler: Handler

    def match(self, parts: list[str]) -> dict[str, str] | None:
        """The path's values by name, or None when the path is another."""
        ids = {}
        for mine, theirs in zip(self.parts, parts, strict=True):
            if mine.startswith("{"):
                ids[mine[1:-1]] = theirs
            elif mine != theirs:
                return None
        return ids


_ROUTES: dict[tuple[str, int, str], list[Route]] = {}
"""By method, number of parts, and the second part (`customers`), which is always a word."""


def route(
    method: str, path: str, *, accepts: Accepts | None = None, key: Literal["secret", "publishable", "any"] = "secret"
) -> Callable[[_H], _H]:
    """Declare an endpoint. Literal path parts win over `{names}`, whatever the order of declaration."""

    def register(handler: _H) -> _H:
        parts = tuple(path.strip("/").split("/"))
        routes = _ROUTES.setdefault((method, len(parts), parts[1]), [])
        routes.append(Route(method, path, parts, accepts or {}, key, handler))
        routes.sort(key=lambda route: [part.startswith("{") for part in route.parts])
        return handler

    return register


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The endpoint for a request and its path values; Stripe's own 404 when there is none."""
    parts = path.strip("/").split("/")
    for candidate in _ROUTES.get((method, len(parts), parts[1] if len(parts) > 1 else ""), ()):
        ids = candidate.match(parts)
        if ids is not None:
            return candidate, ids
    raise unknown_url(method, path)


def all_routes() -> Iterator[Route]:
    """Every declared endpoint."""
    for routes in _ROUTES.values():
        yield from routes
