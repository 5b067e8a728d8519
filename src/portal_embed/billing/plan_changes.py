"""Changing a plan: quote → confirm → repair. What is charged is what was shown.

The quote is Stripe's own preview at a fixed moment (`proration_date`). Confirming previews again at the same moment;
if the sum is not the one the customer saw, nothing is written and the new quote is shown instead.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal_embed.billing.catalog import find_offer, offers_for, within
from portal_embed.billing.declines import shown_code
from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.invoices import intents
from portal_embed.billing.payment_methods import can_wait_for_payment
from portal_embed.billing.payments import BankAsks, to_authenticate
from portal_embed.billing.stripe import invoices, subscriptions
from portal_embed.billing.stripe.objects import id_of
from portal_embed.billing.subscriptions import (
    charges_automatically,
    effective_method,
    main_item,
    period_end,
)
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
    from portal_embed.billing.catalog import Offer
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import Invoice, PaymentMethod, Price, Subscription, SubscriptionItem
    from portal_embed.config import AllowedChanges, Catalog, Features, SubscriptionUpdate


@dataclass(frozen=True)
class Choice:
    """What the customer wants: a plan on offer and how many of it."""

    offer: Offer
    quantity: int
    discount: tuple[str, str] | None = None
    """("coupon" or "promotion_code", id), which a deep link may bring along."""


@dataclass(frozen=True)
class Choosing:
    """All that the page for choosing needs: what is in force, and what could be."""

    subscription: Subscription
    item: SubscriptionItem
    offers: tuple[Offer, ...]
    may_price: bool
    may_quantity: bool

    @property
    def current(self) -> Offer | None:
        """The plan in force, None when its price is not on offer (then leaving it is for good)."""
        return find_offer(self.offers, self.item.price.id)

    def choice(self, price_id: str | None, quantity: int | None) -> Choice:
        """The customer's choice, checked against the catalog. Raises `NotFound` for a price that is not on offer to them."""
        offer = find_offer(self.offers, price_id) if price_id else self.current
        if offer is None or (not self.may_price and offer is not self.current):
            raise NotFound("a price that is not on offer")
        return Choice(offer, self._quantity(offer, quantity))

    def _quantity(self, offer: Offer, wanted: int | None) -> int:
        """How many to bill of `offer`: what is wanted, within its limits.

        A plan without a `Quantity` is one unit when the customer comes from a plan where the number was theirs to choose;
        from any other plan the number stays, because then the host looks after it (seats, say).
        """
        now = self.item.quantity or 1
        limits = offer.plan.quantity
        if limits is None:
            was_chosen = self.current is not None and self.current.plan.quantity is not None
            return 1 if was_chosen and offer is not self.current else now
        chosen = wanted if wanted is not None and self.may_quantity else now
        return max(limits.minimum, min(chosen, limits.maximum))

    def changes_nothing(self, choice: Choice) -> bool:
        """Whether the choice is what is in force already."""
        same = (choice.offer.price.id, choice.quantity) == (self.item.price.id, self.item.quantity or 1)
        return same and choice.discount is None


@dataclass(frozen=True)
class Quote:
    """What a choice costs, as Stripe previews it at `proration_date` (unix seconds).

    `due_now`: the invoice that the change makes at once, None when it makes none. `recurring`: what each period then
    costs. `next_on`: when the next regular bill comes, unix seconds. `method`: what will be charged, None if the
    customer has none.
    """

    choosing: Choosing
    choice: Choice
    proration_date: int
    due_now: Invoice | None
    recurring: Invoice
    next_on: int
    method: PaymentMethod | None

    @property
    def amount_due(self) -> int:
        """What is charged at once, minor units."""
        return self.due_now.amount_due if self.due_now is not None else 0

    @property
    def total(self) -> int:
        """What the change bills before the account's credit, minor units: negative when it is kept as credit."""
        return self.due_now.total if self.due_now is not None else 0


@dataclass(frozen=True)
class Changed:
    """The new plan is in force; a bank debit for it may still be on its way."""

    subscription: Subscription


class QuoteMoved(PortalError):
    """The sum is no longer what the customer saw; nothing was written. `quote` is the new one to show."""

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
) -> Choosing:
    """What may be chosen. `limits`: what the host allows to this customer, None for the whole catalog. Raises `NotAllowed`."""
    refusal = why_not(Act.CHANGE, subscription, features)
    item = main_item(subscription)
    if refusal is not None or item is None:
        raise NotAllowed(refusal or "several_items")
    offers = await offers_for(catalog, account.catalog, subscription)
    if limits is not None:
        offers = within(limits, offers, item.price.id)
    if not offers:
        raise NotAllowed("no_plans")
    allowed = features.subscription_update.default_allowed_updates
    return Choosing(subscription, item, offers, "price" in allowed, "quantity" in allowed)


async def quote(
    account: CustomerAccount, state: Choosing, choice: Choice, update: SubscriptionUpdate, *, proration_date: int
) -> Quote:
    """Price a choice at a moment: two previews and the method that would be charged, all at once. Changes nothing."""
    subscription = state.subscription
    details = _change(state, choice, update, proration_date)
    # The preview takes them beside the change, the change itself among its parameters.
    discounts = {"discounts": details.pop("discounts")} if "discounts" in details else {}
    now_preview, recurring, method = await asyncio.gather(
        invoices.preview(
            account.stripe, account.customer_id, subscription=subscription.id, subscription_details=details, **discounts
        ),
        invoices.preview(
            account.stripe,
            account.customer_id,
            subscription=subscription.id,
            subscription_details={"items": details["items"]},
            preview_mode="recurring",
            **discounts,
        ),
        _method_of(account, subscription),
    )
    due_now = now_preview if _bills_at_once(state, choice, update) else None
    next_on = _next_bill(subscription, now_preview, due_now, resets=update.billing_cycle_anchor == "now")
    return Quote(state, choice, proration_date, due_now, recurring, next_on, method)


async def confirm(
    account: CustomerAccount, asked: Quote, update: SubscriptionUpdate, deed: Deed, *, shown: tuple[int, int] | None
) -> Changed | BankAsks:
    """Make the change that `asked` prices (quoted anew by the caller at the moment the customer saw).

    `shown`: `amount_due` and `total` as the customer saw them, None when that was too long ago. Raises `QuoteMoved` when
    the quote has others; `NotAllowed("no_payment_method")` when there is nothing to
    charge; `Declined` with the old plan still standing and nothing owed for the change.
    """
    subscription = asked.choosing.subscription
    if (asked.amount_due, asked.total) != shown:
        raise QuoteMoved(asked)
    if asked.amount_due > 0 and asked.method is None and charges_automatically(subscription):
        raise NotAllowed("no_payment_method")
    params = _change(asked.choosing, asked.choice, update, asked.proration_date)
    if asked.due_now is not None and charges_automatically(subscription) and can_wait_for_payment(asked.method):
        # The old plan stands until the new one is paid. (Stripe docs, "Pending updates": only these parameters may go along.)
        params["payment_behavior"] = "pending_if_incomplete"
    await settled(
        lambda: subscriptions.update(account.stripe, subscription.id, key=deed.key("change"), **params),
        lambda: _took(account, subscription.id, asked.choice),
    )
    account.forget()
    with underway():
        outcome = await _outcome(account, subscription.id, asked.choice, deed)
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


def already_made(subscription: Subscription, price_id: str, quantity: int) -> bool:
    """Whether the subscription is on this price and quantity already: the same click arrived before."""
    item = main_item(subscription)
    return item is not None and (item.price.id, item.quantity) == (price_id, quantity)


def _change(state: Choosing, choice: Choice, update: SubscriptionUpdate, proration_date: int) -> dict[str, Any]:
    """The same parameters for preview and write, or they would not agree. A quantity left out would become 1."""
    item = {"id": state.item.id, "price": choice.offer.price.id, "quantity": choice.quantity}
    params: dict[str, Any] = {"items": [item], "proration_behavior": update.proration_behavior}
    if choice.discount is not None:
        kind, id = choice.discount
        kept = [{"discount": str(id_of(found))} for found in state.subscription.discounts or ()]
        params["discounts"] = [*kept, {kind: id}]
    if state.subscription.status == "trialing":
        if update.trial_update_behavior == "end_trial":
            params["trial_end"] = "now"
        return params
    if update.proration_behavior != "none":
        params["proration_date"] = proration_date
    if update.billing_cycle_anchor == "now":
        params["billing_cycle_anchor"] = {"type": "now"}
    return params


def _bills_at_once(state: Choosing, choice: Choice, update: SubscriptionUpdate) -> bool:
    """Whether Stripe makes an invoice for the change now, and not with the next regular bill.

    In classic billing mode it does so whenever the cycle begins anew, whatever the proration behavior: on request, with
    another interval, and from free to paid (Stripe docs, "Change the price"). In flexible mode only `always_invoice` does.
    """
    subscription, old, new = state.subscription, state.item.price, choice.offer.price
    if subscription.status == "trialing":
        return update.trial_update_behavior == "end_trial"
    if update.proration_behavior == "always_invoice":
        return True
    if subscription.billing_mode.type != "classic":
        return False
    return (
        update.billing_cycle_anchor == "now"
        or _interval(old) != _interval(new)
        or (_is_free(old) and not _is_free(new))
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


def _interval(price: Price) -> tuple[str, int] | None:
    return (price.recurring.interval, price.recurring.interval_count) if price.recurring is not None else None


def _is_free(price: Price) -> bool:
    return price.unit_amount == 0


async def _method_of(account: CustomerAccount, subscription: Subscription) -> PaymentMethod | None:
    customer, methods = await asyncio.gather(account.customer(), account.payment_methods())
    wanted = effective_method(subscription, customer)
    return next((method for method in methods if method.id == wanted), None)


async def _outcome(
    account: CustomerAccount, subscription_id: str, choice: Choice, deed: Deed
) -> Changed | BankAsks | None:
    """What Stripe made of it, re-read: applied, waiting for the bank's question, or refused (then the attempt is dropped).

    None when nothing came of it: Stripe repeats its old answer to a click whose change is gone since.
    """
    subscription = await account.subscription(subscription_id)
    latest = id_of(subscription.latest_invoice)
    if subscription.pending_update is None or latest is None:
        if not _is_on(subscription, choice):
            return None
        return Changed(subscription)
    attempt = next(iter(intents(await invoices.payments(account.stripe, latest))), None)
    if attempt is not None and attempt.status == "requires_action":
        return BankAsks(await to_authenticate(account, latest))
    if attempt is not None and attempt.status == "processing":
        return Changed(subscription)
    if not await withdraw(account, subscription_id, deed):
        return Changed(await account.subscription(subscription_id))
    error = attempt.last_payment_error if attempt is not None else None
    raise Declined(shown_code(error.code if error else None, error.decline_code if error else None))


async def _took(account: CustomerAccount, subscription_id: str, choice: Choice) -> bool:
    subscription = await account.subscription(subscription_id)
    return subscription.pending_update is not None or _is_on(subscription, choice)


def _is_on(subscription: Subscription, choice: Choice) -> bool:
    item = main_item(subscription)
    return item is not None and (item.price.id, item.quantity) == (choice.offer.price.id, choice.quantity)


async def _visible(account: CustomerAccount, invoice_id: str) -> Invoice | None:
    """The invoice, None while it is the merchant's draft (a renewal in its first hour)."""
    try:
        return await account.invoice(invoice_id)
    except NotFound:
        return None


async def _has_no_pending(account: CustomerAccount, subscription_id: str) -> bool:
    return (await account.subscription(subscription_id)).pending_update is None
