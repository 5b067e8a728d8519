"""Stripe's `flow_data`: what is read out of it, what is refused, and that it travels unchanged."""

import pytest

from portal_embed.access.flows import TYPES, AfterCompletion, Flow, parse

SUB = "sub_1MowQVLkdIwHu7ix"
HERE = frozenset({"https://app.example.com"})
CONFIRM = {
    "subscription": SUB,
    "items": [{"id": "si_NcLYdDxLHxlFo7", "price": "price_1MoBy5LkdIwHu7ix", "quantity": 3}],
}
REDIRECT = {"type": "redirect", "redirect": {"return_url": "https://app.example.com/bye"}}
THANKS = {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "Merci ♥"}}
OFFER = {"type": "coupon_offer", "coupon_offer": {"coupon": "25OFF"}}


def flow_of(kind: str, detail: dict | None = None, after: dict | None = None) -> Flow:
    data = {"type": kind, **({kind: detail} if detail else {}), **({"after_completion": after} if after else {})}
    return parse(data, HERE)


@pytest.mark.parametrize("kind", TYPES[2:5])
def test_a_flow_is_about_one_subscription(kind):
    assert flow_of(kind, {"subscription": SUB}) == Flow(type=kind, subscription=SUB)


def test_without_a_word_on_what_follows_a_confirmation_is_shown():
    assert flow_of("payment_method_update").after_completion == AfterCompletion(type="hosted_confirmation")


def test_a_change_to_confirm_names_its_item_price_quantity_and_discount():
    flow = flow_of("subscription_update_confirm", {**CONFIRM, "discounts": [{"promotion_code": "promo_1Mi1kl2eZ"}]})

    assert (flow.item, flow.price, flow.quantity) == ("si_NcLYdDxLHxlFo7", "price_1MoBy5LkdIwHu7ix", 3)
    assert flow.discounts == (("promotion_code", "promo_1Mi1kl2eZ"),)


@pytest.mark.parametrize(
    ("kind", "detail", "after"),
    [
        ("payment_method_update", None, None),
        ("customer_update", None, {"type": "portal_homepage"}),
        ("subscription_cancel", {"subscription": SUB, "retention": OFFER}, REDIRECT),
        ("subscription_update_confirm", {**CONFIRM, "discounts": [{"coupon": "25OFF"}]}, THANKS),
    ],
)
def test_a_flow_travels_unchanged(kind, detail, after):
    flow = flow_of(kind, detail, after)

    assert parse(flow.flow_data(), HERE) == flow


@pytest.mark.parametrize(
    ("kind", "detail", "after", "word"),
    [
        ("subscription_delete", None, None, "flow_data.type"),
        ("subscription_cancel", None, None, "flow_data.subscription_cancel"),
        ("subscription_cancel", {"subscription": "cus_1"}, None, "subscription"),
        ("customer_update", {"name": "x"}, None, "customer_update takes nothing"),
        ("subscription_update", {"subscription": SUB, "retention": OFFER}, None, "retention"),
        ("subscription_cancel", {"subscription": SUB, "retention": {"type": "hug"}}, None, "coupon_offer"),
        ("customer_update", None, {"type": "party"}, "after_completion.type"),
        ("customer_update", None, {"type": "redirect"}, "redirect"),
        ("customer_update", None, {"type": "redirect", "redirect": {"return_url": "//evil"}}, "return_url"),
        ("customer_update", None, {**THANKS, "redirect": {}}, "redirect"),
        (
            "customer_update",
            None,
            {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "x" * 501}},
            "custom_message",
        ),
    ],
)
def test_what_is_wrong_is_named(kind, detail, after, word):
    with pytest.raises(ValueError, match=word):
        flow_of(kind, detail, after)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"items": []}, "exactly one item"),
        ({"items": [{"id": "si_NcLYdDxLHxlFo7"}]}, "changes nothing"),
        ({"items": [{"id": "sub_1", "quantity": 2}]}, "id"),
        ({"items": [{"id": "si_NcLYdDxLHxlFo7", "quantity": 0}]}, "quantity"),
        ({"items": [{"id": "si_NcLYdDxLHxlFo7", "quantity": True}]}, "quantity"),
        ({"discounts": [{"coupon": "A"}, {"coupon": "B"}]}, "at most one"),
        ({"discounts": [{"coupon": "A", "promotion_code": "promo_1"}]}, "either"),
        ({"discounts": [{"discount": "di_1"}]}, "discount"),
    ],
)
def test_a_wrong_change_to_confirm_is_named(change, word):
    with pytest.raises(ValueError, match=word):
        flow_of("subscription_update_confirm", {**CONFIRM, **change})
