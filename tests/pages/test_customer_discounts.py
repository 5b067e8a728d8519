"""A discount on the customer lowers what a subscription without one of its own bills: it is shown, and a code takes its place."""

from __future__ import annotations

import pytest

from portal_embed import Catalog, Features, Hooks, Plan
from portal_embed.config import CouponOffer, SubscriptionCreate, SubscriptionPause, SubscriptionUpdate
from tests.pages.people import Books
from tests.pages.test_promotion_codes import code
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


@pytest.fixture
def loyal(world):
    """`loyal(percent_off=10, …)`: one with a discount by such a coupon."""
    return lambda **coupon: world.live("loyal", coupon=coupon)


@pytest.mark.feature(26)
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

    def test_where_it_lowers_nothing_it_is_not_said(self, loyal, visit, books, world):
        other = books.api.products.create({"name": "Something else"}).id
        for life in (
            loyal(percent_off=10, duration="forever", applies_to={"products": [other]}),
            loyal(amount_off=500, currency="eur", duration="forever"),
        ):
            browser = visit(life["customer"])
            assert "off for good" not in browser.get("/").text
            assert "$29.00" in browser.get(f"/subscriptions/{life['subscription']}/next-charge").text

    def test_one_for_the_next_bill_is_gone_after_it(self, loyal, visit, books, world):
        once = loyal(percent_off=10, duration="once")
        assert "10% off the next bill" in visit(once["customer"]).get("/").text
        before = books.charged(once["customer"])
        world.move_clock(31 * DAY)
        assert books.charged(once["customer"]) == before + 2610
        world.move_clock(31 * DAY)
        assert books.charged(once["customer"]) == before + 2610 + 2900
        assert "10% off" not in visit(once["customer"]).get("/").text


@pytest.mark.feature(73)
def test_without_one_of_its_own_the_next_bill_is_lowered_by_the_customer_s(theo, visit, books, world):
    books.api.coupons.create({"id": "HALF", "percent_off": 50, "duration": "forever"})
    (own,) = books.api.subscriptions.update(theo["subscription"], {"discounts": [{"coupon": "HALF"}]}).discounts
    browser = visit(theo["customer"])
    page = browser.get(f"/discounts/{own}/removal")
    assert "With the discount $14.50 Without it $26.10" in page.text
    assert "10% off for good" in browser.submit(page.form("/removal")).text
    before = books.charged(theo["customer"])
    world.move_clock(31 * DAY)
    assert books.charged(theo["customer"]) == before + 2610


class TestChangingThePlan:
    def preview(self, visit, life):
        path = f"/subscriptions/{life['subscription']}/plan?price={life['prices']['scale_monthly']}"
        return visit(life["customer"]).get(path).text

    def test_what_each_period_costs_is_with_it(self, theo, visit):
        assert "$13.50 a month" in self.preview(visit, theo)

    def test_one_for_the_plan_that_is_chosen_counts_though_it_lowers_nothing_yet(self, loyal, visit, books):
        scale = books.api.prices.retrieve(books.world.live("monthly")["prices"]["scale_monthly"]).product
        life = loyal(percent_off=50, duration="forever", applies_to={"products": [scale]})
        assert "$7.50 a month" in self.preview(visit, life)

    def test_one_for_the_first_bill_of_the_plan_that_is_chosen_is_not_promised_for_each(self, loyal, visit, books):
        scale = books.api.prices.retrieve(books.world.live("monthly")["prices"]["scale_monthly"]).product
        life = loyal(percent_off=50, duration="once", applies_to={"products": [scale]})
        assert "$15.00 a month" in self.preview(visit, life)

    def test_one_for_the_next_bill_is_not_promised_for_each(self, loyal, visit):
        text = self.preview(visit, loyal(percent_off=10, duration="once"))
        assert "$13.50 a month" not in text

    def test_after_a_once_only_one_of_its_own_the_customer_s_holds(self, theo, visit, books):
        books.api.coupons.create({"id": "ONCE", "percent_off": 50, "duration": "once"})
        books.api.subscriptions.update(theo["subscription"], {"discounts": [{"coupon": "ONCE"}]})
        assert "$13.50 a month" in self.preview(visit, theo)


class TestStartingAnother:
    """Of a plan for $9.00 a month."""

    @staticmethod
    def started(life, visit, world):
        """The page of the start, and the bills of what was started, newest first, a month after the first one."""
        books = Books(world)
        create = Features(subscription_create=SubscriptionCreate(enabled=True, allow_several=True))
        catalog = Catalog([Plan(lookup_key="starter_monthly")])
        with hosting(world, features=create, catalog=catalog) as host:
            browser = visit(life["customer"], at=host)
            page = browser.get(f"/plans/{life['prices']['starter_monthly']}/start")
            before = {s.id for s in books.api.subscriptions.list({"customer": life["customer"]}).data}
            browser.submit(page.form("/start"))
        (made,) = {s.id for s in books.api.subscriptions.list({"customer": life["customer"]}).data} - before
        world.move_clock(31 * DAY + 7200)
        bills = books.api.invoices.list({"subscription": made}).data
        return page, [bill.total for bill in bills]

    @pytest.mark.parametrize(
        ("lasts", "then"),
        [
            ({"duration": "once"}, 900),
            ({"duration": "repeating", "duration_in_months": 1}, 900),
            ({"duration": "repeating", "duration_in_months": 3}, 450),
            ({"duration": "forever"}, 450),
        ],
        ids=["once", "a month", "three months", "forever"],
    )
    def test_it_counts_for_as_long_as_it_lasts(self, loyal, visit, world, lasts, then):
        page, bills = self.started(loyal(percent_off=50, **lasts), visit, world)
        assert page.form("/start").buttons == ["Pay $4.50 and start"]
        assert f"${then / 100:.2f} a month" in page.text.split("After that")[1]
        assert ("with a discount until" in page.text) == (then == 450 and lasts["duration"] == "repeating")
        assert bills == [then, 450]


class TestLeaving:
    def host_that_offers(self, world, coupon):
        return hosting(world, features=CODES, hooks=Hooks(offers=lambda _leaving: [CouponOffer(coupon)]))

    def leave(self, visit, life, host):
        browser = visit(life["customer"], at=host)
        page = browser.get(f"/subscriptions/{life['subscription']}/cancellation")
        return browser.submit(page.form("/cancellation")).text

    @pytest.mark.parametrize(("percent", "is_offered"), [(5, False), (10, False), (25, True)])
    def test_a_coupon_is_offered_where_it_lowers_the_bill(self, theo, visit, books, world, percent, is_offered):
        books.api.coupons.create({"id": "STAY", "percent_off": percent, "duration": "forever"})
        with self.host_that_offers(world, "STAY") as host:
            assert ("Keep my plan for less" in self.leave(visit, theo, host)) == is_offered

    def test_the_host_is_told_of_it(self, theo, visit, world):
        told = []
        with hosting(world, features=CODES, hooks=Hooks(offers=lambda leaving: told.append(leaving) or [])) as host:
            self.leave(visit, theo, host)
        assert told[0].coupons == (theo["coupon"],)


@pytest.mark.parametrize(("duration", "is_said"), [("forever", False), ("once", True)])
def test_before_a_pause_it_is_said_that_it_does_not_wait(loyal, visit, world, duration, is_said):
    life = loyal(percent_off=10, duration=duration)
    features = Features(subscription_pause=SubscriptionPause(enabled=True))
    with hosting(world, features=features) as host:
        text = visit(life["customer"], at=host).get(f"/subscriptions/{life['subscription']}/pause").text
    assert ("Your discount does not wait" in text) == is_said


@pytest.mark.feature(72)
def test_a_code_takes_its_place_and_says_so(theo, visit, books):
    code(books, "FIFTH", percent_off=20, duration="forever")
    browser = visit(theo["customer"])
    page = browser.get(f"/subscriptions/{theo['subscription']}/promotion-code")
    assert "10% off for good" in page.text
    page = browser.submit(page.form("/promotion-code"), code="FIFTH")
    assert "Without FIFTH $26.10 With FIFTH $23.20" in page.text
    assert "While it lasts it holds instead of: 10% off for good." in page.text
    text = browser.submit(page.form("/discounts")).text
    assert "20% off for good with FIFTH" in text
    assert "10% off" not in text


def test_on_the_page_of_plans_too(theo, visit, books, world):
    code(books, "QUARTER", percent_off=25, duration="forever")
    with hosting(world, features=CODES) as host:
        browser = visit(theo["customer"], at=host)
        path = (
            f"/subscriptions/{theo['subscription']}/plan?price={theo['prices']['scale_monthly']}&promotion_code=QUARTER"
        )
        said = "25% off for good While it lasts it holds instead of: 10% off for good."
        assert said in browser.get(path).text
        browser.submit(browser.get(path).form("/plan"))
        code(books, "FIFTH", percent_off=20, duration="forever")
        text = browser.get(path.replace("QUARTER", "FIFTH")).text
        assert "20% off" in text
        assert "holds instead of" not in text  # the first code already does


@pytest.mark.parametrize(("only", "is_said"), [("scale_monthly", True), ("pro_monthly", False)])
def test_one_for_other_plans_than_the_one_that_is_chosen_gives_way_to_no_code(
    only, is_said, loyal, visit, books, world
):
    product = books.api.prices.retrieve(world.live("new")["prices"][only]).product
    life = loyal(percent_off=10, duration="forever", applies_to={"products": [product]})
    code(books, "FIFTH", percent_off=20, duration="forever")
    place = f"/subscriptions/{life['subscription']}/plan?price={life['prices']['scale_monthly']}&promotion_code=FIFTH"
    text = visit(life["customer"]).get(place).text
    assert "20% off for good" in text
    assert ("holds instead of" in text) == is_said
