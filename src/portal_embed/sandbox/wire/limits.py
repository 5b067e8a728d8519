"""Stripe's limits on requests, switched on when wanted: so many a second for each operation, and for the account."""

import time
from collections import Counter

TRUTH = [
    ("25 requests a second for each operation and 100 for an account, in a sandbox.", "documented",
     "Stripe docs, rate limits"),
    ("A second begins with its first request; Stripe's own windows are finer.", "assumed", "not documented"),
    ("`Stripe-Rate-Limited-Reason` names which limit it was.", "documented", "Stripe docs, rate limits"),
]  # fmt: skip

PER_OPERATION = 25
PER_ACCOUNT = 100


class Limits:
    """Counts the requests of the running second. In a world whose clock stands still, that second is the clock's."""

    def __init__(self) -> None:
        """Switched off."""
        self.operation: int | None = None
        self.account: int | None = None
        self._second: float = 0
        self._counts: Counter[str] = Counter()

    def set(self, operation: int | None, account: int | None) -> None:
        """Requests a second for each operation (a method and its URL pattern) and in all; None: no limit."""
        self.operation, self.account = operation, account
        self._counts.clear()

    def exceeded(self, account: str, operation: str, frozen: int | None) -> str | None:
        """Count a request; the reason in Stripe's words when it is one too many."""
        if self.operation is None and self.account is None:
            return None
        now = time.monotonic() if frozen is None else float(frozen)
        if not 0 <= now - self._second < 1:
            self._second = now
            self._counts.clear()
        ours, this = account, f"{account} {operation}"
        if self.account is not None and self._counts[ours] >= self.account:
            return "global-rate"
        if self.operation is not None and self._counts[this] >= self.operation:
            return "endpoint-rate"
        self._counts.update((ours, this))
        return None
