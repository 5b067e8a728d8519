"""How far ahead a subscription may be paid, to the second."""

from __future__ import annotations

import datetime as dt

import pytest

from portal_embed import ConfigError, Features
from portal_embed.billing.prepaying import choices
from portal_embed.billing.subscriptions import billed_ahead_until, cancel_params, latest_period_end, next_bill_on
from portal_embed.config import SubscriptionPrepay
from tests.billing.people import NOW, PERIOD_END, item, subscription

pytestmark = pytest.mark.feature(75)


def at(year, month, day):
    return int(dt.datetime(year, month, day, 9, 30, tzinfo=dt.UTC).timestamp())


def offered(periods, subscription, now=NOW):
    features = Features(subscription_prepay=SubscriptionPrepay(enabled=True, periods=periods))
    return [choice.until for choice in choices(subscription, features, now)]


def running(end, interval="month", count=1, anchor=None, items=1):
    rows = [item(f"si_{n}", end, recurring={"interval": interval, "interval_count": count}) for n in range(items)]
    return subscription(items=rows, billing_cycle_anchor=end if anchor is None else anchor)


@pytest.mark.parametrize(
    ("end", "interval", "count", "periods", "until"),
    [
        (at(2027, 2, 3), "month", 1, 3, at(2027, 5, 3)),
        (at(2027, 2, 3), "month", 1, 11, at(2028, 1, 3)),
        (at(2027, 11, 30), "month", 3, 1, at(2028, 2, 29)),
        (at(2028, 2, 29), "year", 1, 1, at(2029, 2, 28)),
        (at(2027, 2, 3), "week", 2, 3, at(2027, 3, 17)),
        (at(2027, 2, 3), "day", 10, 2, at(2027, 2, 23)),
    ],
)
def test_periods_follow_the_one_that_runs(end, interval, count, periods, until):
    assert offered((periods,), running(end, interval, count), end - 1) == [until]


def test_a_month_of_a_cycle_from_the_31st_ends_on_its_last_day():
    february = running(at(2027, 2, 28), anchor=at(2026, 12, 31))
    assert offered((1, 2), february, at(2027, 2, 1)) == [at(2027, 3, 31), at(2027, 4, 30)]


def test_no_more_is_offered_than_stripe_bills():
    assert len(offered((50,), running(PERIOD_END))) == 1
    assert offered((26, 25), running(PERIOD_END, items=2)) == offered((25,), running(PERIOD_END, items=2)) != []
    assert len(offered((3, 6, 12), running(NOW + 9, "year"))) == 1


def test_nothing_is_offered_where_it_may_not_be_paid_ahead():
    assert choices(subscription(), Features(), NOW) == ()
    assert offered((3,), subscription("past_due")) == []


def test_what_is_billed_ahead_counts_from_its_own_end():
    ahead = subscription(items=[{**item(), "billed_until": PERIOD_END + 60}])
    assert billed_ahead_until(ahead) == next_bill_on(ahead) == latest_period_end(ahead) == PERIOD_END + 60
    assert cancel_params(ahead) == {"cancel_at": PERIOD_END + 60}


def test_one_part_that_is_billed_ahead_leaves_the_next_bill_of_the_other():
    both = subscription(items=[item(), {**item("si_2"), "billed_until": PERIOD_END + 60}])
    assert (billed_ahead_until(both), next_bill_on(both)) == (PERIOD_END + 60, PERIOD_END)


@pytest.mark.parametrize("periods", [(), (0,), (3, 51)])
def test_numbers_that_stripe_would_not_bill_stop_the_start(periods):
    with pytest.raises(ConfigError, match="from 1 to 50"):
        SubscriptionPrepay(periods=periods)
