"""The page of one subscription: its parts, tiers and use, what is planned and what waits; and those that are over."""

from __future__ import annotations

import re

import pytest

from tests.pages.people import DAY

pytestmark = pytest.mark.feature(22)


def page_of(visit, life, **session):
    return visit(life["customer"], **session).get(f"/subscriptions/{life['subscription']}")


def test_the_name_on_the_overview_leads_there_and_what_may_be_done_stands_there_too(world, visit):
    ada = world.live("monthly", days=10)
    browser = visit(ada["customer"])
    page = browser.get(browser.get("/").link("Pro"))
    assert page.title.startswith("Pro")
    assert "$29.00 a month" in page.text
    for end in ("/plan", "/cancellation", "/next-charge", "/payment-methods"):
        assert page.leads_to(end), end


@pytest.mark.feature(25)
def test_the_next_bill_is_one_link_away_and_the_period_stands_there(world, visit):
    page = page_of(visit, world.live("monthly", days=10))
    assert "Next charge" in page.text
    assert re.search(r"Billing period \d+ \w+ \d{4} to \d+ \w+ \d{4}", page.text)
    assert re.search(r"Latest invoices \S+-0001 Paid", page.text)


def test_who_may_only_look_has_no_way_to_change_anything(world, visit):
    page = page_of(visit, world.live("monthly", days=10), scopes=["subscriptions:read"])
    assert page.status == 200
    assert not any(page.leads_to(end) for end in ("/plan", "/cancellation", "/payment-methods", "/invoices"))
    assert "Latest invoices" not in page.text


@pytest.mark.feature(24)
class TestParts:
    def test_each_part_has_its_number_its_unit_price_and_its_price(self, world, visit):
        page = page_of(visit, world.live("several_items"))
        assert "Scale Monthly 4 $15.00 $60.00 a month" in page.text
        assert "Storage Monthly $0.025 per GB" in page.text

    @pytest.mark.parametrize(
        ("mode", "words"),
        [("graduated", "only for what goes beyond it"), ("volume", "is the price of all of them")],
    )
    def test_tiers_are_read_and_told(self, mode, words, world, visit):
        page = page_of(visit, world.live("metered", tiers_mode=mode))
        assert "1 to 1,000 Free" in page.text
        assert "1,001 to 10,000 $0.002" in page.text
        assert "10,001 and more $0.0015 $5.00" in page.text
        assert words in page.text

    def test_the_tiers_are_read_once_a_minute(self, world, visit):
        liv = world.live("metered")
        browser = visit(liv["customer"])
        for _ in range(2):
            browser.get(f"/subscriptions/{liv['subscription']}")
        assert [c["path"] for c in world.requests()].count(f"/v1/prices/{liv['price']}") == 1

    def test_a_sum_in_yen_and_a_price_below_a_yen(self, world, books, visit):
        customer = books.customer()
        price = books.price(
            None, currency="jpy", name="Calls", billing_scheme="tiered", tiers_mode="volume",
            tiers=[{"up_to": 10, "unit_amount": 500}, {"up_to": "inf", "unit_amount_decimal": "0.5"}],
        )  # fmt: skip
        page = visit(customer).get(f"/subscriptions/{books.subscribe(customer, price, 3)}")
        assert "1 to 10 ¥500" in page.text
        assert "11 and more ¥0.5" in page.text


@pytest.mark.feature(31)
class TestUsage:
    def test_the_use_of_this_period_in_one_sum_and_by_day(self, world, visit):
        page = page_of(visit, world.live("metered"))
        assert re.search(r"Used since \d+ \w+ \d{4} 3,300 API call", page.text)
        assert re.search(r"Day Used \d+ \w+ \d{4} 932 \d+ \w+ \d{4} 88 ", page.text)

    def test_the_use_of_an_earlier_period_is_not_counted(self, world, visit):
        liv = world.live("metered")
        world.move_clock(30 * DAY)
        page = page_of(visit, liv)
        assert re.search(r"Used since \d+ \w+ \d{4} 0 API call", page.text)

    def test_the_next_bill_is_said_to_be_as_of_now(self, world, visit):
        liv = world.live("metered")
        page = visit(liv["customer"]).get(f"/subscriptions/{liv['subscription']}/next-charge")
        assert re.search(r"So far it comes to \$4\.60\. You pay on \d+ \w+ \d{4}\.", page.text)

    def test_without_an_answer_about_use_the_page_still_stands(self, world, visit):
        liv = world.live("metered")
        browser = visit(liv["customer"])
        world.fail("/event_summaries", times=None)
        page = browser.get(f"/subscriptions/{liv['subscription']}")
        assert page.status == 200
        assert "What was used is not known at the moment." in page.text
        assert "1 to 1,000 Free" in page.text

    def test_where_nothing_is_counted_nothing_is_asked(self, world, visit):
        page_of(visit, world.live("monthly", days=10))
        assert not any("/meters/" in call["path"] for call in world.requests())


@pytest.mark.feature(28)
def test_a_planned_change_has_its_sentence_on_card_and_page(world, books, visit):
    ada = world.live("monthly", days=10)
    made = books.api.subscription_schedules.create({"from_subscription": ada["subscription"]})
    now = made.phases[0]
    ahead = {"price": ada["prices"]["starter_monthly"], "quantity": 1}
    books.api.subscription_schedules.update(
        made.id,
        {
            "phases": [
                {
                    "items": [{"price": ada["prices"]["pro_monthly"], "quantity": 1}],
                    "start_date": now.start_date,
                    "end_date": now.end_date,
                },
                {"items": [ahead], "duration": {"interval": "month", "interval_count": 1}},
            ],
        },
    )
    browser = visit(ada["customer"])
    for path in ("/", f"/subscriptions/{ada['subscription']}"):
        page = browser.get(path)
        assert re.search(r"Changes to Starter on \d+ \w+ \d{4}\.", page.text)
        assert "A change is already planned" not in page.text


@pytest.mark.feature(29)
class TestWaiting:
    @pytest.fixture
    def will(self, world, books):
        """One whose bank wants to be asked before the larger plan begins."""
        will = world.live("monthly", price="starter_monthly", days=10)
        books.add(will["customer"], "pm_card_authenticationRequired", default=True)
        item = books.subscription(will["subscription"])["items"].data[0].id
        books.api.subscriptions.update(
            will["subscription"],
            {
                "items": [{"id": item, "price": will["prices"]["pro_monthly"]}],
                "proration_behavior": "always_invoice",
                "payment_behavior": "pending_if_incomplete",
            },
        )
        return will

    def test_from_what_to_what_and_both_ways_on(self, will, visit):
        page = page_of(visit, will)
        assert "Changes to Pro once it is paid." in page.text
        assert "Now Starter, $9.00 a month Then Pro, $29.00 a month" in page.text
        assert page.link("Finish the change").endswith("/payment")
        assert "Pay open invoice" not in page.text

    def test_it_is_dropped_from_there(self, will, visit, books):
        browser = visit(will["customer"])
        page = browser.submit(browser.get(f"/subscriptions/{will['subscription']}").form("/withdrawal"))
        assert "The change was dropped" in page.text
        assert books.subscription(will["subscription"]).pending_update is None

    def test_the_page_for_choosing_a_plan_says_it_and_leads_to_both(self, will, visit):
        browser = visit(will["customer"])
        page = browser.get(f"/subscriptions/{will['subscription']}/plan")
        assert "Changes to Pro once it is paid." in page.text
        assert browser.get(page.link("Finish or drop the change")).form("/withdrawal")

    def test_the_card_says_it_in_one_sentence(self, will, visit):
        assert "Changes to Pro once it is paid." in visit(will["customer"]).get("/").text


@pytest.mark.feature(30)
def test_the_method_in_force_and_why(world, visit):
    erin = world.live("two_subscriptions")
    browser = visit(erin["customer"])
    first, second = (browser.get(f"/subscriptions/{erin[key]}") for key in ("subscription", "second_subscription"))
    assert "4242" in first.text
    assert "Your default payment method." in first.text
    assert "4444" in second.text
    assert "Chosen for this subscription alone." in second.text


@pytest.mark.feature(27)
def test_a_trial_says_until_when(world, visit):
    assert re.search(r"Trial ends \d+ \w+ \d{4}", page_of(visit, world.live("trialing")).text)


@pytest.mark.feature(23)
class TestEnded:
    def test_more_than_three_are_all_reachable_and_each_says_when_and_why(self, world, books, visit):
        customer = books.customer()
        ids = [books.subscribe(customer, books.price(1000, name=f"Plan {n}")) for n in range(5)]
        for subscription in ids:
            books.api.subscriptions.cancel(subscription)
        browser = visit(customer)
        overview = browser.get("/")
        assert "Plan 4" in overview.text
        assert "Plan 0" not in overview.text
        ended = browser.get(overview.link("All that ended (5)"))
        page = browser.get(ended.link("Plan 0"))
        assert "It was canceled on request." in page.text
        assert re.search(r"Latest invoices \S+ Paid", page.text)
        assert not any(page.leads_to(end) for end in ("/plan", "/cancellation", "/continuation"))

    def test_with_none_the_list_says_so(self, world, visit):
        page = visit(world.life("new")).get("/subscriptions/ended")
        assert "No plan of yours has ended." in page.text
