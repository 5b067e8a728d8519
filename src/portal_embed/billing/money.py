"""Sums as Stripe counts them: whole numbers of a currency's minor unit.

Source: Stripe docs, "Supported currencies" (zero-decimal, three-decimal and special cases).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())


def exponent(currency: str) -> int:
    """How many decimals Stripe's minor unit has: 2 for "usd", 0 for "jpy", 3 for "kwd".

    ISK and UGX have no cents in life, but Stripe counts them with two, so they are two here.
    """
    code = currency.lower()
    if code in ZERO_DECIMAL:
        return 0
    return 3 if code in THREE_DECIMAL else 2


@dataclass(frozen=True)
class Money:
    """A sum: `amount` in minor units (may be negative: a credit), `currency` as Stripe writes it ("usd")."""

    amount: int
    currency: str

    @property
    def decimal(self) -> Decimal:
        """The sum in major units, exact.

        >>> Money(1340, "usd").decimal, Money(500, "jpy").decimal
        (Decimal('13.40'), Decimal('500'))
        """
        return Decimal(self.amount).scaleb(-exponent(self.currency))

    def __neg__(self) -> Money:
        """The same sum the other way round."""
        return Money(-self.amount, self.currency)


def unit_price(unit_amount_decimal: str, currency: str) -> Decimal:
    """A unit price that may be finer than a minor unit ("0.5" cents), in major units, exact."""
    return Decimal(unit_amount_decimal).scaleb(-exponent(currency))
