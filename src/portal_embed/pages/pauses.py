"""Pausing a subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.access.limits import SUBSCRIPTION_CHANGES
from portal_embed.billing import pauses as billing
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.errors import NotAllowed
from portal_embed.pages.done import see_other
from portal_embed.view_models import attempts
from portal_embed.view_models.pauses import length_value, pause_page
from portal_embed.view_models.subscription_words import subscription_name

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.view_models.shared import Notice
    from portal_embed.web.request import PortalRequest


async def new(request: PortalRequest) -> Response:
    """For how long, what that means, and what it takes off the next bill."""
    subscription = await request.account.subscription(request.path_id())
    if billing.pause_of(subscription) is not None:
        return see_other(request, "overview.show", done="paused", of=subscription.id)
    return await _page(request, subscription)


async def create(request: PortalRequest) -> Response:
    """Pause it."""
    subscription_id, account = request.path_id(), request.account
    asked = (await request.fields()).get("length", "")
    lengths = {length_value(length): length for length in request.terms.features.subscription_pause.duration.choices}
    async with request.deed(
        "pauses.create", subscription_id, owned=account.subscription, lock=f"subscription:{subscription_id}"
    ) as deed:
        if asked not in lengths:
            subscription = await account.subscription(subscription_id)
            problem = attempts.no_length_chosen(request.fmt)
            return await _page(request, subscription, problem=problem, status=422)
        await request.services.limits.check(SUBSCRIPTION_CHANGES, account.customer_id)
        await billing.pause(account, subscription_id, lengths[asked], deed)
    return see_other(request, "overview.show", done="paused", of=subscription_id)


async def _page(
    request: PortalRequest, subscription: Subscription, *, problem: Notice | None = None, status: int = 200
) -> Response:
    account, features = request.account, request.terms.features
    refusal = why_not(Act.PAUSE, subscription, features)
    if refusal is not None:
        raise NotAllowed(refusal)
    products = await account.products_of((subscription,))
    page = pause_page(
        await billing.quote(account, subscription),
        subscription_name(subscription, products, request.fmt),
        features.subscription_pause.duration.choices,
        request.fmt,
        now=account.now,
        problem=problem,
    )
    return request.services.renderer.answer(request, "pauses/new.html", page, status=status)
