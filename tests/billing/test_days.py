"""The moment that a day means, in every time zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from portal_embed.billing.days import DAY, day_of, day_within, moment_on
from tests.billing.people import NOW, PERIOD_END

ZONES = ("UTC", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin")


@pytest.mark.parametrize("zone", map(ZoneInfo, ZONES), ids=str)
@pytest.mark.parametrize("hour", [0, 1, 2, 9, 22, 23])
def test_every_day_of_two_years_has_its_own_moment_on_that_very_day(zone, hour):
    ends = PERIOD_END - PERIOD_END % DAY + hour * 3600 + 1800
    first = day_of(NOW, zone)
    moments = []
    for days in range(730):
        day = first + dt.timedelta(days=days)
        moments.append(moment_on(day, zone, like=ends))
        assert day_of(moments[-1], zone) == day
    assert moments == sorted(set(moments))


@pytest.mark.parametrize("zone", map(ZoneInfo, ZONES), ids=str)
def test_the_day_of_the_period_s_end_is_that_very_end(zone):
    assert moment_on(day_of(PERIOD_END, zone), zone, like=PERIOD_END) == PERIOD_END


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("2027-03-12", dt.date(2027, 3, 12)),
        (" 2027-03-10 ", dt.date(2027, 3, 10)),
        ("2027-03-20", dt.date(2027, 3, 20)),
        ("2027-03-21", None),
        ("2027-03-09", None),
        ("2027-02-30", None),
        ("tomorrow", None),
        ("", None),
        (None, None),
    ],
)
def test_a_day_is_taken_when_it_is_one_and_within_the_bounds(typed, found):
    assert day_within(typed, dt.date(2027, 3, 10), dt.date(2027, 3, 20)) == found
