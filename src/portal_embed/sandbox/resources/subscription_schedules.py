"""Subscription schedules: a plan of phases, and of a pause, beside a running subscription or for one that is to begin.

Phases of any other form are refused.
"""

from typing import Any

from portal_embed.sandbox.engine import agenda, bodies, ending, pausing, phases, prebilling, schedules
from portal_embed.sandbox.resources.pause_params import PAUSE_SCHEDULES, pause_schedules
from portal_embed.sandbox.resources.schedule_params import DEFAULT_SETTINGS, PHASE, default_settings, phase
from portal_embed.sandbox.resources.schedule_params import phases as phases_of
from portal_embed.sandbox.resources.subscription_params import PRORATION_BEHAVIORS
from portal_embed.sandbox.wire.errors import StripeError, exclusive, missing_param
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    created_filter,
    merged_metadata,
    metadata,
    timestamp,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("from_subscription copies the running period as the first phase; release leaves the subscription as it is", "documented",
     "Stripe docs, subscription schedules"),
    ("a schedule that is released in its pause leaves the subscription paused for good", "assumed", "no recording"),
    ("no schedule is made from a paused subscription", "assumed", "Stripe docs disagree; refused"),
    ("a phase's price change at a boundary is applied without proration", "documented", "Stripe docs, subscription schedules"),
    ("a schedule of its own begins at its `start_date`, which may be now; until then it is `not_started`", "documented",
     "Stripe docs, subscription schedules"),
    ("a `start_date` in the past is refused", "assumed", "Stripe backdates; not built"),
    ("canceling a schedule ends its subscription at once, prorated and with a last invoice unless told otherwise", "documented",
     "stripe-python 16.1, SubscriptionScheduleCancelParams"),
]  # fmt: skip

_FIELDS: dict[str, Any] = {
    "default_settings": DEFAULT_SETTINGS,
    "end_behavior": ("cancel", "release"),
    "metadata": metadata,
    "pause_schedules": PAUSE_SCHEDULES,
    "phases": [PHASE],
}
_ALONE = ("customer", "default_settings", "end_behavior", "phases", "start_date", "billing_mode")


@route(
    "POST",
    "/v1/subscription_schedules",
    accepts={
        **_FIELDS,
        "billing_mode": {"type": ("classic", "flexible")},
        "customer": str,
        "from_subscription": str,
        "start_date": ("now", timestamp),
    },
)
def create(call: Call) -> JsonObject:
    """A schedule for a running subscription, or one that starts its subscription itself."""
    world = call.world
    if not call.has("from_subscription"):
        return _create_alone(call)
    for name in _ALONE:
        if call.has(name):
            raise exclusive("from_subscription", name)
    subscription = world.need("subscription", call.get("from_subscription"), param="from_subscription", status=400)
    if subscription["schedule"]:
        raise StripeError(
            f"You cannot migrate a subscription that is already attached to a schedule: {subscription['schedule']}.",
            param="from_subscription",
        )
    if subscription["status"] not in ("active", "trialing", "past_due"):
        raise StripeError("You can only create a schedule from a running subscription.", param="from_subscription")
    if prebilling.is_ahead(subscription):
        raise StripeError(
            "You cannot create a schedule from a subscription that has billing schedules.", param="from_subscription"
        )
    with agenda.own_time(world, world.need("customer", subscription["customer"])):
        made = _of_subscription(world, subscription)
        made["metadata"] = merged_metadata({}, call.get("metadata", {}))
        made["pause_schedules"] = pause_schedules(world, [], call.get("pause_schedules"))
        schedules.save(world, made)
        subscription["schedule"] = made["id"]
        schedules.save_linked(world, subscription)
        world.emit("subscription_schedule.created", made)
        return _begun(world, made)


def _create_alone(call: Call) -> JsonObject:
    world = call.world
    if not call.has("customer"):
        raise missing_param("customer")
    customer = world.need("customer", call.get("customer"), param="customer", status=400)
    with agenda.own_time(world, customer):
        made = alone(world, customer, call.params)
        schedules.save(world, made)
        world.emit("subscription_schedule.created", made)
        if made["phases"][0]["start_date"] <= world.now():
            phases.start(world, made)
        return world.need("subscription_schedule", made["id"])


def alone(world: World, customer: JsonObject, params: dict[str, Any]) -> JsonObject:
    """The body of a schedule that starts a subscription, not saved. Raises Stripe's refusals."""
    wanted = params.get("phases") or []
    start = params.get("start_date", wanted[0].get("start_date", "now") if wanted else "now")
    start = world.now() if start == "now" else start
    if start < world.now():
        raise StripeError("This sandbox starts no schedule in the past.", param="start_date")
    if params.get("pause_schedules"):
        raise StripeError("A subscription that has not begun cannot be paused.", param="pause_schedules")
    mode = (params.get("billing_mode") or {}).get("type", "flexible")
    flexible = {"proration_discounts": "included"} if mode == "flexible" else None
    return _body(
        world,
        customer,
        billing_mode={"flexible": flexible, "type": mode, "updated_at": world.now() if flexible else None},
        default_settings=default_settings(world, customer["id"], None, params.get("default_settings")),
        end_behavior=params.get("end_behavior", "release"),
        metadata=merged_metadata({}, params.get("metadata") or {}),
        phases=phases_of(world, customer["id"], start, wanted),
        status="not_started",
    )


def _begun(world: World, schedule: JsonObject) -> JsonObject:
    """The schedule after what it plans for this very moment has happened."""
    for planned in schedule["pause_schedules"]:
        if planned["pause"]["status"]["type"] == "scheduled" and planned["pause"]["pause_at"] <= world.now():
            pausing.check(world.need("subscription", schedule["subscription"]))
            phases.pause(world, schedule, planned)
    return world.need("subscription_schedule", schedule["id"])


def _of_subscription(world: World, subscription: JsonObject) -> JsonObject:
    rows = subscription["items"]["data"]
    start, end = min(row["current_period_start"] for row in rows), min(row["current_period_end"] for row in rows)
    customer = world.need("customer", subscription["customer"])
    items = [
        {"price": row["price"]["id"], "quantity": row["quantity"], "discounts": _same(row["discounts"])} for row in rows
    ]
    wanted = {"items": items, "discounts": _same(subscription["discounts"])}
    first = phase(world, customer["id"], subscription["currency"], wanted, start, end)
    first["default_tax_rates"] = subscription["default_tax_rates"]
    for item, row in zip(first["items"], rows, strict=True):
        item["tax_rates"] = row["tax_rates"]
    if subscription["status"] == "trialing":
        first["trial_end"] = subscription["trial_end"]
    return _body(
        world,
        customer,
        billing_mode=subscription["billing_mode"],
        current_phase={"end_date": end, "start_date": start},
        default_settings=default_settings(world, customer["id"], None, None),
        phases=[first],
        status="active",
        subscription=subscription["id"],
    )


def _same(ids: list[str]) -> list[JsonObject]:
    return [{"discount": id} for id in ids]


def _body(world: World, customer: JsonObject, **given: Any) -> JsonObject:
    return bodies.ordered(
        {
            "id": world.new_id("sub_sched_"),
            "object": "subscription_schedule",
            "application": None,
            "canceled_at": None,
            "completed_at": None,
            "created": world.now(),
            "current_phase": None,
            "customer": customer["id"],
            "customer_account": None,
            "end_behavior": "release",
            "livemode": False,
            "metadata": {},
            "pause_schedules": [],
            "released_at": None,
            "released_subscription": None,
            "subscription": None,
            "test_clock": customer["test_clock"],
            **given,
        }
    )


@route("GET", "/v1/subscription_schedules/{id}")
def retrieve(call: Call) -> JsonObject:
    """One schedule."""
    return call.world.answer("subscription_schedule", call.ids["id"])


@route("GET", "/v1/subscription_schedules", accepts={**PAGING, "created": created_filter, "customer": str})
def index(call: Call) -> JsonObject:
    """Schedules, newest first."""
    equals = {"customer": call.get("customer")} if call.has("customer") else {}
    rows = call.world.newest_first("subscription_schedule", **equals)
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    return page(call, rows, "/v1/subscription_schedules")


@route("POST", "/v1/subscription_schedules/{id}", accepts={**_FIELDS, "proration_behavior": PRORATION_BEHAVIORS})
def update(call: Call) -> JsonObject:
    """Replace the phases (the first is the running one, with its items), the planned pause, the defaults, or the end."""
    world = call.world
    schedule = _active(world, call.ids["id"], "update")
    with agenda.own_time(world, world.need("customer", schedule["customer"])):
        changed(world, schedule, call.params)
        schedules.save(world, schedule)
        if schedule["status"] == "not_started" and schedule["phases"][0]["start_date"] <= world.now():
            phases.start(world, schedule)
        return _begun(world, schedule)


def changed(world: World, schedule: JsonObject, params: dict[str, Any]) -> None:
    """Change a schedule's body as an update or a preview wants it; saves nothing. Raises Stripe's refusals."""
    schedule["end_behavior"] = params.get("end_behavior", schedule["end_behavior"])
    if "metadata" in params:
        schedule["metadata"] = merged_metadata(schedule["metadata"], params["metadata"])
    if "default_settings" in params:
        schedule["default_settings"] = default_settings(
            world, schedule["customer"], schedule["default_settings"], params["default_settings"]
        )
    if "phases" in params:
        running = (
            schedules.phase_at(schedule, schedule["current_phase"]["start_date"]) if schedule["current_phase"] else None
        )
        start = (running or schedule["phases"][0])["start_date"]
        if running is None and params["phases"]:
            start = params["phases"][0].get("start_date", start)
            start = world.now() if start == "now" else start
        schedule["phases"] = phases_of(world, schedule["customer"], start, params["phases"], running)
        if running is not None:
            schedule["current_phase"]["end_date"] = schedule["phases"][0]["end_date"]
    if "pause_schedules" in params:
        if schedule["subscription"] is None:
            raise StripeError("A subscription that has not begun cannot be paused.", param="pause_schedules")
        schedule["pause_schedules"] = pause_schedules(world, schedule["pause_schedules"], params["pause_schedules"])


@route("POST", "/v1/subscription_schedules/{id}/release", accepts={"preserve_cancel_date": bool})
def release(call: Call) -> JsonObject:
    """Let the subscription go on without the schedule."""
    world = call.world
    schedule = _active(world, call.ids["id"], "release")
    with agenda.own_time(world, world.need("customer", schedule["customer"])):
        return schedules.release(world, schedule)


@route("POST", "/v1/subscription_schedules/{id}/cancel", accepts={"invoice_now": bool, "prorate": bool})
def cancel(call: Call) -> JsonObject:
    """End the schedule, and its subscription with it."""
    world = call.world
    schedule = _active(world, call.ids["id"], "cancel")
    with agenda.own_time(world, world.need("customer", schedule["customer"])):
        if schedule["subscription"] is None:
            return schedules.cancel(world, schedule)
        subscription = world.need("subscription", schedule["subscription"])
        ending.cancel_now(
            world, subscription, prorate=call.get("prorate", True), invoice_now=call.get("invoice_now", True)
        )
        return world.need("subscription_schedule", schedule["id"])


def _active(world: World, id: str, verb: str) -> JsonObject:
    schedule = world.need("subscription_schedule", id)
    if schedule["status"] not in ("active", "not_started"):
        raise StripeError(
            f"You cannot {verb} a subscription schedule that is currently in the `{schedule['status']}` status."
        )
    return schedule
