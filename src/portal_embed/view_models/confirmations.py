"""What was just done, worded from what Stripe now says.

An action ends in a redirect whose address names it (`?done=canceled&of=sub_…`). The words come from the state
re-read, never from the address: one that names something that is not so says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing import subscriptions as rules
from portal_embed.billing.money import Money
from portal_embed.billing.payment_methods import default_of
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
    """After "canceled", "kept", "stayed", "started", "changed", "change_withdrawn"; None when the subscription does not bear
    it out.

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
    if done == "changed" and live and subscription.pending_update is None:
        return Notice("positive", fmt._("Your plan is now %(plan)s", plan=name))
    if done == "change_withdrawn" and live and subscription.pending_update is None:
        return Notice(
            "neutral", fmt._("The change was dropped"), fmt._("You keep %(plan)s. Nothing was charged.", plan=name)
        )
    return _started(subscription, name, fmt) if done == "started" else None


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
