"""Saved methods: their names, adding, choosing, replacing and removing them."""

from __future__ import annotations

import pytest

from tests.pages.deeds import add_method, client_secret, finish_form


def added(browser, books, card="pm_card_mastercard", **ticks):
    """Add a card as the Payment Element does; the page afterwards."""
    page = add_method(browser)
    books.confirm_setup(client_secret(page), card)
    return browser.submit(finish_form(page), **ticks)


def replaced(browser, books, old, card="pm_card_mastercard"):
    forms = browser.get("/payment-methods").forms
    page = browser.submit(next(form for form in forms if form.fields.get("replaces") == old))
    books.confirm_setup(client_secret(page), card)
    return browser.submit(finish_form(page))


def test_every_type_has_a_name_and_no_type_s_code_is_shown(world, visit):
    kim = world.live("every_method")
    page = visit(kim["customer"]).get("/payment-methods")
    assert page.html.count('class="rows__row') == len(kim["payment_methods"]) + 1
    for name in ("Visa •••• 4242", "Apple Pay · Visa", "American Express", "Link", "PayPal", "SEPA Direct Debit"):
        assert name in page.text
    assert "Bank account" in page.text
    assert "_" not in page.text


def test_the_default_comes_first_and_says_so(world, books, visit):
    customer = books.customer()
    books.add(customer, "pm_card_mastercard")
    page = visit(customer).get("/payment-methods")
    assert page.text.index("Visa •••• 4242") < page.text.index("Default") < page.text.index("Mastercard •••• 4444")


def test_each_method_says_what_it_is_used_for(world, visit):
    page = visit(world.live("two_subscriptions")["customer"]).get("/payment-methods")
    assert "Used for Pro" in page.text
    assert "Used for Scale" in page.text


class TestAdding:
    """A SetupIntent, confirmed in the browser, finished by a form."""

    def test_a_new_method_becomes_the_default_when_ticked(self, world, books, visit):
        ada = world.live("monthly", days=10)
        page = added(visit(ada["customer"]), books)
        assert "Mastercard •••• 4444 was added" in page.text
        assert "It is your default from now on." in page.text
        assert books.default_of(ada["customer"]) != ada["payment_method"]

    def test_it_stays_beside_the_default_when_not_ticked(self, world, books, visit):
        ada = world.live("monthly", days=10)
        page = added(visit(ada["customer"]), books, make_default=None)
        assert "was added" in page.text
        assert "It is your default" not in page.text
        assert books.default_of(ada["customer"]) == ada["payment_method"]

    def test_the_very_first_becomes_the_default_without_asking(self, world, books, visit):
        finn = world.life("new")
        browser = visit(finn)
        assert "make_default" not in finish_form(add_method(browser)).fields
        assert "It is your default from now on." in added(browser, books).text
        assert books.default_of(finn) in books.methods(finn)

    def test_it_may_be_offered_again_anywhere(self, world, books, visit):
        finn = world.life("new")
        added(visit(finn), books)
        assert books.api.payment_methods.retrieve(books.default_of(finn)).allow_redisplay == "always"

    def test_use_for_all_is_ticked_and_clears_what_would_silently_win(self, world, books, visit):
        erin = world.live("two_subscriptions")
        browser = visit(erin["customer"])
        assert finish_form(add_method(browser)).fields["use_for_all"] == "on"
        added(browser, books, "pm_card_amex")
        assert books.subscription(erin["second_subscription"]).default_payment_method is None

    def test_unticked_a_subscription_keeps_its_own(self, world, books, visit):
        erin = world.live("two_subscriptions")
        added(visit(erin["customer"]), books, "pm_card_amex", use_for_all=None)
        kept = books.subscription(erin["second_subscription"]).default_payment_method
        assert kept == erin["second_payment_method"]

    def test_the_next_bill_is_charged_to_the_new_card(self, world, books, visit):
        erin = world.live("two_subscriptions")
        added(visit(erin["customer"]), books, "pm_card_amex")
        world.move_clock(32 * 86_400)
        cards = {c.payment_method for c in books.api.charges.list({"customer": erin["customer"], "limit": 2}).data}
        assert cards == {books.default_of(erin["customer"])}

    def test_a_card_with_3d_secure_is_saved_once_the_bank_has_agreed(self, world, books, visit):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        page = add_method(browser)
        secret = client_secret(page)
        books.confirm_setup(secret, "pm_card_authenticationRequiredOnSetup")
        books.answer_bank(secret)
        back = browser.get(f"/payment-methods/return?setup_intent={secret.split('_secret_')[0]}&make_default=on")
        after = browser.submit(back.form("/payment-methods"))
        assert "Visa •••• 3155 was added" in after.text

    def test_given_up_at_the_bank_nothing_is_saved(self, world, books, visit):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        secret = client_secret(add_method(browser))
        books.confirm_setup(secret, "pm_card_authenticationRequiredOnSetup")
        books.answer_bank(secret, "fail")
        intent = secret.partition("_secret_")[0]
        page = browser.get(f"/payment-methods/return?setup_intent={intent}&redirect_status=succeeded")
        assert "The payment method was not saved" in page.text
        assert books.methods(ada["customer"]) == {ada["payment_method"]}

    def test_the_return_keeps_no_secret_in_the_address(self, world, books, visit):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        secret = client_secret(add_method(browser))
        intent = secret.partition("_secret_")[0]
        page = browser.get(f"/payment-methods/return?setup_intent={intent}&setup_intent_client_secret={secret}")
        assert secret not in page.url
        assert secret not in page.html

    def test_finishing_before_anything_was_saved_says_so(self, world, visit, books):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        page = browser.submit(finish_form(add_method(browser)))
        assert page.status == 409
        assert "The payment method was not saved." in page.text
        assert books.default_of(ada["customer"]) == ada["payment_method"]

    def test_somebody_else_s_intent_finishes_nothing(self, world, books, visit):
        ada, mallory = world.live("monthly", days=10), world.live("monthly", days=10, name="Mallory")
        page = add_method(visit(ada["customer"]))
        books.confirm_setup(client_secret(page))
        thief = visit(mallory["customer"])
        form = finish_form(add_method(thief))
        assert thief.submit(form, setup_intent=finish_form(page).fields["setup_intent"]).status == 404
        assert books.default_of(mallory["customer"]) == mallory["payment_method"]

    def test_only_a_post_makes_an_intent(self, world, visit):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        world.forget_requests()
        assert browser.ask("GET", "/payment-methods/new").status_code == 405
        browser.get("/payment-methods")
        assert not any(call["method"] == "POST" for call in world.requests())

    def test_the_intent_is_for_later_and_for_any_type(self, world, visit):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        world.forget_requests()
        add_method(browser)
        sent = next(call["form"] for call in world.requests() if call["path"] == "/v1/setup_intents")
        assert sent["usage"] == "off_session"
        assert sent["automatic_payment_methods[enabled]"] == "true"
        assert not any("payment_method_types" in name for name in sent)

    def test_the_page_says_whose_account_it_is_without_giving_the_address_away(self, world, visit):
        ada = world.live("monthly", days=10)
        page = add_method(visit(ada["customer"]))
        assert "Saved for a•••@example.com" in page.text
        assert "ada@example.com" not in page.html

    def test_there_is_an_end_to_it(self, world, books, visit):
        customer = books.customer()
        for _ in range(24):
            books.add(customer)
        page = add_method(visit(customer))
        assert page.status == 409
        assert "You have saved as many payment methods as possible." in page.text


class TestChoosingTheDefault:
    """ "Use for all my subscriptions" is on unless the customer says otherwise."""

    def test_it_clears_the_subscriptions_own_methods(self, world, books, visit):
        erin = world.live("two_subscriptions")
        third = books.add(erin["customer"], "pm_card_amex")
        browser = visit(erin["customer"])
        form = browser.get("/payment-methods").form(f"/{third}/default")
        assert form.fields["use_for_all"] == "on"
        assert "American Express •••• 0005 is your default now" in browser.submit(form).text
        assert books.default_of(erin["customer"]) == third
        assert books.subscription(erin["second_subscription"]).default_payment_method is None

    def test_unticked_they_keep_them(self, world, books, visit):
        erin = world.live("two_subscriptions")
        third = books.add(erin["customer"], "pm_card_amex")
        browser = visit(erin["customer"])
        browser.submit(browser.get("/payment-methods").form(f"/{third}/default"), use_for_all=None)
        kept = books.subscription(erin["second_subscription"]).default_payment_method
        assert kept == erin["second_payment_method"]

    def test_the_next_bill_goes_to_it(self, world, books, visit):
        ada = world.live("monthly", days=10)
        second = books.add(ada["customer"], "pm_card_mastercard")
        browser = visit(ada["customer"])
        browser.submit(browser.get("/payment-methods").form(f"/{second}/default"))
        world.move_clock(31 * 86_400)
        assert books.api.charges.list({"customer": ada["customer"]}).data[0].payment_method == second


class TestRemoving:
    """Never the one that will be charged; replacing is the way out."""

    def test_a_method_that_nothing_uses_goes(self, world, books, visit):
        ada = world.live("monthly", days=10)
        spare = books.add(ada["customer"], "pm_card_mastercard")
        browser = visit(ada["customer"])
        page = browser.submit(browser.get(f"/payment-methods/{spare}/removal").form("/removal"))
        assert "The payment method was removed" in page.text
        assert books.methods(ada["customer"]) == {ada["payment_method"]}

    def test_the_one_in_use_is_not_offered_for_removal(self, world, visit):
        ada = world.live("monthly", days=10)
        page = visit(ada["customer"]).get("/payment-methods")
        assert not page.leads_to("/removal")
        assert "In use. Replace it, or choose another default first." in page.text

    def test_nor_can_it_be_removed_by_knowing_the_address(self, world, visit, books):
        ada = world.live("monthly", days=10)
        page = visit(ada["customer"]).get(f"/payment-methods/{ada['payment_method']}/removal")
        assert page.status == 409
        assert "This payment method is in use." in page.text

    def test_nor_when_it_came_into_use_while_the_page_was_open(self, world, visit, books):
        ada = world.live("monthly", days=10)
        spare = books.add(ada["customer"], "pm_card_mastercard")
        browser = visit(ada["customer"])
        form = browser.get(f"/payment-methods/{spare}/removal").form("/removal")
        books.api.subscriptions.update(ada["subscription"], {"default_payment_method": spare})
        assert browser.submit(form).status == 409
        assert spare in books.methods(ada["customer"])

    def test_without_a_subscription_even_the_last_one_goes(self, world, visit, books):
        customer = books.customer()
        method = books.default_of(customer)
        browser = visit(customer)
        browser.submit(browser.get(f"/payment-methods/{method}/removal").form("/removal"))
        assert books.methods(customer) == set()

    def test_replacing_puts_the_new_one_in_its_place_and_removes_the_old(self, world, visit, books):
        ada = world.live("monthly", days=10)
        page = replaced(visit(ada["customer"]), books, ada["payment_method"])
        assert "Mastercard •••• 4444 was added" in page.text
        new = books.default_of(ada["customer"])
        assert books.methods(ada["customer"]) == {new}
        world.move_clock(31 * 86_400)
        assert books.api.charges.list({"customer": ada["customer"]}).data[0].payment_method == new

    def test_replacing_a_subscription_s_own_method_leaves_the_default_alone(self, world, visit, books):
        erin = world.live("two_subscriptions")
        replaced(visit(erin["customer"]), books, erin["second_payment_method"], "pm_card_amex")
        own = books.subscription(erin["second_subscription"]).default_payment_method
        assert books.default_of(erin["customer"]) == erin["payment_method"]
        assert books.methods(erin["customer"]) == {erin["payment_method"], own}

    def test_a_stranger_s_method_cannot_be_replaced(self, world, visit, books):
        ada, mallory = world.live("monthly", days=10), world.live("monthly", days=10, name="Mallory")
        browser = visit(mallory["customer"])
        form = next(f for f in browser.get("/payment-methods").forms if f.action.endswith("/new"))
        assert browser.submit(form, replaces=ada["payment_method"]).status == 404


@pytest.mark.parametrize(
    "forged",
    ["done=method_removed&of=pm_1Missing", "done=method_removed", "done=method_default&of=pm_1Missing",
     "done=method_added&of=pm_1Missing", "done=paid", "done=%3Cb%3E"],
)  # fmt: skip
def test_an_address_cannot_claim_what_did_not_happen(forged, world, visit):
    ada = world.live("monthly", days=10)
    assert "notice--" not in visit(ada["customer"]).get(f"/payment-methods?{forged}").html


def test_a_method_that_is_not_the_default_is_not_called_so(world, visit, books):
    ada = world.live("monthly", days=10)
    spare = books.add(ada["customer"], "pm_card_mastercard")
    page = visit(ada["customer"]).get(f"/payment-methods?done=method_default&of={spare}")
    assert "is your default now" not in page.text


def test_an_expired_card_in_use_is_pointed_out(world, visit, books):
    ada = world.live("monthly", days=10)
    card = {"exp_month": 1, "exp_year": 2027}
    books.api.payment_methods.update(ada["payment_method"], {"card": card})
    world.move_clock(100 * 86_400)
    page = visit(ada["customer"]).get("/payment-methods")
    assert "01/2027" in page.text
