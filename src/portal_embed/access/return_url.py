"""Where the way back leads: a rooted path, or an https address on a listed origin. No request parameter ever names it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal_embed.config.origins import origin_of

if TYPE_CHECKING:
    from collections.abc import Collection

_LONGEST = 1024
# Control characters, spaces and backslashes, also percent-encoded: browsers and servers disagree about them.
_UNCLEAN = re.compile(r"[\x00-\x20\x7f\\]|%0[0-9a-f]|%1[0-9a-f]|%7f|%5c", re.IGNORECASE)


def safe_return_url(url: object, allowed_origins: Collection[str]) -> str | None:
    """`url` when it may be a link out of the portal, else None.

    A path such as "/account" is relative to the portal's own origin. `allowed_origins` are exact, as `PortalConfig` has
    checked them; plain http is possible only where one of them is (this machine).
    """
    if not isinstance(url, str) or not 0 < len(url) <= _LONGEST or not url.isascii() or _UNCLEAN.search(url):
        return None
    try:
        parts = urlsplit(url)
        if url.startswith("/"):
            return None if url.startswith("//") or parts.netloc else url
        origin = origin_of(url)
    except ValueError:
        return None
    if "@" in parts.netloc or not re.match(r"https?://[^/]", url, re.IGNORECASE):
        return None
    return url if origin in allowed_origins else None
