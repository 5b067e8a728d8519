"""Every endpoint refuses parameters that it does not know, at its top and inside every hash that it takes."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from portal_embed.sandbox import SandboxWorld
from portal_embed.sandbox.wire.params import by_name, clearable, required
from portal_embed.sandbox.wire.router import Route, all_routes
from tests.sandbox.support import http

ROUTES = sorted(all_routes(), key=lambda route: (route.pattern, route.method))


def places(accepts: dict[str, Any], path: str = "") -> Iterator[str]:
    """Where a parameter may stand: the top, and inside each hash and each list of hashes; as the wire writes it."""
    yield f"{path}[wat]" if path else "wat"
    for name, declared in accepts.items():
        yield from _inside(declared, f"{path}[{name}]" if path else name)


def _inside(spec: Any, path: str) -> Iterator[str]:
    if isinstance(spec, (required, clearable)):
        yield from _inside(spec.spec, path)
    elif isinstance(spec, by_name):
        yield from _inside(spec.spec, f"{path}[usd]")
    elif isinstance(spec, list):
        yield from _inside(spec[0], f"{path}[0]")
    elif isinstance(spec, dict):
        yield from places(spec, path)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.pattern}")
def test_an_unknown_parameter_is_refused_wherever_it_stands(world: SandboxWorld, route: Route) -> None:
    path = "/".join("some_id" if part.startswith("{") else part for part in route.pattern.split("/"))
    key = {"publishable": "pk_test_tests12345"}.get(route.key, "sk_test_tests12345")
    for place in places(route.accepts):
        sent = urlencode({place: "1"})
        in_body = route.method == "POST"
        answer = http(
            world,
            route.method,
            path if in_body else f"{path}?{sent}",
            sent if in_body else None,
            Authorization=f"Bearer {key}",
        )
        refusal = answer.json["error"]
        named = (answer.status, refusal["code"], refusal["param"], refusal["message"])
        if refusal["code"] == "parameter_missing":  # of a sibling, or of one further out, that comes before it
            assert place != "wat"
            continue
        assert named == (400, "parameter_unknown", place, f"Received unknown parameter: {place}")


def test_the_table_has_every_route_and_the_top_of_each_is_tried() -> None:
    assert len(ROUTES) > 90
    assert all(next(places(route.accepts)) == "wat" for route in ROUTES)


def test_hashes_inside_lists_are_tried_too() -> None:
    update = next(route for route in ROUTES if (route.method, route.pattern) == ("POST", "/v1/subscriptions/{id}"))
    assert {"items[0][wat]", "items[0][discounts][0][wat]", "automatic_tax[wat]"} <= set(places(update.accepts))
