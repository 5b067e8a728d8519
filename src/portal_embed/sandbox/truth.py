"""How we know what this sandbox does: every behaviour as recorded, documented or assumed, with its source.

Each module that decides something keeps its rows beside its code, in a list named `TRUTH` of
(behaviour, "recorded" | "documented" | "assumed", source). An assumption about what is billed, charged, credited or
refunded is marked: it stands in a module that works sums out, or its source says MOVES MONEY.
"""

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import TextIO

_HERE = Path(__file__).parent

Row = tuple[str, str, str]

MONEY = "MOVES MONEY"
_SUMS = ("engine.", "resources.credit_notes", "resources.refunds", "resources.invoice_previews")
_NO_SUMS = ("engine.wording",)


def rows() -> list[tuple[str, Row]]:
    """Every row with the name of the module it stands in, in the order of the modules."""
    found = (module.name for module in walk_packages([str(_HERE)], f"{__package__}."))
    # The plugin needs pytest, which whoever prints the table may not have; it decides nothing.
    modules = [import_module(name) for name in found if not name.endswith(".pytest_plugin")]
    return [
        (module.__name__.removeprefix(f"{__package__}."), row)
        for module in modules
        for row in getattr(module, "TRUTH", [])
    ]


def counts() -> dict[str, int]:
    """How many rows of each kind."""
    kinds = [kind for _, (_, kind, _) in rows()]
    return {kind: kinds.count(kind) for kind in ("recorded", "documented", "assumed")}


def moves_money(module: str, row: Row) -> bool:
    """Whether the row is an assumption that decides what somebody pays or gets."""
    _, kind, source = row
    works_sums_out = module.startswith(_SUMS) and not module.startswith(_NO_SUMS)
    return kind == "assumed" and (works_sums_out or MONEY in source)


def money_assumptions() -> list[Row]:
    """The assumptions that money rests on: what to try against Stripe itself first."""
    return [row for module, row in rows() if moves_money(module, row)]


def print_truth(out: TextIO | None = None) -> None:
    """Print the table, grouped by module, with the counts at the end."""
    out = out or sys.stdout
    heading = ""
    for module, row in rows():
        behaviour, kind, source = row
        if module != heading:
            heading = module
            print(f"\n{heading}", file=out)
        mark = " $" if moves_money(module, row) else ""
        print(f"  {kind + mark:<12}{behaviour} [{source.removeprefix(f'{MONEY}: ')}]", file=out)
    print(f"\n$: money rests on it, {len(money_assumptions())} rows", file=out)
    print(", ".join(f"{count} {kind}" for kind, count in counts().items()), file=out)
