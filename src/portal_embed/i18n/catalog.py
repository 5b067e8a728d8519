"""Translations. English stands in the code and the templates; other languages are gettext catalogs in `locale/`.

`locale/portal_embed.pot` lists every text; a language is `locale/<lang>/LC_MESSAGES/portal_embed.po`, read as it is
(no compile step). A host's own catalogs lie over ours, message by message. The pseudo-locale `en-XA` changes every
translatable text visibly, so that a test finds the ones that were missed.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from portal_embed.config.translations import DOMAIN, entries, key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

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


class Languages:
    """The languages of one portal: ours, and the host's own words over them.

    What a catalog leaves out is English, as the host words it.
    """

    def __init__(self, hosts: Mapping[str, Catalog] | None = None) -> None:
        """`hosts`: the host's catalogs by locale ("pt_BR"), already checked."""
        self._hosts = dict(hosts or {})
        self._made: dict[str, NullTranslations] = {}

    def catalog_of(self, tag: str) -> str:
        """Which catalog speaks for a locale: there are few of them, while browsers name any number of locales."""
        if tag == PSEUDO:
            return PSEUDO
        return next((name for name in _names(tag) if name in self._hosts or _file(name).is_file()), ENGLISH)

    def speaks(self, tag: str) -> bool:
        """Whether there are words for a locale, English ones included."""
        return tag.replace("-", "_").split("_")[0] == ENGLISH or self.catalog_of(tag) != ENGLISH

    def translations(self, tag: str) -> NullTranslations:
        """The translations of a locale, falling back to its language, then to English."""
        name = self.catalog_of(tag)
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = PseudoTranslations() if name == PSEUDO else self._make(name)
        return found

    def _make(self, name: str) -> NullTranslations:
        catalogs = [_ours(each) for each in reversed(_names(name))]
        catalogs += [self._hosts.get(each) for each in reversed(_names(name))]
        merged = {key_of(message): message for catalog in catalogs if catalog for message in entries(catalog)}
        if not merged and name == ENGLISH:
            return NullTranslations()
        whole = Catalog(locale=name, charset="utf-8")
        for message in merged.values():
            whole.add(message.id, message.string, context=message.context)
        compiled = io.BytesIO()
        write_mo(compiled, whole)
        compiled.seek(0)
        made = Translations(compiled, DOMAIN)
        if name != ENGLISH:
            made.add_fallback(self.translations(ENGLISH))
        return made


OURS = Languages()
"""The languages without any host."""


def _names(tag: str) -> tuple[str, ...]:
    """The catalogs that may speak for a locale, the closest first.

    >>> _names("pt-BR")
    ('pt_BR', 'pt')
    """
    whole = tag.replace("-", "_")
    return tuple(dict.fromkeys((whole, whole.split("_")[0])))


def _ours(name: str) -> Catalog | None:
    if not _file(name).is_file():
        return None
    with _file(name).open("rb") as source:
        return read_po(source, locale=name)


@lru_cache(maxsize=64)
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
