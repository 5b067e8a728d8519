"""Saved payment methods: list, add, choose the default, remove."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from portal_embed.access.limits import SETUP_INTENTS_PER_DAY, SETUP_INTENTS_PER_HOUR
from portal_embed.access.stepping_out import may_step_out, token_for
from portal_embed.billing import method_changes as billing
from portal_embed.billing.payment_methods import default_of, removal_refusal
from portal_embed.billing.recovery import debt, use_everywhere
from portal_embed.billing.subscriptions import is_live
from portal_embed.errors import BadRequest, NotAllowed
from portal_embed.pages import receipts
from portal_embed.pages.done import method_removed, of_methods, see_other
from portal_embed.pages.payments import stripe_js
from portal_embed.view_models import attempts
from portal_embed.view_models.payment_methods import (
    FinishMethodPage,
    new_method_page,
    payment_methods_page,
    remove_method_page,
)
from portal_embed.web.appearance import appearance_json
from portal_embed.web.asked import step_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from portal_embed.view_models.shared import Notice
    from portal_embed.web.request import PortalRequest

CHOICES = ("make_default", "use_for_all", "replaces", "invoice", "resumes", "start", "count", "code")
"""Fields that ride along from the page with the Payment Element to its end, also by way of a bank's page."""


async def index(request: PortalRequest) -> Response:
    """All saved methods, the default first."""
    account = request.account
    customer, methods, subscriptions = await asyncio.gather(
        account.customer(), account.payment_methods(), account.subscriptions()
    )
    products = await account.products_of(tuple(s for s in subscriptions if is_live(s)))
    page = payment_methods_page(
        customer,
        methods,
        subscriptions,
        products,
        request.fmt,
        now=account.now,
        may_write=request.may("payment_methods:write"),
        confirmation=_unsaved(request) or of_methods(request, customer, methods, account.now),
    )
    return request.services.renderer.answer(request, "payment_methods/index.html", page)


async def new(request: PortalRequest) -> Response:
    """The page with the Payment Element: made only by a POST, so that no GET can mint SetupIntents."""
    account = request.account
    fields = await request.fields()
    replaces, invoice, resumes = _replaces(request, fields), _invoice(request, fields), _resumes(request, fields)
    if replaces is not None:
        await step_up(request, "removals.create")  # before the card is entered: the old one goes with it
    if request.is_recovery and (await debt(account)).is_settled:
        return see_other(request, "recoveries.show")  # the link was for paying, and there is nothing to pay
    async with request.deed("payment_methods.new") as deed:
        replaced = await account.payment_method(replaces) if replaces else None
        if invoice:
            await account.invoice(invoice)
        if resumes:
            await account.subscription(resumes)
        for limit in (SETUP_INTENTS_PER_HOUR, SETUP_INTENTS_PER_DAY):
            await request.services.limits.check(limit, account.customer_id)
        intent = await billing.start(
            account,
            deed,
            session_label=request.signed_in.digest,
            configuration=request.terms.features.payment_method_update.payment_method_configuration,
        )
    customer, methods, live = await asyncio.gather(
        account.customer(), account.payment_methods(), account.live_subscriptions()
    )
    theme = request.theme
    page = new_method_page(
        intent,
        customer,
        methods,
        live,
        request.fmt,
        stripe_js(request),
        now=account.now,
        return_url=request.services.urls.absolute("payment_methods.return"),
        appearance=(appearance_json(theme, dark=False), appearance_json(theme, dark=True)),
        replaces=replaced,
        invoice_id=invoice,
        resumes=resumes,
        start=_start(request, fields),
        count=fields.get("count", ""),
        code=fields.get("code", ""),
        is_default=_becomes_default(request),
        is_for_all=request.is_recovery,
        may_step_out=may_step_out(request.config, request.signed_in),
    )
    request.scope["portal.payment_page"] = True
    return request.services.renderer.answer(request, "payment_methods/new.html", page)


async def outside(request: PortalRequest) -> Response:
    """A token for the frame's own script: types that are approved on a page of their own are added at top level."""
    await request.fields()
    if not may_step_out(request.config, request.signed_in):
        raise BadRequest("not in a frame, or not for this session")
    token = token_for(
        request.config,
        request.signed_in,
        return_url=request.terms.return_url,
        now=request.services.sessions.clock(),
    )
    return JSONResponse({"token": token})


async def returned(request: PortalRequest) -> Response:
    """Back from a bank's page. A GET changes nothing: one button (pressed by script) finishes."""
    query = request.query_params
    intent = await request.account.setup_intent(query.get("setup_intent", ""))
    if intent.status not in {"succeeded", "processing"}:
        return see_other(request, "payment_methods.index", done="not_saved")
    fields = tuple((name, query[name]) for name in CHOICES if query.get(name))
    page = FinishMethodPage(intent.id, request.fmt._("Your bank has confirmed the payment method."), fields)
    return request.services.renderer.answer(request, "payment_methods/finish.html", page)


async def create(request: PortalRequest) -> Response:
    """Stripe.js has saved a method; make of it what was ticked."""
    account = request.account
    fields = await request.fields()
    intent_id = fields.get("setup_intent", "")
    if not intent_id:
        raise BadRequest("no setup_intent in the form")
    if request.is_recovery and (await debt(account)).is_settled:
        return see_other(request, "recoveries.show")
    if _replaces(request, fields) is not None:
        await step_up(request, "removals.create")
    async with request.deed("payment_methods.create", lock="payment_methods") as deed:
        saved = await billing.finish(
            account,
            intent_id,
            deed,
            make_default=fields.get("make_default") == "on" or _becomes_default(request),
            use_for_all=fields.get("use_for_all") == "on",
            replaces=_replaces(request, fields),
        )
        if request.is_recovery and saved.payment_method is not None:
            await use_everywhere(account, saved.payment_method, deed)
    if saved.payment_method is not None:
        receipts.payment_method_added(request, saved.payment_method)
    invoice = _invoice(request, fields)
    if invoice is not None:
        return see_other(request, "payments.new", invoice, method=saved.payment_method)
    resumes = _resumes(request, fields)
    if resumes is not None and saved.payment_method is not None:
        return see_other(request, "resumptions.new", resumes)
    start = _start(request, fields)
    if start is not None and saved.payment_method is not None:
        asked = {"quantity": fields.get("count"), "promotion_code": fields.get("code") or None}
        return see_other(request, "starts.new", start, **asked, method=saved.payment_method)
    if saved.payment_method is None:
        return see_other(request, "payment_methods.index", done="method_processing")
    return see_other(request, "payment_methods.index", done="method_added", of=saved.payment_method)


async def make_default(request: PortalRequest) -> Response:
    """Pay with this method from now on."""
    method_id, account = request.path_id(), request.account
    fields = await request.fields()
    async with request.deed("defaults.create", method_id, owned=account.payment_method, lock="payment_methods") as deed:
        await billing.set_default(account, method_id, deed, use_for_all=fields.get("use_for_all") == "on")
    return see_other(request, "payment_methods.index", done="method_default", of=method_id)


async def confirm_removal(request: PortalRequest) -> Response:
    """Ask once."""
    account = request.account
    method, customer, subscriptions = await asyncio.gather(
        account.payment_method(request.path_id()), account.customer(), account.subscriptions()
    )
    refusal = removal_refusal(method.id, customer, subscriptions)
    if refusal is not None:
        raise NotAllowed(refusal)
    page = remove_method_page(method, is_default=default_of(customer) == method.id, fmt=request.fmt, now=account.now)
    return request.services.renderer.answer(request, "removals/new.html", page)


async def remove(request: PortalRequest) -> Response:
    """Remove it for good. The same click again finds it gone and is content."""
    method_id, account = request.path_id(), request.account
    async with request.deed("removals.create", method_id, owned=account.payment_method, lock="payment_methods") as deed:
        await billing.remove(account, method_id, deed)
    return method_removed(request, method_id)


def _becomes_default(request: PortalRequest) -> bool:
    """A method that a deep link asked for is what bills are paid with from then on, as with Stripe's portal."""
    return request.signed_in.flow is not None


def _replaces(request: PortalRequest, fields: Mapping[str, str]) -> str | None:
    """The method that the new one takes the place of. To remove one is not what a deep link, or a dunning mail, was for."""
    return (fields.get("replaces") or None) if request.signed_in.flow is None else None


def _invoice(request: PortalRequest, fields: Mapping[str, str]) -> str | None:
    """The bill that was being paid when another method was wanted."""
    return (fields.get("invoice") or None) if request.signed_in.flow is None or request.is_recovery else None


def _resumes(request: PortalRequest, fields: Mapping[str, str]) -> str | None:
    """The paused subscription that was to go on when there was no method to pay with."""
    return (fields.get("resumes") or None) if request.signed_in.flow is None else None


def _start(request: PortalRequest, fields: Mapping[str, str]) -> str | None:
    """The price of the plan that was being started when another method was wanted."""
    return (fields.get("start") or None) if request.signed_in.flow is None else None


def _unsaved(request: PortalRequest) -> Notice | None:
    said = {"not_saved": attempts.method_not_saved, "method_processing": attempts.method_processing}
    words = said.get(request.query_params.get("done", ""))
    return words(request.fmt) if words is not None else None
