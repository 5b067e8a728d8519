"""Mail as a test reads it: what a portal handed over, once everything under way is done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.serving import server

if TYPE_CHECKING:
    from portal_embed import Mail
    from tests.serving import Host


class Postbox:
    """Give `deliver` to a portal as `mail=`, and name its host in `of`."""

    def __init__(self) -> None:
        """Empty."""
        self.host: Host | None = None
        self._mails: list[Mail] = []

    async def deliver(self, mail: Mail) -> None:
        """Keep it."""
        self._mails.append(mail)

    def mails(self) -> list[Mail]:
        """All mails so far, oldest first, those under way included."""
        assert self.host is not None
        server().run(self.host.portal._services.outbox.drain())
        return list(self._mails)

    def last(self) -> Mail:
        """The newest one."""
        return self.mails()[-1]


def link_in(mail: Mail) -> str:
    """The one link of a mail."""
    (link,) = re.findall(r"https?://\S+", mail.text)
    return link
