"""A page as a person sees it: its words, its links, its forms, and what it hands to Stripe.js."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from urllib.parse import urlsplit

_SILENT = re.compile(r"<(script|style|svg|head|template)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"""<(/?)([a-zA-Z][\w-]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>""")
_ATTRIBUTE = re.compile(r'([\w:-]+)(?:="([^"]*)")?')
"""As our templates write them: in double quotes, or without a value."""
_READ = frozenset({"form", "a", "input", "textarea"})


@dataclass
class Form:
    """Where it goes and what it would send. `choices`: the values of its radio buttons; `ticks`: names of checkboxes;
    `numbers`: lowest and highest of its number fields; `days`: first and last of its date fields; `texts`: names of what is
    typed freely.
    """

    action: str
    method: str
    id: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    ticks: list[str] = field(default_factory=list)
    numbers: dict[str, tuple[int, int]] = field(default_factory=dict)
    days: dict[str, tuple[str, str]] = field(default_factory=dict)
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
        return Seen(self.html, self.path)

    @property
    def text(self) -> str:
        """The words, in one line."""
        return self.seen.text

    @property
    def done(self) -> str:
        """What the portal said it did, by the redirect it answered with: "paid", "canceled"; "" when it did not."""
        location = self.hops[0][1] if self.hops else ""
        return location.partition("done=")[2].partition("&")[0]


class Seen:
    """Words, links, forms. `secret` is what the page gives to Stripe.js, `returns` where it leads from there, `behaviors`
    the names of its scripted parts.
    """

    def __init__(self, html: str, path: str) -> None:
        """Read a page that was found at `path`. By hand: a whole parser would take a third of the simulator's time."""
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.secret = self.returns = ""
        self.behaviors: set[str] = set()
        self._path = path
        self._open = False
        html = _SILENT.sub(" ", html)
        self.text = " ".join(unescape(_TAG.sub(" ", html)).split())
        for closes, name, written in _TAG.findall(html):
            tag = name.lower()
            if tag == "form" and closes:
                self._open = False
            elif not closes and (tag in _READ or "data-" in written):
                self._note(tag, {key: unescape(value) for key, value in _ATTRIBUTE.findall(written)})

    def _note(self, tag: str, values: dict[str, str]) -> None:
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
            _add(self.forms[-1], tag, values)


def _add(form: Form, tag: str, values: dict[str, str]) -> None:
    name, kind = values["name"], values.get("type", "text") if tag == "input" else "textarea"
    value = values.get("value", "on" if kind == "checkbox" else "")
    if kind == "radio":
        form.choices.setdefault(name, []).append(value)
    elif kind == "checkbox":
        form.ticks.append(name)
    elif kind == "number":
        lowest = int(values.get("min") or 0)
        form.numbers[name] = (lowest, int(values.get("max") or lowest + 20))
    elif kind == "date":
        form.days[name] = (values["min"], values["max"])
    elif kind in {"text", "email", "tel", "textarea"}:
        form.texts.append(name)
    if kind not in {"radio", "checkbox"} or "checked" in values:
        form.fields[name] = value
