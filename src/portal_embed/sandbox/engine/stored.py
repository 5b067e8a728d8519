"""A subscription as it is stored: with its items, its next moment on the agenda, and the events of its changes."""

from portal_embed.sandbox.changes import previous_attributes
from portal_embed.sandbox.engine import agenda
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("three days before a trial ends, or at once in a shorter one, `customer.subscription.trial_will_end`", "documented",
     "Stripe docs, free trials: events"),
    ("a discount that a subscription or one of its items gets, has changed for another, or loses is told by `customer.discount`",
     "documented", "stripe-python 16.1, Event.type; of subscriptions' discounts, and of used up ones, assumed"),
]  # fmt: skip

TRIAL_NOTICE = 3 * 86_400
"""How long before its end a trial is announced, seconds."""
RENEWAL_NOTICE = 7 * 86_400
"""How long before it a renewal is announced, seconds."""


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
    moments += [end - RENEWAL_NOTICE for end in announced_ends(subscription) if end - RENEWAL_NOTICE > now]
    if subscription["pending_update"]:
        moments.append(subscription["pending_update"]["expires_at"])
    if subscription["pause_collection"]:
        moments.append(subscription["pause_collection"]["resumes_at"])
    return min((moment for moment in moments if moment is not None), default=None)


def announced_ends(subscription: JsonObject) -> set[int]:
    """The ends of its items' periods whose renewal is charged by itself, and so announced beforehand; seconds."""
    charged = subscription["collection_method"] == "charge_automatically" and not subscription["pause_collection"]
    if not charged or subscription["status"] not in ("active", "trialing", "past_due"):
        return set()
    last = subscription["cancel_at"]
    ends = {
        item["current_period_end"]
        for item in subscription["items"]["data"]
        if (item["billed_until"] or 0) <= item["current_period_end"]  # what is billed ahead renews without a charge
    }
    return {end for end in ends if last is None or end < last}


def set_paused(world: World, subscription: JsonObject, why: str) -> None:
    """Make it paused and say why; does not save it."""
    subscription["status"] = "paused"
    subscription["status_details"] = {
        "paused": {"subscription": {"type": why}, "transitioned_at": world.now(), "type": "subscription"}
    }


def updated(world: World, old: JsonObject, new: JsonObject) -> None:
    """Emit `customer.subscription.updated` with what changed, if anything did, after the events of its discounts."""
    discounts_changed(world, old, new)
    emit_updated(world, "customer.subscription.updated", old, new)


def discounts_changed(world: World, old: JsonObject | None, new: JsonObject) -> None:
    """Emit what became of the discounts of a subscription and of its items; `old` is None for a new subscription."""
    before, after = _discounts(old), _discounts(new)
    for holder in [*before, *(id for id in after if id not in before)]:
        had, has = before.get(holder, []), after.get(holder, [])
        gone, come = [id for id in had if id not in has], [id for id in has if id not in had]
        if len(gone) == len(come) == 1:
            emit_updated(
                world, "customer.discount.updated", world.need("discount", gone[0]), world.need("discount", come[0])
            )
            continue
        for id in gone:
            world.emit("customer.discount.deleted", world.need("discount", id))
        for id in come:
            world.emit("customer.discount.created", world.need("discount", id))


def _discounts(subscription: JsonObject | None) -> dict[str, list[str]]:
    holders = [subscription, *subscription["items"]["data"]] if subscription else []
    return {holder["id"]: holder["discounts"] for holder in holders}


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
