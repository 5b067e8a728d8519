"""Invoices that are sent, balances that are spent, credit notes by line, refunds on their way, three-decimal amounts."""

from typing import Any

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.billing import DAY, Shop, amounts
from tests.sandbox.support import refusal_of


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September 2026."""
    return Shop(client, world)


def latest(shop: Shop, subscription: Any) -> Any:
    """The latest invoice of a subscription."""
    return shop.api.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]}).latest_invoice


def test_a_sent_invoice_is_a_draft_for_an_hour_then_open_then_overdue(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000), collection_method="send_invoice", days_until_due=7)
    draft = latest(shop, made)
    assert (draft.status, draft.due_date, made.status) == ("draft", shop.now + 7 * DAY, "active")
    shop.pass_time(3601)
    assert (latest(shop, made).status, latest(shop, made).attempted) == ("open", False)
    shop.pass_time(7 * DAY - 3602)
    assert shop.subscription(made.id).status == "active"
    shop.pass_time(1)
    assert shop.subscription(made.id).status == "past_due"
    types = [event.type for event in shop.api.events.list({"limit": 100}).data]
    assert {"invoice.sent", "invoice.overdue"} <= set(types)
    shop.api.invoices.pay(draft.id)
    assert shop.subscription(made.id).status == "active"


def test_an_invoice_finalised_by_hand_is_overdue_too(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.subscribe(ada, shop.price(1000), collection_method="send_invoice", days_until_due=7)
    shop.api.invoices.finalize_invoice(made.latest_invoice)
    shop.pass_time(7 * DAY)
    assert shop.subscription(made.id).status == "past_due"


def test_a_credit_balance_is_spent_until_it_is_gone(shop: Shop) -> None:
    ada = shop.customer()
    shop.api.customers.balance_transactions.create(ada.id, {"amount": -1500, "currency": "usd"})
    made = shop.subscribe(ada, shop.price(1000))
    assert (latest(shop, made).amount_due, latest(shop, made).ending_balance) == (0, -500)
    shop.pass_time(31 * DAY)
    renewal = latest(shop, made)
    assert (renewal.starting_balance, renewal.amount_due, renewal.amount_paid, renewal.ending_balance) == (
        -500,
        500,
        500,
        0,
    )
    assert shop.api.customers.retrieve(ada.id).balance == 0


def test_crediting_half_a_line_gives_back_half_its_discount_and_tax(shop: Shop) -> None:
    ada = shop.customer()
    rate = shop.api.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": False})
    coupon = shop.api.coupons.create({"percent_off": 10, "duration": "forever"})
    made = shop.subscribe(ada, shop.price(1000), 4, default_tax_rates=[rate.id], discounts=[{"coupon": coupon.id}])
    paid = latest(shop, made)
    assert paid.total == 4320
    line = {"type": "invoice_line_item", "invoice_line_item": paid.lines.data[0].id, "quantity": 2}
    note = shop.api.credit_notes.create({"invoice": paid.id, "lines": [line], "refund_amount": 2160})
    assert (note.subtotal, note.discount_amount, note.total, note.total_taxes[0].amount) == (4000 // 2, 200, 2160, 360)
    assert_matches_sdk(note)
    refused = refusal_of(shop.api.credit_notes.create, {"invoice": paid.id, "lines": [{**line, "quantity": 5}]})
    assert refused.param == "lines[0]"


def test_a_credit_note_with_a_line_of_its_own(shop: Shop) -> None:
    paid = latest(shop, shop.subscribe(shop.customer(), shop.price(1000)))
    line = {"type": "custom_line_item", "description": "Sorry", "quantity": 2, "unit_amount": 150}
    note = shop.api.credit_notes.create({"invoice": paid.id, "lines": [line], "credit_amount": 300})
    assert (note.total, [row.description for row in note.lines.data]) == (300, ["Sorry"])


def test_voiding_a_credit_note_makes_the_invoice_owe_it_again(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000), collection_method="send_invoice", days_until_due=7)
    shop.pass_time(3601)
    note = shop.api.credit_notes.create({"invoice": made.latest_invoice, "amount": 400})
    assert latest(shop, made).amount_due == 600
    shop.api.credit_notes.void_credit_note(note.id)
    assert latest(shop, made).amount_due == 1000


def test_a_refund_to_a_bank_account_is_pending_first(shop: Shop) -> None:
    eve = shop.customer(card=None)
    shop.use(eve, "pm_success_at")
    made = shop.subscribe(eve, shop.price(1000))
    shop.pass_time(DAY)
    assert latest(shop, made).status == "paid"
    charge = shop.api.charges.list({"customer": eve.id}).data[0]
    refund = shop.api.refunds.create({"charge": charge.id})
    assert refund.status == "pending"
    assert_matches_sdk(refund)
    shop.pass_time(DAY)
    assert shop.api.refunds.retrieve(refund.id).status == "succeeded"


def test_three_decimal_amounts_are_whole_tens(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(10_000, currency="kwd"))
    shop.pass_time(7 * DAY + 1)
    changed = shop.change(made, shop.price(25_000, currency="kwd"), proration_behavior="always_invoice")
    assert amounts(changed.latest_invoice) == [-7670, 19170]
    assert changed.latest_invoice.lines.data[0].description == "Unused time on Pro after 28 Sep 2026"


def test_what_is_under_ten_in_a_three_decimal_currency_is_carried(shop: Shop) -> None:
    ada = shop.customer()
    shop.api.customers.balance_transactions.create(ada.id, {"amount": -3, "currency": "kwd"})
    invoice = latest(shop, shop.subscribe(ada, shop.price(10_000, currency="kwd")))
    assert (invoice.amount_paid, invoice.ending_balance) == (9990, 7)
