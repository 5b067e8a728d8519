"""The invoice that comes next, worked out ahead of its time: what previews show and `invoice.upcoming` tells."""

from portal_embed.sandbox.engine import (
    ending,
    invoicing,
    lifecycle,
    phases,
    prebilling,
    repricing,
    schedules,
    stored,
    uninvoiced,
)
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("the next renewal is worked out as a schedule's phases make it", "documented", "Stripe docs, preview invoices"),
    ("a phase inside the period that bills at once is what comes next", "assumed", "no recording of create_preview"),
    ("a preview shows the ending balance that finalising would leave", "assumed", "no recording of create_preview"),
    ("a subscription that ends before another bill or is paused has no upcoming invoice", "documented",
     "Stripe docs, error codes: invoice_upcoming_none"),
    ("`invoice.upcoming` comes seven days before a renewal that is charged automatically, with an invoice that has no id",
     "documented", "stripe-python 16.1, Event.type, and Stripe docs, subscription events; the days are the merchant's to set"),
]  # fmt: skip


def none(customer: str) -> StripeError:
    """The refusal where nothing is to come."""
    return StripeError(f"No upcoming invoices for customer: {customer}", status=404, code="invoice_upcoming_none")


def next_invoice(world: World, subscription: JsonObject, *, recurring: bool = False) -> JsonObject:
    """The invoice that comes next, a draft at its own time, not saved. Writes: to be called where all is undone.

    `recurring` leaves out what waits. Raises `none`.
    """
    if recurring:
        customer = subscription["customer"]
        waiting = uninvoiced.waiting(world, customer, subscription["id"])
        uninvoiced.no_longer_waiting(world, customer, [item["id"] for item in waiting])
    while (found := _phase(world, subscription, recurring=recurring)) is not None:
        schedule, phase = found
        # What is only asked about begins before it.
        subscription = stored.save_subscription(world, subscription)
        with world.at(phase["start_date"]):
            schedules.begin(world, schedule, phase)
            made = repricing.prepare(world, subscription, phases.change_to(world, subscription, schedule, phase))
            if made.invoice is not None:
                return made.invoice
            subscription = stored.save_subscription(world, made.after)
    at, ends = _end(world, subscription), subscription["cancel_at"]
    if ends is not None and ends <= at:
        with world.at(max(ends, world.now())):
            return final(world, subscription)
    with world.at(at):
        stored.save_subscription(world, subscription)
        is_ahead = prebilling.is_ahead(subscription)
        invoice = lifecycle.renewal(world, schedules.at_boundary(world, subscription))
        if invoice["lines"]["data"]:
            return invoice
        if not is_ahead:
            raise none(subscription["customer"])
        return next_invoice(world, subscription, recurring=recurring)


def _end(world: World, subscription: JsonObject) -> int:
    first: int = min(item["current_period_end"] for item in subscription["items"]["data"])
    return max(first, world.now())


def _phase(world: World, subscription: JsonObject, *, recurring: bool) -> tuple[JsonObject, JsonObject] | None:
    """The schedule and its phase that begins before the running period ends."""
    return None if recurring else phases.next_inside(world, subscription, _end(world, subscription))


def final(world: World, subscription: JsonObject) -> JsonObject:
    """The last invoice of a subscription that ends now, for what waits. Raises `none`."""
    customer = world.need("customer", subscription["customer"])
    items = uninvoiced.waiting(world, customer["id"], subscription["id"])
    invoice = ending.final_invoice(world, customer, subscription, items)
    if invoice is None:
        raise none(subscription["customer"])
    return invoice


def shown(world: World, invoice: JsonObject) -> JsonObject:
    """The invoice as it is shown before it exists."""
    invoicing.total_up(world, invoice)
    invoice["amount_due"], invoice["ending_balance"] = invoicing.left_to_pay(invoice)
    invoice["id"] = invoice["id"].replace("in_", "upcoming_in_", 1)
    invoice["auto_advance"] = True
    invoice["next_payment_attempt"] = (
        invoice["created"] if invoice["collection_method"] == "charge_automatically" else None
    )
    invoice["lines"]["url"] = "/v1/invoices/upcoming/lines"
    for line in invoice["lines"]["data"]:
        line["id"] = line["id"].replace("il_", "il_tmp_", 1)
        line["invoice"] = invoice["id"]
    return invoice


def announce(world: World, subscription: JsonObject) -> None:
    """Emit `invoice.upcoming`, unless nothing is to come."""
    if world.is_quiet:
        return
    try:
        with world.rolled_back():
            body = shown(world, next_invoice(world, world.need("subscription", subscription["id"])))
    except StripeError:
        return
    body.pop("id")
    world.emit("invoice.upcoming", body)
