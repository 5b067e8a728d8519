"""The merchant's brand at Stripe: read once a minute, never waited for long, never an error."""

from __future__ import annotations

import asyncio
import logging

import msgspec
import pytest

from portal_embed.billing.stripe import branding
from portal_embed.billing.stripe.branding import LIFE_SECONDS, REFUSED_SECONDS, Branding, BrandingReader
from portal_embed.billing.terms import TermsReader
from portal_embed.config import Theme
from portal_embed.errors import StripeMisconfigured, StripeUnavailable
from tests.access.portal import make_config

pytestmark = pytest.mark.feature(13)


class Sky:
    """A Stripe that answers, or does not; and a clock."""

    def __init__(self, **colors) -> None:
        self.answer, self.now, self.calls = {"settings": {"branding": colors}}, 0.0, 0

    async def get(self, kind, path):
        assert path == "/v1/account"
        self.calls += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is None:
            await asyncio.Event().wait()
        return msgspec.convert(self.answer, kind)


def reader_of(sky):
    return BrandingReader(sky, clock=lambda: sky.now)


def color(reader):
    return asyncio.run(reader.read()).color


@pytest.mark.parametrize(
    ("primary", "secondary", "found"),
    [
        ("#112233", "#0A5CFF", "#0a5cff"),
        ("#112233", None, "#112233"),
        ("#112233", "", "#112233"),
        (None, "#0af", "#00aaff"),
        ("#112233", "blue; }", "#112233"),
        (None, "rgb(1,2,3)", None),
        (None, None, None),
    ],
)
def test_the_accent_color_is_taken_else_the_brand_color_and_nothing_but_a_colour(primary, secondary, found):
    assert Branding(primary_color=primary, secondary_color=secondary).color == found


@pytest.mark.parametrize("body", [{}, {"settings": None}, {"settings": {}}])
def test_an_account_that_says_nothing_has_no_colour(body):
    sky = Sky()
    sky.answer = body
    assert color(reader_of(sky)) is None


def test_it_is_read_once_a_minute():
    sky = Sky(secondary_color="#0a5cff")
    reader = reader_of(sky)
    assert (color(reader), color(reader), sky.calls) == ("#0a5cff", "#0a5cff", 1)

    sky.now, sky.answer = LIFE_SECONDS, {"settings": {"branding": {"secondary_color": "#0b6e75"}}}
    assert (color(reader), sky.calls) == ("#0b6e75", 2)


def test_while_stripe_does_not_answer_the_last_one_stays_and_it_is_not_asked_again_each_time():
    sky = Sky(secondary_color="#0a5cff")
    reader = reader_of(sky)
    color(reader)
    sky.answer, sky.now = StripeUnavailable("down"), LIFE_SECONDS

    assert (color(reader), color(reader), sky.calls) == ("#0a5cff", "#0a5cff", 2)


def test_with_nothing_read_before_there_is_no_colour_and_it_is_asked_again_in_a_minute():
    sky = Sky(secondary_color="#0a5cff")
    answer, sky.answer = sky.answer, StripeUnavailable("down")
    reader = reader_of(sky)
    assert (color(reader), color(reader), sky.calls) == (None, None, 1)

    sky.answer, sky.now = answer, LIFE_SECONDS
    assert color(reader) == "#0a5cff"


def test_a_key_that_may_not_read_it_is_left_in_peace_for_an_hour(caplog):
    sky = Sky()
    sky.answer = StripeMisconfigured("no permission")
    reader = reader_of(sky)
    color(reader)
    sky.now = REFUSED_SECONDS - 1
    color(reader)
    assert sky.calls == 1
    assert "may not be read" in caplog.text

    sky.now = REFUSED_SECONDS
    color(reader)
    assert sky.calls == 2


def test_a_slow_answer_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(branding, "PATIENCE_SECONDS", 0.01)
    sky = Sky()
    sky.answer = None
    assert color(reader_of(sky)) is None


class Accounts:
    """The accounts of a portal, each with a brand of its own."""

    def __init__(self, **colors) -> None:
        self._readers = {name: reader_of(Sky(secondary_color=value)) for name, value in colors.items()}
        self.asked = ""

    def of(self, account, *, livemode):
        self.asked, self.branding = account, self._readers[account or "own"]
        return self


def terms(theme, accounts, account=None, **settings):
    reader = TermsReader(make_config(theme=theme, **settings), accounts)
    first, again = (asyncio.run(reader.of(None, account, livemode=False)) for _ in range(2))
    assert first == again
    return again


def test_a_theme_that_names_its_colours_asks_nobody():
    accounts = Accounts(own="#0a5cff")
    assert terms(Theme(accent="#0b6e75"), accounts).theme == Theme(accent="#0b6e75")
    assert accounts.asked == ""


def test_a_colour_that_cannot_be_read_is_changed_and_told_once_with_the_numbers(caplog):
    with caplog.at_level(logging.WARNING, logger="portal_embed"):
        shown = terms(Theme(colors_from="stripe", radius="2px"), Accounts(own="#ffcc00")).theme

    assert shown.accent not in {None, "#ffcc00"}
    assert (shown.accent_dark, shown.radius, shown.colors_from) == ("#ffcc00", "2px", None)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert "#ffcc00 on the page's #ffffff has a contrast of 1.51:1, and words need 4.5:1" in said[0]
    assert shown.accent in said[0]
