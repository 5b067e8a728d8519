"""What a quantity of a price costs: per unit, by packages, by tiers; exact, before any rounding."""

from dataclasses import dataclass
from fractions import Fraction

from portal_embed.sandbox.engine.money import exact
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("graduated tiers bill each stretch of the quantity at its own tier, one line for each tier reached", "documented",
     "Stripe docs, tiered pricing"),
    ("volume tiers bill the whole quantity at the tier it falls in", "documented", "Stripe docs, tiered pricing"),
    ("a tier's flat amount is a line of its own, quantity 1; the first tier's is billed for a quantity of 0 too", "assumed",
     "MOVES MONEY: Stripe docs name the flat fee, no recording shows its line or the case of 0"),
    ("each tier's line is rounded alone", "assumed", "MOVES MONEY: as lines of one invoice are; no recording of tiers"),
    ("a package price bills quantity / divide_by, rounded as told, times the unit amount", "documented",
     "Stripe docs, package pricing"),
]  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One line's worth of a price: `amount` is exact minor units, `tier` counts from 1, None for a price without tiers."""

    quantity: Fraction | int
    unit: str
    amount: Fraction
    tier: int | None = None
    flat: bool = False


def parts(world: World, price: JsonObject, quantity: Fraction | int) -> list[Part]:
    """The lines of one full period of `quantity`, in the order Stripe prints them."""
    if price["billing_scheme"] != "tiered":
        return [
            Part(
                quantity,
                price["unit_amount_decimal"],
                _units(price, quantity) * exact(price["unit_amount_decimal"]),
            )
        ]
    return _graduated(world, price, quantity) if price["tiers_mode"] == "graduated" else _volume(world, price, quantity)


def whole(world: World, price: JsonObject, quantity: Fraction | int) -> Fraction:
    """The exact list price of one full period, minor units."""
    return sum((part.amount for part in parts(world, price, quantity)), Fraction(0))


def is_metered(price: JsonObject) -> bool:
    """Billed by what a meter counted, after the period."""
    return (price["recurring"] or {}).get("usage_type") == "metered"


def is_free(world: World, price: JsonObject) -> bool:
    """Costs nothing, whatever the quantity."""
    if price["billing_scheme"] != "tiered":
        return not exact(price["unit_amount_decimal"])
    return not any(_amount(tier, "unit_amount") or _amount(tier, "flat_amount") for tier in _tiers(world, price))


def _units(price: JsonObject, quantity: Fraction | int) -> Fraction | int:
    package = price["transform_quantity"]
    if not package:
        return quantity
    by: int = package["divide_by"]
    return quantity // by if package["round"] == "down" else -(-quantity // by)


def _tiers(world: World, price: JsonObject) -> list[JsonObject]:
    found: list[JsonObject] = world.need("_tiers", price["id"])["tiers"]
    return found


def _amount(tier: JsonObject, name: str) -> Fraction:
    value = tier[f"{name}_decimal"]
    return Fraction(0) if value is None else exact(value)


def _graduated(world: World, price: JsonObject, quantity: Fraction | int) -> list[Part]:
    found: list[Part] = []
    below: int = 0
    for number, tier in enumerate(_tiers(world, price), 1):
        if number > 1 and quantity <= below:
            break
        top = quantity if tier["up_to"] is None else min(quantity, tier["up_to"])
        found += _of_tier(tier, number, top - below)
        below = below if tier["up_to"] is None else tier["up_to"]
    return found


def _volume(world: World, price: JsonObject, quantity: Fraction | int) -> list[Part]:
    tiers = _tiers(world, price)
    number = next(n for n, tier in enumerate(tiers, 1) if tier["up_to"] is None or quantity <= tier["up_to"])
    return _of_tier(tiers[number - 1], number, quantity)


def _of_tier(tier: JsonObject, number: int, count: Fraction | int) -> list[Part]:
    unit, flat = _amount(tier, "unit_amount"), _amount(tier, "flat_amount")
    lines = [Part(count, tier["unit_amount_decimal"] or "0", unit * count, number)]
    if flat:
        lines.append(Part(1, tier["flat_amount_decimal"], flat, number, flat=True))
    return lines
