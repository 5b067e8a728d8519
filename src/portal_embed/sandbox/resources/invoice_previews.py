"""`POST /v1/invoices/create_preview`: the change is really made, its invoice read, and everything undone."""

from typing import Any

from portal_embed.sandbox.engine import (
    agenda,
    changes,
    ending,
    invoicing,
    lifecycle,
    pausing,
    repricing,
    schedules,
    stored,
    uninvoiced,
)
from portal_embed.sandbox.engine.lifecycle import Terms
from portal_embed.sandbox.engine.pausing import Resume
from portal_embed.sandbox.resources.subscription_params import (
    ANCHOR,
    DISCOUNTS,
    ITEM_CHANGE,
    PRORATION_BEHAVIORS,
    change_of,
    item_terms,
    pause_of,
    set_automatic_tax,
    set_end,
    tax_rates,
)
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.params import Accepts, clearable, metadata, required, timestamp
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a change that is billed at once previews its own invoice, any other the next renewal with what waits", "documented",
     "stripe-python 16.1, Invoice.create_preview, and Stripe docs, preview invoices"),
    ("`recurring` leaves out prorations and waiting items", "documented", "stripe-python 16.1, preview_mode"),
    ("a preview shows the ending balance that finalising would leave", "assumed", "no recording of create_preview"),
    ("the next renewal is previewed as a schedule's next phase makes it", "documented", "Stripe docs, preview invoices"),
    ("a subscription that ends before another bill or is paused answers `invoice_upcoming_none`", "documented",
     "Stripe docs, error codes"),
    ("schedule_details previews the first phase only, and only for a customer without a schedule", "assumed", "no recording"),
]  # fmt: skip

_PHASE: Accepts = {
    "items": required([{"price": required(str), "quantity": int}]),
    "duration": {"interval": required(("day", "week", "month", "year")), "interval_count": int},
    "start_date": ("now", timestamp),
    "end_date": ("now", timestamp),
    "iterations": int,
    "proration_behavior": PRORATION_BEHAVIORS,
}


@route(
    "POST",
    "/v1/invoices/create_preview",
    accepts={
        "automatic_tax": {"enabled": required(bool)},
        "currency": str,
        "customer": str,
        "discounts": DISCOUNTS,
        "preview_mode": ("next", "recurring"),
        "schedule_details": {
            "end_behavior": ("cancel", "release"),
            "phases": [_PHASE],
            "proration_behavior": PRORATION_BEHAVIORS,
        },
        "subscription": str,
        "subscription_details": {
            "billing_cycle_anchor": ANCHOR,
            "billing_mode": {"type": required(("classic", "flexible"))},
            "cancel_at": clearable(("max_period_end", "min_period_end", timestamp)),
            "cancel_at_period_end": bool,
            "cancel_now": bool,
            "default_tax_rates": clearable([str]),
            "items": [ITEM_CHANGE],
            "metadata": metadata,
            "proration_behavior": PRORATION_BEHAVIORS,
            "pause": {
                "bill_for": {
                    "outstanding_usage_through": {"type": required(("none", "now"))},
                    "unused_time_from": {"type": required(("item_current_period_start", "none", "now"))},
                },
                "invoicing_behavior": ("invoice", "pending_invoice_item"),
                "type": ("subscription",),
            },
            "proration_date": timestamp,
            "resume_at": ("now",),
            "trial_end": ("now", timestamp),
        },
    },
)
def create_preview(call: Call) -> JsonObject:
    """What would be billed. Writes nothing."""
    world, params = call.world, call.params
    with world.rolled_back():
        if call.has("subscription"):
            subscription = world.need("subscription", params["subscription"], param="subscription", status=400)
            if call.has("customer") and params["customer"] != subscription["customer"]:
                raise StripeError(
                    f"No such subscription: '{subscription['id']}'", code="resource_missing", param="subscription"
                )
            customer = world.need("customer", subscription["customer"])
        else:
            if not call.has("customer"):
                raise StripeError("You must provide one of customer, subscription or schedule.", param="customer")
            customer = world.need("customer", params["customer"], param="customer", status=400)
            subscription = None
        with agenda.own_time(world, customer):
            found = _of_change(world, subscription, params) if subscription else _of_new(world, customer, params)
            return _shown(world, found)


def _of_change(world: World, subscription: JsonObject, params: dict[str, Any]) -> JsonObject:
    details = params.get("subscription_details", {})
    if details.get("resume_at") == "now" and subscription["status"] == "paused":
        made = pausing.prepare_resume(world, subscription, _resume_of(details))
        if made.invoice is None:
            raise _none(subscription)
        return made.invoice
    if subscription["status"] in ("canceled", "incomplete_expired", "paused"):
        raise _none(subscription)
    if "pause" in details:
        pausing.check(subscription)
        invoice = pausing.prepare_pause(world, subscription, pause_of(details["pause"]))
        if invoice is None:
            raise _none(subscription)
        return invoice
    if details.get("cancel_now"):
        return _of_cancel(world, subscription, details)

    def edit(after: JsonObject) -> None:
        if "default_tax_rates" in details:
            after["default_tax_rates"] = tax_rates(world, details["default_tax_rates"])
        set_automatic_tax(world, after, params.get("automatic_tax"), refuse=False)

    wanted = dict(details)
    if "discounts" in params:
        wanted["discounts"] = params["discounts"]
    change = change_of(world, wanted, edit)
    made = repricing.prepare(world, changes.replace_pending(world, subscription, change), change)
    recurring = params.get("preview_mode") == "recurring"
    if made.invoice is not None and not recurring:
        return made.invoice
    set_end(world, made.after, details)
    return _next(world, made.after, recurring=recurring)


def _resume_of(details: dict[str, Any]) -> Resume:
    return Resume(
        reset_anchor=(details.get("billing_cycle_anchor") or {}).get("type") != "unchanged",
        proration_behavior=details.get("proration_behavior", "create_prorations"),
        moment=details.get("proration_date"),
    )


def _of_cancel(world: World, subscription: JsonObject, details: dict[str, Any]) -> JsonObject:
    prorate = details.get("proration_behavior", "create_prorations") != "none"
    customer = world.need("customer", subscription["customer"])
    lines = ending.unused_time(world, subscription, details.get("proration_date")) if prorate else []
    for line in reversed(lines):
        uninvoiced.make_item(world, customer, subscription, line)
    return _final(world, subscription)


def _final(world: World, subscription: JsonObject) -> JsonObject:
    customer = world.need("customer", subscription["customer"])
    items = uninvoiced.waiting(world, customer["id"], subscription["id"])
    invoice = ending.final_invoice(world, customer, subscription, items)
    if invoice is None:
        raise _none(subscription)
    return invoice


def _of_new(world: World, customer: JsonObject, params: dict[str, Any]) -> JsonObject:
    details = params.get("subscription_details", {})
    phases = params.get("schedule_details", {}).get("phases")
    items = phases[0]["items"] if phases else details.get("items")
    if not items:
        running = world.newest_first("subscription", customer=customer["id"])
        live = [row for row in running if row["status"] in ("active", "trialing", "past_due")]
        if len(live) != 1:
            raise _none({"customer": customer["id"]})
        return _next(world, world.need("subscription", live[0]["id"]), recurring=False)
    trial_end = details.get("trial_end")
    blank = {
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "customer": customer["id"],
        "default_tax_rates": tax_rates(world, details.get("default_tax_rates")),
    }
    set_automatic_tax(world, blank, params.get("automatic_tax"), refuse=False)
    terms = Terms(
        fields=blank,
        items=item_terms(world, items),
        trial_end=trial_end if isinstance(trial_end, int) else None,
        discounts=params.get("discounts") or [],
    )
    _, invoice = lifecycle.begin(world, customer, terms)
    if invoice is None:
        raise _none({"customer": customer["id"]})
    return invoice


def _next(world: World, subscription: JsonObject, *, recurring: bool) -> JsonObject:
    """The renewal that comes next, at its own time."""
    if recurring:
        customer = subscription["customer"]
        waiting = uninvoiced.waiting(world, customer, subscription["id"])
        uninvoiced.no_longer_waiting(world, customer, [item["id"] for item in waiting])
    at = min(item["current_period_end"] for item in subscription["items"]["data"])
    with world.at(max(at, world.now())):
        if subscription["cancel_at"] is not None and subscription["cancel_at"] <= at:
            return _final(world, subscription)
        stored.save_subscription(world, subscription)
        invoice = lifecycle.renewal(world, schedules.at_boundary(world, subscription))
        if not invoice["lines"]["data"]:
            raise _none(subscription)
        return invoice


def _none(subscription: JsonObject) -> StripeError:
    return StripeError(
        f"No upcoming invoices for customer: {subscription['customer']}", status=404, code="invoice_upcoming_none"
    )


def _shown(world: World, invoice: JsonObject) -> JsonObject:
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
