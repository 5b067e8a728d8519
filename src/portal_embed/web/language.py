"""Which language a browser prefers, among those we have words for."""

from __future__ import annotations

import re
from functools import lru_cache

from portal_embed.i18n.catalog import OURS, Languages

_TAG = re.compile(r"(?P<language>[a-z]{2,3})(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?(?![A-Za-z0-9])")
"""Language, script and region. What else a header may say (variants, extensions) is dropped: it changes no word here."""


@lru_cache(maxsize=512)
def preferred_locale(accept_language: str, default: str, languages: Languages = OURS) -> str:
    """The first language of an Accept-Language header that we speak, else `default`; a `default` other than English wins.

    Only languages with a catalog (and English) count: dates in one language under words in another would help nobody.

    >>> preferred_locale("de;q=0.4, en-GB;q=0.9", "en")
    'en-GB'
    """
    if default != "en":  # the host has chosen; the browser is not asked
        return default
    for tag in _by_preference(accept_language[:500]):
        known = _TAG.match(tag)
        if known is not None and languages.speaks(known[0]):
            return known[0]
    return default


def _by_preference(header: str) -> list[str]:
    weighted: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if quality > 0:
            weighted.append((quality, tag))
    return [tag for _, tag in sorted(weighted, key=lambda item: -item[0])]
