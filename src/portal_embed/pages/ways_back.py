"""A way back inside the portal: from a form that was needed on the way to something else, an address for the tax or a card.

It is a path of ours in the query ("/subscriptions/sub_1/plan?price=price_1"), and whoever sends it may have written it. So it is
taken only where it is the address of one of a few pages, and the address that is led to is made anew from our own table of routes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from portal_embed.access.requests import route_path
from portal_embed.web.offers import offers

if TYPE_CHECKING:
    from portal_embed.web.request import PortalRequest

_PLACES = (
    "overview.show",
    "flows.show",
    "next_charges.show",
    "plans.index",
    "promotion_codes.new",
    "discount_removals.new",
    "payments.new",
    "prepayments.new",
    "resumptions.new",
    "starts.new",
)
_NOT_KEPT = frozenset({"done", "of", "proof", "back"})
"""What would have the page say that something was done."""
LONGEST = 2000
"""Characters."""


def here(request: PortalRequest) -> str:
    """This page as a way back, "" where it is none. After a form it is the page that the form stands on, at the same address."""
    query = request.url.query if request.method == "GET" else ""
    asked = f"{route_path(request.scope)}{'?' if query else ''}{query}"
    return asked if way_back(request, asked) else ""


def way_back(request: PortalRequest, asked: str | None, **more: str) -> str:
    """The address that `asked` stands for (with the mount or without), from the origin's root, `more` added to its query; "" for
    whatever is not one of the pages that lead back.
    """
    if not asked or len(asked) > LONGEST:
        return ""
    path, _, query = asked.partition("?")
    urls = request.services.urls
    found = urls.route_at(path, _PLACES) or urls.route_at(path.removeprefix(request.config.mount_path), _PLACES)
    flow = request.session.flow if request.session is not None else None
    if found is None or not offers(found[0], request.terms.features, flow):
        return ""
    kept = [(name, value) for name, value in parse_qsl(query) if name not in _NOT_KEPT | more.keys()] + [*more.items()]
    address = urls.path(*found)
    return f"{address}?{urlencode(kept)}" if kept else address
