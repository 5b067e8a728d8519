"""Billing meters, the events they count, and what the events add up to."""

from collections.abc import Iterator
from typing import Any

from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.engine import agenda, bodies, usage
from portal_embed.sandbox.engine.money import exact
from portal_embed.sandbox.wire.errors import StripeError, missing_param
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import PAGING, metadata, required, timestamp
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("the keys of a meter, of its events and of their summaries", "documented", "stripe-python 16.1 annotations"),
    ("an event is refused without its customer or value, 35 days back, or 5 minutes ahead", "documented",
     "stripe-python 16.1, meter event timestamp; refusals' wording assumed"),
    ("an identifier that is known is refused", "documented", "stripe-python 16.1, meter event identifier; wording assumed"),
    ("summaries may be asked for up to an end that is still ahead", "assumed", "Stripe's annotations name no limit"),
    ("events count at once", "assumed", "Stripe counts them asynchronously"),
    ("meter event adjustments are refused", "assumed", "not built"),
]  # fmt: skip

_KIND = "billing.meter"
_LATE, _EARLY = 35 * 86_400, 300
_WINDOWS = {"hour": 3_600, "day": 86_400}


@route(
    "POST",
    "/v1/billing/meters",
    accepts={
        "customer_mapping": {"event_payload_key": required(str), "type": required(("by_id",))},
        "default_aggregation": required({"formula": required(("count", "last", "sum"))}),
        "display_name": required(str),
        "event_name": required(str),
        "event_time_window": ("day", "hour"),
        "value_settings": {"event_payload_key": required(str)},
    },
)
def create(call: Call) -> JsonObject:
    """A meter; among active ones the event name is its own."""
    world = call.world
    if _of_event(world, call.get("event_name")):
        raise StripeError(
            f"An active meter with event name {call.get('event_name')} already exists.",
            code="resource_already_exists",
            param="event_name",
        )
    now = world.now()
    meter = bodies.ordered(
        {
            "id": world.new_id("mtr_"),
            "object": _KIND,
            "created": now,
            "customer_mapping": call.get("customer_mapping")
            or {"event_payload_key": "stripe_customer_id", "type": "by_id"},
            "default_aggregation": call.get("default_aggregation"),
            "display_name": call.get("display_name"),
            "event_name": call.get("event_name"),
            "event_time_window": call.get("event_time_window"),
            "livemode": False,
            "status": "active",
            "status_transitions": {"deactivated_at": None},
            "updated": now,
            "value_settings": call.get("value_settings") or {"event_payload_key": "value"},
        }
    )
    world.save(meter)
    world.emit("billing.meter.created", meter)
    return meter


def _of_event(world: World, name: str) -> JsonObject | None:
    rows = world.newest_first(_KIND).where(lambda row: row["event_name"] == name and row["status"] == "active")
    return next(rows, None)


@route("GET", "/v1/billing/meters/{id}")
def retrieve(call: Call) -> JsonObject:
    """One meter."""
    return call.world.answer(_KIND, call.ids["id"])


@route("GET", "/v1/billing/meters", accepts={**PAGING, "status": ("active", "inactive")})
def index(call: Call) -> JsonObject:
    """Meters, newest first."""
    equals = {"status": call.get("status")} if call.has("status") else {}
    return page(call, call.world.newest_first(_KIND, **equals), "/v1/billing/meters")


@route("POST", "/v1/billing/meters/{id}", accepts={"display_name": str})
def update(call: Call) -> JsonObject:
    """Change the name."""
    meter = call.world.need(_KIND, call.ids["id"])
    meter["display_name"] = call.get("display_name", meter["display_name"])
    return _changed(call.world, meter, "billing.meter.updated")


@route("POST", "/v1/billing/meters/{id}/deactivate")
def deactivate(call: Call) -> JsonObject:
    """No more events are taken."""
    meter = call.world.need(_KIND, call.ids["id"])
    meter.update(status="inactive", status_transitions={"deactivated_at": call.world.now()})
    return _changed(call.world, meter, "billing.meter.deactivated")


@route("POST", "/v1/billing/meters/{id}/reactivate")
def reactivate(call: Call) -> JsonObject:
    """Events are taken again."""
    meter = call.world.need(_KIND, call.ids["id"])
    meter.update(status="active", status_transitions={"deactivated_at": None})
    return _changed(call.world, meter, "billing.meter.reactivated")


def _changed(world: World, meter: JsonObject, event: str) -> JsonObject:
    meter["updated"] = world.now()
    return save_changed(world, meter, event)


@route(
    "POST",
    "/v1/billing/meter_events",
    accepts={
        "event_name": required(str),
        "identifier": str,
        "payload": required(metadata),
        "timestamp": timestamp,
    },
)
def create_event(call: Call) -> JsonObject:
    """Count one use."""
    world = call.world
    meter = _of_event(world, call.get("event_name"))
    if meter is None:
        raise StripeError(
            f"No active meter found for event name {call.get('event_name')}.",
            code="archived_meter" if _retired(world, call.get("event_name")) else "no_meter",
            param="event_name",
        )
    payload = call.get("payload") or {}
    customer = _customer(world, meter, payload)
    with agenda.own_time(world, customer):
        now = world.now()
        when = call.get("timestamp", now)
        if when < now - _LATE or when > now + _EARLY:
            raise StripeError(
                "The timestamp of a meter event must be within the past 35 calendar days or up to 5 minutes in the future.",
                code="timestamp_too_far_in_past" if when < now else "timestamp_in_future",
                param="timestamp",
            )
        identifier = call.get("identifier") or world.new_id("", 32)
        if world.get("_meter_event", identifier):
            raise StripeError(
                f"An event already exists with identifier {identifier}.",
                code="duplicate_meter_event",
                param="identifier",
            )
        row = {
            "object": "_meter_event",
            "id": identifier,
            "meter": meter["id"],
            "customer": customer["id"],
            "value": _value(meter, payload),
            "timestamp": when,
        }
        world.save(row)
        return {
            "object": "billing.meter_event",
            "created": now,
            "event_name": meter["event_name"],
            "identifier": identifier,
            "livemode": False,
            "payload": payload,
            "timestamp": when,
        }


def _retired(world: World, name: str) -> bool:
    return any(row["event_name"] == name for row in world.newest_first(_KIND))


def _customer(world: World, meter: JsonObject, payload: dict[str, str]) -> JsonObject:
    key = meter["customer_mapping"]["event_payload_key"]
    if key not in payload:
        raise missing_param(f"payload[{key}]")
    return world.need("customer", payload[key], param=f"payload[{key}]", status=400)


def _value(meter: JsonObject, payload: dict[str, str]) -> str:
    key = meter["value_settings"]["event_payload_key"]
    if meter["default_aggregation"]["formula"] == "count":
        return payload.get(key, "1")
    if key not in payload:
        raise missing_param(f"payload[{key}]")
    try:
        exact(payload[key])
    except ArithmeticError:
        raise StripeError(f"Invalid decimal: {payload[key]}", param=f"payload[{key}]") from None
    return payload[key]


@route(
    "GET",
    "/v1/billing/meters/{id}/event_summaries",
    accepts={
        **PAGING,
        "customer": required(str),
        "end_time": required(timestamp),
        "start_time": required(timestamp),
        "value_grouping_window": ("day", "hour"),
    },
)
def event_summaries(call: Call) -> JsonObject:
    """What a customer used, in one sum or by hours or days, newest first."""
    world = call.world
    meter = world.need(_KIND, call.ids["id"])
    customer = world.need("customer", call.get("customer"), param="customer", status=400)["id"]
    start, end = call.get("start_time"), call.get("end_time")
    window = _WINDOWS.get(call.get("value_grouping_window"), end - start)
    for name in ("start_time", "end_time"):
        if call.get(name) % (window if call.has("value_grouping_window") else 60):
            raise StripeError(f"`{name}` must be aligned with minute, hour or day boundaries.", param=name)
    if end <= start:
        raise StripeError("`end_time` must be after `start_time`.", param="end_time")
    rows = list(_summaries(world, meter, customer, range(start, end, window), window))
    return page(call, rows[::-1], f"/v1/billing/meters/{meter['id']}/event_summaries")


def _summaries(world: World, meter: JsonObject, customer: str, starts: Any, window: int) -> Iterator[JsonObject]:
    for start in starts:
        value = usage.between(world, meter, customer, start, start + window)
        yield {
            "id": f"mtrusg_test_{meter['id'].removeprefix('mtr_')}{start}",
            "object": "billing.meter_event_summary",
            "aggregated_value": float(value),
            "end_time": start + window,
            "livemode": False,
            "meter": meter["id"],
            "start_time": start,
        }
