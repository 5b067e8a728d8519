"""Subscriptions: create, read, change, cancel, resume."""

from typing import Any

from portal_embed.sandbox.engine import agenda, changes, ending, lifecycle, pausing, settling, stored
from portal_embed.sandbox.engine.lifecycle import Terms
from portal_embed.sandbox.engine.pausing import Resume
from portal_embed.sandbox.resources.setup_intents import make_setup_intent
from portal_embed.sandbox.resources.subscription_params import (
    ANCHOR,
    BILLING,
    CANCELLATION_DETAILS,
    DISCOUNTS,
    FIELDS,
    ITEM,
    ITEM_CHANGE,
    PAYMENT_BEHAVIORS,
    PRORATION_BEHAVIORS,
    apply_fields,
    change_of,
    check_future,
    check_pending,
    item_terms,
    pause_of,
    said_of,
    set_end,
)
from portal_embed.sandbox.wire.errors import StripeError, exclusive
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    clearable,
    created_filter,
    merged_metadata,
    required,
    timestamp,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("refusals of create: no method, past trial end, the same price twice, days_until_due, pending_if_incomplete", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("a canceled subscription takes metadata and cancellation_details only; a second cancel is 404", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("a trial without a usable method has a pending_setup_intent", "recorded", "Recorded from Stripe's API, Aug 2026"),
    ("resuming a paused subscription makes an invoice and leaves a pending update until it is paid", "recorded",
     "Recorded from Stripe's API, Aug 2026; that paying makes it active is documented"),
    ("deleting the discount takes all discounts of the subscription off and answers the first", "assumed",
     "stripe-python 16.1 knows one discount here"),
    ("lists leave out canceled ones unless a status is given", "documented", "stripe-python 16.1, subscriptions.list"),
]  # fmt: skip

_STATUSES = (
    "active", "past_due", "unpaid", "canceled", "incomplete", "incomplete_expired", "trialing", "paused", "all", "ended",
)  # fmt: skip
_OVER = ("canceled", "incomplete_expired")


@route(
    "POST",
    "/v1/subscriptions",
    accepts={
        **FIELDS,
        "customer": required(str),
        "items": required([ITEM]),
        "billing_cycle_anchor": timestamp,
        "billing_mode": {"type": required(("classic", "flexible"))},
        "currency": str,
        "discounts": DISCOUNTS,
        "off_session": bool,
        "payment_behavior": PAYMENT_BEHAVIORS,
        "proration_behavior": PRORATION_BEHAVIORS,
        "trial_end": ("now", timestamp),
        "trial_from_plan": bool,
        "trial_period_days": int,
    },
)
def create(call: Call) -> JsonObject:
    """Start a subscription and bill its first period in the call."""
    world = call.world
    customer = world.need("customer", call.get("customer"), param="customer", status=404)
    with agenda.own_time(world, customer):
        if call.get("payment_behavior") == "pending_if_incomplete":
            raise StripeError(
                "Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription.",
                param="payment_behavior",
            )
        subscription = lifecycle.create(world, customer, _terms(world, customer, call.params))
        if any(call.has(name) for name in ("cancel_at", "cancel_at_period_end")):
            set_end(world, subscription, call.params)
            stored.save_subscription(world, subscription)
        return _with_setup_intent(world, subscription)


def _terms(world: World, customer: JsonObject, params: dict[str, Any]) -> Terms:
    trial_end = params.get("trial_end")
    if trial_end is not None and params.get("trial_period_days") is not None:
        raise exclusive("trial_end", "trial_period_days")
    if trial_end == "now":
        trial_end = None
    elif trial_end is not None:
        check_future(world, trial_end, "trial_end")
    elif params.get("trial_period_days"):
        trial_end = world.now() + params["trial_period_days"] * 86_400
    if "billing_cycle_anchor" in params:
        check_future(world, params["billing_cycle_anchor"], "billing_cycle_anchor")
    items = item_terms(world, params["items"])
    mode = (params.get("billing_mode") or {}).get("type", "flexible")
    blank = {
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "default_tax_rates": [],
        "customer": customer["id"],
        "collection_method": "charge_automatically",
        "days_until_due": None,
        "description": None,
        "metadata": {},
        "payment_settings": {
            "payment_method_options": None, "payment_method_types": None, "save_default_payment_method": "off",
        },
        "trial_settings": {"end_behavior": {"billing_cycle_anchor": "now", "missing_payment_method": "create_invoice"}},
    }  # fmt: skip
    apply_fields(world, blank, params)
    if mode == "classic":
        blank["billing_mode"] = {"flexible": None, "type": "classic", "updated_at": None}
    return Terms(
        items=items,
        trial_end=trial_end,
        anchor=params.get("billing_cycle_anchor"),
        payment_behavior=params.get("payment_behavior", "allow_incomplete"),
        proration_behavior=params.get("proration_behavior", "create_prorations"),
        off_session=params.get("off_session", False),
        discounts=params.get("discounts") or [],
        fields=blank,
    )


def _with_setup_intent(world: World, subscription: JsonObject) -> JsonObject:
    if subscription["status"] == "trialing" and settling.subscription_method(world, subscription) is None:
        subscription["pending_setup_intent"] = make_setup_intent(world, {"customer": subscription["customer"]})["id"]
        stored.save_subscription(world, subscription)
    return subscription


@route("GET", "/v1/subscriptions/{id}")
def retrieve(call: Call) -> JsonObject:
    """One subscription, also a canceled one."""
    return call.world.answer("subscription", call.ids["id"])


@route(
    "GET",
    "/v1/subscriptions",
    accepts={
        **PAGING,
        "collection_method": ("charge_automatically", "send_invoice"),
        "created": created_filter,
        "customer": str,
        "price": str,
        "status": _STATUSES,
        "test_clock": str,
    },
)
def index(call: Call) -> JsonObject:
    """Subscriptions, newest first."""
    equals = {"customer": call.get("customer")} if call.has("customer") else {}
    rows = call.world.newest_first("subscription", **equals)
    status = call.get("status")
    if status is None:
        rows = rows.where(lambda row: row["status"] != "canceled")
    elif status == "ended":
        rows = rows.where(lambda row: row["status"] in _OVER)
    elif status != "all":
        rows = rows.where(lambda row: row["status"] == status)
    if call.has("price"):
        rows = rows.where(lambda row: any(item["price"]["id"] == call.get("price") for item in row["items"]["data"]))
    if call.has("collection_method"):
        rows = rows.where(lambda row: row["collection_method"] == call.get("collection_method"))
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    if call.has("test_clock") or not call.has("customer"):
        rows = rows.where(lambda row: row["test_clock"] == call.get("test_clock"))
    return page(call, rows, "/v1/subscriptions")


@route(
    "POST",
    "/v1/subscriptions/{id}",
    accepts={
        **FIELDS,
        **BILLING,
        "billing_cycle_anchor": ANCHOR,
        "discounts": DISCOUNTS,
        "items": [ITEM_CHANGE],
        "off_session": bool,
        "pause_collection": clearable(
            {"behavior": required(("keep_as_draft", "mark_uncollectible", "void")), "resumes_at": timestamp}
        ),
        "payment_behavior": PAYMENT_BEHAVIORS,
        "trial_end": ("now", timestamp),
    },
)
def update(call: Call) -> JsonObject:
    """Change a subscription and bill the change as asked."""
    world, params = call.world, call.params
    subscription = world.need("subscription", call.ids["id"])
    customer = world.need("customer", subscription["customer"])
    with agenda.own_time(world, customer):
        if subscription["status"] in _OVER:
            return _update_over(world, subscription, params)
        if params.get("payment_behavior") == "pending_if_incomplete":
            check_pending(world, subscription, params, settling.subscription_method(world, subscription))

        def edit(after: JsonObject) -> None:
            apply_fields(world, after, params)
            if "pause_collection" in params:
                paused = params["pause_collection"]
                after["pause_collection"] = paused and {
                    "behavior": paused["behavior"], "resumes_at": paused.get("resumes_at"),
                }  # fmt: skip

        change = change_of(world, params, edit)
        stored = changes.apply(world, subscription, change)
        return _set_end(world, stored, params)


def _set_end(world: World, subscription: JsonObject, params: dict[str, Any]) -> JsonObject:
    if not {"cancel_at", "cancel_at_period_end", "cancellation_details"} & set(params):
        return subscription
    before = world.need("subscription", subscription["id"])
    set_end(world, subscription, params)
    stored.save_subscription(world, subscription)
    stored.updated(world, before, subscription)
    return subscription


def _update_over(world: World, subscription: JsonObject, params: dict[str, Any]) -> JsonObject:
    if set(params) - {"metadata", "cancellation_details"}:
        raise StripeError(
            "A canceled subscription can only update its cancellation_details and metadata.",
            code="invalid_canceled_subscription_fields",
        )
    before = world.need("subscription", subscription["id"])
    if "metadata" in params:
        subscription["metadata"] = merged_metadata(subscription["metadata"], params["metadata"])
    subscription["cancellation_details"].update(said_of(world, params.get("cancellation_details")))
    stored.save_subscription(world, subscription)
    stored.updated(world, before, subscription)
    return subscription


@route(
    "DELETE",
    "/v1/subscriptions/{id}",
    accepts={"cancellation_details": CANCELLATION_DETAILS, "invoice_now": bool, "prorate": bool},
)
def cancel(call: Call) -> JsonObject:
    """End it now."""
    world = call.world
    subscription = _running(world, call.ids["id"])
    with agenda.own_time(world, world.need("customer", subscription["customer"])):
        subscription["cancellation_details"].update(said_of(world, call.get("cancellation_details")))
        return ending.cancel_now(
            world, subscription, prorate=call.get("prorate", False), invoice_now=call.get("invoice_now", False)
        )


@route("DELETE", "/v1/subscriptions/{id}/discount")
def delete_discount(call: Call) -> JsonObject:
    """Take the discounts off; the next invoice is in full."""
    world = call.world
    subscription = _running(world, call.ids["id"])
    if not subscription["discounts"]:
        raise StripeError(
            f"No active discount for subscription: {subscription['id']}", status=404, code="resource_missing"
        )
    before = world.need("subscription", subscription["id"])
    subscription["discounts"] = []
    stored.save_subscription(world, subscription)
    stored.updated(world, before, subscription)
    return {**world.need("discount", before["discounts"][0]), "deleted": True}


def _running(world: World, id: str) -> JsonObject:
    subscription = world.need("subscription", id)
    if subscription["status"] in _OVER:
        raise StripeError(f"No such subscription: '{id}'", status=404, code="resource_missing", param="id")
    return subscription


@route(
    "POST",
    "/v1/subscriptions/{id}/resume",
    accepts={
        **BILLING,
        "billing_cycle_anchor": ANCHOR,
        "payment_behavior": ("resume_on_payment_attempt", "resume_on_payment_success"),
    },
)
def resume(call: Call) -> JsonObject:
    """Start a paused one again: its invoice is made, and paying it makes it active."""
    world = call.world
    subscription = _running(world, call.ids["id"])
    if subscription["status"] != "paused":
        raise StripeError("You can only resume a subscription if it is `paused`.")
    with agenda.own_time(world, world.need("customer", subscription["customer"])):
        how = Resume(
            reset_anchor=(call.get("billing_cycle_anchor") or {}).get("type") != "unchanged",
            proration_behavior=call.get("proration_behavior", "create_prorations"),
            payment=call.get("payment_behavior", "resume_on_payment_attempt"),
            moment=call.get("proration_date"),
        )
        return pausing.resume(world, subscription, how)


@route(
    "POST",
    "/v1/subscriptions/{id}/pause",
    accepts={
        "bill_for": {
            "outstanding_usage_through": {"type": required(("none", "now"))},
            "unused_time_from": {"type": required(("item_current_period_start", "none", "now"))},
        },
        "invoicing_behavior": ("invoice", "pending_invoice_item"),
        "type": ("subscription",),
    },
)
def pause(call: Call) -> JsonObject:
    """Stop billing until it is resumed."""
    world = call.world
    subscription = _running(world, call.ids["id"])
    if subscription["schedule"]:
        raise StripeError(
            f"You cannot pause a subscription that is managed by the subscription schedule `{subscription['schedule']}`."
        )
    with agenda.own_time(world, world.need("customer", subscription["customer"])):
        return pausing.pause(world, subscription, pause_of(call.params))
