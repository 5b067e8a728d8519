"""A browser without JavaScript, small enough for unit tests: it follows links, fills in forms, keeps cookies."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import httpx2 as httpx

if TYPE_CHECKING:
    from tests.serving import Host

NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Accept-Language": "en"}
TRUSTING = httpx.create_ssl_context(verify=False)
PART = {"HX-Request": "true", "HX-Request-Type": "partial", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}


@dataclass
class Form:
    """A form of the page: where it posts and what it would send."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


class Page:
    """An answer, read as a person does."""

    def __init__(self, response: httpx.Response) -> None:
        """`response`: the last one, after redirects. It is read once somebody looks."""
        self.response = response
        self.status = response.status_code
        self.url = str(response.url)
        self.html = response.text

    @cached_property
    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.html)
        return reader

    @cached_property
    def pieces(self) -> list[str]:
        """Its words, as they stand together."""
        return [" ".join(word.split()) for word in self._read.words if word.strip()]

    @cached_property
    def text(self) -> str:
        """All its words."""
        return " ".join(self.pieces)

    @property
    def forms(self) -> list[Form]:
        """Its forms, in order."""
        return self._read.forms

    @property
    def links(self) -> list[str]:
        """Where its links lead."""
        return [href for href, _ in self._read.links]

    @property
    def link_words(self) -> list[tuple[str, str]]:
        """The same with their words."""
        return [(href, " ".join(text.split())) for href, text in self._read.links]

    @property
    def attributes(self) -> list[tuple[str, str, str]]:
        """Every attribute: tag, name, value."""
        return self._read.attributes

    @property
    def tags(self) -> list[str]:
        """Every tag that opens."""
        return self._read.tags

    @property
    def title(self) -> str:
        """What the window is called."""
        return self._read.title.strip()

    def form(self, to: str, method: str = "post") -> Form:
        """The one form whose address ends with `to`."""
        found = [form for form in self.forms if form.action.split("?")[0].endswith(to) and form.method == method]
        assert len(found) == 1, f"{len(found)} forms lead to {to!r} on {self.url}: {[f.action for f in self.forms]}"
        return found[0]

    def leads_to(self, end: str) -> bool:
        """Whether a link or a form of the page leads to an address that ends with `end`."""
        places = [*self.links, *(form.action for form in self.forms)]
        return any(place.split("?")[0].endswith(end) for place in places)

    def link(self, words: str) -> str:
        """The address behind the one link with these words."""
        found = {href for href, text in self.link_words if text == words}
        assert len(found) == 1, f"{len(found)} links say {words!r}: {self.link_words}"
        return found.pop()


class Visitor:
    """One browser. `get` and `submit` follow redirects as browsers do, and send the headers that browsers send."""

    def __init__(self, host: Host) -> None:
        """A browser that has never been to this host."""
        self.origin = host.origin
        self.billing = host.origin + host.path
        self.client = httpx.Client(follow_redirects=True, timeout=30, verify=TRUSTING, trust_env=False)

    def enter(self, link: str) -> Visitor:
        """Follow a host's link into the portal, as far as the cookie; returns itself."""
        answer = self.client.get(link, headers=NAVIGATION, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        return self

    def get(self, path: str, **headers: str) -> Page:
        """Open an address of the portal ("/invoices"), one from a page ("/h1/billing/invoices"), or a whole one."""
        return Page(self.ask("GET", path, headers={**NAVIGATION, **headers}, follow_redirects=True))

    def part(self, path: str) -> Page:
        """Ask for a part of a page, as htmx does."""
        return Page(self.ask("GET", path, headers=PART))

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One bare request, no redirect followed unless told."""
        return self.client.request(method, self.url(path), **{"follow_redirects": False, **options})

    def url(self, path: str) -> str:
        """The whole address of a path of the portal, or of a path from a page's link."""
        if path.startswith("http"):
            return path
        mount = self.billing.removeprefix(self.origin)
        return self.origin + path if path.startswith(mount) else self.billing + path

    def submit(self, form: Form, **changes: Any) -> Page:
        """Send a form as it stands, with `changes` typed in (None leaves a field out)."""
        return Page(self.send(form, **changes))

    def send(self, form: Form, **changes: Any) -> httpx.Response:
        """The same, and the bare answer."""
        data = {name: value for name, value in {**form.fields, **changes}.items() if value is not None}
        url = urljoin(self.origin, form.action)
        if form.method == "get":
            return self.client.get(url, params=data, headers=NAVIGATION)
        return self.client.post(url, data=data, headers={**NAVIGATION, **self.own})

    @property
    def own(self) -> dict[str, str]:
        """The headers by which a browser says that a form is the portal's own."""
        return {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


class _Reader(HTMLParser):
    SILENT = frozenset({"script", "style", "svg", "head", "template"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.forms: list[Form] = []
        self.links: list[list[str]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tags: list[str] = []
        self.title = ""
        self._silent = 0
        self._in_title = False
        self._in_link = False
        self._button = False
        self._select = ""
        self._is_first = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.attributes.extend((tag, name, value) for name, value in values.items())
        if tag in self.SILENT:
            self._silent += 1
        self._in_title = self._in_title or (tag == "title" and self._silent == 1)
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").lower()))
        elif tag == "a" and "href" in values:
            self._in_link = True
            self.links.append([values["href"], ""])
        elif tag == "button":
            self._button = True
            if self.forms:
                self.forms[-1].buttons.append("")
        elif tag == "select":
            self._select = values.get("name", "")
            self._is_first = True
        elif tag == "option" and self._select and self.forms:
            self.forms[-1].choices.setdefault(self._select, []).append(values.get("value", ""))
            if self._is_first or "selected" in values:
                self.forms[-1].fields[self._select] = values.get("value", "")
            self._is_first = False
        elif tag in {"input", "textarea"} and self.forms and values.get("name"):
            self._field(self.forms[-1], values)

    def _field(self, form: Form, values: dict[str, str]) -> None:
        kind = values.get("type", "text")
        if kind == "radio":
            form.choices.setdefault(values["name"], []).append(values.get("value", ""))
        if kind not in {"radio", "checkbox"} or "checked" in values:
            form.fields[values["name"]] = values.get("value", "on" if kind == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SILENT:
            self._silent -= 1
        if tag == "title":
            self._in_title = False
        elif tag == "a":
            self._in_link = False
        elif tag == "button":
            self._button = False
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        if self._silent:
            return
        self.words.append(data)
        if self._in_link:
            self.links[-1][1] += data
        if self._button and self.forms and self.forms[-1].buttons:
            self.forms[-1].buttons[-1] += data.strip()
