"""When a change takes effect: what may be chosen, and the moment that it means. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal_embed.billing.changes import begins_anew, bills_more_often, costs_less
from portal_embed.billing.days import day_of, day_within, moment_on
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.subscriptions import period_end

if TYPE_CHECKING:
    from portal_embed.billing.changes import Choice, Choosing
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.config import Features, SubscriptionUpdate, TakesEffect


def effect_choices(
    state: Choosing, choice: Choice, features: Features, now: int, zone: dt.tzinfo
) -> tuple[TakesEffect, ...]:
    """When a choice may take effect, as the host lists them; never a day alone.

    Where one of the host's conditions holds it waits for the end of the paid period, whatever else is on offer. A day inside the
    period is for what leaves the period as it is: what begins a new one is priced for now, or for the end (Stripe docs, "Preview an
    invoice": nothing previews a new period that begins later).
    """
    update = features.subscription_update
    if why_not(Act.DEFER, state.subscription, features) is not None:
        return ("now",)
    if _must_wait(state, choice, update):
        return ("at_period_end",)
    has_day = effect_days(state.subscription, now, zone) is not None and not begins_anew(state, choice, update)
    found = tuple(one for one in update.takes_effect if one != "on_date" or has_day)
    return found or ("now",)


def effect_refusal(state: Choosing, choice: Choice, features: Features) -> str | None:
    """Why it cannot be changed as the host lets it: it would have to wait, and cannot. None where it can. In a trial nothing is
    paid yet, so that there is nothing to wait for.
    """
    reason = why_not(Act.DEFER, state.subscription, features)
    if reason in {None, "trial"}:
        return None
    update = features.subscription_update
    return reason if _must_wait(state, choice, update) or "now" not in update.takes_effect else None


def _must_wait(state: Choosing, choice: Choice, update: SubscriptionUpdate) -> bool:
    """Whether one of the host's conditions holds."""
    conditions = update.schedule_at_period_end
    return ("decreasing_item_amount" in conditions and costs_less(state, choice)) or (
        "shortening_interval" in conditions and bills_more_often(state, choice)
    )


def effect_days(subscription: Subscription, now: int, zone: dt.tzinfo) -> tuple[dt.date, dt.date] | None:
    """The first and the last day inside the running period that may be chosen, in this time zone; None where there is none."""
    first = day_of(now, zone) + dt.timedelta(days=1)
    last = day_of(period_end(subscription), zone) - dt.timedelta(days=1)
    return (first, last) if first <= last else None


@dataclass(frozen=True)
class Effect:
    """When a change is to take effect. `choices`: what may be chosen, `when` the one that was, or that is usual. Where "on_date" is
    one of them, `days` are the first and the last that may be chosen; `day`: the one that was, as typed.
    """

    choices: tuple[TakesEffect, ...]
    when: TakesEffect
    days: tuple[dt.date, dt.date] | None = None
    day: str = ""
    is_known: bool = True
    """False while there is no day that can be taken."""


def with_effect(
    state: Choosing,
    choice: Choice,
    features: Features,
    now: int,
    zone: dt.tzinfo,
    *,
    when: str | None = None,
    day: str | None = None,
) -> tuple[Choice, Effect]:
    """The choice with the moment that was asked for. `when` and `day`: as they came with the form, None for what is usual."""
    subscription, choices = state.subscription, effect_choices(state, choice, features, now, zone)
    usual = next(one for one in choices if one != "on_date")
    chosen = next((one for one in choices if one == when), usual)
    days = effect_days(subscription, now, zone) if "on_date" in choices else None
    effect, ends = Effect(choices, chosen, days, (day or "").strip()[:20]), period_end(subscription)
    if chosen != "on_date" or days is None:
        return replace(choice, begins=ends if chosen == "at_period_end" else None), effect
    found = day_within(day, *days)
    if found is None:
        return choice, replace(effect, is_known=False)
    return replace(choice, begins=moment_on(found, zone, like=ends)), effect
