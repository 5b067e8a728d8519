"""Starting a plan: what is on sale, that what is charged is what was shown, and that it is started once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from portal_embed import Catalog, Features, Hooks, Plan, Quantity
from portal_embed.config import (
    AllowedChanges,
    CustomerUpdate,
    PaymentMethodUpdate,
    SubscriptionCreate,
    SubscriptionPause,
    SubscriptionUpdate,
)
from tests.pages.deeds import STARTING, client_secret, finish_form
from tests.pages.test_plan_changes import rows_of
from tests.serving import CATALOG, hosting, server

pytestmark = pytest.mark.feature(76)

TRIALS = Catalog([Plan(lookup_key="pro_monthly", trial_days=14), Plan(lookup_key="pro_yearly")])


def starting(**create):
    return Features(subscription_create=SubscriptionCreate(enabled=True, **create))


@pytest.fixture
def host(world):
    with hosting(world, features=STARTING) as served:
        yield served


@pytest.fixture
def ada(world, books):
    """Has a card and no plan."""
    life = world.live("new")
    return {**life, "payment_method": books.add(life["customer"], default=True)}


def offered(browser, life, price="pro_monthly", **query):
    more = "&".join(f"{name}={value}" for name, value in query.items())
    page = browser.get(f"/plans/{life['prices'][price]}/start" + (f"?{more}" if more else ""))
    assert page.status == 200, page.text
    return page


def subscriptions(books, life):
    return books.api.subscriptions.list({"customer": life["customer"], "status": "all"}).data


def states(books, life):
    return sorted(s.status for s in subscriptions(books, life))


def waiting_for_money(books, life, browser):
    """Try with a card that is declined; the page that says so."""
    books.add(life["customer"], "pm_card_chargeCustomerFail", default=True)
    return browser.submit(offered(browser, life).form("/start"))


@pytest.mark.feature(119)
class TestPricing:
    def test_every_plan_with_what_it_comes_with(self, visit, ada):
        page = visit(ada["customer"]).get("/plans")
        for words in ("Starter", "$9.00 a month", "Pro", "$29.00 a month", "A year of history", "For one person"):
            assert words in page.text
        assert "$290.00" not in page.text
        assert "Save 16%" in page.text

    def test_the_other_interval_is_one_link_away(self, visit, ada):
        browser = visit(ada["customer"])
        page = browser.get(next(link for link in browser.get("/plans").links if "every=1-year" in link))
        assert "$290.00 a year" in page.text
        assert "$29.00 a month" not in page.text

    def test_an_interval_that_is_not_there_shows_the_first(self, visit, ada):
        assert "$29.00 a month" in visit(ada["customer"]).get("/plans?every=9-week").text

    def test_who_has_a_plan_sees_which_and_is_led_to_changing_it(self, visit, world):
        bea = world.live("monthly", days=10)
        page = visit(bea["customer"]).get("/plans")
        assert page.text.count("Current plan") == 1
        assert not any("/start" in link for link in page.links)
        price = bea["prices"]["scale_monthly"]
        assert any(link.endswith(f"/subscriptions/{bea['subscription']}/plan?price={price}") for link in page.links)

    @pytest.mark.parametrize(
        ("life", "words"),
        [
            ("past_due", "Pay the open invoice first, then you can change your plan."),
            ("canceling", "It is going to end. Keep your plan first, then you can change it."),
        ],
    )
    def test_who_cannot_change_theirs_reads_why(self, life, words, visit, world):
        page = visit(world.live(life)["customer"]).get("/plans")
        assert words in page.text
        assert "You can change it" not in page.text
        assert page.link("Go to the overview")

    def test_where_changing_is_off_nothing_leads_there(self, visit, world):
        bea = world.live("monthly", days=10)
        create = SubscriptionCreate(enabled=True)
        features = Features(subscription_create=create, subscription_update=SubscriptionUpdate(enabled=False))
        with hosting(world, features=features) as host:
            page = visit(bea["customer"], at=host).get("/plans")
            assert "Pro" in page.text
            assert not any("/start" in link or link.endswith("/plan") for link in page.links)

    def test_who_may_only_look_sees_prices_and_no_button(self, visit, ada):
        page = visit(ada["customer"], scopes="view").get("/plans")
        assert "$29.00 a month" in page.text
        assert not any("/start" in link for link in page.links)

    def test_a_customer_with_a_currency_sees_that_one_only(self, world, visit, books):
        catalog = Catalog([Plan(lookup_key="pro_monthly"), Plan(lookup_key="pro_monthly_jpy")])
        yen = books.customer()
        life = world.live("new")
        books.subscribe(yen, life["prices"]["pro_monthly_jpy"])
        with hosting(world, features=starting(allow_several=True), catalog=catalog) as host:
            page = visit(yen, at=host).get("/plans")
            assert "¥3,000 a month" in page.text
            assert "$" not in page.text
            assert visit(yen, at=host).get(f"/plans/{life['prices']['pro_monthly']}/start").status == 404
            page = visit(life["customer"], at=host).get("/plans")
            assert "¥3,000 a month" in page.text
            assert "$29.00 a month" in page.text

    def test_it_is_a_piece_too(self, visit, ada):
        page = visit(ada["customer"]).get("/pieces/plans")
        assert "$29.00 a month" in page.text
        assert "<html" not in page.html

    def test_nothing_on_sale(self, world, visit, ada):
        with hosting(world, features=STARTING, catalog=Catalog([Plan(lookup_key="not_there")])) as host:
            assert "No plans to choose from" in visit(ada["customer"], at=host).get("/plans").text


class TestStarting:
    def test_the_empty_overview_leads_to_it(self, visit, ada):
        assert visit(ada["customer"]).get("/").link("See plans").endswith("/plans")

    def test_exactly_what_was_shown_is_charged(self, visit, ada, books):
        browser = visit(ada["customer"])
        page = offered(browser, ada, "scale_monthly", quantity=3)
        shown = rows_of(page)
        assert shown[-1] == ("Due now", 4500)
        assert sum(amount for _, amount in shown[:-1]) == 4500
        assert page.form("/start").buttons == ["See what it costs", "Pay $45.00 and start"]
        said = browser.submit(page.form("/start"))
        assert "Scale has started" in said.text
        assert books.charged(ada["customer"]) == 4500
        (made,) = subscriptions(books, ada)
        assert (made.status, made.billing_mode.type) == ("active", "flexible")
        assert books.plan(made.id) == (ada["prices"]["scale_monthly"], 3)
        assert made.default_payment_method == ada["payment_method"]
        assert made.payment_settings.save_default_payment_method == "on_subscription"

    def test_what_comes_then_is_what_was_announced(self, visit, ada, books, world):
        browser = visit(ada["customer"])
        page = offered(browser, ada)
        date = re.search(r"From (\d+ \w+ \d{4})", page.text)[1]
        browser.submit(page.form("/start"))
        assert date in browser.get("/").text
        (made,) = subscriptions(books, ada)
        world.move_clock(made["items"].data[0].current_period_end - world.now() + 7200)
        assert "$29.00 a month" in page.text.split("After that")[1]
        assert [invoice.total for invoice in books.invoices(ada["customer"])] == [2900, 2900]

    @pytest.mark.parametrize("has_part", [False, True])
    def test_a_plan_by_use_costs_nothing_today(self, visit, ada, books, world, has_part):
        meter = books.api.billing.meters.create(
            {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        )
        use = {"interval": "month", "usage_type": "metered", "meter": meter.id}
        by_use = books.price(3, name="Calls", recurring=use)
        setup = [Plan(price=books.price(12000, interval="year", name="Domain"))] if has_part else []
        with hosting(world, features=STARTING, catalog=Catalog([Plan(price=by_use, includes=setup)])) as host:
            browser = visit(ada["customer"], at=host)
            page = browser.get(f"/plans/{by_use}/start")
            browser.submit(page.form("/start"))
        (made,) = subscriptions(books, ada)
        ends = min(item.current_period_end for item in made["items"].data)
        if not has_part:
            day = datetime.fromtimestamp(ends, UTC)
            assert f"From {day.day} {day:%B %Y} What you use" in page.text
            assert page.form("/start").buttons == ["Start plan"]
        assert made.status == "active"
        assert books.charged(ada["customer"]) == (12000 if has_part else 0)

    def test_the_account_s_credit_is_used_and_shown(self, visit, ada, books):
        books.api.customers.balance_transactions.create(ada["customer"], {"amount": -1000, "currency": "usd"})
        browser = visit(ada["customer"])
        page = offered(browser, ada)
        assert rows_of(page)[-2:] == [("Credit from your account", -1000), ("Due now", 1900)]
        browser.submit(page.form("/start"))
        assert books.charged(ada["customer"]) == 1900

    def test_tax_is_shown_and_charged(self, world, visit, books):
        place = {"line1": "1 Main St", "city": "Berlin", "postal_code": "10115", "country": "DE"}
        life = world.live("new")
        customer = books.customer(address=place)
        with hosting(world, features=starting(automatic_tax=True)) as host:
            browser = visit(customer, at=host)
            page = offered(browser, life)
            due = rows_of(page)[-1][1]
            browser.submit(page.form("/start"))
            assert books.charged(customer) == due
            (made,) = subscriptions(books, {"customer": customer})
            assert made.automatic_tax.enabled

    def test_without_an_address_the_tax_is_not_guessed(self, world, visit, books, ada):
        with hosting(world, features=starting(automatic_tax=True), mail=lambda mail: None) as host:
            browser = visit(ada["customer"], at=host)
            page = browser.submit(offered(browser, ada).form("/start"))
            assert page.status == 422
            assert "We need your billing address first" in page.text
            assert page.leads_to("/details/billing-address")
            assert subscriptions(books, ada) == []

    def test_yen(self, world, visit, books):
        life = world.live("new")
        books.add(life["customer"], default=True)
        with hosting(world, features=STARTING, catalog=Catalog([Plan(lookup_key="pro_monthly_jpy")])) as host:
            browser = visit(life["customer"], at=host)
            page = offered(browser, life, "pro_monthly_jpy")
            assert page.form("/start").buttons == ["Pay ¥3,000 and start"]
            browser.submit(page.form("/start"))
            assert books.charged(life["customer"]) == 3000

    def test_another_saved_card_pays_and_is_kept(self, visit, ada, books):
        other = books.add(ada["customer"], "pm_card_mastercard")
        browser = visit(ada["customer"])
        browser.submit(offered(browser, ada).form("/start"), payment_method=other)
        (made,) = subscriptions(books, ada)
        assert made.default_payment_method == other
        assert books.default_of(ada["customer"]) == ada["payment_method"]

    def test_a_stranger_s_card_does_not_pay(self, visit, ada, books):
        theirs = books.add(books.customer())
        browser = visit(ada["customer"])
        assert browser.submit(offered(browser, ada).form("/start"), payment_method=theirs).status == 404
        assert subscriptions(books, ada) == []

    def test_a_price_that_is_not_on_sale_is_not_found(self, visit, ada, books):
        secret = books.price(100, name="Friends")
        browser = visit(ada["customer"])
        assert browser.get(f"/plans/{secret}/start").status == 404
        form = offered(browser, ada).form("/start")
        form.action = form.action.replace(ada["prices"]["pro_monthly"], secret)
        assert browser.submit(form).status == 404
        assert subscriptions(books, ada) == []

    @pytest.mark.parametrize("quantity", ["0", "51", "two"])
    def test_a_number_that_the_plan_does_not_have_is_said(self, visit, ada, quantity):
        page = offered(visit(ada["customer"]), ada, "scale_monthly", quantity=quantity)
        assert "Choose a number from 1 to 50." in page.text
        assert ("input", "aria-invalid", "true") in page.attributes
        assert page.form("/start").buttons == ["See what it costs"]
        assert "Due now" not in page.text

    @pytest.mark.parametrize("quantity", ["0", "51", "-1", "x"])
    def test_a_number_put_into_the_form_buys_nothing_else(self, visit, ada, books, quantity):
        browser = visit(ada["customer"])
        page = browser.submit(offered(browser, ada, "scale_monthly").form("/start"), quantity=quantity)
        assert page.status == 422
        assert "Choose a number from 1 to 50." in page.text
        assert subscriptions(books, ada) == []

    def test_a_sum_that_has_moved_is_shown_anew_and_not_charged(self, visit, ada, books):
        browser = visit(ada["customer"])
        form = offered(browser, ada).form("/start")
        books.api.customers.balance_transactions.create(ada["customer"], {"amount": -1000, "currency": "usd"})
        page = browser.submit(form)
        assert page.status == 409
        assert "The amount has changed" in page.text
        assert page.form("/start").buttons == ["Pay $19.00 and start"]
        assert subscriptions(books, ada) == []

    def test_the_bank_is_asked_and_then_it_runs(self, visit, ada, books):
        asks = books.add(ada["customer"], "pm_card_authenticationRequired")
        browser = visit(ada["customer"])
        page = browser.submit(offered(browser, ada).form("/start"), payment_method=asks)
        assert states(books, ada) == ["incomplete"]
        returns = next(value for _, name, value in page.attributes if name == "data-return-url")
        books.answer_bank(client_secret(page))
        assert "Pro has started" in browser.get(returns).text
        assert states(books, ada) == ["active"]

    def test_twice_in_two_tabs_is_once(self, visit, ada, books):
        browser = visit(ada["customer"])
        first, second = offered(browser, ada).form("/start"), offered(browser, ada, "scale_monthly").form("/start")
        with ThreadPoolExecutor(2) as tabs:
            pages = list(tabs.map(browser.submit, (first, second)))
        assert sorted(page.status for page in pages) == [200, 409]
        assert states(books, ada) == ["active"]
        assert any("You have a plan already" in page.text for page in pages)

    def test_the_same_click_later_does_not_say_of_what_is_paused_that_it_has_started(self, visit, world, ada, books):
        pausing = Features(
            subscription_create=SubscriptionCreate(enabled=True), subscription_pause=SubscriptionPause(enabled=True)
        )
        with hosting(world, features=pausing) as host:
            browser = visit(ada["customer"], at=host)
            form = offered(browser, ada).form("/start")
            browser.submit(form)
            (made,) = subscriptions(books, ada)
            browser.submit(browser.get(f"/subscriptions/{made.id}/pause").form("/pause"))
            assert states(books, ada) == ["paused"]
            assert browser.submit(form).status == 409
        assert states(books, ada) == ["paused"]

    def test_credit_that_comes_back_as_another_gives_way_is_shown_before_it_is_used(self, visit, ada, books):
        books.api.customers.balance_transactions.create(ada["customer"], {"amount": -805, "currency": "usd"})
        browser = visit(ada["customer"])
        waiting_for_money(books, ada, browser)
        books.add(ada["customer"], default=True)
        page = offered(browser, ada, "starter_monthly")
        assert rows_of(page)[-1] == ("Due now", 900)
        page = browser.submit(page.form("/start"))
        assert page.status == 409
        assert states(books, ada) == ["incomplete_expired"]
        assert rows_of(page)[-1] == ("Due now", 95)
        browser.submit(page.form("/start"))
        assert states(books, ada) == ["active", "incomplete_expired"]
        assert books.charged(ada["customer"]) == 95

    def test_who_has_a_plan_starts_no_other(self, visit, world, books):
        bea = world.live("monthly", days=10)
        page = visit(bea["customer"]).get(f"/plans/{bea['prices']['scale_monthly']}/start")
        assert page.status == 409
        assert "You have a plan already" in page.text

    def test_who_has_several_is_led_to_where_each_can_be_changed(self, visit, world):
        erin = world.live("two_subscriptions")
        page = visit(erin["customer"]).get("/plans")
        assert "You have several plans" in page.text
        assert page.link("Go to the overview").endswith("/")
        assert "Choose plan" not in page.text

    def test_where_several_are_allowed_another_stands_beside_it(self, visit, world, books):
        bea = world.live("monthly", days=10)
        with hosting(world, features=starting(allow_several=True)) as host:
            browser = visit(bea["customer"], at=host)
            assert browser.get("/").link("Add a plan").endswith("/plans")
            browser.submit(offered(browser, bea, "scale_monthly").form("/start"))
            assert states(books, bea) == ["active", "active"]


class TestNewCard:
    def test_without_a_card_one_is_added_first_and_the_plan_waits_for_it(self, visit, world, books):
        life = world.live("new")
        browser = visit(life["customer"])
        page = offered(browser, life, "scale_monthly", quantity=2)
        assert page.form("/start").buttons == ["See what it costs"]
        page = browser.submit(page.form("/payment-methods/new"))
        books.confirm_setup(client_secret(page))
        page = browser.submit(finish_form(page))
        assert page.form("/start").buttons == ["See what it costs", "Pay $30.00 and start"]
        assert "Scale has started" in browser.submit(page.form("/start")).text
        assert books.charged(life["customer"]) == 3000

    def test_where_cards_are_not_added_here_it_says_whom_to_ask(self, world, visit):
        life = world.live("new")
        create = SubscriptionCreate(enabled=True)
        features = Features(subscription_create=create, payment_method_update=PaymentMethodUpdate(enabled=False))
        with hosting(world, features=features) as host:
            page = offered(visit(life["customer"], at=host), life)
            assert "Contact us to add one." in page.text

    def test_nothing_chosen_is_said_and_nothing_is_started(self, visit, ada, books):
        browser = visit(ada["customer"])
        page = browser.submit(offered(browser, ada).form("/start"), payment_method=None)
        assert page.status == 422
        assert "Choose how to pay" in page.text
        assert subscriptions(books, ada) == []


class TestWaiting:
    def test_a_decline_is_said_and_the_plan_waits(self, visit, ada, books):
        page = waiting_for_money(books, ada, visit(ada["customer"]))
        assert page.status == 402
        assert "Nothing was charged. The plan waits for its payment." in page.text
        assert states(books, ada) == ["incomplete"]
        assert books.charged(ada["customer"]) == 0

    def test_another_card_on_the_same_page_finishes_it(self, visit, ada, books):
        browser = visit(ada["customer"])
        page = waiting_for_money(books, ada, browser)
        page = browser.submit(page.form("/start"), payment_method=ada["payment_method"])
        assert "Pro has started" in page.text
        assert states(books, ada) == ["active"]
        assert books.charged(ada["customer"]) == 2900

    def test_the_overview_says_what_waits_and_it_can_be_finished(self, visit, ada, books):
        browser = visit(ada["customer"])
        waiting_for_money(books, ada, browser)
        page = browser.get("/")
        assert "Waiting for payment" in page.text
        assert "Pro has not started yet" in page.text
        assert "Cancel subscription" not in page.text
        page = browser.get(page.link("Finish payment"))
        page = browser.submit(page.form("/payment"), payment_method=ada["payment_method"])
        assert "We received $29.00" in page.text
        assert states(books, ada) == ["active"]

    def test_started_over_it_is_dropped_and_nothing_is_owed(self, visit, ada, books):
        browser = visit(ada["customer"])
        waiting_for_money(books, ada, browser)
        page = browser.submit(browser.get("/").form("/start-over"))
        assert "Pro was dropped" in page.text
        assert page.title.startswith("Plans")
        assert states(books, ada) == ["incomplete_expired"]
        assert [invoice.status for invoice in books.invoices(ada["customer"])] == ["void"]
        assert "Pro was dropped" not in browser.get("/plans?done=start_dropped&of=sub_1").text

    def test_starting_another_takes_its_place(self, visit, ada, books):
        browser = visit(ada["customer"])
        waiting_for_money(books, ada, browser)
        assert "Pro waits for its first payment" in browser.get("/plans").text
        form = offered(browser, ada, "starter_monthly").form("/start")
        browser.submit(form, payment_method=ada["payment_method"])
        assert states(books, ada) == ["active", "incomplete_expired"]
        assert books.charged(ada["customer"]) == 900
        assert not [invoice for invoice in books.invoices(ada["customer"]) if invoice.status == "open"]

    def test_what_was_begun_elsewhere_is_not_dropped_unasked(self, visit, ada, books):
        books.subscribe(ada["customer"], ada["prices"]["pro_monthly"], payment_behavior="default_incomplete")
        browser = visit(ada["customer"])
        page = browser.submit(offered(browser, ada, "starter_monthly").form("/start"))
        assert page.status == 409
        assert "Finish it on the overview, or start over there." in page.text
        assert states(books, ada) == ["incomplete"]
        browser.submit(browser.get("/").form("/start-over"))
        assert states(books, ada) == ["incomplete_expired"]

    def test_what_was_paid_in_the_meantime_is_not_dropped(self, visit, ada, books):
        browser = visit(ada["customer"])
        waiting_for_money(books, ada, browser)
        form = browser.get("/").form("/start-over")
        (waits,) = subscriptions(books, ada)
        books.api.invoices.pay(waits.latest_invoice, {"payment_method": ada["payment_method"]})
        assert "Pro has started" in browser.submit(form).text
        assert states(books, ada) == ["active"]

    def test_the_credit_that_waits_with_it_is_counted_once(self, visit, ada, books):
        books.api.customers.balance_transactions.create(ada["customer"], {"amount": -1000, "currency": "usd"})
        browser = visit(ada["customer"])
        page = waiting_for_money(books, ada, browser)
        assert page.form("/start").buttons == ["Pay $19.00 and start"]
        browser.submit(page.form("/start"), payment_method=ada["payment_method"])
        assert books.charged(ada["customer"]) == 1900

    def test_a_stranger_s_is_not_dropped(self, visit, world, ada, books):
        theirs = books.subscribe(books.customer(), ada["prices"]["pro_monthly"], payment_behavior="default_incomplete")
        browser = visit(ada["customer"])
        waiting_for_money(books, ada, browser)
        form = browser.get("/").form("/start-over")
        form.action = re.sub(r"sub_\w+", theirs, form.action)
        assert browser.submit(form).status == 404
        assert books.subscription(theirs).status == "incomplete"


class TestTrials:
    @pytest.fixture
    def host(self, world):
        with hosting(world, features=STARTING, catalog=TRIALS) as served:
            yield served

    def test_without_a_card(self, visit, world, books):
        life = world.live("new")
        browser = visit(life["customer"])
        assert "14 days free" in browser.get("/plans").text
        page = offered(browser, life)
        assert "You pay nothing today. Your trial is free until" in page.text
        assert re.search(r"Without a payment method it ends on \d+ \w+ \d+, and nothing is charged", page.text)
        assert "$29.00 a month" in page.text.split("After that")[1]
        assert page.form("/start").buttons == ["Start trial"]
        assert "Pro has started" in browser.submit(page.form("/start")).text
        (made,) = subscriptions(books, life)
        assert (made.status, made.trial_end - made.trial_start) == ("trialing", 14 * 86_400)
        assert made.pending_setup_intent
        world.move_clock(15 * 86_400)
        assert states(books, life) == ["canceled"]
        assert books.charged(life["customer"]) == 0

    def test_with_a_card_it_is_charged_when_it_ends(self, visit, world, ada, books):
        browser = visit(ada["customer"])
        page = offered(browser, ada)
        assert "Without a payment method" not in page.text
        browser.submit(page.form("/start"))
        (made,) = subscriptions(books, ada)
        assert made.default_payment_method == ada["payment_method"]
        assert not made.pending_setup_intent
        world.move_clock(14 * 86_400 + 7200)
        assert books.charged(ada["customer"]) == 2900

    def test_a_second_one_is_not_given(self, visit, world, books, ada):
        books.api.subscriptions.cancel(books.subscribe(ada["customer"], ada["prices"]["pro_monthly"]))
        browser = visit(ada["customer"])
        assert "days free" not in browser.get("/plans").text
        assert offered(browser, ada).form("/start").buttons == ["Pay $29.00 and start"]

    @pytest.mark.parametrize(("what", "says"), [("pause", "it is paused on"), ("create_invoice", "an invoice on")])
    def test_what_happens_at_its_end_is_said_as_the_host_decided(self, visit, world, books, what, says):
        life = world.live("new")
        with hosting(world, features=starting(missing_payment_method=what), catalog=TRIALS) as host:
            browser = visit(life["customer"], at=host)
            page = offered(browser, life)
            assert says in page.text
            browser.submit(page.form("/start"))
            (made,) = subscriptions(books, life)
            assert made.trial_settings.end_behavior.missing_payment_method == what

    def test_a_free_plan_needs_no_card(self, visit, world, books):
        life = world.live("new")
        free = books.price(0, name="Free")
        with hosting(world, features=STARTING, catalog=Catalog([Plan(price=free)])) as host:
            browser = visit(life["customer"], at=host)
            page = browser.get(f"/plans/{free}/start")
            assert page.form("/start").buttons == ["Start plan"]
            assert "Free has started" in browser.submit(page.form("/start")).text
            assert states(books, life) == ["active"]


@pytest.mark.feature(48)
class TestStartingAgain:
    @pytest.fixture
    def ended(self, world, books):
        books.api.coupons.create({"id": "HALF", "percent_off": 50, "duration": "forever"})
        life = world.live("monthly", days=10, price="scale_monthly", quantity=4, coupon="HALF")
        books.api.subscriptions.cancel(life["subscription"])
        return life

    def test_the_same_plan_and_number_and_not_the_discount(self, visit, ended, books):
        browser = visit(ended["customer"])
        page = browser.get("/")
        page = browser.get(page.link("Start again"))
        assert "As you had it before: the plan, the number, and how you pay." in page.text
        assert "The discount that you had does not come back." in page.text
        assert page.form("/start").buttons == ["See what it costs", "Pay $60.00 and start"]
        before = books.charged(ended["customer"])
        assert "Scale has started" in browser.submit(page.form("/start")).text
        assert books.charged(ended["customer"]) - before == 6000
        assert states(books, ended) == ["active", "canceled"]

    def test_a_card_that_is_gone_is_not_said_to_be_taken_over(self, visit, ended, books):
        books.api.payment_methods.detach(books.default_of(ended["customer"]))
        books.add(ended["customer"], "pm_card_mastercard")
        page = visit(ended["customer"]).get(f"/subscriptions/{ended['subscription']}/restart")
        assert "As you had it before: the plan and the number." in page.text
        assert "how you pay" not in page.text

    def test_add_ons_are_said_to_be_added_afterwards(self, world, visit, books, ada):
        storage = books.price(500, name="Storage")
        items = [{"price": ada["prices"]["pro_monthly"]}, {"price": storage, "quantity": 2}]
        life = books.api.subscriptions.create({"customer": ada["customer"], "items": items}).id
        books.api.subscriptions.cancel(life)
        catalog = Catalog([Plan(lookup_key="pro_monthly")], add_ons=[Plan(price=storage)])
        with hosting(world, features=STARTING, catalog=catalog) as host:
            browser = visit(ada["customer"], at=host)
            page = browser.get(browser.get("/").link("Start again"))
            assert "Without Storage: that can be added once the plan runs." in page.text
            assert "Pro has started" in browser.submit(page.form("/start")).text

    def test_the_card_that_paid_is_chosen(self, visit, ended, books):
        own = books.add(ended["customer"], "pm_card_mastercard")
        life = books.subscribe(ended["customer"], ended["prices"]["pro_monthly"], default_payment_method=own)
        books.api.subscriptions.cancel(life)
        browser = visit(ended["customer"])
        page = browser.get(f"/subscriptions/{life}/restart")
        assert page.form("/start").fields["payment_method"] == own

    def test_who_runs_one_already_is_not_asked(self, visit, ended, books):
        books.subscribe(ended["customer"], ended["prices"]["pro_monthly"])
        assert "Start again" not in visit(ended["customer"]).get("/").text

    def test_a_price_that_is_no_longer_sold_is_not_offered(self, world, visit, ended, books):
        with hosting(world, features=STARTING, catalog=Catalog([Plan(lookup_key="pro_monthly")])) as host:
            browser = visit(ended["customer"], at=host)
            assert "Start again" not in browser.get("/").text
            assert browser.get("/").link("See plans")
            assert browser.get(f"/subscriptions/{ended['subscription']}/restart").status == 409

    def test_what_has_not_ended_is_not_started_again(self, visit, world):
        bea = world.live("monthly", days=10)
        page = visit(bea["customer"]).get(f"/subscriptions/{bea['subscription']}/restart")
        assert page.status == 409
        assert "This subscription has not ended." in page.text

    def test_a_stranger_s_is_not_found(self, visit, ended, world):
        other = world.live("monthly", days=10)
        assert visit(other["customer"]).get(f"/subscriptions/{ended['subscription']}/restart").status == 404

    def test_a_trial_that_was_is_not_given_again(self, world, visit, books, ada):
        old = books.subscribe(ada["customer"], ada["prices"]["pro_monthly"], trial_period_days=14)
        books.api.subscriptions.cancel(old)
        with hosting(world, features=STARTING, catalog=TRIALS) as host:
            page = visit(ada["customer"], at=host).get(f"/subscriptions/{old}/restart")
            assert "There is no second trial." in page.text
            assert page.form("/start").buttons == ["Pay $29.00 and start"]


class TestTheHost:
    def test_switched_off_nothing_is_there(self, world, visit, ada, books):
        with hosting(world) as host:
            browser = visit(ada["customer"], at=host)
            assert "See plans" not in browser.get("/").text
            price = ada["prices"]["pro_monthly"]
            for path in ("/plans", f"/plans/{price}/start", "/pieces/plans", "/checkout"):
                assert browser.get(path).status == 404, path

    def test_with_a_configuration_of_stripe_s_the_host_s_own_word_on_it_holds(self, world, visit, ada, books):
        books.api.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
        with hosting(world, features=STARTING, configuration="default") as host:
            browser = visit(ada["customer"], at=host)
            assert "$29.00 a month" in browser.get("/plans").text
        with hosting(world, configuration="default") as host:
            assert visit(ada["customer"], at=host).get("/plans").status == 404

    def test_which_plans_may_be_started_is_the_host_s_to_say(self, world, visit, ada, books):
        asked = []

        def changes(asker, plan):
            asked.append((asker.customer, plan))
            return AllowedChanges(plans={"scale_monthly"}, quantity=Quantity(5, 9))

        with hosting(world, features=STARTING, hooks=Hooks(changes=changes)) as host:
            browser = visit(ada["customer"], at=host)
            page = browser.get("/plans")
            assert "Scale" in page.text
            assert "Starter" not in page.text
            assert browser.get(f"/plans/{ada['prices']['pro_monthly']}/start").status == 404
            assert offered(browser, ada, "scale_monthly").form("/start").fields["quantity"] == "5"
        customer, plan = asked[0]
        assert (customer, plan.subscription, plan.status, plan.price) == (ada["customer"], "", "none", None)

    def test_its_refusal_is_said_beside_the_prices(self, world, visit, ada):
        hooks = Hooks(changes=lambda asker, plan: AllowedChanges(refusal="Ask Grace, she buys."))
        with hosting(world, features=STARTING, hooks=hooks) as host:
            browser = visit(ada["customer"], at=host)
            page = browser.get("/plans")
            assert "Ask Grace, she buys." in page.text
            assert "$29.00 a month" in page.text
            assert not any("/start" in link for link in page.links)
            assert "Ask Grace" in browser.get(f"/plans/{ada['prices']['pro_monthly']}/start").text

    def test_without_its_word_nothing_is_started(self, world, visit, ada, books):
        def changes(asker, plan):
            raise RuntimeError

        with hosting(world, features=STARTING, hooks=Hooks(changes=changes)) as host:
            browser = visit(ada["customer"], at=host)
            assert "Plans cannot be started at the moment" in browser.get("/plans").text
            assert browser.get(f"/plans/{ada['prices']['pro_monthly']}/start").status == 409

    def test_it_hears_that_a_plan_was_started_once(self, world, visit, ada, books):
        heard = []
        with hosting(world, features=STARTING, hooks=Hooks(event=heard.append)) as host:
            browser = visit(ada["customer"], at=host, actor="user_42")
            form = offered(browser, ada).form("/start")
            page = browser.submit(form)
            browser.submit(form)
            browser.get(page.url)
            server().run(host.portal._services.outbox.drain())
        (made,) = subscriptions(books, ada)
        told = [event for event in heard if event.type != "portal.opened"]
        assert [(event.type, event.object, event.actor) for event in told] == [
            ("subscription.created", made.id, "user_42")
        ]

    def test_it_hears_of_one_that_the_bank_was_asked_about_once_it_runs(self, world, visit, ada, books):
        heard = []
        asks = books.add(ada["customer"], "pm_card_authenticationRequired")
        with hosting(world, features=STARTING, hooks=Hooks(event=heard.append)) as host:
            browser = visit(ada["customer"], at=host)
            page = browser.submit(offered(browser, ada).form("/start"), payment_method=asks)
            returns = next(value for _, name, value in page.attributes if name == "data-return-url")
            server().run(host.portal._services.outbox.drain())
            assert [event.type for event in heard] == ["portal.opened"]
            books.answer_bank(client_secret(page))
            browser.get(returns)
            browser.get(returns)
            server().run(host.portal._services.outbox.drain())
        assert [event.type for event in heard] == ["portal.opened", "subscription.created"]

    def test_the_catalog_s_own_words_and_limits_hold(self, world, visit, ada):
        plan = Plan(lookup_key="scale_monthly", name="Team", description="For crews.", quantity=Quantity(2, 8))
        with hosting(world, features=STARTING, catalog=Catalog([plan, *CATALOG.plans[:1]])) as host:
            browser = visit(ada["customer"], at=host)
            assert "For crews." in browser.get("/plans").text
            page = offered(browser, ada, "scale_monthly")
            assert page.title.startswith("Start Team")
            assert page.form("/start").fields["quantity"] == "2"

    def test_only_who_may_change_subscriptions_starts_one(self, visit, ada):
        browser = visit(ada["customer"], scopes="pay")
        assert "See plans" not in browser.get("/").text
        assert browser.get(f"/plans/{ada['prices']['pro_monthly']}/start").status == 403

    def test_details_off_and_tax_on_leads_nowhere(self, world, visit, ada):
        create = SubscriptionCreate(enabled=True, automatic_tax=True)
        features = Features(subscription_create=create, customer_update=CustomerUpdate(enabled=False))
        with hosting(world, features=features) as host:
            browser = visit(ada["customer"], at=host)
            page = browser.submit(offered(browser, ada).form("/start"))
            assert "We need your billing address first" in page.text
            assert not page.leads_to("/details/billing-address")
