"""Reading the parameters that subscriptions, their items and previews share."""

from collections.abc import Callable
from typing import Any

from portal_embed.sandbox.engine import ending, places, prebilling
from portal_embed.sandbox.engine.change import Change, ItemChange, checked_quantity
from portal_embed.sandbox.engine.lifecycle import ItemTerms
from portal_embed.sandbox.engine.pausing import Pause
from portal_embed.sandbox.resources.feedback_options import need_active
from portal_embed.sandbox.resources.payment_methods import usable
from portal_embed.sandbox.wire.errors import StripeError, missing_param
from portal_embed.sandbox.wire.params import (
    Accepts,
    anything,
    clearable,
    merged_metadata,
    metadata,
    required,
    timestamp,
)
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("`pending_if_incomplete` refuses every parameter but items, proration, anchor, trial and discounts", "documented",
     "Stripe docs, pending updates; the refusal's wording is assumed"),
    ("`pending_if_incomplete` refuses bank debits and Boleto", "documented", "Stripe docs, pending updates; wording assumed"),
    ("cancel_at_period_end writes both cancel_at and itself, in both billing modes; undoing clears both", "recorded",
     "Recorded from Stripe's API, Aug 2026, for flexible mode"),
    ("min_period_end and max_period_end become a date and leave cancel_at_period_end false", "documented",
     "stripe-python 16.1, cancel_at"),
    ("with a schedule attached the end is the schedule's to say", "documented", "public reports of Stripe's refusal"),
    ("undoing a cancellation clears feedback and comment too", "assumed", "no recording"),
]  # fmt: skip

PAYMENT_BEHAVIORS = ("allow_incomplete", "error_if_incomplete", "pending_if_incomplete", "default_incomplete")
PRORATION_BEHAVIORS = ("always_invoice", "create_prorations", "none")
FEEDBACK = (
    "customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex", "too_expensive", "unused",
)  # fmt: skip
DISCOUNTS = clearable([{"coupon": str, "discount": str, "promotion_code": str}])
CANCELLATION_DETAILS: Accepts = {
    "comment": clearable(str),
    "feedback": clearable(FEEDBACK),
    "feedback_option": clearable(str),
}
ITEM: Accepts = {
    "price": str, "quantity": int, "metadata": metadata, "discounts": DISCOUNTS, "tax_rates": clearable([str]),
}  # fmt: skip
ITEM_CHANGE: Accepts = {**ITEM, "id": str, "deleted": bool, "clear_usage": bool}
BILLING_SCHEDULES: Accepts | list[Any] = [
    {"bill_until": required({"type": required(("timestamp",)), "timestamp": required(timestamp)})}
]
BILLING: Accepts = {"proration_behavior": PRORATION_BEHAVIORS, "proration_date": timestamp}
ANCHOR: Accepts = {"type": ("now", "unchanged")}
FIELDS: Accepts = {
    "automatic_tax": {"enabled": bool},
    "cancel_at": clearable(("max_period_end", "min_period_end", timestamp)),
    "cancel_at_period_end": bool,
    "cancellation_details": CANCELLATION_DETAILS,
    "collection_method": ("charge_automatically", "send_invoice"),
    "days_until_due": int,
    "default_payment_method": clearable(str),
    "default_tax_rates": clearable([str]),
    "description": clearable(str),
    "on_behalf_of": clearable(str),
    "metadata": metadata,
    "payment_settings": {
        "payment_method_options": anything,
        "payment_method_types": clearable([str]),
        "save_default_payment_method": ("off", "on_subscription"),
    },
    "trial_settings": {
        "end_behavior": {
            "billing_cycle_anchor": ("now", "unchanged"),
            "missing_payment_method": ("cancel", "create_invoice", "pause"),
        }
    },
}
_PENDING_ALLOWED = frozenset(
    {"items", "proration_behavior", "proration_date", "billing_cycle_anchor", "trial_end", "payment_behavior", "discounts",
     "off_session", "metadata", "expand"}
)  # fmt: skip
_PENDING_TYPES_REFUSED = frozenset(
    {"us_bank_account", "sepa_debit", "au_becs_debit", "bacs_debit", "acss_debit", "boleto"}
)


def price_of(world: World, id: str, path: str) -> JsonObject:
    """The price an item names, or Stripe's refusal with the parameter's path."""
    return world.need("price", id, param=path, status=400)


def tax_rates(world: World, ids: list[str] | None) -> list[JsonObject]:
    """The tax rates of these ids, or Stripe's refusal."""
    return [world.need("tax_rate", id, param="tax_rate", status=400) for id in ids or []]


def item_terms(world: World, wanted: list[JsonObject]) -> list[ItemTerms]:
    """The items of a new subscription."""
    if not wanted:
        raise missing_param("items")
    found = []
    for position, item in enumerate(wanted):
        if "price" not in item:
            raise missing_param(f"items[{position}][price]")
        check_quantity(item, position)
        price = price_of(world, item["price"], f"items[{position}][price]")
        quantity = checked_quantity(price, item.get("quantity"))
        found.append(
            ItemTerms(
                price,
                quantity,
                merged_metadata({}, item.get("metadata", {})),
                item.get("discounts") or [],
                tax_rates(world, item.get("tax_rates")),
            )
        )
    return found


def pause_of(params: dict[str, Any]) -> Pause:
    """How the parameters of a pause want it."""
    bills = params.get("bill_for", {})
    return Pause(
        unused_from=bills.get("unused_time_from", {}).get("type", "now"),
        bills_usage=bills.get("outstanding_usage_through", {}).get("type", "now") == "now",
        invoices=params.get("invoicing_behavior") == "invoice",
    )


def check_quantity(item: JsonObject, position: int) -> None:
    """Refuse a quantity below 0."""
    if (item.get("quantity") or 0) < 0:  # what is billed by use has none
        raise StripeError(
            "This value must be greater than or equal to 0.",
            code="parameter_invalid_integer",
            param=f"items[{position}][quantity]",
        )


def item_changes(world: World, wanted: list[JsonObject]) -> list[ItemChange]:
    """The items of a change."""
    for position, item in enumerate(wanted):
        check_quantity(item, position)
    return [
        ItemChange(
            id=item.get("id"),
            price=price_of(world, item["price"], f"items[{position}][price]") if "price" in item else None,
            quantity=item.get("quantity"),
            deleted=item.get("deleted", False),
            metadata=item.get("metadata"),
            discounts=(item["discounts"] or []) if "discounts" in item else None,
            tax_rates=tax_rates(world, item["tax_rates"]) if "tax_rates" in item else None,
        )
        for position, item in enumerate(wanted)
    ]


def change_of(world: World, params: dict[str, Any], edit: Callable[[JsonObject], None] | None = None) -> Change:
    """The change that an update's or a preview's parameters describe."""
    anchor = params.get("billing_cycle_anchor") or {}
    trial_end = params.get("trial_end")
    if isinstance(trial_end, int):
        check_future(world, trial_end, "trial_end")
    return Change(
        items=item_changes(world, params.get("items", [])),
        proration_behavior=params.get("proration_behavior", "create_prorations"),
        proration_date=params.get("proration_date"),
        reset_anchor=anchor.get("type") == "now",
        trial_end=trial_end,
        discounts=(params["discounts"] or []) if "discounts" in params else None,
        payment_behavior=params.get("payment_behavior", "allow_incomplete"),
        off_session=params.get("off_session", False),
        bill_until=_bill_until(params["billing_schedules"]) if "billing_schedules" in params else None,
        edit=edit,
    )


def _bill_until(wanted: list[JsonObject]) -> int:
    if len(wanted) != 1:
        raise prebilling.not_simulated("any number of billing schedules but one")
    until: int = wanted[0]["bill_until"]["timestamp"]
    return until


def check_future(world: World, moment: int, name: str) -> None:
    """Stripe's refusal of a moment that has passed."""
    if moment <= world.now():
        raise StripeError(
            f"The parameter `{name}` expects a unix timestamp representing a date and time in the future. You specified the "
            f"value `{moment}` which is in the past.",
            param=name,
        )


def check_pending(world: World, subscription: JsonObject, params: dict[str, Any], method: str | None) -> None:
    """Refuse `pending_if_incomplete` where Stripe does not support it."""
    for name in params:
        if name not in _PENDING_ALLOWED:
            raise StripeError(
                f"When `payment_behavior` is set to `pending_if_incomplete`, you cannot pass `{name}`.", param=name
            )
    if subscription["collection_method"] != "charge_automatically":
        raise StripeError(
            "`pending_if_incomplete` is only supported for subscriptions with `collection_method=charge_automatically`.",
            param="payment_behavior",
        )
    kind = (world.get("payment_method", method) or {}).get("type") if method else None
    if kind in _PENDING_TYPES_REFUSED:
        raise StripeError(
            f"`pending_if_incomplete` is not supported for payment methods of type `{kind}`.", param="payment_behavior"
        )


def apply_fields(world: World, subscription: JsonObject, params: dict[str, Any]) -> None:
    """Set the plain fields, and when the subscription ends; items must already have their periods."""
    for name in ("collection_method", "description", "on_behalf_of"):
        if name in params:
            subscription[name] = params[name]
    _set_due_days(subscription, params)
    if "default_payment_method" in params:
        subscription["default_payment_method"] = own_method(
            world, subscription["customer"], params["default_payment_method"]
        )
    if "default_tax_rates" in params:
        subscription["default_tax_rates"] = tax_rates(world, params["default_tax_rates"])
    set_automatic_tax(world, subscription, params.get("automatic_tax"))
    if "metadata" in params:
        subscription["metadata"] = merged_metadata(subscription["metadata"], params["metadata"])
    if "payment_settings" in params:
        subscription["payment_settings"] = {**subscription["payment_settings"], **params["payment_settings"]}
    if "trial_settings" in params:
        subscription["trial_settings"]["end_behavior"].update(params["trial_settings"].get("end_behavior", {}))


def set_automatic_tax(world: World, body: JsonObject, wanted: dict[str, Any] | None, *, refuse: bool = True) -> None:
    """Switch automatic tax of a subscription or invoice on or off; refused where the place is unknown, unless a preview."""
    if wanted is None:
        return
    enabled = bool(wanted.get("enabled"))
    if enabled and body["default_tax_rates"]:
        raise StripeError(
            "You cannot use automatic tax with `default_tax_rates`.", param="automatic_tax[enabled]",
        )  # fmt: skip
    if enabled and refuse and places.place_of(world.need("customer", body["customer"])) is None:
        raise places.unknown_place()
    body["automatic_tax"] = {
        **body["automatic_tax"],
        "disabled_reason": None,
        "enabled": enabled,
        "liability": {"type": "self"} if enabled else None,
    }
    if "provider" in body["automatic_tax"]:
        body["automatic_tax"]["provider"] = "stripe" if enabled else None


def _set_due_days(subscription: JsonObject, params: dict[str, Any]) -> None:
    if subscription["collection_method"] == "charge_automatically":
        if params.get("days_until_due") is not None:
            raise StripeError("You can only specify 'days_until_due' if invoice collection method is 'send_invoice'.")
        subscription["days_until_due"] = None
    elif "days_until_due" in params:
        subscription["days_until_due"] = params["days_until_due"]
    elif subscription["days_until_due"] is None:
        raise StripeError(
            "If `collection_method` is `send_invoice`, you must specify `days_until_due`.", param="days_until_due"
        )


def own_method(world: World, customer: str, id: str | None) -> str | None:
    """The id of the customer's own method; refused when it is another's."""
    if id is None:
        return None
    method = usable(world, id, param="default_payment_method")
    if method["customer"] != customer:
        raise StripeError(
            f"The customer does not have a payment method with the ID {id}. The payment method must be attached to the customer.",
            code="resource_missing",
            param="default_payment_method",
        )
    found: str = method["id"]
    return found


def set_end(world: World, subscription: JsonObject, params: dict[str, Any]) -> None:
    """Apply `cancel_at`, `cancel_at_period_end` and `cancellation_details`."""
    ends = [item["current_period_end"] for item in subscription["items"]["data"]]
    if subscription["schedule"] and {"cancel_at", "cancel_at_period_end"} & set(params):
        raise StripeError(
            f"The subscription is managed by the subscription schedule `{subscription['schedule']}`, and updating any "
            "cancelation behavior directly is not allowed. Please update the schedule instead."
        )
    if params.get("cancel_at_period_end") is not None and params.get("cancel_at") is not None:
        raise StripeError(
            "You may only specify one of these parameters: cancel_at, cancel_at_period_end.", param="cancel_at"
        )
    details = subscription["cancellation_details"]
    details.update(said_of(world, params.get("cancellation_details")))
    at = params.get("cancel_at")
    if params.get("cancel_at_period_end"):
        at = min(ends)
        subscription["cancel_at_period_end"] = True
    elif at is not None:
        subscription["cancel_at_period_end"] = False
    if at is not None:
        at = {"min_period_end": min(ends), "max_period_end": max(ends)}.get(at, at)
        check_future(world, at, "cancel_at")
        if any((item["billed_until"] or 0) > at for item in subscription["items"]["data"]):
            prebilling.check_unchanged(subscription, "ending before it is billed to")
        subscription["cancel_at"] = at
        subscription["canceled_at"] = world.now()
        details["reason"] = "cancellation_requested"
    elif params.get("cancel_at_period_end") is False or "cancel_at" in params:
        if subscription["cancel_at"] is not None:
            details.update({"comment": None, "feedback": None, "feedback_option": None, "reason": None})
            details.update(params.get("cancellation_details") or {})
        subscription.update(cancel_at=None, cancel_at_period_end=False, canceled_at=None)
    if {"cancel_at", "cancel_at_period_end"} & set(params):
        ending.credit_early_end(world, subscription, prorates=params.get("proration_behavior") != "none")


def said_of(world: World, details: JsonObject | None) -> JsonObject:
    """The `cancellation_details` that were given; refused where they name a feedback option that is not offered."""
    if details and details.get("feedback_option"):
        need_active(world, details["feedback_option"], "cancellation_details[feedback_option]")
    return details or {}
