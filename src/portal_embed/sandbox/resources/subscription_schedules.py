"""Subscription schedules: a plan of phases, and of a pause, beside a running subscription.

Phases of any other form are refused.
"""

from portal_embed.sandbox.engine import agenda, bodies, pausing, phases, schedules
from portal_embed.sandbox.resources.schedule_params import PAUSE_SCHEDULES, PHASE, pause_schedules, phase
from portal_embed.sandbox.resources.schedule_params import phases as phases_of
from portal_embed.sandbox.resources.subscription_params import PRORATION_BEHAVIORS
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    created_filter,
    merged_metadata,
    metadata,
    required,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("from_subscription copies the running period as the first phase; release leaves the subscription as it is", "documented",
     "Stripe docs, subscription schedules"),
    ("a phase's price change at a boundary is applied without proration", "documented", "Stripe docs, subscription schedules"),
    ("schedules are made from a running subscription only; phases take prices, quantities, durations, anchor and proration",
     "assumed", "other forms are refused"),
]  # fmt: skip


@route(
    "POST",
    "/v1/subscription_schedules",
    accepts={"from_subscription": required(str), "metadata": metadata, "pause_schedules": PAUSE_SCHEDULES},
)
def create(call: Call) -> JsonObject:
    """A schedule for a running subscription."""
    world = call.world
    subscription = world.need("subscription", call.get("from_subscription"), param="from_subscription", status=400)
    if subscription["schedule"]:
        raise StripeError(
            f"You cannot migrate a subscription that is already attached to a schedule: {subscription['schedule']}.",
            param="from_subscription",
        )
    if subscription["status"] not in ("active", "trialing", "past_due"):
        raise StripeError("You can only create a schedule from a running subscription.", param="from_subscription")
    made = _body(world, subscription)
    made["metadata"] = merged_metadata({}, call.get("metadata", {}))
    with agenda.own_time(world, world.need("customer", subscription["customer"])):
        made["pause_schedules"] = pause_schedules(world, [], call.get("pause_schedules"))
        schedules.save(world, made)
        _link(world, subscription, made["id"])
        world.emit("subscription_schedule.created", made)
        return _begun(world, made)


def _begun(world: World, schedule: JsonObject) -> JsonObject:
    """The schedule after what it plans for this very moment has happened."""
    for planned in schedule["pause_schedules"]:
        if planned["pause"]["status"]["type"] == "scheduled" and planned["pause"]["pause_at"] <= world.now():
            pausing.check(world.need("subscription", schedule["subscription"]))
            phases.pause(world, schedule, planned)
    return world.need("subscription_schedule", schedule["id"])


def _link(world: World, subscription: JsonObject, schedule: str | None) -> None:
    subscription["schedule"] = schedule
    schedules.save_linked(world, subscription)


def _body(world: World, subscription: JsonObject) -> JsonObject:
    ends = [item["current_period_end"] for item in subscription["items"]["data"]]
    starts = [item["current_period_start"] for item in subscription["items"]["data"]]
    rows = subscription["items"]["data"]
    items = [{"price": item["price"]["id"], "quantity": item["quantity"]} for item in rows]
    return bodies.ordered(
        {
            "id": world.new_id("sub_sched_"),
            "object": "subscription_schedule",
            "application": None,
            "billing_mode": subscription["billing_mode"],
            "canceled_at": None,
            "completed_at": None,
            "created": world.now(),
            "current_phase": {"end_date": min(ends), "start_date": min(starts)},
            "customer": subscription["customer"],
            "customer_account": None,
            "default_settings": {
                "application_fee_percent": None,
                "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
                "billing_cycle_anchor": "automatic",
                "billing_thresholds": None,
                "collection_method": subscription["collection_method"],
                "default_payment_method": None,
                "description": None,
                "invoice_settings": {"account_tax_ids": None, "days_until_due": None, "issuer": {"type": "self"}},
                "on_behalf_of": None,
                "transfer_data": None,
            },
            "end_behavior": "release",
            "livemode": False,
            "metadata": {},
            "pause_schedules": [],
            "phases": [phase(world, subscription, {"items": items}, min(starts), min(ends))],
            "released_at": None,
            "released_subscription": None,
            "status": "active",
            "subscription": subscription["id"],
            "test_clock": subscription["test_clock"],
        }
    )


@route("GET", "/v1/subscription_schedules/{id}")
def retrieve(call: Call) -> JsonObject:
    """One schedule."""
    return call.world.need("subscription_schedule", call.ids["id"])


@route("GET", "/v1/subscription_schedules", accepts={**PAGING, "created": created_filter, "customer": str})
def index(call: Call) -> JsonObject:
    """Schedules, newest first."""
    equals = {"customer": call.get("customer")} if call.has("customer") else {}
    rows = call.world.newest_first("subscription_schedule", **equals)
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    return page(call, rows, "/v1/subscription_schedules")


@route(
    "POST",
    "/v1/subscription_schedules/{id}",
    accepts={
        "end_behavior": ("cancel", "release"),
        "metadata": metadata,
        "pause_schedules": PAUSE_SCHEDULES,
        "phases": [PHASE],
        "proration_behavior": PRORATION_BEHAVIORS,
    },
)
def update(call: Call) -> JsonObject:
    """Replace the phases (the first is the running one, with its items), the planned pause, or the end."""
    world = call.world
    schedule = _active(world, call.ids["id"], "update")
    subscription = world.need("subscription", schedule["subscription"])
    schedule["end_behavior"] = call.get("end_behavior", schedule["end_behavior"])
    if call.has("metadata"):
        schedule["metadata"] = merged_metadata(schedule["metadata"], call.get("metadata"))
    with agenda.own_time(world, world.need("customer", schedule["customer"])):
        if call.has("phases"):
            schedule["phases"] = phases_of(world, subscription, schedule, call.get("phases"))
            schedule["current_phase"]["end_date"] = schedule["phases"][0]["end_date"]
        if call.has("pause_schedules"):
            schedule["pause_schedules"] = pause_schedules(
                world, schedule["pause_schedules"], call.get("pause_schedules")
            )
        schedules.save(world, schedule)
        return _begun(world, schedule)


@route("POST", "/v1/subscription_schedules/{id}/release", accepts={"preserve_cancel_date": bool})
def release(call: Call) -> JsonObject:
    """Let the subscription go on without the schedule."""
    world = call.world
    schedule = _active(world, call.ids["id"], "release")
    with agenda.own_time(world, world.need("customer", schedule["customer"])):
        return schedules.release(world, schedule)


def _active(world: World, id: str, verb: str) -> JsonObject:
    schedule = world.need("subscription_schedule", id)
    if schedule["status"] not in ("active", "not_started"):
        raise StripeError(
            f"You cannot {verb} a subscription schedule that is currently in the `{schedule['status']}` status."
        )
    return schedule
