"""Structs as Stripe would send them, for tests of pure rules. Times in unix seconds, amounts in cents."""

from __future__ import annotations

from typing import Any

import msgspec

from portal_embed.billing.stripe.objects import Customer, Invoice, PaymentMethod, Subscription

NOW = 1_800_000_000
DAY = 86_400
PERIOD_END = NOW + 20 * DAY


def price(id: str = "price_pro", **changes: Any) -> dict[str, Any]:
    """A monthly price of 29 dollars."""
    return {
        "id": id,
        "currency": "usd",
        "product": "prod_pro",
        "unit_amount": 2900,
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
        **changes,
    }


def item(id: str = "si_1", end: int = PERIOD_END, quantity: int | None = 1, **changes: Any) -> dict[str, Any]:
    """An item of a subscription."""
    return {
        "id": id,
        "price": price(**changes),
        "quantity": quantity,
        "current_period_start": end - 30 * DAY,
        "current_period_end": end,
    }


def subscription(status: str = "active", *, items: list[dict[str, Any]] | None = None, **changes: Any) -> Subscription:
    """A subscription in flexible billing mode."""
    raw = {
        "id": "sub_1",
        "customer": "cus_ada",
        "status": status,
        "currency": "usd",
        "items": {"data": [item()] if items is None else items},
        "billing_mode": {"type": "flexible"},
        **changes,
    }
    return msgspec.convert(raw, Subscription)


def customer(default: str | None = "pm_visa", **changes: Any) -> Customer:
    """A customer with a default method."""
    raw = {"id": "cus_ada", "invoice_settings": {"default_payment_method": default}, **changes}
    return msgspec.convert(raw, Customer)


def card(id: str = "pm_visa", month: int = 12, year: int = 2030, **changes: Any) -> PaymentMethod:
    """A saved card."""
    details = {"brand": "visa", "last4": "4242", "exp_month": month, "exp_year": year, **changes}
    return msgspec.convert({"id": id, "type": "card", "card": details}, PaymentMethod)


def invoice(status: str | None = "paid", **changes: Any) -> Invoice:
    """An invoice over 29 dollars."""
    raw = {"id": "in_1", "status": status, "total": 2900, "subtotal": 2900, "amount_due": 2900, **changes}
    return msgspec.convert(raw, Invoice)
