"""Promotion codes: looking one up, all that Stripe would refuse it for, and putting it on a subscription.

A code that does not exist, has ended, is used up, or is somebody else's is one and the same refusal, "unknown", so that nobody
learns by guessing which codes there are for others. Wrong guesses are counted by who asks, see `pages/promotion_codes.py`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.deeds import settled
from portal_embed.billing.discounts import coupons_on, kept, previewed
from portal_embed.billing.money import Money
from portal_embed.billing.stripe import coupons, invoices, promotion_codes, subscriptions
from portal_embed.billing.stripe.objects import Coupon, Discount, id_of
from portal_embed.billing.subscriptions import listed_total, product_ids, product_of
from portal_embed.errors import PortalError, StripeMisconfigured

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.changes import Choice, Choosing
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.discounts import NextBill
    from portal_embed.billing.stripe.objects import Price, PromotionCode, Subscription

LONGEST_CODE = 500
"""Characters that Stripe's own field takes."""
_CODE = re.compile(r"[A-Za-z0-9_-]{1,500}")

REASONS = frozenset({"unknown", "on_it", "currency", "products", "first_time", "waits", "minimum", "refused"})
"""Why a code is not taken; a test holds that each has words."""


@dataclass(frozen=True)
class Order:
    """What a code is to lower: `products` by id, the sum of one period in minor units (None where it depends on use), and the ids
    of the `coupons` that are on it.
    """

    products: frozenset[str]
    amount: int | None
    currency: str
    coupons: frozenset[str | None] = frozenset()


@dataclass(frozen=True)
class Promotion:
    """A code that may be used, and what it gives."""

    code: PromotionCode
    coupon: Coupon


@dataclass(frozen=True)
class CodeRefusal:
    """Why a code is not taken: one of `REASONS`. `least`: what must be bought at least, with "minimum" only."""

    reason: str
    least: Money | None = None


def order_of(subscription: Subscription) -> Order:
    """What a subscription bills each period."""
    items = subscription.items.data
    return Order(
        frozenset(product_ids((subscription,))),
        listed_total((item.price, item.quantity) for item in items),
        subscription.currency,
        frozenset(coupons_on(subscription)),
    )


def order_for(prices: Iterable[tuple[Price, int]], currency: str, on: Subscription | None = None) -> Order:
    """What these prices and quantities would bill, such as the plan that is about to be chosen. `on`: the subscription that is
    changed to them, None for a new one.
    """
    chosen = tuple(prices)
    products = (product_of(price) for price, _ in chosen)
    coupons = frozenset(coupons_on(on)) if on is not None else frozenset()
    return Order(frozenset(product for product in products if product), listed_total(chosen), currency, coupons)


def order_after(state: Choosing, choice: Choice) -> Order:
    """What a subscription bills each period after a change."""
    lines = ((line.price, line.quantity or 1) for line in state.lines(choice))
    return order_for(lines, state.subscription.currency, state.subscription)


async def found(account: CustomerAccount, code: str, order: Order) -> Promotion | CodeRefusal:
    """The promotion behind what a customer typed, in letters of whatever case, or why it is not taken. Changes nothing."""
    if not _CODE.fullmatch(code):
        return CodeRefusal("unknown")
    asked = await promotion_codes.for_customer(account.stripe, account.customer_id, code)
    return await _checked(account, asked, order)


async def by_id(account: CustomerAccount, promotion_code: str, order: Order) -> Promotion | CodeRefusal:
    """The same for a code that was looked up before: it may have ended since. Raises `NotFound` for none."""
    return await _checked(account, await promotion_codes.retrieve(account.stripe, promotion_code), order)


async def redeemed(account: CustomerAccount, promotion_code: str) -> Promotion | None:
    """What a code gives that is redeemed already: nothing is held against it. None where its coupon cannot be read."""
    code = await promotion_codes.retrieve(account.stripe, promotion_code)
    coupon = code.promotion.coupon
    return Promotion(code, coupon) if isinstance(coupon, Coupon) else None


async def coupon_of(account: CustomerAccount, kind: str, id: str) -> Coupon | None:
    """What a discount gives that is named by its "coupon" or its "promotion_code". None where it cannot be read: Stripe says what
    is wrong with it when it is used.
    """
    with suppress(PortalError):
        if kind == "coupon":
            return await coupons.retrieve(account.stripe, id)
        coupon = (await promotion_codes.retrieve(account.stripe, id)).promotion.coupon
        return coupon if isinstance(coupon, Coupon) else None
    return None


async def preview(account: CustomerAccount, subscription: Subscription, promotion: Promotion) -> NextBill | CodeRefusal:
    """The next bill without and with it. A refusal where Stripe knows a reason that we do not: it has the last word."""
    try:
        return await previewed(account, subscription, discounts=_with(subscription, promotion.code))
    except StripeMisconfigured:
        return CodeRefusal("refused")


async def put_on(
    account: CustomerAccount, subscription: Subscription, promotion: Promotion, deed: Deed
) -> CodeRefusal | None:
    """Put it on the subscription beside what is there; the customer's own bills fall, nothing is charged.

    Answers why where Stripe refuses it after all. The same click again finds it there and is content.
    """

    async def is_on() -> bool:
        return has_code(await account.subscription(subscription.id), promotion.code.id)

    try:
        await settled(
            lambda: subscriptions.update(
                account.stripe,
                subscription.id,
                key=deed.key("discounts"),
                discounts=_with(subscription, promotion.code),
            ),
            is_on,
            again=deed.again,
        )
    except StripeMisconfigured:
        # A 400 is the code's or ours. Stripe previews the one without a word about the other.
        refused = await preview(account, subscription, promotion)
        if isinstance(refused, CodeRefusal):
            return refused
        raise
    account.forget()
    return None


def has_code(subscription: Subscription, promotion_code: str) -> bool:
    """Whether this promotion code is on it."""
    on_it = (found for found in subscription.discounts or () if isinstance(found, Discount))
    return promotion_code in {id_of(found.promotion_code) for found in on_it}


async def _checked(account: CustomerAccount, asked: PromotionCode | None, order: Order) -> Promotion | CodeRefusal:
    coupon = asked.promotion.coupon if asked is not None else None
    if asked is None or not isinstance(coupon, Coupon) or not _is_theirs(asked, coupon, account):
        return CodeRefusal("unknown")
    promotion = Promotion(asked, coupon)
    refusal = refusal_of(promotion, order)
    if refusal is None and asked.restrictions.first_time_transaction:
        page = await invoices.page(account.stripe, account.customer_id, limit=invoices.MOST)
        is_first = all(invoice.status == "void" for invoice in page.data)
        refusal = None if is_first else CodeRefusal("first_time")
    return promotion if refusal is None else refusal


def refusal_of(promotion: Promotion, order: Order) -> CodeRefusal | None:
    """What speaks against a code that this customer may use; None for nothing. Pure.

    Source: Stripe docs, "Coupons and promotion codes". Whether somebody is a new customer is not asked here.
    """
    coupon, code = promotion.coupon, promotion.code
    if coupon.id in order.coupons:
        return CodeRefusal("on_it")
    if coupon.amount_off is not None and order.currency not in {coupon.currency, *(coupon.currency_options or ())}:
        return CodeRefusal("currency")
    if coupon.applies_to is not None and coupon.applies_to.products:  # noqa: SIM102  (one question a line reads best)
        if order.products.isdisjoint(coupon.applies_to.products):
            return CodeRefusal("products")
    least = {one: limit.minimum_amount for one, limit in (code.restrictions.currency_options or {}).items()}
    if code.restrictions.minimum_amount is not None and code.restrictions.minimum_amount_currency is not None:
        least[code.restrictions.minimum_amount_currency] = code.restrictions.minimum_amount
    if not least:
        return None
    if order.currency not in least:
        return CodeRefusal("currency")
    if order.amount is not None and order.amount < least[order.currency]:
        return CodeRefusal("minimum", Money(least[order.currency], order.currency))
    return None


def _is_theirs(code: PromotionCode, coupon: Coupon, account: CustomerAccount) -> bool:
    """Whether this customer may use it, and still can."""
    ended = code.expires_at is not None and code.expires_at <= account.now
    used_up = code.max_redemptions is not None and code.times_redeemed >= code.max_redemptions
    return code.active and not ended and not used_up and coupon.valid and code.customer in (None, account.customer_id)


def _with(subscription: Subscription, code: PromotionCode) -> list[dict[str, str]]:
    return [*kept(subscription.discounts), {"promotion_code": code.id}]
