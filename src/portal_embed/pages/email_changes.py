"""A new email: asked for in the portal, confirmed by a link at the new address, told to the old one.

The link is opened wherever its reader reads mail, so it needs no session. Its GET changes nothing, because mail
scanners open links too; the button on its page does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.access.limits import DETAIL_CHANGES, EMAIL_CHANGES_PER_DAY, EMAIL_CHANGES_PER_HOUR
from portal_embed.billing import detail_changes as billing
from portal_embed.billing.deeds import Deed
from portal_embed.billing.details import is_email
from portal_embed.errors import Conflict, LinkRefused, NotFound, SessionExpired
from portal_embed.pages.details import form_page, may_change_email
from portal_embed.pages.done import detail_saved, see_other
from portal_embed.view_models import letters
from portal_embed.view_models.detail_forms import email_form
from portal_embed.view_models.email_changes import email_change_page
from portal_embed.view_models.wording import masked_email
from portal_embed.web import mails
from portal_embed.web.forms import read_form
from portal_embed.web.heard import tell

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.access.email_changes import EmailChange
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.stripe.objects import Customer
    from portal_embed.errors import PortalError
    from portal_embed.web.request import PortalRequest


async def new(request: PortalRequest) -> Response:
    """The form. Without a way to send mail no address can be proved, so there is none."""
    _needs_mail(request)
    customer = await request.account.customer()
    return form_page(request, email_form(customer.email or "", "", request.fmt))


async def create(request: PortalRequest) -> Response:
    """Send the link to the new address; nothing is changed yet."""
    fields, account = await request.fields(), request.account
    _needs_mail(request)
    typed = fields.get("email", "").strip()
    customer = await account.customer()
    current = customer.email or ""
    problem = "missing" if not typed else "" if is_email(typed) else "email"
    if typed.casefold() == current.casefold() and current:
        problem = "same"
    if problem:
        return form_page(request, email_form(current, typed, request.fmt, problem))
    async with request.deed("email_changes.create", lock="details") as deed:
        if not deed.again:  # the same click again sends no second letter
            await request.services.limits.check(EMAIL_CHANGES_PER_HOUR, account.customer_id)
            await request.services.limits.check(EMAIL_CHANGES_PER_DAY, typed.casefold())
            _send_link(request, customer.name, current, typed)
    return detail_saved(request, "email_asked", masked_email(typed))


async def show(request: PortalRequest) -> Response:
    """What the link is about, and the button that does it; or that it has been done; or that it does nothing any more."""
    token = request.query_params.get("token", "")
    try:
        change, _, customer = await _opened(request, token)
    except LinkRefused as refused:
        return _dead(request, refused)
    page = email_change_page(
        change.old,
        change.new,
        request.fmt,
        token=token,
        business=_business(request),
        is_done=customer.email == change.new,
    )
    return request.services.renderer.answer(request, "email_changes/show.html", page, nav=False)


async def confirm(request: PortalRequest) -> Response:
    """The button was pressed: the new email is the customer's from now on, and the old address hears of it."""
    token = (await read_form(request)).get("token", "")
    try:
        change, account, customer = await _opened(request, token)
        if customer.email != change.new:
            await request.services.limits.check(DETAIL_CHANGES, account.customer_id)
            async with request.services.email_changes.applying(change) as again:
                deed = Deed(change.idempotency_key, again=again)
                await billing.set_email(account, deed, old=change.old, new=change.new)
            _tell_old(request, change, customer.name)
            tell(request, "customer.email_changed", None, once=change.nonce, who=change)
    except (LinkRefused, Conflict) as refused:
        return _dead(request, refused)
    return see_other(request, "email_changes.show", token=token)


async def _opened(request: PortalRequest, token: str) -> tuple[EmailChange, CustomerAccount, Customer]:
    """The change, its customer's account, and the customer as it is now. The request then has the terms of the session
    that asked.

    Raises `LinkRefused` for a link that is not ours, too old, used, switched off, or overtaken by another change.
    """
    changes = request.services.email_changes
    sessions = request.services.sessions
    change = changes.open(token, sessions.clock())
    if await sessions.is_customer_ended(change.customer, change.customer_account, since=change.issued):
        raise LinkRefused("revoked")
    await request.take_terms(change.configuration, change.account)
    if not request.terms.features.customer_update.allows("email"):
        raise LinkRefused("switched off")
    account = request.services.stripe.customer((change.account, change.livemode, change.customer))
    try:
        customer = await account.customer()
    except (NotFound, SessionExpired):
        raise LinkRefused("customer") from None
    now = customer.email or ""
    if now != change.new and (now != change.old or await changes.is_used(change)):
        raise LinkRefused("overtaken")
    return change, account, customer


def _dead(request: PortalRequest, why: PortalError) -> Response:
    page = email_change_page("", "", request.fmt, token="", business=_business(request), is_dead=True)
    return request.services.renderer.answer(request, "email_changes/show.html", page, nav=False, status=why.status)


def _send_link(request: PortalRequest, name: str | None, old: str, new: str) -> None:
    services, fmt, business = request.services, request.fmt, _business(request)
    token = services.email_changes.issue(
        request.signed_in, old=old, new=new, locale=fmt.locale, now=services.sessions.clock()
    )
    url = services.urls.absolute("email_changes.show", token=token)
    letter = letters.email_confirmation(business, url, fmt)
    mails.send(services, request.terms, letter, to=new, fmt=fmt)
    if old:
        notice = letters.email_changed_notice(business, name, masked_email(new), fmt)
        mails.send(services, request.terms, notice, to=old, fmt=fmt)


def _tell_old(request: PortalRequest, change: EmailChange, name: str | None) -> None:
    if not change.old or not request.config.mail_receipts.email_changed:
        return
    fmt = request.speaking(change.locale or request.fmt.locale)
    letter = letters.email_changed(_business(request), name, masked_email(change.new), fmt)
    mails.send(request.services, request.terms, letter, to=change.old, fmt=fmt)


def _needs_mail(request: PortalRequest) -> None:
    if not may_change_email(request):
        raise NotFound("no way to send mail, or signed in by it")


def _business(request: PortalRequest) -> str:
    return request.terms.business_profile.name or ""
