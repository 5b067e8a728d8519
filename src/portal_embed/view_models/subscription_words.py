"""A subscription in words: its state, what comes next, and why something cannot be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing import subscriptions as rules
from portal_embed.billing.schedules import next_phase
from portal_embed.billing.stripe.objects import Product, id_of
from portal_embed.billing.subscriptions import State
from portal_embed.view_models.shared import Badge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.stripe.objects import Price, Subscription
    from portal_embed.i18n.formatting import Formatter


def price_name(price: Price, products: Mapping[str, Product], fmt: Formatter) -> str:
    """What the customer calls what a price sells."""
    product = price.product if isinstance(price.product, Product) else products.get(rules.product_of(price) or "")
    return (product.name if product is not None else "") or price.nickname or fmt._("Plan")


def subscription_name(subscription: Subscription, products: Mapping[str, Product], fmt: Formatter) -> str:
    """What the customer calls a subscription: its products, each once."""
    names = [price_name(item.price, products, fmt) for item in subscription.items.data]
    return fmt.listing(list(dict.fromkeys(names))) or fmt._("Subscription")


def state_badge(subscription: Subscription, fmt: Formatter) -> Badge:
    """The state in a word or two."""
    ends = rules.ends_at(subscription)
    trial_end = subscription.trial_end or rules.period_end(subscription)
    state = rules.state_of(subscription)
    if state is State.TRIAL:
        return Badge(fmt._("Trial until %(date)s", date=fmt.date(trial_end)), "positive")
    if state is State.CANCELING:
        return Badge(fmt._("Cancels on %(date)s", date=fmt.date(ends or trial_end)), "caution")
    words = {
        State.ACTIVE: Badge(fmt._("Active"), "positive"),
        State.PAST_DUE: Badge(fmt._("Past due"), "critical"),
        State.UNPAID: Badge(fmt._("Unpaid"), "critical"),
        State.INCOMPLETE: Badge(fmt._("Waiting for payment"), "caution"),
        State.PAUSED: Badge(fmt._("Paused"), "neutral"),
        State.COLLECTION_PAUSED: Badge(fmt._("Billing paused"), "neutral"),
        State.ENDED: Badge(fmt._("Canceled"), "neutral"),
    }
    return words.get(state, Badge(subscription.status.replace("_", " ").capitalize(), "neutral"))


def state_sentences(subscription: Subscription, fmt: Formatter) -> tuple[str, ...]:
    """What is true and what comes next, the most important first."""
    state = rules.state_of(subscription)
    ends = rules.ends_at(subscription)
    renews = fmt.date(rules.next_bill_on(subscription))
    if state is State.CANCELING and ends is not None:
        return (
            fmt._("You keep it until %(date)s. After that it ends and you are not charged again.", date=fmt.date(ends)),
        )
    sentences = {
        State.TRIAL: fmt._(
            "Your trial ends on %(date)s. You are not charged before then.",
            date=fmt.date(subscription.trial_end or rules.period_end(subscription)),
        ),
        State.PAST_DUE: fmt._("The last payment failed. Pay the open invoice to keep your subscription."),
        State.UNPAID: fmt._("It is on hold because an invoice is unpaid. Pay the latest invoice to go on."),
        State.INCOMPLETE: fmt._("It starts once its first invoice is paid."),
        State.PAUSED: fmt._("It is paused and you are not charged."),
        State.COLLECTION_PAUSED: fmt._("You are not charged for now."),
    }
    if state in sentences:
        return (sentences[state],)
    if state is State.ACTIVE:
        if rules.charges_automatically(subscription):
            return (fmt._("Renews on %(date)s.", date=renews),)
        return (fmt._("The next invoice is sent on %(date)s.", date=renews),)
    return ()


def planned_sentence(
    subscription: Subscription, products: Mapping[str, Product], names: Mapping[str, str], fmt: Formatter
) -> str:
    """The change that waits for its day: "Changes to Starter on 12 March 2027.", "" for none.

    `names`: what prices are called that the subscription does not have yet, by their ids; "" where one is not known.
    """
    phase = next_phase(subscription)
    if phase is None:
        return ""
    known = {item.price.id: price_name(item.price, products, fmt) for item in subscription.items.data} | dict(names)
    found = [known.get(str(id_of(item.price)), "") for item in phase.items]
    date = fmt.date(phase.start_date)
    if not all(found):
        return fmt._("A change is planned for %(date)s.", date=date)
    parts = [
        fmt._("%(count)s × %(name)s", count=fmt.number(item.quantity), name=name)
        if item.quantity is not None and item.quantity > 1
        else name
        for item, name in zip(phase.items, found, strict=True)
    ]
    return fmt._("Changes to %(plan)s on %(date)s.", plan=fmt.listing(list(dict.fromkeys(parts))), date=date)


def why_not_text(reason: str, fmt: Formatter) -> str:
    """Why something cannot be done with a subscription, "" where nothing needs saying: it is switched off, or makes no sense."""
    words = {
        "canceling": fmt._("It is going to end. Keep your plan first, then you can change it."),
        "payment_due": fmt._("Pay the open invoice first, then you can change your plan."),
        "paused": fmt._("It is paused. It can be changed once it runs again."),
        "scheduled": fmt._("A change is already planned for this subscription."),
        "planned": fmt._("A change is already planned for this subscription."),
        "waiting": fmt._("A change waits for its payment. Finish it first, or drop it."),
        "no_items": fmt._("Contact us to change it."),
        "managed": fmt._("Contact us to change it."),
        "trial": fmt._("This can be done once your trial is over."),
        "mixed_intervals": fmt._("Its parts are billed at different intervals, so there is no one date to wait for."),
        "invoiced": fmt._("You pay it by invoice. Contact us to change that."),
        "prepaid": fmt._("It is paid ahead. You can change it in the last period that you have paid for."),
        "not_prepayable": fmt._("It cannot be paid ahead."),
        "no_plans": fmt._("There is no other plan to change to."),
        "unknown_state": fmt._("It cannot be changed at the moment."),
    }
    return words.get(reason, "")
