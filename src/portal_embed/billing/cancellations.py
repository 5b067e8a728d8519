"""Leaving a plan, and coming back before it ends."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.eligibility import Act, cancel_choices, why_not
from portal_embed.billing.endings import Ending, end_params, is_as_asked
from portal_embed.billing.plan_changes import withdraw
from portal_embed.billing.stripe import subscriptions
from portal_embed.billing.stripe.objects import id_of
from portal_embed.billing.subscriptions import ends_at, is_live, keep_params
from portal_embed.errors import Conflict, NotAllowed, NotFound

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.deeds import Deed
    from portal_embed.config import Features, Feedback

COMMENT_LENGTH = 500


@dataclass(frozen=True)
class Why:
    """Why somebody leaves: one of Stripe's `feedback`, or the id of one of the merchant's own reasons; and a few words."""

    feedback: Feedback | None = None
    feedback_option: str | None = None
    comment: str = ""

    @property
    def details(self) -> dict[str, str]:
        """As Stripe's `cancellation_details`."""
        said = {
            "feedback": self.feedback,
            "feedback_option": self.feedback_option,
            "comment": self.comment[:COMMENT_LENGTH],
        }
        return {name: value for name, value in said.items() if value}


async def cancel(
    account: CustomerAccount,
    subscription_id: str,
    features: Features,
    deed: Deed,
    *,
    ending: Ending,
    why: Why,
) -> bool:
    """End it as the page said: with the paid period or on a date (can be undone until then), or at once (for good). True when
    an end that was set is another one now.

    A plan change that still waits for its payment is dropped: paid later, it would buy time that the customer has given up.
    Where it cannot end as the page said (the subscription or the host's settings changed meanwhile), nothing is done; only
    what was to end at once ends later, if that is all there is. The same click again finds it done and is content. Raises
    `NotFound`, `NotAllowed`, `Conflict`.
    """
    subscription = await account.subscription(subscription_id)
    refusal = why_not(Act.CANCEL, subscription, features)
    is_move = refusal == "already_canceling" and why_not(Act.MOVE_END, subscription, features) is None
    if refusal == "ended" or (refusal == "already_canceling" and (not is_move or is_as_asked(subscription, ending))):
        return False
    if refusal is not None and not is_move:
        raise NotAllowed(refusal)
    choices = cancel_choices(subscription, features)
    if ending.when == "immediately" and choices == ("at_period_end",):
        ending = Ending("at_period_end")
    if ending.when not in choices:
        raise Conflict(f"the page promised that it ends {ending.when}, which it does no more")
    if deed.again and (subscription.schedule is not None or subscription.pending_update is not None):
        # The first time it dropped what was planned then: this is something newer, or nothing was done at all.
        raise Conflict("the same click as before, and a change has been planned since")
    details = why.details
    if subscription.pending_update is not None and not await withdraw(account, subscription_id, deed):
        raise Conflict("the waiting plan change was paid a moment ago, so another period would end")
    if subscription.schedule is not None:
        # A schedule would write over the cancellation at its next phase; nothing it planned is wanted any more.
        await subscriptions.release_schedule(account.stripe, str(id_of(subscription.schedule)), key=deed.key("release"))
    has_begun = subscription.schedule is not None or subscription.pending_update is not None
    with underway() if has_begun else nullcontext():
        if ending.when == "immediately":
            await _end_now(account, subscription_id, features, details)
        else:
            params = {**end_params(subscription, ending), **({"cancellation_details": details} if details else {})}
            await settled(
                lambda: subscriptions.update(account.stripe, subscription_id, key=deed.key("cancel"), **params),
                lambda: _ends_so(account, subscription_id, ending),
                again=deed.again,
            )
    account.forget()
    return is_move and ending.when != "immediately"


async def keep(account: CustomerAccount, subscription_id: str, features: Features, deed: Deed) -> None:
    """Undo a scheduled cancellation: the plan goes on as if nothing had been said.

    The same click again finds it done and is content. Raises `NotFound`, and `NotAllowed` once it has ended.
    """
    subscription = await account.subscription(subscription_id)
    refusal = why_not(Act.KEEP, subscription, features)
    if refusal == "not_ending":
        return
    if refusal is not None:
        raise NotAllowed(refusal)
    await settled(
        lambda: subscriptions.update(
            account.stripe, subscription_id, key=deed.key("keep"), **keep_params(subscription)
        ),
        lambda: _stays(account, subscription_id),
        again=deed.again,
    )
    account.forget()


async def _end_now(account: CustomerAccount, subscription_id: str, features: Features, details: dict[str, str]) -> None:
    settings = features.subscription_cancel
    params: dict[str, Any] = {"prorate": settings.proration_behavior == "create_prorations"}
    if settings.invoice_now:
        params["invoice_now"] = True
    if details:
        params["cancellation_details"] = details

    async def end() -> None:
        try:
            await subscriptions.cancel_now(account.stripe, subscription_id, **params)
        except NotFound:
            # A DELETE has no idempotency key: a retry of one that took effect is answered "no such subscription".
            if is_live(await account.subscription(subscription_id)):
                raise

    await settled(end, lambda: _ends_so(account, subscription_id, Ending("immediately")))


async def _ends_so(account: CustomerAccount, subscription_id: str, ending: Ending) -> bool:
    return is_as_asked(await account.subscription(subscription_id), ending)


async def _stays(account: CustomerAccount, subscription_id: str) -> bool:
    subscription = await account.subscription(subscription_id)
    return is_live(subscription) and ends_at(subscription) is None
