"""The overview: is all well, what is next, and what needs attention first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal_embed.billing import invoices as invoice_rules
from portal_embed.billing import subscriptions as rules
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.money import Money
from portal_embed.billing.payment_methods import Expiry, expiry_of
from portal_embed.billing.subscriptions import State
from portal_embed.view_models.discounts import DiscountLine, discount_lines
from portal_embed.view_models.prepaying import prepaid_sentences, prepay_links
from portal_embed.view_models.shared import Badge, CardLink, MethodLabel, Notice, SumRow
from portal_embed.view_models.subscription_words import (
    price_name,
    state_badge,
    state_sentences,
    subscription_name,
    why_not_text,
)
from portal_embed.view_models.tax_words import tax_sentences
from portal_embed.view_models.wording import method_label, price_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal_embed.billing.discounts import Named
    from portal_embed.billing.stripe.objects import Customer, Invoice, PaymentMethod, Product, Subscription, TaxId
    from portal_embed.config import Features
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
    on the card. `change_note`: why the plan cannot be changed here, "" when it can. `open_invoice_id`: an unpaid
    invoice of this subscription to pay, None if none. `id`: Stripe's, for addresses. `description`: the product's, ""
    for none. `keep_label`: the words for keeping it, "" for the usual ones. `links`: what else may be done with it.
    `discounts`: those in force.
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


@dataclass(frozen=True)
class OverviewPage:
    """What runs, what was, and what needs looking at.

    `subscriptions` the live ones; `ended` the names and dates of ended ones, at most three. `balance`: a credit or debt
    on the account in a sentence, "" for none. `confirmation`: what was just done, worded from what Stripe now says.
    """

    confirmation: Notice | None
    attention: Notice | None
    subscriptions: tuple[SubscriptionCard, ...]
    ended: tuple[SumRow, ...]
    balance: str


@dataclass(frozen=True)
class NextChargePart:
    """The next bill of one subscription. `amount` "$29.00", `date` "12 March 2027", `sentence` for both together;
    `rows` what it is made of, only when more than the plain price. `note`: why there is no figure, "" when there
    is.

    `subscription_id`: which one it bills. `tax_notes`: what there is to say about its tax; `tax_notice`: set where the tax cannot
    be worked out for want of an address.
    """

    subscription_id: str
    amount: str
    date: str
    sentence: str
    rows: tuple[SumRow, ...]
    note: str = ""
    tax_notes: tuple[str, ...] = ()
    tax_notice: Notice | None = None


@dataclass(frozen=True)
class OverviewFacts:
    """What the overview is made from, read in one wave. `may_*` by the session's scopes."""

    customer: Customer
    subscriptions: tuple[Subscription, ...]
    methods: tuple[PaymentMethod, ...]
    open_invoices: tuple[Invoice, ...]
    products: Mapping[str, Product]
    features: Features
    may_write: bool
    may_pay: bool
    has_catalog: bool
    now: int
    named: Named = field(default_factory=dict)
    """What the discounts of single items only name."""


def overview_page(facts: OverviewFacts, fmt: Formatter, confirmation: Notice | None) -> OverviewPage:
    """The overview in words."""
    live = [s for s in facts.subscriptions if rules.is_live(s)]
    ended = [s for s in facts.subscriptions if not rules.is_live(s)][:ENDED_SHOWN]
    attention = _attention(facts, fmt)
    asked_for = attention.link_id if attention is not None else None
    return OverviewPage(
        confirmation=confirmation,
        attention=attention,
        subscriptions=tuple(_card(s, facts, fmt, asked_for) for s in live),
        ended=tuple(
            SumRow(
                subscription_name(s, facts.products, fmt),
                "",
                fmt._("Ended on %(date)s", date=fmt.date(s.ended_at or s.canceled_at or s.created)),
            )
            for s in ended
        ),
        balance=_balance(facts.customer, fmt),
    )


def _card(subscription: Subscription, facts: OverviewFacts, fmt: Formatter, asked_for: str | None) -> SubscriptionCard:
    """`asked_for`: the invoice that the notice above asks to pay; the card does not ask a second time."""
    main = rules.main_item(subscription)
    product = facts.products.get(rules.product_of(main.price) or "") if main is not None else None
    change_refusal = why_not(Act.CHANGE, subscription, facts.features)
    if change_refusal is None and not facts.has_catalog:
        change_refusal = "off"
    shows_next = rules.has_next_charge(subscription) and rules.ends_at(subscription) is None
    owed = (i for i in facts.open_invoices if i.subscription == subscription.id and i.amount_remaining > 0)
    open_invoice = next((i for i in owed if i.id != asked_for), None)
    method, method_note = _method(subscription, facts, fmt)
    may_keep = facts.may_write and why_not(Act.KEEP, subscription, facts.features) is None
    return SubscriptionCard(
        id=subscription.id,
        name=subscription_name(subscription, facts.products, fmt),
        description=(product.description or "") if product is not None else "",
        price=price_text(main.price, main.quantity, fmt) if main is not None else "",
        items=()
        if main is not None
        else tuple(
            SumRow(price_name(item.price, facts.products, fmt), price_text(item.price, item.quantity, fmt))
            for item in subscription.items.data
        ),
        badge=state_badge(subscription, fmt),
        # "Next charge" says already when an active subscription renews.
        sentences=prepaid_sentences(subscription, fmt)
        if shows_next and rules.state_of(subscription) is State.ACTIVE
        else state_sentences(subscription, fmt),
        shows_next_charge=shows_next,
        next_charge_on=fmt.date(rules.next_bill_on(subscription)) if shows_next else "",
        method=method,
        method_note=method_note,
        may_change=facts.may_write and change_refusal is None,
        change_note=why_not_text(change_refusal, fmt) if change_refusal and facts.may_write else "",
        may_cancel=facts.may_write and why_not(Act.CANCEL, subscription, facts.features) is None,
        may_keep=may_keep,
        keep_label=fmt._("Keep my plan") if may_keep else "",
        open_invoice_id=open_invoice.id if open_invoice is not None and facts.may_pay else None,
        links=(*_prepay_links(subscription, facts, fmt), *_discount_links(subscription, facts, fmt)),
        discounts=discount_lines(
            subscription,
            facts.named,
            facts.products,
            fmt,
            now=facts.now,
            may_remove=_may_discount(subscription, facts),
        ),
    )


def _may_discount(subscription: Subscription, facts: OverviewFacts) -> bool:
    return facts.may_write and why_not(Act.DISCOUNT, subscription, facts.features) is None


def _prepay_links(subscription: Subscription, facts: OverviewFacts, fmt: Formatter) -> tuple[CardLink, ...]:
    return prepay_links(subscription, facts.features, fmt, now=facts.now) if facts.may_write else ()


def _discount_links(subscription: Subscription, facts: OverviewFacts, fmt: Formatter) -> tuple[CardLink, ...]:
    if not _may_discount(subscription, facts):
        return ()
    return (CardLink(fmt._("Add promotion code"), "promotion_codes.new"),)


def _method(subscription: Subscription, facts: OverviewFacts, fmt: Formatter) -> tuple[MethodLabel | None, str]:
    """What will be charged, or what is missing."""
    if not rules.charges_automatically(subscription):
        return None, fmt._("You get an invoice by email and pay it yourself.")
    wanted = rules.effective_method(subscription, facts.customer)
    found = next((m for m in facts.methods if m.id == wanted), None)
    if found is not None:
        return method_label(found, fmt, facts.now), ""
    if rules.ends_at(subscription) is not None:
        return None, ""
    return None, fmt._("No payment method is saved. Add one so that the next bill can be paid.")


def _balance(customer: Customer, fmt: Formatter) -> str:
    if not customer.balance or not customer.currency:
        return ""
    amount = fmt.money(Money(abs(customer.balance), customer.currency))
    if customer.balance < 0:
        return fmt._("You have %(amount)s credit. It is taken off your next bill.", amount=amount)
    return fmt._("%(amount)s from earlier is added to your next bill.", amount=amount)


def _attention(facts: OverviewFacts, fmt: Formatter) -> Notice | None:
    """The most urgent thing, one at most: a failed payment, an unconfirmed change, an open invoice, a card that runs out."""
    if not facts.may_pay:
        return None
    for notice in (_owed(facts, fmt), _card_trouble(facts, fmt)):
        if notice is not None:
            return notice
    return None


def _owed(facts: OverviewFacts, fmt: Formatter) -> Notice | None:
    owed = [i for i in facts.open_invoices if i.amount_remaining > 0]
    waiting = {
        s.latest_invoice
        for s in facts.subscriptions
        if s.pending_update is not None and isinstance(s.latest_invoice, str)
    }
    failed = [
        i
        for i in owed
        if invoice_rules.state_of(i, facts.now) is invoice_rules.InvoiceState.FAILED and i.id not in waiting
    ]
    for invoice in (*failed, *owed):
        amount = fmt.money(Money(invoice.amount_remaining, invoice.currency))
        if invoice in failed:
            return Notice(
                "critical",
                fmt._("Your last payment of %(amount)s failed", amount=amount),
                fmt._("Pay the open invoice to keep your subscription."),
                fmt._("Pay %(amount)s", amount=amount),
                "payments.new",
                invoice.id,
            )
        if invoice.id in waiting:
            return Notice(
                "caution",
                fmt._("Your plan change is not finished"),
                fmt._("It takes effect once %(amount)s is paid. Until then your old plan goes on.", amount=amount),
                fmt._("Finish the change"),
                "payments.new",
                invoice.id,
            )
        overdue = invoice_rules.state_of(invoice, facts.now) is invoice_rules.InvoiceState.OVERDUE
        title = (
            fmt._("An invoice over %(amount)s is overdue", amount=amount)
            if overdue
            else fmt._("An invoice over %(amount)s is open", amount=amount)
        )
        body = (
            fmt._("It was due on %(date)s.", date=fmt.date(invoice.due_date))
            if overdue and invoice.due_date
            else (fmt._("It is due on %(date)s.", date=fmt.date(invoice.due_date)) if invoice.due_date else "")
        )
        return Notice(
            "critical" if overdue else "caution",
            title,
            body,
            fmt._("Pay %(amount)s", amount=amount),
            "payments.new",
            invoice.id,
        )
    return None


def _card_trouble(facts: OverviewFacts, fmt: Formatter) -> Notice | None:
    billed = [
        s
        for s in facts.subscriptions
        if rules.is_live(s) and rules.charges_automatically(s) and rules.ends_at(s) is None
    ]
    used = {rules.effective_method(s, facts.customer) for s in billed}
    link = (fmt._("Update payment method"), "payment_methods.index")
    for method in facts.methods:
        if method.id not in used:
            continue
        expiry = expiry_of(method, facts.now)
        label = method_label(method, fmt, facts.now)
        if expiry is Expiry.EXPIRED:
            return Notice(
                "critical", fmt._("%(card)s has expired", card=label.text), fmt._("The next payment will fail."), *link
            )
        if expiry is Expiry.SOON:
            return Notice("caution", fmt._("%(card)s expires soon", card=label.text), label.detail, *link)
    if billed and used <= {None}:
        return Notice(
            "caution",
            fmt._("No payment method is saved"),
            fmt._("Add one so that the next bill can be paid."),
            fmt._("Add a payment method"),
            "payment_methods.index",
        )
    return None


def next_charge_part(
    subscription: Subscription,
    preview: Invoice | None,
    fmt: Formatter,
    *,
    tax_ids: Sequence[TaxId] = (),
    tax_notice: Notice | None = None,
) -> NextChargePart:
    """The next bill in words; `preview` None when Stripe could not tell. `tax_ids`: where the charge is reversed. `tax_notice`:
    where an address is missing.
    """
    on = rules.next_bill_on(subscription)
    date = fmt.date(on)
    if preview is None:
        return NextChargePart(subscription.id, "", date, "", (), fmt._("The amount is not known at the moment."))
    amount = fmt.money(Money(preview.amount_due, preview.currency))
    rows: tuple[SumRow, ...] = ()
    if len(preview.lines.data) > 1 or preview.starting_balance or preview.total_discount_amounts:
        rows = tuple(
            SumRow(
                line.description or fmt._("Item"),
                fmt.money(Money(line.amount, line.currency)),
                is_credit=line.amount < 0,
            )
            for line in preview.lines.data
        )
        off = sum(d.amount for d in preview.total_discount_amounts or ())
        if off:
            rows += (SumRow(fmt._("Discount"), fmt.money(Money(-off, preview.currency)), is_credit=True),)
        added = sum(t.amount for t in preview.total_taxes or () if t.tax_behavior == "exclusive")
        if added:
            rows += (SumRow(fmt._("Tax"), fmt.money(Money(added, preview.currency))),)
        used = preview.amount_due - preview.total
        if used:
            label = fmt._("Credit from your account") if used < 0 else fmt._("Carried over")
            rows += (SumRow(label, fmt.money(Money(used, preview.currency)), is_credit=used < 0),)
    sends = not rules.charges_automatically(subscription)
    sentence = (
        fmt._("You get an invoice over %(amount)s on %(date)s.", amount=amount, date=date)
        if sends
        else fmt._("You pay %(amount)s on %(date)s.", amount=amount, date=date)
    )
    return NextChargePart(
        subscription.id,
        amount,
        date,
        sentence,
        rows,
        tax_notes=tax_sentences(preview, fmt, tax_ids),
        tax_notice=tax_notice,
    )
