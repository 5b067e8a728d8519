"""What is sold, and discounts."""

from __future__ import annotations

from msgspec import Struct


class Recurring(Struct, frozen=True, kw_only=True):
    """How often a price bills: every `interval_count` `interval`s (day, week, month, year)."""

    interval: str
    interval_count: int = 1
    usage_type: str = "licensed"


class Product(Struct, frozen=True, kw_only=True):
    """What is sold. A deleted product has only its id."""

    id: str
    name: str = ""
    description: str | None = None
    unit_label: str | None = None
    active: bool = True
    deleted: bool = False


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
    tax_behavior: str | None = None


class Coupon(Struct, frozen=True, kw_only=True):
    """A discount's terms: `percent_off` or `amount_off` in minor units."""

    id: str
    name: str | None = None
    percent_off: float | None = None
    amount_off: int | None = None
    currency: str | None = None
    duration: str = "once"


class DiscountSource(Struct, frozen=True, kw_only=True):
    """Where a discount comes from."""

    coupon: str | Coupon | None = None
    type: str = "coupon"


class Discount(Struct, frozen=True, kw_only=True):
    """A discount in force; `end` is when it stops, None for never or "once"."""

    id: str
    source: DiscountSource = DiscountSource()
    end: int | None = None
