"""What is planned for a subscription. Pure: a schedule in, answers out."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import Schedule, id_of
from portal_embed.billing.subscriptions import next_bill_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal_embed.billing.changes import Choice, Choosing
    from portal_embed.billing.stripe.objects import PauseSchedule, Phase, Subscription

MARK = "portal_embed"
"""The metadata key of schedules that were made here: only those may a customer undo or edit. What the merchant has planned, such
as a price that rises next year, stays the merchant's.
"""


class Planned(Enum):
    """Who planned what."""

    NOTHING = "nothing"
    OURS = "ours"
    PAUSE = "pause"
    OVER = "over"
    """What was planned here has begun, or a pause has ended, and nothing else: the schedule has only its own end before it."""
    MERCHANTS = "merchants"


def planned(subscription: Subscription) -> Planned:
    """What kind of schedule is attached. One that was not read counts as the merchant's: it is left alone."""
    schedule = subscription.schedule
    if schedule is None:
        return Planned.NOTHING
    if not isinstance(schedule, Schedule):
        return Planned.MERCHANTS
    if schedule.pause_schedules:
        waits = subscription.status == "paused" or any(_is_to_come(one) for one in schedule.pause_schedules)
        return Planned.PAUSE if waits or next_phase(subscription) is not None else Planned.OVER
    if MARK not in schedule.metadata:
        return Planned.MERCHANTS
    return Planned.OURS if next_phase(subscription) is not None else Planned.OVER


def resumes_at(subscription: Subscription) -> int | None:
    """When a pause that is planned ends by itself, unix seconds; None where it does not."""
    schedule = subscription.schedule
    if not isinstance(schedule, Schedule):
        return None
    moments = (one.resume for one in schedule.pause_schedules or ())
    return next((one.resume_at for one in moments if one is not None and one.status.type == "scheduled"), None)


def _is_to_come(planned: PauseSchedule) -> bool:
    parts = (planned.pause, planned.resume)
    return planned.pause is None or any(
        part is not None and part.status.type in {"scheduled", "pending"} for part in parts
    )


def price_ids(subscriptions: Iterable[Subscription]) -> set[str]:
    """The ids of the prices that are planned for these subscriptions."""
    phases = (next_phase(subscription) for subscription in subscriptions)
    return {str(id_of(item.price)) for phase in phases if phase is not None for item in phase.items}


def next_phase(subscription: Subscription) -> Phase | None:
    """The change that is to come: the first phase that begins after the running one; None where none does."""
    schedule = subscription.schedule
    if not isinstance(schedule, Schedule) or schedule.current_phase is None:
        return None
    ends = schedule.current_phase.end_date
    return next((phase for phase in schedule.phases if phase.start_date >= ends), None)


def next_charge_on(subscription: Subscription) -> int:
    """When the next bill comes, unix seconds: the regular one, or that of a change that is billed when it begins."""
    regular, phase = next_bill_on(subscription), next_phase(subscription)
    is_billed = phase is not None and phase.proration_behavior == "always_invoice"
    return min(regular, phase.start_date) if phase is not None and is_billed else regular


def planned_choice(state: Choosing) -> Choice | None:
    """What was planned here, as a choice; None for nothing, and for a plan that is on offer no more."""
    subscription, phase = state.subscription, next_phase(state.subscription)
    if phase is None or planned(subscription) is not Planned.OURS:
        return None
    counts = {str(id_of(item.price)): item.quantity for item in phase.items}
    beside = {item.price.id for item in subscription.items.data if item.id != state.item.id}
    found = next((o for o in state.offers if o.price.id in counts and o.price.id not in beside), None)
    if found is None or not (state.may_price or found is state.current):
        return None
    add_ons = {o.price.id: counts.get(o.price.id, 0) or int(o.price.id in counts) for o in state.add_ons}
    return state.choice(found.price.id, counts[found.price.id], add_ons, begins=phase.start_date)


def running_phase(schedule: Schedule) -> Phase:
    """The phase that runs, of a schedule of a subscription that does."""
    begins = schedule.current_phase.start_date if schedule.current_phase is not None else 0
    return next((phase for phase in schedule.phases if phase.start_date == begins), schedule.phases[0])
