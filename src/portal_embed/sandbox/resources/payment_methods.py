"""Payment methods: made from test tokens, test numbers or bank details; attached to customers, updated, detached."""

from typing import Any

from portal_embed.sandbox import cards
from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.resources.payment_method_types import (
    PAYMENT_METHOD_DATA,
    TYPES,
    details_of,
)
from portal_embed.sandbox.wire.errors import StripeError, missing_param, resource_missing
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import ADDRESS, PAGING, clearable, merged_metadata, metadata
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    (
        "Attaching keeps the id, sets the customer, and does not make it the default.",
        "recorded",
        "Stripe's API, Aug 2026",
    ),
    (
        "Attaching again to the same customer answers 200 unchanged; a declining card is refused at attach.",
        "recorded",
        "Stripe's API, Aug 2026",
    ),
    ("Attaching to another customer is refused.", "assumed", "wording not recorded"),
    ("Detaching twice is refused; the list without a customer is empty.", "recorded", "Stripe's API, Aug 2026"),
    ("A detached method may not be attached again.", "documented", "public reports, stripe-php #1221"),
    (
        "Detaching the customer's default clears it there; a subscription keeps naming it.",
        "assumed",
        "public reports disagree",
    ),
    ("Raw card numbers are taken with a secret key.", "assumed", "as for an account with raw card data enabled"),
    ("There is no payment_method.created event.", "recorded", "Stripe's API, Aug 2026"),
]

ALLOW_REDISPLAY = ("always", "limited", "unspecified")
BILLING_DETAILS = {
    "address": clearable(ADDRESS),
    "email": clearable(str),
    "name": clearable(str),
    "phone": clearable(str),
    "tax_id": clearable(str),
}


@route("POST", "/v1/payment_methods", accepts=PAYMENT_METHOD_DATA, key="any")
def create(call: Call) -> JsonObject:
    """A payment method that belongs to nobody yet."""
    return make_payment_method(call.world, call.params)


@route("GET", "/v1/payment_methods/{id}")
def retrieve(call: Call) -> JsonObject:
    """One payment method."""
    return call.world.answer("payment_method", call.ids["id"], param="payment_method")


@route(
    "GET",
    "/v1/payment_methods",
    accepts={**PAGING, "customer": str, "type": TYPES, "allow_redisplay": ALLOW_REDISPLAY},
)
def index(call: Call) -> JsonObject:
    """A customer's payment methods, newest first; none without a customer."""
    customer = call.get("customer")
    if customer is None:
        return page(call, [], "/v1/payment_methods")
    call.world.need("customer", customer, param="customer", status=400)
    return _listed(call, customer, "/v1/payment_methods")


@route(
    "GET",
    "/v1/customers/{customer}/payment_methods",
    accepts={**PAGING, "type": TYPES, "allow_redisplay": ALLOW_REDISPLAY},
)
def index_of_customer(call: Call) -> JsonObject:
    """The same below the customer's URL, where an unknown customer is a 404."""
    customer = call.ids["customer"]
    call.world.need("customer", customer)
    return _listed(call, customer, f"/v1/customers/{customer}/payment_methods")


@route("GET", "/v1/customers/{customer}/payment_methods/{id}")
def retrieve_of_customer(call: Call) -> JsonObject:
    """One method of this customer; another's is a 404."""
    call.world.need("customer", call.ids["customer"])
    method = call.world.need("payment_method", call.ids["id"], param="payment_method")
    if method["customer"] != call.ids["customer"]:
        raise StripeError("Invalid request", status=404, param="customer")
    return method


@route(
    "POST",
    "/v1/payment_methods/{id}",
    accepts={
        "allow_redisplay": ALLOW_REDISPLAY,
        "billing_details": BILLING_DETAILS,
        "card": {
            "exp_month": int,
            "exp_year": int,
            "networks": {"preferred": clearable(("cartes_bancaires", "mastercard", "visa"))},
        },
        "metadata": metadata,
        "us_bank_account": {"account_holder_type": ("company", "individual"), "account_type": ("checking", "savings")},
    },
)
def update(call: Call) -> JsonObject:
    """Change billing details leaf by leaf, the expiry, metadata; only a method that belongs to a customer."""
    method = call.world.need("payment_method", call.ids["id"], param="payment_method")
    if method["customer"] is None:
        raise StripeError("You must save this PaymentMethod to a customer before you can update it.")
    if call.has("metadata"):
        method["metadata"] = merged_metadata(method["metadata"], call.get("metadata"))
    if call.has("allow_redisplay"):
        method["allow_redisplay"] = call.get("allow_redisplay")
    _merge(method["billing_details"], call.get("billing_details", {}))
    for kind in ("card", "us_bank_account"):
        if call.has(kind):
            if method["type"] != kind:
                raise StripeError(
                    f"You cannot update `{kind}` on a PaymentMethod of type `{method['type']}`.", param=kind
                )
            _merge(method[kind], call.get(kind))
    return save_changed(call.world, method, "payment_method.updated")


@route("POST", "/v1/payment_methods/{id}/attach", accepts={"customer": str})
def attach(call: Call) -> JsonObject:
    """Give it to a customer."""
    if not call.has("customer"):
        raise StripeError("Must provide customer or customer_account.", code="parameter_missing")
    call.world.need("customer", call.get("customer"), param="customer", status=400)
    method = usable(call.world, call.ids["id"], status=404)
    decline = cards.behaviour(call.world, method["id"]).decline
    if decline is not None:
        raise decline.error(param=decline.param or "")
    return attach_to(call.world, method, call.get("customer"))


@route("POST", "/v1/payment_methods/{id}/detach")
def detach(call: Call) -> JsonObject:
    """Take it from its customer, for good."""
    world = call.world
    method = world.need("payment_method", call.ids["id"], param="payment_method")
    customer_id = method["customer"]
    if customer_id is None:
        raise StripeError("The payment method you provided is not attached to a customer so detachment is impossible.")
    method["customer"] = None
    world.save(method)
    world.emit("payment_method.detached", method, {"customer": customer_id})
    note = world.get("_card", method["id"])
    if note is not None:
        world.save({**note, "spent": True})
    customer = world.need("customer", customer_id)
    if customer["invoice_settings"]["default_payment_method"] == method["id"]:
        customer["invoice_settings"]["default_payment_method"] = None
        save_changed(world, customer, "customer.updated")
    return method


# -- for other resources


def make_payment_method(world: World, data: dict[str, Any]) -> JsonObject:
    """A saved payment method from checked `payment_method_data`; belongs to nobody. Raises card errors for bad digits."""
    if "type" not in data:
        raise missing_param("type")
    details, number = details_of(world, data)
    given = data.get("billing_details") or {}
    method: JsonObject = {
        "id": world.new_id("pm_"),
        "object": "payment_method",
        "allow_redisplay": data.get("allow_redisplay", "unspecified"),
        "billing_details": {
            "address": {**dict.fromkeys(ADDRESS), **(given.get("address") or {})},
            "email": given.get("email"),
            "name": given.get("name"),
            "phone": given.get("phone"),
            "tax_id": given.get("tax_id"),
        },
        data["type"]: details,
        "created": world.now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": merged_metadata({}, data.get("metadata", {})),
        "type": data["type"],
    }
    world.save(method)
    cards.remember(world, method["id"], number)
    return method


def usable(world: World, id: str, param: str = "payment_method", status: int = 400) -> JsonObject:
    """The payment method of that id, or a fresh one for a test name such as `pm_card_visa`; else `resource_missing`."""
    number = cards.number_of(id) if id.startswith("pm_card_") else None
    if number is not None:
        return make_payment_method(world, {"type": "card", "card": {"token": id}})
    if id in cards.BANK_ALIASES:
        kind, account = cards.BANK_ALIASES[id]
        holder = {"billing_details": {"name": "Jenny Rosen", "email": "jenny@example.com"}}
        field = {
            "sepa_debit": {"iban": account},
            "us_bank_account": {
                "account_number": account,
                "routing_number": "110000000",
                "account_holder_type": "individual",
            },
        }
        return make_payment_method(world, {"type": kind, kind: field[kind], **holder})
    method = world.get("payment_method", id)
    if method is None:
        raise resource_missing("payment_method", id, param=param, status=status)
    return method


def attach_to(world: World, method: JsonObject, customer: str) -> JsonObject:
    """Attach with the checks the bank makes then, and the event; refused when it belonged or belongs to someone else."""
    if method["customer"] == customer:
        return method
    if method["customer"] is not None:
        raise StripeError("The payment method you provided has already been attached to a customer.")
    note = world.get("_card", method["id"]) or {}
    if note.get("spent"):
        raise StripeError(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
            "Customer, and may not be used again."
        )
    method["customer"] = customer
    if method["type"] == "card":
        method["card"]["checks"].update(cards.checks_after_use(note.get("number", "")))
    world.save(method)
    world.emit("payment_method.attached", method)
    return method


def _listed(call: Call, customer: str, url: str) -> JsonObject:
    rows = call.world.newest_first("payment_method", customer=customer)
    for field in ("type", "allow_redisplay"):
        if call.has(field):
            rows = rows.where(lambda row, field=field: row[field] == call.get(field))  # type: ignore[misc]
    return page(call, rows, url)


def _merge(old: JsonObject, new: JsonObject) -> None:
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            _merge(old[key], value)
        elif value is None and isinstance(old.get(key), dict):
            old[key] = dict.fromkeys(old[key])
        else:
            old[key] = value
