"""The end of a subscription: canceled at once, at its term, or by a failure; and its last invoice."""

from portal_embed.sandbox.engine import agenda, invoicing, pending, proration, settling, stored, uninvoiced, usage
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("canceling at once with `prorate` writes one credit without parent", "recorded", "Recorded from Stripe's API, Aug 2026"),
    ("... and with `invoice_now` a draft of reason subscription_cycle that soon becomes uncollectible", "recorded",
     "Recorded from Stripe's API, Aug 2026; the uncollectible end is noted from a probe, not read in a recording"),
    ("an end inside a paid period credits the rest of it at once, unless `proration_behavior` is none", "documented",
     "stripe-python 16.1, cancel_at; when the credit is written is assumed"),
    ("another end, or none, takes that credit back while it waits", "assumed", "no recording"),
    ("a schedule whose subscription ends for unpaid bills is told as aborted", "documented", "stripe-python 16.1, Event.type"),
    ("canceling an incomplete subscription makes it incomplete_expired", "assumed", "no recording"),
]  # fmt: skip


def end(world: World, subscription: JsonObject, reason: str | None = None) -> JsonObject:
    """The subscription is over now. What waits is not billed by this; its invoices are no longer collected by themselves."""
    now = world.now()
    before = world.need("subscription", subscription["id"])
    incomplete = subscription["status"] == "incomplete"
    subscription["status"] = "incomplete_expired" if incomplete else "canceled"
    subscription["canceled_at"] = subscription["canceled_at"] or now
    subscription["ended_at"] = now
    details = subscription["cancellation_details"]
    details["reason"] = details["reason"] or reason
    if subscription["pending_update"]:
        pending.drop(world, subscription, subscription["latest_invoice"])
        subscription["pending_update"] = None
    stored.save_subscription(world, subscription)
    for found in list(world.newest_first("invoice", subscription=subscription["id"])):
        if found["status"] in ("draft", "open") and found["auto_advance"]:
            stopped = world.need("invoice", found["id"])
            stopped.update(auto_advance=False, automatically_finalizes_at=None, next_payment_attempt=None)
            world.save(stopped)
            agenda.put(world, stopped, None)
    schedule = world.get("subscription_schedule", subscription["schedule"]) if subscription["schedule"] else None
    if schedule and schedule["status"] == "active":
        schedule.update(status="canceled", canceled_at=now, current_phase=None)
        world.save(schedule)
        told = "aborted" if subscription["cancellation_details"]["reason"] == "payment_failed" else "canceled"
        world.emit(f"subscription_schedule.{told}", schedule)
    if incomplete:
        stored.updated(world, before, subscription)
    else:
        world.emit("customer.subscription.deleted", subscription)
    return subscription


def cancel_now(world: World, subscription: JsonObject, *, prorate: bool, invoice_now: bool) -> JsonObject:
    """`DELETE`: end at once. `prorate` credits unused time, `invoice_now` bills what waits by a final draft."""
    customer = world.need("customer", subscription["customer"])
    now = world.now()
    for line in reversed(unused_time(world, subscription, now) if prorate else []):
        uninvoiced.make_item(world, customer, subscription, line, orphan=not invoice_now)
    final = None
    if invoice_now:
        items = uninvoiced.waiting(world, customer["id"], subscription["id"])
        final = final_invoice(world, customer, subscription, items)
    elif not prorate:
        _remove_waiting(world, customer, subscription)
    subscription.update(cancel_at=None, cancel_at_period_end=False, canceled_at=now)
    subscription["cancellation_details"]["reason"] = "cancellation_requested"
    if final:
        subscription["latest_invoice"] = final["id"]
    ended = end(world, subscription)
    if final:
        _close(world, final)
    return ended


def credit_early_end(world: World, subscription: JsonObject, *, prorates: bool) -> None:
    """Its end has been set or taken away: credit what it cuts off of paid periods, in place of what an earlier date did."""
    earlier = world.get("_early_end", subscription["id"])
    if earlier:
        waiting = [
            item for item in uninvoiced.waiting(world, subscription["customer"], None) if item["id"] in earlier["items"]
        ]
        for item in waiting:
            world.remove("invoiceitem", item["id"])
        uninvoiced.no_longer_waiting(world, subscription["customer"], [item["id"] for item in waiting])
        world.remove("_early_end", subscription["id"])
    at = subscription["cancel_at"]
    lines = unused_time(world, subscription, at) if prorates and at is not None else []
    if lines:
        customer = world.need("customer", subscription["customer"])
        made = [uninvoiced.make_item(world, customer, subscription, line)["id"] for line in reversed(lines)]
        world.save({"object": "_early_end", "id": subscription["id"], "items": made})


def unused_time(world: World, subscription: JsonObject, moment: int | None = None) -> list[proration.Prorated]:
    """The credits for ending every item at `moment` (now unless said); none for a trial."""
    if subscription["status"] == "trialing":
        return []
    at = world.now() if moment is None else moment
    found = [proration.credit(world, subscription, item, at) for item in subscription["items"]["data"]]
    return [line for line in found if line is not None]


def final_invoice(
    world: World, customer: JsonObject, subscription: JsonObject, items: list[JsonObject]
) -> JsonObject | None:
    """The draft of a subscription that ends, for what still waits and what was used; not saved. None with nothing on it."""
    invoice = invoicing.start(
        world, customer, reason="subscription_cycle", currency=subscription["currency"], subscription=subscription
    )
    invoicing.add_items(world, invoice, items)
    for item in subscription["items"]["data"]:
        used = usage.unbilled(world, subscription, item, world.now())
        if used is not None and used[1] and subscription["status"] != "trialing":
            invoicing.add_usage(world, invoice, item, *used)
    if not invoice["lines"]["data"]:
        return None
    invoicing.total_up(world, invoice)
    return invoice


def _close(world: World, invoice: JsonObject) -> None:
    invoicing.wait_to_finalise(invoice)
    settling.save_draft(world, invoice)
    if invoice["total"] <= 0:
        # Seen on Stripe: about five seconds later the draft is uncollectible and the credit never reaches the balance.
        world.save({"object": "_given_up", "id": invoice["id"]})
        agenda.put(world, invoice, world.now() + 5)
    world.emit("invoice.created", invoice)


def end_of_term(world: World, subscription: JsonObject) -> JsonObject:
    """The moment of `cancel_at` has come: end, and bill by a last draft what still waits."""
    customer = world.need("customer", subscription["customer"])
    items = [
        item for item in uninvoiced.waiting(world, customer["id"], subscription["id"]) if item["parent"] is not None
    ]
    final = final_invoice(world, customer, subscription, items)
    if final:
        subscription["latest_invoice"] = final["id"]
    ended = end(world, subscription, "cancellation_requested")
    if final:
        _close(world, final)
    return ended


def _remove_waiting(world: World, customer: JsonObject, subscription: JsonObject) -> None:
    mine = [
        item for item in uninvoiced.waiting(world, customer["id"], subscription["id"]) if item["parent"] is not None
    ]
    for item in mine:
        world.remove("invoiceitem", item["id"])
    uninvoiced.no_longer_waiting(world, customer["id"], [item["id"] for item in mine])
