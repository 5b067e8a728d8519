"""Going on after a pause: what is due is shown and charged, the bank is asked, a decline leaves it paused."""

from __future__ import annotations

import pytest

from portal_embed import Features
from portal_embed.config import SubscriptionPause
from tests.pages.deeds import client_secret, finish_form
from tests.pages.people import Calendar
from tests.serving import hosting

TWENTIETH_OF_NOVEMBER = 1_795_132_800
"""A month of thirty days, in 2026."""

pytestmark = pytest.mark.feature(81)


@pytest.fixture(autouse=True)
def calendar(world):
    return Calendar(world, TWENTIETH_OF_NOVEMBER)


@pytest.fixture
def host(world, calendar):
    with hosting(
        world, clock=calendar, features=Features(subscription_pause=SubscriptionPause(enabled=True))
    ) as served:
        yield served


@pytest.fixture
def paula(world, books):
    life = world.live("paused")
    return {**life, "charged": books.charged(life["customer"])}


def page_of(browser, life):
    return browser.get(f"/subscriptions/{life['subscription']}/resumption")


def resume(browser, life):
    return browser.submit(page_of(browser, life).form("/resumption"))


def use(books, customer, card):
    return books.add(customer, card, default=True)


def way_back(page):
    """Where the bank's dialog leads."""
    return next(value for _, name, value in page.attributes if name == "data-return-url")


def paid(books, life):
    return books.charged(life["customer"]) - life["charged"]


class TestEarly:
    """Paused for two months and resumed after five days."""

    @pytest.mark.feature(79)
    def test_what_is_shown_is_charged_and_no_schedule_is_left(self, visit, paula, books, world, calendar):
        browser = visit(paula["customer"])
        page = page_of(browser, paula)
        preview = books.api.invoices.create_preview(
            {"subscription": paula["subscription"], "subscription_details": {"resume_at": "now"}}
        )
        shown = f"${preview.amount_due / 100:.2f}"
        assert 0 < preview.amount_due < 2900
        assert f"Due now {shown}" in page.text
        assert page.form("/resumption").buttons == [f"Pay {shown} and resume"]
        assert "Visa •••• 4242" in page.text
        done = browser.submit(page.form("/resumption"))
        assert "Pro runs again" in done.text
        assert paid(books, paula) == preview.amount_due
        now = books.subscription(paula["subscription"])
        assert (now.status, now.schedule, now.billing_cycle_anchor) == ("active", None, calendar())
        calendar.move(90)
        assert books.subscription(paula["subscription"]).status == "active"
        assert paid(books, paula) == preview.amount_due + 2 * 2900

    def test_once_however_often_it_is_clicked(self, visit, paula, books):
        browser = visit(paula["customer"])
        form = page_of(browser, paula).form("/resumption")
        for _ in range(3):
            assert "Pro runs again" in browser.submit(form).text
        assert books.charges(paula["customer"]) == 3  # two months, and this

    def test_another_sum_than_shown_is_not_charged(self, visit, paula, books):
        browser = visit(paula["customer"])
        form = page_of(browser, paula).form("/resumption")
        item = {"customer": paula["customer"], "subscription": paula["subscription"], "amount": 500, "currency": "usd"}
        books.api.invoice_items.create(item)
        page = browser.submit(form)
        assert (page.status, "The amount has changed" in page.text) == (409, True)
        assert (books.subscription(paula["subscription"]).status, paid(books, paula)) == ("paused", 0)
        assert "Pro runs again" in browser.submit(page.form("/resumption")).text

    def test_credit_on_the_account_pays_for_it(self, visit, paula, books):
        books.api.customers.balance_transactions.create(paula["customer"], {"amount": -5000, "currency": "usd"})
        browser = visit(paula["customer"])
        page = page_of(browser, paula)
        assert "Due now $0.00" in page.text
        assert "Credit from your account" in page.text
        assert "Pro runs again" in browser.submit(page.form("/resumption")).text
        assert (books.subscription(paula["subscription"]).status, paid(books, paula)) == ("active", 0)


class TestTheBank:
    def test_asks_and_says_yes(self, visit, paula, books):
        use(books, paula["customer"], "pm_card_authenticationRequired")
        browser = visit(paula["customer"])
        page = resume(browser, paula)
        assert books.subscription(paula["subscription"]).status == "paused"
        books.answer_bank(client_secret(page))
        done = browser.get(way_back(page))
        assert "Pro runs again" in done.text
        assert books.subscription(paula["subscription"]).status == "active"

    def test_asks_and_says_no(self, visit, paula, books):
        use(books, paula["customer"], "pm_card_authenticationRequired")
        browser = visit(paula["customer"])
        page = resume(browser, paula)
        books.answer_bank(client_secret(page), "fail")
        back = browser.get(way_back(page))
        assert "Your bank did not confirm the payment" in back.text
        assert "Until then it stays paused" in back.text
        assert (books.subscription(paula["subscription"]).status, paid(books, paula)) == ("paused", 0)

    def test_declines_and_another_card_pays(self, visit, paula, books):
        use(books, paula["customer"], "pm_card_chargeCustomerFail")
        good = books.add(paula["customer"], "pm_card_mastercard")
        browser = visit(paula["customer"])
        page = resume(browser, paula)
        assert (page.status, "Nothing was charged." in page.text) == (402, True)
        assert "Until then it stays paused" in page.text
        assert (books.subscription(paula["subscription"]).status, paid(books, paula)) == ("paused", 0)
        overview = browser.get("/")
        assert "Pro is not running yet" in overview.text
        assert "It goes on as soon as its bill is paid." in overview.text
        assert not overview.leads_to("/resumption")
        (pay,) = (link for link in overview.links if link.endswith("/payment"))
        page = browser.get(pay)
        assert "Pro runs again" in browser.submit(page.form("/payment"), payment_method=good).text
        assert books.subscription(paula["subscription"]).status == "active"

    def test_declines_and_it_stays_paused_after_all(self, visit, paula, books):
        use(books, paula["customer"], "pm_card_chargeCustomerFail")
        browser = visit(paula["customer"])
        page = browser.submit(resume(browser, paula).form("/withdrawal"))
        assert "Pro stays paused" in page.text
        now = books.subscription(paula["subscription"])
        assert (now.status, now.pending_update, paid(books, paula)) == ("paused", None, 0)
        assert page_of(browser, paula).form("/resumption")

    def test_a_resumption_that_waits_leads_to_its_payment(self, visit, paula, books):
        use(books, paula["customer"], "pm_card_chargeCustomerFail")
        browser = visit(paula["customer"])
        resume(browser, paula)
        assert page_of(browser, paula).form("/payment")


class TestAfterATrialWithoutACard:
    pytestmark = pytest.mark.feature(83)

    @pytest.fixture(params=["flexible", "classic"])
    def tess(self, request, world, books):
        return {**world.live("paused", card=None, billing_mode=request.param), "charged": 0}

    def test_a_card_first_and_then_it_goes_on(self, visit, tess, books):
        browser = visit(tess["customer"])
        overview = browser.get("/")
        assert "no payment method was there" in overview.text
        page = browser.get(overview.link("Resume now"))
        assert "Due now $29.00" in page.text
        assert "Add one first, then you can resume." in page.text
        page = browser.submit(page.form("/payment-methods/new"))
        books.confirm_setup(client_secret(page), "pm_card_mastercard")
        page = browser.submit(finish_form(page), make_default="on")
        assert "Mastercard •••• 4444" in page.text
        assert "Pro runs again" in browser.submit(page.form("/resumption")).text
        assert (books.subscription(tess["subscription"]).status, paid(books, tess)) == ("active", 2900)

    def test_a_card_that_declines_is_told(self, visit, tess, books):
        use(books, tess["customer"], "pm_card_chargeCustomerFail")
        browser = visit(tess["customer"])
        page = resume(browser, tess)
        assert (page.status, "Nothing was charged." in page.text) == (402, True)
        assert paid(books, tess) == 0
        good = books.add(tess["customer"], "pm_card_visa")
        page = browser.get(page.form("/payment").action)
        browser.submit(page.form("/payment"), payment_method=good)
        assert (books.subscription(tess["subscription"]).status, paid(books, tess)) == ("active", 2900)

    def test_a_stranger_s_subscription_is_not_the_next_one(self, visit, tess, world, books):
        mallory = world.live("paused", card=None, name="Mallory")
        browser = visit(mallory["customer"])
        form = page_of(browser, mallory).form("/payment-methods/new")
        page = browser.submit(form, back=f"/subscriptions/{tess['subscription']}/resumption")
        books.confirm_setup(client_secret(page))
        assert browser.submit(finish_form(page)).status == 404


class TestBillsThatWereNotCollected:
    pytestmark = pytest.mark.feature(82)

    @pytest.fixture
    def otto(self, world, books):
        life = world.live("paused", billing_mode="classic")
        return {**life, "charged": books.charged(life["customer"])}

    def test_they_are_collected_again_and_nothing_is_due_today(self, visit, otto, books, world, calendar):
        browser = visit(otto["customer"])
        page = browser.get(browser.get("/").link("Resume billing"))
        assert "Nothing is due today." in page.text
        assert "$29.00 a month" in page.text
        assert "Pro runs again" in browser.submit(page.form("/resumption")).text
        assert (books.subscription(otto["subscription"]).pause_collection, paid(books, otto)) == (None, 0)
        calendar.move(31)
        assert paid(books, otto) == 2900


def test_the_old_form_says_nothing_of_what_has_ended_since(visit, world, books):
    otto = world.live("paused", months=None, billing_mode="classic")
    browser = visit(otto["customer"])
    form = browser.get(browser.get("/").link("Resume billing")).form("/resumption")
    browser.submit(form)
    books.api.subscriptions.cancel(otto["subscription"])
    page = browser.submit(form)
    assert page.status == 409
    assert "This subscription has ended." in page.text


class TestWhoMay:
    def test_a_stranger_s_is_not_found(self, visit, paula, world, books):
        mallory = world.live("paused", name="Mallory")
        browser = visit(mallory["customer"])
        assert page_of(browser, paula).status == 404
        form = page_of(browser, mallory).form("/resumption")
        form.action = form.action.replace(mallory["subscription"], paula["subscription"])
        assert browser.submit(form).status == 404
        assert books.subscription(paula["subscription"]).status == "paused"

    @pytest.mark.parametrize("scopes", ["view", "pay", ["subscriptions:write"]])
    def test_it_takes_the_right_to_pay_and_to_change(self, visit, paula, scopes):
        browser = visit(paula["customer"], scopes=scopes)
        assert not browser.get("/").leads_to("/resumption")
        assert page_of(browser, paula).status == 403

    def test_what_runs_needs_no_resuming(self, visit, world):
        ada = world.live("monthly", days=10)
        assert page_of(visit(ada["customer"]), ada).url.split("?")[0].rstrip("/").endswith("/billing")

    def test_where_the_merchant_has_planned_more_it_is_the_merchant_s(self, visit, paula, books):
        schedule = books.subscription(paula["subscription"]).schedule
        first = books.api.subscription_schedules.retrieve(schedule).phases[0]
        price = paula["prices"]["pro_monthly"]
        running = {"items": [{"price": price}], "start_date": first.start_date, "end_date": first.end_date}
        later = {"items": [{"price": paula["prices"]["scale_monthly"]}], "duration": {"interval": "month"}}
        books.api.subscription_schedules.update(schedule, {"phases": [running, later]})
        browser = visit(paula["customer"])
        assert not browser.get("/").leads_to("/resumption")
        assert page_of(browser, paula).status == 409
