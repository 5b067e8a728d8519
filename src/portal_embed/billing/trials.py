"""A longer trial for who is about to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.deeds import settled
from portal_embed.billing.eligibility import Act, refusal, standing
from portal_embed.billing.stripe import subscriptions
from portal_embed.errors import NotAllowed

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import Subscription

DAY = 86_400
LONGEST = 730
"""Days; Stripe takes a `trial_end` at most two years ahead."""


def longer_until(subscription: Subscription, days: int, now: int) -> int | None:
    """When the trial would end (unix seconds, as `now`), None where there is none under way to make longer,
    or it cannot be so long.
    """
    until = (subscription.trial_end or 0) + days * DAY
    may = refusal(Act.LENGTHEN, standing(subscription)) is None and subscription.trial_end is not None
    return until if may and days >= 1 and until <= now + LONGEST * DAY else None


async def extend(account: CustomerAccount, subscription_id: str, until: int, deed: Deed) -> None:
    """Let the trial go on until then (unix seconds). The same click again finds it so and is content. Raises `NotAllowed`."""

    async def is_extended() -> bool:
        return ((await account.subscription(subscription_id)).trial_end or 0) >= until

    subscription = await account.subscription(subscription_id)
    if (subscription.trial_end or 0) >= until:
        return
    if longer_until(subscription, 1, account.now) is None:
        raise NotAllowed("offer_gone")
    await settled(
        lambda: subscriptions.update(
            account.stripe, subscription_id, key=deed.key("trial"), trial_end=until, proration_behavior="none"
        ),
        is_extended,
        again=deed.again,
    )
    account.forget()
