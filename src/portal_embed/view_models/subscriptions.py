"""The page of one subscription, with all that can be true of it; and the list of those that are over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal_embed.billing import subscriptions as rules
from portal_embed.billing.eligibility import Act, refusal, standing
from portal_embed.billing.money import Money
from portal_embed.billing.stripe.objects import Product, id_of
from portal_embed.view_models.invoice_list import invoice_row
from portal_embed.view_models.shared import Notice, SumRow, TierRow
from portal_embed.view_models.subscription_cards import EndedRow, SubscriptionCard, ended_row, subscription_card
from portal_embed.view_models.subscription_words import (
    ended_sentence,
    item_price,
    price_name,
    product_unit,
    waiting_sentence,
)
from portal_embed.view_models.wording import (
    interval_heading,
    price_text,
    recurring_text,
    tier_rows,
    tiers_note,
    unit_price_text,
    used_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.stripe.objects import Invoice, Price, Subscription, SubscriptionItem
    from portal_embed.billing.usage import Usage
    from portal_embed.i18n.formatting import Formatter
    from portal_embed.view_models.invoices import InvoiceRow
    from portal_embed.view_models.subscription_cards import OverviewFacts


@dataclass(frozen=True)
class ItemRow:
    """One item.

    `key`: its own, for addresses on the page. `name`, `description` ("" for none); `quantity` "5", "" where use is billed;
    `unit_price` "$12.00"; `price` "$60.00 a month"; `billed` "Monthly". `tiers`: the steps of its price, of which `tiers_note` says
    how they are read; `has_flat_fees`: one has a fee of its own. `used`: what was used in this period, "1,204", "" where nothing is
    counted, and `used_unit` "API call", "" where the product has no word for one; `used_since` from when; `used_days` the days with
    any use, newest first; `used_note`: what else to know of them.
    """

    key: str
    name: str
    description: str
    quantity: str
    unit_price: str
    price: str
    billed: str
    tiers: tuple[TierRow, ...] = ()
    tiers_note: str = ""
    has_flat_fees: bool = False
    used: str = ""
    used_unit: str = ""
    used_since: str = ""
    used_days: tuple[SumRow, ...] = ()
    used_note: str = ""


@dataclass(frozen=True)
class SubscriptionPage:
    """One subscription.

    `card`: its name, state and what may be done with it, as on the overview. `facts`: billing period, trial, since when; for one
    that is over when and why it ended. `method_note`: why this method pays, "" for nothing; `changes_method`: this session has a
    page to change it. `waiting`: the change that waits for
    its payment, None for none, with `waiting_rows` from what to what; `waiting_invoice`: the invoice to pay for it, None when it
    cannot be paid here and now; `may_drop`: it can be dropped. `items`: what it is made of, and `has_parts` whether that is more
    than the price of the card says. `invoices`: the last ones. `confirmation`: what was just done.
    """

    confirmation: Notice | None
    card: SubscriptionCard
    facts: tuple[SumRow, ...]
    method_note: str
    changes_method: bool
    waiting: Notice | None
    waiting_rows: tuple[SumRow, ...]
    waiting_invoice: str | None
    may_drop: bool
    has_parts: bool
    items: tuple[ItemRow, ...]
    invoices: tuple[InvoiceRow, ...]


@dataclass(frozen=True)
class EndedPage:
    """The subscriptions that are over, the latest first."""

    rows: tuple[EndedRow, ...]


def ended_page(subscriptions: tuple[Subscription, ...], products: Mapping[str, Product], fmt: Formatter) -> EndedPage:
    """All that is over."""
    return EndedPage(tuple(ended_row(s, products, fmt) for s in subscriptions if not rules.is_live(s)))


def subscription_page(
    subscription: Subscription,
    facts: OverviewFacts,
    usage: Mapping[str, Usage],
    invoices: tuple[Invoice, ...],
    fmt: Formatter,
    *,
    confirmation: Notice | None,
    changes_method: bool,
) -> SubscriptionPage:
    """`facts`: as for the overview, of this one; their `prices` also have the tiers of its own. `usage` by the item's id."""
    latest = id_of(subscription.latest_invoice)
    waits = subscription.pending_update is not None
    card = subscription_card(subscription, facts, fmt, asked_for=latest if waits else None, page="subscriptions.show")
    waiting = _waiting(subscription, card, facts, fmt) if waits else None
    if waiting is not None:
        card = replace(card, sentences=tuple(s for s in card.sentences if s != waiting.title))
    return SubscriptionPage(
        confirmation=confirmation,
        card=card,
        facts=_facts(subscription, fmt),
        method_note=_method_note(subscription, card, fmt),
        changes_method=changes_method and refusal(Act.METHOD, standing(subscription)) is None,
        waiting=waiting,
        waiting_rows=_waiting_rows(subscription, facts, fmt),
        waiting_invoice=latest if waits and facts.may_pay and card.outcome is None else None,
        may_drop=waits and facts.may_write and card.outcome is None,
        has_parts=len(subscription.items.data) > 1 or any((i.quantity or 1) > 1 for i in subscription.items.data),
        items=tuple(_item(item, facts, usage.get(item.id), fmt) for item in subscription.items.data),
        invoices=tuple(
            invoice_row(i, fmt, now=facts.now, may_pay=False, is_on_its_way=i.id in facts.on_their_way)
            for i in invoices
        ),
    )


def _facts(subscription: Subscription, fmt: Formatter) -> tuple[SumRow, ...]:
    began = SumRow(fmt._("Began"), fmt.date(subscription.start_date or subscription.created))
    if not rules.is_live(subscription):
        over = subscription.ended_at or subscription.canceled_at or subscription.created
        why = ended_sentence(subscription, fmt)
        return (began, SumRow(fmt._("Ended"), fmt.date(over), why))
    rows = []
    if subscription.status == "trialing" and subscription.trial_end is not None:
        rows.append(SumRow(fmt._("Trial ends"), fmt.date(subscription.trial_end)))
    elif subscription.status not in {"paused", "incomplete"}:
        rows.extend(_periods(subscription, fmt))
    return (*rows, began)


def _periods(subscription: Subscription, fmt: Formatter) -> tuple[SumRow, ...]:
    """The running period; items that are billed at different intervals have one each, the shortest first."""
    periods = dict.fromkeys(
        (item.current_period_end, item.current_period_start)
        for item in sorted(subscription.items.data, key=lambda item: item.current_period_end)
        if item.current_period_start
    )
    return tuple(
        SumRow(
            fmt._("Billing period"),
            fmt._("%(start)s to %(end)s", start=fmt.short_date(start), end=fmt.short_date(end)),
        )
        for end, start in periods
    )


def _method_note(subscription: Subscription, card: SubscriptionCard, fmt: Formatter) -> str:
    if card.method is None:
        return ""
    if id_of(subscription.default_payment_method) or subscription.default_source:
        return fmt._("Chosen for this subscription alone.")
    return fmt._("Your default payment method.")


def _waiting(subscription: Subscription, card: SubscriptionCard, facts: OverviewFacts, fmt: Formatter) -> Notice:
    """The change that waits: what it is, what it takes and until when."""
    latest = id_of(subscription.latest_invoice)
    owed = next((i for i in facts.open_invoices if i.id == latest), None)
    until = subscription.pending_update.expires_at if subscription.pending_update is not None else None
    sentences = []
    if owed is not None and card.outcome is None:
        amount = fmt.money(Money(owed.amount_remaining, owed.currency))
        sentences.append(
            fmt._("It takes effect once %(amount)s is paid. Until then your old plan goes on.", amount=amount)
        )
    if until is not None and card.outcome is None:
        sentences.append(fmt._("It can be finished until %(moment)s, then it is dropped.", moment=fmt.moment(until)))
    title = waiting_sentence(subscription, facts.products, fmt)
    return Notice("caution", title, " ".join(sentences))


def _waiting_rows(subscription: Subscription, facts: OverviewFacts, fmt: Formatter) -> tuple[SumRow, ...]:
    """From what to what."""
    waiting = subscription.pending_update
    if waiting is None or not waiting.subscription_items:
        return ()

    def words(items: tuple[SubscriptionItem, ...]) -> str:
        return fmt.listing(
            [f"{price_name(i.price, facts.products, fmt)}, {item_price(i, facts.products, fmt)}" for i in items]
        )

    return (
        SumRow(fmt._("Now"), words(subscription.items.data)),
        SumRow(fmt._("Then"), words(waiting.subscription_items)),
    )


def _item(item: SubscriptionItem, facts: OverviewFacts, usage: Usage | None, fmt: Formatter) -> ItemRow:
    price = facts.prices.get(item.price.id, item.price)
    product, unit = _product(item.price, facts), product_unit(item.price, facts.products)
    tiers = tier_rows(price, fmt)
    metered = rules.is_metered(price)
    return ItemRow(
        key=item.id,
        name=price_name(item.price, facts.products, fmt),
        description=(product.description or "") if product is not None else "",
        quantity="" if metered else fmt.number(item.quantity or 1),
        unit_price=_unit_price(price, unit, fmt),
        price=_price(price, item, unit, fmt),
        billed=interval_heading(price, fmt),
        tiers=tiers,
        tiers_note=tiers_note(price, fmt) if tiers else "",
        has_flat_fees=any(tier.flat for tier in tiers),
        used=_used(usage, fmt),
        used_unit=unit if usage is not None and usage.total is not None else "",
        used_since=fmt.date(usage.since) if usage is not None else "",
        used_days=tuple(SumRow(fmt.utc_day(d.start_time), fmt.number(d.aggregated_value)) for d in usage.days)
        if usage
        else (),
        used_note=_used_note(usage, fmt),
    )


def _price(price: Price, item: SubscriptionItem, unit: str, fmt: Formatter) -> str:
    """What the item costs each period, where one multiplication tells."""
    if rules.is_metered(price) or price.unit_amount is None or price.transform_quantity is not None:
        return price_text(price, item.quantity, fmt, unit=unit)
    total = Money(price.unit_amount * (1 if item.quantity is None else item.quantity), price.currency)
    return recurring_text(fmt.money(total), price, fmt)


def _unit_price(price: Price, unit: str, fmt: Formatter) -> str:
    if price.billing_scheme == "tiered":
        return fmt._("In steps, see below") if price.tiers else fmt._("In steps")
    return used_text(price, fmt, unit) if rules.is_metered(price) else unit_price_text(price, fmt)


def _used(usage: Usage | None, fmt: Formatter) -> str:
    if usage is None:
        return ""
    if usage.total is None:
        return fmt._("What was used is not known at the moment.")
    return fmt.number(usage.total)


def _used_note(usage: Usage | None, fmt: Formatter) -> str:
    if usage is None or not usage.days:
        return ""
    if usage.since % 86_400:
        return fmt._("Days run from midnight to midnight UTC; the first may have use of the period before it.")
    return fmt._("Days run from midnight to midnight UTC.")


def _product(price: Price, facts: OverviewFacts) -> Product | None:
    return price.product if isinstance(price.product, Product) else facts.products.get(rules.product_of(price) or "")
