"""Periods billed ahead: one invoice now, none when they begin, then as before."""

from typing import Any

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.billing import DAY, Shop, amounts, period_of
from tests.sandbox.support import refusal_of

OCTOBER_21, NOVEMBER_21, DECEMBER_21, JANUARY_21 = 1_792_540_800, 1_795_219_200, 1_797_811_200, 1_800_489_600
pytestmark = pytest.mark.feature(75)


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September 2026."""
    return Shop(client, world)


def ahead(until: int, **more: Any) -> dict[str, Any]:
    """What bills ahead until then."""
    schedules = [{"bill_until": {"type": "timestamp", "timestamp": until}}]
    return {"billing_schedules": schedules, "proration_behavior": "always_invoice", **more}


def test_all_periods_to_come_are_billed_at_once_and_none_again(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.subscribe(ada, shop.price(1000), quantity=2)
    shop.pass_time(10 * DAY)
    told = shop.api.invoices.create_preview({"subscription": made.id, "subscription_details": ahead(DECEMBER_21)})
    paid = shop.api.subscriptions.update(made.id, {**ahead(DECEMBER_21), "expand": ["latest_invoice"]})
    bill = paid.latest_invoice
    assert (bill.status, bill.billing_reason, bill.amount_paid) == ("paid", "subscription_update", 4000)
    assert [(line.amount, line.period.start, line.period.end) for line in bill.lines.data] == [
        (2000, OCTOBER_21, NOVEMBER_21),
        (2000, NOVEMBER_21, DECEMBER_21),
    ]
    assert (told.total, amounts(told)) == (bill.total, amounts(bill))
    assert paid.billing_schedules[0].bill_until.computed_timestamp == DECEMBER_21
    assert (paid["items"].data[0].billed_until, period_of(paid)[1]) == (DECEMBER_21, OCTOBER_21)
    assert_matches_sdk(paid)
    next_bill = shop.api.invoices.create_preview({"subscription": made.id})
    assert (next_bill.total, next_bill.lines.data[0].period.start) == (2000, DECEMBER_21)
    shop.pass_time(DECEMBER_21 - shop.now - 1)
    assert len(shop.api.invoices.list({"customer": ada.id}).data) == 2
    assert period_of(shop.subscription(made.id)) == (NOVEMBER_21, DECEMBER_21)
    shop.pass_time(3 * 3600)
    newest = shop.api.invoices.list({"customer": ada.id}).data[0]
    assert (newest.billing_reason, newest.amount_paid) == ("subscription_cycle", 2000)
    assert newest.lines.data[0].period.end == JANUARY_21


def test_no_charge_is_announced_where_none_comes(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.subscribe(ada, shop.price(1000))
    shop.api.subscriptions.update(made.id, ahead(NOVEMBER_21))

    def announced() -> int:
        return len(shop.api.events.list({"type": "invoice.upcoming"}).data)

    shop.pass_time(OCTOBER_21 - shop.now)
    assert announced() == 0
    shop.pass_time(NOVEMBER_21 - 6 * DAY - shop.now)
    assert announced() == 1


def test_a_percentage_is_off_every_period_and_once_means_the_whole_bill(shop: Shop) -> None:
    half = shop.api.coupons.create({"percent_off": 50, "duration": "once"})
    made = shop.subscribe(shop.customer(), shop.price(1000))
    shop.api.subscriptions.update(made.id, {"discounts": [{"coupon": half.id}]})
    paid = shop.api.subscriptions.update(made.id, {**ahead(DECEMBER_21), "expand": ["latest_invoice"]})
    assert (paid.latest_invoice.amount_paid, paid.discounts) == (1000, [])


def test_in_the_last_of_them_a_change_is_settled_by_parts(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    shop.api.subscriptions.update(made.id, ahead(NOVEMBER_21))
    shop.pass_time(OCTOBER_21 - shop.now)
    changed = shop.change(shop.subscription(made.id), shop.price(5000), proration_behavior="always_invoice")
    assert amounts(changed.latest_invoice) == [-1000, 5000]


@pytest.mark.parametrize("card", ["pm_card_chargeCustomerFail", "pm_card_authenticationRequired"])
def test_what_cannot_be_paid_now_leaves_everything_as_it_was(shop: Shop, card: str) -> None:
    bob = shop.customer()
    made = shop.subscribe(bob, shop.price(1000))
    shop.use(bob, card)
    refused = refusal_of(
        shop.api.subscriptions.update, made.id, ahead(NOVEMBER_21, payment_behavior="error_if_incomplete")
    )
    assert refused.http_status == 402
    after = shop.subscription(made.id)
    assert (after.status, list(after.billing_schedules), after["items"].data[0].billed_until) == ("active", [], None)
    assert len(shop.api.invoices.list({"customer": bob.id}).data) == 1


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"payment_behavior": "pending_if_incomplete"}, "cannot pass `billing_schedules`"),
        ({"proration_behavior": "none"}, "proration_behavior"),
        ({"proration_behavior": "create_prorations"}, "does not simulate"),
        ({"trial_end": NOVEMBER_21}, "does not simulate"),
        ({"billing_schedules": [{"bill_until": {"type": "timestamp", "timestamp": NOVEMBER_21 + 1}}]}, "no boundary"),
        ({"billing_schedules": [{"bill_until": {"type": "timestamp", "timestamp": OCTOBER_21}}]}, "no boundary"),
        ({"billing_schedules": [{"bill_until": {"type": "duration"}}]}, "must be one of timestamp"),
        ({"billing_schedules": [{"applies_to": [{"type": "price"}]}]}, "unknown parameter"),
        ({"billing_schedules": [{"bill_until": {"type": "timestamp", "timestamp": 1_950_000_000}}]}, "5 years"),
    ],
)
def test_other_forms_are_refused(shop: Shop, how: dict[str, Any], words: str) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    refused = refusal_of(shop.api.subscriptions.update, made.id, ahead(NOVEMBER_21, **how))
    assert (refused.http_status, words in str(refused)) == (400, True), str(refused)


def test_some_subscriptions_cannot_be_billed_ahead(shop: Shop) -> None:
    month = shop.price(1000)
    classic = shop.subscribe(shop.customer(), month, billing_mode={"type": "classic"})
    repeating = shop.api.coupons.create({"percent_off": 50, "duration": "repeating", "duration_in_months": 3})
    discounted = shop.subscribe(shop.customer(), month, discounts=[{"coupon": repeating.id}])
    leaving = shop.subscribe(shop.customer(), month, cancel_at=OCTOBER_21)
    planned = shop.subscribe(shop.customer(), month)
    shop.api.subscription_schedules.create({"from_subscription": planned.id})
    weekly = shop.subscribe(shop.customer(), shop.price(100, "week"))
    for subscription, until, words in [
        (classic, NOVEMBER_21, "flexible"),
        (discounted, NOVEMBER_21, "percent_off"),
        (leaving, NOVEMBER_21, "cancellation"),
        (planned, NOVEMBER_21, "schedule"),
        (weekly, shop.now + 52 * 7 * DAY, "50 cycles"),
    ]:
        assert words in str(refusal_of(shop.api.subscriptions.update, subscription.id, ahead(until)))


def test_while_it_is_billed_ahead_what_is_not_known_is_refused(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    shop.api.subscriptions.update(made.id, ahead(NOVEMBER_21))
    more = shop.price(5000)
    for refused in (
        refusal_of(shop.change, made, more),
        refusal_of(shop.api.subscriptions.update, made.id, ahead(DECEMBER_21)),
        refusal_of(shop.api.subscriptions.update, made.id, {"cancel_at": "max_period_end"}),
        refusal_of(shop.api.subscriptions.cancel, made.id, {"prorate": True}),
        refusal_of(shop.client.raw_request, "post", f"/v1/subscriptions/{made.id}/pause"),
    ):
        assert "does not simulate" in str(refused)
    scheduled = refusal_of(shop.api.subscription_schedules.create, {"from_subscription": made.id})
    assert "billing schedules" in str(scheduled)
    ends = shop.api.subscriptions.update(made.id, {"cancel_at": NOVEMBER_21})
    assert ends.cancel_at == NOVEMBER_21
    shop.pass_time(NOVEMBER_21 - shop.now)
    assert shop.subscription(made.id).status == "canceled"
    assert len(shop.api.invoices.list({"subscription": made.id}).data) == 2
