"""Starting a plan with a promotion code: what it costs then, what is charged, and who may use which code."""

from __future__ import annotations

import pytest

from portal_embed import Catalog, Plan
from portal_embed.access import limits
from tests.pages.people import DAY
from tests.pages.test_checkouts import pay, set_out, visits, way
from tests.pages.test_plan_changes import rows_of
from tests.pages.test_promotion_codes import UNKNOWN, code
from tests.pages.test_starts import offered, starting, states, subscriptions
from tests.serving import hosting

pytestmark = [pytest.mark.feature(72), pytest.mark.feature(76)]

CODES = starting(allow_promotion_codes=True)
FIRST = {"first_time_transaction": True}


@pytest.fixture
def host(world):
    with hosting(world, features=CODES) as served:
        yield served


@pytest.fixture
def ada(world, books):
    """Has a card and no plan."""
    life = world.live("new")
    return {**life, "payment_method": books.add(life["customer"], default=True)}


def asked(browser, life, word, price="pro_monthly", **query):
    return offered(browser, life, price, promotion_code=word, **query)


def begin(browser, life, word, **more):
    page = browser.submit(asked(browser, life, word).form("/start"), **more)
    assert page.status == 200, page.text
    return page


def totals(books, life):
    return sorted(invoice.total for invoice in books.invoices(life["customer"]))


def decline(books, life):
    return books.add(life["customer"], "pm_card_chargeCustomerFail", default=True)


class TestWhatItCosts:
    @pytest.mark.parametrize(
        ("coupon", "gives", "then", "second"),
        [
            ({"percent_off": 20, "duration": "forever"}, "20% off for good", "$23.20 a month", 2320),
            ({"percent_off": 20, "duration": "once"}, "20% off the first bill", "$29.00 a month", 2900),
            (
                {"percent_off": 20, "duration": "repeating", "duration_in_months": 6},
                "20% off for 6 months",
                "with a discount until",
                2320,
            ),
            (
                {"percent_off": 20, "duration": "repeating", "duration_in_months": 1},
                "20% off for one month",
                "$29.00 a month",
                2900,
            ),
        ],
        ids=["for good", "once", "six months", "one month"],
    )
    def test_both_bills_are_what_was_shown(self, ada, visit, books, world, coupon, gives, then, second):
        code(books, "SPRING20", **coupon)
        browser = visit(ada["customer"])
        page = asked(browser, ada, " spring20 ")
        assert rows_of(page)[-2:] == [("Discount", -580), ("Due now", 2320)]
        assert gives in page.text
        assert then in page.text.split("After that")[1]
        assert "Pay $23.20 and start" in page.form("/start").buttons
        assert "Pro has started" in browser.submit(page.form("/start")).text
        assert totals(books, ada) == [2320]
        (made,) = subscriptions(books, ada)
        world.move_clock(made["items"].data[0].current_period_end - world.now() + 7200)
        assert totals(books, ada) == sorted([2320, second])

    def test_a_year_is_reduced_once_by_a_code_for_six_months(self, ada, visit, books):
        code(books, "SPRING20", percent_off=20, duration="repeating", duration_in_months=6)
        page = asked(visit(ada["customer"]), ada, "SPRING20", "pro_yearly")
        assert rows_of(page)[-1] == ("Due now", 23200)
        assert "$290.00 a year" in page.text.split("After that")[1]

    @pytest.mark.feature(25)
    def test_after_a_trial_a_code_for_one_bill_lowers_the_first_that_bills_anything(self, world, ada, visit, books):
        code(books, "HALF", percent_off=50, duration="once")
        catalog = Catalog([Plan(lookup_key="pro_monthly", trial_days=14)])
        with hosting(world, features=CODES, catalog=catalog) as host:
            browser = visit(ada["customer"], at=host)
            page = asked(browser, ada, "HALF")
            assert "with a discount for this one bill $14.50" in page.text
            browser.submit(page.form("/start"))
        world.move_clock(15 * DAY)
        assert books.charged(ada["customer"]) == 1450

    def test_each_of_several_seats_is_reduced(self, ada, visit, books):
        code(books, "TEN", percent_off=10, duration="forever")
        browser = visit(ada["customer"])
        page = asked(browser, ada, "TEN", "scale_monthly", quantity=4)
        browser.submit(page.form("/start"))
        assert books.charged(ada["customer"]) == 5400

    def test_nothing_to_pay_starts_without_a_card(self, world, visit, books):
        code(books, "FREE", percent_off=100, duration="once")
        finn = world.live("new")
        browser = visit(finn["customer"])
        page = asked(browser, finn, "FREE")
        assert "You pay nothing today." in page.text
        assert "Pro has started" in browser.submit(page.form("/start")).text
        assert states(books, finn) == ["active"]

    def test_it_takes_the_place_of_the_customer_s_own_discount(self, world, visit, books):
        theo = world.live("loyal")
        books.api.subscriptions.cancel(theo["subscription"])
        code(books, "HALF", percent_off=50, duration="once")
        page = asked(visit(theo["customer"]), theo, "HALF")
        assert "While it lasts it holds instead of: 10% off for good." in page.text
        assert rows_of(page)[-1] == ("Due now", 1450)
        assert "$26.10 a month" in page.text.split("After that")[1]


class TestWhoMayUseIt:
    def test_a_code_for_new_customers_is_for_who_has_never_paid(self, ada, visit, books):
        code(books, "WELCOME", percent_off=50, duration="once", restrictions=FIRST)
        begin(visit(ada["customer"]), ada, "WELCOME")
        assert books.charged(ada["customer"]) == 1450

    def test_who_paid_before_is_told_so_and_sees_the_full_price(self, world, visit, books):
        code(books, "WELCOME", percent_off=50, duration="once", restrictions=FIRST)
        eve = world.live("monthly", days=10)
        books.api.subscriptions.cancel(eve["subscription"])
        page = asked(visit(eve["customer"]), eve, "WELCOME")
        assert "This code is for new customers only." in page.text
        assert "Pay $29.00 and start" in page.form("/start").buttons
        assert page.form("/start").fields["shown_code"] == ""

    def test_who_has_begun_another_plan_and_not_paid_is_told_what_to_do_and_then_may(self, ada, visit, books):
        code(books, "WELCOME", percent_off=50, duration="once", restrictions=FIRST)
        decline(books, ada)
        browser = visit(ada["customer"])
        browser.submit(offered(browser, ada, "starter_monthly").form("/start"))
        assert states(books, ada) == ["incomplete"]
        assert "Start over on the overview, then use the code." in asked(browser, ada, "WELCOME").text
        browser.submit(browser.get("/").form("/start-over"))
        begin(browser, ada, "WELCOME", payment_method=ada["payment_method"])
        assert books.charged(ada["customer"]) == 1450

    def test_each_refusal_says_why_and_sells_at_the_full_price(self, ada, visit, books):
        product = books.api.products.create({"name": "Another"}).id
        code(books, "OTHER", percent_off=10, duration="once", applies_to=[product])
        code(books, "EURO", amount_off=500, currency="eur", duration="once")
        dear = {"minimum_amount": 5000, "minimum_amount_currency": "usd"}
        code(books, "DEAR", percent_off=10, duration="once", restrictions=dear)
        code(books, "BOBS", percent_off=10, duration="once", customer=books.customer())
        browser = visit(ada["customer"])
        said = {
            "OTHER": "not for what you have subscribed to",
            "EURO": "not for the currency",
            "DEAR": "for plans of $50.00 and more",
            "BOBS": UNKNOWN,
            "NEVERWAS": UNKNOWN,
            "a/../b": UNKNOWN,
        }
        for word, why in said.items():
            page = asked(browser, ada, word)
            assert why in page.text, word
            assert "Pay $29.00 and start" in page.form("/start").buttons
        assert "10% off" in asked(browser, ada, "DEAR", "scale_monthly", quantity=4).text

    def test_what_stripe_alone_knows_against_it_is_no_dead_end(self, ada, visit, books, world):
        code(books, "SPRING20", percent_off=20, duration="forever")
        world.fail("^/v1/invoices/create_preview$", status=400, times=2)
        page = asked(visit(ada["customer"]), ada, "SPRING20")
        assert "This code cannot be used for this subscription." in page.text
        assert "Pay $29.00 and start" in page.form("/start").buttons

    def test_guesses_are_counted_with_those_of_the_other_pages(self, ada, visit, books):
        code(books, "SPRING20", percent_off=20, duration="forever")
        browser = visit(ada["customer"])
        for number in range(limits.PROMOTION_GUESSES.times * limits.TEST_MODE_FACTOR + 1):
            asked(browser, ada, f"GUESS{number}")
        page = asked(browser, ada, "SPRING20")
        assert "Too many codes" in page.text
        assert "Pay $29.00 and start" in page.form("/start").buttons

    def test_where_no_codes_are_taken_there_is_no_field_and_nothing_is_looked_up(self, ada, visit, books, world):
        spring = code(books, "SPRING20", percent_off=20, duration="forever")
        with hosting(world, features=starting()) as host:
            browser = visit(ada["customer"], at=host)
            world.forget_requests()
            page = asked(browser, ada, "SPRING20")
            assert "Promotion code" not in page.text
            assert not [call for call in world.requests() if "promotion_codes" in call["path"]]
            browser.submit(page.form("/start"), promotion_code=spring.code)
        assert totals(books, ada) == [2900]


class TestOnce:
    @pytest.fixture
    def single(self, books):
        """A code that can be used one time, by a new customer."""
        coupon = books.api.coupons.create({"percent_off": 50, "duration": "once"}).id
        return books.api.promotion_codes.create(
            {
                "promotion": {"type": "coupon", "coupon": coupon},
                "code": "SINGLE",
                "max_redemptions": 1,
                "restrictions": FIRST,
            }
        )

    def test_the_same_click_twice_starts_it_once(self, ada, single, visit, books):
        browser = visit(ada["customer"])
        form = asked(browser, ada, "SINGLE").form("/start")
        pages = [browser.submit(form) for _ in range(3)]
        assert all("Pro has started" in page.text for page in pages)
        assert (states(books, ada), books.charged(ada["customer"])) == (["active"], 1450)

    def test_declined_it_waits_with_its_discount_and_another_card_pays_the_rest(self, ada, single, visit, books):
        bad = decline(books, ada)
        browser = visit(ada["customer"])
        page = browser.submit(asked(browser, ada, "SINGLE").form("/start"), payment_method=bad)
        assert "The plan waits for its payment." in page.text
        assert rows_of(page)[-1] == ("Due now", 1450)
        page = browser.submit(page.form("/start"), payment_method=ada["payment_method"])
        assert "Pro has started" in page.text
        assert (states(books, ada), books.charged(ada["customer"])) == (["active"], 1450)

    def test_who_comes_back_to_it_finds_the_code_still_there(self, ada, single, visit, books):
        decline(books, ada)
        browser = visit(ada["customer"])
        browser.submit(asked(browser, ada, "SINGLE").form("/start"))
        page = offered(browser, ada)
        assert page.form("/start").fields["promotion_code"] == "SINGLE"
        assert rows_of(page)[-1] == ("Due now", 1450)
        browser.submit(page.form("/start"), payment_method=ada["payment_method"])
        assert (states(books, ada), books.charged(ada["customer"])) == (["active"], 1450)

    def test_one_that_waits_without_the_code_gives_way_to_one_with_it(self, ada, visit, books):
        code(books, "SPRING20", percent_off=20, duration="forever")
        decline(books, ada)
        browser = visit(ada["customer"])
        browser.submit(offered(browser, ada).form("/start"))
        begin(browser, ada, "SPRING20", payment_method=ada["payment_method"])
        assert states(books, ada) == ["active", "incomplete_expired"]
        assert books.charged(ada["customer"]) == 2320

    def test_one_that_ends_between_is_refused_with_its_reason_and_nothing_is_started(self, ada, visit, books):
        spring = code(books, "SPRING20", percent_off=20, duration="forever")
        browser = visit(ada["customer"])
        form = asked(browser, ada, "SPRING20").form("/start")
        books.api.promotion_codes.update(spring.id, {"active": False})
        page = browser.submit(form)
        assert page.status == 422
        assert UNKNOWN in page.text
        assert subscriptions(books, ada) == []

    def test_a_code_put_into_the_form_changes_the_sum_and_is_therefore_shown_first(self, ada, visit, books):
        spring = code(books, "SPRING20", percent_off=20, duration="forever")
        browser = visit(ada["customer"])
        page = browser.submit(offered(browser, ada).form("/start"), promotion_code=spring.code)
        assert page.status == 409
        assert "Pay $23.20 and start" in page.form("/start").buttons
        assert subscriptions(books, ada) == []

    def test_a_wrong_one_typed_as_the_button_is_pressed_counts_once_and_is_said_first(self, ada, visit, books, world):
        browser = visit(ada["customer"])
        form = offered(browser, ada).form("/start")
        world.forget_requests()
        page = browser.submit(form, promotion_code="NONSENSE")
        assert page.status == 422
        assert f"Please check what you entered {UNKNOWN}" in page.text
        assert subscriptions(books, ada) == []
        # They are looked for among their own, and among everybody's.
        assert len([call for call in world.requests() if call["path"] == "/v1/promotion_codes"]) == 2

    def test_it_is_kept_while_a_card_is_added(self, world, visit, books):
        code(books, "SPRING20", percent_off=20, duration="forever")
        finn = world.live("new")
        browser = visit(finn["customer"])
        page = browser.submit(asked(browser, finn, "SPRING20").form("/payment-methods/new"))
        assert any("promotion_code=SPRING20" in link for link in page.links)
        assert "promotion_code=SPRING20" in page.form("/payment-methods").fields["back"]


@pytest.mark.feature(120)
class TestThroughCheckout:
    @pytest.fixture
    def host(self, world):
        with hosting(world, features=starting(through="checkout", allow_promotion_codes=True)) as served:
            yield served

    def test_without_a_code_stripe_s_page_has_the_field(self, ada, visit, books):
        code(books, "SPRING20", percent_off=20, duration="forever")
        browser = visit(ada["customer"])
        url = way(set_out(browser, ada))
        (begun,) = visits(books, ada)
        assert (begun.allow_promotion_codes, begun.discounts) == (True, None)
        assert pay(url)

    def test_a_code_that_was_given_here_is_on_it(self, ada, visit, books):
        spring = code(books, "SPRING20", percent_off=20, duration="forever")
        browser = visit(ada["customer"])
        page = asked(browser, ada, "SPRING20")
        assert rows_of(page)[-1] == ("Due now", 2320)
        url = way(browser.send(page.form("/checkout")))
        (begun,) = visits(books, ada)
        assert begun.allow_promotion_codes is None
        assert [one.promotion_code for one in begun.discounts] == [spring.id]
        assert begun.amount_total == 2320
        assert "Pro has started" in browser.get(pay(url)).text
        assert books.charged(ada["customer"]) == 2320

    def test_where_no_codes_are_taken_stripe_s_page_takes_none_either(self, world, ada, visit, books):
        with hosting(world, features=starting(through="checkout")) as host:
            set_out(visit(ada["customer"], at=host), ada)
        (begun,) = visits(books, ada)
        assert begun.allow_promotion_codes is None
