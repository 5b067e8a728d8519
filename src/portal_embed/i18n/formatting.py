"""One locale's way of writing sums, dates and numbers, and its words: what view models are built with."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision

from portal_embed.i18n.catalog import ENGLISH, OURS, babel_locale, direction

if TYPE_CHECKING:
    from babel import Locale

    from portal_embed.i18n.catalog import Languages


class Sum(Protocol):
    """What can be written as money: an exact amount in major units and a currency code."""

    @property
    def decimal(self) -> Decimal:
        """The amount in major units."""

    @property
    def currency(self) -> str:
        """The currency as Stripe writes it: "usd"."""


class Formatter:
    """Writes for one locale and one time zone (the Stripe account's, so that dates are those on the PDF).

    `locale`: how it writes, which is the one that was asked for wherever that can be read.
    """

    def __init__(self, locale: str, timezone: str, languages: Languages = OURS) -> None:
        """`locale`: "de", "pt-BR". `timezone`: an IANA name such as "Europe/Berlin". `languages`: where its words come from."""
        # Sums and dates that run from right to left stand scrambled among English words.
        locale = ENGLISH if direction(locale) == "rtl" and not languages.speaks(locale) else locale
        self.locale = locale
        self.timezone = ZoneInfo(timezone)
        self._babel = babel_locale(locale)
        self._words = languages.translations(locale)

    def _(self, message: str, **values: object) -> str:
        """A text in the locale's language; `%(name)s` placeholders are filled from `values`."""
        text = self._words.gettext(message)
        return text % values if values else text

    def n(self, singular: str, plural: str, count: int, **values: object) -> str:
        """The right plural of a text for `count`, which fills %(count)s."""
        return self._words.ngettext(singular, plural, count) % {"count": self.number(count), **values}

    def money(self, amount: Sum) -> str:
        """A sum as the locale writes it, with as many decimals as the currency has: "$13.40", "¥500", "13,40 €"."""
        return _currency(amount.decimal, amount.currency.upper(), self._babel)

    def unit_price(self, amount: Decimal, currency: str) -> str:
        """A price per unit, which may be finer than the currency's smallest coin: "$0.0005"."""
        places = -int(amount.normalize().as_tuple().exponent) if amount else 0
        if places <= get_currency_precision(currency.upper()):
            return _currency(amount, currency.upper(), self._babel)
        pattern = self._babel.currency_formats["standard"].pattern
        fine = pattern.replace("0.00", "0." + "0" * places).replace("0.##", "0." + "0" * places)
        return format_currency(
            amount, currency.upper(), format=fine, locale=self._babel, currency_digits=False, decimal_quantization=False
        )

    def date(self, seconds: int) -> str:
        """A day in words: "12 March 2027" (order and names as the locale has them)."""
        return self.day(self._day(seconds))

    def day(self, day: dt.date) -> str:
        """A day that is no moment, in words: "12 March 2027"."""
        return _long_date(day, self._babel)

    def short_date(self, seconds: int) -> str:
        """A day in a table: "12 Mar 2027"."""
        return _medium_date(self._day(seconds), self._babel)

    def month(self, year: int, month: int) -> str:
        """A card's expiry: "12/2031"."""
        return f"{month:02d}/{year}"

    def utc_day(self, seconds: int) -> str:
        """A day that begins at `seconds`, midnight UTC, whatever the zone: "12 Mar 2027"."""
        return _medium_date(dt.datetime.fromtimestamp(seconds, dt.UTC).date(), self._babel)

    def moment(self, seconds: int) -> str:
        """A day and the time of it, with its zone: "12 March 2027, 14:05 UTC"."""
        when = dt.datetime.fromtimestamp(seconds, self.timezone)
        return f"{self.date(seconds)}, {format_time(when, 'HH:mm', locale=self._babel)} {when.tzname()}"

    def number(self, value: float) -> str:
        """A number with the locale's separators, three decimals at most: "1,234", "0.5"."""
        return str(format_decimal(value, locale=self._babel))

    def percent(self, value: float) -> str:
        """A percentage given in percent: 12.5 → "12.5%"."""
        return str(format_percent(Decimal(str(value)) / 100, format="#,##0.##%", locale=self._babel))

    def listing(self, parts: list[str]) -> str:
        """Several names as one: "Pro", "Pro and Team", "Pro, Team, and Basic"."""
        return format_list(parts, locale=self._babel) if parts else ""

    def _day(self, seconds: int) -> dt.date:
        return dt.datetime.fromtimestamp(seconds, self.timezone).date()


@lru_cache(maxsize=4096)
def _currency(amount: Decimal, currency: str, locale: Locale) -> str:
    return format_currency(amount, currency, locale=locale)


@lru_cache(maxsize=4096)
def _long_date(day: dt.date, locale: Locale) -> str:
    if locale.language == "en":
        # Day first in words is read the same on both sides of the Atlantic; 03/12 is not.
        return format_date(day, "d MMMM y", locale=locale)
    return format_date(day, "long", locale=locale)


@lru_cache(maxsize=4096)
def _medium_date(day: dt.date, locale: Locale) -> str:
    if locale.language == "en":
        return format_date(day, "d MMM y", locale=locale)
    return format_date(day, "medium", locale=locale)


@lru_cache(maxsize=256)
def formatter_for(locale: str, timezone: str, languages: Languages = OURS) -> Formatter:
    """The formatter of a locale and zone in the words of `languages`, made once."""
    return Formatter(locale, timezone, languages)
