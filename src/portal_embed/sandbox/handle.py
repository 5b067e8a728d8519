"""A handle on one world of a running sandbox, over HTTP, so that the sandbox may live in another process."""

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any, Literal

from portal_embed.sandbox.world import API_VERSION

if TYPE_CHECKING:
    import stripe


class SandboxWorld:
    """One world: where its API is, and the control verbs as methods. Stripe itself is reached at `api_base`."""

    def __init__(self, api_base: str) -> None:
        """A world by its URL, such as `http://127.0.0.1:12111/w/ada`."""
        self.api_base = api_base.rstrip("/")
        self.stripe_js_url = f"{self.api_base}/stripe.js"

    def fail(
        self,
        path_pattern: str = "",
        method: str | None = None,
        status: int | None = 500,
        when: Literal["before", "after"] = "before",
        times: int | None = 1,
        delay: float = 0.0,
        code: str | None = None,
        **answer: Any,
    ) -> None:
        """Make the next `times` calls fail whose path matches the regular expression (`^/v1/invoices/[^/]+/pay$`).

        Without a pattern every call matches; with `times=None` they fail until `heal`. `when` is "before" or "after" the
        effect; `delay` seconds pass first (with `status=None` the call is only slow; with a delay beyond the client's
        patience it is a timeout). `answer` is one of: `reset=True` cuts the connection; `truncated=True` breaks it in
        the middle of the body; `drip=2.0` sends the body within so many seconds; `stale=True` answers a read from the
        books as they were before the last write.
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
            **answer,
        )

    def heal(self) -> None:
        """Forget planned failures, latency and limits."""
        self._control("faults", clear=True)
        self._control("latency", seconds=0)
        self._control("limits")

    def latency(self, seconds: float | Literal["realistic"], seed: int = 0) -> None:
        """Let every API call take this much longer; "realistic": as calls of a far-away API vary, the same for a seed."""
        self._control("latency", seconds=seconds, seed=seed)

    def limits(self, per_operation: int | None = 25, per_account: int | None = 100) -> None:
        """Answer 429 to what is more in a second than Stripe allows in test mode; None: no limit.

        In a frozen world the second is the clock's, so that a test decides when it ends.
        """
        self._control("limits", per_operation=per_operation, per_account=per_account)

    def as_account(self, customer: str, account: str) -> None:
        """Let a customer be an Account of Accounts v2 ("acct_…"), which Stripe's API takes as `customer_account`."""
        self._control("customer_account", customer=customer, account=account)

    def own(self, key: str, account: str) -> None:
        """Make a key ("sk_test_eu", and its "pk_test_eu") one of another account ("acct_…"), with books of its own."""
        self._control("owner", key=key, account=account)

    def brand(
        self, *, primary_color: str | None = None, secondary_color: str | None = None, account: str | None = None
    ) -> None:
        """Choose the colours ("#0a5cff") of an account ("acct_…", None for the first) as its merchant does in the dashboard."""
        self._control("branding", account=account, primary_color=primary_color, secondary_color=secondary_color)

    def restrict(self, key: str, *permissions: str) -> None:
        """Let a key `rk_test_…` do only this: `restrict("rk_test_portal", "customer_read", "invoice_write")`."""
        self._control("keys", key=key, permissions=permissions)

    def stripe_client(self, key: str = "sk_test_sandbox", **options: Any) -> "stripe.StripeClient":
        """Stripe's own client on this world, in the API version that it speaks; `options` as `StripeClient` takes them."""
        import stripe  # noqa: PLC0415 - whoever only moves a clock needs no SDK

        addresses = {"api": self.api_base, "files": self.api_base, "connect": self.api_base}
        return stripe.StripeClient(key, **{"stripe_version": API_VERSION, "base_addresses": addresses, **options})

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

    def dunning(self, retry_after: list[int], then: Literal["past_due", "unpaid", "canceled"] = "past_due") -> None:
        """Decide the seconds from one failed charge of an invoice to the next, and what comes after the last."""
        self._control("dunning", retry_after=retry_after, then=then)

    def requests(self) -> list[dict[str, Any]]:
        """The calls this world answered, oldest first: method, path, status, idempotency_key, and more."""
        calls: list[dict[str, Any]] = self._control("requests")["requests"]
        return calls

    def forget_requests(self) -> None:
        """Empty the log of calls."""
        self._control("requests", clear=True)

    def webhook(self, url: str, events: tuple[str, ...] = ("*",)) -> str:
        """Let events of these types be sent to a URL; returns the secret they are signed with."""
        secret: str = self._control("webhooks", url=url, events=list(events))["secret"]
        return secret

    def hold_webhooks(self, hold: bool = True) -> None:
        """Send no event until `deliver_webhooks`; with False, send them as they come again."""
        self._control("webhooks", hold=hold)

    def deliver_webhooks(self, *, reverse: bool = False) -> list[dict[str, Any]]:
        """Attempt every delivery that waits (held, delayed, to be retried) now, in order or last first.

        Returns when all were attempted: each with `type`, `event`, `endpoint`, `state`, and `statuses`, the answers.
        """
        attempted: list[dict[str, Any]] = self._control("deliver", reverse=reverse)["deliveries"]
        return attempted

    def trouble_webhooks(self, kind: str, type: str = "*", times: int = 1, seconds: int = 0) -> None:
        """Plan a trouble for the next `times` deliveries of matching type: "drop", "duplicate", "delay" by `seconds` of
        the world's clock, or "reorder" (all of them last first).
        """
        self._control("webhooks", kind=kind, type=type, times=times, seconds=seconds)

    def deliveries(self) -> list[dict[str, Any]]:
        """Every delivery of an event to an endpoint, those that are over first."""
        told: list[dict[str, Any]] = self._control("webhooks")["deliveries"]
        return told

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
