"""What an endpoint accepts, and how strings from the wire become typed values or Stripe's refusals.

A declaration is a tree: `str`, `int`, `bool`, `float`, `timestamp`, `decimal`, `metadata`, `created_filter`; a tuple of
choices (literals, or literals followed by a type, as `("now", timestamp)`); a nested dict; a list `[spec]`; `by_name(spec)`
for a hash with free keys; wrapped in `required(...)` where it must be present and in `clearable(...)` where an empty string
unsets (the handler sees None).
What is not named is refused with `parameter_unknown`.
"""

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from portal_embed.sandbox.wire.errors import (
    StripeError,
    bad_choice,
    bad_integer,
    empty_param,
    missing_param,
    unknown_parameter,
)


class timestamp:  # noqa: N801 - reads as a type in declarations, beside str and int
    """Seconds since 1970, as an int."""


class decimal:  # noqa: N801
    """A decimal number, kept as its string."""


class metadata:  # noqa: N801
    """Free key/value strings; an empty value removes a key, an empty string for the whole removes all (None)."""


class created_filter:  # noqa: N801
    """A moment, or `gt`, `gte`, `lt`, `lte` moments; the handler sees a test-ready dict such as `{"gte": 1}`."""


class anything:  # noqa: N801
    """Accepted and handed over as decoded, unchecked; for values that change nothing here."""


@dataclass(frozen=True)
class by_name:  # noqa: N801
    """A hash with free keys (a currency's) and values of one spec."""

    spec: Any


@dataclass(frozen=True)
class required:  # noqa: N801
    """The parameter must be present."""

    spec: Any


@dataclass(frozen=True)
class clearable:  # noqa: N801
    """An empty string is allowed and unsets the value: the handler sees None."""

    spec: Any


Accepts = dict[str, Any]

PAGING: Accepts = {"limit": int, "starting_after": str, "ending_before": str}
"""Splat into the `accepts` of a list."""

ADDRESS: Accepts = {name: clearable(str) for name in ("city", "country", "line1", "line2", "postal_code", "state")}
"""A postal address; each line may be emptied."""


def typed(raw: dict[str, Any], accepts: Accepts, path: str = "") -> dict[str, Any]:
    """Check and convert decoded parameters; raises Stripe's refusal for the first that does not fit."""
    for name in raw:
        if name not in accepts:
            raise unknown_parameter(f"{path}[{name}]" if path else name)
    values = {}
    for name, spec in accepts.items():
        here = f"{path}[{name}]" if path else name
        if name in raw:
            values[name] = _value(raw[name], spec, here)
        elif isinstance(spec, required):
            raise missing_param(here)
    return values


def _value(raw: Any, spec: Any, path: str) -> Any:
    if isinstance(spec, required):
        spec = spec.spec
    if isinstance(spec, clearable):
        return None if raw == "" else _value(raw, spec.spec, path)
    if isinstance(spec, dict):
        return _nested(raw, spec, path)
    if isinstance(spec, list):
        return _list(raw, spec[0], path)
    if isinstance(spec, by_name):
        return _nested(raw, dict.fromkeys(raw, spec.spec) if isinstance(raw, dict) else {}, path)
    if spec in _READERS:
        return _READERS[spec](raw, path)
    return _single(raw, spec, path)


def _single(raw: Any, spec: Any, path: str) -> Any:
    if isinstance(raw, dict):
        raise StripeError(f"Invalid string: {json.dumps(raw, separators=(',', ':'))}", param=path)
    if raw == "":
        raise empty_param(path)
    return _choice(raw, spec, path) if isinstance(spec, tuple) else _scalar(raw, spec, path)


def _choice(raw: str, spec: tuple[Any, ...], path: str) -> Any:
    if raw in spec:
        return raw
    for part in spec:
        if isinstance(part, type):
            return _scalar(raw, part, path)
    raise bad_choice(path, tuple(part for part in spec if isinstance(part, str)))


def _scalar(raw: str, spec: Any, path: str) -> Any:
    if spec is str:
        return raw
    if spec is int or spec is timestamp:
        try:
            return int(raw)
        except ValueError:
            raise bad_integer(path, raw) from None
    if spec is bool:
        if raw in ("true", "false", "True", "False"):  # older SDKs for Python write them as Python does
            return raw.lower() == "true"
        raise StripeError(f"Invalid boolean: {raw}", param=path)
    if spec is float or spec is decimal:
        try:
            number = Decimal(raw)
        except InvalidOperation:
            raise StripeError(f"Invalid decimal: {raw}", code="parameter_invalid_decimal", param=path) from None
        return float(number) if spec is float else raw
    raise AssertionError(f"{path} is declared as {spec!r}, which no rule here reads")


def _nested(raw: Any, spec: Accepts, path: str) -> dict[str, Any]:
    if raw == "":
        raise empty_param(path)
    if not isinstance(raw, dict):
        raise StripeError("Invalid object", code="parameter_invalid_object", param=path)
    return typed(raw, spec, path)


def _list(raw: Any, spec: Any, path: str) -> list[Any]:
    if raw == "":
        return []
    if not isinstance(raw, dict) or not all(key.isdigit() for key in raw):
        raise StripeError("Invalid array", param=path)
    return [_value(raw[key], spec, f"{path}[{key}]") for key in sorted(raw, key=int)]


def _metadata(raw: Any, path: str) -> dict[str, str] | None:
    if raw == "":
        return None
    if not isinstance(raw, dict):
        raise StripeError("Invalid object", param=path)
    for key, value in raw.items():
        if not isinstance(value, str):
            raise StripeError(f"Invalid string: {json.dumps(value, separators=(',', ':'))}", param=f"{path}[{key}]")
    return dict(raw)


def _created(raw: Any, path: str) -> dict[str, int]:
    if isinstance(raw, dict):
        return typed(raw, dict.fromkeys(("gt", "gte", "lt", "lte"), timestamp), path)
    moment: int = _scalar(raw, timestamp, path)
    return {"gte": moment, "lte": moment}


_READERS = {anything: lambda raw, _path: raw, metadata: _metadata, created_filter: _created}


def within(moment: int, bounds: dict[str, int] | None) -> bool:
    """Whether a moment satisfies a `created_filter` value."""
    tests = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}
    return all(tests[name](moment, bound) for name, bound in (bounds or {}).items())


def merged_metadata(old: dict[str, str], new: dict[str, str] | None) -> dict[str, str]:
    """The metadata after an update: None empties it, an empty value removes its key, others are set."""
    if new is None:
        return {}
    merged = {**old, **new}
    return {key: value for key, value in merged.items() if value != ""}
