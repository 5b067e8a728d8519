"""Tax ids: adding one, removing one. Stripe cannot change one, so neither can we."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.access.limits import DETAIL_CHANGES
from portal_embed.billing import detail_changes as billing
from portal_embed.billing.tax_ids import (
    COUNTRIES,
    LONGEST_VALUE,
    MOST_TAX_IDS,
    looks_right,
    spelled,
    types_of,
)
from portal_embed.errors import DetailRefused, NotAllowed
from portal_embed.pages.addresses import USE_COUNTRY
from portal_embed.pages.details import tidy
from portal_embed.pages.done import detail_saved
from portal_embed.view_models.tax_ids import new_tax_id_page, remove_tax_id_page

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.web.request import PortalRequest


async def new(request: PortalRequest) -> Response:
    """The form, for the country of the billing address."""
    if len(await request.account.tax_ids()) >= MOST_TAX_IDS:
        raise NotAllowed("too_many_tax_ids")
    address = (await request.account.customer()).address
    country = (address.country or "") if address is not None else ""
    return _page(request, country if country in COUNTRIES else "", "", "")


async def create(request: PortalRequest) -> Response:
    """Keep one, or show the types of another country."""
    fields, account = await request.fields(), request.account
    country, type, text = fields.get("country", ""), fields.get("type", ""), tidy(fields.get("tax_id", ""))
    if fields.get(USE_COUNTRY):
        return _page(request, country, type, text)
    kinds = types_of(country)
    if not kinds:
        return _page(request, country, type, text, problem="country")
    kind = next((kind for kind in kinds if kind.type == type), kinds[0])
    value = spelled(kind, text) if text else ""
    if not value:
        return _page(request, country, kind.type, text, problem="missing")
    if len(value) > LONGEST_VALUE or not looks_right(kind, value):
        return _page(request, country, kind.type, text, problem="form")
    try:
        async with request.deed("tax_ids.create", lock="tax_ids") as deed:
            await request.services.limits.check(DETAIL_CHANGES, account.customer_id)
            added = await billing.add_tax_id(account, deed, kind, value)
    except DetailRefused as refused:
        return _page(request, country, kind.type, text, problem=refused.code)
    return detail_saved(request, "tax_id_added", added)


async def confirm_removal(request: PortalRequest) -> Response:
    """Ask once."""
    tax_id = await request.account.tax_id(request.path_id())
    return request.services.renderer.answer(request, "tax_ids/removal.html", remove_tax_id_page(tax_id, request.fmt))


async def remove(request: PortalRequest) -> Response:
    """Remove it for good. The same click again finds it gone and is content."""
    tax_id, account = request.path_id(), request.account
    async with request.deed("tax_id_removals.create", tax_id, owned=account.tax_id, lock="tax_ids"):
        await billing.remove_tax_id(account, tax_id)
    return detail_saved(request, "tax_id_removed", tax_id)


def _page(request: PortalRequest, country: str, type: str, text: str, *, problem: str = "") -> Response:
    page = new_tax_id_page(country, type, text, request.fmt, problem=problem)
    asks_country = request.method == "POST" and not problem
    template = "tax_ids/_fields.html" if asks_country and request.wants_part else "tax_ids/new.html"
    return request.services.renderer.answer(request, template, page, status=422 if problem else 200)
