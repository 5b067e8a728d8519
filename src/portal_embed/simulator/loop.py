"""An event loop on which nobody waits: once everything sleeps, its clock jumps to the next alarm.

Retries, timeouts of ten seconds and locks that are waited for then cost nothing, and no timeout ever depends on how fast
the machine is: while there is work to do, this clock stands still. So the same run happens in the same order again.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_GRACE = 0.001
"""Seconds (real ones) that the network of this machine gets before everybody is taken to be asleep."""


class PatientLoop(asyncio.SelectorEventLoop):
    """Seconds of `time()` pass only by jumping. Everything must run on this loop: work in a thread would be overtaken."""

    def __init__(self) -> None:
        """A loop whose clock shows 0."""
        self.skipped = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Seconds since the loop was made, as its sleepers see it."""
        return self.skipped


class _Jumping(selectors.BaseSelector):
    """A selector that jumps over the wait when nothing comes from the network."""

    def __init__(self, loop: PatientLoop) -> None:
        self._loop = loop
        self._real = selectors.DefaultSelector()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return self._real.select(timeout)
        found = self._real.select(_GRACE)
        if not found:
            self._loop.skipped += timeout
        return found

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()
