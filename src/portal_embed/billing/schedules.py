"""What is planned for a subscription. Pure: a schedule in, answers out."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import Schedule, id_of
from portal_embed.billing.subscriptions import period_end

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal_embed.billing.stripe.objects import Phase, Subscription

MARK = "portal_embed"
"""The metadata key of schedules that were made here: only those may a customer undo or edit. What the merchant has planned, such
as a price that rises next year, stays the merchant's.
"""


class Planned(Enum):
    """Who planned what."""

    NOTHING = "nothing"
    OURS = "ours"
    PAUSE = "pause"
    MERCHANTS = "merchants"


def planned(subscription: Subscription) -> Planned:
    """What kind of schedule is attached. One that was not read counts as the merchant's: it is left alone."""
    schedule = subscription.schedule
    if schedule is None:
        return Planned.NOTHING
    if not isinstance(schedule, Schedule):
        return Planned.MERCHANTS
    if schedule.pause_schedules:
        return Planned.PAUSE
    return Planned.OURS if MARK in schedule.metadata else Planned.MERCHANTS


def price_ids(subscriptions: Iterable[Subscription]) -> set[str]:
    """The ids of the prices that are planned for these subscriptions."""
    phases = (next_phase(subscription) for subscription in subscriptions)
    return {str(id_of(item.price)) for phase in phases if phase is not None for item in phase.items}


def next_phase(subscription: Subscription) -> Phase | None:
    """The change that is to come: the first phase that begins after the running period; None where none does."""
    schedule = subscription.schedule
    if not isinstance(schedule, Schedule):
        return None
    return next((phase for phase in schedule.phases if phase.start_date >= period_end(subscription)), None)
