"""What is approved on a page of its own, from a frame: out to the top, to that page, and back to the page of the host's."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

import httpx
import pytest
from playwright.sync_api import expect

from e2e.conftest import listening_to
from e2e.embedding import block_third_party_cookies, framed, shop_and_portal, third_party_cookies
from e2e.steps import CARD_FRAME, GOOD_CARD, Visit, cards_of, default_of
from portal_embed import Features
from portal_embed.config import PaymentMethodUpdate

pytestmark = pytest.mark.feature(2)

PLACES = ("same origin", "across sites", "across sites, cookies of others blocked")
where_cookies_are_blocked = pytest.mark.parametrize("place", PLACES[-1:], indirect=True)
"""For what asks no more of cookies than the story out and back, which is told in all places."""


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")


@pytest.fixture
def features(books):
    """Cards, and PayPal beside them."""
    offered = {"paypal": {"display_preference": {"preference": "on"}}}
    configuration = books.v1.payment_method_configurations.create(offered).id
    return Features(payment_method_update=PaymentMethodUpdate(payment_method_configuration=configuration))


@pytest.fixture(params=PLACES)
def place(request, world, ada, features, new_context, problems):
    """(page, shop): a browser, and a shop on the portal's site or another; first it is proved which cookies it keeps."""
    page = listening_to(new_context(), problems).new_page()
    shop_host = "portal.localhost" if request.param == "same origin" else "shop.localhost"
    with shop_and_portal(world, shop_host=shop_host, features=features) as shop:
        shop.customer = ada["customer"]
        if request.param != "same origin":
            if "blocked" in request.param:
                block_third_party_cookies(page)
            assert third_party_cookies(page, shop) == ("blocked" if "blocked" in request.param else "kept")
        yield page, shop
        page.context.close()


def opened(page, shop, view="payment-methods"):
    page.goto(shop.page_url(view))
    return framed(page, shop)


def choose_paypal(visit):
    """In the Payment Element; the portal's page then says where that leads."""
    visit.page.frame_locator(CARD_FRAME).get_by_label("PayPal").check()
    return visit


def out_to_paypal(page, shop):
    """From the shop's page, with the portal in it, to PayPal's page at top level. Answers where frames have been."""
    framed_addresses = []
    page.on("framenavigated", lambda frame: frame.parent_frame and framed_addresses.append(frame.url))
    visit = opened(page, shop)
    visit.press("Add payment method")
    choose_paypal(visit).sees("This one is approved on a page of its own.")
    visit.press("Save payment method")
    top = Visit(page, shop.host)
    top.stands_at("Add a payment method").press("Add payment method")
    choose_paypal(top).sees_no("This one is approved on a page of its own.")
    top.press("Save payment method").stands_at("PayPal")
    return framed_addresses


def kinds_of(books, life):
    return sorted(method.type for method in books.v1.customers.payment_methods.list(life["customer"]).data)


class TestTheWholeStory:
    def test_out_to_paypal_and_back_to_the_page_where_the_frame_shows_it(self, place, ada, books):
        page, shop = place
        framed_addresses = out_to_paypal(page, shop)
        page.get_by_role("button", name="Agree and continue").click()
        page.wait_for_url(shop.page_url("payment-methods"))
        framed(page, shop).stands_at("Payment methods").sees("PayPal")
        assert kinds_of(books, ada) == ["card", "paypal"]
        assert books.v1.payment_methods.retrieve(default_of(books, ada)).type == "paypal"
        assert not [address for address in framed_addresses if "/paypal/" in address]

    @where_cookies_are_blocked
    def test_declined_there_nothing_is_saved_and_there_is_a_way_back(self, place, ada, books):
        page, shop = place
        out_to_paypal(page, shop)
        page.get_by_role("button", name="Cancel and return").click()
        top = Visit(page, shop.host)
        top.sees("was not saved")
        page.get_by_role("link", name="Back to Acme").last.click()
        page.wait_for_url(shop.page_url("payment-methods"))
        framed(page, shop).stands_at("Payment methods").sees_no("PayPal")
        assert kinds_of(books, ada) == ["card"]

    @where_cookies_are_blocked
    def test_who_closes_the_page_and_comes_again_goes_on_as_before(self, place, ada, books):
        page, shop = place
        out_to_paypal(page, shop)
        page.goto("about:blank")
        visit = opened(page, shop).stands_at("Payment methods").sees_no("PayPal")
        visit.follow("Invoices", exact=True).stands_at("Invoices")
        assert kinds_of(books, ada) == ["card"]

    @where_cookies_are_blocked
    def test_a_card_is_saved_in_place(self, place, ada, books):
        page, shop = place
        visit = opened(page, shop)
        visit.press("Add payment method")
        choose_paypal(visit).sees("This one is approved on a page of its own.")
        visit.page.frame_locator(CARD_FRAME).get_by_label("Card", exact=True).check()
        visit.sees_no("This one is approved on a page of its own.")
        visit.enter_card(GOOD_CARD).sees("was added")
        assert page.url == shop.page_url("payment-methods")
        assert cards_of(books, ada) == ["4242", "4242"]


class TestTheToken:
    def test_it_stands_in_no_address_and_the_page_around_cannot_read_it(self, place):
        page, shop = place
        asked = []
        page.on("request", lambda request: asked.append((request.url, request)))
        out_to_paypal(page, shop)
        handed_over = [request for url, request in asked if url.endswith("/billing/session")]
        assert len(handed_over) == 2  # the host's page into the frame, the frame to the top
        for token in (parse_qs(request.post_data)["token"][0] for request in handed_over):
            assert not [url for url, _ in asked if token in url]
        (minted,) = [request for url, request in asked if url.endswith("/payment-methods/outside")]
        assert "access-control-allow-origin" not in minted.response().headers

    def test_in_a_whole_page_paypal_goes_on_there(self, world, ada, features, page, books):
        with shop_and_portal(world, features=features) as shop:
            visit = Visit(page, shop.host).arrive(ada["customer"]).follow("Payment methods")
            visit.press("Add payment method")
            choose_paypal(visit).press("Save payment method").stands_at("PayPal")
            visit.press("Agree and continue").sees("PayPal").stands_at("Payment methods")
            assert kinds_of(books, ada) == ["card", "paypal"]
            expect(page).to_have_url(re.compile(r"/payment-methods\?done=method_added"))


class TestAPaymentThatIsApprovedElsewhere:
    """Begun on another page, which waits for its redirect: in the frame that step would lead the host's page away."""

    @pytest.fixture
    def waiting(self, world, books):
        """(customer and invoice, the address of the step)."""
        bob = world.live("open_invoice", name="Bob", email="bob@example.com")
        card = books.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": bob["customer"]})
        (payment,) = books.v1.invoice_payments.list({"invoice": bob["invoice"]}).data
        how = {"payment_method": card.id, "return_url": "https://elsewhere.example/paid"}
        intent = books.v1.payment_intents.confirm(payment.payment.payment_intent, how)
        return bob, intent.next_action.redirect_to_url.url

    def at_the_question(self, page, shop, bob):
        shop.customer = bob["customer"]
        visit = opened(page, shop, "invoices")
        visit.page.locator(f"a[href$='/invoices/{bob['invoice']}']").first.click()
        visit.press("Confirm with your bank")
        return visit.sees("This payment is approved on a page of its own.")

    def test_stripe_s_page_for_it_opens_beside_the_host_s(self, place, waiting, books):
        page, shop = place
        bob, step = waiting
        visit = self.at_the_question(page, shop, bob)
        with page.context.expect_page() as tab:
            visit.follow("Confirm on the payment page")
        assert tab.value.url == books.v1.invoices.retrieve(bob["invoice"]).hosted_invoice_url
        httpx.post(step, data={"client_secret": self.secret(books, bob), "outcome": "complete"})
        visit.press("Go on").sees("We received $49.00. Thank you.")
        assert page.url == shop.page_url("invoices")

    @where_cookies_are_blocked
    def test_who_goes_on_without_it_is_told_that_nothing_was_paid(self, place, waiting, books):
        page, shop = place
        bob, _ = waiting
        self.at_the_question(page, shop, bob).press("Go on").sees("Your bank did not confirm the payment")
        assert books.v1.invoices.retrieve(bob["invoice"]).status == "open"

    def secret(self, books, bob):
        expanded = books.v1.invoices.retrieve(bob["invoice"], {"expand": ["confirmation_secret"]})
        return expanded.confirmation_secret.client_secret
