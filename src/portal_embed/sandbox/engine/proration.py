"""What a change in the middle of a period gives back and charges.

What each subscription item has already been billed for its running period is kept in a private `_billed` row; a credit
is computed from it, so that it returns what was billed, not what today's price would have been.
"""

from dataclasses import dataclass
from fractions import Fraction

from portal_embed.sandbox.engine import discounts, pricing, wording
from portal_embed.sandbox.engine.money import rounded
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("price × quantity × (period end - date) / (period end - start) in whole seconds, each line rounded alone", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("a change re-prices the whole item: one credit for the old state, one charge for the new", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("flexible mode credits what was billed, with the old price's id, not the current price", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("flexible mode credits tax at the rates that were billed, classic at the item's rates of now", "documented",
     "Stripe docs, compare billing modes: credit prorations"),
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
    rates: list[str] | None = None
    """Ids of its own tax rates; None takes the invoice's."""


@dataclass(frozen=True)
class Period:
    """A full billing period in seconds: what a fraction is a fraction of."""

    start: int
    end: int

    def left(self, moment: int) -> Fraction:
        """The part of the period after `moment`."""
        return Fraction(self.end - moment, self.end - self.start)


def price_now(world: World, item: JsonObject) -> Fraction:
    """The exact list price of one full period of an item, minor units; 0 for one that is billed by use."""
    if pricing.is_metered(item["price"]):
        return Fraction(0)
    return pricing.whole(world, item["price"], item["quantity"])


def net_price(
    world: World, subscription: JsonObject, item: JsonObject
) -> tuple[Fraction, list[tuple[str, JsonObject]]]:
    """The exact price of one full period of an item after its own and the subscription's discounts, and those discounts."""
    own = discounts.coupons_of(world, item["discounts"], world.now())
    coupons = discounts.coupons_of(world, discounts.held(world, subscription), world.now())
    product = item["price"]["product"]
    gross = price_now(world, item)
    gross = discounts.net(world, own, product, gross, gross)
    whole = sum((price_now(world, other) for other in subscription["items"]["data"]), Fraction(0))
    return discounts.net(world, coupons, product, gross, whole), own + coupons


def own_rates(item: JsonObject) -> list[str] | None:
    """The ids of an item's own tax rates; None when the subscription's apply."""
    return [rate["id"] for rate in item["tax_rates"]] or None


def rates_of(subscription: JsonObject, item: JsonObject) -> list[str]:
    """The ids of the tax rates of an item's lines."""
    return own_rates(item) or [rate["id"] for rate in subscription["default_tax_rates"]]


def remember(
    world: World,
    item: JsonObject,
    period: Period,
    net: Fraction,
    rates: list[str],
    invoice: str | None = None,
    lines: list[str] | None = None,
) -> None:
    """Note what an item's running period was billed at: `net` is the exact price of the full period, `rates` its taxes."""
    world.save(
        {
            "object": "_billed",
            "id": item["id"],
            "price": item["price"]["id"],
            "quantity": item["quantity"],
            "rates": rates,
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
    rates: list[str] | None = billed["rates"]
    if subscription["billing_mode"]["type"] == "classic":
        price, quantity, rates = item["price"], item["quantity"], own_rates(item)
        net, _ = net_price(world, subscription, item)
    left = Period(billed["start"], billed["end"]).left(moment)
    lines = {"invoice": billed["invoice"], "invoice_line_items": billed["lines"]} if billed["invoice"] else None
    return Prorated(
        item=item["id"],
        price=price,
        quantity=quantity,
        amount=rounded(-net * left, price["currency"]),
        discount_amounts=[],
        start=moment,
        end=billed["end"],
        description=wording.unused(world, price, quantity, moment),
        credited=lines,
        rates=rates,
    )


def charge(
    world: World, subscription: JsonObject, item: JsonObject, moment: int, period: Period, start: int | None = None
) -> Prorated:
    """The remaining time of an item in its new state; `start` is where the charged stretch begins, `moment` unless said."""
    begin = moment if start is None else start
    left = period.left(begin)
    net, coupons = net_price(world, subscription, item)
    currency = item["price"]["currency"]
    amount = rounded(net * left, currency)
    off = rounded(price_now(world, item) * left, currency) - amount
    return Prorated(
        item=item["id"],
        price=item["price"],
        quantity=item["quantity"],
        amount=amount,
        discount_amounts=[(coupons[0][0], off)] if coupons and off else [],
        start=begin,
        end=period.end,
        description=wording.remaining(world, item["price"], item["quantity"], moment),
        rates=own_rates(item),
    )
