"""Billing periods: calendar months and years counted from an anchor, in UTC.

The day of the month is the anchor's, or the last day of a shorter month; the time of day stays to the second.
"""

from calendar import monthrange
from datetime import UTC, datetime

TRUTH = [
    (
        "months are calendar months at the same second: 21 Sep → 21 Oct",
        "recorded",
        "Recorded from Stripe's API, Aug 2026",
    ),
    (
        "an anchor on the 29th to 31st bills on the last day of shorter months",
        "documented",
        "Stripe docs, set the subscription billing cycle: billing cycle anchor",
    ),
]

_DAYS = {"day": 86_400, "week": 7 * 86_400}


def stepped(anchor: int, interval: str, count: int, steps: int) -> int:
    """The moment `steps` billing intervals after (or, negative, before) the anchor."""
    if interval in _DAYS:
        return anchor + _DAYS[interval] * count * steps
    start = datetime.fromtimestamp(anchor, UTC)
    months = start.year * 12 + start.month - 1 + (12 if interval == "year" else 1) * count * steps
    year, month = divmod(months, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def period_at(anchor: int, interval: str, count: int, moment: int) -> tuple[int, int]:
    """Start and end of the billing period of this anchor that contains `moment` (the start belongs to it)."""
    length = {"day": 86_400, "week": 604_800, "month": 2_629_746, "year": 31_556_952}[interval] * count
    steps = (moment - anchor) // length
    while stepped(anchor, interval, count, steps) > moment:
        steps -= 1
    while stepped(anchor, interval, count, steps + 1) <= moment:
        steps += 1
    return stepped(anchor, interval, count, steps), stepped(anchor, interval, count, steps + 1)


def after(anchor: int, interval: str, count: int, moment: int) -> int:
    """The first boundary later than `moment`: where a period that starts at `moment` ends."""
    return period_at(anchor, interval, count, moment)[1]
