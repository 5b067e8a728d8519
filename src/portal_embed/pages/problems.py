"""Every error has a designed answer: a page, or for a part of a page a message in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.errors import MethodNotAllowed, RateLimited, SessionExpired
from portal_embed.pages.ways_back import here
from portal_embed.view_models.problem_words import problem_page
from portal_embed.view_models.standings import unknown_standing
from portal_embed.web.offers import offers
from portal_embed.web.request import PortalRequest

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from portal_embed.errors import PortalError
    from portal_embed.view_models.standings import Standing


def answer_problem(request: PortalRequest, error: PortalError) -> Response:
    """The answer to an error, in the customer's words, with the reference that the log has too."""
    # In a flow there is no overview to go to; the way back to the host stands above.
    signed_in = request.session is not None and request.session.flow is None
    page = problem_page(
        error,
        request.fmt,
        reference=request.scope.get("portal.request_id", ""),
        signed_in=signed_in,
        was_post=request.method == "POST",
        may_sign_in=request.config.login_page.enabled,
        here=here(request),
        standing=_standing(request),
    )
    request.scope["portal.problem"] = True
    template = "problems/_alert.html" if request.wants_part else "problems/show.html"
    response = request.services.renderer.answer(request, template, page, status=error.status)
    if isinstance(error, RateLimited):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = "GET, HEAD, POST"
    whole = request.method == "GET" and "hx-boosted" in request.headers
    if (
        isinstance(error, SessionExpired)
        and not request.piece
        and request.headers.get("hx-request") == "true"
        and not whole
    ):
        # A part cannot say that the session is over; the whole page can. (A whole page is loaded again at its own address,
        # see static/js/failures.js, so that who comes back is where they were going.)
        response.headers["HX-Redirect"] = request.services.urls.path("session.expired")
    return response


def _standing(request: PortalRequest) -> Standing | None:
    """What the address is about, where this session has a page that says how it stands."""
    session = request.session
    if session is None:
        return None
    for noun in ("subscription", "invoice"):
        id = request.path_params.get(noun)
        if id and session.may(f"{noun}s:read") and offers(f"{noun}s.show", request.terms.features, session.flow):
            return unknown_standing(noun, id)
    return None


async def send_problem(scope: Scope, receive: Receive, send: Send, error: PortalError) -> None:
    """The same for what stands outside the handlers (the guard, unknown addresses)."""
    await answer_problem(PortalRequest(scope, receive), error)(scope, receive, send)
