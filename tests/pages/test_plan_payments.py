"""Changing a plan when the payment does not simply go through: the old plan stands until the new one is paid."""

from __future__ import annotations

import pytest

from portal_embed import Catalog, Features, Plan
from portal_embed.config import PaymentMethodUpdate, SubscriptionUpdate
from tests.pages.deeds import client_secret, finish_form
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

    def test_one_whose_card_went_in_the_meantime_changes_nothing(self, world, visit, books):
        clara = world.live("trialing")
        browser = visit(clara["customer"])
        form = choose(browser, clara, "scale_monthly", 2).form("/plan")
        books.api.payment_methods.detach(books.default_of(clara["customer"]))
        page = browser.submit(form)
        assert page.status == 409
        assert "No payment method is saved" in page.text
        assert books.plan(clara["subscription"]) == (clara["prices"]["pro_monthly"], 1)

    def test_after_a_decline_there_is_a_way_to_another_card_and_back_to_the_same_choice(self, world, visit, books):
        ada = self.on(world, books, "pm_card_chargeCustomerFail")
        browser = visit(ada["customer"])
        page = browser.submit(choose(browser, ada, "scale_monthly", 7).form("/plan"))
        methods = browser.get(page.link("Change payment method"))
        assert f"{ada['prices']['scale_monthly']}&quantity=7" in methods.link("Back")
        back = another_card(browser, books, methods)
        assert "Paid with Mastercard" in back.text
        assert "Your plan is now Scale" in browser.submit(back.form("/plan")).text
        assert books.plan(ada["subscription"]) == (ada["prices"]["scale_monthly"], 7)

    def test_or_to_one_that_is_saved(self, world, visit, books):
        ada = self.on(world, books, "pm_card_chargeCustomerFail")
        browser = visit(ada["customer"])
        page = browser.submit(choose(browser, ada, "pro_yearly").form("/plan"))
        methods = browser.get(page.link("Change payment method"))
        back = browser.submit(methods.form(f"{ada['payment_method']}/default"))
        assert "Paid with Visa •••• 4242" in back.text
        assert "Your plan is now Pro" in browser.submit(back.form("/plan")).text


def another_card(browser, books, page, card="pm_card_mastercard"):
    """Add one from a page that leads to that; where it leads back."""
    form = next(f for f in page.forms if f.action.endswith("/payment-methods/new") and "replaces" not in f.fields)
    element = browser.submit(form)
    books.confirm_setup(client_secret(element), card)
    return browser.submit(finish_form(element))


class TestWithoutAPaymentMethod:
    @pytest.fixture
    def clara(self, world):
        return world.live("trialing", card=None)

    def test_what_costs_something_asks_for_one_and_goes_on_from_there(self, clara, visit, books):
        browser = visit(clara["customer"])
        page = choose(browser, clara, "scale_monthly", 2)
        assert "Due now $30.00" in page.text
        assert not [form for form in page.forms if "amount_due" in form.fields]
        back = another_card(browser, books, page)
        assert "Paid with Mastercard" in back.text
        assert "Your plan is now Scale" in browser.submit(back.form("/plan")).text
        assert books.plan(clara["subscription"]) == (clara["prices"]["scale_monthly"], 2)

    def test_what_costs_nothing_now_does_not(self, clara, world, visit, books):
        features = Features(subscription_update=SubscriptionUpdate(trial_update_behavior="continue_trial"))
        with hosting(world, features=features) as host:
            browser = visit(clara["customer"], at=host)
            browser.submit(choose(browser, clara, "scale_monthly", 2).form("/plan"))
        assert books.plan(clara["subscription"]) == (clara["prices"]["scale_monthly"], 2)

    @pytest.mark.parametrize(
        ("features", "scopes"),
        [
            (Features(payment_method_update=PaymentMethodUpdate(enabled=False)), "manage"),
            (Features(), ["subscriptions:read", "subscriptions:write"]),
        ],
    )
    def test_who_cannot_add_one_is_told_whom_to_ask(self, features, scopes, clara, world, visit):
        with hosting(world, features=features) as host:
            page = choose(visit(clara["customer"], at=host, scopes=scopes), clara, "scale_monthly", 2)
        assert "Contact us to add one." in page.text
        assert not [form for form in page.forms if "amount_due" in form.fields]
        assert not page.leads_to("/payment-methods/new")


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
