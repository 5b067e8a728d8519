"""Leaving in every state a subscription can be in: what the page says of money beforehand, and what becomes of it."""

from __future__ import annotations

import pytest

from portal_embed import Features
from portal_embed.config import SubscriptionCancel
from portal_embed.errors import ConfigError
from tests.pages.people import DAY
from tests.pages.postbox import Postbox
from tests.serving import hosting


def cancel(browser, subscription, **typed):
    page = browser.get(f"/subscriptions/{subscription}/cancellation")
    assert page.status == 200, page.text
    return page, browser.submit(page.form("/cancellation"), **typed)


def at_once(world, **settings):
    cancel_settings = SubscriptionCancel(mode="immediately", **settings)
    return hosting(world, features=Features(subscription_cancel=cancel_settings))


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10)


@pytest.fixture
def metered(books, world):
    """`metered(used=300)`: somebody who has used so much of what costs 10 cents."""

    def made(used):
        customer = books.customer()
        meter = books.api.billing.meters.create(
            {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        )
        recurring = {"interval": "month", "usage_type": "metered", "meter": meter.id}
        price = books.api.prices.create(
            {"currency": "usd", "unit_amount": 10, "recurring": recurring, "product_data": {"name": "API"}}
        )
        subscription = books.api.subscriptions.create({"customer": customer, "items": [{"price": price.id}]}).id
        payload = {"stripe_customer_id": customer, "value": str(used)}
        books.api.billing.meter_events.create({"event_name": "calls", "payload": payload})
        world.move_clock(DAY)
        return customer, subscription

    return made


@pytest.mark.feature(33, 37, 38)
class TestAtOnce:
    def test_nothing_is_paid_back_and_the_page_says_so(self, ada, world, visit, books):
        with at_once(world) as host:
            page, done = cancel(visit(ada["customer"], at=host), ada["subscription"])
        assert "You are not charged again. The time already paid for is not paid back." in page.text
        assert "Pro has ended" in done.text
        assert "You are not charged again." in done.text
        assert books.api.refunds.list({}).data == []
        assert books.api.invoice_items.list({"customer": ada["customer"], "pending": True}).data == []

    def test_what_unused_time_comes_to_is_said_as_stripe_has_it_and_promised_to_nobody(self, ada, world, visit, books):
        with at_once(world, proration_behavior="create_prorations") as host:
            page, _ = cancel(visit(ada["customer"], at=host), ada["subscription"])
        (item,) = books.api.invoice_items.list({"customer": ada["customer"], "pending": True}).data
        assert f"The time you do not use comes to ${-item.amount / 100:.2f}." in page.text
        assert "It is not paid back, and may count only towards a later bill." in page.text
        assert "credit" not in page.text.lower()

    def test_what_waits_to_be_billed_counts_against_it(self, ada, world, visit, books):
        books.api.invoice_items.create(
            {"customer": ada["customer"], "subscription": ada["subscription"], "amount": 500, "currency": "usd"}
        )
        with at_once(world, proration_behavior="create_prorations") as host:
            page, _ = cancel(visit(ada["customer"], at=host), ada["subscription"])
        waiting = books.api.invoice_items.list({"customer": ada["customer"], "pending": True}).data
        assert f"The time you do not use comes to ${-sum(item.amount for item in waiting) / 100:.2f}." in page.text

    def test_a_zero_decimal_currency_has_no_cents(self, world, visit, books):
        customer = books.customer()
        price = books.price(3000, name="Fuji", currency="jpy")
        with at_once(world, proration_behavior="create_prorations") as host:
            page, _ = cancel(visit(customer, at=host), books.subscribe(customer, price))
        assert "comes to ¥3,000." in page.text or "comes to ¥2,999." in page.text

    def test_a_last_bill_for_what_was_used_is_said_made_and_charged(self, metered, world, visit, books):
        customer, subscription = metered(used=300)
        with at_once(world, invoice_now=True) as host:
            page, done = cancel(visit(customer, at=host), subscription)
        said = "A last bill of $30.00 follows, for what was not billed yet."
        assert said in page.text
        assert said in done.text
        assert "not charged again" not in page.text + done.text
        world.move_clock(2 * 3600)
        assert books.charged(customer) == 3000

    def test_without_it_what_was_used_is_not_billed(self, metered, world, visit, books):
        customer, subscription = metered(used=300)
        with at_once(world) as host:
            page, done = cancel(visit(customer, at=host), subscription)
        assert "You are not charged again." in page.text
        assert "API has ended" in done.text
        world.move_clock(40 * DAY)
        assert books.charged(customer) == 0

    def test_what_was_used_may_be_billed_later_where_unused_time_is_noted(self, metered, world, visit):
        customer, subscription = metered(used=300)
        with at_once(world, proration_behavior="create_prorations") as host:
            page, done = cancel(visit(customer, at=host), subscription)
        assert "What you have used may still be billed." in page.text
        assert "not charged again" not in page.text + done.text

    def test_a_last_bill_that_is_a_credit_pays_nobody_and_is_none(self, ada, world, visit, books):
        before = books.charged(ada["customer"])
        with at_once(world, proration_behavior="create_prorations", invoice_now=True) as host:
            page, done = cancel(visit(ada["customer"], at=host), ada["subscription"])
        assert "You are not charged again." in page.text
        assert "You are not charged again." in done.text
        world.move_clock(2 * 3600)
        assert books.charged(ada["customer"]) == before
        assert books.api.customers.retrieve(ada["customer"]).balance == 0

    def test_while_stripe_cannot_preview_nobody_is_kept_and_nothing_is_promised(self, ada, world, visit, books):
        world.fail("create_preview$", times=None)
        with at_once(world, proration_behavior="create_prorations", invoice_now=True) as host:
            page, done = cancel(visit(ada["customer"], at=host), ada["subscription"])
        assert "not charged again" not in page.text
        assert "The time you do not use is not paid back" in page.text
        assert "Pro has ended" in done.text

    def test_two_clicks_are_one_end(self, ada, world, visit, books):
        with at_once(world) as host:
            browser = visit(ada["customer"], at=host)
            form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
            assert "Pro has ended" in browser.submit(form).text
            assert "Pro has ended" in browser.submit(form).text
        assert len([call for call in books.writes() if call["method"] == "DELETE"]) == 1

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_an_answer_that_is_lost_is_looked_up(self, ada, world, visit, books, when):
        with at_once(world) as host:
            browser = visit(ada["customer"], at=host)
            form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
            world.fail(ada["subscription"], method="DELETE", when=when, times=9, reset=True)
            done = browser.submit(form)
        is_over = books.subscription(ada["subscription"]).status == "canceled"
        assert is_over == (when == "after") == ("Pro has ended" in done.text)

    def test_the_receipt_names_the_last_bill(self, metered, world, visit, books):
        customer, subscription = metered(used=300)
        postbox = Postbox()
        features = Features(subscription_cancel=SubscriptionCancel(mode="immediately", invoice_now=True))
        with hosting(world, features=features, mail=postbox.deliver) as postbox.host:
            cancel(visit(customer, at=postbox.host), subscription)
            text = postbox.last().text
        assert "API has ended." in text
        assert "A last bill of $30.00 follows" in text
        assert "not charged again" not in text

    @pytest.mark.parametrize("settings", [{"proration_behavior": "create_prorations"}, {"invoice_now": True}])
    def test_what_is_for_who_leaves_at_once_needs_that_they_may(self, settings):
        with pytest.raises(ConfigError, match="immediately"):
            SubscriptionCancel(**settings)
        SubscriptionCancel(choices=("at_period_end", "immediately"), **settings)

    @pytest.mark.parametrize("choices", [("immediately",), ("tomorrow",)])
    def test_choices_hold_what_the_page_begins_with(self, choices):
        with pytest.raises(ConfigError, match="choices"):
            SubscriptionCancel(choices=choices)


@pytest.mark.feature(34, 35)
class TestWithThePeriod:
    @pytest.mark.parametrize("mode", ["classic", "flexible"])
    def test_what_waits_for_the_next_bill_is_the_last_one(self, world, visit, books, mode):
        ada = world.live("monthly", days=10, billing_mode=mode)
        item = {"customer": ada["customer"], "subscription": ada["subscription"], "amount": 700, "currency": "usd"}
        books.api.invoice_items.create(item)
        page, done = cancel(visit(ada["customer"]), ada["subscription"])
        said = "One last bill of $7.00 comes then, for what was not billed yet."
        assert said in page.text
        assert said in done.text
        before = books.charged(ada["customer"])
        world.move_clock(40 * DAY)
        assert books.charged(ada["customer"]) == before + 700

    def test_what_is_used_until_then_is_billed_and_said(self, metered, world, visit, books):
        customer, subscription = metered(used=300)
        browser = visit(customer)
        page, done = cancel(browser, subscription)
        for text in (page.text, done.text):
            assert "What you use until then is billed on" in text
            assert "So far that is $30.00." in text
            assert "not charged again" not in text
        assert "What you use until then is billed at the end." in browser.get("/").text
        world.move_clock(40 * DAY)
        assert books.charged(customer) == 3000

    def test_several_items_end_together(self, world, visit, books):
        customer = books.customer()
        items = [{"price": books.price(1000, name="Base")}, {"price": books.price(500, name="Support")}]
        made = books.api.subscriptions.create({"customer": customer, "items": items})
        page, _ = cancel(visit(customer), made.id)
        assert page.title.startswith("Cancel Base and Support")
        assert "not charged again" in page.text
        world.move_clock(40 * DAY)
        assert books.subscription(made.id).status == "canceled"
        assert books.charged(customer) == 1500

    def test_one_that_is_billed_by_invoice(self, world, visit, books):
        customer = books.customer(card=None)
        terms = {"collection_method": "send_invoice", "days_until_due": 14}
        subscription = books.subscribe(customer, books.price(1000), **terms)
        world.move_clock(2 * 3600)
        page, done = cancel(visit(customer), subscription)
        assert "One invoice of $10.00 is unpaid" in page.text
        assert "Custom is canceled" in done.text
        world.move_clock(40 * DAY)
        assert books.subscription(subscription).status == "canceled"
        assert [invoice.total for invoice in books.invoices(customer)] == [1000]


class TestWhatIsOwed:
    @pytest.mark.feature(47)
    def test_is_said_first_with_the_way_to_pay_it(self, world, visit, books):
        bob = world.live("past_due")
        browser = visit(bob["customer"])
        page = browser.get(f"/subscriptions/{bob['subscription']}/cancellation")
        assert page.text.index("One invoice of $29.00 is unpaid") < page.text.index("You keep Pro until")
        assert browser.get(page.link("Pay $29.00")).title.startswith("Pay")
        browser.submit(page.form("/cancellation"))
        assert books.api.invoices.retrieve(bob["invoice"]).status == "open"

    @pytest.mark.feature(47)
    def test_who_may_not_pay_is_led_to_the_invoice(self, world, visit):
        bob = world.live("past_due")
        scopes = ["subscriptions:read", "subscriptions:write", "invoices:read"]
        browser = visit(bob["customer"], scopes=scopes)
        page = browser.get(f"/subscriptions/{bob['subscription']}/cancellation")
        assert page.link("See the invoice").endswith(f"/invoices/{bob['invoice']}")

    @pytest.mark.feature(33)
    @pytest.mark.parametrize("then", ["past_due", "unpaid"])
    def test_past_due_ends_with_the_period_and_unpaid_at_once(self, world, visit, books, then):
        world.dunning([1], then=then)
        bob = world.live("past_due")
        assert books.subscription(bob["subscription"]).status == then
        page, done = cancel(visit(bob["customer"]), bob["subscription"])
        after = books.subscription(bob["subscription"])
        if then == "unpaid":
            assert "ends at once" in page.text
            assert after.status == "canceled"
        else:
            assert after.cancel_at is not None
            assert "not charged again" not in page.text  # the open invoice is tried again
        assert "is unpaid" in page.text
        assert done.status == 200

    @pytest.mark.feature(33, 47)
    def test_one_that_never_began_is_dropped(self, world, visit, books):
        customer = books.customer("pm_card_authenticationRequired")
        subscription = books.subscribe(customer, books.price(1000), payment_behavior="default_incomplete")
        assert books.subscription(subscription).status == "incomplete"
        page, done = cancel(visit(customer), subscription)
        assert "Once it is paid, your subscription starts. If you cancel, it never does." in page.text
        assert "not paid back" not in page.text
        assert books.subscription(subscription).status == "incomplete_expired"
        assert "Custom has ended" in done.text


@pytest.mark.feature(46)
class TestWhatWasPlanned:
    def said_and_dropped(self, browser, life, books, words):
        schedule = books.subscription(life["subscription"]).schedule
        page, done = cancel(browser, life["subscription"])
        assert words in page.text
        assert books.subscription(life["subscription"]).cancel_at is not None
        assert books.api.subscription_schedules.retrieve(schedule).status == "released"
        assert "Pro is canceled" in done.text

    def plan(self, books, life, **more):
        made = books.api.subscription_schedules.create({"from_subscription": life["subscription"]})
        now = made.phases[0]
        items = [{"price": life["prices"]["pro_monthly"]}]
        books.api.subscription_schedules.update(
            made.id,
            {
                "phases": [
                    {"items": items, "start_date": now.start_date, "end_date": now.end_date},
                    {
                        "items": [{"price": life["prices"]["starter_monthly"]}],
                        "duration": {"interval": "month", "interval_count": 1},
                    },
                ],
                **more,
            },
        )

    def test_a_change_of_ours(self, ada, visit, books, world):
        self.plan(books, ada, metadata={"portal_embed": "change"})
        words = "The plan change that is planned is dropped."
        self.said_and_dropped(visit(ada["customer"]), ada, books, words)
        world.move_clock(40 * DAY)
        assert books.subscription(ada["subscription"]).status == "canceled"

    def test_one_that_has_begun_is_no_longer_to_come(self, ada, visit, books, world):
        self.plan(books, ada, metadata={"portal_embed": "change"})
        world.move_clock(31 * DAY)
        assert books.plan(ada["subscription"])[0] == ada["prices"]["starter_monthly"]
        assert books.subscription(ada["subscription"]).schedule is not None
        books.api.invoice_items.create(
            {"customer": ada["customer"], "subscription": ada["subscription"], "amount": 700, "currency": "usd"}
        )
        with at_once(world, invoice_now=True) as host:
            page, done = cancel(visit(ada["customer"], at=host), ada["subscription"])
        assert "is dropped" not in page.text
        assert "$7.00" in page.text
        assert "$7.00" in done.text

    def test_an_old_click_does_not_drop_what_was_planned_since(self, ada, visit, books, world):
        browser = visit(ada["customer"])
        form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        browser.submit(form)
        browser.submit(browser.get("/").form("/continuation"))
        self.plan(books, ada, metadata={"portal_embed": "change"})
        page = browser.submit(form)
        assert page.status == 409
        assert books.subscription(ada["subscription"]).schedule is not None
        assert books.subscription(ada["subscription"]).cancel_at is None

    def test_an_old_click_whose_answer_was_an_error_is_no_error_of_now(self, ada, visit, books, world):
        browser = visit(ada["customer"])
        form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        world.fail(rf"^/v1/subscriptions/{ada['subscription']}$", method="POST", status=500, when="after", times=9)
        assert "canceled" in browser.submit(form).text
        world.heal()
        browser.submit(browser.get("/").form("/continuation"))
        assert browser.submit(form).status == 409
        assert books.subscription(ada["subscription"]).cancel_at is None

    def test_what_the_merchant_has_planned(self, ada, visit, books):
        self.plan(books, ada)
        words = "What is planned for this subscription is dropped."
        self.said_and_dropped(visit(ada["customer"]), ada, books, words)

    def test_a_pause_to_come(self, ada, visit, books, world):
        at = {"type": "timestamp", "timestamp": world.now() + 5 * DAY}
        books.client.raw_request(
            "post",
            "/v1/subscription_schedules",
            from_subscription=ada["subscription"],
            pause_schedules=[{"pause": {"pause_at": at}}],
        )
        words = "The pause that is planned is dropped."
        self.said_and_dropped(visit(ada["customer"]), ada, books, words)
        world.move_clock(6 * DAY)
        assert books.subscription(ada["subscription"]).status == "active"

    def test_at_once_too(self, ada, visit, books, world):
        self.plan(books, ada)
        with at_once(world) as host:
            page, _ = cancel(visit(ada["customer"], at=host), ada["subscription"])
        assert "What is planned for this subscription is dropped." in page.text
        assert books.subscription(ada["subscription"]).status == "canceled"

    def test_a_change_that_waits_for_its_payment(self, ada, visit, books):
        books.add(ada["customer"], "pm_card_authenticationRequired", default=True)
        item = books.subscription(ada["subscription"])["items"].data[0].id
        change = {"items": [{"id": item, "price": ada["prices"]["pro_yearly"], "quantity": 1}]}
        behavior = {"payment_behavior": "pending_if_incomplete", "proration_behavior": "always_invoice"}
        books.api.subscriptions.update(ada["subscription"], {**change, **behavior})
        assert books.subscription(ada["subscription"]).pending_update is not None
        page, done = cancel(visit(ada["customer"]), ada["subscription"])
        assert "The plan change that waits for its payment is dropped." in page.text
        assert "Pro is canceled" in done.text
        after = books.subscription(ada["subscription"])
        assert after.pending_update is None
        assert after.cancel_at is not None

    def test_a_paused_one_ends_at_once_with_its_pause(self, ada, visit, books):
        resume = {"resume_at": {"type": "duration", "duration": {"interval": "month", "interval_count": 2}}}
        books.client.raw_request(
            "post",
            "/v1/subscription_schedules",
            from_subscription=ada["subscription"],
            pause_schedules=[{"pause": {"pause_at": {"type": "now"}}, "resume": resume}],
        )
        assert books.subscription(ada["subscription"]).status == "paused"
        page, done = cancel(visit(ada["customer"]), ada["subscription"])
        assert "Pro ends at once" in page.text
        assert "Pro has ended" in done.text
        assert books.subscription(ada["subscription"]).status == "canceled"


@pytest.mark.feature(33)
def test_a_trial_that_ends_at_once_had_cost_nothing(world, visit, books):
    clara = world.live("trialing")
    with at_once(world, proration_behavior="create_prorations") as host:
        page, _ = cancel(visit(clara["customer"], at=host), clara["subscription"])
    assert "paid back" not in page.text
    assert books.subscription(clara["subscription"]).status == "canceled"
    world.move_clock(40 * DAY)
    assert books.charged(clara["customer"]) == 0
