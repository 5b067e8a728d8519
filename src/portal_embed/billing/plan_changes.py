"""Changing a subscription: quote → confirm → repair. What is charged is what was shown.

The quote is Stripe's own preview at a fixed moment (`proration_date`). Confirming previews again at the same moment;
if the sum is not the one the customer saw, nothing is written and the new quote is shown instead.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal_embed.billing import scheduled_changes
from portal_embed.billing.catalog import add_ons_within, find_offer, offers_for, within
from portal_embed.billing.changes import (
    Choosing,
    bills_at_once,
    bills_more_often,
    costs_less,
    discount_params,
    is_on,
    item_params,
    params_of,
    plan_item,
)
from portal_embed.billing.declines import shown_code
from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.invoices import intents
from portal_embed.billing.payment_methods import can_wait_for_payment
from portal_embed.billing.payments import BankAsks, to_authenticate
from portal_embed.billing.schedules import next_phase
from portal_embed.billing.stripe import invoices, subscriptions
from portal_embed.billing.stripe.objects import Schedule, id_of
from portal_embed.billing.subscriptions import charges_automatically, is_metered, period_end
from portal_embed.errors import (
    Conflict,
    Declined,
    NotAllowed,
    NotFound,
    PortalError,
    StripeMisconfigured,
    StripeUnavailable,
)

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.changes import Choice
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import Invoice, PaymentMethod, Subscription
    from portal_embed.config import AllowedChanges, Catalog, Features


@dataclass(frozen=True)
class Quote:
    """What a choice costs, as Stripe previews it at `proration_date` (unix seconds).

    `due_now`: the invoice that the change makes at once, None when it makes none. `recurring`: what each period then
    costs, None where that was not asked. `next_on`: when the next regular bill comes, unix seconds. `method`: what will be
    charged, None if the customer has none. `is_deferred`: it takes effect when the running period ends.
    """

    choosing: Choosing
    choice: Choice
    proration_date: int
    due_now: Invoice | None
    recurring: Invoice | None
    next_on: int
    method: PaymentMethod | None
    is_deferred: bool = False

    @property
    def amount_due(self) -> int:
        """What is charged at once, minor units."""
        return self.due_now.amount_due if self.due_now is not None else 0

    @property
    def total(self) -> int:
        """What the change bills before the account's credit, minor units: negative when it is kept as credit. Of a deferred
        one what its first period bills.
        """
        if self.is_deferred and self.recurring is not None:
            return self.recurring.total
        return self.due_now.total if self.due_now is not None else 0


@dataclass(frozen=True)
class Changed:
    """The new plan is in force; a bank debit for it may still be on its way. Or it `is_deferred`: it is planned."""

    subscription: Subscription
    is_deferred: bool = False


class QuoteMoved(PortalError):
    """The sum is no longer what the customer saw; nothing was written. `quote` is the new one."""

    status = 409
    slug = "conflict"

    def __init__(self, quote: Quote) -> None:
        """`quote`: the same choice, priced now."""
        super().__init__("the preview moved since it was shown")
        self.quote = quote


async def choosing(
    account: CustomerAccount,
    subscription: Subscription,
    catalog: Catalog,
    features: Features,
    limits: AllowedChanges | None = None,
    *,
    item: str | None = None,
) -> Choosing:
    """What may be chosen. `limits`: what the host allows to this customer, None for the whole catalog. `item`: which item of
    several is to be changed, None for the plan. Raises `NotAllowed`, and `NotFound` for an item of another subscription.
    """
    refusal = why_not(Act.CHANGE, subscription, features)
    if refusal is not None:
        raise NotAllowed(refusal)
    offers, add_ons = await offers_for(catalog, account.catalog, subscription)
    found = plan_item(subscription, offers, add_ons, item)  # before the host's word: an add-on stays one
    if found is None:
        raise NotFound("no such item, or an add-on")
    if limits is not None:
        offers, add_ons = within(limits, offers, found.price.id), add_ons_within(limits, add_ons)
    allowed = features.subscription_update.default_allowed_updates
    others = tuple(
        i for i in subscription.items.data if i.id != found.id and find_offer(offers, i.price.id) is not None
    )
    state = Choosing(subscription, found, offers, "price" in allowed, "quantity" in allowed, add_ons, others)
    state = replace(state, offers=tuple(offer for offer in offers if state.can_become(offer.price)))
    if not state.offers and not state.add_ons:
        raise NotAllowed("no_plans")
    return state


def is_deferred(state: Choosing, choice: Choice, features: Features) -> bool:
    """Whether a change waits for the end of the paid period: by the host's conditions, and where the table lets it."""
    conditions = features.subscription_update.schedule_at_period_end
    holds = ("decreasing_item_amount" in conditions and costs_less(state, choice)) or (
        "shortening_interval" in conditions and bills_more_often(state, choice)
    )
    return holds and why_not(Act.DEFER, state.subscription, features) is None


async def quote(
    account: CustomerAccount, state: Choosing, choice: Choice, features: Features, *, proration_date: int
) -> Quote:
    """Price a choice at a moment, with what each period then costs. Changes nothing."""
    priced = price(account, state, choice, features, proration_date=proration_date)
    if is_deferred(state, choice, features):
        return await priced
    found, recurring = await asyncio.gather(priced, _recurring(account, state, choice))
    return replace(found, recurring=recurring)


async def price(
    account: CustomerAccount, state: Choosing, choice: Choice, features: Features, *, proration_date: int
) -> Quote:
    """What `confirm` needs of a quote: what is due. One preview. Changes nothing."""
    update, subscription = features.subscription_update, state.subscription
    method = await account.method_of(subscription)
    if is_deferred(state, choice, features):
        # At the boundary nothing is prorated: the first bill is the recurring one.
        ends = period_end(subscription)
        recurring = await _recurring(account, state, choice, at=ends)
        return Quote(state, choice, proration_date, None, recurring, ends, method, is_deferred=True)
    details = params_of(state, choice, update, proration_date)
    # The preview takes them beside the change, the change itself among its parameters.
    discounts = {"discounts": details.pop("discounts")} if "discounts" in details else {}
    preview = await invoices.preview(
        account.stripe, account.customer_id, subscription=subscription.id, subscription_details=details, **discounts
    )
    due_now = preview if bills_at_once(state, choice, update) else None
    next_on = _next_bill(subscription, preview, due_now, resets=update.billing_cycle_anchor == "now")
    return Quote(state, choice, proration_date, due_now, None, next_on, method)


async def confirm(
    account: CustomerAccount, asked: Quote, features: Features, deed: Deed, *, shown: tuple[int, int] | None
) -> Changed | BankAsks:
    """Make the change that `asked` prices (anew by the caller at the moment the customer saw).

    `shown`: `amount_due` and `total` as the customer saw them, None when that was too long ago. Raises `QuoteMoved` when
    the quote has others; `NotAllowed("no_payment_method")` when there is nothing to
    charge; `Declined` with the old plan still standing and nothing owed for the change.
    """
    state, choice = asked.choosing, asked.choice
    subscription = state.subscription
    if (asked.amount_due, asked.total) != shown:
        raise QuoteMoved(asked)
    if asked.is_deferred:
        return Changed(await scheduled_changes.plan(account, state, choice, deed), is_deferred=True)
    if asked.amount_due > 0 and asked.method is None and charges_automatically(subscription):
        raise NotAllowed("no_payment_method")
    params = params_of(state, choice, features.subscription_update, asked.proration_date)
    if _may_wait(asked):
        # The old plan stands until the new one is paid. (Stripe docs, "Pending updates": only these parameters may go along.)
        params["payment_behavior"] = "pending_if_incomplete"
    answer = await settled(
        lambda: subscriptions.update(account.stripe, subscription.id, key=deed.key("change"), **params),
        lambda: _took(account, subscription.id, state, choice),
    )
    account.forget()
    with underway():
        known = answer if answer is not None and not deed.again else await account.subscription(subscription.id)
        outcome = await _outcome(account, known, state, choice, deed)
        if outcome is not None and subscription.schedule is not None:
            # What was planned before would undo what was chosen now.
            await scheduled_changes.release(account, subscription, deed)
    if outcome is None and deed.again:
        raise Conflict("the same click as before, whose change was declined or dropped")
    if outcome is None:
        # Stripe took the change a moment ago, and this read does not know it yet: it is no proof that nothing was charged.
        raise StripeUnavailable("the change does not show yet", outcome_unknown=True)
    return outcome


async def withdraw(account: CustomerAccount, subscription_id: str, deed: Deed) -> bool:
    """Drop a change that waits for its payment: its invoice is voided and the old plan goes on. Content when there is none.

    False when it was paid before it could be dropped: then the new plan is in force.
    """
    subscription = await account.subscription(subscription_id)
    latest = id_of(subscription.latest_invoice)
    if latest is None:
        return True
    if subscription.pending_update is not None:
        try:
            await settled(
                lambda: invoices.void(account.stripe, latest, key=deed.key("withdraw")),
                lambda: _has_no_pending(account, subscription_id),
            )
        except StripeMisconfigured:  # refused as it stands, perhaps because the bank's answer came first
            if not await _has_no_pending(account, subscription_id):
                raise
        account.forget()
    with underway():
        invoice = await _visible(account, latest)
    return invoice is None or (invoice.status, invoice.billing_reason) != ("paid", "subscription_update")


def _may_wait(asked: Quote) -> bool:
    """Whether the change can wait for its payment.

    Not one that ends a metered item: an attempt that is dropped would drop with it what was used so far (Stripe docs, "Pending
    updates").
    """
    if asked.due_now is None or not charges_automatically(asked.choosing.subscription):
        return False
    stays = {(line.item, line.price.id) for line in asked.choosing.lines(asked.choice)}
    items = asked.choosing.subscription.items.data
    ends_metered = any(is_metered(item.price) and (item.id, item.price.id) not in stays for item in items)
    return can_wait_for_payment(asked.method) and not ends_metered


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


async def _recurring(account: CustomerAccount, state: Choosing, choice: Choice, *, at: int = 0) -> Invoice:
    """What each period costs after the change. `at`: when it begins (unix seconds), by when a discount may have ended."""
    subscription = state.subscription
    schedule = subscription.schedule
    if isinstance(schedule, Schedule) and next_phase(subscription) is not None:
        # Stripe would preview what is planned so far; this is what takes its place.
        phases = scheduled_changes.phases_of(schedule, subscription, state.lines(choice), choice)
        return await invoices.preview(
            account.stripe,
            account.customer_id,
            schedule=schedule.id,
            schedule_details={"end_behavior": "release", "phases": phases},
        )
    wanted = discount_params(subscription, choice, at=at)
    differs = choice.discount is not None or len(wanted) != len(subscription.discounts or ())
    return await invoices.preview(
        account.stripe,
        account.customer_id,
        subscription=subscription.id,
        subscription_details={"items": item_params(state, choice)},
        preview_mode="recurring",
        **({"discounts": wanted or ""} if differs else {}),
    )


async def _outcome(
    account: CustomerAccount, subscription: Subscription, state: Choosing, choice: Choice, deed: Deed
) -> Changed | BankAsks | None:
    """What Stripe made of it: applied, waiting for the bank's question, or refused (then the attempt is dropped).

    None when nothing came of it: Stripe repeats its old answer to a click whose change is gone since.
    """
    latest = id_of(subscription.latest_invoice)
    if subscription.pending_update is None or latest is None:
        return Changed(subscription) if is_on(subscription, state.lines(choice)) else None
    attempt = next(iter(intents(await invoices.payments(account.stripe, latest))), None)
    if attempt is not None and attempt.status == "requires_action":
        return BankAsks(await to_authenticate(account, latest))
    if attempt is not None and attempt.status == "processing":
        return Changed(subscription)
    if not await withdraw(account, subscription.id, deed):
        return Changed(await account.subscription(subscription.id))
    error = attempt.last_payment_error if attempt is not None else None
    raise Declined(shown_code(error.code if error else None, error.decline_code if error else None))


async def _took(account: CustomerAccount, subscription_id: str, state: Choosing, choice: Choice) -> bool:
    subscription = await account.subscription(subscription_id)
    return subscription.pending_update is not None or is_on(subscription, state.lines(choice))


async def _visible(account: CustomerAccount, invoice_id: str) -> Invoice | None:
    """The invoice, None while it is the merchant's draft (a renewal in its first hour)."""
    try:
        return await account.invoice(invoice_id)
    except NotFound:
        return None


async def _has_no_pending(account: CustomerAccount, subscription_id: str) -> bool:
    return (await account.subscription(subscription_id)).pending_update is None
