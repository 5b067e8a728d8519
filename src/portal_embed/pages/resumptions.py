"""Going on with a paused subscription, and paying for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.access.limits import SUBSCRIPTION_CHANGES
from portal_embed.access.scopes import SUBSCRIPTIONS_WRITE
from portal_embed.billing import resumptions as billing
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.pauses import pause_of
from portal_embed.billing.payments import BankAsks
from portal_embed.errors import BadRequest, Forbidden, NotAllowed
from portal_embed.pages import payments
from portal_embed.pages.done import see_other
from portal_embed.view_models.pauses import resume_page
from portal_embed.view_models.subscription_words import subscription_name
from portal_embed.web.forms import signed_number, whole_number

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.web.request import PortalRequest


async def new(request: PortalRequest) -> Response:
    """What it costs today, by what it is paid, and the button. One that is not paused needs no resuming."""
    _may(request)
    account, features = request.account, request.terms.features
    subscription = await account.subscription(request.path_id())
    pause = pause_of(subscription)
    if pause is None:
        return see_other(request, "overview.show", done="resumed", of=subscription.id)
    if pause.unpaid is not None:
        return see_other(request, "payments.new", pause.unpaid)
    refusal = why_not(Act.RESUME, subscription, features)
    if refusal is not None:
        raise NotAllowed(refusal)
    return await _page(request, await billing.quote(account, subscription))


async def create(request: PortalRequest) -> Response:
    """Go on, for the sum that was shown. Who comes by the link of a mail saw none: they pay the bill that this makes."""
    _may(request)
    subscription_id, account = request.path_id(), request.account
    shown = None if request.is_recovery else _shown(await request.fields())
    async with request.deed(
        "resumptions.create", subscription_id, owned=account.subscription, lock=f"subscription:{subscription_id}"
    ) as deed:
        await request.services.limits.check(SUBSCRIPTION_CHANGES, account.customer_id)
        try:
            outcome = await billing.resume(account, subscription_id, deed, shown=shown)
        except billing.ResumeMoved as moved:
            return await _page(request, moved.quote, moved=True)
        if isinstance(outcome, billing.ToPay) and outcome.declined is not None:
            return await payments.declined(request, outcome.invoice, outcome.declined)
    if isinstance(outcome, BankAsks):
        return payments.ask_bank(request, outcome.invoice, resumes=True)
    if isinstance(outcome, billing.ToPay):
        return see_other(request, "payments.new", outcome.invoice.id)
    on_its_way = pause_of(outcome.subscription)
    if (
        on_its_way is not None and on_its_way.unpaid is not None
    ):  # a bank debit takes days, and it goes on with its arrival
        return see_other(request, "invoices.show", on_its_way.unpaid)
    return see_other(request, "overview.show", done="resumed", of=subscription_id)


def _may(request: PortalRequest) -> None:
    """To pay is not enough, but for who comes to pay what is owed."""
    if not request.is_recovery and not request.may(SUBSCRIPTIONS_WRITE):
        raise Forbidden(SUBSCRIPTIONS_WRITE)


def _shown(fields: dict[str, str]) -> tuple[int, int]:
    amount, total = whole_number(fields.get("amount_due")), signed_number(fields.get("total"))
    if amount is None or total is None:
        raise BadRequest("a resumption without its sum")
    return amount, total


async def _page(request: PortalRequest, quote: billing.ResumeQuote, *, moved: bool = False) -> Response:
    products = await request.account.products_of((quote.subscription,))
    name = subscription_name(quote.subscription, products, request.fmt)
    page = resume_page(quote, name, request.fmt, now=request.account.now, moved=moved)
    return request.services.renderer.answer(request, "resumptions/new.html", page, status=409 if moved else 200)
