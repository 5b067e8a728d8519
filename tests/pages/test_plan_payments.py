"""Changing a plan when the payment does not simply go through: the old plan stands until the new one is paid."""

from __future__ import annotations

import pytest

from portal_embed import Catalog, Plan
from tests.pages.deeds import client_secret
from tests.pages.people import DAY
from tests.pages.test_plan_changes import choose
from tests.serving import hosting


class TestTheOldPlanStands:
    """Until the new one is paid. The card declines, or the bank asks."""

    def on(self, world, books, card):
        ada = world.live("monthly", days=10)
        books.add(ada["customer"], card, default=True)
        return ada

    @pytest.mark.feature(67)
    def test_a_decline_keeps_the_old_plan_and_leaves_nothing_owed(self, world, visit, books):
        ada = self.on(world, books, "pm_card_chargeCustomerFail")
        browser = visit(ada["customer"])
        before = books.charged(ada["customer"])
        page = browser.submit(choose(browser, ada, "pro_yearly").form("/plan"))
        assert page.status == 402
        assert "Your bank declined the payment." in page.text
        assert "Nothing was charged and your plan is unchanged." in page.text
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)
        assert books.charged(ada["customer"]) == before
        after = books.subscription(ada["subscription"])
        assert after.status == "active"
        assert after.pending_update is None
        assert not [invoice for invoice in books.invoices(ada["customer"]) if invoice.status == "open"]

    def test_after_a_decline_it_works_with_another_card(self, world, visit, books):
        ada = self.on(world, books, "pm_card_chargeCustomerFail")
        browser = visit(ada["customer"])
        page = browser.submit(choose(browser, ada, "pro_yearly").form("/plan"))
        books.add(ada["customer"], "pm_card_visa", default=True)
        assert "Your plan is now Pro" in browser.submit(page.form("/plan")).text

    @pytest.fixture
    def asked(self, world, visit, books):
        """One whose bank wants to confirm the change."""
        ada = self.on(world, books, "pm_card_authenticationRequired")
        browser = visit(ada["customer"])
        page = browser.submit(choose(browser, ada, "pro_yearly").form("/plan"))
        assert "Confirm with your bank" in page.text
        return ada, browser, page

    def test_while_the_bank_asks_the_old_plan_stands(self, asked, books):
        ada, browser, _ = asked
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)
        assert "Your plan change is not finished" in browser.get("/").text

    @pytest.mark.feature(69)
    def test_confirmed_the_new_plan_is_in_force(self, asked, books):
        ada, browser, page = asked
        books.answer_bank(client_secret(page))
        invoice = books.subscription(ada["subscription"]).latest_invoice
        after = browser.get(f"/invoices/{invoice}/authentication")
        assert "Your plan is now Pro" in after.text
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_yearly"], 1)

    def test_given_up_the_old_plan_goes_on(self, asked, books):
        ada, browser, page = asked
        books.answer_bank(client_secret(page), "fail")
        invoice = books.subscription(ada["subscription"]).latest_invoice
        after = browser.get(f"/invoices/{invoice}/authentication")
        assert "Nothing was charged." in after.text
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)

    @pytest.mark.feature(68)
    def test_the_change_can_be_dropped(self, asked, books):
        ada, browser, _ = asked
        pay = browser.get(browser.get("/").link("Finish the change"))
        after = browser.submit(pay.form("/withdrawal"))
        assert "The change was dropped" in after.text
        assert books.subscription(ada["subscription"]).pending_update is None
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)

    def test_left_alone_it_lapses_by_itself(self, asked, books, world):
        ada, browser, _ = asked
        world.move_clock(2 * DAY)
        assert "Your plan change is not finished" not in browser.get("/").text
        assert books.subscription(ada["subscription"]).status == "active"

    def test_without_any_method_nothing_changes(self, world, visit, books):
        clara = world.live("trialing", card=None)
        browser = visit(clara["customer"])
        page = browser.submit(choose(browser, clara, "scale_monthly", 2).form("/plan"))
        assert page.status == 409
        assert "No payment method is saved" in page.text
        assert books.plan(clara["subscription"]) == (clara["prices"]["pro_monthly"], 1)


def test_a_bank_debit_changes_the_plan_while_the_money_is_on_its_way(world, visit, books):
    customer = books.customer(card=None)
    books.add_sepa(customer)
    small, large = (
        books.price(amount, currency="eur", name=name) for amount, name in ((1000, "Small"), (5000, "Large"))
    )
    subscription = books.subscribe(customer, small)
    with hosting(world, catalog=Catalog([Plan(price=small), Plan(price=large)])) as host:
        browser = visit(customer, at=host)
        page = choose(browser, {"prices": {}, "subscription": subscription}, large)
        after = browser.submit(page.form("/plan"))
    assert after.status == 200
    assert books.plan(subscription) == (large, 1)
