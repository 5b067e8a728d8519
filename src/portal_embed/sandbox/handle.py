"""A handle on one world of a running sandbox, over HTTP, so that the sandbox may live in another process."""

import json
import urllib.error
import urllib.request
from typing import Any


class SandboxWorld:
    """One world: where its API is, and the control verbs as methods. Stripe itself is reached at `api_base`."""

    def __init__(self, api_base: str) -> None:
        """A world by its URL, such as `http://127.0.0.1:12111/w/ada`."""
        self.api_base = api_base.rstrip("/")
        self.stripe_js_url = f"{self.api_base}/stripe.js"

    def fail(
        self,
        path_pattern: str,
        method: str | None = None,
        status: int | None = 500,
        when: str = "before",
        times: int = 1,
        delay: float = 0.0,
        code: str | None = None,
        reset: bool = False,
    ) -> None:
        """Make the next `times` calls fail whose path matches the regular expression (`^/v1/invoices/[^/]+/pay$`).

        `when` is "before" or "after" the effect; `delay` seconds pass first (with `status=None` the call is only slow;
        with a delay beyond the client's patience it is a timeout); `reset` cuts the connection.
        """
        self._control(
            "faults",
            path=path_pattern,
            method=method,
            status=status,
            when=when,
            times=times,
            delay=delay,
            code=code,
            reset=reset,
        )

    def heal(self) -> None:
        """Forget planned failures and latency."""
        self._control("faults", clear=True)
        self._control("latency", seconds=0)

    def latency(self, seconds: float) -> None:
        """Let every API call take this much longer."""
        self._control("latency", seconds=seconds)

    def move_clock(self, seconds: int) -> int:
        """Let time pass with everything that falls due; returns the new time in seconds since 1970."""
        now: int = self._control("clock", move=seconds)["now"]
        return now

    def freeze(self, at: int | None = None) -> int:
        """Stop the clock, at a moment or now; returns the time."""
        now: int = self._control("clock")["now"] if at is None else at
        self._control("clock", freeze=now)
        return now

    def now(self) -> int:
        """The world's time in seconds since 1970."""
        now: int = self._control("clock")["now"]
        return now

    def life(self, life: str, /, **options: Any) -> str:
        """Build a ready customer (see the README for the names) and return its id."""
        customer: str = self._control("lives", name=life, options=options)["customer"]
        return customer

    def live(self, life: str, /, **options: Any) -> dict[str, Any]:
        """As `life`, with everything the builder tells: `customer`, and ids such as `subscription` and `invoice`."""
        return self._control("lives", name=life, options=options)

    def requests(self) -> list[dict[str, Any]]:
        """The calls this world answered, oldest first: method, path, status, idempotency_key, and more."""
        calls: list[dict[str, Any]] = self._control("requests")["requests"]
        return calls

    def forget_requests(self) -> None:
        """Empty the log of calls."""
        self._control("requests", clear=True)

    def reset(self) -> None:
        """Empty books, real time, no failures."""
        self._control("reset")

    def _control(self, verb: str, **body: Any) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - the address of a sandbox, given by the caller
            f"{self.api_base}/_control/{verb}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as refusal:
            raise ValueError(json.load(refusal)["error"]) from None
        return answer
