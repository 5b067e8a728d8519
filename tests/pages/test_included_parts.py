"""Plans of several prices: what a plan includes, such as use beside a base price, comes and goes with it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from portal_embed import Catalog, Features, Hooks, Plan, Quantity
from portal_embed.config import AllowedChanges, SubscriptionUpdate
from portal_embed.errors import ConfigError
from tests.pages.deeds import STARTING
from tests.pages.test_change_dates import after_that, asking, day_in
from tests.pages.test_items import charged_as_shown, preview
from tests.pages.test_plan_changes import rows_of
from tests.serving import hosting

pytestmark = pytest.mark.feature(50, 52)


class Shop:
    """A merchant whose plans have a base price and calls that are billed by use, at a price of each plan's own."""

    def __init__(self, world, books) -> None:
        self.world, self.books = world, books
        meter = books.api.billing.meters.create(
            {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        )
        by_use = {"interval": "month", "usage_type": "metered", "meter": meter.id}
        self.base, self.team, self.flat = (
            books.price(amount, name=name) for amount, name in ((1000, "Base"), (4000, "Team"), (9000, "All in"))
        )
        self.seats = books.price(700, name="Seats")
        self.base_calls, self.team_calls = (books.price(amount, name="Calls", recurring=by_use) for amount in (5, 2))
        self.setup = books.price(300, name="Support desk")
        self.storage = books.price(500, name="Storage")
        self.catalog = Catalog(
            [
                Plan(price=self.base, includes=[Plan(price=self.base_calls)]),
                Plan(price=self.team, includes=[Plan(price=self.team_calls), Plan(price=self.setup)]),
                Plan(price=self.seats, quantity=Quantity(1, 9), includes=[Plan(price=self.team_calls)]),
                Plan(price=self.flat),
            ],
            add_ons=[Plan(price=self.storage, quantity=Quantity(1, 9))],
        )

    def subscribe(self, *prices, **quantities):
        customer = self.books.customer()
        rows = [
            {"price": price, **({"quantity": quantities[price]} if price in quantities else {})} for price in prices
        ]
        return customer, self.books.api.subscriptions.create({"customer": customer, "items": rows}).id

    def use(self, customer, calls):
        payload = {"stripe_customer_id": customer, "value": str(calls)}
        self.books.api.billing.meter_events.create({"event_name": "calls", "payload": payload})
        self.world.move_clock(3600)


@pytest.fixture
def shop(world, books):
    return Shop(world, books)


@pytest.fixture
def host(world, shop):
    with hosting(world, catalog=shop.catalog, features=STARTING, clock=world.now) as served:
        yield served


class TestChanging:
    def test_the_price_of_use_changes_with_the_plan_in_one_step(self, shop, visit, books, world):
        customer, subscription = shop.subscribe(shop.base, shop.base_calls, shop.storage)
        world.move_clock(10 * 86_400)
        shop.use(customer, 100)
        browser = visit(customer)
        page = preview(browser, subscription, price=shop.team)
        assert "What you have used so far is still billed at its old price." in page.text
        charged_as_shown(browser, books, customer, page)
        assert shop.books.items(subscription) == {shop.team: 1, shop.team_calls: None, shop.setup: 1, shop.storage: 1}

    def test_in_classic_billing_nothing_is_said_of_what_was_used_before(self, shop, visit, books, world):
        items = [{"price": shop.base}, {"price": shop.base_calls}]
        made = {"customer": books.customer(), "items": items, "billing_mode": {"type": "classic"}}
        subscription = books.api.subscriptions.create(made).id
        page = preview(visit(made["customer"]), subscription, price=shop.flat)
        assert "billed at its old price" not in page.text

    def test_what_was_used_before_is_billed_at_the_old_price_and_later_use_at_the_new(self, shop, visit, books, world):
        customer, subscription = shop.subscribe(shop.base, shop.base_calls)
        world.move_clock(10 * 86_400)
        shop.use(customer, 100)
        browser = visit(customer)
        page = preview(browser, subscription, price=shop.team)
        known = {invoice.id for invoice in books.invoices(customer)}
        browser.submit(page.form("/plan"))
        shop.use(customer, 30)
        ends = books.subscription(subscription)["items"].data[0].current_period_end
        world.move_clock(ends - world.now() + 7200)
        bills = [invoice for invoice in books.invoices(customer) if invoice.id not in known]
        use = [
            line.amount
            for bill in bills
            for line in bill.lines.data
            if line.pricing.price_details.price
            in {
                shop.base_calls,
                shop.team_calls,
            }
        ]
        assert sorted(amount for amount in use if amount) == [60, 500]

    def test_it_goes_with_a_plan_that_has_no_use(self, shop, visit, books, world):
        customer, subscription = shop.subscribe(shop.team, shop.team_calls, shop.setup)
        browser = visit(customer)
        charged_as_shown(browser, books, customer, preview(browser, subscription, price=shop.flat))
        assert shop.books.items(subscription) == {shop.flat: 1}

    def test_it_comes_with_a_plan_that_has(self, shop, visit, books, world):
        customer, subscription = shop.subscribe(shop.flat)
        browser = visit(customer)
        browser.submit(preview(browser, subscription, price=shop.base).form("/plan"))
        assert shop.books.items(subscription) == {shop.base: 1, shop.base_calls: None}

    def test_what_both_plans_include_stays(self, shop, visit, books):
        customer, subscription = shop.subscribe(shop.team, shop.team_calls, shop.setup)
        kept = {i.price.id: i.id for i in books.subscription(subscription)["items"].data}[shop.team_calls]
        browser = visit(customer)
        browser.submit(preview(browser, subscription, price=shop.seats, quantity=3).form("/plan"))
        assert shop.books.items(subscription) == {shop.seats: 3, shop.team_calls: None}
        assert kept in {item.id for item in books.subscription(subscription)["items"].data}

    def test_where_the_plan_stays_so_does_what_is_with_it(self, shop, visit, books):
        customer, subscription = shop.subscribe(shop.seats)  # sold before calls came with it
        browser = visit(customer)
        browser.submit(preview(browser, subscription, price=shop.seats, quantity=4).form("/plan"))
        assert shop.books.items(subscription) == {shop.seats: 4}

    def test_the_page_says_what_comes_with_each_plan_and_offers_it_by_itself_nowhere(self, shop, visit):
        customer, subscription = shop.subscribe(shop.base, shop.base_calls)
        page = visit(customer).get(f"/subscriptions/{subscription}/plan")
        assert "plus Calls, $0.05 per unit" in page.text
        assert "plus Support desk, $3.00 a month" in page.text
        assert "You are on Base" in page.text
        assert "What stays as it is" not in page.text
        assert "Change another part" not in page.text

    def test_a_part_has_the_name_that_the_host_gives_it(self, shop, visit, world):
        named = Plan(price=shop.team, includes=[Plan(price=shop.team_calls, name="Requests")])
        customer, subscription = shop.subscribe(shop.flat)
        with hosting(world, catalog=Catalog([named, Plan(price=shop.flat)]), clock=world.now) as host:
            page = visit(customer, at=host).get(f"/subscriptions/{subscription}/plan")
        assert "plus Requests, $0.02 per unit" in page.text

    def test_a_part_cannot_be_changed_by_itself(self, shop, visit, books):
        customer, subscription = shop.subscribe(shop.base, shop.base_calls)
        rows = books.subscription(subscription)["items"].data
        part = next(item.id for item in rows if item.price.id == shop.base_calls)
        assert visit(customer).get(f"/subscriptions/{subscription}/plan?item={part}").status == 404

    def test_a_plan_whose_part_is_not_sold_any_more_is_not_on_offer(self, shop, visit, books):
        books.api.prices.update(shop.team_calls, {"active": False})
        customer, subscription = shop.subscribe(shop.base, shop.base_calls)
        page = visit(customer).get(f"/subscriptions/{subscription}/plan")
        assert page.form("/plan").choices["price"] == [shop.base, shop.flat]

    @pytest.mark.feature(64)
    @pytest.mark.parametrize("when", ["at_period_end", "on_date"])
    def test_it_waits_with_the_plan_and_changes_on_the_same_day(self, when, shop, visit, books, world):
        update = SubscriptionUpdate(takes_effect=("now", "at_period_end", "on_date"))
        customer, subscription = shop.subscribe(shop.base, shop.base_calls)
        day = datetime.fromtimestamp(world.now() + 9 * 86_400, UTC).date()
        features = Features(subscription_update=update)
        with hosting(world, catalog=shop.catalog, features=features, clock=world.now) as host:
            browser = visit(customer, at=host)
            page = preview(browser, subscription, price=shop.team, takes_effect=when, takes_effect_on=day)
            assert "Your change is planned" in browser.submit(page.form("/plan")).text
        assert shop.books.items(subscription) == {shop.base: 1, shop.base_calls: None}
        begins = books.api.subscription_schedules.list({"customer": customer}).data[0].phases[1].start_date
        world.move_clock(begins - world.now() + 7200)
        assert shop.books.items(subscription) == {shop.team: 1, shop.team_calls: None, shop.setup: 1}

    @pytest.mark.parametrize("gone", ["base", "base_calls"])
    def test_it_goes_with_a_plan_that_is_not_sold_any_more(self, gone, shop, visit, books):
        customer, subscription = shop.subscribe(shop.base, shop.base_calls)
        books.api.prices.update(getattr(shop, gone), {"active": False})
        browser = visit(customer)
        browser.submit(preview(browser, subscription, price=shop.team).form("/plan"))
        assert shop.books.items(subscription) == {shop.team: 1, shop.team_calls: None, shop.setup: 1}

    def test_what_comes_with_another_plan_of_the_subscription_stays(self, shop, visit, books):
        customer, subscription = shop.subscribe(shop.base, shop.base_calls, shop.seats, shop.team_calls)
        rows = {item.price.id: item.id for item in books.subscription(subscription)["items"].data}
        browser = visit(customer)
        page = preview(browser, subscription, price=shop.flat, item=rows[shop.base])
        browser.submit(page.form("/plan"))
        assert shop.books.items(subscription) == {shop.flat: 1, shop.seats: 1, shop.team_calls: None}

    def test_use_is_followed_by_use_in_whatever_order_the_host_names_it(self, shop, visit, books, world):
        swapped = Plan(price=shop.team, includes=[Plan(price=shop.setup), Plan(price=shop.team_calls)])
        catalog = Catalog([*shop.catalog.plans[:1], swapped])
        customer, subscription = shop.subscribe(shop.base, shop.base_calls)
        rows = {item.price.id: item.id for item in books.subscription(subscription)["items"].data}
        with hosting(world, catalog=catalog, features=STARTING, clock=world.now) as host:
            browser = visit(customer, at=host)
            browser.submit(preview(browser, subscription, price=shop.team).form("/plan"))
        now = {item.price.id: item.id for item in books.subscription(subscription)["items"].data}
        assert now[shop.team_calls] == rows[shop.base_calls]

    def test_one_that_was_sold_by_itself_once_becomes_a_plan(self, shop, visit):
        customer, subscription = shop.subscribe(shop.base_calls)
        browser = visit(customer)
        browser.submit(preview(browser, subscription, price=shop.base).form("/plan"))
        assert shop.books.items(subscription) == {shop.base: 1, shop.base_calls: None}

    @pytest.mark.parametrize("mode", ["classic", "flexible"])
    def test_a_part_of_another_interval_is_for_flexible_billing_alone(self, mode, shop, visit, books, world):
        yearly = books.price(90000, "year", name="Yearly")
        catalog = Catalog([*shop.catalog.plans, Plan(price=yearly, includes=[Plan(price=shop.team_calls)])])
        made = {"customer": books.customer(), "items": [{"price": shop.flat}], "billing_mode": {"type": mode}}
        subscription = books.api.subscriptions.create(made).id
        with hosting(world, catalog=catalog, features=STARTING, clock=world.now) as host:
            browser = visit(made["customer"], at=host)
            page = browser.get(f"/subscriptions/{subscription}/plan")
            assert (yearly in page.form("/plan").choices["price"]) is (mode == "flexible")
            if mode == "flexible":
                charged_as_shown(browser, books, made["customer"], preview(browser, subscription, price=yearly))
                assert shop.books.items(subscription) == {yearly: 1, shop.team_calls: None}


@pytest.mark.feature(50, 64)
class TestLater:
    """A change that waits, of a plan with use beside it: what is used until then is not known yet, and keeps nobody from it."""

    @pytest.fixture
    def host(self, world, shop):
        with hosting(world, catalog=shop.catalog, features=asking(), clock=world.now) as served:
            yield served

    def asked(self, shop, visit, world, when, to="team"):
        customer, subscription = shop.subscribe(shop.base, shop.base_calls)
        world.move_clock(10 * 86_400)
        shop.use(customer, 100)
        more = {"takes_effect": when, "takes_effect_on": day_in(world, 6)}
        browser = visit(customer)
        return customer, subscription, browser, preview(browser, subscription, price=getattr(shop, to), **more)

    @pytest.mark.parametrize("to", ["team", "flat"])
    @pytest.mark.parametrize("when", ["on_date", "at_period_end"])
    def test_use_in_the_meantime_does_not_stand_in_its_way(self, when, to, shop, visit, books, world):
        customer, _, browser, page = self.asked(shop, visit, world, when, to)
        payload = {"stripe_customer_id": customer, "value": "50"}
        books.api.billing.meter_events.create({"event_name": "calls", "payload": payload})
        form = next(form for form in page.forms if "proration_date" in form.fields)
        assert "Your change is planned" in browser.submit(form).text

    def test_the_bill_of_that_day_has_what_is_used_until_then_and_the_page_says_so(self, shop, visit, books, world):
        customer, subscription, browser, page = self.asked(shop, visit, world, "on_date")
        assert "Due on that day plus what you use until then" in page.text
        assert "What you use until then is still billed at its old price." in page.text
        shown = rows_of(page, re.search(r"Your bill on \d+ \w+ \d+", page.text)[0])[-1][1]
        browser.submit(next(form for form in page.forms if "proration_date" in form.fields))
        known = {invoice.id for invoice in books.invoices(customer)}
        shop.use(customer, 60)
        world.move_clock(7 * 86_400)
        (bill,) = [invoice for invoice in books.invoices(customer) if invoice.id not in known]
        assert bill.total == shown + 60 * 5
        assert shop.books.items(subscription) == {shop.team: 1, shop.team_calls: None, shop.setup: 1}

    @pytest.mark.parametrize("to", ["team", "flat"])
    def test_the_period_that_ends_is_billed_its_use_at_the_old_price(self, to, shop, visit, books, world):
        customer, subscription, browser, page = self.asked(shop, visit, world, "at_period_end", to)
        announced = after_that(page)
        browser.submit(next(form for form in page.forms if "proration_date" in form.fields))
        known = {invoice.id for invoice in books.invoices(customer)}
        shop.use(customer, 60)
        world.move_clock(books.subscription(subscription)["items"].data[0].current_period_end - world.now() + 7200)
        (bill,) = [invoice for invoice in books.invoices(customer) if invoice.id not in known]
        assert bill.total == announced + 160 * 5


@pytest.mark.feature(76, 119)
class TestStarting:
    def test_all_of_it_is_started_and_paid_as_shown(self, shop, visit, books, world):
        customer = books.customer()
        browser = visit(customer)
        assert "plus Calls, $0.02 per unit" in browser.get("/plans").text
        page = browser.get(f"/plans/{shop.team}/start")
        assert "plus what you use" in page.text
        due = rows_of(page)[-1][1]
        browser.submit(page.form("/start"))
        (made,) = books.api.subscriptions.list({"customer": customer}).data
        assert shop.books.items(made.id) == {shop.team: 1, shop.team_calls: None, shop.setup: 1}
        assert books.charged(customer) == due == 4300

    def test_what_waits_for_its_payment_is_paid_and_not_made_anew(self, shop, visit, books):
        customer = books.customer()
        books.add(customer, "pm_card_chargeCustomerFail", default=True)
        browser = visit(customer)
        assert browser.submit(browser.get(f"/plans/{shop.base}/start").form("/start")).status == 402
        books.add(customer, default=True)
        browser.submit(browser.get(f"/plans/{shop.base}/start").form("/start"))
        (made,) = books.api.subscriptions.list({"customer": customer, "status": "all"}).data
        assert (made.status, shop.books.items(made.id)) == ("active", {shop.base: 1, shop.base_calls: None})

    def test_the_plan_that_runs_is_the_current_one_among_the_prices(self, shop, visit):
        customer, _ = shop.subscribe(shop.team, shop.team_calls, shop.setup)
        html = visit(customer).get("/plans").html
        current = html.split("pricing__plan--current")[1].split("</li>")[0]
        assert html.count("pricing__plan--current") == 1
        assert ">Team<" in current
        assert "Change plan" not in current

    def test_the_sum_of_parts_of_other_intervals_is_not_called_that_of_a_year(self, shop, visit, books, world):
        yearly = books.price(90000, "year", name="Yearly")
        catalog = Catalog([Plan(price=yearly, includes=[Plan(price=shop.setup)])])
        with hosting(world, catalog=catalog, features=STARTING, clock=world.now) as host:
            page = visit(books.customer(), at=host).get(f"/plans/{yearly}/start")
        assert "You pay $903.00 today. " in page.text
        assert "$903.00 a year" not in page.text
        assert "With Support desk, $3.00 a month." in page.text

    @pytest.mark.feature(48)
    def test_what_has_ended_is_started_again_with_all_of_it(self, shop, visit, books, world):
        customer, subscription = shop.subscribe(shop.team, shop.team_calls, shop.setup)
        books.api.subscriptions.cancel(subscription)
        browser = visit(customer)
        assert "Start again" in browser.get("/").text
        page = browser.get(f"/subscriptions/{subscription}/restart")
        browser.submit(page.form("/start"))
        (made,) = books.api.subscriptions.list({"customer": customer}).data
        assert shop.books.items(made.id) == {shop.team: 1, shop.team_calls: None, shop.setup: 1}

    @pytest.mark.feature(48)
    def test_with_anything_else_beside_it_that_is_not_offered_and_said(self, shop, visit, books, world):
        customer, subscription = shop.subscribe(shop.team, shop.team_calls, books.price(700, name="Training"))
        books.api.subscriptions.cancel(subscription)
        browser = visit(customer)
        page = browser.get("/")
        assert "Start again" not in page.text
        assert "It had several parts. Contact us to start it again." in page.text
        assert browser.get(f"/subscriptions/{subscription}/restart").status == 409

    def test_the_host_is_told_of_the_plan_and_of_every_item(self, shop, visit, world):
        told = []

        def changes(_asker, plan):
            told.append(plan)
            return AllowedChanges()

        customer, subscription = shop.subscribe(shop.team, shop.team_calls, shop.setup)
        with hosting(world, catalog=shop.catalog, hooks=Hooks(changes=changes), clock=world.now) as host:
            visit(customer, at=host).get(f"/subscriptions/{subscription}/plan")
        assert (told[0].price, told[0].quantity, len(told[0].items)) == (shop.team, 1, 3)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: Plan(price="price_a", includes=["price_b"]), "includes"),
        (lambda: Plan(price="price_a", includes=[Plan(price="price_b"), Plan(price="price_b")]), "twice"),
        (
            lambda: Plan(price="price_a", includes=[Plan(price="price_b", quantity=Quantity(1, 2))]),
            "without a quantity",
        ),
        (
            lambda: Catalog([Plan(price="price_a", includes=[Plan(price="price_b")]), Plan(price="price_b")]),
            "by itself",
        ),
        (lambda: Catalog([], [Plan(price="price_a", includes=[Plan(price="price_b")])]), "An add-on includes nothing"),
    ],
)
def test_a_catalog_that_cannot_be_stops_the_start(wrong, said):
    with pytest.raises(ConfigError, match=said):
        wrong()
