"""Countries by name, in the reader's language and order."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from portal_embed.i18n.catalog import babel_locale

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet


def country_name(code: str, locale: str) -> str:
    """A country's name: "Germany". One that Unicode does not know keeps its code."""
    return str(babel_locale(locale).territories.get(code, code))


def language_of(locale: str) -> str:
    """The language of a locale: "de" for "de-AT"."""
    return str(babel_locale(locale).language)


def country_of(locale: str) -> str:
    """The country that a locale names, "" where it names none."""
    return "" if "-" not in locale else (babel_locale(locale).territory or "")


@lru_cache(maxsize=128)
def by_name(codes: AbstractSet[str], locale: str) -> tuple[tuple[str, str], ...]:
    """Countries as (code, name), ordered by name without regard to case and accents."""
    named = [(code, country_name(code, locale)) for code in codes]
    return tuple(sorted(named, key=lambda pair: (_plain(pair[1]), pair[0])))


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in letters if not unicodedata.combining(char))
