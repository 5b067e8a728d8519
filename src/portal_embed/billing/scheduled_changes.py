"""A change that waits for its day: planned, edited and undone. Stripe keeps it as a subscription schedule.

Its first phase is the running period as it is, its second the change; when that has begun the schedule lets go by itself (Stripe
docs, "Subscription schedules"). One schedule at most: an edit rewrites the phases of ours.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from portal_embed.billing.change_params import discount_params
from portal_embed.billing.changes import interval_of, is_on
from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.discounts import kept
from portal_embed.billing.eligibility import Act, refusal, standing
from portal_embed.billing.schedules import MARK, next_phase, running_phase
from portal_embed.billing.stripe import subscriptions
from portal_embed.billing.stripe.objects import Schedule, id_of
from portal_embed.billing.subscriptions import period_end
from portal_embed.errors import NotAllowed, PortalError

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.changes import Choice, Choosing
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import PhaseDiscount, Reference, Subscription
    from portal_embed.config import SubscriptionUpdate


async def plan(
    account: CustomerAccount, state: Choosing, choice: Choice, update: SubscriptionUpdate, deed: Deed
) -> Subscription:
    """Let the change begin at the choice's moment; what was planned here before is replaced. The same click finds it planned."""
    subscription = state.subscription

    async def is_planned() -> bool:
        return _plans(await account.subscription(subscription.id), state, choice)

    if is_planned_already(state, choice):
        return subscription
    schedule = subscription.schedule
    if schedule is not None and next_phase(subscription) is None:
        # The change that it planned has begun: it has only its own end before it.
        await release(account, subscription, deed)
        schedule = None

    async def write_phases(schedule: Schedule) -> None:
        phases = phases_of(schedule, state, choice, update)
        await settled(
            lambda: subscriptions.plan_phases(account.stripe, schedule.id, phases, key=deed.key("phases")), is_planned
        )

    with underway():
        if isinstance(schedule, Schedule):
            await write_phases(schedule)
        else:
            made = await subscriptions.schedule(
                account.stripe, subscription.id, key=deed.key("schedule"), metadata={MARK: "change"}
            )
            try:
                await write_phases(made)
            except Exception:
                # An empty schedule would stand in the way of pauses and discounts.
                with suppress(PortalError):
                    await subscriptions.release_schedule(account.stripe, made.id, key=deed.key("release-empty"))
                raise
    account.forget()
    return await account.subscription(subscription.id)


def is_planned_already(state: Choosing, choice: Choice) -> bool:
    """Whether just this change waits for the same moment: the same click was here before."""
    return _plans(state.subscription, state, choice) and choice.discount is None


async def undo(account: CustomerAccount, subscription_id: str, deed: Deed) -> None:
    """Drop what was planned here: the plan goes on as it is. The same click finds nothing planned and is content.

    Raises `NotFound`, and `NotAllowed` for what the merchant has planned, and where there is nothing: it may have begun meanwhile.
    """
    subscription = await account.subscription(subscription_id)
    why_not = refusal(Act.UNSCHEDULE, standing(subscription))
    if deed.again and subscription.schedule is None:
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


def _plans(subscription: Subscription, state: Choosing, choice: Choice) -> bool:
    """Whether the next phase bills exactly what was chosen, from the same moment on."""
    phase, lines = next_phase(subscription), state.lines(choice)
    if phase is None or phase.start_date != choice.begins or is_on(subscription, lines):
        return False
    wanted = sorted((line.price.id, line.quantity or 0) for line in lines)
    return sorted((str(id_of(item.price)), item.quantity or 0) for item in phase.items) == wanted


def phases_of(schedule: Schedule, state: Choosing, choice: Choice, update: SubscriptionUpdate) -> list[dict[str, Any]]:
    """The running phase as it is until the change begins, and the change for one period after it."""
    running, ends = running_phase(schedule), period_end(state.subscription)
    begins = choice.begins or ends
    first = {
        "items": [_item(str(id_of(i.price)), i.quantity, _discounts(i.discounts), i.tax_rates) for i in running.items],
        "start_date": running.start_date,
        "end_date": begins,
        "proration_behavior": "none",
        **_common(_discounts(running.discounts), running.default_tax_rates),
    }
    # At the period's end nothing is left to prorate.
    prorations = update.proration_behavior if begins < ends else "none"
    return [first, {**phase_of(state, choice, at=begins), "proration_behavior": prorations}]


def phase_of(state: Choosing, choice: Choice, *, at: int, has_billed: bool = False, since: int = 0) -> dict[str, Any]:
    """The change for one period, with the discounts and taxes that are in force: what a phase does not say it would take away.
    `at`, `has_billed`, `since`: see `discount_params`.
    """
    subscription, rhythm = state.subscription, interval_of(choice.price) or ("month", 1)
    before = {item.id: item for item in subscription.items.data}
    items = []
    for line in state.lines(choice):
        item = before.get(line.item or "")
        discounts, rates = (kept(item.discounts), item.tax_rates) if item is not None else ([], None)
        items.append(_item(line.price.id, line.quantity, discounts, rates))
    return {
        "items": items,
        "duration": {"interval": rhythm[0], "interval_count": rhythm[1]},
        **_common(
            [
                *discount_params(subscription, choice, at=at, has_billed=has_billed, since=since),
                *_planned_codes(subscription, choice),
            ],
            subscription.default_tax_rates,
        ),
    }


def _planned_codes(subscription: Subscription, choice: Choice) -> list[dict[str, str]]:
    """The code of the change that was planned before, which stays with one that takes its place, though not beside another."""
    phase = next_phase(subscription)
    if phase is None or choice.begins is None or choice.discount is not None:
        return []
    return [one for one in _discounts(phase.discounts) if "discount" not in one]


def _item(
    price: str, quantity: int | None, discounts: list[dict[str, str]], rates: tuple[str | Reference, ...] | None
) -> dict[str, Any]:
    return {
        "price": price,
        **({"quantity": quantity} if quantity is not None else {}),
        **({"discounts": discounts} if discounts else {}),
        **({"tax_rates": [str(id_of(rate)) for rate in rates]} if rates else {}),
    }


def _common(discounts: list[dict[str, str]], rates: tuple[str | Reference, ...] | None) -> dict[str, Any]:
    return {
        **({"discounts": discounts} if discounts else {}),
        **({"default_tax_rates": [str(id_of(rate)) for rate in rates]} if rates else {}),
    }


def _discounts(known: tuple[PhaseDiscount, ...] | None) -> list[dict[str, str]]:
    found = []
    for one in known or ():
        for kind in ("discount", "promotion_code", "coupon"):
            id = id_of(getattr(one, kind))
            if id is not None:
                found.append({kind: id})
                break
    return found
