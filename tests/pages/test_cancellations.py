"""Canceling a plan and keeping it after all: what Stripe's books say afterwards, and what the page says."""

from __future__ import annotations

import pytest

from portal_embed import Features
from portal_embed.config import CancellationReason, SubscriptionCancel
from tests.pages.people import DAY
from tests.serving import hosting


def cancel(browser, subscription, **typed):
    page = browser.get(f"/subscriptions/{subscription}/cancellation")
    assert page.status == 200, page.text
    return browser.submit(page.form(f"/subscriptions/{subscription}/cancellation"), **typed)


@pytest.fixture(params=["classic", "flexible"])
def ada(request, world):
    return world.live("monthly", days=10, billing_mode=request.param)


@pytest.mark.feature(34, 35)
def test_canceling_ends_the_plan_with_the_paid_period_in_both_billing_modes(ada, visit, books):
    ends = books.subscription(ada["subscription"])["items"].data[0].current_period_end
    page = cancel(visit(ada["customer"]), ada["subscription"])
    after = books.subscription(ada["subscription"])
    assert after.status == "active"
    assert after.cancel_at == ends
    assert "Pro is canceled" in page.text


@pytest.mark.feature(34, 35)
def test_after_canceling_it_really_ends_and_nothing_more_is_charged(ada, visit, books, world):
    cancel(visit(ada["customer"]), ada["subscription"])
    before = books.charged(ada["customer"])
    world.move_clock(40 * DAY)
    assert books.subscription(ada["subscription"]).status == "canceled"
    assert books.charged(ada["customer"]) == before


@pytest.mark.feature(45)
def test_keeping_the_plan_undoes_a_cancellation_in_both_billing_modes(ada, visit, books, world):
    browser = visit(ada["customer"])
    page = cancel(browser, ada["subscription"])
    kept = browser.submit(page.form("/continuation"))
    assert "You keep Pro" in kept.text
    before = books.charged(ada["customer"])
    world.move_clock(31 * DAY)
    assert books.subscription(ada["subscription"]).status == "active"
    assert books.charged(ada["customer"]) == before + 2900


@pytest.mark.feature(45)
@pytest.mark.parametrize("mode", ["classic", "flexible"])
def test_a_cancellation_made_elsewhere_can_be_undone_too(mode, world, visit, books):
    dan = world.live("canceling", billing_mode=mode)
    browser = visit(dan["customer"])
    browser.submit(browser.get("/").form("/continuation"))
    after = books.subscription(dan["subscription"])
    assert (after.cancel_at, after.cancel_at_period_end) == (None, False)


def test_the_page_says_until_when_the_plan_stays(world, visit, books):
    ada = world.live("monthly", days=10)
    page = visit(ada["customer"]).get(f"/subscriptions/{ada['subscription']}/cancellation")
    assert "You keep Pro until" in page.text
    assert "not charged again" in page.text


def test_the_reason_and_the_comment_reach_stripe(world, visit, books):
    ada = world.live("monthly", days=10)
    cancel(visit(ada["customer"]), ada["subscription"], feedback="missing_features", comment="  No exports!  ")
    details = books.subscription(ada["subscription"]).cancellation_details
    assert (details.feedback, details.comment) == ("missing_features", "No exports!")


def test_a_reason_that_was_not_offered_is_left_out(world, visit, books):
    ada = world.live("monthly", days=10)
    cancel(visit(ada["customer"]), ada["subscription"], feedback="payment_disputed")
    after = books.subscription(ada["subscription"])
    assert after.cancellation_details.feedback is None
    assert after.cancel_at is not None


def test_no_reason_is_asked_when_the_host_does_not_want_one(world, visit):
    ada = world.live("monthly", days=10)
    features = Features(subscription_cancel=SubscriptionCancel(cancellation_reason=CancellationReason(enabled=False)))
    with hosting(world, features=features) as host:
        page = visit(ada["customer"], at=host).get(f"/subscriptions/{ada['subscription']}/cancellation")
    assert "reason" not in page.text
    assert page.form("/cancellation").choices == {}


def test_a_trial_that_is_canceled_ends_without_a_charge(world, visit, books):
    clara = world.live("trialing")
    cancel(visit(clara["customer"]), clara["subscription"])
    world.move_clock(20 * DAY)
    assert books.subscription(clara["subscription"]).status == "canceled"
    assert books.charged(clara["customer"]) == 0


class TestAtOnce:
    """Where the host lets plans end immediately."""

    @pytest.fixture
    def at_once(self, world):
        features = Features(subscription_cancel=SubscriptionCancel(mode="immediately"))
        with hosting(world, features=features) as host:
            yield host

    @pytest.mark.feature(33)
    def test_the_plan_ends_now(self, world, visit, books, at_once):
        ada = world.live("monthly", days=10)
        page = cancel(visit(ada["customer"], at=at_once), ada["subscription"])
        assert books.subscription(ada["subscription"]).status == "canceled"
        assert "Pro has ended" in page.text

    def test_the_page_says_so_before(self, world, visit, at_once):
        ada = world.live("monthly", days=10)
        page = visit(ada["customer"], at=at_once).get(f"/subscriptions/{ada['subscription']}/cancellation")
        assert "Pro ends at once and cannot be brought back." in page.text

    def test_the_reason_reaches_stripe(self, world, visit, books, at_once):
        ada = world.live("monthly", days=10)
        cancel(visit(ada["customer"], at=at_once), ada["subscription"], feedback="unused", comment="bye")
        details = books.subscription(ada["subscription"]).cancellation_details
        assert (details.feedback, details.comment) == ("unused", "bye")

    @pytest.mark.feature(37)
    def test_unused_time_is_credited_only_when_the_host_says_so(self, world, visit, books):
        ada = world.live("monthly", days=10)
        features = Features(
            subscription_cancel=SubscriptionCancel(mode="immediately", proration_behavior="create_prorations")
        )
        with hosting(world, features=features) as host:
            cancel(visit(ada["customer"], at=host), ada["subscription"])
        items = books.api.invoice_items.list({"customer": ada["customer"], "pending": True}).data
        assert sum(item.amount for item in items) < 0


@pytest.mark.feature(47)
def test_an_open_invoice_is_mentioned_because_canceling_does_not_settle_it(world, visit):
    bob = world.live("past_due")
    page = visit(bob["customer"]).get(f"/subscriptions/{bob['subscription']}/cancellation")
    assert "One invoice of $29.00 is unpaid" in page.text
    assert "Canceling does not settle it." in page.text


def test_canceling_again_leads_to_the_overview(world, visit):
    dan = world.live("canceling")
    page = visit(dan["customer"]).get(f"/subscriptions/{dan['subscription']}/cancellation")
    assert page.status == 200
    assert page.title.startswith("Overview")


def test_what_has_ended_can_neither_be_canceled_nor_kept(world, visit, books):
    ada = world.live("monthly", days=10)
    browser = visit(ada["customer"])
    page = browser.get(f"/subscriptions/{ada['subscription']}/cancellation")
    books.api.subscriptions.cancel(ada["subscription"])
    assert browser.get(f"/subscriptions/{ada['subscription']}/cancellation").status == 409
    assert "has ended" in browser.submit(page.form("/cancellation")).text


@pytest.mark.feature(45)
def test_keeping_what_has_ended_is_refused_with_the_reason(world, visit, books):
    dan = world.live("canceling")
    browser = visit(dan["customer"])
    page = browser.get("/")
    books.api.subscriptions.cancel(dan["subscription"])
    after = browser.submit(page.form("/continuation"))
    assert after.status == 409
    assert "This subscription has ended." in after.text


def test_nothing_can_be_canceled_where_the_host_has_switched_it_off(world, visit):
    ada = world.live("monthly", days=10)
    with hosting(world, features=Features(subscription_cancel=SubscriptionCancel(enabled=False))) as host:
        browser = visit(ada["customer"], at=host)
        assert not browser.get("/").leads_to("/cancellation")
        assert browser.get(f"/subscriptions/{ada['subscription']}/cancellation").status == 404


@pytest.mark.feature(46)
def test_a_planned_change_is_dropped_with_the_plan(world, visit, books):
    ada = world.live("monthly", days=10)
    schedule = books.api.subscription_schedules.create({"from_subscription": ada["subscription"]})
    cancel(visit(ada["customer"]), ada["subscription"])
    assert books.api.subscription_schedules.retrieve(schedule.id).status == "released"
    assert books.subscription(ada["subscription"]).cancel_at is not None
