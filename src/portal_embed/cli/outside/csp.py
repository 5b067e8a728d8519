"""Content-Security-Policy as browsers read it (CSP Level 3): what a policy lets a page load, and by which directive.

Pure: text in, yes or no out. Only what a portal and the page around it need.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from portal_embed.config.origins import DEFAULT_PORTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from urllib.parse import SplitResult

_FALLBACKS = {
    "script-src-elem": ("script-src-elem", "script-src", "default-src"),
    "style-src-elem": ("style-src-elem", "style-src", "default-src"),
    "frame-src": ("frame-src", "child-src", "default-src"),
    "connect-src": ("connect-src", "default-src"),
    "img-src": ("img-src", "default-src"),
    "font-src": ("font-src", "default-src"),
}
"""Who is asked when a directive is not there. `form-action`, `frame-ancestors` and `base-uri` fall back on nobody."""

_IGNORED_IN_META = {"frame-ancestors", "sandbox", "report-uri"}
_SCHEME_SOURCE = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_HOST_SOURCE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?"
    r"(?P<host>\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)"
    r"(?::(?P<port>[0-9]{1,5}|\*))?(?P<path>/[^?#]*)?",
    re.IGNORECASE,
)
_UPGRADES = {"http": {"https"}, "ws": {"wss", "http", "https"}, "wss": {"https"}}


@dataclass(frozen=True)
class Policy:
    """One policy: directive names (lower case) and their sources, in the order they were written."""

    directives: Mapping[str, tuple[str, ...]]

    def governing(self, name: str) -> str | None:
        """The directive that decides about `name`, its fallbacks included; None where the policy says nothing."""
        return next((found for found in _FALLBACKS.get(name, (name,)) if found in self.directives), None)

    def quoted(self, name: str) -> str:
        """The directive as it is written: "script-src 'self'"."""
        return " ".join((name, *self.directives[name]))

    def allows(self, name: str, url: str, *, own: str) -> bool:
        """Whether `url` may be used for `name` on a page of the origin `own`."""
        found = self.governing(name)
        return found is None or matches(url, self.directives[found], own=own)

    def allows_script(
        self, url: str, *, own: str, nonce: str = "", integrity: str = "", is_in_html: bool = True
    ) -> bool:
        """The same for a script element with a `src`. `is_in_html`: written in the page, not made by a script."""
        found = self.governing("script-src-elem")
        if found is None:
            return True
        sources = self.directives[found]
        if nonce and any(_is_nonce(source, nonce) for source in sources):
            return True
        if integrity and {f"'{one}'" for one in integrity.split()} <= set(sources):
            return True
        if "'strict-dynamic'" in _lower(sources):  # then neither hosts nor 'self' count
            return not is_in_html
        return matches(url, sources, own=own)


def policies(values: Iterable[str], *, is_meta: bool = False) -> list[Policy]:
    """All policies of these header values, or of `content` attributes of meta elements: each one applies by itself."""
    found = (_policy(part, is_meta=is_meta) for value in values for part in value.split(","))
    return [policy for policy in found if policy.directives]


def _policy(text: str, *, is_meta: bool) -> Policy:
    directives: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        name, *sources = part.split() or [""]
        name = name.lower()
        if name and not (is_meta and name in _IGNORED_IN_META):
            directives.setdefault(name, tuple(sources))  # of two, the first counts
    return Policy(directives)


def matches(url: str, sources: Sequence[str], *, own: str) -> bool:
    """Whether one of `sources` is about `url`. `own`: the origin that 'self' and sources without a scheme stand for.

    An empty list is about nothing, and so is 'none'; no list is about what is no address. Addresses of machines are compared
    like names, as browsers do.
    """
    try:
        target, page = urlsplit(url), urlsplit(own)
        return any(_matches_one(target, source, page) for source in sources)
    except ValueError:
        return False


def _matches_one(target: SplitResult, source: str, page: SplitResult) -> bool:
    if source == "*":
        return target.scheme in DEFAULT_PORTS or target.scheme == page.scheme
    if source.lower() == "'self'":
        return _is_self(target, page)
    if (scheme := _SCHEME_SOURCE.fullmatch(source)) is not None:
        return _fits_scheme(scheme[1].lower(), target.scheme)
    host = _HOST_SOURCE.fullmatch(source)
    if host is None or not target.hostname:
        return False
    return (
        _fits_scheme((host["scheme"] or page.scheme).lower(), target.scheme)
        and _fits_host(host["host"].lower(), target.hostname)
        and _fits_port(host["port"], target)
        and _fits_path(host["path"] or "", target.path)
    )


def _is_self(target: SplitResult, page: SplitResult) -> bool:
    if target.hostname != page.hostname:
        return False
    here, there = _port(page), _port(target)
    if target.scheme == page.scheme and here == there:
        return True
    both_default = here == DEFAULT_PORTS.get(page.scheme) and there == DEFAULT_PORTS.get(target.scheme)
    return target.scheme == "https" and (here == there or both_default)


def _fits_scheme(wanted: str, scheme: str) -> bool:
    return wanted == scheme or scheme in _UPGRADES.get(wanted, ())


def _fits_host(pattern: str, host: str) -> bool:
    if pattern == "*":
        return True
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _fits_port(port: str | None, target: SplitResult) -> bool:
    if port == "*":
        return True
    wanted = DEFAULT_PORTS.get(target.scheme) if port is None else int(port)
    return wanted == _port(target)


def _fits_path(pattern: str, path: str) -> bool:
    """A path that ends with a slash is about all that is below it, any other about itself alone."""
    if not pattern:
        return True
    wanted, found = pattern.split("/"), (path or "/").split("/")
    if pattern.endswith("/"):
        wanted = wanted[:-1]
        if len(found) <= len(wanted):
            return False
        found = found[: len(wanted)]
    return [unquote_to_bytes(part) for part in wanted] == [unquote_to_bytes(part) for part in found]


def _port(parts: SplitResult) -> int | None:
    return parts.port if parts.port is not None else DEFAULT_PORTS.get(parts.scheme)


def _is_nonce(source: str, nonce: str) -> bool:
    return source.lower().startswith("'nonce-") and source[len("'nonce-") : -1] == nonce


def _lower(sources: Iterable[str]) -> set[str]:
    return {source.lower() for source in sources}


def allowed_by_permissions(values: Iterable[str], feature: str) -> tuple[str, ...] | None:
    """Whom a Permissions-Policy gives `feature`: ("self", "https://…"), ("*",) or (); None where it does not say.

    Several headers are one dictionary, in which the last word counts.
    """
    found: tuple[str, ...] | None = None
    for name, listed, single in re.findall(r"([a-z-]+)\s*=\s*(?:\(([^)]*)\)|([^,;\s]+))", ",".join(values)):
        if name == feature:
            found = tuple(member.strip('"') for member in (listed or single).split())
    return found
