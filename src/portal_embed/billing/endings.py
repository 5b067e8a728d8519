"""When a subscription is to end: what may be chosen, what that writes, and what Stripe says is still billed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal_embed.billing.days import DAY, day_of
from portal_embed.billing.schedules import Planned, planned
from portal_embed.billing.stripe import invoices
from portal_embed.billing.stripe.objects import id_of
from portal_embed.billing.subscriptions import (
    State,
    cancel_params,
    ends_at,
    has_metered,
    is_live,
    latest_period_end,
    state_of,
)
from portal_embed.errors import NotFound, PortalError

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.stripe.objects import Invoice, Subscription
    from portal_embed.config import CancelChoice, SubscriptionCancel

LONGEST = 366
"""Days ahead for which an end can be set, or to the end of what is paid for where that is later."""


@dataclass(frozen=True)
class Ending:
    """When it ends. `at`: of "on_date" the moment, unix seconds."""

    when: CancelChoice
    at: int | None = None


@dataclass(frozen=True)
class Outlook:
    """What Stripe says is still billed of a subscription that ends.

    `bill`: the next invoice, None for none. `is_last`: no other follows it. `is_known`: False where Stripe did not say.
    `credit`: minor units that unused time comes to, which nobody pays out.
    """

    bill: Invoice | None = None
    is_last: bool = True
    is_known: bool = True
    credit: int = 0


def days_of(subscription: Subscription, now: int, zone: dt.tzinfo) -> tuple[dt.date, dt.date]:
    """The first and the last day that may be chosen, in this time zone."""
    latest = max(now + LONGEST * DAY, latest_period_end(subscription))
    return day_of(now, zone) + dt.timedelta(days=1), day_of(latest, zone)


def is_as_asked(subscription: Subscription, ending: Ending) -> bool:
    """Whether it ends that way already, or has ended."""
    ends = ends_at(subscription)
    if ends is None:
        return not is_live(subscription)
    if ending.when == "at_period_end":
        return subscription.cancel_at_period_end or ends == latest_period_end(subscription)
    return ending.when == "on_date" and ends == ending.at


def end_params(subscription: Subscription, ending: Ending) -> dict[str, Any]:
    """What to write so that it ends with the paid period, or on a date.

    What a date cuts off of a period that is paid is not credited; of one that is not, Stripe bills only what is left,
    whatever is asked (SDK 16.1, `cancel_at`).
    """
    if ending.when == "on_date":
        return {"cancel_at": ending.at, "proration_behavior": "none"}
    return cancel_params(subscription)


async def outlook(
    account: CustomerAccount, subscription: Subscription, ending: Ending, settings: SubscriptionCancel
) -> Outlook:
    """What is still billed if it ends that way, as Stripe previews it. Nothing that fails here keeps anybody from leaving."""
    if state_of(subscription) in {State.INCOMPLETE, State.PAUSED}:
        return Outlook()
    if planned(subscription) not in {Planned.NOTHING, Planned.OVER} or subscription.pending_update is not None:
        return Outlook(is_known=False)  # Stripe previews no end beside a plan for something else
    at_once = ending.when == "immediately"
    details = (
        {"cancel_now": True, "proration_behavior": settings.proration_behavior}
        if at_once
        else end_params(subscription, ending)
    )
    try:
        bill = await invoices.preview(
            account.stripe, account.customer_id, subscription=subscription.id, subscription_details=details
        )
    except NotFound:
        return Outlook()
    except PortalError:
        return Outlook(is_known=False)
    if not at_once:
        return _of(bill, subscription, ending.at or latest_period_end(subscription))
    # What waits to be billed counts against what is given back.
    credit = max(0, -sum(line.amount for line in bill.lines.data))
    is_billed = settings.invoice_now and bill.amount_due > 0
    return Outlook(bill if is_billed else None, credit=credit if settings.proration_behavior != "none" else 0)


async def still_billed(account: CustomerAccount, subscription: Subscription) -> Outlook:
    """The same of one that is ending, or has just ended, as Stripe now says."""
    ends = ends_at(subscription)
    try:
        if not is_live(subscription):
            return Outlook(await _last_bill(account, subscription))
        bill = await account.next_invoice(subscription)
    except NotFound:
        return Outlook()
    except PortalError:
        return Outlook(is_known=False)
    return _of(bill, subscription, ends or 0)


def _of(bill: Invoice, subscription: Subscription, ends: int) -> Outlook:
    is_last = bill.created >= ends or (_covers_until(bill, subscription) >= ends and not has_metered(subscription))
    return Outlook(None if is_last and bill.amount_due <= 0 else bill, is_last=is_last)


def _covers_until(bill: Invoice, subscription: Subscription) -> int:
    """Until when all of its items are billed with this one, unix seconds."""
    found = []
    for item in subscription.items.data:
        ends = [line.period.end for line in bill.lines.data if line.period is not None and line.price == item.price.id]
        found.append(max(item.current_period_end, item.billed_until or 0, *ends))
    return min(found, default=0)


async def _last_bill(account: CustomerAccount, subscription: Subscription) -> Invoice | None:
    """What was billed by its end, or is about to be: a draft, which is no invoice to look at yet."""
    latest, ended = id_of(subscription.latest_invoice), subscription.ended_at
    if latest is None or ended is None:
        return None
    found = await invoices.retrieve(account.stripe, latest)
    is_final = found.created >= ended - 60 and found.status in {"draft", "open"} and found.amount_due > 0
    return found if is_final else None
