"""Starting one plan: what it costs today and later, and what it is paid with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.discounts import ends_after
from portal_embed.billing.money import Money
from portal_embed.billing.starting import holds_later
from portal_embed.billing.subscriptions import is_metered
from portal_embed.view_models.bill_rows import due_rows
from portal_embed.view_models.discounts import lasting_text
from portal_embed.view_models.payments import MethodChoice
from portal_embed.view_models.quantities import QuantityField, quantity_field
from portal_embed.view_models.shared import Notice, SumRow
from portal_embed.view_models.subscription_words import price_name, without_method_text
from portal_embed.view_models.wording import (
    decline_text,
    method_label,
    part_texts,
    price_text,
    recurring_text,
    tier_texts,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.starting import BeginningQuote
    from portal_embed.billing.stripe.objects import Product, Subscription
    from portal_embed.i18n.formatting import Formatter
    from portal_embed.view_models.discounts import CodeField


@dataclass(frozen=True)
class StartPage:
    """Exactly what starting a plan costs, from Stripe's own preview.

    `due_now` "$29.00" is the largest thing on the page; `due_now_sentence` says it in words; `rows`: what it is made of;
    `next_rows`: what comes then and when. `sentences`: what else to know. `carries_over`: what is taken over from the ended plan
    that is started again, and what is not; empty else. `methods`: what it can be paid with, empty where there is nothing, or
    where that is asked elsewhere. `button` "Pay $29.00 and start"; "" where nothing can be confirmed yet. `through_checkout`: the
    button leads to Stripe's page. `price_id`, `count`, `amount_due` and `later` (minor units) go back with it, so that what is
    charged is what was shown. `quantity` None when the plan has none. `may_add_method`: a payment method may be added here.
    `again`: the ended subscription's id, None for none. `code`: the field for a promotion code, None where none is taken;
    `promotion_code`: the id of the one that is taken, which goes back with the sums, "" for none. `plan_name`, `price` and
    `description`: what is started. `tiers`: the steps of its price, if any.
    """

    price_id: str
    plan_name: str
    price: str
    description: str
    quantity: QuantityField | None
    count: int
    due_now: str
    due_now_sentence: str
    rows: tuple[SumRow, ...]
    next_rows: tuple[SumRow, ...]
    sentences: tuple[str, ...]
    carries_over: tuple[str, ...]
    methods: tuple[MethodChoice, ...]
    may_add_method: bool
    button: str
    through_checkout: bool
    amount_due: int
    later: int
    again: str | None = None
    code: CodeField | None = None
    promotion_code: str = ""
    problem: Notice | None = None
    tiers: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """What the summary of errors lists."""
        every = (
            ("portal-quantity", self.quantity.error if self.quantity is not None else ""),
            ("portal-code-field", self.code.error if self.code is not None else ""),
        )
        return tuple((field, error) for field, error in every if error)


@dataclass(frozen=True)
class CheckoutPage:
    """The way to Stripe's page, which the browser goes by itself. `url`: its address; `is_framed`: it takes the frame's place, so
    somebody has to press the link. `plan_name`: what is bought there.
    """

    url: str
    plan_name: str
    is_framed: bool


def start_page(
    quoted: BeginningQuote,
    fmt: Formatter,
    *,
    now: int,
    may_add: bool,
    selected: str | None = None,
    asked: int | None = None,
    code: CodeField | None = None,
    again: Subscription | None = None,
    products: Mapping[str, Product] | None = None,
    problem: Notice | None = None,
) -> StartPage:
    """Starting one plan. `selected`: the method chosen before; `asked`: the number that was typed; `code`: the field for a
    promotion code; `again`: what had ended, of these `products`.
    """
    wanted, terms = quoted.wanted, quoted.shop.terms
    price, currency = wanted.offer.price, quoted.recurring.currency
    through_checkout = terms.through == "checkout"
    known = {method.id for method in quoted.methods}
    chosen = selected if selected in known else quoted.default if quoted.default in known else next(iter(known), None)
    methods = tuple(
        MethodChoice(method_label(method, fmt, now), method.id == quoted.default, method.id == chosen)
        for method in quoted.methods
    )
    due = fmt.money(Money(quoted.amount_due, currency))
    later = fmt.money(Money(quoted.later, currency))
    quantity = quantity_field(wanted.offer, wanted.quantity, asked, fmt)
    may_confirm = bool(through_checkout or methods or quoted.amount_due == 0) and not (quantity and quantity.error)
    return StartPage(
        price_id=price.id,
        plan_name=wanted.offer.name or fmt._("Plan"),
        price=price_text(price, wanted.quantity, fmt, alone=False),
        description=wanted.offer.description,
        tiers=tier_texts(price, fmt),
        quantity=quantity,
        count=wanted.quantity,
        due_now=due,
        due_now_sentence=_due_sentence(quoted, fmt, due),
        rows=due_rows(quoted.due_now, fmt, amount=quoted.amount_due)
        if quoted.amount_due or quoted.due_now.total
        else (),
        next_rows=_next_rows(quoted, fmt, later, now),
        sentences=_sentences(quoted, fmt, has_method=bool(methods)),
        carries_over=_carried_over(
            quoted, again, products or {}, fmt, with_method=selected in known and not through_checkout
        )
        if again is not None
        else (),
        methods=() if through_checkout else methods,
        may_add_method=may_add and not through_checkout,
        button=_button(quoted, fmt, due, through_checkout=through_checkout) if may_confirm else "",
        through_checkout=through_checkout,
        amount_due=quoted.amount_due,
        later=quoted.later,
        again=again.id if again is not None else None,
        code=code,
        promotion_code=wanted.code,
        problem=problem,
    )


def start_declined(code: str, fmt: Formatter) -> Notice:
    """The bank refused the first payment. `code`: see `billing.declines`."""
    title, body = decline_text(code, fmt)
    return Notice(
        "critical", title, fmt._("%(what_to_do)s Nothing was charged. The plan waits for its payment.", what_to_do=body)
    )


def start_needs_method(fmt: Formatter) -> Notice:
    """Something is due, and nothing was chosen to pay it with."""
    return Notice("caution", fmt._("Choose how to pay"), fmt._("Nothing was charged and no plan was started."))


def start_needs_place(fmt: Formatter) -> Notice:
    """The tax depends on where the customer is, and that is not known."""
    return Notice(
        "caution",
        fmt._("We need your billing address first"),
        fmt._("The tax depends on it. Nothing was charged and no plan was started."),
        fmt._("Enter billing address"),
        "billing_addresses.edit",
    )


def _due_sentence(quoted: BeginningQuote, fmt: Formatter, due: str) -> str:
    if quoted.amount_due and quoted.wanted.has_several_intervals:
        return fmt._("You pay %(amount)s today.", amount=due)
    if quoted.amount_due:
        return fmt._("You pay %(amount)s today for the time until %(date)s.", amount=due, date=fmt.date(quoted.next_on))
    if quoted.wanted.trial_days:
        return fmt._("You pay nothing today. Your trial is free until %(date)s.", date=fmt.date(quoted.next_on))
    return fmt._("You pay nothing today.")


def _next_rows(quoted: BeginningQuote, fmt: Formatter, later: str, now: int) -> tuple[SumRow, ...]:
    """What comes then. With several intervals no one sum does: the prices of the parts are said by themselves."""
    if quoted.wanted.has_several_intervals:
        return ()
    offer = quoted.wanted.offer
    label = fmt._("From %(date)s", date=fmt.date(quoted.next_on))
    by_use = [is_metered(price) for price in (offer.price, *offer.includes)]
    if all(by_use):
        return (SumRow(label, fmt._("What you use")),)
    if not quoted.later:
        return ()
    used = fmt._("plus what you use") if any(by_use) else ""
    promotion = quoted.wanted.promotion
    coupon = promotion.coupon if promotion and holds_later(quoted.wanted, now, quoted.next_on) else None
    is_once = coupon is not None and coupon.duration == "once"
    until = ends_after(coupon, now) if coupon is not None else _ends_of_theirs(quoted)
    lasting = lasting_text(fmt, is_once=is_once, until=until)
    text = later if is_once else recurring_text(later, offer.price, fmt)
    return (SumRow(label, text, fmt.listing([detail for detail in (used, lasting) if detail])),)


def _ends_of_theirs(quoted: BeginningQuote) -> int | None:
    """When the customer's own discount ends that is in the sum, unix seconds; None for none, or one for good."""
    is_reduced = any(off.amount for off in quoted.recurring.total_discount_amounts or ())
    theirs = quoted.shop.customer.discount
    return theirs.end if theirs is not None and is_reduced else None


def _sentences(quoted: BeginningQuote, fmt: Formatter, *, has_method: bool) -> tuple[str, ...]:
    parts = fmt.listing(list(part_texts(quoted.wanted.offer, fmt)))
    found = [fmt._("With %(parts)s.", parts=parts)] if parts else []
    if quoted.later:
        found.append(fmt._("It renews by itself until you cancel."))
    if quoted.wanted.trial_days and not has_method and quoted.later:
        ends = fmt.date(quoted.next_on)
        found.append(without_method_text(quoted.shop.terms.missing_payment_method, ends, fmt))
    return tuple(found)


def _button(quoted: BeginningQuote, fmt: Formatter, due: str, *, through_checkout: bool) -> str:
    if through_checkout:
        return fmt._("Continue to checkout")
    if quoted.amount_due:
        return fmt._("Pay %(amount)s and start", amount=due)
    return fmt._("Start trial") if quoted.wanted.trial_days else fmt._("Start plan")


def _carried_over(
    quoted: BeginningQuote,
    again: Subscription,
    products: Mapping[str, Product],
    fmt: Formatter,
    *,
    with_method: bool,
) -> tuple[str, ...]:
    offer, found = quoted.wanted.offer, []
    item = next((item for item in again.items.data if item.price.id == offer.price.id), None)
    if item is not None and item.quantity == quoted.wanted.quantity:
        found.append(
            fmt._("As you had it before: the plan, the number, and how you pay.")
            if with_method
            else fmt._("As you had it before: the plan and the number.")
        )
    stays = {offer.price.id, *(part.id for part in offer.includes)}
    left = [price_name(one.price, products, fmt) for one in again.items.data if one.price.id not in stays]
    if item is not None and left:
        found.append(fmt._("Without %(names)s: that can be added once the plan runs.", names=fmt.listing(left)))
    if again.discounts:
        found.append(fmt._("The discount that you had does not come back."))
    if again.trial_end is not None and not quoted.wanted.trial_days:
        found.append(fmt._("There is no second trial."))
    return tuple(found)
