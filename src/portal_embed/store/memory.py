"""A store in this process's memory: for one worker, for development and for tests."""

from __future__ import annotations

import asyncio
import heapq
import secrets
import threading
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from portal_embed.errors import Conflict, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

_LOCK_POLL = 0.02


class MemoryStore:
    """A dictionary with times to live behind one thread lock.

    No method ever waits while it holds that lock, so the async ones may be called from any number of event loops and
    threads at once, and `put_sync` from none. It is bounded: expired entries leave first, then new ones are refused
    with `StoreUnavailable`, because forgetting a used link or an ended session would let somebody in.
    """

    shared_between_processes = False

    def __init__(self, *, max_entries: int = 100_000, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that never go back; tests bring their own."""
        self._max_entries = max_entries
        self._clock = clock
        self._guard = threading.Lock()
        self._entries: dict[str, tuple[str, float]] = {}
        self._expiries: list[tuple[float, str]] = []

    async def add_once(self, key: str, ttl: float) -> bool:
        """True for the first caller only."""
        return self._put_once(key, "1", ttl) is None

    async def put_once(self, key: str, value: str, ttl: float) -> str | None:
        """The value already there, or None when `value` was kept."""
        return self._put_once(key, value, ttl)

    async def get(self, key: str) -> str | None:
        """The value, or None when there is none or it has expired."""
        with self._guard:
            return self._read(key)

    async def get_many(self, keys: Sequence[str]) -> list[str | None]:
        """The values in the order of `keys`."""
        with self._guard:
            return [self._read(key) for key in keys]

    async def put(self, key: str, value: str, ttl: float) -> None:
        """Keep `value` for `ttl` seconds."""
        self.put_sync(key, value, ttl)

    def put_sync(self, key: str, value: str, ttl: float) -> None:
        """`put`, from anywhere."""
        with self._guard:
            self._write(key, value, ttl)

    async def delete(self, key: str) -> None:
        """Forget `key`."""
        with self._guard:
            self._entries.pop(key, None)

    async def incr(self, key: str, ttl: float) -> int:
        """Count one more; the time to live runs from the first count."""
        with self._guard:
            found = self._read(key)
            if found is None:
                self._write(key, "1", ttl)
                return 1
            count = int(found) + 1
            self._entries[key] = (str(count), self._entries[key][1])
            return count

    @asynccontextmanager
    async def lock(self, key: str, ttl: float, wait: float) -> AsyncIterator[None]:
        """Hold `key` alone; `Conflict` when it is not free within `wait` seconds.

        Waiting asks again every 20 ms: holders may live in other threads' event loops, where no asyncio primitive
        reaches.
        """
        owner = secrets.token_hex(8)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        while self._put_once(key, owner, ttl) is not None:
            if loop.time() >= deadline:
                raise Conflict(f"lock not free within {wait} s")
            await asyncio.sleep(_LOCK_POLL)
        try:
            yield
        finally:
            self._release(key, owner)

    def snapshot(self) -> dict[str, str]:
        """All that is alive, keys and values: for tests and for the curious engineer."""
        with self._guard:
            self._drop_expired()
            return {key: value for key, (value, _) in self._entries.items()}

    def _put_once(self, key: str, value: str, ttl: float) -> str | None:
        with self._guard:
            found = self._read(key)
            if found is None:
                self._write(key, value, ttl)
            return found

    def _release(self, key: str, owner: str) -> None:
        """Only the holder lets go: after `ttl` the lock may be somebody else's."""
        with self._guard:
            if self._read(key) == owner:
                del self._entries[key]

    def _read(self, key: str) -> str | None:
        entry = self._entries.get(key)
        if entry is None or entry[1] <= self._clock():
            return None
        return entry[0]

    def _write(self, key: str, value: str, ttl: float) -> None:
        self._drop_expired()
        if key not in self._entries and len(self._entries) >= self._max_entries:
            raise StoreUnavailable(f"the memory store is full ({self._max_entries} entries)")
        expires = self._clock() + ttl
        self._entries[key] = (value, expires)
        heapq.heappush(self._expiries, (expires, key))
        # Overwritten and deleted keys leave their old expiry behind; rebuild before that doubles the memory.
        if len(self._expiries) > 2 * len(self._entries) + 64:
            self._expiries = [(expiry, name) for name, (_, expiry) in self._entries.items()]
            heapq.heapify(self._expiries)

    def _drop_expired(self) -> None:
        now = self._clock()
        while self._expiries and self._expiries[0][0] <= now:
            _, key = heapq.heappop(self._expiries)
            entry = self._entries.get(key)
            if entry is not None and entry[1] <= now:
                del self._entries[key]
