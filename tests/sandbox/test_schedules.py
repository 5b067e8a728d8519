"""Subscription schedules: what stands alone, what each phase brings with it, and that a preview is what is billed."""

from typing import Any

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.billing import DAY, Shop, amounts, period_of
from tests.sandbox.support import refusal_of
from tests.sandbox.test_tiers_and_meters import metered

MONTH = {"duration": {"interval": "month"}}
HOUR = 3601


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September."""
    return Shop(client, world)


def schedule(shop: Shop, *phases: dict[str, Any], card: str | None = "pm_card_visa", **more: Any) -> Any:
    """A schedule of its own for a new customer, a month for each phase unless it says otherwise."""
    wanted = [phase if {"end_date", "duration"} & phase.keys() else {**MONTH, **phase} for phase in phases]
    ada = more.pop("customer", None) or shop.customer(card).id
    return shop.api.subscription_schedules.create({"customer": ada, "start_date": "now", "phases": wanted, **more})


def items(*prices: str, **more: Any) -> dict[str, Any]:
    """The items of a phase."""
    return {"items": [{"price": price, **more} for price in prices]}


def latest(shop: Shop, made: Any) -> Any:
    """The newest invoice of a schedule's customer."""
    return shop.api.invoices.list({"customer": made.customer}).data[0]


def running(made: Any, **more: Any) -> dict[str, Any]:
    """The running phase as an update repeats it."""
    first = made.phases[0]
    kept = [{"price": item.price, "quantity": item.quantity} for item in first["items"]]
    return {"items": kept, "start_date": first.start_date, "end_date": first.end_date, **more}


def figures(invoice: Any) -> tuple[Any, ...]:
    """What a bill comes to."""
    lines = [
        (
            line.amount,
            line.description,
            line.period.start,
            line.period.end,
            [off.amount for off in line.discount_amounts],
        )
        for line in invoice.lines.data
    ]
    return invoice.subtotal, invoice.total, invoice.amount_due, lines


def test_a_schedule_begins_its_subscription_at_once(shop: Shop) -> None:
    made = schedule(shop, items(shop.price(1000), quantity=2))
    assert (made.status, made.current_phase.end_date) == ("active", shop.now + 30 * DAY)
    started = shop.subscription(made.subscription)
    assert (started.status, started.schedule, started.start_date) == ("active", made.id, shop.now)
    assert latest(shop, made).status == "draft"
    shop.pass_time(HOUR)
    assert (latest(shop, made).status, latest(shop, made).total) == ("paid", 2000)


def test_a_schedule_waits_for_its_date(shop: Shop) -> None:
    made = schedule(shop, items(shop.price(1000)), start_date=shop.now + 5 * DAY)
    assert (made.status, made.subscription, made.current_phase) == ("not_started", None, None)
    shop.pass_time(5 * DAY - 1)
    assert shop.api.subscriptions.list({"customer": made.customer}).data == []
    shop.pass_time(1)
    after = shop.api.subscription_schedules.retrieve(made.id)
    assert after.status == "active"
    assert period_of(shop.subscription(after.subscription))[0] == shop.now
    types = [event.type for event in shop.api.events.list({"limit": 5}).data]
    assert {"customer.subscription.created", "subscription_schedule.updated", "invoice.created"} <= set(types)


def test_a_declined_first_bill_makes_it_past_due(shop: Shop) -> None:
    made = schedule(shop, items(shop.price(1000)), card="pm_card_chargeCustomerFail")
    shop.pass_time(HOUR)
    assert shop.subscription(made.subscription).status == "past_due"


def test_its_phases_follow_each_other_and_it_lets_go(shop: Shop) -> None:
    made = schedule(shop, *(items(shop.price(amount)) for amount in (1000, 2000, 3000)))
    totals = []
    for _ in range(4):
        shop.pass_time(HOUR)
        totals.append(latest(shop, made).total)
        shop.pass_time(31 * DAY)
    assert totals == [1000, 2000, 3000, 3000]
    after = shop.api.subscription_schedules.retrieve(made.id)
    assert (after.status, after.released_subscription) == ("released", made.subscription)


def test_a_schedule_that_has_not_begun_can_be_moved_changed_and_given_up(shop: Shop) -> None:
    made = schedule(shop, items(shop.price(1000)), start_date=shop.now + 5 * DAY)
    phases = [{**items(shop.price(2000)), **MONTH, "start_date": shop.now + 9 * DAY}]
    moved = shop.api.subscription_schedules.update(made.id, {"phases": phases})  # type: ignore[typeddict-item]
    assert moved.phases[0].start_date == shop.now + 9 * DAY
    assert shop.api.subscription_schedules.cancel(made.id).status == "canceled"
    shop.pass_time(20 * DAY)
    assert shop.api.subscriptions.list({"customer": made.customer}).data == []


def test_releasing_one_that_has_not_begun_leaves_nothing(shop: Shop) -> None:
    made = schedule(shop, items(shop.price(1000)), start_date=shop.now + 5 * DAY)
    assert shop.api.subscription_schedules.release(made.id).released_subscription is None


def test_a_schedule_that_cannot_begin_is_canceled(shop: Shop) -> None:
    price = shop.price(1000)
    made = schedule(shop, items(price), start_date=shop.now + 5 * DAY)
    shop.api.prices.update(price, {"active": False})
    shop.pass_time(6 * DAY)
    assert shop.api.subscription_schedules.retrieve(made.id).status == "canceled"


@pytest.mark.parametrize(("asked", "lines"), [({}, [-500]), ({"prorate": False}, []), ({"invoice_now": False}, [])])
def test_canceling_a_schedule_ends_its_subscription(shop: Shop, asked: dict[str, bool], lines: list[int]) -> None:
    made = schedule(shop, items(shop.price(1000)))
    shop.pass_time(15 * DAY)
    gone = shop.api.subscription_schedules.cancel(made.id, asked)  # type: ignore[arg-type]
    assert (gone.status, gone.canceled_at) == ("canceled", shop.now)
    assert shop.subscription(made.subscription).status == "canceled"
    bills = [bill for bill in shop.api.invoices.list({"customer": made.customer}).data if bill.created == shop.now]
    assert [amount for bill in bills for amount in amounts(bill)] == lines
    assert "canceled" in str(refusal_of(shop.api.subscription_schedules.cancel, made.id))


def test_a_phases_discounts_come_and_go_with_it(shop: Shop) -> None:
    price = shop.price(1000)
    off = shop.api.coupons.create({"percent_off": 40, "duration": "forever"}).id
    made = schedule(shop, items(price), {**items(price), "discounts": [{"coupon": off}]}, items(price))
    totals = []
    for _ in range(3):
        shop.pass_time(HOUR)
        totals.append(latest(shop, made).total)
        shop.pass_time(31 * DAY)
    assert totals == [1000, 600, 1000]


def test_an_items_discount_in_a_phase_lowers_that_item(shop: Shop) -> None:
    one, other = shop.price(1000), shop.price(500)
    off = shop.api.coupons.create({"percent_off": 50, "duration": "forever"}).id
    both = {"items": [{"price": one, "discounts": [{"coupon": off}]}, {"price": other}]}
    made = schedule(shop, both)
    assert latest(shop, made).total == 1000


def test_a_coupon_that_is_gone_when_its_phase_begins_lowers_nothing(shop: Shop) -> None:
    price = shop.price(1000)
    off = shop.api.coupons.create({"percent_off": 40, "duration": "forever"}).id
    made = schedule(shop, items(price), {**items(price), "discounts": [{"coupon": off}]})
    shop.api.coupons.delete(off)
    shop.pass_time(31 * DAY)
    assert latest(shop, made).total == 1000


def test_an_unknown_discount_in_a_phase_is_refused(shop: Shop) -> None:
    error = refusal_of(lambda: schedule(shop, {**items(shop.price(1000)), "discounts": [{"coupon": "nope"}]}))
    assert (error.code, error.param) == ("resource_missing", "phases[0][discounts][0][coupon]")


def test_a_schedule_from_a_subscription_keeps_its_discount_while_the_phase_runs(shop: Shop) -> None:
    off = shop.api.coupons.create({"percent_off": 40, "duration": "forever"}).id
    started = shop.subscribe(shop.customer(), shop.price(1000), discounts=[{"coupon": off}])
    made = shop.api.subscription_schedules.create({"from_subscription": started.id})
    kept = made.phases[0].discounts[0].discount
    assert kept == started.discounts[0]
    again = {**items(shop.price(2000)), **MONTH, "discounts": [{"discount": kept}]}
    shop.api.subscription_schedules.update(made.id, {"phases": [running(made), again]})
    shop.pass_time(31 * DAY)
    assert latest(shop, made).total == 1200


def test_a_phase_may_be_a_trial(shop: Shop) -> None:
    price = shop.price(1000)
    made = schedule(shop, {**items(price), "trial": True}, items(price))
    started = shop.subscription(made.subscription)
    assert (started.status, started.trial_end) == ("trialing", made.phases[0].end_date)
    assert latest(shop, made).total == 0
    shop.pass_time(30 * DAY + HOUR)
    assert shop.subscription(made.subscription).status == "active"
    assert (latest(shop, made).status, latest(shop, made).total) == ("paid", 1000)


def test_a_trial_may_be_a_part_of_a_phase(shop: Shop) -> None:
    made = schedule(shop, {**items(shop.price(1000)), "trial_end": shop.now + 10 * DAY})
    shop.pass_time(10 * DAY + HOUR)
    assert (latest(shop, made).total, shop.subscription(made.subscription).status) == (1000, "active")
    assert period_of(shop.subscription(made.subscription))[0] == shop.now - HOUR


def test_a_later_phase_may_begin_with_a_trial(shop: Shop) -> None:
    price = shop.price(1000)
    made = schedule(shop, items(price), {**items(shop.price(2000)), "trial_end": shop.now + 40 * DAY})
    shop.pass_time(31 * DAY)
    assert (latest(shop, made).total, shop.subscription(made.subscription).status) == (0, "trialing")
    shop.pass_time(10 * DAY)
    assert (latest(shop, made).total, shop.subscription(made.subscription).status) == (2000, "active")


@pytest.mark.parametrize(
    "trial", [{"trial": True, "trial_end": 1_790_000_000}, {"trial_end": 1_990_000_000}, {"trial_end": 1}]
)
def test_a_trial_that_does_not_fit_its_phase_is_refused(shop: Shop, trial: dict[str, Any]) -> None:
    assert "trial" in str(refusal_of(lambda: schedule(shop, {**items(shop.price(1000)), **trial})))


def test_default_settings_hold_where_a_phase_says_nothing(shop: Shop) -> None:
    ada = shop.customer()
    card = shop.api.payment_methods.attach("pm_card_mastercard", {"customer": ada.id}).id
    default = {
        "description": "By the year",
        "default_payment_method": card,
        "collection_method": "send_invoice",
        "invoice_settings": {"days_until_due": 14},
    }
    price = shop.price(1000)
    own = {**items(price), "description": "Paid by card", "collection_method": "charge_automatically"}
    made = schedule(shop, items(price), own, customer=ada.id, default_settings=default)
    first = shop.subscription(made.subscription)
    assert (first.description, first.collection_method, first.days_until_due) == ("By the year", "send_invoice", 14)
    shop.pass_time(31 * DAY)
    second = shop.subscription(made.subscription)
    assert (second.description, second.collection_method) == ("Paid by card", "charge_automatically")
    assert second.default_payment_method == card


def test_a_phase_brings_its_taxes_and_metadata(shop: Shop) -> None:
    rate = shop.api.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": False}).id
    price = shop.price(1000)
    later = {**items(price), "default_tax_rates": [rate], "metadata": {"step": "2"}}
    made = schedule(shop, {**items(price), "metadata": {"step": "1", "from": "web"}}, later)
    shop.pass_time(31 * DAY)
    assert latest(shop, made).total == 1200
    assert shop.subscription(made.subscription).metadata.to_dict() == {"step": "2", "from": "web"}


def test_default_settings_may_be_changed_while_it_runs(shop: Shop) -> None:
    price = shop.price(1000)
    made = schedule(shop, items(price), items(price))
    shop.api.subscription_schedules.update(made.id, {"default_settings": {"billing_cycle_anchor": "phase_start"}})
    assert shop.api.subscription_schedules.retrieve(made.id).default_settings.billing_cycle_anchor == "phase_start"


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({}, "customer"),
        ({"customer": "cus_nope"}, "customer"),
        ({"from_subscription": "sub_1", "customer": "cus_1"}, "from_subscription"),
    ],
)
def test_a_schedule_needs_a_customer_or_a_subscription(shop: Shop, params: dict[str, Any], param: str) -> None:
    assert refusal_of(shop.api.subscription_schedules.create, params).param == param


def test_a_schedule_in_the_past_is_refused(shop: Shop) -> None:
    assert refusal_of(lambda: schedule(shop, items(shop.price(1000)), start_date=shop.now - 1)).param == "start_date"


@pytest.mark.parametrize("name", ["billing_thresholds", "add_invoice_items"])
def test_what_is_not_built_of_a_phase_is_refused(shop: Shop, name: str) -> None:
    error = refusal_of(lambda: schedule(shop, {**items(shop.price(1000)), name: {"amount_gte": 1}}))
    assert (error.code, error.param) == ("parameter_unknown", f"phases[0][{name}]")


# -- previews


def test_a_schedule_to_be_made_is_previewed_as_it_bills(shop: Shop) -> None:
    ada = shop.customer()
    off = shop.api.coupons.create({"percent_off": 15, "duration": "forever"}).id
    phase = {**items(shop.price(999), quantity=3), **MONTH, "discounts": [{"coupon": off}]}
    preview = shop.api.invoices.create_preview({"customer": ada.id, "schedule_details": {"phases": [phase]}})  # type: ignore[typeddict-item]
    made = schedule(shop, phase, customer=ada.id)
    assert figures(preview) == figures(latest(shop, made))
    assert shop.api.subscription_schedules.list({"customer": ada.id}).data[0].id == made.id


def test_a_schedule_to_come_is_previewed_as_it_bills(shop: Shop) -> None:
    made = schedule(shop, items(shop.price(999)), start_date=shop.now + 5 * DAY)
    preview = shop.api.invoices.create_preview({"schedule": made.id})
    shop.pass_time(5 * DAY)
    assert figures(preview) == figures(latest(shop, made))


PHASES: list[dict[str, Any]] = [
    {},
    {"discounts": True},
    {"proration_behavior": "none"},
    {"proration_behavior": "always_invoice"},
    {"proration_behavior": "always_invoice", "discounts": True},
    {"billing_cycle_anchor": "phase_start"},
    {"billing_cycle_anchor": "phase_start", "proration_behavior": "always_invoice"},
    {"trial": True},
    {"trial_days": 7},
]


@pytest.mark.parametrize("days", [30, 20], ids=["at the boundary", "inside the period"])
@pytest.mark.parametrize("phase", PHASES, ids=str)
@pytest.mark.parametrize("ask", ["schedule", "schedule_details", "subscription"])
def test_the_next_phase_is_previewed_as_it_bills(shop: Shop, ask: str, phase: dict[str, Any], days: int) -> None:
    made = schedule(shop, items(shop.price(1000), quantity=2))
    shop.pass_time(HOUR)
    start = made.phases[0].start_date
    end = start + days * DAY
    later = {**items(shop.price(2999), quantity=3), **MONTH, **phase}
    if later.pop("discounts", False):
        later["discounts"] = [{"coupon": shop.api.coupons.create({"percent_off": 15, "duration": "forever"}).id}]
    if "trial_days" in later:
        later["trial_end"] = end + later.pop("trial_days") * DAY
    phases: Any = [running(made, end_date=end), later]
    if ask == "schedule_details":
        preview = shop.api.invoices.create_preview({"schedule": made.id, "schedule_details": {"phases": phases}})
    shop.api.subscription_schedules.update(made.id, {"phases": phases})
    if ask == "schedule":
        preview = shop.api.invoices.create_preview({"schedule": made.id})
    elif ask == "subscription":
        preview = shop.api.invoices.create_preview({"subscription": made.subscription})
    before = latest(shop, made).id
    shop.pass_time((days - 1) * DAY)
    assert latest(shop, made).id == before
    while latest(shop, made).id == before:
        shop.pass_time(DAY)
    shop.pass_time(2 * HOUR)
    bills = [bill.id for bill in shop.api.invoices.list({"customer": made.customer}).data]
    billed = shop.api.invoices.retrieve(bills[bills.index(before) - 1])
    assert figures(preview) == figures(billed)
    assert billed.amount_paid == preview.amount_due


def test_schedule_and_subscription_exclude_each_other_in_a_preview(shop: Shop) -> None:
    made = schedule(shop, items(shop.price(1000)))
    asked: Any = {"schedule": made.id, "subscription": made.subscription}
    assert refusal_of(shop.api.invoices.create_preview, asked).param == "schedule"


def test_a_preview_of_a_schedule_leaves_nothing_behind(shop: Shop) -> None:
    ada = shop.customer()
    phase = {**items(shop.price(999)), **MONTH}
    shop.api.invoices.create_preview({"customer": ada.id, "schedule_details": {"phases": [phase]}})  # type: ignore[typeddict-item]
    assert shop.api.subscription_schedules.list({"customer": ada.id}).data == []
    assert shop.api.subscriptions.list({"customer": ada.id}).data == []


# -- promotion codes


def test_a_promotion_codes_least_amount_may_differ_by_currency(shop: Shop) -> None:
    off = shop.api.coupons.create({"percent_off": 10, "duration": "once"}).id
    restrictions: Any = {
        "minimum_amount": 1000,
        "minimum_amount_currency": "usd",
        "currency_options": {"eur": {"minimum_amount": 2000}},
    }
    code = shop.api.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": off}, "code": "LEAST", "restrictions": restrictions}
    )
    assert "currency_options" not in code.restrictions
    shown = shop.api.promotion_codes.retrieve(code.id, {"expand": ["restrictions.currency_options"]})
    assert shown.restrictions.currency_options["eur"].minimum_amount == 2000
    discounts = [{"promotion_code": code.id}]
    least = {"usd": 1000, "eur": 2000}
    for currency, amount in least.items():
        enough, little = (shop.price(value, currency=currency) for value in (amount, amount - 1))
        assert shop.subscribe(shop.customer(), enough, discounts=discounts).status == "active"
        error = refusal_of(lambda little=little: shop.subscribe(shop.customer(), little, discounts=discounts))
        assert "minimum amount" in str(error)
    elsewhere = shop.price(999_999, currency="gbp")
    assert "minimum amount" in str(refusal_of(lambda: shop.subscribe(shop.customer(), elsewhere, discounts=discounts)))
    shop.api.promotion_codes.update(code.id, {"restrictions": {"currency_options": {"gbp": {"minimum_amount": 5}}}})
    assert shop.subscribe(shop.customer(), elsewhere, discounts=discounts).status == "active"


def test_a_currency_cannot_have_two_least_amounts(shop: Shop) -> None:
    off = shop.api.coupons.create({"percent_off": 10, "duration": "once"}).id
    restrictions: Any = {
        "minimum_amount": 1, "minimum_amount_currency": "usd", "currency_options": {"usd": {"minimum_amount": 2}},
    }  # fmt: skip
    asked: Any = {"promotion": {"type": "coupon", "coupon": off}, "restrictions": restrictions}
    assert refusal_of(shop.api.promotion_codes.create, asked).param == "restrictions[currency_options]"


def test_a_proration_date_lies_within_the_phase_that_runs(shop: Shop) -> None:
    made = schedule(shop, items(shop.price(1000)))
    start = made.phases[0].start_date
    shop.api.subscription_schedules.update(
        made.id, {"phases": [running(made, end_date=start + 10 * DAY), {**items(shop.price(2999)), **MONTH}]}
    )
    item = shop.api.subscriptions.retrieve(made.subscription)["items"].data[0]
    details: Any = {"items": [{"id": item.id, "price": shop.price(4000)}], "proration_date": start + 12 * DAY}
    asked: Any = {"subscription": made.subscription, "subscription_details": details}
    assert refusal_of(shop.api.invoices.create_preview, asked).param == "proration_date"
    details["proration_date"] = start + 8 * DAY
    assert shop.api.invoices.create_preview(asked).lines.data


def test_a_schedule_is_made_from_a_subscription_that_is_billed_by_use(shop: Shop) -> None:
    meter = shop.api.billing.meters.create(
        {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    )
    by_use: Any = {"interval": "month", "usage_type": "metered", "meter": meter.id}
    product: Any = {"currency": "usd", "unit_amount": 5, "recurring": by_use, "product_data": {"name": "Calls"}}
    wanted: Any = {"customer": shop.customer().id, "items": [{"price": shop.api.prices.create(product).id}]}
    made = shop.api.subscription_schedules.create({"from_subscription": shop.api.subscriptions.create(wanted).id})
    assert made.phases[0]["items"][0].quantity is None


def test_a_change_is_previewed_with_the_phase_that_begins_within_the_period(shop: Shop) -> None:
    """What the change brings and the phase does not have is there until the phase begins."""
    calls, _ = metered(shop)
    made = shop.subscribe(shop.customer(), shop.price(1000))
    planned = shop.api.subscription_schedules.create({"from_subscription": made.id})
    begins, terms = shop.now + 10 * DAY, {"proration_behavior": "none"}
    phases: Any = [{**running(planned), "end_date": begins}, {**items(shop.price(500)), **MONTH, **terms}]
    shop.api.subscription_schedules.update(planned.id, {"phases": phases})
    change: Any = {"subscription": made.id, "subscription_details": {"items": [{"price": calls}], **terms}}
    assert shop.api.invoices.create_preview(change).total == 500
