"""Saving a change with its event: `previous_attributes` holds the old values of what changed, and nothing else."""

from typing import Any

from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    (
        "Events of updates carry previous_attributes with only the changed keys, inside hashes too.",
        "recorded",
        "Stripe's API, Aug 2026 (for metadata; for other hashes assumed alike)",
    ),
]


def previous_attributes(old: JsonObject, new: JsonObject) -> JsonObject:
    """The old values of the keys that changed; null for what was unset."""
    changed: JsonObject = {}
    for key in [*old, *(key for key in new if key not in old)]:
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            changed[key] = previous_attributes(before, after)
        else:
            changed[key] = before
    return changed


def save_changed(world: World, new: JsonObject, event: str) -> JsonObject:
    """Save an object that exists already; emits `event` unless nothing changed. Returns `new`."""
    old: Any = world.get(new["object"], new["id"]) or {}
    previous = previous_attributes(old, new)
    if previous:
        world.save(new)
        world.emit(event, new, previous)
    return new
