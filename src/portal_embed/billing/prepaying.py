"""Paying periods ahead: quote → confirm. What is charged is what was shown.

Stripe bills the coming periods in one invoice at once and nothing again until they are over (Stripe docs, "Bill customers in
advance"; flexible billing mode only). The end is sent as a moment, because what a duration counts from is documented twice and
differently. Such a change cannot wait for its payment, so it is made only with its payment: refused, all stays as it was.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal_embed.billing.changes import interval_of
from portal_embed.billing.deeds import settled
from portal_embed.billing.eligibility import Act, refusal, standing, why_not
from portal_embed.billing.stripe import invoices, subscriptions
from portal_embed.billing.subscriptions import billed_ahead_until, period_end
from portal_embed.errors import Conflict, NotAllowed, PortalError, StripeMisconfigured, StripeUnavailable

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import Invoice, PaymentMethod, Subscription
    from portal_embed.config import Features

MOST_CYCLES = 50
"""Of all items together, and at most five years ahead: Stripe's limits."""
_FIVE_YEARS = 5 * 365 * 86_400
_DAYS = {"day": 1, "week": 7}


@dataclass(frozen=True)
class Ahead:
    """So many `periods` more, paid `until` then (unix seconds). Each is `interval_count` times the `interval` ("month")."""

    periods: int
    until: int
    interval: str
    interval_count: int


@dataclass(frozen=True)
class PrepayQuote:
    """What paying ahead costs now, as Stripe previews it. `method`: what is charged, None if the customer has none."""

    subscription: Subscription
    ahead: Ahead
    due_now: Invoice
    method: PaymentMethod | None

    @property
    def refusal(self) -> str | None:
        """Why its method cannot pay it: "no_payment_method", "pays_later"; None where it can, or nothing is due."""
        if self.due_now.amount_due <= 0:
            return None
        if self.method is None:
            return "no_payment_method"
        return refusal(Act.PREPAY, standing(self.subscription, method=self.method))

    @property
    def shown(self) -> tuple[int, int]:
        """What is charged at once, and what is billed before the account's credit; minor units."""
        return self.due_now.amount_due, self.due_now.total


class PrepayQuoteMoved(PortalError):
    """The sum, or the day, is no longer what the customer saw; nothing was written. `quote` is the new one."""

    status = 409
    slug = "conflict"

    def __init__(self, quote: PrepayQuote) -> None:
        """`quote`: the same number of periods, priced now."""
        super().__init__("the preview moved since it was shown")
        self.quote = quote


def choices(subscription: Subscription, features: Features, now: int) -> tuple[Ahead, ...]:
    """How far ahead it may be paid, nearest first; empty where it may not. `now`: unix seconds."""
    if why_not(Act.PREPAY, subscription, features) is not None:
        return ()
    found = (_ahead(subscription, periods) for periods in sorted(set(features.subscription_prepay.periods)))
    items = len(subscription.items.data)
    return tuple(one for one in found if one.periods * items <= MOST_CYCLES and one.until <= now + _FIVE_YEARS)


async def quote(account: CustomerAccount, subscription: Subscription, ahead: Ahead) -> PrepayQuote:
    """Price it. Changes nothing. Raises `NotAllowed` where Stripe refuses it, as of a period that is no whole one because the plan
    was changed within it, or where its preview is not of the time up to then.
    """
    try:
        preview = await invoices.preview(
            account.stripe, account.customer_id, subscription=subscription.id, subscription_details=_params(ahead)
        )
    except StripeMisconfigured:
        raise NotAllowed("not_prepayable") from None
    covered = max((line.period.end for line in preview.lines.data if line.period is not None), default=0)
    if covered != ahead.until:
        raise NotAllowed("not_prepayable")
    return PrepayQuote(subscription, ahead, preview, await account.method_of(subscription))


async def confirm(
    account: CustomerAccount, asked: PrepayQuote, deed: Deed, *, shown: tuple[int, int], until: int
) -> Subscription:
    """Pay ahead as `asked` prices it, made anew by the caller. The same click again finds it done and is content.

    `shown`, `until`: the sums and the moment as the customer saw them. Raises `PrepayQuoteMoved` when they are others;
    `NotAllowed("no_payment_method")` or `("pays_later")` where nothing can be charged at once; `Declined` and
    `AuthenticationRequired` with nothing charged and nothing changed.
    """
    subscription, ahead = asked.subscription, asked.ahead
    if asked.shown != shown or ahead.until != until:
        raise PrepayQuoteMoved(asked)
    if asked.refusal is not None:
        raise NotAllowed(asked.refusal)

    async def is_paid() -> bool:
        return is_paid_until(await account.subscription(subscription.id), until)

    answer = await settled(
        lambda: subscriptions.update(
            account.stripe,
            subscription.id,
            key=deed.key("prepay"),
            payment_behavior="error_if_incomplete",
            **_params(ahead),
        ),
        is_paid,
        again=deed.again,
    )
    account.forget()
    known = answer if answer is not None and not deed.again else await account.subscription(subscription.id)
    if is_paid_until(known, until):
        return known
    if deed.again:
        raise Conflict("the same click as before, whose effect is gone")
    raise StripeUnavailable("the time paid ahead does not show yet", outcome_unknown=True)


def is_paid_until(subscription: Subscription, until: int) -> bool:
    """Whether it is billed ahead up to then (unix seconds), or further."""
    paid = billed_ahead_until(subscription)
    return paid is not None and paid >= until


def _params(ahead: Ahead) -> dict[str, Any]:
    """The same parameters for preview and write, or they would not agree."""
    return {
        "billing_schedules": [{"bill_until": {"type": "timestamp", "timestamp": ahead.until}}],
        "proration_behavior": "always_invoice",
    }


def _ahead(subscription: Subscription, periods: int) -> Ahead:
    """So many periods after the one that runs, all of the first item's interval."""
    interval, count = interval_of(subscription.items.data[0].price) or (
        "month",
        1,
    )  # a subscription's price always has one
    ends = period_end(subscription)
    if interval in _DAYS:
        return Ahead(periods, ends + _DAYS[interval] * 86_400 * count * periods, interval, count)
    then = dt.datetime.fromtimestamp(ends, dt.UTC)
    months = then.month - 1 + (12 if interval == "year" else 1) * count * periods
    year, month = then.year + months // 12, months % 12 + 1
    # A cycle anchored on the 31st ends on the 28th of February and on the 31st of March.
    anchored = dt.datetime.fromtimestamp(subscription.billing_cycle_anchor, dt.UTC).day
    day = min(max(then.day, anchored), calendar.monthrange(year, month)[1])
    return Ahead(periods, int(then.replace(year=year, month=month, day=day).timestamp()), interval, count)
