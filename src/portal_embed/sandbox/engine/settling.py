"""From a finished draft to money: finalising, collecting, paying, voiding, and what each means for the subscription."""

from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.engine import agenda, charging, dunning, invoice_intents, invoicing, pending, places, stored
from portal_embed.sandbox.engine.charging import Outcome
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("the first attempt of any kind makes `attempt_count` 1, then only automatic retries add", "documented",
     "Stripe docs, smart retries"),
    ("the method used: the invoice's, the subscription's, then the customer's default", "documented",
     "Stripe docs, payment method priority"),
    ("a detached method that is still named pays nothing, and the next in order is not tried", "assumed", "no recording"),
    ("paying the latest finalised invoice makes past_due and unpaid active, and incomplete active", "documented",
     "Stripe docs, subscription statuses"),
    ("a first payment by bank debit makes the subscription active while it is processing", "documented",
     "Stripe docs, subscriptions with bank debits"),
    ("`invoice.overdue` comes at the due date and `invoice.will_be_due` three days before it", "assumed",
     "stripe-python 16.1, Event.type: the days are the merchant's automations to set"),
    ("what cannot be finalised keeps `last_finalization_error` until it is, and tells `invoice.finalization_failed`",
     "documented", "stripe-python 16.1, Invoice.last_finalization_error and Event.type"),
    ("each change of an invoice is also told by `invoice.updated`, finalising by `invoice.finalized` alone", "documented",
     "stripe-python 16.1, Event.type; that finalising tells no update is assumed"),
    ("a customer becomes delinquent, and is no more, with `customer.updated`", "documented", "stripe-python 16.1, Event.type"),
    ("a renewal that needs 3-D Secure waits in `requires_action` and is not retried", "documented",
     "Stripe docs, payments that require additional action"),
]  # fmt: skip

DUE_NOTICE = 3 * 86_400
"""How long before its due date a sent invoice is announced, seconds."""

# -- invoices


def save_draft(world: World, invoice: JsonObject) -> JsonObject:
    """Store a draft with its totals and the moment it finalises by itself."""
    invoicing.total_up(world, invoice)
    world.save(invoice)
    agenda.put(world, invoice, invoice["automatically_finalizes_at"])
    return invoice


def check_place(world: World, invoice: JsonObject) -> None:
    """Refuse to finalise by hand what automatic tax cannot place."""
    invoicing.total_up(world, invoice)
    if invoice["automatic_tax"]["enabled"] and invoice["automatic_tax"]["status"] == "requires_location_inputs":
        finalization_failed(world, invoice)
        error = places.unknown_place()
        error.keeps_writes = True
        raise error


def finalization_failed(world: World, invoice: JsonObject) -> None:
    """Automatic tax cannot place the customer: the draft stays one and says why."""
    error = places.unknown_place()
    invoice["last_finalization_error"] = {
        "code": error.code, "message": error.message, "type": "invalid_request_error",
    }  # fmt: skip
    world.save(invoice)
    world.emit("invoice.finalization_failed", invoice)


def finalise(world: World, invoice: JsonObject) -> JsonObject:
    """Number the invoice and settle the balance; a due of 0 is paid at once, else its payment intent is made."""
    invoicing.number(world, invoice)
    agenda.put(world, invoice, None)
    if invoice["amount_due"] == 0:
        return _paid(world, invoice, attempts=0)
    invoice_intents.open_payment(world, invoice)
    _wait(world, invoice)
    return invoice


def _wait(world: World, invoice: JsonObject) -> None:
    """Note what time does next with an open invoice: its next attempt, or the notice of its due date and that date."""
    if invoice["collection_method"] != "send_invoice":
        agenda.put(world, invoice, invoice["next_payment_attempt"])
        return
    due = invoice["due_date"]
    if due is not None and due - DUE_NOTICE > world.now():
        due -= DUE_NOTICE
    agenda.put(world, invoice, due)


def falls_due(world: World, invoice: JsonObject) -> bool:
    """The moment has come that `finalise` noted for a sent invoice: the notice before its due date, or that date.

    Tells of it; whether it is overdue now.
    """
    if world.now() < invoice["due_date"]:
        world.emit("invoice.will_be_due", invoice)
        agenda.put(world, invoice, invoice["due_date"])
        return False
    if agenda.is_new(world, invoice, "overdue", invoice["due_date"]):
        world.emit("invoice.overdue", invoice)
    return True


def method_for(world: World, invoice: JsonObject, subscription: JsonObject | None = None) -> str | None:
    """The method an automatic charge of this invoice uses, in Stripe's order; None when there is none.

    A method that was detached since pays nothing, and hides the ones after it.
    """
    id = stored.subscription_of(invoice)
    if subscription is None and id:
        subscription = world.get("subscription", id)
    customer = world.need("customer", invoice["customer"])
    named: str | None = (
        invoice["default_payment_method"]
        or (subscription or {}).get("default_payment_method")
        or customer["invoice_settings"]["default_payment_method"]
    )
    method = world.get("payment_method", named) if named else None
    return named if method and method["customer"] == customer["id"] else None


def subscription_method(world: World, subscription: JsonObject) -> str | None:
    """The method that pays for a subscription, in Stripe's order; None when there is none."""
    stand_in = {"default_payment_method": None, "customer": subscription["customer"], "parent": None}
    return method_for(world, stand_in, subscription)


def record_missing_method(world: World, invoice: JsonObject) -> None:
    """An automatic charge had nothing to charge, or nothing worth charging: it counts as a failed attempt."""
    invoice.update(attempted=True, attempt_count=invoice["attempt_count"] + 1)
    dunning.schedule(world, invoice)
    save_changed(world, invoice, "invoice.updated")
    _wait(world, invoice)
    world.emit("invoice.payment_failed", invoice)


def no_method() -> StripeError:
    """There is nothing to charge."""
    return StripeError(
        "This customer has no attached payment source or default payment method. Please consider adding a default payment "
        "method. For more information, visit https://stripe.com/docs/billing/subscriptions/payment-methods-setting"
        "#payment-method-priority.",
        code="resource_missing",
    )


def collect(
    world: World, invoice: JsonObject, method: str, *, off_session: bool, automatic: bool = True, retry: bool = False
) -> Outcome:
    """Charge an open invoice to a method once. Changes `invoice` to its state after the attempt.

    `automatic` attempts that fail are tried again later; `retry` marks such a later one.
    """
    intent = invoice_intents.intent_of(world, invoice)
    if intent is None:
        raise AssertionError("an open invoice has an intent")
    outcome = charging.attempt(world, intent, method, off_session=off_session)
    if automatic and outcome.error and outcome.error["code"] == "authentication_required":
        outcome = charging.wait_for_customer(world, {**outcome.intent, "payment_method": method})
    record(world, invoice, outcome, retry=retry, automatic=automatic)
    return outcome


def record(
    world: World, invoice: JsonObject, outcome: Outcome, *, retry: bool = False, automatic: bool = False
) -> None:
    """Write an attempt's outcome into its invoice and, when paid, into the subscription."""
    attempts = invoice["attempt_count"] + (1 if retry or not invoice["attempt_count"] else 0)
    if outcome.paid:
        _paid(world, invoice, attempts=attempts, method=outcome.intent["payment_method"])
        return
    invoice["attempted"] = True
    if outcome.status == "requires_action":
        save_changed(world, invoice, "invoice.updated")
        world.emit("invoice.payment_action_required", invoice)
        return
    invoice["attempt_count"] = attempts
    if outcome.status == "processing":
        invoice["next_payment_attempt"] = None
        save_changed(world, invoice, "invoice.updated")
        agenda.put(world, invoice, None)
        _debit_sent(world, invoice)
        return
    if automatic:
        dunning.schedule(world, invoice)
        customer = world.need("customer", invoice["customer"])
        if not customer["delinquent"]:
            save_changed(world, {**customer, "delinquent": True}, "customer.updated")
    save_changed(world, invoice, "invoice.updated")
    _wait(world, invoice)
    world.emit("invoice.payment_failed", invoice)
    _resumed_in_debt(world, invoice)


def _resumed_in_debt(world: World, invoice: JsonObject) -> None:
    """A resumption by `resume_on_payment_attempt` whose payment failed: it runs again, and is past due."""
    id = stored.subscription_of(invoice)
    if id is None or not pending.owes_if_declined(world, id, invoice["id"]):
        return
    before, subscription = world.need("subscription", id), world.need("subscription", id)
    pending.apply(world, subscription, invoice["id"])
    subscription.update(status="past_due", status_details=None)
    stored.save_subscription(world, subscription)
    stored.updated(world, before, subscription)
    world.emit("customer.subscription.resumed", subscription)
    _planned_resumption(world, subscription)


def _debit_sent(world: World, invoice: JsonObject) -> None:
    """While a bank debit is under way a first invoice's subscription is active already."""
    id = stored.subscription_of(invoice)
    subscription = world.get("subscription", id) if id else None
    if subscription and subscription["status"] == "incomplete":
        before = world.need("subscription", subscription["id"])
        subscription["status"] = "active"
        stored.save_subscription(world, subscription)
        stored.updated(world, before, subscription)


def pay_out_of_band(world: World, invoice: JsonObject) -> JsonObject:
    """The merchant says the money came another way."""
    return _paid(world, invoice, attempts=0, attempted=False)


def _paid(
    world: World, invoice: JsonObject, *, attempts: int, method: str | None = None, attempted: bool = True
) -> JsonObject:
    now = world.now()
    payment = invoice_intents.payment_of(world, invoice)
    if payment and attempted:
        payment["amount_paid"] = invoice["amount_due"]
        payment["status"] = "paid"
        payment["status_transitions"]["paid_at"] = now
        world.save(payment)
    elif payment:
        invoice_intents.cancel_payment(world, payment, "abandoned")
    invoice["status"] = "paid"
    invoice["amount_paid"] = invoice["amount_due"]
    invoice["amount_remaining"] = 0
    invoice["attempted"] = attempted
    invoice["attempt_count"] = attempts
    invoice["auto_advance"] = False
    invoice["next_payment_attempt"] = None
    invoice["status_transitions"]["paid_at"] = now
    save_changed(world, invoice, "invoice.updated")
    agenda.put(world, invoice, None)
    customer = world.need("customer", invoice["customer"])
    if customer["delinquent"]:
        save_changed(world, {**customer, "delinquent": False}, "customer.updated")
    world.emit("invoice.payment_succeeded", invoice)
    world.emit("invoice.paid", invoice)
    if payment and attempted:
        world.emit("invoice_payment.paid", payment)
    _subscription_paid(world, invoice, method)
    return invoice


def _subscription_paid(world: World, invoice: JsonObject, method: str | None) -> None:
    id = stored.subscription_of(invoice)
    subscription = world.get("subscription", id) if id else None
    if subscription is None:
        return
    before = world.need("subscription", subscription["id"])
    applied = pending.apply(world, subscription, invoice["id"])
    is_owing = subscription["status"] in ("incomplete", "past_due", "unpaid", "paused")
    if is_owing and _is_latest(world, subscription, invoice):
        subscription["status"] = "trialing" if _in_trial(world, subscription) else "active"
        subscription["status_details"] = None
    if method and subscription["payment_settings"]["save_default_payment_method"] == "on_subscription":
        subscription["default_payment_method"] = method
    if subscription != before:
        stored.save_subscription(world, subscription)
        stored.updated(world, before, subscription)
    if before["status"] == "paused" and subscription["status"] != "paused":
        world.emit("customer.subscription.resumed", subscription)
        _planned_resumption(world, subscription)
        return
    if applied:
        world.emit("customer.subscription.pending_update_applied", subscription)


def _is_latest(world: World, subscription: JsonObject, invoice: JsonObject) -> bool:
    """Whether nothing newer is owed: a renewal in its first hour is a draft yet, and says nothing about what was paid."""
    if invoice["id"] == subscription["latest_invoice"]:
        return True
    newest = world.newest_first("invoice", subscription=subscription["id"])
    finalised: JsonObject = next(row for row in newest if row["status"] != "draft")
    return bool(finalised["id"] == invoice["id"])


def _planned_resumption(world: World, subscription: JsonObject) -> None:
    """A resumption that a schedule planned waited for this payment."""
    schedule = world.get("subscription_schedule", subscription["schedule"]) if subscription["schedule"] else None
    for planned in schedule["pause_schedules"] if schedule else []:
        if schedule and planned["resume"] and planned["resume"]["status"]["type"] == "pending":
            planned["resume"]["status"]["type"] = "succeeded"
            before = world.need("subscription_schedule", schedule["id"])
            world.save(schedule)
            stored.emit_updated(world, "subscription_schedule.updated", before, schedule)


def _in_trial(world: World, subscription: JsonObject) -> bool:
    return subscription["trial_end"] is not None and subscription["trial_end"] > world.now()


def void(world: World, invoice: JsonObject, reason: str = "void_invoice") -> JsonObject:
    """Nobody owes this invoice any more. A pending update that hung on it is dropped; a first one ends its subscription."""
    payment = invoice_intents.payment_of(world, invoice)
    if payment:
        invoice_intents.cancel_payment(world, payment, reason)
    invoice["status"] = "void"
    invoice["auto_advance"] = False
    invoice["next_payment_attempt"] = None
    invoice["status_transitions"]["voided_at"] = world.now()
    save_changed(world, invoice, "invoice.updated")
    agenda.put(world, invoice, None)
    invoicing.undo_balance(world, invoice)
    world.emit("invoice.voided", invoice)
    id = stored.subscription_of(invoice)
    subscription = world.get("subscription", id) if id else None
    if subscription and pending.drop(world, subscription, invoice["id"]):
        before = world.need("subscription", subscription["id"])
        stored.save_subscription(world, subscription)
        stored.updated(world, before, subscription)
    elif subscription and subscription["status"] == "incomplete" and invoice["billing_reason"] == "subscription_create":
        before = world.need("subscription", subscription["id"])
        subscription["status"] = "incomplete_expired"
        subscription["ended_at"] = world.now()
        stored.save_subscription(world, subscription)
        stored.updated(world, before, subscription)
    return invoice


def credited(world: World, invoice: JsonObject, note: JsonObject) -> None:
    """A credit note was issued: an open invoice owes less (nothing left is paid), a paid one only remembers it."""
    amount = note["amount"]
    if invoice["status"] == "paid":
        invoice["post_payment_credit_notes_amount"] += amount
        save_changed(world, invoice, "invoice.updated")
        return
    invoice["pre_payment_credit_notes_amount"] += amount
    invoice["amount_due"] -= amount
    invoice["amount_remaining"] -= amount
    save_changed(world, invoice, "invoice.updated")
    payment = invoice_intents.payment_of(world, invoice)
    if payment and invoice["amount_due"]:
        payment["amount_requested"] = invoice["amount_due"]
        world.save(payment)
        world.save(
            {**world.need("payment_intent", payment["payment"]["payment_intent"]), "amount": invoice["amount_due"]}
        )
    elif payment:
        _paid(world, invoice, attempts=invoice["attempt_count"], attempted=False)


def mark_uncollectible(world: World, invoice: JsonObject, reason: str | None = "user_forgiven") -> JsonObject:
    """Given up as bad debt; it can still be paid."""
    invoice["status"] = "uncollectible"
    invoice["auto_advance"] = False
    invoice["automatically_finalizes_at"] = invoice["next_payment_attempt"] = None
    invoice["status_details"] = {"uncollectible": {"reason": reason}}
    invoice["status_transitions"]["marked_uncollectible_at"] = world.now()
    save_changed(world, invoice, "invoice.updated")
    agenda.put(world, invoice, None)
    world.emit("invoice.marked_uncollectible", invoice)
    return invoice
