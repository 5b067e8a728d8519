"""Invoices: the list, one of them, its PDF and its receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, RedirectResponse

from portal_embed.billing import invoices as rules
from portal_embed.billing import outcomes
from portal_embed.errors import NotFound
from portal_embed.pages.done import of_invoice
from portal_embed.pages.tax import tax_ids_for
from portal_embed.view_models.invoice_detail import invoice_page
from portal_embed.view_models.invoice_list import invoices_page

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.web.request import PortalRequest


async def index(request: PortalRequest) -> Response:
    """All invoices, newest first, a page at a time. One call, however many there are, and one for each that a payment was tried of
    without being paid.
    """
    query = request.query_params
    newer_than, older_than = query.get("ending_before"), query.get("starting_after")
    if newer_than:
        found, more = await request.account.invoice_page(ending_before=newer_than)
        has_newer, has_older = more, True
    elif older_than:
        found, more = await request.account.invoice_page(starting_after=older_than)
        has_newer, has_older = True, more
    else:
        found, has_older = await request.account.invoice_page()
        has_newer = False
    page = invoices_page(
        found,
        request.fmt,
        now=request.account.now,
        has_newer=has_newer,
        has_older=has_older,
        may_pay=request.may("invoices:pay"),
        on_their_way=await outcomes.on_their_way(request.account, found),
    )
    template = "invoices/_list.html" if request.wants_part else "invoices/index.html"
    return request.services.renderer.answer(request, template, page)


async def show(request: PortalRequest) -> Response:
    """One invoice with all that happened to it."""
    detail = await request.account.invoice_detail(request.path_id())
    tax_ids = await tax_ids_for(request, detail.invoice)
    page = invoice_page(
        detail,
        request.fmt,
        now=request.account.now,
        may_pay=request.may("invoices:pay"),
        confirmation=of_invoice(request, detail.invoice),
        tax_ids=tax_ids,
    )
    return request.services.renderer.answer(request, "invoices/show.html", page)


async def pdf(request: PortalRequest) -> Response:
    """To the PDF, by a link fetched this moment: Stripe's links are for bearers and grow old."""
    invoice = await request.account.invoice(request.path_id())
    return _to_stripe(request, invoice.invoice_pdf)


async def receipt(request: PortalRequest) -> Response:
    """To Stripe's receipt of the payment, fetched this moment."""
    detail = await request.account.invoice_detail(request.path_id())
    return _to_stripe(request, rules.receipt_url(detail.payments))


async def credit_note_pdf(request: PortalRequest) -> Response:
    """To a credit note's PDF, fetched this moment."""
    note = await request.account.credit_note(request.path_id())
    return _to_stripe(request, note.pdf)


def _to_stripe(request: PortalRequest, url: str | None) -> Response:
    """Only to Stripe's own hosts, whatever a field says."""
    if url is None or not request.config.stripe_hosts.may_link(url):
        raise NotFound("no such document")
    if (
        request.headers.get("accept") == "application/json"
    ):  # a frame's script, which opens a tab of its own, see frame.js
        return JSONResponse({"url": url})
    return RedirectResponse(url, status_code=302)
