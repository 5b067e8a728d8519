"""Which test keeps which promise: the features by number, and the tests that are marked with them.

`python -m tests.features` prints the table. The numbers are those of our list of what Stripe's portal does and what it does
not; a test says `@pytest.mark.feature(8)`.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("tests", "e2e")

FEATURES = {
    2: "In a page of the host's: a frame that only the listed origins may make",
    3: "Sign-in by email: a one-time code, or a link",
    4: "The address filled in beforehand (`prefilled_email`)",
    5: "Several customers with one address: they choose",
    6: "Expired links had anew (`after_expiration`)",
    7: "Sessions ended by the host, by customer or by its own session",
    8: "Deep links to one action",
    9: "What follows a deep link: confirmation, redirect, portal",
    10: "A confirmation in the host's own words",
    11: "The way back to the host",
    12: "The language: session, customer, browser",
    13: "The host's own look: a theme, templates, a stylesheet",
    14: "A domain of the host's own",
    15: "Several configurations",
    16: "Stripe's own configuration, loaded and compared",
    17: "Several accounts: Connect, own keys, `on_behalf_of`, switching customers",
    18: "Customers that are Accounts (`customer_account`)",
    19: "Roles inside one customer",
    20: "An audit log of every attempt, and a proof once more before a change, by hooks",
    21: "Hooks: events to the host, and its own decisions",
    70: "A deep link that confirms one change",
    111: "Recovery by a link of a dunning mail",
    112: "Paying again with another card",
    113: "Name, email, phone",
    114: "Billing and shipping address",
    115: "Tax ids, added and removed",
    116: "Tax ids: how their verification stands",
    117: "Business name, purchase order, lines on invoices",
}
"""The numbers in scope so far."""


@cache
def table() -> dict[int, list[str]]:
    """Feature → the tests that are marked with it, as "tests/pages/test_flows.py::TestConfirm". Skipped ones do not count."""
    found: dict[int, list[str]] = {number: [] for number in FEATURES}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("test_*.py")):
            module = ast.parse(path.read_text(encoding="utf-8"))
            name = path.relative_to(ROOT).as_posix()
            for number, where in _marked(module):
                found.setdefault(number, []).append(f"{name}::{where}" if where else name)
    return found


def _marked(node: ast.Module | ast.ClassDef, prefix: str = "") -> list[tuple[int, str]]:
    found = [(number, prefix) for number in _in_pytestmark(node)] if _has_tests(node) else []
    for child in node.body:
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            where = f"{prefix}::{child.name}" if prefix else child.name
            if any("skip" in ast.unparse(mark) for mark in child.decorator_list):
                continue
            is_test = child.name.startswith("test_") or (isinstance(child, ast.ClassDef) and _has_tests(child))
            numbers = [number for mark in child.decorator_list for number in _numbers(mark)]
            found += [(number, where) for number in numbers if is_test]
            if isinstance(child, ast.ClassDef):
                found += _marked(child, where)
    return found


def _has_tests(node: ast.Module | ast.ClassDef) -> bool:
    return any(
        getattr(child, "name", "").startswith("test_") or (isinstance(child, ast.ClassDef) and _has_tests(child))
        for child in node.body
    )


def _in_pytestmark(node: ast.Module | ast.ClassDef) -> list[int]:
    return [
        number
        for child in node.body
        if isinstance(child, ast.Assign) and any(getattr(target, "id", "") == "pytestmark" for target in child.targets)
        for mark in (child.value.elts if isinstance(child.value, ast.List) else [child.value])
        for number in _numbers(mark)
    ]


def _numbers(mark: ast.expr) -> list[int]:
    """The arguments of `pytest.mark.feature(…)`."""
    if not isinstance(mark, ast.Call) or not ast.unparse(mark.func).endswith("mark.feature"):
        return []
    return [
        argument.value for argument in mark.args if isinstance(argument, ast.Constant) and type(argument.value) is int
    ]


if __name__ == "__main__":
    for number, tests in sorted(table().items()):
        print(f"{number:>4}  {FEATURES.get(number, '')}")
        for test in dict.fromkeys(tests):
            print(f"      {test}")
