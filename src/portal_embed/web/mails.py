"""Letters on their way: put together here, sent by the host's callable in the background, so that no page waits."""

from __future__ import annotations

import asyncio
import inspect
import logging
from typing import TYPE_CHECKING

from portal_embed.config import Mail

if TYPE_CHECKING:
    from portal_embed.config import MailCallable
    from portal_embed.i18n.formatting import Formatter
    from portal_embed.view_models.letters import Letter
    from portal_embed.web.request import PortalRequest

logger = logging.getLogger("portal_embed")

_underway: set[asyncio.Task[None]] = set()
"""The event loop itself holds a task only weakly."""


def send(request: PortalRequest, letter: Letter, *, to: str, fmt: Formatter) -> None:
    """Send a letter; without `mail=` in the settings it is dropped. Returns at once."""
    if request.config.mail is None:
        return
    parts = (letter.greeting, *letter.sentences, letter.button_url, letter.note)
    text = "\n\n".join(part for part in parts if part)
    mail = Mail(kind=letter.kind, to=to, subject=letter.subject, text=text, html=None, locale=fmt.locale)
    task = asyncio.get_running_loop().create_task(_deliver(request.config.mail, mail))
    _underway.add(task)
    task.add_done_callback(_underway.discard)


async def _deliver(deliver: MailCallable, mail: Mail) -> None:
    try:
        if inspect.iscoroutinefunction(deliver):
            await deliver(mail)
        else:
            sent = await asyncio.to_thread(deliver, mail)
            if inspect.isawaitable(sent):
                await sent
    except Exception:
        logger.exception("a letter (%s) could not be sent", mail.kind)
