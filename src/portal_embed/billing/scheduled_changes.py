"""A change that waits for the end of the paid period: planned, edited and undone. Stripe keeps it as a subscription schedule.

Its first phase is the running period as it is, its second the change; when that has begun the schedule lets go by itself (Stripe
docs, "Subscription schedules"). One schedule at most: an edit rewrites the phases of ours.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from portal_embed.billing.changes import is_on
from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.eligibility import Act, refusal, standing
from portal_embed.billing.schedules import MARK, next_phase
from portal_embed.billing.stripe import subscriptions
from portal_embed.billing.stripe.objects import Schedule, id_of
from portal_embed.errors import NotAllowed, PortalError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.changes import Choice, Choosing, Line
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import PhaseDiscount, PhaseItem, Subscription


async def plan(account: CustomerAccount, state: Choosing, choice: Choice, deed: Deed) -> Subscription:
    """Let the change begin with the next period; what was planned here before is replaced. The same click finds it planned."""
    subscription, lines = state.subscription, state.lines(choice)

    async def is_planned() -> bool:
        return _plans(await account.subscription(subscription.id), lines)

    if _plans(subscription, lines) and choice.discount is None:
        return subscription
    schedule = subscription.schedule
    if schedule is not None and next_phase(subscription) is None:
        # The change that it planned has begun: it has only its own end before it.
        await release(account, subscription, deed)
        schedule = None
    with underway():
        if isinstance(schedule, Schedule):
            await _write_phases(account, schedule, subscription, choice, lines, is_planned, deed)
        else:
            made = await subscriptions.schedule(
                account.stripe, subscription.id, key=deed.key("schedule"), metadata={MARK: "change"}
            )
            try:
                await _write_phases(account, made, subscription, choice, lines, is_planned, deed)
            except Exception:
                # An empty schedule would stand in the way of pauses and discounts.
                with suppress(PortalError):
                    await subscriptions.release_schedule(account.stripe, made.id, key=deed.key("release-empty"))
                raise
    account.forget()
    return await account.subscription(subscription.id)


async def _write_phases(
    account: CustomerAccount,
    schedule: Schedule,
    subscription: Subscription,
    choice: Choice,
    lines: tuple[Line, ...],
    is_planned: Callable[[], Awaitable[bool]],
    deed: Deed,
) -> None:
    phases = phases_of(schedule, subscription, lines, choice)
    await settled(
        lambda: subscriptions.plan_phases(account.stripe, schedule.id, phases, key=deed.key("phases")), is_planned
    )


async def undo(account: CustomerAccount, subscription_id: str, deed: Deed) -> None:
    """Drop what was planned here: the plan goes on as it is. The same click finds nothing planned and is content.

    Raises `NotFound`, and `NotAllowed` for what the merchant has planned.
    """
    subscription = await account.subscription(subscription_id)
    why_not = refusal(Act.UNSCHEDULE, standing(subscription))
    if why_not == "nothing_planned":
        return
    if why_not is not None:
        raise NotAllowed(why_not)
    await release(account, subscription, deed)


async def release(account: CustomerAccount, subscription: Subscription, deed: Deed) -> None:
    """Let the subscription go on without its schedule."""
    schedule = str(id_of(subscription.schedule))

    async def is_gone() -> bool:
        return id_of((await account.subscription(subscription.id)).schedule) != schedule

    await settled(
        lambda: subscriptions.release_schedule(account.stripe, schedule, key=deed.key("release")),
        is_gone,
        again=deed.again,
    )
    account.forget()


def _plans(subscription: Subscription, lines: tuple[Line, ...]) -> bool:
    """Whether the next phase bills exactly these lines."""
    phase = next_phase(subscription)
    if phase is None or is_on(subscription, lines):
        return False
    wanted = sorted((line.price.id, line.quantity or 0) for line in lines)
    return sorted((str(id_of(item.price)), item.quantity or 0) for item in phase.items) == wanted


def phases_of(
    schedule: Schedule, subscription: Subscription, lines: tuple[Line, ...], choice: Choice
) -> list[dict[str, Any]]:
    """The running phase as it is, and the change for one period after it. What a phase does not say it would take away."""
    running = next(
        phase for phase in schedule.phases if phase.end_date > subscription.items.data[0].current_period_start
    )
    of_price = {id_of(phase_item.price): phase_item for phase_item in running.items}  # each price stands once
    of_item = {item.id: of_price.get(item.price.id) for item in subscription.items.data}
    rhythm = choice.price.recurring
    discounts = _discounts(running.discounts)
    if choice.discount is not None:
        kind, id = choice.discount
        discounts = [*discounts, {kind: id}]
    common = {"default_tax_rates": _ids(running.default_tax_rates)} if running.default_tax_rates else {}
    first = {
        "items": [_item(str(id_of(i.price)), i.quantity, i) for i in running.items],
        "start_date": running.start_date,
        "end_date": running.end_date,
        "proration_behavior": "none",
        **({"discounts": _discounts(running.discounts)} if running.discounts else {}),
        **common,
    }
    second = {
        "items": [_item(line.price.id, line.quantity, of_item.get(line.item or "")) for line in lines],
        "duration": {
            "interval": rhythm.interval if rhythm is not None else "month",
            "interval_count": rhythm.interval_count if rhythm is not None else 1,
        },
        "proration_behavior": "none",
        **({"discounts": discounts} if discounts else {}),
        **common,
    }
    return [first, second]


def _item(price: str, quantity: int | None, like: PhaseItem | None) -> dict[str, Any]:
    """An item of a phase, with the discounts and taxes of the one that it was."""
    found: dict[str, Any] = {"price": price}
    if quantity is not None:
        found["quantity"] = quantity
    if like is not None and like.discounts:
        found["discounts"] = _discounts(like.discounts)
    if like is not None and like.tax_rates:
        found["tax_rates"] = _ids(like.tax_rates)
    return found


def _discounts(known: tuple[PhaseDiscount, ...] | None) -> list[dict[str, str]]:
    found = []
    for one in known or ():
        for kind in ("discount", "promotion_code", "coupon"):
            id = id_of(getattr(one, kind))
            if id is not None:
                found.append({kind: id})
                break
    return found


def _ids(rates: tuple[object, ...] | None) -> list[str]:
    return [str(id_of(rate)) for rate in rates or ()]
