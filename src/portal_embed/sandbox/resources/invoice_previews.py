"""`POST /v1/invoices/create_preview`: the change is really made, its invoice read, and everything undone."""

from typing import Any

from portal_embed.sandbox.engine import (
    agenda,
    changes,
    ending,
    lifecycle,
    pausing,
    phases,
    repricing,
    schedules,
    uninvoiced,
    upcoming,
)
from portal_embed.sandbox.engine.lifecycle import Terms
from portal_embed.sandbox.engine.pausing import Resume
from portal_embed.sandbox.resources.schedule_params import PHASE
from portal_embed.sandbox.resources.subscription_params import (
    ANCHOR,
    BILLING_SCHEDULES,
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
from portal_embed.sandbox.resources.subscription_schedules import alone, changed
from portal_embed.sandbox.wire.errors import StripeError, exclusive, missing_param
from portal_embed.sandbox.wire.params import clearable, metadata, required, timestamp
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a change that is billed at once previews its own invoice, any other the next renewal with what waits", "documented",
     "stripe-python 16.1, Invoice.create_preview, and Stripe docs, preview invoices"),
    ("`recurring` leaves out prorations and waiting items", "documented", "stripe-python 16.1, preview_mode"),
    ("`recurring` of a subscription that is not yet there leaves out its trial", "assumed", "no recording of create_preview"),
    ("a schedule to come previews its first invoice, a running one its next phase or renewal, as schedule_details change it",
     "documented", "stripe-python 16.1, Invoice.create_preview"),
    ("an empty `discounts` inherits none of the customer's either", "documented", "stripe-python 16.1, create_preview: discounts"),
    ("schedule and subscription exclude each other", "documented", "stripe-python 16.1, Invoice.create_preview"),
]  # fmt: skip


@route(
    "POST",
    "/v1/invoices/create_preview",
    accepts={
        "automatic_tax": {"enabled": required(bool)},
        "currency": str,
        "customer": str,
        "discounts": DISCOUNTS,
        "preview_mode": ("next", "recurring"),
        "schedule": str,
        "schedule_details": {
            "billing_mode": {"type": required(("classic", "flexible"))},
            "end_behavior": ("cancel", "release"),
            "phases": [PHASE],
            "proration_behavior": PRORATION_BEHAVIORS,
        },
        "subscription": str,
        "subscription_details": {
            "billing_cycle_anchor": ANCHOR,
            "billing_mode": {"type": required(("classic", "flexible"))},
            "billing_schedules": BILLING_SCHEDULES,
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
        if call.has("schedule") or call.has("schedule_details"):
            return upcoming.shown(world, _of_schedule(world, params))
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
            return upcoming.shown(world, found)


def _of_schedule(world: World, params: dict[str, Any]) -> JsonObject:
    """The next invoice of a schedule, made for this question or known and perhaps changed."""
    for name in ("subscription", "subscription_details"):
        if name in params:
            raise exclusive("schedule", name)
    for name in ("automatic_tax", "discounts"):
        if name in params:
            raise StripeError(f"The sandbox previews a schedule with what its phases say of {name}.", param=name)
    details = params.get("schedule_details", {})
    if "schedule" in params:
        schedule = world.need("subscription_schedule", params["schedule"], param="schedule", status=400)
    customer = params.get("customer") if "schedule" not in params else schedule["customer"]
    if customer is None:
        raise missing_param("customer")
    with agenda.own_time(world, owner := world.need("customer", customer, param="customer", status=400)):
        if "schedule" not in params:
            if params.get("preview_mode") == "recurring":
                _without_waiting(world, owner)
            schedule = alone(world, owner, details)
        else:
            changed(world, schedule, details)
        schedules.save(world, schedule)
        if schedule["subscription"] is not None:
            return upcoming.next_invoice(world, world.need("subscription", schedule["subscription"]))
        if schedule["status"] != "not_started":
            raise upcoming.none(customer)
        first = schedule["phases"][0]
        with world.at(max(first["start_date"], world.now())):
            _, invoice = lifecycle.begin(world, owner, phases.terms(world, schedule, first))
        if invoice is None:
            raise upcoming.none(customer)
        return invoice


def _of_change(world: World, subscription: JsonObject, params: dict[str, Any]) -> JsonObject:
    details = params.get("subscription_details", {})
    if details.get("resume_at") == "now" and subscription["status"] == "paused":
        made = pausing.prepare_resume(world, subscription, _resume_of(details))
        if made.invoice is None:
            raise upcoming.none(subscription["customer"])
        return made.invoice
    if subscription["status"] in ("canceled", "incomplete_expired", "paused"):
        raise upcoming.none(subscription["customer"])
    if "pause" in details:
        pausing.check(subscription)
        invoice = pausing.prepare_pause(world, subscription, pause_of(details["pause"]))
        if invoice is None:
            raise upcoming.none(subscription["customer"])
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
        if not params["discounts"]:
            _without_discount(world, subscription["customer"])
    change = change_of(world, wanted, edit)
    made = repricing.prepare(world, changes.replace_pending(world, subscription, change), change)
    recurring = params.get("preview_mode") == "recurring"
    if made.invoice is not None and not recurring:
        return made.invoice
    set_end(world, made.after, details)
    return upcoming.next_invoice(world, made.after, recurring=recurring)


def _without_waiting(world: World, customer: JsonObject) -> None:
    waiting = [item["id"] for item in uninvoiced.waiting(world, customer["id"], None)]
    uninvoiced.no_longer_waiting(world, customer["id"], waiting)


def _without_discount(world: World, customer: str) -> JsonObject:
    """The customer as if nothing lowered their bills: nothing of a preview stays."""
    return world.save({**world.need("customer", customer), "discount": None})


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
    return upcoming.final(world, subscription)


def _of_new(world: World, customer: JsonObject, params: dict[str, Any]) -> JsonObject:
    details = params.get("subscription_details", {})
    items = details.get("items")
    if not items:
        running = world.newest_first("subscription", customer=customer["id"])
        live = [row for row in running if row["status"] in ("active", "trialing", "past_due")]
        if len(live) != 1:
            raise upcoming.none(customer["id"])
        return upcoming.next_invoice(world, world.need("subscription", live[0]["id"]))
    trial_end = details.get("trial_end")
    blank = {
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "customer": customer["id"],
        "default_tax_rates": tax_rates(world, details.get("default_tax_rates")),
    }
    set_automatic_tax(world, blank, params.get("automatic_tax"), refuse=False)
    recurring = params.get("preview_mode") == "recurring"
    if recurring:
        _without_waiting(world, customer)
    if (details.get("billing_mode") or {}).get("type") == "classic":
        blank["billing_mode"] = {"flexible": None, "type": "classic", "updated_at": None}
    if "discounts" in params and not params["discounts"]:
        customer = _without_discount(world, customer["id"])
    terms = Terms(
        fields=blank,
        items=item_terms(world, items),
        trial_end=trial_end if isinstance(trial_end, int) and not recurring else None,
        discounts=params.get("discounts") or [],
    )
    _, invoice = lifecycle.begin(world, customer, terms)
    if invoice is None:
        raise upcoming.none(customer["id"])
    return invoice
