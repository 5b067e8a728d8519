"""Discounts in words: those in force, a promotion code that may be used, and what taking one off means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.discounts import held_by_customer, in_force
from portal_embed.billing.money import Money
from portal_embed.billing.promotions import LONGEST_CODE
from portal_embed.billing.subscriptions import period_end
from portal_embed.view_models.fields import Field, errors_of
from portal_embed.view_models.shared import Notice, SumRow
from portal_embed.view_models.subscription_words import price_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.discounts import InForce, Named, NextBill
    from portal_embed.billing.promotions import CodeRefusal, Promotion
    from portal_embed.billing.stripe.objects import Coupon, Customer, Discount, Invoice, Product, Subscription
    from portal_embed.i18n.formatting import Formatter


@dataclass(frozen=True)
class DiscountLine:
    """A discount in force. `text`: "20% off with SPRING20 until 3 May 2027". `removal_spoken` names what the short "Remove" is
    about, "" when it may not be taken off. `id`: Stripe's, for addresses.
    """

    id: str
    text: str
    removal_spoken: str = ""


@dataclass(frozen=True)
class CodeField:
    """A promotion code for a change or a start. `value`: the one that is taken, "" for none; `gives`: what it gives and for how
    long; `instead`: the customer's own discount that it takes the place of, "" for none; `error`: why the one that was typed is not
    taken, "" for nothing.
    """

    value: str = ""
    gives: str = ""
    error: str = ""
    instead: str = ""


@dataclass(frozen=True)
class PromotionOffer:
    """A code that may be used. `promotion_code`: what the form that uses it sends; `code` as its maker wrote it.

    `title`: what it gives. `rows`: the next bill without and with it, empty where Stripe could not tell; `bill_title` stands
    above them. `note`: what else to know, "" for nothing. `button` uses it.
    """

    promotion_code: str
    code: str
    title: str
    bill_title: str
    rows: tuple[SumRow, ...]
    note: str
    button: str


@dataclass(frozen=True)
class PromotionCodePage:
    """Typing a code, then seeing what it does. `subscription_id` and `name`: of what it lowers. `discounts`: in force already.

    `offer`: once a code was found. `tax_notice`: set where the tax of the next bill cannot be worked out for want of an address.
    `errors`: pairs of a field's id and its sentence.
    """

    subscription_id: str
    name: str
    field: Field
    discounts: tuple[DiscountLine, ...]
    offer: PromotionOffer | None = None
    tax_notice: Notice | None = None

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """What the summary lists."""
        return errors_of((self.field,))


@dataclass(frozen=True)
class RemoveDiscountPage:
    """Asks once before a discount is gone. `sentences`: what follows from it; `rows`: the next bill with and without it, empty
    where Stripe could not tell; `bill_title` stands above them. `subscription_id` and `name`: of what it lowers.
    `tax_notice` as on `PromotionCodePage`.
    """

    discount: DiscountLine
    subscription_id: str
    name: str
    sentences: tuple[str, ...]
    bill_title: str
    rows: tuple[SumRow, ...]
    tax_notice: Notice | None = None


def discount_lines(
    subscription: Subscription,
    named: Named,
    products: Mapping[str, Product],
    fmt: Formatter,
    *,
    now: int,
    may_remove: bool,
    customer: Customer,
) -> tuple[DiscountLine, ...]:
    """The discounts in force. `named`: what those of single items only name. `now`: unix seconds. The `customer`'s own is no
    part of a subscription, and stays.
    """
    return tuple(
        discount_line(found, subscription, products, fmt, may_remove=may_remove and not found.is_the_customers)
        for found in in_force(subscription, named, now, customer)
    )


def discount_line(
    found: InForce, subscription: Subscription, products: Mapping[str, Product], fmt: Formatter, *, may_remove: bool
) -> DiscountLine:
    """One discount, with the part of the subscription that it is for where it is not for all."""
    text = discount_text(found, fmt)
    if found.item is not None and len(subscription.items.data) > 1:
        text = fmt._("%(plan)s: %(discount)s", plan=price_name(found.item.price, products, fmt), discount=text)
    spoken = fmt._("Remove discount: %(discount)s", discount=text) if may_remove else ""
    return DiscountLine(found.discount.id, text, spoken)


def discount_text(found: InForce, fmt: Formatter) -> str:
    """What it takes off, by which code, and until when."""
    coupon, end = found.coupon, found.discount.end
    if coupon is None:
        return fmt._("A discount until %(date)s", date=fmt.date(end)) if end is not None else fmt._("A discount")
    size = size_text(coupon, fmt)
    if end is not None:
        date = fmt.date(end)
        if found.code:
            return fmt._("%(size)s off with %(code)s until %(date)s", size=size, code=found.code, date=date)
        return fmt._("%(size)s off until %(date)s", size=size, date=date)
    if coupon.duration == "forever":
        if found.code:
            return fmt._("%(size)s off for good with %(code)s", size=size, code=found.code)
        return fmt._("%(size)s off for good", size=size)
    if found.code:
        return fmt._("%(size)s off the next bill with %(code)s", size=size, code=found.code)
    return fmt._("%(size)s off the next bill", size=size)


def instead_text(theirs: InForce, fmt: Formatter) -> str:
    """What a code does to the customer's own discount, which holds only where a subscription has none."""
    return fmt._("While it lasts it holds instead of: %(discount)s.", discount=discount_text(theirs, fmt))


def size_text(coupon: Coupon, fmt: Formatter, currency: str | None = None) -> str:
    """How much a coupon takes off: "20%", "$5.00". `currency`: in which it is asked for, where the coupon has several."""
    if coupon.percent_off is not None:
        return fmt.percent(coupon.percent_off)
    other = (coupon.currency_options or {}).get(currency or "")
    if other is not None and currency is not None and currency != coupon.currency:
        return fmt.money(Money(other.amount_off, currency))
    return fmt.money(Money(coupon.amount_off or 0, coupon.currency or "usd"))


def gives_text(coupon: Coupon, fmt: Formatter, currency: str, *, is_start: bool = False) -> str:
    """What a code gives, and for how long. `currency`: of what it lowers; `is_start`: that has had no bill yet."""
    size = size_text(coupon, fmt, currency)
    if coupon.duration == "forever":
        return fmt._("%(size)s off for good", size=size)
    if coupon.duration == "repeating" and coupon.duration_in_months:
        count = coupon.duration_in_months
        return fmt.n("%(size)s off for one month", "%(size)s off for %(count)s months", count, size=size)
    return (
        fmt._("%(size)s off the first bill", size=size) if is_start else fmt._("%(size)s off the next bill", size=size)
    )


def lasting_text(fmt: Formatter, *, is_once: bool, until: int | None) -> str:
    """For how long a sum has a discount in it, beside that sum: for one bill, or `until` then (unix seconds); "" for good."""
    if is_once:
        return fmt._("with a discount for this one bill")
    return fmt._("with a discount until %(date)s", date=fmt.date(until)) if until is not None else ""


def code_field(
    fmt: Formatter,
    *,
    found: Promotion | None = None,
    currency: str = "",
    instead_of: Discount | None = None,
    refused: CodeRefusal | None = None,
    too_many: bool = False,
    is_start: bool = False,
) -> CodeField:
    """The field for a promotion code: empty, with the one that was `found`, or with why the one that was typed is `refused`.
    `instead_of`: the customer's own discount, which then does not hold. `is_start`: of a plan that has had no bill yet.
    """
    if found is not None:
        instead = instead_text(held_by_customer(instead_of, {}), fmt) if instead_of is not None else ""
        return CodeField(found.code.code, gives_text(found.coupon, fmt, currency, is_start=is_start), instead=instead)
    if too_many:
        return CodeField(error=too_many_codes_text(fmt))
    return CodeField(error=code_refused_text(refused, fmt)) if refused is not None else CodeField()


def promotion_code_page(
    subscription: Subscription,
    name: str,
    discounts: tuple[DiscountLine, ...],
    fmt: Formatter,
    *,
    typed: str = "",
    error: str = "",
    offer: PromotionOffer | None = None,
    tax_notice: Notice | None = None,
) -> PromotionCodePage:
    """The field, and what came of it. `error`: why what was typed is not taken, "" for nothing."""
    # A code that was found stands in the offer; the field is for another one.
    label, value = (fmt._("Promotion code"), typed) if offer is None else (fmt._("Another code"), "")
    field = Field("code", label, value, error=error, maxlength=LONGEST_CODE, is_data=True)
    return PromotionCodePage(subscription.id, name, field, discounts, offer, tax_notice)


def promotion_offer(
    promotion: Promotion, bill: NextBill, subscription: Subscription, fmt: Formatter, *, now: int, customer: Customer
) -> PromotionOffer:
    """What a code gives: for how long, and what it makes of the next bill. `now`: unix seconds. Beside a code the `customer`'s own
    discount does not hold.
    """
    code, note = promotion.code.code, ""
    if bill.before is not None and bill.after is not None and bill.before.total == bill.after.total:
        note = fmt._("It does not change your next bill.")
    replaced = next((one for one in in_force(subscription, {}, now, customer) if one.is_the_customers), None)
    if replaced is not None:
        note = " ".join(filter(None, (note, instead_text(replaced, fmt))))
    return PromotionOffer(
        promotion_code=promotion.code.id,
        code=code,
        title=gives_text(promotion.coupon, fmt, subscription.currency),
        bill_title=fmt._("Your next bill on %(date)s", date=fmt.date(period_end(subscription))),
        rows=_bills(
            bill.before, bill.after, fmt._("Without %(code)s", code=code), fmt._("With %(code)s", code=code), fmt
        ),
        note=note,
        button=fmt._("Use %(code)s", code=code),
    )


def remove_discount_page(
    found: InForce,
    bill: NextBill,
    subscription: Subscription,
    name: str,
    line: DiscountLine,
    fmt: Formatter,
    *,
    tax_notice: Notice | None = None,
) -> RemoveDiscountPage:
    """What taking it off means."""
    sentences = [fmt._("This cannot be undone.")]
    if found.code:
        sentences = [fmt._("This cannot be undone: %(code)s may not be accepted again.", code=found.code)]
    return RemoveDiscountPage(
        discount=line,
        subscription_id=subscription.id,
        name=name,
        sentences=tuple(sentences),
        bill_title=fmt._("Your next bill on %(date)s", date=fmt.date(period_end(subscription))),
        rows=_bills(bill.before, bill.after, fmt._("With the discount"), fmt._("Without it"), fmt),
        tax_notice=tax_notice,
    )


def code_refused_text(refusal: CodeRefusal, fmt: Formatter) -> str:
    """Why a code is not taken, in a sentence or two."""
    if refusal.least is not None:
        return fmt._("This code is for plans of %(amount)s and more.", amount=fmt.money(refusal.least))
    words = {
        "on_it": fmt._("This discount is in force already."),
        "currency": fmt._("This code is not for the currency that you pay in."),
        "products": fmt._("This code is not for what you have subscribed to."),
        "first_time": fmt._("This code is for new customers only."),
        "waits": fmt._(
            "This code is for new customers only, and a plan of yours waits for its first payment already. Start over on the "
            "overview, then use the code."
        ),
        "minimum": fmt._("This code is for larger plans."),
        "refused": fmt._("This code cannot be used for this subscription."),
    }
    return words.get(refusal.reason) or fmt._(
        "This code is not valid here. Check its spelling; it may also have ended."
    )


def too_many_codes_text(fmt: Formatter) -> str:
    """After too many wrong ones."""
    return fmt._("Too many codes did not work. Try again in an hour.")


def missing_code_text(fmt: Formatter) -> str:
    """After none."""
    return fmt._("Enter a promotion code")


def _bills(
    before: Invoice | None, after: Invoice | None, label_before: str, label_after: str, fmt: Formatter
) -> tuple[SumRow, ...]:
    """Both totals, before the account's credit: that would hide what the discount does."""
    if before is None or after is None:
        return ()
    return (
        SumRow(label_before, fmt.money(Money(before.total, before.currency))),
        SumRow(label_after, fmt.money(Money(after.total, after.currency)), strong=True),
    )
