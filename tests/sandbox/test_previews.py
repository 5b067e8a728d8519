"""What is previewed, and that a preview writes nothing."""

import pytest
import stripe

from portal_embed.sandbox import SandboxWorld
from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.billing import DAY, Shop, amounts
from tests.sandbox.support import refusal_of


@pytest.fixture
def shop(client: stripe.StripeClient, world: SandboxWorld) -> Shop:
    """A shop on 21 September 2026."""
    return Shop(client, world)


def test_the_next_renewal_is_previewed_with_what_waits(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    shop.pass_time(10 * DAY)
    shop.change(made, shop.price(6000))
    preview = shop.api.invoices.create_preview({"subscription": made.id})
    assert (amounts(preview), preview.total) == ([-2000, 4000, 6000], 8000)
    recurring = shop.api.invoices.create_preview({"subscription": made.id, "preview_mode": "recurring"})
    assert (amounts(recurring), recurring.total) == ([6000], 6000)
    assert_matches_sdk(preview)


def test_a_preview_leaves_nothing_behind(shop: Shop) -> None:
    ada = shop.customer()
    made = shop.subscribe(ada, shop.price(1000))
    item = {"id": made["items"].data[0].id, "price": shop.price(5000)}
    events = len(shop.api.events.list({"limit": 100}).data)
    shop.api.invoices.create_preview(
        {"subscription": made.id, "subscription_details": {"items": [item], "proration_behavior": "always_invoice"}}
    )
    assert shop.api.invoice_items.list({"customer": ada.id}).data == []
    assert len(shop.api.invoices.list({"customer": ada.id}).data) == 1
    assert len(shop.api.events.list({"limit": 100}).data) == events


def test_after_the_end_there_is_nothing_to_preview(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000))
    shop.api.subscriptions.update(made.id, {"cancel_at_period_end": True})
    refused = refusal_of(shop.api.invoices.create_preview, {"subscription": made.id})
    assert (refused.http_status, refused.code) == (404, "invoice_upcoming_none")


def test_ending_a_trial_now_is_previewed(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(1000), trial_period_days=14)
    preview = shop.api.invoices.create_preview({"subscription": made.id, "subscription_details": {"trial_end": "now"}})
    assert preview.amount_due == 1000


def test_a_new_subscription_is_previewed_for_a_customer_without_a_card(shop: Shop) -> None:
    preview = shop.api.invoices.create_preview(
        {
            "customer": shop.customer(card=None).id,
            "subscription_details": {"items": [{"price": shop.price(700), "quantity": 3}]},
        }
    )
    assert preview.amount_due == 2100


def test_canceling_now_is_previewed_as_a_credit(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), shop.price(3000))
    shop.pass_time(20 * DAY)
    preview = shop.api.invoices.create_preview({"subscription": made.id, "subscription_details": {"cancel_now": True}})
    assert (preview.total, preview.amount_due) == (-1000, 0)


def test_the_regular_bill_of_what_is_new_leaves_out_what_waits_for_the_customer(shop: Shop) -> None:
    ada = shop.customer()
    shop.api.invoice_items.create({"customer": ada.id, "amount": 500, "currency": "usd"})
    phase = {"items": [{"price": shop.price(700)}], "duration": {"interval": "month", "interval_count": 1}}
    asked = {"customer": ada.id, "schedule_details": {"phases": [{**phase, "start_date": shop.now + DAY}]}}
    assert amounts(shop.api.invoices.create_preview({**asked, "preview_mode": "recurring"})) == [700]
    assert amounts(shop.api.invoices.create_preview(asked)) == [500, 700]


@pytest.mark.parametrize("said", [{"automatic_tax": {"enabled": True}}, {"discounts": [{"coupon": "HALF"}]}])
def test_what_a_schedule_s_phases_say_is_not_said_beside_them(shop: Shop, said: dict[str, object]) -> None:
    phase = {"items": [{"price": shop.price(3000)}], "duration": {"interval": "month"}, "start_date": shop.now + DAY}
    asked = {"customer": shop.customer().id, "schedule_details": {"phases": [phase]}, **said}
    error = refusal_of(lambda: shop.api.invoices.create_preview(asked))  # type: ignore[arg-type]
    assert error.param in said


def test_a_new_part_is_previewed_though_another_change_is_planned_inside_the_period(shop: Shop) -> None:
    made = shop.subscribe(shop.customer(), price := shop.price(1000))
    schedule = shop.api.subscription_schedules.create({"from_subscription": made.id})
    now, dearer = schedule.phases[0], shop.price(3000)
    begins = now.start_date + 10 * DAY
    month = {"interval": "month", "interval_count": 1}
    phases = [
        {"items": [{"price": price}], "start_date": now.start_date, "end_date": begins},
        {"items": [{"price": dearer}], "duration": month},
    ]
    shop.api.subscription_schedules.update(schedule.id, {"phases": phases})
    asked = {"items": [{"price": shop.price(500)}], "billing_cycle_anchor": {"type": "now"}}
    preview = shop.api.invoices.create_preview({"subscription": made.id, "subscription_details": asked})
    assert preview.created >= begins


def test_a_new_subscription_that_is_told_of_no_discounts_has_not_the_customer_s(
    shop: Shop, world: SandboxWorld
) -> None:
    theo = world.live("loyal")["customer"]
    asked = {"customer": theo, "subscription_details": {"items": [{"price": shop.price(1000)}]}}
    assert shop.api.invoices.create_preview(asked).total == 900
    assert shop.api.invoices.create_preview({**asked, "discounts": ""}).total == 1000
