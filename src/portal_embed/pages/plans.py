"""Changing a plan: choose, see what it costs, confirm; and dropping a change that waits for its payment."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from portal_embed.access.limits import SUBSCRIPTION_CHANGES
from portal_embed.billing import plan_changes as billing
from portal_embed.billing.payments import BankAsks
from portal_embed.errors import BadRequest, Declined, NotAllowed, NotFound
from portal_embed.pages import receipts
from portal_embed.pages.done import see_other
from portal_embed.pages.payments import ask_bank
from portal_embed.view_models import attempts
from portal_embed.view_models.plans import PlanPreview, plan_preview, plans_page
from portal_embed.web.asked import allowed_changes
from portal_embed.web.forms import signed_number, whole_number
from portal_embed.web.offers import offers

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.access.flows import Flow
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.view_models.shared import Notice
    from portal_embed.web.request import PortalRequest

logger = logging.getLogger("portal_embed")

OLDEST_QUOTE_SECONDS = 3600
"""A preview older than this is not confirmed: too much may have changed around it."""


async def show(request: PortalRequest) -> Response:
    """The page to change the plan of who has one; with none or several, the overview, which shows them."""
    live = [s for s in await request.account.live_subscriptions() if s.status != "paused"]
    may_change = offers("plans.index", request.terms.features) and request.may("subscriptions:write")
    if len(live) != 1 or not may_change:
        return see_other(request, "overview.show")
    return see_other(request, "plans.index", live[0].id)


async def index(request: PortalRequest) -> Response:
    """The plans on offer and, once one is chosen, exactly what it costs."""
    account, update = request.account, request.terms.features.subscription_update
    state = await _choosing(request, await account.subscription(request.path_id()))
    query = request.query_params
    asked = _asked_quantity(query.get("quantity"))
    chosen = "price" in query or "quantity" in query
    choice = state.choice(query.get("price"), asked) if chosen else None
    preview: PlanPreview | None = None
    allowed = choice is not None and (choice.offer.plan.quantity is None or asked in {None, choice.quantity})
    if choice is not None and allowed and not state.changes_nothing(choice):
        quoted = await billing.quote(account, state, choice, update, proration_date=account.now)
        preview = plan_preview(quoted, request.fmt, now=account.now)
    return await _page(request, state, choice=choice, preview=preview, asked=asked)


async def create(request: PortalRequest) -> Response:
    """Make the change that was shown, for the sum that was shown."""
    fields = await request.fields()
    price, quantity = fields.get("price", ""), whole_number(fields.get("quantity"))
    moment, amount = whole_number(fields.get("proration_date")), whole_number(fields.get("amount_due"))
    total = signed_number(fields.get("total"))
    if not price or quantity is None or moment is None or amount is None or total is None:
        raise BadRequest("an incomplete plan change")
    subscription_id, account = request.path_id(), request.account
    async with request.deed(
        "plan_changes.create", subscription_id, owned=account.subscription, lock=f"subscription:{subscription_id}"
    ) as deed:
        return await _confirm(request, deed, price, quantity, moment, (amount, total))


async def withdraw(request: PortalRequest) -> Response:
    """Drop a change that waits for its payment; the old plan goes on."""
    subscription_id, account = request.path_id(), request.account
    async with request.deed(
        "withdrawals.create", subscription_id, owned=account.subscription, lock=f"subscription:{subscription_id}"
    ) as deed:
        dropped = await billing.withdraw(account, subscription_id, deed)
    done = "change_withdrawn" if dropped else "changed"
    return see_other(request, "overview.show", done=done, of=subscription_id)


async def _confirm(
    request: PortalRequest, deed: Deed, price: str, quantity: int, moment: int, shown: tuple[int, int] | None
) -> Response:
    subscription_id, account, fmt = request.path_id(), request.account, request.fmt
    update = request.terms.features.subscription_update
    subscription = await account.subscription(subscription_id)
    if billing.already_made(subscription, price, quantity):
        return see_other(request, "overview.show", done="changed", of=subscription_id)
    await request.services.limits.check(SUBSCRIPTION_CHANGES, account.customer_id)
    state = await _choosing(request, subscription)
    choice = _as_the_link_says(request, state, state.choice(price, quantity))
    if choice is None:
        raise NotAllowed("not_on_offer")
    # A renewal since ends an older quote: what is split then is another period.
    oldest = max(account.now - OLDEST_QUOTE_SECONDS, state.item.current_period_start)
    if not oldest <= moment <= account.now + 60 or choice.quantity != quantity:
        moment, shown = account.now, None
    quoted = await billing.quote(account, state, choice, update, proration_date=moment)
    try:
        outcome = await billing.confirm(account, quoted, update, deed, shown=shown)
    except billing.QuoteMoved as moved:
        preview = plan_preview(moved.quote, fmt, now=account.now, moved=True)
        return await _page(request, state, choice=choice, preview=preview, status=409)
    except Declined as error:
        again = await billing.quote(account, state, choice, update, proration_date=account.now)
        return await _page(
            request,
            state,
            choice=choice,
            preview=plan_preview(again, fmt, now=account.now),
            problem=attempts.change_declined(error.code, fmt),
            status=402,
        )
    except NotAllowed as refused:
        if refused.reason != "no_payment_method":
            raise
        return await _page(
            request,
            state,
            choice=choice,
            preview=plan_preview(quoted, fmt, now=account.now),
            problem=attempts.change_needs_method(fmt),
            status=409,
        )
    if isinstance(outcome, BankAsks):
        return ask_bank(request, outcome.invoice)
    receipts.plan_changed(request, subscription_id)
    return see_other(request, "overview.show", done="changed", of=subscription_id)


def _asked_quantity(text: str | None) -> int | None:
    """What was typed; what is not a whole number counts as 0, which no plan allows. None when nothing was asked."""
    if text is None:
        return None
    number = whole_number(text)
    return 0 if number is None else number


async def confirm_flow(request: PortalRequest, flow: Flow) -> Response:
    """A deep link's change: what it costs, and the button. Nothing else can be chosen."""
    account = request.account
    subscription = await account.subscription(flow.subscription or "")
    state = await _choosing(request, subscription)
    choice = _as_the_link_says(request, state, None)
    if choice is None:
        raise NotAllowed("not_on_offer")
    preview = None
    if not state.changes_nothing(choice):
        quoted = await billing.quote(
            account, state, choice, request.terms.features.subscription_update, proration_date=account.now
        )
        preview = plan_preview(quoted, request.fmt, now=account.now)
    return await _page(request, state, choice=choice, preview=preview)


def _as_the_link_says(
    request: PortalRequest, state: billing.Choosing, asked: billing.Choice | None
) -> billing.Choice | None:
    """`asked`, or in a flow that confirms one change just that change: anything else is not there.

    None when the host's link names a price that is not in this session's catalog, or a quantity out of its bounds.
    """
    flow = request.signed_in.flow
    if flow is None or flow.type != "subscription_update_confirm":
        return asked
    if flow.item not in (None, state.item.id):
        raise NotFound("an item of another subscription")
    try:
        wanted = state.choice(flow.price or state.item.price.id, flow.quantity)
    except NotFound:
        wanted = None
    if wanted is None or (flow.quantity is not None and wanted.quantity != flow.quantity):
        logger.warning(
            "a deep link's price or quantity is not in the catalog: subscription_update_confirm does nothing"
        )
        return None
    wanted = replace(wanted, discount=flow.discounts[0] if flow.discounts else None)
    if asked is not None and (asked.offer.price.id, asked.quantity) != (wanted.offer.price.id, wanted.quantity):
        raise NotFound("not the change of this link")
    return wanted


async def _choosing(request: PortalRequest, subscription: Subscription) -> billing.Choosing:
    flow = request.signed_in.flow
    # A change that the host itself put into a link needs no further word from it.
    is_the_hosts = flow is not None and flow.type == "subscription_update_confirm"
    limits = None if is_the_hosts else await allowed_changes(request, subscription)
    return await billing.choosing(request.account, subscription, request.terms.catalog, request.terms.features, limits)


async def _page(
    request: PortalRequest,
    state: billing.Choosing,
    *,
    choice: billing.Choice | None,
    preview: PlanPreview | None,
    problem: Notice | None = None,
    asked: int | None = None,
    status: int = 200,
) -> Response:
    products = await request.account.products_of((state.subscription,))
    page = plans_page(
        state, products, request.fmt, choice=choice, preview=preview, problem=problem, asked_quantity=asked
    )
    flow = request.signed_in.flow
    if flow is not None and flow.type == "subscription_update_confirm":
        template = "flows/confirm.html"
    else:
        template = (
            "plans/previewed.swaps.html" if request.wants_part and request.method == "GET" else "plans/index.html"
        )
    return request.services.renderer.answer(request, template, page, status=status)
