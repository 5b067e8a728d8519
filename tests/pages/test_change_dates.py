"""A change of plan that begins on a day of the customer's own, within the paid period."""

from __future__ import annotations

import datetime as dt

import pytest

from portal_embed import Catalog, Features, Plan
from portal_embed.config import SubscriptionUpdate
from tests.pages.people import DAY
from tests.pages.test_plan_changes import cents, choose, rows_of
from tests.pages.test_promotion_codes import code
from tests.serving import hosting

pytestmark = pytest.mark.feature(50, 64)


def asking(**more):
    """A portal whose customers choose when a change begins."""
    update = {"takes_effect": ("now", "at_period_end", "on_date"), **more}
    return Features(subscription_update=SubscriptionUpdate(**update))


@pytest.fixture
def host(world):
    with hosting(world, features=asking(), clock=world.now) as served:
        yield served


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10)


def day_in(world, days):
    return dt.datetime.fromtimestamp(world.now() + days * DAY, dt.UTC).date().isoformat()


def begins(books, subscription, day):
    """The moment of a day at the hour of the period's end."""
    ends = books.subscription(subscription)["items"].data[0].current_period_end
    midnight = int(dt.datetime.fromisoformat(f"{day}T00:00+00:00").timestamp())
    return midnight + ends % DAY


def on_day(browser, life, price, day, quantity=None):
    key = life["prices"].get(price, price)
    more = f"&quantity={quantity}" if quantity is not None else ""
    place = f"/subscriptions/{life['subscription']}/plan?price={key}{more}&takes_effect=on_date&takes_effect_on={day}"
    page = browser.get(place)
    assert page.status == 200, page.text
    return page


def confirm(browser, page):
    return browser.submit(next(form for form in page.forms if "proration_date" in form.fields))


def later(page):
    """The bill that the page says comes first, its rows with labels and cents."""
    title = page.text[page.text.index("Your bill on") :].split("\n")[0]
    words = " ".join(title.split()[:6])
    return rows_of(page, words)


def after_that(page):
    """What the page says that each period costs then, in cents."""
    return cents(page.text.split("After that")[1].split("$")[1].split(" ")[0])


def new_bills(books, customer, known):
    return [invoice for invoice in books.invoices(customer) if invoice.id not in known]


def ids(books, customer):
    return {invoice.id for invoice in books.invoices(customer)}


def to(world, moment):
    world.move_clock(moment - world.now() + 7200)


class TestAsking:
    def test_all_three_are_offered_and_now_is_meant_where_nothing_is_said(self, ada, visit):
        page = choose(visit(ada["customer"]), ada, "scale_monthly", 4)
        assert page.form("/plan").choices["takes_effect"] == ["now", "at_period_end", "on_date"]
        assert "You pay $" in page.text.split("When should it change?")[1]

    def test_nothing_is_asked_before_a_plan_is_chosen(self, ada, visit):
        page = visit(ada["customer"]).get(f"/subscriptions/{ada['subscription']}/plan")
        assert "When should it change?" not in page.text

    def test_a_day_is_asked_for_before_anything_is_priced(self, ada, visit):
        page = on_day(visit(ada["customer"]), ada, "scale_monthly", "", 4)
        assert "Choose the day on which it changes" in page.text
        assert not [form for form in page.forms if "proration_date" in form.fields]

    @pytest.mark.parametrize("days", [-3, 0, 40])
    def test_a_day_outside_the_paid_period_is_not_taken(self, days, ada, visit, world):
        page = on_day(visit(ada["customer"]), ada, "scale_monthly", day_in(world, days), 4)
        assert "Choose a day from" in page.text
        assert not [form for form in page.forms if "proration_date" in form.fields]

    def test_another_interval_begins_a_new_period_so_it_has_no_day(self, ada, visit):
        page = choose(visit(ada["customer"]), ada, "pro_yearly")
        assert page.form("/plan").choices["takes_effect"] == ["now", "at_period_end"]

    @pytest.mark.parametrize("rule", [{"takes_effect": ("at_period_end",)}, {"conditions": True}])
    def test_what_has_to_wait_and_cannot_is_refused_in_place(self, world, visit, books, rule):
        base, team, year = books.price(4000), books.price(1000, name="Small"), books.price(9000, "year", "Support")
        customer = books.customer()
        items = [{"price": base}, {"price": year}]
        made = books.api.subscriptions.create({"customer": customer, "items": items}).id
        conditions = ("decreasing_item_amount",) if rule.pop("conditions", False) else ()
        features = asking(schedule_at_period_end=conditions, **rule)
        with hosting(world, features=features, catalog=Catalog([Plan(price=base), Plan(price=team)])) as host:
            browser = visit(customer, at=host)
            page = browser.get(f"/subscriptions/{made}/plan?price={team}")
            assert page.status == 200
            assert "This change cannot be made at the moment" in page.text
            assert "Its parts are billed at different intervals" in page.text
            assert not [form for form in page.forms if "proration_date" in form.fields]
        assert books.items(made) == {base: 1, year: 1}

    def test_in_a_trial_it_is_now(self, world, visit):
        clara = world.live("trialing")
        page = choose(visit(clara["customer"]), clara, "scale_monthly", 2)
        assert "When should it change?" not in page.text

    def test_what_the_host_lets_wait_waits_whatever_is_asked(self, ada, visit, books, world):
        with hosting(world, features=asking(schedule_at_period_end=("decreasing_item_amount",))) as host:
            browser = visit(ada["customer"], at=host)
            page = on_day(browser, ada, "starter_monthly", day_in(world, 5))
            assert "When should it change?" not in page.text
            assert "Your change is planned" in confirm(browser, page).text
        (schedule,) = books.api.subscription_schedules.list({"customer": ada["customer"]}).data
        ends = books.subscription(ada["subscription"])["items"].data[0].current_period_end
        assert schedule.phases[1].start_date == ends


class TestAtTheEnd:
    def test_a_dearer_plan_can_wait_for_it(self, ada, visit, books, world):
        browser = visit(ada["customer"])
        key = ada["prices"]["scale_monthly"]
        page = browser.get(
            f"/subscriptions/{ada['subscription']}/plan?price={key}&quantity=4&takes_effect=at_period_end"
        )
        known = ids(books, ada["customer"])
        assert "Your change is planned" in confirm(browser, page).text
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)
        to(world, books.subscription(ada["subscription"])["items"].data[0].current_period_end)
        assert books.plan(ada["subscription"]) == (key, 4)
        (bill,) = new_bills(books, ada["customer"], known)
        assert bill.total == after_that(page)


class TestOnADay:
    @pytest.mark.parametrize(
        ("price", "quantity"), [("scale_monthly", 4), ("starter_monthly", None)], ids=["dearer", "cheaper"]
    )
    def test_that_day_bills_what_was_shown_and_the_period_s_end_what_comes_after(
        self, price, quantity, ada, visit, books, world
    ):
        browser, day = visit(ada["customer"]), day_in(world, 6)
        page = on_day(browser, ada, price, day, quantity)
        assert page.text.split("Due now")[1].strip().startswith("$0.00")
        rows, charged = later(page), books.charged(ada["customer"])
        assert sum(amount for _, amount in rows[:-1]) == rows[-1][1] >= 0
        after = after_that(page)
        known = ids(books, ada["customer"])
        assert "Your change is planned" in confirm(browser, page).text
        moment, ends = (
            begins(books, ada["subscription"], day),
            books.subscription(ada["subscription"])["items"].data[0].current_period_end,
        )
        world.move_clock(moment - world.now() - 60)
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)
        assert books.charged(ada["customer"]) == charged
        to(world, moment)
        assert books.plan(ada["subscription"]) == (ada["prices"][price], quantity or 1)
        (bill,) = new_bills(books, ada["customer"], known)
        assert (bill.amount_due, bill.status) == (rows[-1][1], "paid")
        known = ids(books, ada["customer"])
        to(world, ends)
        (bill,) = new_bills(books, ada["customer"], known)
        assert bill.total == after

    def test_the_difference_goes_onto_the_next_bill_where_the_host_says_so(self, ada, visit, books, world):
        with hosting(world, features=asking(proration_behavior="create_prorations"), clock=world.now) as host:
            browser, day = visit(ada["customer"], at=host), day_in(world, 6)
            page = on_day(browser, ada, "scale_monthly", day, 4)
            rows = later(page)
            assert "Your change is planned" in confirm(browser, page).text
            known = ids(books, ada["customer"])
            ends = books.subscription(ada["subscription"])["items"].data[0].current_period_end
            to(world, begins(books, ada["subscription"], day))
            assert books.plan(ada["subscription"]) == (ada["prices"]["scale_monthly"], 4)
            assert new_bills(books, ada["customer"], known) == []
            to(world, ends)
            (bill,) = new_bills(books, ada["customer"], known)
            assert bill.total == rows[-1][1]

    def test_without_prorations_the_new_price_counts_from_the_next_bill(self, ada, visit, books, world):
        with hosting(world, features=asking(proration_behavior="none"), clock=world.now) as host:
            browser, day = visit(ada["customer"], at=host), day_in(world, 6)
            page = on_day(browser, ada, "scale_monthly", day, 4)
            assert "Your bill on" not in page.text
            after = after_that(page)
            confirm(browser, page)
            known = ids(books, ada["customer"])
            ends = books.subscription(ada["subscription"])["items"].data[0].current_period_end
            to(world, begins(books, ada["subscription"], day))
            assert books.plan(ada["subscription"]) == (ada["prices"]["scale_monthly"], 4)
            to(world, ends)
            (bill,) = new_bills(books, ada["customer"], known)
            assert bill.total == after

    def test_a_discount_and_a_tax_are_counted(self, world, visit, books, ada):
        tax = books.api.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": False}).id
        coupon = books.api.coupons.create({"percent_off": 25, "duration": "forever"}).id
        customer = books.customer()
        more = {"discounts": [{"coupon": coupon}], "default_tax_rates": [tax]}
        subscription = books.subscribe(customer, ada["prices"]["pro_monthly"], **more)
        browser, day = visit(customer), day_in(world, 6)
        page = on_day(browser, {"prices": ada["prices"], "subscription": subscription}, "scale_monthly", day, 4)
        rows, known = later(page), ids(books, customer)
        confirm(browser, page)
        to(world, begins(books, subscription, day))
        (bill,) = new_bills(books, customer, known)
        assert bill.total == rows[-1][1]
        assert bill.total_taxes
        known = ids(books, customer)
        to(world, books.subscription(subscription)["items"].data[0].current_period_end)
        (bill,) = new_bills(books, customer, known)
        assert bill.total == after_that(page)
        assert bill.total_discount_amounts

    @pytest.mark.parametrize("behavior", ["always_invoice", "create_prorations", "none"])
    def test_a_discount_that_has_ended_by_then_is_not_counted(self, behavior, world, visit, books, ada):
        customer = books.customer()
        subscription = books.subscribe(customer, ada["prices"]["pro_monthly"])
        world.move_clock(5 * DAY + 3700)
        coupon = books.api.coupons.create({"percent_off": 50, "duration": "repeating", "duration_in_months": 1}).id
        books.api.subscriptions.update(subscription, {"discounts": [{"coupon": coupon}]})
        world.move_clock(28 * DAY)  # it ends in two days
        with hosting(world, features=asking(proration_behavior=behavior), clock=world.now) as host:
            browser, day = visit(customer, at=host), day_in(world, 8)
            page = on_day(browser, {"prices": ada["prices"], "subscription": subscription}, "scale_monthly", day, 4)
            known = ids(books, customer)
            ends = books.subscription(subscription)["items"].data[0].current_period_end
            assert "Your change is planned" in confirm(browser, page).text
            to(world, begins(books, subscription, day) if behavior == "always_invoice" else ends)
            (bill,) = new_bills(books, customer, known)
            assert bill.total == (after_that(page) if behavior == "none" else later(page)[-1][1])

    def test_who_is_sent_an_invoice_is_not_told_that_it_is_due_that_day(self, world, visit, books, ada):
        customer = books.customer()
        more = {"collection_method": "send_invoice", "days_until_due": 14}
        subscription = books.subscribe(customer, ada["prices"]["pro_monthly"], **more)
        invoice = books.api.invoices.finalize_invoice(books.invoices(customer)[0].id)
        books.api.invoices.pay(invoice.id, {"paid_out_of_band": True})
        life = {"prices": ada["prices"], "subscription": subscription}
        page = on_day(visit(customer), life, "scale_monthly", day_in(world, 6), 4)
        assert later(page)[-1][0] == "Total"

    def test_a_currency_without_cents(self, world, visit, books):
        cheap, dear = (books.price(amount, name=name, currency="jpy") for amount, name in ((900, "A"), (3500, "B")))
        customer = books.customer()
        subscription = books.subscribe(customer, cheap)
        catalog = Catalog([Plan(price=cheap), Plan(price=dear)])
        with hosting(world, features=asking(), catalog=catalog, clock=world.now) as host:
            browser, day = visit(customer, at=host), day_in(world, 6)
            page = on_day(browser, {"prices": {}, "subscription": subscription}, dear, day)
            shown = later(page)[-1][1] // 100
            known = ids(books, customer)
            confirm(browser, page)
            to(world, begins(books, subscription, day))
            (bill,) = new_bills(books, customer, known)
            assert (bill.total, bill.currency) == (shown, "jpy")

    def test_the_overview_says_it_with_its_day(self, ada, visit, books, world):
        browser, day = visit(ada["customer"]), day_in(world, 6)
        page = confirm(browser, on_day(browser, ada, "scale_monthly", day, 4))
        date = dt.date.fromisoformat(day)
        assert f"Changes to Scale on {date.day} {date:%B %Y}" in page.text

    @pytest.mark.parametrize("how", ["always_invoice", "create_prorations"])
    def test_the_next_charge_is_said_with_the_day_on_which_it_comes(self, how, ada, visit, books, world):
        with hosting(world, features=asking(proration_behavior=how), clock=world.now) as host:
            browser, day = visit(ada["customer"], at=host), day_in(world, 6)
            page = on_day(browser, ada, "scale_monthly", day, 4)
            due = later(page)[-1][1]
            confirm(browser, page)
            said = browser.get(f"/subscriptions/{ada['subscription']}/next-charge").text
        ends = books.subscription(ada["subscription"])["items"].data[0].current_period_end
        comes = begins(books, ada["subscription"], day) if how == "always_invoice" else ends
        date = dt.datetime.fromtimestamp(comes, dt.UTC)
        assert f"You pay ${due // 100}.{due % 100:02} on {date.day} {date:%B %Y}." in said

    def test_clicked_twice_it_is_planned_once(self, ada, visit, books, world):
        browser = visit(ada["customer"])
        page = on_day(browser, ada, "scale_monthly", day_in(world, 6), 4)
        confirm(browser, page)
        assert confirm(browser, page).status == 200
        assert len(books.api.subscription_schedules.list({"customer": ada["customer"]}).data) == 1

    def test_clicked_twice_it_is_planned_once_whatever_waits_for_the_next_bill(self, ada, visit, books, world):
        waits = {"customer": ada["customer"], "subscription": ada["subscription"], "amount": 700, "currency": "usd"}
        books.api.invoice_items.create(waits)
        with hosting(world, features=asking(proration_behavior="none"), clock=world.now) as host:
            browser = visit(ada["customer"], at=host)
            page = on_day(browser, ada, "scale_monthly", day_in(world, 6), 4)
            confirm(browser, page)
            assert "Your change is planned" in confirm(browser, page).text
        assert len(books.api.subscription_schedules.list({"customer": ada["customer"]}).data) == 1

    def test_a_day_that_has_come_meanwhile_is_asked_for_again_and_nothing_is_changed(self, ada, visit, books, world):
        page = on_day(visit(ada["customer"]), ada, "scale_monthly", day_in(world, 1), 4)
        world.move_clock(2 * DAY)
        browser = visit(ada["customer"])
        fields = next(form for form in page.forms if "proration_date" in form.fields).fields
        fresh = next(
            form
            for form in on_day(browser, ada, "scale_monthly", day_in(world, 1), 4).forms
            if "proration_date" in form.fields
        )
        fresh.fields["takes_effect_on"] = fields["takes_effect_on"]
        answer = browser.submit(fresh)
        assert answer.status == 422
        assert "Choose a day from" in answer.text
        assert books.subscription(ada["subscription"]).schedule is None

    def test_a_sum_that_moved_is_shown_again_and_nothing_is_planned(self, ada, visit, books, world):
        browser = visit(ada["customer"])
        page = on_day(browser, ada, "scale_monthly", day_in(world, 6), 4)
        coupon = books.api.coupons.create({"percent_off": 50, "duration": "forever"}).id
        books.api.subscriptions.update(ada["subscription"], {"discounts": [{"coupon": coupon}]})
        answer = confirm(browser, page)
        assert "The amount has changed since you last saw it" in answer.text
        assert books.subscription(ada["subscription"]).schedule is None
        assert later(answer)[-1][1] < later(page)[-1][1]
        assert "Your change is planned" in confirm(browser, answer).text

    @pytest.mark.parametrize(
        ("priced", "said", "status"),
        [("on_date", {"takes_effect": "now"}, 409), ("now", {"takes_effect": "on_date", "takes_effect_on": ""}, 422)],
    )
    def test_another_moment_than_was_priced_is_priced_first(self, ada, visit, books, world, priced, said, status):
        browser = visit(ada["customer"])
        page = on_day(browser, ada, "scale_monthly", day_in(world, 6), 4)
        if priced == "now":
            page = browser.submit(page.form("/plan"), takes_effect="now", see="yes")
        answer = browser.submit(page.form("/plan"), **said)
        assert answer.status == status
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)
        assert books.subscription(ada["subscription"]).schedule is None

    def test_what_can_no_longer_wait_is_not_done_at_once_instead(self, ada, visit, books, world):
        with hosting(world, features=asking(proration_behavior="none")) as host:
            browser = visit(ada["customer"], at=host)
            page = on_day(browser, ada, "scale_monthly", day_in(world, 6), 4)
            books.api.subscriptions.update(ada["subscription"], {"trial_end": world.now() + 20 * DAY})
            answer = confirm(browser, page)
            assert answer.status == 409
            assert "Please check your choice again" in answer.text
            assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)


@pytest.mark.feature(65, 66)
class TestEditing:
    def test_another_day_takes_its_place_and_bills_what_is_shown_then(self, ada, visit, books, world):
        browser = visit(ada["customer"])
        confirm(browser, on_day(browser, ada, "scale_monthly", day_in(world, 6), 4))
        (before,) = books.api.subscription_schedules.list({"customer": ada["customer"]}).data
        day = day_in(world, 12)
        page = on_day(browser, ada, "scale_monthly", day, 4)
        rows, known = later(page), ids(books, ada["customer"])
        confirm(browser, page)
        (after,) = books.api.subscription_schedules.list({"customer": ada["customer"]}).data
        moment = begins(books, ada["subscription"], day)
        assert (after.id, after.phases[0].end_date) == (before.id, moment)
        to(world, moment)
        (bill,) = new_bills(books, ada["customer"], known)
        assert bill.total == rows[-1][1]

    def test_from_a_day_to_the_end_of_the_period_and_back(self, ada, visit, books, world):
        browser = visit(ada["customer"])
        place, key = f"/subscriptions/{ada['subscription']}/plan", ada["prices"]["scale_monthly"]
        for when in ("on_date", "at_period_end", "on_date"):
            day = day_in(world, 6)
            page = browser.get(f"{place}?price={key}&quantity=4&takes_effect={when}&takes_effect_on={day}")
            assert "Your change is planned" in confirm(browser, page).text
            (schedule,) = books.api.subscription_schedules.list({"customer": ada["customer"]}).data
            ends = books.subscription(ada["subscription"])["items"].data[0].current_period_end
            expected = ends if when == "at_period_end" else begins(books, ada["subscription"], day)
            assert schedule.phases[1].start_date == expected

    def test_undone_the_plan_goes_on_as_it_is(self, ada, visit, books, world):
        browser = visit(ada["customer"])
        confirm(browser, on_day(browser, ada, "scale_monthly", day_in(world, 6), 4))
        page = browser.get(f"/subscriptions/{ada['subscription']}/plan")
        assert "The planned change was dropped" in browser.submit(page.form("/plan/planned")).text
        world.move_clock(8 * DAY)
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)
        assert books.subscription(ada["subscription"]).schedule is None

    def test_after_its_day_the_next_change_is_planned_anew(self, ada, visit, books, world):
        browser, day = visit(ada["customer"]), day_in(world, 3)
        confirm(browser, on_day(browser, ada, "scale_monthly", day, 4))
        to(world, begins(books, ada["subscription"], day))
        browser, day = visit(ada["customer"]), day_in(world, 4)
        page = on_day(browser, ada, "scale_monthly", day, 9)
        rows, known = later(page), ids(books, ada["customer"])
        assert "Your change is planned" in confirm(browser, page).text
        to(world, begins(books, ada["subscription"], day))
        assert books.plan(ada["subscription"]) == (ada["prices"]["scale_monthly"], 9)
        (bill,) = new_bills(books, ada["customer"], known)
        assert bill.total == rows[-1][1]


@pytest.mark.feature(62)
class TestTheNextBill:
    """A change from now on whose difference is billed with the next regular bill: that bill is shown."""

    def test_it_is_shown_as_it_then_comes(self, ada, visit, books, world):
        update = SubscriptionUpdate(proration_behavior="create_prorations")
        with hosting(world, features=Features(subscription_update=update), clock=world.now) as host:
            browser = visit(ada["customer"], at=host)
            page = choose(browser, ada, "scale_monthly", 4)
            assert "The difference goes onto your bill of" in page.text
            rows, known = later(page), ids(books, ada["customer"])
            assert "Your plan is now" in confirm(browser, page).text
            assert new_bills(books, ada["customer"], known) == []
            to(world, books.subscription(ada["subscription"])["items"].data[0].current_period_end)
            (bill,) = new_bills(books, ada["customer"], known)
            assert bill.total == rows[-1][1]

    def test_in_place_of_what_was_planned_its_difference_is_said_as_well(self, ada, visit, books, world):
        with hosting(world, features=asking(proration_behavior="create_prorations"), clock=world.now) as host:
            browser = visit(ada["customer"], at=host)
            confirm(browser, on_day(browser, ada, "scale_monthly", day_in(world, 6), 4))
            page = choose(browser, ada, "scale_monthly", 2)
            assert "The difference goes onto your bill of" in page.text
            assert "The new price counts from" not in page.text


@pytest.mark.feature(62)
class TestADiscountForOneBill:
    """The bill with the difference in it uses it up, so what each period costs then is without it."""

    @pytest.mark.parametrize("when", ["now", "on_date"])
    @pytest.mark.parametrize("is_code", [False, True], ids=["in force", "by a code"])
    @pytest.mark.parametrize("behavior", ["always_invoice", "create_prorations"])
    def test_what_comes_after_that_bill_is_billed_as_shown(self, when, is_code, behavior, ada, visit, books, world):
        half, id = {"percent_off": 50, "duration": "once"}, ada["subscription"]
        if is_code:
            code(books, "HALF", **half)
        else:
            books.api.subscriptions.update(id, {"discounts": [{"coupon": books.api.coupons.create(half).id}]})
        allowed = ("price", "quantity", "promotion_code")
        features = asking(proration_behavior=behavior, default_allowed_updates=allowed)
        with hosting(world, features=features, clock=world.now) as host:
            browser, day = visit(ada["customer"], at=host), day_in(world, 6)
            place = f"/subscriptions/{id}/plan?price={ada['prices']['scale_monthly']}&quantity=4"
            place += "&promotion_code=HALF" if is_code else ""
            page = browser.get(f"{place}&takes_effect={when}&takes_effect_on={day}")
            confirm(browser, page)
            if when == "on_date":
                to(world, begins(books, id, day))
            for _ in range(2 if behavior == "create_prorations" else 1):
                known = ids(books, ada["customer"])
                to(world, books.subscription(id)["items"].data[0].current_period_end)
            (bill,) = new_bills(books, ada["customer"], known)
            assert bill.total == after_that(page) == 6000

    def test_the_months_of_a_code_count_from_the_change_and_it_is_said_that_they_end(self, world, visit, books):
        life = world.live("monthly", price="pro_yearly", days=10)
        code(books, "HALF", percent_off=50, duration="repeating", duration_in_months=3)
        features = asking(default_allowed_updates=("price", "quantity", "promotion_code"))
        with hosting(world, features=features, clock=world.now) as host:
            browser, key = visit(life["customer"], at=host), life["prices"]["pro_monthly"]
            place = f"/subscriptions/{life['subscription']}/plan?price={key}&promotion_code=HALF"
            page = browser.get(f"{place}&takes_effect=at_period_end")
            assert "50% off for 3 months" in page.text
            known = ids(books, life["customer"])
            confirm(browser, page)
            to(world, books.subscription(life["subscription"])["items"].data[0].current_period_end)
            (bill,) = new_bills(books, life["customer"], known)
            assert bill.total == after_that(page) == 1450
        (discount,) = books.api.subscriptions.retrieve(life["subscription"], {"expand": ["discounts"]}).discounts
        last = dt.datetime.fromtimestamp(discount.end, dt.UTC)
        assert f"with a discount until {last.day} {last:%B %Y} $14.50 a month" in page.text

    def test_the_code_of_what_was_planned_stays_when_it_is_edited(self, ada, visit, books, world):
        code(books, "HALF", percent_off=50, duration="forever")
        features = asking(default_allowed_updates=("price", "quantity", "promotion_code"))
        with hosting(world, features=features, clock=world.now) as host:
            browser, key = visit(ada["customer"], at=host), ada["prices"]["scale_monthly"]
            place = f"/subscriptions/{ada['subscription']}/plan?takes_effect=at_period_end&price={key}"
            confirm(browser, browser.get(f"{place}&quantity=2&promotion_code=HALF"))
            page = browser.get(f"{place}&quantity=4")
            known = ids(books, ada["customer"])
            confirm(browser, page)
            to(world, books.subscription(ada["subscription"])["items"].data[0].current_period_end)
            (bill,) = new_bills(books, ada["customer"], known)
            assert bill.total == after_that(page) == 3000

    def test_the_bill_that_uses_it_up_is_not_called_that_of_each_month(self, ada, visit, books, world):
        coupon = books.api.coupons.create({"percent_off": 50, "duration": "once"}).id
        books.api.subscriptions.update(ada["subscription"], {"discounts": [{"coupon": coupon}]})
        place, key = f"/subscriptions/{ada['subscription']}/plan", ada["prices"]["scale_monthly"]
        browser = visit(ada["customer"])
        page = browser.get(f"{place}?price={key}&quantity=4&takes_effect=at_period_end")
        assert "with a discount for this one bill $30.00 " in page.text
        assert "$30.00 a month" not in page.text
        known = ids(books, ada["customer"])
        confirm(browser, page)
        to(world, books.subscription(ada["subscription"])["items"].data[0].current_period_end)
        (bill,) = new_bills(books, ada["customer"], known)
        assert bill.total == after_that(page)

    def test_of_what_is_planned_already_too(self, ada, visit, books, world):
        coupon = books.api.coupons.create({"percent_off": 50, "duration": "once"}).id
        books.api.subscriptions.update(ada["subscription"], {"discounts": [{"coupon": coupon}]})
        browser = visit(ada["customer"])
        confirm(browser, on_day(browser, ada, "scale_monthly", day_in(world, 6), 2))
        assert after_that(on_day(browser, ada, "scale_monthly", day_in(world, 7), 4)) == 6000
