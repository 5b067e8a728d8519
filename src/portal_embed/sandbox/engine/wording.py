"""The sentences Stripe prints on invoice lines (recorded from Stripe's API, Oct 2025 to Aug 2026)."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from portal_embed.sandbox.engine.money import exact, shown
from portal_embed.sandbox.engine.pricing import Part
from portal_embed.sandbox.world import World

TRUTH = [
    (
        "line descriptions: normal, trial, unused time, remaining time; the unit label is never pluralised",
        "recorded",
        "Recorded from Stripe's API, Oct 2025 to Aug 2026",
    ),
    (
        "the date in proration lines is the proration moment in UTC",
        "assumed",
        "the recordings do not tell the time zone",
    ),
    (
        "`5 × Pro (Tier 1 at $10.00 / month)` for tiers",
        "documented",
        "invoices of Stripe's API in public repositories, 2019-2025",
    ),
    ("the words for a tier's flat fee and for packages", "assumed", "no recording"),
    ("a price of several intervals reads `every 3 months`", "documented", "Stripe docs, invoice line descriptions"),
]

Price = dict[str, Any]


def product_of(world: World, price: Price) -> dict[str, Any]:
    """The product a price sells, as stored."""
    product = price["product"]
    return world.need("product", product if isinstance(product, str) else product["id"])


def normal(world: World, price: Price, part: Part) -> str:
    """`1 × Pro (at $10.00 / month)`, `3 user × Pro (at …)` with a unit label, `5 × Pro (Tier 1 at …)` with tiers."""
    unit = shown(exact(part.unit), price["currency"])
    tier = f"Tier {part.tier} " if part.tier else ""
    package = price["transform_quantity"]
    per = f" per {package['divide_by']}" if package else ""
    flat = "flat fee " if part.flat else ""
    return f"{_counted(world, price, part.quantity)} ({tier}{flat}at {unit}{per} / {_interval(price)})"


def trial(world: World, price: Price, quantity: int) -> str:
    """`Free trial for 1 user × Pro`."""
    return f"Free trial for {_counted(world, price, quantity)}"


def unused(world: World, price: Price, quantity: int, moment: int) -> str:
    """The credit of a proration: `Unused time on 3 × Pro after 11 Oct 2026`."""
    return f"Unused time on {_prorated(world, price, quantity)} after {_date(moment)}"


def remaining(world: World, price: Price, quantity: int, moment: int) -> str:
    """The charge of a proration: `Remaining time on Pro after 11 Oct 2026`."""
    return f"Remaining time on {_prorated(world, price, quantity)} after {_date(moment)}"


def plain(quantity: Fraction | int) -> str:
    """A quantity as a decimal: `3`, `2.5`."""
    exactly = Fraction(quantity)
    return format((Decimal(exactly.numerator) / Decimal(exactly.denominator)).normalize(), "f")


def _counted(world: World, price: Price, quantity: Fraction | int) -> str:
    product = product_of(world, price)
    label = f" {product['unit_label']}" if product.get("unit_label") else ""
    return f"{plain(quantity)}{label} × {product['name']}"


def _prorated(world: World, price: Price, quantity: int) -> str:
    name: str = product_of(world, price)["name"]
    return name if quantity == 1 else f"{quantity} × {name}"


def _interval(price: Price) -> str:
    recurring = price["recurring"]
    count, interval = recurring["interval_count"], recurring["interval"]
    return interval if count == 1 else f"every {count} {interval}s"


def _date(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%d %b %Y")
