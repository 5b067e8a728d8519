"""Leaving a plan, and coming back before it ends."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.eligibility import Act, cancel_mode, why_not
from portal_embed.billing.plan_changes import withdraw
from portal_embed.billing.stripe import subscriptions
from portal_embed.billing.stripe.objects import id_of
from portal_embed.billing.subscriptions import cancel_params, ends_at, is_live, keep_params
from portal_embed.errors import Conflict, NotAllowed, NotFound

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.deeds import Deed
    from portal_embed.config import Features

COMMENT_LENGTH = 500


async def cancel(
    account: CustomerAccount,
    subscription_id: str,
    features: Features,
    deed: Deed,
    *,
    feedback: str | None,
    comment: str,
    agreed_at_once: bool,
) -> None:
    """Cancel as the host configured: with the paid period (can be undone until then) or at once (for good).

    A plan change that still waits for its payment is dropped: paid later, it would buy time that the customer has given up.
    `agreed_at_once`: the page said that it ends at once. Where it said otherwise and it now would (the subscription or the
    host's settings changed meanwhile), nothing is done. The same click again finds it done and is content. Raises
    `NotFound`, `NotAllowed`, `Conflict`.
    """
    subscription = await account.subscription(subscription_id)
    refusal = why_not(Act.CANCEL, subscription, features)
    if refusal in {"ended", "already_canceling"}:
        return
    if refusal is not None:
        raise NotAllowed(refusal)
    if cancel_mode(subscription, features) == "immediately" and not agreed_at_once:
        raise Conflict("the page promised the rest of the period, but it would end at once")
    details = {name: value for name, value in (("feedback", feedback), ("comment", comment[:COMMENT_LENGTH])) if value}
    if subscription.pending_update is not None and not await withdraw(account, subscription_id, deed):
        raise Conflict("the waiting plan change was paid a moment ago, so another period would end")
    if subscription.schedule is not None:
        # A schedule would write over the cancellation at its next phase; nothing it planned is wanted any more.
        await subscriptions.release_schedule(account.stripe, str(id_of(subscription.schedule)), key=deed.key("release"))
    has_begun = subscription.schedule is not None or subscription.pending_update is not None
    with underway() if has_begun else nullcontext():
        if cancel_mode(subscription, features) == "immediately":
            await _end_now(account, subscription_id, features, details)
        else:
            params = {**cancel_params(subscription), **({"cancellation_details": details} if details else {})}
            await settled(
                lambda: subscriptions.update(account.stripe, subscription_id, key=deed.key("cancel"), **params),
                lambda: _is_leaving(account, subscription_id),
                again=deed.again,
            )
    account.forget()


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
    params: dict[str, Any] = {"prorate": features.subscription_cancel.proration_behavior == "create_prorations"}
    if details:
        params["cancellation_details"] = details

    async def end() -> None:
        try:
            await subscriptions.cancel_now(account.stripe, subscription_id, **params)
        except NotFound:
            # A DELETE has no idempotency key: a retry of one that took effect is answered "no such subscription".
            if await _stays(account, subscription_id):
                raise

    await settled(end, lambda: _is_leaving(account, subscription_id))


async def _is_leaving(account: CustomerAccount, subscription_id: str) -> bool:
    subscription = await account.subscription(subscription_id)
    return not is_live(subscription) or ends_at(subscription) is not None


async def _stays(account: CustomerAccount, subscription_id: str) -> bool:
    return not await _is_leaving(account, subscription_id)
