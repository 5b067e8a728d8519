"""The overview, and the next charge of one subscription."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from portal_embed.billing import outcomes
from portal_embed.billing.discounts import named_by
from portal_embed.billing.schedules import price_ids
from portal_embed.billing.subscriptions import has_next_charge, is_live, lapses_without_method
from portal_embed.errors import NotFound, PortalError
from portal_embed.pages.done import ahead, of_subscription
from portal_embed.pages.tax import location_notice_for, tax_ids_for
from portal_embed.view_models.confirmations import has_one_already
from portal_embed.view_models.next_charges import next_charge_part
from portal_embed.view_models.overview import overview_page
from portal_embed.view_models.subscription_cards import OverviewFacts
from portal_embed.view_models.upcoming import upcoming_page
from portal_embed.web.asked import refused_changes

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.billing.stripe.objects import Invoice, Subscription
    from portal_embed.web.request import PortalRequest

_SECTIONS = {"plan": "pieces/plan.html", "attention": "pieces/attention.html"}
"""What of the overview a piece shows."""


def facts_of(request: PortalRequest, **read: Any) -> OverviewFacts:
    """What a card is made from: what was `read`, and what this session may and has on offer."""
    return OverviewFacts(
        features=request.terms.features,
        may_write=request.may("subscriptions:write"),
        may_pay=request.may("invoices:pay"),
        catalog=request.terms.catalog,
        now=request.account.now,
        **read,
    )


async def show(request: PortalRequest) -> Response:
    """Is all well, what is next, what needs attention. One wave of reads."""
    account = request.account
    customer, subscriptions, methods, open_invoices, _ = await asyncio.gather(
        account.customer(), account.subscriptions(), account.payment_methods(), account.open_invoices(), ahead(request)
    )
    live = tuple(s for s in subscriptions if is_live(s))
    products, named, prices, on_their_way, refused = await asyncio.gather(
        account.products_of(subscriptions),
        named_by(account, live),
        account.prices(price_ids(subscriptions)),
        outcomes.on_their_way(account, open_invoices),
        refused_changes(request, live),
    )
    facts = facts_of(
        request,
        customer=customer,
        subscriptions=subscriptions,
        methods=methods,
        open_invoices=open_invoices,
        products=products,
        named=named,
        prices=prices,
        on_their_way=on_their_way,
        refused=refused,
    )
    confirmation = await of_subscription(request, subscriptions, products, open_invoices)
    if confirmation is None and request.query_params.get("subscribed") == "1":
        confirmation = has_one_already(subscriptions, products, request.fmt)
    page = overview_page(facts, request.fmt, confirmation, shows_attention=request.piece != "plan")
    label = customer.name or customer.email or ""
    template = _SECTIONS.get(request.piece, "overview/show.html")
    return request.services.renderer.answer(request, template, page, account_label=label)


async def upcoming(request: PortalRequest) -> Response:
    """What comes next for each subscription: a piece of a host's page."""
    account = request.account
    live, customer = await asyncio.gather(account.live_subscriptions(), account.customer())
    due = [s for s in live if has_next_charge(s) and lapses_without_method(s, customer) is None]
    previews = await asyncio.gather(*(_preview(request, subscription) for subscription in due))
    products = await account.products_of(tuple(due))
    tax_ids = await tax_ids_for(request, *previews)
    page = upcoming_page(tuple(zip(due, previews, strict=True)), products, request.fmt, tax_ids=tax_ids)
    return request.services.renderer.answer(request, "pieces/upcoming.html", page)


async def next_charge(request: PortalRequest) -> Response:
    """What one subscription will cost next: a part that the overview loads later, or a page of its own."""
    account = request.account
    subscription = await account.subscription(request.path_id())
    preview = await _preview(request, subscription)
    tax_ids = await tax_ids_for(request, preview)
    # A part stands on the overview.
    notice = location_notice_for(request, preview, back="/" if request.wants_part else None)
    page = next_charge_part(subscription, preview, request.fmt, tax_ids=tax_ids, tax_notice=notice)
    template = "overview/_next_charge.html" if request.wants_part else "next_charges/show.html"
    return request.services.renderer.answer(request, template, page)


async def _preview(request: PortalRequest, subscription: Subscription) -> Invoice | None:
    """None where Stripe has none, or cannot say at the moment and something else stands around the answer."""
    try:
        return await request.account.next_invoice(subscription)
    except NotFound:
        return None
    except PortalError as error:
        if error.status < 500 or not (request.wants_part or request.piece):
            raise
        return None
