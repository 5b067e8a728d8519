"""Deep links in a real browser: each flow, with each of the three things that may follow."""

from __future__ import annotations

import re
import socket
import threading

import pytest
import uvicorn
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from e2e.steps import ASKING_CARD, default_of
from tests.serving import hosting

pytestmark = [pytest.mark.feature(8), pytest.mark.feature(9)]

THANKS = {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "From all of us: thank you."}}
HOME = {"type": "portal_homepage"}


@pytest.fixture(scope="module")
def elsewhere():
    """A page of the host's on another origin than the portal."""

    async def arrived(_request):
        return HTMLResponse("<!doctype html><title>Shop</title><h1>You are back at the shop</h1>")

    bound = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[Route("/{path:path}", arrived)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def host(world, elsewhere):
    with hosting(world, return_origins=(elsewhere,)) as running:
        yield running


@pytest.fixture
def ada(world):
    return world.live("monthly")


@pytest.fixture(params=["with", "without"])
def somebody(request, host, ada):
    """In front of a browser with and without JavaScript."""
    return request.getfixturevalue("visit" if request.param == "with" else "plain_visit")


@pytest.fixture
def redirect(elsewhere):
    return {"type": "redirect", "redirect": {"return_url": f"{elsewhere}/done"}}


def enter(visit, life, kind, after=None, **detail):
    about = {kind: {"subscription": life["subscription"], **detail}} if kind.startswith("subscription") else {}
    flow = {"type": kind, **about, **({"after_completion": after} if after else {})}
    visit.page.goto(visit.host.link(life["customer"], flow_data=flow, return_url="/account"))
    expect(visit.page.locator(".nav")).to_have_count(0)
    return visit


def is_back_at_the_shop(visit):
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("You are back at the shop")


class TestCancel:
    def cancel(self, visit, life, after=None, **detail):
        return enter(visit, life, "subscription_cancel", after, **detail).press("Cancel subscription")

    @pytest.mark.feature(10)
    def test_a_confirmation_with_the_host_s_words_and_the_way_back(self, somebody, ada):
        self.cancel(somebody, ada, THANKS).sees("Pro is canceled").sees("From all of us: thank you.")
        somebody.page.reload()
        somebody.sees("Pro is canceled").page.get_by_role("main").get_by_role("link", name="Back to Acme").click()
        expect(somebody.page).to_have_url(re.compile(r"/account$"))

    @pytest.mark.feature(11)
    def test_a_redirect_really_leads_to_another_origin(self, somebody, ada, redirect):
        self.cancel(somebody, ada, redirect)
        is_back_at_the_shop(somebody)

    def test_the_whole_portal(self, somebody, ada):
        self.cancel(somebody, ada, HOME).stands_at("Overview").sees("Pro is canceled")
        somebody.press("Keep my plan").sees("You keep Pro")

    def test_a_coupon_is_taken_and_nothing_is_canceled(self, somebody, ada, books):
        coupon = books.v1.coupons.create({"percent_off": 25, "duration": "repeating", "duration_in_months": 3})
        offer = {"retention": {"type": "coupon_offer", "coupon_offer": {"coupon": coupon.id}}}
        enter(somebody, ada, "subscription_cancel", **offer).sees("Stay for 25% less").press("Keep my plan for less")
        somebody.sees("You keep your plan")
        subscription = books.v1.subscriptions.retrieve(ada["subscription"])
        assert (subscription.cancel_at, len(subscription.discounts)) == (None, 1)

    def test_or_declined(self, somebody, ada, books):
        coupon = books.v1.coupons.create({"percent_off": 25, "duration": "once"})
        offer = {"retention": {"type": "coupon_offer", "coupon_offer": {"coupon": coupon.id}}}
        self.cancel(somebody, ada, **offer).sees("Pro is canceled")
        assert not books.v1.subscriptions.retrieve(ada["subscription"]).discounts


class TestUpdate:
    def change(self, visit, life, after=None):
        enter(visit, life, "subscription_update", after)
        visit.open(f"/subscriptions/{life['subscription']}/plan?price={life['prices']['pro_yearly']}")
        visit.page.get_by_role("button", name=re.compile("change plan", re.IGNORECASE)).click()
        return visit

    def test_a_confirmation(self, somebody, ada):
        self.change(somebody, ada, THANKS).sees("Your plan is now Pro").sees("From all of us")

    def test_a_redirect(self, somebody, ada, redirect):
        self.change(somebody, ada, redirect)
        is_back_at_the_shop(somebody)

    def test_the_whole_portal(self, somebody, ada):
        self.change(somebody, ada, HOME).stands_at("Overview").sees("Your plan is now Pro")


@pytest.mark.feature(70)
class TestUpdateConfirm:
    def confirm(self, visit, life, books, after=None):
        item = books.v1.subscriptions.retrieve(life["subscription"])["items"].data[0].id
        items = [{"id": item, "price": life["prices"]["pro_yearly"]}]
        enter(visit, life, "subscription_update_confirm", after, items=items).stands_at("Confirm the change")
        visit.page.get_by_role("button", name=re.compile("change plan", re.IGNORECASE)).click()
        return visit

    def test_a_confirmation(self, somebody, ada, books):
        self.confirm(somebody, ada, books, THANKS).sees("Your plan is now Pro").sees("From all of us")

    def test_a_redirect(self, somebody, ada, books, redirect):
        self.confirm(somebody, ada, books, redirect)
        is_back_at_the_shop(somebody)

    def test_the_whole_portal(self, somebody, ada, books):
        self.confirm(somebody, ada, books, HOME).stands_at("Overview").sees("Your plan is now Pro")


class TestCustomerUpdate:
    def save(self, visit, life, after=None):
        enter(visit, life, "customer_update", after).stands_at("Details").open("/details/contact")
        visit.page.get_by_label("Phone").fill("+1 555 0100")
        return visit.press("Save contact details")

    def test_a_confirmation(self, somebody, ada, books):
        self.save(somebody, ada, THANKS).sees("Contact details saved").sees("From all of us")
        assert books.v1.customers.retrieve(ada["customer"]).phone == "+1 555 0100"

    def test_a_redirect(self, somebody, ada, redirect):
        self.save(somebody, ada, redirect)
        is_back_at_the_shop(somebody)

    def test_the_whole_portal(self, somebody, ada):
        self.save(somebody, ada, HOME).stands_at("Details").follow("Overview").stands_at("Overview")


class TestPaymentMethodUpdate:
    """Card entry needs JavaScript; the card asks for 3-D Secure."""

    def add(self, visit, life, after=None):
        enter(visit, life, "payment_method_update", after).stands_at("Add a payment method")
        return visit.add_card(ASKING_CARD).bank("Complete authentication")

    def test_a_confirmation(self, visit, ada, books):
        before = default_of(books, ada)
        self.add(visit, ada, THANKS).sees("Visa •••• 3155 was added").sees("From all of us")
        assert default_of(books, ada) != before

    def test_a_redirect(self, visit, ada, redirect):
        self.add(visit, ada, redirect)
        is_back_at_the_shop(visit)

    def test_the_whole_portal(self, visit, ada):
        self.add(visit, ada, HOME).stands_at("Payment methods").sees("Visa •••• 3155 was added")
