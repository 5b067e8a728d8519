"""What Stripe is told of a change: the same parameters for its preview, its write and its schedule. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal_embed.billing.discounts import ends_after, is_for_one_bill, kept
from portal_embed.billing.stripe.objects import Discount

if TYPE_CHECKING:
    from portal_embed.billing.changes import Choice, Choosing
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.config import SubscriptionUpdate


def params_of(state: Choosing, choice: Choice, update: SubscriptionUpdate, proration_date: int) -> dict[str, Any]:
    """The same parameters for preview and write, or they would not agree. `proration_date`: unix seconds, of one that takes effect
    on a day of its own that moment.
    """
    params: dict[str, Any] = {
        "items": item_params(state, choice),
        "proration_behavior": update.proration_behavior,
    }
    if choice.discount is not None:
        params["discounts"] = discount_params(state.subscription, choice)
    if state.subscription.status == "trialing":
        if choice.ends_trial:
            params["trial_end"] = "now"
        return params
    if update.proration_behavior != "none":
        params["proration_date"] = proration_date
    if update.billing_cycle_anchor == "now":
        params["billing_cycle_anchor"] = {"type": "now"}
    return params


def discount_params(
    subscription: Subscription, choice: Choice, *, at: int = 0, has_billed: bool = False, since: int = 0
) -> list[dict[str, str]]:
    """The discounts as they then are: a list that is sent replaces the one that was. Without those that have ended by `at`
    (unix seconds), and where a bill `has_billed` the change by then, without those that are for one bill. `since`: when the one
    that is chosen begins, where it matters whether it has ended by then.
    """
    still = [
        found
        for found in subscription.discounts or ()
        if not isinstance(found, Discount)
        or ((found.end is None or found.end > at) and not (has_billed and is_for_one_bill(found)))
    ]
    coupon = choice.coupon
    is_used = coupon is not None and has_billed and coupon.duration == "once"
    ends = ends_after(coupon, since) if coupon is not None and since else None
    if choice.discount is None or is_used or (ends is not None and ends <= at):
        return kept(still)
    return [*kept(still), {choice.discount[0]: choice.discount[1]}]


def item_params(state: Choosing, choice: Choice) -> list[dict[str, Any]]:
    """The items that differ, for an update or its preview; the plan's always. A quantity left out would become 1."""
    lines = state.lines(choice)
    in_force = {item.id: item for item in state.subscription.items.data}
    found: list[dict[str, Any]] = []
    for line in lines:
        item = in_force.get(line.item or "")
        same = item is not None and (item.price.id, item.quantity) == (line.price.id, line.quantity)
        if same and line.item != state.item.id:
            continue
        found.append(
            {
                **({"id": line.item} if line.item else {}),
                "price": line.price.id,
                **({"quantity": line.quantity} if line.quantity is not None else {}),
            }
        )
    stays = {line.item for line in lines}
    return [*found, *({"id": id, "deleted": True} for id in in_force if id not in stays)]
