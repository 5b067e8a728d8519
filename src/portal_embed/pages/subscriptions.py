"""One subscription with all that is true of it, those that are over, and how a payment that is on its way stands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from portal_embed.billing import outcomes, usage
from portal_embed.billing.account import checked
from portal_embed.billing.discounts import named_by
from portal_embed.billing.schedules import price_ids
from portal_embed.errors import Forbidden, NotFound, PortalError
from portal_embed.pages.done import of_subscription, see_other
from portal_embed.pages.overview import facts_of
from portal_embed.view_models.outcomes import PAGES, PAUSES, outcome
from portal_embed.view_models.subscriptions import ended_page, subscription_page
from portal_embed.web.asked import refused_changes
from portal_embed.web.forms import whole_number
from portal_embed.web.offers import offers

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.billing.stripe.objects import Invoice
    from portal_embed.web.request import PortalRequest


async def show(request: PortalRequest) -> Response:
    """What it is made of, what it costs, what was used of it, what is planned and what waits."""
    account = request.account
    subscription_id = checked(request.path_id(), "sub")
    subscription, customer, methods, open_invoices, invoices = await asyncio.gather(
        account.subscription(subscription_id),
        account.customer(),
        account.payment_methods(),
        account.open_invoices(),
        account.invoices_of(subscription_id) if request.may("invoices:read") else _nothing(),
    )
    one = (subscription,)
    mine = tuple(invoice for invoice in open_invoices if invoice.subscription == subscription.id)
    tiered = {i.price.id for i in subscription.items.data if i.price.billing_scheme == "tiered"}
    products, named, prices, on_their_way, refused, used = await asyncio.gather(
        account.products_of(one),
        named_by(account, one),
        account.prices(tiered | price_ids(one)),
        outcomes.on_their_way(account, mine),
        refused_changes(request, one),
        usage.of_items(account, subscription.items.data),
    )
    facts = facts_of(
        request,
        customer=customer,
        subscriptions=one,
        methods=methods,
        open_invoices=mine,
        products=products,
        named=named,
        prices=prices,
        on_their_way=on_their_way,
        refused=refused,
    )
    page = subscription_page(
        subscription,
        facts,
        used,
        invoices,
        request.fmt,
        confirmation=await of_subscription(request, one, products, mine),
        changes_method=request.may("payment_methods:read") and offers("payment_methods.index", request.terms.features),
    )
    return request.services.renderer.answer(request, "subscriptions/show.html", page)


async def _nothing() -> tuple[Invoice, ...]:
    return ()


async def ended(request: PortalRequest) -> Response:
    """All that is over."""
    found = await request.account.subscriptions()
    products = await request.account.products_of(found)
    return request.services.renderer.answer(
        request, "subscriptions/ended.html", ended_page(found, products, request.fmt)
    )


async def payment_outcome(request: PortalRequest) -> Response:
    """How a payment stands that was on its way: the page around it asks, and is read anew once the result is in."""
    session = request.signed_in
    if not (session.may("subscriptions:read") or session.may("invoices:read")):
        raise Forbidden("subscriptions:read")
    query, invoice_id = request.query_params, request.path_id()
    page, ask = query.get("page", "invoices.show"), whole_number(query.get("ask")) or 0
    if page not in PAGES:
        raise NotFound("no such page")
    of = query.get("of") or invoice_id
    try:
        settled = await outcomes.is_settled(request.account, invoice_id)
    except PortalError as error:
        if error.status < 500 or not request.wants_part:
            raise
        settled = False  # asked again a little later
    if not request.wants_part:
        return see_other(request, page, None if page == "overview.show" else of)
    part = outcome(invoice_id, page, of, min(ask, len(PAUSES)))
    template = "outcomes/_settled.html" if settled else "outcomes/_later.html"
    return request.services.renderer.answer(request, template, part)
