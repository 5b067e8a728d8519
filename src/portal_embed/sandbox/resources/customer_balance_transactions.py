"""The ledger of a customer's balance: negative is credit that the next invoice uses."""

from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.resources.customers import adjust_balance
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    clearable,
    created_filter,
    merged_metadata,
    metadata,
    required,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject

TRUTH = [
    ("The shape of a ledger entry.", "recorded", "Stripe's API, Aug 2026"),
    (
        "A manual entry has type `adjustment` and sets the customer's currency when it had none.",
        "documented",
        "Stripe docs, customer balance",
    ),
]

_URL = "/v1/customers/{customer}/balance_transactions"


@route(
    "POST",
    _URL,
    accepts={"amount": required(int), "currency": required(str), "description": clearable(str), "metadata": metadata},
)
def create(call: Call) -> JsonObject:
    """Add to or take from the balance."""
    customer = call.world.need("customer", call.ids["customer"])
    if customer["currency"] not in (None, call.get("currency")):
        raise StripeError(f"The customer's currency is {customer['currency']}; it cannot be changed.", param="currency")
    customer["currency"] = call.get("currency")
    entry = adjust_balance(
        call.world,
        customer,
        call.get("amount"),
        "adjustment",
        currency=call.get("currency"),
        description=call.get("description"),
        metadata=merged_metadata({}, call.get("metadata", {})),
    )
    if entry is None:
        raise StripeError("The amount must not be 0.", param="amount")
    save_changed(call.world, customer, "customer.updated")
    return entry


@route("GET", _URL, accepts={**PAGING, "created": created_filter, "invoice": str})
def index(call: Call) -> JsonObject:
    """Entries, newest first."""
    call.world.need("customer", call.ids["customer"])
    rows = call.world.newest_first("customer_balance_transaction", customer=call.ids["customer"])
    if call.has("invoice"):
        rows = rows.where(lambda row: row["invoice"] == call.get("invoice"))
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    return page(call, rows, _URL.replace("{customer}", call.ids["customer"]))


@route("GET", _URL + "/{id}")
def retrieve(call: Call) -> JsonObject:
    """One entry."""
    call.world.need("customer", call.ids["customer"])
    return call.world.answer("customer_balance_transaction", call.ids["id"])
