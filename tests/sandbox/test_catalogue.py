"""Products, prices, coupons, promotion codes, tax rates."""

import pytest

from tests.sandbox.annotations import assert_matches_sdk
from tests.sandbox.support import refusal_of


@pytest.fixture
def pro(client):
    """A monthly price of ten dollars."""
    return client.v1.prices.create(
        {
            "currency": "usd",
            "unit_amount": 1000,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Pro"},
            "lookup_key": "pro",
        }
    )


def test_products_and_prices_have_the_keys_the_sdk_declares(client, pro):
    assert_matches_sdk(pro.to_dict())
    assert_matches_sdk(client.v1.products.retrieve(pro.product).to_dict())


def test_prices_are_found_by_lookup_key(client, pro):
    client.v1.prices.create({"currency": "usd", "unit_amount": 1, "product": pro.product})
    assert [price.id for price in client.v1.prices.list({"lookup_keys": ["pro"]}).data] == [pro.id]


def test_products_are_found_by_their_ids(client, pro):
    client.v1.products.create({"name": "Other"})
    assert [product.id for product in client.v1.products.list({"ids": [pro.product]}).data] == [pro.product]


def test_a_taken_lookup_key_is_refused(client, pro):
    error = refusal_of(
        client.v1.prices.create, {"currency": "usd", "unit_amount": 1, "product": pro.product, "lookup_key": "pro"}
    )
    assert (error.http_status, error.param) == (400, "lookup_key")


def test_a_transferred_lookup_key_leaves_its_old_holder(client, pro):
    other = client.v1.prices.create(
        {"currency": "usd", "unit_amount": 1, "product": pro.product, "lookup_key": "pro", "transfer_lookup_key": True}
    )
    assert (other.lookup_key, client.v1.prices.retrieve(pro.id).lookup_key) == ("pro", None)


def test_a_product_with_prices_cannot_be_deleted(client, pro):
    error = refusal_of(client.v1.products.delete, pro.product)
    assert error.user_message == "This product cannot be deleted because it has one or more user-created prices."


def test_tiers_are_shown_only_when_expanded(client):
    tiers = [{"up_to": 10, "unit_amount": 100}, {"up_to": "inf", "unit_amount": 50}]
    price = client.v1.prices.create(
        {
            "currency": "usd",
            "recurring": {"interval": "month"},
            "product_data": {"name": "T"},
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "tiers": tiers,
        }
    )
    assert "tiers" not in price.to_dict()
    shown = client.v1.prices.retrieve(price.id, {"expand": ["tiers"]})
    assert_matches_sdk(shown.to_dict())
    assert [(tier.up_to, tier.unit_amount) for tier in shown.tiers] == [(10, 100), (None, 50)]


def test_a_coupon_shows_its_percentage_as_a_decimal(client):
    coupon = client.v1.coupons.create({"percent_off": 10, "duration": "forever"})
    assert_matches_sdk(coupon.to_dict())
    assert (coupon.percent_off, len(coupon.id)) == (10.0, 8)


def test_a_coupon_is_a_percentage_or_an_amount(client):
    assert refusal_of(client.v1.coupons.create, {}).user_message == "Must provide percent_off or amount_off."
    both = {"percent_off": 10, "amount_off": 100, "currency": "usd"}
    assert "Please pass in only one" in refusal_of(client.v1.coupons.create, both).user_message


def test_what_a_coupon_applies_to_is_shown_only_when_expanded(client, pro):
    coupon = client.v1.coupons.create({"percent_off": 10, "applies_to": {"products": [pro.product]}})
    assert "applies_to" not in coupon.to_dict()
    assert client.v1.coupons.retrieve(coupon.id, {"expand": ["applies_to"]}).applies_to.products == [pro.product]


def test_a_promotion_code_leads_to_its_coupon(client):
    coupon = client.v1.coupons.create({"percent_off": 10})
    code = client.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SAVE"})
    assert_matches_sdk(code.to_dict())
    found = client.v1.promotion_codes.list({"code": "save", "expand": ["data.promotion.coupon"]}).data
    assert [row.promotion.coupon.percent_off for row in found] == [10.0]


def test_an_unknown_coupon_in_a_promotion_code_is_named(client):
    error = refusal_of(client.v1.promotion_codes.create, {"promotion": {"type": "coupon", "coupon": "NOPE1234"}})
    assert (error.user_message, error.param) == ("No such coupon: 'NOPE1234'", "promotion[coupon]")


def test_a_tax_rate_has_the_keys_the_sdk_declares(client):
    rate = client.v1.tax_rates.create({"display_name": "VAT", "inclusive": True, "percentage": 21})
    assert_matches_sdk(rate.to_dict())


def test_a_coupon_turns_invalid_when_its_time_is_over(client, world):
    now = world.freeze(1_800_000_000)
    coupon = client.v1.coupons.create({"percent_off": 10, "redeem_by": now + 60})
    world.move_clock(61)
    assert client.v1.coupons.retrieve(coupon.id).valid is False


def test_a_coupon_turns_invalid_when_it_is_used_up(client, world):
    coupon = client.v1.coupons.create({"percent_off": 10, "max_redemptions": 1})
    world.life("monthly", coupon=coupon.id)
    used = client.v1.coupons.retrieve(coupon.id)
    assert (used.times_redeemed, used.valid) == (1, False)
