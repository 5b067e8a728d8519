"""A merchant moves from Stripe's portal by naming its configuration: cancelling is off there, changing plans is on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.serving import hosting

pytestmark = [pytest.mark.feature(15), pytest.mark.feature(16)]


@pytest.fixture
def sue(world):
    return world.live("monthly", price="starter_monthly")


@pytest.fixture
def stripes(books, sue):
    """The merchant's configuration at Stripe, with two plans to choose from."""
    plans = {}
    for price in (sue["prices"]["starter_monthly"], sue["prices"]["pro_monthly"]):
        plans.setdefault(books.v1.prices.retrieve(price).product, []).append(price)
    return books.v1.billing_portal.configurations.create(
        {
            "business_profile": {"headline": "Plans of Acme"},
            "features": {
                "invoice_history": {"enabled": True},
                "payment_method_update": {"enabled": True},
                "subscription_cancel": {"enabled": False},
                "subscription_update": {
                    "enabled": True,
                    "default_allowed_updates": ["price"],
                    "proration_behavior": "none",
                    "products": [{"product": product, "prices": prices} for product, prices in plans.items()],
                },
            },
        }
    )


@pytest.fixture
def host(world, stripes):
    with hosting(world, configuration=stripes.id) as running:
        yield running


@pytest.fixture(params=["with", "without"])
def somebody(request, host):
    """In front of a browser with and without JavaScript."""
    return request.getfixturevalue("visit" if request.param == "with" else "plain_visit")


def test_the_customer_changes_the_plan_and_finds_no_way_to_cancel(somebody, sue, books):
    before = books.v1.subscriptions.retrieve(sue["subscription"]).latest_invoice
    somebody.arrive(sue["customer"]).sees("Plans of Acme").sees_no("Cancel")

    somebody.follow("Change plan")
    choices = somebody.page.locator("main").get_by_role("radio")
    expect(choices).to_have_count(2)
    somebody.page.get_by_label("Pro").check()
    preview = somebody.page.get_by_role("button", name="See what it costs")
    if preview.is_visible():  # without JavaScript it is asked for
        preview.click()
    somebody.page.locator("main").get_by_role("button", name="Change").click()

    somebody.stands_at("Overview").sees("Your plan is now Pro").sees_no("Cancel")
    subscription = books.v1.subscriptions.retrieve(sue["subscription"])
    assert subscription["items"].data[0].price.id == sue["prices"]["pro_monthly"]
    # `proration_behavior: none` there is so here: nothing is charged for the change.
    assert subscription.latest_invoice == before
    assert books.v1.invoice_items.list({"customer": sue["customer"], "pending": True}).data == []


def test_the_address_of_what_is_off_leads_nowhere(visit, sue):
    visit.arrive(sue["customer"])
    answer = visit.page.goto(f"{visit.base}/subscriptions/{sue['subscription']}/cancellation")
    assert answer.status == 404
