"""Signing in without the host: by a code or a link that goes to the customer's own address.

What is answered never waits for, and never tells, whether anybody has the address: looking that up and writing to them
happens after the answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from portal_embed.access import handovers, logins, tokens
from portal_embed.access.cookies import has_probe, probe_cookie
from portal_embed.access.entrance import is_frame
from portal_embed.access.limits import LOGIN_MAILS, LOGINS
from portal_embed.access.locales import preferred
from portal_embed.access.logins import Logins, WrongCode
from portal_embed.access.requests import client_address, cookie_headers
from portal_embed.access.scopes import MANAGE
from portal_embed.errors import LinkRefused, NotFound, RateLimited, SessionExpired
from portal_embed.view_models import letters
from portal_embed.view_models.logins import LoginLinkPage, code_page, login_page, unmet_text
from portal_embed.view_models.wording import masked_email
from portal_embed.web import mails
from portal_embed.web.asked import is_challenge_met
from portal_embed.web.forms import read_form
from portal_embed.web.heard import tell

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.access.logins import LoginRequest
    from portal_embed.access.session import Session
    from portal_embed.access.tokens import Handover
    from portal_embed.billing.stripe.objects import Customer
    from portal_embed.view_models.logins import LoginPage
    from portal_embed.web.request import PortalRequest


async def new(request: PortalRequest) -> Response:
    """Whose address? `prefilled_email`, as Stripe's login page has it, saves the typing.

    With `subscribed=1` this is where Checkout and Payment Links that sell one subscription to a customer lead who has one: the
    overview then says so.
    """
    _must_be_on(request)
    subscribed = request.query_params.get("subscribed") == "1"
    session = request.session
    if subscribed and session is not None and session.flow is None:
        return RedirectResponse(request.services.urls.path("overview.show", subscribed="1"), status_code=303)
    typed = request.query_params.get("prefilled_email", "").strip()
    email = typed if logins.EMAIL.fullmatch(typed) else ""
    response = _ask(request, login_page(email, request.fmt, subscribed=subscribed))
    if _is_framed(request):
        response.headers.append("set-cookie", probe_cookie(request.config))
    return response


async def create(request: PortalRequest) -> Response:
    """Send a code, if there is anybody to send it to."""
    _must_be_on(request)
    fields = await read_form(request)
    await request.services.limits.check(LOGINS, client_address(request.scope))
    email, subscribed = fields.get("email", "").strip(), fields.get("subscribed") == "1"
    if not logins.EMAIL.fullmatch(email):
        return _ask(request, login_page(email, request.fmt, is_wrong=True, subscribed=subscribed), status=422)
    if not await is_challenge_met(request, fields):
        once_more = login_page(email, request.fmt, subscribed=subscribed)
        return _ask(request, replace(once_more, unmet=unmet_text(request.fmt)), status=422)
    asked = _logins(request).ask(email, subscribed=subscribed)
    request.services.outbox.later(_write_to_whoever_it_is(request, asked), "a sign-in code")
    page = code_page(_logins(request).form_token(asked), email, request.fmt)
    return request.services.renderer.answer(request, "logins/code.html", page)


async def renew(request: PortalRequest) -> Response:
    """An expired link of the host's that may be had anew: its customer's own address gets a code."""
    fields = await read_form(request)
    await request.services.limits.check(LOGINS, client_address(request.scope))
    token = fields.get("token", "")
    handover = renewable(request, token)
    await request.take_terms(handover.configuration, handover.account)
    customer = await _customer(request, handover)
    if customer is None or not customer.email:
        raise LinkRefused("nobody to renew it for")
    asked = _logins(request).ask(customer.email, renews=token)
    request.services.outbox.later(_write(request, asked, [customer]), "a renewed link")
    page = code_page(_logins(request).form_token(asked), masked_email(customer.email), request.fmt, renews=token)
    return request.services.renderer.answer(request, "logins/code.html", page)


async def verify(request: PortalRequest) -> Response:
    """The code that was mailed, typed in the browser that asked for it."""
    _must_mail(request)
    fields = await read_form(request)
    await request.services.limits.check(LOGINS, client_address(request.scope))
    token = fields.get("token", "")
    try:
        proven = await _logins(request).prove_by_code(token, fields.get("code", ""))
    except WrongCode as wrong:
        asked = _logins(request).read_form(token)
        email = masked_email(asked.email) if asked.renews else asked.email
        page = code_page(token, email, request.fmt, tries_left=wrong.tries_left, renews=asked.renews or "")
        return request.services.renderer.answer(request, "logins/code.html", page, status=422)
    return await _welcome(request, proven)


async def show_link(request: PortalRequest) -> Response:
    """Whose billing a mailed link opens. Looking uses nothing up: mail scanners look too."""
    _must_mail(request)
    token = request.query_params.get("token", "")
    asked = _logins(request).read_link(token)
    whose = masked_email(asked.email) if asked.renews else asked.email
    return request.services.renderer.answer(request, "logins/link.html", LoginLinkPage(token, whose))


async def use_link(request: PortalRequest) -> Response:
    """The button of that page."""
    _must_mail(request)
    fields = await read_form(request)
    await request.services.limits.check(LOGINS, client_address(request.scope))
    return await _welcome(request, await _logins(request).prove_by_link(fields.get("token", "")))


def _ask(request: PortalRequest, page: LoginPage, *, status: int = 200) -> Response:
    request.scope["portal.challenge"] = True
    return request.services.renderer.answer(request, "logins/new.html", page, status=status)


def renewable(request: PortalRequest, token: object) -> Handover:
    """What an expired link says that its maker allowed to be had anew, and that is not past its own deadline.

    Raises `LinkRefused`.
    """
    now = request.services.sessions.clock()
    handover = handovers.verify(request.config, token, now, expired_ok=True)
    if not request.config.can_mail or not handover.is_renewable(now):
        raise LinkRefused("not renewable")
    return handover


async def _welcome(request: PortalRequest, proven: LoginRequest) -> Response:
    """Open the session. Several customers with one address: choose, before anything else is shown."""
    services = request.services
    if proven.renews is not None:
        handover = await _renewed(request, proven)
    else:
        found = await services.stripe.customers_of(proven.email, livemode=request.config.livemode)
        if not found:  # deleted since the mail was sent
            raise LinkRefused("customer")
        handover = _handover_for(request, proven, found)
    if await services.sessions.is_link_ended(handover):
        raise LinkRefused("revoked")
    if request.is_known_to_host:
        raise LinkRefused("identity")
    if request.session is not None:
        await services.sessions.end(request.session)
    session = services.sessions.open_by_mail(handover)
    if proven.renews is None and session.customers:
        session = replace(session, is_choosing=True)
    if _is_framed(request):
        session = _in_the_frame(request, session)
    if not session.is_choosing:
        tell(request, "portal.opened", None, once=session.digest, who=session)
    start = "customers.index" if session.is_choosing else "flows.show" if session.flow is not None else "overview.show"
    said = {"subscribed": "1"} if proven.subscribed and start == "overview.show" else {}
    response = RedirectResponse(services.urls.path(start, **said), status_code=303)
    request.keep(response, session)
    return response


def _is_framed(request: PortalRequest) -> bool:
    return request.config.login_page.may_be_framed and is_frame(request.headers)


def _in_the_frame(request: PortalRequest, session: Session) -> Session:
    """In the jar of frames, or carried by forms where the browser keeps none here.

    The form came from our own page, so nothing tells whether the page around it is on another site. The partitioned jar is
    right on the same site too.
    """
    keeps = has_probe(request.config, cookie_headers(request.scope))
    return replace(session, framed=True, carried=not keeps and request.config.identity is None)


def _handover_for(request: PortalRequest, proven: LoginRequest, found: tuple[Customer, ...]) -> Handover:
    # The mail went to this very spelling; another one may be another mailbox.
    found = tuple(customer for customer in found if customer.email == found[0].email)
    ids = tuple(customer.id for customer in found[: tokens.MOST_CUSTOMERS])
    now = request.services.sessions.clock()
    return tokens.Handover(
        jti=proven.nonce,
        customer=ids[0],
        account=None,
        livemode=request.config.livemode,
        scopes=MANAGE,
        customers=ids if len(ids) > 1 else (),
        locale=preferred(found[0].preferred_locales or ()),
        issued=now,
        expires=proven.expires,
    )


async def _renewed(request: PortalRequest, proven: LoginRequest) -> Handover:
    """All that the host's link said, for the customer it named: if the mail still goes to who proved that they read it."""
    handover = renewable(request, proven.renews)
    customer = await _customer(request, handover)
    if customer is None or customer.email != proven.email:
        raise LinkRefused("customer")
    locale = handover.locale or preferred(customer.preferred_locales or ())
    return replace(handover, jti=proven.nonce, customer=customer.id, locale=locale)


async def _customer(request: PortalRequest, handover: Handover) -> Customer | None:
    account = request.services.stripe.customer((handover.account, handover.livemode, handover.customer))
    try:
        return await account.customer()
    except (NotFound, SessionExpired):
        return None


async def _write_to_whoever_it_is(request: PortalRequest, asked: LoginRequest) -> None:
    found = await request.services.stripe.customers_of(asked.email, livemode=request.config.livemode)
    if found:
        await _write(request, asked, list(found))


async def _write(request: PortalRequest, asked: LoginRequest, found: list[Customer]) -> None:
    """The code and the link, in the first customer's language. Over the limit nothing is sent."""
    services = request.services
    try:
        await services.limits.check(LOGIN_MAILS, asked.email.lower())
    except RateLimited:
        return
    locale = preferred(found[0].preferred_locales or ())
    fmt = request.speaking(locale) if locale else request.fmt
    url = services.urls.absolute("login_links.show", token=_logins(request).link_token(asked))
    terms = await services.terms.in_brand_colors(request.terms, livemode=request.config.livemode)
    letter = letters.login_code(terms.business_profile.name or "", _logins(request).code(asked), url, fmt)
    mails.send(services, terms, letter, to=found[0].email or "", fmt=fmt)  # never to the typed spelling of it


def _logins(request: PortalRequest) -> Logins:
    sessions = request.services.sessions
    return Logins(request.config, sessions.store, sessions.clock)


def _must_be_on(request: PortalRequest) -> None:
    if not request.config.login_page.enabled:
        raise NotFound("no login page")


def _must_mail(request: PortalRequest) -> None:
    if not request.config.can_mail:
        raise NotFound("no mail")
