"""Going on with what was paused: quote → resume → pay. What is charged is what was shown.

A paused subscription begins a new period when it goes on, and has to be paid for first; one whose invoices were not collected
goes on in the period that runs, and nothing is due.
"""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.declines import shown_code
from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.eligibility import Act, refusal, standing
from portal_embed.billing.invoices import intents, is_payable
from portal_embed.billing.pauses import pause_of
from portal_embed.billing.payments import BankAsks, pay, to_authenticate
from portal_embed.billing.stripe import invoices, subscriptions
from portal_embed.billing.stripe.objects import Schedule
from portal_embed.billing.subscriptions import is_live
from portal_embed.errors import (
    AuthenticationRequired,
    Conflict,
    Declined,
    NotAllowed,
    NotFound,
    PortalError,
    StripeUnavailable,
)

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import Invoice, PaymentMethod, Subscription


@dataclass(frozen=True)
class ResumeQuote:
    """What going on costs now, by Stripe's preview. `due_now`: the invoice it makes, None for none. `recurring`: what each period
    then costs, None where Stripe does not say. `method`: what will be charged, None if the customer has none.
    """

    subscription: Subscription
    due_now: Invoice | None
    recurring: Invoice | None
    method: PaymentMethod | None

    @property
    def sums(self) -> tuple[int, int]:
        """What is charged at once, and what is billed before the account's credit; minor units."""
        return (self.due_now.amount_due, self.due_now.total) if self.due_now is not None else (0, 0)


@dataclass(frozen=True)
class Resumed:
    """It runs again; a bank debit for it may still be on its way."""

    subscription: Subscription


@dataclass(frozen=True)
class ToPay:
    """This invoice is to be paid; until then it stays paused, or in classic billing mode is past due. `declined`: why a payment
    failed, see `billing.declines`; None when none was tried.
    """

    invoice: Invoice
    declined: str | None


class ResumeMoved(PortalError):
    """The sum is no longer what the customer saw; nothing was written. `quote` is the new one to show."""

    status = 409
    slug = "conflict"

    def __init__(self, quote: ResumeQuote) -> None:
        """`quote`: the same, priced now."""
        super().__init__("the preview moved since it was shown")
        self.quote = quote


async def quote(account: CustomerAccount, subscription: Subscription) -> ResumeQuote:
    """Ask Stripe what going on costs. Changes nothing."""
    due_now, recurring, method = await asyncio.gather(
        _due_now(account, subscription), _recurring(account, subscription), account.method_of(subscription)
    )
    return ResumeQuote(subscription, due_now, recurring, method)


async def resume(
    account: CustomerAccount, subscription_id: str, deed: Deed, *, shown: tuple[int, int] | None = None
) -> Resumed | BankAsks | ToPay:
    """Go on with it, and pay by the method in force where there is one; the schedule that would end its pause is let go.

    `shown`: `ResumeQuote.sums` as the customer saw them, None where none was shown. The same click again finds it running, or
    its invoice waiting, and is content. Raises `NotFound`, `NotAllowed`, and `ResumeMoved` when the sum is another by now.
    """
    subscription = await account.subscription(subscription_id)
    pause = pause_of(subscription)
    if pause is None and deed.again and is_live(subscription):
        return Resumed(subscription)
    reason = refusal(Act.RESUME, standing(subscription))
    if pause is None or reason is not None:
        raise NotAllowed(reason or "not_paused")
    if pause.unpaid is None:
        if shown is not None:
            now = await quote(account, subscription)
            if now.sums != shown:
                raise ResumeMoved(now)
        await _write(account, subscription, deed)
        account.forget()
    with underway():
        outcome = await _outcome(account, subscription_id)
    if outcome is None and deed.again:
        raise Conflict("the same click as before, whose resumption was dropped")
    if outcome is None:
        raise StripeUnavailable("the resumption does not show yet", outcome_unknown=True)
    if isinstance(outcome, ToPay) and outcome.declined is None and shown is not None and pause.unpaid is None:
        return await _pay(account, subscription, outcome.invoice, deed, shown[0])
    return outcome


async def _write(account: CustomerAccount, subscription: Subscription, deed: Deed) -> None:
    async def has_resumed() -> bool:
        found = pause_of(await account.subscription(subscription.id))
        return found is None or found.unpaid is not None

    stripe, id = account.stripe, subscription.id
    if subscription.status != "paused":
        key = deed.key("collect")
        await settled(lambda: subscriptions.update(stripe, id, key=key, pause_collection=""), has_resumed)
        return
    can_charge = subscription.billing_mode.type == "flexible" and await account.method_of(subscription) is not None
    schedule = subscription.schedule
    plans_more = isinstance(schedule, Schedule) and schedule.pause_schedules
    if isinstance(schedule, Schedule) and plans_more:
        # First: whatever becomes of the rest, nothing pauses it a second time, or resumes and charges it once more.
        await settled(
            lambda: subscriptions.release_schedule(stripe, schedule.id, key=deed.key("release")),
            lambda: _has_no_schedule(account, id),
        )
    with underway() if plans_more else nullcontext():
        try:
            await settled(
                lambda: subscriptions.resume(stripe, id, key=deed.key("resume"), charges=can_charge), has_resumed
            )
        except (Declined, AuthenticationRequired):
            # Stripe's docs do not say whether a refused payment fails the call. Where it stands, its invoice tells.
            if not await has_resumed():
                raise


async def _pay(
    account: CustomerAccount, subscription: Subscription, invoice: Invoice, deed: Deed, amount: int
) -> Resumed | BankAsks | ToPay:
    """Where Stripe does not charge in the call: pay what was shown, by the method in force."""
    method = await account.method_of(subscription)
    if method is None:
        return ToPay(invoice, None)
    try:
        outcome = await pay(account, invoice.id, method.id, deed, shown_amount=amount)
    except Declined as error:
        account.forget()
        return ToPay(await account.invoice(invoice.id), error.code)
    if isinstance(outcome, BankAsks):
        return outcome
    with underway():
        return Resumed(await account.subscription(subscription.id))


async def _outcome(account: CustomerAccount, subscription_id: str) -> Resumed | BankAsks | ToPay | None:
    """What Stripe made of it, re-read. None when nothing shows yet."""
    subscription = await account.subscription(subscription_id)
    pause = pause_of(subscription)
    if pause is None:
        return Resumed(subscription)
    if pause.unpaid is None:
        return None
    invoice, paid = await asyncio.gather(account.invoice(pause.unpaid), invoices.payments(account.stripe, pause.unpaid))
    attempt = next(iter(intents(paid)), None)
    if invoice.status == "paid" or (attempt is not None and attempt.status == "processing"):
        return Resumed(subscription)
    if not is_payable(invoice):
        return None
    if attempt is not None and attempt.status == "requires_action":
        return BankAsks(await to_authenticate(account, invoice.id))
    error = attempt.last_payment_error if attempt is not None else None
    return ToPay(invoice, shown_code(error.code, error.decline_code) if error is not None else None)


async def _due_now(account: CustomerAccount, subscription: Subscription) -> Invoice | None:
    if subscription.status != "paused":
        return None
    details = {"resume_at": "now", "billing_cycle_anchor": {"type": "now"}}
    try:
        return await invoices.preview(
            account.stripe, account.customer_id, subscription=subscription.id, subscription_details=details
        )
    except NotFound:
        return None  # it costs nothing


async def _recurring(account: CustomerAccount, subscription: Subscription) -> Invoice | None:
    """Stripe previews no period of a paused subscription; what it bills then is what it bills now."""
    if subscription.status == "paused":
        return None
    try:
        return await invoices.preview(
            account.stripe, account.customer_id, subscription=subscription.id, preview_mode="recurring"
        )
    except NotFound:
        return None


async def _has_no_schedule(account: CustomerAccount, subscription_id: str) -> bool:
    return (await account.subscription(subscription_id)).schedule is None
