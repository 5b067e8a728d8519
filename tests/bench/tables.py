"""How the bench prints: plain text, one column for names and right-aligned figures."""

from __future__ import annotations

NAME, FIGURE = 44, 9


def heading(title: str, detail: str, *columns: str) -> None:
    """A new table."""
    print(f"\n{title}{' (' + detail + ')' if detail else ''}")
    print(" " * NAME + "".join(f"{column:>{FIGURE}}" for column in columns))


def row(name: str, *figures: object) -> None:
    """One line of it."""
    print(f"  {name:<{NAME - 2}}" + "".join(f"{figure!s:>{FIGURE}}" for figure in figures), flush=True)


def aim(
    name: str, value: float, *, at_least: float | None = None, below: float | None = None, at_most: float | None = None
) -> None:
    """A figure beside what it should be."""
    if at_least is not None:
        met, wanted = value >= at_least, f"at least {at_least:g}"
    elif at_most is not None:
        met, wanted = value <= at_most, f"at most {at_most:g}"
    else:
        met, wanted = value < (below or 0), f"below {below:,g}"
    shown = f"{value:,.2f}" if value < 1000 and not isinstance(value, int) else f"{value:,.0f}"
    print(f"  aim: {name} {shown}, {wanted}: {'met' if met else 'NOT MET'}", flush=True)


def note(sentence: str) -> None:
    """A remark under a table."""
    print(f"  {sentence}", flush=True)
