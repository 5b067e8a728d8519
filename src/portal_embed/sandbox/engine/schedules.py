"""Subscription schedules as time passes: the second phase begins at the period's end, and the schedule lets go after it."""

from portal_embed.sandbox.engine import bodies, settling
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a phase that begins at a period's end bills its items from then on", "documented", "Stripe docs, subscription schedules"),
    ("after its last phase a schedule with `end_behavior` release lets go and leaves the subscription running", "documented",
     "Stripe docs, subscription schedules"),
]  # fmt: skip


def save_linked(world: World, subscription: JsonObject) -> None:
    """Store a subscription whose `schedule` changed, with the event."""
    before = world.need("subscription", subscription["id"])
    settling.save_subscription(world, subscription)
    settling.updated(world, before, subscription)


def emit_updated(world: World, before: JsonObject, schedule: JsonObject) -> None:
    """`subscription_schedule.updated`, if anything changed."""
    settling.emit_updated(world, "subscription_schedule.updated", before, schedule)


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
    subscription["schedule"] = None
    save_linked(world, subscription)
    world.emit("subscription_schedule.released", schedule)
    return schedule


def at_boundary(world: World, subscription: JsonObject) -> JsonObject:
    """Before a renewal: give the subscription the items of the phase that begins now, or release a finished schedule.

    Returns the subscription to renew. A new phase on another interval starts its own period at the boundary.
    """
    schedule = world.get("subscription_schedule", subscription["schedule"]) if subscription["schedule"] else None
    if schedule is None:
        return subscription
    before = world.need("subscription_schedule", schedule["id"])
    now = world.now()
    phase = next((one for one in schedule["phases"] if one["start_date"] <= now < one["end_date"]), None)
    if phase is None:
        release(world, schedule)
        return world.need("subscription", subscription["id"])
    if phase["start_date"] != now or before["current_phase"]["start_date"] == now:
        return subscription
    schedule["current_phase"] = {"end_date": phase["end_date"], "start_date": phase["start_date"]}
    world.save(schedule)
    emit_updated(world, before, schedule)
    _set_items(world, subscription, phase["items"])
    return subscription


def _set_items(world: World, subscription: JsonObject, wanted: list[JsonObject]) -> None:
    now = world.now()
    rows = subscription["items"]["data"]
    kept: list[JsonObject] = []
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
        item["quantity"] = one["quantity"]
        kept.append(item)
    for gone in rows:
        if gone not in kept:
            world.remove("_billed", gone["id"])
    subscription["items"]["data"] = kept


def _interval(price: JsonObject) -> tuple[str, int]:
    recurring = price["recurring"]
    return recurring["interval"], recurring["interval_count"]
