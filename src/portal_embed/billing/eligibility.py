"""What may be done with a subscription now, and if not, why: one table.

The answer is None for "yes", or the reason as a short key; the words for a reason stand in `view_models`. Here stands whether
something may be done. How it is then done is told by whoever does it: whether a change waits for its payment (by the type of the
method and what is billed by use), whether Stripe charges a resumption in the call. That a price goes by tiers decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from portal_embed.billing.catalog import plan_of
from portal_embed.billing.payment_methods import can_wait_for_payment
from portal_embed.billing.schedules import Planned, next_phase, planned
from portal_embed.billing.subscriptions import (
    State,
    billed_ahead_until,
    charges_automatically,
    ends_at,
    has_mixed_intervals,
    has_passing_discount,
    is_managed,
    is_metered,
    state_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.billing.stripe.objects import PaymentMethod, Subscription
    from portal_embed.config import CancelChoice, Catalog, Features


class Act(Enum):
    """What a customer may want of a subscription."""

    CHANGE = "change"
    """Other prices, numbers or items, from now on."""
    DEFER = "defer"
    """The same at the end of the period."""
    UNSCHEDULE = "unschedule"
    """Drop what was planned for the end of the period."""
    DISCOUNT = "discount"
    """Put a promotion code on it, or take a discount off."""
    PREPAY = "prepay"
    """Pay several periods ahead."""
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    KEEP = "keep"
    """Undo a cancellation before it takes effect."""
    MOVE_END = "move_end"
    """Another moment for an end that is set."""
    DROP = "drop"
    """Give up one that waits for its first payment."""
    RESTART = "restart"
    """Start the same once more, after it has ended."""
    LENGTHEN = "lengthen"
    """Let a trial go on longer."""
    METHOD = "method"
    """Have another payment method pay it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the table asks about a subscription. `state` tells the status, `ending` that an end is set whatever the status."""

    state: State
    is_flexible: bool
    is_automatic: bool
    is_managed: bool
    is_ending: bool
    is_uncollected: bool
    is_waiting: bool
    """A change waits for its payment."""
    items: int
    """A plan with what comes with it and what was added counts as one, where the catalog is told."""
    has_mixed_intervals: bool
    planned: Planned
    is_planned_ahead: bool
    """What is planned is still to come; otherwise the schedule has only its end before it."""
    is_billed_ahead: bool
    """Periods are paid that have not begun."""
    has_metered: bool
    """Something of it is billed by use, or once."""
    has_passing_discount: bool
    """A discount of it is one that Stripe does not take off what is billed ahead."""
    pays_later: bool
    """Its method takes days to pay, as a bank debit does; False too where nobody has asked which it is."""


def standing(
    subscription: Subscription, catalog: Catalog | None = None, method: PaymentMethod | None = None
) -> Standing:
    """Where a subscription stands. `catalog`: says what comes with which plan. `method`: the one that pays, where that matters."""
    return Standing(
        state=state_of(subscription),
        is_flexible=subscription.billing_mode.type == "flexible",
        is_automatic=charges_automatically(subscription),
        is_managed=is_managed(subscription),
        is_ending=ends_at(subscription) is not None,
        is_uncollected=subscription.pause_collection is not None,
        is_waiting=subscription.pending_update is not None,
        items=1
        if catalog is not None and plan_of(subscription, catalog, with_add_ons=True)
        else len(subscription.items.data),
        has_mixed_intervals=has_mixed_intervals(subscription),
        planned=planned(subscription),
        is_planned_ahead=next_phase(subscription) is not None,
        is_billed_ahead=billed_ahead_until(subscription) is not None,
        has_metered=any(item.price.recurring is None or is_metered(item.price) for item in subscription.items.data),
        has_passing_discount=has_passing_discount(subscription),
        pays_later=method is not None and not can_wait_for_payment(method),
    )


_DUE = frozenset({State.PAST_DUE, State.UNPAID, State.INCOMPLETE})
_BILLED = frozenset({Act.CHANGE, Act.DEFER, Act.DISCOUNT, Act.PREPAY, Act.PAUSE})
"""What alters what is billed. Leaving, staying and undoing are never refused for what a plan is."""
_ALL = frozenset(Act) - {Act.RESTART}

_RULES: tuple[tuple[str, Callable[[Standing], bool], frozenset[Act]], ...] = (
    ("ended", lambda s: s.state is State.ENDED, _ALL),
    ("not_ended", lambda s: s.state is not State.ENDED, frozenset({Act.RESTART})),
    ("started", lambda s: s.state is not State.INCOMPLETE, frozenset({Act.DROP})),
    ("unknown_state", lambda s: s.state is State.OTHER, _BILLED | {Act.RESUME}),
    # Stripe is the merchant of record: what it allows beyond canceling is not documented, so nothing is promised.
    ("managed", lambda s: s.is_managed, _BILLED | {Act.RESUME, Act.RESTART, Act.LENGTHEN, Act.METHOD}),
    ("payment_due", lambda s: s.state in _DUE, _BILLED),
    ("already_canceling", lambda s: s.is_ending, frozenset({Act.CANCEL})),
    ("not_ending", lambda s: not s.is_ending, frozenset({Act.KEEP, Act.MOVE_END})),
    ("not_paused", lambda s: s.state is not State.PAUSED and not s.is_uncollected, frozenset({Act.RESUME})),
    ("canceling", lambda s: s.is_ending, _BILLED),
    # Its invoices are not collected, so a preview of what is paid today would be untrue.
    ("paused", lambda s: s.state is State.PAUSED or s.is_uncollected, _BILLED),
    (
        "nothing_planned",
        lambda s: not s.is_planned_ahead or s.planned in {Planned.NOTHING, Planned.OVER},
        frozenset({Act.UNSCHEDULE}),
    ),
    ("scheduled", lambda s: s.planned in {Planned.MERCHANTS, Planned.PAUSE}, _BILLED | {Act.UNSCHEDULE}),
    # To resume, the schedule of the pause is let go, and with it what else the merchant planned.
    ("scheduled", lambda s: s.planned is Planned.PAUSE and s.is_planned_ahead, frozenset({Act.RESUME})),
    # The next phase would write over a discount, and Stripe takes one schedule at a time.
    ("planned", lambda s: s.planned is Planned.OURS, frozenset({Act.DISCOUNT, Act.PREPAY, Act.PAUSE})),
    # What a change then credits, or a second payment ahead bills, is not documented; a pause and what waits need a schedule.
    ("prepaid", lambda s: s.is_billed_ahead, _BILLED | {Act.MOVE_END}),
    ("no_items", lambda s: s.items == 0, frozenset({Act.CHANGE, Act.DEFER, Act.PREPAY})),
    # A start is for one plan; what stood beside it can be added afterwards.
    ("several_items", lambda s: s.items != 1, frozenset({Act.RESTART})),
    # A schedule's phase discards a change that waits for its payment (Stripe docs, "Pending updates").
    ("waiting", lambda s: s.is_waiting, frozenset({Act.DEFER, Act.DISCOUNT, Act.PREPAY, Act.PAUSE})),
    # Nothing is paid for yet, so there is no period to wait for, nor one to interrupt.
    ("trial", lambda s: s.state is State.TRIAL, frozenset({Act.DEFER, Act.PREPAY, Act.PAUSE})),
    ("not_trial", lambda s: s.state is not State.TRIAL, frozenset({Act.LENGTHEN})),
    # One date cannot be the end of all its periods.
    ("mixed_intervals", lambda s: s.has_mixed_intervals, frozenset({Act.DEFER, Act.PREPAY})),
    # Stripe pauses flexible subscriptions that it charges; in classic mode only the collecting pauses, of those it charges too.
    ("invoiced", lambda s: not s.is_automatic, frozenset({Act.PREPAY, Act.PAUSE, Act.METHOD})),
    # (Stripe docs, "Bill customers in advance": limitations) A pause that is over may still have its schedule.
    ("not_prepayable", lambda s: not s.is_flexible or s.planned is not Planned.NOTHING, frozenset({Act.PREPAY})),
    ("not_prepayable", lambda s: s.has_metered or s.has_passing_discount, frozenset({Act.PREPAY})),
    # The time would count as paid meanwhile.
    ("pays_later", lambda s: s.pays_later, frozenset({Act.PREPAY})),
)
"""Why not, the first that holds: the reason, when it holds, and what it forbids."""

REASONS = frozenset({"off", *(reason for reason, _, _ in _RULES), "no_plans"})
"""Every reason there is; a test holds that each has words."""

_OFF: dict[Act, Callable[[Features], bool]] = {
    Act.CHANGE: lambda f: not f.subscription_update.allows("price", "quantity"),
    Act.DEFER: lambda f: not f.subscription_update.allows("price", "quantity"),
    Act.DISCOUNT: lambda f: not f.subscription_update.allows("promotion_code"),
    Act.PAUSE: lambda f: not f.subscription_pause.enabled,
    Act.CANCEL: lambda f: not f.subscription_cancel.enabled,
    Act.KEEP: lambda f: not f.subscription_cancel.enabled,
    Act.PREPAY: lambda f: not f.subscription_prepay.enabled,
    Act.MOVE_END: lambda f: not f.subscription_cancel.enabled or len(f.subscription_cancel.offered) == 1,
    Act.DROP: lambda f: not f.subscription_create.enabled,
    Act.RESTART: lambda f: not f.subscription_create.enabled,
}
"""What the host has switched off."""


def why_not(act: Act, subscription: Subscription, features: Features, catalog: Catalog | None = None) -> str | None:
    """May this be done here and now? None for yes, else the reason. `catalog`: what is on sale, where that matters."""
    if act in _OFF and _OFF[act](features):
        return "off"
    return refusal(act, standing(subscription, catalog))


def refusal(act: Act, stands: Standing) -> str | None:
    """The table itself: the first rule that forbids the act, None where none does."""
    return next((reason for reason, holds, acts in _RULES if act in acts and holds(stands)), None)


def cancel_choices(subscription: Subscription, features: Features) -> tuple[CancelChoice, ...]:
    """When it may end, the likeliest first. One that was never paid for, or is paused, has no paid period to wait for: it ends
    at once. What was paid ahead is kept to its end: what an earlier one would give back of it is not documented.
    """
    if state_of(subscription) in {State.INCOMPLETE, State.PAUSED, State.UNPAID}:
        return ("immediately",)
    if billed_ahead_until(subscription) is not None:
        return ("at_period_end",)
    return features.subscription_cancel.offered
