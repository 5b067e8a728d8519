"""Reading the phases and pauses of subscription schedules."""

from typing import Any

from portal_embed.sandbox.engine import periods, pricing
from portal_embed.sandbox.resources.subscription_params import PRORATION_BEHAVIORS
from portal_embed.sandbox.wire.errors import StripeError, missing_param
from portal_embed.sandbox.wire.params import Accepts, clearable, merged_metadata, metadata, required, timestamp
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("phases follow each other without a gap; the running one keeps its start and its items", "documented",
     "Stripe docs, subscription schedules; that its items cannot change is this sandbox's limit"),
    ("a schedule plans one pause; what is not said has the defaults of the SDK's docstrings", "documented",
     "stripe-python 16.1, pause_schedules"),
    ("a pause's key is ours", "assumed", "no recording"),
]  # fmt: skip

PHASE: Accepts = {
    "billing_cycle_anchor": ("automatic", "phase_start"),
    "duration": {"interval": required(("day", "week", "month", "year")), "interval_count": int},
    "end_date": timestamp,
    "items": required([{"price": required(str), "quantity": int, "metadata": metadata}]),
    "metadata": metadata,
    "proration_behavior": PRORATION_BEHAVIORS,
    "start_date": ("now", timestamp),
}
PAUSES: Accepts = {
    "key": str,
    "pause": {
        "pause_at": {"type": required(("now", "timestamp")), "timestamp": timestamp},
        "settings": {
            "bill_for": {
                "outstanding_usage_through": {"type": ("none", "pause_at")},
                "unused_time_from": {"type": ("item_current_period_start", "none", "pause_at")},
            },
            "invoicing_behavior": ("invoice", "pending_invoice_item"),
            "type": ("subscription",),
        },
    },
    "resume": {
        "resume_at": {
            "type": required(("duration", "now", "timestamp")),
            "timestamp": timestamp,
            "duration": {"interval": required(("day", "week", "month", "year")), "interval_count": int},
        },
        "settings": {
            "billing_cycle_anchor": ("resume_at", "unchanged"),
            "payment_behavior": ("resume_on_payment_attempt", "resume_on_payment_success"),
            "proration_behavior": PRORATION_BEHAVIORS,
        },
    },
}
PAUSE_SCHEDULES = clearable([PAUSES])


def phase(world: World, subscription: JsonObject, wanted: dict[str, Any], start: int, end: int) -> JsonObject:
    """The body of one phase."""
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": wanted.get("billing_cycle_anchor"),
        "billing_thresholds": None,
        "collection_method": None,
        "currency": subscription["currency"],
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "end_date": end,
        "invoice_settings": None,
        "items": [_item(world, one) for one in wanted["items"]],
        "metadata": merged_metadata({}, wanted.get("metadata", {})),
        "on_behalf_of": None,
        "proration_behavior": wanted.get("proration_behavior", "create_prorations"),
        "start_date": start,
        "transfer_data": None,
        "trial_end": None,
    }


def _item(world: World, wanted: JsonObject) -> JsonObject:
    price = world.need("price", wanted["price"])
    return {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": wanted.get("metadata") or {},
        "plan": wanted["price"],
        "price": wanted["price"],
        "quantity": None if pricing.is_metered(price) else wanted.get("quantity", 1),
        "tax_rates": [],
    }


def phases(
    world: World, subscription: JsonObject, schedule: JsonObject, wanted: list[dict[str, Any]]
) -> list[JsonObject]:
    """The bodies of all phases. Raises a refusal for gaps, and for a first phase that is not the running one."""
    if not wanted:
        raise missing_param("phases")
    start, found = schedule["current_phase"]["start_date"], []
    for position, one in enumerate(wanted):
        for place, item in enumerate(one["items"]):
            world.need("price", item["price"], param=f"phases[{position}][items][{place}][price]", status=400)
        begin = one.get("start_date", start)
        end = one.get("end_date") or _end(begin, one.get("duration"), position)
        if begin != start or end <= begin:
            raise StripeError("Phases must follow each other without a gap.", param=f"phases[{position}][start_date]")
        found.append(phase(world, subscription, one, begin, end))
        start = end
    _check_first(world, subscription, found[0])
    return found


def _end(start: int, duration: dict[str, Any] | None, position: int) -> int:
    if duration is None:
        raise missing_param(f"phases[{position}][end_date]")
    return periods.stepped(start, duration["interval"], duration.get("interval_count", 1), 1)


def _check_first(world: World, subscription: JsonObject, first: JsonObject) -> None:
    running = {(item["price"]["id"], item["quantity"]) for item in subscription["items"]["data"]}
    if running != {(item["price"], item["quantity"]) for item in first["items"]}:
        raise StripeError(
            "This sandbox keeps the running phase as it is: the same items. Change the subscription itself first.",
            param="phases[0]",
        )
    if first["end_date"] <= world.now():
        raise StripeError("The running phase cannot end in the past.", param="phases[0][end_date]")


def pause_schedules(world: World, known: list[JsonObject], wanted: list[dict[str, Any]] | None) -> list[JsonObject]:
    """The bodies of the planned pauses: what is not said stays, or has its default. Raises Stripe's refusals."""
    if wanted is None:
        return []
    if len(wanted) > 1:
        raise StripeError("You can provide only one pause schedule.", param="pause_schedules")
    return [_pause(world, one, next(iter(known), None)) for one in wanted]


def _pause(world: World, wanted: dict[str, Any], known: JsonObject | None) -> JsonObject:
    if known is not None and wanted.get("key") != known["key"]:
        raise StripeError(
            f"This schedule has the pause `{known['key']}`; name its key to change it.", param="pause_schedules[0][key]"
        )
    paused = wanted.get("pause") or {}
    if known is None and "pause_at" not in paused:
        raise missing_param("pause_schedules[0][pause][pause_at]")
    body = known or {
        "key": wanted.get("key") or world.new_id("pause_"),
        "pause": {"pause_at": 0, "settings": _PAUSE_DEFAULTS, "status": {"error": None, "type": "scheduled"}},
        "resume": None,
    }
    _set_pause(world, body["pause"], paused)
    if "resume" in wanted:
        body["resume"] = _resume(world, body, wanted["resume"])
    return body


_PAUSE_DEFAULTS: JsonObject = {
    "bill_for": {"outstanding_usage_through": {"type": "pause_at"}, "unused_time_from": {"type": "pause_at"}},
    "invoicing_behavior": "pending_invoice_item",
    "type": "subscription",
}
_RESUME_DEFAULTS: JsonObject = {
    "billing_cycle_anchor": "resume_at",
    "payment_behavior": "resume_on_payment_success",
    "proration_behavior": "create_prorations",
}


def _set_pause(world: World, body: JsonObject, wanted: dict[str, Any]) -> None:
    if "pause_at" in wanted and body["status"]["type"] == "scheduled":
        body["pause_at"] = _moment(world, wanted["pause_at"], world.now(), "pause_schedules[0][pause][pause_at]")
    settings = wanted.get("settings", {})
    body["settings"] = {
        **body["settings"],
        **settings,
        "bill_for": {**body["settings"]["bill_for"], **settings.get("bill_for", {})},
    }


def _resume(world: World, body: JsonObject, wanted: dict[str, Any]) -> JsonObject:
    known = body["resume"] or {
        "resume_at": 0, "settings": _RESUME_DEFAULTS, "status": {"error": None, "type": "scheduled"},
    }  # fmt: skip
    if "resume_at" in wanted:
        begin = max(body["pause"]["pause_at"], world.now())
        known["resume_at"] = _moment(world, wanted["resume_at"], begin, "pause_schedules[0][resume][resume_at]")
        if known["resume_at"] < body["pause"]["pause_at"]:
            raise StripeError("A subscription resumes after it paused.", param="pause_schedules[0][resume][resume_at]")
    known["settings"] = {**known["settings"], **wanted.get("settings", {})}
    return known


def _moment(world: World, wanted: dict[str, Any], since: int, path: str) -> int:
    if wanted["type"] == "duration":
        if "duration" not in wanted:
            raise missing_param(f"{path}[duration]")
        lasting = wanted["duration"]
        return periods.stepped(since, lasting["interval"], lasting.get("interval_count", 1), 1)
    if wanted["type"] == "now":
        return world.now()
    if "timestamp" not in wanted:
        raise missing_param(f"{path}[timestamp]")
    at: int = wanted["timestamp"]
    if at < world.now():
        raise StripeError(f"`{path}` lies in the past.", param=path)
    return at
