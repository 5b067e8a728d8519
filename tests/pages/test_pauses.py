"""Pausing: for a preset time or until resumed, what it takes off the next bill, and the one click that does it."""

from __future__ import annotations

import pytest

from portal_embed import Configuration, Features, Hooks
from portal_embed.billing.pauses import ends
from portal_embed.config import PauseDuration, PauseInterval, PauseOffer, SubscriptionPause
from tests.pages.people import DAY, Calendar
from tests.serving import hosting

TWENTIETH_OF_NOVEMBER = 1_795_132_800
"""A month of thirty days, in 2026."""

pytestmark = pytest.mark.feature(78)

LENGTHS = (PauseInterval(), PauseInterval(interval_count=2), PauseInterval(interval="week"))
PAUSING = Features(
    subscription_pause=SubscriptionPause(
        enabled=True, duration=PauseDuration(type="indefinite", interval_options=LENGTHS)
    )
)


@pytest.fixture(autouse=True)
def calendar(world):
    return Calendar(world, TWENTIETH_OF_NOVEMBER)


@pytest.fixture
def host(world, calendar):
    with hosting(world, clock=calendar, features=PAUSING) as served:
        yield served


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10)


def page_of(browser, life):
    return browser.get(f"/subscriptions/{life['subscription']}/pause")


def pause(browser, life, length="month:2"):
    return browser.submit(page_of(browser, life).form("/pause"), length=length)


def resumes_at(books, life):
    """When the schedule of a pause ends it; None for a pause without an end."""
    schedule = books.subscription(life["subscription"]).schedule
    return books.api.subscription_schedules.retrieve(schedule).pause_schedules[0].resume.resume_at if schedule else None


def waiting(books, life):
    """What waits for the next bill, in cents."""
    return sum(
        item.amount for item in books.api.invoice_items.list({"customer": life["customer"], "pending": True}).data
    )


class TestThePage:
    @pytest.mark.feature(80)
    def test_it_says_what_is_taken_off_the_next_bill_when_it_goes_on_and_what_is_billed_then(self, visit, ada, world):
        page = page_of(visit(ada["customer"]), ada)
        assert "Pause Pro" in page.text
        assert "Taken off your next bill $19.33" in page.text
        assert [page.form("/pause").choices["length"]] == [["month:1", "month:2", "week:1", "indefinite"]]
        for words in ("One month", "2 months", "One week", "Until I resume it"):
            assert words in page.text
        assert page.text.count("$9.67 is billed") == 4

    @pytest.mark.feature(80)
    @pytest.mark.parametrize("currency", ["usd", "jpy"])
    def test_what_it_shows_is_what_waits_and_what_is_billed_in_the_end(self, visit, books, world, currency, calendar):
        customer = books.customer()
        coupon = books.api.coupons.create({"percent_off": 10, "duration": "forever"}).id
        price = books.price(3000, currency=currency)
        life = {"customer": customer, "subscription": books.subscribe(customer, price, discounts=[{"coupon": coupon}])}
        calendar.move(20)
        browser = visit(customer)
        page = page_of(browser, life)
        credit, then = {"usd": ("$9.00", "$18.00"), "jpy": ("¥900", "¥1,800")}[currency]
        assert f"Taken off your next bill {credit}" in page.text
        assert f"{then} is billed then" in page.text
        pause(browser, life, "month:1")
        assert waiting(books, life) == -900
        before = books.charged(customer)
        calendar.move(31)
        assert books.charged(customer) - before == 1800
        assert books.subscription(life["subscription"]).status == "active"

    def test_a_discount_that_passes_is_told_and_no_sum_is_promised(self, visit, books, world, calendar):
        customer = books.customer()
        coupon = books.api.coupons.create({"percent_off": 50, "duration": "repeating", "duration_in_months": 2}).id
        life = {"customer": customer}
        life["subscription"] = books.subscribe(customer, books.price(3000), discounts=[{"coupon": coupon}])
        calendar.move(5)
        page = page_of(visit(customer), life)
        assert "Your discount does not wait" in page.text
        assert "is billed as usual then" in page.text

    def test_with_several_intervals_no_sum_is_promised(self, visit, books, calendar):
        life = {"customer": books.customer()}
        items = [{"price": books.price(500)}, {"price": books.price(40000, "year")}]
        life["subscription"] = books.api.subscriptions.create({"customer": life["customer"], "items": items}).id
        calendar.move(10)
        page = page_of(visit(life["customer"]), life)
        assert "is billed as usual then" in page.text
        assert "$0.00 is billed" not in page.text

    def test_a_sum_off_that_what_waits_would_use_up_is_not_promised_twice(self, visit, books, world, calendar):
        price, customer = books.price(3000), books.customer()
        books.api.coupons.create({"id": "FIVE", "amount_off": 500, "currency": "usd", "duration": "forever"})
        made = {"customer": customer, "items": [{"price": price}], "discounts": [{"coupon": "FIVE"}]}
        life = {"customer": customer, "subscription": books.api.subscriptions.create(made).id}
        books.api.invoice_items.create({**life, "amount": 700, "currency": "usd"})
        page = page_of(visit(customer), life)
        assert "and is billed as usual then." in page.text

    def test_a_discount_of_a_part_alone_that_passes_is_told_too(self, visit, books, calendar):
        price, customer = books.price(3000), books.customer()
        books.api.coupons.create({"id": "HALF", "percent_off": 50, "duration": "repeating", "duration_in_months": 3})
        items = [{"price": price, "discounts": [{"coupon": "HALF"}]}]
        made = books.api.subscriptions.create({"customer": customer, "items": items}).id
        page = page_of(visit(customer), {"subscription": made})
        assert "Your discount does not wait" in page.text
        assert "and is billed as usual then." in page.text

    def test_nothing_chosen_is_said_in_place(self, visit, ada, books):
        browser = visit(ada["customer"])
        form = page_of(browser, ada).form("/pause")
        for wrong in ("", "month:3", "decade:1", "month"):
            page = browser.submit(form, length=wrong)
            assert page.status in {409, 422}
        assert books.subscription(ada["subscription"]).status == "active"
        page = browser.submit(page_of(browser, ada).form("/pause"), length="month:3")
        assert (page.status, "Choose for how long" in page.text) == (422, True)


class TestItIsPaused:
    @pytest.mark.feature(79)
    def test_for_two_months_and_it_goes_on_by_itself(self, visit, ada, books, world, calendar):
        browser = visit(ada["customer"])
        page = pause(browser, ada)
        until = resumes_at(books, ada)
        assert 59 * DAY <= until - calendar() <= 62 * DAY
        assert "Pro is paused" in page.text
        assert "Then it goes on by itself" in page.text
        assert "It has been paused since" in page.text
        assert "It goes on by itself on" in page.text
        invoices = len(books.invoices(ada["customer"]))
        calendar.move(58)
        assert len(books.invoices(ada["customer"])) == invoices
        calendar.move(5)
        assert books.subscription(ada["subscription"]).status == "active"

    @pytest.mark.feature(79)
    @pytest.mark.parametrize("length", LENGTHS, ids=str)
    def test_the_day_on_the_page_is_the_day_that_stripe_plans(self, visit, ada, books, calendar, length):
        pause(visit(ada["customer"]), ada, f"{length.interval}:{length.interval_count}")
        assert resumes_at(books, ada) == ends(length, calendar())

    def test_until_it_is_resumed(self, visit, ada, books, world, calendar):
        page = pause(visit(ada["customer"]), ada, "indefinite")
        assert "You are not charged until you resume it." in page.text
        assert "It stays paused until you resume it." in page.text
        assert (books.subscription(ada["subscription"]).status, resumes_at(books, ada)) == ("paused", None)
        calendar.move(400)
        assert books.subscription(ada["subscription"]).status == "paused"

    def test_once_however_often_it_is_clicked(self, visit, ada, books):
        browser = visit(ada["customer"])
        form = page_of(browser, ada).form("/pause")
        for _ in range(3):
            assert "Pro is paused" in browser.submit(form, length="month:1").text
        assert len(books.api.subscription_schedules.list({"customer": ada["customer"]}).data) == 1
        assert waiting(books, ada) == -1933

    def test_a_pause_after_one_that_is_over_finds_no_schedule_in_its_way(self, visit, ada, books, world, calendar):
        browser = visit(ada["customer"])
        pause(browser, ada, "week:1")
        calendar.move(8)
        assert books.subscription(ada["subscription"]).status == "active"
        assert books.subscription(ada["subscription"]).schedule is not None
        later = visit(ada["customer"])
        assert later.get("/").leads_to("/pause")
        assert "Pro is paused" in pause(later, ada, "month:1").text
        assert books.subscription(ada["subscription"]).status == "paused"

    @pytest.mark.feature(82)
    def test_in_classic_mode_its_bills_are_dropped_and_nothing_is_credited(self, visit, books, world, calendar):
        old = world.live("monthly", days=10, billing_mode="classic")
        browser = visit(old["customer"])
        page = page_of(browser, old)
        assert "Bills that fall into the pause are dropped. Pro itself goes on." in page.text
        assert "nothing that you have paid for already is given back" in page.text
        assert "No bill falls into this time." in page.text
        assert "Taken off" not in page.text
        page = pause(browser, old)
        assert "Billing for Pro is paused" in page.text
        collection = books.subscription(old["subscription"]).pause_collection
        assert (collection.behavior, waiting(books, old)) == ("void", 0)
        assert 59 * DAY <= collection.resumes_at - calendar() <= 62 * DAY
        charged = books.charged(old["customer"])
        calendar.move(55)
        assert books.charged(old["customer"]) == charged
        calendar.move(40)
        assert books.charged(old["customer"]) == charged + 2900

    @pytest.mark.feature(82)
    def test_in_classic_mode_without_an_end(self, visit, books, world):
        old = world.live("monthly", days=10, billing_mode="classic")
        assert "No bill is charged until you resume." in pause(visit(old["customer"]), old, "indefinite").text
        assert books.subscription(old["subscription"]).pause_collection.resumes_at is None

    def test_an_offer_before_leaving_is_the_same_pause_and_shown_the_same_way(self, world, visit, ada, books, calendar):
        hooks = Hooks(offers=lambda _leaving: [PauseOffer(2)])
        with hosting(world, clock=calendar, hooks=hooks) as host:
            browser = visit(ada["customer"], at=host)
            offers = browser.submit(
                browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
            )
            page = browser.submit(offers.form("/retention"))
            assert "Pro is paused You are not charged until" in page.text
            assert "It goes on by itself on" in page.text
            assert page.leads_to("/resumption")
        assert resumes_at(books, ada) is not None


class TestWhoMay:
    def test_off_as_it_comes(self, world, visit, ada, calendar):
        with hosting(world, clock=calendar) as plain:
            browser = visit(ada["customer"], at=plain)
            assert not browser.get("/").leads_to("/pause")
            assert page_of(browser, ada).status == 404

    def test_switched_off_by_the_session_s_configuration(self, world, visit, ada, books, calendar):
        with hosting(
            world, clock=calendar, features=PAUSING, configurations={"off": Configuration(features=Features())}
        ) as host:
            browser, quiet = visit(ada["customer"], at=host), visit(ada["customer"], at=host, configuration="off")
            form = page_of(browser, ada).form("/pause")
            csrf = quiet.get("/").form("/session/end").fields["_csrf"]
            assert quiet.submit(form, length="month:1", _csrf=csrf).status == 404
        assert books.subscription(ada["subscription"]).status == "active"

    def test_a_stranger_s_is_not_found(self, visit, ada, books, world):
        mallory = world.live("monthly", days=10, name="Mallory")
        browser = visit(mallory["customer"])
        assert page_of(browser, ada).status == 404
        form = page_of(browser, mallory).form("/pause")
        form.action = form.action.replace(mallory["subscription"], ada["subscription"])
        assert browser.submit(form, length="month:1").status == 404
        assert books.subscription(ada["subscription"]).status == "active"

    def test_a_reader_sees_no_button(self, visit, ada):
        browser = visit(ada["customer"], scopes="view")
        assert not browser.get("/").leads_to("/pause")
        assert page_of(browser, ada).status == 403

    @pytest.mark.parametrize(
        ("life", "words"),
        [
            ("trialing", "It can be paused once its trial is over."),
            ("past_due", "Pay the open invoice first"),
        ],
    )
    def test_why_it_cannot_be_paused_stands_on_the_card(self, visit, world, life, words):
        somebody = world.live(life)
        browser = visit(somebody["customer"])
        overview = browser.get("/")
        assert words in overview.text
        assert not overview.leads_to("/pause")
        assert page_of(browser, somebody).status == 409

    def test_what_has_changed_since_the_page_was_opened_counts(self, visit, ada, books):
        browser = visit(ada["customer"])
        form = page_of(browser, ada).form("/pause")
        books.api.subscriptions.update(ada["subscription"], {"cancel_at_period_end": True})
        assert browser.submit(form, length="month:1").status == 409
        now = books.subscription(ada["subscription"])
        assert (now.status, now.schedule) == ("active", None)

    def test_what_is_paused_already_is_shown_and_not_asked_again(self, visit, world):
        paula = world.live("paused")
        page = page_of(visit(paula["customer"]), paula)
        assert "Pro is paused" in page.text


class TestByALink:
    """`flow_data` of type `subscription_pause`."""

    @pytest.fixture
    def enter(self, visit, ada, host):
        def entered(**completion):
            flow = {"type": "subscription_pause", "subscription_pause": {"subscription": ada["subscription"]}}
            if completion:
                flow["after_completion"] = completion
            return visit(ada["customer"], at=host, flow_data=flow)

        return entered

    def test_it_pauses_and_says_so(self, enter, books, ada):
        browser = enter(type="hosted_confirmation", hosted_confirmation={"custom_message": "See you soon."})
        page = browser.get("/flow")
        assert not page.leads_to("/cancellation")
        done = browser.submit(page.form("/pause"), length="month:1")
        assert "Pro is paused" in done.text
        assert "See you soon." in done.text
        assert books.subscription(ada["subscription"]).status == "paused"

    def test_and_nothing_else(self, enter, ada):
        browser = enter()
        for page in ("plan", "cancellation", "resumption"):
            assert browser.get(f"/subscriptions/{ada['subscription']}/{page}").status == 404

    def test_afterwards_the_whole_portal(self, enter):
        browser = enter(type="portal_homepage")
        page = browser.submit(browser.get("/flow").form("/pause"), length="month:1")
        assert "Pro is paused" in page.text
        assert page.leads_to("/resumption")
