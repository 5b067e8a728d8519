"""Which codes are taken, what stays on a subscription, and how a discount reads."""

from __future__ import annotations

import msgspec
import pytest

from portal_embed import Features
from portal_embed.billing.discounts import in_force, kept
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.money import Money
from portal_embed.billing.promotions import REASONS, CodeRefusal, Promotion, order_for, order_of, refusal_of
from portal_embed.billing.stripe.objects import Coupon, Price, PromotionCode
from portal_embed.config import SubscriptionUpdate
from portal_embed.i18n.formatting import Formatter
from portal_embed.view_models.discounts import code_refused_text, discount_lines, size_text
from tests.billing.people import NOW, customer, item, price, subscription

FMT = Formatter("en", "UTC")
TENTH = {"id": "TENTH", "percent_off": 10.0, "duration": "forever"}
FIVE = {"id": "FIVE", "amount_off": 500, "currency": "usd", "duration": "once"}
CODE = {"id": "promo_1", "code": "SPRING20"}
MAY_3 = 1_809_345_600
"""3 May 2027, unix seconds."""


def promotion(coupon=None, **restrictions):
    code = {"id": "promo_1", "code": "SPRING20", "restrictions": restrictions}
    return Promotion(msgspec.convert(code, PromotionCode), msgspec.convert(coupon or TENTH, Coupon))


def discount(coupon=None, id="di_1", **more):
    return {"id": id, "source": {"coupon": coupon or TENTH}, **more}


def refused(given, plan=None):
    plan = plan or subscription()
    found = refusal_of(given, order_of(plan))
    return found.reason if found is not None else None


@pytest.mark.feature(72)
class TestWhatIsTaken:
    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            (promotion(), None),
            (promotion(FIVE), None),
            (promotion({**FIVE, "currency": "eur"}), "currency"),
            (promotion({**FIVE, "currency": "eur", "currency_options": {"usd": {"amount_off": 600}}}), None),
            (promotion({**TENTH, "applies_to": {"products": ["prod_pro", "prod_x"]}}), None),
            (promotion({**TENTH, "applies_to": {"products": ["prod_x"]}}), "products"),
            (promotion({**TENTH, "applies_to": {"products": []}}), None),
            (promotion(minimum_amount=2900, minimum_amount_currency="usd"), None),
            (promotion(minimum_amount=2901, minimum_amount_currency="usd"), "minimum"),
            (promotion(minimum_amount=100, minimum_amount_currency="eur"), "currency"),
            (
                promotion(
                    minimum_amount=100,
                    minimum_amount_currency="eur",
                    currency_options={"usd": {"minimum_amount": 5000}},
                ),
                "minimum",
            ),
        ],
    )
    def test_what_stripe_would_refuse_is_refused(self, given, reason):
        assert refused(given) == reason

    def test_a_coupon_that_is_on_it_is_not_taken_twice(self):
        assert refused(promotion(), subscription(discounts=[discount()])) == "on_it"
        assert refused(promotion(), subscription(discounts=[discount(FIVE)])) is None

    def test_the_least_amount_is_that_of_all_items_with_their_quantities(self):
        two = subscription(items=[item(quantity=2), item("si_2", unit_amount=1000)])
        assert order_of(two).amount == 6800
        assert refused(promotion(minimum_amount=6800, minimum_amount_currency="usd"), two) is None
        assert refused(promotion(minimum_amount=6801, minimum_amount_currency="usd"), two) == "minimum"

    def test_where_the_sum_depends_on_use_stripe_has_the_word(self):
        metered = subscription(items=[item(unit_amount=None, billing_scheme="tiered")])
        assert order_of(metered).amount is None
        assert refused(promotion(minimum_amount=9900, minimum_amount_currency="usd"), metered) is None

    def test_a_code_may_be_held_against_the_plan_that_is_about_to_be_chosen(self):
        yearly = msgspec.convert(price("price_yearly", unit_amount=29000, product="prod_team"), Price)
        order = order_for([(yearly, 2)], "usd")
        assert (order.amount, order.products) == (58000, {"prod_team"})
        given = promotion({**TENTH, "applies_to": {"products": ["prod_team"]}})
        assert refusal_of(given, order) is None
        assert refused(given) == "products"

    def test_every_refusal_has_words_of_its_own(self):
        said = {code_refused_text(CodeRefusal(reason), FMT) for reason in REASONS}
        assert len(said) == len(REASONS)
        dear = code_refused_text(CodeRefusal("minimum", Money(5000, "jpy")), FMT)
        assert dear == "This code is for plans of ¥5,000 and more."


@pytest.mark.feature(73)
def test_what_is_on_a_subscription_stays_but_for_the_one_that_goes():
    found = subscription(discounts=[discount(), discount(FIVE, "di_2")]).discounts
    assert kept(found) == [{"discount": "di_1"}, {"discount": "di_2"}]
    assert kept(found, without="di_1") == [{"discount": "di_2"}]
    assert kept(("di_3",)) == [{"discount": "di_3"}]
    assert kept(None) == []


@pytest.mark.feature(26)
class TestWhatIsInForce:
    def said(self, *discounts, **plan):
        found = subscription(discounts=list(discounts), **plan)
        lines = discount_lines(found, {}, {}, FMT, now=NOW, may_remove=False, customer=customer())
        return [line.text for line in lines]

    def test_each_says_how_much_by_which_code_and_until_when(self):
        fifth = {"id": "FIFTH", "percent_off": 20.0, "duration": "repeating", "duration_in_months": 6}
        assert self.said(
            discount(fifth, end=MAY_3, promotion_code=CODE),
            discount(fifth, end=MAY_3),
            discount(TENTH),
            discount(TENTH, promotion_code=CODE),
            discount(FIVE),
            discount({**FIVE, "amount_off": 500, "currency": "jpy"}, promotion_code=CODE),
        ) == [
            "20% off with SPRING20 until 3 May 2027",
            "20% off until 3 May 2027",
            "10% off for good",
            "10% off for good with SPRING20",
            "$5.00 off the next bill",
            "¥500 off the next bill with SPRING20",
        ]

    def test_what_has_ended_is_not_there(self):
        assert self.said(discount(end=NOW), discount(end=NOW + 1)) == ["10% off until 15 January 2027"]

    def test_a_coupon_that_is_gone_is_still_a_discount(self):
        assert self.said(discount({"id": "GONE"}), discount({"id": "GONE"}, end=MAY_3)) == [
            "A discount",
            "A discount until 3 May 2027",
        ]

    def test_those_of_one_part_say_which(self):
        parts = [item(), {**item("si_2", nickname="Extra seats"), "discounts": [discount("TENTH", "di_9")]}]
        found = subscription(items=parts)
        named = {"TENTH": msgspec.convert(TENTH, Coupon)}
        (line,) = discount_lines(found, named, {}, FMT, now=NOW, may_remove=True, customer=customer())
        assert line.text == "Extra seats: 10% off for good"
        assert line.removal_spoken == "Remove discount: Extra seats: 10% off for good"
        assert [one.item.id for one in in_force(found, named, NOW)] == ["si_2"]

    def test_a_coupon_of_several_currencies_says_the_customer_s(self):
        coupon = msgspec.convert({**FIVE, "currency_options": {"jpy": {"amount_off": 700}}}, Coupon)
        assert (size_text(coupon, FMT, "jpy"), size_text(coupon, FMT, "usd")) == ("¥700", "$5.00")


@pytest.mark.feature(72)
def test_codes_are_off_until_the_host_allows_them_and_then_plans_need_not_be():
    codes = Features(subscription_update=SubscriptionUpdate(default_allowed_updates=("promotion_code",)))
    off = Features(
        subscription_update=SubscriptionUpdate(enabled=False, default_allowed_updates=("price", "promotion_code"))
    )
    assert why_not(Act.DISCOUNT, subscription(), Features()) == "off"
    assert why_not(Act.DISCOUNT, subscription(), off) == "off"
    assert why_not(Act.DISCOUNT, subscription(), codes) is None
    assert why_not(Act.CHANGE, subscription(), codes) == "off"
