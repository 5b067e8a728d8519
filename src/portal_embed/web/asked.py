"""Asking the host: with little patience, and with an answer of our own where none comes."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from portal_embed.access.requests import client_address
from portal_embed.billing.catalog import plan_of
from portal_embed.billing.discounts import coupons_on, inherited
from portal_embed.billing.eligibility import Act, why_not
from portal_embed.billing.stripe.objects import id_of
from portal_embed.billing.subscriptions import product_of
from portal_embed.config.calling import Busy, called
from portal_embed.config.deciding import (
    AllowedChanges,
    Asker,
    CurrentPlan,
    Leaving,
    NavLink,
    Offer,
)
from portal_embed.errors import NotAllowed, StepUpNeeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from portal_embed.billing.stripe.objects import Subscription
    from portal_embed.config.catalog import Catalog
    from portal_embed.config.features import Feedback
    from portal_embed.web.request import PortalRequest

logger = logging.getLogger("portal_embed")
_SAME = object()
PATIENCE = 3.0
"""Seconds that a page waits for a decision of the host's."""
FOR_LINKS = 1.0
"""Seconds that a page waits for links, those in its navigation and those to a change."""
FOR_THE_CHALLENGE = 5.0


async def allowed_changes(request: PortalRequest, subscription: Subscription | None) -> AllowedChanges | None:
    """What this customer may change to, or start where there is no `subscription`; None where the host leaves that to the catalog.

    Without an answer nothing is changed: an upgrade can wait, seats that are in use must not be given back.
    """
    hook = request.config.hooks.changes
    if hook is None:
        return None
    found: AllowedChanges | None = await _answer(
        request,
        "changes",
        PATIENCE,
        AllowedChanges,
        None,
        hook,
        _asker(request),
        _plan(subscription, request.terms.catalog),
    )
    if found is None:
        raise NotAllowed("host_silent")
    return found


async def refused_changes(request: PortalRequest, subscriptions: Iterable[Subscription]) -> dict[str, str]:
    """The host's words for those of the subscriptions that it lets nobody change, by id. One that it does not answer for soon is
    not among them: what is changed is asked about once more.
    """
    hook, features = request.config.hooks.changes, request.terms.features
    if hook is None or not request.may("subscriptions:write"):
        return {}
    asked, none = tuple(s for s in subscriptions if why_not(Act.CHANGE, s, features) is None), AllowedChanges()
    plans = (_plan(subscription, request.terms.catalog) for subscription in asked)
    told = ("changes", FOR_LINKS, AllowedChanges, none, hook, _asker(request))
    found = await asyncio.gather(*(_answer(request, *told, plan) for plan in plans))
    return {one.id: answer.refusal for one, answer in zip(asked, found, strict=True) if answer.refusal}


async def offers_before_leaving(
    request: PortalRequest, subscription: Subscription, reason: Feedback | None, feedback_option: str | None
) -> tuple[Offer, ...]:
    """What the host offers, nothing where it does not answer: nobody is kept from leaving. `subscription` with its discounts."""
    hook = request.config.hooks.offers
    if hook is None:
        return ()
    theirs = await inherited(request.account, subscription)
    coupons = {*coupons_on(subscription), id_of(theirs.source.coupon) if theirs is not None else None}
    leaving = Leaving(
        asker=_asker(request),
        plan=_plan(subscription, request.terms.catalog),
        reason=reason,
        trial_end=subscription.trial_end if subscription.status == "trialing" else None,
        coupons=tuple(sorted(coupon for coupon in coupons if coupon is not None)),
        feedback_option=feedback_option,
    )
    found = await _answer(request, "offers", PATIENCE, (list, tuple), (), hook, leaving)
    return tuple(offer for offer in found if isinstance(offer, Offer))


async def step_up(request: PortalRequest, action: str) -> None:
    """Before a deed: raise `StepUpNeeded` where the host wants a proof first, `NotAllowed` where it does not say.

    It is not asked about leaving, staying and paying, nor of who pays by a link of a mail.
    """
    hook = request.config.hooks.step_up
    if hook is None or request.is_recovery or action in _NEVER_BLOCKED:
        return
    url = await _answer(request, "step_up", PATIENCE, (str, type(None)), "", hook, _asker(request), action)
    if url is None:
        return
    if not url.startswith(("/", "https://", "http://")):
        raise NotAllowed("step_up_silent")
    raise StepUpNeeded(url)


_NEVER_BLOCKED = frozenset(
    {
        *("cancellations.create", "continuations.create", "retentions.create", "withdrawals.create"),
        *("payments.create", "authentications.create", "resumptions.create"),
        *("payment_methods.new", "payment_methods.create"),  # without a card nobody pays
    }
)


async def nav_links(request: PortalRequest) -> tuple[NavLink, ...]:
    """Further links for the navigation; none where the host does not answer."""
    hook = request.config.hooks.navigation
    if hook is None or request.session is None:
        return ()
    found = await _answer(request, "navigation", FOR_LINKS, (list, tuple), (), hook, _asker(request))
    return tuple(
        link for link in found if isinstance(link, NavLink) and link.url.startswith(("/", "https://", "http://"))
    )


async def is_challenge_met(request: PortalRequest, fields: dict[str, str]) -> bool:
    """Whether the CAPTCHA says that this is a person. Where there is none, or its provider does not answer, it counts as met."""
    challenge = request.config.hooks.challenge
    if challenge is None:
        return True
    answer = fields.get(challenge.field, "")
    if not answer:
        return False
    met: bool = await _answer(
        request,
        "challenge",
        FOR_THE_CHALLENGE,
        bool,
        True,
        challenge.verify,
        answer,
        client_address(request.scope),
        when_busy=False,  # a flood of forms must not open the door
    )
    return met


def _asker(request: PortalRequest) -> Asker:
    session = request.signed_in
    return Asker(customer=session.customer, account=session.account, livemode=session.livemode, actor=session.actor)


def _plan(subscription: Subscription | None, catalog: Catalog) -> CurrentPlan:
    if subscription is None:
        return CurrentPlan(subscription="", status="none", price=None, lookup_key=None, product=None, quantity=None)
    item = plan_of(subscription, catalog)
    return CurrentPlan(
        subscription=subscription.id,
        status=subscription.status,
        price=item.price.id if item is not None else None,
        lookup_key=item.price.lookup_key if item is not None else None,
        product=product_of(item.price) if item is not None else None,
        quantity=item.quantity if item is not None else None,
        items=tuple((one.price.id, one.quantity) for one in subscription.items.data),
    )


async def _answer(
    request: PortalRequest,
    name: str,
    patience: float,
    wanted: type[Any] | tuple[type[Any], ...],
    otherwise: Any,
    hook: Callable[..., Any],
    *told: object,
    when_busy: Any = _SAME,
) -> Any:
    """What the host's callable answers: async as it is, sync in a thread; `otherwise` when it raises, is slow, or answers
    something else than is `wanted`.
    """
    reference = request.scope.get("portal.request_id", "-")
    try:
        found = await called(hook, *told, slowest=patience)
    except Busy:
        logger.error("request %s: the hook %s hangs: it is not called before some of its calls end", reference, name)  # noqa: TRY400
        return otherwise if when_busy is _SAME else when_busy
    except Exception as error:  # noqa: BLE001  (the host's own code)
        logger.error("request %s: the hook %s failed: %s: %s", reference, name, type(error).__name__, error)  # noqa: TRY400
        return otherwise
    if not isinstance(found, wanted):
        logger.error("request %s: the hook %s answered a %s", reference, name, type(found).__name__)
        return otherwise
    return found
