"""Starting a plan on Stripe's own page, and coming back from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.access.limits import STARTS
from portal_embed.access.stepping_out import way_back
from portal_embed.billing import buying
from portal_embed.billing.sales import MARK
from portal_embed.billing.stripe.objects import id_of
from portal_embed.errors import BadRequest, DetailRefused, NotFound
from portal_embed.pages.done import see_other
from portal_embed.pages.starts import asked_anew, on_sale, shop_of, show, with_shown_code
from portal_embed.view_models.starts import CheckoutPage, start_needs_place
from portal_embed.web.forms import whole_number
from portal_embed.web.heard import tell

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.web.request import PortalRequest


async def create(request: PortalRequest) -> Response:
    """Begin a visit, and lead there. Stripe's page is never framed: from a frame it takes the whole window, and leads back to the
    page around the frame.
    """
    fields = await request.fields()
    if (answer := await asked_anew(request, fields)) is not None:
        return answer
    count = whole_number(fields.get("quantity"))
    if count is None:
        raise BadRequest("an incomplete start")
    account, urls, session = request.account, request.services.urls, request.signed_in
    async with request.deed(
        "checkouts.create", request.path_id(), owned=lambda _: on_sale(request), lock="starts"
    ) as deed:
        store = await shop_of(request)
        wanted = store.choice(request.path_id(), count)
        if store.terms.through != "checkout":
            raise NotFound("plans are started here")
        if wanted.quantity != count:
            raise BadRequest("a number that the plan does not have")
        await request.services.limits.check(STARTS, account.customer_id)
        wanted, answer = await with_shown_code(request, store, wanted, fields)
        if answer is not None:
            return answer
        is_framed = session.framed or session.embed_origin is not None
        around = way_back(request.config, session, request.terms.return_url) if is_framed else None
        try:
            visit = await buying.begin(
                account,
                store,
                wanted,
                deed,
                success_url=around or f"{urls.absolute('checkouts.return')}?session={{CHECKOUT_SESSION_ID}}",
                cancel_url=around or urls.absolute("pricing.index"),
            )
        except DetailRefused:
            return await show(request, store, wanted, problem=start_needs_place(request.fmt), status=422)
    if visit.url is None:  # the same click again, after its visit was over
        return see_other(request, "checkouts.return", session=visit.id)
    page = CheckoutPage(visit.url, wanted.offer.name or request.fmt._("Plan"), is_framed)
    response = request.services.renderer.answer(request, "checkouts/new.html", page)
    if not is_framed:
        # A form may not lead to another origin (`form-action` of our policy), the page that answers it may.
        response.headers["Refresh"] = f"0; url={visit.url}"
    return response


async def returned(request: PortalRequest) -> Response:
    """Back from Stripe's page. What the address says counts for nothing: the visit is read, and whose it is."""
    visit = await buying.visit(request.account, request.query_params.get("session", ""))
    subscription = id_of(visit.subscription)
    if visit.status != "complete" or subscription is None:
        return see_other(request, "pricing.index")
    if MARK in (visit.metadata or {}):
        tell(request, "subscription.created", subscription, once=visit.id)
    return see_other(request, "overview.show", done="started", of=subscription)
