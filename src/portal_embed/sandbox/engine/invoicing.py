"""Invoices as documents: their lines, totals, numbers, and what finalising does to the customer's balance."""

from fractions import Fraction
from typing import Any

from portal_embed.sandbox.engine import bodies, discounts, proration, taxes, wording
from portal_embed.sandbox.engine.money import minimum, rounded
from portal_embed.sandbox.engine.proration import Period, Prorated
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
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
    ("waiting items without a subscription are taken up by the next subscription invoice", "documented",
     "Stripe docs, invoice items"),
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
        parent = {"type": "subscription_details", "quote_details": None, "subscription_details": details}
        given = {
            "parent": parent,
            "collection_method": subscription["collection_method"],
            "default_tax_rates": subscription["default_tax_rates"],
            "discounts": [id for id, _ in discounts.coupons_of(world, subscription["discounts"], now)],
            "description": subscription["description"],
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
    """A normal line: one billing period of a subscription item, or its free trial.

    `until` bills only a part of the period: up to a known end of the subscription, seconds.
    """
    price, quantity = item["price"], item["quantity"]
    part = 1 if until is None else Fraction(until - period.start, period.end - period.start)
    amount = 0 if trial else rounded(proration.price_now(item) * part)
    words = wording.trial(world, price, quantity) if trial else wording.normal(world, price, quantity)
    _append(
        invoice,
        bodies.line(
            world,
            invoice,
            amount=amount,
            description=words,
            parent=_item_parent(invoice, item["id"], None, proration=False, credited=None),
            period={"end": until or period.end, "start": period.start},
            pricing=_pricing(price, "0" if trial else price["unit_amount_decimal"]),
            quantity=quantity,
            quantity_decimal=str(quantity),
            subscription=item["subscription"],
        ),
    )


def make_item(
    world: World, customer: JsonObject, subscription: JsonObject, made: Prorated, *, orphan: bool = False
) -> JsonObject:
    """Save the waiting item of one proration. `orphan`: without a parent, as a cancellation's credit is."""
    details = {
        "subscription": subscription["id"],
        "subscription_item": made.item,
    }
    credited = {"type": "invoice_line_items", "invoice_line_item_details": made.credited} if made.credited else None
    body = bodies.invoiceitem(
        world,
        customer,
        amount=made.amount,
        currency=subscription["currency"],
        description=made.description,
        discountable=False,
        frozen_fields=["pricing", "quantity", "discounts"],
        net_amount=made.amount,
        parent=None if orphan else {"type": "subscription_details", "subscription_details": details},
        period={"end": made.end, "start": made.start},
        pricing=_pricing(made.price, None),
        proration=True,
        quantity=made.quantity,
        quantity_decimal=str(made.quantity),
    )
    if not orphan:
        body["proration_details"] = {
            "credited_items": credited,
            "discount_amounts": discounts.as_amounts(made.discount_amounts),
        }
    world.save(body)
    world.save({"object": "_item", "id": body["id"], "subscription_item": made.item, "credited": made.credited})
    _wait(world, customer["id"], [body["id"]])
    world.emit("invoiceitem.created", body)
    return body


def waiting(world: World, customer: str, subscription: str | None) -> list[JsonObject]:
    """The items an invoice of this subscription takes up, newest first: its own and those of no subscription.

    With None: every item that waits.
    """
    ids = (world.get("_waiting", customer) or {"items": []})["items"]
    found = [world.need("invoiceitem", id) for id in reversed(ids)]
    return [item for item in found if subscription is None or _owner(item) in (None, subscription)]


def _owner(item: JsonObject) -> str | None:
    owner: str | None = ((item["parent"] or {}).get("subscription_details") or {}).get("subscription")
    return owner


def _wait(world: World, customer: str, ids: list[str]) -> None:
    row = world.get("_waiting", customer) or {"object": "_waiting", "id": customer, "items": []}
    row["items"].extend(ids)
    world.save(row)


def now_waiting(world: World, item: JsonObject) -> None:
    """Put a new item on its customer's list of waiting ones."""
    _wait(world, item["customer"], [item["id"]])


def no_longer_waiting(world: World, customer: str, ids: list[str]) -> None:
    """Take items off the list of waiting ones: invoiced or deleted."""
    row = world.get("_waiting", customer)
    if row and ids:
        row["items"] = [id for id in row["items"] if id not in ids]
        world.save(row)


def add_items(world: World, invoice: JsonObject, items: list[JsonObject]) -> None:
    """Lines for waiting items, in the order given; the items then belong to the invoice."""
    for item in items:
        item["invoice"] = invoice["id"]
        world.save(item)
        _append(invoice, _line_of(world, invoice, item))
    no_longer_waiting(world, invoice["customer"], [item["id"] for item in items])


def _line_of(world: World, invoice: JsonObject, item: JsonObject) -> JsonObject:
    note = world.get("_item", item["id"])
    if note:
        parent = _item_parent(invoice, note["subscription_item"], item["id"], proration=True, credited=note["credited"])
    else:
        parent = {
            "type": "invoice_item_details",
            "subscription_item_details": None,
            "invoice_item_details": {
                "invoice_item": item["id"],
                "proration": item["proration"],
                "proration_details": {"credited_items": None},
                "subscription": _owner(item),
            },
        }
    product = item["pricing"]["price_details"]["product"] if item["pricing"] else ""
    coupons = discounts.coupons_of(world, item["discounts"], world.now())
    (own,) = discounts.spread(world, coupons, [(product, item["amount"])])
    return bodies.line(
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
        subscription=_owner(item),
    )


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


def _pricing(price: JsonObject, unit: str | None) -> JsonObject:
    details = {"price": price["id"], "product": price["product"]}
    return {"price_details": details, "type": "price_details", "unit_amount_decimal": unit}


def _append(invoice: JsonObject, line: JsonObject) -> None:
    invoice["lines"]["data"].append(line)
    invoice["lines"]["total_count"] += 1


def total_up(world: World, invoice: JsonObject) -> None:
    """Compute discounts, taxes and every total of a draft from its lines, and what the balance leaves to pay."""
    lines = invoice["lines"]["data"]
    own = [_own_discounts(line) for line in lines]
    coupons = discounts.coupons_of(world, invoice["discounts"], invoice["created"])
    bases = [
        (line["pricing"]["price_details"]["product"] if line["pricing"] else "", line["amount"] - sum(o[1] for o in mine))
        if line["discountable"] else ("", 0)
        for line, mine in zip(lines, own, strict=True)
    ]  # fmt: skip
    rates = [rate["id"] for rate in invoice["default_tax_rates"]]
    for line, mine, shared in zip(lines, own, discounts.spread(world, coupons, bases), strict=True):
        line["subtotal"] = line["amount"] - sum(off for _, off in mine)
        line["discount_amounts"] = discounts.as_amounts(mine + shared)
        line["pretax_credit_amounts"] = _pretax(line["discount_amounts"])
        line["taxes"] = taxes.taxes_of(world, rates, line["subtotal"] - sum(off for _, off in shared))
    invoice["subtotal"] = sum(line["subtotal"] for line in lines)
    all_off = [discount for line in lines for discount in line["discount_amounts"]]
    invoice["total_discount_amounts"] = _summed(all_off)
    invoice["total_pretax_credit_amounts"] = _pretax(invoice["total_discount_amounts"])
    invoice["total_taxes"] = _summed_taxes([tax for line in lines for tax in line["taxes"]])
    off = sum(one["amount"] for one in all_off) - sum(off for mine in own for _, off in mine)
    inclusive = sum(tax["amount"] for tax in invoice["total_taxes"] if tax["tax_behavior"] == "inclusive")
    exclusive = sum(tax["amount"] for tax in invoice["total_taxes"] if tax["tax_behavior"] == "exclusive")
    invoice["subtotal_excluding_tax"] = invoice["subtotal"] - inclusive
    invoice["total_excluding_tax"] = invoice["subtotal"] - off - inclusive
    invoice["total"] = invoice["subtotal"] - off + exclusive
    invoice["starting_balance"] = world.need("customer", invoice["customer"])["balance"]
    invoice["amount_due"], _ = left_to_pay(invoice)
    invoice["amount_remaining"] = invoice["amount_due"]


def _own_discounts(line: JsonObject) -> list[tuple[str, int]]:
    return [
        (one["discount"], one["amount"]) for one in line["discount_amounts"] if one["discount"] in line["discounts"]
    ]


def _pretax(amounts: list[JsonObject]) -> list[JsonObject]:
    return [{**one, "type": "discount"} for one in amounts]


def _summed(amounts: list[JsonObject]) -> list[JsonObject]:
    sums: dict[str, int] = {}
    for one in amounts:
        sums[one["discount"]] = sums.get(one["discount"], 0) + one["amount"]
    return [{"amount": amount, "discount": id} for id, amount in sums.items()]


def _summed_taxes(found: list[JsonObject]) -> list[JsonObject]:
    sums: dict[str, JsonObject] = {}
    for tax in found:
        rate = tax["tax_rate_details"]["tax_rate"]
        if rate in sums:
            sums[rate]["amount"] += tax["amount"]
            sums[rate]["taxable_amount"] += tax["taxable_amount"]
        else:
            sums[rate] = dict(tax)
    return list(sums.values())


def left_to_pay(invoice: JsonObject) -> tuple[int, int]:
    """(amount due, ending balance) of an invoice from its total and starting balance, minor units."""
    due = invoice["total"] + invoice["starting_balance"]
    return (due, 0) if due >= minimum(invoice["currency"]) else (0, due)


def move_balance(world: World, customer: JsonObject, by: int, kind: str, **given: Any) -> JsonObject:
    """Move the customer's balance by `by` (negative = credit) and write the ledger entry; returns the entry."""
    customer["balance"] += by
    world.save(customer)
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
    customer["currency"] = customer["currency"] or invoice["currency"]
    invoice["amount_due"], invoice["ending_balance"] = left_to_pay(invoice)
    invoice["amount_remaining"] = invoice["amount_due"]
    invoice["status"] = "open"
    invoice["effective_at"] = invoice["effective_at"] or now
    invoice["status_transitions"]["finalized_at"] = now
    invoice["automatically_finalizes_at"] = invoice["next_payment_attempt"] = None
    token = f"{invoice['id'].removeprefix('in_')}{world.new_id('', 12)}"
    world.save({"object": "_invoice_token", "id": token, "of": invoice["id"]})
    invoice["hosted_invoice_url"] = f"{world.api_base}/i/{token}"
    invoice["invoice_pdf"] = f"{world.api_base}/i/{token}/pdf"
    world.save(customer)
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
