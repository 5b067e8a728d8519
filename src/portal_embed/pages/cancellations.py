"""Canceling a subscription, and keeping it after all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from portal_embed.access.limits import SUBSCRIPTION_CHANGES
from portal_embed.billing import cancellations as billing
from portal_embed.billing import retention
from portal_embed.billing.eligibility import Act, cancel_mode, why_not
from portal_embed.errors import NotAllowed
from portal_embed.pages import receipts
from portal_embed.pages.done import see_other
from portal_embed.pages.staying import before_leaving, was_offered
from portal_embed.view_models.cancellations import cancel_page
from portal_embed.view_models.subscription_words import subscription_name
from portal_embed.web.heard import tell

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.web.request import PortalRequest


async def new(request: PortalRequest) -> Response:
    """What will happen and when, one question, and the way back."""
    account, features = request.account, request.terms.features
    flow = request.signed_in.flow
    subscription, open_invoices = await asyncio.gather(account.subscription(request.path_id()), account.open_invoices())
    refusal = why_not(Act.CANCEL, subscription, features)
    if refusal == "already_canceling":
        return see_other(request, "overview.show", done="canceled", of=subscription.id)
    if refusal is not None:
        raise NotAllowed(refusal)
    products = await account.products_of((subscription,))
    page = cancel_page(
        subscription,
        subscription_name(subscription, products, request.fmt),
        cancel_mode(subscription, features),
        features.subscription_cancel,
        [invoice for invoice in open_invoices if invoice.subscription == subscription.id],
        request.fmt,
        offer=await retention.offer(account, subscription.id, flow.coupon)
        if flow is not None and flow.coupon
        else None,
        goes_on=request.config.hooks.offers is not None,
    )
    return request.services.renderer.answer(request, "cancellations/new.html", page)


async def only(request: PortalRequest) -> Response:
    """The one subscription of who has one; with none or several, the plans, which show them."""
    account, features = request.account, request.terms.features
    may = [s for s in await account.live_subscriptions() if why_not(Act.CANCEL, s, features) is None]
    path = request.services.urls.path
    place = path("pieces.cancel_one", may[0].id) if len(may) == 1 else path("pieces.plan")
    return RedirectResponse(place, status_code=303)


async def create(request: PortalRequest) -> Response:
    """Cancel, with the reason if one was given."""
    subscription_id, account, features = request.path_id(), request.account, request.terms.features
    fields = await request.fields()
    asked = features.subscription_cancel.cancellation_reason
    feedback = next((reason for reason in asked.options if asked.enabled and reason == fields.get("feedback")), None)
    if request.config.hooks.offers is not None:
        subscription = await account.subscription(subscription_id)
        if why_not(Act.CANCEL, subscription, features) is None:
            page = await before_leaving(request, subscription, feedback, fields)
            if page is not None:
                return page
    async with request.deed(
        "cancellations.create", subscription_id, owned=account.subscription, lock=f"subscription:{subscription_id}"
    ) as deed:
        await request.services.limits.check(SUBSCRIPTION_CHANGES, account.customer_id)
        comment = fields.get("comment", "").strip() if asked.enabled else ""
        await billing.cancel(
            account,
            subscription_id,
            features,
            deed,
            feedback=feedback,
            comment=comment,
            agreed_at_once=fields.get("mode") == "immediately",
        )
    if was_offered(request, subscription_id, fields):
        tell(request, "offer.declined", subscription_id, once=request.scope["portal.operation"])
    receipts.canceled(request, subscription_id)
    return see_other(request, "overview.show", done="canceled", of=subscription_id)


async def keep(request: PortalRequest) -> Response:
    """Undo a cancellation before it takes effect."""
    subscription_id, account = request.path_id(), request.account
    async with request.deed(
        "continuations.create", subscription_id, owned=account.subscription, lock=f"subscription:{subscription_id}"
    ) as deed:
        await billing.keep(account, subscription_id, request.terms.features, deed)
    return see_other(request, "overview.show", done="kept", of=subscription_id)
