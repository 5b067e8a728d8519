"""What may be done with a subscription in each of its states."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import cache
from itertools import product

import pytest

from portal_embed import Features
from portal_embed.billing.eligibility import REASONS, Act, Standing, cancel_choices, refusal, standing, why_not
from portal_embed.billing.schedules import Planned
from portal_embed.billing.stripe.objects import PaymentMethod
from portal_embed.billing.subscriptions import State
from portal_embed.config import SubscriptionCancel, SubscriptionCreate, SubscriptionPrepay, SubscriptionUpdate
from portal_embed.i18n.formatting import Formatter
from portal_embed.view_models.subscription_words import why_not_text
from tests.billing.people import DAY, NOW, PERIOD_END, item, subscription

ANY = Features()
PREPAY = Features(subscription_prepay=SubscriptionPrepay(enabled=True))
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
BOTH = (False, True)
BILLED = (Act.CHANGE, Act.DEFER, Act.DISCOUNT, Act.PREPAY, Act.PAUSE)
PAUSE_OVER = {"pause": {"status": {"type": "succeeded"}}, "resume": {"status": {"type": "succeeded"}}}
OURS = {"id": "sub_sched_1", "metadata": {"portal_embed": "change"}}


def off(**coupon):
    """A discount as it is read along with a subscription."""
    return {"id": "di_1", "source": {"coupon": {"id": "C", **coupon}}}


def every_standing():
    """All combinations, those too that Stripe does not have today."""
    for state, planned, (items, mixed, metered), *flags in product(State, Planned, ITEMS, *[BOTH] * 9):
        yield Standing(state, *flags[:6], items, mixed, planned, *flags[6:8], metered, flags[8], pays_later=False)


ITEMS = [(0, False, False), *product((1, 2), BOTH, BOTH)]
"""How many, at different intervals, billed by use. A plan with what comes with it is one of both."""
EVERY = tuple(every_standing())
"""About 230 000. What a slow method changes is asked of each of them by itself."""


@cache
def refusals(act):
    """What is said to each of them, in the order of `EVERY`."""
    return [refusal(act, stands) for stands in EVERY]


@cache
def allowed(act):
    return [stands for stands, reason in zip(EVERY, refusals(act), strict=True) if reason is None]


def test_leaving_is_refused_only_to_who_has_left_or_is_leaving():
    for stands, reason in zip(EVERY, refusals(Act.CANCEL), strict=True):
        gone = "ended" if stands.state is State.ENDED else "already_canceling" if stands.is_ending else None
        assert reason == gone


def test_a_cancellation_can_be_undone_until_it_takes_effect():
    for stands, reason in zip(EVERY, refusals(Act.KEEP), strict=True):
        over = "ended" if stands.state is State.ENDED else None if stands.is_ending else "not_ending"
        assert reason == over


@pytest.mark.parametrize("act", BILLED)
def test_what_is_billed_changes_only_while_all_is_paid_and_runs(act):
    found = allowed(act)
    assert found
    never = {State.PAST_DUE, State.UNPAID, State.INCOMPLETE, State.PAUSED, State.ENDED, State.OTHER}
    assert never.isdisjoint(stands.state for stands in found)
    assert not any(stands.is_managed or stands.is_ending or stands.is_uncollected for stands in found)


@pytest.mark.parametrize("act", BILLED)
def test_what_the_merchant_has_planned_is_left_alone(act):
    assert all(stands.planned in {Planned.NOTHING, Planned.OURS, Planned.OVER} for stands in allowed(act))


def test_two_schedules_are_never_stacked():
    """That of a pause which is over is let go first."""
    assert all(stands.planned in {Planned.NOTHING, Planned.OVER} for stands in allowed(Act.PAUSE))
    assert all(stands.planned in {Planned.NOTHING, Planned.OVER, Planned.OURS} for stands in allowed(Act.DEFER))


def test_to_resume_nothing_else_of_the_merchant_s_is_let_go():
    assert not any(stands.planned is Planned.PAUSE and stands.is_planned_ahead for stands in allowed(Act.RESUME))


def test_what_may_be_done_at_the_end_of_the_period_may_be_done_now():
    assert set(allowed(Act.DEFER)) < set(allowed(Act.CHANGE))


def test_the_end_of_the_period_is_one_date_that_was_paid_for():
    found = allowed(Act.DEFER)
    assert not any(stands.has_mixed_intervals or stands.is_waiting or stands.state is State.TRIAL for stands in found)


def test_only_what_was_planned_here_and_is_to_come_can_be_undone():
    for stands, reason in zip(EVERY, refusals(Act.UNSCHEDULE), strict=True):
        ours = stands.planned is Planned.OURS and stands.is_planned_ahead and stands.state is not State.ENDED
        assert (reason is None) == ours


def test_only_what_waits_for_its_first_payment_is_dropped():
    assert {stands.state for stands in allowed(Act.DROP)} == {State.INCOMPLETE}
    assert len(allowed(Act.DROP)) == len([stands for stands in EVERY if stands.state is State.INCOMPLETE])


def test_only_what_has_ended_is_started_again():
    found = allowed(Act.RESTART)
    assert {stands.state for stands in found} == {State.ENDED}
    assert {stands.items for stands in found} == {1}
    assert not any(stands.is_managed for stands in found)


@pytest.mark.parametrize("act", [Act.DROP, Act.RESTART])
def test_starting_is_off_until_it_is_switched_on(act):
    on = Features(subscription_create=SubscriptionCreate(enabled=True))
    found = subscription(status="canceled" if act is Act.RESTART else "incomplete")
    assert why_not(act, found, ANY) == "off"
    assert why_not(act, found, on) is None


def test_only_what_is_paused_is_resumed():
    found = allowed(Act.RESUME)
    assert found
    assert all(stands.state is State.PAUSED or stands.is_uncollected for stands in found)


@pytest.mark.parametrize("act", [Act.PAUSE, Act.METHOD])
def test_only_what_is_charged_by_itself_is_paused_or_has_another_method(act):
    assert allowed(act)
    assert all((stands.is_automatic and not stands.is_ending) or act is Act.METHOD for stands in allowed(act))


def test_only_a_trial_under_way_is_made_longer():
    found = allowed(Act.LENGTHEN)
    assert {stands.state for stands in found} == {State.TRIAL}
    assert not any(stands.is_managed for stands in found)


def test_the_billing_mode_decides_how_and_not_whether():
    for act in set(Act) - {Act.PREPAY}:
        flexible = [said for stands, said in zip(EVERY, refusals(act), strict=True) if stands.is_flexible]
        classic = [said for stands, said in zip(EVERY, refusals(act), strict=True) if not stands.is_flexible]
        assert flexible == classic, "in the order of all else"


@pytest.mark.feature(75)
def test_only_what_stripe_bills_ahead_is_paid_ahead():
    found = allowed(Act.PREPAY)
    assert found
    assert all(stands.is_flexible and stands.is_automatic and stands.items for stands in found)
    assert not any(stands.has_metered or stands.has_passing_discount or stands.pays_later for stands in found)
    assert {stands.planned for stands in found} == {Planned.NOTHING}
    assert State.TRIAL not in {stands.state for stands in found}
    assert not any(stands.has_mixed_intervals or stands.is_waiting for stands in found)


@pytest.mark.feature(75)
def test_a_slow_method_pays_nothing_ahead_and_forbids_nothing_else():
    """The others are asked of every hundredth."""
    slow = {act: [replace(stands, pays_later=True) for stands in allowed(act)[::100]] for act in Act}
    slow[Act.PREPAY] = [replace(stands, pays_later=True) for stands in allowed(Act.PREPAY)]
    said = {act: {refusal(act, stands) for stands in found} for act, found in slow.items()}
    assert said == {act: {"pays_later"} if act is Act.PREPAY else {None} for act in Act}


@pytest.mark.feature(75)
@pytest.mark.parametrize("act", BILLED)
def test_what_is_paid_ahead_is_left_alone_until_it_has_run_out(act):
    assert not any(stands.is_billed_ahead for stands in allowed(act))


@pytest.mark.feature(75)
def test_paying_ahead_is_off_until_the_host_switches_it_on():
    assert why_not(Act.PREPAY, subscription(), ANY) == "off"
    assert why_not(Act.PREPAY, subscription(), PREPAY) is None


@pytest.mark.feature(75)
def test_what_was_paid_ahead_is_kept_to_its_end():
    at_once = Features(subscription_cancel=SubscriptionCancel(mode="immediately"))
    ahead = subscription(items=[{**item(), "billed_until": PERIOD_END + 1}])
    assert cancel_choices(subscription(), at_once) == ("immediately",)
    assert cancel_choices(ahead, at_once) == ("at_period_end",)


def test_every_reason_is_given_once_at_least_and_no_other():
    given = {reason for act in Act for reason in refusals(act)} - {None}
    assert given | {"off", "no_plans", "pays_later"} == REASONS


def test_why_something_cannot_be_changed_is_always_said():
    """All but what is over, or switched off on purpose."""
    fmt = Formatter("en", "UTC")
    for reason in {reason for act in BILLED for reason in refusals(act)} - {None, "ended"}:
        assert why_not_text(reason, fmt), reason


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"cancel_at": NOW}, {"is_ending": True, "state": State.CANCELING}),
        ({"cancel_at_period_end": True}, {"is_ending": True, "state": State.CANCELING}),
        ({"schedule": "sub_sched_1"}, {"planned": Planned.MERCHANTS}),
        ({"schedule": {"id": "sub_sched_1"}}, {"planned": Planned.MERCHANTS}),
        ({"schedule": OURS}, {"planned": Planned.OVER}),
        ({"schedule": {**OURS, "pause_schedules": [{"key": "k"}]}}, {"planned": Planned.PAUSE}),
        ({"schedule": {**OURS, "pause_schedules": [PAUSE_OVER]}}, {"planned": Planned.OVER}),
        (
            {"schedule": {**OURS, "pause_schedules": [PAUSE_OVER]}, "status": "paused"},
            {"planned": Planned.PAUSE, "state": State.PAUSED},
        ),
        (
            {
                "schedule": {
                    **OURS,
                    "current_phase": {"start_date": NOW - 9, "end_date": NOW + DAY},  # a day inside the period
                    "phases": [{"items": [], "start_date": NOW + DAY, "end_date": PERIOD_END + 1}],
                }
            },
            {"planned": Planned.OURS, "is_planned_ahead": True},
        ),
        (
            {
                "schedule": {
                    **OURS,
                    "current_phase": {"start_date": NOW - 9, "end_date": PERIOD_END},
                    "phases": [{"items": [], "start_date": NOW - 9, "end_date": PERIOD_END}],
                }
            },
            {"planned": Planned.OVER, "is_planned_ahead": False},
        ),
        ({"managed_payments": {"enabled": True}}, {"is_managed": True}),
        ({"items": [item("si_1"), item("si_2")]}, {"items": 2}),
        (
            {"items": [item("si_1"), item("si_2", recurring={"interval": "year"})]},
            {"items": 2, "has_mixed_intervals": True},
        ),
        ({"items": []}, {"items": 0}),
        ({"items": [{**item(), "billed_until": PERIOD_END}]}, {}),
        ({"items": [{**item(), "billed_until": PERIOD_END + 1}]}, {"is_billed_ahead": True}),
        ({"items": [item(recurring={"interval": "month", "usage_type": "metered"})]}, {"has_metered": True}),
        ({"discounts": [off(percent_off=10, duration="once")]}, {}),
        ({"discounts": [off(percent_off=10, duration="repeating")]}, {"has_passing_discount": True}),
        ({"discounts": [off(amount_off=100, duration="forever")]}, {"has_passing_discount": True}),
        ({"discounts": ["di_1"]}, {"has_passing_discount": True}),
        ({"pause_collection": {"behavior": "void"}}, {"is_uncollected": True, "state": State.COLLECTION_PAUSED}),
        ({"pending_update": {}}, {"is_waiting": True}),
        ({"billing_mode": {"type": "classic"}}, {"is_flexible": False}),
        ({"collection_method": "send_invoice"}, {"is_automatic": False}),
    ],
)
def test_where_a_subscription_stands_is_read_from_it(changes, fact):
    usual = asdict(standing(subscription()))
    assert asdict(standing(subscription(**changes))) == {**usual, **fact}


@pytest.mark.parametrize(
    ("type", "is_later"), [("card", False), ("link", False), ("sepa_debit", True), ("us_bank_account", True)]
)
def test_how_fast_it_is_paid_is_read_from_the_method(type, is_later):
    usual = asdict(standing(subscription()))
    asked = standing(subscription(), method=PaymentMethod(id="pm_1", type=type))
    assert asdict(asked) == {**usual, "pays_later": is_later}


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_a_row(status):
    expected = {"active": None, "trialing": None, "paused": "paused", "brand_new": "unknown_state"} | dict.fromkeys(
        ("past_due", "unpaid", "incomplete"), "payment_due"
    )
    assert why_not(Act.CHANGE, subscription(status), ANY) == expected.get(status, "ended")


@pytest.mark.parametrize("update", [SubscriptionUpdate(enabled=False), SubscriptionUpdate(default_allowed_updates=())])
@pytest.mark.parametrize("act", [Act.CHANGE, Act.DEFER])
def test_nothing_is_changed_where_the_host_does_not_want_it(update, act):
    assert why_not(act, subscription(), Features(subscription_update=update)) == "off"


@pytest.mark.parametrize("act", [Act.CANCEL, Act.KEEP])
def test_neither_leaving_nor_staying_is_offered_where_the_host_has_switched_it_off(act):
    off = Features(subscription_cancel=SubscriptionCancel(enabled=False))
    assert why_not(act, subscription(cancel_at=NOW), off) == "off"


@pytest.mark.parametrize("status", STATUSES)
def test_what_was_never_paid_for_ends_at_once(status):
    unpaid = {"incomplete", "paused", "unpaid"}
    choices = ("at_period_end", "on_date", "immediately")
    any_time = Features(subscription_cancel=SubscriptionCancel(choices=choices))
    assert cancel_choices(subscription(status), any_time) == (("immediately",) if status in unpaid else choices)
    assert cancel_choices(subscription(status), ANY) == ("immediately" if status in unpaid else "at_period_end",)


def test_an_end_that_is_set_can_be_moved_until_it_takes_effect():
    for stands, reason in zip(EVERY, refusals(Act.MOVE_END), strict=True):
        over = "ended" if stands.state is State.ENDED else None if stands.is_ending else "not_ending"
        assert reason == (over or ("prepaid" if stands.is_billed_ahead else None))


def test_it_is_moved_only_where_there_is_more_than_one_moment_to_choose_from():
    some = Features(subscription_cancel=SubscriptionCancel(choices=("at_period_end", "on_date")))
    assert why_not(Act.MOVE_END, subscription(cancel_at=NOW), some) is None
    assert why_not(Act.MOVE_END, subscription(cancel_at=NOW), ANY) == "off"
