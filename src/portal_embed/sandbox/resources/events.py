"""Events: what happened, newest first."""

from fnmatch import fnmatchcase

from portal_embed.sandbox.wire.errors import exclusive
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import PAGING, created_filter, within
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject

TRUTH = [
    ("The shape of an event, with the request's id and idempotency key.", "recorded", "Stripe's API, Aug 2026"),
    ("Events stay as long as the world lives.", "assumed", "Stripe lists them for 30 days"),
]


@route("GET", "/v1/events/{id}")
def retrieve(call: Call) -> JsonObject:
    """One event."""
    return call.world.answer("event", call.ids["id"])


@route("GET", "/v1/events", accepts={**PAGING, "created": created_filter, "type": str, "types": [str]})
def index(call: Call) -> JsonObject:
    """Events by type (`invoice.*` matches all of invoices) and moment."""
    if call.has("type") and call.has("types"):
        raise exclusive("type", "types")
    rows = call.world.newest_first("event")
    wanted = call.get("types") or ([call.get("type")] if call.has("type") else [])
    if wanted:
        rows = rows.where(lambda row: any(fnmatchcase(row["type"], pattern) for pattern in wanted))
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    return page(call, rows, "/v1/events")
