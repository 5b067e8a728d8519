"""Translations. English stands in the code and the templates; other languages are gettext catalogs in `locale/`.

`locale/portal_embed.pot` lists every text; a language is `locale/<lang>/LC_MESSAGES/portal_embed.po`, read as it is
(no compile step). The pseudo-locale `en-XA` changes every translatable text visibly, so that a test finds the ones
that were missed.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

DOMAIN = "portal_embed"
LOCALES = Path(__file__).parent / "locale"
PSEUDO = "en-XA"
ENGLISH = "en"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

_ACCENTS = str.maketrans("AEIOUYaeiouycns", "ÅÉÎÖÛÝåéîöûýçñš")


class PseudoTranslations(NullTranslations):
    """Every text in brackets and accents, a third longer: readable, and impossible to overlook."""

    def gettext(self, message: str) -> str:
        """The text, changed; placeholders stay."""
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The English form for `n`, changed."""
        return pseudo(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002  (gettext's own signature)
        """The text, changed; the context is for translators."""
        return pseudo(message)

    # Babel's class has these older names too, and Jinja asks for them first.
    ugettext = gettext
    ungettext = ngettext


def pseudo(message: str) -> str:
    """A text as the pseudo-locale shows it. Placeholders such as %(name)s and {name} are left alone.

    >>> pseudo("Pay %(amount)s")
    '⟦Påý %(amount)s~~⟧'
    """
    out, skip = [], ""
    for index, char in enumerate(message):
        if not skip and char == "%" and message[index + 1 : index + 2] == "(":
            skip = "s"
        elif not skip and char == "{":
            skip = "}"
        out.append(char if skip else char.translate(_ACCENTS))
        if skip and char == skip and not (skip == "s" and ")" not in message[message.rfind("%", 0, index) : index]):
            skip = ""
    plain = sum(1 for char in message if char.isalpha())
    return f"⟦{''.join(out)}{'~' * max(1, plain // 5)}⟧"


@lru_cache(maxsize=64)
def translations_for(tag: str) -> NullTranslations:
    """The translations of a locale, falling back to its language, then to English."""
    name = catalog_of(tag)
    if name == PSEUDO:
        return PseudoTranslations()
    if name == ENGLISH:
        return NullTranslations()
    compiled = io.BytesIO()
    with _file(name).open("rb") as source:
        write_mo(compiled, read_po(source, locale=name))
    compiled.seek(0)
    return Translations(compiled, DOMAIN)


@lru_cache(maxsize=64)
def catalog_of(tag: str) -> str:
    """Which catalog speaks for a locale: there are few of them, while browsers name any number of locales."""
    if tag == PSEUDO:
        return PSEUDO
    names = (tag.replace("-", "_"), tag.replace("-", "_").split("_")[0])
    return next((name for name in names if _file(name).is_file()), ENGLISH)


def _file(name: str) -> Path:
    return LOCALES / name / "LC_MESSAGES" / f"{DOMAIN}.po"


@lru_cache(maxsize=64)
def babel_locale(tag: str) -> Locale:
    """How amounts and dates are written; English where the tag is unknown."""
    if tag == PSEUDO:
        return Locale("en", "US")
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale("en", "US")


def direction(tag: str) -> str:
    """The writing direction: "rtl" or "ltr"."""
    return "rtl" if babel_locale(tag).language in RIGHT_TO_LEFT else "ltr"
