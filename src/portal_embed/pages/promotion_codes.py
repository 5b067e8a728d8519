"""Promotion codes and discounts: typing a code, seeing what it does to the next bill, using it; taking a discount off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from portal_embed.access.limits import PROMOTION_GUESSES, SUBSCRIPTION_CHANGES
from portal_embed.access.requests import route_path
from portal_embed.billing import discounts as in_force
from portal_embed.billing import promotions as billing
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.promotions import CodeRefusal
from portal_embed.errors import BadRequest, NotAllowed, RateLimited, StripeMisconfigured
from portal_embed.pages.done import proof, see_other
from portal_embed.pages.tax import location_notice_for
from portal_embed.view_models.discounts import (
    code_refused_text,
    discount_line,
    discount_lines,
    missing_code_text,
    promotion_code_page,
    promotion_offer,
    remove_discount_page,
    too_many_codes_text,
)
from portal_embed.view_models.subscription_words import subscription_name

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.billing.promotions import Order, Promotion
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.view_models.discounts import PromotionOffer
    from portal_embed.view_models.shared import Notice
    from portal_embed.web.request import PortalRequest

_PAGE = "promotion_codes/new.html"


async def new(request: PortalRequest) -> Response:
    """The field for a code. `?code=` fills it in, and looks nothing up."""
    subscription = await _open(request, request.path_id())
    return await _page(request, subscription, typed=request.query_params.get("code", "")[: billing.LONGEST_CODE])


async def show(request: PortalRequest) -> Response:
    """What a code does to the next bill, or why it is not taken. Changes nothing."""
    typed = (await request.fields()).get("code", "").strip()
    subscription = await _open(request, request.path_id())
    if not typed:
        return await _page(request, subscription, error=missing_code_text(request.fmt))
    try:
        asked = await looked_up(request, typed, billing.order_of(subscription))
    except RateLimited:
        return await _page(request, subscription, typed=typed, error=too_many_codes_text(request.fmt), status=429)
    if isinstance(asked, CodeRefusal):
        return await _page(request, subscription, typed=typed, error=code_refused_text(asked, request.fmt))
    account = request.account
    bill, customer = await asyncio.gather(billing.preview(account, subscription, asked), account.customer())
    if isinstance(bill, CodeRefusal):
        return await _page(request, subscription, typed=typed, error=code_refused_text(bill, request.fmt))
    offer = promotion_offer(asked, bill, subscription, request.fmt, now=account.now, customer=customer)
    again = f"{route_path(request.scope)}?{urlencode({'code': typed})}"
    notice = location_notice_for(request, bill.before, back=again)
    return await _page(request, subscription, typed=typed, offer=offer, tax_notice=notice)


async def looked_up(request: PortalRequest, code: str, order: Order) -> Promotion | CodeRefusal:
    """The promotion behind what was typed, or why it is not taken. `order`: what it is to lower.

    Codes that are not taken are counted, and the customer's tries wait for each other, so that many at once are not one.
    Raises `RateLimited` after too many.
    """
    account, limits, session = request.account, request.services.limits, request.signed_in
    async with request.services.operations.lock(session, "promotion-codes"):
        await limits.rest(PROMOTION_GUESSES, session.account, account.customer_id)
        asked = await billing.found(account, code, order)
        if isinstance(asked, CodeRefusal) and asked.reason != "on_it":
            await limits.check(PROMOTION_GUESSES, session.account, account.customer_id)
    return asked


async def use(request: PortalRequest) -> Response:
    """Put the code that was shown on the subscription. The form's token holds which: one that was not found here is none."""
    subscription_id, account = request.path_id(), request.account
    promotion_code = (await request.fields()).get("promotion_code", "")
    if not promotion_code.startswith("promo_"):
        raise BadRequest("no promotion code")
    async with request.deed(
        "discounts.create",
        subscription_id,
        what=promotion_code,
        owned=account.subscription,
        lock=f"subscription:{subscription_id}",
    ) as deed:
        subscription = await account.subscription(subscription_id)
        if not billing.has_code(subscription, promotion_code):
            await request.services.limits.check(SUBSCRIPTION_CHANGES, account.customer_id)
            _allow(request, subscription)
            asked = await billing.by_id(account, promotion_code, billing.order_of(subscription))
            refusal = (
                asked if isinstance(asked, CodeRefusal) else await billing.put_on(account, subscription, asked, deed)
            )
            if refusal is not None:
                raise NotAllowed(f"code_{refusal.reason}", code_refused_text(refusal, request.fmt))
    return see_other(request, "overview.show", done="discount_added", of=subscription_id)


async def confirm_removal(request: PortalRequest) -> Response:
    """What the next bill is without it. Asks once."""
    account, fmt = request.account, request.fmt
    subscription, found = await in_force.of_customer(account, request.path_id())
    _allow(request, subscription)
    try:
        bill = await in_force.without(account, subscription, found.discount.id)
    except StripeMisconfigured:
        bill = in_force.NextBill(None, None)
    products = await account.products_of((subscription,))
    line = discount_line(found, subscription, products, fmt, may_remove=True)
    name, notice = subscription_name(subscription, products, fmt), location_notice_for(request, bill.before)
    page = remove_discount_page(found, bill, subscription, name, line, fmt, tax_notice=notice)
    return request.services.renderer.answer(request, "promotion_codes/removal.html", page)


async def remove(request: PortalRequest) -> Response:
    """Take a discount off for good. The same click again finds it gone and is content."""
    discount_id, account = request.path_id(), request.account
    subscription_id = (await request.fields()).get("subscription", "")
    async with request.deed(
        "discount_removals.create",
        discount_id,
        what=subscription_id,
        owned=lambda id: in_force.of_customer(account, id),
        lock=f"subscription:{subscription_id}",
    ) as deed:
        subscription = await account.subscription(subscription_id)
        if not deed.again:
            _allow(request, subscription)
        await in_force.take_off(account, subscription_id, discount_id, deed)
    shown = proof(request, "discount_removed", subscription_id)
    return see_other(request, "overview.show", done="discount_removed", of=subscription_id, proof=shown)


async def _open(request: PortalRequest, subscription_id: str) -> Subscription:
    subscription = await request.account.subscription(subscription_id)
    _allow(request, subscription)
    return subscription


def _allow(request: PortalRequest, subscription: Subscription) -> None:
    refusal = why_not(Act.DISCOUNT, subscription, request.terms.features)
    if refusal is not None:
        raise NotAllowed(refusal)


async def _page(
    request: PortalRequest,
    subscription: Subscription,
    *,
    typed: str = "",
    error: str = "",
    offer: PromotionOffer | None = None,
    tax_notice: Notice | None = None,
    status: int | None = None,
) -> Response:
    account, fmt = request.account, request.fmt
    named, products, customer = await asyncio.gather(
        in_force.named_by(account, (subscription,)), account.products_of((subscription,)), account.customer()
    )
    lines = discount_lines(subscription, named, products, fmt, now=account.now, may_remove=True, customer=customer)
    name = subscription_name(subscription, products, fmt)
    page = promotion_code_page(
        subscription, name, lines, fmt, typed=typed, error=error, offer=offer, tax_notice=tax_notice
    )
    code = status if status is not None else 422 if error else 200
    return request.services.renderer.answer(request, _PAGE, page, status=code)
