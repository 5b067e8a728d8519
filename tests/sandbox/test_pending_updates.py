"""A change that waits for its payment leaves the old plan standing."""

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.billing import DAY, Shop, period_of
from tests.sandbox.support import refusal_of

PENDING = {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September 2026."""
    return Shop(client, world)


def test_a_working_card_makes_the_change_at_once(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    changed = shop.change(made, shop.price(5000), **PENDING)
    assert (changed.pending_update, changed["items"].data[0].price.unit_amount) == (None, 5000)
    assert (changed.latest_invoice.status, changed.latest_invoice.amount_paid) == ("paid", 4000)


def test_a_decline_leaves_the_old_plan_and_an_open_invoice(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(1000))
    shop.use(bob, "pm_card_chargeCustomerFail")
    changed = shop.change(made, shop.price(5000), **PENDING)
    assert (changed.status, changed["items"].data[0].price.unit_amount) == ("active", 1000)
    assert (changed.latest_invoice.status, changed.latest_invoice.amount_due) == ("open", 4000)
    assert changed.pending_update.expires_at == shop.now + 82_800
    assert changed.pending_update.subscription_items[0].price.unit_amount == 5000
    assert_matches_sdk(changed)


def test_paying_its_invoice_applies_it(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(1000))
    shop.use(bob, "pm_card_chargeCustomerFail")
    waits = shop.change(made, shop.price(5000), **PENDING)
    good = shop.api.payment_methods.attach("pm_card_visa", {"customer": bob.id})
    shop.api.invoices.pay(waits.latest_invoice.id, {"payment_method": good.id})
    after = shop.subscription(made.id)
    assert (after.pending_update, after["items"].data[0].price.unit_amount) == (None, 5000)
    types = {event.type for event in shop.api.events.list({"limit": 20}).data}
    assert "customer.subscription.pending_update_applied" in types


def test_voiding_its_invoice_drops_it(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(1000))
    shop.use(bob, "pm_card_chargeCustomerFail")
    waits = shop.change(made, shop.price(5000), **PENDING)
    shop.api.invoices.void_invoice(waits.latest_invoice.id)
    after = shop.subscription(made.id)
    assert (after.pending_update, after["items"].data[0].price.unit_amount) == (None, 1000)


def test_it_expires_after_23_hours_and_the_next_renewal_bills_the_old_plan(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(1000))
    bad = shop.use(bob, "pm_card_chargeCustomerFail")
    waits = shop.change(made, shop.price(5000), **PENDING)
    shop.pass_time(82_800)
    after = shop.subscription(made.id)
    assert after.pending_update is None
    assert shop.api.invoices.retrieve(waits.latest_invoice.id).status == "void"
    shop.use(bob, "pm_card_visa")
    shop.pass_time(31 * DAY)
    renewal = shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]}).latest_invoice
    assert (renewal.total, renewal.status) == (1000, "paid")
    assert bad.id


def test_it_expires_no_later_than_the_period(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(100_000))
    shop.use(bob, "pm_card_chargeCustomerFail")
    shop.pass_time(30 * DAY - 3600)
    waits = shop.change(made, shop.price(900_000), **PENDING)
    assert waits.pending_update.expires_at == period_of(made)[1]


def test_a_second_change_replaces_the_first_and_voids_its_invoice(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(1000))
    shop.use(bob, "pm_card_chargeCustomerFail")
    first = shop.change(made, shop.price(5000), **PENDING)
    second = shop.change(made, shop.price(9000), **PENDING)
    assert shop.api.invoices.retrieve(first.latest_invoice.id).status == "void"
    assert second.pending_update.subscription_items[0].price.unit_amount == 9000


def test_3_d_secure_passed_makes_the_change(shop: Shop) -> None:
    carol = shop.customer()
    made = shop.subscribe(carol, shop.price(1000))
    card = shop.use(carol, "pm_card_threeDSecure2Required")
    waits = shop.change(made, shop.price(5000), **PENDING)
    assert waits.pending_update is not None
    payment = shop.api.invoice_payments.list({"invoice": waits.latest_invoice.id}).data[0]
    intent = shop.api.payment_intents.retrieve(payment.payment.payment_intent)
    assert (intent.status, intent.payment_method) == ("requires_action", card.id)


@pytest.mark.parametrize("more", [{"description": "x"}, {"cancel_at_period_end": True}, {"default_payment_method": ""}])
def test_other_parameters_are_refused_beside_it(shop: Shop, more: dict[str, object]) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    refused = refusal_of(lambda: shop.change(made, shop.price(5000), **PENDING, **more))
    assert (refused.http_status, refused.param) == (400, next(iter(more)))


def test_bank_debits_cannot_wait(shop: Shop) -> None:
    eve = shop.customer()
    made = shop.subscribe(eve, shop.price(1000))
    shop.use(eve, "pm_success_at")
    assert refusal_of(lambda: shop.change(made, shop.price(5000), **PENDING)).param == "payment_behavior"


def test_error_if_incomplete_changes_nothing(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(1000))
    shop.use(bob, "pm_card_chargeCustomerFail")
    refused = refusal_of(
        lambda: shop.change(
            made, shop.price(5000), proration_behavior="always_invoice", payment_behavior="error_if_incomplete"
        )
    )
    assert (refused.http_status, refused.code) == (402, "card_declined")
    after = shop.subscription(made.id)
    assert (after["items"].data[0].price.unit_amount, after.latest_invoice) == (1000, made.latest_invoice)


def test_allow_incomplete_changes_the_plan_and_owes_the_money(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(1000))
    shop.use(bob, "pm_card_chargeCustomerFail")
    changed = shop.change(made, shop.price(5000), proration_behavior="always_invoice")
    assert (changed.status, changed["items"].data[0].price.unit_amount) == ("past_due", 5000)
    good = shop.api.payment_methods.attach("pm_card_visa", {"customer": bob.id})
    shop.api.invoices.pay(changed.latest_invoice.id, {"payment_method": good.id})
    assert shop.subscription(made.id).status == "active"
