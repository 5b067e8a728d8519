"""Changing a subscription: quote → confirm → repair. What is charged is what was shown.

The quote is Stripe's own preview at a fixed moment (`proration_date`). Confirming previews again at the same moment;
if the sum is not the one the customer saw, nothing is written and the new quote is shown instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal_embed.billing import scheduled_changes
from portal_embed.billing.catalog import add_ons_within, find_offer, included, offers_for, within
from portal_embed.billing.change_params import params_of
from portal_embed.billing.changes import Choosing, is_on, plan_item
from portal_embed.billing.declines import shown_code
from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.discounts import inherited
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.invoices import intents
from portal_embed.billing.payment_methods import can_wait_for_payment
from portal_embed.billing.payments import BankAsks, to_authenticate
from portal_embed.billing.stripe import invoices, subscriptions
from portal_embed.billing.stripe.objects import id_of
from portal_embed.billing.subscriptions import charges_automatically, is_metered
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
    from portal_embed.billing.plan_quotes import Quote
    from portal_embed.billing.stripe.objects import Invoice, Subscription
    from portal_embed.config import AllowedChanges, Catalog, Features


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
    parts = included(subscription, catalog.plans)
    found = plan_item(subscription, offers, add_ons, parts, item)  # before the host's word: an add-on stays one
    if found is None:
        raise NotFound("no such item, or an add-on")
    beside = (
        catalog.find(price=i.price.id, lookup_key=i.price.lookup_key) for i in subscription.items.data if i != found
    )
    shared = included(subscription, (plan for plan in beside if plan is not None))
    if limits is not None:
        offers, add_ons = within(limits, offers, found.price.id), add_ons_within(limits, add_ons)
    allowed = features.subscription_update.default_allowed_updates
    others = tuple(
        i for i in subscription.items.data if i.id != found.id and find_offer(offers, i.price.id) is not None
    )
    may_price, may_quantity = "price" in allowed, "quantity" in allowed
    theirs = await inherited(account, subscription, alone=True)
    state = Choosing(subscription, found, offers, may_price, may_quantity, add_ons, others, parts, shared, theirs)
    state = replace(state, offers=tuple(offer for offer in offers if state.can_become(offer)))
    if not state.offers and not state.add_ons:
        raise NotAllowed("no_plans")
    return state


async def confirm(
    account: CustomerAccount, asked: Quote, features: Features, deed: Deed, *, shown: tuple[int, int] | None
) -> Changed | BankAsks:
    """Make the change that `asked` prices (anew by the caller at the moment the customer saw).

    `shown`: `amount_due` and `total` as the customer saw them, None when that was too long ago. Raises `QuoteMoved` when
    the quote has others; `NotAllowed("no_payment_method")` when there is nothing to
    charge; `Declined` with the old plan still standing and nothing owed for the change.
    """
    state, choice = asked.choosing, asked.choice
    subscription, update = state.subscription, features.subscription_update
    if asked.is_deferred and scheduled_changes.is_planned_already(state, choice):
        return Changed(subscription, is_deferred=True)
    if (asked.amount_due, asked.total) != shown:
        raise QuoteMoved(asked)
    if asked.is_deferred:
        return Changed(await scheduled_changes.plan(account, state, choice, update, deed), is_deferred=True)
    if asked.amount_due > 0 and asked.method is None and charges_automatically(subscription):
        raise NotAllowed("no_payment_method")
    params = params_of(state, choice, update, asked.proration_date)
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
