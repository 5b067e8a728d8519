"""`POST /webhooks/stripe`: what happens at Stripe, told to the host like what happens in the portal. Nothing here needs it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.responses import Response

from portal_embed.access.keys import store_key
from portal_embed.billing.stripe import webhooks
from portal_embed.errors import NotFound
from portal_embed.web.heard import pass_on

if TYPE_CHECKING:
    from portal_embed.web.request import PortalRequest

logger = logging.getLogger("portal_embed")

REMEMBERED = 7 * 24 * 60 * 60
"""Seconds for which an event that comes again is known: Stripe tries for three days."""


async def create(request: PortalRequest) -> Response:
    """400 for what is not Stripe's, or not ours; 200 for the rest, whatever it is: Stripe would only send it again."""
    config, sessions = request.config, request.services.sessions
    if not config.webhook_secrets:
        raise NotFound("no webhook secrets")
    header = request.headers.get("stripe-signature", "")
    try:
        event = webhooks.read(await request.body(), header, config.webhook_secrets, sessions.clock())
    except webhooks.NotStripes as refused:
        logger.warning("request %s: webhook refused: %s", request.scope["portal.request_id"], refused)
        return Response(status_code=400)
    if event.livemode is not config.livemode or (event.account is not None and event.account not in config.accounts):
        logger.warning("request %s: webhook of another mode or account", request.scope["portal.request_id"])
        return Response(status_code=400)
    if await sessions.store.add_once(store_key("webhook", event.account, event.id), REMEMBERED):
        pass_on(request, event)
    return Response(status_code=200)
