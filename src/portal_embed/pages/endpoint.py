"""What stands around every handler: the session, the scope, and errors that become pages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from portal_embed.access.locales import preferred
from portal_embed.errors import Forbidden, NotFound, PortalError
from portal_embed.pages.problems import answer_problem
from portal_embed.web.asked import nav_links
from portal_embed.web.offers import WHILE_CHOOSING, offers
from portal_embed.web.request import PortalRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    Handler = Callable[[PortalRequest], Awaitable[Response]]

logger = logging.getLogger("portal_embed")


class Page:
    """A handler as an ASGI app. Switched off: 404; nobody signed in: 401; no `needs` scope: 403; before anything is looked up."""

    def __init__(
        self, route: str, handler: Handler, *, needs: str | None = None, section: str = "", piece: str = ""
    ) -> None:
        """`route`: its name. `needs`: a scope, or None for pages of no scope. `section`: the navigation entry it belongs to.

        `piece`: which piece of a host's page this address is, "" for a page of ours.
        """
        self.route = route
        self.handler = handler
        self.needs = needs
        self.section = section
        self.piece = piece

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if self.piece:
            scope["portal.piece"] = self.piece
        request = PortalRequest(scope, receive)
        request.section = self.section
        try:
            await self._read_terms(request)
            self._check_scope(request)
            await self._read_language(request)
            if self._shows_navigation(request):
                scope["portal.links"] = await nav_links(request)
            response = self._to_the_choice(request) or await self.handler(request)
        except PortalError as error:
            logger.info("request %s: %s: %s", scope.get("portal.request_id", "-"), type(error).__name__, error)
            response = answer_problem(request, error)
        except Exception:
            logger.exception("request %s failed", scope.get("portal.request_id", "-"))
            response = answer_problem(request, PortalError("unexpected"))
        await response(scope, receive, send)

    def _shows_navigation(self, request: PortalRequest) -> bool:
        session = request.session
        if session is None or session.flow is not None or session.is_choosing or not self.section:
            return False
        return request.method == "GET" and not (request.wants_part or request.piece)

    async def _read_terms(self, request: PortalRequest) -> None:
        session = request.session
        if session is not None:
            request.scope["portal.terms"] = await request.services.terms.of(
                session.configuration, session.account, livemode=session.livemode
            )
        if not offers(self.route, request.terms.features, session.flow if session is not None else None):
            raise NotFound("switched off, or not of this flow")

    async def _read_language(self, request: PortalRequest) -> None:
        """In Stripe's order: the session's locale, the customer's, the browser's. A session made by a link has the
        customer's since it was opened; `identity=` has nobody to ask before.
        """
        session = request.session
        if self.needs is not None and session is not None and session.link is None and session.locale is None:
            customer = await request.account.customer()
            request.scope["portal.locale"] = preferred(customer.preferred_locales or ())

    def _to_the_choice(self, request: PortalRequest) -> Response | None:
        """Nobody's billing is open to who has yet to choose whose."""
        if request.session is None or not request.session.is_choosing or self.route in WHILE_CHOOSING:
            return None
        if request.piece:
            raise NotFound("nobody is chosen")
        return RedirectResponse(request.services.urls.path("customers.index"), status_code=303)

    def _check_scope(self, request: PortalRequest) -> None:
        if self.needs is not None and not request.signed_in.may(self.needs):
            raise Forbidden(self.needs)
