"""A discount on the customer lowers what a subscription without one of its own bills: it is shown, and a code takes its place."""

from __future__ import annotations

import pytest

from portal_embed import Features
from portal_embed.config import SubscriptionUpdate
from tests.serving import hosting

DAY = 86_400
CODES = Features(subscription_update=SubscriptionUpdate(default_allowed_updates=("price", "promotion_code")))


@pytest.fixture
def host(world):
    with hosting(world, features=CODES) as served:
        yield served


@pytest.fixture
def theo(world):
    return world.live("loyal")


@pytest.mark.feature(41)
class TestShown:
    def test_on_the_overview_and_on_the_page_of_the_subscription(self, theo, visit):
        browser = visit(theo["customer"])
        for path in ("/", f"/subscriptions/{theo['subscription']}"):
            assert "10% off for good" in browser.get(path).text

    def test_the_next_charge_is_with_it_and_so_is_what_is_charged(self, theo, visit, books, world):
        browser = visit(theo["customer"])
        assert "$26.10" in browser.get(f"/subscriptions/{theo['subscription']}/next-charge").text
        before = books.charged(theo["customer"])
        world.move_clock(31 * DAY)
        assert books.charged(theo["customer"]) == before + 2610

    def test_it_is_no_part_of_the_subscription_and_cannot_be_taken_off(self, theo, visit):
        browser = visit(theo["customer"])
        assert not browser.get("/").leads_to("/removal")
        assert browser.get(f"/discounts/{theo['discount']}/removal").status == 404

    def test_where_the_subscription_has_one_of_its_own_that_holds_instead(self, theo, visit, books, world):
        books.api.coupons.create({"id": "OWN", "percent_off": 5, "duration": "forever"})
        books.api.subscriptions.update(theo["subscription"], {"discounts": [{"coupon": "OWN"}]})
        text = visit(theo["customer"]).get("/").text
        assert "5% off for good" in text
        assert "10% off" not in text
        before = books.charged(theo["customer"])
        world.move_clock(31 * DAY)
        assert books.charged(theo["customer"]) == before + 2755


@pytest.mark.feature(72)
def test_a_code_takes_its_place_and_says_so(theo, visit, books):
    books.api.coupons.create({"id": "FIFTH", "percent_off": 20, "duration": "forever"})
    books.api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": "FIFTH"}, "code": "FIFTH"})
    browser = visit(theo["customer"])
    page = browser.get(f"/subscriptions/{theo['subscription']}/promotion-code")
    assert "10% off for good" in page.text
    page = browser.submit(page.form("/promotion-code"), code="FIFTH")
    assert "Without FIFTH $26.10 With FIFTH $23.20" in page.text
    assert "It takes the place of what you have: 10% off for good." in page.text
    text = browser.submit(page.form("/discounts")).text
    assert "20% off for good with FIFTH" in text
    assert "10% off" not in text
