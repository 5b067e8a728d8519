"""Choosing when it ends: with the paid period, now, or on a day; another day later; and staying after all."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from portal_embed import Features
from portal_embed.config import Hooks, SubscriptionCancel
from tests.pages.people import DAY
from tests.pages.postbox import Postbox
from tests.serving import hosting, server

pytestmark = pytest.mark.feature(36)
ANY_TIME = Features(subscription_cancel=SubscriptionCancel(choices=("at_period_end", "on_date", "immediately")))


@pytest.fixture
def host(world):
    with hosting(world, features=ANY_TIME) as served:
        yield served


@pytest.fixture(params=["classic", "flexible"])
def ada(request, world):
    """Pro for $29.00, ten days into a period of thirty or thirty-one."""
    return world.live("monthly", days=10, billing_mode=request.param)


def day_in(world, days):
    return dt.datetime.fromtimestamp(world.now() + days * DAY, dt.UTC).date()


def words(day):
    return f"{day.day} {day:%B %Y}"


def choosing(browser, life, **asked):
    asked = "&".join(f"{name}={value}" for name, value in asked.items())
    return browser.get(f"/subscriptions/{life['subscription']}/cancellation?{asked}")


def end_on(browser, life, day):
    return browser.submit(choosing(browser, life, when="on_date", date=day).form("/cancellation"))


def ends(books, life):
    return books.subscription(life["subscription"]).cancel_at


def last_day(books, life):
    return dt.datetime.fromtimestamp(ends(books, life), dt.UTC).date()


def test_the_page_begins_with_the_hosts_mode_and_leads_to_the_others(ada, visit, books):
    browser = visit(ada["customer"])
    page = browser.get(f"/subscriptions/{ada['subscription']}/cancellation")
    assert "When should it end?" in page.text
    assert "not charged again" in page.text
    page = browser.submit(page.form("/cancellation"), when="immediately", see="yes")
    assert "Pro ends at once and cannot be brought back." in page.text
    browser.submit(page.form("/cancellation"))
    assert books.subscription(ada["subscription"]).status == "canceled"


def test_it_ends_on_the_day_that_was_chosen(ada, visit, books, world):
    browser, day = visit(ada["customer"]), day_in(world, 60)
    form = choosing(browser, ada, when="on_date").form("/cancellation")
    page = browser.submit(form, date=day.isoformat(), see="yes")
    assert page.status == 200
    assert f"You keep Pro until {words(day)}. Then it ends." in page.text
    done = browser.submit(page.form("/cancellation"))
    assert f"You keep it until {words(day)}." in done.text
    assert last_day(books, ada) == day
    world.move_clock(59 * DAY)
    assert books.subscription(ada["subscription"]).status == "active"
    world.move_clock(2 * DAY)
    assert books.subscription(ada["subscription"]).status == "canceled"


def test_the_last_bill_is_what_the_page_said(ada, visit, books, world):
    browser, day = visit(ada["customer"]), day_in(world, 35)
    page = choosing(browser, ada, when="on_date", date=day)
    done = browser.submit(page.form("/cancellation"))
    before = books.charged(ada["customer"])
    world.move_clock(40 * DAY)
    paid = books.charged(ada["customer"]) - before
    assert 0 < paid < 2900
    said = f"One last bill of ${paid / 100:.2f} comes on"
    assert said in page.text
    assert said in done.text
    assert "not charged again" not in page.text + done.text


def test_a_day_several_periods_ahead_is_billed_as_before_until_then(ada, visit, books, world):
    browser, day = visit(ada["customer"]), day_in(world, 100)
    page = choosing(browser, ada, when="on_date", date=day)
    assert "Until then you are billed as before, next on" in page.text
    assert "$29.00" in page.text
    browser.submit(page.form("/cancellation"))
    overview = browser.get("/").text
    assert f"Cancels on {words(day)}" in overview
    assert "Next charge" in overview
    assert "$29.00" in browser.get(f"/subscriptions/{ada['subscription']}/next-charge").text


def test_a_day_inside_the_paid_period_gives_nothing_back_and_says_so(ada, visit, books, world):
    browser, day = visit(ada["customer"]), day_in(world, 5)
    page = choosing(browser, ada, when="on_date", date=day)
    assert "What you have paid for after that day is not paid back." in page.text
    browser.submit(page.form("/cancellation"))
    assert books.api.invoice_items.list({"customer": ada["customer"], "pending": True}).data == []
    before = books.charged(ada["customer"])
    world.move_clock(7 * DAY)
    assert books.subscription(ada["subscription"]).status == "canceled"
    assert books.charged(ada["customer"]) == before


def test_the_day_of_a_renewal_ends_with_the_period_and_is_not_billed_for_some_hours(ada, visit, books, world):
    end = books.subscription(ada["subscription"])["items"].data[0].current_period_end
    day = dt.datetime.fromtimestamp(end, dt.UTC).date()
    browser = visit(ada["customer"])
    page = choosing(browser, ada, when="on_date", date=day)
    assert "not charged again" in page.text
    browser.submit(page.form("/cancellation"))
    assert ends(books, ada) == end


def test_a_day_is_one_of_the_portals_time_zone(ada, world, books, visit):
    kiritimati = ZoneInfo("Pacific/Kiritimati")  # fourteen hours ahead
    day = dt.datetime.fromtimestamp(world.now() + 60 * DAY, kiritimati).date()
    with hosting(world, features=ANY_TIME, timezone="Pacific/Kiritimati") as host:
        done = end_on(visit(ada["customer"], at=host), ada, day)
    assert f"You keep it until {words(day)}." in done.text
    assert dt.datetime.fromtimestamp(ends(books, ada), kiritimati).date() == day


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_yesterday_today_and_the_far_future_are_refused_beside_the_field(ada, visit, books, world, days):
    browser = visit(ada["customer"])
    page = choosing(browser, ada, when="on_date", date=day_in(world, days))
    assert f"Choose a day from {words(day_in(world, 1))} to {words(day_in(world, 366))}." in page.text
    assert page.form("/cancellation").buttons == ["See what that means"]
    form = choosing(browser, ada, when="on_date", date=day_in(world, 9)).form("/cancellation")
    assert browser.submit(form, date=day_in(world, days).isoformat()).status == 422
    assert ends(books, ada) is None


@pytest.mark.parametrize("typed", ["soon", "2027-02-30", "<b>"])
def test_what_is_no_day_is_refused_beside_the_field(ada, visit, typed):
    page = choosing(visit(ada["customer"]), ada, when="on_date", date=typed)
    assert "Choose a day from" in page.text
    assert "<b>" not in page.html


def test_a_day_that_is_left_out_ends_nothing_and_tells_nobody_that_it_did(ada, world, visit, books):
    events = []
    with hosting(world, features=ANY_TIME, hooks=Hooks(event=events.append)) as host:
        browser = visit(ada["customer"], at=host)
        form = choosing(browser, ada, when="on_date", date=day_in(world, 9)).form("/cancellation")
        page = browser.submit(form, date=None, until=None)
        server().run(host.portal._services.outbox.drain())
    assert page.status == 422
    assert "Choose a day from" in page.text
    assert ends(books, ada) is None
    assert "subscription.canceled" not in {event.type for event in events}


def test_a_choice_that_the_host_does_not_offer_is_none(ada, world, visit, books):
    with hosting(world) as plain:
        browser = visit(ada["customer"], at=plain)
        page = choosing(browser, ada, when="immediately")
        assert "You keep Pro until" in page.text
        assert "When should it end?" not in page.text
        form = page.form("/cancellation")
        assert browser.submit(form, mode="on_date", date=day_in(world, 9).isoformat()).status == 409
        assert ends(books, ada) is None


def test_another_day_later_and_earlier(ada, visit, books, world):
    browser = visit(ada["customer"])
    end_on(browser, ada, day_in(world, 40))
    overview = browser.get("/")
    page = browser.get(overview.link("Change the end date"))
    assert f"Pro ends on {words(day_in(world, 40))}. Choose another day to see what changes then." in page.text
    assert page.form("/cancellation").fields["date"] == day_in(world, 40).isoformat()
    assert "main reason" not in page.text
    for days in (90, 15):
        day = day_in(world, days)
        done = end_on(browser, ada, day)
        assert f"Pro ends on {words(day)}" in done.text
        assert last_day(books, ada) == day


def test_from_a_day_to_the_end_of_the_period_and_to_now(ada, visit, books, world):
    period_end = books.subscription(ada["subscription"])["items"].data[0].current_period_end
    browser = visit(ada["customer"])
    end_on(browser, ada, day_in(world, 90))
    browser.submit(choosing(browser, ada, when="at_period_end").form("/cancellation"))
    assert ends(books, ada) == period_end
    page = choosing(browser, ada, when="immediately")
    assert "End it now" in page.form("/cancellation").buttons
    assert "Pro has ended" in browser.submit(page.form("/cancellation")).text
    assert books.subscription(ada["subscription"]).status == "canceled"


@pytest.mark.feature(45)
@pytest.mark.parametrize("days", [5, 60])
def test_the_plan_is_kept_whichever_day_was_set(ada, visit, books, world, days):
    browser = visit(ada["customer"])
    done = end_on(browser, ada, day_in(world, days))
    assert "You keep Pro" in browser.submit(done.form("/continuation")).text
    after = books.subscription(ada["subscription"])
    assert (after.cancel_at, after.cancel_at_period_end) == (None, False)
    assert books.api.invoice_items.list({"customer": ada["customer"], "pending": True}).data == []
    before = books.charged(ada["customer"])
    world.move_clock(65 * DAY)
    assert books.charged(ada["customer"]) == before + 2 * 2900


def test_the_same_click_twice_is_one_deed(ada, visit, books, world):
    browser = visit(ada["customer"])
    form = choosing(browser, ada, when="on_date", date=day_in(world, 40)).form("/cancellation")
    assert browser.submit(form).status == browser.submit(form).status == 200
    assert last_day(books, ada) == day_in(world, 40)
    writes = [call for call in books.writes() if call["path"].endswith(ada["subscription"])]
    assert len(writes) == 1


@pytest.mark.parametrize("kind", ["before", "after"])
def test_a_lost_answer_is_looked_up(ada, visit, books, world, kind):
    browser = visit(ada["customer"])
    form = choosing(browser, ada, when="on_date", date=day_in(world, 40)).form("/cancellation")
    path = rf"^/v1/subscriptions/{ada['subscription']}$"
    world.fail(path, method="POST", when=kind, times=9, reset=True)
    page = browser.submit(form)
    is_set = ends(books, ada) is not None
    assert ("You keep it until" in page.text) == is_set
    assert is_set == (kind == "after")


def test_the_host_hears_of_the_end_and_of_each_other_one(ada, world, visit):
    events = []
    with hosting(world, features=ANY_TIME, hooks=Hooks(event=events.append)) as host:
        browser = visit(ada["customer"], at=host)
        for days in (40, 90):
            end_on(browser, ada, day_in(world, days))
        browser.submit(browser.get("/").form("/continuation"))
        server().run(host.portal._services.outbox.drain())
    assert [event.type for event in events if event.type != "portal.opened"] == [
        "subscription.canceled",
        "subscription.end_moved",
        "subscription.kept",
    ]


def test_the_receipt_says_the_day_and_what_is_still_billed(ada, world, visit):
    postbox = Postbox()
    with hosting(world, features=ANY_TIME, mail=postbox.deliver) as postbox.host:
        browser = visit(ada["customer"], at=postbox.host)
        for days in (40, 90):
            end_on(browser, ada, day_in(world, days))
            postbox.mails()
        first, second = [mail.text for mail in postbox.mails()]
    assert f"You keep Pro until {words(day_in(world, 40))}. Then it ends." in first
    assert "One last bill of" in first
    assert f"You keep Pro until {words(day_in(world, 90))}. Then it ends." in second
    assert "Until then you are billed as before" in second


def test_items_of_different_intervals_are_billed_each_until_the_day(world, visit, books):
    customer = books.customer()
    items = [{"price": books.price(1000, "month", "Base")}, {"price": books.price(9000, "year", "Support")}]
    made = books.api.subscriptions.create({"customer": customer, "items": items})
    life = {"customer": customer, "subscription": made.id}
    browser = visit(customer)
    page = choosing(browser, life, when="at_period_end")
    assert "Until then you are billed as before, next on" in page.text
    assert "$10.00" in page.text
    assert "not charged again" not in page.text
    day = day_in(world, 45)
    page = choosing(browser, life, when="on_date", date=day)
    assert "What you have paid for after that day is not paid back." in page.text
    browser.submit(page.form("/cancellation"))
    before = books.charged(customer)
    world.move_clock(46 * DAY)
    assert books.subscription(made.id).status == "canceled"
    assert 0 < books.charged(customer) - before < 1000


def test_a_bill_that_renews_the_year_is_not_the_last_where_months_follow(world, visit, books):
    customer = books.customer()
    items = [{"price": books.price(1000, "month", "Base")}, {"price": books.price(9000, "year", "Support")}]
    made = books.api.subscriptions.create({"customer": customer, "items": items})
    world.move_clock(360 * DAY)
    life = {"customer": customer, "subscription": made.id}
    with hosting(world, features=ANY_TIME, clock=world.now) as host:
        page = choosing(visit(customer, at=host), life, when="on_date", date=day_in(world, 50))
    assert f"until {words(day_in(world, 50))}" in page.text
    assert "Until then you are billed as before" in page.text
    assert "One last bill" not in page.text


def test_what_is_billed_by_use_beside_a_plan_is_billed_after_the_last_bill_of_the_plan(world, visit, books):
    customer = books.customer()
    meter = books.api.billing.meters.create(
        {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    )
    use = {"interval": "month", "usage_type": "metered", "meter": meter.id}
    calls = {"currency": "usd", "unit_amount": 10, "recurring": use, "product_data": {"name": "Calls"}}
    items = [{"price": books.price(1000, name="Base")}, {"price": books.api.prices.create(calls).id}]
    made = books.api.subscriptions.create({"customer": customer, "items": items})
    life = {"customer": customer, "subscription": made.id}
    page = choosing(visit(customer), life, when="on_date", date=day_in(world, 45))
    assert "Until then you are billed as before" in page.text
    assert "One last bill" not in page.text
