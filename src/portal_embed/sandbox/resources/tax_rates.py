"""Tax rates: a percentage with a name, inside the price or on top of it."""

from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
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
from portal_embed.sandbox.world import JsonObject

TRUTH = [("The keys of a tax rate.", "documented", "stripe-python 16.1 annotations")]

_FIELDS: Accepts = {
    "active": bool,
    "country": clearable(str),
    "description": clearable(str),
    "jurisdiction": clearable(str),
    "metadata": metadata,
    "state": clearable(str),
    "tax_type": ("gst", "hst", "igst", "jct", "lease_tax", "pst", "qst", "rst", "sales_tax", "service_tax", "vat"),
}


@route(
    "POST",
    "/v1/tax_rates",
    accepts={**_FIELDS, "display_name": required(str), "inclusive": required(bool), "percentage": required(float)},
)
def create(call: Call) -> JsonObject:
    """A tax rate."""
    percentage = call.get("percentage")
    rate: JsonObject = {
        "id": call.world.new_id("txr_"),
        "object": "tax_rate",
        "active": call.get("active", True),
        "country": call.get("country"),
        "created": call.world.now(),
        "description": call.get("description"),
        "display_name": call.get("display_name"),
        "effective_percentage": None,
        "flat_amount": None,
        "inclusive": call.get("inclusive"),
        "jurisdiction": call.get("jurisdiction"),
        "jurisdiction_level": None,
        "livemode": False,
        "metadata": merged_metadata({}, call.get("metadata", {})),
        "percentage": percentage,
        "rate_type": "percentage",
        "state": call.get("state"),
        "tax_type": call.get("tax_type"),
    }
    call.world.save(rate)
    call.world.emit("tax_rate.created", rate)
    return rate


@route("GET", "/v1/tax_rates/{id}")
def retrieve(call: Call) -> JsonObject:
    """One tax rate."""
    return call.world.answer("tax_rate", call.ids["id"], param="tax_rate")


@route("GET", "/v1/tax_rates", accepts={**PAGING, "active": bool, "created": created_filter, "inclusive": bool})
def index(call: Call) -> JsonObject:
    """Tax rates, newest first."""
    rows = call.world.newest_first("tax_rate")
    for name in ("active", "inclusive"):
        if call.has(name):
            rows = rows.where(lambda row, name=name: row[name] == call.get(name))  # type: ignore[misc]
    return page(call, rows.where(lambda row: within(row["created"], call.get("created"))), "/v1/tax_rates")


@route("POST", "/v1/tax_rates/{id}", accepts={**_FIELDS, "display_name": str})
def update(call: Call) -> JsonObject:
    """Change words; the percentage never changes."""
    rate = call.world.need("tax_rate", call.ids["id"], param="tax_rate")
    for name in (*_FIELDS, "display_name"):
        if call.has(name) and name != "metadata":
            rate[name] = call.get(name)
    if call.has("metadata"):
        rate["metadata"] = merged_metadata(rate["metadata"], call.get("metadata"))
    return save_changed(call.world, rate, "tax_rate.updated")
