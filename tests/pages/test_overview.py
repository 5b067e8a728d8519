"""The overview: what is true of each customer, what comes next, what needs attention first."""

from __future__ import annotations

import re
import time

import pytest

from portal_embed import Features
from portal_embed.config import SubscriptionPause
from tests.pages.people import DAY
from tests.serving import hosting


def overview(visit, life):
    return visit(life["customer"] if isinstance(life, dict) else life).get("/")


def test_an_active_plan_shows_its_name_price_and_renewal(world, visit):
    page = overview(visit, world.live("monthly", days=10))
    assert "Pro Active $29.00 a month" in page.text
    assert "Next charge" in page.text
    assert page.leads_to("/plan")
    assert page.leads_to("/cancellation")


def test_a_trial_says_until_when_and_that_nothing_is_charged_before(world, visit):
    page = overview(visit, world.live("trialing"))
    assert "Trial until" in page.text
    assert "You are not charged before then." in page.text


def test_a_failed_payment_comes_first_with_the_way_to_pay(world, visit):
    bob = world.live("past_due")
    page = overview(visit, bob)
    assert page.text.index("Your last payment of $29.00 failed") < page.text.index("Past due")
    assert page.link("Pay $29.00").endswith(f"/invoices/{bob['invoice']}/payment")


def test_a_plan_that_ends_says_when_and_offers_to_keep_it(world, visit):
    page = overview(visit, world.live("canceling"))
    assert "Cancels on" in page.text
    assert "After that it ends and you are not charged again." in page.text
    assert page.form("/continuation").buttons == ["Keep my plan"]
    assert "Next charge" not in page.text


def test_each_of_two_plans_shows_the_method_that_will_really_be_charged(world, visit):
    page = overview(visit, world.live("two_subscriptions"))
    scale, pro = page.text.index("Scale Active"), page.text.index("Pro Active")
    assert "Mastercard •••• 4444" in page.text[scale:pro]
    assert "Visa •••• 4242" in page.text[pro:]
    assert "$15.00 a month × 5" in page.text


def test_one_who_has_nothing_reads_what_will_stand_here(world, visit):
    page = overview(visit, world.life("new"))
    assert "No plan yet" in page.text
    assert "Traceback" not in page.text


def test_the_method_is_found_in_stripe_s_own_order(world, books, visit):
    customer = books.customer("pm_card_visa")
    own = books.add(customer, "pm_card_amex")
    price = books.price(1000)
    subscription = books.subscribe(customer, price, default_payment_method=own)
    browser = visit(customer)
    assert "American Express" in browser.get("/").text
    books.api.subscriptions.update(subscription, {"default_payment_method": ""})
    assert "Visa •••• 4242" in browser.get("/").text


def test_a_plan_without_any_method_says_what_is_missing(world, books, visit):
    customer = books.customer(card=None)
    books.subscribe(customer, books.price(1000), trial_period_days=10)
    page = overview(visit, customer)
    assert "No payment method is saved" in page.text


def test_a_trial_that_ends_for_want_of_a_card_says_so_and_what_to_do(world, books, visit):
    customer = books.customer(card=None)
    settings = {"end_behavior": {"missing_payment_method": "cancel"}}
    books.subscribe(customer, books.price(1000), trial_period_days=14, trial_settings=settings)
    page = visit(customer).get("/")
    assert page.text.count("Without a payment method it ends on") == 1
    assert page.link("Add a payment method").endswith("/payment-methods")
    assert "Next charge" not in page.text
    assert "$10.00" not in visit(customer).get("/pieces/upcoming").text
    world.move_clock(15 * DAY)
    assert [s.status for s in books.api.subscriptions.list({"customer": customer, "status": "all"}).data] == [
        "canceled"
    ]


def test_a_plan_that_is_invoiced_says_so_instead_of_naming_a_card(world, books, visit):
    customer = books.customer()
    books.subscribe(customer, books.price(1000), collection_method="send_invoice", days_until_due=14)
    assert "You get an invoice by email and pay it yourself." in overview(visit, customer).text


class TestAttention:
    """One thing at most, the most urgent."""

    def expiring(self, books, customer):
        """A card for all subscriptions that expires this month."""
        today = time.gmtime(books.world.now())
        method = books.add(customer, "pm_card_visa", default=True)
        card = {"exp_month": today.tm_mon, "exp_year": today.tm_year}
        books.api.payment_methods.update(method, {"card": card})
        return method

    def test_a_card_that_runs_out_is_worth_a_word(self, world, books, visit):
        ada = world.live("monthly", days=10)
        self.expiring(books, ada["customer"])
        page = overview(visit, ada)
        assert "Visa •••• 4242 expires soon" in page.text
        assert page.link("Update payment method").endswith("/payment-methods")

    def test_a_card_that_nothing_is_charged_to_is_not(self, world, books, visit):
        ada = world.live("monthly", days=10)
        old = ada["payment_method"]
        self.expiring(books, ada["customer"])
        books.api.customers.update(ada["customer"], {"invoice_settings": {"default_payment_method": old}})
        assert "expires soon" not in overview(visit, ada).text

    def test_an_open_invoice_comes_before_a_card_that_runs_out(self, world, books, visit):
        ada = world.live("monthly", days=10)
        self.expiring(books, ada["customer"])
        books.invoice(ada["customer"], 4900)
        page = overview(visit, ada)
        assert "An invoice of $49.00 is open" in page.text
        assert "•••• 4242 expires soon" not in page.text

    def test_a_failed_payment_comes_before_an_open_invoice(self, world, books, visit):
        bob = world.live("past_due")
        books.invoice(bob["customer"], 4900)
        page = overview(visit, bob)
        assert "Your last payment of $29.00 failed" in page.text
        assert "An invoice of $49.00 is open" not in page.text

    def test_an_overdue_invoice_says_since_when(self, world, visit):
        assert "An invoice of $49.00 is overdue" in overview(visit, world.live("open_invoice", overdue=True)).text

    def test_nothing_is_said_when_all_is_well(self, world, visit):
        assert "notice--" not in overview(visit, world.live("monthly", days=10)).html


class TestStatesInWords:
    """States that the ready lives do not have."""

    def test_incomplete(self, world, books, visit):
        customer = books.customer("pm_card_chargeCustomerFail")
        books.subscribe(customer, books.price(1000), payment_behavior="default_incomplete")
        page = overview(visit, customer)
        assert "Waiting for payment" in page.text
        assert page.text.count("It starts once") == 1
        assert "pause" not in page.text

    def test_paused_because_a_trial_ended_without_a_method(self, world, books, visit):
        customer = books.customer(card=None)
        books.subscribe(
            customer, books.price(1000), trial_period_days=3,
            trial_settings={"end_behavior": {"missing_payment_method": "pause"}},
        )  # fmt: skip
        world.move_clock(4 * DAY)
        page = overview(visit, customer)
        assert "Paused" in page.text
        assert "no payment method was there" in page.text
        assert "Next charge" not in page.text

    def test_collection_paused(self, world, books, visit):
        ada = world.live("monthly", days=10)
        books.api.subscriptions.update(ada["subscription"], {"pause_collection": {"behavior": "void"}})
        page = overview(visit, ada)
        assert "Billing paused" in page.text
        assert "Next charge" not in page.text

    def test_ended(self, world, books, visit):
        ada = world.live("monthly", days=10)
        books.api.subscriptions.cancel(ada["subscription"])
        page = overview(visit, ada)
        assert "No plan yet" not in page.text
        assert "No plan at the moment Your last one has ended." in page.text
        assert "Ended on" in page.text

    def test_what_is_owed_is_asked_for_once_and_named_once_as_what_stands_in_the_way(self, world, visit):
        pausing = Features(subscription_pause=SubscriptionPause(enabled=True))
        bob = world.live("past_due")
        with hosting(world, features=pausing) as host:
            browser = visit(bob["customer"], at=host)
            assert browser.get("/").text.count("Pay the open invoice") == 2
            piece = browser.get("/pieces/plan")  # there no notice stands above it
        assert "The last payment failed." in piece.text
        assert "Pay open invoice" in piece.text

    def test_a_method_that_is_missing_is_asked_for_once(self, world, books, visit):
        ada = world.live("monthly", days=10)
        books.api.payment_methods.detach(ada["payment_method"])
        assert overview(visit, ada).text.count("No payment method is saved") == 1


class TestNextCharge:
    """What is announced is what is billed."""

    def announced(self, visit, customer, subscription):
        page = visit(customer).get(f"/subscriptions/{subscription}/next-charge")
        assert page.status == 200, page.text
        return re.search(r"(?:You pay|invoice for) (\S+) on", page.text)[1]

    def billed_next(self, books, customer, days=31):
        known = {invoice.id for invoice in books.invoices(customer)}
        books.world.move_clock(days * DAY)
        return next(i for i in reversed(books.invoices(customer)) if i.id not in known)

    @pytest.mark.parametrize("mode", ["classic", "flexible"])
    def test_a_plain_month(self, mode, world, books, visit):
        ada = world.live("monthly", days=10, billing_mode=mode)
        assert self.announced(visit, ada["customer"], ada["subscription"]) == "$29.00"
        assert self.billed_next(books, ada["customer"]).amount_due == 2900

    def test_seats(self, world, books, visit):
        ada = world.live("monthly", days=10, price="scale_monthly", quantity=7)
        assert self.announced(visit, ada["customer"], ada["subscription"]) == "$105.00"
        assert self.billed_next(books, ada["customer"]).amount_due == 10500

    def test_with_a_coupon(self, world, books, visit):
        books.api.coupons.create({"id": "HALF", "percent_off": 50, "duration": "forever"})
        ada = world.live("monthly", days=10, coupon="HALF")
        assert self.announced(visit, ada["customer"], ada["subscription"]) == "$14.50"
        assert self.billed_next(books, ada["customer"]).amount_due == 1450

    def test_with_credit_on_the_account(self, world, books, visit):
        ada = world.live("monthly", days=10)
        books.api.customers.balance_transactions.create(ada["customer"], {"amount": -1000, "currency": "usd"})
        assert "You have $10.00 credit." in overview(visit, ada).text
        assert self.announced(visit, ada["customer"], ada["subscription"]) == "$19.00"
        assert self.billed_next(books, ada["customer"]).amount_due == 1900

    def test_the_end_of_a_trial(self, world, books, visit):
        clara = world.live("trialing")
        assert self.announced(visit, clara["customer"], clara["subscription"]) == "$29.00"
        assert self.billed_next(books, clara["customer"], 12).amount_due == 2900

    def test_a_pending_proration(self, world, books, visit):
        ada = world.live("monthly", days=10)
        item = books.subscription(ada["subscription"])["items"].data[0].id
        change = {"id": item, "price": ada["prices"]["starter_monthly"]}
        books.api.subscriptions.update(
            ada["subscription"], {"items": [change], "proration_behavior": "create_prorations"}
        )
        said = self.announced(visit, ada["customer"], ada["subscription"])
        billed = self.billed_next(books, ada["customer"])
        assert said == f"${billed.amount_due / 100:.2f}"

    def test_a_plan_that_ends_has_no_amount(self, world, visit):
        dan = world.live("canceling")
        page = visit(dan["customer"]).get(f"/subscriptions/{dan['subscription']}/next-charge")
        assert page.status == 200
        assert "The amount is not known at the moment." in page.text


def test_the_overview_takes_one_wave_of_four_reads(world, visit):
    ada = world.live("monthly", days=10)
    browser = visit(ada["customer"])
    browser.get("/")
    world.forget_requests()
    browser.get("/")
    calls = world.requests()
    assert len(calls) == 4
    assert max(call["started"] for call in calls) < min(call["ended"] for call in calls) + 0.05


def test_dates_are_those_of_the_account_s_time_zone(world, visit, books):
    world.freeze(1_792_000_800)  # 2026-10-14 18:00 UTC, which is already the 15th in Auckland
    customer = books.customer()
    books.subscribe(customer, books.price(1000))
    with hosting(world, timezone="Pacific/Auckland") as host:
        assert "15 November 2026" in visit(customer, at=host).get("/").text
    assert "14 November 2026" in visit(customer).get("/").text
