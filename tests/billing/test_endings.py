"""The day on which something ends, and what that writes. Pure."""

from __future__ import annotations

import datetime as dt

import pytest

from portal_embed.billing.endings import DAY, LONGEST, Ending, days_of, end_params, is_as_asked
from tests.billing.people import NOW, PERIOD_END, item, subscription

pytestmark = pytest.mark.feature(36)
UTC = dt.UTC
ZONES = ("UTC", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin")


def local(seconds, zone):
    return dt.datetime.fromtimestamp(seconds, zone).date()


def test_it_is_tomorrow_at_the_earliest_and_a_year_ahead_or_the_end_of_what_is_paid():
    first, last = days_of(subscription(), NOW, UTC)
    assert (first, last) == (local(NOW + DAY, UTC), local(NOW + LONGEST * DAY, UTC))
    paid = subscription(items=[item(end=NOW + 1000 * DAY)])
    assert days_of(paid, NOW, UTC)[1] == local(NOW + 1000 * DAY, UTC)


def test_a_day_credits_nothing_and_the_end_of_the_period_goes_by_billing_mode():
    assert end_params(subscription(), Ending("on_date", NOW)) == {"cancel_at": NOW, "proration_behavior": "none"}
    assert end_params(subscription(), Ending("at_period_end")) == {"cancel_at": "max_period_end"}
    classic = subscription(billing_mode={"type": "classic"})
    assert end_params(classic, Ending("at_period_end")) == {"cancel_at_period_end": True}


@pytest.mark.parametrize(
    ("changes", "so"),
    [
        ({}, set()),
        ({"cancel_at": PERIOD_END}, {"at_period_end"}),
        ({"cancel_at_period_end": True}, {"at_period_end"}),
        ({"cancel_at": PERIOD_END + DAY}, {"on_date"}),
        ({"cancel_at": PERIOD_END + 1}, set()),
        ({"status": "canceled"}, {"at_period_end", "on_date", "immediately"}),
    ],
)
def test_what_is_so_already_is_known_by_either_field(changes, so):
    plan = subscription(**changes)
    endings = (Ending("at_period_end"), Ending("on_date", PERIOD_END + DAY), Ending("immediately"))
    assert {ending.when for ending in endings if is_as_asked(plan, ending)} == so
