"""Sums, dates and numbers as each locale writes them."""

from __future__ import annotations

import datetime as dt

import pytest

from portal_embed.billing.money import Money
from portal_embed.i18n.catalog import OURS, direction, pseudo
from portal_embed.i18n.formatting import Formatter, formatter_for

MARCH_12 = int(dt.datetime(2027, 3, 12, 23, 30, tzinfo=dt.UTC).timestamp())


def fmt(locale="en", timezone="UTC"):
    return Formatter(locale, timezone)


@pytest.mark.parametrize(
    ("locale", "amount", "currency", "text"),
    [
        ("en", 1340, "usd", "$13.40"),
        ("en", -1340, "usd", "-$13.40"),
        ("en", 123456789, "usd", "$1,234,567.89"),
        ("de", 1340, "eur", "13,40€"),
        ("en", 500, "jpy", "¥500"),
        ("en", 1234, "kwd", "KWD1.234"),
        ("en", 0, "usd", "$0.00"),
        ("en", 100, "xyz", "XYZ1.00"),
    ],
)
def test_money(locale, amount, currency, text):
    assert fmt(locale).money(Money(amount, currency)).replace("\xa0", "") == text  # CLDR's versions differ in the space


def test_a_day_is_the_account_s_not_the_server_s():
    assert fmt().date(MARCH_12) == "12 March 2027"
    assert fmt(timezone="Europe/Berlin").date(MARCH_12) == "13 March 2027"
    assert fmt(timezone="America/New_York").date(MARCH_12) == "12 March 2027"


@pytest.mark.parametrize(
    ("locale", "text"), [("de", "12. März 2027"), ("fr", "12 mars 2027"), ("en-GB", "12 March 2027")]
)
def test_a_date_is_written_as_the_locale_writes_it(locale, text):
    assert fmt(locale).date(MARCH_12) == text


def test_a_short_date_fits_a_table():
    assert fmt().short_date(MARCH_12) == "12 Mar 2027"


def test_numbers_percent_and_lists():
    assert fmt().number(12345) == "12,345"
    assert fmt("de").number(12345) == "12.345"
    assert fmt().percent(16) == "16%"
    assert fmt().percent(12.5) == "12.5%"
    assert fmt().listing(["Pro", "Scale"]) == "Pro and Scale"
    assert fmt().listing([]) == ""


def test_plurals_follow_the_count():
    words = ("%(count)s card", "%(count)s cards")
    assert fmt().n(*words, 1) == "1 card"
    assert fmt().n(*words, 2000) == "2,000 cards"


def test_an_unknown_locale_is_english():
    assert fmt("xx-YY").money(Money(100, "usd")) == "$1.00"


def test_a_text_from_outside_with_a_percent_sign_is_no_placeholder():
    assert fmt()._("%(plan)s ends", plan="100 %(x)s") == "100 %(x)s ends"


def test_the_pseudo_locale_changes_words_and_keeps_placeholders():
    assert pseudo("Pay %(amount)s").count("%(amount)s") == 1
    assert pseudo("{name}, {price}").startswith("⟦{name}, {price}")
    assert fmt("en-XA")._("Pay %(amount)s", amount="$1") == "⟦Påý $1~~⟧"


def test_writing_from_right_to_left_is_said():
    assert direction("he") == "rtl"
    assert direction("de") == "ltr"


def test_formatters_and_translations_are_made_once():
    assert formatter_for("en", "UTC") is formatter_for("en", "UTC")
    assert OURS.translations("en") is OURS.translations("en")
