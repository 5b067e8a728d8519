"""The one place where an exact amount becomes a whole number of minor units, and the smallest chargeable amounts."""

import math
from decimal import Decimal
from fractions import Fraction

TRUTH = [
    (
        "an exact amount goes to the nearest minor unit; an exact half goes toward minus infinity",
        "recorded",
        "Recorded from Stripe's API, Aug 2026 and Oct 2025: -2.5 → -3, 4.5 → 4, 24999.997 → 25000",
    ),
    (
        "an amount below the smallest chargeable one is not charged but carried over on the customer's balance",
        "recorded",
        "Recorded from Stripe's API, Aug 2026, for totals of 1 and 4 US cents",
    ),
    (
        "amounts charged in three-decimal currencies are whole tens of the smallest unit",
        "documented",
        "Stripe docs, three-decimal currencies",
    ),
    (
        "lines, discounts and taxes in three-decimal currencies are rounded to the nearest ten; what is over is carried",
        "assumed",
        "MOVES MONEY: the docs ask it of the caller, no recording shows a proration in one",
    ),
    (
        "the smallest chargeable amounts of other currencies",
        "documented",
        "Stripe docs, minimum and maximum charge amounts",
    ),
]

ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split())
"""Currencies whose minor unit is the whole unit (Stripe docs, zero-decimal currencies)."""

THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
"""Currencies of 1000 minor units, of which Stripe charges whole tens only (Stripe docs, three-decimal currencies)."""

_MINIMUM = {
    "usd": 50, "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
    "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200,
    "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip


def rounded(exact: Fraction, currency: str) -> int:
    """The nearest whole number of minor units; an exact half goes down, so it always favours the customer.

    In a three-decimal currency the nearest ten of them.
    """
    step = smallest_step(currency)
    return math.ceil(exact / step - Fraction(1, 2)) * step


def smallest_step(currency: str) -> int:
    """What every amount that is charged has to be a multiple of, minor units."""
    return 10 if currency in THREE_DECIMAL else 1


def minimum(currency: str) -> int:
    """The smallest amount that can be charged, in minor units; 50 where the docs name none."""
    return _MINIMUM.get(currency, 50)


def exact(decimal: str | int) -> Fraction:
    """A decimal string as Stripe sends it ("1000", "0.5") as an exact number of minor units."""
    return Fraction(Decimal(decimal))


def shown(amount: Fraction | int, currency: str) -> str:
    """An amount as Stripe words it in English line descriptions: `$10.00`, `€5.00`, `¥500`, `CHF 5.00`."""
    places = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    value = Decimal(Fraction(amount).numerator) / Decimal(Fraction(amount).denominator) / (10**places)
    digits = max(places, -int(value.normalize().as_tuple().exponent))
    symbol = _SYMBOLS.get(currency, currency.upper() + " ")
    return f"{symbol}{value:,.{digits}f}"


_SYMBOLS = {
    "usd": "$",
    "eur": "€",
    "gbp": "£",
    "jpy": "¥",
    "cad": "CA$",
    "aud": "A$",
    "nzd": "NZ$",
    "inr": "₹",
    "brl": "R$",
}
