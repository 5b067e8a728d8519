"""Which language a browser prefers, among those we have words for."""

from __future__ import annotations

from functools import lru_cache

from portal_embed.i18n.catalog import LOCALES


@lru_cache(maxsize=512)
def preferred_locale(accept_language: str, default: str) -> str:
    """The first language of an Accept-Language header that we speak, else `default`.

    Only languages with a catalog (and English) count: dates in one language under words in another would help nobody.

    >>> preferred_locale("de;q=0.4, en-GB;q=0.9", "en")
    'en-GB'
    """
    if default.partition("-")[0] not in _spoken() or default != "en":
        return default
    for tag in _by_preference(accept_language[:500]):
        if tag.replace("-", "_").split("_")[0] in _spoken():
            return tag
    return default


@lru_cache(maxsize=1)
def _spoken() -> frozenset[str]:
    return (
        frozenset({"en", *(path.name for path in LOCALES.iterdir() if path.is_dir())})
        if LOCALES.is_dir()
        else frozenset({"en"})
    )


def _by_preference(header: str) -> list[str]:
    weighted: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if tag and all(char.isalnum() or char == "-" for char in tag) and quality > 0:
            weighted.append((quality, tag))
    return [tag for _, tag in sorted(weighted, key=lambda item: -item[0])]
