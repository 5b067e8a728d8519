"""Subscriptions of several items: the plan switched beside others, add-ons in and out, what is billed by use."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portal_embed import Catalog, Features, Hooks, Plan, Quantity
from portal_embed.access import limits
from portal_embed.config import AllowedChanges, SubscriptionUpdate
from tests.pages.test_plan_changes import cents, rows_of
from tests.serving import hosting


class Shop:
    """A merchant with plans, add-ons at two intervals, and one item that is in no catalog."""

    def __init__(self, world, books) -> None:
        self.books = books
        self.base, self.team = books.price(1000, name="Base"), books.price(4000, name="Team")
        self.team_yearly = books.price(40000, "year", name="Team")
        self.storage = books.price(500, name="Storage")
        product = books.api.prices.retrieve(self.storage).product
        yearly = {"currency": "usd", "unit_amount": 5000, "recurring": {"interval": "year"}, "product": product}
        self.storage_yearly = books.api.prices.create(yearly).id
        self.support = books.price(2500, name="Support")
        self.legacy = books.price(300, name="Old extra")
        self.catalog = Catalog(
            [Plan(price=self.base), Plan(price=self.team), Plan(price=self.team_yearly)],
            add_ons=[
                Plan(price=self.storage, quantity=Quantity(1, 10)),
                Plan(price=self.storage_yearly, quantity=Quantity(1, 10)),
                Plan(price=self.support),
            ],
        )

    def subscribe(self, *items, **more):
        customer = self.books.customer()
        rows = [{"price": price, "quantity": quantity} for price, quantity in items]
        made = self.books.api.subscriptions.create({"customer": customer, "items": rows, **more})
        return customer, made.id


@pytest.fixture
def shop(world, books):
    return Shop(world, books)


@pytest.fixture
def host(world, shop):
    with hosting(world, catalog=shop.catalog) as served:
        yield served


def preview(browser, subscription, **chosen):
    """The page with the preview of a change; `chosen` by field, add-ons by `add_on_…` written with a dot."""
    query = "&".join(f"{name}={value}" for name, value in chosen.items())
    page = browser.get(f"/subscriptions/{subscription}/plan?{query}")
    assert page.status == 200, page.text
    return page


def charged_as_shown(browser, books, customer, page):
    """Confirm, and check that what is charged is the sum of the preview."""
    shown, before = rows_of(page)[-1][1], books.charged(customer)
    answer = browser.submit(page.form("/plan"))
    assert answer.status == 200, answer.text
    assert books.charged(customer) - before == shown
    return answer


@pytest.mark.feature(50)
class TestSwitching:
    """The plan, beside other items."""

    def test_the_plan_is_switched_and_everything_else_stays(self, shop, visit, books, world):
        customer, subscription = shop.subscribe((shop.storage, 3), (shop.base, 1), (shop.legacy, 2))
        world.move_clock(10 * 86_400)
        browser = visit(customer)
        page = preview(browser, subscription, price=shop.team)
        assert "You are on Base" in page.text
        assert "Old extra" in page.text
        assert "Your plan is now" in charged_as_shown(browser, books, customer, page).text
        assert shop.books.items(subscription) == {shop.team: 1, shop.storage: 3, shop.legacy: 2}

    def test_twice_clicked_is_once_changed(self, shop, visit, books, world):
        customer, subscription = shop.subscribe((shop.base, 1), (shop.storage, 1))
        world.move_clock(10 * 86_400)
        browser = visit(customer)
        form = preview(browser, subscription, price=shop.team).form("/plan")
        browser.submit(form)
        charges = books.charges(customer)
        assert browser.submit(form).status == 200
        assert books.charges(customer) == charges

    def test_another_part_whose_price_is_on_offer_can_be_changed_instead(self, shop, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1), (shop.team, 1))
        second = next(i for i in books.subscription(subscription)["items"].data if i.price.id == shop.team)
        browser = visit(customer)
        assert f"/plan?item={second.id}" in browser.get(f"/subscriptions/{subscription}/plan").html
        page = preview(browser, subscription, item=second.id, price=shop.team_yearly)
        assert "You are on Team" in page.text
        assert "$10.00 a month" not in page.text.split("Monthly")[1].split("Yearly")[0], "each price once"
        browser.submit(page.form("/plan"))
        assert shop.books.items(subscription) == {shop.base: 1, shop.team_yearly: 1}

    @pytest.mark.parametrize("item", ["si_1Missing", "storage"])
    def test_a_part_of_another_subscription_or_an_add_on_is_not_found(self, item, shop, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1), (shop.storage, 1))
        rows = books.subscription(subscription)["items"].data
        id = next(i.id for i in rows if i.price.id == shop.storage) if item == "storage" else item
        assert visit(customer).get(f"/subscriptions/{subscription}/plan?item={id}").status == 404

    def test_an_add_on_that_stands_alone_can_become_a_plan(self, shop, visit):
        customer, subscription = shop.subscribe((shop.storage, 1))
        browser = visit(customer)
        browser.submit(preview(browser, subscription, price=shop.team).form("/plan"))
        assert shop.books.items(subscription) == {shop.team: 1}


@pytest.mark.feature(51)
class TestAddOns:
    """In and out, and in another number."""

    def test_one_is_added_for_what_was_shown(self, shop, visit, books, world):
        customer, subscription = shop.subscribe((shop.base, 1))
        world.move_clock(10 * 86_400)
        browser = visit(customer)
        page = preview(browser, subscription, **{"add_on." + shop.support: 1})
        assert "Support is added: $25.00 a month" in page.text
        charged_as_shown(browser, books, customer, page)
        assert shop.books.items(subscription) == {shop.base: 1, shop.support: 1}

    def test_one_that_stands_at_none_is_not_bought_unasked(self, shop, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1), (shop.storage, 0))
        browser = visit(customer)
        page = preview(browser, subscription, price=shop.team)
        assert {amount for label, amount in rows_of(page) if "Storage" in label} <= {0}
        charged_as_shown(browser, books, customer, page)
        assert shop.books.items(subscription).get(shop.storage, 0) == 0

    def test_one_is_taken_out_and_credited(self, shop, visit, books, world):
        customer, subscription = shop.subscribe((shop.base, 1), (shop.support, 1))
        world.move_clock(10 * 86_400)
        browser = visit(customer)
        page = preview(browser, subscription, **{"add_on." + shop.support: 0})
        assert "Support is removed" in page.text
        assert "is kept as credit" in page.text
        browser.submit(page.form("/plan"))
        assert shop.books.items(subscription) == {shop.base: 1}
        assert books.api.customers.retrieve(customer).balance < 0

    def test_several_changes_are_one(self, shop, visit, books, world):
        customer, subscription = shop.subscribe((shop.base, 1), (shop.support, 1), (shop.storage, 2))
        world.move_clock(10 * 86_400)
        browser = visit(customer)
        chosen = {"add_on." + shop.support: 0, "add_on." + shop.storage: 5}
        page = preview(browser, subscription, price=shop.team, **chosen)
        assert "Storage: 5 instead of 2" in page.text
        before = {invoice.id for invoice in books.invoices(customer)}
        charged_as_shown(browser, books, customer, page)
        assert len({invoice.id for invoice in books.invoices(customer)} - before) == 1
        assert shop.books.items(subscription) == {shop.team: 1, shop.storage: 5}

    @pytest.mark.parametrize("asked", [11, 999, -1, "x", "1.5"])
    def test_the_limits_hold(self, asked, shop, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1), (shop.storage, 2))
        browser = visit(customer)
        page = preview(browser, subscription, **{"add_on." + shop.storage: asked})
        assert (
            page.text.count("Choose a number from 1 to 10, or 0 for none.") == 2
        )  # at the field and in the summary of errors
        assert "Due now" not in page.text
        browser.submit(page.form("/plan"))
        assert shop.books.items(subscription) == {shop.base: 1, shop.storage: 2}

    def test_none_of_it_is_within_them(self, shop, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1), (shop.storage, 2))
        browser = visit(customer)
        browser.submit(preview(browser, subscription, **{"add_on." + shop.storage: 0}).form("/plan"))
        assert shop.books.items(subscription) == {shop.base: 1}

    def test_where_the_number_is_the_host_s_it_stays(self, shop, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1), (shop.support, 4))
        browser = visit(customer)
        browser.submit(preview(browser, subscription, price=shop.team, **{"add_on." + shop.support: 1}).form("/plan"))
        assert shop.books.items(subscription) == {shop.team: 1, shop.support: 4}

    def test_with_the_plan_s_new_interval_an_add_on_has_its_own_price_of_that_interval(self, shop, visit, books, world):
        customer, subscription = shop.subscribe((shop.base, 1), (shop.storage, 2))
        world.move_clock(10 * 86_400)
        browser = visit(customer)
        page = preview(browser, subscription, price=shop.team_yearly)
        charged_as_shown(browser, books, customer, page)
        assert shop.books.items(subscription) == {shop.team_yearly: 1, shop.storage_yearly: 2}

    def test_a_price_that_is_not_an_add_on_cannot_be_added(self, shop, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1))
        page = preview(visit(customer), subscription, **{"add_on." + shop.legacy: 1})
        assert "This is the plan you have." in page.text
        assert not any("proration_date" in form.fields for form in page.forms)

    def test_in_classic_mode_what_would_mix_intervals_is_not_offered(self, shop, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1), (shop.legacy, 1), billing_mode={"type": "classic"})
        browser = visit(customer)
        page = browser.get(f"/subscriptions/{subscription}/plan")
        assert "$40.00 a month" in page.text
        assert "$400.00 a year" not in page.text
        assert "$50.00 a year" not in page.text
        browser.submit(preview(browser, subscription, price=shop.team).form("/plan"))
        assert shop.books.items(subscription) == {shop.team: 1, shop.legacy: 1}


@pytest.mark.feature(55)
def test_two_prices_of_one_product_and_interval_are_two_plans(world, visit, books):
    first = books.price(1000, name="Base")
    product = books.api.prices.retrieve(first).product
    again = {"currency": "usd", "unit_amount": 1200, "recurring": {"interval": "month"}, "product": product}
    second = books.api.prices.create(again).id
    customer = books.customer()
    subscription = books.subscribe(customer, first)
    with hosting(world, catalog=Catalog([Plan(price=first), Plan(price=second, name="Base plus")])) as host:
        browser = visit(customer, at=host)
        browser.submit(preview(browser, subscription, price=second).form("/plan"))
    assert books.plan(subscription) == (second, 1)


@pytest.mark.feature(54)
def test_a_catalog_may_have_more_than_ten_products(world, visit, books):
    prices = [books.price(1000 + 100 * number, name=f"Plan {number}") for number in range(14)]
    customer = books.customer()
    subscription = books.subscribe(customer, prices[0])
    with hosting(world, catalog=Catalog([Plan(price=price) for price in prices])) as host:
        browser = visit(customer, at=host)
        page = browser.get(f"/subscriptions/{subscription}/plan")
        assert all(f"Plan {number}" in page.text for number in range(14))
        browser.submit(preview(browser, subscription, price=prices[13]).form("/plan"))
    assert books.plan(subscription) == (prices[13], 1)


def test_a_plan_that_is_on_offer_no_more_stays_while_its_add_ons_change(shop, world, visit, books):
    customer, subscription = shop.subscribe((shop.legacy, 1))
    browser = visit(customer)
    browser.submit(preview(browser, subscription, **{"add_on." + shop.support: 1}).form("/plan"))
    assert shop.books.items(subscription) == {shop.legacy: 1, shop.support: 1}


@pytest.mark.feature(52)
class TestByUse:
    """Metered prices."""

    @pytest.fixture
    def metered(self, books):
        meter = books.api.billing.meters.create(
            {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        )
        recurring = {"interval": "month", "usage_type": "metered", "meter": meter.id}
        made = (books.price(amount, name=name, recurring=recurring) for name, amount in (("Pay 5", 5), ("Pay 3", 3)))
        return tuple(made)

    @pytest.fixture
    def used(self, books, metered, world):
        customer = books.customer()
        made = books.api.subscriptions.create({"customer": customer, "items": [{"price": metered[0]}]})
        world.move_clock(10 * 86_400)
        payload = {"stripe_customer_id": customer, "value": "100"}
        books.api.billing.meter_events.create({"event_name": "calls", "payload": payload})
        world.move_clock(3600)
        return customer, made.id

    @pytest.fixture
    def at(self, world, metered, books):
        flat = books.price(2000, name="Flat")
        with hosting(world, catalog=Catalog([Plan(price=price) for price in (*metered, flat)])) as host:
            host.flat = flat
            yield host

    def test_one_metered_plan_is_switched_for_another(self, used, metered, at, visit, books):
        customer, subscription = used
        browser = visit(customer, at=at)
        page = preview(browser, subscription, price=metered[1])
        assert "What you have used so far is still billed at its old price." in page.text
        answer = browser.submit(page.form("/plan"))
        assert "Your plan is now Pay 3" in answer.text
        assert books.plan(subscription) == (metered[1], None)

    @pytest.mark.parametrize("mode", ["flexible", "classic"])
    def test_where_nothing_was_used_nothing_is_due_though_something_else_is_beside_it(
        self, metered, mode, world, visit, books
    ):
        extra = books.price(500, name="Extra")
        customer, items = books.customer(), [{"price": metered[0]}, {"price": extra}]
        more = {"items": items, "billing_mode": {"type": mode}}
        subscription = books.api.subscriptions.create({"customer": customer, **more}).id
        world.move_clock(10 * 86_400)
        with hosting(world, catalog=Catalog([Plan(price=price) for price in metered])) as at:
            browser, charged = visit(customer, at=at), books.charged(customer)
            page = preview(browser, subscription, price=metered[1])
            assert "Due now $0.00 You pay nothing today." in page.text
            assert "$5.00" in page.text.split("After that")[1]
            browser.submit(page.form("/plan"))
        assert books.charged(customer) == charged
        assert metered[1] in {row.price.id for row in books.subscription(subscription)["items"].data}
        ends = books.subscription(subscription)["items"].data[0].current_period_end
        world.move_clock(ends - world.now() + 7200)
        assert books.charged(customer) - charged == 500

    def test_for_a_flat_one_and_back(self, used, metered, at, visit, books):
        customer, subscription = used
        browser = visit(customer, at=at)
        charged_as_shown(browser, books, customer, preview(browser, subscription, price=at.flat))
        assert books.plan(subscription) == (at.flat, 1)
        browser.submit(preview(browser, subscription, price=metered[0]).form("/plan"))
        assert books.plan(subscription) == (metered[0], None)


@pytest.mark.feature(53)
def test_a_subscription_that_is_paid_by_invoice_changes_and_the_invoice_is_what_was_shown(shop, visit, books, world):
    customer, subscription = shop.subscribe(
        (shop.base, 1), (shop.storage, 2), collection_method="send_invoice", days_until_due=14
    )
    world.move_clock(10 * 86_400)
    browser = visit(customer)
    page = preview(browser, subscription, price=shop.team, **{"add_on." + shop.storage: 4})
    assert "You get an invoice for" in page.text
    assert "The invoice is sent by email, and you have 14 days to pay it." in page.text
    assert not [words for words in ("Paid with", "Due now", "You pay") if words in page.text]
    browser.submit(page.form("/plan"))
    newest = books.invoices(customer)[0]
    assert (newest.billing_reason, newest.amount_due) == (
        "subscription_update",
        rows_of(page, "Invoiced now")[-1][1],
    )
    assert newest.due_date - newest.created == 14 * 86_400
    assert shop.books.items(subscription) == {shop.team: 1, shop.storage: 4}


@pytest.mark.feature(63)
def test_the_next_regular_bill_is_that_of_all_parts(shop, visit, books, world):
    customer, subscription = shop.subscribe((shop.base, 1), (shop.storage, 2))
    browser = visit(customer)
    page = preview(browser, subscription, price=shop.team, **{"add_on." + shop.support: 1})
    assert "$75.00 a month" in page.text.split("After that")[1]
    browser.submit(page.form("/plan"))
    ends = books.subscription(subscription)["items"].data[0].current_period_end
    known = {invoice.id for invoice in books.invoices(customer)}
    world.move_clock(ends - world.now() + 7200)
    (bill,) = [invoice for invoice in books.invoices(customer) if invoice.id not in known]
    assert bill.total == cents("$75.00")


@pytest.mark.feature(61)
class TestTrial:
    """Kept or ended, as the customer says where the host lets them."""

    @pytest.mark.parametrize(("answer", "status"), [("keep", "trialing"), ("end", "active")])
    def test_the_customer_says_whether_it_goes_on(self, answer, status, world, visit, books):
        asks = Features(subscription_update=SubscriptionUpdate(trial_update_behavior="ask"))
        clara = world.live("trialing")
        with hosting(world, features=asks) as host:
            browser = visit(clara["customer"], at=host)
            page = preview(browser, clara["subscription"], price=clara["prices"]["pro_yearly"], trial=answer)
            assert "Keep my trial until" in page.text
            browser.submit(page.form("/plan"))
        assert books.subscription(clara["subscription"]).status == status
        assert books.plan(clara["subscription"])[0] == clara["prices"]["pro_yearly"]

    def test_without_an_answer_it_goes_on(self, world, visit, books):
        asks = Features(subscription_update=SubscriptionUpdate(trial_update_behavior="ask"))
        clara = world.live("trialing")
        with hosting(world, features=asks) as host:
            browser = visit(clara["customer"], at=host)
            page = preview(browser, clara["subscription"], price=clara["prices"]["pro_yearly"])
            browser.submit(page.form("/plan"))
        assert books.subscription(clara["subscription"]).status == "trialing"


@pytest.mark.feature(56, 58)
class TestTheHostsRules:
    """Which plans and add-ons each customer may have, and in which number."""

    @pytest.fixture
    def asked(self):
        return []

    @pytest.fixture
    def at(self, world, shop, asked):
        def changes(asker, plan):
            asked.append(plan)
            return AllowedChanges(plans=[shop.team], add_ons=[shop.support])

        with hosting(world, catalog=shop.catalog, hooks=Hooks(changes=changes)) as host:
            yield host

    def test_only_what_the_host_allows_is_shown_and_can_be_had(self, shop, at, visit, books, asked):
        customer, subscription = shop.subscribe((shop.base, 1), (shop.storage, 3))
        browser = visit(customer, at=at)
        page = browser.get(f"/subscriptions/{subscription}/plan")
        assert "$400.00 a year" not in page.text
        assert page.form("/plan").choices["price"] == [shop.base, shop.team]
        assert f'name="add_on.{shop.support}"' in page.html
        assert f'name="add_on.{shop.storage}"' not in page.html
        assert asked[0].items == ((shop.base, 1), (shop.storage, 3))
        browser.submit(preview(browser, subscription, price=shop.team, **{"add_on." + shop.storage: 0}).form("/plan"))
        assert shop.books.items(subscription) == {shop.team: 1, shop.storage: 3}, (
            "an add-on that is not theirs to choose stays"
        )

    def test_what_is_not_allowed_cannot_be_had_by_hand(self, shop, at, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1))
        page = visit(customer, at=at).get(f"/subscriptions/{subscription}/plan?price={shop.team_yearly}")
        assert page.status == 404


@pytest.mark.feature(71)
class TestAPromotionCodeWithTheChange:
    """Where the host takes codes: typed, seen in the sums, and on the subscription afterwards."""

    @pytest.fixture
    def code(self, books):
        coupon = books.api.coupons.create({"percent_off": 20, "duration": "forever"}).id
        promotion = {"type": "coupon", "coupon": coupon}
        return books.api.promotion_codes.create({"promotion": promotion, "code": "SPRING20"}).id

    @pytest.fixture
    def at(self, world, shop, monkeypatch):
        monkeypatch.setattr(limits, "TEST_MODE_FACTOR", 1)
        takes = SubscriptionUpdate(default_allowed_updates=("price", "quantity", "promotion_code"))
        with hosting(world, catalog=shop.catalog, features=Features(subscription_update=takes)) as host:
            yield host

    def test_an_upgrade_costs_what_was_shown_with_it(self, shop, at, code, visit, books, world):
        customer, subscription = shop.subscribe((shop.base, 1))
        browser = visit(customer, at=at)
        page = preview(browser, subscription, price=shop.team, promotion_code="spring20")
        assert "20% off" in page.text
        assert rows_of(page)[-1] == ("Due now", 2200)
        assert "$32.00 a month" in page.text.split("After that")[1]
        charged_as_shown(browser, books, customer, page)
        assert len(books.subscription(subscription).discounts) == 1
        assert shop.books.items(subscription) == {shop.team: 1}

    @pytest.mark.parametrize("mode", ["flexible", "classic"])
    @pytest.mark.parametrize("duration", ["once", "forever"])
    def test_without_another_plan_nothing_is_due_and_the_next_bill_is_lower(
        self, shop, at, mode, duration, visit, books, world
    ):
        coupon = books.api.coupons.create({"percent_off": 25, "duration": duration}).id
        books.api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon}, "code": "QUARTER"})
        customer, subscription = shop.subscribe((shop.base, 1), billing_mode={"type": mode})
        world.move_clock(10 * 86_400)
        browser, charged = visit(customer, at=at), books.charged(customer)
        page = preview(browser, subscription, price=shop.base, promotion_code="QUARTER")
        assert "Due now $0.00 You pay nothing today." in page.text
        ends = books.subscription(subscription)["items"].data[0].current_period_end
        day = datetime.fromtimestamp(ends, UTC)
        said = page.text.split("After that")[1]
        assert f"From {day.day} {day:%B %Y}" in said
        assert "$7.50" in said
        assert page.form("/plan").fields["amount_due"] == "0"
        browser.submit(page.form("/plan"))
        assert books.charged(customer) == charged
        world.move_clock(ends - world.now() - 60)
        assert books.charged(customer) == charged
        world.move_clock(7200)
        assert books.charged(customer) - charged == 750

    def test_clicked_twice_it_is_on_it_once(self, shop, at, code, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1))
        browser = visit(customer, at=at)
        form = preview(browser, subscription, price=shop.team, promotion_code="SPRING20").form("/plan")
        browser.submit(form)
        charged = books.charged(customer)
        assert browser.submit(form).status == 200
        assert books.charged(customer) == charged
        assert len(books.subscription(subscription).discounts) == 1

    def test_a_code_that_is_not_taken_is_said_to_be_so_and_the_price_is_without_it(self, shop, at, visit):
        customer, subscription = shop.subscribe((shop.base, 1))
        page = preview(visit(customer, at=at), subscription, price=shop.team, promotion_code="NONSENSE")
        assert "This code is not valid here." in page.text
        assert rows_of(page)[-1] == ("Due now", 3000)

    @pytest.mark.parametrize("price", ["base", "team"], ids=["alone", "with another plan"])
    def test_one_that_ends_in_between_changes_nothing_and_is_not_said_to_be_there(
        self, shop, at, code, price, visit, books
    ):
        customer, subscription = shop.subscribe((shop.base, 1))
        browser = visit(customer, at=at)
        form = preview(browser, subscription, price=getattr(shop, price), promotion_code="SPRING20").form("/plan")
        books.api.promotion_codes.update(code, {"active": False})
        page = browser.submit(form)
        assert page.status == 409
        assert "This code is not valid here." in page.text
        assert shop.books.items(subscription) == {shop.base: 1}
        assert not books.subscription(subscription).discounts

    @pytest.mark.parametrize("price", ["base", "team"])
    def test_clicked_twice_one_for_a_single_bill_is_used_once_and_the_second_click_is_told_what_the_first_did(
        self, shop, at, price, visit, books
    ):
        coupon = books.api.coupons.create({"percent_off": 25, "duration": "once"}).id
        code = books.api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon}, "code": "QUARTER"})
        customer, subscription = shop.subscribe((shop.base, 1))
        browser = visit(customer, at=at)
        form = preview(browser, subscription, price=getattr(shop, price), promotion_code="QUARTER").form("/plan")
        assert all("Your plan is now" in browser.submit(form).text for _ in range(2))
        assert books.api.promotion_codes.retrieve(code.id).times_redeemed == 1

    def test_a_wrong_one_typed_as_the_button_is_pressed_changes_nothing_and_says_so_first(self, shop, at, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1))
        browser, charged = visit(customer, at=at), books.charged(customer)
        page = browser.submit(preview(browser, subscription, price=shop.team).form("/plan"), promotion_code="NONSENSE")
        assert page.status == 422
        assert "Please check what you entered This code is not valid here." in page.text
        assert (shop.books.items(subscription), books.charged(customer)) == ({shop.base: 1}, charged)
        browser.submit(page.form("/plan"))
        assert (shop.books.items(subscription), books.charged(customer)) == ({shop.team: 1}, charged + 3000)

    @pytest.mark.parametrize("more", ["", "team_yearly", "storage"], ids=["as shown", "another plan", "out of bounds"])
    def test_a_wrong_one_counts_once_whatever_else_the_form_says(self, shop, at, more, visit, world):
        customer, subscription = shop.subscribe((shop.base, 1))
        browser = visit(customer, at=at)
        form = preview(browser, subscription, price=shop.team).form("/plan")
        asks = {"": {}, "team_yearly": {"price": shop.team_yearly}, "storage": {f"add_on.{shop.storage}": "99"}}[more]
        world.forget_requests()
        page = browser.submit(form, promotion_code="NONSENSE", **asks)
        assert "This code is not valid here." in page.text
        # They are looked for among their own, and among everybody's.
        assert len([call for call in world.requests() if call["path"] == "/v1/promotion_codes"]) == 2

    def test_one_that_stripe_alone_refuses_is_no_dead_end(self, shop, at, code, visit, world):
        customer, subscription = shop.subscribe((shop.base, 1))
        world.fail("^/v1/invoices/create_preview$", status=400, times=2)  # what is due, and each period
        page = preview(visit(customer, at=at), subscription, price=shop.team, promotion_code="SPRING20")
        assert "This code cannot be used for this subscription." in page.text
        assert "Pay $30.00 and change plan" in page.form("/plan").buttons

    def test_declined_with_one_for_a_single_use_it_says_both_and_goes_on_without(self, shop, at, visit, books):
        coupon = books.api.coupons.create({"percent_off": 10, "duration": "once"}).id
        promotion = {"type": "coupon", "coupon": coupon}
        books.api.promotion_codes.create({"promotion": promotion, "code": "SINGLE", "max_redemptions": 1})
        customer, subscription = shop.subscribe((shop.base, 1))
        books.add(customer, "pm_card_chargeCustomerFail", default=True)
        browser = visit(customer, at=at)
        page = browser.submit(preview(browser, subscription, price=shop.team, promotion_code="SINGLE").form("/plan"))
        assert page.status == 402
        assert "Nothing was charged and your plan is unchanged." in page.text
        assert "This code cannot be used for this subscription." in page.text
        books.add(customer, default=True)
        charged_as_shown(browser, books, customer, page)

    def test_guessing_ends(self, shop, at, code, visit):
        customer, subscription = shop.subscribe((shop.base, 1))
        browser = visit(customer, at=at)
        for number in range(limits.PROMOTION_GUESSES.times + 1):
            page = preview(browser, subscription, price=shop.team, promotion_code=f"GUESS{number}")
        assert "Too many codes did not work." in page.text
        page = preview(browser, subscription, price=shop.team, promotion_code="SPRING20")
        assert "20% off" not in page.text

    def test_where_the_host_takes_none_there_is_no_field_and_no_way(self, shop, code, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1))
        browser = visit(customer)
        page = preview(browser, subscription, price=shop.team, promotion_code="SPRING20")
        assert "promotion_code" not in page.html
        browser.submit(page.form("/plan"), promotion_code="SPRING20")
        assert shop.books.items(subscription) == {shop.team: 1}
        assert not books.subscription(subscription).discounts

    def test_it_goes_along_with_a_change_that_waits(self, shop, code, world, visit, books):
        takes = SubscriptionUpdate(
            default_allowed_updates=("price", "promotion_code"), schedule_at_period_end=("decreasing_item_amount",)
        )
        customer, subscription = shop.subscribe((shop.team, 1))
        with hosting(world, catalog=shop.catalog, features=Features(subscription_update=takes)) as host:
            browser = visit(customer, at=host)
            page = preview(browser, subscription, price=shop.base, promotion_code="SPRING20")
            assert "$8.00 a month" in page.text.split("After that")[1]
            browser.submit(page.form("/plan"))
        ends = books.subscription(subscription)["items"].data[0].current_period_end
        world.move_clock(ends - world.now() + 7200)
        assert books.invoices(customer)[0].total == 800


class TestWhatEachPeriodCosts:
    """It is what the next bill comes to, whatever makes that up; where list prices alone do, Stripe is asked once less."""

    @pytest.mark.parametrize(
        ("having", "each", "previews"),
        [
            ("nothing", "$40.00", 1),
            ("a tax", "$47.60", 2),
            ("a tax of the item", "$47.60", 2),
            ("automatic tax", "$47.60", 2),
            ("a discount", "$30.00", 2),
            ("a discount of the item", "$30.00", 2),
        ],
    )
    def test_with_all_that_the_bill_is_made_of(self, having, each, previews, shop, visit, books, world):
        vat = books.api.tax_rates.create({"display_name": "VAT", "percentage": 19, "inclusive": False}).id
        quarter = books.api.coupons.create({"percent_off": 25, "duration": "forever"}).id
        subscribed = {
            "nothing": {},
            "a tax": {"default_tax_rates": [vat]},
            "a tax of the item": {"items": [{"tax_rates": [vat]}]},
            "automatic tax": {"automatic_tax": {"enabled": True}},
            "a discount": {"discounts": [{"coupon": quarter}]},
            "a discount of the item": {"items": [{"discounts": [{"coupon": quarter}]}]},
        }[having]
        customer, subscription = shop.subscribe((shop.base, 1))
        books.api.customers.update(customer, {"address": {"country": "DE", "postal_code": "10115"}})
        (item,) = books.subscription(subscription)["items"].data
        more = {"items": [{"id": item.id, **part} for part in subscribed["items"]]} if "items" in subscribed else {}
        books.api.subscriptions.update(subscription, {**subscribed, **more, "proration_behavior": "none"})
        browser = visit(customer)
        world.forget_requests()
        page = preview(browser, subscription, price=shop.team)
        asked = [call for call in world.requests() if call["path"] == "/v1/invoices/create_preview"]
        assert (page.text.split("After that")[1].split(" a month")[0].split(" ")[-1], len(asked)) == (each, previews)
        browser.submit(page.form("/plan"))
        known = {invoice.id for invoice in books.invoices(customer)}
        world.move_clock(item.current_period_end - world.now() + 7200)
        (bill,) = [invoice for invoice in books.invoices(customer) if invoice.id not in known]
        assert bill.total == cents(each)

    @pytest.mark.parametrize("having", ["a tax", "automatic tax"])
    @pytest.mark.parametrize("is_planned", [False, True])
    def test_another_interval_that_begins_later_has_its_tax(self, having, is_planned, shop, visit, books, world):
        vat = books.api.tax_rates.create({"display_name": "VAT", "percentage": 19, "inclusive": False}).id
        taxed = {"default_tax_rates": [vat]} if having == "a tax" else {"automatic_tax": {"enabled": True}}
        customer, subscription = shop.subscribe((shop.base, 1))
        books.api.customers.update(customer, {"address": {"country": "DE", "postal_code": "10115"}})
        books.api.subscriptions.update(subscription, {**taxed, "proration_behavior": "none"})
        later = Features(subscription_update=SubscriptionUpdate(takes_effect=("at_period_end",)))
        with hosting(world, catalog=shop.catalog, features=later) as host:
            browser = visit(customer, at=host)
            if is_planned:
                browser.submit(preview(browser, subscription, price=shop.team).form("/plan"))
            page = preview(browser, subscription, price=shop.team_yearly)
            assert "$476.00 a year" in page.text.split("After that")[1]
            browser.submit(page.form("/plan"))
        ends = books.subscription(subscription)["items"].data[0].current_period_end
        world.move_clock(ends - world.now() + 7200)
        assert books.invoices(customer)[0].total == cents("$476.00")

    def test_several_intervals_name_the_next_bill_alone(self, shop, world, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1), (shop.storage_yearly, 1))
        with hosting(
            world,
            catalog=shop.catalog,
            features=Features(subscription_update=SubscriptionUpdate(proration_behavior="none")),
        ) as at:
            browser = visit(customer, at=at)
            page = preview(browser, subscription, price=shop.team_yearly)
            # The year of the plan begins with that bill; the one of the add-on goes on.
            assert "$400.00" in page.text.split("After that")[1]
            assert "$400.00 a" not in page.text.split("After that")[1]
            assert "The new price counts from" not in page.text
            browser.submit(page.form("/plan"))
            ends = min(row.current_period_end for row in books.subscription(subscription)["items"].data)
            known = {invoice.id for invoice in books.invoices(customer)}
            world.move_clock(ends - world.now() + 7200)
            assert sum(i.total for i in books.invoices(customer) if i.id not in known) == cents("$400.00")


class TestTax:
    """What a preview says of it, and the address that it needs."""

    def test_without_an_address_another_interval_that_begins_later_asks_for_it_too(self, world, visit):
        nora = world.live("no_address")
        later = Features(subscription_update=SubscriptionUpdate(takes_effect=("at_period_end",)))
        with hosting(world, features=later) as host:
            browser = visit(nora["customer"], at=host)
            place = f"/subscriptions/{nora['subscription']}/plan?price={nora['prices']['pro_yearly']}"
            page = browser.get(place)
            assert "Your address is needed to work out the tax" in page.text
            assert not page.leads_to("/plan")
            address = browser.get(page.link("Enter your address"))
            assert nora["prices"]["pro_yearly"] in address.form("/billing-address").fields["back"]

    def test_an_address_that_is_missing_is_asked_for_in_place(self, shop, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1))
        books.api.customers.update(customer, {"address": {"country": "DE", "postal_code": "10115"}})
        books.api.subscriptions.update(subscription, {"automatic_tax": {"enabled": True}})
        books.api.customers.update(customer, {"address": ""})
        browser = visit(customer)
        page = preview(browser, subscription, price=shop.team)
        assert "Your address is needed to work out the tax" in page.text
        assert not any("proration_date" in form.fields for form in page.forms)
        assert "back=" in page.link("Enter your address")
        books.api.customers.update(customer, {"address": {"country": "DE", "postal_code": "10115"}})
        assert preview(browser, subscription, price=shop.team).form("/plan")

    def test_a_reverse_charge_is_said(self, shop, visit, books):
        customer, subscription = shop.subscribe((shop.base, 1))
        books.api.customers.update(customer, {"tax_exempt": "reverse"})
        page = preview(visit(customer), subscription, price=shop.team)
        assert "You account for the VAT yourself (reverse charge)." in page.text
