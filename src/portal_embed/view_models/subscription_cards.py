"""One subscription as a card: what it is and costs, how it stands, and what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal_embed.billing import subscriptions as rules
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.money import Money
from portal_embed.billing.schedules import next_charge_on
from portal_embed.billing.subscriptions import State
from portal_embed.view_models.discounts import DiscountLine, discount_lines
from portal_embed.view_models.outcomes import Outcome, outcome
from portal_embed.view_models.pauses import pause_links, pause_note
from portal_embed.view_models.prepaying import prepaid_sentences, prepay_links
from portal_embed.view_models.shared import Badge, CardLink, MethodLabel, SumRow
from portal_embed.view_models.subscription_words import (
    end_sentence,
    item_price,
    no_method_text,
    planned_sentence,
    price_name,
    state_badge,
    state_sentences,
    subscription_name,
    waiting_sentence,
    why_not_text,
)
from portal_embed.view_models.wording import method_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.discounts import Named
    from portal_embed.billing.stripe.objects import Customer, Invoice, PaymentMethod, Price, Product, Subscription
    from portal_embed.config import Catalog, Features
    from portal_embed.i18n.formatting import Formatter

ENDED_SHOWN = 3


@dataclass(frozen=True)
class SubscriptionCard:
    """One subscription.

    `name` "Pro"; `price` "$29.00 a month" ("$12.00 a month for each of 5 seats" when quantity matters); `items`:
    further items of a subscription with several (empty for the usual one). `badge`: state in words. `sentences`: what
    is true and what comes next, in plain sentences, first the most important. `shows_next_charge`: whether a next bill
    exists, loaded later (JavaScript) or one link away (without). `next_charge_on`: its date in words, "" when there is
    none. `method`: what will be charged; None with `method_note` saying what is missing. `may_*`: which buttons stand
    on the card; `may_start_over`: it waits for its first payment, and can be dropped instead. `change_note`: why the plan
    cannot be changed here, "" when it can. `open_invoice_id`: an unpaid invoice of this subscription to pay, None if none;
    `pay_label`: the words for that, "" for the usual ones. `id`: Stripe's, for addresses. `description`: the product's, ""
    for none. `keep_label`: the words for keeping it, "" for the usual ones. `links`: what else may be done with it.
    `discounts`: those in force. `pause_note`: why it cannot be paused here, "" when it can, or when nothing needs saying.
    `outcome`: a payment of it that is on its way, None for none. `may_unschedule`: a planned change can be undone.
    """

    id: str
    name: str
    description: str
    price: str
    items: tuple[SumRow, ...]
    badge: Badge
    sentences: tuple[str, ...]
    shows_next_charge: bool
    next_charge_on: str
    method: MethodLabel | None
    method_note: str
    may_change: bool
    change_note: str
    may_cancel: bool
    may_keep: bool
    keep_label: str = ""
    open_invoice_id: str | None = None
    links: tuple[CardLink, ...] = ()
    discounts: tuple[DiscountLine, ...] = ()
    pause_note: str = ""
    outcome: Outcome | None = None
    pay_label: str = ""
    may_start_over: bool = False
    may_unschedule: bool = False


@dataclass(frozen=True)
class EndedRow:
    """A subscription that is over: its `id`, what it was (`name`), and `detail` "Ended on 3 March 2027". `may_restart`: the same
    can be started again; `note`: why it cannot, "" for nothing to say.
    """

    id: str
    name: str
    detail: str
    may_restart: bool = False
    note: str = ""


@dataclass(frozen=True)
class OverviewFacts:
    """What the overview is made from, read in one wave. `may_*` by the session's scopes. `prices`: those that are planned, by id.
    `on_their_way`: the ids of open invoices whose payment is being collected.
    """

    customer: Customer
    subscriptions: tuple[Subscription, ...]
    methods: tuple[PaymentMethod, ...]
    open_invoices: tuple[Invoice, ...]
    products: Mapping[str, Product]
    features: Features
    may_write: bool
    may_pay: bool
    catalog: Catalog
    now: int
    named: Named = field(default_factory=dict)
    """What the discounts of single items only name."""
    prices: Mapping[str, Price] = field(default_factory=dict)
    on_their_way: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)
    """The host's words where it lets nobody change a subscription, by its id."""


def ended_row(
    subscription: Subscription,
    products: Mapping[str, Product],
    fmt: Formatter,
    *,
    may_restart: bool = False,
    note: str = "",
) -> EndedRow:
    """One that is over. `note`: why it cannot be started again."""
    over = subscription.ended_at or subscription.canceled_at or subscription.created
    detail = fmt._("Ended on %(date)s", date=fmt.date(over))
    return EndedRow(
        subscription.id, subscription_name(subscription, products, fmt), detail, may_restart=may_restart, note=note
    )


def subscription_card(
    subscription: Subscription,
    facts: OverviewFacts,
    fmt: Formatter,
    *,
    asked_for: str | None = None,
    asks_method: bool = False,
    page: str = "overview.show",
) -> SubscriptionCard:
    """`asked_for`: the invoice that the notice above asks to pay; the card does not ask a second time. `asks_method`: that notice
    asks for a payment method. `page`: where it stands.
    """
    main = rules.main_item(subscription)
    product = facts.products.get(rules.product_of(main.price) or "") if main is not None else None
    change_refusal = why_not(Act.CHANGE, subscription, facts.features)
    if change_refusal is None and not facts.catalog.plans:
        change_refusal = "off"
    lapses = rules.lapses_without_method(subscription, facts.customer)
    shows_next = rules.has_next_charge(subscription) and lapses is None
    owed = (i for i in facts.open_invoices if i.subscription == subscription.id and i.amount_remaining > 0)
    waiting = next(
        (i for i in facts.open_invoices if i.subscription == subscription.id and i.id in facts.on_their_way), None
    )
    open_invoice = next((i for i in owed if i.id != asked_for and i.id not in facts.on_their_way), None)
    is_asked_above = page == "overview.show" and any(
        i.id == asked_for and i.subscription == subscription.id for i in facts.open_invoices
    )
    method, method_note = _method(subscription, facts, fmt)
    ahead = planned_sentence(subscription, facts.prices, facts.products, fmt)
    over = end_sentence(subscription, fmt)
    if (ahead or over) and change_refusal in {"planned", "scheduled"}:
        change_refusal = "off"  # the sentence says it already
    may_drop = facts.may_write and why_not(Act.DROP, subscription, facts.features) is None
    may_keep = facts.may_write and why_not(Act.KEEP, subscription, facts.features) is None
    change_note = why_not_text(change_refusal, fmt) if change_refusal and facts.may_write else ""
    refused = facts.refused.get(subscription.id, "") if facts.may_write and change_refusal is None else ""
    no_pause = pause_note(subscription, facts.features, fmt) if facts.may_write else ""
    return SubscriptionCard(
        id=subscription.id,
        name=subscription_name(subscription, facts.products, fmt),
        description=(product.description or "") if product is not None else "",
        price=item_price(main, facts.products, fmt) if main is not None else "",
        items=()
        if main is not None
        else tuple(
            SumRow(
                price_name(item.price, facts.products, fmt),
                item_price(item, facts.products, fmt),
            )
            for item in subscription.items.data
        ),
        badge=state_badge(subscription, fmt),
        # "Next charge" says already when an active subscription renews.
        sentences=(
            *(
                prepaid_sentences(subscription, fmt)
                if shows_next and rules.state_of(subscription) is State.ACTIVE
                else _state_sentences(subscription, waiting, fmt, is_asked_above=is_asked_above)
            ),
            *(
                s
                for s in (_on_its_way(waiting, fmt), waiting_sentence(subscription, facts.products, fmt), ahead, over)
                if s
            ),
        ),
        shows_next_charge=shows_next,
        next_charge_on=fmt.date(next_charge_on(subscription)) if shows_next else "",
        method=method,
        method_note="" if asks_method and method is None and rules.charges_automatically(subscription) else method_note,
        may_change=facts.may_write and change_refusal is None and not refused,
        # One that waits for its first payment says so itself.
        change_note="" if may_drop else refused or change_note,
        may_cancel=facts.may_write and not may_drop and why_not(Act.CANCEL, subscription, facts.features) is None,
        may_keep=may_keep,
        keep_label=fmt._("Keep my plan") if may_keep else "",
        open_invoice_id=open_invoice.id if open_invoice is not None and facts.may_pay else None,
        pay_label=fmt._("Finish payment") if rules.state_of(subscription) is State.INCOMPLETE else "",
        may_start_over=may_drop,
        may_unschedule=facts.may_write and why_not(Act.UNSCHEDULE, subscription, facts.features) is None,
        links=(
            *pause_links(subscription, facts.features, fmt, may_write=facts.may_write, may_pay=facts.may_pay),
            *_prepay_links(subscription, facts, fmt),
            *_discount_links(subscription, facts, fmt),
            *_end_links(subscription, facts, fmt),
        ),
        pause_note="" if _says_why(subscription, facts, change_refusal, change_note, no_pause) else no_pause,
        discounts=discount_lines(
            subscription,
            facts.named,
            facts.products,
            fmt,
            now=facts.now,
            may_remove=_may_discount(subscription, facts),
            customer=facts.customer,
        ),
        outcome=outcome(waiting.id, page, subscription.id) if waiting is not None else None,
    )


def _may_discount(subscription: Subscription, facts: OverviewFacts) -> bool:
    return facts.may_write and why_not(Act.DISCOUNT, subscription, facts.features) is None


def _prepay_links(subscription: Subscription, facts: OverviewFacts, fmt: Formatter) -> tuple[CardLink, ...]:
    return prepay_links(subscription, facts.features, fmt, now=facts.now) if facts.may_write else ()


def _discount_links(subscription: Subscription, facts: OverviewFacts, fmt: Formatter) -> tuple[CardLink, ...]:
    if not _may_discount(subscription, facts):
        return ()
    return (CardLink(fmt._("Add promotion code"), "promotion_codes.new"),)


def _end_links(subscription: Subscription, facts: OverviewFacts, fmt: Formatter) -> tuple[CardLink, ...]:
    """The way to another moment for an end that is set, where there is one."""
    if not facts.may_write or why_not(Act.MOVE_END, subscription, facts.features) is not None:
        return ()
    return (CardLink(fmt._("Change the end date"), "cancellations.new"),)


def _says_why(
    subscription: Subscription, facts: OverviewFacts, change_refusal: str | None, change_note: str, no_pause: str
) -> bool:
    """Whether why it cannot be paused needs no words: it has not begun, or it cannot be changed for the same reason."""
    is_same = bool(change_note) and change_refusal == why_not(Act.PAUSE, subscription, facts.features)
    return rules.state_of(subscription) is State.INCOMPLETE or is_same or no_pause == change_note


def _state_sentences(
    subscription: Subscription, waiting: Invoice | None, fmt: Formatter, *, is_asked_above: bool
) -> tuple[str, ...]:
    """What is owed is not asked for while its payment is on its way, nor a second time."""
    state = rules.state_of(subscription)
    if waiting is not None and state in {State.PAST_DUE, State.UNPAID, State.INCOMPLETE}:
        return ()
    if is_asked_above and state in {State.PAST_DUE, State.INCOMPLETE}:
        return ()
    return state_sentences(subscription, fmt)


def _on_its_way(invoice: Invoice | None, fmt: Formatter) -> str:
    if invoice is None:
        return ""
    amount = fmt.money(Money(invoice.amount_remaining, invoice.currency))
    return fmt._("Your payment of %(amount)s is on its way. You need not do anything.", amount=amount)


def _method(subscription: Subscription, facts: OverviewFacts, fmt: Formatter) -> tuple[MethodLabel | None, str]:
    """What will be charged, or what is missing."""
    if not rules.is_live(subscription):
        return None, ""
    if not rules.charges_automatically(subscription):
        return None, fmt._("You get an invoice by email and pay it yourself.")
    wanted = rules.effective_method(subscription, facts.customer)
    found = next((m for m in facts.methods if m.id == wanted), None)
    if found is not None:
        return method_label(found, fmt, facts.now), ""
    if rules.ends_at(subscription) is not None:
        return None, ""
    return None, no_method_text(subscription, facts.customer, fmt)
