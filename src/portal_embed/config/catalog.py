"""What the host sells: the plans a customer may switch to or start, and what may be added to them, in the order they are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

_PRICE = re.compile(r"(?:price|plan)_[A-Za-z0-9_]{1,120}")
LARGEST_QUANTITY = 999_999
"""`Quantity.maximum` when the host sets none."""
LONGEST_TRIAL = 730
"""Days; Stripe takes no longer one."""


def is_price_id(text: str) -> bool:
    """Whether `text` has the form that Stripe gives its own price ids."""
    return _PRICE.fullmatch(text) is not None


@dataclass(frozen=True)
class Quantity:
    """How many units (seats, say) a customer may choose, both ends included."""

    minimum: int = 1
    maximum: int = LARGEST_QUANTITY

    def __post_init__(self) -> None:
        """Raise `ConfigError` unless 1 ≤ minimum ≤ maximum ≤ 999 999."""
        for name in ("minimum", "maximum"):
            if type(getattr(self, name)) is not int:
                raise ConfigError(f"Quantity.{name} must be a whole number, not {getattr(self, name)!r}.")
        if not 1 <= self.minimum <= self.maximum <= LARGEST_QUANTITY:
            raise ConfigError(
                f"Quantity({self.minimum}, {self.maximum}) must have 1 <= minimum <= maximum <= {LARGEST_QUANTITY}."
            )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One price of the catalog, named by its Stripe id or by its lookup key.

    `quantity` None: not for the customer to choose. `name` and `description` None: those of the Stripe
    product. `trial_days`: of who starts it as their first plan ever; None for no trial. `includes`: further prices that come with
    this one and go with it, such as what is billed by use beside a base price; once each, or by use.
    """

    price: str | None = None
    lookup_key: str | None = None
    quantity: Quantity | None = None
    name: str | None = None
    description: str | None = None
    trial_days: int | None = None
    includes: tuple[Plan, ...] = ()

    def __post_init__(self) -> None:
        """Raise `ConfigError` unless exactly one of `price` and `lookup_key` is given, in Stripe's form, and on other lengths
        of a trial than Stripe takes.
        """
        if bool(self.price) == bool(self.lookup_key):
            raise ConfigError(
                f"A Plan names its price once: give price= or lookup_key=, "
                f"not {'both' if self.price else 'neither'} ({self.price or self.name or 'unnamed'})."
            )
        if self.price and not is_price_id(self.price):
            raise ConfigError(
                f"Plan(price={self.price!r}) is not a Stripe price id (price_…); use lookup_key= for other names."
            )
        if self.lookup_key and len(self.lookup_key) > 200:
            raise ConfigError("Plan(lookup_key=…) is longer than Stripe's 200 characters.")
        days = self.trial_days
        if days is not None and (type(days) is not int or not 1 <= days <= LONGEST_TRIAL):
            raise ConfigError(
                f"Plan(trial_days={days!r}) must be a whole number of days from 1 to {LONGEST_TRIAL}, or None for no trial."
            )
        object.__setattr__(self, "includes", tuple(self.includes))
        for part in self.includes:
            if type(part) is not Plan or part.includes or part.quantity or part.trial_days:
                raise ConfigError(
                    "Plan(includes=[…]) takes Plan(price=…) or Plan(lookup_key=…) entries, without a quantity, a trial or parts of "
                    "their own."
                )
        names = [part.price or f"lookup_key {part.lookup_key}" for part in self.includes]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ConfigError(f"Plan(includes=[…]) names {twice} twice: Stripe takes each price once.")


@dataclass(frozen=True)
class Catalog:
    """The plans on offer. A price outside it is still shown to the customer who has it, but cannot be chosen.

    `Catalog([Plan(price="price_…"), Plan(lookup_key="pro_monthly", quantity=Quantity(1, 50))])`

    `add_ons`: what may stand in a subscription beside its plan and be put in and taken out: `Plan`s as well. One that has a
    `quantity` is a number of its own, any other is there or not.
    """

    plans: tuple[Plan, ...] = ()
    add_ons: tuple[Plan, ...] = ()

    def __init__(self, plans: Iterable[Plan] = (), add_ons: Iterable[Plan] = ()) -> None:
        """Raise `ConfigError` when one price stands twice, or something other than a `Plan` is given."""
        plans, add_ons = tuple(plans), tuple(add_ons)
        seen: set[str] = set()
        for plan in (*plans, *add_ons):
            if not isinstance(plan, Plan):
                raise ConfigError(f"Catalog([...]) takes Plan(...) entries, not {type(plan).__name__}.")
            key = plan.price or f"lookup_key {plan.lookup_key}"
            if key in seen:
                raise ConfigError(f"The catalog names {key} twice: remove one of the two plans.")
            seen.add(key)
        for part in (part for plan in plans for part in plan.includes):
            key = part.price or f"lookup_key {part.lookup_key}"
            if key in seen:
                raise ConfigError(
                    f"The catalog sells {key} by itself and includes it in a plan: remove one of the two."
                )
        if any(plan.includes for plan in add_ons):
            raise ConfigError("An add-on includes nothing: leave out its includes=.")
        object.__setattr__(self, "plans", plans)
        object.__setattr__(self, "add_ons", add_ons)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on offer."""
        return not (self.plans or self.add_ons)

    @property
    def prices(self) -> tuple[str, ...]:
        """The price ids that are named directly, each once."""
        return tuple(dict.fromkeys(plan.price for plan in self._all if plan.price))

    @property
    def lookup_keys(self) -> tuple[str, ...]:
        """The lookup keys, to be resolved by `GET /v1/prices?lookup_keys[]=…`."""
        return tuple(dict.fromkeys(plan.lookup_key for plan in self._all if plan.lookup_key))

    @property
    def _all(self) -> tuple[Plan, ...]:
        return (*self.plans, *self.add_ons, *(part for plan in self.plans for part in plan.includes))

    def find(self, *, price: str | None = None, lookup_key: str | None = None) -> Plan | None:
        """The plan of a Stripe price, by its id or its lookup key; None when it is not on offer."""
        for plan in self.plans:
            if (plan.price and plan.price == price) or (plan.lookup_key and plan.lookup_key == lookup_key):
                return plan
        return None
