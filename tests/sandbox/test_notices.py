"""What is told before or after the moment itself: renewals, due dates, ends, failed refunds, verified tax ids, discounts."""

from typing import Any, get_args

import pytest
import stripe
from stripe.params import CustomerCreateTaxIdParams

from portal_embed.sandbox import SandboxWorld
from portal_embed.sandbox.engine import tax_numbers
from tests.sandbox.billing import DAY, Shop, amounts, period_of
from tests.sandbox.support import refusal_of


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September."""
    return Shop(client, world)


def told(shop: Shop, type: str) -> list[dict[str, Any]]:
    """The events of a type, oldest first."""
    return [event.to_dict() for event in shop.api.events.list({"type": type, "limit": 100}).data][::-1]


def types_since(shop: Shop, action: Any) -> list[str]:
    """The types of events that an action brought, oldest first."""
    before = len(shop.api.events.list({"limit": 100}).data)
    action()
    return [event.type for event in shop.api.events.list({"limit": 100}).data][::-1][before:]


# -- renewals


def test_a_renewal_is_announced_seven_days_before_with_the_invoice_it_will_be(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000), quantity=3)
    shop.pass_time(23 * DAY - 1)
    assert told(shop, "invoice.upcoming") == []
    shop.pass_time(1)
    (event,) = told(shop, "invoice.upcoming")
    upcoming = event["data"]["object"]
    assert "id" not in upcoming
    assert event["request"] == {"id": None, "idempotency_key": None}
    shop.pass_time(7 * DAY + 3601)
    billed = shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]}).latest_invoice
    assert (billed.total, amounts(billed)) == (upcoming["total"], [3000])
    assert upcoming["period_end"] == billed.period_end


def test_each_renewal_is_announced_once(shop: Shop) -> None:
    shop.subscribe(shop.customer(), shop.price(1000))
    shop.pass_time(120 * DAY)
    assert len(told(shop, "invoice.upcoming")) == 4


def test_weeks_beside_months_are_renewed_and_the_months_announced(shop: Shop) -> None:
    items = [{"price": shop.price(1000)}, {"price": shop.price(300, "week")}]
    shop.api.subscriptions.create({"customer": shop.customer().id, "items": items})
    shop.pass_time(29 * DAY)
    assert len(told(shop, "invoice.upcoming")) == 1
    assert len(shop.api.invoices.list().data) == 5


@pytest.mark.parametrize(
    "change", [{"cancel_at_period_end": True}, {"pause_collection": {"behavior": "void"}}, {"sent": True}]
)
def test_what_will_not_be_charged_is_not_announced(shop: Shop, change: dict[str, Any]) -> None:
    if change.pop("sent", False):
        change = {"collection_method": "send_invoice", "days_until_due": 30}
    made = shop.subscribe(shop.customer(), shop.price(1000))
    shop.api.subscriptions.update(made.id, change)
    shop.pass_time(29 * DAY)
    assert told(shop, "invoice.upcoming") == []


# -- invoices


def test_a_sent_invoice_is_announced_before_and_told_overdue_at_its_date(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000), collection_method="send_invoice", days_until_due=10)
    shop.pass_time(7 * DAY - 1)
    assert told(shop, "invoice.will_be_due") == []
    shop.pass_time(1)
    (event,) = told(shop, "invoice.will_be_due")
    assert event["data"]["object"]["id"] == made.latest_invoice
    assert told(shop, "invoice.overdue") == []
    shop.pass_time(3 * DAY)
    assert [event["data"]["object"]["id"] for event in told(shop, "invoice.overdue")] == [made.latest_invoice]
    assert shop.subscription(made.id).status == "past_due"


def test_a_sent_invoice_whose_payment_failed_is_overdue_all_the_same(shop: Shop) -> None:
    made = shop.subscribe(
        shop.customer("pm_card_chargeCustomerFail"),
        shop.price(1000),
        collection_method="send_invoice",
        days_until_due=10,
    )
    shop.pass_time(2 * DAY)
    refusal_of(shop.api.invoices.pay, made.latest_invoice)
    shop.pass_time(9 * DAY)
    assert len(told(shop, "invoice.overdue")) == 1


def lost(shop: Shop) -> Any:
    """A draft with automatic tax for a customer whose place is not known."""
    ada = shop.customer()
    draft = shop.api.invoices.create(
        {"customer": ada.id, "automatic_tax": {"enabled": True}, "auto_advance": True, "currency": "usd"}
    )
    shop.api.invoice_items.create({"customer": ada.id, "invoice": draft.id, "amount": 500, "currency": "usd"})
    return draft


def test_an_invoice_that_cannot_be_finalised_by_hand_keeps_the_reason(shop: Shop) -> None:
    draft = lost(shop)
    error = refusal_of(shop.api.invoices.finalize_invoice, draft.id)
    assert error.code == "customer_tax_location_invalid"
    kept = shop.api.invoices.retrieve(draft.id)
    assert (kept.status, kept.last_finalization_error.code) == ("draft", "customer_tax_location_invalid")
    assert len(told(shop, "invoice.finalization_failed")) == 1
    shop.api.customers.update(draft.customer, {"address": {"country": "DE"}})
    assert shop.api.invoices.finalize_invoice(draft.id).last_finalization_error is None


def test_an_invoice_that_cannot_be_finalised_by_itself_stays_a_draft(shop: Shop) -> None:
    draft = lost(shop)
    shop.pass_time(2 * 3600)
    assert shop.api.invoices.retrieve(draft.id).status == "draft"
    (event,) = told(shop, "invoice.finalization_failed")
    assert event["data"]["object"]["last_finalization_error"]["code"] == "customer_tax_location_invalid"


def test_paying_an_invoice_tells_what_of_it_changed(shop: Shop) -> None:
    ada = shop.customer()
    draft = shop.api.invoices.create({"customer": ada.id, "currency": "usd"})
    shop.api.invoice_items.create({"customer": ada.id, "invoice": draft.id, "amount": 500, "currency": "usd"})
    shop.api.invoices.pay(draft.id, None, {"idempotency_key": "pay-once"})
    event = told(shop, "invoice.updated")[-1]
    assert event["data"]["previous_attributes"]["status"] == "open"
    assert event["data"]["previous_attributes"]["amount_paid"] == 0
    assert event["request"]["idempotency_key"] == "pay-once"


def test_a_customer_becomes_delinquent_and_is_no_more(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.subscribe(ada, shop.price(1000))
    shop.use(ada, "pm_card_chargeCustomerFail")
    shop.pass_time(30 * DAY + 3601)
    assert told(shop, "customer.updated")[-1]["data"]["previous_attributes"] == {"delinquent": False}
    shop.use(ada, "pm_card_visa")
    shop.api.invoices.pay(str(shop.subscription(made.id).latest_invoice))
    assert told(shop, "customer.updated")[-1]["data"]["previous_attributes"] == {"delinquent": True}


# -- refunds


def paid_with(shop: Shop, card: str) -> Any:
    """A payment of 500 by that test card."""
    ada = shop.customer(card)
    method = shop.api.customers.retrieve(ada.id).invoice_settings.default_payment_method
    return shop.api.payment_intents.create(
        {
            "amount": 500,
            "currency": "usd",
            "customer": ada.id,
            "payment_method": method,
            "confirm": True,
            "off_session": True,
        }
    )


def test_a_refund_may_fail_after_it_seemed_to_succeed(shop: Shop) -> None:
    paid = paid_with(shop, "pm_card_refundFail")
    refund = shop.api.refunds.create({"payment_intent": paid.id})
    assert refund.status == "succeeded"
    shop.pass_time(180)
    failed = shop.api.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert told(shop, "refund.failed")[0]["data"]["object"]["id"] == refund.id
    assert told(shop, "refund.updated")[0]["data"]["previous_attributes"]["status"] == "succeeded"
    charge = shop.api.charges.retrieve(paid.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    assert shop.api.refunds.create({"payment_intent": paid.id}).amount == 500


def test_a_refund_may_be_pending_first(shop: Shop) -> None:
    refund = shop.api.refunds.create({"payment_intent": paid_with(shop, "pm_card_pendingRefund").id})
    assert refund.status == "pending"
    shop.pass_time(180)
    assert shop.api.refunds.retrieve(refund.id).status == "succeeded"
    assert told(shop, "refund.failed") == []


# -- tax ids


@pytest.mark.parametrize(
    ("value", "status"), [("000000000", "verified"), ("111111111", "unverified"), ("222222222", "pending")]
)
@pytest.mark.parametrize("type", ["eu_vat", "gb_vat", "au_abn"])
def test_a_test_number_is_verified_as_it_says(shop: Shop, type: str, value: str, status: str) -> None:
    ada = shop.customer(address={"line1": "1 Street", "city": "Berlin", "country": "DE"})
    made = shop.api.customers.tax_ids.create(ada.id, {"type": type, "value": value})  # type: ignore[typeddict-item]
    assert made.verification.status == "pending"
    shop.pass_time(3)
    after = shop.api.customers.tax_ids.retrieve(ada.id, made.id)
    assert after.verification.status == status
    assert (after.verification.verified_name == "Ada") is (status == "verified")
    changed = [
        event["data"]["previous_attributes"]["verification"]["status"]
        for event in told(shop, "customer.tax_id.updated")
    ]
    assert changed == ([] if status == "pending" else ["pending"])


def test_a_tax_id_deleted_meanwhile_is_verified_no_more(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.api.customers.tax_ids.create(ada.id, {"type": "eu_vat", "value": "000000000"})
    shop.api.customers.tax_ids.delete(ada.id, made.id)
    shop.pass_time(DAY)
    assert told(shop, "customer.tax_id.updated") == []


def test_the_types_are_those_of_the_sdk() -> None:
    declared = get_args(get_args(CustomerCreateTaxIdParams.__annotations__["type"])[0])
    assert {name for name in declared if isinstance(name, str)} == set(tax_numbers.TYPES)


def test_a_type_that_there_is_not_is_refused(shop: Shop) -> None:
    ada = shop.customer()
    refusal = refusal_of(shop.api.customers.tax_ids.create, ada.id, {"type": "eu_vta", "value": "000000000"})
    assert (refusal.http_status, refusal.param) == (400, "type")


def test_a_number_that_nobody_verifies_says_so_at_once(shop: Shop) -> None:
    made = shop.api.customers.tax_ids.create(shop.customer().id, {"type": "us_ein", "value": "12-3456789"})
    assert made.verification.status == "unavailable"


# -- discounts


def coupon(shop: Shop, percent: int = 10, duration: str = "forever") -> dict[str, str]:
    """A coupon as a discount names it."""
    return {"coupon": shop.api.coupons.create({"percent_off": percent, "duration": duration}).id}  # type: ignore[typeddict-item]


def test_a_discount_is_told_when_it_comes_changes_and_goes(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    first, second = coupon(shop), coupon(shop, 20)
    change = shop.api.subscriptions.update
    types = types_since(shop, lambda: change(made.id, {"discounts": [first]}))
    assert types == ["customer.discount.created", "customer.subscription.updated"]
    types = types_since(shop, lambda: change(made.id, {"discounts": [second]}))
    assert types == ["customer.discount.updated", "customer.subscription.updated"]
    event = told(shop, "customer.discount.updated")[0]["data"]
    assert event["object"]["source"]["coupon"] == second["coupon"]
    assert event["previous_attributes"]["source"] == {"coupon": first["coupon"]}
    types = types_since(shop, lambda: change(made.id, {"discounts": ""}))
    assert types == ["customer.discount.deleted", "customer.subscription.updated"]


def test_a_once_discount_comes_and_is_used_up_in_the_first_invoice(shop: Shop) -> None:
    ada, price, off = shop.customer(), shop.price(1000), coupon(shop, duration="once")
    types = types_since(shop, lambda: shop.subscribe(ada, price, discounts=[off]))
    about = [type for type in types if type.startswith("customer.discount")]
    assert about == ["customer.discount.created", "customer.discount.deleted"]


def test_taking_the_discounts_off_tells_it_once(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000), discounts=[coupon(shop)])
    shop.api.subscriptions.delete_discount(made.id)
    assert len(told(shop, "customer.discount.deleted")) == 1


def test_an_items_discount_is_told_too(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    item = {"id": made["items"].data[0].id, "discounts": [coupon(shop)]}
    shop.api.subscriptions.update(made.id, {"items": [item]})
    assert told(shop, "customer.discount.created")[0]["data"]["object"]["subscription_item"] == item["id"]


# -- schedules


def test_a_schedules_end_is_announced_seven_days_before(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    schedule = shop.api.subscription_schedules.create({"from_subscription": made.id})
    shop.pass_time(23 * DAY - 1)
    assert told(shop, "subscription_schedule.expiring") == []
    shop.pass_time(1)
    (event,) = told(shop, "subscription_schedule.expiring")
    assert event["data"]["object"]["id"] == schedule.id
    shop.pass_time(8 * DAY)
    assert len(told(shop, "subscription_schedule.expiring")) == 1
    assert shop.api.subscription_schedules.retrieve(schedule.id).status == "released"


def test_a_schedule_is_aborted_when_its_subscription_ends_for_unpaid_bills(shop: Shop) -> None:
    shop.world.dunning([DAY], "canceled")
    ada = shop.customer()
    made = shop.subscribe(ada, shop.price(1000))
    schedule = shop.api.subscription_schedules.create({"from_subscription": made.id})
    _, end = period_of(made)
    running = {"items": [{"price": made["items"].data[0].price.id}], "start_date": shop.now, "end_date": end}
    later = {"items": running["items"], "duration": {"interval": "year"}}
    shop.api.subscription_schedules.update(schedule.id, {"phases": [running, later]})  # type: ignore[typeddict-item]
    shop.use(ada, "pm_card_chargeCustomerFail")
    shop.pass_time(40 * DAY)
    assert shop.subscription(made.id).status == "canceled"
    assert [event["data"]["object"]["id"] for event in told(shop, "subscription_schedule.aborted")] == [schedule.id]
    assert told(shop, "subscription_schedule.canceled") == []
