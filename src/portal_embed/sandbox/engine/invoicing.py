"""Invoices as documents: their lines, totals, numbers, and what finalising does to the customer's balance."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.engine import bodies, discounts, pricing, proration, totals, uninvoiced, wording
from portal_embed.sandbox.engine.money import minimum, rounded, smallest_step
from portal_embed.sandbox.engine.proration import Period
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a subscription's on_behalf_of stands on its invoices", "documented", "stripe-python 16.1 annotations"),
    ("credit line first, charge line second; wording, periods and pricing of proration lines", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("amount due = max(0, total + starting balance); the rest becomes the ending balance, with a ledger entry", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("numbers are PREFIX-0001 and on, per customer, given at finalisation, also to invoices of 0", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("a total of 0 is paid by finalising, without an attempt", "recorded", "Recorded from Stripe's API, Aug 2026"),
    ("drafts finalise 3601 s after their creation", "recorded", "Recorded from Stripe's API, Aug 2026"),
    ("voiding gives back what the invoice took from or put on the balance, as `unapplied_from_invoice`", "documented",
     "stripe-python 16.1, CustomerBalanceTransaction.type"),
    ("a customer's first currency and moves of the balance are told by `customer.updated`, the next number alone is not",
     "assumed", "no recording"),
    ("all lines stand in the invoice, also beyond ten", "assumed", "Stripe sends ten and the rest by paging"),
]  # fmt: skip

_DRAFT_FOR = 3_600


def start(
    world: World,
    customer: JsonObject,
    *,
    reason: str,
    currency: str,
    subscription: JsonObject | None = None,
    period: tuple[int, int] | None = None,
    **given: Any,
) -> JsonObject:
    """A draft without lines, not yet saved. `period` in seconds, now unless said."""
    now = world.now()
    begin, end = period or (now, now)
    if subscription is not None:
        details = {"metadata": subscription["metadata"], "subscription": subscription["id"]}
        tax = subscription["automatic_tax"]
        parent = {"type": "subscription_details", "quote_details": None, "subscription_details": details}
        given = {
            "parent": parent,
            "automatic_tax": {
                "disabled_reason": None,
                "enabled": tax["enabled"],
                "liability": tax["liability"],
                "provider": "stripe" if tax["enabled"] else None,
                "status": None,
            },
            "collection_method": subscription["collection_method"],
            "default_tax_rates": subscription["default_tax_rates"],
            "discounts": [id for id, _ in discounts.coupons_of(world, discounts.held(world, subscription), now)],
            "description": subscription["description"],
            "on_behalf_of": subscription["on_behalf_of"],
            "payment_settings": {
                "default_mandate": None,
                "payment_method_options": subscription["payment_settings"]["payment_method_options"],
                "payment_method_types": subscription["payment_settings"]["payment_method_types"],
            },
            "due_date": now + subscription["days_until_due"] * 86_400
            if subscription["days_until_due"] is not None
            else None,
            **given,
        }
    return bodies.invoice(
        world, customer, billing_reason=reason, currency=currency, period_start=begin, period_end=end, **given
    )


def wait_to_finalise(invoice: JsonObject) -> None:
    """Give a draft its hour: `automatically_finalizes_at`, and for automatic charging `next_payment_attempt`."""
    invoice["automatically_finalizes_at"] = invoice["created"] + _DRAFT_FOR + 1 if invoice["auto_advance"] else None
    automatic = invoice["auto_advance"] and invoice["collection_method"] == "charge_automatically"
    invoice["next_payment_attempt"] = invoice["created"] + _DRAFT_FOR if automatic else None


def add_period(
    world: World,
    invoice: JsonObject,
    item: JsonObject,
    period: Period,
    *,
    trial: bool = False,
    until: int | None = None,
) -> None:
    """The normal lines of one billing period of a subscription item (one, or one for each tier), or its free trial.

    `until` bills only a part of the period: up to a known end of the subscription, seconds.
    """
    price = item["price"]
    part = Fraction(1) if until is None else Fraction(until - period.start, period.end - period.start)
    stretch = Period(period.start, until or period.end)
    if trial:
        words = wording.trial(world, price, item["quantity"])
        _add_line(world, invoice, item, stretch, pricing.Part(item["quantity"], "0", Fraction(0)), words)
        return
    for one in pricing.parts(world, price, item["quantity"]):
        scaled = replace(one, amount=one.amount * part)
        _add_line(world, invoice, item, stretch, scaled, wording.normal(world, price, one))


def add_usage(world: World, invoice: JsonObject, item: JsonObject, period: Period, used: Fraction) -> None:
    """The lines for what a meter counted in a period that is over."""
    for part in pricing.parts(world, item["price"], used):
        _add_line(world, invoice, item, period, part, wording.normal(world, item["price"], part))


def _add_line(
    world: World, invoice: JsonObject, item: JsonObject, period: Period, part: pricing.Part, words: str
) -> None:
    amount = rounded(part.amount, invoice["currency"])
    product = item["price"]["product"]
    running = discounts.coupons_of(world, item["discounts"], world.now())
    (own,) = discounts.spread(world, running, [(product, amount)], invoice["currency"])
    line = bodies.line(
        world,
        invoice,
        amount=amount,
        description=words,
        discount_amounts=discounts.as_amounts(own),
        discounts=[id for id, _ in running],
        parent=_item_parent(invoice, item["id"], None, proration=False, credited=None),
        period={"end": period.end, "start": period.start},
        pricing=uninvoiced.pricing_of(item["price"], part.unit),
        quantity=int(part.quantity),
        quantity_decimal=wording.plain(part.quantity),
        subscription=item["subscription"],
    )
    _own_rates(world, line, proration.own_rates(item))
    _append(invoice, line)


def add_items(world: World, invoice: JsonObject, items: list[JsonObject]) -> None:
    """Lines for waiting items, in the order given; the items then belong to the invoice."""
    for item in items:
        item["invoice"] = invoice["id"]
        world.save(item)
        _append(invoice, _line_of(world, invoice, item))
    uninvoiced.no_longer_waiting(world, invoice["customer"], [item["id"] for item in items])


def _line_of(world: World, invoice: JsonObject, item: JsonObject) -> JsonObject:
    note = world.get("_item", item["id"])
    if note:
        parent = _item_parent(
            invoice, note["subscription_item"], item["id"], proration=item["proration"], credited=note["credited"]
        )
    else:
        parent = {
            "type": "invoice_item_details",
            "subscription_item_details": None,
            "invoice_item_details": {
                "invoice_item": item["id"],
                "proration": item["proration"],
                "proration_details": {"credited_items": None},
                "subscription": uninvoiced.owner(item),
            },
        }
    product = item["pricing"]["price_details"]["product"] if item["pricing"] else ""
    coupons = discounts.coupons_of(world, item["discounts"], world.now())
    (own,) = discounts.spread(world, coupons, [(product, item["amount"])], invoice["currency"])
    line = bodies.line(
        world,
        invoice,
        amount=item["amount"],
        description=item["description"],
        discount_amounts=discounts.as_amounts(own),
        discountable=item["discountable"],
        discounts=item["discounts"],
        metadata=item["metadata"],
        parent=parent,
        period=item["period"],
        pricing=item["pricing"],
        quantity=item["quantity"],
        quantity_decimal=item["quantity_decimal"],
        subscription=uninvoiced.owner(item),
    )
    _own_rates(world, line, note["rates"] if note else [rate["id"] for rate in item["tax_rates"]] or None)
    return line


def _own_rates(world: World, line: JsonObject, rates: list[str] | None) -> None:
    if rates is not None:
        world.save({"object": "_line_rates", "id": line["id"], "rates": rates})


def _item_parent(
    invoice: JsonObject, item: str, invoice_item: str | None, *, proration: bool, credited: Any
) -> JsonObject:
    return {
        "type": "subscription_item_details",
        "invoice_item_details": None,
        "subscription_item_details": {
            "invoice_item": invoice_item,
            "proration": proration,
            "proration_details": {"credited_items": credited},
            "subscription": invoice["parent"]["subscription_details"]["subscription"] if invoice["parent"] else None,
            "subscription_item": item,
        },
    }


def _append(invoice: JsonObject, line: JsonObject) -> None:
    invoice["lines"]["data"].append(line)
    invoice["lines"]["total_count"] += 1


def total_up(world: World, invoice: JsonObject) -> None:
    """Compute every total of a draft from its lines, and what the balance leaves to pay."""
    totals.total_up(world, invoice)
    set_due(world, invoice)


def set_due(world: World, invoice: JsonObject) -> None:
    """What is due of a totalled invoice, given the customer's balance."""
    invoice["starting_balance"] = world.need("customer", invoice["customer"])["balance"]
    invoice["amount_due"], _ = left_to_pay(invoice)
    invoice["amount_remaining"] = invoice["amount_due"]


def left_to_pay(invoice: JsonObject) -> tuple[int, int]:
    """(amount due, ending balance) of an invoice from its total and starting balance, minor units."""
    due = invoice["total"] + invoice["starting_balance"]
    over = due % smallest_step(invoice["currency"])
    return (due - over, over) if due >= minimum(invoice["currency"]) else (0, due)


def move_balance(world: World, customer: JsonObject, by: int, kind: str, **given: Any) -> JsonObject:
    """Move the customer's balance by `by` (negative = credit) and write the ledger entry; returns the entry."""
    customer["balance"] += by
    save_changed(world, customer, "customer.updated")
    entry = bodies.ordered(
        {
            "id": world.new_id("cbtxn_"),
            "object": "customer_balance_transaction",
            "amount": by,
            "checkout_session": None,
            "created": world.now(),
            "credit_note": None,
            "currency": customer["currency"],
            "customer": customer["id"],
            "customer_account": None,
            "description": None,
            "ending_balance": customer["balance"],
            "invoice": None,
            "livemode": False,
            "metadata": {},
            "type": kind,
            **given,
        }
    )
    return world.save(entry)


def number(world: World, invoice: JsonObject) -> None:
    """Give the next number of the customer's sequence and settle the balance: the part of finalising that is a document.

    Saves the invoice (open) and the customer.
    """
    now = world.now()
    customer = world.need("customer", invoice["customer"])
    total_up(world, invoice)
    invoice["number"] = invoice["number"] or f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    customer["next_invoice_sequence"] += 1
    world.save(customer)
    if customer["currency"] is None:
        customer["currency"] = invoice["currency"]
        save_changed(world, customer, "customer.updated")
    invoice["amount_due"], invoice["ending_balance"] = left_to_pay(invoice)
    invoice["amount_remaining"] = invoice["amount_due"]
    invoice["status"] = "open"
    invoice["last_finalization_error"] = None
    invoice["effective_at"] = invoice["effective_at"] or now
    invoice["status_transitions"]["finalized_at"] = now
    invoice["automatically_finalizes_at"] = invoice["next_payment_attempt"] = None
    token = f"{invoice['id'].removeprefix('in_')}{world.new_id('', 12)}"
    world.save({"object": "_invoice_token", "id": token, "of": invoice["id"]})
    invoice["hosted_invoice_url"] = f"{world.api_base}/i/{token}"
    invoice["invoice_pdf"] = f"{world.api_base}/i/{token}/pdf"
    moved = invoice["ending_balance"] - invoice["starting_balance"]
    if moved:
        move_balance(world, customer, moved, "applied_to_invoice", invoice=invoice["id"])
    world.save(invoice)
    world.emit("invoice.finalized", invoice)


def undo_balance(world: World, invoice: JsonObject) -> None:
    """Give back to the balance what a voided invoice had taken from it."""
    moved = (invoice["ending_balance"] or 0) - invoice["starting_balance"]
    if moved and invoice["ending_balance"] is not None:
        customer = world.need("customer", invoice["customer"])
        move_balance(world, customer, -moved, "unapplied_from_invoice", invoice=invoice["id"])
