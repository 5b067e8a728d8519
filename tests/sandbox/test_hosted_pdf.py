"""The sandbox's PDFs: a file that follows the format, with the document's words on as many pages as it takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal_embed.sandbox.hosted.documents import Document, Line
from portal_embed.sandbox.hosted.paper import printed
from portal_embed.sandbox.hosted.pdf import WIDTH, width, win_ansi, wrapped
from portal_embed.sandbox.hosted.words import money
from tests.sandbox.pdf_reader import pages_of, title_of

LINE = Line("1 × Pro (at $10.00 / month)", "1 Oct 2026 - 1 Nov 2026", "1", "$10.00", "$10.00")
ADAS = Document(
    kind="Invoice",
    number="ADA-0001",
    moment=1_790_000_000,
    seller="Sandbox",
    state="Paid",
    headline="$10.00 paid on 1 Oct 2026",
    facts=(("Invoice number", "ADA-0001"), ("Date of issue", "1 Oct 2026")),
    bill_to=("Ada", "ada@example.com"),
    lines=(LINE,),
    totals=(("Subtotal", "$10.00"), ("Total", "$10.00"), ("Amount due", "$0.00")),
    notes=("Thank you.",),
)


def test_an_invoice_is_printed_on_one_page_with_all_its_words():
    (page,) = pages_of(printed(ADAS))

    wanted = [
        "ADA-0001",
        "1 Oct 2026",
        "Ada",
        LINE.description,
        LINE.period,
        "Subtotal",
        "Amount due",
        "$0.00",
        "Thank you.",
    ]
    assert [word for word in wanted if word not in page] == []
    assert title_of(printed(ADAS)) == "Invoice ADA-0001"


def test_many_lines_take_many_pages_each_with_its_number_and_the_columns_again():
    lines = tuple(replace(LINE, description=f"Day {number}") for number in range(1, 101))

    pages = pages_of(printed(replace(ADAS, lines=lines)))

    shown = [word for page in pages for word in page if word.startswith("Day ")]
    assert shown == [f"Day {number}" for number in range(1, 101)]
    assert [page[-1] for page in pages] == [f"Page {number} of {len(pages)}" for number in range(1, len(pages) + 1)]
    assert all("Description" in page for page in pages if any(word.startswith("Day ") for word in page))
    assert len(pages) > 2


def test_the_same_facts_give_the_same_bytes():
    assert printed(ADAS) == printed(ADAS)


def test_brackets_and_backslashes_in_a_name_do_not_break_the_file():
    (page,) = pages_of(printed(replace(ADAS, bill_to=("Ada (and\\or) Bob)",))))

    assert "Ada (and\\or) Bob)" in page


@pytest.mark.parametrize(
    ("name", "shown"), [("Zoë €5 ×", b"Zo\xeb \x805 \xd7"), ("Łukasz Dvořák", b"Lukasz Dvor\xe1k"), ("日本", b"??")]
)
def test_letters_beyond_the_encoding_lose_their_accents(name, shown):
    assert win_ansi(name) == shown


def test_figures_are_as_wide_as_adobe_says():
    assert width("$1,234.00", 10) == pytest.approx((7 * 556 + 2 * 278) / 100)


def test_a_word_wider_than_its_column_is_cut_and_nothing_is_lost():
    lines = wrapped("an " + "x" * 100 + " end", 10, 120)

    assert "".join(lines).replace(" ", "") == "an" + "x" * 100 + "end"
    assert all(width(line, 10) <= 120 < WIDTH for line in lines)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (123456, "usd", "$1,234.56"),
        (-667, "eur", "-€6.67"),
        (500, "jpy", "¥500"),
        ("0.5", "usd", "$0.005"),
        (1000, "chf", "CHF 10.00"),
        (0, "usd", "$0.00"),
    ],
)
def test_amounts_are_shown_in_their_currencys_own_way(amount, currency, shown):
    assert money(amount, currency) == shown
