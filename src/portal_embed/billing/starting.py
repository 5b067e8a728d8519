"""Starting a subscription: what is on sale to this customer, what it costs, and that it is started once.

It waits for its first payment at Stripe (`incomplete`) until that is made. One that waits is paid and not made anew: there is
never a second one beside it.
"""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal_embed.billing.catalog import find_offer, on_sale, within
from portal_embed.billing.changes import interval_of
from portal_embed.billing.days import DAY, period_after
from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.discounts import is_for_one_bill
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.invoices import is_payable
from portal_embed.billing.payment_methods import default_of, ordered
from portal_embed.billing.payments import BankAsks, pay
from portal_embed.billing.stripe import invoices, subscriptions
from portal_embed.billing.stripe.objects import Invoice, id_of
from portal_embed.billing.subscriptions import is_live, is_metered, period_end
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
    from portal_embed.billing.stripe.objects import Customer, PaymentMethod, Subscription
    from portal_embed.config import AllowedChanges, Catalog, Features, SubscriptionCreate

MARK = "portal_start"
"""Metadata of what is started here: the key of the click that did it, by which a repeated one finds it again."""


@dataclass(frozen=True)
class Beginning:
    """What the customer wants to start: a plan on sale, how many of it, and the days of its trial (0 for none)."""

    offer: Offer
    quantity: int
    trial_days: int = 0


@dataclass(frozen=True)
class Shop:
    """What is on sale to one customer, and what they have already: `running`, and `waiting` for its first payment."""

    customer: Customer
    offers: tuple[Offer, ...]
    running: tuple[Subscription, ...]
    waiting: tuple[Subscription, ...]
    had_one: bool
    terms: SubscriptionCreate

    @property
    def refusal(self) -> str | None:
        """Why nothing may be started: "has_plan", or None."""
        return "has_plan" if self.running and not self.terms.allow_several else None

    def trial_days(self, offer: Offer) -> int:
        """A trial is for the first plan ever."""
        return 0 if self.had_one else offer.plan.trial_days or 0

    def choice(self, price_id: str, quantity: int | None) -> Beginning:
        """What the customer asks for, within the plan's limits. Raises `NotFound` for a price that is not on sale to them."""
        offer = find_offer(self.offers, price_id)
        if offer is None:
            raise NotFound("a price that is not on sale")
        limits = offer.plan.quantity
        number = 1 if limits is None else max(limits.minimum, min(quantity or limits.minimum, limits.maximum))
        return Beginning(offer, number, self.trial_days(offer))

    def same(self, wanted: Beginning) -> Subscription | None:
        """The one that waits for its first payment and is just this."""
        return next((s for s in self.waiting if _is(s, wanted)), None)


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


async def shop(
    account: CustomerAccount, catalog: Catalog, features: Features, limits: AllowedChanges | None = None
) -> Shop:
    """What is on sale. `limits`: what the host allows to this customer, None for the whole catalog. Raises `NotAllowed`.

    A customer who was billed before buys in that currency only: Stripe takes no second one.
    """
    customer, found = await asyncio.gather(account.customer(), account.subscriptions())
    offers, _ = await on_sale(catalog, account.catalog, customer.currency)
    if limits is not None:
        offers = within(limits, offers, "")
    live = tuple(s for s in found if is_live(s))
    return Shop(
        customer=customer,
        offers=offers,
        running=tuple(s for s in live if s.status != "incomplete"),
        waiting=tuple(s for s in live if s.status == "incomplete"),
        had_one=any(s.status not in {"incomplete", "incomplete_expired"} for s in found),
        terms=features.subscription_create,
    )


async def quote(account: CustomerAccount, store: Shop, wanted: Beginning) -> BeginningQuote:
    """Price it. Changes nothing."""
    waits = store.same(wanted)
    next_on = _next_on(account, wanted, waits)
    recurring, due_now, methods = await asyncio.gather(
        _preview(account, store, wanted, preview_mode="recurring", **_discounts_then(store, next_on)),
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
        now_due = (await _preview(account, store, wanted)).amount_due if has_given_way else asked.amount_due
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
        "metadata": {MARK: key},
        **trial_terms(store, wanted),
    }
    if store.terms.automatic_tax:
        params["automatic_tax"] = {"enabled": True}
    if account.on_behalf_of is not None:
        params["on_behalf_of"] = account.on_behalf_of
    if method and asked.amount_due == 0:
        params["default_payment_method"] = method
    return params


def items_of(wanted: Beginning) -> list[dict[str, Any]]:
    """Price and number of the plan and of what comes with it. What is billed by use has no number."""
    priced = [(wanted.offer.price, wanted.quantity), *((price, 1) for price in wanted.offer.includes)]
    return [{"price": price.id, **({} if is_metered(price) else {"quantity": count})} for price, count in priced]


def trial_terms(store: Shop, wanted: Beginning) -> dict[str, Any]:
    """The trial, and what becomes of it where nothing can be charged at its end."""
    if not wanted.trial_days:
        return {}
    end = {"missing_payment_method": store.terms.missing_payment_method}
    return {"trial_period_days": wanted.trial_days, "trial_settings": {"end_behavior": end}}


async def _preview(account: CustomerAccount, store: Shop, wanted: Beginning, **more: Any) -> Invoice:
    details: dict[str, Any] = {"items": items_of(wanted), "billing_mode": {"type": "flexible"}}
    if wanted.trial_days and "preview_mode" not in more:
        details["trial_end"] = account.now + wanted.trial_days * DAY
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
    return await _preview(account, store, wanted)


def _next_on(account: CustomerAccount, wanted: Beginning, waits: Subscription | None) -> int:
    """When the first of its periods ends, or its trial."""
    if waits is not None:
        return period_end(waits)
    if wanted.trial_days:
        return account.now + wanted.trial_days * DAY
    rhythms = (interval_of(price) for price in (wanted.offer.price, *wanted.offer.includes))
    return min((period_after(account.now, *rhythm) for rhythm in rhythms if rhythm is not None), default=account.now)


def _discounts_then(store: Shop, at: int) -> dict[str, Any]:
    """What a preview of the bill at that moment (unix seconds) is told: nothing where the customer's discount still holds."""
    theirs = store.customer.discount
    if theirs is None:
        return {}
    return {"discounts": ""} if is_for_one_bill(theirs) or (theirs.end is not None and theirs.end <= at) else {}


def _is(subscription: Subscription, wanted: Beginning) -> bool:
    """Whether it is just what is wanted."""
    asked = {item["price"]: item.get("quantity") for item in items_of(wanted)}
    found = {item.price.id: item.quantity for item in subscription.items.data}
    return found.keys() == asked.keys() and all(count in {None, found[price]} for price, count in asked.items())


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
