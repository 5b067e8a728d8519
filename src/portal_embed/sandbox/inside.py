"""Calling endpoints from inside the process, as a client would: for building lives out of real calls."""

from typing import Any

from portal_embed.sandbox.wire.params import typed
from portal_embed.sandbox.wire.router import Call, find
from portal_embed.sandbox.world import JsonObject, World


def call(world: World, method: str, path: str, **params: Any) -> JsonObject:
    """One call at the world's time; parameters pass the same checks as those from the wire. Raises `StripeError`."""
    route, ids = find(method, path)
    with world.atomic():
        return route.handler(Call(world, method, path, ids, typed(_as_sent(params), route.accepts)))


def _as_sent(value: Any) -> Any:
    """The value as a form carries it: strings in nested dictionaries."""
    if isinstance(value, dict):
        return {key: _as_sent(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return {str(position): _as_sent(part) for position, part in enumerate(value)}
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
