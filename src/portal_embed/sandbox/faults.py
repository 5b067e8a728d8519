"""Failures on demand: what goes wrong with the next calls that match, before, after or while they are answered."""

import math
import random
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.limits import Limits
from portal_embed.sandbox.wire.permissions import Permissions

TRUTH = [
    ("A 429 carries code `rate_limit`, or `lock_timeout` when asked for.", "documented", "Stripe docs, rate limits"),
    (
        "A 500 after the effect is kept under its idempotency key and repeated; 502 to 504 are not.",
        "documented",
        "Stripe docs, idempotent requests",
    ),
    (
        "The realistic latency is a lognormal with a median of 130 ms, 1 call in 100 beyond 700 ms; writes take twice that.",
        "assumed",
        "Stripe publishes no distribution",
    ),
]

_LOCKED = (
    "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If "
    "you see this error intermittently, retry the request. If you see this error frequently and are making multiple "
    "concurrent requests to a single object, make your requests serially or at a lower rate. For more details, see "
    "https://stripe.com/docs/rate-limits#object-lock-timeouts."
)
_RATE = "Request rate limit exceeded. Learn more about rate limits at https://stripe.com/docs/rate-limits."


@dataclass
class Fault:
    """One planned failure.

    `path` is a regular expression searched in the request's path; `method` None means any. With `when="after"` the call
    takes effect first. `delay` seconds pass before the answer; `reset` cuts the connection instead of answering.
    `status` None with a delay is only slow. `times` counts down with every call it meets; None: every call, until healed.

    The call takes effect and the answer itself suffers: `truncated` breaks the connection in the middle of the body,
    `drip` lets the body take so many seconds, `stale` answers a GET from the books as they were before the last write.
    """

    path: str = ""
    method: str | None = None
    status: int | None = 500
    when: str = "before"
    times: int | None = 1
    delay: float = 0.0
    code: str | None = None
    reset: bool = False
    truncated: bool = False
    drip: float = 0.0
    stale: bool = False

    def __post_init__(self) -> None:
        """Refuse what would never happen; a failure of the answer itself has no status of its own."""
        if self.when not in ("before", "after"):
            raise ValueError(f"A failure comes before or after the effect, not {self.when!r}.")
        re.compile(self.path)
        if self.truncated or self.drip or self.stale:
            self.status = None
        if self.stale:
            self.method = "GET"

    def meets(self, method: str, path: str) -> bool:
        """Whether this failure is due for the request."""
        return self.times != 0 and self.method in (None, method) and re.search(self.path, path) is not None

    def error(self) -> StripeError:
        """The refusal in Stripe's shape."""
        status = self.status or 500
        if status == 429:
            return too_many(self.code or "rate_limit")
        kind = "api_error" if status >= 500 else "invalid_request_error"
        message = "An unknown error occurred" if status >= 500 else "This request was refused on demand."
        return StripeError(message, status=status, type=kind, code=self.code)


def too_many(code: str) -> StripeError:
    """429: `rate_limit`, or `lock_timeout` for an object that another request holds."""
    return StripeError(_LOCKED if code == "lock_timeout" else _RATE, status=429, code=code)


class Latency:
    """How long a call takes beside its own work: always the same, or as calls of a far-away API vary, from a seed."""

    def __init__(self) -> None:
        """No latency."""
        self.seconds: float | str = 0.0
        self._random = random.Random(0)

    def set(self, seconds: float | str, seed: int = 0) -> None:
        """So many seconds, or "realistic"."""
        self.seconds = seconds if seconds == "realistic" else float(seconds)
        self._random = random.Random(seed)

    def next(self, method: str) -> float:
        """Seconds for the next call."""
        if isinstance(self.seconds, float):
            return self.seconds
        median = 0.13 if method == "GET" else 0.26
        return median * math.exp(self._random.gauss(0, 0.73))


@dataclass
class Trouble:
    """What one world is made to suffer, and the log of its calls."""

    faults: list[Fault] = field(default_factory=list)
    latency: Latency = field(default_factory=Latency)
    limits: Limits = field(default_factory=Limits)
    permissions: Permissions = field(default_factory=Permissions)
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=20_000))

    def due(self, method: str, path: str) -> Fault | None:
        """The first failure that meets the request; it counts down."""
        for fault in self.faults:
            if fault.meets(method, path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                return fault
        return None


def pieces(body: bytes, count: int = 10) -> Iterable[bytes]:
    """A body cut into about `count` pieces, to be sent slowly."""
    size = max(1, -(-len(body) // count))
    return (body[start : start + size] for start in range(0, len(body), size))
