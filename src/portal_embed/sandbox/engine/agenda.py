"""What is due when: one next moment for each subscription and invoice, and the time each customer lives in."""

from contextlib import AbstractContextManager, nullcontext

from portal_embed.sandbox.world import JsonObject, World

WORLD = "world"
"""The agenda of all customers that are on no test clock."""


_ORDER = {"subscription_schedule": 0, "subscription": 1}


def put(world: World, obj: JsonObject, at: int | None) -> None:
    """Note when something happens next to a subscription or invoice (seconds), replacing what was noted; None: never."""
    clock = obj["test_clock"] or WORLD
    key = f"{obj['object']}:{obj['id']}"
    row = world.get("_agenda", clock) or {"object": "_agenda", "id": clock, "due": {}}
    if row["due"].get(key) == at:
        return
    row["due"].pop(key, None)
    if at is not None:
        row["due"][key] = at
    world.save(row)
    world.save({"object": "_agenda_head", "id": clock, "at": min(row["due"].values(), default=None)})


def first(world: World, clock: str, until: int) -> tuple[int, str, str] | None:
    """The earliest (moment, kind, id) due up to `until`, or None; at one moment schedules first, then subscriptions."""
    head = world.get("_agenda_head", clock)
    if head is None or head["at"] is None or head["at"] > until:
        return None
    due = (world.get("_agenda", clock) or {"due": {}})["due"]
    key = min(due, key=lambda key: (due[key], _ORDER.get(key.partition(":")[0], 2)))
    kind, _, id = key.partition(":")
    return due[key], kind, id


def is_new(world: World, obj: JsonObject, what: str, moment: int) -> bool:
    """Whether `what` was not told of this object for this moment before; notes that it is now."""
    key = f"{obj['object']}:{obj['id']}:{what}"
    if (world.view("_told", key) or {}).get("moment") == moment:
        return False
    world.save({"object": "_told", "id": key, "moment": moment})
    return True


def own_time(world: World, customer: JsonObject) -> AbstractContextManager[None]:
    """The time this customer lives in: their test clock's, or the world's."""
    if not customer["test_clock"]:
        return nullcontext()
    return world.at(world.need("test_helpers.test_clock", customer["test_clock"])["frozen_time"])
