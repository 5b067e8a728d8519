"""From a dunning mail to paid: what is owed and why, another card, the bank's question, and going on with what was paused."""

from __future__ import annotations

import pytest

from portal_embed import Features, Identity
from portal_embed.config import PaymentMethodUpdate
from tests.pages.deeds import client_secret, finish_form
from tests.pages.people import DAY
from tests.pages.postbox import Postbox, link_in
from tests.pages.test_every_page import body_without_reference
from tests.serving import hosting

pytestmark = pytest.mark.feature(111)


@pytest.fixture
def postbox():
    return Postbox()


@pytest.fixture
def host(world, postbox):
    with hosting(world, mail=postbox.deliver) as served:
        postbox.host = served
        yield served


@pytest.fixture
def bob(world):
    return world.live("past_due", name="Bob Marlowe", email="bob@example.com")


@pytest.fixture
def open_link(host, visit):
    def opened(life, **arguments):
        browser = visit()
        page = browser.get(host.portal.create_recovery_link(customer=life["customer"], **arguments))
        return browser, page

    return opened


def enter(browser, page):
    (form,) = (form for form in page.forms if "/recover/" in form.action)
    return browser.submit(form)


def new_card(browser, page, books, card):
    form = next(form for form in page.forms if form.action.endswith("/payment-methods/new"))
    element = browser.submit(form)
    intent = books.confirm_setup(client_secret(element), card)
    if intent["status"] == "requires_action":
        books.answer_bank(client_secret(element))
    return browser.submit(finish_form(element))


class TestTheLink:
    def test_it_says_whose_and_how_much_and_opens_with_a_button(self, open_link, bob):
        browser, page = open_link(bob)
        assert "$29.00 to Acme is unpaid." in page.text
        assert "b•••@example.com" in page.text
        assert browser.get("/recovery").status == 401
        page = enter(browser, page)
        assert page.url.endswith("/recovery")
        assert "Bob Marlowe" in page.text

    def test_it_works_as_often_as_it_is_used_also_past_mail_scanners(self, open_link, bob, visit):
        for _ in range(3):
            browser, page = open_link(bob)
            assert browser.ask("HEAD", page.url).status_code == 200
            assert enter(browser, page).status == 200

    def test_once_nothing_is_owed_it_opens_nothing(self, open_link, bob, books):
        books.add(bob["customer"], "pm_card_visa", default=True)
        books.api.invoices.pay(bob["invoice"], {"payment_method": books.default_of(bob["customer"])})
        browser, page = open_link(bob)
        assert "Nothing is owed any more." in page.text
        assert not [form for form in page.forms if "/recover/" in form.action]
        answer = browser.ask("POST", page.url, headers=browser.own)
        assert "set-cookie" not in answer.headers
        assert browser.get("/recovery").status == 401

    def test_the_host_can_end_it(self, open_link, host, bob):
        link = host.portal.create_recovery_link(customer=bob["customer"])
        host.portal.end_sessions(customer=bob["customer"])
        browser, _ = open_link(bob)
        assert browser.get(link).status == 400

    @pytest.mark.parametrize("token", ["x", "a.b", "ey" + "A" * 60 + "." + "B" * 43])
    def test_what_we_never_signed_opens_nothing(self, visit, token):
        assert visit().get(f"/recover/{token}").status == 400

    def test_a_session_link_is_no_recovery_link_and_the_other_way_round(self, host, visit, bob):
        session = host.link(bob["customer"]).partition("token=")[2]
        recovery = host.portal.create_recovery_link(customer=bob["customer"]).rpartition("/")[2]
        assert visit().get(f"/recover/{session}").status == 400
        assert visit().get(f"/enter?token={recovery}").status == 400

    def test_it_pays_and_does_nothing_else(self, open_link, bob):
        browser, page = open_link(bob)
        page = enter(browser, page)
        for path in (
            "/",
            "/invoices",
            "/payment-methods",
            "/details",
            f"/subscriptions/{bob['subscription']}/cancellation",
        ):
            assert browser.get(path).status == 404, path
            assert not page.leads_to(path if path != "/" else "/billing/")

    def test_another_site_cannot_press_the_button(self, open_link, bob):
        browser, page = open_link(bob)
        answer = browser.ask(
            "POST", page.url, headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 403

    @pytest.mark.parametrize("arguments", [{"customer": "sub_1"}, {"return_url": "//evil"}, {"locale": "klingon"}])
    def test_a_wrong_argument_is_named(self, host, bob, arguments):
        with pytest.raises(ValueError, match=next(iter(arguments))):
            host.portal.create_recovery_link(**{"customer": bob["customer"], **arguments})


class TestPaying:
    def test_why_it_was_not_paid_is_said_in_words(self, open_link, bob):
        page = enter(*open_link(bob))
        assert "$29.00 is unpaid" in page.text
        assert "Your bank declined the payment." in page.text

    def test_another_card_pays_and_is_written_to_subscription_and_customer(self, open_link, bob, books):
        browser, page = open_link(bob)
        page = new_card(browser, enter(browser, page), books, "pm_card_mastercard")
        assert "Pay $29.00" in page.text
        page = browser.submit(page.form("/payment"))
        assert "All is paid" in page.text
        subscription = books.subscription(bob["subscription"])
        assert subscription.status == "active"
        assert subscription.default_payment_method == books.default_of(bob["customer"]) != bob["payment_method"]

    @pytest.mark.feature(112)
    def test_the_renewal_after_it_is_paid_with_the_new_card(self, open_link, bob, books, world):
        browser, page = open_link(bob)
        page = new_card(browser, enter(browser, page), books, "pm_card_mastercard")
        browser.submit(page.form("/payment"))
        charged = books.charged(bob["customer"])
        world.move_clock(32 * DAY)
        assert books.charged(bob["customer"]) == charged + 2900

    def test_a_subscription_with_a_card_of_its_own_gets_the_new_one_too(self, open_link, bob, books):
        books.api.subscriptions.update(bob["subscription"], {"default_payment_method": bob["payment_method"]})
        browser, page = open_link(bob)
        new_card(browser, enter(browser, page), books, "pm_card_mastercard")
        assert books.subscription(bob["subscription"]).default_payment_method == books.default_of(bob["customer"])

    @pytest.mark.feature(112)
    def test_the_bank_may_ask_in_between(self, open_link, bob, books):
        browser, page = open_link(bob)
        page = new_card(browser, enter(browser, page), books, "pm_card_authenticationRequired")
        page = browser.submit(page.form("/payment"))
        assert "Confirm with your bank" in page.text
        books.answer_bank(client_secret(page))
        (back,) = (value for _, name, value in page.attributes if name == "data-return-url")
        assert "All is paid" in browser.get(back).text
        assert books.subscription(bob["subscription"]).status == "active"

    def test_a_card_that_declines_again_is_said_and_nothing_is_charged(self, open_link, bob, books):
        browser, page = open_link(bob)
        page = new_card(browser, enter(browser, page), books, "pm_card_chargeCustomerFail")
        before = books.charged(bob["customer"])
        page = browser.submit(page.form("/payment"))
        assert page.status == 402
        assert "Nothing was charged" in page.text
        assert books.charged(bob["customer"]) == before

    def test_three_clicks_pay_once(self, open_link, bob, books):
        browser, page = open_link(bob)
        page = new_card(browser, enter(browser, page), books, "pm_card_mastercard")
        before, form = books.charged(bob["customer"]), page.form("/payment")
        for _ in range(3):
            assert "All is paid" in browser.submit(form).text
        assert books.charged(bob["customer"]) == before + 2900

    def test_of_several_bills_those_that_are_left_are_shown(self, open_link, bob, books):
        books.invoice(bob["customer"])
        browser, page = open_link(bob)
        assert "$78.00 to Acme is unpaid." in page.text
        page = new_card(browser, enter(browser, page), books, "pm_card_mastercard")
        page = browser.submit(page.form("/payment"))
        assert "is unpaid" in page.text
        assert "All is paid" not in page.text

    def test_a_portal_without_payment_methods_still_lets_who_owes_use_another_card(self, world, visit, bob, books):
        with hosting(world, features=Features(payment_method_update=PaymentMethodUpdate(enabled=False))) as host:
            browser = visit(at=host)
            page = browser.get(host.portal.create_recovery_link(customer=bob["customer"]))
            page = new_card(browser, enter(browser, page), books, "pm_card_mastercard")
            assert "All is paid" in browser.submit(page.form("/payment")).text


class TestPaused:
    """A trial that ended without a payment method."""

    @pytest.fixture
    def paul(self, world, books):
        customer = books.customer(card=None, name="Paul Paused", email="paul@example.com")
        prices = world.live("monthly", email="somebody@example.com")["prices"]
        subscription = books.api.subscriptions.create(
            {
                "customer": customer,
                "items": [{"price": prices["pro_monthly"]}],
                "trial_period_days": 7,
                "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}},
            }
        )
        world.move_clock(8 * DAY)
        assert books.subscription(subscription.id).status == "paused"
        return {"customer": customer, "subscription": subscription.id}

    @pytest.fixture
    def world(self, sandbox):
        return sandbox.world("recoveries-paused")

    def test_it_is_resumed_and_paid(self, world, open_link, paul, books):
        browser, page = open_link(paul)
        assert "Your plan is paused" in page.text
        page = enter(browser, page)
        page = browser.submit(page.form("/resumption"))
        page = new_card(browser, page, books, "pm_card_visa")
        assert "Pay $29.00" in page.text
        page = browser.submit(page.form("/payment"))
        assert "All is paid" in page.text
        assert books.subscription(paul["subscription"]).status == "active"
        assert books.charged(paul["customer"]) == 2900

    def test_a_pause_that_somebody_asked_for_is_no_debt(self, world, open_link, books):
        ada = world.live("monthly", email="asked@example.com")
        books.client.raw_request("post", f"/v1/subscriptions/{ada['subscription']}/pause")  # SDK 11 has no name for it
        assert books.subscription(ada["subscription"]).status == "paused"
        _, page = open_link(ada)
        assert "Nothing is owed any more." in page.text

    def test_an_ordinary_session_does_not_resume_without_a_sum(self, world, visit, paul, books):
        browser = visit(paul["customer"])
        form = browser.get("/").form("/session/end")
        form.action = form.action.replace("/session/end", f"/subscriptions/{paul['subscription']}/resumption")
        assert browser.submit(form).status == 400
        assert books.subscription(paul["subscription"]).pending_update is None


class TestWhereTheHostSaysWhoIsAsking:
    """With `identity=` nobody needs a link; who comes by a mail comes without the host."""

    def test_the_link_works_for_whom_the_host_does_not_know(self, world, visit, bob, postbox):
        with hosting(world, identity=lambda _request: None, mail=postbox.deliver) as host:
            browser = visit(at=host)
            page = enter(browser, browser.get(host.portal.create_recovery_link(customer=bob["customer"])))
            assert "$29.00 is unpaid" in page.text
            assert browser.get("/").status == 404

    def test_whom_the_host_knows_is_whom_it_says(self, world, visit, bob):
        ada = world.life("monthly", name="Ada Lovelace")
        with hosting(world, identity=lambda _request: Identity(customer=ada)) as host:
            browser = visit(at=host)
            enter(browser, browser.get(host.portal.create_recovery_link(customer=bob["customer"])))
            assert "Billing for Ada Lovelace" in browser.get("/").text


class TestStripesOwnMails:
    """They can point to one address for everybody: it asks for the email and sends the link."""

    def ask(self, browser, email):
        return browser.submit(browser.get("/recover").form("/recover"), email=email)

    def test_who_owes_gets_the_link(self, visit, bob, postbox):
        self.ask(visit(), "bob@example.com")
        mail = postbox.last()
        assert (mail.kind, mail.to) == ("recovery", "bob@example.com")
        browser = visit()
        assert "$29.00 is unpaid" in enter(browser, browser.get(link_in(mail))).text

    def test_whoever_else_asks_gets_the_same_answer_and_no_mail(self, visit, bob, world, postbox):
        world.life("monthly", email="ada@example.com")
        browser = visit()
        form = browser.get("/recover").form("/recover")
        answers = [
            body_without_reference(browser.send(form, email=email)).replace(email, "EMAIL")
            for email in ("bob@example.com", "ada@example.com", "nobody@example.com")
        ]
        assert answers.count(answers[0]) == 3
        assert {mail.to for mail in postbox.mails()} == {"bob@example.com"}

    def test_the_email_may_be_filled_in_beforehand(self, visit):
        page = visit().get("/recover?prefilled_email=bob%40example.com")
        assert page.form("/recover").fields["email"] == "bob@example.com"

    def test_what_is_no_address_is_said(self, visit):
        assert self.ask(visit(), "bob").status == 422

    def test_without_mail_there_is_no_such_page(self, world, visit):
        with hosting(world) as host:
            assert visit(at=host).get("/recover").status == 404
