"""A page as a person sees it: its words, its links, its forms, and what it hands to Stripe.js."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import urlsplit

_SILENT = frozenset({"script", "style", "svg", "head", "template"})


@dataclass
class Form:
    """Where it goes and what it would send. `choices`: the values of its radio buttons; `ticks`: names of checkboxes;
    `numbers`: lowest and highest of its number fields; `texts`: names of what is typed freely.
    """

    action: str
    method: str
    id: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    ticks: list[str] = field(default_factory=list)
    numbers: dict[str, tuple[int, int]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Its address without host and query."""
        return urlsplit(self.action).path


@dataclass(frozen=True)
class Answer:
    """The end of one click. `hops`: each redirect on the way, `(status, location)`."""

    path: str
    status: int
    html: str
    hops: tuple[tuple[int, str], ...] = ()

    @cached_property
    def seen(self) -> Seen:
        """What there is to see and to press."""
        reader = _Reader(self.path)
        reader.feed(self.html)
        return Seen(reader)

    @property
    def text(self) -> str:
        """The words, in one line."""
        return self.seen.text

    @property
    def done(self) -> str:
        """What the portal said it did, by the redirect it answered with: "paid", "canceled"; "" when it did not."""
        found = [location.partition("done=")[2].partition("&")[0] for _, location in self.hops]
        return next((word for word in found if word), "")


class Seen:
    """Words, links, forms. `secret` is what the page gives to Stripe.js, `returns` where it leads from there, `behaviors` the
    names of its scripted parts.
    """

    def __init__(self, reader: _Reader) -> None:
        """What the reader found."""
        self.text = " ".join(" ".join(reader.words).split())
        self.links = reader.links
        self.forms = reader.forms
        self.secret = reader.secret
        self.returns = reader.returns
        self.behaviors = reader.behaviors


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.secret = ""
        self.returns = ""
        self.behaviors: set[str] = set()
        self._path = path
        self._silent = 0
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        self.secret = values.get("data-client-secret") or self.secret
        self.returns = values.get("data-return-url") or self.returns
        if behavior := values.get("data-behavior"):
            self.behaviors.add(behavior)
        if tag == "form":
            action = values.get("action") or self._path
            self.forms.append(Form(action, values.get("method", "get").lower(), values.get("id", "")))
            self._open = True
        elif tag == "a" and values.get("href"):
            self.links.append(values["href"])
        elif tag in {"input", "textarea"} and self._open and values.get("name"):
            _note(self.forms[-1], tag, values)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent -= 1
        elif tag == "form":
            self._open = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def _note(form: Form, tag: str, values: dict[str, str]) -> None:
    name, kind = values["name"], values.get("type", "text") if tag == "input" else "textarea"
    value = values.get("value", "on" if kind == "checkbox" else "")
    if kind == "radio":
        form.choices.setdefault(name, []).append(value)
    elif kind == "checkbox":
        form.ticks.append(name)
    elif kind == "number":
        lowest = int(values.get("min") or 0)
        form.numbers[name] = (lowest, int(values.get("max") or lowest + 20))
    elif kind in {"text", "email", "tel", "textarea"}:
        form.texts.append(name)
    if kind not in {"radio", "checkbox"} or "checked" in values:
        form.fields[name] = value
