"""What time does by itself: renewals, trial ends, retries, expiries, ends of term, each at its own moment and in order."""

from portal_embed.sandbox.engine import (
    agenda,
    changes,
    charging,
    checkouts,
    dunning,
    ending,
    invoice_intents,
    invoicing,
    lifecycle,
    phases,
    refunding,
    schedules,
    settling,
    stored,
    tax_numbers,
    upcoming,
)
from portal_embed.sandbox.world import JsonObject, World
from portal_embed.sandbox.worlds import timekeeper

TRUTH = [
    ("an unpaid first invoice expires its subscription after 23 hours and is voided", "documented",
     "Stripe docs, subscription statuses"),
    ("a pending update expires with its invoice voided", "documented", "Stripe docs, pending updates"),
    ("a trial without a method ends paused, canceled or with an invoice, as its settings say", "documented",
     "Stripe docs, free trials"),
    ("`pause_collection` keeps, voids or gives up the invoices of its time", "documented", "Stripe docs, pause payment collection"),
    ("a draft to be sent is finalised after its hour, with `invoice.sent`, and overdue at its due date, with `invoice.overdue`",
     "documented", "Stripe docs, invoice lifecycle"),
    ("a one-off draft that automatic tax cannot place stays a draft with `invoice.finalization_failed`", "documented",
     "Stripe docs, Stripe Tax: finalization failures; that it is not tried again by itself is assumed"),
    ("a sent invoice that passes its due date makes its subscription past_due", "documented",
     "Stripe docs, subscription statuses"),
]  # fmt: skip


@timekeeper
def tick(world: World) -> None:
    """Do everything that fell due up to the world's time. Quick when nothing is."""
    advance(world, world.now())


def advance(world: World, until: int, clock: str = agenda.WORLD) -> None:
    """Do everything due up to `until` (seconds) for the customers of one test clock, or of none."""
    while (due := agenda.first(world, clock, until)) is not None:
        at, kind, id = due
        with world.at(at):
            obj = world.get(kind, id)
            # An intent does not say which clock it is on.
            on_clock = {"test_clock": None if clock == agenda.WORLD else clock}
            agenda.put(world, {"object": kind, "id": id, **on_clock}, None)
            if obj is None:
                continue
            if obj["customer"] is None or world.get("customer", obj["customer"]) is not None:
                _HAPPENS[kind](world, obj)


def _subscription(world: World, subscription: JsonObject) -> None:
    """One thing that is due for a subscription; what else is due stays on the agenda."""
    if subscription["status"] in ("canceled", "incomplete_expired"):
        return
    now = world.now()
    _announce(world, subscription)
    pending, paused = subscription["pending_update"], subscription["pause_collection"]
    if pending and pending["expires_at"] <= now:
        _expire_pending(world, subscription)
    elif subscription["status"] == "incomplete" and subscription["created"] + 23 * 3_600 <= now:
        _expire_first(world, subscription)
    elif paused and paused["resumes_at"] and paused["resumes_at"] <= now:
        before = world.need("subscription", subscription["id"])
        subscription["pause_collection"] = None
        stored.save_subscription(world, subscription)
        stored.updated(world, before, subscription)
    elif subscription["cancel_at"] is not None and subscription["cancel_at"] <= now:
        ending.end_of_term(world, subscription)
    elif all(item["current_period_end"] > now for item in subscription["items"]["data"]):
        stored.save_subscription(world, subscription)
    elif not _trial_ends_without_method(world, subscription):
        lifecycle.renew(world, schedules.at_boundary(world, subscription))


def _announce(world: World, subscription: JsonObject) -> None:
    """Tell of what comes in some days, a trial's end or a renewal, where that notice is due now."""
    now, trial_end = world.now(), subscription["trial_end"]
    ends_soon = subscription["status"] == "trialing" and trial_end - stored.TRIAL_NOTICE == now
    if ends_soon and agenda.is_new(world, subscription, "trial", trial_end):
        world.emit("customer.subscription.trial_will_end", subscription)
    renewal = now + stored.RENEWAL_NOTICE
    if renewal in stored.announced_ends(subscription) and agenda.is_new(world, subscription, "renewal", renewal):
        upcoming.announce(world, subscription)


def _expire_pending(world: World, subscription: JsonObject) -> None:
    kept = world.get("_pending_update", subscription["id"])
    invoice = world.get("invoice", kept["of"]) if kept else None
    if invoice and invoice["status"] == "open":
        settling.void(world, invoice)
    subscription = world.need("subscription", subscription["id"])
    subscription["pending_update"] = None
    stored.save_subscription(world, subscription)
    world.emit("customer.subscription.pending_update_expired", subscription)


def _expire_first(world: World, subscription: JsonObject) -> None:
    invoice = world.get("invoice", subscription["latest_invoice"])
    if invoice and invoice["status"] == "open":
        settling.void(world, invoice)
    subscription = world.need("subscription", subscription["id"])
    if subscription["status"] == "incomplete":
        ending.end(world, subscription)


def _trial_ends_without_method(world: World, subscription: JsonObject) -> bool:
    """The trial is over and there is nothing to charge: pause or end, if the settings say so."""
    over = subscription["status"] == "trialing" and subscription["trial_end"] <= world.now()
    if not over or subscription["collection_method"] != "charge_automatically":
        return False
    behaviour = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if behaviour == "create_invoice" or settling.subscription_method(world, subscription) is not None:
        return False
    if behaviour == "cancel":
        ending.end(world, subscription, "cancellation_requested")
        return True
    before = world.need("subscription", subscription["id"])
    stored.set_paused(world, subscription, "trial_end_without_payment_method")
    stored.save_subscription(world, subscription)
    stored.updated(world, before, subscription)
    world.emit("customer.subscription.paused", subscription)
    return True


def _invoice(world: World, invoice: JsonObject) -> None:
    """A draft whose hour is over, an attempt to repeat, or a due date that passed."""
    if invoice["status"] == "draft":
        _finalise(world, invoice)
    elif invoice["status"] == "open" and invoice["collection_method"] == "send_invoice":
        if settling.falls_due(world, invoice):
            changes.past_due(world, invoice)
    elif invoice["status"] == "open":
        _charge(world, invoice, retry=True)


def _finalise(world: World, invoice: JsonObject) -> None:
    if world.get("_given_up", invoice["id"]):
        settling.mark_uncollectible(world, invoice, "subscription_canceled")
        return
    id = stored.subscription_of(invoice)
    subscription = world.get("subscription", id) if id else None
    if subscription:
        lifecycle.count_again(world, subscription, invoice)
    if _is_lost(world, invoice) and subscription is None:
        settling.finalization_failed(world, invoice)
        return
    if _is_lost(world, invoice) and subscription is not None:
        _without_place(world, invoice, subscription)
    settling.finalise(world, invoice)
    if invoice["status"] != "open":
        return
    paused = subscription["pause_collection"] if subscription else None
    if paused and paused["behavior"] == "void":
        settling.void(world, invoice)
    elif paused:
        settling.mark_uncollectible(world, invoice, "subscription_paused")
    elif invoice["collection_method"] == "send_invoice":
        world.emit("invoice.sent", invoice)
    else:
        _charge(world, invoice, retry=False)


def _is_lost(world: World, invoice: JsonObject) -> bool:
    """Whether automatic tax cannot place the customer any more."""
    invoicing.total_up(world, invoice)
    return bool(invoice["automatic_tax"]["status"] == "requires_location_inputs")


def _without_place(world: World, invoice: JsonObject, subscription: JsonObject) -> None:
    """Automatic tax is switched off, and says why."""
    invoice["automatic_tax"].update(disabled_reason="finalization_requires_location_inputs", enabled=False)
    before = world.need("subscription", subscription["id"])
    subscription["automatic_tax"].update(disabled_reason="requires_location_inputs", enabled=False)
    stored.save_subscription(world, subscription)
    stored.updated(world, before, subscription)


def _charge(world: World, invoice: JsonObject, *, retry: bool) -> None:
    method = settling.method_for(world, invoice)
    if method is None or (retry and dunning.is_hopeless(invoice_intents.intent_of(world, invoice), method)):
        settling.record_missing_method(world, invoice)
        _unpaid(world, invoice)
        return
    outcome = settling.collect(world, invoice, method, off_session=True, retry=retry)
    if not outcome.paid and outcome.status != "processing":
        _unpaid(world, invoice)


def _unpaid(world: World, invoice: JsonObject) -> None:
    """An attempt failed: the subscription is past due, and after the last one what the settings say."""
    changes.past_due(world, invoice)
    id = stored.subscription_of(invoice)
    subscription = world.get("subscription", id) if id else None
    verdict = dunning.verdict(world)
    if (
        subscription is None
        or verdict == "past_due"
        or subscription["status"] != "past_due"
        or subscription["latest_invoice"] != invoice["id"]
        or not dunning.is_last(world, invoice)
    ):
        return
    if verdict == "canceled":
        ending.end(world, subscription, "payment_failed")
        return
    before = world.need("subscription", subscription["id"])
    subscription["status"] = "unpaid"
    stored.save_subscription(world, subscription)
    stored.updated(world, before, subscription)


def _debit(world: World, intent: JsonObject) -> None:
    """A bank debit succeeded or came back."""
    outcome = charging.debit_arrived(world, intent)
    if outcome is not None:
        changes.settle_intent(world, outcome)


_HAPPENS = {
    "checkout.session": checkouts.expired,
    "subscription_schedule": phases.due,
    "subscription": _subscription,
    "invoice": _invoice,
    "payment_intent": _debit,
    "refund": refunding.arrived,
    "tax_id": tax_numbers.verified,
}
