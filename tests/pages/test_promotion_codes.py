"""Promotion codes: put on, refused, guessed; and discounts taken off: what Stripe's books and the pages say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from portal_embed import Features, Hooks
from portal_embed.access import limits
from portal_embed.config import SubscriptionUpdate
from tests.pages.people import DAY
from tests.serving import hosting, server

CODES = Features(
    subscription_update=SubscriptionUpdate(default_allowed_updates=("price", "quantity", "promotion_code"))
)
UNKNOWN = "This code is not valid here."


@pytest.fixture
def host(world):
    with hosting(world, features=CODES) as served:
        yield served


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10)


@pytest.fixture
def spring(books):
    """20 % off for six months."""
    return code(books, "SPRING20", percent_off=20, duration="repeating", duration_in_months=6)


def code(books, word, *, applies_to=None, coupon=None, restrictions=None, customer=None, **coupon_of):
    more = {"applies_to": {"products": applies_to}} if applies_to else {}
    id = coupon or books.api.coupons.create({**coupon_of, **more}).id
    params = {"promotion": {"type": "coupon", "coupon": id}, "code": word}
    if restrictions:
        params["restrictions"] = restrictions
    if customer:
        params["customer"] = customer
    return books.api.promotion_codes.create(params)


def look_up(browser, life, word):
    page = browser.get(f"/subscriptions/{life['subscription']}/promotion-code")
    assert page.status == 200, page.text
    return browser.submit(page.form("/promotion-code"), code=word)


def put_on(browser, life, word):
    return browser.submit(look_up(browser, life, word).form("/discounts"))


def on(books, life):
    return list(books.subscription(life["subscription"]).discounts)


def removal(browser):
    return browser.get(next(link for link in browser.get("/").links if link.endswith("/removal")))


@pytest.mark.feature(72)
class TestUsingACode:
    def test_it_shows_the_next_bill_without_and_with_it_and_writes_nothing_yet(self, ada, spring, visit, books):
        books.world.forget_requests()
        page = look_up(visit(ada["customer"]), ada, "spring20")
        assert "20% off for 6 months" in page.text
        assert "Without SPRING20 $29.00 With SPRING20 $23.20" in page.text
        assert books.writes() == []

    def test_the_next_bill_is_what_was_shown(self, ada, spring, visit, books, world):
        page = put_on(visit(ada["customer"]), ada, " SPRING20 ")
        assert "Your discount is in force 20% off with SPRING20 until" in page.text
        before = books.charged(ada["customer"])
        world.move_clock(31 * DAY)
        assert books.charged(ada["customer"]) == before + 2320

    @pytest.mark.feature(26)
    def test_the_card_says_what_is_in_force_and_leads_to_both(self, ada, spring, visit):
        browser = visit(ada["customer"])
        put_on(browser, ada, "SPRING20")
        page = browser.get("/")
        assert "Discount 20% off with SPRING20 until" in page.text
        assert page.leads_to("/promotion-code")
        assert page.leads_to("/removal")

    def test_what_was_on_it_stays(self, ada, spring, visit, books):
        books.api.coupons.create({"id": "OLD", "amount_off": 100, "currency": "usd", "duration": "forever"})
        books.api.subscriptions.update(ada["subscription"], {"discounts": [{"coupon": "OLD"}]})
        before = on(books, ada)
        page = put_on(visit(ada["customer"]), ada, "SPRING20")
        assert on(books, ada)[:1] == before
        assert len(on(books, ada)) == 2
        assert "$1.00 off for good" in page.text
        assert "20% off with SPRING20" in page.text

    def test_the_same_form_again_puts_nothing_on_twice(self, ada, spring, visit, books):
        browser = visit(ada["customer"])
        form = look_up(browser, ada, "SPRING20").form("/discounts")
        pages = [browser.submit(form) for _ in range(3)]
        assert all("Your discount is in force" in page.text for page in pages)
        assert len(on(books, ada)) == 1

    def test_two_forms_at_once_put_it_on_once(self, ada, spring, visit, books):
        browser = visit(ada["customer"])
        forms = [look_up(browser, ada, "SPRING20").form("/discounts") for _ in range(2)]
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(browser.submit, forms))
        assert {page.status for page in answers} == {200}
        assert len(on(books, ada)) == 1

    def test_a_lost_answer_is_looked_up(self, ada, spring, visit, books, world):
        browser = visit(ada["customer"])
        form = look_up(browser, ada, "SPRING20").form("/discounts")
        world.fail("^/v1/subscriptions/[^/]+$", method="POST", status=500, when="after", times=99)
        page = browser.submit(form)
        world.heal()
        assert "Your discount is in force" in page.text
        assert len(on(books, ada)) == 1

    def test_a_code_that_was_not_looked_up_here_is_refused(self, ada, spring, visit, books):
        other = code(books, "ANOTHER", percent_off=90, duration="forever")
        browser = visit(ada["customer"])
        form = look_up(browser, ada, "SPRING20").form("/discounts")
        assert browser.submit(form, promotion_code=other.id).status == 403
        assert on(books, ada) == []

    def test_one_that_ends_between_is_refused_with_its_reason_and_nothing_is_written(self, ada, spring, visit, books):
        browser = visit(ada["customer"])
        form = look_up(browser, ada, "SPRING20").form("/discounts")
        books.api.promotion_codes.update(spring.id, {"active": False})
        page = browser.submit(form)
        assert page.status == 409
        assert UNKNOWN in page.text
        assert "Nothing was charged and nothing was changed." in page.text
        assert on(books, ada) == []

    def test_the_address_may_bring_a_code_which_is_only_filled_in(self, ada, spring, visit, world):
        browser = visit(ada["customer"])
        world.forget_requests()
        page = browser.get(f"/subscriptions/{ada['subscription']}/promotion-code?code=SPRING20")
        assert page.form("/promotion-code").fields["code"] == "SPRING20"
        assert not [call for call in world.requests() if "promotion_codes" in call["path"]]

    def test_the_host_hears_of_it(self, ada, spring, world, visit, books):
        told = []
        with hosting(world, features=CODES, hooks=Hooks(event=told.append)) as host:
            browser = visit(ada["customer"], at=host)
            put_on(browser, ada, "SPRING20")
            browser.submit(removal(browser).form("/removal"))
            server().run(host.portal._services.outbox.drain())
        kinds = [(event.type, event.object) for event in told if event.type.startswith("subscription.")]
        assert kinds == [
            ("subscription.discount_added", ada["subscription"]),
            ("subscription.discount_removed", ada["subscription"]),
        ]

    def test_off_by_default_as_at_stripe(self, ada, world, visit):
        with hosting(world) as host:
            browser = visit(ada["customer"], at=host)
            assert not browser.get("/").leads_to("/promotion-code")
            assert browser.get(f"/subscriptions/{ada['subscription']}/promotion-code").status == 404

    def test_what_the_table_forbids_has_no_link_and_no_page(self, world, visit):
        dan = world.live("canceling")
        browser = visit(dan["customer"])
        assert not browser.get("/").leads_to("/promotion-code")
        page = browser.get(f"/subscriptions/{dan['subscription']}/promotion-code")
        assert page.status == 409
        assert "It is going to end." in page.text

    def test_yen_have_no_cents(self, visit, books):
        customer = books.customer()
        plan = books.subscribe(customer, books.price(3000, currency="jpy"))
        code(books, "YEN", amount_off=500, currency="jpy", duration="once")
        page = look_up(visit(customer), {"subscription": plan}, "YEN")
        assert "¥500 off the next bill" in page.text
        assert "Without YEN ¥3,000 With YEN ¥2,500" in page.text


@pytest.mark.feature(71)
@pytest.mark.feature(72)
class TestRefusals:
    def test_each_says_why(self, ada, visit, books):
        product = books.api.products.create({"name": "Another"}).id
        code(books, "OTHER", percent_off=10, duration="once", applies_to=[product])
        code(books, "EURO", amount_off=500, currency="eur", duration="once")
        first = {"first_time_transaction": True}
        code(books, "WELCOME", percent_off=10, duration="once", restrictions=first)
        dear = {"minimum_amount": 5000, "minimum_amount_currency": "usd"}
        code(books, "DEAR", percent_off=10, duration="once", restrictions=dear)
        browser = visit(ada["customer"])
        said = {word: look_up(browser, ada, word) for word in ("OTHER", "EURO", "WELCOME", "DEAR", "")}
        assert {page.status for page in said.values()} == {422}
        assert "not for what you have subscribed to" in said["OTHER"].text
        assert "not for the currency" in said["EURO"].text
        assert "for new customers only" in said["WELCOME"].text
        assert "for plans of $50.00 and more" in said["DEAR"].text
        assert "Enter a promotion code" in said[""].text
        assert on(books, ada) == []

    def test_what_is_in_force_is_said_to_be(self, ada, spring, visit):
        browser = visit(ada["customer"])
        put_on(browser, ada, "SPRING20")
        assert "This discount is in force already." in look_up(browser, ada, "SPRING20").text

    def test_nobody_can_tell_whether_there_is_a_code_for_somebody_else(self, ada, visit, books, world):
        code(books, "BOBS", percent_off=10, duration="once", customer=books.customer())
        ended = code(books, "ENDED", percent_off=10, duration="once")
        books.api.promotion_codes.update(ended.id, {"active": False})
        browser = visit(ada["customer"])
        look_up(browser, ada, "FIRST")  # products are kept from now on
        asked = {}
        said = set()
        for word in ("BOBS", "ENDED", "NEVERWAS"):
            world.forget_requests()
            page = look_up(browser, ada, word)
            said.add((page.status, page.text))
            asked[word] = sorted((call["method"], call["path"]) for call in world.requests())
        assert len(said) == 1
        assert UNKNOWN in said.pop()[1]
        assert asked["BOBS"] == asked["ENDED"] == asked["NEVERWAS"]

    def test_a_code_of_their_own_is_found_among_others_with_the_same_letters(self, ada, visit, books):
        for customer in (books.customer(), ada["customer"], books.customer()):
            code(books, "LOYAL", percent_off=10, duration="once", customer=customer)
        assert "10% off the next bill" in look_up(visit(ada["customer"]), ada, "LOYAL").text

    @pytest.mark.parametrize("word", ["two words", "ö", "a/../b", "<b>", "x" * 501])
    def test_what_cannot_be_a_code_never_reaches_stripe(self, word, ada, visit, world):
        browser = visit(ada["customer"])
        world.forget_requests()
        assert UNKNOWN in look_up(browser, ada, word).text
        assert not [call for call in world.requests() if "promotion_codes" in call["path"]]

    @pytest.fixture
    def by_steps(self, books):
        """A plan by steps, so that only Stripe knows what it comes to; and a code for dear ones."""
        dear = {"minimum_amount": 5000, "minimum_amount_currency": "usd"}
        code(books, "DEAR", percent_off=10, duration="once", restrictions=dear)
        steps = [{"up_to": 5, "unit_amount": 1000}, {"up_to": "inf", "unit_amount": 900}]
        customer, more = books.customer(), {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": steps}
        product = books.api.products.create({"name": "Seats"}).id
        recurring = {"interval": "month"}
        price = books.api.prices.create({"currency": "usd", "recurring": recurring, "product": product, **more}).id
        return {"customer": customer, "subscription": books.subscribe(customer, price, quantity=5)}

    def lower(self, books, life):
        item = books.subscription(life["subscription"])["items"].data[0].id
        books.api.subscription_items.update(item, {"quantity": 4, "proration_behavior": "none"})

    def test_where_stripe_knows_a_reason_that_we_do_not_it_has_the_last_word(self, by_steps, visit, books):
        browser = visit(by_steps["customer"])
        assert "10% off the next bill" in look_up(browser, by_steps, "DEAR").text
        self.lower(books, by_steps)
        page = look_up(browser, by_steps, "DEAR")
        assert page.status == 422
        assert "This code cannot be used for this subscription." in page.text

    def test_so_it_has_where_it_refuses_only_when_it_is_asked_to_write(self, by_steps, visit, books):
        browser = visit(by_steps["customer"])
        form = look_up(browser, by_steps, "DEAR").form("/discounts")
        self.lower(books, by_steps)
        page = browser.submit(form)
        assert page.status == 409
        assert "This code cannot be used for this subscription." in page.text
        assert on(books, by_steps) == []

    def test_a_key_that_stripe_refuses_is_not_the_code_s_fault(self, ada, spring, visit, books, world):
        browser = visit(ada["customer"])
        form = look_up(browser, ada, "SPRING20").form("/discounts")
        world.fail("^/v1/subscriptions/[^/]+$", method="POST", status=401, times=9)
        page = browser.submit(form)
        world.heal()
        assert page.status == 502
        assert "Something is wrong on our side." in page.text


@pytest.mark.feature(72)
class TestGuessing:
    @pytest.fixture(autouse=True)
    def _as_in_live_mode(self, monkeypatch):
        monkeypatch.setattr(limits, "TEST_MODE_FACTOR", 1)

    @pytest.fixture
    def host(self, world):
        with hosting(world, features=CODES) as served:
            yield served

    def test_after_too_many_wrong_ones_the_right_one_is_not_taken_either(self, ada, spring, visit, world):
        browser = visit(ada["customer"])
        form = browser.get(f"/subscriptions/{ada['subscription']}/promotion-code").form("/promotion-code")
        most = limits.PROMOTION_GUESSES.times
        said = [browser.submit(form, code=f"GUESS{number}").status for number in range(most + 1)]
        assert said == [*[422] * most, 429]
        world.forget_requests()
        # From another session too.
        page = look_up(visit(ada["customer"]), ada, "SPRING20")
        assert page.status == 429
        assert "Too many codes" in page.text
        assert not [call for call in world.requests() if "promotion_codes" in call["path"]]

    def test_right_ones_do_not_count(self, ada, spring, visit):
        browser = visit(ada["customer"])
        form = browser.get(f"/subscriptions/{ada['subscription']}/promotion-code").form("/promotion-code")
        for _ in range(limits.PROMOTION_GUESSES.times + 2):
            assert browser.submit(form, code="SPRING20").status == 200

    def test_many_at_once_are_not_one(self, ada, visit, world):
        browser = visit(ada["customer"])
        form = browser.get(f"/subscriptions/{ada['subscription']}/promotion-code").form("/promotion-code")
        most = limits.PROMOTION_GUESSES.times
        world.fail("^/v1/promotion_codes$", status=None, delay=0.05, times=None)
        world.forget_requests()
        with ThreadPoolExecutor(4) as threads:
            said = list(threads.map(lambda n: browser.submit(form, code=f"GUESS{n}").status, range(most + 8)))
        asked = [call for call in world.requests() if call["path"] == "/v1/promotion_codes"]
        world.heal()
        assert said.count(422) == most
        # The one that was too many was looked up too, in two calls as every other.
        assert len(asked) == 2 * (most + 1)

    def test_somebody_else_may_still_try(self, ada, spring, visit, world):
        browser, bob = visit(ada["customer"]), world.live("monthly", days=10)
        form = browser.get(f"/subscriptions/{ada['subscription']}/promotion-code").form("/promotion-code")
        for number in range(limits.PROMOTION_GUESSES.times + 1):
            browser.submit(form, code=f"GUESS{number}")
        assert "20% off" in look_up(visit(bob["customer"]), bob, "SPRING20").text


@pytest.mark.feature(73)
class TestTakingOneOff:
    @pytest.fixture
    def saver(self, ada, spring, visit):
        saver = visit(ada["customer"])
        put_on(saver, ada, "SPRING20")
        return saver

    def test_it_asks_once_and_says_what_the_next_bill_is(self, ada, saver, books):
        page = removal(saver)
        assert "With the discount $23.20 Without it $29.00" in page.text
        assert "SPRING20 may not be accepted again" in page.text
        assert len(on(books, ada)) == 1

    def test_afterwards_the_bill_is_in_full(self, ada, saver, books, world):
        page = saver.submit(removal(saver).form("/removal"))
        assert "The discount was taken off" in page.text
        assert "SPRING20" not in page.text
        before = books.charged(ada["customer"])
        world.move_clock(31 * DAY)
        assert books.charged(ada["customer"]) == before + 2900

    def test_the_others_stay(self, ada, saver, books):
        books.api.coupons.create({"id": "OLD", "amount_off": 100, "currency": "usd", "duration": "forever"})
        (spring,) = on(books, ada)
        discounts = [{"discount": spring}, {"coupon": "OLD"}]
        old = books.api.subscriptions.update(ada["subscription"], {"discounts": discounts}).discounts[1]
        saver.submit(saver.get(f"/discounts/{spring}/removal").form("/removal"))
        assert on(books, ada) == [old]

    def test_one_of_a_single_item_goes_without_a_proration(self, ada, visit, books):
        books.api.coupons.create({"id": "ITEM", "percent_off": 50, "duration": "forever"})
        item = books.subscription(ada["subscription"])["items"].data[0].id
        books.api.subscriptions.update(
            ada["subscription"], {"items": [{"id": item, "discounts": [{"coupon": "ITEM"}]}]}
        )
        invoices = len(books.invoices(ada["customer"]))
        browser = visit(ada["customer"])
        page = removal(browser)
        assert "50% off for good" in page.text
        assert "With the discount $14.50 Without it $29.00" in page.text
        assert "50% off" not in browser.submit(page.form("/removal")).text
        assert books.subscription(ada["subscription"])["items"].data[0].discounts == []
        assert len(books.invoices(ada["customer"])) == invoices
        assert books.api.invoice_items.list({"customer": ada["customer"], "pending": True}).data == []

    def test_the_same_form_again_is_content(self, ada, saver, books):
        form = removal(saver).form("/removal")
        assert [saver.submit(form).status for _ in range(2)] == [200, 200]
        assert on(books, ada) == []

    def test_a_lost_answer_is_looked_up(self, ada, saver, books, world):
        form = removal(saver).form("/removal")
        world.fail("^/v1/subscriptions/[^/]+$", method="POST", status=500, when="after", times=99)
        page = saver.submit(form)
        world.heal()
        assert "The discount was taken off" in page.text
        assert on(books, ada) == []

    def test_an_address_alone_does_not_say_that_one_was_taken_off(self, ada, saver):
        page = saver.get(f"/?done=discount_removed&of={ada['subscription']}")
        assert "taken off" not in page.text

    def test_the_form_is_of_this_subscription_alone(self, ada, saver, books, world):
        form = removal(saver).form("/removal")
        other = world.live("monthly", days=10)["subscription"]
        assert saver.submit(form, subscription=other).status in {403, 404}
        assert len(on(books, ada)) == 1

    def test_without_a_preview_it_can_still_be_taken_off(self, ada, saver, books, world):
        world.fail("^/v1/invoices/create_preview$", status=400, times=99)
        page = removal(saver)
        assert page.status == 200
        world.heal()
        saver.submit(page.form("/removal"))
        assert on(books, ada) == []
