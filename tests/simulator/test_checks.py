"""Each invariant of the books, held against books that somebody falsified in one place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal_embed.sandbox import lives
from portal_embed.sandbox.app import SandboxApp
from portal_embed.simulator import ledger_checks as checks
from portal_embed.simulator.books import snapshot

NOW = 1_794_000_000


@pytest.fixture
def world():
    """Empty books, at a moment that stands still."""
    realm = SandboxApp(base_url="http://sandbox").worlds.realm("checks", "http://sandbox/w/checks")
    realm.clock.frozen = NOW
    return realm.account().world


@pytest.fixture
def books(world):
    """Ada's, who has paid for three months."""
    return snapshot(world, lives.build(world, "monthly", days=70)["customer"])


@pytest.mark.parametrize("life", [name for name in lives.names() if name != "many_invoices"])
def test_the_books_of_every_life_are_right(world, life):
    books = snapshot(world, lives.build(world, life)["customer"])

    assert [wrong for check in checks.BOOKS for wrong in check(books)] == []


def altered(books, kind, number=0, **changes):
    """The books with one row of a kind (oldest first) changed."""
    rows = getattr(books, kind)
    id = list(rows)[number]
    return replace(books, **{kind: {**rows, id: {**rows[id], **changes}}})


def extra(books, kind, **changes):
    """The books with the newest row of a kind there twice, the copy changed."""
    rows = getattr(books, kind)
    last = list(rows.values())[-1]
    return replace(books, **{kind: {**rows, "copy": {**last, "id": "copy", **changes}}})


def begun(books):
    """The books with their subscription begun in the portal."""
    return altered(books, "subscriptions", metadata={checks.MARK: "a click"})


FALSE = [
    ("started_once", lambda books: extra(begun(books), "subscriptions")),
    (
        "started_once",
        lambda books: extra(
            altered(begun(books), "subscriptions", status="incomplete"), "subscriptions", metadata={checks.MARK: "other"}
        ),
    ),
    ("paid_once", lambda books: extra(books, "charges")),
    ("paid_once", lambda books: altered(books, "charges", amount=2901)),
    ("paid_once", lambda books: altered(books, "invoices", amount_paid=2800)),
    ("charges_have_invoices", lambda books: extra(books, "charges", payment_intent="pi_nobody")),
    ("periods_billed_once", lambda books: extra(books, "invoices")),
    ("sums_agree", lambda books: altered(books, "invoices", total=2899)),
    ("sums_agree", lambda books: altered(books, "invoices", subtotal=2901, total=2901)),
    ("sums_agree", lambda books: altered(books, "invoices", amount_remaining=1)),
    ("sums_agree", lambda books: altered(books, "invoices", starting_balance=-100)),
    ("balance_agrees", lambda books: replace(books, customer={**books.customer, "balance": -5})),
    ("balance_agrees", lambda books: replace(books, ledger=({"id": "cbtxn_1", "amount": -5, "ending_balance": -4},))),
    ("states_agree", lambda books: altered(books, "subscriptions", status="past_due")),
    ("states_agree", lambda books: altered(books, "subscriptions", status="incomplete")),
    ("states_agree", lambda books: altered(books, "subscriptions", status="trialing", trial_end=NOW - 1)),
    ("states_agree", lambda books: altered(books, "subscriptions", cancel_at=NOW - 1)),
    ("states_agree", lambda books: altered(books, "subscriptions", pending_update={"expires_at": NOW - 1})),
    ("states_agree", lambda books: replace(books, now=NOW + 90 * 86_400)),
    ("states_agree", lambda books: altered(replace(books, charges={}), "invoices", -1, status="open")),
    ("ended_is_quiet", lambda books: altered(books, "subscriptions", status="canceled", ended_at=NOW - 40 * 86_400)),
    (
        "ended_is_quiet",
        lambda books: altered(
            altered(books, "subscriptions", status="canceled", ended_at=NOW),
            "invoices", status="open", auto_advance=True, next_payment_attempt=NOW + 1,
        ),
    ),
    ("methods_exist", lambda books: replace(books, methods=frozenset())),
    ("methods_exist", lambda books: altered(books, "subscriptions", default_payment_method="pm_gone")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "falsify"), FALSE, ids=[f"{name}-{n}" for n, (name, _) in enumerate(FALSE)])
def test_what_is_false_is_found(books, name, falsify):
    check = getattr(checks, name)

    assert list(check(books)) == []
    assert list(check(falsify(books)))


def test_every_invariant_of_the_books_is_held_against_something_false():
    assert {check.__name__ for check in checks.BOOKS} == {name for name, _ in FALSE}
