"""A cheaper plan that waits for the end of the paid period: planned, shown, edited, undone, and never in anybody's way."""

from __future__ import annotations

import re

import pytest

from portal_embed import Catalog, Features, Plan, Quantity
from portal_embed.config import SubscriptionUpdate
from tests.pages.people import DAY
from tests.pages.test_plan_changes import cents, choose
from tests.serving import hosting

LATER = Features(
    subscription_update=SubscriptionUpdate(
        schedule_at_period_end=("decreasing_item_amount", "shortening_interval"),
    )
)


@pytest.fixture
def host(world):
    with hosting(world, features=LATER) as served:
        yield served


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10)


@pytest.fixture
def planned(ada, visit):
    """Ada, whose plan becomes a cheaper one at the end of the month."""
    browser = visit(ada["customer"])
    page = browser.submit(choose(browser, ada, "starter_monthly").form("/plan"))
    assert "Your change is planned" in page.text
    return browser


def schedules(books, customer):
    return books.api.subscription_schedules.list({"customer": customer}).data


def to_the_end_of_the_period(world, books, subscription):
    ends = books.subscription(subscription)["items"].data[0].current_period_end
    world.move_clock(ends - world.now() + 7200)


@pytest.mark.feature(64)
class TestPlanning:
    """By Stripe's two conditions, and across products."""

    def test_the_page_says_when_it_happens_and_that_nothing_is_paid_today(self, ada, visit, books):
        page = choose(visit(ada["customer"]), ada, "starter_monthly")
        assert "You pay nothing today and keep what you have until" in page.text
        assert re.search(r"Change on \d+ \w+ \d{4}", page.text)

    def test_until_then_nothing_changes(self, ada, planned, books):
        charged = books.charged(ada["customer"])
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)
        assert books.charged(ada["customer"]) == charged

    def test_the_next_bill_is_the_one_that_was_shown(self, ada, visit, books, world):
        browser = visit(ada["customer"])
        page = choose(browser, ada, "starter_monthly")
        announced = cents(page.text.split("After that")[1].split("$")[1].split(" a month")[0])
        browser.submit(page.form("/plan"))
        known = {invoice.id for invoice in books.invoices(ada["customer"])}
        to_the_end_of_the_period(world, books, ada["subscription"])
        (bill,) = [invoice for invoice in books.invoices(ada["customer"]) if invoice.id not in known]
        assert bill.total == announced
        assert books.plan(ada["subscription"]) == (ada["prices"]["starter_monthly"], 1)

    def test_fewer_seats_wait_as_well(self, world, visit, books):
        life = world.live("monthly", days=10, price="scale_monthly", quantity=9)
        browser = visit(life["customer"])
        browser.submit(choose(browser, life, "scale_monthly", 2).form("/plan"))
        assert books.plan(life["subscription"])[1] == 9
        to_the_end_of_the_period(world, books, life["subscription"])
        assert books.plan(life["subscription"])[1] == 2

    def test_a_shorter_interval_waits_as_well(self, world, visit, books):
        life = world.live("monthly", days=10, price="pro_yearly")
        browser = visit(life["customer"])
        browser.submit(choose(browser, life, "pro_monthly").form("/plan"))
        assert books.plan(life["subscription"])[0] == life["prices"]["pro_yearly"]
        to_the_end_of_the_period(world, books, life["subscription"])
        assert books.plan(life["subscription"])[0] == life["prices"]["pro_monthly"]

    def test_what_costs_more_is_changed_at_once(self, ada, visit, books):
        browser = visit(ada["customer"])
        browser.submit(choose(browser, ada, "scale_monthly", 4).form("/plan"))
        assert books.plan(ada["subscription"]) == (ada["prices"]["scale_monthly"], 4)
        assert schedules(books, ada["customer"]) == []

    def test_a_trial_has_no_period_to_wait_for(self, world, visit, books):
        clara = world.live("trialing")
        browser = visit(clara["customer"])
        browser.submit(choose(browser, clara, "starter_monthly").form("/plan"))
        assert books.plan(clara["subscription"])[0] == clara["prices"]["starter_monthly"]

    def test_a_discount_and_a_tax_last_beyond_it(self, world, visit, books):
        tax = books.api.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": False}).id
        coupon = books.api.coupons.create({"percent_off": 25, "duration": "forever"}).id
        prices = world.live("monthly")["prices"]
        customer = books.customer()
        more = {"discounts": [{"coupon": coupon}], "default_tax_rates": [tax]}
        subscription = books.subscribe(customer, prices["pro_monthly"], **more)
        browser = visit(customer)
        life = {"prices": prices, "subscription": subscription}
        page = choose(browser, life, "starter_monthly")
        announced = cents(page.text.split("After that")[1].split("$")[1].split(" a month")[0])
        browser.submit(page.form("/plan"))
        to_the_end_of_the_period(world, books, subscription)
        bill = books.invoices(customer)[0]
        assert (bill.billing_reason, bill.total) == ("subscription_cycle", announced)
        assert bill.total_discount_amounts
        assert bill.total_taxes

    def test_add_ons_stay_and_go_with_it(self, world, visit, books):
        base, cheap, extra, other = (
            books.price(amount, name=name)
            for amount, name in ((4000, "Team"), (1000, "Base"), (500, "Storage"), (700, "Support"))
        )
        customer = books.customer()
        items = [{"price": base, "quantity": 1}, {"price": extra, "quantity": 3}, {"price": other, "quantity": 1}]
        subscription = books.api.subscriptions.create({"customer": customer, "items": items}).id
        catalog = Catalog(
            [Plan(price=base), Plan(price=cheap)],
            add_ons=[Plan(price=extra, quantity=Quantity(1, 9)), Plan(price=other)],
        )
        with hosting(world, features=LATER, catalog=catalog) as host:
            browser = visit(customer, at=host)
            page = browser.get(f"/subscriptions/{subscription}/plan?price={cheap}&add_on.{other}=0")
            page = browser.submit(page.form("/plan"))
            assert "Your change is planned" in page.text
        to_the_end_of_the_period(world, books, subscription)
        rows = books.subscription(subscription)["items"].data
        assert {row.price.id: row.quantity for row in rows} == {cheap: 1, extra: 3}

    def test_clicked_twice_it_is_planned_once(self, ada, visit, books):
        browser = visit(ada["customer"])
        form = choose(browser, ada, "starter_monthly").form("/plan")
        browser.submit(form)
        assert browser.submit(form).status == 200
        assert len(schedules(books, ada["customer"])) == 1

    def test_when_stripe_refuses_the_second_step_no_empty_schedule_is_left(self, ada, visit, books, world):
        browser = visit(ada["customer"])
        form = choose(browser, ada, "starter_monthly").form("/plan")
        world.fail("^/v1/subscription_schedules/[^/]+$", status=400)
        assert browser.submit(form).status >= 400
        assert books.subscription(ada["subscription"]).schedule is None


@pytest.mark.feature(28)
class TestShowing:
    """On the page of plans; the overview and the subscription's own page have tests of their own."""

    def test_the_page_of_plans_names_it_and_its_day(self, ada, planned):
        page = planned.get(f"/subscriptions/{ada['subscription']}/plan")
        assert "Changes to Starter on" in page.text
        assert page.form("/plan/planned")
        assert "Undo this change" in page.text

    def test_every_page_says_how_many_at_what_price_and_undoes_it_in_the_same_words(self, world, visit, books):
        life = world.live("monthly", days=10, price="scale_monthly", quantity=9)
        browser = visit(life["customer"])
        browser.submit(choose(browser, life, "scale_monthly", 2).form("/plan"))
        for path in ("/", f"/subscriptions/{life['subscription']}", f"/subscriptions/{life['subscription']}/plan"):
            page = browser.get(path)
            assert "Changes to $15.00 a month × 2 seats on" in page.text
            assert page.form("/plan/planned").buttons == ["Undo this change"]
        assert "The planned change was dropped" in browser.submit(browser.get("/").form("/plan/planned")).text
        assert books.subscription(life["subscription"]).schedule is None

    def test_another_plan_says_its_price(self, planned):
        assert re.search(
            r"Changes to Starter on \d+ \w+ \d{4}\. Its price is then \$9\.00 a month\.", planned.get("/").text
        )

    def test_the_form_has_it_chosen_already_and_does_not_plan_it_again(self, world, visit, books):
        life = world.live("monthly", days=10)
        browser = visit(life["customer"])
        browser.submit(choose(browser, life, "scale_monthly", 1).form("/plan"))
        place = f"/subscriptions/{life['subscription']}/plan"
        form = browser.get(place).form("/plan")
        assert (form.fields["price"], form.fields["quantity"]) == (life["prices"]["scale_monthly"], "1")
        page = browser.submit(form)
        assert "This is what is planned already." in page.text
        assert not [form for form in page.forms if "amount_due" in form.fields]
        assert "Pay $" in browser.submit(form, quantity="5").text

    def test_add_ons_are_chosen_as_they_are_planned(self, world, visit, books):
        base, cheap, extra = (books.price(amount, name=name) for amount, name in ((4000, "A"), (1000, "B"), (500, "C")))
        customer = books.customer()
        subscription = books.subscribe(customer, base)
        catalog = Catalog([Plan(price=base), Plan(price=cheap)], add_ons=[Plan(price=extra, quantity=Quantity(1, 9))])
        with hosting(world, features=LATER, catalog=catalog) as host:
            browser = visit(customer, at=host)
            page = browser.get(f"/subscriptions/{subscription}/plan?price={cheap}&add_on.{extra}=3")
            browser.submit(page.form("/plan"))
            page = browser.get(f"/subscriptions/{subscription}/plan")
            assert "Its price is then $25.00 a month." in page.text
            fields = page.form("/plan").fields
        assert (fields["price"], fields[f"add_on.{extra}"]) == (cheap, "3")


@pytest.mark.feature(65)
class TestUndoing:
    """Until it happens."""

    def test_the_plan_goes_on_as_it_is(self, ada, planned, books, world):
        page = planned.get(f"/subscriptions/{ada['subscription']}/plan")
        answer = planned.submit(page.form("/plan/planned"))
        assert "The planned change was dropped" in answer.text
        assert books.subscription(ada["subscription"]).schedule is None
        to_the_end_of_the_period(world, books, ada["subscription"])
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)

    def test_clicked_twice_it_is_undone_once(self, ada, planned, books):
        form = planned.get(f"/subscriptions/{ada['subscription']}/plan").form("/plan/planned")
        planned.submit(form)
        assert planned.submit(form).status == 200
        assert books.subscription(ada["subscription"]).schedule is None

    def test_a_form_from_before_it_happened_does_not_say_that_it_was_dropped(self, ada, planned, books, world):
        form = planned.get(f"/subscriptions/{ada['subscription']}/plan").form("/plan/planned")
        to_the_end_of_the_period(world, books, ada["subscription"])
        page = planned.submit(form)
        assert page.status == 409
        assert "No change is planned for this subscription." in page.text

    def test_what_the_merchant_has_planned_is_not_the_customer_s_to_undo(self, ada, planned, books):
        form = planned.get(f"/subscriptions/{ada['subscription']}/plan").form("/plan/planned")
        (ours,) = schedules(books, ada["customer"])
        books.api.subscription_schedules.update(ours.id, {"metadata": {"portal_embed": ""}})
        assert planned.submit(form).status == 409
        assert books.subscription(ada["subscription"]).schedule == ours.id
        page = planned.get(f"/subscriptions/{ada['subscription']}/plan")
        assert page.status == 409
        assert "A change is already planned for this subscription." in page.text

    def test_a_stranger_s_is_not_there(self, ada, planned, books, visit):
        eve = visit(books.customer())
        form = planned.get(f"/subscriptions/{ada['subscription']}/plan").form("/plan/planned")
        answer = eve.ask(
            "POST", f"/subscriptions/{ada['subscription']}/plan/planned", data={**form.fields, "_csrf": "x"}
        )
        assert answer.status_code in {403, 404}
        assert books.subscription(ada["subscription"]).schedule is not None


@pytest.mark.feature(66)
class TestEditing:
    """Another choice takes the place of what was planned: two are never stacked."""

    def test_another_cheaper_plan_replaces_it(self, ada, planned, books, world):
        (before,) = schedules(books, ada["customer"])
        planned.submit(choose(planned, ada, "scale_monthly", 1).form("/plan"))
        (after,) = schedules(books, ada["customer"])
        assert after.id == before.id
        to_the_end_of_the_period(world, books, ada["subscription"])
        assert books.plan(ada["subscription"]) == (ada["prices"]["scale_monthly"], 1)

    @pytest.mark.parametrize(("price", "sum_"), [("scale_monthly", "$15.00 a month"), ("pro_yearly", "$290.00 a year")])
    def test_the_next_bill_that_is_shown_is_that_of_the_new_choice(self, price, sum_, ada, planned, books, world):
        page = choose(planned, ada, price)
        assert sum_ in page.text.split("After that")[1]
        planned.submit(page.form("/plan"))
        known = {invoice.id for invoice in books.invoices(ada["customer"])}
        to_the_end_of_the_period(world, books, ada["subscription"])
        (bill,) = [invoice for invoice in books.invoices(ada["customer"]) if invoice.id not in known]
        assert bill.total == cents(sum_.split(" ")[0])

    def test_what_costs_more_is_changed_at_once_and_what_was_planned_is_dropped(self, ada, planned, books, world):
        page = choose(planned, ada, "pro_yearly")
        assert "The change that was planned before is dropped." in page.text
        planned.submit(page.form("/plan"))
        assert books.plan(ada["subscription"])[0] == ada["prices"]["pro_yearly"]
        assert books.subscription(ada["subscription"]).schedule is None
        world.move_clock(40 * DAY)
        assert books.plan(ada["subscription"])[0] == ada["prices"]["pro_yearly"]

    def test_a_declined_upgrade_leaves_what_was_planned(self, ada, planned, books):
        books.api.customers.update(
            ada["customer"],
            {"invoice_settings": {"default_payment_method": books.add(ada["customer"], "pm_card_chargeCustomerFail")}},
        )
        page = planned.submit(choose(planned, ada, "pro_yearly").form("/plan"))
        assert page.status == 402
        assert books.subscription(ada["subscription"]).schedule is not None

    def test_after_it_has_happened_the_next_change_is_planned_anew(self, ada, books, world, visit):
        with hosting(world, features=LATER, clock=world.now) as later:
            for plan in ("scale_monthly", "starter_monthly"):
                browser = visit(ada["customer"], at=later)
                page = browser.submit(choose(browser, ada, plan).form("/plan"))
                assert "Your change is planned" in page.text
                to_the_end_of_the_period(world, books, ada["subscription"])
                assert books.plan(ada["subscription"])[0] == ada["prices"][plan]


@pytest.mark.feature(46)
def test_canceling_works_with_one_attached(ada, planned, books, world):
    page = planned.get(f"/subscriptions/{ada['subscription']}/cancellation")
    assert "is canceled" in planned.submit(page.form("/cancellation")).text
    ends = books.subscription(ada["subscription"])["items"].data[0].current_period_end
    world.move_clock(ends - world.now() + 7200)
    assert books.subscription(ada["subscription"]).status == "canceled"
    assert books.invoices(ada["customer"])[0].billing_reason != "subscription_cycle"
