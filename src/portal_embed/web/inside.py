"""A page inside the host's own layout: what is handed over, and what becomes of it when the host's side fails."""

from __future__ import annotations

import html
import logging
from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.requests import Request

from portal_embed.access.csp import sources_inside
from portal_embed.access.entrance import is_frame
from portal_embed.access.requests import header_map
from portal_embed.config.calling import called
from portal_embed.config.contracts import InsidePage

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.config import PortalConfig
    from portal_embed.web.request import PortalRequest

logger = logging.getLogger("portal_embed")

SLOWEST = 5.0
"""Seconds for the host's layout; after that the page has ours."""
MOST_AT_ONCE = 64


def is_inside(request: PortalRequest, config: PortalConfig) -> bool:
    """Whether this answer is a page for the host's layout. What loads scripts of others (Stripe's own fields, the CAPTCHA) keeps
    ours, and so does a frame.
    """
    loads_others = request.scope["portal.payment_page"] or (
        request.scope["portal.challenge"] and config.hooks.challenge is not None
    )
    if config.layout is None or request.piece or loads_others:
        return False
    is_framed = request.session is not None and request.session.embed_origin is not None
    return not is_framed and not is_frame(header_map(request.scope))


async def laid_out(request: PortalRequest, config: PortalConfig, parts: str, whole: Callable[[], str]) -> str:
    """The document that the host makes of `parts` (rendered with layouts/inside.html); `whole()` is ours, for when it raises."""
    nonce = request.scope["portal.nonce"]
    title, head, content = parts.split(f"<!--{nonce}-->")
    page = InsidePage(
        title=html.unescape(title.strip()),
        head=Markup(head.strip()),  # noqa: S704 - rendered by our own templates, which escape
        content=Markup(content.strip()),  # noqa: S704
        nonce=nonce,
        csp=sources_inside(config, nonce),
    )
    try:
        assert config.layout is not None  # noqa: S101 - `is_inside` asked
        document: object = await called(
            config.layout, Request(request.scope), page, slowest=SLOWEST, at_once=MOST_AT_ONCE
        )
    except Exception:
        logger.exception("request %s: layout= raised", request.scope["portal.request_id"])
        return whole()
    if not isinstance(document, str):
        name = type(document).__name__
        logger.error(
            "request %s: layout= answered a %s, not the document as text", request.scope["portal.request_id"], name
        )
        return whole()
    request.scope["portal.inside"] = True
    return document
