"""Subscriptions created, failed, trialed and canceled, as recorded from Stripe's API in 2025 and 2026."""

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.billing import DAY, Shop, amounts, period_of
from tests.sandbox.support import refusal_of


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September 2026."""
    return Shop(client, world)


def test_ada_pays_at_once(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000), expand=["latest_invoice"])
    invoice = made.latest_invoice
    assert (made.status, invoice.status, invoice.billing_reason) == ("active", "paid", "subscription_create")
    assert invoice.number.endswith("-0001")
    assert invoice.attempt_count == 1
    assert invoice.period_start == invoice.period_end == invoice.created
    assert invoice.lines.data[0].description == "1 × Pro (at $10.00 / month)"
    assert made.default_payment_method is None
    assert made.billing_mode.type == "flexible"
    assert period_of(made) == (shop.now, shop.now + 30 * DAY)


def test_subscriptions_and_invoices_match_the_sdks_annotations(shop: Shop) -> None:
    coupon = shop.api.coupons.create({"percent_off": 10, "duration": "forever"})
    made = shop.subscribe(
        shop.customer(), shop.price(1000), discounts=[{"coupon": coupon.id}],
        expand=["latest_invoice.payments", "latest_invoice.confirmation_secret", "discounts"],
    )  # fmt: skip
    assert_matches_sdk(made)
    changed = shop.change(made, shop.price(5000), proration_behavior="always_invoice")
    assert_matches_sdk(changed)
    for charge in shop.api.charges.list({"customer": made.customer}).data:
        assert_matches_sdk(charge)
    for intent in shop.api.payment_intents.list({"customer": made.customer}).data:
        assert_matches_sdk(intent)


def test_without_a_card_nothing_is_made(shop: Shop) -> None:
    bob = shop.customer(card=None)
    refused = refusal_of(shop.subscribe, bob, shop.price(1000))
    assert (refused.http_status, refused.code, refused.param) == (400, "resource_missing", None)
    assert str(refused.user_message).startswith(
        "This customer has no attached payment source or default payment method."
    )
    assert shop.api.subscriptions.list({"customer": bob.id, "status": "all"}).data == []
    assert shop.api.invoices.list({"customer": bob.id}).data == []


def test_a_card_with_3_d_secure_leaves_it_incomplete_and_the_invoice_open(shop: Shop) -> None:
    made = shop.subscribe(shop.customer("pm_card_authenticationRequired"), shop.price(1000))
    invoice = shop.api.invoices.retrieve(made.latest_invoice, {"expand": ["payments.data.payment.payment_intent"]})
    assert (made.status, invoice.status, invoice.attempted, invoice.attempt_count) == ("incomplete", "open", True, 0)
    assert (invoice.auto_advance, invoice.next_payment_attempt) == (True, None)
    intent = invoice.payments.data[0].payment.payment_intent
    assert (intent.status, intent.next_action.type, intent.description) == (
        "requires_action", "use_stripe_sdk", "Subscription creation",
    )  # fmt: skip
    assert (intent.setup_future_usage, intent.payment_details.order_reference) == ("off_session", invoice.id[:25])


def test_error_if_incomplete_refuses_3_d_secure_and_writes_nothing(shop: Shop) -> None:
    carol = shop.customer("pm_card_authenticationRequired")
    refused = refusal_of(lambda: shop.subscribe(carol, shop.price(1000), payment_behavior="error_if_incomplete"))
    assert (refused.http_status, refused.code) == (402, "subscription_payment_intent_requires_action")
    assert shop.api.invoices.list({"customer": carol.id}).data == []


@pytest.mark.parametrize(
    ("params", "param", "words"),
    [
        (
            {"payment_behavior": "pending_if_incomplete"},
            "payment_behavior",
            "has no effect when creating a subscription.",
        ),
        ({"trial_end": 1000}, "trial_end", "You specified the value `1000` which is in the past."),
        (
            {"days_until_due": 3},
            None,
            "You can only specify 'days_until_due' if invoice collection method is 'send_invoice'.",
        ),
    ],
)
def test_recorded_refusals_of_create(shop: Shop, params: dict[str, object], param: str | None, words: str) -> None:
    refused = refusal_of(lambda: shop.subscribe(shop.customer(), shop.price(1000), **params))
    assert (refused.http_status, refused.code, refused.param) == (400, None, param)
    assert words in str(refused.user_message)


def test_the_same_price_twice_is_refused(shop: Shop) -> None:
    ada, price = shop.customer(), shop.price(1000)
    refused = refusal_of(
        shop.api.subscriptions.create, {"customer": ada.id, "items": [{"price": price}, {"price": price}]}
    )
    assert refused.param == "plan"


def test_an_unknown_customer_is_a_404_here(shop: Shop) -> None:
    refused = refusal_of(
        shop.api.subscriptions.create, {"customer": "cus_nope", "items": [{"price": shop.price(1000)}]}
    )
    assert (refused.http_status, refused.param) == (404, "customer")


def test_send_invoice_is_active_with_a_draft(shop: Shop) -> None:
    made = shop.subscribe(
        shop.customer(card=None), shop.price(1000), collection_method="send_invoice", days_until_due=7,
        expand=["latest_invoice"],
    )  # fmt: skip
    invoice = made.latest_invoice
    assert (made.status, invoice.status, invoice.number, invoice.auto_advance) == ("active", "draft", None, True)
    assert invoice.due_date == shop.now + 7 * DAY


def test_a_declined_first_payment_leaves_it_incomplete_until_the_invoice_is_paid(shop: Shop) -> None:
    bob = shop.customer("pm_card_chargeCustomerFail")
    made = shop.subscribe(bob, shop.price(1000))
    assert made.status == "incomplete"
    good = shop.api.payment_methods.attach("pm_card_visa", {"customer": bob.id})
    assert shop.api.invoices.pay(made.latest_invoice, {"payment_method": good.id}).status == "paid"
    assert shop.subscription(made.id).status == "active"


def test_an_incomplete_subscription_expires_after_23_hours(shop: Shop) -> None:
    made = shop.subscribe(shop.customer("pm_card_chargeCustomerFail"), shop.price(1000))
    shop.pass_time(23 * 3_600 - 1)
    assert shop.subscription(made.id).status == "incomplete"
    shop.pass_time(1)
    assert shop.subscription(made.id).status == "incomplete_expired"
    assert shop.api.invoices.retrieve(made.latest_invoice).status == "void"


# -- trials


def test_a_trials_first_invoice_is_real_and_free(shop: Shop) -> None:
    made = shop.subscribe(
        shop.customer(), shop.price(1000, unit_label="user"), trial_period_days=14,
        expand=["latest_invoice.payments", "latest_invoice.confirmation_secret"],
    )  # fmt: skip
    invoice = made.latest_invoice
    assert (made.status, made.pending_setup_intent) == ("trialing", None)
    assert made.billing_cycle_anchor == made.trial_end == shop.now + 14 * DAY
    assert period_of(made) == (shop.now, made.trial_end)
    assert (invoice.status, invoice.total, invoice.attempted, invoice.attempt_count) == ("paid", 0, True, 0)
    assert invoice.number is not None
    assert invoice.lines.data[0].description == "Free trial for 1 user × Pro"
    assert str(invoice.lines.data[0].pricing.unit_amount_decimal) == "0"
    assert (invoice.payments.data, invoice.confirmation_secret) == ([], None)


def test_a_trial_without_a_card_has_a_pending_setup_intent(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(card=None), shop.price(1000), trial_period_days=14)
    assert made.pending_setup_intent.startswith("seti_")


def test_ending_a_trial_now_bills_at_once(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000), trial_period_days=14)
    shop.pass_time(DAY)
    ended = shop.api.subscriptions.update(made.id, {"trial_end": "now", "expand": ["latest_invoice"]})
    assert (ended.status, ended.trial_end, ended.billing_cycle_anchor) == ("active", shop.now - 1, shop.now)
    assert (ended.latest_invoice.billing_reason, ended.latest_invoice.amount_paid) == ("subscription_update", 1000)


@pytest.mark.parametrize(("behaviour", "status"), [("pause", "paused"), ("cancel", "canceled")])
def test_ending_a_trial_now_without_a_card_does_what_the_settings_say(shop: Shop, behaviour: str, status: str) -> None:
    settings = {"end_behavior": {"missing_payment_method": behaviour}}
    made = shop.subscribe(shop.customer(card=None), shop.price(1000), trial_period_days=14, trial_settings=settings)
    ended = shop.api.subscriptions.update(made.id, {"trial_end": "now"})
    assert (ended.status, ended.latest_invoice) == (status, made.latest_invoice)


def test_ending_a_trial_now_without_a_card_is_refused_by_default(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(card=None), shop.price(1000), trial_period_days=14)
    assert refusal_of(shop.api.subscriptions.update, made.id, {"trial_end": "now"}).code == "resource_missing"
    assert shop.subscription(made.id).status == "trialing"


def test_trial_end_now_does_nothing_outside_a_trial(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    assert shop.api.subscriptions.update(made.id, {"trial_end": "now"}).latest_invoice == made.latest_invoice


def test_a_trial_that_runs_out_is_billed(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000), trial_period_days=14)
    shop.pass_time(15 * DAY)
    after = shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    assert (after.status, after.latest_invoice.amount_paid) == ("active", 1000)


def test_resuming_a_paused_one_waits_for_its_invoice(shop: Shop) -> None:
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    dora = shop.customer(card=None)
    made = shop.subscribe(dora, shop.price(1000), trial_period_days=14, trial_settings=settings)
    shop.api.subscriptions.update(made.id, {"trial_end": "now"})
    shop.use(dora, "pm_card_visa")
    resumed = shop.api.subscriptions.resume(made.id)
    assert (resumed.status, resumed.pending_update.expires_at) == ("paused", shop.now + 82_800)
    shop.api.invoices.pay(resumed.latest_invoice)
    after = shop.subscription(made.id)
    assert (after.status, after.pending_update) == ("active", None)
    assert period_of(after) == (shop.now, shop.now + 30 * DAY)


def test_only_a_paused_one_can_be_resumed(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    assert "only resume a subscription if it is `paused`" in str(refusal_of(shop.api.subscriptions.resume, made.id))


# -- changes that bill nothing


def test_default_payment_method_is_set_and_cleared(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.subscribe(ada, shop.price(1000))
    other = shop.api.payment_methods.attach("pm_card_mastercard", {"customer": ada.id})
    assert (
        shop.api.subscriptions.update(made.id, {"default_payment_method": other.id}).default_payment_method == other.id
    )
    assert shop.api.subscriptions.update(made.id, {"default_payment_method": ""}).default_payment_method is None


def test_mallorys_card_cannot_pay_for_ada(shop: Shop) -> None:
    mallory = shop.customer()
    card = shop.api.payment_methods.list({"customer": mallory.id}).data[0]
    made = shop.subscribe(shop.customer(), shop.price(1000))
    refused = refusal_of(shop.api.subscriptions.update, made.id, {"default_payment_method": card.id})
    assert (refused.http_status, refused.code) == (400, "resource_missing")


def test_a_price_change_without_a_quantity_sets_it_to_one(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000), quantity=5)
    assert shop.change(made, shop.price(2000))["items"].data[0].quantity == 1


def test_pause_collection_is_kept_and_cleared(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    paused = {"behavior": "void", "resumes_at": shop.now + 40 * DAY}
    after = shop.api.subscriptions.update(made.id, {"pause_collection": paused})
    assert (after.status, after.pause_collection.to_dict()) == ("active", paused)
    assert shop.api.subscriptions.update(made.id, {"pause_collection": ""}).pause_collection is None


def test_a_forever_discount_lowers_the_total_and_not_the_line(shop: Shop) -> None:
    coupon = shop.api.coupons.create({"percent_off": 10, "duration": "forever"})
    made = shop.subscribe(
        shop.customer(), shop.price(2500), discounts=[{"coupon": coupon.id}], expand=["latest_invoice"]
    )
    invoice, line = made.latest_invoice, made.latest_invoice.lines.data[0]
    (discount,) = made.discounts
    assert (invoice.subtotal, invoice.total, invoice.discounts) == (2500, 2250, [discount])
    assert invoice.total_discount_amounts[0].to_dict() == {"amount": 250, "discount": discount}
    assert (line.amount, line.discounts, line.discount_amounts[0].amount) == (2500, [], 250)


def test_a_once_discount_is_gone_after_the_first_invoice(shop: Shop) -> None:
    coupon = shop.api.coupons.create({"amount_off": 300, "currency": "usd", "duration": "once"})
    made = shop.subscribe(
        shop.customer(), shop.price(1000), discounts=[{"coupon": coupon.id}], expand=["latest_invoice"]
    )
    assert (made.latest_invoice.total, made.discounts) == (700, [])


def test_an_invoice_items_own_discount_is_inside_the_subtotal(shop: Shop) -> None:
    ada = shop.customer()
    coupon = shop.api.coupons.create({"percent_off": 50, "duration": "once"})
    shop.api.invoice_items.create(
        {"customer": ada.id, "amount": 1900, "currency": "usd", "discounts": [{"coupon": coupon.id}]}
    )
    invoice = shop.api.invoices.create({"customer": ada.id, "pending_invoice_items_behavior": "include"})
    assert (invoice.subtotal, invoice.total, invoice.discounts) == (950, 950, [])
    assert amounts(invoice) == [1900]
    assert invoice.total_discount_amounts[0].amount == 950


# -- the end


def test_canceling_at_period_end_and_back(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    going = shop.api.subscriptions.update(
        made.id, {"cancel_at_period_end": True, "cancellation_details": {"feedback": "unused", "comment": "bye"}}
    )
    assert (going.cancel_at_period_end, going.cancel_at, going.canceled_at) == (True, period_of(made)[1], shop.now)
    assert (going.cancellation_details.reason, going.cancellation_details.feedback) == (
        "cancellation_requested",
        "unused",
    )
    assert (going.status, going.ended_at, going.latest_invoice) == ("active", None, made.latest_invoice)
    back = shop.api.subscriptions.update(made.id, {"cancel_at_period_end": False})
    assert (back.cancel_at_period_end, back.cancel_at, back.canceled_at, back.cancellation_details.reason) == (
        False, None, None, None,
    )  # fmt: skip


def test_max_period_end_becomes_a_date_and_is_cleared_by_an_empty_string(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    going = shop.api.subscriptions.update(made.id, {"cancel_at": "max_period_end"})
    assert (going.cancel_at, going.cancel_at_period_end) == (period_of(made)[1], False)
    assert shop.api.subscriptions.update(made.id, {"cancel_at": ""}).cancel_at is None


def test_at_its_end_it_is_canceled_and_not_renewed(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    shop.api.subscriptions.update(made.id, {"cancel_at_period_end": True})
    shop.pass_time(31 * DAY)
    over = shop.subscription(made.id)
    assert (over.status, over.ended_at, over.latest_invoice) == ("canceled", period_of(made)[1], made.latest_invoice)


def test_canceling_now(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    over = shop.api.subscriptions.cancel(made.id, {"cancellation_details": {"feedback": "too_complex"}})
    assert (over.status, over.canceled_at, over.ended_at, over.cancel_at) == ("canceled", shop.now, shop.now, None)
    assert (over.cancellation_details.reason, over.cancellation_details.feedback) == (
        "cancellation_requested",
        "too_complex",
    )
    assert period_of(over) == period_of(made)


def test_canceling_now_with_an_invoice_makes_a_draft_that_pays_nobody(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.subscribe(ada, shop.price(1000))
    over = shop.api.subscriptions.cancel(made.id, {"prorate": True, "invoice_now": True, "expand": ["latest_invoice"]})
    draft = over.latest_invoice
    assert (draft.status, draft.billing_reason, draft.total, draft.amount_due) == (
        "draft",
        "subscription_cycle",
        -1000,
        0,
    )
    assert (draft.number, draft.auto_advance, draft.attempted, draft.ending_balance) == (None, True, False, None)
    assert (draft.automatically_finalizes_at, draft.next_payment_attempt) == (shop.now + 3601, shop.now + 3600)
    shop.pass_time(6)
    assert shop.api.invoices.retrieve(draft.id).status == "uncollectible"
    assert shop.api.customers.retrieve(ada.id).balance == 0


def test_a_second_cancel_is_a_404_and_only_words_can_still_change(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    shop.api.subscriptions.cancel(made.id)
    again = refusal_of(shop.api.subscriptions.cancel, made.id)
    assert (again.http_status, again.code, again.param) == (404, "resource_missing", "id")
    assert shop.api.subscriptions.update(made.id, {"metadata": {"a": "b"}}).metadata["a"] == "b"
    refused = refusal_of(shop.api.subscriptions.update, made.id, {"cancel_at_period_end": True})
    assert refused.code == "invalid_canceled_subscription_fields"
