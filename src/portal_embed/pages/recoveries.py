"""Paying what is owed, by the link of a mail: without the host, and with nothing else in reach."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from portal_embed.access import logins, recovery
from portal_embed.access.limits import LOGINS, RECOVERY_MAILS
from portal_embed.access.locales import preferred
from portal_embed.access.requests import client_address
from portal_embed.billing import recovery as billing
from portal_embed.billing.payment_methods import default_of
from portal_embed.billing.subscriptions import effective_method
from portal_embed.errors import LinkRefused, NotFound, RateLimited, SessionExpired
from portal_embed.pages.done import of_methods
from portal_embed.view_models import letters
from portal_embed.view_models.logins import unmet_text
from portal_embed.view_models.recoveries import AskRecoveryPage, open_recovery_page, recovery_page
from portal_embed.web import mails
from portal_embed.web.asked import is_challenge_met
from portal_embed.web.forms import read_form
from portal_embed.web.heard import tell

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.access.tokens import Handover
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.stripe.objects import Customer
    from portal_embed.web.request import PortalRequest


async def ask(request: PortalRequest) -> Response:
    """The address that Stripe's own mails can point to: it knows nobody, so it asks for the billing email."""
    _needs_mail(request)
    typed = request.query_params.get("prefilled_email", "").strip()
    page = AskRecoveryPage(typed if logins.EMAIL.fullmatch(typed) else "")
    return _ask(request, page)


async def send(request: PortalRequest) -> Response:
    """Send the link to whoever owes something and reads this address. The answer is the same for everybody."""
    _needs_mail(request)
    fields = await read_form(request)
    await request.services.limits.check(LOGINS, client_address(request.scope))
    email = fields.get("email", "").strip()
    fmt = request.fmt
    if not logins.EMAIL.fullmatch(email):
        page = AskRecoveryPage(email, fmt._("Enter an email address, such as name@example.com."))
        return _ask(request, page, status=422)
    if not await is_challenge_met(request, fields):
        return _ask(request, AskRecoveryPage(email, unmet=unmet_text(fmt)), status=422)
    request.services.outbox.later(_write(request, email), "a recovery link")
    sent = fmt._("If a bill of %(email)s is unpaid, a mail with a link is on its way.", email=email)
    return request.services.renderer.answer(request, "recoveries/ask.html", AskRecoveryPage(email, sent=sent))


def _ask(request: PortalRequest, page: AskRecoveryPage, *, status: int = 200) -> Response:
    request.scope["portal.challenge"] = True
    return request.services.renderer.answer(request, "recoveries/ask.html", page, status=status)


async def open_link(request: PortalRequest) -> Response:
    """Whose bills a link opens and how much is unpaid. Looking uses nothing up: mail scanners look too."""
    token = request.path_id()
    _, account, customer = await _opened(request, token)
    page = open_recovery_page(
        token, customer, await billing.debt(account), request.terms.business_profile.name or "", request.fmt
    )
    return request.services.renderer.answer(request, "recoveries/open.html", page)


async def enter(request: PortalRequest) -> Response:
    """The button of that page: a session that can pay, and nothing else."""
    token, services = request.path_id(), request.services
    await read_form(request)
    await services.limits.check(LOGINS, client_address(request.scope))
    handover, account, _ = await _opened(request, token)
    if request.is_known_to_host:
        if request.signed_in.key != (handover.account, handover.livemode, handover.customer):
            raise LinkRefused("identity")
        return RedirectResponse(services.urls.path("overview.show"), status_code=303)
    if (await billing.debt(account)).is_settled:
        return RedirectResponse(services.urls.path("recovery_links.show", token), status_code=303)
    if request.session is not None:
        await services.sessions.end(request.session)
    session = services.sessions.open_by_mail(handover)
    tell(request, "portal.opened", None, once=session.digest, who=session)
    response = RedirectResponse(services.urls.path("recoveries.show"), status_code=303)
    request.keep(response, session)
    return response


async def show(request: PortalRequest) -> Response:
    """What is owed, why it was not paid, and how to make it good."""
    if not request.is_recovery:
        raise NotFound("not a recovery")
    account = request.account
    customer, methods, live, debt = await asyncio.gather(
        account.customer(), account.payment_methods(), account.live_subscriptions(), billing.debt(account)
    )
    products = await account.products_of(debt.paused)
    wanted = next((effective_method(s, customer) for s in live), None) or default_of(customer)
    page = recovery_page(
        debt,
        next((method for method in methods if method.id == wanted), None),
        products,
        request.fmt,
        now=account.now,
        confirmation=of_methods(request, customer, methods, account.now),
    )
    label = customer.name or customer.email or ""
    return request.services.renderer.answer(request, "recoveries/show.html", page, account_label=label)


async def _opened(request: PortalRequest, token: str) -> tuple[Handover, CustomerAccount, Customer]:
    """Raises `LinkRefused` for a link that is not ours, that the host ended, or whose customer is gone."""
    handover = recovery.verify(request.config, token, request.services.sessions.clock())
    only_for = recovery.only_for(request.config, token)
    if await request.services.sessions.is_link_ended(handover):
        raise LinkRefused("revoked")
    await request.take_terms(None, handover.account)
    account = request.services.stripe.customer((handover.account, handover.livemode, handover.customer))
    try:
        customer = await account.customer()
    except (NotFound, SessionExpired):
        raise LinkRefused("customer") from None
    if only_for is not None and only_for != recovery.reader(customer.email or ""):
        raise LinkRefused("another address")
    request.scope["portal.locale"] = handover.locale or preferred(customer.preferred_locales or ())
    return handover, account, customer


async def _write(request: PortalRequest, email: str) -> None:
    services = request.services
    for customer in await services.stripe.customers_of(email, livemode=request.config.livemode):
        account = services.stripe.customer((None, request.config.livemode, customer.id))
        if (await billing.debt(account)).is_settled:
            continue
        try:
            await services.limits.check(RECOVERY_MAILS, email.lower())  # tries are counted, however they are spelled
        except RateLimited:
            return
        locale = preferred(customer.preferred_locales or ())
        fmt = request.speaking(locale) if locale else request.fmt
        url = recovery.create_link(
            request.config, customer=customer.id, email=customer.email, now=services.sessions.clock()
        )
        letter = letters.recovery(request.terms.business_profile.name or "", customer.name, url, fmt)
        mails.send(services, request.terms, letter, to=customer.email or "", fmt=fmt)


def _needs_mail(request: PortalRequest) -> None:
    if not request.config.can_mail:
        raise NotFound("no mail")
