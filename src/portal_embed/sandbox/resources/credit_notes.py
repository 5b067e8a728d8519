"""Credit notes: an invoice made smaller after it was finalised, with the money back by refund, balance or elsewhere."""

from typing import Any

from portal_embed.sandbox.engine import bodies, invoice_intents, invoicing, settling
from portal_embed.sandbox.resources.credit_note_lines import LINES, lines, plain, total
from portal_embed.sandbox.resources.refunds import make_refund
from portal_embed.sandbox.wire.errors import StripeError, exclusive
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    Accepts,
    created_filter,
    merged_metadata,
    metadata,
    required,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("the number is the invoice's with -CN-01 and on", "recorded", "Recorded from Stripe's API, Oct 2025"),
    ("on an open invoice it lowers what is due; on a paid one the parts for refund, balance and out of band must add up",
     "documented", "Stripe docs, credit notes"),
    ("a note by amount has one line without tax", "assumed", "no recording"),
    ("only a note on an open invoice can be voided; the invoice then owes it again", "documented", "Stripe docs, credit notes"),
    ("an open invoice credited in full becomes paid", "documented", "Stripe docs, credit notes"),
]  # fmt: skip

_REASONS = ("duplicate", "fraudulent", "order_change", "product_unsatisfactory")
_WANTED: Accepts = {
    "amount": int,
    "credit_amount": int,
    "invoice": required(str),
    "lines": [LINES],
    "memo": str,
    "metadata": metadata,
    "out_of_band_amount": int,
    "reason": _REASONS,
    "refund_amount": int,
}


@route("POST", "/v1/credit_notes", accepts=_WANTED)
def create(call: Call) -> JsonObject:
    """Issue a credit note and move the money it says."""
    world = call.world
    note, invoice = _made(world, call.params)
    customer = world.need("customer", invoice["customer"])
    if call.get("refund_amount"):
        intent = invoice_intents.intent_of(world, invoice)
        if intent is None or intent["latest_charge"] is None:
            raise StripeError("This invoice has no charge to refund.", param="refund_amount")
        refund = make_refund(world, world.need("charge", intent["latest_charge"]), call.get("refund_amount"))
        note["refunds"] = [
            {
                "amount_refunded": refund["amount"],
                "payment_record_refund": None,
                "refund": refund["id"],
                "type": "refund",
            }
        ]
    if call.get("credit_amount"):
        entry = invoicing.move_balance(
            world, customer, -call.get("credit_amount"), "credit_note", credit_note=note["id"], invoice=invoice["id"]
        )
        note["customer_balance_transaction"] = entry["id"]
    token = f"{note['id'].removeprefix('cn_')}{world.new_id('', 12)}"
    world.save({"object": "_credit_note_token", "id": token, "of": note["id"]})
    note["pdf"] = f"{world.api_base}/c/{token}/pdf"
    world.save(note)
    for line in note["lines"]["data"]:
        world.save(line)
    settling.credited(world, invoice, note)
    world.emit("credit_note.created", note)
    return note


@route("GET", "/v1/credit_notes/preview", accepts=_WANTED)
def preview(call: Call) -> JsonObject:
    """What `create` would answer. Writes nothing."""
    with call.world.rolled_back():
        note, _ = _made(call.world, call.params)
        return note


@route("GET", "/v1/credit_notes/{id}")
def retrieve(call: Call) -> JsonObject:
    """One credit note."""
    return call.world.answer("credit_note", call.ids["id"])


@route("GET", "/v1/credit_notes", accepts={**PAGING, "created": created_filter, "customer": str, "invoice": str})
def index(call: Call) -> JsonObject:
    """Credit notes, newest first."""
    equals = {name: call.get(name) for name in ("customer", "invoice") if call.has(name)}
    rows = call.world.newest_first("credit_note", **equals)
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    return page(call, rows, "/v1/credit_notes")


@route("POST", "/v1/credit_notes/{id}/void")
def void(call: Call) -> JsonObject:
    """Take back a credit note: the open invoice owes its amount again."""
    world = call.world
    note = world.need("credit_note", call.ids["id"])
    invoice = world.need("invoice", note["invoice"])
    if note["status"] == "void" or note["type"] != "pre_payment" or invoice["status"] != "open":
        raise StripeError("You can only void credit notes of open invoices.")
    note.update(status="void", voided_at=world.now())
    world.save(note)
    settling.credited(world, invoice, {**note, "amount": -note["amount"]})
    world.emit("credit_note.voided", note)
    return note


@route("GET", "/v1/credit_notes/{id}/lines", accepts=PAGING)
def index_lines(call: Call) -> JsonObject:
    """The lines of a credit note."""
    note = call.world.need("credit_note", call.ids["id"])
    return page(call, note["lines"]["data"], f"/v1/credit_notes/{note['id']}/lines")


def _made(world: World, params: dict[str, Any]) -> tuple[JsonObject, JsonObject]:
    """The note, not saved, and its invoice; raises Stripe's refusals."""
    invoice = world.need("invoice", params["invoice"], param="invoice", status=400)
    if invoice["status"] not in ("open", "paid"):
        raise StripeError(
            "You can only create credit notes for finalized invoices that are open or paid.", param="invoice"
        )
    before = list(world.oldest_first("credit_note", invoice=invoice["id"]))
    rows = lines(world, invoice, params.get("lines") or [])
    amount = _amount(invoice, before, params, rows)
    rows = rows or [plain(world, amount)]
    paid = invoice["status"] == "paid"
    _check_parts(paid, amount, params)
    note = bodies.ordered(
        {
            "id": world.new_id("cn_"),
            "object": "credit_note",
            "amount": amount,
            "amount_shipping": 0,
            "created": world.now(),
            "currency": invoice["currency"],
            "customer": invoice["customer"],
            "customer_account": None,
            "customer_balance_transaction": None,
            "discount_amount": sum(row["discount_amount"] for row in rows),
            "discount_amounts": [off for row in rows for off in row["discount_amounts"]],
            "effective_at": world.now(),
            "invoice": invoice["id"],
            "lines": {},
            "livemode": False,
            "memo": params.get("memo"),
            "metadata": merged_metadata({}, params.get("metadata", {})),
            "number": f"{invoice['number']}-CN-{len(before) + 1:02d}",
            "out_of_band_amount": params.get("out_of_band_amount"),
            "pdf": f"{world.api_base}/c/preview/pdf",
            "post_payment_amount": amount if paid else 0,
            "pre_payment_amount": 0 if paid else amount,
            "pretax_credit_amounts": [off for row in rows for off in row["pretax_credit_amounts"]],
            "reason": params.get("reason"),
            "refunds": [],
            "shipping_cost": None,
            "status": "issued",
            "subtotal": sum(row["amount"] for row in rows),
            "subtotal_excluding_tax": sum(row["amount"] for row in rows) - _tax(rows, "inclusive"),
            "total": amount,
            "total_excluding_tax": amount - _tax(rows, "exclusive") - _tax(rows, "inclusive"),
            "total_taxes": [tax for row in rows for tax in row["taxes"]],
            "type": "post_payment" if paid else "pre_payment",
            "voided_at": None,
        }
    )
    note["lines"] = bodies.listed(rows, f"/v1/credit_notes/{note['id']}/lines")
    return note, invoice


def _tax(rows: list[JsonObject], behaviour: str) -> int:
    return sum(tax["amount"] for row in rows for tax in row["taxes"] if tax["tax_behavior"] == behaviour)


def _amount(invoice: JsonObject, before: list[JsonObject], params: dict[str, Any], rows: list[JsonObject]) -> int:
    if rows and "amount" in params:
        raise exclusive("amount", "lines")
    parts = ("credit_amount", "refund_amount", "out_of_band_amount")
    given = sum(params.get(part) or 0 for part in parts)
    amount: int = sum(total(row) for row in rows) if rows else params.get("amount") or given
    left = invoice["total"] - sum(note["amount"] for note in before if note["status"] != "void")
    if amount <= 0:
        raise StripeError("You must provide one of amount, lines, or shipping_cost.", param="amount")
    if amount > left or (invoice["status"] == "open" and amount > invoice["amount_remaining"]):
        raise StripeError(
            f"The credit note amount ({amount}) is greater than what is left to credit ({left}).", param="amount"
        )
    return amount


def _check_parts(paid: bool, amount: int, params: dict[str, Any]) -> None:
    parts = sum(params.get(part) or 0 for part in ("credit_amount", "refund_amount", "out_of_band_amount"))
    if paid and parts != amount:
        raise StripeError(
            f"The sum of credit amount, refund amount and out of band amount ({parts}) must equal the credit note amount "
            f"({amount})."
        )
    if not paid and parts:
        raise StripeError("You cannot refund or credit an invoice that is not paid.")


def credit_note_by_token(world: World, token: str) -> JsonObject | None:
    """The credit note that a PDF's address names."""
    row = world.get("_credit_note_token", token)
    return world.get("credit_note", row["of"]) if row else None
