"""What may be done with a subscription now, and if not, why: one table.

Each function answers None for "yes", or the reason as a short key; the words for a reason stand in `view_models`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.subscriptions import State, ends_at, is_live, main_item, state_of

if TYPE_CHECKING:
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.config import CancelMode, Features

_NO_CHANGE_IN = {
    State.ENDED: "ended",
    State.CANCELING: "canceling",
    State.PAST_DUE: "payment_due",
    State.UNPAID: "payment_due",
    State.INCOMPLETE: "payment_due",
    State.PAUSED: "paused",
    State.OTHER: "unknown_state",
}

REASONS = frozenset(
    {
        *_NO_CHANGE_IN.values(),
        "off",
        "managed",
        "several_items",
        "metered",
        "scheduled",
        "no_plans",
        "already_canceling",
        "not_ending",
    }
)
"""Every reason there is; a test holds that each has words."""


def why_not_change(subscription: Subscription, features: Features) -> str | None:
    """May its plan be changed here?"""
    if not features.subscription_update.enabled or not features.subscription_update.default_allowed_updates:
        return "off"
    if subscription.managed_payments is not None and subscription.managed_payments.enabled:
        return "managed"
    refusal = _NO_CHANGE_IN.get(state_of(subscription))
    if refusal is not None:
        return refusal
    if subscription.pause_collection is not None:
        return "paused"  # its invoices are not collected, so a preview of what is paid today would be untrue
    if subscription.schedule is not None:
        return "scheduled"
    item = main_item(subscription)
    if item is None:
        return "several_items"
    recurring = item.price.recurring
    return "metered" if recurring is not None and recurring.usage_type == "metered" else None


def why_not_cancel(subscription: Subscription, features: Features) -> str | None:
    """May it be canceled here? Leaving is never refused for what a plan is, only when there is nothing to leave."""
    if not features.subscription_cancel.enabled:
        return "off"
    if not is_live(subscription):
        return "ended"
    return "already_canceling" if ends_at(subscription) is not None else None


def why_not_keep(subscription: Subscription, features: Features) -> str | None:
    """May a scheduled cancellation be undone here? Until it ends, always."""
    if not features.subscription_cancel.enabled:
        return "off"
    if not is_live(subscription):
        return "ended"
    return None if ends_at(subscription) is not None else "not_ending"


def cancel_mode(subscription: Subscription, features: Features) -> CancelMode:
    """When canceling takes effect. One that was never paid for, or is paused, has no paid period to wait for: it ends at once."""
    if state_of(subscription) in {State.INCOMPLETE, State.PAUSED, State.UNPAID}:
        return "immediately"
    return features.subscription_cancel.mode
