"""How a plan or an invoice stands now: a part of the page that could not say what came of a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing import outcomes
from portal_embed.pages.done import see_other
from portal_embed.view_models import standings
from portal_embed.web.forms import whole_number

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.web.request import PortalRequest


async def of_subscription(request: PortalRequest) -> Response:
    """A plan."""
    found = await request.account.subscription(request.path_id())
    products = await request.account.products_of((found,))
    return _answer(request, standings.of_subscription(found, products, request.fmt, ask=_ask(request)))


async def of_invoice(request: PortalRequest) -> Response:
    """An invoice."""
    account = request.account
    found = await account.invoice(request.path_id())
    waiting = await outcomes.on_their_way(account, (found,))
    part = standings.of_invoice(
        found, request.fmt, now=account.now, is_on_its_way=found.id in waiting, ask=_ask(request)
    )
    return _answer(request, part)


def _ask(request: PortalRequest) -> int:
    return min(whole_number(request.query_params.get("ask")) or 0, len(standings.PAUSES))


def _answer(request: PortalRequest, part: standings.Standing) -> Response:
    if not request.wants_part:
        return see_other(request, part.route, part.id)
    return request.services.renderer.answer(request, "standings/_later.html", part)
