"""The sums of a receipt: what was charged for a change, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing import subscriptions as rules
from portal_embed.billing.money import Money
from portal_embed.billing.schedules import next_charge_on
from portal_embed.view_models.shared import SumRow
from portal_embed.view_models.subscription_words import item_price, price_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.billing.stripe.objects import Invoice, Product, Subscription
    from portal_embed.i18n.formatting import Formatter


def plan_in_words(subscription: Subscription, products: Mapping[str, Product], fmt: Formatter) -> str:
    """What it costs: "$49.00 a month"; for several items each with its name."""
    main = rules.main_item(subscription)
    if main is not None:
        return item_price(main, products, fmt)
    return fmt.listing(
        [
            f"{price_name(item.price, products, fmt)} ({item_price(item, products, fmt)})"
            for item in subscription.items.data
        ]
    )


def change_facts(
    subscription: Subscription, charged: Invoice | None, following: Invoice | None, fmt: Formatter
) -> tuple[SumRow, ...]:
    """`charged`: the invoice of the change, None for none; `following`: the next one as Stripe previews it."""
    rows: tuple[SumRow, ...] = ()
    if charged is not None:
        label = fmt._("Paid for the change") if charged.status == "paid" else fmt._("Due for the change")
        amount = charged.amount_paid if charged.status == "paid" else charged.amount_due
        rows = (SumRow(label, fmt.money(Money(amount, charged.currency)), charged.number or ""),)
    if following is not None:
        due = Money(following.amount_due, following.currency)
        rows += (SumRow(fmt._("Next charge"), fmt.money(due), fmt.date(next_charge_on(subscription))),)
    return rows
