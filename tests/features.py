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
    22: "Every subscription listed, with what it is, costs and needs",
    23: "Ended subscriptions: when and why, and their invoices",
    24: "What a subscription is made of: parts, tiers, numbers, prices",
    25: "The next bill: how much and when",
    26: "Discounts in force, by which code and until when, those of single items too",
    27: "A trial, and when it ends",
    28: "A change that is planned, and its day",
    29: "A change that waits for its payment: from what to what, and until when",
    30: "The payment method that will be charged, and why that one",
    31: "What was used this period, by day",
    33: "Canceling at once, twice clicked and with a lost answer too",
    34: "Canceling with the paid period, classic billing mode",
    35: "Canceling with the paid period, flexible billing mode",
    36: "Canceling on a day of the customer's, moved and undone",
    37: "Unused time and a last bill when canceling at once, as Stripe previews them",
    38: "Money back is the merchant's decision: none here, and the page says so",
    39: "Stripe's eight reasons for canceling",
    40: "The merchant's own reasons (`billing.feedback_option`)",
    41: "A few words beside every reason",
    42: "A reason asked first, and demanded where the host says so",
    43: "A coupon for who stays",
    44: "Offers by reason",
    45: "Keeping the plan before it ends",
    46: "Canceling with a schedule or a waiting change, which is dropped and said",
    47: "Unpaid invoices named before canceling, with the way to pay them",
    48: "Starting again after the end, with what carries over",
    49: "Another price for a subscription of one item",
    50: "Another price beside other items",
    51: "Add-ons in and out, several changes at once",
    52: "Prices that are billed by use, switched",
    53: "Subscriptions that are paid by invoice, changed",
    54: "More than ten products to choose from",
    55: "Two prices of one product and interval",
    56: "Who may change to what: rules of the host's for each customer",
    57: "The quantity",
    58: "The least and the most of it, by plan and by customer",
    59: "What a change settles: none, with the next bill, at once",
    60: "A billing date that begins anew",
    61: "A trial kept or ended, by setting or by the customer",
    62: "A preview of a change: what is due now; where the tax lacks an address, it is asked for on the way",
    63: "The next regular bill after a change: all its parts, its tax, and who accounts for it",
    64: "A downgrade at the end of the period, across products",
    65: "A planned change undone",
    66: "A planned change edited: two are never stacked",
    67: "A change that applies only once it is paid",
    68: "An unpaid change dropped",
    69: "3-D Secure during a change",
    70: "A deep link that confirms one change",
    71: "A promotion code during a change",
    72: "A promotion code at any time, with the next bill without and with it; guesses are limited",
    73: "Taking a discount off, after a look at the next bill",
    74: "Monthly to yearly and back",
    75: "Several periods paid ahead",
    76: "A new subscription, with a saved or a new method, and with a code; one that waits for its payment finished or dropped",
    78: "Pausing until further notice",
    79: "Pausing for a while",
    80: "What a pause comes to, by Stripe's preview",
    81: "Resuming, early too",
    82: "Bills that are not collected, where the billing mode has no pause",
    83: "Resuming after a trial that ended without a card",
    111: "Recovery by a link of a dunning mail",
    112: "Paying again with another card",
    113: "Name, email, phone",
    114: "Billing and shipping address",
    115: "Tax ids, added and removed",
    116: "Tax ids: how their verification stands",
    117: "Business name, purchase order, lines on invoices",
    119: "A page of the plans on sale",
    120: "Buying through Stripe's Checkout",
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
