"""The session cookie, written and read by hand.

Two names, one for each jar: `__Host-pe_<id>` (SameSite=Lax: first-party and same-site frames) and `__Host-pex_<id>`
(SameSite=None; Partitioned: cross-site frames, where Chromium stores nothing less). `__Host-` rather than a path: it
keeps sibling subdomains from planting a cookie, and a path is no security boundary. `<id>` is of the base URL, so two
portals on one host do not meet. On plain http (this machine only) the first has no prefix and no `Secure`, which Safari
would refuse there; the second cannot do without, and Chromium and Firefox keep it on `*.localhost`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.access import keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal_embed.config import PortalConfig

_EXPIRED = "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"


def cookie_name(config: PortalConfig, *, framed: bool = False) -> str:
    """The cookie's name for one jar."""
    stem = "pex" if framed else "pe"
    prefix = "" if config.is_loopback_http and not framed else "__Host-"
    identifier = "".join(c for c in keys.digest("cookie", config.base_url) if c.isalnum())[:10]
    return f"{prefix}{stem}_{identifier}"


def set_cookie(config: PortalConfig, value: str, *, framed: bool = False) -> str:
    """The whole `Set-Cookie` line. No Max-Age: the browser forgets it when it closes.

    Written by hand because `set_cookie(partitioned=True)` needs Python 3.14.
    """
    return f"{cookie_name(config, framed=framed)}={value}; Path=/; {_attributes(config, framed=framed)}"


def delete_cookie(config: PortalConfig, *, framed: bool = False) -> str:
    """The line that removes it. A partitioned cookie leaves only when the attributes are the same."""
    return f"{cookie_name(config, framed=framed)}=; Path=/; {_attributes(config, framed=framed)}{_EXPIRED}"


def probe_cookie(config: PortalConfig) -> str:
    """The `Set-Cookie` line of a cookie that says nothing: whether it comes back tells whether this frame keeps any."""
    return f"{_probe_name(config)}=1; Path=/; {_attributes(config, framed=True)}"


def has_probe(config: PortalConfig, cookie_headers: Iterable[str]) -> bool:
    """Whether it came back."""
    pairs = (pair.strip() for header in cookie_headers for pair in header.split(";"))
    return f"{_probe_name(config)}=1" in pairs


def _probe_name(config: PortalConfig) -> str:
    return cookie_name(config, framed=True).replace("pex_", "pep_")


def read_cookie(config: PortalConfig, cookie_headers: Iterable[str]) -> tuple[str, bool] | None:
    """(value, framed) of the one session cookie among all `Cookie` headers.

    None when there is none, and when there are several: we cannot know which one somebody else planted.
    """
    names = {cookie_name(config, framed=framed): framed for framed in (False, True)}
    found: list[tuple[str, bool]] = []
    for header in cookie_headers:
        for pair in header.split(";"):
            name, equals, value = pair.strip().partition("=")
            if equals and name in names:
                found.append((value.strip(), names[name]))
    return found[0] if len(found) == 1 else None


def _attributes(config: PortalConfig, *, framed: bool) -> str:
    if framed:
        return "Secure; HttpOnly; SameSite=None; Partitioned"
    return "HttpOnly; SameSite=Lax" if config.is_loopback_http else "Secure; HttpOnly; SameSite=Lax"
