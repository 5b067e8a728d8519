"""What was just done, worded from what Stripe now says.

An action ends in a redirect whose address names it (`?done=canceled&of=sub_…`). The words come from the state
re-read, never from the address: one that names something that is not so says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing import subscriptions as rules
from portal_embed.billing.discounts import in_force
from portal_embed.billing.endings import Outlook
from portal_embed.billing.money import Money
from portal_embed.billing.pauses import pause_of
from portal_embed.billing.payment_methods import default_of
from portal_embed.billing.schedules import next_phase
from portal_embed.billing.stripe.objects import id_of
from portal_embed.view_models.discounts import discount_text
from portal_embed.view_models.endings import is_over_with_it, last_bill_words, still_billed_words
from portal_embed.view_models.shared import Notice
from portal_embed.view_models.subscription_words import contents_text, subscription_name
from portal_embed.view_models.wording import method_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal_embed.billing.pauses import Pause
    from portal_embed.billing.stripe.objects import Customer, Invoice, PaymentMethod, Product, Subscription
    from portal_embed.i18n.formatting import Formatter


def of_subscription(
    done: str,
    subscription: Subscription,
    products: Mapping[str, Product],
    fmt: Formatter,
    *,
    may_undo: bool = True,
    outlook: Outlook | None = None,
) -> Notice | None:
    """What was done to a subscription; None when it does not bear it out.

    `may_undo`: the customer can keep a canceled plan after all, on a page of this session. `outlook`: what Stripe says is still
    billed of what ends; None where nobody asked.
    """
    name = subscription_name(subscription, products, fmt)
    ends = rules.ends_at(subscription)
    live = rules.is_live(subscription)
    outlook = outlook or Outlook(is_known=False)
    if done in {"paused", "resumed", "stayed", "change_withdrawn"} and live:
        told = _of_pause(done, subscription, name, fmt)
        if told is not None:
            return told
    if done == "canceled" and not live:
        is_over = is_over_with_it(subscription, outlook)
        body = fmt._("You are not charged again.") if is_over else last_bill_words(outlook, fmt)
        return Notice("positive", fmt._("%(plan)s has ended", plan=name), body)
    if done in {"canceled", "end_moved"} and ends is not None:
        title = (
            fmt._("%(plan)s is canceled", plan=name)
            if done == "canceled"
            else fmt._("%(plan)s ends on %(date)s", plan=name, date=fmt.date(ends))
        )
        return Notice("positive", title, _until_it_ends(subscription, ends, outlook, fmt, may_undo=may_undo))
    if done == "kept" and live and ends is None:
        return Notice("positive", fmt._("You keep %(plan)s", plan=name), fmt._("It renews as before."))
    if done == "stayed" and live and ends is None:
        return Notice(
            "positive", fmt._("You keep %(plan)s", plan=name), fmt._("What you were offered is in force now.")
        )
    ahead = rules.billed_ahead_until(subscription)
    if done == "prepaid" and live and ahead is not None:
        date = fmt.date(ahead)
        return Notice(
            "positive", fmt._("Paid until %(date)s", date=date), fmt._("Thank you. It renews as before after that.")
        )
    if done == "changed" and live and subscription.pending_update is None:
        contents = contents_text(subscription, products, fmt)
        return Notice("positive", fmt._("Your plan is now %(plan)s", plan=contents))
    return _of_change(done, subscription, name, fmt) if live else None


def _of_change(done: str, subscription: Subscription, name: str, fmt: Formatter) -> Notice | None:
    """After "change_scheduled", "change_unscheduled", "change_withdrawn"."""
    planned = next_phase(subscription)
    if done == "change_scheduled" and planned is not None:
        body = fmt._("Until %(date)s you keep what you have, and can still undo it.", date=fmt.date(planned.start_date))
        return Notice("positive", fmt._("Your change is planned"), body)
    if done == "change_unscheduled" and planned is None:
        return Notice("neutral", fmt._("The planned change was dropped"), fmt._("You keep %(plan)s.", plan=name))
    if done == "change_withdrawn" and subscription.pending_update is None:
        return Notice(
            "neutral", fmt._("The change was dropped"), fmt._("You keep %(plan)s. Nothing was charged.", plan=name)
        )
    if done == "started":
        return _started(subscription, name, fmt)
    return _of_discounts(done, subscription, fmt)


def _of_discounts(done: str, subscription: Subscription, fmt: Formatter) -> Notice | None:
    newest = [found for found in in_force(subscription, {}, now=0) if found.item is None][-1:]
    if done == "discount_added" and newest:
        return Notice("positive", fmt._("Your discount is in force"), discount_text(newest[0], fmt))
    if done == "discount_removed":
        return Notice("neutral", fmt._("The discount was taken off"), fmt._("Your next bill is without it."))
    return None


def _started(subscription: Subscription, name: str, fmt: Formatter) -> Notice | None:
    if subscription.status not in {"active", "trialing"}:
        return None
    if subscription.status == "trialing" and subscription.trial_end is not None:
        body = fmt._("Your trial is free until %(date)s.", date=fmt.date(subscription.trial_end))
    else:
        body = fmt._("Thank you. It renews on %(date)s.", date=fmt.date(rules.period_end(subscription)))
    return Notice("positive", fmt._("%(plan)s has started", plan=name), body)


def has_one_already(
    subscriptions: Sequence[Subscription], products: Mapping[str, Product], fmt: Formatter
) -> Notice | None:
    """For who wanted to buy what is sold once: which they have; None where they have none."""
    names = [subscription_name(s, products, fmt) for s in subscriptions if rules.is_live(s)]
    if not names:
        return None
    plans = fmt.listing(list(dict.fromkeys(names)))
    return Notice(
        "neutral",
        fmt._("You have %(plans)s already", plans=plans),
        fmt._("There is no need to buy it again. Here you can change it."),
    )


def _until_it_ends(subscription: Subscription, ends: int, outlook: Outlook, fmt: Formatter, *, may_undo: bool) -> str:
    date, undo = fmt.date(ends), fmt._("Changed your mind? “Keep my plan” undoes it until then.") if may_undo else ""
    keeps = (
        fmt._("You keep it until %(date)s and are not charged again.", date=date)
        if is_over_with_it(subscription, outlook)
        else fmt._("You keep it until %(date)s.", date=date)
    )
    return " ".join(part for part in (keeps, still_billed_words(subscription, outlook, ends, fmt), undo) if part)


def _of_pause(done: str, subscription: Subscription, name: str, fmt: Formatter) -> Notice | None:
    """What a deed has to say of a pause: that it runs, that it ended, or that it goes on after all; None for nothing."""
    pause = pause_of(subscription)
    if pause is None:
        if done != "resumed" or subscription.status != "active":
            return None
        next_bill = fmt._("Your next bill comes on %(date)s.", date=fmt.date(rules.period_end(subscription)))
        return Notice("positive", fmt._("%(plan)s runs again", plan=name), next_bill)
    if done == "change_withdrawn" and pause.unpaid is None:
        return Notice("neutral", fmt._("%(plan)s stays paused", plan=name), fmt._("Nothing was charged."))
    if done not in {"paused", "stayed"}:
        return None
    title = fmt._("%(plan)s is paused", plan=name)
    if pause.is_collection:
        title = fmt._("Billing for %(plan)s is paused", plan=name)
    return Notice("positive", title, _until_when(pause, fmt))


def _until_when(pause: Pause, fmt: Formatter) -> str:
    if pause.until is None:
        return fmt._("You are not charged until you resume it.")
    date = fmt.date(pause.until)
    if pause.is_collection:
        return fmt._("Bills before %(date)s are not charged.", date=date)
    return fmt._("You are not charged until %(date)s. Then it goes on by itself.", date=date)


def payment_arrived(
    subscription: Subscription, open_invoices: set[str], products: Mapping[str, Product], fmt: Formatter
) -> Notice | None:
    """After a payment that was on its way; None when it did not arrive. `open_invoices`: the ids of those that are unpaid."""
    latest = id_of(subscription.latest_invoice)
    if subscription.status not in {"active", "trialing"} or latest in open_invoices:
        return None
    if subscription.pending_update is not None:
        return None
    name = subscription_name(subscription, products, fmt)
    return Notice(
        "positive", fmt._("Your payment has arrived"), fmt._("%(plan)s is paid for.", plan=name), is_quiet=True
    )


def of_invoice(done: str, invoice: Invoice, fmt: Formatter) -> Notice | None:
    """After "paid", "arrived" or "payment_unconfirmed"; None when the invoice does not bear it out."""
    if done == "arrived" and invoice.status == "paid":
        amount = fmt.money(Money(invoice.amount_paid, invoice.currency))
        body = fmt._("We received %(amount)s. Thank you.", amount=amount)
        return Notice("positive", fmt._("Your payment has arrived"), body, is_quiet=True)
    if done == "paid" and invoice.status == "paid":
        amount = fmt.money(Money(invoice.amount_paid, invoice.currency))
        return Notice("positive", fmt._("Paid"), fmt._("We received %(amount)s. Thank you.", amount=amount))
    if done == "payment_unconfirmed" and invoice.status == "open":
        return Notice(
            "caution",
            fmt._("Your bank did not confirm the payment"),
            fmt._("Nothing was charged. You can try again, or use another payment method."),
        )
    return None


def of_methods(
    done: str, method_id: str, customer: Customer, methods: Sequence[PaymentMethod], fmt: Formatter, *, now: int
) -> Notice | None:
    """After "method_added", "method_default", "method_removed"; None when the saved methods do not bear it out."""
    method = next((m for m in methods if m.id == method_id), None)
    if method is None:
        return Notice("positive", fmt._("The payment method was removed")) if done == "method_removed" else None
    label = method_label(method, fmt, now).text
    is_default = default_of(customer) == method_id
    if done == "method_default" and is_default:
        return Notice("positive", fmt._("%(card)s is your default now", card=label))
    if done == "method_added":
        body = fmt._("It is your default from now on.") if is_default else ""
        return Notice("positive", fmt._("%(card)s was added", card=label), body)
    return None
