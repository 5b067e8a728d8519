"""Paying ahead: what is charged is what was shown, once, or nothing at all; and then it is left alone until it has run out."""

from __future__ import annotations

import re

import pytest

from portal_embed import Features
from portal_embed.config import SubscriptionCancel, SubscriptionPrepay
from tests.pages.people import DAY
from tests.pages.test_plan_changes import rows_of
from tests.pages.test_plan_payments import another_card
from tests.serving import hosting

pytestmark = pytest.mark.feature(75)


@pytest.fixture
def host(world):
    at_once = SubscriptionCancel(mode="immediately")
    features = Features(subscription_prepay=SubscriptionPrepay(enabled=True), subscription_cancel=at_once)
    with hosting(world, features=features) as served:
        yield served


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10)


def ahead(browser, life, periods=3):
    return browser.get(f"/subscriptions/{life['subscription']}/prepayment?periods={periods}")


def pay(browser, life, **changes):
    """Three months; `changes` to what the form says."""
    return browser.submit(ahead(browser, life).form("/prepayment"), **changes)


def test_what_is_charged_is_what_was_shown(ada, visit, books, world):
    browser = visit(ada["customer"])
    page = browser.get(browser.get("/").link("Pay ahead"))
    assert [word in page.text for word in ("3 months", "6 months", "12 months")] == [True] * 3
    page = ahead(browser, ada, 6)
    rows = rows_of(page)
    assert sum(amount for _, amount in rows[:-1]) == rows[-1][1] == 6 * 2900
    before = books.charged(ada["customer"])
    until = re.search(r"for the time until ([^.]+)\.", page.text)[1]
    done = browser.submit(page.form("/prepayment"))
    assert f"Paid until {until}" in done.text
    assert books.charged(ada["customer"]) - before == 6 * 2900
    assert not done.leads_to("/prepayment")
    assert f"You pay $29.00 on {until}" in browser.get(f"/subscriptions/{ada['subscription']}/next-charge").text


def test_nothing_more_is_charged_until_then(ada, visit, books, world):
    browser = visit(ada["customer"])
    pay(browser, ada)
    charged = books.charged(ada["customer"])
    item = books.subscription(ada["subscription"])["items"].data[0]
    world.move_clock(item.billed_until - world.now() - 60)
    assert books.charged(ada["customer"]) == charged
    world.move_clock(3 * 3600)
    assert books.charged(ada["customer"]) == charged + 2900


def test_a_second_click_from_another_tab_pays_nothing_more(ada, visit, books):
    browser = visit(ada["customer"])
    one, other = (ahead(browser, ada, 3).form("/prepayment") for _ in range(2))
    browser.submit(one)
    charged = books.charged(ada["customer"])
    assert "Paid until" in browser.submit(other).text
    assert books.charged(ada["customer"]) == charged


@pytest.mark.parametrize("until", ["0", "-5", "1"])
def test_a_day_long_past_counts_for_nothing_paid(ada, visit, books, until):
    browser = visit(ada["customer"])
    before = books.charged(ada["customer"])
    page = pay(browser, ada, until=until)
    assert page.status in {400, 409}
    assert books.charged(ada["customer"]) == before


@pytest.mark.parametrize("changed", ["amount_due", "total", "until", "periods"])
def test_another_sum_or_day_than_was_shown_is_shown_first(ada, visit, books, changed):
    browser = visit(ada["customer"])
    before = books.charged(ada["customer"])
    form = ahead(browser, ada).form("/prepayment")
    other = "6" if changed == "periods" else str(int(form.fields[changed]) + DAY)
    page = browser.submit(form, **{changed: other})
    assert page.status == 409
    is_another = changed in {"until", "periods"}
    assert (
        "Please check your choice again" if is_another else "The amount has changed since you last saw it"
    ) in page.text
    assert books.charged(ada["customer"]) == before
    assert "Paid until" in browser.submit(page.form("/prepayment")).text


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("pm_card_chargeCustomerFail", "Your bank declined the payment."),
        ("pm_card_authenticationRequired", "Your bank wants to confirm this payment"),
    ],
)
def test_what_the_bank_does_not_pay_at_once_changes_nothing(ada, visit, books, card, words):
    books.add(ada["customer"], card, default=True)
    browser = visit(ada["customer"])
    before = books.charged(ada["customer"])
    page = pay(browser, ada)
    assert page.status == 402
    assert words in page.text
    assert "Nothing was charged" in page.text
    after = books.subscription(ada["subscription"])
    assert (after.status, list(after.billing_schedules)) == ("active", [])
    assert books.charged(ada["customer"]) == before
    assert {invoice.status for invoice in books.invoices(ada["customer"])} == {"paid"}
    books.add(ada["customer"], "pm_card_visa", default=True)
    assert "Paid until" in browser.submit(page.form("/prepayment")).text


def test_a_debit_that_takes_days_is_not_offered_for_it(ada, visit, books):
    browser = visit(ada["customer"])
    form = ahead(browser, ada).form("/prepayment")
    books.add_sepa(ada["customer"])
    page = ahead(browser, ada)
    assert "This payment method takes days to pay" in page.text
    assert page.form("/prepayment").buttons == ["See what it costs"]
    before = books.charged(ada["customer"])
    refused = browser.submit(form)
    assert "This payment method takes days to pay" in refused.text
    assert list(books.subscription(ada["subscription"]).billing_schedules) == []
    assert books.charged(ada["customer"]) == before


def test_without_a_method_one_is_asked_for(world, visit, books):
    customer = books.customer(card=None)
    price = books.price(2900)
    life = {"customer": customer, "subscription": books.subscribe(customer, price, trial_period_days=1)}
    world.move_clock(2 * DAY)
    books.api.invoices.list({"customer": customer})
    for invoice in books.invoices(customer):
        if invoice.status == "open":
            books.api.invoices.pay(invoice.id, {"paid_out_of_band": True})
    browser = visit(customer)
    page = ahead(browser, life)
    assert "No payment method is saved" in page.text
    back = another_card(browser, books, browser.get(page.link("Add a payment method")))
    assert "Pay $87.00" in back.form("/prepayment").buttons


def test_yen_have_no_cents(visit, books):
    customer = books.customer()
    life = {"customer": customer, "subscription": books.subscribe(customer, books.price(2900, currency="jpy"))}
    page = ahead(visit(customer), life)
    assert "You pay ¥8,700 today" in page.text


def test_credit_on_the_account_is_used_first(ada, visit, books):
    books.api.customers.balance_transactions.create(ada["customer"], {"amount": -20_000, "currency": "usd"})
    browser = visit(ada["customer"])
    before = books.charged(ada["customer"])
    page = ahead(browser, ada)
    assert "You pay nothing today." in page.text
    assert "Paid until" in browser.submit(page.form("/prepayment")).text
    assert books.charged(ada["customer"]) == before


class TestMeanwhile:
    """While it is paid ahead."""

    @pytest.fixture
    def paid(self, ada, visit):
        browser = visit(ada["customer"])
        pay(browser, ada)
        return browser

    def test_the_plan_stays_as_it_is_and_the_card_says_why(self, ada, paid):
        page = paid.get("/")
        assert "It is paid ahead. You can change it in the last period" in page.text
        assert not page.leads_to("/plan")
        refused = paid.get(f"/subscriptions/{ada['subscription']}/plan?price={ada['prices']['pro_yearly']}")
        assert refused.status == 409

    def test_it_is_not_paid_ahead_again(self, ada, paid, books):
        charged = books.charged(ada["customer"])
        assert ahead(paid, ada, 6).status == 409
        assert books.charged(ada["customer"]) == charged

    def test_leaving_keeps_all_that_is_paid_even_where_it_would_end_at_once(self, ada, paid, books, world):
        until = books.subscription(ada["subscription"])["items"].data[0].billed_until
        page = paid.get(f"/subscriptions/{ada['subscription']}/cancellation")
        day = re.search(r"until (\d+ \w+ \d{4})", page.text)[1]
        paid.submit(page.form("/cancellation"))
        after = books.subscription(ada["subscription"])
        assert (after.status, after.cancel_at) == ("active", until)
        assert f"You keep it until {day}" in paid.get("/").text
        world.move_clock(until - world.now() - 60)
        assert books.subscription(ada["subscription"]).status == "active"

    def test_in_its_last_period_everything_may_be_done_again(self, ada, paid, books, world, visit):
        item = books.subscription(ada["subscription"])["items"].data[0]
        world.move_clock(item.billed_until - world.now() - 5 * DAY)
        page = visit(ada["customer"]).get("/")
        assert page.leads_to("/plan")
        assert page.leads_to("/prepayment")


def test_where_it_is_off_there_is_no_such_page(world, visit, ada):
    with hosting(world) as other:
        browser = visit(ada["customer"], at=other)
        assert not browser.get("/").leads_to("/prepayment")
        assert ahead(browser, ada).status == 404


def test_what_stripe_refuses_to_bill_ahead_is_said_to_be_so(ada, visit, world):
    """Such as a period that is no whole one, because the plan was changed within it."""
    world.fail("^/v1/invoices/create_preview$", status=400, times=1)
    page = ahead(visit(ada["customer"]), ada)
    assert page.status == 409
    assert "It cannot be paid ahead." in page.text


@pytest.mark.parametrize("periods", ["5", "x", "-3"])
def test_only_what_is_offered_can_be_chosen(ada, visit, periods):
    assert ahead(visit(ada["customer"]), ada, periods).status == 400
