"""Starting a plan: choose on the pricing page, see what it costs, confirm; and dropping one that was never paid."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from portal_embed.access.limits import STARTS
from portal_embed.billing import sales
from portal_embed.billing import starting as billing
from portal_embed.billing.catalog import plan_of
from portal_embed.billing.discounts import of_the_customer_for
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.payments import BankAsks
from portal_embed.billing.promotions import CodeRefusal
from portal_embed.billing.subscriptions import effective_method, is_live
from portal_embed.errors import (
    BadRequest,
    Conflict,
    Declined,
    DetailRefused,
    NotAllowed,
    NotFound,
    RateLimited,
    StripeMisconfigured,
)
from portal_embed.pages.done import is_proven, proof, see_other
from portal_embed.pages.payments import ask_bank, may_add_method
from portal_embed.pages.promotion_codes import looked_up
from portal_embed.view_models import starts as words
from portal_embed.view_models.attempts import amount_moved, choice_moved
from portal_embed.view_models.discounts import code_field, code_refused_text
from portal_embed.view_models.pricing import dropped_notice, pricing_page, waiting_notice, why_nothing
from portal_embed.view_models.subscription_words import subscription_name
from portal_embed.web.asked import allowed_changes
from portal_embed.web.forms import asked_number, signed_number, whole_number
from portal_embed.web.offers import offers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.view_models.discounts import CodeField
    from portal_embed.view_models.shared import Notice
    from portal_embed.web.request import PortalRequest


async def pricing(request: PortalRequest) -> Response:
    """All plans on sale. Who has one, and may have one only, is led to changing it."""
    account, terms = request.account, request.terms
    live = [s for s in await account.live_subscriptions() if s.status != "incomplete"]
    only = live[0] if live and not terms.features.subscription_create.allow_several else None
    notice: Notice | None = None
    try:
        limits = await allowed_changes(request, only)
        store = await sales.shop(account, terms.catalog, terms.features, limits)
    except NotAllowed as refused:  # prices may be seen by everybody
        notice = why_nothing(refused.reason, refused.words, request.fmt)
        store = await sales.shop(account, terms.catalog, terms.features)
    may_write = request.may("subscriptions:write") and notice is None
    is_offered = offers("plans.index", terms.features) and may_write
    may_change = is_offered and len(live) == 1
    refusal = why_not(Act.CHANGE, live[0], terms.features) if may_change else None
    if notice is None and store.refusal is not None and is_offered:
        notice = why_nothing(refusal or (store.refusal if may_change else "several_plans"), "", request.fmt)
    if notice is None and store.waiting:
        products = await account.products_of(store.waiting)
        notice = waiting_notice(subscription_name(store.waiting[0], products, request.fmt), request.fmt)
    page = pricing_page(
        store,
        request.fmt,
        every=request.query_params.get("every", ""),
        may_start=may_write and store.refusal is None,
        changes=only.id if only is not None and may_change and refusal is None else None,
        notice=notice,
        confirmation=await _confirmation(request),
    )
    return request.services.renderer.answer(request, "pricing/index.html", page)


async def new(request: PortalRequest) -> Response:
    """What one plan costs, and what it can be paid with."""
    query = request.query_params
    asked = asked_number(query.get("quantity"))
    store, wanted = await _choice(request, asked)
    wanted, code = await _with_code(request, store, wanted, query.get("promotion_code"))
    return await show(
        request,
        store,
        wanted,
        code=code,
        selected=query.get("method"),
        asked=asked,
        again=await _again(request, query.get("again")),
    )


async def create(request: PortalRequest) -> Response:
    """Start what was shown, for the sums that were shown."""
    fields = await request.fields()
    if (answer := await asked_anew(request, fields)) is not None:
        return answer
    count, amount = whole_number(fields.get("quantity")), whole_number(fields.get("amount_due"))
    later = signed_number(fields.get("later"))
    if count is None or amount is None or later is None:
        raise BadRequest("an incomplete start")
    price = request.path_id()
    async with request.deed("starts.create", price, owned=lambda _: on_sale(request), lock="starts") as deed:
        return await _start(request, deed, count, (amount, later))


async def asked_anew(request: PortalRequest, fields: Mapping[str, str]) -> Response | None:
    """The page with the number that the form's field says now, where that is not what was shown, or where only that is wanted; None
    else.
    """
    asked, again, method = fields.get("quantity"), fields.get("again"), fields.get("payment_method")
    if "see" in fields:
        query = {"quantity": asked, "again": again, "method": method, "promotion_code": fields.get("promotion_code")}
        return RedirectResponse(request.services.urls.path("starts.new", request.path_id(), **query), status_code=303)
    if asked == fields.get("count"):
        return None
    number = asked_number(asked)
    store, wanted = await _choice(request, number)
    is_possible = number in {None, wanted.quantity}
    wanted, code = await _with_code(request, store, wanted, fields.get("promotion_code"))
    return await show(
        request,
        store,
        wanted,
        code=code,
        selected=method,
        asked=number,
        again=await _again(request, again),
        problem=choice_moved(request.fmt) if is_possible else None,
        status=409 if is_possible else 422,
    )


async def with_shown_code(
    request: PortalRequest, store: sales.Shop, wanted: sales.Beginning, fields: Mapping[str, str]
) -> tuple[sales.Beginning, Response | None]:
    """What is wanted with the code that the form's field says now; and the page with that, where it is not what was shown."""
    wanted, code = await _with_code(request, store, wanted, fields.get("promotion_code"))
    if code is None and wanted.code == fields.get("shown_code", ""):
        return wanted, None
    answer = await show(
        request,
        store,
        wanted,
        code=code,
        selected=fields.get("payment_method"),
        again=await _again(request, fields.get("again")),
        problem=choice_moved(request.fmt) if code is None else None,
        status=409 if code is None else 422,
    )
    return wanted, answer


async def withdraw(request: PortalRequest) -> Response:
    """Drop one that waits for its first payment, to choose anew."""
    subscription_id, account = request.path_id(), request.account
    async with request.deed(
        "start_withdrawals.create", subscription_id, owned=account.subscription, lock="starts"
    ) as deed:
        dropped = await billing.drop(account, subscription_id, deed, request.terms.features)
    if not dropped:
        return see_other(request, "overview.show", done="started", of=subscription_id)
    said = {"done": "start_dropped", "of": subscription_id, "proof": proof(request, "start_dropped", subscription_id)}
    return see_other(request, "pricing.index", **said)


async def again(request: PortalRequest) -> Response:
    """The same once more, of a plan that has ended: its price and number, and the method that paid for it."""
    account, catalog = request.account, request.terms.catalog
    ended = await account.subscription(request.path_id())
    refusal, item = (
        sales.restart_refusal(ended, request.terms.features, catalog),
        plan_of(ended, catalog, with_add_ons=True),
    )
    if refusal is not None or item is None:
        raise NotAllowed(refusal or "several_items")
    quantity = str(item.quantity) if item.quantity is not None else None
    method = effective_method(ended, await account.customer())
    return see_other(request, "starts.new", item.price.id, quantity=quantity, method=method, again=ended.id)


async def shop_of(request: PortalRequest) -> sales.Shop:
    """What is on sale to this customer, as far as the host allows it. Raises `NotAllowed`."""
    limits = await allowed_changes(request, None)
    return await sales.shop(request.account, request.terms.catalog, request.terms.features, limits)


async def _choice(request: PortalRequest, number: int | None) -> tuple[sales.Shop, sales.Beginning]:
    """What is on sale, and what the address asks for of it. Raises `NotFound`, and `NotAllowed` where nothing may be started."""
    store = await shop_of(request)
    wanted = store.choice(request.path_id(), number)
    if store.refusal is not None:
        raise NotAllowed(store.refusal)
    return store, wanted


async def on_sale(request: PortalRequest) -> None:
    """Raises `NotFound` unless the address's price is on sale to this customer."""
    (await shop_of(request)).choice(request.path_id(), None)


async def show(
    request: PortalRequest,
    store: sales.Shop,
    wanted: sales.Beginning,
    *,
    selected: str | None = None,
    asked: int | None = None,
    code: CodeField | None = None,
    again: Subscription | None = None,
    problem: Notice | None = None,
    status: int = 200,
) -> Response:
    """The page of one plan, priced now. `code`: the field for a promotion code, None for one as it stands with what is `wanted`."""
    account = request.account
    try:
        quoted = await billing.quote(account, store, wanted)
    except StripeMisconfigured:
        if wanted.promotion is None:
            raise
        # Stripe knows a reason against the code that we do not: it has the last word.
        code = code_field(request.fmt, refused=CodeRefusal("refused"))
        quoted = await billing.quote(account, store, replace(wanted, promotion=None))
    products = await account.products_of((again,)) if again is not None else {}
    page = words.start_page(
        quoted,
        request.fmt,
        now=account.now,
        may_add=may_add_method(request),
        selected=selected,
        asked=asked,
        code=code or _field(request, store, wanted),
        again=again,
        products=products,
        problem=problem,
    )
    template = "starts/previewed.swaps.html" if request.wants_part and request.method == "GET" else "starts/new.html"
    return request.services.renderer.answer(request, template, page, status=status)


async def _start(request: PortalRequest, deed: Deed, count: int, shown: tuple[int, int]) -> Response:
    account, fmt = request.account, request.fmt
    fields = await request.fields()
    method = fields.get("payment_method", "")
    store = await shop_of(request)
    wanted = store.choice(request.path_id(), count)
    if store.terms.through != "portal":
        raise NotFound("plans are started through Checkout")
    if wanted.quantity != count:
        raise BadRequest("a number that the plan does not have")
    started = await billing.begun(account, deed)
    if started is not None:
        return see_other(request, "overview.show", done="started", of=started.id)
    await request.services.limits.check(STARTS, account.customer_id)
    wanted, answer = await with_shown_code(request, store, wanted, fields)
    if answer is not None:
        return answer
    again = await _again(request, fields.get("again"))
    try:
        quoted = await _quoted(request, store, wanted)
        outcome = await billing.start(account, quoted, deed, method=method, shown=shown)
    except Declined as error:
        return await _once_more(request, wanted, method, again, words.start_declined(error.code, fmt), 402)
    except (billing.QuoteMoved, Conflict):
        return await _once_more(request, wanted, method, again, amount_moved(fmt), 409)
    except DetailRefused:
        return await _once_more(request, wanted, method, again, words.start_needs_place(fmt), 422)
    except NotAllowed as refused:
        if refused.reason != "no_payment_method":
            raise
        return await _once_more(request, wanted, method, again, words.start_needs_method(fmt), 422)
    if isinstance(outcome, BankAsks):
        return ask_bank(request, outcome.invoice)
    return see_other(request, "overview.show", done="started", of=outcome.subscription.id)


async def _with_code(
    request: PortalRequest, store: sales.Shop, wanted: sales.Beginning, typed: str | None
) -> tuple[sales.Beginning, CodeField | None]:
    """What is wanted with the code that was typed, None for no answer yet; and the field where that is not taken."""
    if not store.terms.allow_promotion_codes:
        return wanted, None
    word, begun = (typed or "").strip(), await billing.begun_with(request.account, store, wanted)
    if begun is not None and (typed is None or word.upper() == begun.code.code.upper()):
        return replace(wanted, promotion=begun), None
    if not word:
        return wanted, None
    try:
        found = await looked_up(request, word, wanted.order)
    except RateLimited:
        return wanted, code_field(request.fmt, too_many=True)
    if isinstance(found, CodeRefusal):
        return wanted, code_field(request.fmt, refused=store.code_refusal(found))
    return replace(wanted, promotion=found), None


async def _quoted(request: PortalRequest, store: sales.Shop, wanted: sales.Beginning) -> billing.BeginningQuote:
    try:
        return await billing.quote(request.account, store, wanted)
    except StripeMisconfigured:
        if wanted.promotion is None:
            raise
        raise NotAllowed("code_refused", code_refused_text(CodeRefusal("refused"), request.fmt)) from None


def _field(request: PortalRequest, store: sales.Shop, wanted: sales.Beginning) -> CodeField | None:
    """The field for a promotion code, with the one that is taken."""
    if not store.terms.allow_promotion_codes:
        return None
    order, now = wanted.order, request.account.now
    theirs = of_the_customer_for(order.products, order.currency, store.customer, now)
    return code_field(request.fmt, found=wanted.promotion, currency=order.currency, instead_of=theirs, is_start=True)


async def _once_more(
    request: PortalRequest,
    wanted: sales.Beginning,
    method: str,
    again: Subscription | None,
    problem: Notice,
    status: int,
) -> Response:
    """The page once more, with what is so now and what went wrong."""
    request.account.forget()
    typed = wanted.promotion.code.code if wanted.promotion is not None else ""
    store, wanted = await _choice(request, wanted.quantity)
    wanted, code = await _with_code(request, store, wanted, typed)
    return await show(request, store, wanted, selected=method, code=code, again=again, problem=problem, status=status)


async def _confirmation(request: PortalRequest) -> Notice | None:
    """That something was dropped here, if it is still so."""
    query, account = request.query_params, request.account
    if query.get("done") != "start_dropped" or not is_proven(request):
        return None
    ended = tuple(s for s in await account.subscriptions() if s.id == query.get("of") and not is_live(s))
    if not ended:
        return None
    return dropped_notice(subscription_name(ended[0], await account.products_of(ended), request.fmt), request.fmt)


async def _again(request: PortalRequest, subscription_id: str | None) -> Subscription | None:
    """The ended subscription of this customer that is started again, None where there is none of this id."""
    try:
        return await request.account.subscription(subscription_id or "")
    except NotFound:
        return None
