"""What falls due for a schedule: a phase inside a period, the schedule's end, a planned pause and its resumption."""

from typing import Any

from portal_embed.sandbox.engine import agenda, changes, ending, invoicing, lifecycle, pausing, schedules, settling
from portal_embed.sandbox.engine.change import Change, ItemChange
from portal_embed.sandbox.engine.lifecycle import ItemTerms, Terms
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a schedule may stand before its subscription, which it starts at its date: active at once, billed by a draft of an hour",
     "assumed", "MOVES MONEY: no recording; Stripe docs, subscription schedules, tell of the draft"),
    ("a schedule whose first phase cannot begin, as a price was archived, is canceled", "assumed", "no recording"),
    ("a planned pause that Stripe refuses says so in its status, and nothing is tried again", "documented",
     "stripe-python 16.1, SubscriptionSchedule.pause_schedules status"),
    ("a planned resumption charges at once; while it is unpaid the subscription stays paused", "documented",
     "stripe-python 16.1, resume_on_payment_success, the default of pause schedules"),
    ("a planned resumption that Stripe refuses, as there is no method, says so in its status and is not tried again", "assumed",
     "stripe-python 16.1 has the status; what follows is not recorded"),
]  # fmt: skip


def due(world: World, schedule: JsonObject) -> None:
    """Do what is due for a schedule now."""
    now = world.now()
    ends = schedule["phases"][-1]["end_date"]
    if now == ends - schedules.EXPIRY_NOTICE and agenda.is_new(world, schedule, "expiry", ends):
        world.emit("subscription_schedule.expiring", schedule)
    if schedule["status"] == "not_started" and schedule["phases"][0]["start_date"] <= now:
        start(world, schedule)
        return
    if schedule["status"] != "active":
        schedules.save(world, schedule)
        return
    for planned in schedule["pause_schedules"]:
        if planned["pause"]["status"]["type"] == "scheduled" and planned["pause"]["pause_at"] <= now:
            pause(world, schedule, planned)
            return
        resume = planned["resume"]
        if resume and resume["status"]["type"] == "scheduled" and resume["resume_at"] <= now:
            _resume(world, schedule, planned)
            return
    if schedule["current_phase"]["end_date"] <= now:
        _phase(world, schedule)
    else:
        schedules.save(world, schedule)


def start(world: World, schedule: JsonObject) -> None:
    """The first phase of a schedule without a subscription begins: with one, billed by a draft that is charged in an hour."""
    customer = world.need("customer", schedule["customer"])
    try:
        with world.atomic():
            subscription, invoice = lifecycle.begin(world, customer, terms(world, schedule, schedule["phases"][0]))
    except StripeError:
        schedules.cancel(world, schedule)
        return
    schedule["subscription"] = subscription["id"]
    schedules.begin(world, schedule, schedule["phases"][0])
    if invoice is not None:
        invoicing.wait_to_finalise(invoice)
        settling.save_draft(world, invoice)
        world.emit("invoice.created", invoice)


def terms(world: World, schedule: JsonObject, phase: JsonObject) -> Terms:
    """What the subscription is to be that a schedule's first phase starts."""
    items = [
        ItemTerms(
            world.need("price", one["price"]), one["quantity"], one["metadata"], schedules.wanted(one["discounts"]),
            one["tax_rates"],
        )
        for one in phase["items"]
    ]  # fmt: skip
    return Terms(
        items=items,
        trial_end=phase["trial_end"],
        proration_behavior=phase["proration_behavior"],
        discounts=schedules.wanted(phase["discounts"]),
        schedule=schedule["id"],
        fields={
            **schedules.settings(schedule, phase),
            "billing_mode": schedule["billing_mode"],
            "customer": schedule["customer"],
            "metadata": phase["metadata"],
        },
    )


def next_inside(world: World, subscription: JsonObject, until: int) -> tuple[JsonObject, JsonObject] | None:
    """The schedule of a subscription, and its phase that begins next but before `until`; None when there is none."""
    schedule = world.get("subscription_schedule", subscription["schedule"]) if subscription["schedule"] else None
    if schedule is None or schedule["status"] != "active" or schedules.waits(schedule):
        return None
    phase = schedules.phase_at(schedule, schedule["current_phase"]["end_date"])
    return (schedule, phase) if phase is not None and phase["start_date"] < until else None


def pause(world: World, schedule: JsonObject, planned: JsonObject) -> None:
    """Begin a planned pause; `planned` is one of the schedule's. Stores the schedule."""
    settings = planned["pause"]["settings"]
    how = pausing.Pause(
        unused_from={"pause_at": "now"}.get(
            settings["bill_for"]["unused_time_from"]["type"], settings["bill_for"]["unused_time_from"]["type"]
        ),
        bills_usage=settings["bill_for"]["outstanding_usage_through"]["type"] == "pause_at",
        invoices=settings["invoicing_behavior"] == "invoice",
    )
    try:
        pausing.pause(world, world.need("subscription", schedule["subscription"]), how)
        planned["pause"]["status"] = {"error": None, "type": "succeeded"}
    except StripeError as error:
        planned["pause"]["status"] = {"error": {"code": error.code, "message": error.message}, "type": "error"}
    schedules.save(world, schedule)


def _resume(world: World, schedule: JsonObject, planned: JsonObject) -> None:
    settings = planned["resume"]["settings"]
    how = pausing.Resume(
        reset_anchor=settings["billing_cycle_anchor"] == "resume_at",
        proration_behavior=settings["proration_behavior"],
        payment=settings["payment_behavior"],
    )
    subscription = world.need("subscription", schedule["subscription"])
    status: JsonObject = {"error": None, "type": "succeeded"}
    try:
        with world.atomic():
            if subscription["status"] == "paused" and not subscription["pending_update"]:
                subscription = pausing.resume(world, subscription, how)
        if subscription["status"] == "paused":
            status["type"] = "pending"
    except StripeError as error:
        status = {"error": {"code": error.code, "message": error.message}, "type": "error"}
    planned["resume"]["status"] = status
    schedules.save(world, schedule)
    if schedules.phase_at(schedule, world.now()) is None:
        schedules.release(world, schedule)


def _phase(world: World, schedule: JsonObject) -> None:
    """The running phase is over: the next one begins, or the schedule does."""
    now = world.now()
    subscription = world.need("subscription", schedule["subscription"])
    phase = schedules.phase_at(schedule, now)
    if phase is None:
        if schedule["end_behavior"] == "cancel":
            _end(world, schedule, subscription)
        elif schedule["status"] == "active":
            schedules.release(world, schedule)
        return
    schedules.begin(world, schedule, phase)
    if any(item["current_period_end"] <= now for item in subscription["items"]["data"]):
        schedules.enter(world, subscription, schedule, phase)
        schedules.save_linked(world, subscription)
        return
    changes.apply(world, subscription, change_to(world, subscription, schedule, phase))


def change_to(world: World, subscription: JsonObject, schedule: JsonObject, phase: JsonObject) -> Change:
    """The change that a phase is which begins inside a period."""
    customer = world.need("customer", subscription["customer"])
    rows = {item["price"]["id"]: item for item in subscription["items"]["data"]}
    wanted = [one for one in phase["items"] if one["price"] not in rows]
    gone = [item for id, item in rows.items() if id not in {one["price"] for one in phase["items"]}]
    items = [
        ItemChange(id=rows[one["price"]]["id"], quantity=one["quantity"], **_own(world, customer, one))
        for one in phase["items"]
        if one["price"] in rows
    ]
    for one in wanted:
        price = world.need("price", one["price"])
        taken = gone.pop(0)["id"] if gone else None
        items.append(ItemChange(id=taken, price=price, quantity=one["quantity"], **_own(world, customer, one)))
    items += [ItemChange(id=item["id"], deleted=True) for item in gone]
    return Change(
        items=items,
        proration_behavior=phase["proration_behavior"],
        reset_anchor=schedules.resets_anchor(schedule, phase),
        trial_end=phase["trial_end"],
        discounts=schedules.redeemable(world, customer, phase["discounts"]),
        edit=lambda after: schedules.edit(after, schedule, phase),
    )


def _own(world: World, customer: JsonObject, one: JsonObject) -> dict[str, Any]:
    return {"discounts": schedules.redeemable(world, customer, one["discounts"]), "tax_rates": one["tax_rates"]}


def _end(world: World, schedule: JsonObject, subscription: JsonObject) -> None:
    schedule.update(status="completed", completed_at=world.now(), current_phase=None)
    schedules.save(world, schedule)
    subscription["schedule"] = None
    ending.end_of_term(world, subscription)
    world.emit("subscription_schedule.completed", schedule)
