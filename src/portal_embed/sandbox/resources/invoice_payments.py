"""Invoice payments: which payment intents pay which invoices."""

from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import PAGING, created_filter, within
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject

TRUTH = [("the object and its filters", "recorded", "Recorded from Stripe's API, Oct 2025 and Mar 2026")]


@route("GET", "/v1/invoice_payments/{id}")
def retrieve(call: Call) -> JsonObject:
    """One invoice payment."""
    return call.world.answer("invoice_payment", call.ids["id"])


@route(
    "GET",
    "/v1/invoice_payments",
    accepts={
        **PAGING,
        "created": created_filter,
        "invoice": str,
        "payment": {"type": ("payment_intent", "charge"), "payment_intent": str, "charge": str},
        "status": ("canceled", "open", "paid"),
    },
)
def index(call: Call) -> JsonObject:
    """Payments of an invoice or by an intent, newest first."""
    equals = {"invoice": call.get("invoice")} if call.has("invoice") else {}
    intent = (call.get("payment") or {}).get("payment_intent")
    if intent is not None:
        equals["payment_intent"] = intent
    rows = call.world.newest_first("invoice_payment", **equals)
    if call.has("status"):
        rows = rows.where(lambda row: row["status"] == call.get("status"))
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    return page(call, rows, "/v1/invoice_payments")
