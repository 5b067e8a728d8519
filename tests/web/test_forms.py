"""Forms as they arrive, and the little that is read out of them."""

from __future__ import annotations

import pytest

from portal_embed.web.forms import holds_card_data, signed_number, whole_number
from portal_embed.web.language import preferred_locale


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), (" 7 ", 7), ("007", 7), ("0", 0), ("", None), (None, None), ("-1", None), ("1.5", None), ("1e3", None),
     ("٣", None), ("²", None), ("9" * 12, 999_999_999_999), ("9" * 13, None), ("0x1", None), ("1_000", None)],
)  # fmt: skip
def test_a_whole_number(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize(("text", "number"), [("-7", -7), ("7", 7), ("-0", 0), ("--7", None), ("- 7", -7), ("-", None)])
def test_a_number_of_ours_may_be_negative(text, number):
    assert signed_number(text) == number


@pytest.mark.parametrize(
    "fields",
    [
        {"comment": "4242424242424242"},
        {"comment": "my card is 4242 4242 4242 4242, thanks"},
        {"comment": "3782-822463-10005"},
        {"cvc": "1"},
        {"Card_Number": ""},
    ],
)
def test_card_data_is_recognised(fields):
    assert holds_card_data(fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"comment": "4242424242424241"},
        {"comment": "call 030 1234567"},
        {"_op": "4242424242424242"},
        {"proration_date": "1800000000"},
        {"comment": "0000000000000000"},
        {},
    ],
)
def test_what_is_no_card_data_passes(fields):
    assert not holds_card_data(fields)


@pytest.mark.parametrize(
    ("header", "locale"),
    [("", "en"), ("en-GB,en;q=0.8", "en-GB"), ("xx", "en"), ("xx, en-AU;q=0.5", "en-AU"), ("en;q=0", "en"),
     ("en;q=abc, en-NZ;q=0.1", "en-NZ"), ("<script>", "en"), ("*" * 10_000, "en")],
)  # fmt: skip
def test_the_browser_s_language_counts_where_there_are_words_for_it(header, locale):
    assert preferred_locale(header, "en") == locale


def test_the_host_s_language_wins_over_the_browser_s():
    assert preferred_locale("en-GB", "en-XA") == "en-XA"
