"""Tax from tax rates, per line, inclusive and exclusive."""

from fractions import Fraction
from typing import Any

from portal_embed.sandbox.engine.money import exact, rounded
from portal_embed.sandbox.world import World

TRUTH = [
    (
        "tax is computed per line to the nearest minor unit, negative on a credit; an inclusive rate is taken out of the amount",
        "recorded",
        "Payloads of Stripe's API of Jan 2025: 21 % of -11000 → -2310, inclusive 21 % in 30882 → 5360",
    ),
    ("`taxability_reason` of a manual rate is `not_available`", "assumed", "no recording"),
]


def taxes_of(
    world: World, rate_ids: list[str], amount: int, currency: str, *, untaxed: str | None = None
) -> list[dict[str, Any]]:
    """The `taxes` of a line whose amount after discounts is `amount` minor units. `untaxed`: why nothing is collected."""
    taxes = []
    for id in rate_ids:
        rate = world.need("tax_rate", id, param="tax_rate", status=400)
        percent = exact(str(rate["percentage"])) / 100
        if rate["inclusive"]:
            tax = amount - rounded(Fraction(amount) / (1 + percent), currency)
            taxable = amount - tax
        else:
            tax, taxable = rounded(amount * percent, currency), amount
        if untaxed is not None:
            tax, taxable = 0, amount
        taxes.append(
            {
                "amount": tax,
                "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
                "tax_rate_details": {"tax_rate": id},
                "taxability_reason": untaxed
                or ("not_available" if rate["effective_percentage"] is None else "standard_rated"),
                "taxable_amount": taxable,
                "type": "tax_rate_details",
            }
        )
    return taxes
