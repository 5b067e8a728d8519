"""How we know what this sandbox does: every behaviour as recorded, documented or assumed, with its source.

Each module that decides something keeps its rows beside its code, in a list named `TRUTH` of
(behaviour, "recorded" | "documented" | "assumed", source).
"""

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import TextIO

_HERE = Path(__file__).parent

Row = tuple[str, str, str]


def rows() -> list[tuple[str, Row]]:
    """Every row with the name of the module it stands in, in the order of the modules."""
    modules = [import_module(module.name) for module in walk_packages([str(_HERE)], f"{__package__}.")]
    return [
        (module.__name__.removeprefix(f"{__package__}."), row)
        for module in modules
        for row in getattr(module, "TRUTH", [])
    ]


def print_truth(out: TextIO | None = None) -> None:
    """Print the table, grouped by module, with the counts at the end."""
    out = out or sys.stdout
    counts = {"recorded": 0, "documented": 0, "assumed": 0}
    heading = ""
    for module, (behaviour, kind, source) in rows():
        if module != heading:
            heading = module
            print(f"\n{heading}", file=out)
        counts[kind] += 1
        print(f"  {kind:<11}{behaviour} [{source}]", file=out)
    print("\n" + ", ".join(f"{count} {kind}" for kind, count in counts.items()), file=out)
