"""The sentences Stripe prints on invoice lines (recorded from Stripe's API, Oct 2025 to Aug 2026)."""

from datetime import UTC, datetime
from typing import Any

from portal_embed.sandbox.engine.money import exact, shown
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
    ("a price of several intervals reads `every 3 months`", "documented", "Stripe docs, invoice line descriptions"),
]

Price = dict[str, Any]


def product_of(world: World, price: Price) -> dict[str, Any]:
    """The product a price sells, as stored."""
    product = price["product"]
    return world.need("product", product if isinstance(product, str) else product["id"])


def normal(world: World, price: Price, quantity: int) -> str:
    """`1 × Pro (at $10.00 / month)`, or `3 user × Pro (at …)` where the product has a unit label."""
    unit = exact(price["unit_amount_decimal"])
    return f"{_counted(world, price, quantity)} (at {shown(unit, price['currency'])} / {_interval(price)})"


def trial(world: World, price: Price, quantity: int) -> str:
    """`Free trial for 1 user × Pro`."""
    return f"Free trial for {_counted(world, price, quantity)}"


def unused(world: World, price: Price, quantity: int, moment: int) -> str:
    """The credit of a proration: `Unused time on 3 × Pro after 11 Oct 2026`."""
    return f"Unused time on {_prorated(world, price, quantity)} after {_date(moment)}"


def remaining(world: World, price: Price, quantity: int, moment: int) -> str:
    """The charge of a proration: `Remaining time on Pro after 11 Oct 2026`."""
    return f"Remaining time on {_prorated(world, price, quantity)} after {_date(moment)}"


def _counted(world: World, price: Price, quantity: int) -> str:
    product = product_of(world, price)
    label = f" {product['unit_label']}" if product.get("unit_label") else ""
    return f"{quantity}{label} × {product['name']}"


def _prorated(world: World, price: Price, quantity: int) -> str:
    name: str = product_of(world, price)["name"]
    return name if quantity == 1 else f"{quantity} × {name}"


def _interval(price: Price) -> str:
    recurring = price["recurring"]
    count, interval = recurring["interval_count"], recurring["interval"]
    return interval if count == 1 else f"every {count} {interval}s"


def _date(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%d %b %Y")
