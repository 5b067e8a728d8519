"""The totals of an invoice, from its lines: discounts shared out, taxes, sums."""

from portal_embed.sandbox.engine import discounts, places, taxes
from portal_embed.sandbox.engine.places import Place
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("`subtotal` is after the discounts of single lines and before those of the subscription or invoice", "recorded",
     "Recorded from Stripe's API, Oct 2025"),
    ("a customer who is tax exempt, or for whom the charge is reversed, pays no tax", "documented",
     "stripe-python 16.1, Customer.tax_exempt"),
    ("under automatic tax a reversed or exempt customer's lines have a tax of 0 that says why", "documented",
     "stripe-python 16.1, InvoiceLineItem.taxes: taxability_reason reverse_charge, customer_exempt; no recording"),
    ("a tax id alone does not reverse the charge, only the customer's `tax_exempt`", "assumed",
     "MOVES MONEY: Stripe Tax reverses it across borders for whoever has one"),
    ("a line's own tax rates stand in for the default ones", "documented", "stripe-python 16.1, SubscriptionItem.tax_rates"),
    ("tax is of the amount after discounts", "documented", "Stripe docs, tax rates and discounts"),
]  # fmt: skip


def total_up(world: World, invoice: JsonObject) -> None:
    """Compute discounts, taxes and every total of a draft from its lines; the balance is not looked at."""
    lines, currency = invoice["lines"]["data"], invoice["currency"]
    own = [_own_discounts(line) for line in lines]
    coupons = discounts.coupons_of(world, invoice["discounts"], invoice["created"])
    bases = [
        (line["pricing"]["price_details"]["product"] if line["pricing"] else "", line["amount"] - sum(o[1] for o in mine))
        if line["discountable"] else ("", 0)
        for line, mine in zip(lines, own, strict=True)
    ]  # fmt: skip
    customer = world.need("customer", invoice["customer"])
    place = _place(invoice, customer)
    for line, mine, shared in zip(lines, own, discounts.spread(world, coupons, bases, currency), strict=True):
        line["subtotal"] = line["amount"] - sum(off for _, off in mine)
        line["discount_amounts"] = discounts.as_amounts(mine + shared)
        line["pretax_credit_amounts"] = _pretax(line["discount_amounts"])
        line["taxes"] = taxes.taxes_of(
            world,
            _rates(world, invoice, line, place),
            line["subtotal"] - sum(off for _, off in shared),
            currency,
            untaxed=_UNTAXED.get(invoice["customer_tax_exempt"] or "none"),
        )
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


_UNTAXED = {"reverse": "reverse_charge", "exempt": "customer_exempt"}
"""Why a customer pays no tax."""


def _place(invoice: JsonObject, customer: JsonObject) -> Place | None:
    if customer["tax_exempt"] != "none":
        invoice["automatic_tax"]["status"] = "complete" if invoice["automatic_tax"]["enabled"] else None
        return places.place_of(customer) if invoice["automatic_tax"]["enabled"] else None
    if not invoice["automatic_tax"]["enabled"]:
        return None
    place = places.place_of(customer)
    invoice["automatic_tax"]["status"] = "complete" if place else "requires_location_inputs"
    return place


def _rates(world: World, invoice: JsonObject, line: JsonObject, place: Place | None) -> list[str]:
    """The ids of the tax rates of one line: the place's, its own, or the invoice's."""
    if invoice["customer_tax_exempt"] not in (None, "none") and not invoice["automatic_tax"]["enabled"]:
        return []
    if invoice["automatic_tax"]["enabled"]:
        details = (line["pricing"] or {}).get("price_details")
        price = world.get("price", details["price"]) if details else None
        inclusive = bool(price and price["tax_behavior"] == "inclusive")
        rate = places.rate(world, place, inclusive=inclusive) if place else None
        return [rate] if rate else []
    own = world.get("_line_rates", line["id"])
    return list(own["rates"]) if own else [rate["id"] for rate in invoice["default_tax_rates"]]


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
