"""The host's own words: gettext catalogs whose entries win over ours, read and checked once, when the settings are made."""

from __future__ import annotations

import re
import struct
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.plurals import get_plural
from babel.messages.pofile import PoFileError, read_po

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog, Message

DOMAIN = "portal_embed"
OUR_TEXTS = Path(__file__).parent.parent / "i18n" / "locale" / f"{DOMAIN}.pot"
_Texts = dict[tuple[str, str | None], "str | tuple[str, ...]"]
"""Source texts, singular and plural, by `key_of`."""
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def read_translations(folder: Path, templates: Path | None = None) -> tuple[dict[str, Catalog], list[str]]:
    """(catalogs by locale as gettext writes it: "pt_BR", one sentence for each thing that is wrong).

    `folder` has `<locale>/LC_MESSAGES/portal_embed.po`; a `.mo` counts where there is no `.po`. Other files are not ours.
    `templates`: the host's own templates, whose texts may be translated too.
    """
    if not folder.is_dir():
        return {}, [f"translations_dir {str(folder)!r} is not a directory."]
    places = sorted(path for path in folder.iterdir() if path.is_dir())
    files = [file for file in (_catalog_in(place) for place in places) if file is not None]
    if not files:
        return {}, [f"translations_dir {str(folder)!r} holds no <locale>/LC_MESSAGES/{DOMAIN}.po."]
    known = {**_texts_of(templates), **_known()}
    catalogs: dict[str, Catalog] = {}
    problems: list[str] = []
    for file in files:
        shown, locale = str(file.relative_to(folder)), file.parent.parent.name
        try:
            parsed = Locale.parse(locale)
        except (ValueError, UnknownLocaleError):
            problems.append(f"translations_dir: {shown} is not named by a locale: use one such as de or pt_BR.")
            continue
        try:
            catalog = _read(file, locale)
        except (PoFileError, OSError, ValueError, struct.error) as error:
            problems.append(f"translations_dir: {shown} cannot be read: {error}.")
            continue
        problems += [f"translations_dir: {shown}: {problem}" for problem in _problems_of(catalog, parsed, known)]
        catalogs[locale] = catalog
    return catalogs, problems


def _catalog_in(place: Path) -> Path | None:
    there = (place / "LC_MESSAGES" / f"{DOMAIN}{ending}" for ending in (".po", ".mo"))
    return next((file for file in there if file.is_file()), None)


def _read(file: Path, locale: str) -> Catalog:
    with file.open("rb") as source:
        return read_po(source, locale=locale, abort_invalid=True) if file.suffix == ".po" else read_mo(source)


def _problems_of(catalog: Catalog, locale: Locale, known: _Texts) -> Iterator[str]:
    wanted = get_plural(locale)
    for message in entries(catalog):
        entry = _quoted(message)
        if known.get(key_of(message)) != _source(message):
            yield f"{entry} is no text of this portal{_suggestion(message, known)}."
            continue
        forms = _forms(message)
        if message.pluralizable and len(forms) != wanted.num_plurals:
            yield f"{entry} has {len(forms)} plural forms, and {locale} has {wanted.num_plurals}."
        for index, form in enumerate(forms):
            wrong = _misfit(message, form, is_first=index == 0)
            if wrong:
                yield f"{entry}: {form!r} {wrong}."


def entries(catalog: Catalog) -> Iterator[Message]:
    """The translated entries: not the header, not those that are empty or marked as fuzzy."""
    for message in catalog:
        if message.id and any(_forms(message)) and not message.fuzzy:
            yield message


def _forms(message: Message) -> tuple[str, ...]:
    """The translation; of a text with a plural, all its forms."""
    given = message.string or ""
    return (given,) if isinstance(given, str) else tuple(given)


def _source(message: Message) -> str | tuple[str, ...]:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def key_of(message: Message) -> tuple[str, str | None]:
    """What tells one text from another: its (singular) source text and its context."""
    return (message.id if isinstance(message.id, str) else message.id[0], message.context)


def _misfit(message: Message, form: str, *, is_first: bool) -> str:
    """What is wrong with the placeholders of a translation, "" for nothing."""
    if not form:
        return "is missing, while other plural forms are there"
    sources = (message.id,) if isinstance(message.id, str) else message.id
    known = set(_PLACEHOLDER.findall(" ".join(sources)))
    needed = set(_PLACEHOLDER.findall(sources[-1]))
    if is_first and len(sources) > 1:  # "one day" need not say 1
        needed = {name for name in needed if f"%({name})s" in sources[0]} - {"count"}
    found = set(_PLACEHOLDER.findall(form))
    if needed - found:
        return f"lacks {_listed(needed - found)}"
    if found - known:
        return f"has {_listed(found - known)}, which this text does not have"
    if "%" in _PLACEHOLDER.sub("", form).replace("%%", "" if known else "%"):
        return "has a % that begins no placeholder" + (": write it as %%" if known else "")
    return ""


def _listed(names: set[str]) -> str:
    return ", ".join(f"%({name})s" for name in sorted(names))


def _quoted(message: Message) -> str:
    text, context = key_of(message)
    where = f"line {message.lineno}, " if message.lineno else ""
    return f"{where}{text!r}" + (f" in the context {context!r}" if context else "")


def _suggestion(message: Message, texts: _Texts) -> str:
    text, _ = key_of(message)
    if (text, None) in texts:
        return ": ours has no context" if message.context else ": its plural is another one"
    near = get_close_matches(text, [known for known, _ in texts], n=1, cutoff=0.8)
    return f": did you mean {near[0]!r}?".removesuffix("?") if near else f"; {DOMAIN}.pot lists them all"


@lru_cache(maxsize=1)
def _known() -> _Texts:
    with OUR_TEXTS.open("rb") as source:
        return {key_of(message): _source(message) for message in read_po(source) if message.id}


def _texts_of(templates: Path | None) -> _Texts:
    if templates is None or not Path(templates).is_dir():
        return {}
    methods = [("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract")]
    found = extract_from_dir(templates, methods, {"**": {"trimmed": "true"}})
    return {
        (text if isinstance(text, str) else text[0], context): text if isinstance(text, str) else tuple(text[:2])
        for _file, _line, text, _comments, context in found
    }
