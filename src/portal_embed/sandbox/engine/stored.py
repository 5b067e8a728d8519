"""A subscription as it is stored: with its items, its next moment on the agenda, and the events of its changes."""

from portal_embed.sandbox.changes import previous_attributes
from portal_embed.sandbox.engine import agenda
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("three days before a trial ends, or at once in a shorter one, `customer.subscription.trial_will_end`", "documented",
     "Stripe docs, free trials: events"),
]  # fmt: skip

TRIAL_NOTICE = 3 * 86_400
"""How long before its end a trial is announced, seconds."""


def save_subscription(world: World, subscription: JsonObject) -> JsonObject:
    """Store a subscription with its items, its legacy `plan` and `quantity`, and when something happens to it next."""
    items = subscription["items"]["data"]
    subscription["items"]["total_count"] = len(items)
    subscription["plan"] = items[0]["plan"] if len(items) == 1 else None
    subscription["quantity"] = items[0]["quantity"] if len(items) == 1 else None
    for item in items:
        world.save(item)
    world.save(subscription)
    agenda.put(world, subscription, next_due(subscription, world.now()))
    return subscription


def next_due(subscription: JsonObject, now: int) -> int | None:
    """When time itself next does something with a subscription, seconds."""
    status = subscription["status"]
    if status in ("canceled", "incomplete_expired"):
        return None
    moments = [subscription["cancel_at"]]
    if status == "incomplete":
        moments.append(subscription["created"] + 23 * 3_600)
    elif status != "paused":
        moments += [item["current_period_end"] for item in subscription["items"]["data"]]
    if status == "trialing" and subscription["trial_end"] - TRIAL_NOTICE > now:
        moments.append(subscription["trial_end"] - TRIAL_NOTICE)
    if subscription["pending_update"]:
        moments.append(subscription["pending_update"]["expires_at"])
    if subscription["pause_collection"]:
        moments.append(subscription["pause_collection"]["resumes_at"])
    return min((moment for moment in moments if moment is not None), default=None)


def set_paused(world: World, subscription: JsonObject, why: str) -> None:
    """Make it paused and say why; does not save it."""
    subscription["status"] = "paused"
    subscription["status_details"] = {
        "paused": {"subscription": {"type": why}, "transitioned_at": world.now(), "type": "subscription"}
    }


def updated(world: World, old: JsonObject, new: JsonObject) -> None:
    """Emit `customer.subscription.updated` with what changed, if anything did."""
    emit_updated(world, "customer.subscription.updated", old, new)


def emit_updated(world: World, event: str, old: JsonObject, new: JsonObject) -> None:
    """Emit an event with `previous_attributes`, if anything changed."""
    previous = previous_attributes(old, new)
    if previous:
        world.emit(event, new, previous)


def subscription_of(invoice: JsonObject) -> str | None:
    """The id of the subscription an invoice bills."""
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    id: str | None = details.get("subscription")
    return id
