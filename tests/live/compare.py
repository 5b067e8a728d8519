"""Where two runs of one errand differ, as lines for a reader."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_NAME = re.compile(r"<[a-z_]+:\d+>")
_NOTHING = object()


def differences(theirs: list[dict[str, Any]], ours: list[dict[str, Any]]) -> list[str]:
    """One line for each difference: where, what Stripe says, what the sandbox says. Both lists are normalised.

    Names of objects (`<in:2>`) may be counted differently; they must only stand for each other throughout.
    """
    pairs = _Pairs()
    found = []
    for number, (there, here) in enumerate(zip(theirs, ours, strict=False), start=1):
        call = f"{number} {there['method']} {there['path']}"
        asked = [list(_unlike(part, there[part], here[part], pairs)) for part in ("method", "path", "params")]
        if any(asked):
            found.append(f"{call}: the errand asked otherwise here ({here['method']} {here['path']}); record it again")
            break
        answered = [
            *_unlike("status", there["status"], here["status"], pairs),
            *_unlike("", there["body"], here["body"], pairs),
        ]
        found += [f"{call} · {line}" for line in answered]
    if len(theirs) != len(ours):
        found.append(f"calls: Stripe was asked {len(theirs)} times / the sandbox {len(ours)} times")
    return found


class _Pairs:
    """Which object there is which object here."""

    def __init__(self) -> None:
        self._there: dict[str, str] = {}
        self._here: dict[str, str] = {}

    def same(self, there: str, here: str) -> bool:
        """Whether two texts are the same but for names of objects that stand for each other."""
        names = list(zip(_NAME.findall(there), _NAME.findall(here), strict=False))
        if _NAME.sub("", there) != _NAME.sub("", here) or len(_NAME.findall(there)) != len(_NAME.findall(here)):
            return False
        return all(
            left.split(":")[0] == right.split(":")[0]
            and self._there.setdefault(left, right) == right
            and self._here.setdefault(right, left) == left
            for left, right in names
        )


def _unlike(path: str, there: Any, here: Any, pairs: _Pairs) -> Iterator[str]:
    if isinstance(there, dict) and isinstance(here, dict):
        for field in [*there, *(field for field in here if field not in there)]:
            inner = f"{path}.{field}" if path else field
            yield from _unlike(inner, there.get(field, _NOTHING), here.get(field, _NOTHING), pairs)
    elif isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        for index, (left, right) in enumerate(zip(there, here, strict=True)):
            yield from _unlike(f"{path}[{index}]", left, right, pairs)
    elif isinstance(there, str) and isinstance(here, str):
        if not pairs.same(there, here):
            yield _line(path, there, here)
    elif type(there) is not type(here) or there != here:
        yield _line(path, there, here)


def _line(path: str, there: Any, here: Any) -> str:
    return f"{path}: Stripe says {_shown(there)} / sandbox says {_shown(here)}"


def _shown(value: Any) -> str:
    if value is _NOTHING:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"
