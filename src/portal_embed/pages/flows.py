"""A flow: one thing to do, its first page and its last. What stands between are the pages of the thing itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from portal_embed.billing import retention
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.subscriptions import ends_at, is_live
from portal_embed.errors import NotAllowed, NotFound
from portal_embed.pages import done, plans
from portal_embed.pages.details import TAXED, next_tax
from portal_embed.pages.done import see_other
from portal_embed.view_models import attempts
from portal_embed.view_models.flows import FlowDonePage, FlowStartPage
from portal_embed.view_models.shared import Notice
from portal_embed.view_models.subscription_words import subscription_name
from portal_embed.web.offers import is_on

if TYPE_CHECKING:
    from portal_embed.access.flows import Flow
    from portal_embed.web.request import PortalRequest

_FIRST_PAGES = {
    "customer_update": "details.show",
    "subscription_cancel": "cancellations.new",
    "subscription_pause": "pauses.new",
    "subscription_update": "plans.index",
    "recovery": "recoveries.show",
}


_CHANGES = frozenset({"subscription_update", "subscription_update_confirm"})


async def show(request: PortalRequest) -> Response:
    """Where the flow begins."""
    flow = _flow(request)
    if not is_on(flow, request.terms.features):
        raise NotAllowed("off")
    if flow.type in _CHANGES and (keeping := await _keeping_first(request, flow)) is not None:
        return request.services.renderer.answer(request, "flows/start.html", keeping)
    if flow.type == "subscription_update_confirm":
        return await plans.confirm_flow(request, flow)
    if flow.type in _FIRST_PAGES:
        first = request.services.urls.path(_FIRST_PAGES[flow.type], flow.subscription)
        return RedirectResponse(first, status_code=303)
    fmt = request.fmt
    page = FlowStartPage(
        fmt._("Add a payment method"),
        fmt._("It becomes the one that your bills are paid with. Nothing is charged now."),
        fmt._("Add payment method"),
        "payment_methods.new",
    )
    return request.services.renderer.answer(request, "flows/start.html", page)


async def _keeping_first(request: PortalRequest, flow: Flow) -> FlowStartPage | None:
    """A plan that is going to end is not changed: the way to keep it first, where this session has one."""
    features, fmt = request.terms.features, request.fmt
    subscription = await request.account.subscription(flow.subscription or "")
    may_keep = request.may("subscriptions:write") and why_not(Act.KEEP, subscription, features) is None
    reason = why_not(Act.CHANGE, subscription, features)
    if reason != "canceling" or not may_keep:
        return None
    name = subscription_name(subscription, await request.account.products_of((subscription,)), fmt)
    sentence = fmt._(
        "%(plan)s ends on %(date)s. Keep your plan first, then you can change it.",
        plan=name,
        date=fmt.date(ends_at(subscription) or 0),
    )
    return FlowStartPage(fmt._("Change plan"), sentence, fmt._("Keep my plan"), "continuations.create", subscription.id)


async def completed(request: PortalRequest) -> Response:
    """What was done in this session, if Stripe bears it out, and where it goes from here."""
    flow = _flow(request)
    if flow.type in _CHANGES and request.query_params.get("done") == "kept":
        return see_other(request, "flows.show")  # now it can be changed
    notice, is_complete = await _what_was_done(request, flow) if done.is_proven(request) else (None, False)
    if notice is None:
        return see_other(request, "flows.show")
    after = flow.after_completion
    if is_complete and after.type == "portal_homepage":
        return _to_the_portal(request)
    leads_to = (after.return_url or "") if is_complete and after.type == "redirect" else ""
    page = FlowDonePage(
        notice,
        (after.custom_message or "") if is_complete else "",
        leads_to,
        may_repeat=not is_complete or flow.type in {"customer_update", "payment_method_update", "subscription_update"},
        is_complete=is_complete,
    )
    response = request.services.renderer.answer(request, "flows/done.html", page)
    if leads_to and request.headers.get("hx-request") == "true":
        response.headers["HX-Redirect"] = leads_to
    return response


async def _what_was_done(request: PortalRequest, flow: Flow) -> tuple[Notice | None, bool]:
    """In words, and whether it completes the flow."""
    account, fmt = request.account, request.fmt
    name = request.query_params.get("done", "")
    unfinished = {"not_saved": attempts.method_not_saved, "method_processing": attempts.method_processing}
    if name in unfinished:
        return unfinished[name](fmt), name == "method_processing"
    if name == "payment_unconfirmed":
        return Notice("caution", fmt._("Your bank did not confirm the payment"), fmt._("Nothing was charged.")), False
    if flow.type == "recovery":
        return None, False  # its own page says what is left
    if flow.type == "payment_method_update":
        customer, methods = await asyncio.gather(account.customer(), account.payment_methods())
        return done.of_methods(request, customer, methods, account.now), True
    if flow.type == "customer_update":
        customer, tax_ids = await asyncio.gather(account.customer(), account.tax_ids())
        tax = await next_tax(request) if name in TAXED else None
        return done.of_details(request, customer, tax_ids, tax), name != "email_asked"
    subscription = await account.subscription(flow.subscription or "")
    if name == "stayed":
        if not is_live(subscription) or ends_at(subscription) is not None:
            return None, False
        has_coupon = await retention.is_accepted(account, subscription.id, flow.coupon or "")
        body = fmt._("The discount is on it now.") if has_coupon else ""
        return Notice("positive", fmt._("You keep your plan"), body), True
    products = await account.products_of((subscription,))
    return await done.of_subscription(request, (subscription,), products), name != "change_withdrawn"


def _to_the_portal(request: PortalRequest) -> Response:
    """The flow is over; what the session may do else it may do now."""
    session = replace(request.signed_in, flow=None)
    asked = {name: request.query_params[name] for name in ("done", "of", "proof") if name in request.query_params}
    route = {"payment_method_update": "payment_methods.index", "customer_update": "details.show"}
    start = route.get(_flow(request).type, "overview.show")
    response = RedirectResponse(request.services.urls.path(start, **asked), status_code=303)
    request.keep(response, session)
    return response


def _flow(request: PortalRequest) -> Flow:
    flow = request.signed_in.flow
    if flow is None:
        raise NotFound("no flow")
    return flow
