"""What is confirmed is what the page says: between a preview and the click on its button the choice may change, and the new
preview may never come. With JavaScript and without.
"""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from e2e.conftest import listening_to
from e2e.steps import Visit, charged
from portal_embed import Catalog, Features, Plan, Quantity
from portal_embed.config import SubscriptionCancel, SubscriptionCreate, SubscriptionPrepay, SubscriptionUpdate
from tests.serving import CATALOG, hosting

DAY = 86_400
ASKS = Features(
    subscription_update=SubscriptionUpdate(default_allowed_updates=("price", "quantity", "promotion_code")),
    subscription_cancel=SubscriptionCancel(choices=("at_period_end", "on_date", "immediately")),
    subscription_create=SubscriptionCreate(enabled=True),
    subscription_prepay=SubscriptionPrepay(enabled=True),
)


@pytest.fixture
def storage(books):
    """Stands beside any plan, one to ten of it."""
    made = {
        "currency": "usd",
        "unit_amount": 500,
        "recurring": {"interval": "month"},
        "product_data": {"name": "Storage"},
    }
    return books.v1.prices.create(made).id


@pytest.fixture
def host(world, storage):
    add_ons = [Plan(price=storage, quantity=Quantity(1, 10))]
    with hosting(world, catalog=Catalog(CATALOG.plans, add_ons=add_ons), features=ASKS) as running:
        yield running


@pytest.fixture
def plain(new_context, host, problems):
    """Somebody without JavaScript."""
    return Visit(listening_to(new_context(java_script_enabled=False), problems).new_page(), host)


@pytest.fixture(params=["with JavaScript", "without"])
def somebody(request, new_context, host, problems):
    context = listening_to(new_context(java_script_enabled=request.param == "with JavaScript"), problems)
    return Visit(context.new_page(), host)


@pytest.fixture
def erin(world):
    """On two seats of Scale, ten days into a month."""
    return world.live("monthly", price="scale_monthly", quantity=2, days=10)


def change(visit, life, **fields):
    asked = "&".join(f"{name}={value}" for name, value in {"price": life["prices"]["scale_monthly"], **fields}.items())
    return visit.arrive(life["customer"]).open(f"/subscriptions/{life['subscription']}/plan?{asked}")


def confirms(visit):
    return visit.page.locator("[data-portal-confirms]")


def hold(visit, address):
    """Requests for it wait from here on: they are in the list."""
    held = []

    def keep(route):
        held.append(route)

    visit.page.route(address, keep)
    return held


def items_of(books, life):
    return {
        item.price.lookup_key: item.quantity
        for item in books.v1.subscriptions.retrieve(life["subscription"]).items.data
    }


class TestChangingAPlan:
    @pytest.mark.parametrize(
        ("label", "typed", "said"),
        [
            ("Storage", "25", "Choose a number from 1 to 10, or 0 for none."),
            ("Seats", "80", "Choose a number from 1 to 50."),
            ("Seats", "", "Choose a number from 1 to 50."),
        ],
    )
    def test_a_number_out_of_bounds_takes_the_old_price_and_its_button_away(
        self, visit, erin, books, label, typed, said
    ):
        change(visit, erin, quantity=5).sees("$15.00 a month × 5")
        visit.page.get_by_label(label).fill(typed)

        visit.sees_no("$15.00 a month × 5")
        expect(visit.page.locator(".field__error")).to_have_text(said)
        expect(confirms(visit)).to_have_count(0)
        assert items_of(books, erin) == {"scale_monthly": 2}

    @pytest.mark.parametrize("typed", ["80", "0"])
    def test_such_a_number_is_not_sent_by_the_browser_nor_taken_by_the_server(self, plain, erin, books, typed):
        change(plain, erin, quantity=5).page.get_by_label("Seats").fill(typed)
        confirms(plain).click()
        plain.page.locator("form", has=confirms(plain)).evaluate("form => { form.noValidate = true }")
        confirms(plain).click()

        expect(plain.page.locator(".field__error")).to_have_text("Choose a number from 1 to 50.")
        expect(confirms(plain)).to_have_count(0)
        assert items_of(books, erin) == {"scale_monthly": 2}

    def test_from_the_change_on_the_old_button_cannot_be_pressed(self, visit, erin, books):
        change(visit, erin, quantity=5)
        held = hold(visit, "**/plan?*")
        before = charged(books, erin)
        visit.page.get_by_label("Seats").fill("7")

        expect(confirms(visit)).to_be_disabled()
        confirms(visit).click(force=True)
        expect(visit.page.locator("#portal-plan-preview")).to_have_attribute("aria-busy", "true")
        confirms(visit).click(force=True)
        assert charged(books, erin) == before

        for route in held:
            route.continue_()
        visit.sees("$15.00 a month × 7")
        expect(confirms(visit)).to_be_enabled()
        confirms(visit).click()
        visit.stands_at("Overview")
        assert items_of(books, erin) == {"scale_monthly": 7}

    @pytest.mark.parametrize("trouble", ["no connection", "an error"])
    def test_an_answer_that_does_not_come_leaves_a_page_that_can_be_used(self, visit, erin, books, problems, trouble):
        change(visit, erin, quantity=5)
        fail = (
            (lambda route: route.abort()) if trouble == "no connection" else (lambda route: route.fulfill(status=502))
        )
        visit.page.route("**/plan?*", fail)
        visit.page.get_by_label("Seats").fill("7")

        expect(visit.page.get_by_role("alert").filter(has_text="This did not load")).to_be_visible()
        visit.sees_no("$15.00 a month × 5")
        expect(confirms(visit)).to_have_count(0)
        visit.page.unroute("**/plan?*")
        visit.press("See what it costs").sees("$15.00 a month × 7")
        expect(visit.page.get_by_role("button", name="See what it costs")).to_be_hidden()
        confirms(visit).click()

        visit.stands_at("Overview")
        assert items_of(books, erin) == {"scale_monthly": 7}
        problems.clear()  # the browser and htmx say that there was no connection

    def test_without_javascript_the_old_button_shows_the_new_price_first(self, plain, erin, books):
        change(plain, erin, quantity=5)
        before = charged(books, erin)
        plain.page.locator(".choice", has_text="Pro").first.click()
        plain.page.get_by_label("Storage").fill("3")
        confirms(plain).click()

        plain.sees("Please check your choice again").sees("Pro, $29.00 a month").sees("Storage is added")
        assert charged(books, erin) == before
        assert items_of(books, erin) == {"scale_monthly": 2}
        confirms(plain).click()
        plain.stands_at("Overview")
        assert sorted(items_of(books, erin).values()) == [1, 3]
        assert "pro_monthly" in items_of(books, erin)

    def test_after_a_code_the_focus_stays_where_it_went(self, visit, erin, books):
        coupon = books.v1.coupons.create({"percent_off": 20, "duration": "forever"})
        books.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SPRING20"})
        change(visit, erin, quantity=5)
        field = visit.page.get_by_label("Promotion code")
        field.fill("SPRING20")
        field.press("Enter")
        visit.sees("20% off")
        expect(field).to_be_focused()

        visit.page.get_by_label("Seats").focus()
        field.fill("")
        field.press("Tab")
        expect(confirms(visit)).to_be_focused()
        visit.sees_no("20% off")
        expect(confirms(visit)).to_be_focused()

    def test_a_code_that_is_not_taken_is_asked_about_once_and_does_not_stand_in_the_way(
        self, visit, erin, books, world
    ):
        change(visit, erin, quantity=3)
        field = visit.page.get_by_label("Promotion code")
        world.forget_requests()
        field.fill("NONSENSE")
        confirms(visit).click()
        expect(visit.page.get_by_text("This code is not valid here.")).to_be_visible()
        expect(field).to_have_value("")
        visit.page.get_by_label("Seats").fill("5")
        visit.sees("$15.00 a month × 5")
        asked = [call for call in world.requests() if call["path"] == "/v1/promotion_codes"]
        assert len(asked) == 2  # among their own, and among everybody's
        confirms(visit).click()
        visit.stands_at("Overview")
        assert items_of(books, erin) == {"scale_monthly": 5}


def test_another_number_of_a_new_plan_is_not_bought_unseen(plain, world, books):
    grace = world.live("new")
    card = books.v1.payment_methods.attach("pm_card_visa", {"customer": grace["customer"]})
    books.v1.customers.update(grace["customer"], {"invoice_settings": {"default_payment_method": card.id}})
    plain.arrive(grace["customer"]).open(f"/plans/{grace['prices']['scale_monthly']}/start")
    plain.page.get_by_label("Seats").fill("4")
    plain.press(re.compile("and start$")).sees("Please check your choice again").sees("$15.00 a month × 4")
    assert charged(books, grace) == []

    plain.press("Pay $60.00 and start").sees("Scale has started")
    assert charged(books, grace) == [6000]


def test_another_number_of_a_new_plan_leaves_the_focus_and_the_method_that_was_chosen(visit, world, books):
    grace = world.live("new")
    for card in ("pm_card_visa", "pm_card_mastercard"):
        method = books.v1.payment_methods.attach(card, {"customer": grace["customer"]})
    visit.arrive(grace["customer"]).open(f"/plans/{grace['prices']['scale_monthly']}/start")
    held = hold(visit, "**/start?*")
    with visit.page.expect_request("**/start?*"):
        visit.page.get_by_label("Seats").fill("4")
    mastercard = visit.page.get_by_role("radio", name=re.compile("Mastercard"))
    mastercard.check()
    mastercard.focus()
    for route in held:
        route.continue_()

    visit.sees("$15.00 a month × 4")
    expect(mastercard).to_be_focused()
    visit.press("Pay $60.00 and start").sees("Scale has started")
    (started,) = books.v1.subscriptions.list({"customer": grace["customer"]}).data
    assert started.default_payment_method == method.id


def test_another_time_ahead_is_not_paid_unseen(plain, world, books):
    ada = world.live("monthly", days=10)
    plain.arrive(ada["customer"]).open(f"/subscriptions/{ada['subscription']}/prepayment?periods=3")
    before = charged(books, ada)
    plain.page.locator(".choice", has_text="6 months").click()
    confirms(plain).click()

    plain.sees("Please check your choice again").sees("$174.00")
    assert charged(books, ada) == before
    plain.press("Pay $174.00").sees("Paid until")
    assert charged(books, ada) == [17400, *before]


class TestLeaving:
    @pytest.fixture
    def ada(self, world):
        return world.live("monthly", days=10)

    def leave(self, visit, life):
        visit.arrive(life["customer"]).open(f"/subscriptions/{life['subscription']}/cancellation")
        visit.page.get_by_label("It costs too much").check()
        visit.page.get_by_label("Anything you want to tell us?").fill("We sell the boat")
        return visit

    def test_another_moment_is_said_before_it_is_taken_and_the_reason_stays(self, somebody, ada, books):
        visit = self.leave(somebody, ada)
        now = visit.page.get_by_label("Now", exact=True)
        now.check()
        button = visit.page.get_by_role("button", name="See what that means")
        if button.is_visible():  # without JavaScript: as if it was not seen
            visit.press("Cancel subscription").sees("Please check when it ends")
        else:
            expect(now).to_be_focused()
        visit.sees("Pro ends at once and cannot be brought back.")
        assert books.v1.subscriptions.retrieve(ada["subscription"]).status == "active"
        expect(visit.page.get_by_label("It costs too much")).to_be_checked()
        expect(visit.page.get_by_label("Anything you want to tell us?")).to_have_value("We sell the boat")

        visit.press("Cancel subscription").sees("Pro has ended")
        ended = books.v1.subscriptions.retrieve(ada["subscription"])
        details = ended.cancellation_details
        assert (ended.status, details.feedback, details.comment) == ("canceled", "too_expensive", "We sell the boat")

    def test_another_day_than_was_shown_is_shown_first(self, somebody, ada, world, books):
        first, second = (dt.datetime.fromtimestamp(world.now() + days * DAY, dt.UTC).date() for days in (40, 70))
        visit = self.leave(somebody, ada)
        visit.page.get_by_label("On another day").check()
        visit.page.get_by_label("The last day").fill(first.isoformat())
        button = visit.page.get_by_role("button", name="See what that means")
        is_plain = button.is_visible()
        if is_plain:
            button.click()
        visit.sees(f"until {first.day} {first:%B %Y}")
        visit.page.get_by_label("The last day").fill(second.isoformat())
        if is_plain:
            visit.press("Cancel subscription").sees("Please check when it ends")
        visit.sees(f"until {second.day} {second:%B %Y}")
        assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is None

        visit.press("Cancel subscription").sees("Pro is canceled")
        ends = books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at
        assert dt.datetime.fromtimestamp(ends, dt.UTC).date() == second
