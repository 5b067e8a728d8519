"""Days that customers choose, and the moments they mean. Pure."""

from __future__ import annotations

import calendar
import datetime as dt

DAY = 24 * 60 * 60


def day_of(moment: int, zone: dt.tzinfo) -> dt.date:
    """The day of a moment (unix seconds) in this time zone."""
    return dt.datetime.fromtimestamp(moment, zone).date()


def moment_on(day: dt.date, zone: dt.tzinfo, *, like: int) -> int:
    """The moment of a day (unix seconds) at the hour of `like`, the end of a period.

    Whoever chooses the day of a renewal means the renewal, and is not billed for some hours of another period.
    """
    begins = _begins(day, zone)
    found = begins + (like - begins) % DAY
    return min(found, _begins(day + dt.timedelta(days=1), zone) - 1)  # a day of 23 hours may not have that one


def day_within(value: str | None, first: dt.date, last: dt.date) -> dt.date | None:
    """The day that a date field sent ("2027-03-12"), None when it is missing, not one, or not from `first` to `last`."""
    try:
        day = dt.date.fromisoformat((value or "").strip())
    except ValueError:
        return None
    return day if first <= day <= last else None


def months_later(moment: int, months: int) -> int:
    """The same day and second (unix seconds) so many calendar months later, or the month's last day where there is no such day."""
    then = dt.datetime.fromtimestamp(moment, dt.UTC)
    year, month = divmod(then.month - 1 + months, 12)
    day = min(then.day, calendar.monthrange(then.year + year, month + 1)[1])
    return int(then.replace(year=then.year + year, month=month + 1, day=day).timestamp())


def _begins(day: dt.date, zone: dt.tzinfo) -> int:
    return int(dt.datetime.combine(day, dt.time(), zone).timestamp())
