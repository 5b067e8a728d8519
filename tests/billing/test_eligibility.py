"""What may be done with a subscription in each of its states."""

from __future__ import annotations

import pytest

from portal_embed import Features
from portal_embed.billing.eligibility import REASONS, cancel_mode, why_not_cancel, why_not_change, why_not_keep
from portal_embed.config import SubscriptionCancel, SubscriptionUpdate
from tests.billing.people import NOW, item, subscription

ANY = Features()
STATUSES = [
    "active",
    "trialing",
    "past_due",
    "unpaid",
    "incomplete",
    "paused",
    "canceled",
    "incomplete_expired",
    "brand_new",
]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("active", None),
        ("trialing", None),
        ("past_due", "payment_due"),
        ("unpaid", "payment_due"),
        ("incomplete", "payment_due"),
        ("paused", "paused"),
        ("canceled", "ended"),
        ("incomplete_expired", "ended"),
        ("a_status_of_tomorrow", "unknown_state"),
    ],
)
@pytest.mark.parametrize("collection", ["charge_automatically", "send_invoice"])
def test_the_plan_may_be_changed_while_all_is_paid(status, reason, collection):
    assert why_not_change(subscription(status, collection_method=collection), ANY) == reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cancel_at": NOW}, "canceling"),
        ({"cancel_at_period_end": True}, "canceling"),
        ({"schedule": "sub_sched_1"}, "scheduled"),
        ({"managed_payments": {"enabled": True}}, "managed"),
        ({"managed_payments": {"enabled": False}}, None),
        ({"items": [item("si_1"), item("si_2")]}, "several_items"),
        ({"items": []}, "several_items"),
        ({"items": [item(recurring={"interval": "month", "usage_type": "metered"})]}, "metered"),
        ({"pause_collection": {"behavior": "void"}}, "paused"),
    ],
)
def test_some_plans_cannot_be_changed_here_whatever_their_state(changes, reason):
    assert why_not_change(subscription(**changes), ANY) == reason


@pytest.mark.parametrize("update", [SubscriptionUpdate(enabled=False), SubscriptionUpdate(default_allowed_updates=())])
def test_nothing_is_changed_where_the_host_does_not_want_it(update):
    assert why_not_change(subscription(), Features(subscription_update=update)) == "off"


@pytest.mark.parametrize("status", STATUSES)
def test_leaving_is_refused_only_when_there_is_nothing_to_leave(status):
    expected = "ended" if status in {"canceled", "incomplete_expired"} else None
    assert why_not_cancel(subscription(status), ANY) == expected


@pytest.mark.parametrize("changes", [{"schedule": "sub_sched_1"}, {"items": [item("si_1"), item("si_2")]}])
def test_what_cannot_be_changed_can_still_be_left(changes):
    assert why_not_cancel(subscription(**changes), ANY) is None


@pytest.mark.parametrize("changes", [{"cancel_at": NOW}, {"cancel_at_period_end": True}])
def test_what_is_going_to_end_can_be_kept_but_not_canceled_again(changes):
    assert why_not_cancel(subscription(**changes), ANY) == "already_canceling"
    assert why_not_keep(subscription(**changes), ANY) is None


@pytest.mark.parametrize(("status", "reason"), [("active", "not_ending"), ("canceled", "ended")])
def test_what_is_not_going_to_end_cannot_be_kept(status, reason):
    assert why_not_keep(subscription(status), ANY) == reason


@pytest.mark.parametrize("rule", [why_not_cancel, why_not_keep])
def test_neither_is_offered_where_the_host_has_switched_it_off(rule):
    off = Features(subscription_cancel=SubscriptionCancel(enabled=False))
    assert rule(subscription(cancel_at=NOW), off) == "off"


@pytest.mark.parametrize("status", STATUSES)
def test_what_was_never_paid_for_ends_at_once(status):
    unpaid = {"incomplete", "paused", "unpaid"}
    assert cancel_mode(subscription(status), ANY) == ("immediately" if status in unpaid else "at_period_end")


def test_every_answer_is_a_known_reason():
    answers = {
        rule(subscription(status, **changes), ANY)
        for rule in (why_not_change, why_not_cancel, why_not_keep)
        for status in STATUSES
        for changes in ({}, {"cancel_at": NOW}, {"schedule": "s"}, {"items": []})
    }
    assert answers - {None} <= REASONS
