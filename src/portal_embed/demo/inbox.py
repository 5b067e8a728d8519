"""Everybody's inbox in one place: the demo has no mail server, so its mail stays in memory, for this page to show."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from portal_embed import Mail

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

LONGEST = 100
_LINK = re.compile(r"(https?://\S+)")


class Inbox:
    """Mails, newest first. `deliver` is what a host gives `PortalConfig(mail=…)`."""

    def __init__(self) -> None:
        """Empty."""
        self.mails: deque[Mail] = deque(maxlen=LONGEST)

    async def deliver(self, mail: Mail) -> None:
        """Keep it."""
        self.mails.appendleft(mail)

    def routes(self, page: Callable[..., Response]) -> list[BaseRoute]:
        """The pages. `page(request, template, **context)` renders one of the site's."""

        async def index(request: Request) -> Response:
            return page(request, "inbox.html", mails=list(enumerate(self.mails)))

        async def show(request: Request) -> Response:
            found = self._mail(request)
            if found is None:
                return page(request, "inbox.html", mails=list(enumerate(self.mails)))
            return page(
                request, "mail.html", mail=found, number=request.path_params["number"], parts=_parts(found.text)
            )

        async def html(request: Request) -> Response:
            found = self._mail(request)
            # As a mail program would: its own style, nothing loaded, no script.
            policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
            return HTMLResponse(found.html if found else "", headers=policy, status_code=200 if found else 404)

        return [
            Route("/inbox", index),
            Route("/inbox/{number:int}", show),
            Route("/inbox/{number:int}/html", html),
        ]

    def _mail(self, request: Request) -> Mail | None:
        number: Any = request.path_params["number"]
        return self.mails[number] if number < len(self.mails) else None


def _parts(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is a link."""
    return [(part, bool(_LINK.fullmatch(part))) for part in _LINK.split(text)]
