"""What prices come to by their list. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal_embed.billing.stripe.objects import Price, Tier


def listed_amount(price: Price, quantity: int) -> Decimal | None:
    """What one period of a price costs in this quantity, minor units and parts of them, before discounts and tax. None for tiers
    that were not read along.
    """
    if price.billing_scheme == "tiered":
        if price.tiers is None:
            return None
        return _by_volume(price.tiers, quantity) if price.tiers_mode == "volume" else _by_steps(price.tiers, quantity)
    packages, of = quantity, price.transform_quantity
    if of is not None:
        packages = quantity // of.divide_by if of.round == "down" else -(-quantity // of.divide_by)
    unit = price.unit_amount if price.unit_amount is not None else price.unit_amount_decimal
    return Decimal(unit) * packages if unit is not None else None


def _by_volume(tiers: tuple[Tier, ...], quantity: int) -> Decimal:
    """All units by the step that their number lies in."""
    step = next((tier for tier in tiers if tier.up_to is None or quantity <= tier.up_to), tiers[-1])
    return _of(step, quantity)


def _by_steps(tiers: tuple[Tier, ...], quantity: int) -> Decimal:
    """Each unit by its own step; a step that is not reached costs nothing, but the first."""
    total, below = Decimal(0), 0
    for tier in tiers:
        here = quantity - below if tier.up_to is None else min(quantity, tier.up_to) - below
        if here <= 0 < below:
            break
        total += _of(tier, here)
        below = tier.up_to or quantity
    return total


def _of(tier: Tier, units: int) -> Decimal:
    return Decimal(tier.unit_amount_decimal or 0) * units + Decimal(tier.flat_amount_decimal or 0)
