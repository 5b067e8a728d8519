"""What a change to a subscription costs, as Stripe previews it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from portal_embed.billing import scheduled_changes
from portal_embed.billing.changes import (
    bills_at_once,
    changes_intervals,
    discount_params,
    interval_of,
    item_params,
    params_of,
)
from portal_embed.billing.discounts import is_for_one_bill
from portal_embed.billing.schedules import next_phase
from portal_embed.billing.stripe import invoices
from portal_embed.billing.stripe.objects import Customer, Schedule, id_of
from portal_embed.billing.subscriptions import has_mixed_intervals, is_metered, listed_total, period_end

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.changes import Choice, Choosing
    from portal_embed.billing.stripe.objects import Invoice, InvoiceLine, PaymentMethod, Subscription
    from portal_embed.config import Features, SubscriptionUpdate


@dataclass(frozen=True)
class Quote:
    """What a choice costs, as Stripe previews it at `proration_date` (unix seconds).

    `due_now`: the invoice that the change makes at once, None when it makes none. `due_later`: the first one with its difference
    in it, which comes on `later_on` (unix seconds, 0 for none such); None where Stripe does not preview it. `recurring`: what each
    period then costs, from `next_on` (unix seconds) on; None where that was not asked. `listed`: the same in minor units where list
    prices tell it, None elsewhere. `is_next_bill_alone`: `recurring` is only the bill of that day, those after it are not alike.
    `method`: what will be charged, None if the customer has none.
    """

    choosing: Choosing
    choice: Choice
    proration_date: int
    due_now: Invoice | None
    recurring: Invoice | None
    next_on: int
    method: PaymentMethod | None
    due_later: Invoice | None = None
    later_on: int = 0
    listed: int | None = None
    is_next_bill_alone: bool = False

    @property
    def each(self) -> int | None:
        """What each period then costs, minor units; None where that was not asked."""
        return self.recurring.total if self.recurring is not None else self.listed

    @property
    def is_deferred(self) -> bool:
        """Whether the plan in force stays for now."""
        return self.choice.begins is not None

    @property
    def first_bill(self) -> Invoice | None:
        """The first one with the change in it."""
        return self.due_now or self.due_later or self.recurring

    @property
    def amount_due(self) -> int:
        """What is charged at once, minor units."""
        return self.due_now.amount_due if self.due_now is not None else 0

    @property
    def total(self) -> int:
        """What the change bills before the account's credit, minor units: negative when it is kept as credit. Of a deferred
        one what its first bill comes to; where that is a regular one, the difference in it. Where use is billed, without that, for
        it grows until then.
        """
        later, begins = self.due_later, self.choice.begins
        if later is not None and self.is_deferred and self.later_on != begins:
            return sum(line.amount for line in later.lines.data if line.period and line.period.start == begins)
        bill = self.first_bill if self.is_deferred else self.due_now
        if bill is None:
            return 0
        before = (item.price for item in self.choosing.subscription.items.data)
        after = (line.price for line in self.choosing.lines(self.choice))
        used = {price.id for price in (*before, *after) if is_metered(price)}
        if not self.is_deferred or not used:
            return bill.total
        return sum(line.amount for line in bill.lines.data if _price_of(line) not in used)


def _price_of(line: InvoiceLine) -> str | None:
    details = line.pricing.price_details if line.pricing is not None else None
    return id_of(details.price) if details is not None else None


async def quote(
    account: CustomerAccount, state: Choosing, choice: Choice, features: Features, *, proration_date: int
) -> Quote:
    """Price a choice at a moment, with what each period then costs. Changes nothing."""
    priced = price(account, state, choice, features, proration_date=proration_date)
    update, ends = features.subscription_update, period_end(state.subscription)
    listed = _listed(state, choice)
    if listed is not None and choice.begins is None and bills_at_once(state, choice, update):
        found = await priced
        return found if found.is_next_bill_alone else replace(found, listed=listed)
    if _has_uneven_bills(state, choice, update):
        return await priced
    if choice.begins is not None and choice.begins >= ends:
        return await priced  # its first bill is a regular one
    at, has_billed = ends if choice.begins is not None else 0, _bills_before(state, choice, update)
    later = _recurring(account, state, choice, update, at=at, has_billed=has_billed)
    found, recurring = await asyncio.gather(priced, later)
    return found if found.is_next_bill_alone else replace(found, recurring=recurring)


def _listed(state: Choosing, choice: Choice) -> int | None:
    """What each period costs after the change, minor units, where nothing but list prices makes it up: a call to Stripe less.

    None where there is more to it: a tax, a discount, tiers, use, or several intervals.
    """
    subscription, lines = state.subscription, state.lines(choice)
    is_taxed = subscription.automatic_tax.enabled or subscription.default_tax_rates
    customer = subscription.customer
    # Theirs may be for a product that is only now chosen.
    has_none = isinstance(customer, Customer) and customer.discount is None
    is_reduced = subscription.discounts or not has_none or choice.discount is not None
    has_own = any(item.tax_rates or item.discounts for item in subscription.items.data)
    has_others = len({(interval_of(line.price), line.price.currency) for line in lines}) > 1
    if is_taxed or is_reduced or has_own or has_others:
        return None
    return listed_total((line.price, line.quantity) for line in lines)


async def price(
    account: CustomerAccount, state: Choosing, choice: Choice, features: Features, *, proration_date: int
) -> Quote:
    """What `confirm` needs of a quote: what is due. One preview. Changes nothing."""
    update, subscription = features.subscription_update, state.subscription
    method = await account.method_of(subscription)
    ends = period_end(subscription)
    if choice.begins is not None and (choice.begins >= ends or update.proration_behavior == "none"):
        # Nothing is prorated: the first bill is the recurring one.
        recurring = await _recurring_from(account, state, choice, update, ends)
        return Quote(state, choice, proration_date, None, recurring, ends, method)
    if choice.begins is not None:
        return await _price_later(account, state, choice, features, proration_date, method)
    preview = await _preview(account, state, choice, update, proration_date)
    bills_now = bills_at_once(state, choice, update)
    # Where nothing is prorated Stripe makes no invoice, and previews the next regular one.
    due_now = preview if bills_now and preview.created < ends else None
    next_on = _next_bill(subscription, preview, due_now, resets=update.billing_cycle_anchor == "now")
    priced = Quote(state, choice, proration_date, due_now, None, next_on, method)
    is_uneven = _has_uneven_bills(state, choice, update) and update.proration_behavior == "none"
    if is_uneven or (bills_now and due_now is None):
        return replace(priced, recurring=preview, is_next_bill_alone=True)
    if due_now is not None or subscription.status == "trialing" or update.proration_behavior != "create_prorations":
        return priced
    if next_phase(subscription) is not None:  # Stripe previews the bill of what is planned, and not of this
        return replace(priced, later_on=next_on)
    return replace(priced, due_later=preview, later_on=next_on, next_on=_covers_until(preview, next_on))


def _has_uneven_bills(state: Choosing, choice: Choice, update: SubscriptionUpdate) -> bool:
    """Whether the next bill is all that can be said: with several intervals, before or after, one is not like the other, and where
    nothing is billed at once each item keeps its period.
    """
    if (
        choice.begins is not None
        or state.subscription.status == "trialing"
        or next_phase(state.subscription) is not None
    ):
        return False
    after = {interval_of(line.price) for line in state.lines(choice)}
    return not bills_at_once(state, choice, update) and (has_mixed_intervals(state.subscription) or len(after) > 1)


def _bills_before(state: Choosing, choice: Choice, update: SubscriptionUpdate) -> bool:
    """Whether a bill with the change's difference in it is known to come before those that bill each period alike."""
    if choice.begins is not None:
        return choice.begins < period_end(state.subscription) and update.proration_behavior != "none"
    if bills_at_once(state, choice, update):
        return True
    is_known = state.subscription.status != "trialing" and next_phase(state.subscription) is None
    return is_known and update.proration_behavior == "create_prorations"


async def _price_later(
    account: CustomerAccount,
    state: Choosing,
    choice: Choice,
    features: Features,
    proration_date: int,
    method: PaymentMethod | None,
) -> Quote:
    """What a change costs that begins inside the running period, and leaves its end as it is."""
    update, subscription = features.subscription_update, state.subscription
    begins, ends = choice.begins or 0, period_end(subscription)
    if isinstance(subscription.schedule, Schedule) and next_phase(subscription) is not None:
        preview = await _preview_planned(account, subscription.schedule, state, choice, update)
    else:
        preview = await _preview(account, state, choice, update, begins)
    at_once = update.proration_behavior == "always_invoice"
    later_on, next_on = (begins, ends) if at_once else (ends, _covers_until(preview, ends))
    return Quote(state, choice, proration_date, None, None, next_on, method, due_later=preview, later_on=later_on)


async def _preview(
    account: CustomerAccount, state: Choosing, choice: Choice, update: SubscriptionUpdate, moment: int
) -> Invoice:
    subscription, details = state.subscription, params_of(state, choice, update, moment)
    # The preview takes them beside the change, the change itself among its parameters.
    details.pop("discounts", None)
    return await invoices.preview(
        account.stripe,
        account.customer_id,
        subscription=subscription.id,
        subscription_details=details,
        **_discounts(state, choice, at=choice.begins or 0),
    )


def _discounts(state: Choosing, choice: Choice, *, at: int, has_billed: bool = False) -> dict[str, Any]:
    """What a preview is told of the discounts: nothing where they are those in force. `at`: by when one may have ended.
    `has_billed`: whether those for one bill are used up.
    """
    wanted = discount_params(state.subscription, choice, at=at, has_billed=has_billed)
    own, theirs = state.subscription.discounts or (), state.theirs
    if wanted or theirs is None:
        differs = choice.discount is not None or len(wanted) != len(own)
        return {"discounts": wanted or ""} if differs else {}
    # Without any of its own it has the customer's; a preview that is told of none has not even that.
    is_used = has_billed and not own and is_for_one_bill(theirs)
    if is_used or (theirs.end is not None and theirs.end <= at):
        return {"discounts": ""}
    return {"discounts": [{"discount": theirs.id}]} if own else {}


async def _preview_planned(
    account: CustomerAccount,
    schedule: Schedule,
    state: Choosing,
    choice: Choice,
    update: SubscriptionUpdate,
    *,
    has_billed: bool = False,
) -> Invoice:
    """The next bill if this took the place of what is planned: of the subscription Stripe would preview that."""
    phases = scheduled_changes.phases_of(schedule, state, choice, update, has_billed=has_billed)
    return await invoices.preview(
        account.stripe,
        account.customer_id,
        schedule=schedule.id,
        schedule_details={"end_behavior": "release", "phases": phases},
    )


def _next_bill(subscription: Subscription, preview: Invoice, due_now: Invoice | None, *, resets: bool) -> int:
    """When the next regular bill comes: the end of the period that the change bills into.

    `resets`: whether the change begins a new period; where it bills nothing at once, the next bill opens the one after.
    """
    periods = [(line.period, line.amount) for line in preview.lines.data if line.period is not None]
    if due_now is not None:
        return max((period.end for period, amount in periods if amount >= 0), default=period_end(subscription))
    if resets and subscription.status != "trialing":
        return max((period.start for period, _ in periods), default=period_end(subscription))
    return period_end(subscription)


def _covers_until(bill: Invoice, at: int) -> int:
    """When the period ends that a regular bill is for; `at`: when it comes (unix seconds)."""
    return max((line.period.end for line in bill.lines.data if line.period is not None), default=at)


async def _recurring_from(
    account: CustomerAccount, state: Choosing, choice: Choice, update: SubscriptionUpdate, ends: int
) -> Invoice:
    """The bill of the first period after the running one, which ends then (unix seconds)."""
    subscription = state.subscription
    is_planned = next_phase(subscription) is not None
    if is_planned or not changes_intervals(state, choice):
        return await _recurring(account, state, choice, update, at=ends)
    # Of the subscription Stripe would preview the bill after that one: what begins anew is previewed as if it began alone.
    phase = {**scheduled_changes.phase_of(state, choice), "start_date": ends}
    return await invoices.preview(
        account.stripe,
        account.customer_id,
        schedule_details={"billing_mode": {"type": subscription.billing_mode.type}, "phases": [phase]},
        **({"automatic_tax": {"enabled": True}} if subscription.automatic_tax.enabled else {}),
    )


async def _recurring(
    account: CustomerAccount,
    state: Choosing,
    choice: Choice,
    update: SubscriptionUpdate,
    *,
    at: int = 0,
    has_billed: bool = False,
) -> Invoice:
    """What each period costs after the change. `at`: when it begins (unix seconds), by when a discount may have ended.
    `has_billed`: a bill comes before, which uses up those that are for one.
    """
    subscription = state.subscription
    if isinstance(subscription.schedule, Schedule) and next_phase(subscription) is not None:
        at_the_end = replace(choice, begins=period_end(subscription))
        return await _preview_planned(account, subscription.schedule, state, at_the_end, update, has_billed=has_billed)
    return await invoices.preview(
        account.stripe,
        account.customer_id,
        subscription=subscription.id,
        subscription_details={"items": item_params(state, choice)},
        preview_mode="recurring",
        **_discounts(state, choice, at=at, has_billed=has_billed),
    )
