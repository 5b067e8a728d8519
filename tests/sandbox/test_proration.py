"""Prorations: every figure here was recorded from Stripe's API, Oct 2025 to Aug 2026."""

from typing import Any

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.billing import DAY, Shop, amounts, period_of

MONTH = 30 * DAY
A_TIE = MONTH - 6_480
"""So late in the month that 1/400 of it is left: 1000 makes 2.5."""


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September 2026, whose month has 30 days."""
    return Shop(client, world)


@pytest.mark.parametrize(
    ("old", "new", "quantity", "after", "lines"),
    [
        (1000, 1800, 1, A_TIE, [-3, 4]),
        (1000, 1000, 3, A_TIE, [-3, 7]),
        (2000, 1000, 1, 20 * DAY, [-667, 333]),
        (2000, 60000, 1, 20 * DAY, [-667, 20000]),
        (1000, 1000, 2, 8, [-1000, 2000]),
        (1000, 1800, 1, MONTH - 3, [0, 0]),
    ],
)
def test_each_line_is_rounded_alone_as_recorded(
    shop: Shop, old: int, new: int, quantity: int, after: int, lines: list[int]
) -> None:
    ada = shop.customer()
    subscription = shop.subscribe(ada, shop.price(old))
    target = shop.price(new) if new != old else None
    changed = shop.change(
        subscription, target, quantity, proration_behavior="always_invoice", proration_date=shop.now + after
    )
    assert amounts(changed.latest_invoice) == lines


def test_the_credit_comes_first_and_the_words_are_stripes(shop: Shop) -> None:
    subscription = shop.subscribe(shop.customer(), shop.price(1000, name="Pro"))
    changed = shop.change(
        subscription, None, 3, proration_behavior="always_invoice", proration_date=shop.now + 20 * DAY
    )
    words = [line.description for line in changed.latest_invoice.lines.data]
    assert words == ["Unused time on Pro after 11 Oct 2026", "Remaining time on 3 × Pro after 11 Oct 2026"]


def test_a_credit_line_names_the_old_price_and_the_lines_that_billed_it(shop: Shop) -> None:
    old, new = shop.price(2000), shop.price(60000)
    subscription = shop.subscribe(shop.customer(), old)
    first = shop.api.invoices.retrieve(subscription.latest_invoice)
    date = shop.now + 20 * DAY
    changed = shop.change(subscription, new, proration_behavior="always_invoice", proration_date=date)
    credit, charge = changed.latest_invoice.lines.data
    details = credit.parent.subscription_item_details
    assert details.proration is True
    assert details.proration_details.credited_items.invoice == first.id
    assert details.proration_details.credited_items.invoice_line_items == [first.lines.data[0].id]
    assert (credit.pricing.price_details.price, charge.pricing.price_details.price) == (old, new)
    assert credit.pricing.unit_amount_decimal is None
    assert charge.parent.subscription_item_details.proration_details.credited_items is None
    assert (credit.period.start, credit.period.end) == (date, period_of(subscription)[1])
    assert (credit.discountable, credit.quantity) == (False, 1)


def test_always_invoice_charges_inside_the_call(shop: Shop) -> None:
    subscription = shop.subscribe(shop.customer(), shop.price(2000))
    changed = shop.change(
        subscription, shop.price(60000), proration_behavior="always_invoice", proration_date=shop.now + 20 * DAY
    )
    invoice = changed.latest_invoice
    assert (invoice.billing_reason, invoice.status, invoice.total, invoice.amount_paid) == (
        "subscription_update", "paid", 19333, 19333,
    )  # fmt: skip
    assert (invoice.attempt_count, invoice.attempted, invoice.auto_advance) == (1, True, False)
    assert invoice.period_start == shop.now
    assert invoice.number.endswith("-0002")
    assert not hasattr(invoice.parent.subscription_details, "subscription_proration_date")


def test_a_downgrade_leaves_its_credit_on_the_balance(shop: Shop) -> None:
    ada = shop.customer()
    subscription = shop.subscribe(ada, shop.price(2000))
    changed = shop.change(
        subscription, shop.price(1000), proration_behavior="always_invoice", proration_date=shop.now + 20 * DAY
    )
    invoice = changed.latest_invoice
    assert (invoice.total, invoice.amount_due, invoice.starting_balance, invoice.ending_balance) == (-334, 0, 0, -334)
    assert (invoice.status, invoice.attempt_count) == ("paid", 0)
    assert shop.api.customers.retrieve(ada.id).balance == -334
    (entry,) = shop.api.customers.balance_transactions.list(ada.id).data
    assert (entry.amount, entry.ending_balance, entry.type, entry.invoice) == (
        -334, -334, "applied_to_invoice", invoice.id,
    )  # fmt: skip


def test_create_prorations_leaves_two_items_waiting_credit_first(shop: Shop) -> None:
    ada = shop.customer()
    subscription = shop.subscribe(ada, shop.price(1000))
    shop.change(subscription, shop.price(1800), proration_date=shop.now + A_TIE)
    credit, charge = shop.api.invoice_items.list({"customer": ada.id, "pending": True}).data
    assert (credit.amount, charge.amount) == (-3, 4)
    assert credit.net_amount == -3
    assert credit.frozen_fields == ["pricing", "quantity", "discounts"]
    assert credit.invoice is None
    assert credit.parent.subscription_details.subscription == subscription.id
    assert credit.proration_details.credited_items.type == "invoice_line_items"
    assert credit.proration_details.credited_items.invoice_line_item_details.invoice == subscription.latest_invoice


def test_none_changes_the_price_and_bills_nothing(shop: Shop) -> None:
    ada = shop.customer()
    subscription = shop.subscribe(ada, shop.price(1000))
    changed = shop.change(subscription, shop.price(1800), proration_behavior="none")
    assert changed["items"].data[0].price.unit_amount == 1800
    assert changed.latest_invoice.id == subscription.latest_invoice
    assert shop.api.invoice_items.list({"customer": ada.id}).data == []


def test_flexible_mode_credits_what_was_billed_not_the_price_of_today(shop: Shop) -> None:
    ada = shop.customer()
    old = shop.price(1000)
    subscription = shop.subscribe(ada, old)
    shop.change(subscription, shop.price(1800), proration_behavior="none")
    shop.api.subscriptions.cancel(subscription.id, {"prorate": True})
    (credit,) = shop.api.invoice_items.list({"customer": ada.id, "pending": True}).data
    assert (credit.amount, credit.pricing.price_details.price, credit.parent) == (-1000, old, None)
    assert not hasattr(credit, "proration_details")


def test_month_to_year_keeps_the_anchor_in_flexible_mode(shop: Shop) -> None:
    subscription = shop.subscribe(shop.customer(), shop.price(2500))
    start = shop.now
    shop.pass_time(4)
    changed = shop.change(subscription, shop.price(25000, "year"), proration_behavior="always_invoice")
    assert changed.billing_cycle_anchor == start
    assert period_of(changed) == (start, start + 365 * DAY)
    assert amounts(changed.latest_invoice) == [-2500, 25000]
    assert [line.parent.subscription_item_details.proration for line in changed.latest_invoice.lines.data] == [
        True,
        True,
    ]
    assert changed.latest_invoice.amount_paid == 22500


def test_month_to_year_with_the_anchor_now_bills_a_full_normal_line(shop: Shop) -> None:
    subscription = shop.subscribe(shop.customer(), shop.price(2500, name="Pro", unit_label="user"))
    shop.pass_time(4)
    year = shop.price(25000, "year", name="Pro", unit_label="user")
    changed = shop.change(subscription, year, proration_behavior="always_invoice", billing_cycle_anchor={"type": "now"})
    invoice = changed.latest_invoice
    assert (changed.billing_cycle_anchor, period_of(changed)) == (shop.now, (shop.now, shop.now + 365 * DAY))
    credit, charge = invoice.lines.data
    assert (credit.amount, charge.amount) == (-2500, 25000)
    assert charge.description == "1 user × Pro (at $250.00 / year)"
    assert (charge.discountable, charge.parent.subscription_item_details.proration) == (True, False)
    assert (invoice.period_start, invoice.period_end) == (shop.now, shop.now)


def test_the_anchor_alone_leaves_one_waiting_item_for_the_new_stretch(shop: Shop) -> None:
    ada = shop.customer()
    subscription = shop.subscribe(ada, shop.price(1000))
    _, old_end = period_of(subscription)
    shop.pass_time(3)
    changed = shop.api.subscriptions.update(subscription.id, {"billing_cycle_anchor": {"type": "now"}})
    (item,) = shop.api.invoice_items.list({"customer": ada.id, "pending": True}).data
    assert changed.latest_invoice == subscription.latest_invoice
    assert (item.amount, item.period.start, item.period.end) == (0, old_end, old_end + 3)
    assert item.description.startswith("Remaining time on Pro")


def test_a_new_item_in_mid_period_starts_with_the_subscriptions_period(shop: Shop) -> None:
    subscription = shop.subscribe(shop.customer(), shop.price(1000))
    start, _ = period_of(subscription)
    shop.pass_time(4)
    item = shop.api.subscription_items.create({"subscription": subscription.id, "price": shop.price(500, name="Seat")})
    assert item.current_period_start == start


def test_totals_below_the_smallest_charge_are_carried_over_and_collected_later(shop: Shop) -> None:
    ada = shop.customer()
    subscription = shop.subscribe(ada, shop.price(1000))
    changed = shop.change(subscription, None, 3, proration_behavior="always_invoice", proration_date=shop.now + A_TIE)
    tiny = changed.latest_invoice
    assert (tiny.total, tiny.amount_due, tiny.amount_paid, tiny.ending_balance, tiny.status) == (4, 0, 0, 4, "paid")
    assert shop.api.customers.retrieve(ada.id).balance == 4
    other = shop.subscribe(ada, shop.price(1000, name="Other"), expand=["latest_invoice"]).latest_invoice
    assert (other.total, other.starting_balance, other.amount_due, other.amount_paid, other.ending_balance) == (
        1000, 4, 1004, 1004, 0,
    )  # fmt: skip


def test_waiting_items_are_not_billed_by_another_subscription(shop: Shop) -> None:
    ada = shop.customer()
    subscription = shop.subscribe(ada, shop.price(1000))
    shop.change(subscription, shop.price(1800), proration_date=shop.now + 20 * DAY)
    shop.subscribe(ada, shop.price(700, name="Other"))
    assert len(shop.api.invoice_items.list({"customer": ada.id, "pending": True}).data) == 2


def test_classic_mode_resets_the_anchor_when_the_interval_changes(shop: Shop) -> None:
    subscription = shop.subscribe(shop.customer(), shop.price(2500), billing_mode={"type": "classic"})
    shop.pass_time(10 * DAY)
    changed = shop.change(subscription, shop.price(25000, "year"))
    assert changed.billing_cycle_anchor == shop.now
    assert amounts(changed.latest_invoice) == [-1667, 25000]
    assert changed.latest_invoice.status == "paid"


def test_a_proration_date_outside_the_period_is_refused(shop: Shop) -> None:
    subscription = shop.subscribe(shop.customer(), shop.price(1000))
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.change(subscription, shop.price(1800), proration_date=shop.now - DAY)
    assert refused.value.param == "proration_date"


def test_a_second_change_credits_the_first_ones_state(shop: Shop) -> None:
    subscription = shop.subscribe(shop.customer(), shop.price(3000))
    shop.pass_time(10 * DAY)
    shop.change(subscription, shop.price(6000), proration_behavior="always_invoice")
    shop.pass_time(10 * DAY)
    changed: Any = shop.change(subscription, shop.price(9000), proration_behavior="always_invoice")
    assert amounts(changed.latest_invoice) == [-2000, 3000]
