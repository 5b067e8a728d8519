"""Starting a plan in the browser: from the pricing page to a plan that runs, whatever the card and the bank say."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from e2e.embedding import framed, shop_and_portal
from e2e.steps import ALWAYS_ASKING_CARD, GOOD_CARD, Visit, amount_in, cards_of, charged
from portal_embed import Features
from portal_embed.config import SubscriptionCreate
from tests.serving import hosting

pytestmark = pytest.mark.feature(76)

BANK_DECLINES = "4000 0000 0000 0341"
"""Is saved, and then declined whenever it is charged."""


@pytest.fixture
def host(world):
    with hosting(world, features=Features(subscription_create=SubscriptionCreate(enabled=True))) as running:
        yield running


@pytest.fixture
def finn(world):
    return world.live("new")


@pytest.fixture
def grace(world, books):
    """Has a card and no plan."""
    life = world.live("new", name="Grace Card")
    card = books.v1.payment_methods.attach("pm_card_visa", {"customer": life["customer"]})
    settings = {"invoice_settings": {"default_payment_method": card.id}}
    books.v1.customers.update(life["customer"], settings)
    return {**life, "payment_method": card.id}


def states(books, life):
    found = books.v1.subscriptions.list({"customer": life["customer"], "status": "all"}).data
    return sorted(s.status for s in found)


def plan_of(books, life):
    (found,) = books.v1.subscriptions.list({"customer": life["customer"]}).data
    item = found.items.data[0]
    return item.price.lookup_key, item.quantity


def choose(visit, plan):
    """From the overview over the pricing page to one plan."""
    visit.follow("See plans").stands_at("Plans")
    visit.page.locator(".pricing__plan", has=visit.page.get_by_role("heading", name=plan)).get_by_role("link").click()
    return visit.stands_at(f"Start {plan}")


def pay_button(visit):
    return visit.page.get_by_role("button", name=re.compile("and start$"))


@pytest.mark.feature(119)
def test_from_the_pricing_page_with_a_new_card_whose_bank_asks(visit, finn, books):
    choose(visit.arrive(finn["customer"]), "Pro")
    visit.press("Add payment method").type_card(ALWAYS_ASKING_CARD).press("Save payment method")
    visit.bank("Complete authentication")
    visit.stands_at("Start Pro")
    shown = amount_in(pay_button(visit).inner_text())
    pay_button(visit).click()
    visit.bank("Complete authentication")

    visit.stands_at("Overview").sees("Pro has started")
    assert (states(books, finn), plan_of(books, finn)) == (["active"], ("pro_monthly", 1))
    assert charged(books, finn) == [shown] == [2900]
    assert cards_of(books, finn) == ["3184"]


@pytest.mark.parametrize("answer", ["Fail authentication", "Close"])
def test_a_bank_that_says_no_leaves_it_waiting_and_another_card_finishes_it(visit, finn, books, answer):
    choose(visit.arrive(finn["customer"]), "Pro")
    visit.press("Add payment method").type_card(ALWAYS_ASKING_CARD).press("Save payment method")
    visit.bank("Complete authentication")
    pay_button(visit).click()
    visit.bank(answer)
    visit.sees("Your bank did not confirm the payment").sees("Nothing was charged")

    visit.press("Pay with another method").type_card(GOOD_CARD).press("Save payment method")
    visit.press("Pay $29.00")

    visit.sees("We received $29.00")
    assert (states(books, finn), charged(books, finn)) == (["active"], [2900])


def test_with_a_saved_card_however_often_it_is_clicked(visit, grace, books):
    choose(visit.arrive(grace["customer"]), "Starter")
    pay_button(visit).click(click_count=3)

    visit.stands_at("Overview").sees("Starter has started")
    assert (states(books, grace), charged(books, grace)) == (["active"], [900])


def test_a_declined_card_and_then_one_that_works(visit, finn, books):
    choose(visit.arrive(finn["customer"]), "Pro")
    visit.press("Add payment method").type_card(BANK_DECLINES).press("Save payment method")
    pay_button(visit).click()
    visit.sees("The plan waits for its payment.")
    assert states(books, finn) == ["incomplete"]

    visit.open().sees("Pro has not started yet").sees("Waiting for payment")
    visit.follow("Finish payment")
    visit.press("Pay with another method").type_card(GOOD_CARD).press("Save payment method")
    visit.press("Pay $29.00").sees("We received $29.00")

    assert (states(books, finn), charged(books, finn)) == (["active"], [2900])


def test_declined_and_started_over_with_another_plan(visit, finn, books):
    choose(visit.arrive(finn["customer"]), "Pro")
    visit.press("Add payment method").type_card(BANK_DECLINES).press("Save payment method")
    pay_button(visit).click()
    visit.sees("The plan waits for its payment.")

    visit.open().press("Start over").stands_at("Plans").sees("Pro was dropped")

    assert states(books, finn) == ["incomplete_expired"]
    assert books.v1.invoices.list({"customer": finn["customer"], "status": "open"}).data == []


def test_the_number_of_seats_moves_the_sum_without_a_reload(visit, grace, books):
    choose(visit.arrive(grace["customer"]), "Scale")
    visit.page.evaluate("window.sameDocument = true")
    visit.page.get_by_label("Seats").fill("4")
    visit.sees("$15.00 a month × 4")
    expect(pay_button(visit)).to_have_text("Pay $60.00 and start")
    assert visit.page.evaluate("window.sameDocument")
    pay_button(visit).click()

    visit.sees("Scale has started")
    assert (plan_of(books, grace), charged(books, grace)) == (("scale_monthly", 4), [6000])


@pytest.mark.feature(48)
@pytest.mark.parametrize("arrived", ["visit", "plain_visit"], ids=["with", "without"])
def test_a_plan_that_ended_is_started_again(request, arrived, world, books):
    visit = request.getfixturevalue(arrived)
    ada = world.live("monthly", days=40, price="scale_monthly", quantity=3)
    books.v1.subscriptions.cancel(ada["subscription"])
    before = len(charged(books, ada))
    visit.arrive(ada["customer"]).follow("Start again").stands_at("Start Scale")
    visit.sees("As you had it before")
    pay_button(visit).click()

    visit.sees("Scale has started")
    assert plan_of(books, ada) == ("scale_monthly", 3)
    assert charged(books, ada)[0] == 4500
    assert len(charged(books, ada)) == before + 1


class TestWithoutJavaScript:
    def test_a_saved_card_starts_a_yearly_plan(self, plain_visit, grace, books):
        plain_visit.arrive(grace["customer"]).follow("See plans").follow(re.compile("^Yearly"))
        plain_visit.page.locator(".pricing__plan", has_text="Scale").get_by_role("link").click()
        plain_visit.page.get_by_label("Seats").fill("2")
        plain_visit.press("See what it costs").sees("$150.00 a year × 2")
        pay_button(plain_visit).click()

        plain_visit.stands_at("Overview").sees("Scale has started")
        assert (plan_of(books, grace), charged(books, grace)) == (("scale_yearly", 2), [30000])

    def test_declined_and_started_over(self, plain_visit, grace, books):
        bad = books.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": grace["customer"]})
        settings = {"invoice_settings": {"default_payment_method": bad.id}}
        books.v1.customers.update(grace["customer"], settings)
        choose(plain_visit.arrive(grace["customer"]), "Pro")
        pay_button(plain_visit).click()
        plain_visit.sees("The plan waits for its payment.")
        plain_visit.open().press("Start over").sees("Pro was dropped")
        assert states(books, grace) == ["incomplete_expired"]

    def test_a_bank_that_asks_is_answered_on_its_own_page(self, plain_visit, grace, books):
        """Without a script its question cannot be asked here: the page has Stripe's own for it."""
        card = books.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": grace["customer"]})
        settings = {"invoice_settings": {"default_payment_method": card.id}}
        books.v1.customers.update(grace["customer"], settings)
        choose(plain_visit.arrive(grace["customer"]), "Pro")
        pay_button(plain_visit).click()
        (waits,) = books.v1.invoices.list({"customer": grace["customer"], "status": "open"}).data
        assert plain_visit.page.locator(f'a[href="{waits.hosted_invoice_url}"]').count() >= 1


@pytest.mark.feature(120)
class TestThroughCheckout:
    @pytest.fixture
    def host(self, world):
        create = SubscriptionCreate(enabled=True, through="checkout", allow_promotion_codes=True)
        with hosting(world, features=Features(subscription_create=create)) as running:
            yield running

    @pytest.fixture
    def half(self, books):
        """A code for half the price of the first bill."""
        coupon = books.v1.coupons.create({"percent_off": 50, "duration": "once"}).id
        books.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon}, "code": "HALF"})

    def test_paid_there_it_runs_here(self, visit, finn, books):
        choose(visit.arrive(finn["customer"]), "Pro")
        visit.press("Continue to checkout")
        visit.stands_at("Subscribe")
        visit.page.get_by_label("Card number").fill(GOOD_CARD)
        visit.press("Subscribe")

        visit.stands_at("Overview").sees("Pro has started")
        assert (states(books, finn), charged(books, finn)) == (["active"], [2900])

    def test_a_code_that_was_typed_here_counts_there(self, visit, finn, half, books):
        choose(visit.arrive(finn["customer"]), "Pro")
        visit.page.get_by_label("Promotion code").fill("half")
        visit.page.get_by_label("Promotion code").press("Enter")
        visit.sees("50% off the first bill").press("Continue to checkout")
        visit.stands_at("Subscribe").sees("Due today: $14.50").sees_no("Promotion code")
        visit.page.get_by_label("Card number").fill(GOOD_CARD)
        visit.press("Subscribe").stands_at("Overview").sees("Pro has started")
        assert charged(books, finn) == [1450]

    def test_or_it_is_typed_there(self, plain_context, host, finn, half, books):
        visit = Visit(plain_context.new_page(), host)
        choose(visit.arrive(finn["customer"]), "Pro")
        visit.press("Continue to checkout").stands_at("Subscribe").sees("Due today: $29.00")
        visit.page.get_by_label("Promotion code").fill("HALF")
        visit.press("Apply").sees("Due today: $14.50")
        visit.page.get_by_label("Card number").fill(GOOD_CARD)
        visit.press("Subscribe").stands_at("Overview").sees("Pro has started")
        assert charged(books, finn) == [1450]

    def test_declined_there_and_back_to_the_plans(self, visit, finn, books):
        choose(visit.arrive(finn["customer"]), "Pro")
        visit.press("Continue to checkout").stands_at("Subscribe")
        visit.page.get_by_label("Card number").fill(BANK_DECLINES)
        visit.press("Subscribe").sees("Your card was declined.")
        visit.follow("Back").stands_at("Plans")
        assert states(books, finn) == []

    def test_without_javascript(self, plain_context, host, finn, books):
        visit = Visit(plain_context.new_page(), host)
        choose(visit.arrive(finn["customer"]), "Scale")
        visit.press("Continue to checkout").stands_at("Subscribe")
        visit.page.get_by_label("Card number").fill(ALWAYS_ASKING_CARD)
        visit.press("Subscribe").press("Complete authentication")

        visit.stands_at("Overview").sees("Scale has started")
        assert (states(books, finn), charged(books, finn)) == (["active"], [1500])


@pytest.mark.feature(120)
@pytest.mark.parametrize("shop_host", ["portal.localhost", "shop.localhost"], ids=["same origin", "across sites"])
def test_from_a_frame_checkout_takes_the_whole_window_and_leads_back_to_the_shop(
    world, finn, books, page, host, shop_host
):
    features = Features(subscription_create=SubscriptionCreate(enabled=True, through="checkout"))
    with shop_and_portal(world, shop_host=shop_host, features=features) as shop:
        shop.customer = finn["customer"]
        page.goto(shop.page_url())
        visit = choose(framed(page, shop), "Pro")
        visit.press("Continue to checkout").follow("Go to checkout")
        page.get_by_label("Card number").fill(GOOD_CARD)
        page.get_by_role("button", name="Subscribe").click()

        expect(page).to_have_url(re.compile(re.escape(shop.origin)))
        framed(page, shop).sees("Pro").sees("Active")
    assert (states(books, finn), charged(books, finn)) == (["active"], [2900])


def test_in_a_frame_a_card_whose_bank_asks_starts_it_without_leaving(world, finn, books, page, host):
    features = Features(subscription_create=SubscriptionCreate(enabled=True))
    with shop_and_portal(world, features=features) as shop:
        shop.customer = finn["customer"]
        page.goto(shop.page_url())
        visit = choose(framed(page, shop), "Pro")
        visit.press("Add payment method").type_card(ALWAYS_ASKING_CARD).press("Save payment method")
        visit.bank("Complete authentication")
        pay_button(visit).click()
        visit.bank("Complete authentication")
        visit.sees("Pro has started")
    assert (states(books, finn), charged(books, finn)) == (["active"], [2900])
