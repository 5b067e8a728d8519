"""Before somebody leaves: what the host, or a deep link, offers to who stays, and taking it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from portal_embed.access import keys
from portal_embed.access.keys import store_key
from portal_embed.billing import pauses, plan_changes, retention, trials
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.config import PauseInterval
from portal_embed.config.deciding import CouponOffer, PlanOffer
from portal_embed.errors import FormRefused, NotAllowed, NotFound, PortalError
from portal_embed.pages.done import see_other
from portal_embed.view_models.staying import OffersPage, stay_card, what_ends
from portal_embed.view_models.subscription_words import subscription_name
from portal_embed.web.asked import allowed_changes, offers_before_leaving
from portal_embed.web.offers import offers

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.billing.cancellations import Why
    from portal_embed.billing.changes import Choosing
    from portal_embed.billing.endings import Ending
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.config.deciding import Offer
    from portal_embed.view_models.staying import StayCard
    from portal_embed.web.request import PortalRequest

logger = logging.getLogger("portal_embed")

MOST_OFFERS = 5
_SAID = ("feedback", "comment", "mode", "date")


async def before_leaving(
    request: PortalRequest, subscription: Subscription, ending: Ending, why: Why, fields: dict[str, str]
) -> Response | None:
    """The page of offers, once; None where there is nothing to offer, or it was seen already."""
    if was_offered(request, subscription.id, fields):
        return None
    found = await offers_before_leaving(request, subscription, why.feedback, why.feedback_option)
    wanted = found[:MOST_OFFERS]
    if not wanted:
        return None
    try:
        cards = await _cards(request, subscription, wanted)
    except Exception:
        logger.exception("request %s: the offers could not be shown", request.scope["portal.request_id"])
        cards = ()
    if not cards:
        return None
    fmt = request.fmt
    said = tuple((name, fields[name]) for name in _SAID if fields.get(name))
    seen = request.services.operations.issue(request.signed_in, f"offered:{subscription.id}")
    products = await request.account.products_of((subscription,))
    page = OffersPage(
        subscription.id,
        what_ends(subscription, subscription_name(subscription, products, fmt), ending, fmt),
        cards,
        (*said, ("offered", seen)),
        fmt._("Cancel subscription"),
        fmt._("Keep my plan"),
    )
    response = request.services.renderer.answer(request, "cancellations/offers.html", page)
    response.headers["HX-Push-Url"] = "false"  # an answer to a form: its address is not one to come back to
    return response


def was_offered(request: PortalRequest, subscription_id: str, fields: dict[str, str]) -> bool:
    """Whether this form comes from the page of offers."""
    try:
        request.services.operations.open(fields.get("offered"), request.signed_in, f"offered:{subscription_id}")
    except FormRefused:
        return False
    return True


async def accept(request: PortalRequest) -> Response:
    """Take an offer and stay. The form's token holds which: one that was not offered to this session is none."""
    subscription_id, account, flow = request.path_id(), request.account, request.signed_in.flow
    offer = (await request.fields()).get("offer", "")
    async with request.deed(
        "retentions.create",
        subscription_id,
        what=offer,
        owned=account.subscription,
        lock=f"subscription:{subscription_id}",
    ) as deed:
        await _only_one(request, subscription_id, offer)
        kind, _, value = offer.partition(":")
        if kind == "trial":
            await trials.extend(account, subscription_id, int(value), deed)
        elif kind == "pause":
            await pauses.pause(account, subscription_id, PauseInterval(interval_count=int(value)), deed)
        elif kind == "coupon":
            await retention.accept(account, subscription_id, value, deed)
        elif flow is not None and flow.coupon is not None:
            await retention.accept(account, subscription_id, flow.coupon, deed)
        else:
            raise NotFound("no offer in this session")
    return see_other(request, "overview.show", done="stayed", of=subscription_id)


async def _only_one(request: PortalRequest, subscription_id: str, offer: str) -> None:
    """One offer for a subscription in a session, the same one as often as it is clicked: another page of them is no second gift."""
    session, store = request.signed_in, request.services.sessions.store
    taken = await store.put_once(
        store_key("offer-taken", session.digest, subscription_id),
        keys.digest("offer", offer),
        request.config.session_absolute,
    )
    if taken not in (None, keys.digest("offer", offer)):
        raise NotAllowed("offer_gone")


async def _cards(request: PortalRequest, subscription: Subscription, wanted: tuple[Offer, ...]) -> tuple[StayCard, ...]:
    account = request.account
    coupons = [offer.coupon for offer in wanted if isinstance(offer, CouponOffer)]
    found = await asyncio.gather(*(retention.offer(account, subscription.id, coupon) for coupon in coupons))
    with_sums = dict(zip(coupons, found, strict=True))
    others = await _plans(request, subscription) if any(isinstance(offer, PlanOffer) for offer in wanted) else None
    cards = (
        stay_card(
            offer,
            subscription,
            request.fmt,
            coupon=with_sums.get(offer.coupon) if isinstance(offer, CouponOffer) else None,
            others=others,
            now=account.now,
        )
        for offer in wanted
    )
    return tuple(card for card in cards if card is not None)


async def _plans(request: PortalRequest, subscription: Subscription) -> Choosing | None:
    """What the plan could be instead; None where it may not be changed."""
    terms, flow = request.terms, request.signed_in.flow
    if not offers("plans.index", terms.features, flow) or why_not(Act.CHANGE, subscription, terms.features) is not None:
        return None
    try:
        limits = await allowed_changes(request, subscription)
        return await plan_changes.choosing(request.account, subscription, terms.catalog, terms.features, limits)
    except PortalError:
        return None
