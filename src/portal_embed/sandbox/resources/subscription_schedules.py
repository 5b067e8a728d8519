"""Subscription schedules: a plan of phases beside a subscription: the running one, and one that follows at its end.

Phases of any other form are refused.
"""

from typing import Any

from portal_embed.sandbox.engine import agenda, bodies, periods, schedules
from portal_embed.sandbox.resources.subscription_params import PRORATION_BEHAVIORS
from portal_embed.sandbox.wire.errors import StripeError, missing_param
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    Accepts,
    created_filter,
    merged_metadata,
    metadata,
    required,
    timestamp,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("from_subscription copies the running period as the first phase; release leaves the subscription as it is", "documented",
     "Stripe docs, subscription schedules"),
    ("a phase's price change at a boundary is applied without proration", "documented", "Stripe docs, subscription schedules"),
    ("two phases at most: the running one unchanged until its period's end, then one with other items", "assumed",
     "other forms are refused, as no recording shows them"),
]  # fmt: skip

_PHASE: Accepts = {
    "duration": {"interval": required(("day", "week", "month", "year")), "interval_count": int},
    "end_date": timestamp,
    "items": required([{"price": required(str), "quantity": int, "metadata": metadata}]),
    "metadata": metadata,
    "proration_behavior": PRORATION_BEHAVIORS,
    "start_date": ("now", timestamp),
}


@route("POST", "/v1/subscription_schedules", accepts={"from_subscription": required(str), "metadata": metadata})
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
    world.save(made)
    _link(world, subscription, made["id"])
    world.emit("subscription_schedule.created", made)
    return made


def _link(world: World, subscription: JsonObject, schedule: str | None) -> None:
    subscription["schedule"] = schedule
    schedules.save_linked(world, subscription)


def _body(world: World, subscription: JsonObject) -> JsonObject:
    ends = [item["current_period_end"] for item in subscription["items"]["data"]]
    starts = [item["current_period_start"] for item in subscription["items"]["data"]]
    items = [{"price": item["price"]["id"], "quantity": item["quantity"]} for item in subscription["items"]["data"]]
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
            "phases": [_phase(subscription, items, min(starts), min(ends), "create_prorations")],
            "released_at": None,
            "released_subscription": None,
            "status": "active",
            "subscription": subscription["id"],
            "test_clock": subscription["test_clock"],
        }
    )


def _phase(subscription: JsonObject, items: list[JsonObject], start: int, end: int, proration: str) -> JsonObject:
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": subscription["currency"],
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "end_date": end,
        "invoice_settings": None,
        "items": [
            {
                "billing_thresholds": None, "discounts": [], "metadata": item.get("metadata") or {}, "plan": item["price"],
                "price": item["price"], "quantity": item.get("quantity", 1), "tax_rates": [],
            }
            for item in items
        ],
        "metadata": {},
        "on_behalf_of": None,
        "proration_behavior": proration,
        "start_date": start,
        "transfer_data": None,
        "trial_end": None,
    }  # fmt: skip


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
        "phases": [_PHASE],
        "proration_behavior": PRORATION_BEHAVIORS,
    },
)
def update(call: Call) -> JsonObject:
    """Replace the phases. The first must be the running one as it is; a second may change items at its end."""
    world = call.world
    schedule = _active(world, call.ids["id"], "update")
    before = world.need("subscription_schedule", schedule["id"])
    subscription = world.need("subscription", schedule["subscription"])
    if call.get("end_behavior") == "cancel":
        raise StripeError("This sandbox ends schedules with `end_behavior=release` only.", param="end_behavior")
    if call.has("metadata"):
        schedule["metadata"] = merged_metadata(schedule["metadata"], call.get("metadata"))
    with agenda.own_time(world, world.need("customer", schedule["customer"])):
        if call.has("phases"):
            schedule["phases"] = _phases(world, subscription, schedule, call.get("phases"))
        world.save(schedule)
        schedules.emit_updated(world, before, schedule)
        return schedule


def _phases(
    world: World, subscription: JsonObject, schedule: JsonObject, wanted: list[dict[str, Any]]
) -> list[JsonObject]:
    if not 1 <= len(wanted) <= 2:
        raise StripeError("This sandbox takes the running phase and at most one that follows it.", param="phases")
    current = schedule["current_phase"]
    start, phases = current["start_date"], []
    for position, one in enumerate(wanted):
        for place, item in enumerate(one["items"]):
            world.need("price", item["price"], param=f"phases[{position}][items][{place}][price]", status=400)
        begin = one.get("start_date", start)
        end = one.get("end_date") or _end(begin, one.get("duration"), position)
        if begin != start or end <= begin:
            raise StripeError("Phases must follow each other without a gap.", param=f"phases[{position}][start_date]")
        phases.append(
            _phase(subscription, one["items"], begin, end, one.get("proration_behavior", "create_prorations"))
        )
        start = end
    _check_first(subscription, phases[0], current["end_date"])
    return phases


def _end(start: int, duration: dict[str, Any] | None, position: int) -> int:
    if duration is None:
        raise missing_param(f"phases[{position}][end_date]")
    return periods.stepped(start, duration["interval"], duration.get("interval_count", 1), 1)


def _check_first(subscription: JsonObject, phase: JsonObject, end: int) -> None:
    running = sorted((item["price"]["id"], item["quantity"]) for item in subscription["items"]["data"])
    kept = sorted((item["price"], item["quantity"]) for item in phase["items"])
    if running != kept or phase["end_date"] != end:
        raise StripeError(
            "This sandbox keeps the running phase as it is: the same items, until the end of the current period.",
            param="phases[0]",
        )


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
