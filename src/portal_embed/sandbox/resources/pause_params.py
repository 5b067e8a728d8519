"""Reading the pauses that subscription schedules plan."""

from typing import Any

from portal_embed.sandbox.engine import periods
from portal_embed.sandbox.resources.subscription_params import PRORATION_BEHAVIORS
from portal_embed.sandbox.wire.errors import StripeError, missing_param
from portal_embed.sandbox.wire.params import Accepts, clearable, required, timestamp
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a schedule plans one pause; what is not said has the defaults of the SDK's docstrings", "documented",
     "stripe-python 16.1, pause_schedules"),
    ("a pause's key is ours", "assumed", "no recording"),
]  # fmt: skip

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
