"""Canceling a subscription, choosing when it ends, and keeping it after all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from portal_embed.access.limits import SUBSCRIPTION_CHANGES
from portal_embed.billing import cancellations as billing
from portal_embed.billing import retention
from portal_embed.billing.cancellations import Why
from portal_embed.billing.days import day_of, day_within, moment_on
from portal_embed.billing.eligibility import Act, cancel_choices, why_not
from portal_embed.billing.endings import Ending, days_of, is_as_asked, outlook
from portal_embed.billing.subscriptions import ends_at, latest_period_end
from portal_embed.errors import NotAllowed
from portal_embed.pages import receipts
from portal_embed.pages.done import see_other
from portal_embed.pages.staying import before_leaving, was_offered
from portal_embed.view_models.cancellations import Asked, cancel_page, ending_moved, unpaid_notice
from portal_embed.view_models.subscription_words import subscription_name
from portal_embed.view_models.wording import day_error
from portal_embed.web.heard import tell
from portal_embed.web.offers import offers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from portal_embed.billing.endings import Outlook
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.config import CancelChoice
    from portal_embed.view_models.shared import Notice
    from portal_embed.web.request import PortalRequest


async def new(request: PortalRequest) -> Response:
    """What will happen and when, one question, and the way back. Of one that ends already: another moment for that."""
    account = request.account
    subscription, _, _ = await asyncio.gather(
        account.subscription(request.path_id()), account.open_invoices(), _own_reasons(request)
    )
    refusal = why_not(Act.CANCEL, subscription, request.terms.features)
    if refusal == "already_canceling" and not _may_move(request, subscription):
        return see_other(request, "overview.show", done="canceled", of=subscription.id)
    if refusal is not None and refusal != "already_canceling":
        raise NotAllowed(refusal)
    asked = _asked(request, subscription, {name: value for name, value in request.query_params.items() if value})
    if asked.is_move and asked.ending is not None and is_as_asked(subscription, asked.ending):
        asked = replace(asked, ending=None)
    return await _page(request, subscription, asked)


async def only(request: PortalRequest) -> Response:
    """The one subscription of who has one; with none or several, the plans, which show them."""
    account, features = request.account, request.terms.features
    may = [s for s in await account.live_subscriptions() if why_not(Act.CANCEL, s, features) is None]
    path = request.services.urls.path
    place = path("pieces.cancel_one", may[0].id) if len(may) == 1 else path("pieces.plan")
    return RedirectResponse(place, status_code=303)


async def create(request: PortalRequest) -> Response:
    """Cancel, with the reason if one was given; or end it at another moment than was said before."""
    subscription_id, account, features = request.path_id(), request.account, request.terms.features
    fields = await request.fields()
    own = await _own_reasons(request)
    why, is_answered = _why(request, fields, own)
    when = fields.get("when", fields.get("mode"))
    ending, is_as_shown = Ending(_choice(when)), _is_as_shown(fields)
    if ending.when == "on_date" or not (is_answered and is_as_shown) or request.config.hooks.offers is not None:
        subscription = await account.subscription(subscription_id)
        asked = _asked(request, subscription, {"date": "", **fields, "when": when or ""})
        is_leaving = why_not(Act.CANCEL, subscription, features) is None
        if not is_as_shown or asked.date_error or (is_leaving and not is_answered):
            return await _anew(request, subscription, asked, fields, is_answered=is_answered or not is_leaving)
        if ending.when == asked.when == "on_date":
            ending = asked.ending or ending
        if is_leaving and request.config.hooks.offers is not None:
            page = await before_leaving(request, subscription, ending, why, fields)
            if page is not None:
                return page
    async with request.deed(
        "cancellations.create", subscription_id, owned=account.subscription, lock=f"subscription:{subscription_id}"
    ) as deed:
        await request.services.limits.check(SUBSCRIPTION_CHANGES, account.customer_id)
        is_moved = await billing.cancel(account, subscription_id, features, deed, ending=ending, why=why)
    if was_offered(request, subscription_id, fields):
        tell(request, "offer.declined", subscription_id, once=request.scope["portal.operation"])
    receipts.canceled(request, subscription_id)
    return see_other(request, "overview.show", done="end_moved" if is_moved else "canceled", of=subscription_id)


def _is_as_shown(fields: Mapping[str, str]) -> bool:
    """Whether the form is to be done, and says of when what the page said last. One of its buttons only asks."""
    mode = fields.get("mode")
    if "see" in fields or fields.get("when", mode) != mode:
        return False
    return mode != "on_date" or fields.get("date") == fields.get("until", fields.get("date"))


async def _anew(
    request: PortalRequest, subscription: Subscription, asked: Asked, fields: Mapping[str, str], *, is_answered: bool
) -> Response:
    """The page once more, with what the form's fields say now."""
    said = replace(asked, reason=fields.get("feedback", ""), comment=fields.get("comment", "").strip())
    if "see" in fields:
        response = await _page(request, subscription, said)
        response.headers["HX-Push-Url"] = "false"  # an answer to a form: its address is not one to come back to
        return response
    if is_answered and not said.date_error:
        return await _page(request, subscription, said, problem=ending_moved(request.fmt), status=409)
    reason_error = "" if is_answered else request.fmt._("Choose the reason that fits best.")
    return await _page(request, subscription, replace(said, reason_error=reason_error), status=422)


async def keep(request: PortalRequest) -> Response:
    """Undo a cancellation before it takes effect."""
    subscription_id, account = request.path_id(), request.account
    async with request.deed(
        "continuations.create", subscription_id, owned=account.subscription, lock=f"subscription:{subscription_id}"
    ) as deed:
        await billing.keep(account, subscription_id, request.terms.features, deed)
    return see_other(request, "overview.show", done="kept", of=subscription_id)


async def _page(
    request: PortalRequest,
    subscription: Subscription,
    asked: Asked,
    *,
    problem: Notice | None = None,
    status: int = 200,
) -> Response:
    account, features, flow = request.account, request.terms.features, request.signed_in.flow
    settings, ending = features.subscription_cancel, asked.ending
    coupon = flow.coupon if flow is not None and not asked.is_move else None
    open_invoices, products, own, ahead = await asyncio.gather(
        account.open_invoices(),
        account.products_of((subscription,)),
        _own_reasons(request),
        _when_known(request, subscription, ending),
    )
    may_pay = request.may("invoices:pay") and offers("payments.new", features, flow)
    page = cancel_page(
        subscription,
        subscription_name(subscription, products, request.fmt),
        asked,
        _choices(request, subscription),
        settings,
        ahead,
        unpaid_notice(subscription, open_invoices, request.fmt, may_pay=may_pay),
        request.fmt,
        own_reasons=own,
        now=account.now,
        offer=await retention.offer(account, subscription.id, coupon) if coupon else None,
        goes_on=request.config.hooks.offers is not None,
        problem=problem,
    )
    part = request.wants_part and request.method == "GET"
    template = "cancellations/previewed.swaps.html" if part else "cancellations/new.html"
    return request.services.renderer.answer(request, template, page, status=status)


def _may_move(request: PortalRequest, subscription: Subscription) -> bool:
    """A deep link leads to canceling, and ends there."""
    return request.signed_in.flow is None and why_not(Act.MOVE_END, subscription, request.terms.features) is None


def _asked(request: PortalRequest, subscription: Subscription, said: Mapping[str, str]) -> Asked:
    """What an address or a form asks for, by "when" and "date"; what the page begins with where it asks nothing."""
    fmt, now = request.fmt, request.account.now
    choices = _choices(request, subscription)
    is_move = ends_at(subscription) is not None
    begins = "on_date" if is_move and "on_date" in choices else choices[0]
    when = next((choice for choice in choices if choice == said.get("when")), begins)
    if when != "on_date":
        return Asked(Ending(when), when, is_move=is_move)
    current = ends_at(subscription) if is_move else None
    if "date" not in said:
        day = day_of(current, fmt.timezone) if current is not None else None
        return Asked(None, when, day.isoformat() if day is not None else "", is_move=is_move)
    first, last = days_of(subscription, now, fmt.timezone)
    day = day_within(said["date"], first, last)
    if day is None:
        return Asked(None, when, said["date"][:20], day_error(first, last, fmt), is_move=is_move)
    at = moment_on(day, fmt.timezone, like=latest_period_end(subscription))
    return Asked(Ending(when, at), when, day.isoformat(), is_move=is_move)


def _choices(request: PortalRequest, subscription: Subscription) -> tuple[CancelChoice, ...]:
    """When it may end, without what is so already."""
    found = cancel_choices(subscription, request.terms.features)
    others = tuple(choice for choice in found if not is_as_asked(subscription, Ending(choice)))
    return others or found


def _choice(value: str | None) -> CancelChoice:
    """What a form says of when; a form that says nothing means the end of the period."""
    return "immediately" if value == "immediately" else "on_date" if value == "on_date" else "at_period_end"


async def _own_reasons(request: PortalRequest) -> dict[str, str]:
    """The host's own reasons that may be offered, by their ids at Stripe."""
    reason, session = request.terms.features.subscription_cancel.cancellation_reason, request.signed_in
    if not reason.enabled:
        return {}
    return await request.services.stripe.of(session.account, livemode=session.livemode).feedback.described(
        reason.feedback_options
    )


def _why(request: PortalRequest, fields: Mapping[str, str], own: Mapping[str, str]) -> tuple[Why, bool]:
    """Why they leave, and whether that is enough of an answer. Where there is no reason to choose, none is demanded."""
    reason = request.terms.features.subscription_cancel.cancellation_reason
    if not reason.enabled:
        return Why(), True
    said = fields.get("feedback", "")
    feedback = next((option for option in reason.options if option == said), None)
    option = said if said in own else None
    is_enough = not reason.required or bool(feedback or option) or not (reason.options or own)
    return Why(feedback, option, fields.get("comment", "").strip()), is_enough


async def _when_known(request: PortalRequest, subscription: Subscription, ending: Ending | None) -> Outlook | None:
    settings = request.terms.features.subscription_cancel
    return await outlook(request.account, subscription, ending, settings) if ending is not None else None
