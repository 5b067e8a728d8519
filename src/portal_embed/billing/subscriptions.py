"""Facts and rules about subscriptions. Pure: structs in, answers out."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from portal_embed.billing.stripe.objects import Coupon, Discount, Schedule, id_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from portal_embed.billing.stripe.objects import Customer, Price, Subscription, SubscriptionItem

ENDED = frozenset({"canceled", "incomplete_expired"})


class State(Enum):
    """What a subscription is in the customer's eyes; the most telling one where several are true."""

    TRIAL = "trial"
    ACTIVE = "active"
    CANCELING = "canceling"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    INCOMPLETE = "incomplete"
    PAUSED = "paused"
    COLLECTION_PAUSED = "collection_paused"
    ENDED = "ended"
    OTHER = "other"


_BY_STATUS = {
    "trialing": State.TRIAL,
    "active": State.ACTIVE,
    "past_due": State.PAST_DUE,
    "unpaid": State.UNPAID,
    "incomplete": State.INCOMPLETE,
    "paused": State.PAUSED,
    "canceled": State.ENDED,
    "incomplete_expired": State.ENDED,
}


def state_of(subscription: Subscription) -> State:
    """The state to show. Money owed comes before leaving, leaving before the rest."""
    state = _BY_STATUS.get(subscription.status, State.OTHER)
    if state in {State.TRIAL, State.ACTIVE} and ends_at(subscription) is not None:
        return State.CANCELING
    if state is State.ACTIVE and subscription.pause_collection is not None:
        return State.COLLECTION_PAUSED
    return state


def is_live(subscription: Subscription) -> bool:
    """Whether it still exists: not canceled, not expired."""
    return subscription.status not in ENDED


def period_end(subscription: Subscription) -> int:
    """When the next item's period ends, unix seconds (periods live on items)."""
    return min((item.current_period_end for item in subscription.items.data), default=subscription.created)


def latest_period_end(subscription: Subscription) -> int:
    """When the last item's period ends, or what was billed ahead, unix seconds: what canceling at the period's end means."""
    return max((_billed_until(item) for item in subscription.items.data), default=subscription.created)


def billed_ahead_until(subscription: Subscription) -> int | None:
    """Until when an item is billed beyond its period, unix seconds; None where none is, which is the usual."""
    return max((_billed_until(item) for item in subscription.items.data if _is_ahead(item)), default=None)


def next_bill_on(subscription: Subscription) -> int:
    """When the next regular bill comes, unix seconds: an item that is billed ahead is billed again after that."""
    items = subscription.items.data
    return min((_billed_until(item) for item in items), default=subscription.created)


def _is_ahead(item: SubscriptionItem) -> bool:
    return _billed_until(item) > item.current_period_end


def _billed_until(item: SubscriptionItem) -> int:
    return max(item.current_period_end, item.billed_until or 0)


def ends_at(subscription: Subscription) -> int | None:
    """When a live subscription is going to end, unix seconds; None if it goes on.

    Either field may say so: Stripe's own portal writes `cancel_at` alone in flexible billing mode, the API parameter
    writes both.
    """
    if not is_live(subscription):
        return None
    if subscription.cancel_at is not None:
        return subscription.cancel_at
    return period_end(subscription) if subscription.cancel_at_period_end else None


def schedule_ends_at(subscription: Subscription) -> int | None:
    """When it ends because the merchant's schedule says so, unix seconds; None where it does not. That is no cancellation: it is
    not the customer's to undo, and they may leave before.
    """
    schedule = subscription.schedule
    if not is_live(subscription) or not isinstance(schedule, Schedule) or schedule.end_behavior != "cancel":
        return None
    return max((phase.end_date for phase in schedule.phases), default=None)


def cancel_params(subscription: Subscription) -> dict[str, Any]:
    """What to write so that it ends with what is paid; it differs by billing mode (Stripe docs, "Cancel").

    Stripe's words for the period's end do not know of what was billed ahead.
    """
    if subscription.billing_mode.type == "classic":
        return {"cancel_at_period_end": True}
    if billed_ahead_until(subscription) is not None:
        return {"cancel_at": latest_period_end(subscription)}
    return {"cancel_at": "max_period_end"}


def keep_params(subscription: Subscription) -> dict[str, Any]:
    """What to write so that it goes on after all: clears whichever field is set. Nothing is charged for that."""
    if subscription.cancel_at_period_end:
        return {"cancel_at_period_end": False}
    return {"cancel_at": "", "proration_behavior": "none"}


def has_next_charge(subscription: Subscription) -> bool:
    """Whether Stripe will bill again, so that a preview of the next invoice makes sense."""
    ends = (ends_at(subscription), schedule_ends_at(subscription))
    if any(end is not None and end <= next_bill_on(subscription) for end in ends):
        return False
    if state_of(subscription) not in {State.TRIAL, State.ACTIVE, State.PAST_DUE, State.CANCELING}:
        return False
    return subscription.pause_collection is None


def has_metered(subscription: Subscription) -> bool:
    """Whether something of it is billed by use, afterwards."""
    return any(is_metered(item.price) for item in subscription.items.data)


def main_item(subscription: Subscription) -> SubscriptionItem | None:
    """The one item of a simple subscription; None when it has several, or none."""
    items = subscription.items.data
    return items[0] if len(items) == 1 else None


def listed_total(prices: Iterable[tuple[Price, int | None]]) -> int | None:
    """What one period of prices in these quantities costs by their list, minor units; None where tiers, packages, fractions or use
    decide.
    """
    total = 0
    for price, quantity in prices:
        is_plain = price.billing_scheme == "per_unit" and price.transform_quantity is None
        if price.unit_amount is None or is_metered(price) or not is_plain:
            return None
        total += price.unit_amount * (1 if quantity is None else quantity)
    return total


def is_metered(price: Price) -> bool:
    """Whether it is billed by what a meter counts."""
    return price.recurring is not None and price.recurring.usage_type == "metered"


def has_mixed_intervals(subscription: Subscription) -> bool:
    """Whether its items are billed at different intervals, so that no one period is that of all."""
    intervals = {
        (item.price.recurring.interval, item.price.recurring.interval_count)
        for item in subscription.items.data
        if item.price.recurring is not None
    }
    return len(intervals) > 1


def has_passing_discount(subscription: Subscription) -> bool:
    """Whether a discount of it is more than a percentage, once or forever, which is all that Stripe takes off what it bills ahead
    (Stripe docs, "Bill customers in advance"). One that was not read along counts as such.
    """
    items = subscription.items.data
    held = (*(subscription.discounts or ()), *(found for item in items for found in item.discounts or ()))
    return not all(_is_plain(found) for found in held)


def _is_plain(discount: str | Discount) -> bool:
    coupon = discount.source.coupon if isinstance(discount, Discount) else None
    return isinstance(coupon, Coupon) and coupon.percent_off is not None and coupon.duration in {"once", "forever"}


def product_ids(subscriptions: Iterable[Subscription]) -> set[str]:
    """The ids of all products that these subscriptions name, those of a change that waits for its payment too."""
    found: set[str] = set()
    for subscription in subscriptions:
        waiting = subscription.pending_update.subscription_items if subscription.pending_update is not None else None
        items = (*subscription.items.data, *(waiting or ()))
        found.update(p for p in (product_of(item.price) for item in items) if p)
    return found


def product_of(price: Price) -> str | None:
    """The id of the product a price belongs to."""
    return id_of(price.product)


def effective_method(subscription: Subscription, customer: Customer) -> str | None:
    """The id of the method that will be charged, in Stripe's own order: the subscription's, then the customer's.

    (Stripe docs, "Payment methods setting": default_payment_method, default_source, then the customer's two.)
    """
    return (
        id_of(subscription.default_payment_method)
        or subscription.default_source
        or id_of(customer.invoice_settings.default_payment_method)
        or customer.default_source
    )


def charges_automatically(subscription: Subscription) -> bool:
    """Whether Stripe charges a method by itself; otherwise it sends an invoice to pay."""
    return subscription.collection_method == "charge_automatically"


def lapses_without_method(subscription: Subscription, customer: Customer) -> str | None:
    """What becomes of a trial at its end for want of a payment method, "cancel" or "pause"; None where it goes on."""
    settings = subscription.trial_settings
    if subscription.status != "trialing" or settings is None or ends_at(subscription) is not None:
        return None
    if not charges_automatically(subscription) or effective_method(subscription, customer) is not None:
        return None
    found = settings.end_behavior.missing_payment_method
    return found if found in {"cancel", "pause"} else None


def is_managed(subscription: Subscription) -> bool:
    """Whether Stripe itself sells it (Managed Payments): which method pays it is said in Stripe's own portal only."""
    managed = subscription.managed_payments
    return managed is not None and managed.enabled


def overriding(subscriptions: Sequence[Subscription], payment_method: str) -> tuple[Subscription, ...]:
    """Live subscriptions whose own method would silently win over the customer's default `payment_method`, and could be cleared."""
    return tuple(
        s
        for s in subscriptions
        if is_live(s) and not is_managed(s) and id_of(s.default_payment_method) not in {None, payment_method}
    )
