"""The README's counts of what the sandbox knows and assumes: `python -m tests.sandbox.counts` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from portal_embed.sandbox.truth import counts, money_assumptions

README = Path(__file__).parents[2] / "README.md"
_KINDS = re.compile(r"\d+ recorded,(\s)\d+ documented,(\s)\d+ assumed")
_MONEY = re.compile(r"\d+( of the\s+assumptions)")


def counted(text: str) -> str:
    """The text with the counts as they are now. Raises LookupError where it has none."""
    kinds = counts()
    text, first = _KINDS.subn(
        rf"{kinds['recorded']} recorded,\g<1>{kinds['documented']} documented,\g<2>{kinds['assumed']} assumed", text
    )
    text, second = _MONEY.subn(rf"{len(money_assumptions())}\g<1>", text)
    if not first or not second:
        raise LookupError("README.md no longer tells the counts")
    return text


if __name__ == "__main__":
    README.write_text(counted(README.read_text("utf-8")), "utf-8")
