"""How long a pause is, whether one runs, and what it waits for."""

from __future__ import annotations

import datetime as dt

import pytest

from portal_embed.billing.pauses import ends, pause_of
from portal_embed.config import PauseInterval
from tests.billing.people import NOW, subscription

pytestmark = pytest.mark.feature(79)


def at(*date):
    return int(dt.datetime(*date, 12, 30, 5, tzinfo=dt.UTC).timestamp())


@pytest.mark.parametrize(
    ("length", "begins", "until"),
    [
        (PauseInterval(), at(2026, 11, 20), at(2026, 12, 20)),
        (PauseInterval(interval_count=3), at(2026, 11, 20), at(2027, 2, 20)),
        (PauseInterval(), at(2027, 1, 31), at(2027, 2, 28)),
        (PauseInterval(), at(2028, 1, 31), at(2028, 2, 29)),
        (PauseInterval(interval_count=36), at(2026, 12, 31), at(2029, 12, 31)),
        (PauseInterval(interval="year"), at(2028, 2, 29), at(2029, 2, 28)),
        (PauseInterval(interval="week", interval_count=2), at(2026, 12, 24), at(2027, 1, 7)),
        (PauseInterval(interval="day", interval_count=10), at(2026, 12, 24), at(2027, 1, 3)),
        (None, at(2026, 11, 20), None),
    ],
)
def test_a_pause_ends_on_the_same_day_or_the_month_s_last(length, begins, until):
    assert ends(length, begins) == until


PLANNED = {"id": "sub_sched_1", "pause_schedules": [{"pause": {}, "resume": {"resume_at": NOW + 9}}]}


@pytest.mark.parametrize(
    ("changes", "pause"),
    [
        ({}, None),
        ({"status": "paused"}, (None, None, "", False, None)),
        (
            {
                "status": "paused",
                "status_details": {
                    "paused": {"subscription": {"type": "pause_requested"}, "transitioned_at": NOW - 5},
                },
                "schedule": PLANNED,
            },
            (NOW - 5, NOW + 9, "pause_requested", False, None),
        ),
        (
            {"status": "paused", "schedule": PLANNED, "pending_update": {}, "latest_invoice": "in_1"},
            (None, None, "", False, "in_1"),
        ),
        ({"pause_collection": {"behavior": "void", "resumes_at": NOW + 7}}, (None, NOW + 7, "", True, None)),
    ],
)
def test_a_pause_is_read_from_the_subscription(changes, pause):
    found = pause_of(subscription(**changes))
    facts = found and (found.since, found.until, found.reason, found.is_collection, found.unpaid)
    assert facts == pause
