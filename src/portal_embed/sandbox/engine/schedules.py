"""Subscription schedules as time passes: each phase begins at its moment, and after the last the schedule lets go or ends.

A schedule is on the agenda with its own next moment: the end of the running phase, or of a planned pause.
"""

from portal_embed.sandbox.engine import agenda, bodies, pricing, stored
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a phase that begins at a period's end bills its items from then on", "documented", "Stripe docs, subscription schedules"),
    ("after its last phase a schedule with `end_behavior` release lets go and leaves the subscription running, with cancel ends it",
     "documented", "Stripe docs, subscription schedules"),
    ("a phase that begins inside a period changes the items with its own proration behavior", "documented",
     "Stripe docs, subscription schedules: prorations"),
    ("the schedule waits for a planned resumption before it lets go", "assumed", "no recording"),
]  # fmt: skip


def save_linked(world: World, subscription: JsonObject) -> None:
    """Store a subscription whose `schedule` changed, with the event."""
    before = world.need("subscription", subscription["id"])
    stored.save_subscription(world, subscription)
    stored.updated(world, before, subscription)


def save(world: World, schedule: JsonObject) -> JsonObject:
    """Store a schedule with its next moment; emits `subscription_schedule.updated` if it existed and changed."""
    before = world.get("subscription_schedule", schedule["id"])
    world.save(schedule)
    agenda.put(world, {**schedule, "object": "subscription_schedule"}, _next_due(schedule))
    if before is not None:
        stored.emit_updated(world, "subscription_schedule.updated", before, schedule)
    return schedule


def _next_due(schedule: JsonObject) -> int | None:
    if schedule["status"] != "active":
        return None
    for planned in schedule["pause_schedules"]:
        if planned["pause"]["status"]["type"] == "scheduled":
            pause_at: int = planned["pause"]["pause_at"]
            return pause_at
        if planned["resume"] and planned["resume"]["status"]["type"] == "scheduled":
            resume_at: int = planned["resume"]["resume_at"]
            return resume_at
    end: int = schedule["current_phase"]["end_date"]
    return end


def waits(schedule: JsonObject) -> bool:
    """A pause that it plans, or the resumption of one, is still to come."""
    return any(
        one[part] and one[part]["status"]["type"] == "scheduled"
        for one in schedule["pause_schedules"]
        for part in ("pause", "resume")
    )


def release(world: World, schedule: JsonObject) -> JsonObject:
    """End the schedule; the subscription stays as it is."""
    subscription = world.need("subscription", schedule["subscription"])
    schedule.update(
        status="released",
        released_at=world.now(),
        released_subscription=subscription["id"],
        subscription=None,
        current_phase=None,
    )
    world.save(schedule)
    agenda.put(world, schedule, None)
    subscription["schedule"] = None
    save_linked(world, subscription)
    world.emit("subscription_schedule.released", schedule)
    return schedule


def phase_at(schedule: JsonObject, moment: int) -> JsonObject | None:
    """The phase that runs at a moment."""
    return next((one for one in schedule["phases"] if one["start_date"] <= moment < one["end_date"]), None)


def at_boundary(world: World, subscription: JsonObject) -> JsonObject:
    """Before a renewal: give the subscription the items of the phase that begins now, or release a finished schedule.

    Returns the subscription to renew. A new phase on another interval starts its own period at the boundary.
    """
    schedule = world.get("subscription_schedule", subscription["schedule"]) if subscription["schedule"] else None
    if schedule is None or waits(schedule):
        return subscription
    now = world.now()
    phase = phase_at(schedule, now)
    if phase is None:
        if schedule["end_behavior"] == "release":
            release(world, schedule)
        return world.need("subscription", subscription["id"])
    if phase["start_date"] != now or schedule["current_phase"]["start_date"] == now:
        return subscription
    begin(world, schedule, phase)
    set_items(world, subscription, phase)
    return subscription


def begin(world: World, schedule: JsonObject, phase: JsonObject) -> None:
    """Note that a phase runs now."""
    schedule["current_phase"] = {"end_date": phase["end_date"], "start_date": phase["start_date"]}
    save(world, schedule)


def set_items(world: World, subscription: JsonObject, phase: JsonObject) -> None:
    """Give a subscription, whose period is over, the items of a phase; does not save it."""
    now = world.now()
    wanted, rows = phase["items"], subscription["items"]["data"]
    kept: list[JsonObject] = []
    if phase["billing_cycle_anchor"] == "phase_start":
        subscription["billing_cycle_anchor"] = now
    for one in wanted:
        price = world.need("price", one["price"])
        item = next((row for row in rows if row["price"]["id"] == price["id"]), None)
        if item is None:
            free = [
                row for row in rows if row not in kept and not any(w["price"] == row["price"]["id"] for w in wanted)
            ]
            item = free[0] if free else bodies.subscription_item(world, subscription["id"], price, 1, now, now)
            if _interval(item["price"]) != _interval(price):
                subscription["billing_cycle_anchor"] = now
            item["price"], item["plan"] = price, bodies.plan_of(price)
        item["quantity"] = None if pricing.is_metered(price) else one["quantity"]
        kept.append(item)
    for gone in rows:
        if gone not in kept:
            world.remove("_billed", gone["id"])
    subscription["items"]["data"] = kept


def _interval(price: JsonObject) -> tuple[str, int]:
    recurring = price["recurring"]
    return recurring["interval"], recurring["interval_count"]
