"""Pausing a whole subscription and resuming it: what is given back, what is billed, and when it runs again."""

from dataclasses import dataclass

from portal_embed.sandbox.engine import (
    invoicing,
    lifecycle,
    pending,
    prebilling,
    pricing,
    proration,
    settling,
    stored,
    uninvoiced,
    usage,
)
from portal_embed.sandbox.engine.change import Change, Prepared
from portal_embed.sandbox.engine.repricing import Repricing
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("pausing credits the unused time from now, from the item's period start, or not at all, and bills usage or not",
     "documented", "stripe-python 16.1, subscriptions.pause"),
    ("a pause's credits wait for the next invoice, or make one at once with `invoicing_behavior=invoice`", "documented",
     "stripe-python 16.1, subscriptions.pause"),
    ("a paused subscription makes no invoices; its items' periods end with the pause; one with a schedule is not paused directly",
     "documented", "Stripe docs, pause a subscription"),
    ("pausing needs flexible billing mode, automatic charges and a subscription that is active or past_due", "documented",
     "Stripe docs, pause a subscription; the refusals' wording and the states assumed"),
    ("a pause is previewed as the invoice it makes with `invoicing_behavior=invoice`; one that makes none is a 404", "documented",
     "Stripe docs, pause a subscription: preview the invoice before pausing"),
    ("resuming with a new anchor bills a full period; the subscription stays paused until that invoice is paid", "recorded",
     "Recorded from Stripe's API, Aug 2026, for no payment_behavior; that paying makes it active is documented"),
    ("`resume_on_payment_attempt`, the default, charges nothing in the call; a payment of its invoice that fails makes it past_due",
     "documented", "Stripe docs, resume subscriptions: payment behavior"),
    ("`resume_on_payment_success` charges in the call; unpaid it stays paused, is tried again, expires after a year, not 23 hours",
     "documented", "Stripe docs, resume subscriptions: payment behavior"),
    ("`resume_on_payment_success` is refused without a method, and in classic billing mode", "documented",
     "Stripe docs, resume subscriptions: payment behavior; the refusals' wording assumed"),
    ("a resumption without an invoice is active at once; `unchanged` charges the rest of the running period if it was credited",
     "assumed", "MOVES MONEY: documented as `creating prorations`, no recording of amounts"),
    ("resuming with `unchanged` bills nothing at once unless `always_invoice`", "documented", "Stripe docs, subscriptions resume"),
]  # fmt: skip


_A_YEAR = 365 * 86_400


@dataclass(frozen=True)
class Pause:
    """How to pause: credit `unused_from` now, item_current_period_start or none; bill usage; invoice at once or later."""

    unused_from: str = "now"
    bills_usage: bool = True
    invoices: bool = False


@dataclass(frozen=True)
class Resume:
    """How to resume. `payment` is Stripe's `payment_behavior`. `moment` is a proration date, seconds."""

    reset_anchor: bool = True
    proration_behavior: str = "create_prorations"
    payment: str = "resume_on_payment_attempt"
    moment: int | None = None

    @property
    def must_be_paid(self) -> bool:
        """Whether it is charged in the call and stays paused until that succeeds."""
        return self.payment == "resume_on_payment_success"


def check(subscription: JsonObject) -> None:
    """Refuse what cannot be paused."""
    if subscription["billing_mode"]["type"] != "flexible":
        raise StripeError("You can only pause a subscription with `billing_mode[type]=flexible`.")
    if subscription["collection_method"] != "charge_automatically":
        raise StripeError("You can only pause a subscription with `collection_method=charge_automatically`.")
    if subscription["status"] not in ("active", "past_due"):
        raise StripeError(f"You cannot pause a subscription in the `{subscription['status']}` status.")
    if subscription["pending_update"]:
        raise StripeError("You cannot pause a subscription that has a pending update.")
    prebilling.check_unchanged(subscription, "pausing")


def pause(world: World, subscription: JsonObject, how: Pause) -> JsonObject:
    """Pause now; returns the subscription as stored. Raises Stripe's refusals."""
    check(subscription)
    invoice = prepare_pause(world, subscription, how)
    before = world.need("subscription", subscription["id"])
    stored.set_paused(world, subscription, "pause_requested")
    for item in subscription["items"]["data"]:
        item["current_period_end"] = world.now()
    if invoice is not None:
        subscription["latest_invoice"] = invoice["id"]
        settling.save_draft(world, invoice)
        world.emit("invoice.created", invoice)
    stored.save_subscription(world, subscription)
    stored.updated(world, before, subscription)
    world.emit("customer.subscription.paused", subscription)
    if invoice is not None:
        settling.finalise(world, invoice)
        method = settling.method_for(world, invoice)
        if invoice["status"] == "open" and method:
            settling.collect(world, invoice, method, off_session=True)
    return world.need("subscription", subscription["id"])


def prepare_pause(world: World, subscription: JsonObject, how: Pause) -> JsonObject | None:
    """Write what a pause gives back and bills as waiting items; the invoice of them if it is made at once, not saved."""
    customer = world.need("customer", subscription["customer"])
    now = world.now()
    for item in subscription["items"]["data"]:
        used = usage.unbilled(world, subscription, item, now)
        if used is not None and how.bills_usage:
            uninvoiced.make_usage_items(world, customer, subscription, item, *used)
        if used is not None:
            usage.billed(world, item["id"], now)
    for item in reversed(subscription["items"]["data"] if how.unused_from != "none" else []):
        start = item["current_period_start"] if how.unused_from == "item_current_period_start" else now
        line = proration.credit(world, subscription, item, start)
        if line is not None:
            uninvoiced.make_item(world, customer, subscription, line)
            proration.forget(world, item["id"])
    waiting = uninvoiced.waiting(world, customer["id"], subscription["id"])
    if not how.invoices or not waiting:
        return None
    invoice = invoicing.start(
        world, customer, reason="subscription_update", currency=subscription["currency"], subscription=subscription
    )
    invoicing.add_items(world, invoice, waiting)
    invoicing.total_up(world, invoice)
    return invoice


def resume(world: World, subscription: JsonObject, how: Resume) -> JsonObject:
    """Start a paused subscription again; it stays paused, with a pending update, while its invoice is to be paid.

    Raises Stripe's refusals.
    """
    if how.must_be_paid and subscription["billing_mode"]["type"] != "flexible":
        raise StripeError(
            "`resume_on_payment_success` needs a subscription with `billing_mode[type]=flexible`.",
            param="payment_behavior",
        )
    before = world.need("subscription", subscription["id"])
    billed_before = [row for item in before["items"]["data"] if (row := world.get("_billed", item["id"]))]
    made = prepare_resume(world, subscription, how)
    after, invoice = made.after, made.invoice
    if invoice is None:
        after.update(status="active", status_details=None)
        stored.save_subscription(world, after)
        stored.updated(world, before, after)
        world.emit("customer.subscription.resumed", after)
        return after
    settling.save_draft(world, invoice)
    world.emit("invoice.created", invoice)
    waits = {**before, "latest_invoice": invoice["id"], "pending_update": _waiting(world, how)}
    ids = [item["id"] for item in before["items"]["data"]]
    billed = [row for id in ids if (row := world.get("_billed", id))]
    for id in ids:
        world.remove("_billed", id)
    for row in billed_before:
        world.save(row)
    fields = {key: after[key] for key in ("items", "billing_cycle_anchor", "discounts")}
    kept = pending.Kept(
        before["id"], invoice["id"], fields, billed, [], swept=made.waited, owes_if_declined=not how.must_be_paid
    )
    pending.keep(world, kept)
    stored.save_subscription(world, waits)
    stored.updated(world, before, waits)
    settling.finalise(world, invoice)
    if how.must_be_paid and invoice["status"] == "open":
        method = settling.method_for(world, invoice)
        if method is None:
            raise settling.no_method()
        settling.collect(world, invoice, method, off_session=True)
    return world.need("subscription", before["id"])


def prepare_resume(world: World, subscription: JsonObject, how: Resume) -> Prepared:
    """Work out a resumption: new periods, and the invoice it makes, if any (not saved). Also what a preview shows."""
    customer = world.need("customer", subscription["customer"])
    before = world.need("subscription", subscription["id"])
    waited = [item["id"] for item in uninvoiced.waiting(world, customer["id"], subscription["id"])]
    made = Prepared(before, subscription, None, [], waited)
    change = Change(proration_behavior=how.proration_behavior, proration_date=how.moment)
    repricing = Repricing(world, customer, change, made)
    if how.reset_anchor:
        repricing.restart_paused()
    else:
        repricing.go_on()
    for item in subscription["items"]["data"]:
        if pricing.is_metered(item["price"]):
            usage.billed(world, item["id"], world.now())
    return made


def _waiting(world: World, how: Resume) -> JsonObject:
    empty: JsonObject = dict.fromkeys(
        ("billing_cycle_anchor", "cancel_at_period_end", "discount", "discounts", "metadata", "subscription_items", "trial_end",
         "trial_from_plan")
    )  # fmt: skip
    return {**empty, "expires_at": world.now() + (_A_YEAR if how.must_be_paid else lifecycle.PENDING_FOR)}
