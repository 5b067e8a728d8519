"""What a hosted document says, in finished words: the same facts for the page and for the PDF."""

from dataclasses import dataclass

from portal_embed.sandbox.hosted.words import BRANDS, REASONS, address, day, days, money
from portal_embed.sandbox.world import JsonObject, World


@dataclass(frozen=True)
class Line:
    """One row of the table; `period` may be empty."""

    description: str
    period: str
    quantity: str
    unit_price: str
    amount: str


@dataclass(frozen=True)
class Document:
    """An invoice, a receipt or a credit note.

    `facts` and `totals` are (label, value) pairs; the last total is the one that counts. `state` is one word such as
    "Paid", empty where a document has none.
    """

    kind: str
    number: str
    moment: int
    seller: str
    state: str
    headline: str
    facts: tuple[tuple[str, str], ...]
    bill_to: tuple[str, ...]
    lines: tuple[Line, ...]
    totals: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


def of_invoice(world: World, invoice: JsonObject) -> Document:
    """A finalised invoice; a draft has no document."""
    currency = invoice["currency"]
    issued = invoice["effective_at"] or invoice["created"]
    facts = [("Invoice number", invoice["number"] or ""), ("Date of issue", day(issued))]
    if invoice["due_date"]:
        facts.append(("Date due", day(invoice["due_date"])))
    if invoice["status_transitions"]["paid_at"]:
        facts.append(("Date paid", day(invoice["status_transitions"]["paid_at"])))
    facts += [(field["name"], field["value"]) for field in invoice["custom_fields"] or []]
    tax_ids = tuple(
        f"{tax['type'].replace('_', ' ').upper()} {tax['value']}" for tax in invoice["customer_tax_ids"] or []
    )
    return Document(
        kind="Invoice",
        number=invoice["number"] or "",
        moment=issued,
        seller=invoice["account_name"] or "",
        state=invoice["status"].capitalize(),
        headline=_invoice_headline(invoice),
        facts=tuple(facts),
        bill_to=_named(invoice["customer_name"], invoice["customer_email"], invoice["customer_address"]) + tax_ids,
        lines=tuple(_invoice_line(line) for line in invoice["lines"]["data"]),
        totals=tuple((label, money(amount, currency)) for label, amount in _invoice_totals(world, invoice)),
        notes=tuple(note for note in (invoice["description"], invoice["footer"]) if note),
    )


def of_credit_note(world: World, note: JsonObject) -> Document:
    """A credit note, with the invoice it belongs to."""
    currency = note["currency"]
    invoice = world.get("invoice", note["invoice"]) or {}
    issued = note.get("effective_at") or note["created"]
    facts = [
        ("Credit note number", note["number"]),
        ("Invoice number", invoice.get("number") or ""),
        ("Date of issue", day(issued)),
    ]
    if note.get("reason"):
        facts.append(("Reason", REASONS.get(note["reason"], note["reason"])))
    totals = [("Subtotal", note["subtotal"])]
    totals += [("Tax", tax["amount"]) for tax in note.get("total_taxes") or [] if tax["tax_behavior"] == "exclusive"]
    totals.append(("Total credit", note["total"]))
    return Document(
        kind="Credit note",
        number=note["number"],
        moment=issued,
        seller=invoice.get("account_name") or "",
        state="Void" if note["status"] == "void" else "Issued",
        headline=f"{money(note['total'], currency)} credited on {day(issued)}",
        facts=tuple(facts),
        bill_to=_named(invoice.get("customer_name"), invoice.get("customer_email"), invoice.get("customer_address")),
        lines=tuple(_credited_line(line, currency) for line in note["lines"]["data"]),
        totals=tuple((label, money(amount, currency)) for label, amount in totals),
        notes=tuple(text for text in (note.get("memo"),) if text),
    )


def of_charge(world: World, charge: JsonObject) -> Document:
    """The receipt of a charge, refunds included."""
    currency = charge["currency"]
    billing = charge.get("billing_details") or {}
    customer = world.get("customer", charge["customer"]) if charge.get("customer") else None
    email = charge.get("receipt_email") or billing.get("email") or (customer or {}).get("email")
    totals = [("Amount paid", charge["amount"])]
    if charge["amount_refunded"]:
        totals += [("Refunded", -charge["amount_refunded"]), ("Total", charge["amount"] - charge["amount_refunded"])]
    number = charge.get("receipt_number") or charge["id"]
    description = charge.get("description") or "Payment"
    return Document(
        kind="Receipt",
        number=number,
        moment=charge["created"],
        seller=charge.get("calculated_statement_descriptor") or "",
        state="Refunded" if charge["refunded"] else "Paid" if charge["paid"] else "Failed",
        headline=f"{money(charge['amount'], currency)} paid on {day(charge['created'])}",
        facts=(
            ("Receipt number", number),
            ("Date paid", day(charge["created"])),
            ("Payment method", _method(charge.get("payment_method_details") or {})),
        ),
        bill_to=_named(billing.get("name") or (customer or {}).get("name"), email, None),
        lines=(Line(description, "", "1", money(charge["amount"], currency), money(charge["amount"], currency)),),
        totals=tuple((label, money(amount, currency)) for label, amount in totals),
    )


def _invoice_headline(invoice: JsonObject) -> str:
    currency = invoice["currency"]
    paid_at = invoice["status_transitions"]["paid_at"]
    if invoice["status"] == "paid" and paid_at:
        return f"{money(invoice['total'], currency)} paid on {day(paid_at)}"
    due = money(invoice["amount_remaining"], currency)
    if invoice["status"] == "open":
        return f"{due} due {day(invoice['due_date'] or invoice['effective_at'] or invoice['created'])}"
    return f"{due} not paid"


def _invoice_line(line: JsonObject) -> Line:
    currency = line["currency"]
    unit = (line["pricing"] or {}).get("unit_amount_decimal")
    return Line(
        description=line["description"] or "",
        period=days(line["period"]) if line["period"]["start"] != line["period"]["end"] else "",
        quantity=str(line["quantity"] if line["quantity"] is not None else ""),
        unit_price=money(str(unit), currency) if unit is not None else "",
        amount=money(line["amount"], currency),
    )


def _credited_line(line: JsonObject, currency: str) -> Line:
    unit = line.get("unit_amount")
    return Line(
        description=line["description"] or "",
        period="",
        quantity=str(line.get("quantity") or ""),
        unit_price=money(unit, currency) if unit is not None else "",
        amount=money(line["amount"], currency),
    )


def _invoice_totals(world: World, invoice: JsonObject) -> list[tuple[str, int]]:
    totals = [("Subtotal", invoice["subtotal"])]
    totals += [
        (_discount_name(world, off["discount"]), -off["amount"]) for off in invoice["total_discount_amounts"] or []
    ]
    totals += [(_tax_name(world, tax), tax["amount"]) for tax in invoice["total_taxes"] or []]
    totals.append(("Total", invoice["total"]))
    applied = invoice["starting_balance"] - (invoice["ending_balance"] or 0)
    if applied:
        totals.append(("Applied balance", applied))
    if invoice["pre_payment_credit_notes_amount"]:
        totals.append(("Adjusted by credit notes", -invoice["pre_payment_credit_notes_amount"]))
    if invoice["amount_paid"]:
        totals.append(("Amount paid", invoice["amount_paid"]))
    totals.append(("Amount due", invoice["amount_remaining"]))
    return totals


def _discount_name(world: World, id: str) -> str:
    discount = world.get("discount", id) or {}
    coupon = world.get("coupon", (discount.get("source") or {}).get("coupon") or "") or {}
    percent = f" ({coupon['percent_off']:g}% off)" if coupon.get("percent_off") else ""
    return f"{coupon.get('name') or 'Discount'}{percent}"


def _tax_name(world: World, tax: JsonObject) -> str:
    rate = world.get("tax_rate", (tax.get("tax_rate_details") or {}).get("tax_rate") or "") or {}
    percent = f" ({float(rate['percentage']):g}%)" if rate.get("percentage") is not None else ""
    inclusive = ", included" if tax["tax_behavior"] == "inclusive" else ""
    return f"{rate.get('display_name') or 'Tax'}{percent}{inclusive}"


def _method(details: JsonObject) -> str:
    card = details.get("card")
    if card:
        return f"{BRANDS.get(card['brand'], card['brand'].capitalize())} •••• {card['last4']}"
    return str(details.get("type") or "").replace("_", " ").capitalize()


def _named(name: str | None, email: str | None, lines: JsonObject | None) -> tuple[str, ...]:
    return tuple(part for part in (name, *address(lines), email) if part)
