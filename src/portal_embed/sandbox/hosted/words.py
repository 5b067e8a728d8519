"""Amounts, dates and states as hosted documents print them: English, UTC, like Stripe's own without settings."""

from datetime import UTC, datetime

from portal_embed.sandbox.engine.money import exact, shown
from portal_embed.sandbox.world import JsonObject

BRANDS = {
    "amex": "American Express", "diners": "Diners Club", "discover": "Discover", "jcb": "JCB",
    "mastercard": "Mastercard", "unionpay": "UnionPay", "visa": "Visa",
}  # fmt: skip
REASONS = {
    "duplicate": "Duplicate", "fraudulent": "Fraudulent", "order_change": "Order change",
    "product_unsatisfactory": "Product unsatisfactory",
}  # fmt: skip


def money(amount: int | str, currency: str) -> str:
    """`$10.00`, `-¥500`; `amount` in minor units, a decimal string for parts of one."""
    value = exact(amount)
    return f"-{shown(-value, currency)}" if value < 0 else shown(value, currency)


def day(moment: int) -> str:
    """`1 Oct 2026`, in UTC."""
    when = datetime.fromtimestamp(moment, UTC)
    return f"{when.day} {when:%b %Y}"


def days(period: JsonObject) -> str:
    """`1 Oct 2026 - 1 Nov 2026`, or one day where it begins and ends on the same."""
    start, end = day(period["start"]), day(period["end"])
    return start if start == end else f"{start} - {end}"


def address(lines: JsonObject | None) -> tuple[str, ...]:
    """A postal address in lines, without the empty ones."""
    if not lines:
        return ()
    town = " ".join(part for part in (lines.get("city"), lines.get("state"), lines.get("postal_code")) if part)
    found = (lines.get("line1"), lines.get("line2"), town, lines.get("country"))
    return tuple(str(line) for line in found if line)
