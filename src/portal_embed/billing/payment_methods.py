"""Facts and rules about saved payment methods. Pure."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import id_of
from portal_embed.billing.subscriptions import charges_automatically, effective_method, is_live

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal_embed.billing.stripe.objects import Customer, PaymentMethod, Subscription

SOON_DAYS = 45
"""A card that expires within this many days is worth a word: at least one monthly bill falls into it."""

PENDING_UPDATE_TYPES = frozenset(
    "card link alipay amazon_pay afterpay_clearpay cashapp eps gopay kakao_pay klarna kr_card naver_pay ng_card paypal payto pix "
    "promptpay revolut_pay satispay crypto swish twint upi wechat_pay".split()
)
"""Types whose failed change can wait as a pending update. (Stripe docs, "Pending updates"; bank debits and Boleto cannot.)"""


class Expiry(Enum):
    """How a card stands with time."""

    NONE = "none"
    GOOD = "good"
    SOON = "soon"
    EXPIRED = "expired"


def expiry_of(method: PaymentMethod, now: int) -> Expiry:
    """Whether a card has expired, or will soon. A card is good through the last day of its month.

    `now`: unix seconds. Methods without a date are `Expiry.NONE`.
    """
    card = method.card
    if card is None or not card.exp_month or not card.exp_year:
        return Expiry.NONE
    first_bad_day = dt.datetime(card.exp_year + card.exp_month // 12, card.exp_month % 12 + 1, 1, tzinfo=dt.UTC)
    left = first_bad_day - dt.datetime.fromtimestamp(now, dt.UTC)
    if left <= dt.timedelta(0):
        return Expiry.EXPIRED
    return Expiry.SOON if left <= dt.timedelta(days=SOON_DAYS) else Expiry.GOOD


def default_of(customer: Customer) -> str | None:
    """The id of the customer's default method."""
    return id_of(customer.invoice_settings.default_payment_method)


def used_by(method: str, customer: Customer, subscriptions: Sequence[Subscription]) -> tuple[Subscription, ...]:
    """The live subscriptions that will charge this method next."""
    return tuple(
        s for s in subscriptions if is_live(s) and charges_automatically(s) and effective_method(s, customer) == method
    )


def removal_refusal(method: str, customer: Customer, subscriptions: Sequence[Subscription]) -> str | None:
    """Why a method cannot be removed: "in_use" while a live subscription will charge it, None when it can go.

    The last method of a customer with a live subscription is always in use, so this is Stripe's own rule and a little
    more.
    """
    return "in_use" if used_by(method, customer, subscriptions) else None


def can_wait_for_payment(method: PaymentMethod | None) -> bool:
    """Whether a plan change paid by this method may wait unpaid (`pending_if_incomplete`) with the old plan standing."""
    return method is not None and method.type in PENDING_UPDATE_TYPES


def ordered(methods: Sequence[PaymentMethod], default: str | None) -> tuple[PaymentMethod, ...]:
    """The default first, then as Stripe lists them (newest first)."""
    return tuple(sorted(methods, key=lambda method: method.id != default))
