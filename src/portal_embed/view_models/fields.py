"""A field of a form in finished words, so that one macro (`shared/_field.html`) draws them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Option:
    """One entry of a select. `value` is sent, `label` is read. `is_selected`: it is the answer so far."""

    value: str
    label: str
    is_selected: bool = False


@dataclass(frozen=True)
class Field:
    """One question. `name` is what the form sends; the field's id is made of it.

    `value`: as it was typed, whatever is wrong with it. `help` stands under the label, `error` under the field ("" for
    none). `autocomplete`, `inputmode` as HTML has them. `maxlength` in characters. `options` makes it a select.
    `is_data`: it is written from left to right whatever the page's direction (numbers, addresses of mail). `label`: the
    question in words. `type`: of the input. `is_optional`: it may stay empty. `is_short`: its answer is short, a postal
    code.
    """

    name: str
    label: str
    value: str = ""
    type: Literal["text", "email", "tel"] = "text"
    help: str = ""
    error: str = ""
    autocomplete: str = "off"
    inputmode: str = ""
    maxlength: int | None = None
    is_optional: bool = False
    is_short: bool = False
    is_data: bool = False
    options: tuple[Option, ...] = ()

    @property
    def id(self) -> str:
        """The id on the page: "portal-postal-code"."""
        return "portal-" + self.name.replace("_", "-")


def errors_of(fields: Iterable[Field | None]) -> tuple[tuple[str, str], ...]:
    """What the summary of errors lists: pairs of a field's id and its sentence, in the order of the page."""
    return tuple((field.id, field.error) for field in fields if field is not None and field.error)
