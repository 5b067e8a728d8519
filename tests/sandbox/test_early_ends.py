"""An end on a date: what it cuts off of a paid period, and how much of a period to come it leaves."""

import pytest

from tests.sandbox.billing import DAY, Shop


@pytest.fixture
def shop(client, world):
    return Shop(client, world)


@pytest.fixture
def paid(shop):
    """A subscription over 30 days that cost $30, paid today."""
    return shop.subscribe(shop.customer(), shop.price(3000))


def waiting(shop, subscription):
    return [
        item.amount for item in shop.api.invoice_items.list({"customer": subscription.customer, "pending": True}).data
    ]


def test_the_rest_of_a_paid_period_is_credited_unless_that_is_declined(shop, paid):
    at = shop.now + 10 * DAY
    shop.api.subscriptions.update(paid.id, {"cancel_at": at, "proration_behavior": "none"})
    assert waiting(shop, paid) == []
    shop.api.subscriptions.update(paid.id, {"cancel_at": at})
    assert waiting(shop, paid) == [-2000]


def test_another_date_or_none_takes_the_credit_back(shop, paid):
    shop.api.subscriptions.update(paid.id, {"cancel_at": shop.now + 10 * DAY})
    shop.api.subscriptions.update(paid.id, {"cancel_at": shop.now + 20 * DAY})
    assert waiting(shop, paid) == [-1000]
    shop.api.subscriptions.update(paid.id, {"cancel_at": ""})
    assert waiting(shop, paid) == []


def test_a_period_to_come_is_billed_up_to_the_date_whatever_is_said_of_prorating(shop, paid, world):
    at = shop.now + 45 * DAY
    details = {"cancel_at": at, "proration_behavior": "none"}
    preview = shop.api.invoices.create_preview({"subscription": paid.id, "subscription_details": details})
    shop.api.subscriptions.update(paid.id, details)
    world.move_clock(31 * DAY)
    bill = shop.api.invoices.retrieve(shop.api.subscriptions.retrieve(paid.id).latest_invoice)
    assert preview.amount_due == bill.total
    assert 1400 < bill.total < 1500
    assert bill.lines.data[0].period.end == preview.lines.data[0].period.end == at
    world.move_clock(20 * DAY)
    assert shop.api.subscriptions.retrieve(paid.id).status == "canceled"
