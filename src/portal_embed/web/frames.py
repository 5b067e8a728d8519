"""What a page tells a host that frames it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from portal_embed.access import keys
from portal_embed.access.csp import frame_ancestors
from portal_embed.access.headers import is_never_framed
from portal_embed.access.requests import route_path
from portal_embed.view_models.chrome import Frame

if TYPE_CHECKING:
    from portal_embed.config import PortalConfig
    from portal_embed.web.request import PortalRequest


@dataclass(frozen=True)
class Facts:
    """What frames and pieces tell alike; the fields are those of `view_models.chrome.Frame`."""

    view: str
    changed: str
    problem: int
    expires_in: int | None
    customer: str


def facts_of(request: PortalRequest, page: object, status: int) -> Facts:
    """`page`: the view model, whose notice says whether something was done."""
    session, config = request.session, request.config
    notice = getattr(page, "confirmation", None) or getattr(page, "notice", None)
    said = notice is not None and notice.tone in {"positive", "neutral"}
    left = None
    if session is not None:
        ends = session.created + config.session_absolute - request.services.sessions.clock()
        left = int(min(config.session_idle, ends))
    return Facts(
        view=request.section.partition(".")[0].replace("_", "-"),
        changed=request.query_params.get("done", "") if said else "",
        problem=status if status >= 400 and request.scope.get("portal.problem") else 0,
        expires_in=left,
        customer="" if session is None else keys.digest("frame", session.account, session.customer)[:16],
    )


def frame_of(request: PortalRequest, config: PortalConfig, page: object, status: int) -> Frame | None:
    """None where no other page may frame this one. `page`: the view model."""
    session = request.session
    origins = frame_ancestors(config, session)
    if not origins or is_never_framed(config, route_path(request.scope)):
        return None
    facts = facts_of(request, page, status)
    carried = session if session is not None and session.carried else None
    return Frame(
        origins=origins,
        view=facts.view,
        changed=facts.changed,
        is_done=bool(getattr(page, "is_complete", False)),
        problem=facts.problem,
        expires_in=facts.expires_in,
        session=request.services.sessions.seal(carried) if carried is not None else "",
        at=_address(request) if carried is not None and request.method == "GET" else "",
        customer=facts.customer,
    )


def _address(request: PortalRequest) -> str:
    query = request.url.query
    return quote(request.scope["path"]) + (f"?{query}" if query else "")
