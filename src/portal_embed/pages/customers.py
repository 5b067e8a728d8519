"""Switching between the customers that one user of the host looks after."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from portal_embed.access.locales import preferred
from portal_embed.errors import NotFound, SessionExpired
from portal_embed.pages.done import see_other
from portal_embed.view_models.customers import customers_page
from portal_embed.web.heard import tell

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.billing.stripe.objects import Customer
    from portal_embed.web.request import PortalRequest


async def index(request: PortalRequest) -> Response:
    """Whose billing to look at."""
    session = request.signed_in
    if not session.customers:
        raise NotFound("nobody to switch to")
    found = await asyncio.gather(*(_customer(request, customer) for customer in session.customers))
    current = "" if session.is_choosing else session.customer
    page = customers_page([customer for customer in found if customer is not None], current, request.fmt)
    return request.services.renderer.answer(request, "customers/index.html", page)


async def switch(request: PortalRequest) -> Response:
    """Look after another one from now on. Only those the host named are there; a deleted one is not."""
    session, customer = request.signed_in, request.path_id()
    await request.fields()
    if customer not in session.customers:
        raise NotFound("not one of theirs")
    response = see_other(request, "overview.show")
    if customer == session.customer and not session.is_choosing:
        return response
    found = await _customer(request, customer)
    if found is None:
        raise NotFound("deleted")
    sessions = request.services.sessions
    # The language was the first customer's, unless the host or the user chose it; what they read now should not change.
    switched = sessions.switched(session, customer, session.locale or preferred(found.preferred_locales or ()))
    await sessions.end(session)
    request.keep(response, switched)
    tell(request, "portal.opened", None, once=switched.digest, who=switched)
    return response


async def _customer(request: PortalRequest, customer: str) -> Customer | None:
    """One of the session's customers, None when the host has deleted it."""
    session = request.signed_in
    account = request.services.stripe.customer((session.account, session.livemode, customer))
    try:
        return await account.customer()
    except (NotFound, SessionExpired):
        return None
