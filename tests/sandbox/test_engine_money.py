"""Rounding and periods, apart from everything else."""

from fractions import Fraction

import pytest

from portal_embed.sandbox.engine.money import minimum, rounded, shown
from portal_embed.sandbox.engine.periods import period_at, stepped


@pytest.mark.parametrize(
    ("exact", "whole"),
    [
        (Fraction(-5, 2), -3),
        (Fraction(9, 2), 4),
        (Fraction(15, 2), 7),
        (Fraction(-2000, 3), -667),
        (Fraction(1000, 3), 333),
        (Fraction(-999997, 1000), -1000),
        (Fraction(1, 1000), 0),
        (Fraction(24_999_997, 1000), 25_000),
        (Fraction(9_999_548, 1000), 10_000),
    ],
)
def test_an_exact_half_goes_down_and_everything_else_to_the_nearest(exact: Fraction, whole: int) -> None:
    assert rounded(exact, "usd") == whole


def test_the_31st_bills_on_the_last_day_of_shorter_months_and_comes_back() -> None:
    january_31 = 1_769_860_800
    days = [stepped(january_31, "month", 1, n) - january_31 for n in (1, 2, 3)]
    assert [day // 86_400 for day in days] == [28, 59, 89]


def test_leap_day_bills_on_the_28th_in_other_years() -> None:
    leap_day = 1_709_164_800  # 2024-02-29
    assert (stepped(leap_day, "year", 1, 1) - leap_day) // 86_400 == 365
    assert (stepped(leap_day, "year", 1, 4) - leap_day) // 86_400 == 1461


def test_a_boundary_belongs_to_the_period_it_starts() -> None:
    start, end = period_at(1_789_948_800, "month", 1, 1_789_948_800)
    assert start == 1_789_948_800
    assert period_at(1_789_948_800, "month", 1, end)[0] == end


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [(1000, "usd", "$10.00"), (500, "jpy", "¥500"), (Fraction(1, 2), "usd", "$0.005"), (123456, "eur", "€1,234.56")],
)
def test_amounts_in_descriptions(amount: Fraction | int, currency: str, words: str) -> None:
    assert shown(amount, currency) == words


def test_each_currency_has_its_smallest_chargeable_amount() -> None:
    assert (minimum("usd"), minimum("gbp"), minimum("xyz")) == (50, 30, 50)
