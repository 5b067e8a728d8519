"""`expand[]`: ids in an answer become the objects they name, up to four levels deep.

`REFERENCES` says which field of which object refers to which kind; `@expandable` adds fields that are absent from an
answer unless asked for (an invoice's `payments`).
"""

from collections.abc import Callable
from typing import Any, TypeVar

from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.references import REFERENCES
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("Refusals of what cannot be expanded.", "documented", "public notes of probing Stripe's API, 2026"),
    ("At most four levels; wording of that refusal assumed.", "documented", "Stripe docs, expanding responses"),
    ("Which fields may be expanded.", "documented", "stripe-python 16.1 annotations"),
    (
        "`payments`, `confirmation_secret`, `applies_to`, `tax` are absent unless expanded.",
        "recorded",
        "Stripe's API, 2025-26",
    ),
]
MAX_DEPTH = 4

Extra = Callable[[World, JsonObject], Any]
_E = TypeVar("_E", bound=Extra)
_EXTRAS: dict[tuple[str, str], Extra] = {}


def expandable(kind: str, path: str) -> Callable[[_E], _E]:
    """Declare an expand-only field: the function gets the world and the object and returns the field's value."""

    def register(function: _E) -> _E:
        _EXTRAS[(kind, path)] = function
        return function

    return register


def expand_only_fields(kind: str) -> set[str]:
    """The fields of `kind` that answers lack unless they are expanded."""
    return {path for known, path in _EXTRAS if known == kind}


def expanded(world: World, answer: JsonObject, paths: list[str]) -> JsonObject:
    """The answer with every path expanded; stored objects stay as they are. Raises Stripe's refusals."""
    is_list = answer.get("object") == "list"
    for path in paths:
        parts = path.split(".")
        if len(parts) > MAX_DEPTH:
            raise StripeError(f"You cannot expand more than {MAX_DEPTH} levels of a property (here: {path}).")
        if is_list and parts[0] != "data":
            raise StripeError(
                f"This property cannot be expanded ({path}). You may want to try expanding 'data.{path}' instead."
            )
        answer = _walk(world, answer, parts, "", answer, path)
    return answer


def _walk(world: World, node: Any, parts: list[str], below: str, root: JsonObject, path: str) -> Any:
    """`node` with `parts` expanded. `root` is the Stripe object around the node, `below` the node's path inside it."""
    if isinstance(node, list):
        return [_walk(world, item, parts, below, root, path) if isinstance(item, dict) else item for item in node]
    if node.get("object") and node is not root:
        root, below = node, ""
    if not parts:
        return node
    name, rest = parts[0], parts[1:]
    here = f"{below}.{name}" if below else name
    kind = str(root.get("object"))
    extra = _EXTRAS.get((kind, here))
    if extra is not None and name not in node:
        value = extra(world, root)
    elif (kind, here) in REFERENCES:
        value = _fetched(world, REFERENCES[(kind, here)], node.get(name))
    elif isinstance(node.get(name), (dict, list)):
        value = node[name]
        if not rest and not (name == "data" and kind == "list") and not (isinstance(value, dict) and "object" in value):
            raise StripeError(f"This property cannot be expanded ({path}).")
    elif kind == "list" and name == "data":
        value = node[name]
    elif name in node and node[name] is None and rest and here not in _SCALARS:
        return node
    else:
        raise StripeError(f"This property cannot be expanded ({path}).")
    if isinstance(value, (dict, list)):
        value = _walk(world, value, rest, here, root, path)
    return {**node, name: value}


_SCALARS = frozenset({"id", "object", "created", "currency", "status", "metadata"})


def _fetched(world: World, kind: str, value: Any) -> Any:
    if isinstance(value, str):
        found = world.view(kind, value)
        if found is None and world.was_removed(kind, value):
            return {"id": value, "object": kind, "deleted": True}
        return value if found is None else found
    if isinstance(value, list):
        return [_fetched(world, kind, item) for item in value]
    return value
