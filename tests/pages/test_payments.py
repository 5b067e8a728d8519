"""Paying an open invoice: with which method, what is charged, and what the bank may ask."""

from __future__ import annotations

import pytest

from portal_embed.billing.stripe import invoices
from tests.pages.deeds import add_method, client_secret, finish_form
from tests.pages.people import DAY


@pytest.fixture
def ivy(world):
    return world.live("open_invoice")


def pay(browser, invoice, **choices):
    return browser.submit(browser.get(f"/invoices/{invoice}/payment").form("/payment"), **choices)


def test_paying_with_the_default_charges_exactly_what_the_button_said(ivy, visit, books):
    browser = visit(ivy["customer"])
    page = browser.get(f"/invoices/{ivy['invoice']}/payment")
    assert page.form("/payment").buttons == ["Pay $49.00"]
    after = browser.submit(page.form("/payment"))
    assert "We received $49.00" in after.text
    assert books.charged(ivy["customer"]) == 4900
    assert books.api.invoices.retrieve(ivy["invoice"]).status == "paid"


def test_paying_with_another_saved_method_charges_that_one(ivy, visit, books):
    other = books.add(ivy["customer"], "pm_card_mastercard")
    pay(visit(ivy["customer"]), ivy["invoice"], payment_method=other)
    charge = books.api.charges.list({"customer": ivy["customer"]}).data[0]
    assert charge.payment_method == other


def test_the_method_that_would_be_charged_is_chosen_beforehand(ivy, visit, books):
    books.add(ivy["customer"], "pm_card_mastercard")
    form = visit(ivy["customer"]).get(f"/invoices/{ivy['invoice']}/payment").form("/payment")
    assert form.fields["payment_method"] == ivy["payment_method"]
    assert len(form.choices["payment_method"]) == 2


def test_a_past_due_plan_is_active_again_once_it_is_paid(world, visit, books):
    bob = world.live("past_due")
    good = books.add(bob["customer"], "pm_card_visa")
    page = pay(visit(bob["customer"]), bob["invoice"], payment_method=good)
    assert "We received $29.00" in page.text
    assert books.subscription(bob["subscription"]).status == "active"


def test_an_amount_that_changed_since_it_was_shown_is_not_charged(ivy, visit, books):
    browser = visit(ivy["customer"])
    form = browser.get(f"/invoices/{ivy['invoice']}/payment").form("/payment")
    books.api.credit_notes.create({"invoice": ivy["invoice"], "amount": 900})
    page = browser.submit(form)
    assert page.status == 409
    assert "The amount has changed since you last saw it" in page.text
    assert "Nothing was charged." in page.text
    assert books.charges(ivy["customer"]) == 0
    assert browser.submit(page.form("/payment")).status == 200
    assert books.charged(ivy["customer"]) == 4000


def test_an_amount_is_never_taken_from_the_form(ivy, visit, books):
    page = pay(visit(ivy["customer"]), ivy["invoice"], amount="1")
    assert page.status == 409
    assert books.charges(ivy["customer"]) == 0


def test_a_decline_says_in_plain_words_that_nothing_was_charged(ivy, visit, books):
    other = books.add(ivy["customer"], "pm_card_chargeCustomerFail")
    page = pay(visit(ivy["customer"]), ivy["invoice"], payment_method=other)
    assert page.status == 402
    assert "Your bank declined the payment." in page.text
    assert "Nothing was charged." in page.text
    assert books.charges(ivy["customer"]) == 0


def test_after_a_decline_another_method_can_be_tried_at_once(ivy, visit, books):
    bad = books.add(ivy["customer"], "pm_card_chargeCustomerFail")
    browser = visit(ivy["customer"])
    page = pay(browser, ivy["invoice"], payment_method=bad)
    assert page.form("/payment").fields["payment_method"] == bad
    assert "We received" in browser.submit(page.form("/payment"), payment_method=ivy["payment_method"]).text
    assert books.charges(ivy["customer"]) == 1


def test_somebody_else_s_method_is_not_found_and_nothing_is_charged(ivy, visit, books):
    hers = books.add(books.customer(name="Ada"))
    page = pay(visit(ivy["customer"]), ivy["invoice"], payment_method=hers)
    assert page.status == 404
    assert books.charges(ivy["customer"]) == 0


def test_no_method_chosen_asks_to_choose_one(ivy, visit, books):
    page = pay(visit(ivy["customer"]), ivy["invoice"], payment_method=None)
    assert page.status == 422
    assert "Choose how to pay" in page.text
    assert books.charges(ivy["customer"]) == 0


def test_one_without_any_method_is_offered_to_add_one(world, visit):
    ivy = world.live("open_invoice", card=None)
    page = visit(ivy["customer"]).get(f"/invoices/{ivy['invoice']}/payment")
    assert "There is no saved payment method to pay with yet." in page.text
    assert page.form("/payment-methods/new").buttons == ["Add payment method"]


def test_a_method_added_for_an_invoice_leads_back_to_paying_it(world, visit, books):
    ivy = world.live("open_invoice", card=None)
    browser = visit(ivy["customer"])
    added = browser.submit(browser.get(f"/invoices/{ivy['invoice']}/payment").form("/payment-methods/new"))
    books.confirm_setup(client_secret(added))
    back = browser.submit(finish_form(added))
    assert back.form("/payment").fields["payment_method"] in books.methods(ivy["customer"])
    assert "We received $49.00" in browser.submit(back.form("/payment")).text


def test_a_paid_invoice_has_nothing_to_pay(world, visit):
    ada = world.live("monthly", days=10)
    page = visit(ada["customer"]).get(f"/invoices/{ada['invoice']}/payment")
    assert page.url.split("?")[0].endswith(f"/invoices/{ada['invoice']}")
    assert not page.leads_to("/payment")


def test_a_void_invoice_cannot_be_paid(ivy, visit, books):
    browser = visit(ivy["customer"])
    form = browser.get(f"/invoices/{ivy['invoice']}/payment").form("/payment")
    books.api.invoices.void_invoice(ivy["invoice"])
    page = browser.submit(form)
    assert page.status == 409
    assert "There is nothing to pay on this invoice." in page.text
    assert books.charges(ivy["customer"]) == 0


def test_one_that_is_voided_in_the_very_moment_is_not_paid_and_it_says_so(ivy, visit, books, monkeypatch):
    pay, browser = invoices.pay, visit(ivy["customer"])
    form = browser.get(f"/invoices/{ivy['invoice']}/payment").form("/payment")

    async def too_late(*given, **more):
        books.api.invoices.void_invoice(ivy["invoice"])
        return await pay(*given, **more)

    monkeypatch.setattr(invoices, "pay", too_late)
    page = browser.submit(form)
    assert page.status == 409
    assert books.charged(ivy["customer"]) == 0


def test_a_bank_debit_is_on_its_way_and_the_page_says_so(world, visit, books):
    customer = books.customer(card=None)
    books.add_sepa(customer)
    invoice = books.invoice(customer, 4900, "eur")
    browser = visit(customer)
    pay(browser, invoice)
    page = browser.get(f"/invoices/{invoice}")
    assert "Your payment is on its way" in page.text
    assert not page.leads_to("/payment")


class TestTheBankAsks:
    """3-D Secure: nothing is charged until the customer has confirmed."""

    @pytest.fixture
    def asked(self, world, books, visit):
        """One who pays with a card that always asks, in front of the bank's question."""
        ivy = world.live("open_invoice", card="pm_card_authenticationRequired")
        browser = visit(ivy["customer"])
        page = pay(browser, ivy["invoice"])
        assert "Confirm with your bank" in page.text
        return ivy, browser, page

    def test_nothing_is_charged_yet(self, asked, books):
        ivy, _, _ = asked
        assert books.charges(ivy["customer"]) == 0

    def test_the_page_may_load_stripe_s_script_and_its_frames(self, asked, world):
        policy = asked[2].response.headers["content-security-policy"]
        origin = "/".join(world.stripe_js_url.split("/")[:3])
        assert origin in policy.split("script-src")[1].split(";")[0]
        assert origin in policy.split("frame-src")[1].split(";")[0]

    def test_confirmed_it_is_paid(self, asked, books):
        ivy, browser, page = asked
        books.answer_bank(client_secret(page))
        after = browser.get(f"/invoices/{ivy['invoice']}/authentication")
        assert "We received $49.00" in after.text
        assert books.charged(ivy["customer"]) == 4900

    def test_given_up_nothing_is_charged_and_it_can_be_tried_again(self, asked, books):
        ivy, browser, page = asked
        books.answer_bank(client_secret(page), "fail")
        after = browser.get(f"/invoices/{ivy['invoice']}/authentication")
        assert "Your bank did not confirm the payment" in after.text
        assert "Nothing was charged." in after.text
        assert books.charges(ivy["customer"]) == 0
        good = books.add(ivy["customer"], "pm_card_visa")
        assert "We received" in browser.submit(after.form("/payment"), payment_method=good).text

    def test_left_alone_the_invoice_says_that_the_bank_waits(self, asked):
        ivy, browser, _ = asked
        page = browser.get(f"/invoices/{ivy['invoice']}")
        again = browser.submit(page.form("/authentication"))
        assert "Confirm with your bank" in again.text

    def test_a_forged_return_says_nothing_of_success(self, asked):
        ivy, browser, _ = asked
        page = browser.get(
            f"/invoices/{ivy['invoice']}/authentication?redirect_status=succeeded&payment_intent=pi_1&done=paid"
        )
        assert "We received" not in page.text

    def test_without_scripts_there_is_stripe_s_own_page(self, asked, world):
        _, _, page = asked
        assert page.link("Confirm on the payment page").startswith(f"{world.api_base}/i/")


def test_a_renewal_that_the_bank_wants_confirmed_can_be_paid(world, visit, books):
    jo = world.live("3ds_renewal")
    browser = visit(jo["customer"])
    page = pay(browser, jo["invoice"])
    books.answer_bank(client_secret(page))
    assert "We received $29.00" in browser.get(f"/invoices/{jo['invoice']}/authentication").text
    assert books.subscription(jo["subscription"]).status == "active"


def test_adding_a_method_and_paying_is_no_way_to_pay_for_somebody_else(ivy, world, visit, books):
    mallory = world.live("monthly", days=10, name="Mallory")
    browser = visit(mallory["customer"])
    form = next(f for f in browser.get("/payment-methods").forms if f.action.endswith("/new"))
    added = browser.submit(form, back=f"/invoices/{ivy['invoice']}/payment")
    books.confirm_setup(client_secret(added))
    assert browser.submit(finish_form(added)).status == 404
    assert add_method(browser).status == 200


class TestABankDebitOnItsWay:
    """It takes days, and in all of them the invoice is open: nobody may be charged twice, nor told that nothing happened."""

    @pytest.fixture
    def debtor(self, world, books):
        customer = books.customer(card=None)
        books.add_sepa(customer)
        return {"customer": customer, "invoice": books.invoice(customer, 4900, "eur")}

    def payments(self, books, debtor):
        return [i.status for i in books.api.payment_intents.list({"customer": debtor["customer"]}).data]

    def test_the_same_click_after_it_has_come_back_is_no_success(self, world, visit, books):
        """Stripe repeats its old answer to it, and nothing is on its way any more."""
        customer = books.customer(card=None)
        books.add_sepa(customer, iban="AT861904300235473202")
        invoice = books.invoice(customer, 4900, "eur")
        browser = visit(customer)
        form = browser.get(f"/invoices/{invoice}/payment").form("/payment")
        assert "on its way" in browser.submit(form).text
        world.move_clock(6 * DAY)
        page = browser.submit(form)
        assert page.status == 402
        assert "Your bank declined the payment." in page.text

    def test_a_lost_answer_is_found_out_to_be_a_success(self, debtor, world, visit, books):
        world.fail("/pay$", status=500, when="after", times=99)
        page = pay(visit(debtor["customer"]), debtor["invoice"])
        assert page.status == 200
        assert "Your payment is on its way" in page.text
        assert self.payments(books, debtor) == ["processing"]

    def test_two_tabs_are_one_debit(self, debtor, visit, books):
        browser = visit(debtor["customer"])
        forms = [browser.get(f"/invoices/{debtor['invoice']}/payment").form("/payment") for _ in range(2)]
        for form in forms:
            page = browser.submit(form)
            assert page.status == 200
            assert "Your payment is on its way" in page.text
        assert self.payments(books, debtor) == ["processing"]

    def test_the_page_for_paying_leads_to_the_invoice(self, debtor, visit):
        browser = visit(debtor["customer"])
        pay(browser, debtor["invoice"])
        page = browser.get(f"/invoices/{debtor['invoice']}/payment")
        assert page.url.split("?")[0].endswith(f"/invoices/{debtor['invoice']}")

    def test_nobody_is_urged_to_pay_it_again(self, debtor, visit):
        browser = visit(debtor["customer"])
        pay(browser, debtor["invoice"])
        assert not browser.get(f"/invoices/{debtor['invoice']}").leads_to("/payment")
