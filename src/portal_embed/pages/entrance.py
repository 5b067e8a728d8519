"""The way in and the way out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, RedirectResponse, Response

from portal_embed.access.cookies import delete_cookie
from portal_embed.access.entrance import Entrance, Known
from portal_embed.access.locales import LOCALES, preferred
from portal_embed.errors import LinkRefused, NotFound, SessionExpired
from portal_embed.pages.logins import renewable
from portal_embed.view_models.logins import renewal_page
from portal_embed.web.forms import read_form
from portal_embed.web.heard import tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.access.entrance import Arrival
    from portal_embed.access.session import Session
    from portal_embed.access.tokens import Handover
    from portal_embed.web.request import PortalRequest

VIEWS = {
    "overview": "overview.show",
    "plan": "plans.show",
    "invoices": "invoices.index",
    "payment-methods": "payment_methods.index",
    "details": "details.show",
}
"""The pages a host may open the portal at, by the name in its `view` attribute; an unknown one is the overview."""
_BY_SCRIPT = {"cors", "same-origin"}
"""What browsers say of a fetch, and of no navigation."""


async def enter(request: PortalRequest) -> Response:
    """A link from the host: lets in once, and leads to an address without the token in it."""
    token = request.query_params.get("token")
    try:
        return _welcome(request, await _entrance(request).by_link(request.scope, token))
    except LinkRefused as refused:
        if refused.reason not in {"expired", "replay"}:
            raise
        return await _offer_another(request, token)


async def handover(request: PortalRequest) -> Response:
    """A form on the host's page: the same, with the token in no address at all."""
    fields = await read_form(request)
    if request.headers.get("sec-fetch-mode") in _BY_SCRIPT:
        session = await _by_script(request, fields)
        if session.carried:
            return JSONResponse({"session": request.services.sessions.seal(session)})
        response = Response(status_code=204)
        request.keep(response, session)
        return response
    cookieless = fields.get("cookieless") == "1"
    arrival = await _entrance(request).by_form(request.scope, fields.get("token"), cookieless=cookieless)
    session = request.services.sessions.at_page(_as_asked(arrival.session, fields), fields.get("host_page"))
    return _welcome(request, replace(arrival, session=session), view=fields.get("view", ""))


async def _by_script(request: PortalRequest, fields: Mapping[str, str]) -> Session:
    """By the script of a frame whose session is over, or by that of a piece in a page of our own origin."""
    entrance, token = _entrance(request), fields.get("token")
    if fields.get("page") == "1":
        arrival = await entrance.by_page(request.scope, token)
        if not arrival.again:
            tell(request, "portal.opened", None, once=arrival.session.digest, who=arrival.session)
        return _as_asked(arrival.session, fields)
    return (await entrance.by_frame(request.scope, token)).session


async def visit(request: PortalRequest) -> Response:
    """A link followed where the session travels in forms: the page it leads to is the answer, see `web/carried.py`."""
    to = (await read_form(request)).get("to", "")
    if not request.signed_in.carried or not to.startswith(f"{request.config.mount_path}/"):
        raise NotFound("no page of ours")
    return RedirectResponse(to, status_code=303)


async def leave(request: PortalRequest) -> Response:
    """Sign out of billing, then back to the host by a page that says so (a POST may not redirect to another origin)."""
    await request.fields()
    session = request.signed_in
    await request.services.sessions.end(session)
    response = RedirectResponse(request.services.urls.path("session.expired", left="1"), status_code=303)
    response.headers.append("set-cookie", delete_cookie(request.config, framed=session.framed))
    return response


async def expired(request: PortalRequest) -> Response:
    """The calm page for nobody."""
    raise SessionExpired("signed out" if request.query_params.get("left") else "")


async def _offer_another(request: PortalRequest, token: str | None) -> Response:
    """The link is dead, but its maker said that its customer may have another one by email. Raises `LinkRefused`."""
    handover = renewable(request, token)
    await request.take_terms(handover.configuration, handover.account)
    account = request.services.stripe.customer((handover.account, handover.livemode, handover.customer))
    try:
        customer = await account.customer()
    except (NotFound, SessionExpired):
        raise LinkRefused("customer") from None
    if not customer.email:
        raise LinkRefused("nobody to write to")
    page = renewal_page(token or "", customer.email, request.fmt)
    return request.services.renderer.answer(request, "logins/renewal.html", page, status=400)


def _entrance(request: PortalRequest) -> Entrance:
    async def confirm(handover: Handover) -> Known:
        """A link for a customer whom Stripe does not know (any more) lets nobody in, and is not used up by an outage."""
        account = request.services.stripe.customer((handover.account, handover.livemode, handover.customer))
        try:
            customer = await account.customer()
        except (NotFound, SessionExpired):
            raise LinkRefused("customer") from None
        return Known(customer.id, preferred(customer.preferred_locales or ()))

    return Entrance(request.services.sessions, request.services.limits, confirm)


def _as_asked(session: Session, fields: Mapping[str, str]) -> Session:
    """In the language and the light that the page around the frame asks for, where it does."""
    locale, scheme = fields.get("locale", ""), fields.get("theme", "")
    if locale in LOCALES and locale != "auto":
        session = replace(session, locale=locale)
    return replace(session, scheme=scheme) if scheme in {"light", "dark"} else session


def _welcome(request: PortalRequest, arrival: Arrival, *, view: str = "") -> Response:
    if not arrival.again:
        tell(request, "portal.opened", None, once=arrival.session.digest, who=arrival.session)
    start = VIEWS.get(view, "overview.show") if arrival.session.flow is None else "flows.show"
    response = RedirectResponse(request.services.urls.path(start), status_code=303)
    request.keep(response, arrival.session)
    return response
