"""What a page's HTML says that the checks want to know."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

_STATIC = re.compile(r"(?P<mount>.*)/static/(?P<hash>[0-9a-f]{16})/(?P<name>[\w./-]+)")


@dataclass(frozen=True)
class Script:
    """A script element. `src` is "" where the script stands in the page."""

    src: str
    nonce: str
    integrity: str


@dataclass(frozen=True)
class StaticFile:
    """A static file of a portal by its address: the mount path, the hash of its content, its name."""

    mount: str
    hash: str
    name: str


@dataclass
class Page:
    """The facts of one page."""

    nonces: set[str] = field(default_factory=set)
    scripts: list[Script] = field(default_factory=list)
    files: dict[str, StaticFile] = field(default_factory=dict)
    policies: list[str] = field(default_factory=list)
    """`content` of each meta element with a Content-Security-Policy."""
    framed_by: tuple[str, ...] = ()
    """Origins that a portal's page believes may frame it."""
    elements: list[dict[str, str]] = field(default_factory=list)
    """The attributes of each `<billing-portal>`."""
    pieces: list[dict[str, str]] = field(default_factory=list)
    """The attributes of each `<billing-portal-piece>`."""
    title: str = ""


def read_page(html: str) -> Page:
    """Read it as far as it can be read; never raises."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page


def joined(base: str, reference: str) -> str:
    """The address that `reference` means on the page `base`; "" when it means none."""
    try:
        address = urljoin(base, reference)
        _ = urlsplit(address).port  # a port that is none is noticed only here
    except ValueError:
        return ""
    return address


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        page = self.page
        if tag in {"script", "link"} and found.get("nonce"):
            page.nonces.add(found["nonce"])
        if tag == "script":
            page.scripts.append(Script(found.get("src", ""), found.get("nonce", ""), found.get("integrity", "")))
        if (static := _STATIC.fullmatch(found.get("src") or found.get("href") or "")) is not None:
            page.files[static["name"]] = StaticFile(**static.groupdict())
        if tag == "meta" and found.get("http-equiv", "").lower() == "content-security-policy":
            page.policies.append(found.get("content", ""))
        if tag == "billing-portal":
            page.elements.append(found)
        if tag == "billing-portal-piece":
            page.pieces.append(found)
        if found.get("id") == "portal-page":
            page.framed_by = tuple(found.get("data-frame", "").split())
        self._in_title = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_title and tag != "title"

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.page.title += data.strip()
