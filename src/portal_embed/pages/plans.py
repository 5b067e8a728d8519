"""Changing a plan: choose, see what it costs, confirm; and dropping a change that waits, for its payment or for its day."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.responses import RedirectResponse

from portal_embed.access.limits import SUBSCRIPTION_CHANGES
from portal_embed.billing import plan_changes as billing
from portal_embed.billing import plan_quotes, promotions, scheduled_changes
from portal_embed.billing.beginnings import effect_refusal, with_effect
from portal_embed.billing.changes import ends_trial
from portal_embed.billing.discounts import lowers
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.payments import BankAsks
from portal_embed.billing.promotions import CodeRefusal
from portal_embed.billing.subscriptions import product_ids
from portal_embed.errors import BadRequest, Declined, NotAllowed, NotFound, RateLimited, StripeMisconfigured
from portal_embed.pages import receipts
from portal_embed.pages.done import see_other
from portal_embed.pages.payments import ask_bank, may_add_method
from portal_embed.pages.promotion_codes import looked_up
from portal_embed.pages.tax import location_notice_for, tax_ids_for
from portal_embed.pages.wishes import address_of, asked, was_shown, wish_of
from portal_embed.view_models import attempts
from portal_embed.view_models.discounts import CodeField, code_field
from portal_embed.view_models.plan_preview import PlanPreview, choice_said, plan_preview
from portal_embed.view_models.plans import plans_page
from portal_embed.web.asked import allowed_changes
from portal_embed.web.forms import signed_number, whole_number
from portal_embed.web.offers import offers

if TYPE_CHECKING:
    from starlette.responses import Response

    from portal_embed.access.flows import Flow
    from portal_embed.billing.beginnings import Effect
    from portal_embed.billing.changes import Choice, Choosing
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.promotions import Order, Promotion
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.pages.wishes import Wish
    from portal_embed.view_models.shared import Notice
    from portal_embed.web.request import PortalRequest

logger = logging.getLogger("portal_embed")

OLDEST_QUOTE_SECONDS = 3600
"""A preview older than this is not confirmed: too much may have changed around it."""


async def show(request: PortalRequest) -> Response:
    """The page to change the plan of who has one; with none or several, or where it cannot be changed, the overview, which shows
    them and says why.
    """
    live = [s for s in await request.account.live_subscriptions() if s.status != "paused"]
    may_change = offers("plans.index", request.terms.features) and request.may("subscriptions:write")
    if len(live) != 1 or not may_change or why_not(Act.CHANGE, live[0], request.terms.features) is not None:
        return see_other(request, "overview.show")
    return see_other(request, "plans.index", live[0].id)


async def index(request: PortalRequest) -> Response:
    """The plans on offer and, once one is chosen, exactly what it costs."""
    wish = wish_of(dict(request.query_params))
    subscription = await request.account.subscription(request.path_id(), with_method=True)
    return await _looked_at(request, await _choosing(request, subscription, wish.item), wish)


async def _looked_at(
    request: PortalRequest, state: Choosing, wish: Wish, *, problem: Notice | None = None, status: int = 200
) -> Response:
    """The page with what is wished for: exactly what it costs, or what has to be said first."""
    choice = code = effect = None
    if wish.is_made:
        choice, code = await _wanted(request, state, wish)
        try:
            choice, effect = _timed(request, state, choice, wish)
        except NotAllowed as refused:
            problem = attempts.change_refused(refused.reason, request.fmt)
    is_known = choice is not None and effect is not None and effect.is_known and wish.is_met_by(state, choice)
    preview: PlanPreview | None = None
    is_planned = choice is not None and scheduled_changes.is_planned_already(state, choice)
    if choice is not None and is_known and not is_planned and not state.changes_nothing(choice):
        try:
            preview = await _previewed(request, state, choice, request.account.now, wish)
        except StripeMisconfigured:
            if choice.discount is None:
                raise
            # Stripe knows a reason against the code that we do not: it has the last word.
            choice, code = replace(choice, discount=None), code_field(request.fmt, refused=CodeRefusal("refused"))
    return await _page(
        request,
        state,
        choice=choice,
        preview=preview,
        problem=problem,
        wish=wish,
        code=code,
        effect=effect,
        is_planned=is_planned,
        status=status,
    )


async def _with_code(
    request: PortalRequest, state: Choosing, choice: Choice, wish: Wish
) -> tuple[Choice, CodeField | None]:
    """The choice with the code that was typed, and the field as it then stands: what it gives, or why it is not taken."""
    if not wish.code or not request.terms.features.subscription_update.allows("promotion_code"):
        return choice, None
    try:
        found = await looked_up(request, wish.code, _order(state, choice))
    except RateLimited:
        return choice, code_field(request.fmt, too_many=True)
    if isinstance(found, CodeRefusal):
        return choice, code_field(request.fmt, refused=found)
    theirs = state.theirs if not state.subscription.discounts else None
    if theirs is not None and not lowers(theirs, product_ids((state.subscription,))):
        theirs = None
    field = code_field(request.fmt, found=found, currency=state.subscription.currency, instead_of=theirs)
    return _with(choice, found), field


def _order(state: Choosing, choice: Choice) -> Order:
    """What a code is to lower."""
    lines = ((line.price, line.quantity or 1) for line in state.lines(choice))
    return promotions.order_for(lines, state.subscription.currency, state.subscription)


def _with(choice: Choice, found: Promotion) -> Choice:
    return replace(choice, discount=("promotion_code", found.code.id), coupon=found.coupon)


async def _previewed(
    request: PortalRequest,
    state: Choosing,
    choice: Choice,
    moment: int,
    wish: Wish | None = None,
    *,
    moved: bool = False,
) -> PlanPreview:
    """What a choice costs, as Stripe previews it for that moment (unix seconds), in words. `wish`: as it was asked for, by who may
    ask for something else.
    """
    account = request.account
    quoted = await plan_quotes.quote(account, state, choice, request.terms.features, proration_date=moment)
    tax_ids = await tax_ids_for(request, quoted.due_now, quoted.recurring)
    notice = location_notice_for(request, quoted.first_bill)
    return plan_preview(
        quoted,
        request.fmt,
        now=account.now,
        moved=moved,
        tax_ids=tax_ids,
        tax_notice=notice,
        may_add_method=may_add_method(request),
        back=address_of(request, state.subscription.id, wish),
    )


async def create(request: PortalRequest) -> Response:
    """Make the change that was shown, for the sum that was shown. The form is the one that chooses: until something was shown,
    or where only that is wanted, it leads there.
    """
    fields = await request.fields()
    said = fields.get("said")
    if said is None or "see" in fields:
        path = request.services.urls.path("plans.index", request.path_id(), **asked(fields))
        return RedirectResponse(path, status_code=303)
    moment, amount = whole_number(fields.get("proration_date")), whole_number(fields.get("amount_due"))
    total = signed_number(fields.get("total"))
    if moment is None or amount is None or total is None:
        raise BadRequest("an incomplete plan change")
    subscription_id, account = request.path_id(), request.account
    async with request.deed(
        "plan_changes.create", subscription_id, owned=account.subscription, lock=f"subscription:{subscription_id}"
    ) as deed:
        return await _confirm(request, deed, wish_of(fields), said, moment, (amount, total))


async def withdraw(request: PortalRequest) -> Response:
    """Drop a change that waits for its payment; the old plan goes on."""
    subscription_id, account = request.path_id(), request.account
    async with request.deed(
        "withdrawals.create", subscription_id, owned=account.subscription, lock=f"subscription:{subscription_id}"
    ) as deed:
        dropped = await billing.withdraw(account, subscription_id, deed)
    done = "change_withdrawn" if dropped else "changed"
    return see_other(request, "overview.show", done=done, of=subscription_id)


async def unschedule(request: PortalRequest) -> Response:
    """Drop a change that waits for its day; the plan goes on as it is."""
    subscription_id, account = request.path_id(), request.account
    async with request.deed(
        "scheduled_changes.remove", subscription_id, owned=account.subscription, lock=f"subscription:{subscription_id}"
    ) as deed:
        await scheduled_changes.undo(account, subscription_id, deed)
    return see_other(request, "overview.show", done="change_unscheduled", of=subscription_id)


async def _confirm(
    request: PortalRequest, deed: Deed, wish: Wish, said: str, moment: int, shown: tuple[int, int] | None
) -> Response:
    """`said`: the choice whose price was `shown`. What the form's fields say now is what counts, so that must be the same."""
    subscription_id, account, fmt, features = request.path_id(), request.account, request.fmt, request.terms.features
    subscription = await account.subscription(subscription_id, with_method=True)
    if _is_made(subscription, wish, said):
        return see_other(request, "overview.show", done="changed", of=subscription_id)
    await request.services.limits.check(SUBSCRIPTION_CHANGES, account.customer_id)
    state = await _choosing(request, subscription, wish.item)
    choice, code = await _wanted(request, state, wish)
    if state.changes_nothing(choice) and was_shown(said, choice):
        return see_other(request, "overview.show", done="changed", of=subscription_id)
    choice, effect = _timed(request, state, choice, wish)
    is_refused = code is not None and bool(code.error)
    if is_refused or not effect.is_known or not wish.is_met_by(state, choice):
        return await _looked_at(request, state, wish, status=422)
    if choice_said(state, choice, fmt) != said:
        return await _looked_at(request, state, wish, problem=attempts.choice_moved(fmt), status=409)
    if not _is_fresh(state, moment, account.now):
        moment, shown = account.now, None
    priced = await plan_quotes.price(account, state, choice, features, proration_date=moment)
    moved, problem, status = False, None, 409
    if location_notice_for(request, priced.first_bill) is not None:
        shown = None  # without the tax it is not the sum that is going to be charged
    try:
        outcome = await billing.confirm(account, priced, features, deed, shown=shown)
    except billing.QuoteMoved:
        moved = True
    except Declined as error:
        back = address_of(request, subscription_id, wish)
        problem, status, moment = attempts.change_declined(error.code, fmt, back), 402, account.now
    except NotAllowed as refused:
        if refused.reason != "no_payment_method":
            raise
        problem = attempts.change_needs_method(fmt)
    else:
        return _settled(request, outcome)
    preview = await _previewed(request, state, choice, moment, wish, moved=moved)
    return await _page(
        request, state, choice=choice, preview=preview, problem=problem, code=code, effect=effect, status=status
    )


def _settled(request: PortalRequest, outcome: billing.Changed | BankAsks) -> Response:
    if isinstance(outcome, BankAsks):
        return ask_bank(request, outcome.invoice)
    if outcome.is_deferred:
        return see_other(request, "overview.show", done="change_scheduled", of=request.path_id())
    receipts.plan_changed(request, request.path_id())
    return see_other(request, "overview.show", done="changed", of=request.path_id())


async def _wanted(request: PortalRequest, state: Choosing, wish: Wish) -> tuple[Choice, CodeField | None]:
    """The choice that is wished for, and the field for its code; in a flow that confirms one change just that change."""
    flow = request.signed_in.flow
    if flow is not None and flow.type == "subscription_update_confirm":
        choice = await _as_the_link_says(request, state, flow)
        if wish.price != choice.price.id:
            raise NotFound("not the change of this link")
        return choice, None
    return await _with_code(request, state, _choice(request, state, wish), wish)


def _is_fresh(state: Choosing, moment: int, now: int) -> bool:
    """Whether a quote for that moment still holds. A renewal since ends it: what is split then is another period."""
    return max(now - OLDEST_QUOTE_SECONDS, state.item.current_period_start) <= moment <= now + 60


def _is_made(subscription: Subscription, wish: Wish, said: str) -> bool:
    """Whether a subscription of one item is on the price and quantity that were shown: the same click arrived before."""
    items = subscription.items.data
    if dict(parse_qsl(said)).get("price") != wish.price:
        return False
    asks_more = any(wish.add_ons.values()) or bool(wish.code) or len(items) != 1
    return not asks_more and items[0].price.id == wish.price and wish.count in {None, items[0].quantity}


def _timed(request: PortalRequest, state: Choosing, choice: Choice, wish: Wish | None) -> tuple[Choice, Effect]:
    """The choice with the moment at which it takes effect: the usual one where nobody was asked. Raises `NotAllowed` where it can
    take none that the host lets it.
    """
    when, day = (wish.when, wish.day) if wish is not None else (None, None)
    features, now, zone = request.terms.features, request.account.now, request.fmt.timezone
    refusal = effect_refusal(state, choice, features)
    if refusal is not None:
        raise NotAllowed(refusal)
    return with_effect(state, choice, features, now, zone, when=when, day=day)


def _choice(request: PortalRequest, state: Choosing, wish: Wish) -> Choice:
    update = request.terms.features.subscription_update
    return state.choice(
        wish.price, wish.count, wish.add_ons, ends_trial=ends_trial(state.subscription, update, wish.trial)
    )


async def confirm_flow(request: PortalRequest, flow: Flow) -> Response:
    """A deep link's change: what it costs, and the button. Nothing else can be chosen."""
    account = request.account
    subscription = await account.subscription(flow.subscription or "", with_method=True)
    state = await _choosing(request, subscription, flow.item)
    choice = await _as_the_link_says(request, state, flow)
    preview = None
    choice, _ = _timed(request, state, choice, None)
    if not state.changes_nothing(choice):
        preview = await _previewed(request, state, choice, account.now)
    return await _page(request, state, choice=choice, preview=preview)


async def _as_the_link_says(request: PortalRequest, state: Choosing, flow: Flow) -> Choice:
    """The change that a deep link confirms. Raises `NotAllowed` where the host's link names a price that is not in this session's
    catalog, or a quantity out of its bounds.
    """
    if flow.item not in (None, state.item.id):
        raise NotFound("another item than that of the link")
    ends = ends_trial(state.subscription, request.terms.features.subscription_update, None)
    try:
        wanted = state.choice(flow.price or state.item.price.id, flow.quantity, ends_trial=ends)
    except NotFound:
        wanted = None
    if wanted is None or (flow.quantity is not None and wanted.quantity != flow.quantity):
        logger.warning(
            "a deep link's price or quantity is not in the catalog: subscription_update_confirm does nothing"
        )
        raise NotAllowed("not_on_offer")
    discount = flow.discounts[0] if flow.discounts else None
    coupon = await promotions.coupon_of(request.account, *discount) if discount is not None else None
    return replace(wanted, discount=discount, coupon=coupon)


async def _choosing(request: PortalRequest, subscription: Subscription, item: str | None) -> Choosing:
    flow = request.signed_in.flow
    # A change that the host itself put into a link needs no further word from it.
    is_the_hosts = flow is not None and flow.type == "subscription_update_confirm"
    limits = None if is_the_hosts else await allowed_changes(request, subscription)
    wanted = flow.item if flow is not None and is_the_hosts else item
    terms = request.terms
    return await billing.choosing(request.account, subscription, terms.catalog, terms.features, limits, item=wanted)


async def _page(
    request: PortalRequest,
    state: Choosing,
    *,
    choice: Choice | None,
    preview: PlanPreview | None,
    problem: Notice | None = None,
    wish: Wish | None = None,
    code: CodeField | None = None,
    effect: Effect | None = None,
    is_planned: bool = False,
    status: int = 200,
) -> Response:
    products = await request.account.products_of((state.subscription,))
    update = request.terms.features.subscription_update
    if code is None and update.allows("promotion_code"):
        code = code_field(request.fmt)
    page = plans_page(
        state,
        products,
        request.fmt,
        update,
        choice=choice,
        preview=preview,
        problem=problem,
        asked_quantity=wish.count if wish is not None else None,
        asked_add_ons=wish.add_ons if wish is not None else {},
        code=code,
        effect=effect,
        is_planned=is_planned,
    )
    flow = request.signed_in.flow
    if flow is not None and flow.type == "subscription_update_confirm":
        template = "flows/confirm.html"
    else:
        template = (
            "plans/previewed.swaps.html" if request.wants_part and request.method == "GET" else "plans/index.html"
        )
    return request.services.renderer.answer(request, template, page, status=status)
