"""Subscription schedules as time passes: each phase begins at its moment, and after the last the schedule lets go or ends.

A schedule is on the agenda with its own next moment: its start, the end of the running phase or of a planned pause, or the
notice of its end.
"""

from portal_embed.sandbox.engine import agenda, bodies, discounts, lifecycle, pricing, stored, uninvoiced, usage
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a phase that begins at a period's end bills its items from then on", "documented", "Stripe docs, subscription schedules"),
    ("after its last phase a schedule with `end_behavior` release lets go and leaves the subscription running, with cancel ends it",
     "documented", "Stripe docs, subscription schedules"),
    ("a phase that begins inside a period changes the items with its own proration behavior", "documented",
     "Stripe docs, subscription schedules: prorations"),
    ("flexible: what was used until a phase that gives its item another price, or none, is billed at the old one", "assumed",
     "MOVES MONEY: no recording; as for a change inside a period"),
    ("what a phase, or else `default_settings`, says of the subscription holds from the phase's start; its metadata is added",
     "documented", "stripe-python 16.1, SubscriptionSchedule"),
    ("what neither says stays as it is on the subscription", "assumed", "no recording"),
    ("a phase without discounts or default tax rates takes those of the subscription away", "assumed",
     "MOVES MONEY: stripe-python 16.1 says that such a phase inherits the customer's discount; no recording"),
    ("a phase's discount that cannot be redeemed when it begins is left out", "assumed", "MOVES MONEY: no recording"),
    ("a phase's trial that begins with a period makes that period free until the trial ends", "assumed", "no recording"),
    ("`subscription_schedule.expiring` comes seven days before the last phase ends", "documented",
     "stripe-python 16.1, Event.type"),
    ("the schedule waits for a planned resumption before it lets go", "assumed", "no recording"),
]  # fmt: skip


EXPIRY_NOTICE = 7 * 86_400
"""How long before it the end of a schedule is announced, seconds."""


def save_linked(world: World, subscription: JsonObject) -> None:
    """Store a subscription whose `schedule` changed, with the event."""
    before = world.need("subscription", subscription["id"])
    stored.save_subscription(world, subscription)
    stored.updated(world, before, subscription)


def save(world: World, schedule: JsonObject) -> JsonObject:
    """Store a schedule with its next moment; emits `subscription_schedule.updated` if it existed and changed."""
    before = world.get("subscription_schedule", schedule["id"])
    world.save(schedule)
    agenda.put(world, schedule, _next_due(schedule, world.now()))
    if before is not None:
        stored.emit_updated(world, "subscription_schedule.updated", before, schedule)
    return schedule


def _next_due(schedule: JsonObject, now: int) -> int | None:
    if schedule["status"] not in ("active", "not_started"):
        return None
    notice = schedule["phases"][-1]["end_date"] - EXPIRY_NOTICE
    then = _next_step(schedule)
    return min(then, notice) if notice > now else then


def _next_step(schedule: JsonObject) -> int:
    if schedule["status"] == "not_started":
        start: int = schedule["phases"][0]["start_date"]
        return start
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
    id = schedule["subscription"]
    schedule.update(
        status="released", released_at=world.now(), released_subscription=id, subscription=None, current_phase=None,
    )  # fmt: skip
    world.save(schedule)
    agenda.put(world, schedule, None)
    if id is not None:
        subscription = world.need("subscription", id)
        subscription["schedule"] = None
        save_linked(world, subscription)
    world.emit("subscription_schedule.released", schedule)
    return schedule


def cancel(world: World, schedule: JsonObject) -> JsonObject:
    """End a schedule that has no subscription yet: none will begin."""
    schedule.update(status="canceled", canceled_at=world.now())
    world.save(schedule)
    agenda.put(world, schedule, None)
    world.emit("subscription_schedule.canceled", schedule)
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
    enter(world, subscription, schedule, phase)
    return subscription


def begin(world: World, schedule: JsonObject, phase: JsonObject) -> None:
    """Note that a phase runs now."""
    schedule["current_phase"] = {"end_date": phase["end_date"], "start_date": phase["start_date"]}
    schedule["status"] = "active"
    save(world, schedule)


def enter(world: World, subscription: JsonObject, schedule: JsonObject, phase: JsonObject) -> None:
    """Give a subscription whose period is over what a phase wants of it; does not save it."""
    if resets_anchor(schedule, phase):
        subscription["billing_cycle_anchor"] = world.now()
    _set_items(world, subscription, phase)
    edit(subscription, schedule, phase)
    customer = world.need("customer", subscription["customer"])
    wanted_ones = redeemable(world, customer, phase["discounts"])
    subscription["discounts"] = lifecycle.redeemed(world, subscription, customer, wanted_ones)
    for item, one in zip(subscription["items"]["data"], phase["items"], strict=True):
        item["discounts"] = discounts.redeem(
            world, redeemable(world, customer, one["discounts"]), customer, subscription_item=item["id"],
            currency=subscription["currency"],
        )  # fmt: skip
        item["tax_rates"] = one["tax_rates"]
    if phase["trial_end"] is not None and phase["trial_end"] > world.now():
        subscription.update(status="trialing", trial_start=world.now(), trial_end=phase["trial_end"])
        subscription["billing_cycle_anchor"] = phase["trial_end"]


def wanted(rows: list[JsonObject]) -> list[JsonObject]:
    """A phase's discounts as a request names them."""
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def redeemable(world: World, customer: JsonObject, rows: list[JsonObject]) -> list[JsonObject]:
    """Those of a phase's discounts that can be redeemed now; the coupon of another may be gone since."""
    found = []
    for one in wanted(rows):
        try:
            with world.rolled_back():
                discounts.redeem(world, [one], customer)
        except StripeError:
            continue
        found.append(one)
    return found


def edit(subscription: JsonObject, schedule: JsonObject, phase: JsonObject) -> None:
    """Set the plain fields of a subscription that a phase, or else the schedule's default settings, say."""
    subscription.update(settings(schedule, phase))
    subscription["metadata"] = {**subscription["metadata"], **phase["metadata"]}


def settings(schedule: JsonObject, phase: JsonObject) -> JsonObject:
    """What a phase, or else the schedule's default settings, say of its subscription."""
    default = schedule["default_settings"]
    names = ("automatic_tax", "collection_method", "default_payment_method", "description")
    found = {name: phase[name] or default[name] for name in names}
    said = {name: value for name, value in found.items() if value is not None}
    if found["collection_method"] is not None:
        sent = found["collection_method"] == "send_invoice"
        invoices = phase["invoice_settings"] or default["invoice_settings"]
        said["days_until_due"] = invoices["days_until_due"] if sent else None
    return {**said, "default_tax_rates": phase["default_tax_rates"]}


def resets_anchor(schedule: JsonObject, phase: JsonObject) -> bool:
    """Whether a phase starts its periods anew when it begins."""
    anchor = phase["billing_cycle_anchor"] or schedule["default_settings"]["billing_cycle_anchor"]
    return bool(anchor == "phase_start")


def _set_items(world: World, subscription: JsonObject, phase: JsonObject) -> None:
    now = world.now()
    rows = subscription["items"]["data"]
    names = {one["price"] for one in phase["items"]}
    kept: list[JsonObject] = []
    for one in phase["items"]:
        price = world.need("price", one["price"])
        item = next((row for row in rows if row["price"]["id"] == price["id"]), None)
        if item is None:
            free = [row for row in rows if row not in kept and row["price"]["id"] not in names]
            item = free[0] if free else bodies.subscription_item(world, subscription["id"], price, 1, now, now)
            if _interval(item["price"]) != _interval(price):
                subscription["billing_cycle_anchor"] = now
            _bill_usage(world, subscription, item)
            item["price"], item["plan"] = price, bodies.plan_of(price)
        item["quantity"] = None if pricing.is_metered(price) else one["quantity"]
        kept.append(item)
    for gone in rows:
        if gone not in kept:
            _bill_usage(world, subscription, gone)
            world.remove("_billed", gone["id"])
    subscription["items"]["data"] = kept


def _bill_usage(world: World, subscription: JsonObject, item: JsonObject) -> None:
    """Leave what was used of an item in the period that is over waiting, at its old price."""
    used = usage.unbilled(world, subscription, item, world.now())
    if used is None or subscription["billing_mode"]["type"] == "classic" or subscription["status"] == "trialing":
        return
    uninvoiced.make_usage_items(world, world.need("customer", subscription["customer"]), subscription, item, *used)
    usage.billed(world, item["id"], world.now())


def _interval(price: JsonObject) -> tuple[str, int]:
    recurring = price["recurring"]
    return recurring["interval"], recurring["interval_count"]
