"""A new email: asked for in the portal, confirmed by a link at the new address, told to the old one.

The link is opened wherever its reader reads mail, so it needs no session. Its GET changes nothing, because mail
scanners open links too; the button on its page does.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from portal_embed.access.limits import DETAIL_CHANGES, EMAIL_CHANGES_PER_DAY, EMAIL_CHANGES_PER_HOUR
from portal_embed.billing import detail_changes as billing
from portal_embed.billing.deeds import Deed
from portal_embed.billing.details import is_email
from portal_embed.errors import Conflict, LinkRefused, NotFound, SessionExpired
from portal_embed.i18n.formatting import formatter_for
from portal_embed.pages.details import form_page
from portal_embed.pages.done import detail_saved, see_other
from portal_embed.view_models import detail_letters
from portal_embed.view_models.detail_forms import email_form
from portal_embed.view_models.email_changes import email_change_page
from portal_embed.view_models.wording import masked_email
from portal_embed.web import mails
from portal_embed.web.forms import read_form

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.access.email_changes import EmailChange
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.web.request import PortalRequest


async def new(request: PortalRequest) -> Response:
    """The form. Without a way to send mail no address can be proved, so there is none."""
    _needs_mail(request)
    customer = await request.account.customer()
    return form_page(request, email_form(customer.email or "", "", request.fmt))


async def create(request: PortalRequest) -> Response:
    """Send the link to the new address; nothing is changed yet."""
    _needs_mail(request)
    fields, account = await request.fields(), request.account
    typed = fields.get("email", "").strip()
    current = (await account.customer()).email or ""
    problem = "missing" if not typed else "" if is_email(typed) else "email"
    if typed.casefold() == current.casefold() and current:
        problem = "same"
    if problem:
        return form_page(request, email_form(current, typed, request.fmt, problem))
    async with request.deed("email_changes.create", lock="details") as deed:
        if not deed.again:  # the same click again sends no second letter
            await request.services.limits.check(EMAIL_CHANGES_PER_HOUR, account.customer_id)
            await request.services.limits.check(EMAIL_CHANGES_PER_DAY, typed.casefold())
            _send_link(request, current, typed)
    return detail_saved(request, "email_asked", masked_email(typed))


async def show(request: PortalRequest) -> Response:
    """What the link is about, and the button that does it; or that it has been done; or that it does nothing any more."""
    token = request.query_params.get("token", "")
    try:
        change, _, now = await _opened(request, token)
    except LinkRefused as refused:
        return _dead(request, refused)
    page = email_change_page(
        change.old, change.new, request.fmt, token=token, business=_business(request), is_done=now == change.new
    )
    return request.services.renderer.answer(request, "email_changes/show.html", page, nav=False)


async def confirm(request: PortalRequest) -> Response:
    """The button was pressed: the new email is the customer's from now on, and the old address hears of it."""
    token = (await read_form(request)).get("token", "")
    try:
        change, account, now = await _opened(request, token)
        if now != change.new:
            await request.services.limits.check(DETAIL_CHANGES, account.customer_id)
            async with request.services.email_changes.applying(change) as again:
                deed = Deed(change.idempotency_key, again=again)
                await billing.set_email(account, deed, old=change.old, new=change.new)
            _tell_old(request, change)
    except (LinkRefused, Conflict) as refused:
        return _dead(request, refused)
    return see_other(request, "email_changes.show", token=token)


async def _opened(request: PortalRequest, token: str) -> tuple[EmailChange, CustomerAccount, str]:
    """The change, its customer's account, and the email that the customer has now.

    Raises `LinkRefused` for a link that is not ours, too old, used, or overtaken by another change.
    """
    changes = request.services.email_changes
    change = changes.open(token, time.time())
    account = request.services.stripe.customer((change.account, change.livemode, change.customer))
    try:
        now = (await account.customer()).email or ""
    except (NotFound, SessionExpired):
        raise LinkRefused("customer") from None
    if now != change.new and (now != change.old or await changes.is_used(change)):
        raise LinkRefused("overtaken")
    return change, account, now


def _dead(request: PortalRequest, why: Exception) -> Response:
    page = email_change_page("", "", request.fmt, token="", business=_business(request), is_dead=True)
    status = getattr(why, "status", 400)
    return request.services.renderer.answer(request, "email_changes/show.html", page, nav=False, status=status)


def _send_link(request: PortalRequest, old: str, new: str) -> None:
    session, fmt = request.signed_in, request.fmt
    token = request.services.email_changes.issue(
        customer=session.customer, account=session.account, old=old, new=new, locale=fmt.locale, now=time.time()
    )
    url = request.services.urls.absolute("email_changes.show", token=token)
    mails.send(request, detail_letters.confirm_email(url, _business(request), fmt), to=new, fmt=fmt)


def _tell_old(request: PortalRequest, change: EmailChange) -> None:
    if not change.old:
        return
    fmt = formatter_for(change.locale or request.fmt.locale, request.config.timezone)
    letter = detail_letters.email_changed(masked_email(change.new), _business(request), fmt)
    mails.send(request, letter, to=change.old, fmt=fmt)


def _needs_mail(request: PortalRequest) -> None:
    if request.config.mail is None:
        raise NotFound("no way to send mail")


def _business(request: PortalRequest) -> str:
    return request.config.business_profile.name or ""
