"""What goes wrong between the portal and Stripe, drawn at random: the failures of `SandboxWorld.fail`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

PATHS = (
    "",
    "",
    "",
    "",
    "/pay$",
    "/pay$",
    "^/v1/subscriptions/[^/]+$",
    "^/v1/subscriptions/[^/]+$",
    "^/v1/subscriptions/[^/]+$",
    "^/v1/invoices/[^/]+$",
    "^/v1/invoices/[^/]+/void$",
    "^/v1/invoice_payments",
    "/create_preview$",
    "^/v1/customers/[^/]+$",
    "/payment_methods",
    "/detach$",
    "^/v1/setup_intents",
)
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("429", {"status": 429}),
    ("429 for a lock", {"status": 429, "code": "lock_timeout"}),
    ("500 before", {"status": 500}),
    ("500 after", {"status": 500, "when": "after"}),
    ("500 after", {"status": 500, "when": "after"}),
    ("503 after", {"status": 503, "when": "after"}),
    ("reset before", {"reset": True}),
    ("reset after", {"reset": True, "when": "after"}),
    ("truncated", {"truncated": True}),
    ("stale", {"stale": True}),
    ("timeout before", {"status": None, "delay": 15}),
    ("timeout after", {"status": None, "delay": 15, "when": "after"}),
    ("slow", {"status": None, "delay": 2}),
)
"""By name. A portal waits ten seconds for Stripe, so fifteen are a timeout; on the simulator's loop they cost nothing."""
LONGEST = 60.0
"""Seconds (of the loop) after which everything that was slow or tried again has ended."""


def draw(rng: Random) -> tuple[str, dict[str, Any]]:
    """A trouble in words, and the fault to plant."""
    kind, answer = rng.choice(KINDS)
    path, times = rng.choice(PATHS), rng.choice((1, 1, 2, 9, 9))
    method = rng.choice((None, "POST", "POST", "GET"))
    fault = {"path": path, "method": method, "times": times, **answer}
    return f"{kind} for {method or 'any'} {path or 'everything'} x{times}", fault
