"""What is sold, and discounts."""

from __future__ import annotations

from msgspec import Struct


class Recurring(Struct, frozen=True, kw_only=True):
    """How often a price bills: every `interval_count` `interval`s (day, week, month, year)."""

    interval: str
    interval_count: int = 1
    usage_type: str = "licensed"


class Product(Struct, frozen=True, kw_only=True):
    """What is sold. A deleted one is sent with its id alone."""

    id: str
    name: str = ""
    description: str | None = None
    unit_label: str | None = None


class Price(Struct, frozen=True, kw_only=True):
    """What it costs. `unit_amount` in minor units; None for tiered prices and sub-cent amounts, then see `unit_amount_decimal`."""

    id: str
    currency: str
    product: str | Product
    unit_amount: int | None = None
    unit_amount_decimal: str | None = None
    recurring: Recurring | None = None
    billing_scheme: str = "per_unit"
    nickname: str | None = None
    lookup_key: str | None = None
    active: bool = True


class Coupon(Struct, frozen=True, kw_only=True):
    """What a discount is called."""

    id: str
    name: str | None = None


class DiscountSource(Struct, frozen=True, kw_only=True):
    """Where a discount comes from."""

    coupon: str | Coupon | None = None


class Discount(Struct, frozen=True, kw_only=True):
    """A discount in force."""

    id: str
    source: DiscountSource = DiscountSource()
