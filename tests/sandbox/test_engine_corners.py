"""Corners of the billing engine that a portal meets: bank debits, schedules, several items, detached cards, sent invoices."""

from typing import Any

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.billing import DAY, Shop, amounts, period_of
from tests.sandbox.support import http, refusal_of

PENDING = {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September 2026."""
    return Shop(client, world)


def intent_of(shop: Shop, invoice_id: str) -> Any:
    """The payment intent of an invoice."""
    payment = shop.api.invoice_payments.list({"invoice": invoice_id}).data[0]
    return shop.api.payment_intents.retrieve(payment.payment.payment_intent)


def answer_bank(shop: Shop, intent: Any, outcome: str) -> None:
    """Answer the 3-D Secure dialog."""
    http(shop.world, "POST", f"/3ds/{intent.id}", f"client_secret={intent.client_secret}&outcome={outcome}")


def test_a_bank_debit_is_processing_before_the_money_comes(shop: Shop) -> None:
    made = shop.subscribe(shop.customer("pm_success_at"), shop.price(1000, currency="eur"), expand=["latest_invoice"])
    assert (made.status, made.latest_invoice.status) == ("active", "open")
    assert intent_of(shop, made.latest_invoice.id).status == "processing"
    shop.pass_time(180)
    assert shop.api.invoices.retrieve(made.latest_invoice.id).status == "paid"


def test_a_bank_debit_that_comes_back_makes_it_past_due(shop: Shop) -> None:
    made = shop.subscribe(shop.customer("pm_failed_at"), shop.price(1000, currency="eur"))
    shop.pass_time(180)
    assert shop.subscription(made.id).status == "past_due"
    (charge,) = shop.api.charges.list({"customer": made.customer}).data
    assert (charge.status, charge.receipt_url) == ("failed", None)


def test_an_invoice_whose_debit_is_under_way_cannot_be_paid_again(shop: Shop) -> None:
    made = shop.subscribe(shop.customer("pm_success_at"), shop.price(1000, currency="eur"))
    assert refusal_of(shop.api.invoices.pay, made.latest_invoice).http_status == 400


def test_3_d_secure_given_up_leaves_the_old_plan_active(shop: Shop) -> None:
    carol = shop.customer()
    made = shop.subscribe(carol, shop.price(1000))
    shop.use(carol, "pm_card_threeDSecure2Required")
    waits = shop.change(made, shop.price(5000), **PENDING)
    answer_bank(shop, intent_of(shop, waits.latest_invoice.id), "fail")
    after = shop.subscription(made.id)
    assert (after.status, after["items"].data[0].price.unit_amount) == ("active", 1000)
    assert after.pending_update is not None


def test_3_d_secure_passed_applies_the_waiting_change(shop: Shop) -> None:
    carol = shop.customer()
    made = shop.subscribe(carol, shop.price(1000))
    shop.use(carol, "pm_card_threeDSecure2Required")
    waits = shop.change(made, shop.price(5000), **PENDING)
    answer_bank(shop, intent_of(shop, waits.latest_invoice.id), "complete")
    after = shop.subscription(made.id)
    assert (after.status, after["items"].data[0].price.unit_amount, after.pending_update) == ("active", 5000, None)


def test_a_change_after_a_waiting_one_was_paid_credits_the_new_plan(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(3000))
    shop.use(bob, "pm_card_chargeCustomerFail")
    waits = shop.change(made, shop.price(6000), **PENDING)
    shop.use(bob, "pm_card_visa")
    shop.api.invoices.pay(waits.latest_invoice.id)
    shop.pass_time(15 * DAY)
    changed = shop.change(made, shop.price(9000), **PENDING)
    assert amounts(changed.latest_invoice) == [-3000, 4500]


def test_a_detached_card_pays_no_renewal(shop: Shop) -> None:
    ada = shop.customer()
    own = shop.api.payment_methods.attach("pm_card_mastercard", {"customer": ada.id})
    made = shop.subscribe(ada, shop.price(1000), default_payment_method=own.id)
    shop.api.payment_methods.detach(own.id)
    shop.pass_time(30 * DAY + 3601)
    assert shop.subscription(made.id).status == "past_due"


def test_a_renewal_that_needs_3_d_secure_is_past_due_until_the_customer_helps(shop: Shop) -> None:
    carol = shop.customer()
    made = shop.subscribe(carol, shop.price(1000))
    shop.use(carol, "pm_card_authenticationRequired")
    shop.pass_time(30 * DAY + 3601)
    late = shop.subscription(made.id)
    intent = intent_of(shop, late.latest_invoice)
    assert (late.status, intent.status) == ("past_due", "requires_action")
    answer_bank(shop, intent, "complete")
    assert shop.subscription(made.id).status == "active"


def test_a_coupon_for_one_product_lowers_only_its_lines(shop: Shop) -> None:
    pro, seat = shop.price(1000, name="Pro"), shop.price(500, name="Seat")
    product = shop.api.prices.retrieve(pro).product
    coupon = shop.api.coupons.create({"percent_off": 50, "duration": "forever", "applies_to": {"products": [product]}})
    made = shop.api.subscriptions.create(
        {
            "customer": shop.customer().id, "items": [{"price": pro}, {"price": seat}], "discounts": [{"coupon": coupon.id}],
            "expand": ["latest_invoice"],
        }
    )  # fmt: skip
    assert made.latest_invoice.total == 1000


def test_a_repeating_coupon_runs_out(shop: Shop) -> None:
    coupon = shop.api.coupons.create({"percent_off": 50, "duration": "repeating", "duration_in_months": 2})
    ada = shop.customer()
    shop.subscribe(ada, shop.price(1000), discounts=[{"coupon": coupon.id}])
    shop.pass_time(95 * DAY)
    totals = [row.total for row in shop.api.invoices.list({"customer": ada.id}).data]
    assert totals == [1000, 1000, 500, 500]


def test_an_item_that_goes_is_credited_and_one_that_comes_is_charged(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000, name="Pro"))
    shop.pass_time(10 * DAY)
    both = shop.api.subscriptions.update(
        made.id,
        {
            "items": [
                {"id": made["items"].data[0].id, "deleted": True},
                {"price": shop.price(1500, name="Lite"), "quantity": 2},
            ],
            "proration_behavior": "always_invoice",
            "expand": ["latest_invoice"],
        },
    )
    assert sorted(amounts(both.latest_invoice)) == [-2000, 2000]
    assert [item.quantity for item in both["items"].data] == [2]


def test_monthly_and_yearly_items_renew_each_in_its_time(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.api.subscriptions.create(
        {
            "customer": ada.id,
            "items": [{"price": shop.price(1000)}, {"price": shop.price(9000, "year", name="Support")}],
        }
    )
    shop.pass_time(31 * DAY)
    renewal = shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]}).latest_invoice
    assert amounts(renewal) == [1000]


def test_the_last_item_cannot_go(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    refused = refusal_of(shop.api.subscription_items.delete, made["items"].data[0].id)
    assert "at least one active plan" in str(refused.user_message)


def test_another_subscriptions_item_is_unknown(shop: Shop) -> None:
    adas = shop.subscribe(shop.customer(), shop.price(1000))
    mallorys = shop.subscribe(shop.customer(), shop.price(1000))
    refused = refusal_of(
        shop.api.subscriptions.update, mallorys.id, {"items": [{"id": adas["items"].data[0].id, "quantity": 9}]}
    )
    assert refused.http_status == 404


def test_a_negative_quantity_is_refused(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    assert refusal_of(lambda: shop.change(made, None, -1)).param == "items[0][quantity]"


def test_a_sent_invoice_makes_it_past_due_after_its_date(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000), collection_method="send_invoice", days_until_due=7)
    shop.pass_time(3601)
    assert shop.api.invoices.retrieve(made.latest_invoice).status == "open"
    shop.pass_time(7 * DAY)
    assert shop.subscription(made.id).status == "past_due"
    shop.api.invoices.pay(made.latest_invoice)
    assert shop.subscription(made.id).status == "active"


def test_a_schedule_says_when_its_subscription_ends(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    schedule = shop.api.subscription_schedules.create({"from_subscription": made.id})
    refused = refusal_of(shop.api.subscriptions.update, made.id, {"cancel_at_period_end": True})
    assert schedule.id in str(refused.user_message)
    shop.api.subscriptions.cancel(made.id)
    assert shop.api.subscription_schedules.retrieve(schedule.id).status == "canceled"


def test_a_scheduled_downgrade_shows_in_the_preview(shop: Shop) -> None:
    high, low = shop.price(5000), shop.price(2000)
    made = shop.subscribe(shop.customer(), high)
    schedule = shop.api.subscription_schedules.create({"from_subscription": made.id})
    first = schedule.phases[0]
    phases = [
        {"items": [{"price": high}], "start_date": first.start_date, "end_date": first.end_date},
        {"items": [{"price": low}], "duration": {"interval": "month"}, "proration_behavior": "none"},
    ]
    shop.api.subscription_schedules.update(schedule.id, {"phases": phases})
    assert shop.api.invoices.create_preview({"subscription": made.id}).total == 2000
    assert shop.subscription(made.id)["items"].data[0].price.id == high


def test_a_deleted_customer_stops_nobodys_clock(shop: Shop) -> None:
    bob = shop.customer()
    shop.subscribe(bob, shop.price(1000))
    shop.use(bob, "pm_card_chargeCustomerFail")
    shop.pass_time(30 * DAY + 3601)
    shop.api.customers.delete(bob.id)
    ada = shop.subscribe(shop.customer(), shop.price(1000))
    shop.pass_time(40 * DAY)
    assert shop.subscription(ada.id).status == "active"


def test_collection_paused_voids_the_renewals_of_its_time(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    shop.api.subscriptions.update(
        made.id, {"pause_collection": {"behavior": "void", "resumes_at": shop.now + 40 * DAY}}
    )
    shop.pass_time(31 * DAY)
    assert shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]}).latest_invoice.status == "void"
    shop.pass_time(31 * DAY)
    after = shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    assert (after.pause_collection, after.latest_invoice.status) == (None, "paid")


def test_an_end_inside_a_coming_period_bills_only_a_part_of_it(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3100))
    shop.api.subscriptions.update(made.id, {"cancel_at": period_of(made)[1] + 10 * DAY})
    shop.pass_time(30 * DAY + 3601)
    last = shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    assert (last.latest_invoice.total, period_of(last)[1]) == (1000, last.cancel_at)
    shop.pass_time(10 * DAY)
    assert shop.subscription(made.id).status == "canceled"


def test_a_promotion_code_for_first_orders_is_refused_later(shop: Shop) -> None:
    coupon = shop.api.coupons.create({"percent_off": 50, "duration": "once"})
    code = shop.api.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "restrictions": {"first_time_transaction": True}}
    )
    made = shop.subscribe(shop.customer(), shop.price(1000))
    refused = refusal_of(shop.api.subscriptions.update, made.id, {"discounts": [{"promotion_code": code.id}]})
    assert "prior transactions" in str(refused.user_message)


def test_an_anchor_in_the_future_bills_a_first_stretch(shop: Shop) -> None:
    made = shop.subscribe(
        shop.customer(), shop.price(3000), billing_cycle_anchor=shop.now + 10 * DAY, expand=["latest_invoice"]
    )
    assert (made.latest_invoice.total, period_of(made)) == (1000, (shop.now, shop.now + 10 * DAY))


def test_a_detached_card_pays_no_invoice(shop: Shop) -> None:
    bob = shop.customer("pm_card_chargeCustomerFail")
    made = shop.subscribe(bob, shop.price(1000))
    gone = shop.api.payment_methods.attach("pm_card_visa", {"customer": bob.id})
    shop.api.payment_methods.detach(gone.id)
    refused = refusal_of(shop.api.invoices.pay, made.latest_invoice, {"payment_method": gone.id})
    assert "may not be used again" in str(refused.user_message)


def test_mallory_cannot_use_adas_discount(shop: Shop) -> None:
    coupon = shop.api.coupons.create({"percent_off": 50, "duration": "forever"})
    adas = shop.subscribe(shop.customer(), shop.price(1000), discounts=[{"coupon": coupon.id}])
    mallorys = shop.subscribe(shop.customer(), shop.price(1000))
    refused = refusal_of(shop.api.subscriptions.update, mallorys.id, {"discounts": [{"discount": adas.discounts[0]}]})
    assert (refused.code, refused.param) == ("resource_missing", "discounts[0][discount]")


def test_a_preview_beside_a_waiting_change_counts_on_its_credit_again(shop: Shop) -> None:
    bob = shop.customer(balance=-500)
    made = shop.subscribe(bob, shop.price(400))
    shop.use(bob, "pm_card_chargeCustomerFail")
    shop.change(made, shop.price(5000), **PENDING)
    item = {"id": made["items"].data[0].id, "price": shop.price(9000)}
    preview = shop.api.invoices.create_preview(
        {"subscription": made.id, "subscription_details": {"items": [item], "proration_behavior": "always_invoice"}}
    )
    billed = shop.api.subscriptions.update(
        made.id, {"items": [item], **PENDING, "expand": ["latest_invoice"]}
    ).latest_invoice
    assert preview.amount_due == billed.amount_due == 8500
