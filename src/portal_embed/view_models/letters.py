"""A letter in finished words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a customer reads in a mail. `facts`: pairs of label and value. `note`: small print at the end."""

    kind: str
    subject: str
    greeting: str
    sentences: tuple[str, ...]
    code: str = ""
    button_label: str = ""
    button_url: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    note: str = ""
