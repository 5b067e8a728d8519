"""Customers: their details, defaults, and what deleting one leaves."""

import re
from typing import Any

from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.engine import tax_numbers
from portal_embed.sandbox.engine.places import place_of, unknown_place
from portal_embed.sandbox.resources.payment_methods import attach_to, usable
from portal_embed.sandbox.resources.tax_ids import make_tax_id
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.expand import expandable
from portal_embed.sandbox.wire.paging import page, whole
from portal_embed.sandbox.wire.params import (
    ADDRESS,
    PAGING,
    Accepts,
    clearable,
    created_filter,
    merged_metadata,
    metadata,
    required,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    (
        "The keys of a customer, and that a deleted one answers {id, object, deleted}.",
        "recorded",
        "Stripe's API, Aug 2026",
    ),
    (
        "A customer that is an Account (Accounts v2) is retrieved by either id, and answers both.",
        "documented",
        "Stripe docs, Represent customers using Account objects",
    ),
    ("customer.deleted carries the full object.", "recorded", "Stripe's API, Aug 2026"),
    ("Deleting a customer cancels the subscriptions at once.", "documented", "Stripe docs, delete a customer"),
    ("The default payment method must belong to the customer.", "assumed", "refusal's wording not recorded"),
    (
        "`tax` is expand-only and always says automatic tax is not supported.",
        "assumed",
        "automatic tax is not modelled",
    ),
    (
        "A place that tax cannot be worked out for is refused with `validate_location` immediately, and kept otherwise.",
        "documented",
        "stripe-python 16.1, tax.validate_location, and Stripe docs, Stripe Tax: customer locations",
    ),
    (
        "`business_name` and `individual_name` are there when they are set.",
        "assumed",
        "NotRequired in stripe-python 16.1",
    ),
    (
        "Search by `email:'…'`, `name:'…'` and `metadata['…']:'…'`, joined by AND; always up to date.",
        "documented",
        "Stripe docs, search; real search lags",
    ),
]

_SHIPPING = {"address": {**ADDRESS, "line1": str}, "name": str, "phone": clearable(str)}
_DETAILS: Accepts = {
    "address": clearable(ADDRESS),
    "balance": int,
    "business_name": clearable(str),
    "description": clearable(str),
    "email": clearable(str),
    "individual_name": clearable(str),
    "invoice_prefix": str,
    "invoice_settings": {
        "custom_fields": clearable([{"name": required(str), "value": required(str)}]),
        "default_payment_method": clearable(str),
        "footer": clearable(str),
        "rendering_options": clearable({"amount_tax_display": clearable(str), "template": str}),
    },
    "metadata": metadata,
    "name": clearable(str),
    "next_invoice_sequence": int,
    "phone": clearable(str),
    "preferred_locales": [str],
    "shipping": clearable(_SHIPPING),
    "tax": {"ip_address": clearable(str), "validate_location": ("auto", "deferred", "immediately")},
    "tax_exempt": clearable(("exempt", "none", "reverse")),
}


@route(
    "POST",
    "/v1/customers",
    accepts={
        **_DETAILS,
        "payment_method": str,
        "tax_id_data": [{"type": required(tax_numbers.TYPES), "value": required(str)}],
        "test_clock": str,
    },
)
def create(call: Call) -> JsonObject:
    """A customer; `payment_method` is attached in the same call."""
    world = call.world
    if call.has("test_clock"):
        world.need("test_helpers.test_clock", call.get("test_clock"), param="test_clock", status=400)
    customer: JsonObject = {
        "id": world.new_id("cus_"),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": world.now(),
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": world.new_id("", 8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": call.get("test_clock"),
    }
    _check_prefix(world, customer, call.params)
    world.save(customer)
    if call.has("payment_method"):
        attach_to(world, usable(world, call.get("payment_method")), customer["id"])
    _apply(world, customer, call.params)
    _check_place(customer, call.params)
    world.save(customer)
    world.emit("customer.created", customer)
    for data in call.get("tax_id_data", []):
        make_tax_id(world, data["type"], data["value"], customer["id"])
    return customer


@route("GET", "/v1/customers/search", accepts={"query": required(str), "limit": int, "page": str})
def search(call: Call) -> JsonObject:
    """Customers by email, name or metadata, exact values only."""
    wanted = _query(call.get("query"))
    rows = [row for row in call.world.newest_first("customer") if not row.get("deleted") and _fits(row, wanted)]
    limit = min(max(call.get("limit", 10), 1), 100)
    return {
        "object": "search_result",
        "data": rows[:limit],
        "has_more": len(rows) > limit,
        "next_page": None,
        "url": "/v1/customers/search",
    }


@route("GET", "/v1/customers/{id}")
def retrieve(call: Call) -> JsonObject:
    """One customer, or what is left of a deleted one."""
    id = call.ids["id"]
    if id.startswith("acct_"):
        found = next(iter(call.world.newest_first("customer", customer_account=id)), None)
        id = found["id"] if found is not None else id
    if call.world.was_removed("customer", id):
        return {"id": id, "object": "customer", "deleted": True}
    return call.world.answer("customer", id)


@route("GET", "/v1/customers", accepts={**PAGING, "created": created_filter, "email": str, "test_clock": str})
def index(call: Call) -> JsonObject:
    """Customers, newest first; `email` matches exactly."""
    rows = call.world.newest_first("customer")
    if call.has("email"):
        rows = rows.where(lambda row: row["email"] == call.get("email"))
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    # Customers on a test clock are listed only when it is named (SDK docstring of `test_clock`).
    clock = call.get("test_clock")
    return page(call, rows.where(lambda row: row["test_clock"] == clock), "/v1/customers")


@route("POST", "/v1/customers/{id}", accepts=_DETAILS)
def update(call: Call) -> JsonObject:
    """Change details; an address is replaced, `invoice_settings` merged, metadata merged by key."""
    customer = call.world.need("customer", call.ids["id"])
    _check_prefix(call.world, customer, call.params)
    _apply(call.world, customer, call.params)
    _check_place(customer, call.params)
    return save_changed(call.world, customer, "customer.updated")


@route("DELETE", "/v1/customers/{id}")
def delete(call: Call) -> JsonObject:
    """For good."""
    return remove_customer(call.world, call.ids["id"])


def remove_customer(world: World, id: str) -> JsonObject:
    """For good: subscriptions end at once, payment methods are let go."""
    customer = world.need("customer", id)
    for subscription in list(world.newest_first("subscription", customer=id)):
        if subscription["status"] not in ("canceled", "incomplete_expired"):
            ended = {**subscription, "status": "canceled", "canceled_at": world.now(), "ended_at": world.now()}
            world.save(ended)
            world.emit("customer.subscription.deleted", ended)
    for method in list(world.newest_first("payment_method", customer=id)):
        world.save({**method, "customer": None})
    world.remove("customer", id)
    world.emit("customer.deleted", customer)
    return {"id": id, "object": "customer", "deleted": True}


@expandable("customer", "tax")
def _tax(_world: World, customer: JsonObject) -> JsonObject:
    location = None
    if customer["address"] and customer["address"].get("country"):
        location = {
            "country": customer["address"]["country"],
            "source": "billing_address",
            "state": customer["address"].get("state"),
        }
    return {"automatic_tax": "not_collecting", "ip_address": None, "location": location, "provider": "stripe"}


@expandable("customer", "tax_ids")
def _tax_ids(world: World, customer: JsonObject) -> JsonObject:
    rows = world.newest_first("tax_id", customer=customer["id"])
    return whole(rows, f"/v1/customers/{customer['id']}/tax_ids")


@expandable("customer", "subscriptions")
def _subscriptions(world: World, customer: JsonObject) -> JsonObject:
    rows = world.newest_first("subscription", customer=customer["id"]).where(
        lambda row: row["status"] not in ("canceled", "incomplete_expired")
    )
    return whole(rows, f"/v1/customers/{customer['id']}/subscriptions")


def _apply(world: World, customer: JsonObject, params: dict[str, Any]) -> None:
    _apply_names(customer, params)
    for name in (
        "description",
        "email",
        "invoice_prefix",
        "name",
        "next_invoice_sequence",
        "phone",
        "preferred_locales",
    ):
        if name in params:
            customer[name] = params[name]
    if "address" in params:
        customer["address"] = _address(params["address"])
    if "shipping" in params:
        shipping = params["shipping"]
        customer["shipping"] = shipping and {
            "address": _address(shipping.get("address")),
            "name": shipping.get("name"),
            "phone": shipping.get("phone"),
        }
    if "tax_exempt" in params:
        customer["tax_exempt"] = params["tax_exempt"] or "none"
    if "metadata" in params:
        customer["metadata"] = merged_metadata(customer["metadata"], params["metadata"])
    settings = params.get("invoice_settings", {})
    default = settings.get("default_payment_method")
    if default is not None:
        method = usable(world, default, param="invoice_settings[default_payment_method]")
        if method["customer"] != customer["id"]:
            raise StripeError(
                f"The customer does not have a payment method with the ID {default}. The payment method must be attached to "
                "the customer.",
                code="resource_missing",
                param="invoice_settings[default_payment_method]",
            )
    customer["invoice_settings"].update(settings)
    if "balance" in params:
        adjust_balance(world, customer, params["balance"] - customer["balance"], "adjustment")


def _apply_names(customer: JsonObject, params: dict[str, Any]) -> None:
    for name in ("business_name", "individual_name"):
        if params.get(name):
            customer[name] = params[name]
        elif name in params:
            customer.pop(name, None)


def adjust_balance(world: World, customer: JsonObject, amount: int, type: str, **fields: Any) -> JsonObject | None:
    """Add `amount` (minor units, negative is credit) to a balance with its ledger entry; changes `customer` in place and
    saves the entry, not the customer. Nothing for 0. `fields`: currency, description, invoice, credit_note, metadata.
    """
    if amount == 0:
        return None
    customer["balance"] += amount
    entry: JsonObject = {
        "id": world.new_id("cbtxn_"),
        "object": "customer_balance_transaction",
        "amount": amount,
        "checkout_session": None,
        "created": world.now(),
        "credit_note": fields.get("credit_note"),
        "currency": fields.get("currency") or customer["currency"] or "usd",
        "customer": customer["id"],
        "customer_account": None,
        "description": fields.get("description"),
        "ending_balance": customer["balance"],
        "invoice": fields.get("invoice"),
        "livemode": False,
        "metadata": fields.get("metadata") or {},
        "type": type,
    }
    world.save(entry)
    return entry


def _address(given: JsonObject | None) -> JsonObject | None:
    return None if given is None else {**dict.fromkeys(ADDRESS), **given}


def _check_place(customer: JsonObject, params: dict[str, Any]) -> None:
    if params.get("tax", {}).get("validate_location") == "immediately" and place_of(customer) is None:
        raise unknown_place()


def _check_prefix(world: World, customer: JsonObject, params: dict[str, Any]) -> None:
    prefix = params.get("invoice_prefix")
    if prefix is None:
        return
    if not re.fullmatch(r"[A-Z0-9]{1,12}", prefix):
        raise StripeError("Invoice number prefix must be 1–12 uppercase letters or numbers.", param="invoice_prefix")
    for other in world.newest_first("customer").where(lambda row: row["invoice_prefix"] == prefix):
        if other["id"] != customer["id"]:
            raise StripeError(
                f"This invoice number prefix is taken by customer: {other['id']}. Please enter a different prefix.",
                param="invoice_prefix",
            )


def _query(text: str) -> list[tuple[str, str]]:
    pattern = r"""\s*(email|name|metadata\[['"][^'"]+['"]\])\s*:\s*(?:'([^']*)'|"([^"]*)")\s*(?:AND\b|and\b|$)"""
    found, position = [], 0
    while position < len(text):
        match = re.compile(pattern).match(text, position)
        if match is None:
            raise StripeError(f"We were unable to parse your search query: {text}", param="query")
        found.append((match[1], match[2] if match[2] is not None else match[3]))
        position = match.end()
    return found


def _fits(row: JsonObject, wanted: list[tuple[str, str]]) -> bool:
    for name, value in wanted:
        actual = row["metadata"].get(name[10:-2]) if name.startswith("metadata") else row[name]
        if actual is None or actual.lower() != value.lower():
            return False
    return True
