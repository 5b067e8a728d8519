"""What a host may plug in: a store for what must be shared, and a callable that says who is asking.

These are shapes only. They stand here, below every other room, so that `PortalConfig` can name them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager


@runtime_checkable
class Store(Protocol):
    """Small facts that all workers must agree on: used links, ended sessions, operations under way, counters, locks.

    Times to live are seconds. Values are short strings without personal data; keys arrive already hashed.
    A store that cannot answer raises `StoreUnavailable`, and the portal then serves nothing (fail closed).
    """

    shared_between_processes: bool
    """False when each process has its own copy: right for one worker only."""

    async def add_once(self, key: str, ttl: float) -> bool:
        """Mark `key`. True for the one caller that came first, False for all others until `ttl` has passed."""
        ...

    async def put_once(self, key: str, value: str, ttl: float) -> str | None:
        """Keep `value` unless something is there; answer what was there, or None when ours was kept."""
        ...

    async def get(self, key: str) -> str | None:
        """The value, or None."""
        ...

    async def get_many(self, keys: Sequence[str]) -> list[str | None]:
        """The values in the order of `keys`, in one round trip: asked on every request."""
        ...

    async def put(self, key: str, value: str, ttl: float) -> None:
        """Keep `value`, over whatever was there."""
        ...

    def put_sync(self, key: str, value: str, ttl: float) -> None:
        """`put` for callers without an event loop, or inside one they do not own.

        It is the one sync method because `portal.end_sessions` is the one sync call that writes: a host calls it from
        its logout view, which may be WSGI. It must not need, or wait for, a running event loop.
        """
        ...

    async def delete(self, key: str) -> None:
        """Forget `key`; nothing happens when it is not there."""
        ...

    async def incr(self, key: str, ttl: float) -> int:
        """Count one more and answer the count. `ttl` runs from the first count."""
        ...

    def lock(self, key: str, ttl: float, wait: float) -> AbstractAsyncContextManager[None]:
        """Hold `key` alone. Waits up to `wait` seconds, then raises `Conflict`; lets go by itself after `ttl`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who is asking, as the host's `identity=` callable says it on each request.

    `customer` is Stripe's id ("cus_…"); everything else may be left out, and means what the keyword of `create_session`
    of that name means. When `customer`, `stripe_account`, `scopes`, `actor`, `host_session`, `configuration` or
    `on_behalf_of` changes from one request to the next, the portal session ends and a new one begins.
    """

    customer: str
    stripe_account: str | None = None
    scopes: str | Iterable[str] | None = None
    actor: str | None = None
    host_session: str | None = None
    locale: str | None = None
    return_url: str | None = None
    configuration: str | None = None
    on_behalf_of: str | None = None


IdentityCallable = Callable[[Any], "Awaitable[Identity | None] | Identity | None"]
"""Called with the Starlette request. None: nobody is signed in. An exception: the answer is 503, never a guess."""


@dataclass(frozen=True, kw_only=True)
class InsidePage:
    """A page of the portal for the inside of one of the host's own, as `PortalConfig(layout=…)` is given it.

    `title` is plain text; `head` (its stylesheets and scripts) and `content` are markup that template engines do not escape
    again (they have `__html__`). The host owns the Content-Security-Policy of that page: `csp` is what the portal's part
    needs of it, directive → sources; where the host's policy goes by nonces, `nonce` stands in the tags of `head`.
    """

    title: str
    head: str
    content: str
    nonce: str
    csp: Mapping[str, tuple[str, ...]]


LayoutCallable = Callable[[Any, InsidePage], str]
"""Called with the Starlette request and the page, in a thread; answers the whole document. When it raises, or takes longer than 5
seconds, the customer gets the page in the portal's own layout."""
