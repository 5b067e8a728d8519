"""Pausing and resuming, at once or as planned, and schedules whose phases really begin."""

from typing import Any

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


def waiting(shop: Shop, subscription: Any) -> list[int]:
    """The amounts of the customer's waiting items."""
    found = shop.api.invoice_items.list({"customer": subscription.customer, "pending": True}).data
    return [item.amount for item in found]


def latest(shop: Shop, subscription: Any) -> Any:
    """The latest invoice of a subscription."""
    return shop.api.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]}).latest_invoice


@pytest.mark.parametrize(("start", "credit"), [("now", [-1000]), ("item_current_period_start", [-3000]), ("none", [])])
def test_a_pause_credits_the_unused_time_as_asked(shop: Shop, start: str, credit: list[int]) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    shop.pass_time(20 * DAY)
    paused = shop.api.subscriptions.pause(made.id, {"bill_for": {"unused_time_from": {"type": start}}})
    assert (paused.status, paused.status_details.paused.subscription.type) == ("paused", "pause_requested")
    assert waiting(shop, made) == credit
    assert_matches_sdk(paused)
    shop.pass_time(90 * DAY)
    assert latest(shop, made).id == made.latest_invoice


PAID = {"payment_behavior": "resume_on_payment_success"}


def test_a_resumption_that_must_be_paid_bills_a_new_period_less_the_credit(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    shop.pass_time(20 * DAY)
    shop.api.subscriptions.pause(made.id)
    shop.pass_time(40 * DAY)
    preview = shop.api.invoices.create_preview({"subscription": made.id, "subscription_details": {"resume_at": "now"}})
    resumed = shop.api.subscriptions.resume(made.id, PAID)
    assert (resumed.status, period_of(resumed)[0], resumed.pending_update) == ("active", shop.now, None)
    invoice = latest(shop, made)
    assert (amounts(invoice), invoice.amount_paid, preview.amount_due) == ([-1000, 3000], 2000, 2000)
    assert shop.api.events.list({"type": "customer.subscription.resumed"}).data


def test_a_pause_ends_the_items_periods(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    shop.pass_time(20 * DAY)
    paused = shop.api.subscriptions.pause(made.id)
    assert period_of(paused) == (period_of(made)[0], shop.now)
    assert paused.status_details.paused.transitioned_at == shop.now


def test_one_that_must_be_paid_stays_paused_when_declined_and_is_tried_again(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(3000))
    shop.pass_time(20 * DAY)
    shop.api.subscriptions.pause(made.id)
    shop.use(bob, "pm_card_chargeCustomerFail")
    waits = shop.api.subscriptions.resume(made.id, PAID)
    assert (waits.status, waits.pending_update.expires_at) == ("paused", shop.now + 365 * DAY)
    assert latest(shop, made).next_payment_attempt > shop.now
    shop.use(bob, "pm_card_visa")
    shop.pass_time(4 * DAY)
    assert (shop.subscription(made.id).status, latest(shop, made).amount_paid) == ("active", 2000)


def test_one_that_must_be_paid_waits_for_the_bank(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(3000))
    shop.api.subscriptions.pause(made.id, {"bill_for": {"unused_time_from": {"type": "none"}}})
    shop.use(bob, "pm_card_authenticationRequired")
    assert shop.api.subscriptions.resume(made.id, PAID).status == "paused"
    expand = {"expand": ["data.payment.payment_intent"]}
    payment = shop.api.invoice_payments.list({"invoice": latest(shop, made).id, **expand}).data[0]
    assert payment.payment.payment_intent.status == "requires_action"


def test_one_that_must_be_paid_needs_a_method_and_flexible_billing(shop: Shop) -> None:
    bob = shop.customer(card=None)
    trial = {"trial_period_days": 7, "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}}
    made = shop.subscribe(bob, shop.price(3000), **trial)
    old = shop.subscribe(bob, shop.price(3000), billing_mode={"type": "classic"}, **trial)
    shop.pass_time(8 * DAY)
    assert "no attached payment source" in str(refusal_of(shop.api.subscriptions.resume, made.id, PAID))
    assert shop.subscription(made.id).pending_update is None
    assert "flexible" in str(refusal_of(shop.api.subscriptions.resume, old.id, PAID))


def test_by_default_nothing_is_charged_in_the_call_and_a_failed_payment_leaves_it_past_due(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(3000))
    shop.api.subscriptions.pause(made.id, {"bill_for": {"unused_time_from": {"type": "none"}}})
    resumed = shop.api.subscriptions.resume(made.id)
    assert (resumed.status, latest(shop, made).attempted) == ("paused", False)
    shop.use(bob, "pm_card_chargeCustomerFail")
    refusal_of(shop.api.invoices.pay, latest(shop, made).id)
    after = shop.subscription(made.id)
    assert (after.status, after.pending_update, period_of(after)[0]) == ("past_due", None, shop.now)


def test_in_yen_and_with_a_coupon_the_previews_are_what_is_billed(shop: Shop) -> None:
    coupon = shop.api.coupons.create({"percent_off": 10, "duration": "forever"}).id
    made = shop.subscribe(shop.customer(), shop.price(3000, currency="jpy"), discounts=[{"coupon": coupon}])
    shop.pass_time(20 * DAY)
    wanted = {"pause": {"invoicing_behavior": "invoice"}}
    pause = shop.api.invoices.create_preview({"subscription": made.id, "subscription_details": wanted})
    shop.api.subscriptions.pause(made.id)
    assert (pause.total, waiting(shop, made)) == (-900, [-900])
    preview = shop.api.invoices.create_preview({"subscription": made.id, "subscription_details": {"resume_at": "now"}})
    shop.api.subscriptions.resume(made.id, PAID)
    assert (preview.amount_due, latest(shop, made).amount_paid) == (1800, 1800)


def test_a_schedule_released_in_its_pause_leaves_it_paused_for_good(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    resume_at = {"type": "duration", "duration": {"interval": "month", "interval_count": 2}}
    plan = {"pause": {"pause_at": {"type": "now"}}, "resume": {"resume_at": resume_at}}
    schedule = shop.api.subscription_schedules.create({"from_subscription": made.id, "pause_schedules": [plan]})
    shop.api.subscription_schedules.release(schedule.id)
    shop.pass_time(90 * DAY)
    assert shop.subscription(made.id).status == "paused"
    assert shop.api.subscriptions.resume(made.id, PAID).status == "active"
    shop.pass_time(90 * DAY)
    assert shop.subscription(made.id).status == "active"


def test_a_planned_resumption_without_a_method_fails_and_says_so(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(3000))
    shop.pass_time(5 * DAY)
    plan = {
        "pause": {"pause_at": {"type": "now"}},
        "resume": {"resume_at": {"type": "timestamp", "timestamp": shop.now + 10 * DAY}},
    }
    schedule = shop.api.subscription_schedules.create({"from_subscription": made.id, "pause_schedules": [plan]})
    shop.api.payment_methods.detach(shop.api.customers.retrieve(bob.id).invoice_settings.default_payment_method)
    shop.pass_time(10 * DAY)
    resume = shop.api.subscription_schedules.retrieve(schedule.id).pause_schedules[0].resume
    assert (shop.subscription(made.id).status, resume.status.type) == ("paused", "error")
    assert resume.status.error.code == "resource_missing"


def test_a_resumption_that_nobody_pays_expires_and_the_credit_waits_again(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    shop.pass_time(20 * DAY)
    shop.api.subscriptions.pause(made.id)
    shop.api.subscriptions.resume(made.id)
    assert waiting(shop, made) == []
    shop.pass_time(DAY)
    assert (shop.subscription(made.id).status, latest(shop, made).status) == ("paused", "void")
    assert waiting(shop, made) == [-1000]


def test_resuming_unchanged_goes_on_in_the_running_period(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    shop.pass_time(10 * DAY)
    shop.api.subscriptions.pause(made.id)
    shop.pass_time(10 * DAY)
    resumed = shop.api.subscriptions.resume(made.id, {"billing_cycle_anchor": {"type": "unchanged"}})
    assert (resumed.status, period_of(resumed)) == ("active", period_of(made))
    assert sorted(waiting(shop, made)) == [-2000, 1000]


def test_a_pause_that_invoices_is_previewed_as_it_bills(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.subscribe(ada, shop.price(3000))
    shop.api.invoice_items.create({"customer": ada.id, "amount": 5000, "currency": "usd"})
    shop.pass_time(20 * DAY)
    wanted = {"invoicing_behavior": "invoice"}
    preview = shop.api.invoices.create_preview(
        {"subscription": made.id, "subscription_details": {"pause": {"type": "subscription", **wanted}}}
    )
    shop.api.subscriptions.pause(made.id, wanted)
    billed = latest(shop, made)
    assert (amounts(preview), preview.amount_due) == (amounts(billed), billed.amount_paid) == ([-1000, 5000], 4000)


def test_classic_and_scheduled_ones_cannot_be_paused(shop: Shop) -> None:
    price = shop.price(3000)
    classic = shop.subscribe(shop.customer(), price, billing_mode={"type": "classic"})
    assert "flexible" in str(refusal_of(shop.api.subscriptions.pause, classic.id))
    planned = shop.subscribe(shop.customer(), price)
    shop.api.subscription_schedules.create({"from_subscription": planned.id})
    assert "schedule" in str(refusal_of(shop.api.subscriptions.pause, planned.id))


def test_a_planned_pause_ends_by_itself(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    shop.pass_time(20 * DAY)
    plan = {
        "pause": {"pause_at": {"type": "now"}},
        "resume": {"resume_at": {"type": "duration", "duration": {"interval": "month", "interval_count": 2}}},
    }
    schedule = shop.api.subscription_schedules.create({"from_subscription": made.id, "pause_schedules": [plan]})
    assert schedule.pause_schedules[0].pause.status.type == "succeeded"
    assert shop.subscription(made.id).status == "paused"
    assert_matches_sdk(schedule)
    shop.pass_time(61 * DAY)
    assert shop.subscription(made.id).status == "active"
    assert (amounts(latest(shop, made)), latest(shop, made).amount_paid) == ([-1000, 3000], 2000)
    assert shop.api.subscription_schedules.retrieve(schedule.id).status == "released"


def test_a_planned_resumption_that_is_declined_waits_for_its_payment(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(3000))
    plan = {
        "pause": {"pause_at": {"type": "now"}, "settings": {"bill_for": {"unused_time_from": {"type": "none"}}}},
        "resume": {"resume_at": {"type": "timestamp", "timestamp": shop.now + 10 * DAY}},
    }
    schedule = shop.api.subscription_schedules.create({"from_subscription": made.id, "pause_schedules": [plan]})
    shop.use(bob, "pm_card_chargeCustomerFail")
    shop.pass_time(10 * DAY)
    waits = shop.api.subscription_schedules.retrieve(schedule.id).pause_schedules[0].resume.status.type
    assert (shop.subscription(made.id).status, waits) == ("paused", "pending")
    shop.use(bob, "pm_card_visa")
    shop.api.invoices.pay(latest(shop, made).id)
    done = shop.api.subscription_schedules.retrieve(schedule.id).pause_schedules[0].resume.status.type
    assert (shop.subscription(made.id).status, done) == ("active", "succeeded")


def test_a_pause_planned_for_later_begins_then(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    plan = {"pause": {"pause_at": {"type": "timestamp", "timestamp": shop.now + 10 * DAY}}}
    shop.api.subscription_schedules.create({"from_subscription": made.id, "pause_schedules": [plan]})
    shop.pass_time(10 * DAY - 1)
    assert shop.subscription(made.id).status == "active"
    shop.pass_time(1)
    assert (shop.subscription(made.id).status, waiting(shop, made)) == ("paused", [-2000])


# -- schedules


def planned(shop: Shop, subscription: Any, *phases: dict[str, Any], **more: Any) -> Any:
    """A schedule of the running phase until the period's end and those that follow."""
    made = shop.api.subscription_schedules.create({"from_subscription": subscription.id})
    first = made.phases[0]
    item = subscription["items"].data[0]
    running = {
        "items": [{"price": item.price.id, "quantity": item.quantity}],
        "start_date": first.start_date,
        "end_date": first.end_date,
    }
    return shop.api.subscription_schedules.update(made.id, {"phases": [{**running, **more}, *phases]})


def test_several_phases_each_begin_at_their_boundary(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    month = {"duration": {"interval": "month", "interval_count": 1}}
    schedule = planned(shop, made, *({"items": [{"price": shop.price(price)}], **month} for price in (2000, 3000)))
    totals = []
    for _ in range(4):
        shop.pass_time(31 * DAY)
        totals.append(latest(shop, made).total)
    assert totals == [2000, 3000, 3000, 3000]
    assert shop.api.subscription_schedules.retrieve(schedule.id).status == "released"


def test_a_phase_inside_a_period_is_prorated(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    later = {
        "items": [{"price": shop.price(6000)}],
        "proration_behavior": "always_invoice",
        "duration": {"interval": "month", "interval_count": 1},
    }
    planned(shop, made, later, end_date=shop.now + 20 * DAY)
    shop.pass_time(20 * DAY)
    assert amounts(latest(shop, made)) == [-1000, 2000]
    assert shop.subscription(made.id)["items"].data[0].price.unit_amount == 6000


def test_a_schedule_may_end_the_subscription(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    schedule = planned(shop, made)
    shop.api.subscription_schedules.update(schedule.id, {"end_behavior": "cancel"})
    shop.pass_time(31 * DAY)
    assert shop.subscription(made.id).status == "canceled"
    assert shop.api.subscription_schedules.retrieve(schedule.id).status == "completed"
    assert len(shop.api.invoices.list({"customer": made.customer}).data) == 1


def test_the_next_renewal_is_previewed_with_the_next_phase(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    planned(shop, made, {"items": [{"price": shop.price(2000)}], "duration": {"interval": "month"}})
    assert shop.api.invoices.create_preview({"subscription": made.id}).total == 2000
