"""What a customer owes, why it was not paid, and making it good: another card everywhere, paying. Going on: `resumptions`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.deeds import underway
from portal_embed.billing.eligibility import Act, refusal, standing
from portal_embed.billing.invoices import intents, is_payable
from portal_embed.billing.method_changes import set_default
from portal_embed.billing.stripe import invoices, subscriptions
from portal_embed.billing.stripe.objects import id_of

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import Invoice, PaymentIntent, Subscription

MOST_EXPLAINED = 10
"""Open invoices of which we look up why they were not paid; more are shown without."""


@dataclass(frozen=True)
class Owed:
    """An open invoice and its newest payment, None when none was tried."""

    invoice: Invoice
    attempt: PaymentIntent | None


@dataclass(frozen=True)
class Debt:
    """All that keeps a customer from going on: unpaid bills, oldest first, and subscriptions paused for want of a method."""

    owed: tuple[Owed, ...]
    paused: tuple[Subscription, ...]

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing left to do."""
        return not self.owed and not self.paused


async def debt(account: CustomerAccount) -> Debt:
    """What is owed now. The invoice of a resumption counts as owed; the subscription that waits for it is not listed twice."""
    open_, live = await asyncio.gather(account.open_invoices(), account.live_subscriptions())
    unpaid = sorted((invoice for invoice in open_ if is_payable(invoice)), key=lambda invoice: invoice.created)
    attempts = await asyncio.gather(*(_newest(account, invoice.id) for invoice in unpaid[:MOST_EXPLAINED]))
    tried = [*attempts, *[None] * (len(unpaid) - len(attempts))]
    waited_for = {invoice.id for invoice in unpaid}
    paused = (s for s in live if is_stuck(s) and id_of(s.latest_invoice) not in waited_for)
    return Debt(tuple(map(Owed, unpaid, tried)), tuple(paused))


def is_stuck(subscription: Subscription) -> bool:
    """Whether it is paused for want of a payment method or a payment, and not because somebody asked for the pause."""
    details = subscription.status_details
    paused = details.paused if details is not None else None
    reason = paused.subscription if paused is not None else None
    return subscription.status == "paused" and (reason is None or reason.type != "pause_requested")


async def use_everywhere(account: CustomerAccount, method_id: str, deed: Deed) -> None:
    """Pay with this method from now on: the customer's default, and every subscription's own.

    Written to both, because Stripe tries a failed renewal again with the field that failed (Stripe's guide "Smart Retries").
    """
    await set_default(account, method_id, deed, use_for_all=False)
    with underway():
        for subscription in await account.live_subscriptions():
            takes_it = refusal(Act.METHOD, standing(subscription)) is None
            if takes_it and id_of(subscription.default_payment_method) != method_id:
                await subscriptions.update(
                    account.stripe,
                    subscription.id,
                    key=deed.key(f"own:{subscription.id}"),
                    default_payment_method=method_id,
                )
    account.forget()


async def _newest(account: CustomerAccount, invoice_id: str) -> PaymentIntent | None:
    return next(iter(intents(await invoices.payments(account.stripe, invoice_id))), None)
