"""What happens when a renewal is not paid, and when trials end."""

from typing import Any

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld, cards
from portal_embed.sandbox.inside import call
from portal_embed.sandbox.world import World
from portal_embed.sandbox.worlds import let_happen
from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.billing import DAY, SEPTEMBER_21, Shop

MONTH = 30 * DAY + 3601


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September 2026."""
    return Shop(client, world)


def failing(shop: Shop) -> tuple[Any, Any]:
    """Bob, whose renewal has just failed, and his subscription."""
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(1000))
    shop.use(bob, "pm_card_chargeCustomerFail")
    shop.pass_time(MONTH)
    return bob, shop.subscription(made.id)


def latest(shop: Shop, subscription: Any) -> Any:
    """The latest invoice of a subscription."""
    return shop.api.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]}).latest_invoice


def events(shop: Shop) -> list[str]:
    """The types of the last events, newest first."""
    return [event.type for event in shop.api.events.list({"limit": 100}).data]


def test_what_is_owed_can_be_paid_while_the_next_renewal_is_still_a_draft(shop: Shop) -> None:
    bob, made = failing(shop)
    owed = latest(shop, made)
    shop.pass_time(made["items"].data[0].current_period_end - shop.now + 60)
    assert latest(shop, made).status == "draft"
    assert shop.subscription(made.id).status == "past_due"
    shop.use(bob, "pm_card_visa")
    shop.api.invoices.pay(owed.id)
    assert shop.subscription(made.id).status == "active"


@pytest.mark.parametrize("then", ["past_due", "unpaid", "canceled"])
def test_after_the_last_retry_comes_what_the_settings_say(shop: Shop, then: str) -> None:
    shop.world.dunning([DAY, 2 * DAY], then)  # type: ignore[arg-type]
    _, made = failing(shop)
    assert (made.status, latest(shop, made).next_payment_attempt) == ("past_due", shop.now + DAY)
    shop.pass_time(DAY)
    assert latest(shop, made).attempt_count == 2
    shop.pass_time(2 * DAY)
    ended, invoice = shop.subscription(made.id), latest(shop, made)
    assert (ended.status, invoice.attempt_count, invoice.next_payment_attempt) == (then, 3, None)
    reason = "payment_failed" if then == "canceled" else None
    assert (invoice.status, ended.cancellation_details.reason) == ("open", reason)
    assert events(shop).count("invoice.payment_failed") == 3
    assert_matches_sdk(ended)


def test_the_renewals_of_an_unpaid_subscription_stay_drafts_and_paying_the_latest_brings_it_back(shop: Shop) -> None:
    shop.world.dunning([], "unpaid")
    bob, made = failing(shop)
    assert made.status == "unpaid"
    shop.pass_time(32 * DAY)
    draft = latest(shop, made)
    assert (draft.status, draft.auto_advance, shop.subscription(made.id).status) == ("draft", False, "unpaid")
    good = shop.api.payment_methods.attach("pm_card_visa", {"customer": bob.id})
    shop.api.invoices.pay(draft.id, {"payment_method": good.id})
    assert shop.subscription(made.id).status == "active"


def test_a_retry_takes_the_new_default_method(shop: Shop) -> None:
    bob, made = failing(shop)
    shop.use(bob, "pm_card_visa")
    shop.pass_time(3 * DAY)
    assert (latest(shop, made).status, shop.subscription(made.id).status) == ("paid", "active")


def test_a_hard_decline_is_not_taken_to_the_bank_again() -> None:
    world = World("hard")
    world.clock.frozen = SEPTEMBER_21
    bob = call(world, "POST", "/v1/customers", name="Bob")["id"]
    card = call(world, "POST", "/v1/payment_methods/pm_card_visa/attach", customer=bob)["id"]
    call(world, "POST", f"/v1/customers/{bob}", invoice_settings={"default_payment_method": card})
    price = call(
        world, "POST", "/v1/prices", currency="usd", unit_amount=1000, recurring={"interval": "month"},
        product_data={"name": "Pro"},
    )  # fmt: skip
    call(world, "POST", "/v1/subscriptions", customer=bob, items=[{"price": price["id"]}])
    cards.remember(world, card, "4000000000009979")  # stolen since
    tries = []
    for passed in (MONTH, 3 * DAY, 5 * DAY):
        world.clock.move(passed)
        let_happen(world)
        (invoice,) = [row for row in world.newest_first("invoice", customer=bob) if row["status"] == "open"]
        failed = [row for row in world.newest_first("charge", customer=bob) if row["status"] == "failed"]
        tries.append((invoice["attempt_count"], len(failed)))
    assert tries == [(1, 1), (2, 1), (3, 1)]
    good = call(world, "POST", "/v1/payment_methods/pm_card_visa/attach", customer=bob)["id"]
    call(world, "POST", f"/v1/customers/{bob}", invoice_settings={"default_payment_method": good})
    world.clock.move(7 * DAY)
    let_happen(world)
    assert [row["status"] for row in world.newest_first("invoice", customer=bob)] == ["paid", "paid"]


def test_a_trial_that_ends_without_a_card_is_owed_and_retried(shop: Shop) -> None:
    clara = shop.customer(card=None)
    made = shop.subscribe(clara, shop.price(1000), trial_period_days=14)
    shop.pass_time(14 * DAY + 3601)
    invoice = latest(shop, made)
    assert (shop.subscription(made.id).status, invoice.status, invoice.attempt_count) == ("past_due", "open", 1)
    shop.use(clara, "pm_card_visa")
    shop.pass_time(3 * DAY)
    assert shop.subscription(made.id).status == "active"


@pytest.mark.parametrize(("behaviour", "status"), [("pause", "paused"), ("cancel", "canceled")])
def test_a_trial_without_a_card_ends_as_its_settings_say(shop: Shop, behaviour: str, status: str) -> None:
    made = shop.subscribe(
        shop.customer(card=None),
        shop.price(1000),
        trial_period_days=14,
        trial_settings={"end_behavior": {"missing_payment_method": behaviour}},
    )
    shop.pass_time(15 * DAY)
    ended = shop.subscription(made.id)
    assert ended.status == status
    assert_matches_sdk(ended)


def test_a_trial_is_announced_three_days_before_its_end(shop: Shop) -> None:
    shop.subscribe(shop.customer(), shop.price(1000), trial_period_days=14)
    shop.pass_time(11 * DAY - 1)
    assert "customer.subscription.trial_will_end" not in events(shop)
    shop.pass_time(1)
    assert events(shop)[0] == "customer.subscription.trial_will_end"
    shop.pass_time(3 * DAY + 3601)
    assert events(shop).count("customer.subscription.trial_will_end") == 1


def test_a_trial_of_two_days_is_announced_at_once(shop: Shop) -> None:
    shop.subscribe(shop.customer(), shop.price(1000), trial_period_days=2)
    assert "customer.subscription.trial_will_end" in events(shop)


def test_a_pending_update_that_expires_gives_back_what_it_took(shop: Shop) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(3000))
    shop.pass_time(DAY)
    shop.change(made, quantity=2)
    waited = {item.id for item in shop.api.invoice_items.list({"customer": bob.id, "pending": True}).data}
    shop.use(bob, "pm_card_chargeCustomerFail")
    coupon = shop.api.coupons.create({"percent_off": 10, "duration": "forever", "max_redemptions": 1})
    pending = {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}
    changed = shop.change(made, shop.price(9000), **pending, discounts=[{"coupon": coupon.id}])
    assert changed.pending_update
    assert shop.api.coupons.retrieve(coupon.id).times_redeemed == 1
    shop.pass_time(DAY)
    assert shop.subscription(made.id).pending_update is None
    assert {item.id for item in shop.api.invoice_items.list({"customer": bob.id, "pending": True}).data} == waited
    freed = shop.api.coupons.retrieve(coupon.id)
    assert (freed.times_redeemed, freed.valid) == (0, True)
