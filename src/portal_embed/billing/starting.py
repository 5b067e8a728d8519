"""Starting a subscription: what it costs, and that it is started once.

It waits for its first payment at Stripe (`incomplete`) until that is made. One that waits is paid and not made anew: there is
never a second one beside it.
"""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal_embed.billing.changes import interval_of
from portal_embed.billing.days import DAY, period_after
from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.discounts import ends_after, is_for_one_bill, kept
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.invoices import is_payable
from portal_embed.billing.payment_methods import default_of, ordered
from portal_embed.billing.payments import BankAsks, pay
from portal_embed.billing.promotions import redeemed
from portal_embed.billing.sales import CODE, MARK, bills, discounts_of, items_of, marks, trial_terms
from portal_embed.billing.stripe import invoices, subscriptions
from portal_embed.billing.stripe.objects import Invoice, id_of
from portal_embed.billing.subscriptions import is_live, period_end
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
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.promotions import Promotion
    from portal_embed.billing.sales import Beginning, Shop
    from portal_embed.billing.stripe.objects import PaymentMethod, Subscription
    from portal_embed.config import Features


@dataclass(frozen=True)
class BeginningQuote:
    """What starting it costs, as Stripe says.

    `due_now`: the first invoice, previewed, or the open one of what waits already. `recurring`: what each period costs from then
    on. `next_on`: when that is first charged, unix seconds. `methods`: what it can be paid with, the default first.
    """

    shop: Shop
    wanted: Beginning
    due_now: Invoice
    recurring: Invoice
    next_on: int
    methods: tuple[PaymentMethod, ...]
    default: str | None

    @property
    def amount_due(self) -> int:
        """What is charged at once, minor units."""
        return self.due_now.amount_remaining if self.due_now.status == "open" else self.due_now.amount_due

    @property
    def later(self) -> int:
        """What each period costs, minor units."""
        return self.recurring.total


@dataclass(frozen=True)
class Started:
    """It runs; a bank debit for it may still be on its way."""

    subscription: Subscription


class QuoteMoved(PortalError):
    """The sum is no longer what the customer saw; nothing was started."""

    status = 409
    slug = "conflict"


async def quote(account: CustomerAccount, store: Shop, wanted: Beginning) -> BeginningQuote:
    """Price it. Changes nothing."""
    waits = store.same(wanted)
    next_on = _next_on(account, wanted, waits)
    recurring, due_now, methods = await asyncio.gather(
        _recurring(account, store, wanted, waits, next_on),
        _first_invoice(account, store, wanted, waits),
        account.payment_methods(),
    )
    default = default_of(store.customer)
    return BeginningQuote(
        shop=store,
        wanted=wanted,
        due_now=due_now,
        recurring=recurring,
        next_on=next_on,
        methods=ordered(methods, default),
        default=default,
    )


async def begun_with(account: CustomerAccount, store: Shop, wanted: Beginning) -> Promotion | None:
    """The promotion with which just this waits for its first payment. It is redeemed, and may be used up by that."""
    codes = (s.metadata.get(CODE) for s in store.waiting if bills(s, wanted))
    code = next(filter(None, codes), None)
    return await redeemed(account, code) if code is not None else None


async def begun(account: CustomerAccount, deed: Deed) -> Subscription | None:
    """What this very click has started and paid, when it arrives again. Whatever speaks against it now does not matter any more."""
    mine = await _mine(account, deed.key("start")) if deed.again else None
    return mine if mine is not None and mine.status in {"active", "trialing"} else None


async def start(
    account: CustomerAccount, asked: BeginningQuote, deed: Deed, *, method: str, shown: tuple[int, int]
) -> Started | BankAsks:
    """Start what `asked` prices (quoted anew by the caller) and pay its first invoice with a saved `method`, "" for none.

    `shown`: the sums due now and later that the customer saw. Raises `QuoteMoved`; `NotAllowed`: "has_plan", "start_waits",
    "no_payment_method"; `DetailRefused` for a customer whom Stripe Tax cannot place; `Declined`: then it waits for its payment.
    """
    key = deed.key("start")
    mine = await _mine(account, key)
    if mine is None:
        mine = await _made(account, asked, deed, key, method=method, shown=shown)
    elif mine.status not in {"incomplete", "active", "trialing"}:
        raise Conflict("the same click as before, and what it started is over, paused or owed for since")
    if mine.status != "incomplete":
        return Started(mine)
    invoice = id_of(mine.latest_invoice)
    if invoice is None or not method:
        raise NotAllowed("no_payment_method")
    try:
        outcome = await pay(account, invoice, method, deed, shown_amount=shown[0])
    except (Conflict, Declined, NotAllowed):
        raise
    except PortalError:
        with underway():  # it is made by now, so it is not true that nothing was changed
            raise
    if isinstance(outcome, BankAsks):
        return outcome
    with underway():
        return Started(await account.subscription(mine.id))


async def drop(account: CustomerAccount, subscription_id: str, deed: Deed, features: Features) -> bool:
    """Give up one that waits for its first payment; content when it is over already. Raises `NotAllowed`.

    False when it was paid before it could be dropped: then it runs. Its invoice goes first, because Stripe voids none that is
    paid: what the customer has just paid for is never taken from them.
    """
    subscription = await account.subscription(subscription_id)
    if not is_live(subscription):
        return True
    if subscription.status != "incomplete":
        return False
    refusal = why_not(Act.DROP, subscription, features)
    if refusal is not None:
        raise NotAllowed(refusal)
    return await _dropped(account, subscription, deed)


async def _made(
    account: CustomerAccount, asked: BeginningQuote, deed: Deed, key: str, *, method: str, shown: tuple[int, int]
) -> Subscription:
    """The subscription: the one that waits already, or a new one in place of any other that does."""
    store, wanted = asked.shop, asked.wanted
    if store.refusal is not None:
        raise NotAllowed(store.refusal)
    if (asked.amount_due, asked.later) != shown:
        raise QuoteMoved("the preview moved since it was shown")
    if asked.amount_due > 0:
        if not method:
            raise NotAllowed("no_payment_method")
        await account.payment_method(method)
    waits = store.same(wanted)
    if waits is not None:
        return waits
    params = _terms(account, asked, key, method)
    has_given_way = await make_room(account, store, deed)
    # Where another has given way, it is no longer true that nothing was changed.
    with underway() if has_given_way else nullcontext():
        now_due = asked.amount_due
        if has_given_way:
            now_due = (await _preview(account, store, wanted, discounts_of(wanted))).amount_due
    if now_due != asked.amount_due:
        raise QuoteMoved("the one that gave way has given back what it had used of the account's credit")
    with underway() if has_given_way else nullcontext():
        made = await settled(
            lambda: subscriptions.create(account.stripe, account.customer_id, key=key, **params),
            lambda: _is_there(account, key),
        )
    account.forget()
    if made is None:
        with underway():
            made = await _mine(account, key)
    if made is None:
        raise StripeUnavailable("what was started does not show yet", outcome_unknown=True)
    return made


async def make_room(account: CustomerAccount, store: Shop, deed: Deed) -> bool:
    """Drop what was begun here and never paid; whether there was any. Raises `NotAllowed("start_waits")` for what was begun
    elsewhere.
    """
    ours = [other for other in store.waiting if MARK in other.metadata]
    if len(ours) < len(store.waiting) and not store.terms.allow_several:
        raise NotAllowed("start_waits")
    for other in ours:
        if not await _dropped(account, other, deed):
            raise Conflict("it was paid in the meantime")
    return bool(ours)


def _terms(account: CustomerAccount, asked: BeginningQuote, key: str, method: str) -> dict[str, Any]:
    """What Stripe is told. The method goes along only where nothing is due: else Stripe keeps the one that pays."""
    store, wanted = asked.shop, asked.wanted
    params: dict[str, Any] = {
        "items": items_of(wanted),
        "billing_mode": {"type": "flexible"},
        "payment_behavior": "default_incomplete",
        "payment_settings": {"save_default_payment_method": "on_subscription"},
        "metadata": marks(wanted, key),
        **trial_terms(store, wanted),
    }
    if wanted.promotion is not None:
        params["discounts"] = discounts_of(wanted)
    if store.terms.automatic_tax:
        params["automatic_tax"] = {"enabled": True}
    if account.on_behalf_of is not None:
        params["on_behalf_of"] = account.on_behalf_of
    if method and asked.amount_due == 0:
        params["default_payment_method"] = method
    return params


async def _recurring(
    account: CustomerAccount, store: Shop, wanted: Beginning, waits: Subscription | None, next_on: int
) -> Invoice:
    """What each period costs from `next_on` (unix seconds) on, with the discount where it still holds then. One that is redeemed
    already is named by itself: its code might be refused by now.
    """
    if wanted.promotion is not None and holds_later(wanted, account.now, next_on):
        discounts = kept(waits.discounts) if waits is not None else discounts_of(wanted)
        return await _preview(account, store, wanted, discounts, preview_mode="recurring")
    theirs = store.customer.discount
    is_over = theirs is not None and (is_for_one_bill(theirs) or (theirs.end is not None and theirs.end <= next_on))
    return await _preview(account, store, wanted, "" if is_over else [], preview_mode="recurring")


def holds_later(wanted: Beginning, now: int, next_on: int) -> bool:
    """Whether the bill after today's, at `next_on` (unix seconds), is reduced by the code too; after a trial that is the first that
    bills anything.
    """
    coupon = wanted.promotion.coupon if wanted.promotion is not None else None
    if coupon is None or coupon.duration == "once":
        return coupon is not None and wanted.trial_days > 0
    ends = ends_after(coupon, now)
    return ends is None or ends > next_on


async def _preview(
    account: CustomerAccount, store: Shop, wanted: Beginning, discounts: list[dict[str, str]] | str, **more: Any
) -> Invoice:
    """`discounts`: beside the customer's own, which "" leaves out."""
    details: dict[str, Any] = {"items": items_of(wanted), "billing_mode": {"type": "flexible"}}
    if wanted.trial_days and "preview_mode" not in more:
        details["trial_end"] = account.now + wanted.trial_days * DAY
    if discounts != []:
        more["discounts"] = discounts
    if store.terms.automatic_tax:
        more["automatic_tax"] = {"enabled": True}
    try:
        return await invoices.preview(account.stripe, account.customer_id, subscription_details=details, **more)
    except NotFound:  # nothing is billed: a plan by use that was not used
        return Invoice(created=account.now, currency=wanted.offer.price.currency)


async def _first_invoice(
    account: CustomerAccount, store: Shop, wanted: Beginning, waits: Subscription | None
) -> Invoice:
    """The open invoice of what waits (which has used up the account's credit already), else a preview."""
    latest = id_of(waits.latest_invoice) if waits is not None else None
    if latest is not None:
        found = await account.invoice(latest)
        if is_payable(found):
            return found
    return await _preview(account, store, wanted, discounts_of(wanted))


def _next_on(account: CustomerAccount, wanted: Beginning, waits: Subscription | None) -> int:
    """When the first of its periods ends, or its trial."""
    if waits is not None:
        return period_end(waits)
    if wanted.trial_days:
        return account.now + wanted.trial_days * DAY
    rhythms = (interval_of(price) for price in (wanted.offer.price, *wanted.offer.includes))
    return min((period_after(account.now, *rhythm) for rhythm in rhythms if rhythm is not None), default=account.now)


async def _mine(account: CustomerAccount, key: str) -> Subscription | None:
    """What this very click has started, read now."""
    account.forget()
    return next((s for s in await account.subscriptions() if s.metadata.get(MARK) == key), None)


async def _is_there(account: CustomerAccount, key: str) -> bool:
    return await _mine(account, key) is not None


async def _dropped(account: CustomerAccount, subscription: Subscription, deed: Deed) -> bool:
    latest = id_of(subscription.latest_invoice)
    invoice = await account.invoice(latest) if latest is not None else None
    if invoice is not None and invoice.status == "open":
        try:
            await settled(
                lambda: invoices.void(account.stripe, invoice.id, key=deed.key(f"void:{invoice.id}")),
                lambda: _is_void(account, invoice.id),
            )
        except StripeMisconfigured:  # refused as it stands, perhaps because the bank's answer came first
            if (await account.invoice(invoice.id)).status != "paid":
                raise
    account.forget()
    with underway():
        now = await account.subscription(subscription.id)
        if now.status == "incomplete":
            await settled(lambda: subscriptions.cancel_now(account.stripe, now.id), lambda: _is_over(account, now.id))
            account.forget()
            now = await account.subscription(now.id)
    return not is_live(now)


async def _is_void(account: CustomerAccount, invoice_id: str) -> bool:
    return (await account.invoice(invoice_id)).status == "void"


async def _is_over(account: CustomerAccount, subscription_id: str) -> bool:
    return not is_live(await account.subscription(subscription_id))
