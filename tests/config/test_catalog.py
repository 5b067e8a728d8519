"""A catalog that could not be sold does not start."""

import pytest

from portal_embed.config import Catalog, Plan, Quantity
from portal_embed.errors import ConfigError

BASIC = Plan(price="price_1Basic")
PRO = Plan(lookup_key="pro_monthly", quantity=Quantity(1, 50))


def test_plans_keep_their_order_and_are_found_by_id_or_lookup_key():
    catalog = Catalog([PRO, BASIC])

    assert catalog.plans == (PRO, BASIC)
    assert (catalog.prices, catalog.lookup_keys) == (("price_1Basic",), ("pro_monthly",))
    assert catalog.find(price="price_1Basic") is BASIC
    assert catalog.find(price="price_other", lookup_key="pro_monthly") is PRO


def test_what_is_not_on_offer_is_not_found():
    catalog = Catalog([PRO, BASIC])

    assert catalog.find(price="price_other") is None
    assert catalog.find() is None
    assert Catalog().plans == ()


@pytest.mark.parametrize("arguments", [{}, {"price": "price_1", "lookup_key": "pro"}, {"price": "", "lookup_key": ""}])
def test_a_plan_names_its_price_exactly_once(arguments):
    with pytest.raises(ConfigError, match="once"):
        Plan(**arguments)


@pytest.mark.parametrize("price", ["prod_1", "pro_monthly", "price_", "price_1 ", "price_1/../x"])
def test_a_price_has_stripes_form(price):
    with pytest.raises(ConfigError, match="price_"):
        Plan(price=price)


@pytest.mark.parametrize("ends", [(0, 5), (5, 4), (-1, 1), (1, 1_000_000)])
def test_a_quantity_runs_from_one_upwards(ends):
    with pytest.raises(ConfigError, match="minimum"):
        Quantity(*ends)


@pytest.mark.parametrize("ends", [(1.0, 5), (True, 5), ("1", 5)])
def test_a_quantity_is_a_whole_number(ends):
    with pytest.raises(ConfigError, match="whole number"):
        Quantity(*ends)


@pytest.mark.parametrize("days", [0, -1, 731, 14.0, True, "14"])
def test_a_trial_is_a_number_of_days_that_stripe_takes(days):
    with pytest.raises(ConfigError, match="trial_days"):
        Plan(lookup_key="pro_monthly", trial_days=days)


def test_one_price_stands_once():
    with pytest.raises(ConfigError, match="price_1Basic twice"):
        Catalog([BASIC, Plan(price="price_1Basic", name="Again")])


def test_a_catalog_holds_plans():
    with pytest.raises(ConfigError, match="not str"):
        Catalog(["price_1Basic"])
