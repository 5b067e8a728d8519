"""How many of something: the field of a form, and its limits in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.config.catalog import LARGEST_QUANTITY
from portal_embed.view_models.wording import plural, unit_of

if TYPE_CHECKING:
    from portal_embed.billing.catalog import Offer
    from portal_embed.config import Quantity
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class QuantityField:
    """How many. `minimum`/`maximum` as whole numbers (maximum None: no limit); `label` "Seats"; `help` says the
    limits in words.

    `value`: the number so far. `error`: why it is refused, "" for nothing.
    """

    value: int
    minimum: int
    maximum: int | None
    label: str
    help: str
    error: str = ""


def quantity_field(offer: Offer, value: int, asked: int | None, fmt: Formatter) -> QuantityField | None:
    """The field for an offer's number, None where it is not the customer's to choose. `asked`: what was typed, None for nothing."""
    limits = offer.plan.quantity
    if limits is None:
        return None
    maximum = maximum_of(limits)
    if maximum is not None:
        words = fmt._(
            "From %(minimum)s to %(maximum)s.", minimum=fmt.number(limits.minimum), maximum=fmt.number(maximum)
        )
    else:
        words = fmt._("At least %(minimum)s.", minimum=fmt.number(limits.minimum)) if limits.minimum > 1 else ""
    unit = unit_of(offer.price)
    several = plural(unit, fmt)
    label = fmt._("Quantity (%(unit)s)", unit=unit) if unit else fmt._("Quantity")
    label = several[:1].upper() + several[1:] if several else label
    is_wrong = asked is not None and not limits.minimum <= asked <= limits.maximum
    error = (words or fmt._("Enter a whole number.")) if is_wrong else ""
    return QuantityField(asked if is_wrong and asked else value, limits.minimum, maximum, label, words, error)


def maximum_of(limits: Quantity) -> int | None:
    """The most that may be chosen, None where nobody set a limit."""
    return limits.maximum if limits.maximum < LARGEST_QUANTITY else None
