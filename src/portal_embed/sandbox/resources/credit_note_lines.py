"""The lines of credit notes: a part of an invoice line with its discount and tax, or a line of its own."""

from fractions import Fraction
from typing import Any

from portal_embed.sandbox.engine import bodies, taxes
from portal_embed.sandbox.engine.money import rounded
from portal_embed.sandbox.resources.subscription_params import tax_rates
from portal_embed.sandbox.wire.errors import StripeError, missing_param, resource_missing
from portal_embed.sandbox.wire.params import Accepts, clearable, metadata, required
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("crediting an invoice line by quantity or amount gives back its share of discounts and tax", "documented",
     "Stripe docs, credit notes"),
    ("each share of a discount or tax is rounded alone", "assumed", "MOVES MONEY: no recording"),
    ("a line of its own credits unit amount times quantity, with the tax rates given", "documented", "Stripe docs, credit notes"),
    ("tax_amounts on lines are refused", "assumed", "not built"),
]  # fmt: skip

LINES: Accepts = {
    "amount": int,
    "description": str,
    "invoice_line_item": str,
    "metadata": metadata,
    "quantity": int,
    "tax_rates": clearable([str]),
    "type": required(("custom_line_item", "invoice_line_item")),
    "unit_amount": int,
}


def lines(world: World, invoice: JsonObject, wanted: list[dict[str, Any]]) -> list[JsonObject]:
    """The bodies of the lines asked for. Raises Stripe's refusals."""
    return [
        _of_invoice(world, invoice, one, f"lines[{position}]")
        if one["type"] == "invoice_line_item"
        else _custom(world, invoice, one, f"lines[{position}]")
        for position, one in enumerate(wanted)
    ]


def total(line: JsonObject) -> int:
    """What a line gives back, minor units: after discounts, with the tax on top of it."""
    on_top = sum(tax["amount"] for tax in line["taxes"] if tax["tax_behavior"] == "exclusive")
    given: int = line["amount"] - line["discount_amount"] + on_top
    return given


def plain(world: World, amount: int) -> JsonObject:
    """The one line of a note by amount."""
    return _body(world, amount, description="Credit", unit_amount=amount)


def _of_invoice(world: World, invoice: JsonObject, wanted: dict[str, Any], path: str) -> JsonObject:
    if "invoice_line_item" not in wanted:
        raise missing_param(f"{path}[invoice_line_item]")
    id = wanted["invoice_line_item"]
    line = next((row for row in invoice["lines"]["data"] if row["id"] == id), None)
    if line is None:
        raise resource_missing("line_item", id, param=f"{path}[invoice_line_item]", status=400)
    quantity = wanted.get("quantity")
    amount = wanted.get("amount")
    if amount is None:
        part = Fraction(quantity if quantity is not None else line["quantity"] or 1, line["quantity"] or 1)
        amount = rounded(line["amount"] * part, invoice["currency"])
    if not 0 < amount <= line["amount"]:
        raise StripeError(f"The amount to credit ({amount}) exceeds that of the line ({line['amount']}).", param=path)
    share = Fraction(amount, line["amount"])
    currency = invoice["currency"]
    offs = [{**off, "amount": rounded(off["amount"] * share, currency)} for off in line["discount_amounts"]]
    shared = [
        {**tax, **{name: rounded(tax[name] * share, currency) for name in ("amount", "taxable_amount")}}
        for tax in line["taxes"]
    ]
    return _body(
        world,
        amount,
        description=line["description"],
        discount_amount=sum(off["amount"] for off in offs),
        discount_amounts=offs,
        invoice_line_item=id,
        metadata=wanted.get("metadata") or {},
        pretax_credit_amounts=[{**off, "type": "discount"} for off in offs],
        quantity=quantity,
        taxes=shared,
        type="invoice_line_item",
        unit_amount=None,
    )


def _custom(world: World, invoice: JsonObject, wanted: dict[str, Any], path: str) -> JsonObject:
    for name in ("description", "quantity", "unit_amount"):
        if name not in wanted:
            raise missing_param(f"{path}[{name}]")
    rates = tax_rates(world, wanted.get("tax_rates"))
    amount = wanted["quantity"] * wanted["unit_amount"]
    return _body(
        world,
        amount,
        description=wanted["description"],
        metadata=wanted.get("metadata") or {},
        quantity=wanted["quantity"],
        tax_rates=rates,
        taxes=taxes.taxes_of(world, [rate["id"] for rate in rates], amount, invoice["currency"]),
        unit_amount=wanted["unit_amount"],
    )


def _body(world: World, amount: int, **given: Any) -> JsonObject:
    unit = given.get("unit_amount")
    return bodies.ordered(
        {
            "id": world.new_id("cnli_"),
            "object": "credit_note_line_item",
            "amount": amount,
            "discount_amount": 0,
            "discount_amounts": [],
            "invoice_line_item": None,
            "livemode": False,
            "metadata": {},
            "pretax_credit_amounts": [],
            "quantity": 1,
            "tax_rates": [],
            "taxes": [],
            "type": "custom_line_item",
            "unit_amount_decimal": None if unit is None else str(unit),
            **given,
        }
    )
