"""Changing a plan: choose, see what it costs, confirm; and dropping a change that waits, for its payment or for its day."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal_embed.access.limits import SUBSCRIPTION_CHANGES
from portal_embed.billing import plan_changes as billing
from portal_embed.billing import plan_quotes, promotions, scheduled_changes
from portal_embed.billing.account import checked
from portal_embed.billing.beginnings import with_effect
from portal_embed.billing.changes import ends_trial, is_on
from portal_embed.billing.payments import BankAsks
from portal_embed.billing.promotions import CodeRefusal
from portal_embed.errors import BadRequest, Declined, NotAllowed, NotFound, RateLimited, StripeMisconfigured
from portal_embed.pages import receipts
from portal_embed.pages.done import see_other
from portal_embed.pages.payments import ask_bank
from portal_embed.pages.promotion_codes import looked_up
from portal_embed.pages.tax import location_notice_for, tax_ids_for
from portal_embed.view_models import attempts
from portal_embed.view_models.discounts import CodeField, code_field, code_refused_text
from portal_embed.view_models.plan_preview import PlanPreview, plan_preview
from portal_embed.view_models.plans import plans_page
from portal_embed.web.asked import allowed_changes
from portal_embed.web.forms import signed_number, whole_number
from portal_embed.web.offers import offers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from portal_embed.access.flows import Flow
    from portal_embed.billing.beginnings import Effect
    from portal_embed.billing.changes import Choice, Choosing
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.promotions import Order, Promotion
    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.view_models.shared import Notice
    from portal_embed.web.request import PortalRequest

logger = logging.getLogger("portal_embed")

OLDEST_QUOTE_SECONDS = 3600
"""A preview older than this is not confirmed: too much may have changed around it."""
ADD_ON = "add_on."
"""What the field of an add-on is called, before its price's id."""


@dataclass(frozen=True)
class _Wish:
    """What a form asks for: which item, which price, how many, which add-ons, what of the trial, from when on, and which promotion
    code: as typed to look at it, its id to confirm.
    """

    item: str | None
    price: str | None
    quantity: str | None
    add_ons: dict[str, int]
    trial: str | None
    when: str | None
    day: str | None
    code: str

    @property
    def is_made(self) -> bool:
        """Whether anything was chosen at all."""
        return self.price is not None or self.quantity is not None or bool(self.add_ons) or bool(self.code)

    @property
    def count(self) -> int | None:
        """What is not a whole number counts as 0, which no plan allows. None when nothing was asked."""
        return None if not self.quantity else whole_number(self.quantity) or 0


def _wish(fields: Mapping[str, str]) -> _Wish:
    return _Wish(
        item=fields.get("item") or None,
        price=fields.get("price"),
        quantity=fields.get("quantity"),
        # A box that is not ticked sends nothing: each has a hidden 0 before it.
        add_ons={
            name.removeprefix(ADD_ON): whole_number(fields[name]) or 0 for name in fields if name.startswith(ADD_ON)
        },
        trial=fields.get("trial"),
        when=fields.get("takes_effect"),
        day=fields.get("takes_effect_on"),
        code=fields.get("promotion_code", "").strip(),
    )


async def show(request: PortalRequest) -> Response:
    """The page to change the plan of who has one; with none or several, the overview, which shows them."""
    live = [s for s in await request.account.live_subscriptions() if s.status != "paused"]
    may_change = offers("plans.index", request.terms.features) and request.may("subscriptions:write")
    if len(live) != 1 or not may_change:
        return see_other(request, "overview.show")
    return see_other(request, "plans.index", live[0].id)


async def index(request: PortalRequest) -> Response:
    """The plans on offer and, once one is chosen, exactly what it costs."""
    account, wish = request.account, _wish(dict(request.query_params))
    state = await _choosing(request, await account.subscription(request.path_id(), with_method=True), wish.item)
    choice = _choice(request, state, wish) if wish.is_made else None
    code = effect = None
    if choice is not None:
        choice, code = await _with_code(request, state, choice, wish)
        choice, effect = _timed(request, state, choice, wish)
    limits = choice.offer.plan.quantity if choice is not None and choice.offer is not None else None
    allowed = choice is not None and (limits is None or wish.count in {None, choice.quantity})
    preview: PlanPreview | None = None
    is_known = effect is not None and effect.is_known
    if choice is not None and allowed and is_known and not state.changes_nothing(choice):
        try:
            preview = await _previewed(request, state, choice, account.now)
        except StripeMisconfigured:
            if choice.discount is None:
                raise
            # Stripe knows a reason against the code that we do not: it has the last word.
            choice, code = replace(choice, discount=None), code_field(request.fmt, refused=CodeRefusal("refused"))
    return await _page(request, state, choice=choice, preview=preview, asked=wish.count, code=code, effect=effect)


async def _with_code(
    request: PortalRequest, state: Choosing, choice: Choice, wish: _Wish
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
    field = code_field(request.fmt, found=found, currency=state.subscription.currency, instead_of=theirs)
    return _with(choice, found), field


def _order(state: Choosing, choice: Choice) -> Order:
    """What a code is to lower."""
    lines = ((line.price, line.quantity or 1) for line in state.lines(choice))
    return promotions.order_for(lines, state.subscription.currency, state.subscription)


def _with(choice: Choice, found: Promotion) -> Choice:
    is_for_one_bill = found.coupon.duration == "once"
    return replace(choice, discount=("promotion_code", found.code.id), is_for_one_bill=is_for_one_bill)


async def _previewed(
    request: PortalRequest, state: Choosing, choice: Choice, moment: int, *, moved: bool = False
) -> PlanPreview:
    """What a choice costs, as Stripe previews it for that moment (unix seconds), in words."""
    account = request.account
    quoted = await plan_quotes.quote(account, state, choice, request.terms.features, proration_date=moment)
    tax_ids = await tax_ids_for(request, quoted.due_now, quoted.recurring)
    notice = location_notice_for(request, quoted.first_bill)
    return plan_preview(quoted, request.fmt, now=account.now, moved=moved, tax_ids=tax_ids, tax_notice=notice)


async def create(request: PortalRequest) -> Response:
    """Make the change that was shown, for the sum that was shown."""
    fields = await request.fields()
    wish = _wish(fields)
    moment, amount = whole_number(fields.get("proration_date")), whole_number(fields.get("amount_due"))
    total = signed_number(fields.get("total"))
    if not wish.price or wish.quantity is None or moment is None or amount is None or total is None:
        raise BadRequest("an incomplete plan change")
    subscription_id, account = request.path_id(), request.account
    async with request.deed(
        "plan_changes.create", subscription_id, owned=account.subscription, lock=f"subscription:{subscription_id}"
    ) as deed:
        return await _confirm(request, deed, wish, moment, (amount, total))


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
    request: PortalRequest, deed: Deed, wish: _Wish, moment: int, shown: tuple[int, int] | None
) -> Response:
    subscription_id, account, fmt, features = request.path_id(), request.account, request.fmt, request.terms.features
    subscription = await account.subscription(subscription_id, with_method=True)
    if _is_made(subscription, wish):
        return see_other(request, "overview.show", done="changed", of=subscription_id)
    await request.services.limits.check(SUBSCRIPTION_CHANGES, account.customer_id)
    state = await _choosing(request, subscription, wish.item)
    choice = await _wanted(request, state, wish)
    if is_on(subscription, state.lines(choice)) and choice.discount is None:
        return see_other(request, "overview.show", done="changed", of=subscription_id)
    choice, effect = _timed(request, state, choice, wish)
    if not effect.is_known:
        return await _page(request, state, choice=choice, preview=None, effect=effect, status=422)
    is_as_said = wish.when in {None, effect.when}  # else it can no longer wait, or not as long
    if not is_as_said or not _is_fresh(state, moment, account.now) or (choice.quantity or 0) != (wish.count or 0):
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
        problem, status, moment = attempts.change_declined(error.code, fmt), 402, account.now
    except NotAllowed as refused:
        if refused.reason != "no_payment_method":
            raise
        problem = attempts.change_needs_method(fmt)
    else:
        return _settled(request, outcome)
    preview = await _previewed(request, state, choice, moment, moved=moved)
    return await _page(request, state, choice=choice, preview=preview, problem=problem, effect=effect, status=status)


def _settled(request: PortalRequest, outcome: billing.Changed | BankAsks) -> Response:
    if isinstance(outcome, BankAsks):
        return ask_bank(request, outcome.invoice)
    if outcome.is_deferred:
        return see_other(request, "overview.show", done="change_scheduled", of=request.path_id())
    receipts.plan_changed(request, request.path_id())
    return see_other(request, "overview.show", done="changed", of=request.path_id())


async def _wanted(request: PortalRequest, state: Choosing, wish: _Wish) -> Choice:
    choice = await _as_the_link_says(request, state, await _still_with_code(request, state, wish))
    if choice is None:
        raise NotAllowed("not_on_offer")
    return choice


def _is_fresh(state: Choosing, moment: int, now: int) -> bool:
    """Whether a quote for that moment still holds. A renewal since ends it: what is split then is another period."""
    return max(now - OLDEST_QUOTE_SECONDS, state.item.current_period_start) <= moment <= now + 60


async def _still_with_code(request: PortalRequest, state: Choosing, wish: _Wish) -> Choice:
    """The choice with the code that the preview was made with; it may have ended since. Raises `NotAllowed` then."""
    choice, subscription = _choice(request, state, wish), state.subscription
    flow = request.signed_in.flow
    by_link = flow is not None and flow.type == "subscription_update_confirm"  # its discount is the host's word
    if not wish.code or by_link or promotions.has_code(subscription, wish.code):
        return choice
    if not request.terms.features.subscription_update.allows("promotion_code"):
        raise NotFound("no codes are taken here")
    found = await promotions.by_id(request.account, checked(wish.code, "promo"), _order(state, choice))
    if isinstance(found, CodeRefusal):
        raise NotAllowed(f"code_{found.reason}", code_refused_text(found, request.fmt))
    return _with(choice, found)


def _is_made(subscription: Subscription, wish: _Wish) -> bool:
    """Whether a subscription of one item is on this price and quantity already: the same click arrived before."""
    items = subscription.items.data
    asks_more = any(wish.add_ons.values()) or bool(wish.code) or len(items) != 1
    return not asks_more and (items[0].price.id, items[0].quantity) == (wish.price, wish.count)


def _timed(request: PortalRequest, state: Choosing, choice: Choice, wish: _Wish | None) -> tuple[Choice, Effect]:
    """The choice with the moment at which it takes effect: the usual one where nobody was asked."""
    when, day = (wish.when, wish.day) if wish is not None else (None, None)
    features, now, zone = request.terms.features, request.account.now, request.fmt.timezone
    return with_effect(state, choice, features, now, zone, when=when, day=day)


def _choice(request: PortalRequest, state: Choosing, wish: _Wish) -> Choice:
    update = request.terms.features.subscription_update
    return state.choice(
        wish.price, wish.count, wish.add_ons, ends_trial=ends_trial(state.subscription, update, wish.trial)
    )


async def confirm_flow(request: PortalRequest, flow: Flow) -> Response:
    """A deep link's change: what it costs, and the button. Nothing else can be chosen."""
    account = request.account
    subscription = await account.subscription(flow.subscription or "", with_method=True)
    state = await _choosing(request, subscription, flow.item)
    choice = await _as_the_link_says(request, state, None)
    if choice is None:
        raise NotAllowed("not_on_offer")
    preview = None
    choice, _ = _timed(request, state, choice, None)
    if not state.changes_nothing(choice):
        preview = await _previewed(request, state, choice, account.now)
    return await _page(request, state, choice=choice, preview=preview)


async def _as_the_link_says(request: PortalRequest, state: Choosing, asked: Choice | None) -> Choice | None:
    """`asked`, or in a flow that confirms one change just that change: anything else is not there.

    None when the host's link names a price that is not in this session's catalog, or a quantity out of its bounds.
    """
    flow = request.signed_in.flow
    if flow is None or flow.type != "subscription_update_confirm":
        return asked
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
        return None
    discount = flow.discounts[0] if flow.discounts else None
    is_once = discount is not None and await promotions.is_once(request.account, *discount)
    wanted = replace(wanted, discount=discount, is_for_one_bill=is_once)
    if asked is not None and (asked.price.id, asked.quantity) != (wanted.price.id, wanted.quantity):
        raise NotFound("not the change of this link")
    return wanted


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
    asked: int | None = None,
    code: CodeField | None = None,
    effect: Effect | None = None,
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
        asked_quantity=asked,
        code=code,
        effect=effect,
    )
    flow = request.signed_in.flow
    if flow is not None and flow.type == "subscription_update_confirm":
        template = "flows/confirm.html"
    else:
        template = (
            "plans/previewed.swaps.html" if request.wants_part and request.method == "GET" else "plans/index.html"
        )
    return request.services.renderer.answer(request, template, page, status=status)
