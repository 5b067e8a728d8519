"""Changing a plan: what may be chosen, and that what is charged is what was shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from portal_embed import Catalog, Features, Plan, Quantity
from portal_embed.config import SubscriptionCreate, SubscriptionUpdate
from tests.serving import hosting


def choose(browser, life, price, quantity=None):
    """The page with the preview of a change. `price`: a lookup key or an id."""
    price = life["prices"].get(price, price)
    more = f"&quantity={quantity}" if quantity is not None else ""
    page = browser.get(f"/subscriptions/{life['subscription']}/plan?price={price}{more}")
    assert page.status == 200, page.text
    return page


def rows_of(page, title="Due now"):
    """The rows of a table of sums: label and cents."""
    table = re.search(rf'<dl class="sums" aria-label="{title}">(.*?)</dl>', page.html, re.DOTALL)
    if table is None:
        return []
    found = re.findall(r"<dt><bdi>([^<]*)</bdi>.*?<dd class=\"amount\"><bdi>([^<]*)</bdi>", table[1], re.DOTALL)
    return [(label, cents(amount)) for label, amount in found]


def cents(text):
    sign = -1 if text.startswith(("-", "−")) else 1
    return sign * int(Decimal(re.sub(r"[^0-9.]", "", text)) * 100)


CHANGES = {
    "a dearer plan": ("pro_monthly", 1, "scale_monthly", 4),
    "a yearly plan": ("pro_monthly", 1, "pro_yearly", 1),
    "more seats": ("scale_monthly", 2, "scale_monthly", 9),
    "a cheaper plan": ("pro_monthly", 1, "starter_monthly", 1),
    "fewer seats": ("scale_monthly", 9, "scale_monthly", 2),
    "from yearly to monthly": ("pro_yearly", 1, "pro_monthly", 1),
}


@pytest.fixture(params=CHANGES.values(), ids=CHANGES)
def change(request, world, visit):
    """A customer in front of the preview of a change."""
    price, quantity, to, to_quantity = request.param
    life = world.live("monthly", days=10, price=price, quantity=quantity)
    browser = visit(life["customer"])
    return life, browser, choose(browser, life, to, to_quantity), to, to_quantity


@pytest.mark.feature(62)
def test_the_rows_of_the_preview_add_up(change):
    rows = rows_of(change[2])
    assert rows[-1][0] == "Due now"
    assert sum(amount for _, amount in rows[:-1]) == rows[-1][1]


@pytest.mark.feature(49, 57, 62, 74)
def test_exactly_what_was_shown_is_charged(change, books):
    life, browser, page, to, quantity = change
    shown = rows_of(page)[-1][1]
    before = books.charged(life["customer"])
    assert "Your plan is now" in browser.submit(page.form("/plan")).text
    assert books.charged(life["customer"]) - before == shown
    assert books.plan(life["subscription"]) == (life["prices"][to], quantity)


def test_the_next_bill_is_what_was_announced(change, books, world):
    life, browser, page, _, _ = change
    after_that = page.text.split("After that")[1]
    announced = cents(re.search(r"(\$[\d,.]+) a (?:month|year)", after_that)[1])
    browser.submit(page.form("/plan"))
    known = {invoice.id for invoice in books.invoices(life["customer"])}
    ends = books.subscription(life["subscription"])["items"].data[0].current_period_end
    world.move_clock(ends - world.now() + 7200)
    bill = next(invoice for invoice in books.invoices(life["customer"]) if invoice.id not in known)
    assert bill.total == announced


def test_the_day_of_the_next_bill_is_the_announced_one(world, visit, books):
    ada = world.live("monthly", days=10)
    browser = visit(ada["customer"])
    page = choose(browser, ada, "scale_monthly", 3)
    date = re.search(r"From (\d+ \w+ \d{4})", page.text)[1]
    browser.submit(page.form("/plan"))
    assert date in browser.get("/").text


def test_the_sum_stands_on_the_button(world, visit):
    ada = world.live("monthly", days=10)
    page = choose(visit(ada["customer"]), ada, "pro_yearly")
    due = page.form("/plan").fields["amount_due"]
    assert page.form("/plan").buttons[-1:] == [f"Pay ${int(due) / 100:,.2f} and change plan"]


def test_a_downgrade_leaves_a_credit_and_charges_nothing(world, visit, books):
    ada = world.live("monthly", days=10)
    browser = visit(ada["customer"])
    page = choose(browser, ada, "starter_monthly")
    assert "is kept as credit" in page.text
    before = books.charged(ada["customer"])
    assert "You have $" in browser.submit(page.form("/plan")).text
    assert books.charged(ada["customer"]) == before
    assert books.api.customers.retrieve(ada["customer"]).balance < 0


def test_with_a_coupon_the_rows_add_up_and_are_what_is_charged(world, visit, books):
    books.api.coupons.create({"id": "THIRD", "percent_off": 33, "duration": "forever"})
    ada = world.live("monthly", days=10, coupon="THIRD")
    browser = visit(ada["customer"])
    page = choose(browser, ada, "scale_monthly", 7)
    rows = rows_of(page)
    assert sum(amount for _, amount in rows[:-1]) == rows[-1][1]
    before = books.charged(ada["customer"])
    browser.submit(page.form("/plan"))
    assert books.charged(ada["customer"]) - before == rows[-1][1]


def test_credit_on_the_account_is_used_first(world, visit, books):
    ada = world.live("monthly", days=10)
    books.api.customers.balance_transactions.create(ada["customer"], {"amount": -1000, "currency": "usd"})
    browser = visit(ada["customer"])
    page = choose(browser, ada, "pro_yearly")
    rows = rows_of(page)
    assert ("Credit from your account", -1000) in rows
    before = books.charged(ada["customer"])
    browser.submit(page.form("/plan"))
    assert books.charged(ada["customer"]) - before == rows[-1][1]


class TestTrials:
    """A change ends the trial, or not, as the host says; the page says which."""

    def test_ending_the_trial_charges_what_was_shown(self, world, visit, books):
        clara = world.live("trialing")
        browser = visit(clara["customer"])
        page = choose(browser, clara, "scale_monthly", 2)
        assert "Your trial ends today." in page.text
        shown = rows_of(page)[-1][1]
        assert shown == 3000
        browser.submit(page.form("/plan"))
        assert books.charged(clara["customer"]) == shown
        assert books.subscription(clara["subscription"]).status == "active"

    def test_continuing_it_charges_nothing(self, world, visit, books):
        features = Features(subscription_update=SubscriptionUpdate(trial_update_behavior="continue_trial"))
        clara = world.live("trialing")
        with hosting(world, features=features) as host:
            browser = visit(clara["customer"], at=host)
            page = choose(browser, clara, "scale_monthly", 2)
            assert "Your trial goes on." in page.text
            assert "You pay nothing today." in page.text
            browser.submit(page.form("/plan"))
        assert books.charged(clara["customer"]) == 0
        assert books.subscription(clara["subscription"]).status == "trialing"
        assert books.plan(clara["subscription"]) == (clara["prices"]["scale_monthly"], 2)


def test_a_read_that_lags_behind_the_change_does_not_deny_the_charge(world, visit, books):
    ada = world.live("monthly", days=10)
    browser = visit(ada["customer"])
    form = choose(browser, ada, "pro_yearly").form("/plan")
    books.api.customers.update(ada["customer"], {"metadata": {"seen": "today"}})
    before = books.charged(ada["customer"])
    world.fail("^/v1/subscriptions/[^/]+$", stale=True, times=9)
    page = browser.submit(form)
    assert books.charged(ada["customer"]) > before
    assert page.status == 200
    assert "Your plan is now Pro" in page.text


class TestProration:
    """As the host configures it."""

    @pytest.fixture(params=["none", "create_prorations"])
    def later(self, request, world):
        features = Features(subscription_update=SubscriptionUpdate(proration_behavior=request.param))
        with hosting(world, features=features) as host:
            yield host

    def test_nothing_is_charged_today(self, world, visit, books, later):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"], at=later)
        page = choose(browser, ada, "scale_monthly", 5)
        assert "You pay nothing today." in page.text
        before = books.charged(ada["customer"])
        assert "Your plan is now Scale × 5" in browser.submit(page.form("/plan")).text
        assert books.charged(ada["customer"]) == before

    def test_but_a_classic_subscription_pays_for_another_interval_at_once_and_is_told_so(
        self, world, visit, books, later
    ):
        ada = world.live("monthly", days=10, billing_mode="classic")
        browser = visit(ada["customer"], at=later)
        page = choose(browser, ada, "starter_yearly")
        before = books.charged(ada["customer"])
        browser.submit(page.form("/plan"))
        assert books.charged(ada["customer"]) - before == rows_of(page)[-1][1] > 0

    def test_a_new_cycle_that_bills_nothing_today_says_so_and_when_it_will(self, world, visit, books):
        update = SubscriptionUpdate(proration_behavior="create_prorations", billing_cycle_anchor="now")
        ada = world.live("monthly", days=10)
        with hosting(world, features=Features(subscription_update=update)) as host:
            browser = visit(ada["customer"], at=host)
            page = choose(browser, ada, "starter_yearly")
            before = books.charged(ada["customer"])
            browser.submit(page.form("/plan"))
        assert "You pay nothing today." in page.text
        assert books.charged(ada["customer"]) == before
        (item,) = books.subscription(ada["subscription"])["items"].data
        day = datetime.fromtimestamp(item.current_period_end, UTC)
        assert f"{day.day} {day:%B %Y}" in page.text

    def test_a_new_cycle_from_today_charges_what_was_shown(self, world, visit, books):
        features = Features(subscription_update=SubscriptionUpdate(billing_cycle_anchor="now"))
        ada = world.live("monthly", days=10)
        with hosting(world, features=features) as host:
            browser = visit(ada["customer"], at=host)
            page = choose(browser, ada, "scale_monthly", 5)
            before = books.charged(ada["customer"])
            browser.submit(page.form("/plan"))
        assert books.charged(ada["customer"]) - before == rows_of(page)[-1][1]


class TestTheSumMoved:
    """Between the preview and the click something changed: nothing is charged, the new sum is shown."""

    def test_a_coupon_was_added(self, world, visit, books):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        page = choose(browser, ada, "pro_yearly")
        coupon = books.api.coupons.create({"percent_off": 50, "duration": "forever"})
        books.api.subscriptions.update(ada["subscription"], {"discounts": [{"coupon": coupon.id}]})
        before = books.charged(ada["customer"])
        moved = browser.submit(page.form("/plan"))
        assert moved.status == 409
        assert "The amount has changed since you last saw it" in moved.text
        assert books.charged(ada["customer"]) == before
        browser.submit(moved.form("/plan"))
        assert books.charged(ada["customer"]) - before == rows_of(moved)[-1][1]

    @pytest.mark.parametrize(
        "field", [{"amount_due": "1"}, {"amount_due": "0"}, {"total": "-1"}, {"proration_date": "1"}]
    )
    def test_the_form_was_tampered_with(self, field, world, visit, books):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        before = books.charged(ada["customer"])
        page = browser.submit(choose(browser, ada, "pro_yearly").form("/plan"), **field)
        assert page.status == 409
        assert books.charged(ada["customer"]) == before
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)

    @pytest.mark.parametrize("field", ["proration_date", "amount_due", "total"])
    def test_an_incomplete_form_is_refused(self, field, world, visit, books):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        page = browser.submit(choose(browser, ada, "pro_yearly").form("/plan"), **{field: None})
        assert page.status == 400
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)


class TestTheCatalog:
    """What the host offers, and what the customer has."""

    def test_a_price_that_is_not_offered_cannot_be_had(self, world, visit, books):
        ada = world.live("monthly", days=10)
        secret = books.price(1, name="Staff only")
        browser = visit(ada["customer"])
        assert browser.get(f"/subscriptions/{ada['subscription']}/plan?price={secret}").status == 404
        form = choose(browser, ada, "pro_yearly").form("/plan")
        assert browser.submit(form, price=secret, amount_due="0").status == 404
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)

    def test_a_plan_that_is_no_longer_offered_is_named_and_said_to_be_gone_for_good(self, world, visit, books):
        customer = world.life("new")
        books.add(customer, default=True)
        subscription = books.subscribe(customer, books.price(700, name="Legacy"))
        page = visit(customer).get(f"/subscriptions/{subscription}/plan")
        assert "You are on Legacy, $7.00 a month." in page.text
        assert "Once you change, you cannot come back to it." in page.text

    def test_plans_in_another_currency_are_not_offered(self, world, visit, books):
        ada = world.live("monthly", days=10)
        yen = Catalog([Plan(lookup_key="pro_monthly"), Plan(lookup_key="pro_monthly_jpy")])
        with hosting(world, catalog=yen) as host:
            page = visit(ada["customer"], at=host).get(f"/subscriptions/{ada['subscription']}/plan")
        assert len(page.form("/plan").choices["price"]) == 1

    @pytest.mark.parametrize("asked", ["51", "0", "999999999999", "-3", "x", "1.5", "9" * 40])
    def test_a_quantity_outside_the_limits_is_said_to_be_so_and_cannot_be_confirmed(self, asked, world, visit, books):
        ada = world.live("monthly", days=10, price="scale_monthly", quantity=5)
        page = choose(visit(ada["customer"]), ada, "scale_monthly", asked)
        assert "Choose a number from 1 to 50." in page.text
        assert not [form for form in page.forms if "amount_due" in form.fields]

    @pytest.mark.parametrize("asked", [1, 50])
    def test_the_limits_themselves_are_fine(self, asked, world, visit, books):
        ada = world.live("monthly", days=10, price="scale_monthly", quantity=5)
        page = choose(visit(ada["customer"]), ada, "scale_monthly", asked)
        assert page.form("/plan").fields["quantity"] == str(asked)

    def test_a_quantity_outside_the_limits_is_not_taken_from_the_form(self, world, visit, books):
        ada = world.live("monthly", days=10, price="scale_monthly", quantity=5)
        browser = visit(ada["customer"])
        page = browser.submit(choose(browser, ada, "scale_monthly", 9).form("/plan"), quantity="500")
        assert page.status == 422
        assert books.plan(ada["subscription"]) == (ada["prices"]["scale_monthly"], 5)

    def test_a_plan_without_a_choice_of_quantity_keeps_the_one_in_force(self, world, visit, books):
        ada = world.live("monthly", days=10, price="pro_monthly", quantity=3)
        browser = visit(ada["customer"])
        browser.submit(choose(browser, ada, "starter_monthly", 9).form("/plan"))
        assert books.plan(ada["subscription"]) == (ada["prices"]["starter_monthly"], 3)

    def test_choosing_what_one_has_says_so_and_offers_nothing(self, world, visit):
        ada = world.live("monthly", days=10)
        page = choose(visit(ada["customer"]), ada, "pro_monthly")
        assert "This is the plan you have." in page.text
        assert not [form for form in page.forms if "amount_due" in form.fields]

    def test_seats_are_called_seats_and_priced_each(self, world, visit):
        ada = world.live("monthly", days=10, price="scale_monthly", quantity=5)
        page = choose(visit(ada["customer"]), ada, "scale_monthly", 7)
        for words in ("You are on Scale, $15.00 a month × 5 seats.", "$15.00 a month per seat", "Seats From 1 to 50."):
            assert words in page.text
        assert "(seat)" not in page.text

    def test_a_price_that_no_sum_tells_is_left_out_of_the_sentence(self, world, visit):
        liv = world.live("metered")
        page = visit(liv["customer"]).get(f"/subscriptions/{liv['subscription']}/plan")
        assert "You are on API calls." in page.text

    @pytest.mark.parametrize("through", ["lookup_key", "price"])
    def test_a_price_in_steps_shows_them_before_it_is_chosen(self, through, world, visit, books):
        ada = world.live("monthly", days=10)
        tiers = [{"up_to": 10, "unit_amount": 1200}, {"up_to": "inf", "unit_amount": 900, "flat_amount": 500}]
        more = {"billing_scheme": "tiered", "tiers_mode": "volume", "tiers": tiers, "lookup_key": "crew"}
        price = books.price(None, name="Crew", **more)
        plan = Plan(lookup_key="crew") if through == "lookup_key" else Plan(price=price)
        features = Features(subscription_create=SubscriptionCreate(enabled=True, allow_several=True))
        with hosting(world, catalog=Catalog([Plan(lookup_key="pro_monthly"), plan]), features=features) as host:
            browser = visit(ada["customer"], at=host)
            for path in (f"/subscriptions/{ada['subscription']}/plan", "/plans", f"/plans/{price}/start"):
                page = browser.get(path)
                assert "1 to 10: $12.00 each 11 and more: $9.00 each, plus $5.00 The step that" in page.text, path

    @pytest.mark.parametrize("mode", ["volume", "graduated"])
    @pytest.mark.parametrize("quantity", [1, 10, 11, 25])
    def test_so_many_of_a_price_in_steps_cost_what_is_billed(self, mode, quantity, world, visit, books):
        ada = world.live("monthly", days=10)
        tiers = [{"up_to": 10, "unit_amount": 1200}, {"up_to": "inf", "unit_amount": 900, "flat_amount": 500}]
        price = books.price(None, name="Crew", billing_scheme="tiered", tiers_mode=mode, tiers=tiers)
        catalog = Catalog([Plan(lookup_key="pro_monthly"), Plan(price=price, quantity=Quantity(1, 50))])
        with hosting(world, catalog=catalog) as host:
            page = choose(visit(ada["customer"], at=host), ada, price, quantity)
        said = re.search(r"Crew, (\$[\d.]+) a month", page.text)[1]
        assert said in page.text.split("After that")[1]

    def test_a_year_says_what_it_saves(self, world, visit):
        ada = world.live("monthly", days=10)
        assert "Save 16%" in visit(ada["customer"]).get(f"/subscriptions/{ada['subscription']}/plan").text

    def test_only_the_quantity_may_change_where_the_host_says_so(self, world, visit, books):
        ada = world.live("monthly", days=10, price="scale_monthly", quantity=5)
        features = Features(subscription_update=SubscriptionUpdate(default_allowed_updates=("quantity",)))
        with hosting(world, features=features) as host:
            browser = visit(ada["customer"], at=host)
            price = ada["prices"]["pro_monthly"]
            assert browser.get(f"/subscriptions/{ada['subscription']}/plan?price={price}").status == 404
            browser.submit(choose(browser, ada, "scale_monthly", 6).form("/plan"))
        assert books.plan(ada["subscription"]) == (ada["prices"]["scale_monthly"], 6)

    def test_plans_by_price_id_and_with_the_host_s_own_words(self, world, visit, books):
        ada = world.live("monthly", days=10)
        own = Catalog(
            [Plan(price=ada["prices"]["scale_monthly"], name="Crew", description="All of us", quantity=Quantity(2, 9))]
        )
        with hosting(world, catalog=own) as host:
            page = visit(ada["customer"], at=host).get(f"/subscriptions/{ada['subscription']}/plan")
        assert "Crew" in page.text
        assert "All of us" in page.text


@pytest.mark.parametrize(
    ("life", "words"),
    [
        ("past_due", "Pay the open invoice first, then you can change your plan."),
        ("canceling", "Keep your plan first, then you can change it."),
    ],
)
def test_where_a_plan_cannot_be_changed_the_page_says_why(life, words, world, visit):
    someone = world.live(life)
    browser = visit(someone["customer"])
    assert words in browser.get("/").text
    page = browser.get(f"/subscriptions/{someone['subscription']}/plan")
    assert page.status == 409
    assert words in page.text
