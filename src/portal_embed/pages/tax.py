"""What pages need to speak of tax: the customer's tax ids where the charge is reversed, and the way to the address it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.tax import is_reverse_charged, needs_location
from portal_embed.errors import NotFound, PortalError
from portal_embed.pages.done import see_other
from portal_embed.pages.ways_back import here, way_back
from portal_embed.view_models.tax_words import location_notice
from portal_embed.web.offers import offers

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.billing.stripe.objects import Invoice, TaxId
    from portal_embed.view_models.shared import Notice
    from portal_embed.web.request import PortalRequest


async def tax_ids_for(request: PortalRequest, *invoices: Invoice | None) -> tuple[TaxId, ...]:
    """The customer's tax ids where one of these invoices is reverse charged; else none, and no call. What cannot be read is none:
    they are only spoken of.
    """
    if not any(invoice is not None and is_reverse_charged(invoice) for invoice in invoices):
        return ()
    if not request.may("customer:read"):
        return ()
    try:
        return await request.account.tax_ids()
    except PortalError:
        return ()


def location_notice_for(request: PortalRequest, invoice: Invoice | None, *, back: str | None = None) -> Notice | None:
    """Where the tax of an invoice or a preview cannot be worked out for want of an address: the notice that asks for it, and leads
    back to this page once it is there (`back`: to another one). None where nothing is missing.
    """
    if invoice is None or not needs_location(invoice):
        return None
    flow = request.session.flow if request.session is not None else None
    may_enter = request.may("customer:write") and offers("tax_addresses.edit", request.terms.features, flow)
    return location_notice(request.fmt, here(request) if back is None else back, may_enter=may_enter)


async def edit_address(request: PortalRequest) -> Response:
    """To the form of the address that the tax follows: the shipping address where there is one, else the billing address.

    Source: Stripe docs, "Customer locations".
    """
    features, flow = request.terms.features, request.signed_in.flow
    customer = await request.account.customer()
    wanted = ["billing_addresses.edit"]
    if customer.shipping is not None:
        wanted.insert(0, "shipping_addresses.edit")
    route = next((route for route in wanted if offers(route, features, flow)), None)
    if route is None:
        raise NotFound("no address may be changed here")
    asked = request.query_params.get("back")
    return see_other(request, route, back=asked if way_back(request, asked) else None)
