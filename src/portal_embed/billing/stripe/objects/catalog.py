"""What is sold, and discounts."""

from __future__ import annotations

from msgspec import Struct


class Recurring(Struct, frozen=True, kw_only=True):
    """How often a price bills: every `interval_count` `interval`s (day, week, month, year). `usage_type` "licensed", or "metered":
    billed by what its `meter` counts.
    """

    interval: str
    interval_count: int = 1
    usage_type: str = "licensed"
    meter: str | None = None


class MarketingFeature(Struct, frozen=True, kw_only=True):
    """One line of what a product comes with, as the merchant lists it for a pricing table."""

    name: str | None = None


class Product(Struct, frozen=True, kw_only=True):
    """What is sold. A deleted one is sent with its id alone."""

    id: str
    name: str = ""
    description: str | None = None
    unit_label: str | None = None
    marketing_features: tuple[MarketingFeature, ...] = ()


class Tier(Struct, frozen=True, kw_only=True):
    """One step of a tiered price: up to and including `up_to` units (None: without end), each for `unit_amount_decimal` and all
    of them for `flat_amount_decimal`, minor units as decimal text.
    """

    up_to: int | None = None
    unit_amount_decimal: str | None = None
    flat_amount_decimal: str | None = None


class TransformQuantity(Struct, frozen=True, kw_only=True):
    """The price is for a package of `divide_by` units; a package begun counts when `round` is "up"."""

    divide_by: int
    round: str = "up"


class Price(Struct, frozen=True, kw_only=True):
    """What it costs. `unit_amount` in minor units; None for tiered prices and sub-cent amounts, then see `unit_amount_decimal`.

    `tiers` is sent only when expanded; `tiers_mode` "graduated" (each unit by its own tier) or "volume" (all by the last).
    """

    id: str
    currency: str
    product: str | Product
    unit_amount: int | None = None
    unit_amount_decimal: str | None = None
    recurring: Recurring | None = None
    billing_scheme: str = "per_unit"
    tiers_mode: str | None = None
    tiers: tuple[Tier, ...] | None = None
    transform_quantity: TransformQuantity | None = None
    tax_behavior: str | None = None
    nickname: str | None = None
    lookup_key: str | None = None
    active: bool = True


class CouponAppliesTo(Struct, frozen=True, kw_only=True):
    """The only products that a coupon is for."""

    products: tuple[str, ...] = ()


class CouponCurrency(Struct, frozen=True, kw_only=True):
    """What a coupon takes off in a further currency, minor units."""

    amount_off: int


class Coupon(Struct, frozen=True, kw_only=True):
    """A discount on offer: `percent_off`, or `amount_off` in minor units of `currency`. `duration` "once", "forever" or
    "repeating" for `duration_in_months`. `applies_to` and `currency_options` are sent only when expanded; None: for everything,
    in `currency` alone.
    """

    id: str
    name: str | None = None
    valid: bool = True
    percent_off: float | None = None
    amount_off: int | None = None
    currency: str | None = None
    duration: str = "once"
    duration_in_months: int | None = None
    applies_to: CouponAppliesTo | None = None
    currency_options: dict[str, CouponCurrency] | None = None


class DiscountSource(Struct, frozen=True, kw_only=True):
    """Where a discount comes from."""

    coupon: str | Coupon | None = None


class Promotion(Struct, frozen=True, kw_only=True):
    """What a promotion code gives."""

    coupon: str | Coupon | None = None


class LeastAmount(Struct, frozen=True, kw_only=True):
    """What must be bought at least, minor units."""

    minimum_amount: int


class Restrictions(Struct, frozen=True, kw_only=True):
    """Who and what a promotion code is for. `minimum_amount` in minor units of `minimum_amount_currency`; `currency_options`,
    sent only when expanded, has it for further currencies.
    """

    first_time_transaction: bool = False
    minimum_amount: int | None = None
    minimum_amount_currency: str | None = None
    currency_options: dict[str, LeastAmount] | None = None


class PromotionCode(Struct, frozen=True, kw_only=True):
    """A word that gives a discount, as customers type it. `customer`: the only one it is for, None for everybody. `expires_at`
    unix seconds.
    """

    id: str
    code: str = ""
    active: bool = True
    customer: str | None = None
    expires_at: int | None = None
    max_redemptions: int | None = None
    times_redeemed: int = 0
    promotion: Promotion = Promotion()
    restrictions: Restrictions = Restrictions()


class Discount(Struct, frozen=True, kw_only=True):
    """A discount in force. `end`: when it stops, unix seconds, None for never or after one bill; see the coupon's duration."""

    id: str
    source: DiscountSource = DiscountSource()
    start: int = 0
    end: int | None = None
    promotion_code: str | PromotionCode | None = None
