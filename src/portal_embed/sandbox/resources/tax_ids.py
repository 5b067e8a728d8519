"""Tax ids of customers, below the customer's URL and at `/v1/tax_ids`."""

from portal_embed.sandbox.engine import agenda, tax_numbers
from portal_embed.sandbox.wire.errors import StripeError, resource_missing
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import PAGING, required
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("The shape of a tax id.", "documented", "stripe-python 16.1 annotations"),
    ("A type that there is not is refused.", "documented", "stripe-python 16.1 annotations"),
    ("Formats are checked for eu_vat and gb_vat only.", "assumed", "Stripe checks the format of every type"),
]

_URL = "/v1/customers/{customer}/tax_ids"
_BODY = {"type": required(tax_numbers.TYPES), "value": required(str)}


@route("POST", _URL, accepts=_BODY)
def create_of_customer(call: Call) -> JsonObject:
    """A customer's tax id."""
    call.world.need("customer", call.ids["customer"])
    return make_tax_id(call.world, call.get("type"), call.get("value"), call.ids["customer"])


@route("GET", _URL, accepts=PAGING)
def index_of_customer(call: Call) -> JsonObject:
    """A customer's tax ids."""
    customer = call.ids["customer"]
    call.world.need("customer", customer)
    return page(call, call.world.newest_first("tax_id", customer=customer), _URL.replace("{customer}", customer))


@route("GET", _URL + "/{id}")
def retrieve_of_customer(call: Call) -> JsonObject:
    """One of them."""
    return _owned(call)


@route("DELETE", _URL + "/{id}")
def delete_of_customer(call: Call) -> JsonObject:
    """Remove it."""
    return _deleted(call.world, _owned(call))


@route(
    "POST",
    "/v1/tax_ids",
    accepts={**_BODY, "owner": {"type": required(("customer",)), "customer": str}},
)
def create(call: Call) -> JsonObject:
    """A tax id whose owner is a customer; the account's own are not built."""
    customer = (call.get("owner") or {}).get("customer")
    if customer is None:
        raise StripeError("Missing required param: owner[customer].", code="parameter_missing", param="owner[customer]")
    call.world.need("customer", customer, param="owner[customer]", status=400)
    return make_tax_id(call.world, call.get("type"), call.get("value"), customer)


@route("GET", "/v1/tax_ids", accepts={**PAGING, "owner": {"type": required(("customer",)), "customer": required(str)}})
def index(call: Call) -> JsonObject:
    """Tax ids of one owner."""
    owner = call.get("owner") or {}
    equals = {"customer": owner["customer"]} if owner else {}
    return page(call, call.world.newest_first("tax_id", **equals), "/v1/tax_ids")


@route("GET", "/v1/tax_ids/{id}")
def retrieve(call: Call) -> JsonObject:
    """One tax id."""
    return call.world.answer("tax_id", call.ids["id"])


@route("DELETE", "/v1/tax_ids/{id}")
def delete(call: Call) -> JsonObject:
    """Remove it."""
    return _deleted(call.world, call.world.need("tax_id", call.ids["id"]))


def make_tax_id(world: World, type: str, value: str, customer: str) -> JsonObject:
    """A saved tax id with its event; refuses numbers that cannot be right."""
    named = value[:2].upper() if value[:2].isalpha() else type[:2].upper()
    country = None if named == "EU" else named
    digits = value[2:] if value[:2].isalpha() else value
    checked = type in ("eu_vat", "gb_vat") and not tax_numbers.is_magic(type, value)
    if checked and not (value[:2].isalpha() and 7 <= len(digits) <= 13 and digits.isalnum()):
        raise StripeError(f"Invalid value for {type}.", code="tax_id_invalid", param="value")
    tax_id: JsonObject = {
        "id": world.new_id("txi_"),
        "object": "tax_id",
        "country": country,
        "created": world.now(),
        "customer": customer,
        "customer_account": None,
        "livemode": False,
        "owner": {"customer": customer, "type": "customer"},
        "type": type,
        "value": value,
        "verification": {
            "status": tax_numbers.first_status(type),
            "verified_address": None,
            "verified_name": None,
        },
    }
    world.save(tax_id)
    world.emit("customer.tax_id.created", tax_id)
    with agenda.own_time(world, world.need("customer", customer)):
        tax_numbers.wait(world, tax_id)
    return tax_id


def _owned(call: Call) -> JsonObject:
    call.world.need("customer", call.ids["customer"])
    found = call.world.get("tax_id", call.ids["id"])
    if found is None or found["customer"] != call.ids["customer"]:
        raise resource_missing("tax_id", call.ids["id"])
    return found


def _deleted(world: World, tax_id: JsonObject) -> JsonObject:
    tax_numbers.forget(world, tax_id)
    world.remove("tax_id", tax_id["id"])
    world.emit("customer.tax_id.deleted", tax_id)
    return {"id": tax_id["id"], "object": "tax_id", "deleted": True}
