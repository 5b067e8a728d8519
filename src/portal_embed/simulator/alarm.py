"""An ear for what no page shows: exceptions that nobody expected, in the portal, the SDK or the sandbox."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Alarm(logging.Handler):
    """Hears what only a log would know: an exception that nobody expected, in the portal or in the sandbox."""

    def __init__(self) -> None:
        """Nothing heard yet."""
        super().__init__(logging.ERROR)
        self._records: deque[logging.LogRecord] = deque()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what is an exception; the rest is for a log."""
        if record.exc_info:
            self._records.append(record)

    def heard(self) -> Iterator[str]:
        """What was heard since the last time, traceback included."""
        while self._records:
            record = self._records.popleft()
            yield logging.Formatter("%(name)s: %(message)s").format(record)


@contextmanager
def listening() -> Iterator[Alarm]:
    """Listen, and keep everything else off the terminal: failures are what this is about."""
    alarm = Alarm()
    kept = []
    for name in ("portal_embed", "stripe", "aiohttp", "uvicorn"):
        logger = logging.getLogger(name)
        kept.append((logger, logger.propagate))
        logger.propagate = False
        logger.addHandler(alarm)
    try:
        yield alarm
    finally:
        for logger, propagate in kept:
            logger.propagate = propagate
            logger.removeHandler(alarm)
