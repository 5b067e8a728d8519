"""Failures on demand: what goes wrong with the next calls that match, before or after they took effect."""

import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from portal_embed.sandbox.wire.errors import StripeError

TRUTH = [
    ("A 429 carries code `rate_limit`, or `lock_timeout` when asked for.", "documented", "Stripe docs, rate limits"),
    (
        "A 500 after the effect is kept under its idempotency key and repeated; 502 to 504 are not.",
        "documented",
        "Stripe docs, idempotent requests",
    ),
]


@dataclass
class Fault:
    """One planned failure.

    `path` is a regular expression searched in the request's path; `method` None means any. With `when="after"` the call
    takes effect first. `delay` seconds pass before the answer; `reset` cuts the connection instead of answering.
    `status` None with a delay is only slow. `times` counts down with every call it meets.
    """

    path: str
    method: str | None = None
    status: int | None = 500
    when: str = "before"
    times: int = 1
    delay: float = 0.0
    code: str | None = None
    reset: bool = False

    def meets(self, method: str, path: str) -> bool:
        """Whether this failure is due for the request."""
        return self.times > 0 and self.method in (None, method) and re.search(self.path, path) is not None

    def error(self) -> StripeError:
        """The refusal in Stripe's shape."""
        status = self.status or 500
        if status == 429:
            code = self.code or "rate_limit"
            message = (
                "This object cannot be accessed right now because another API request or Stripe process is currently "
                "accessing it. If you see this error intermittently, retry the request."
                if code == "lock_timeout"
                else "Request rate limit exceeded. Learn more about rate limits at https://stripe.com/docs/rate-limits."
            )
            return StripeError(message, status=429, code=code)
        kind = "api_error" if status >= 500 else "invalid_request_error"
        message = "An unknown error occurred" if status >= 500 else "This request was refused on demand."
        return StripeError(message, status=status, type=kind, code=self.code)


@dataclass
class Trouble:
    """What one world is made to suffer, and the log of its calls."""

    faults: list[Fault] = field(default_factory=list)
    latency: float = 0.0
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=20_000))

    def due(self, method: str, path: str) -> Fault | None:
        """The first failure that meets the request; it counts down."""
        for fault in self.faults:
            if fault.meets(method, path):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None
