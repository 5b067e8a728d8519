"""When a change may take effect, and on which days. Pure."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
import pytest

from portal_embed import Features
from portal_embed.billing.beginnings import effect_choices, effect_days, with_effect
from portal_embed.billing.changes import Choice, Choosing
from portal_embed.billing.stripe.objects import Price
from portal_embed.config import SubscriptionUpdate
from portal_embed.errors import ConfigError
from tests.billing.people import DAY, NOW, PERIOD_END, item, price, subscription

pytestmark = pytest.mark.feature(64)
ANY = ("now", "at_period_end", "on_date")
YEAR = price(unit_amount=9000, id="price_yearly", recurring={"interval": "year", "interval_count": 1})
CHEAP, DEAR, YEARLY = (
    msgspec.convert(one, Price)
    for one in (price(unit_amount=1000, id="price_cheap"), price(unit_amount=9000, id="price_dear"), YEAR)
)


def rules(*takes_effect, **more):
    return Features(subscription_update=SubscriptionUpdate(takes_effect=takes_effect or ANY, **more))


def choosing(plan=None):
    plan = plan or subscription()
    return Choosing(plan, plan.items.data[0], (), may_price=True, may_quantity=True)


def choices(features, wanted=DEAR, plan=None, now=NOW):
    return effect_choices(choosing(plan), Choice(wanted, 1), features, now, dt.UTC)


def test_it_is_as_the_host_lists_it():
    assert choices(rules()) == ANY
    assert choices(rules("at_period_end", "now")) == ("at_period_end", "now")
    assert choices(Features()) == ("now",)


def test_a_condition_of_the_host_s_wins_over_every_choice():
    waits = rules(schedule_at_period_end=("decreasing_item_amount",))
    assert choices(waits, CHEAP) == ("at_period_end",)
    assert choices(waits, DEAR) == ANY


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "trialing", "trial_end": PERIOD_END},
        {"items": [item(), item(id="si_2", recurring=YEAR["recurring"])]},
        {"pending_update": {"expires_at": NOW + DAY}},
    ],
    ids=["trial", "mixed intervals", "waits for its payment"],
)
def test_where_nothing_can_wait_it_is_now(changes):
    assert choices(rules("at_period_end", "on_date"), plan=subscription(**changes)) == ("now",)


def test_what_begins_a_new_period_has_no_day():
    assert choices(rules(), YEARLY) == ("now", "at_period_end")
    assert choices(rules(billing_cycle_anchor="now")) == ("now", "at_period_end")


def test_on_the_last_day_there_is_no_day_left():
    assert choices(rules("on_date", "now"), now=PERIOD_END - DAY // 2) == ("now",)
    assert effect_days(subscription(), PERIOD_END - DAY // 2, dt.UTC) is None


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
def test_every_day_that_may_be_chosen_means_a_moment_to_come_within_the_period(zone):
    where = ZoneInfo(zone)
    first, last = effect_days(subscription(), NOW, where)
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    state, moments = choosing(), []
    for day in days:
        choice, effect = with_effect(state, Choice(DEAR, 1), rules(), NOW, where, when="on_date", day=day.isoformat())
        assert effect.is_known
        moments.append(choice.begins)
    assert moments == sorted(set(moments))
    assert NOW < moments[0] <= moments[-1] < PERIOD_END


def test_a_day_is_never_meant_where_none_was_asked_for():
    choice, effect = with_effect(choosing(), Choice(DEAR, 1), rules("on_date", "at_period_end"), NOW, dt.UTC)
    assert (effect.when, choice.begins) == ("at_period_end", PERIOD_END)


@pytest.mark.parametrize("day", ["", None, "soon", "2020-01-01"])
def test_a_day_that_cannot_be_taken_is_not_known(day):
    choice, effect = with_effect(choosing(), Choice(DEAR, 1), rules(), NOW, dt.UTC, when="on_date", day=day)
    assert not effect.is_known
    assert choice.begins is None


@pytest.mark.parametrize("wrong", [(), ("on_date",), ("now", "now"), ("now", "tomorrow")])
def test_a_setting_that_leaves_nothing_to_choose_stops_the_start(wrong):
    with pytest.raises(ConfigError, match="takes_effect"):
        SubscriptionUpdate(takes_effect=wrong)
