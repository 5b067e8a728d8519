"""A subscription in words: its state, what comes next, and why something cannot be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing import subscriptions as rules
from portal_embed.billing.money import Money
from portal_embed.billing.schedules import Planned, next_phase, planned
from portal_embed.billing.stripe.objects import Product, id_of
from portal_embed.billing.subscriptions import State
from portal_embed.view_models.pause_words import pause_badge, pause_sentences
from portal_embed.view_models.shared import Badge
from portal_embed.view_models.wording import interval_heading, price_text, recurring_text, stepped_text, unit_price_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal_embed.billing.stripe.objects import Customer, Price, Subscription, SubscriptionItem
    from portal_embed.i18n.formatting import Formatter


def price_name(price: Price, products: Mapping[str, Product], fmt: Formatter) -> str:
    """What the customer calls what a price sells."""
    product = price.product if isinstance(price.product, Product) else products.get(rules.product_of(price) or "")
    return (product.name if product is not None else "") or price.nickname or fmt._("Plan")


def product_unit(price: Price, products: Mapping[str, Product]) -> str:
    """The product's word for one of what a price sells, "" for none."""
    product = price.product if isinstance(price.product, Product) else products.get(rules.product_of(price) or "")
    return (product.unit_label or "") if product is not None else ""


def item_price(item: SubscriptionItem, products: Mapping[str, Product], fmt: Formatter, *, alone: bool = True) -> str:
    """What an item costs by its list price: "$12.00 a month × 5 seats". `alone`: as of `price_text`."""
    return price_text(item.price, item.quantity, fmt, unit=product_unit(item.price, products), alone=alone)


def subscription_name(subscription: Subscription, products: Mapping[str, Product], fmt: Formatter) -> str:
    """What the customer calls a subscription: its products, each once."""
    names = [price_name(item.price, products, fmt) for item in subscription.items.data]
    return fmt.listing(list(dict.fromkeys(names))) or fmt._("Subscription")


def contents_text(subscription: Subscription, products: Mapping[str, Product], fmt: Formatter) -> str:
    """The same with how many there are of each: "Scale × 3 and Storage pack × 2"."""
    found = []
    for item in subscription.items.data:
        name = price_name(item.price, products, fmt)
        several = fmt._("%(name)s × %(count)s", name=name, count=fmt.number(item.quantity or 1))
        found.append(several if (item.quantity or 1) > 1 else name)
    return fmt.listing(list(dict.fromkeys(found))) or fmt._("Subscription")


def state_badge(subscription: Subscription, fmt: Formatter) -> Badge:
    """The state in a word or two."""
    ends = rules.ends_at(subscription)
    trial_end = subscription.trial_end or rules.period_end(subscription)
    state = rules.state_of(subscription)
    if state is State.TRIAL:
        return Badge(fmt._("Trial until %(date)s", date=fmt.date(trial_end)), "positive")
    if state is State.CANCELING:
        return Badge(fmt._("Cancels on %(date)s", date=fmt.date(ends or trial_end)), "caution")
    if state in {State.PAUSED, State.COLLECTION_PAUSED}:
        return pause_badge(subscription, fmt)
    words = {
        State.ACTIVE: Badge(fmt._("Active"), "positive"),
        State.PAST_DUE: Badge(fmt._("Past due"), "critical"),
        State.UNPAID: Badge(fmt._("Unpaid"), "critical"),
        State.INCOMPLETE: Badge(fmt._("Waiting for payment"), "caution"),
        State.ENDED: Badge(fmt._("Canceled"), "neutral"),
    }
    return words.get(state, Badge(subscription.status.replace("_", " ").capitalize(), "neutral"))


def state_sentences(subscription: Subscription, fmt: Formatter) -> tuple[str, ...]:
    """What is true and what comes next, the most important first."""
    state = rules.state_of(subscription)
    ends = rules.ends_at(subscription)
    renews_at = rules.next_bill_on(subscription)
    renews, planned_end = fmt.date(renews_at), rules.schedule_ends_at(subscription)
    if (
        state is State.CANCELING
        and ends is not None
        and (rules.has_next_charge(subscription) or rules.has_metered(subscription))
    ):
        used = fmt._("What you use until then is billed at the end.") if rules.has_metered(subscription) else ""
        return tuple(s for s in (fmt._("You keep it until %(date)s. Then it ends.", date=fmt.date(ends)), used) if s)
    if state is State.CANCELING and ends is not None:
        return (
            fmt._("You keep it until %(date)s. After that it ends and you are not charged again.", date=fmt.date(ends)),
        )
    sentences = {
        State.TRIAL: fmt._(
            "Your trial ends on %(date)s. You are not charged before then.",
            date=fmt.date(subscription.trial_end or rules.period_end(subscription)),
        ),
        State.PAST_DUE: fmt._("The last payment failed. Pay the open invoice to keep your subscription.")
        if ends is None
        else fmt._("The last payment failed, and its invoice is still to be paid."),
        State.UNPAID: fmt._("It is on hold because an invoice is unpaid. Pay the latest invoice to go on."),
        State.INCOMPLETE: fmt._("It starts once its first invoice is paid."),
    }
    if state in {State.PAUSED, State.COLLECTION_PAUSED}:
        return pause_sentences(subscription, fmt)
    if state is State.TRIAL:
        return sentences[state], *pause_sentences(subscription, fmt)
    if state in sentences:
        return (sentences[state],)
    if state is State.ACTIVE and (planned_end is None or planned_end > renews_at):
        if rules.charges_automatically(subscription):
            return (fmt._("Renews on %(date)s.", date=renews),)
        return (fmt._("The next invoice is sent on %(date)s.", date=renews),)
    return ()


def no_method_text(subscription: Subscription, customer: Customer, fmt: Formatter) -> str:
    """What follows from no payment method being saved, and what to do."""
    lapses = rules.lapses_without_method(subscription, customer)
    if lapses is None:
        return fmt._("No payment method is saved. Add one so that the next bill can be paid.")
    ends = fmt.date(subscription.trial_end or rules.period_end(subscription))
    return f"{without_method_text(lapses, ends, fmt)} {fmt._('Add one to keep your plan.')}"


def without_method_text(then: str, date: str, fmt: Formatter) -> str:
    """What a trial comes to on that day without a payment method. `then`: Stripe's word, "cancel", "pause" or "create_invoice"."""
    words = {
        "cancel": fmt._("Without a payment method it ends on %(date)s, and nothing is charged.", date=date),
        "pause": fmt._("Without a payment method it is paused on %(date)s, and nothing is charged.", date=date),
    }
    return words.get(then) or fmt._("Without a payment method you have to pay an invoice on %(date)s.", date=date)


def why_not_text(reason: str, fmt: Formatter) -> str:
    """Why something cannot be done with a subscription, "" where nothing needs saying: it is switched off, or makes no sense."""
    words = {
        "canceling": fmt._("It is going to end. Keep your plan first, then you can change it."),
        "payment_due": fmt._("Pay the open invoice first, then you can change your plan."),
        "paused": fmt._("It is paused. It can be changed once it runs again."),
        "scheduled": fmt._("A change is already planned for this subscription."),
        "planned": fmt._("A change is already planned for this subscription."),
        "waiting": fmt._("A change waits for its payment. Finish it first, or drop it."),
        "several_items": fmt._("It had several parts. Contact us to start it again."),
        "no_items": fmt._("Contact us to change it."),
        "managed": fmt._("Contact us to change it."),
        "trial": fmt._("This can be done once your trial is over."),
        "mixed_intervals": fmt._("Its parts are billed at different intervals, so there is no one date to wait for."),
        "invoiced": fmt._("You pay it by invoice. Contact us to change that."),
        "prepaid": fmt._("It is paid ahead. You can change it in the last period that you have paid for."),
        "not_prepayable": fmt._("It cannot be paid ahead."),
        "no_plans": fmt._("There is no other plan to change to."),
        "has_plan": fmt._("You have a plan already. Change it instead."),
        "start_waits": fmt._("A plan waits for its first payment. Finish it on the overview, or start over there."),
        "unknown_state": fmt._("It cannot be changed at the moment."),
    }
    return words.get(reason, "")


def planned_sentence(
    subscription: Subscription, prices: Mapping[str, Price], products: Mapping[str, Product], fmt: Formatter
) -> str:
    """The change that is planned: "Changes to Basic on 12 March 2027. Its price is then $9.00 a month."; "" for none, and for a
    pause, which has its own words.

    `prices`: those of the planned phase, by id.
    """
    phase = next_phase(subscription)
    if phase is None or planned(subscription) is Planned.PAUSE:
        return ""
    date = fmt.date(phase.start_date)
    found = [(prices.get(str(id_of(item.price))), item.quantity) for item in phase.items]
    known = [(price, quantity) for price, quantity in found if price is not None]
    if len(known) < len(found) or not known:
        return fmt._("Changes on %(date)s.", date=date)
    name = fmt.listing(list(dict.fromkeys(price_name(price, products, fmt) for price, _ in known)))
    price = _price_of_all(known, fmt)
    if len(known) == 1 and name == subscription_name(subscription, products, fmt):
        return fmt._(
            "Changes to %(plan)s on %(date)s.",
            plan=price_text(*known[0], fmt, unit=product_unit(known[0][0], products)),
            date=date,
        )
    if name != subscription_name(subscription, products, fmt):
        changes = fmt._("Changes to %(plan)s on %(date)s.", plan=name, date=date)
    else:
        changes = fmt._("Changes on %(date)s.", date=date)
    return f"{changes} {fmt._('Its price is then %(price)s.', price=price)}" if price else changes


def _price_of_all(parts: Sequence[tuple[Price, int | None]], fmt: Formatter) -> str:
    """The price of one part with its number, of several their sum by the list; "" where that cannot be said."""
    first = parts[0][0]
    if len(parts) == 1:
        return price_text(*parts[0], fmt) if unit_price_text(first, fmt) or stepped_text(*parts[0], fmt) else ""
    total, rhythms = rules.listed_total(parts), {interval_heading(price, fmt) for price, _ in parts}
    return recurring_text(fmt.money(Money(total, first.currency)), first, fmt) if total and len(rhythms) == 1 else ""


def end_sentence(subscription: Subscription, fmt: Formatter) -> str:
    """That it is going to end, by a cancellation or by the merchant's schedule; "" where it is not, or its state says so."""
    set_end, planned_end = rules.ends_at(subscription), rules.schedule_ends_at(subscription)
    if rules.state_of(subscription) is State.CANCELING or (set_end is None and planned_end is None):
        return ""
    ends = set_end or planned_end or 0
    if set_end is not None or subscription.status != "active":
        return fmt._("It ends on %(date)s.", date=fmt.date(ends))
    if ends <= rules.next_bill_on(subscription):
        return fmt._("It ends on %(date)s, and you are not charged again.", date=fmt.date(ends))
    return fmt._("It ends on %(date)s.", date=fmt.date(ends))


def waiting_sentence(subscription: Subscription, products: Mapping[str, Product], fmt: Formatter) -> str:
    """The change that waits for its payment, in a sentence; "" for none."""
    waiting = subscription.pending_update
    if waiting is None:
        return ""
    items = waiting.subscription_items or ()
    name = fmt.listing(list(dict.fromkeys(price_name(item.price, products, fmt) for item in items)))
    if not name:
        return fmt._("A change waits for its payment.")
    if name == subscription_name(subscription, products, fmt):
        name = item_price(items[0], products, fmt) if len(items) == 1 else name
    return fmt._("Changes to %(plan)s once it is paid.", plan=name)


def ended_sentence(subscription: Subscription, fmt: Formatter) -> str:
    """Why it ended, "" where nobody said."""
    if subscription.status == "incomplete_expired":
        return fmt._("Its first invoice was not paid in time, so it never began.")
    reason = subscription.cancellation_details.reason if subscription.cancellation_details is not None else None
    words = {
        "cancellation_requested": fmt._("It was canceled on request."),
        "payment_failed": fmt._("Its invoice was not paid, so it was ended."),
        "payment_disputed": fmt._("A payment was disputed at the bank, so it was ended."),
    }
    return words.get(reason or "", "")
