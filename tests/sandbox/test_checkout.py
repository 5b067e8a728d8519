"""Checkout: a visit to Stripe's own page, paid there with a test card."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request

import pytest
import stripe

pytestmark = pytest.mark.feature(120)

DAY = 86_400


@pytest.fixture
def ada(world):
    return world.live("new")


def begin(client, ada, price="pro_monthly", **more):
    return client.v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": ada["customer"],
            "line_items": [{"price": ada["prices"][price], "quantity": 1}],
            "success_url": "https://shop.example/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://shop.example/plans",
            **more,
        }
    )


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def send(url, **fields):
    """Press a button of the page: status, where it leads, and what it says."""
    opener = urllib.request.build_opener(_Stay)
    try:
        with opener.open(url, data=urllib.parse.urlencode(fields).encode() if fields else None) as answer:
            return answer.status, "", answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("location", ""), error.read().decode()


def subscriptions(client, ada):
    return client.v1.subscriptions.list({"customer": ada["customer"], "status": "all"}).data


def test_a_visit_is_open_until_it_is_paid(client, ada):
    visit = begin(client, ada)
    assert (visit.status, visit.payment_status, visit.ui_mode) == ("open", "unpaid", "hosted_page")
    assert (visit.amount_total, visit.currency) == (2900, "usd")
    assert subscriptions(client, ada) == []
    assert "Pro" in send(visit.url)[2]


def test_paying_makes_the_subscription_and_leads_back(client, ada):
    visit = begin(client, ada, subscription_data={"metadata": {"of": "ours"}}, metadata={"of": "ours"})
    status, to, _ = send(visit.url, number="4242 4242 4242 4242")
    assert (status, to) == (303, f"https://shop.example/done?session={visit.id}")
    visit = client.v1.checkout.sessions.retrieve(visit.id, {"expand": ["subscription", "line_items"]})
    assert (visit.status, visit.payment_status, visit.url) == ("complete", "paid", None)
    assert visit.subscription.status == "active"
    assert visit.subscription.metadata["of"] == "ours"
    card = client.v1.payment_methods.retrieve(visit.subscription.default_payment_method)
    assert (card.customer, card.card.last4) == (ada["customer"], "4242")
    (line,) = visit.line_items.data
    assert (line.amount_total, line.price.id) == (2900, ada["prices"]["pro_monthly"])
    assert client.v1.events.list({"type": "checkout.session.completed"}).data[0].data.object["id"] == visit.id


def test_it_is_paid_once(client, ada):
    visit = begin(client, ada)
    send(visit.url, number="4242424242424242")
    assert "all done" in send(visit.url, number="4242424242424242")[2]
    assert len(subscriptions(client, ada)) == 1


@pytest.mark.parametrize("number", ["4000000000000341", "4000000000000002", "1234567890123"])
def test_a_declined_card_leaves_nothing_and_another_may_be_tried(client, ada, number):
    visit = begin(client, ada)
    status, _, page = send(visit.url, number=number)
    assert status == 402
    assert "card" in page
    assert subscriptions(client, ada) == []
    assert send(visit.url, number="4242424242424242")[0] == 303


def test_the_bank_asks_and_is_obeyed(client, ada):
    visit = begin(client, ada)
    assert "3D Secure" in send(visit.url, number="4000002760003184")[2]
    assert send(visit.url, outcome="fail")[0] == 402
    assert [s.status for s in subscriptions(client, ada)] == ["incomplete_expired"]
    send(visit.url, number="4000002760003184")
    assert send(visit.url, outcome="complete")[0] == 303
    assert sorted(s.status for s in subscriptions(client, ada)) == ["active", "incomplete_expired"]


def test_a_trial_needs_no_card_where_it_is_said(client, ada):
    visit = begin(client, ada, payment_method_collection="if_required", subscription_data={"trial_period_days": 14})
    assert visit.amount_total == 0
    assert send(visit.url, number="")[0] == 303
    visit = client.v1.checkout.sessions.retrieve(visit.id)
    assert visit.payment_status == "no_payment_required"
    assert [s.status for s in subscriptions(client, ada)] == ["trialing"]


def test_it_expires_by_hand_or_after_a_day(client, world, ada):
    by_hand, by_itself = begin(client, ada), begin(client, ada)
    assert client.v1.checkout.sessions.expire(by_hand.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        client.v1.checkout.sessions.expire(by_hand.id)
    assert [s.id for s in client.v1.checkout.sessions.list({"customer": ada["customer"], "status": "open"}).data] == [
        by_itself.id
    ]
    world.move_clock(DAY + 60)
    assert client.v1.checkout.sessions.retrieve(by_itself.id).status == "expired"
    assert "expired" in send(by_hand.url, number="4242424242424242")[2]


def code(client, word="SPRING20", **coupon):
    coupon = client.v1.coupons.create({"percent_off": 20, "duration": "forever", **coupon})
    return client.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": word})


class TestCodes:
    def test_one_that_is_given_lowers_the_sum_and_is_redeemed_when_it_is_paid(self, client, ada):
        spring = code(client)
        visit = begin(client, ada, discounts=[{"promotion_code": spring.id}])
        assert (visit.amount_subtotal, visit.amount_total, visit.total_details.amount_discount) == (2900, 2320, 580)
        assert client.v1.promotion_codes.retrieve(spring.id).times_redeemed == 0
        assert "Discount: -$5.80" in send(visit.url)[2]
        send(visit.url, number="4242424242424242")
        (made,) = subscriptions(client, ada)
        assert client.v1.invoices.retrieve(made.latest_invoice).amount_paid == 2320
        assert client.v1.promotion_codes.retrieve(spring.id).times_redeemed == 1

    def test_its_page_has_the_field_where_codes_are_allowed(self, client, ada):
        code(client)
        visit = begin(client, ada, allow_promotion_codes=True)
        assert "Promotion code" in send(visit.url)[2]
        status, _, page = send(visit.url, code="NEVERWAS")
        assert (status, "This code is invalid." in page) == (402, True)
        assert "$23.20" in send(visit.url, code="spring20")[2]
        assert client.v1.checkout.sessions.retrieve(visit.id).amount_total == 2320
        assert send(visit.url, number="4242424242424242")[0] == 303
        (made,) = subscriptions(client, ada)
        assert client.v1.invoices.retrieve(made.latest_invoice).amount_paid == 2320

    def test_elsewhere_there_is_none_and_a_code_that_is_sent_all_the_same_does_nothing(self, client, ada):
        code(client)
        visit = begin(client, ada)
        assert "Promotion code" not in send(visit.url)[2]
        send(visit.url, code="SPRING20", number="4242424242424242")
        assert client.v1.checkout.sessions.retrieve(visit.id).amount_total == 2900

    def test_one_of_both_and_one_of_each_are_the_most(self, client, ada):
        given = {"promotion_code": code(client).id}
        with pytest.raises(stripe.InvalidRequestError, match="only specify one of these parameters"):
            begin(client, ada, allow_promotion_codes=True, discounts=[given])
        with pytest.raises(stripe.InvalidRequestError, match="one discount"):
            begin(client, ada, discounts=[given, {"promotion_code": code(client, "OTHER").id}])


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"ui_mode": "embedded_page"}, "ui_mode"),
        ({"ui_mode": "form"}, "ui_mode"),
        ({"ui_mode": "elements"}, "ui_mode"),
        ({"ui_mode": "hosted"}, "ui_mode"),
        ({"mode": "payment"}, "mode"),
        ({"return_url": "https://shop.example"}, "return_url"),
        ({"payment_method_types": ["card"]}, "payment_method_types"),
        ({"expires_at": 1}, "expires_at"),
    ],
)
def test_what_is_not_built_or_not_allowed_is_refused_loudly(client, ada, params, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        begin(client, ada, **params)
    assert refused.value.param == param


def test_the_page_refuses_to_be_framed(client, ada):
    with urllib.request.urlopen(begin(client, ada).url) as answer:
        assert answer.headers["X-Frame-Options"] == "DENY"
