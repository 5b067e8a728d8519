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
    least, most = fmt.number(limits.minimum), fmt.number(maximum or 0)
    words, wrong = "", fmt._("Enter a whole number.")
    if maximum is not None:
        words = fmt._("From %(minimum)s to %(maximum)s.", minimum=least, maximum=most)
        wrong = fmt._("Choose a number from %(minimum)s to %(maximum)s.", minimum=least, maximum=most)
    elif limits.minimum > 1:
        words, wrong = (
            fmt._("At least %(minimum)s.", minimum=least),
            fmt._("Choose at least %(minimum)s.", minimum=least),
        )
    unit = unit_of(offer.price)
    several = plural(unit, fmt)
    label = fmt._("Quantity (%(unit)s)", unit=unit) if unit else fmt._("Quantity")
    label = several[:1].upper() + several[1:] if several else label
    is_wrong = asked is not None and not limits.minimum <= asked <= limits.maximum
    value = asked if is_wrong and asked else value
    return QuantityField(value, limits.minimum, maximum, label, words, wrong if is_wrong else "")


def maximum_of(limits: Quantity) -> int | None:
    """The most that may be chosen, None where nobody set a limit."""
    return limits.maximum if limits.maximum < LARGEST_QUANTITY else None
