"""Invoices by hand and of subscriptions: numbers, payments, refusals, as recorded from Stripe's API in 2025 and 2026."""

from typing import Any

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.billing import DAY, Shop
from tests.sandbox.support import http, refusal_of


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September 2026."""
    return Shop(client, world)


def draft(shop: Shop, person: Any, amount: int = 1234, **more: Any) -> Any:
    """A manual draft of one amount."""
    shop.api.invoice_items.create({"customer": person.id, "amount": amount, "currency": "usd", "description": "Work"})
    return shop.api.invoices.create({"customer": person.id, "pending_invoice_items_behavior": "include", **more})


def authenticate(shop: Shop, intent: Any, outcome: str = "complete") -> None:
    """Answer the bank's dialog."""
    body = f"client_secret={intent.client_secret}&outcome={outcome}"
    assert http(shop.world, "POST", f"/3ds/{intent.id}", body).status == 200


def intent_of(shop: Shop, invoice_id: str) -> Any:
    """The payment intent of an invoice."""
    payment = shop.api.invoice_payments.list({"invoice": invoice_id}).data[0]
    return shop.api.payment_intents.retrieve(payment.payment.payment_intent)


def test_a_draft_has_no_number_and_no_address(shop: Shop) -> None:
    made = draft(shop, shop.customer())
    assert (made.status, made.number, made.hosted_invoice_url, made.effective_at) == ("draft", None, None, None)
    assert (made.amount_due, made.ending_balance, made.billing_reason, made.parent) == (1234, None, "manual", None)
    assert made.lines.data[0].parent.type == "invoice_item_details"
    assert_matches_sdk(made)


def test_a_draft_that_advances_has_an_hour(shop: Shop) -> None:
    made = draft(shop, shop.customer(), auto_advance=True)
    assert (made.automatically_finalizes_at, made.next_payment_attempt) == (shop.now + 3601, shop.now + 3600)
    off = shop.api.invoices.update(made.id, {"auto_advance": False})
    assert (off.automatically_finalizes_at, off.next_payment_attempt) == (None, None)
    shop.api.invoices.update(made.id, {"auto_advance": True})
    shop.pass_time(3601)
    assert shop.api.invoices.retrieve(made.id).status == "paid"


def test_waiting_items_stay_out_unless_asked_for(shop: Shop) -> None:
    ada = shop.customer()
    shop.api.invoice_items.create({"customer": ada.id, "amount": 500, "currency": "usd"})
    assert shop.api.invoices.create({"customer": ada.id}).lines.data == []
    assert len(shop.api.invoice_items.list({"customer": ada.id, "pending": True}).data) == 1


def test_finalizing_numbers_it_and_tries_nothing(shop: Shop) -> None:
    ada = shop.customer()
    final = shop.api.invoices.finalize_invoice(draft(shop, ada).id, {"expand": ["payments", "confirmation_secret"]})
    assert (final.status, final.attempted, final.effective_at) == ("open", False, shop.now)
    assert final.number == f"{ada.invoice_prefix}-0001"
    assert shop.api.customers.retrieve(ada.id).next_invoice_sequence == 2
    payment = final.payments.data[0]
    assert (payment.status, payment.amount_paid, payment.amount_requested, payment.is_default) == (
        "open",
        None,
        1234,
        True,
    )
    assert final.payments.url == "/v1/invoices/payments"
    assert final.confirmation_secret.client_secret.startswith(f"{payment.payment.payment_intent}_secret_")
    again = refusal_of(shop.api.invoices.finalize_invoice, final.id)
    assert str(again.user_message) == "This invoice is already finalized, you can't re-finalize a non-draft invoice."
    assert (again.http_status, again.code) == (400, None)


def test_payments_are_absent_unless_expanded(shop: Shop) -> None:
    made = draft(shop, shop.customer())
    body = http(shop.world, "GET", f"/v1/invoices/{made.id}").json
    assert "payments" not in body
    assert "confirmation_secret" not in body


def test_an_invoice_of_nothing_is_paid_by_finalizing(shop: Shop) -> None:
    final = shop.api.invoices.finalize_invoice(shop.api.invoices.create({"customer": shop.customer().id}).id)
    assert (final.status, final.attempted, final.attempt_count) == ("paid", True, 0)
    assert final.status_transitions.paid_at == final.status_transitions.finalized_at == shop.now


def test_paying_a_draft_finalizes_it_first(shop: Shop) -> None:
    paid = shop.api.invoices.pay(draft(shop, shop.customer()).id, {"expand": ["payments"]})
    assert (paid.status, paid.amount_paid, paid.attempt_count) == ("paid", 1234, 1)
    assert (paid.payments.data[0].status, paid.payments.data[0].amount_paid) == ("paid", 1234)
    assert refusal_of(shop.api.invoices.pay, paid.id).user_message == "Invoice is already paid"


def test_a_decline_answers_402_and_leaves_its_rows(shop: Shop) -> None:
    bob = shop.customer("pm_card_chargeCustomerFail")
    final = shop.api.invoices.finalize_invoice(draft(shop, bob).id)
    refused = refusal_of(shop.api.invoices.pay, final.id)
    assert (refused.http_status, refused.code, refused.error.decline_code) == (402, "card_declined", "generic_decline")
    after = shop.api.invoices.retrieve(final.id)
    assert (after.status, after.attempted, after.attempt_count) == ("open", True, 1)
    (charge,) = shop.api.charges.list({"customer": bob.id}).data
    assert (charge.status, charge.failure_code, charge.outcome.type) == ("failed", "card_declined", "issuer_declined")
    assert intent_of(shop, final.id).last_payment_error.code == "card_declined"


def test_3_d_secure_on_session_answers_402_and_is_finished_by_the_customer(shop: Shop) -> None:
    carol = shop.customer("pm_card_authenticationRequired")
    final = shop.api.invoices.finalize_invoice(draft(shop, carol).id)
    refused = refusal_of(shop.api.invoices.pay, final.id, {"off_session": False})
    assert (refused.http_status, refused.code) == (402, "invoice_payment_intent_requires_action")
    intent = intent_of(shop, final.id)
    assert intent.status == "requires_action"
    authenticate(shop, intent)
    after = shop.api.invoices.retrieve(final.id)
    assert (after.status, after.amount_paid) == ("paid", 1234)


def test_3_d_secure_given_up_leaves_the_invoice_open(shop: Shop) -> None:
    carol = shop.customer("pm_card_authenticationRequired")
    final = shop.api.invoices.finalize_invoice(draft(shop, carol).id)
    refusal_of(shop.api.invoices.pay, final.id, {"off_session": False})
    authenticate(shop, intent_of(shop, final.id), "fail")
    intent = intent_of(shop, final.id)
    assert (intent.status, intent.last_payment_error.code) == (
        "requires_payment_method", "payment_intent_authentication_failure",
    )  # fmt: skip
    assert shop.api.invoices.retrieve(final.id).status == "open"
    assert shop.api.charges.list({"customer": carol.id}).data == []


def test_off_session_a_card_that_asks_is_declined(shop: Shop) -> None:
    carol = shop.customer("pm_card_authenticationRequired")
    final = shop.api.invoices.finalize_invoice(draft(shop, carol).id)
    assert refusal_of(shop.api.invoices.pay, final.id).code == "authentication_required"


def test_the_browser_pays_with_the_confirmation_secret(shop: Shop) -> None:
    bob = shop.customer("pm_card_chargeCustomerFail")
    made = shop.subscribe(bob, shop.price(1000), expand=["latest_invoice.confirmation_secret"])
    intent = intent_of(shop, made.latest_invoice.id)
    secret = made.latest_invoice.confirmation_secret.client_secret
    card = "payment_method_data[type]=card&payment_method_data[card][number]=4242424242424242"
    card += "&payment_method_data[card][exp_month]=12&payment_method_data[card][exp_year]=2031"
    path = f"/v1/payment_intents/{intent.id}/confirm"
    wrong = http(shop.world, "POST", path, f"client_secret=pi_x_secret_y&{card}", Authorization="Bearer pk_test_abc")
    assert wrong.status == 404
    answer = http(shop.world, "POST", path, f"client_secret={secret}&{card}", Authorization="Bearer pk_test_abc")
    assert (answer.status, answer.json["status"]) == (200, "succeeded")
    assert shop.subscription(made.id).status == "active"
    assert len(shop.api.payment_methods.list({"customer": bob.id}).data) == 2


def test_mallory_cannot_pay_with_adas_card(shop: Shop) -> None:
    ada, mallory = shop.customer(), shop.customer()
    adas = shop.api.payment_methods.list({"customer": ada.id}).data[0]
    final = shop.api.invoices.finalize_invoice(draft(shop, mallory).id)
    assert refusal_of(shop.api.invoices.pay, final.id, {"payment_method": adas.id}).param == "payment_method"


def test_paid_out_of_band(shop: Shop) -> None:
    paid = shop.api.invoices.pay(draft(shop, shop.customer()).id, {"paid_out_of_band": True})
    assert (paid.status, paid.attempted, paid.attempt_count, paid.amount_paid) == ("paid", False, 0, 1234)


def test_who_may_be_voided_and_deleted(shop: Shop) -> None:
    ada = shop.customer()
    one, two = draft(shop, ada), draft(shop, ada)
    assert "This invoice isn't open." in str(refusal_of(shop.api.invoices.void_invoice, one.id))
    final = shop.api.invoices.finalize_invoice(one.id)
    assert str(refusal_of(shop.api.invoices.delete, final.id).user_message) == "You can only delete draft invoices."
    assert shop.api.invoices.void_invoice(final.id).status == "void"
    assert intent_of(shop, final.id).status == "canceled"
    paid = shop.api.invoices.pay(two.id)
    refused = refusal_of(shop.api.invoices.void_invoice, paid.id)
    assert refused.user_message == "Invoices with `paid` payments cannot be voided."
    assert shop.api.invoices.delete(draft(shop, ada).id).deleted is True


def test_a_final_invoice_takes_metadata_only(shop: Shop) -> None:
    final = shop.api.invoices.finalize_invoice(draft(shop, shop.customer()).id)
    assert shop.api.invoices.update(final.id, {"metadata": {"po": "7"}}).metadata["po"] == "7"
    refused = refusal_of(shop.api.invoices.update, final.id, {"description": "x"})
    assert (refused.user_message, refused.param) == ("Finalized invoices can't be updated in this way", "description")


def test_voiding_gives_back_the_credit_it_used(shop: Shop) -> None:
    ada = shop.customer(balance=-500)
    final = shop.api.invoices.finalize_invoice(draft(shop, ada).id)
    assert (final.amount_due, final.starting_balance, final.ending_balance) == (734, -500, 0)
    shop.api.invoices.void_invoice(final.id)
    assert shop.api.customers.retrieve(ada.id).balance == -500


def test_unknown_invoices_name_the_parameter_as_stripe_does(shop: Shop) -> None:
    assert refusal_of(shop.api.invoices.retrieve, "in_nope").param == "invoice"
    assert refusal_of(shop.api.invoices.pay, "in_nope").param == "id"
    assert refusal_of(shop.api.invoices.list, {"status": "late"}).user_message == (
        "Invalid status: must be one of draft, open, void, paid, or uncollectible"
    )


def test_exclusive_tax_is_added_and_inclusive_tax_is_taken_out(shop: Shop) -> None:
    ada = shop.customer()
    added = shop.api.tax_rates.create({"display_name": "VAT", "percentage": 5, "inclusive": False})
    inside = shop.api.tax_rates.create({"display_name": "VAT", "percentage": 21, "inclusive": True})
    one = draft(shop, ada, 3000, default_tax_rates=[added.id])
    two = draft(shop, ada, 30882, default_tax_rates=[inside.id])
    assert (one.subtotal, one.total, one.total_taxes[0].amount) == (3000, 3150, 150)
    assert (two.total, two.total_taxes[0].amount, two.total_taxes[0].taxable_amount) == (30882, 5360, 25522)
    assert_matches_sdk(one)


# -- refunds and credit notes


def test_a_refund_in_two_parts(shop: Shop) -> None:
    ada = shop.customer()
    shop.api.invoices.pay(draft(shop, ada).id)
    charge = shop.api.charges.list({"customer": ada.id}).data[0]
    assert_matches_sdk(shop.api.refunds.create({"charge": charge.id, "amount": 1000}))
    assert shop.api.charges.retrieve(charge.id).refunded is False
    refusal_of(shop.api.refunds.create, {"charge": charge.id, "amount": 1000})
    shop.api.refunds.create({"charge": charge.id})
    after = shop.api.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert (after.refunded, after.amount_refunded, len(after.refunds.data)) == (True, 1234, 2)


def test_a_credit_note_on_a_paid_invoice_moves_the_balance(shop: Shop) -> None:
    ada = shop.customer()
    paid = shop.api.invoices.pay(draft(shop, ada).id)
    note = shop.api.credit_notes.create({"invoice": paid.id, "amount": 500, "credit_amount": 500})
    assert note.number == f"{paid.number}-CN-01"
    assert (note.type, shop.api.customers.retrieve(ada.id).balance) == ("post_payment", -500)
    assert shop.api.invoices.retrieve(paid.id).post_payment_credit_notes_amount == 500
    assert_matches_sdk(note)
    assert [one.id for one in shop.api.credit_notes.list({"customer": ada.id}).data] == [note.id]


def test_a_credit_note_on_an_open_invoice_lowers_what_is_due(shop: Shop) -> None:
    final = shop.api.invoices.finalize_invoice(draft(shop, shop.customer()).id)
    shop.api.credit_notes.create({"invoice": final.id, "amount": 234})
    paid = shop.api.invoices.pay(final.id)
    assert (paid.amount_due, paid.amount_paid, paid.pre_payment_credit_notes_amount) == (1000, 1000, 234)


def test_a_credit_note_may_refund(shop: Shop) -> None:
    ada = shop.customer()
    paid = shop.api.invoices.pay(draft(shop, ada).id)
    note = shop.api.credit_notes.create({"invoice": paid.id, "amount": 200, "refund_amount": 200})
    assert shop.api.refunds.retrieve(note.refunds[0].refund).amount == 200


# -- what time does


def test_a_renewal_is_a_draft_for_an_hour_and_then_paid(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    shop.pass_time(30 * DAY)
    waits = shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]}).latest_invoice
    assert (waits.status, waits.billing_reason, waits.number) == ("draft", "subscription_cycle", None)
    assert (waits.period_start, waits.period_end) == (shop.now - 30 * DAY, shop.now)
    shop.pass_time(3601)
    paid = shop.api.invoices.retrieve(waits.id)
    assert (paid.status, paid.amount_paid, paid.lines.data[0].period.start) == ("paid", 1000, waits.created)


def test_a_year_passes_in_order(shop: Shop) -> None:
    ada = shop.customer()
    shop.subscribe(ada, shop.price(1000))
    shop.pass_time(366 * DAY)
    rows = shop.api.invoices.list({"customer": ada.id, "limit": 100}).data
    assert [int(row.number[-4:]) for row in rows] == list(range(13, 0, -1))
    assert {row.status for row in rows} == {"paid"}


def test_a_failed_renewal_is_past_due_retried_and_recovered_by_paying(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(1000))
    shop.use(bob, "pm_card_chargeCustomerFail")
    shop.pass_time(30 * DAY + 3601)
    late = shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    assert (late.status, late.latest_invoice.attempt_count) == ("past_due", 1)
    assert late.latest_invoice.next_payment_attempt == shop.now + 3 * DAY
    assert shop.api.customers.retrieve(bob.id).delinquent is True
    shop.pass_time(3 * DAY)
    assert shop.api.invoices.retrieve(late.latest_invoice.id).attempt_count == 2
    shop.use(bob, "pm_card_visa")
    shop.api.invoices.pay(late.latest_invoice.id, {"off_session": False})
    assert shop.subscription(made.id).status == "active"
    assert shop.api.customers.retrieve(bob.id).delinquent is False


def test_a_retry_recovers_by_itself_with_a_new_card(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(1000))
    shop.use(bob, "pm_card_chargeCustomerFail")
    shop.pass_time(30 * DAY + 3601)
    shop.use(bob, "pm_card_visa")
    shop.pass_time(3 * DAY)
    assert shop.subscription(made.id).status == "active"


def test_a_subscriptions_own_card_wins_over_the_new_default(shop: Shop) -> None:
    bob = shop.customer()
    bad = shop.use(bob, "pm_card_chargeCustomerFail")
    shop.use(bob, "pm_card_visa")
    made = shop.subscribe(bob, shop.price(1000))
    shop.api.subscriptions.update(made.id, {"default_payment_method": bad.id})
    shop.pass_time(30 * DAY + 3601)
    assert shop.subscription(made.id).status == "past_due"


def test_waiting_prorations_are_billed_by_the_renewal(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    shop.pass_time(10 * DAY)
    shop.change(made, shop.price(6000))
    shop.pass_time(20 * DAY + 3601)
    renewal = shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]}).latest_invoice
    assert [line.amount for line in renewal.lines.data] == [-2000, 4000, 6000]


def test_a_schedule_changes_the_plan_at_the_period_end_and_lets_go(shop: Shop) -> None:
    high, low = shop.price(5000), shop.price(2000)
    made = shop.subscribe(shop.customer(), high)
    schedule = shop.api.subscription_schedules.create({"from_subscription": made.id})
    assert_matches_sdk(schedule)
    first = schedule.phases[0]
    shop.api.subscription_schedules.update(
        schedule.id,
        {
            "end_behavior": "release",
            "phases": [
                {"items": [{"price": high}], "start_date": first.start_date, "end_date": first.end_date},
                {"items": [{"price": low}], "duration": {"interval": "month"}, "proration_behavior": "none"},
            ],
        },
    )
    shop.pass_time(30 * DAY + 3601)
    after = shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]})
    assert (after["items"].data[0].price.id, after.latest_invoice.total) == (low, 2000)
    shop.pass_time(31 * DAY)
    released = shop.subscription(made.id)
    assert (released.schedule, released["items"].data[0].price.id) == (None, low)


def test_a_schedule_is_released_by_hand(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(5000))
    schedule = shop.api.subscription_schedules.create({"from_subscription": made.id})
    assert shop.subscription(made.id).schedule == schedule.id
    assert shop.api.subscription_schedules.release(schedule.id).status == "released"
    assert shop.subscription(made.id).schedule is None


def test_customers_on_a_test_clock_live_in_its_time(shop: Shop) -> None:
    clock = shop.api.test_helpers.test_clocks.create({"frozen_time": shop.now})
    ada = shop.customer(test_clock=clock.id)
    made = shop.subscribe(ada, shop.price(1000))
    shop.api.test_helpers.test_clocks.advance(clock.id, {"frozen_time": shop.now + 31 * DAY})
    assert len(shop.api.invoices.list({"customer": ada.id}).data) == 2
    assert shop.subscription(made.id)["items"].data[0].current_period_start == shop.now + 30 * DAY


def test_events_tell_the_story_of_an_upgrade(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    shop.change(made, shop.price(5000), proration_behavior="always_invoice")
    events = shop.api.events.list({"limit": 100}).data
    types = [event.type for event in events]
    assert {"customer.subscription.created", "invoice.created", "invoice.finalized", "invoice.paid"} <= set(types)
    update = next(event for event in events if event.type == "customer.subscription.updated")
    assert "items" in update.data.previous_attributes
    assert update.data.previous_attributes["latest_invoice"] == made.latest_invoice
