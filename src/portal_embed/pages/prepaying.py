"""Paying ahead: choose how far, see what it costs, confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from portal_embed.access.limits import SUBSCRIPTION_CHANGES
from portal_embed.billing import prepaying as billing
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.errors import AuthenticationRequired, BadRequest, Declined, NotAllowed
from portal_embed.pages.done import see_other
from portal_embed.view_models import attempts
from portal_embed.view_models import prepaying as words
from portal_embed.web.forms import signed_number, whole_number

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.prepaying import Ahead, PrepayQuote
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.view_models.shared import Notice
    from portal_embed.web.request import PortalRequest


async def new(request: PortalRequest) -> Response:
    """How far ahead and, once that is chosen, exactly what it costs."""
    account = request.account
    subscription = await account.subscription(request.path_id(), with_method=True)
    choices = _choices(request, subscription)
    asked = request.query_params.get("periods")
    chosen = _chosen(choices, whole_number(asked)) if asked else None
    quoted = await billing.quote(account, subscription, chosen) if chosen is not None else None
    return await _page(request, subscription, choices, quoted)


async def create(request: PortalRequest) -> Response:
    """Pay as far ahead as was shown, for the sum that was shown. The form is the one that chooses: until something was shown, or
    where only that is wanted, it leads there.
    """
    fields = await request.fields()
    if "see" in fields or "until" not in fields:
        path = request.services.urls.path("prepayments.new", request.path_id(), periods=fields.get("periods"))
        return RedirectResponse(path, status_code=303)
    numbers = [whole_number(fields.get(name)) for name in ("periods", "until", "amount_due")]
    total = signed_number(fields.get("total"))
    if None in numbers or total is None:
        raise BadRequest("an incomplete payment ahead")
    periods, until, amount = (number or 0 for number in numbers)
    subscription_id, account = request.path_id(), request.account
    async with request.deed(
        "prepayments.create", subscription_id, owned=account.subscription, lock=f"subscription:{subscription_id}"
    ) as deed:
        return await _confirm(request, deed, periods, until, (amount, total))


async def _confirm(request: PortalRequest, deed: Deed, periods: int, until: int, shown: tuple[int, int]) -> Response:
    account, fmt = request.account, request.fmt
    subscription = await account.subscription(request.path_id(), with_method=True)
    if billing.is_paid_until(subscription, until):
        return see_other(request, "overview.show", done="prepaid", of=subscription.id)
    await request.services.limits.check(SUBSCRIPTION_CHANGES, account.customer_id)
    choices = _choices(request, subscription)
    quoted = await billing.quote(account, subscription, _chosen(choices, periods))
    problem, status = None, 409
    try:
        await billing.confirm(account, quoted, deed, shown=shown, until=until)
    except billing.PrepayQuoteMoved:
        problem = attempts.amount_moved(fmt) if quoted.ahead.until == until else attempts.choice_moved(fmt)
    except Declined as error:
        problem, status = attempts.change_declined(error.code, fmt), 402
    except AuthenticationRequired:
        problem, status = words.bank_asks(fmt), 402
    except NotAllowed as refused:
        if refused.reason not in {"no_payment_method", "pays_later"}:
            raise
    else:
        return see_other(request, "overview.show", done="prepaid", of=subscription.id)
    return await _page(request, subscription, choices, quoted, problem=problem, status=status)


def _choices(request: PortalRequest, subscription: Subscription) -> tuple[Ahead, ...]:
    features = request.terms.features
    refusal = why_not(Act.PREPAY, subscription, features)
    choices = billing.choices(subscription, features, request.account.now)
    if refusal is not None or not choices:
        raise NotAllowed(refusal or "not_prepayable")
    return choices


def _chosen(choices: tuple[Ahead, ...], periods: int | None) -> Ahead:
    found = next((one for one in choices if one.periods == periods), None)
    if found is None:
        raise BadRequest("so many periods are not on offer")
    return found


async def _page(
    request: PortalRequest,
    subscription: Subscription,
    choices: tuple[Ahead, ...],
    quoted: PrepayQuote | None,
    *,
    problem: Notice | None = None,
    status: int = 200,
) -> Response:
    products = await request.account.products_of((subscription,))
    periods = str(quoted.ahead.periods) if quoted is not None else None
    page = words.prepay_page(
        subscription,
        products,
        choices,
        request.fmt,
        now=request.account.now,
        quoted=quoted,
        problem=problem,
        back=request.services.urls.path("prepayments.new", subscription.id, periods=periods),
    )
    part = request.wants_part and request.method == "GET"
    template = "prepayments/_preview.html" if part else "prepayments/new.html"
    return request.services.renderer.answer(request, template, page, status=status)
