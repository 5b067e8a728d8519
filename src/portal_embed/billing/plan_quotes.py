"""What a change to a subscription costs, as Stripe previews it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from portal_embed.billing import scheduled_changes
from portal_embed.billing.change_params import discount_params, item_params, params_of
from portal_embed.billing.changes import begins_anew, bills_at_once, changes_intervals, interval_of
from portal_embed.billing.discounts import is_for_one_bill
from portal_embed.billing.invoices import opens_until
from portal_embed.billing.money import THREE_DECIMAL
from portal_embed.billing.schedules import next_phase
from portal_embed.billing.stripe import invoices
from portal_embed.billing.stripe.objects import Customer, Discount, Schedule
from portal_embed.billing.subscriptions import has_mixed_intervals, is_metered, listed_total, period_end
from portal_embed.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.changes import Choice, Choosing
    from portal_embed.billing.stripe.objects import Invoice, PaymentMethod
    from portal_embed.config import Features, SubscriptionUpdate

_HOUR = 3600


@dataclass(frozen=True)
class Quote:
    """What a choice costs, as Stripe previews it at `proration_date` (unix seconds).

    `due_now`: the invoice that the change makes at once, None when it makes none. `due_later`: the first one with its difference
    in it, which comes on `later_on` (unix seconds, 0 for none such, or where the day is not known); None where Stripe does not
    preview it. `recurring`: what each period then costs, from `next_on` (unix seconds, 0 where it is not known) on; None where that
    was not asked. `listed`: the same in minor units where list prices tell it, None elsewhere. `is_next_bill_alone`: `recurring` is
    only the bill of that day, those after it are not alike. `method`: what will be charged, None if the customer has none.
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
        """What each period then costs, minor units, without what is then billed by use; None where that was not asked."""
        if self.recurring is None:
            return self.listed
        return self.recurring.total - sum(
            line.total for line in self.recurring.lines.data if line.price in self._by_use
        )

    @property
    def paid_until(self) -> int | None:
        """Until when what is due now pays, unix seconds; None where its parts end on different days, or it pays for use alone."""
        if self.due_now is None:
            return None
        charged = [line.period.end for line in self.due_now.lines.data if line.period is not None and line.amount > 0]
        ends = {end for end in charged if end > self.due_now.created}
        return ends.pop() if len(ends) == 1 else None

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
        if not self.is_deferred or not self._by_use:
            return bill.total
        return sum(line.amount for line in bill.lines.data if line.price not in self._by_use)

    @property
    def _by_use(self) -> set[str]:
        """The ids of the prices, before and after, that are billed by use."""
        before = (item.price for item in self.choosing.subscription.items.data)
        after = (line.price for line in self.choosing.lines(self.choice))
        return {price.id for price in (*before, *after) if is_metered(price)}


async def quote(
    account: CustomerAccount, state: Choosing, choice: Choice, features: Features, *, proration_date: int
) -> Quote:
    """Price a choice at a moment, with what each period then costs. Changes nothing."""
    pricing = price(account, state, choice, features, proration_date=proration_date)
    update, ends = features.subscription_update, period_end(state.subscription)
    listed = _listed(state, choice)
    if listed is not None and choice.begins is None and bills_at_once(state, choice, update):
        found = await pricing
        return found if found.is_next_bill_alone else replace(found, listed=listed)
    is_all = choice.begins is not None and (choice.begins >= ends or update.proration_behavior == "none")
    if is_all or _has_uneven_bills(state, choice, update):
        return await pricing
    has_billed, since = _bills_before(state, choice, update), choice.begins or proration_date
    if next_phase(state.subscription) is not None:
        found = await pricing
        if (
            found.recurring is not None
            or _has_several(state, choice)
            or not found.next_on
            or (found.later_on and not found.due_later)
        ):
            return found
        return replace(
            found, recurring=await _alone(account, found, at=found.next_on, has_billed=has_billed, since=since)
        )

    def each(at: int) -> Awaitable[Invoice | None]:
        return _recurring(account, state, choice, update, at=at, has_billed=has_billed, since=since)

    if _has_an_end(state, choice):
        found = await pricing
        recurring = await each(found.next_on)
    else:
        found, recurring = await asyncio.gather(pricing, each(0))
    if found.is_next_bill_alone or not found.next_on:
        return found
    next_on = recurring.created if recurring is not None and found.due_now is not None else found.next_on
    return replace(found, recurring=recurring, next_on=next_on)


def _listed(state: Choosing, choice: Choice) -> int | None:
    """What each period costs after the change, minor units, where nothing but list prices makes it up: a call to Stripe less.

    None where there is more to it: a tax, a discount, tiers, use, several intervals, or thousandths, of which Stripe charges only
    whole tens.
    """
    subscription, lines = state.subscription, state.lines(choice)
    is_taxed = subscription.automatic_tax.enabled or subscription.default_tax_rates
    customer = subscription.customer
    # Theirs may be for a product that is only now chosen.
    has_none = isinstance(customer, Customer) and customer.discount is None
    is_reduced = subscription.discounts or not has_none or choice.discount is not None
    has_own = any(item.tax_rates or item.discounts for item in subscription.items.data)
    has_others = len({(interval_of(line.price), line.price.currency) for line in lines}) > 1
    if is_taxed or is_reduced or has_own or has_others or subscription.currency in THREE_DECIMAL:
        return None
    return listed_total((line.price, line.quantity) for line in lines)


async def price(
    account: CustomerAccount, state: Choosing, choice: Choice, features: Features, *, proration_date: int
) -> Quote:
    """What `confirm` needs of a quote: what is due. One preview. Changes nothing."""
    update, subscription = features.subscription_update, state.subscription
    ends, method = period_end(subscription), await account.method_of(subscription)
    blank = Quote(state, choice, proration_date, None, None, ends, method)
    if choice.begins is not None and (choice.begins >= ends or update.proration_behavior == "none"):
        # Nothing is prorated: the first bill is the recurring one.
        return replace(blank, recurring=await _recurring_from(account, blank, update, ends))
    if choice.begins is not None:
        return await _price_later(account, blank, update)
    preview = await _preview(account, state, choice, update, proration_date)
    bills_now = bills_at_once(state, choice, update)
    if preview is None:  # nothing is going to be billed
        return replace(blank, next_on=0)
    if bills_now and _is_at_once(blank, preview):
        return replace(blank, due_now=preview, next_on=_next_regular(blank, preview, update))
    prorates = update.proration_behavior == "create_prorations" and subscription.status != "trialing"
    if next_phase(subscription) is not None:  # Stripe previews the bill of what is planned, and not of this
        is_moved = update.billing_cycle_anchor == "now" or changes_intervals(state, choice)
        next_on = 0 if is_moved else ends
        return replace(blank, next_on=next_on, later_on=next_on if prorates else 0)
    is_uneven = _has_uneven_bills(state, choice, update) and not prorates
    if is_uneven or bills_now:
        return replace(blank, recurring=preview, next_on=preview.created, is_next_bill_alone=True)
    if not prorates:
        return replace(blank, next_on=preview.created)
    next_on = _covers_until(blank, preview)
    return replace(blank, due_later=preview, later_on=preview.created, next_on=next_on)


def _is_at_once(asked: Quote, preview: Invoice) -> bool:
    """Whether this is the change's own invoice: where nothing is prorated Stripe makes none, and previews the next regular one. A
    plan that is billed by use alone has nothing to prorate, and with another interval its next bill may come sooner than before.
    """
    ends = period_end(asked.choosing.subscription)
    is_by_use = all(is_metered(line.price) for line in asked.choosing.lines(asked.choice))
    return preview.created < (min(ends, asked.proration_date + _HOUR) if is_by_use else ends)


def _has_uneven_bills(state: Choosing, choice: Choice, update: SubscriptionUpdate) -> bool:
    """Whether the next bill is all that can be said: with several intervals, before or after, one is not like the other, and where
    nothing is billed at once each item keeps its period. So it does where nothing is prorated, and what is new has another one.
    """
    if (
        choice.begins is not None
        or state.subscription.status == "trialing"
        or next_phase(state.subscription) is not None
    ):
        return False
    if bills_at_once(state, choice, update):
        return False
    is_moved = update.proration_behavior == "none" and changes_intervals(state, choice)
    return _has_several(state, choice) or is_moved or has_mixed_intervals(state.subscription)


def _has_several(state: Choosing, choice: Choice) -> bool:
    """Whether the change leaves items with several intervals."""
    return len({interval_of(line.price) for line in state.lines(choice)}) > 1


def _bills_before(state: Choosing, choice: Choice, update: SubscriptionUpdate) -> bool:
    """Whether a bill with the change's difference in it is known to come before those that bill each period alike."""
    if choice.begins is not None:
        return choice.begins < period_end(state.subscription) and update.proration_behavior != "none"
    if bills_at_once(state, choice, update):
        return True
    is_known = state.subscription.status != "trialing" and next_phase(state.subscription) is None
    return is_known and update.proration_behavior == "create_prorations"


async def _price_later(account: CustomerAccount, blank: Quote, update: SubscriptionUpdate) -> Quote:
    """What a change costs that begins inside the running period, and leaves its end as it is."""
    state, choice, subscription = blank.choosing, blank.choice, blank.choosing.subscription
    begins, ends = choice.begins or 0, period_end(subscription)
    if isinstance(subscription.schedule, Schedule) and next_phase(subscription) is not None:
        preview = await _preview_planned(account, subscription.schedule, state, choice, update)
    else:
        preview = await _preview(account, state, choice, update, begins)
    if preview is None:
        return blank
    if update.proration_behavior != "always_invoice":
        return replace(blank, due_later=preview, later_on=ends, next_on=_covers_until(blank, preview))
    if preview.created >= ends:  # nothing is prorated: that day makes no invoice
        return replace(blank, recurring=preview, is_next_bill_alone=True)
    return replace(blank, due_later=preview, later_on=begins)


async def _preview(
    account: CustomerAccount, state: Choosing, choice: Choice, update: SubscriptionUpdate, moment: int
) -> Invoice | None:
    subscription, details = state.subscription, params_of(state, choice, update, moment)
    # The preview takes them beside the change, the change itself among its parameters.
    details.pop("discounts", None)
    discounts = _discounts(state, choice, at=choice.begins or 0)
    return await _previewed(account, subscription=subscription.id, subscription_details=details, **discounts)


async def _previewed(account: CustomerAccount, **params: Any) -> Invoice | None:
    """None where nothing is going to be billed, such as for a plan that is billed by use and was not used."""
    try:
        return await invoices.preview(account.stripe, account.customer_id, **params)
    except NotFound:
        return None


def _has_an_end(state: Choosing, choice: Choice) -> bool:
    """Whether a discount may end before what each period costs is billed."""
    known = (*(state.subscription.discounts or ()), state.theirs)
    months = choice.coupon.duration_in_months if choice.coupon is not None else None
    return bool(months) or any(isinstance(found, Discount) and found.end is not None for found in known)


def _discounts(state: Choosing, choice: Choice, *, at: int, has_billed: bool = False, since: int = 0) -> dict[str, Any]:
    """What a preview is told of the discounts: nothing where they are those in force. `at`: by when one may have ended.
    `has_billed`: whether those for one bill are used up. `since`: when one that is chosen begins.
    """
    wanted = discount_params(state.subscription, choice, at=at, has_billed=has_billed, since=since)
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
    account: CustomerAccount, schedule: Schedule, state: Choosing, choice: Choice, update: SubscriptionUpdate
) -> Invoice | None:
    """The next bill if this took the place of what is planned: of the subscription Stripe would preview that."""
    details = {"end_behavior": "release", "phases": scheduled_changes.phases_of(schedule, state, choice, update)}
    return await _previewed(account, schedule=schedule.id, schedule_details=details)


async def _alone(
    account: CustomerAccount, asked: Quote, *, at: int, has_billed: bool = False, since: int = 0
) -> Invoice | None:
    """What one period costs that begins at that moment (unix seconds), as if it began alone: of the subscription Stripe would
    preview what is planned for it, or the bill after that one. `has_billed`, `since`: see `discount_params`.
    """
    state, choice, subscription = asked.choosing, asked.choice, asked.choosing.subscription
    phase = scheduled_changes.phase_of(state, choice, at=at, has_billed=has_billed, since=since)
    tax = {"automatic_tax": {"enabled": True}} if subscription.automatic_tax.enabled else {}
    phases = [{**phase, **tax, "start_date": at}]
    details = {"billing_mode": {"type": subscription.billing_mode.type}, "phases": phases}
    return await _previewed(account, schedule_details=details, preview_mode="recurring")


def _next_regular(asked: Quote, due_now: Invoice, update: SubscriptionUpdate) -> int:
    """When the next regular bill comes after a change that is billed at once, unix seconds: when the first period ends of those
    that are then in force. What was billed now says so itself; what was not keeps its own, unless all begin anew.
    """
    state, choice = asked.choosing, asked.choice
    begins_now = update.billing_cycle_anchor == "now" or (
        state.subscription.billing_mode.type == "classic" and begins_anew(state, choice, update)
    )
    before = {item.id: item for item in state.subscription.items.data}
    ends = []
    for line in state.lines(choice):
        billed = [one.period.end for one in due_now.lines.data if one.period is not None and one.price == line.price.id]
        item = before.get(line.item or "")
        if billed:
            ends.append(max(billed))
        elif item is not None and not begins_now:
            ends.append(item.current_period_end)
    return min(ends, default=period_end(state.subscription))


def _covers_until(asked: Quote, bill: Invoice) -> int:
    """When the period ends that a regular bill is for, unix seconds."""
    prices = {line.price.id for line in asked.choosing.lines(asked.choice)}
    return opens_until(bill, prices) or bill.created


async def _recurring_from(
    account: CustomerAccount, asked: Quote, update: SubscriptionUpdate, ends: int
) -> Invoice | None:
    """The bill of the first period after the running one, which ends then (unix seconds)."""
    state, choice = asked.choosing, asked.choice
    # The months of a code count from then; of the subscription they would be previewed from today on.
    has_months = choice.coupon is not None and choice.coupon.duration == "repeating"
    if next_phase(state.subscription) is not None or has_months or changes_intervals(state, choice):
        return await _alone(account, asked, at=ends)
    return await _recurring(account, state, choice, update, at=ends)


async def _recurring(
    account: CustomerAccount,
    state: Choosing,
    choice: Choice,
    update: SubscriptionUpdate,
    *,
    at: int = 0,
    has_billed: bool = False,
    since: int = 0,
) -> Invoice | None:
    """What each period costs after the change, where nothing is planned beside it. `at`: when it begins (unix seconds), by when a
    discount may have ended. `has_billed`: a bill comes before, which uses up those that are for one. `since`: when one that is
    chosen begins.
    """
    subscription = state.subscription
    details: dict[str, Any] = {"items": item_params(state, choice)}
    # What begins a new period now has its next bill on another day.
    if choice.ends_trial:
        details["trial_end"] = "now"
    elif update.billing_cycle_anchor == "now" and choice.begins is None and subscription.status != "trialing":
        details["billing_cycle_anchor"] = {"type": "now"}
    return await _previewed(
        account,
        subscription=subscription.id,
        subscription_details=details,
        preview_mode="recurring",
        **_discounts(state, choice, at=at, has_billed=has_billed, since=since),
    )
