"""The outbox: mail goes out after the page that caused it, and never delays or fails that page."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from portal_embed.config.calling import called

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from portal_embed.config import Mail, MailCallable

logger = logging.getLogger("portal_embed")

MOST_WAITING = 500
"""Mails under way at once in this process; beyond that something is badly wrong, and they are dropped with a line in the log."""
SLOWEST = 30.0
"""Seconds for one try."""
PAUSE = 2.0
"""Seconds before the second and last try."""


class Outbox:
    """Sends in the background. What is still under way when the process ends is lost: the portal keeps no state."""

    def __init__(self, send: MailCallable | None, *, pause: float = PAUSE) -> None:
        """`send`: the host's callable or `smtp(…)`; None: there is no mail."""
        self._send = send
        self._pause = pause
        self._under_way: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        """Whether there is anybody to send."""
        return self._send is not None

    def put(self, mail: Mail) -> None:
        """Hand over one mail. Returns at once."""
        self.later(self._deliver(mail), f"mail {mail.kind}")

    def later(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Do something after this request, such as finding out whom to write to: so that the time an answer takes says
        nothing about it. `name` is for the log.
        """
        if len(self._under_way) >= MOST_WAITING:
            work.close()
            logger.error("%s was dropped: %s are under way already", name, MOST_WAITING)
            return
        task = asyncio.get_running_loop().create_task(self._guarded(work, name))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def drain(self) -> None:
        """Wait until all that was handed over in this event loop is done, what it hands over in turn included."""
        loop = asyncio.get_running_loop()
        while mine := [task for task in self._under_way if task.get_loop() is loop]:
            await asyncio.gather(*mine)

    async def _guarded(self, work: Coroutine[Any, Any, None], name: str) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001  (nobody is left to raise it to)
            # Neither address nor content: an SMTP server's words may hold both.
            logger.error("%s failed: %s", name, type(error).__name__)  # noqa: TRY400

    async def hand(self, call: Callable[[Any], object], value: object, name: str, *, slowest: float) -> None:
        """Call what the host gave, with a second try: async as it is, sync in a thread. `slowest`: seconds for each try.

        Raises what the second try raises.
        """
        try:
            await called(call, value, slowest=slowest, at_once=MOST_WAITING)
        except Exception as error:  # noqa: BLE001  (the host's own code)
            logger.warning("%s failed, trying once more: %s", name, type(error).__name__)
            await asyncio.sleep(self._pause)
            await called(call, value, slowest=slowest, at_once=MOST_WAITING)

    async def _deliver(self, mail: Mail) -> None:
        if self._send is None:
            raise RuntimeError("there is no mail: give PortalConfig mail=")
        await self.hand(self._send, mail, f"mail {mail.kind}", slowest=SLOWEST)
        logger.info("mail %s was handed over", mail.kind)
