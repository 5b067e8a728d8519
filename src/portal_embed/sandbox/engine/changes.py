"""Changing a running subscription: how a change that was worked out is stored and paid."""

from portal_embed.sandbox.engine import charging, invoicing, lifecycle, pending, places, settling, stored
from portal_embed.sandbox.engine.change import Change, Prepared
from portal_embed.sandbox.engine.repricing import prepare
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a failed payment of a change makes the subscription past_due unless the payment behavior says otherwise",
     "documented", "stripe-python 16.1, payment_behavior"),
    ("`pending_if_incomplete` keeps the old state until the invoice is paid; 23 h, trial end or period end expires it",
     "documented", "Stripe docs, pending updates"),
    ("a change that is billed at once for a customer whom automatic tax cannot place is refused, and its preview says why",
     "assumed", "MOVES MONEY: Stripe docs, Stripe Tax name customer_tax_location_invalid for updates; no recording"),
]  # fmt: skip


def apply(world: World, subscription: JsonObject, change: Change) -> JsonObject:
    """Change a subscription and bill the change; returns it as stored. Raises Stripe's refusals."""
    subscription = replace_pending(world, subscription, change)
    return commit(world, prepare(world, subscription, change), change)


def replace_pending(world: World, subscription: JsonObject, change: Change) -> JsonObject:
    """A change of items takes the place of one that still waits, whose invoice is voided. Returns the subscription then."""
    if not change.items or not subscription["pending_update"]:
        return subscription
    kept = world.get("_pending_update", subscription["id"])
    invoice = world.get("invoice", kept["of"]) if kept else None
    if invoice and invoice["status"] == "open":
        settling.void(world, invoice)
    return world.need("subscription", subscription["id"])


def commit(world: World, made: Prepared, change: Change) -> JsonObject:
    """Store a prepared change and bill its invoice as the payment behavior says."""
    before, after, invoice = made.before, made.after, made.invoice
    if invoice is None:
        stored.save_subscription(world, after)
        stored.updated(world, before, after)
        if made.paused:
            world.emit(f"customer.subscription.{'paused' if after['status'] == 'paused' else 'deleted'}", after)
        return after
    after["latest_invoice"] = invoice["id"]
    if invoice["automatic_tax"]["enabled"] and invoice["automatic_tax"]["status"] == "requires_location_inputs":
        raise places.unknown_place()
    due, _ = invoicing.left_to_pay(invoice)
    if after["collection_method"] == "send_invoice":
        invoicing.wait_to_finalise(invoice)
    elif due and change.payment_behavior != "default_incomplete" and settling.method_for(world, invoice, after) is None:
        raise settling.no_method()
    settling.save_draft(world, invoice)
    world.emit("invoice.created", invoice)
    if after["collection_method"] == "send_invoice":
        stored.save_subscription(world, after)
        stored.updated(world, before, after)
        return after
    if change.payment_behavior == "pending_if_incomplete" and due:
        return _pay_pending(world, made, invoice, change)
    stored.save_subscription(world, after)
    stored.updated(world, before, after)
    settling.finalise(world, invoice)
    if due:
        _pay(world, invoice, change)
    return world.need("subscription", after["id"])


def _pay(world: World, invoice: JsonObject, change: Change) -> None:
    paid = False
    if change.payment_behavior != "default_incomplete":
        outcome = settling.collect(world, invoice, _method(world, invoice), off_session=change.off_session)
        if change.payment_behavior == "error_if_incomplete" and not outcome.paid:
            raise lifecycle.unpaid_error(outcome)
        paid = outcome.paid or outcome.status == "processing"
    if not paid:
        past_due(world, invoice)


def _method(world: World, invoice: JsonObject) -> str:
    method = settling.method_for(world, invoice)
    if method is None:
        raise settling.no_method()
    return method


def past_due(world: World, invoice: JsonObject) -> None:
    """The latest invoice of a running subscription is unpaid after an attempt.

    The invoice of a pending update is not owed for anything yet, so it changes nothing.
    """
    id = stored.subscription_of(invoice)
    subscription = world.get("subscription", id) if id else None
    kept = world.get("_pending_update", subscription["id"]) if subscription else None
    if kept and kept["of"] == invoice["id"]:
        return
    if (
        subscription
        and subscription["status"] in ("active", "trialing")
        and subscription["latest_invoice"] == invoice["id"]
    ):
        before = world.need("subscription", subscription["id"])
        subscription["status"] = "past_due"
        stored.save_subscription(world, subscription)
        stored.updated(world, before, subscription)


def _pay_pending(world: World, made: Prepared, invoice: JsonObject, change: Change) -> JsonObject:
    """The old state stays until the invoice is paid, which may be at once."""
    before, after = made.before, made.after
    old_ids = {item["id"] for item in before["items"]["data"]}
    ids = old_ids | {item["id"] for item in after["items"]["data"]}
    billed = [row for id in ids if (row := world.get("_billed", id))]
    gone = [id for id in ids if not any(row["id"] == id for row in billed)]
    for id in ids:
        world.remove("_billed", id)
    for row in made.billed_before:
        world.save(row)
    waits = {**before, "latest_invoice": invoice["id"]}
    stored.save_subscription(world, waits)
    changed = {key: after[key] for key in after if after[key] != before[key] and key != "latest_invoice"}
    on_it = [(line["parent"]["subscription_item_details"] or line["parent"]["invoice_item_details"])["invoice_item"]
             for line in invoice["lines"]["data"]]  # fmt: skip
    kept = pending.Kept(
        before["id"], invoice["id"], changed, billed, gone,
        swept=[id for id in made.waited if id in on_it],
        redeemed=sorted(_discounts_of(after) - _discounts_of(before)),
    )  # fmt: skip
    pending.keep(world, kept)
    settling.finalise(world, invoice)
    outcome = settling.collect(world, invoice, _method(world, invoice), off_session=change.off_session, automatic=False)
    if outcome.paid:
        return world.need("subscription", before["id"])
    waits = world.need("subscription", before["id"])
    waits["pending_update"] = _pending_body(world, before, after, change)
    stored.save_subscription(world, waits)
    stored.updated(world, before, waits)
    return waits


def _discounts_of(subscription: JsonObject) -> set[str]:
    holders = (subscription, *subscription["items"]["data"])
    return {id for holder in holders for id in holder["discounts"]}


def _pending_body(world: World, before: JsonObject, after: JsonObject, change: Change) -> JsonObject:
    expires = [world.now() + lifecycle.PENDING_FOR, *(item["current_period_end"] for item in before["items"]["data"])]
    if before["trial_end"] and before["trial_end"] > world.now():
        expires.append(before["trial_end"])
    anchored = after["billing_cycle_anchor"] != before["billing_cycle_anchor"]
    return {
        "billing_cycle_anchor": after["billing_cycle_anchor"] if anchored else None,
        "cancel_at_period_end": None,
        "discount": None,
        "discounts": after["discounts"] if change.discounts is not None else None,
        "expires_at": min(expires),
        "metadata": None,
        "subscription_items": after["items"]["data"] if change.items else None,
        "trial_end": after["trial_end"] if change.trial_end is not None else None,
        "trial_from_plan": None,
    }


def settle_intent(world: World, outcome: charging.Outcome) -> None:
    """Carry the outcome of an intent to the invoice it pays, if any, and to that invoice's subscription."""
    payment = next(world.newest_first("invoice_payment", payment_intent=outcome.intent["id"]), None)
    if payment is None:
        return
    invoice = world.need("invoice", payment["invoice"])
    settling.record(world, invoice, outcome)
    if outcome.status == "declined":
        past_due(world, invoice)
