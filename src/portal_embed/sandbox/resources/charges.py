"""Charges: what was tried with a payment method, and what of it was given back."""

from portal_embed.sandbox.engine import bodies
from portal_embed.sandbox.wire.expand import expandable
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import PAGING, created_filter, within
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [("declined attempts are listed too, with status failed", "recorded", "Recorded from Stripe's API, Aug 2026")]


@route("GET", "/v1/charges/{id}")
def retrieve(call: Call) -> JsonObject:
    """One charge."""
    return call.world.answer("charge", call.ids["id"])


@route("GET", "/v1/charges", accepts={**PAGING, "created": created_filter, "customer": str, "payment_intent": str})
def index(call: Call) -> JsonObject:
    """Charges, newest first."""
    equals = {name: call.get(name) for name in ("customer", "payment_intent") if call.has(name)}
    rows = call.world.newest_first("charge", **equals)
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    return page(call, rows, "/v1/charges")


@expandable("charge", "refunds")
def _refunds(world: World, charge: JsonObject) -> JsonObject:
    rows = list(world.newest_first("refund", charge=charge["id"]))
    return bodies.listed(rows, f"/v1/charges/{charge['id']}/refunds")


def charge_by_token(world: World, token: str) -> JsonObject | None:
    """The charge that a receipt's address names."""
    row = world.get("_charge_token", token)
    return world.get("charge", row["of"]) if row else None
