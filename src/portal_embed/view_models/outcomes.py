"""A payment whose result is not in yet, on whatever page it stands: said, and asked about again by itself for a few minutes."""

from __future__ import annotations

from dataclasses import dataclass

PAUSES = (4, 6, 10, 15, 25, 40, 60, 60, 60)
"""Seconds before each time that the page asks; then it asks no more, and "Look again" stays."""
PAGES = frozenset({"overview.show", "subscriptions.show", "invoices.show"})
"""Where it may stand."""


@dataclass(frozen=True)
class Outcome:
    """Where a payment stands that is on its way, and when to ask again.

    `invoice_id`: what it pays. `page`: the route of the page that it stands on, with `page_id` if it takes an id; `of`: what is
    said there when the payment has arrived (of a subscription, or of an invoice). `ask`: how often was asked already. `pause`:
    seconds until the page asks again, 0 when it does not any more.
    """

    invoice_id: str
    page: str
    page_id: str | None
    of: str
    ask: int
    pause: int


def outcome(invoice_id: str, page: str, of: str, ask: int = 0) -> Outcome:
    """The part that asks the `ask`th time (counted from 0)."""
    page_id = None if page == "overview.show" else of
    return Outcome(invoice_id, page, page_id, of, ask, PAUSES[ask] if 0 <= ask < len(PAUSES) else 0)
