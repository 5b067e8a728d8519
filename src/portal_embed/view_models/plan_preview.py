"""Changing a plan: exactly what it costs, and when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from portal_embed.billing.changes import interval_of
from portal_embed.billing.days import day_of
from portal_embed.billing.discounts import ends_after
from portal_embed.billing.money import Money
from portal_embed.billing.schedules import next_phase
from portal_embed.billing.stripe.objects import Coupon, Discount
from portal_embed.billing.subscriptions import charges_automatically, is_metered, period_end
from portal_embed.view_models.bill_rows import due_rows
from portal_embed.view_models.discounts import lasting_text
from portal_embed.view_models.shared import MethodLabel, Notice, SumRow
from portal_embed.view_models.tax_words import tax_sentences
from portal_embed.view_models.wording import includes_texts, method_label, price_text, recurring_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal_embed.billing.changes import Choice, Choosing
    from portal_embed.billing.plan_quotes import Quote
    from portal_embed.billing.stripe.objects import Invoice, Subscription, TaxId
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class PlanPreview:
    """Exactly what a change costs, from Stripe's own preview.

    `due_now` "$13.40" is the largest thing on the page, under the words `due_label` "Due now"; `due_now_sentence` says it in
    words. `rows`: what it is made of. `later_title` "Your bill on 12 March 2027" and `later_rows`: the first bill with the
    difference in it, where none is due now; "" and empty for none. `next_rows`: what comes next and when. `price_id`, `quantity`,
    `proration_date` (unix seconds), `amount_due` and `total` (minor units) go back in the confirming form, so that what is charged,
    or kept as credit, is what was shown.
    `button` "Pay $13.40 and change plan". `changed_notice`: set when the sum moved since it was shown.
    `said`: the whole choice in one line; it goes back too, so that nothing else is confirmed.
    `subscription_id`: whose plan it is. `plan_name`, `price` and `includes`: what is changed to. `sentences`: what else to know,
    none or a few. `fields`: the choice beside price and quantity, name and value, for a form without questions. `changes`: what
    becomes different, where that is more than the plan. `tax_notice`: an address is wanted first, so that there is nothing to
    confirm yet; None otherwise. `needs_method`: so is a payment method, and `may_add_method` says whether this session can add one;
    `back`: the address of this choice, for who comes back with it.
    """

    subscription_id: str
    plan_name: str
    price: str
    due_label: str
    due_now: str
    due_now_sentence: str
    rows: tuple[SumRow, ...]
    next_rows: tuple[SumRow, ...]
    method: MethodLabel | None
    button: str
    price_id: str
    quantity: int
    proration_date: int
    amount_due: int
    said: str
    total: int = 0
    sentences: tuple[str, ...] = ()
    changed_notice: Notice | None = None
    fields: tuple[tuple[str, str], ...] = ()
    changes: tuple[str, ...] = ()
    tax_notice: Notice | None = None
    later_title: str = ""
    later_rows: tuple[SumRow, ...] = ()
    includes: tuple[str, ...] = ()
    needs_method: bool = False
    may_add_method: bool = False
    back: str = ""


def plan_preview(
    quote: Quote,
    fmt: Formatter,
    *,
    now: int,
    moved: bool = False,
    tax_ids: Sequence[TaxId] = (),
    tax_notice: Notice | None = None,
    may_add_method: bool = False,
    back: str = "",
) -> PlanPreview:
    """What a change costs, in words. `moved`: the sum is not the one shown before; say so. `now`: unix seconds. `tax_ids`: the
    customer's, where the charge is reversed. `tax_notice`: asks for the address that the tax needs. `may_add_method`: this session
    may; `back`: the address of the choice.
    """
    state, choice, subscription = quote.choosing, quote.choice, quote.choosing.subscription
    price, currency = choice.price, subscription.currency
    name = choice.offer.name if choice.offer is not None else ""

    def money(amount: int) -> str:
        return fmt.money(Money(amount, currency))

    due, is_charged = money(quote.amount_due), charges_automatically(subscription)
    due_label = fmt._("Due now") if is_charged else fmt._("Invoiced now")
    return PlanPreview(
        subscription_id=quote.choosing.subscription.id,
        plan_name=name or fmt._("Plan"),
        price=price_text(price, choice.quantity, fmt, alone=False),
        due_now=due,
        due_now_sentence=_due_sentence(quote, fmt, due),
        due_label=due_label,
        rows=due_rows(quote.due_now, fmt, label=due_label) if quote.due_now is not None else (),
        later_title=fmt._("Your bill on %(date)s", date=fmt.date(quote.later_on))
        if quote.due_later is not None
        else "",
        later_rows=_later_rows(quote, fmt),
        next_rows=_next_rows(quote, fmt),
        method=method_label(quote.method, fmt, now) if quote.method is not None and is_charged else None,
        button=_button(quote, fmt, due),
        price_id=price.id,
        quantity=choice.quantity or 0,
        proration_date=quote.proration_date,
        amount_due=quote.amount_due,
        said=choice_said(state, choice, fmt),
        total=quote.total,
        sentences=_remarks(quote, fmt, tax_ids),
        changed_notice=Notice(
            "caution",
            fmt._("The amount has changed since you last saw it"),
            fmt._("Nothing was charged. Please check the new amount."),
        )
        if moved and tax_notice is None
        else None,
        fields=_fields(state, choice, fmt),
        includes=includes_texts(choice.offer, fmt) if choice.offer is not None else (),
        changes=_changes(quote, fmt),
        tax_notice=tax_notice,
        needs_method=quote.method is None and quote.amount_due > 0 and is_charged,
        may_add_method=may_add_method,
        back=back,
    )


def choice_said(state: Choosing, choice: Choice, fmt: Formatter) -> str:
    """The whole choice in one line: the same for two that are the same."""
    first = (("price", choice.price.id), ("quantity", str(choice.quantity or 0)))
    return urlencode((*first, *_fields(state, choice, fmt)))


def _fields(state: Choosing, choice: Choice, fmt: Formatter) -> tuple[tuple[str, str], ...]:
    """What the choice is beside price and quantity, as a form would ask for it."""
    subscription = state.subscription
    return (
        *((("item", state.item.id),) if len(subscription.items.data) > 1 else ()),
        *((f"add_on.{id}", str(count)) for id, count in choice.add_ons.items()),
        *_code_fields(choice),
        *_effect_fields(state, choice, fmt),
        *((("trial", "end" if choice.ends_trial else "keep"),) if subscription.status == "trialing" else ()),
    )


def _code_fields(choice: Choice) -> tuple[tuple[str, str], ...]:
    """The promotion code that goes along; a coupon comes by the host's own link."""
    return (choice.discount,) if choice.discount is not None and choice.discount[0] == "promotion_code" else ()


def _effect_fields(state: Choosing, choice: Choice, fmt: Formatter) -> tuple[tuple[str, str], ...]:
    """When it takes effect, as the page said."""
    begins, ends = choice.begins, period_end(state.subscription)
    if begins is None or begins >= ends:
        return (("takes_effect", "now" if begins is None else "at_period_end"),)
    return (("takes_effect", "on_date"), ("takes_effect_on", day_of(begins, fmt.timezone).isoformat()))


def _button(quote: Quote, fmt: Formatter, due: str) -> str:
    if quote.choice.begins is not None:
        return fmt._("Change on %(date)s", date=fmt.date(quote.choice.begins))
    if quote.amount_due > 0 and charges_automatically(quote.choosing.subscription):
        return fmt._("Pay %(amount)s and change plan", amount=due)
    return fmt._("Change plan")


def _later_rows(quote: Quote, fmt: Formatter) -> tuple[SumRow, ...]:
    """The first bill with the difference in it. What is billed by use until then is not known yet."""
    if quote.due_later is None:
        return ()
    state = quote.choosing
    label = fmt._("Due on that day") if charges_automatically(state.subscription) else fmt._("Total")
    *rows, last = due_rows(quote.due_later, fmt, label=label)
    prices = [line.price for line in state.lines(quote.choice)] if quote.later_on != quote.choice.begins else []
    is_used = (quote.is_deferred and _ends_metered(quote)) or any(is_metered(price) for price in prices)
    return (*rows, replace(last, detail=fmt._("plus what you use until then")) if is_used else last)


def _ends_metered(quote: Quote) -> bool:
    """Whether something whose use so far is still billed then has another price, or goes. In classic billing mode Stripe lets that
    use be (Stripe docs, "Compare billing modes").
    """
    if quote.choosing.subscription.billing_mode.type == "classic":
        return False
    stays = {(line.item, line.price.id) for line in quote.choosing.lines(quote.choice)}
    items = quote.choosing.subscription.items.data
    return any(is_metered(item.price) and (item.id, item.price.id) not in stays for item in items)


def _next_rows(quote: Quote, fmt: Formatter) -> tuple[SumRow, ...]:
    """What comes then. With several intervals there is no "a month", nor with a discount for one bill: then the next bill alone is
    said.
    """
    each, choice = quote.each, quote.choice
    label = fmt._("From %(date)s", date=fmt.date(quote.next_on))
    if quote.next_on and all(is_metered(line.price) for line in quote.choosing.lines(choice)):
        return (SumRow(label, fmt._("What you use")),)
    if each is None:
        return ()
    amount = fmt.money(Money(each, quote.choosing.subscription.currency))
    rhythms = {interval_of(line.price) for line in quote.choosing.lines(choice)}
    is_once, until = _lasting(quote)
    is_alike = len(rhythms) == 1 and not is_once and not quote.is_next_bill_alone
    text = recurring_text(amount, choice.price, fmt) if is_alike else amount
    metered = any(is_metered(line.price) for line in quote.choosing.lines(choice))
    details = (
        fmt._("plus what you use") if metered else "",
        lasting_text(fmt, is_once=is_once, until=until),
    )
    return (SumRow(label, text, fmt.listing([detail for detail in details if detail])),)


def _lasting(quote: Quote) -> tuple[bool, int | None]:
    """Whether a discount lowers only the bill that comes next, and when the first of those ends that lower it (unix seconds), None
    where none does.
    """
    recurring, state, choice = quote.recurring, quote.choosing, quote.choice
    if recurring is None or not any(off.amount for off in recurring.total_discount_amounts or ()):
        return False, None
    own = state.subscription.discounts or ((state.theirs,) if choice.discount is None else ())
    held = [found for found in own if isinstance(found, Discount)]
    coupons = [one for one in (*(found.source.coupon for found in held), choice.coupon) if isinstance(one, Coupon)]
    chosen_ends = ends_after(choice.coupon, choice.begins or quote.proration_date) if choice.coupon else None
    ends = [end for end in (*(found.end for found in held), chosen_ends) if end is not None and end > quote.next_on]
    is_once = quote.first_bill is recurring and any(coupon.duration == "once" for coupon in coupons)
    return is_once, min(ends, default=None)


def _changes(quote: Quote, fmt: Formatter) -> tuple[str, ...]:
    """What is added, taken out, or had in another number beside the plan."""
    state = quote.choosing
    before = {offer.price.id: state.count_of(offer) for offer in state.add_ons}
    found = []
    for offer in state.add_ons:
        old, new = before[offer.price.id], quote.choice.add_ons.get(offer.price.id, 0)
        if old == new:
            continue
        words = {
            (True, False): fmt._(
                "%(name)s is added: %(price)s", name=offer.name, price=price_text(offer.price, new, fmt)
            ),
            (False, True): fmt._("%(name)s is removed", name=offer.name),
        }
        several = fmt._(
            "%(name)s: %(new)s instead of %(old)s", name=offer.name, new=fmt.number(new), old=fmt.number(old)
        )
        found.append(words.get((old == 0, new == 0), several))
    return tuple(found)


def _due_sentence(quote: Quote, fmt: Formatter, due: str) -> str:
    if quote.due_now is not None:
        return _now_sentence(quote, quote.due_now, fmt, due)
    if quote.choice.begins is not None:
        begins = fmt.date(quote.choice.begins)
        return fmt._("You pay nothing today and keep what you have until %(date)s. Then it changes.", date=begins)
    if quote.later_on:
        later_on = fmt.date(quote.later_on)
        return fmt._("You pay nothing today. The difference goes onto your bill of %(date)s.", date=later_on)
    if quote.is_next_bill_alone or not quote.next_on:
        return fmt._("You pay nothing today.")
    next_on = fmt.date(quote.next_on)
    return fmt._("You pay nothing today. The new price counts from %(date)s.", date=next_on)


def _now_sentence(quote: Quote, bill: Invoice, fmt: Formatter, due: str) -> str:
    """What is due at once; until when it pays only where that is one day for all of it."""
    if bill.total < 0:
        credit = fmt.money(Money(-bill.total, bill.currency))
        return fmt._(
            "You pay nothing today. %(amount)s is kept as credit and taken off your next bills.", amount=credit
        )
    if quote.amount_due == 0:
        return fmt._("You pay nothing today.")
    until = fmt.date(quote.paid_until) if quote.paid_until is not None else ""
    if not charges_automatically(quote.choosing.subscription):
        if not until:
            return fmt._("You get an invoice for %(amount)s.", amount=due)
        return fmt._("You get an invoice for %(amount)s for the time until %(date)s.", amount=due, date=until)
    if not until:
        return fmt._("You pay %(amount)s today.", amount=due)
    return fmt._("You pay %(amount)s today for the time until %(date)s.", amount=due, date=until)


def invoice_words(subscription: Subscription, fmt: Formatter) -> str:
    """How an invoice that is sent is paid, and until when."""
    days = subscription.days_until_due
    if not days:
        return fmt._("The invoice is sent by email.")
    return fmt.n(
        "The invoice is sent by email, and you have one day to pay it.",
        "The invoice is sent by email, and you have %(count)s days to pay it.",
        days,
    )


def _remarks(quote: Quote, fmt: Formatter, tax_ids: Sequence[TaxId]) -> tuple[str, ...]:
    subscription = quote.choosing.subscription
    remarks = []
    if quote.amount_due > 0 and not charges_automatically(subscription):
        remarks.append(invoice_words(subscription, fmt))
    if subscription.status == "trialing":
        remarks.append(fmt._("Your trial goes on.") if quote.due_now is None else fmt._("Your trial ends today."))
    if _ends_metered(quote):
        remarks.append(
            fmt._("What you use until then is still billed at its old price.")
            if quote.is_deferred
            else fmt._("What you have used so far is still billed at its old price.")
        )
    if not quote.is_deferred and next_phase(subscription) is not None:
        remarks.append(fmt._("The change that was planned before is dropped."))
    invoice = quote.first_bill
    return (*remarks, *(tax_sentences(invoice, fmt, tax_ids) if invoice is not None else ()))
