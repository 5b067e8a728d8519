"""What was just done, worded from what Stripe now says.

An action ends in a redirect whose address names it (`?done=canceled&of=sub_…`). The words come from the state
re-read, never from the address: one that names something that is not so says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing import subscriptions as rules
from portal_embed.billing.discounts import in_force
from portal_embed.billing.money import Money
from portal_embed.billing.payment_methods import default_of
from portal_embed.billing.schedules import next_phase
from portal_embed.view_models.discounts import discount_text
from portal_embed.view_models.shared import Notice
from portal_embed.view_models.subscription_words import subscription_name
from portal_embed.view_models.wording import method_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from portal_embed.billing.stripe.objects import Customer, Invoice, PaymentMethod, Product, Subscription
    from portal_embed.i18n.formatting import Formatter


def of_subscription(
    done: str, subscription: Subscription, products: Mapping[str, Product], fmt: Formatter, *, may_undo: bool = True
) -> Notice | None:
    """What was done to a subscription; None when it does not bear it out.

    `may_undo`: the customer can keep a canceled plan after all, on a page of this session.
    """
    name = subscription_name(subscription, products, fmt)
    ends = rules.ends_at(subscription)
    live = rules.is_live(subscription)
    if done == "canceled" and not live:
        return Notice("positive", fmt._("%(plan)s has ended", plan=name), fmt._("You are not charged again."))
    if done == "canceled" and ends is not None:
        date = fmt.date(ends)
        body = fmt._("You keep it until %(date)s and are not charged again.", date=date)
        if may_undo:
            body = fmt._(
                "You keep it until %(date)s and are not charged again. Changed your mind? “Keep my plan” undoes it until then.",
                date=date,
            )
        return Notice("positive", fmt._("%(plan)s is canceled", plan=name), body)
    if done == "kept" and live and ends is None:
        return Notice("positive", fmt._("You keep %(plan)s", plan=name), fmt._("It renews as before."))
    if done == "stayed" and live and ends is None:
        if subscription.status == "paused" or subscription.pause_collection is not None:
            return Notice("positive", fmt._("%(plan)s is paused", plan=name), fmt._("You are not charged for now."))
        return Notice(
            "positive", fmt._("You keep %(plan)s", plan=name), fmt._("What you were offered is in force now.")
        )
    ahead = rules.billed_ahead_until(subscription)
    if done == "prepaid" and live and ahead is not None:
        date = fmt.date(ahead)
        return Notice(
            "positive", fmt._("Paid until %(date)s", date=date), fmt._("Thank you. It renews as before after that.")
        )
    return _of_change(done, subscription, name, fmt) if live else None


def _of_change(done: str, subscription: Subscription, name: str, fmt: Formatter) -> Notice | None:
    """After "changed", "change_scheduled", "change_unscheduled", "change_withdrawn"."""
    if done == "changed" and subscription.pending_update is None:
        return Notice("positive", fmt._("Your plan is now %(plan)s", plan=name))
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
    return _of_discounts(done, subscription, fmt)


def _of_discounts(done: str, subscription: Subscription, fmt: Formatter) -> Notice | None:
    newest = [found for found in in_force(subscription, {}, now=0) if found.item is None][-1:]
    if done == "discount_added" and newest:
        return Notice("positive", fmt._("Your discount is in force"), discount_text(newest[0], fmt))
    if done == "discount_removed":
        return Notice("neutral", fmt._("The discount was taken off"), fmt._("Your next bill is without it."))
    return None


def of_invoice(done: str, invoice: Invoice, fmt: Formatter) -> Notice | None:
    """After "paid" or "payment_unconfirmed"; None when the invoice does not bear it out."""
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
