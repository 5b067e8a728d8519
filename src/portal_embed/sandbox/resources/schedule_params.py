"""Reading the phases and default settings of subscription schedules."""

from typing import Any

from portal_embed.sandbox.engine import periods, places, pricing
from portal_embed.sandbox.engine.change import checked_quantity
from portal_embed.sandbox.resources.subscription_params import (
    DISCOUNTS,
    PRORATION_BEHAVIORS,
    check_quantity,
    own_method,
    tax_rates,
)
from portal_embed.sandbox.wire.errors import StripeError, exclusive, missing_param
from portal_embed.sandbox.wire.params import Accepts, clearable, merged_metadata, metadata, required, timestamp
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("phases follow each other without a gap; the running one keeps its start and its items", "documented",
     "Stripe docs, subscription schedules; that its items and settings cannot change is this sandbox's limit"),
    ("`trial` makes a whole phase a trial, `trial_end` a part of it", "documented", "stripe-python 16.1, phases"),
    ("add_invoice_items, billing_thresholds, price_data and transfers in phases are refused", "assumed", "not built"),
]  # fmt: skip

_INVOICES: Accepts = {"days_until_due": int}
_COLLECTION = ("charge_automatically", "send_invoice")
_ANCHOR = ("automatic", "phase_start")
_ITEM: Accepts = {
    "price": required(str),
    "quantity": int,
    "metadata": metadata,
    "discounts": DISCOUNTS,
    "tax_rates": clearable([str]),
}
_SETTINGS: Accepts = {
    "automatic_tax": {"enabled": required(bool)},
    "billing_cycle_anchor": _ANCHOR,
    "collection_method": _COLLECTION,
    "default_payment_method": str,
    "description": clearable(str),
    "invoice_settings": _INVOICES,
}
DEFAULT_SETTINGS = _SETTINGS
PHASE: Accepts = {
    **_SETTINGS,
    "currency": str,
    "default_tax_rates": clearable([str]),
    "discounts": DISCOUNTS,
    "duration": {"interval": required(("day", "week", "month", "year")), "interval_count": int},
    "end_date": timestamp,
    "items": required([_ITEM]),
    "metadata": metadata,
    "proration_behavior": PRORATION_BEHAVIORS,
    "start_date": ("now", timestamp),
    "trial": bool,
    "trial_end": timestamp,
}
_KEPT = ("automatic_tax", "collection_method", "default_payment_method", "default_tax_rates", "description", "discounts",
         "invoice_settings", "trial_end")  # fmt: skip
"""What the running phase keeps."""


def default_settings(
    world: World, customer: str, known: JsonObject | None, wanted: dict[str, Any] | None
) -> JsonObject:
    """The body of the default settings: what is not said stays, or is not set."""
    body = known or {
        "application_fee_percent": None,
        "automatic_tax": None,
        "billing_cycle_anchor": "automatic",
        "billing_thresholds": None,
        "collection_method": None,
        "default_payment_method": None,
        "description": None,
        "invoice_settings": _invoices(None),
        "on_behalf_of": None,
        "transfer_data": None,
    }
    if not wanted:
        return body
    said = _said(world, customer, wanted, "default_settings")
    return {**body, **{name: said[name] for name in wanted}}


def _said(world: World, customer: str, wanted: dict[str, Any], path: str) -> JsonObject:
    """The settings that phases and defaults share, None where they are not said."""
    tax = wanted.get("automatic_tax")
    if tax and tax["enabled"] and places.place_of(world.need("customer", customer)) is None:
        raise places.unknown_place()
    if wanted.get("collection_method") == "send_invoice" and "invoice_settings" not in wanted:
        raise missing_param(f"{path}[invoice_settings][days_until_due]")
    enabled = bool(tax and tax["enabled"])
    liability = {"type": "self"} if enabled else None
    return {
        "automatic_tax": {"disabled_reason": None, "enabled": enabled, "liability": liability} if tax else None,
        "billing_cycle_anchor": wanted.get("billing_cycle_anchor"),
        "collection_method": wanted.get("collection_method"),
        "default_payment_method": own_method(world, customer, wanted.get("default_payment_method")),
        "description": wanted.get("description"),
        "invoice_settings": _invoices(wanted["invoice_settings"]) if "invoice_settings" in wanted else None,
    }


def _invoices(wanted: dict[str, Any] | None) -> JsonObject:
    days = (wanted or {}).get("days_until_due")
    return {
        "account_tax_ids": None, "custom_fields": None, "days_until_due": days, "description": None, "footer": None,
        "issuer": {"type": "self"},
    }  # fmt: skip


def phase(
    world: World, customer: str, currency: str, wanted: dict[str, Any], start: int, end: int, path: str = "phases[0]"
) -> JsonObject:
    """The body of one phase."""
    if wanted.get("trial") and "trial_end" in wanted:
        raise exclusive(f"{path}[trial]", f"{path}[trial_end]")
    trial_end = end if wanted.get("trial") else wanted.get("trial_end")
    if trial_end is not None and not start < trial_end <= end:
        raise StripeError("A phase's trial ends inside the phase.", param=f"{path}[trial_end]")
    if wanted.get("currency", currency) != currency:
        raise StripeError(f"This schedule bills in {currency}.", param=f"{path}[currency]")
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "billing_thresholds": None,
        "currency": currency,
        "default_tax_rates": tax_rates(world, wanted.get("default_tax_rates")),
        "discounts": discounts(world, wanted.get("discounts"), f"{path}[discounts]"),
        "end_date": end,
        "items": [
            _item(world, one, currency, f"{path}[items][{place}]", place) for place, one in enumerate(wanted["items"])
        ],
        "metadata": merged_metadata({}, wanted.get("metadata", {})),
        "on_behalf_of": None,
        "proration_behavior": wanted.get("proration_behavior", "create_prorations"),
        "start_date": start,
        "transfer_data": None,
        "trial_end": trial_end,
        **_said(world, customer, wanted, path),
    }


def _item(world: World, wanted: JsonObject, currency: str, path: str, place: int) -> JsonObject:
    price = world.need("price", wanted["price"], param=f"{path}[price]", status=400)
    if price["currency"] != currency:
        raise StripeError(f"The price {price['id']} is not in {currency}.", param=f"{path}[price]")
    if price["type"] != "recurring":
        raise StripeError("Only recurring prices can be subscribed to.", param=f"{path}[price]")
    check_quantity(wanted, place)
    quantity = None if pricing.is_metered(price) else checked_quantity(price, wanted.get("quantity"))
    return {
        "billing_thresholds": None,
        "discounts": discounts(world, wanted.get("discounts"), f"{path}[discounts]"),
        "metadata": merged_metadata({}, wanted.get("metadata", {})),
        "plan": wanted["price"],
        "price": wanted["price"],
        "quantity": quantity,
        "tax_rates": tax_rates(world, wanted.get("tax_rates")),
    }


def discounts(world: World, wanted: list[JsonObject] | None, path: str) -> list[JsonObject]:
    """The discounts that a phase will redeem; unknown ones are refused."""
    found = []
    for place, one in enumerate(wanted or []):
        for kind, id in one.items():
            world.need(kind, id, param=f"{path}[{place}][{kind}]", status=400)
        found.append({"coupon": None, "discount": None, "promotion_code": None, **one})
    return found


def phases(
    world: World, customer: str, start: int, wanted: list[dict[str, Any]], running: JsonObject | None = None
) -> list[JsonObject]:
    """The bodies of all phases. `running` is the phase that runs now, which the first must be.

    Raises a refusal for gaps, for phases that bill in several currencies, and for a first phase that is another.
    """
    if not wanted:
        raise missing_param("phases")
    found: list[JsonObject] = []
    currency = _currency(world, wanted)
    for position, one in enumerate(wanted):
        path = f"phases[{position}]"
        begin = one.get("start_date", start)
        begin = world.now() if begin == "now" else begin
        end = one.get("end_date") or _end(begin, one.get("duration"), path)
        if begin != start or end <= begin:
            raise StripeError("Phases must follow each other without a gap.", param=f"{path}[start_date]")
        made = phase(world, customer, currency, one, begin, end, path)
        found.append(made if position or running is None else _still(world, running, made, one))
        start = end
    return found


def _currency(world: World, wanted: list[dict[str, Any]]) -> str:
    if not wanted[0]["items"]:
        raise missing_param("phases[0][items]")
    price = world.need("price", wanted[0]["items"][0]["price"], param="phases[0][items][0][price]", status=400)
    currency: str = price["currency"]
    return currency


def _end(start: int, duration: dict[str, Any] | None, path: str) -> int:
    if duration is None:
        raise missing_param(f"{path}[end_date]")
    return periods.stepped(start, duration["interval"], duration.get("interval_count", 1), 1)


def _still(world: World, running: JsonObject, made: JsonObject, wanted: dict[str, Any]) -> JsonObject:
    """The running phase with its new end: it keeps its items and settings."""
    same = [[(item["price"], item["quantity"]) for item in one["items"]] for one in (running, made)]
    changed = [name for name in _KEPT if name in wanted and made[name] != running[name]]
    if sorted(same[0], key=str) != sorted(same[1], key=str) or changed or wanted.get("trial"):
        raise StripeError(
            "This sandbox keeps the running phase as it is: the same items and settings. Change the subscription itself first.",
            param=f"phases[0][{changed[0]}]" if changed else "phases[0]",
        )
    if made["end_date"] <= world.now():
        raise StripeError("The running phase cannot end in the past.", param="phases[0][end_date]")
    return {**made, **{name: running[name] for name in _KEPT}, "items": running["items"]}
