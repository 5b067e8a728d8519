"""What a price comes to by its list. Pure."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from portal_embed.billing.prices import listed_amount
from portal_embed.billing.stripe.objects import Price
from tests.billing.people import price

STEPS = [
    {"up_to": 5, "unit_amount_decimal": "700", "flat_amount_decimal": "1000"},
    {"up_to": 10, "unit_amount_decimal": "500"},
    {"up_to": None, "unit_amount_decimal": "0.5", "flat_amount_decimal": "2000"},
]


def amount(quantity, **more):
    return listed_amount(msgspec.convert(price(**more), Price), quantity)


def test_so_many_times_its_unit():
    assert amount(3, unit_amount=1200) == 3600
    assert amount(0, unit_amount=1200) == 0
    assert amount(3, unit_amount=None, unit_amount_decimal="0.25") == Decimal("0.75")


@pytest.mark.parametrize(("rounds", "packages"), [("up", 3), ("down", 2)])
def test_by_the_package(rounds, packages):
    assert amount(21, unit_amount=100, transform_quantity={"divide_by": 10, "round": rounds}) == packages * 100


@pytest.mark.parametrize(
    ("mode", "quantity", "comes_to"),
    [
        # (Stripe docs, "Tiered pricing")
        ("volume", 5, 4500),
        ("volume", 6, 3000),
        ("volume", 100, 2050),
        ("graduated", 0, 1000),
        ("graduated", 5, 4500),
        ("graduated", 6, 5000),
        ("graduated", 12, 9001),
    ],
)
def test_by_steps(mode, quantity, comes_to):
    assert amount(quantity, unit_amount=None, billing_scheme="tiered", tiers_mode=mode, tiers=STEPS) == comes_to


def test_steps_that_were_not_read_tell_nothing():
    assert amount(3, unit_amount=None, billing_scheme="tiered", tiers_mode="volume") is None
