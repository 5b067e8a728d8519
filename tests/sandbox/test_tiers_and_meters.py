"""Prices by tiers and packages, and prices whose quantity a meter counts."""

from typing import Any

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.billing import DAY, SEPTEMBER_21, Shop, amounts, period_of
from tests.sandbox.support import refusal_of

TIERS = [
    {"up_to": 5, "unit_amount": 1000},
    {"up_to": 10, "unit_amount": 800, "flat_amount": 300},
    {"up_to": "inf", "unit_amount": 500},
]
FREE_HUNDRED = [{"up_to": 100, "unit_amount": 0}, {"up_to": "inf", "unit_amount": 3}]


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September 2026."""
    return Shop(client, world)


def tiered(shop: Shop, mode: str) -> str:
    """The id of a monthly price with three tiers."""
    return str(
        shop.api.prices.create(
            {
                "currency": "usd", "recurring": {"interval": "month"}, "product_data": {"name": "Pro"},
                "billing_scheme": "tiered", "tiers_mode": mode, "tiers": TIERS,
            }
        ).id
    )  # fmt: skip


def metered(shop: Shop, formula: str = "sum", **price: Any) -> tuple[str, str]:
    """A monthly price of 2 cents a call (or as given), and its meter's event name."""
    name = f"calls_{formula}"
    meter = shop.api.billing.meters.create(
        {"display_name": "Calls", "event_name": name, "default_aggregation": {"formula": formula}}
    )
    assert_matches_sdk(meter)
    shape = price or {"unit_amount": 2}
    made = shop.api.prices.create(
        {
            "currency": "usd", "product_data": {"name": "Calls"}, **shape,
            "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
        }
    )  # fmt: skip
    return str(made.id), name


def use(shop: Shop, name: str, customer: Any, value: int, **more: Any) -> Any:
    """Report usage."""
    return shop.api.billing.meter_events.create(
        {"event_name": name, "payload": {"stripe_customer_id": customer.id, "value": str(value)}, **more}
    )


@pytest.mark.parametrize(
    ("mode", "quantity", "lines"),
    [
        ("graduated", 3, [3000]),
        ("graduated", 7, [5000, 1600, 300]),
        ("graduated", 12, [5000, 4000, 300, 1000]),
        ("volume", 3, [3000]),
        ("volume", 7, [5600, 300]),
        ("volume", 12, [6000]),
    ],
)
def test_tiers_bill_a_line_for_each_tier_reached(shop: Shop, mode: str, quantity: int, lines: list[int]) -> None:
    made = shop.subscribe(shop.customer(), tiered(shop, mode), quantity, expand=["latest_invoice"])
    assert amounts(made.latest_invoice) == lines
    assert made.latest_invoice.amount_paid == sum(lines)
    assert_matches_sdk(made)


def test_a_tier_is_named_on_its_line(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), tiered(shop, "graduated"), 7, expand=["latest_invoice"])
    assert [line.description for line in made.latest_invoice.lines.data][:2] == [
        "5 × Pro (Tier 1 at $10.00 / month)",
        "2 × Pro (Tier 2 at $8.00 / month)",
    ]


def test_a_change_credits_all_tiers_that_were_billed_in_one_line(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), tiered(shop, "graduated"), 7)
    shop.pass_time(20 * DAY)
    changed = shop.change(made, quantity=3, proration_behavior="always_invoice")
    assert amounts(changed.latest_invoice) == [-2300, 1000]
    credited = changed.latest_invoice.lines.data[0].parent.subscription_item_details.proration_details.credited_items
    assert len(credited.invoice_line_items) == 3


def test_tiers_that_do_not_end_are_refused(shop: Shop) -> None:
    refused = refusal_of(
        shop.api.prices.create,
        {
            "currency": "usd", "recurring": {"interval": "month"}, "product_data": {"name": "Pro"},
            "billing_scheme": "tiered", "tiers_mode": "volume", "tiers": TIERS[:2],
        },
    )  # fmt: skip
    assert (refused.http_status, refused.param) == (400, "tiers")


def test_a_package_price_bills_whole_packages(shop: Shop) -> None:
    price = shop.api.prices.create(
        {
            "currency": "usd", "recurring": {"interval": "month"}, "product_data": {"name": "Pro"}, "unit_amount": 1000,
            "transform_quantity": {"divide_by": 5, "round": "up"},
        }
    )  # fmt: skip
    made = shop.subscribe(shop.customer(), price.id, 11, expand=["latest_invoice"])
    assert made.latest_invoice.total == 3000


def test_usage_is_billed_after_the_period(shop: Shop) -> None:
    price, name = metered(shop)
    ada = shop.customer()
    made = shop.api.subscriptions.create({"customer": ada.id, "items": [{"price": price}]})
    assert (made.status, made.latest_invoice) == ("active", None)
    assert_matches_sdk(made)
    event = use(shop, name, ada, 700)
    assert_matches_sdk(event)
    shop.pass_time(10 * DAY)
    use(shop, name, ada, 300)
    shop.pass_time(20 * DAY + 3601)
    use(shop, name, ada, 5)
    renewal = shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]}).latest_invoice
    assert (amounts(renewal), renewal.amount_paid) == ([2000], 2000)
    line = renewal.lines.data[0]
    assert (line.quantity, line.description) == (1000, "1000 × Calls (at $0.02 / month)")
    assert (line.period.start, line.period.end) == period_of(made)
    assert_matches_sdk(renewal)


def test_usage_reported_in_the_drafts_hour_is_still_billed(shop: Shop) -> None:
    price, name = metered(shop)
    ada = shop.customer()
    made = shop.api.subscriptions.create({"customer": ada.id, "items": [{"price": price}]})
    end = period_of(made)[1]
    shop.pass_time(30 * DAY + 60)
    use(shop, name, ada, 500, timestamp=end - 1)
    shop.pass_time(3601)
    renewal = shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]}).latest_invoice
    assert (renewal.total, renewal.status) == (1000, "paid")


def test_classic_mode_takes_one_interval_only(shop: Shop) -> None:
    wanted = {
        "customer": shop.customer().id,
        "items": [{"price": shop.price(1000)}, {"price": shop.price(9000, "year")}],
    }
    assert len(shop.api.subscriptions.create(wanted)["items"].data) == 2
    classic = {**wanted, "billing_mode": {"type": "classic"}}
    assert refusal_of(shop.api.subscriptions.create, classic).param == "items"


def test_classic_mode_shows_a_line_of_zero_when_it_begins(shop: Shop) -> None:
    price, _ = metered(shop)
    made = shop.api.subscriptions.create(
        {
            "customer": shop.customer().id, "items": [{"price": price}], "billing_mode": {"type": "classic"},
            "expand": ["latest_invoice"],
        }
    )  # fmt: skip
    assert (amounts(made.latest_invoice), made.latest_invoice.status) == ([0], "paid")


@pytest.mark.parametrize(("formula", "total"), [("sum", 60), ("count", 4), ("last", 40)])
def test_each_formula_counts_in_its_way(shop: Shop, formula: str, total: int) -> None:
    price, name = metered(shop, formula)
    ada = shop.customer()
    made = shop.api.subscriptions.create({"customer": ada.id, "items": [{"price": price}]})
    use(shop, name, ada, 10)
    shop.pass_time(DAY)
    use(shop, name, ada, 20)
    preview = shop.api.invoices.create_preview({"subscription": made.id})
    assert preview.total == total


def test_metered_tiers_bill_usage_by_tier_beside_a_licensed_item(shop: Shop) -> None:
    price, name = metered(shop, billing_scheme="tiered", tiers_mode="graduated", tiers=FREE_HUNDRED)
    ada = shop.customer()
    made = shop.api.subscriptions.create({"customer": ada.id, "items": [{"price": shop.price(1000)}, {"price": price}]})
    use(shop, name, ada, 150)
    shop.pass_time(30 * DAY + 3601)
    renewal = shop.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]}).latest_invoice
    assert (amounts(renewal), renewal.amount_paid) == ([1000, 0, 150], 1150)


def test_canceling_with_a_final_invoice_bills_what_was_used(shop: Shop) -> None:
    price, name = metered(shop)
    ada = shop.customer()
    made = shop.api.subscriptions.create({"customer": ada.id, "items": [{"price": price}]})
    use(shop, name, ada, 500)
    shop.pass_time(DAY)
    shop.api.subscriptions.cancel(made.id, {"invoice_now": True})
    shop.pass_time(3700)
    (final,) = shop.api.invoices.list({"customer": ada.id}).data
    assert (final.total, final.status) == (1000, "paid")


def test_the_end_of_the_term_bills_what_was_used(shop: Shop) -> None:
    price, name = metered(shop)
    ada = shop.customer()
    made = shop.api.subscriptions.create({"customer": ada.id, "items": [{"price": price}]})
    shop.api.subscriptions.update(made.id, {"cancel_at_period_end": True})
    use(shop, name, ada, 500)
    assert shop.api.invoices.create_preview({"subscription": made.id}).total == 1000
    shop.pass_time(30 * DAY + 3601)
    (final,) = shop.api.invoices.list({"customer": ada.id}).data
    assert (final.total, final.status) == (1000, "paid")


def test_taking_a_metered_item_away_leaves_its_usage_waiting(shop: Shop) -> None:
    price, name = metered(shop)
    ada = shop.customer()
    made = shop.api.subscriptions.create({"customer": ada.id, "items": [{"price": shop.price(1000)}, {"price": price}]})
    use(shop, name, ada, 500)
    shop.pass_time(DAY)
    shop.api.subscription_items.delete(made["items"].data[1].id)
    (waits,) = shop.api.invoice_items.list({"customer": ada.id, "pending": True}).data
    assert (waits.amount, waits.proration) == (1000, False)


def test_a_metered_item_has_no_quantity_to_set(shop: Shop) -> None:
    price, _ = metered(shop)
    wanted = {"customer": shop.customer().id, "items": [{"price": price, "quantity": 2}]}
    assert refusal_of(shop.api.subscriptions.create, wanted).http_status == 400


def test_summaries_add_up_by_day(shop: Shop) -> None:
    _, name = metered(shop)
    ada = shop.customer()
    use(shop, name, ada, 3)
    shop.pass_time(DAY)
    use(shop, name, ada, 4)
    (meter,) = shop.api.billing.meters.list().data
    window = {"customer": ada.id, "start_time": SEPTEMBER_21, "end_time": SEPTEMBER_21 + 2 * DAY}
    found = shop.api.billing.meters.event_summaries.list(meter.id, window)
    assert [row.aggregated_value for row in found.data] == [7]
    daily = shop.api.billing.meters.event_summaries.list(meter.id, {**window, "value_grouping_window": "day"})
    assert [row.aggregated_value for row in daily.data] == [4, 3]
    assert_matches_sdk(daily)


def test_an_event_twice_too_old_or_without_a_meter_is_refused(shop: Shop) -> None:
    _, name = metered(shop)
    ada = shop.customer()
    use(shop, name, ada, 3, identifier="one")
    payload = {"stripe_customer_id": ada.id, "value": "3"}
    create = shop.api.billing.meter_events.create
    assert refusal_of(create, {"event_name": name, "payload": payload, "identifier": "one"}).http_status == 400
    old = {"event_name": name, "payload": payload, "timestamp": shop.now - 36 * DAY}
    assert refusal_of(create, old).param == "timestamp"
    assert refusal_of(create, {"event_name": "unknown", "payload": payload}).param == "event_name"
