"""What a change in the middle of a period gives back and charges.

What each subscription item has already been billed for its running period is kept in a private `_billed` row; a credit
is computed from it, so that it returns what was billed, not what today's price would have been.
"""

from dataclasses import dataclass
from fractions import Fraction

from portal_embed.sandbox.engine import discounts, wording
from portal_embed.sandbox.engine.money import exact, rounded
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("price × quantity × (period end - date) / (period end - start) in whole seconds, each line rounded alone", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("a change re-prices the whole item: one credit for the old state, one charge for the new", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("flexible mode credits what was billed, with the old price's id, not the current price", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("classic mode credits the item's current price and quantity", "documented", "Stripe docs, billing mode: credit prorations"),
    ("a `proration_date` outside the item's billed period is refused", "documented", "Stripe docs, prorations"),
]  # fmt: skip


@dataclass(frozen=True)
class Prorated:
    """One proration line to be: `amount` and `gross` (before discounts) in minor units, signed."""

    item: str
    price: JsonObject
    quantity: int
    amount: int
    discount_amounts: list[tuple[str, int]]
    start: int
    end: int
    description: str
    credited: JsonObject | None = None
    """`{"invoice": …, "invoice_line_items": […]}` of the lines that billed the period, on credits."""


@dataclass(frozen=True)
class Period:
    """A full billing period in seconds: what a fraction is a fraction of."""

    start: int
    end: int

    def left(self, moment: int) -> Fraction:
        """The part of the period after `moment`."""
        return Fraction(self.end - moment, self.end - self.start)


def price_now(item: JsonObject) -> Fraction:
    """The exact list price of one full period of an item, minor units."""
    quantity: int = item["quantity"]
    return exact(item["price"]["unit_amount_decimal"]) * quantity


def net_price(
    world: World, subscription: JsonObject, item: JsonObject
) -> tuple[Fraction, list[tuple[str, JsonObject]]]:
    """The exact price of one full period of an item after the subscription's discounts, and those discounts."""
    coupons = discounts.coupons_of(world, subscription["discounts"], world.now())
    gross = price_now(item)
    whole = sum((price_now(other) for other in subscription["items"]["data"]), Fraction(0))
    return discounts.net(world, coupons, item["price"]["product"], gross, whole), coupons


def remember(
    world: World,
    item: JsonObject,
    period: Period,
    net: Fraction,
    invoice: str | None = None,
    lines: list[str] | None = None,
) -> None:
    """Note what an item's running period was billed at: `net` is the exact price of the full period."""
    world.save(
        {
            "object": "_billed",
            "id": item["id"],
            "price": item["price"]["id"],
            "quantity": item["quantity"],
            "net": f"{net.numerator}/{net.denominator}",
            "start": period.start,
            "end": period.end,
            "invoice": invoice,
            "lines": lines or [],
        }
    )


def forget(world: World, item_id: str) -> None:
    """Nothing is billed any more for this item: its time was credited."""
    world.remove("_billed", item_id)


def credit(world: World, subscription: JsonObject, item: JsonObject, moment: int) -> Prorated | None:
    """The unused time of an item after `moment`, or None when nothing was billed for it.

    `item` is the state before the change.
    """
    billed = world.get("_billed", item["id"])
    if billed is None or billed["end"] <= moment:
        return None
    price, quantity, net = world.need("price", billed["price"]), billed["quantity"], Fraction(billed["net"])
    if subscription["billing_mode"]["type"] == "classic":
        price, quantity = item["price"], item["quantity"]
        net, _ = net_price(world, subscription, item)
    left = Period(billed["start"], billed["end"]).left(moment)
    lines = {"invoice": billed["invoice"], "invoice_line_items": billed["lines"]} if billed["invoice"] else None
    return Prorated(
        item=item["id"],
        price=price,
        quantity=quantity,
        amount=rounded(-net * left),
        discount_amounts=[],
        start=moment,
        end=billed["end"],
        description=wording.unused(world, price, quantity, moment),
        credited=lines,
    )


def charge(
    world: World, subscription: JsonObject, item: JsonObject, moment: int, period: Period, start: int | None = None
) -> Prorated:
    """The remaining time of an item in its new state; `start` is where the charged stretch begins, `moment` unless said."""
    begin = moment if start is None else start
    left = period.left(begin)
    net, coupons = net_price(world, subscription, item)
    amount = rounded(net * left)
    off = rounded(price_now(item) * left) - amount
    return Prorated(
        item=item["id"],
        price=item["price"],
        quantity=item["quantity"],
        amount=amount,
        discount_amounts=[(coupons[0][0], off)] if coupons and off else [],
        start=begin,
        end=period.end,
        description=wording.remaining(world, item["price"], item["quantity"], moment),
    )
