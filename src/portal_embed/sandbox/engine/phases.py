"""What falls due for a schedule: a phase inside a period, the schedule's end, a planned pause and its resumption."""

from portal_embed.sandbox.engine import changes, ending, pausing, schedules
from portal_embed.sandbox.engine.change import Change, ItemChange
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a planned pause that Stripe refuses says so in its status, and nothing is tried again", "documented",
     "stripe-python 16.1, SubscriptionSchedule.pause_schedules status"),
    ("a planned resumption charges at once; while it is unpaid the subscription stays paused", "documented",
     "stripe-python 16.1, resume_on_payment_success, the default of pause schedules"),
]  # fmt: skip


def due(world: World, schedule: JsonObject) -> None:
    """Do what is due for a schedule now."""
    now = world.now()
    if schedule["status"] != "active":
        return
    for planned in schedule["pause_schedules"]:
        if planned["pause"]["status"]["type"] == "scheduled" and planned["pause"]["pause_at"] <= now:
            pause(world, schedule, planned)
            return
        resume = planned["resume"]
        if resume and resume["status"]["type"] == "scheduled" and resume["resume_at"] <= now:
            _resume(world, schedule, planned)
            return
    _phase(world, schedule)


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
    if subscription["status"] == "paused":
        subscription = pausing.resume(world, subscription, how)
    kind = "succeeded" if subscription["status"] != "paused" else "pending"
    planned["resume"]["status"] = {"error": None, "type": kind}
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
        schedules.set_items(world, subscription, phase)
        schedules.save_linked(world, subscription)
        return
    changes.apply(world, subscription, _change(subscription, phase, world))


def _change(subscription: JsonObject, phase: JsonObject, world: World) -> Change:
    rows = {item["price"]["id"]: item for item in subscription["items"]["data"]}
    wanted = [one for one in phase["items"] if one["price"] not in rows]
    gone = [item for id, item in rows.items() if id not in {one["price"] for one in phase["items"]}]
    items = [
        ItemChange(id=rows[one["price"]]["id"], quantity=one["quantity"])
        for one in phase["items"]
        if one["price"] in rows and rows[one["price"]]["quantity"] is not None
    ]
    for one in wanted:
        price = world.need("price", one["price"])
        items.append(ItemChange(id=gone.pop(0)["id"] if gone else None, price=price, quantity=one["quantity"]))
    items += [ItemChange(id=item["id"], deleted=True) for item in gone]
    return Change(
        items=items,
        proration_behavior=phase["proration_behavior"],
        reset_anchor=phase["billing_cycle_anchor"] == "phase_start",
    )


def _end(world: World, schedule: JsonObject, subscription: JsonObject) -> None:
    schedule.update(status="completed", completed_at=world.now(), current_phase=None)
    schedules.save(world, schedule)
    subscription["schedule"] = None
    ending.end_of_term(world, subscription)
    world.emit("subscription_schedule.completed", schedule)
