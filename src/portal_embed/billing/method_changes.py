"""Saving, choosing and removing payment methods.

Each is steps that can be repeated; a half-done one is finished by doing it again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal_embed.billing.deeds import settled, underway
from portal_embed.billing.payment_methods import default_of, removal_refusal
from portal_embed.billing.stripe import customers, payment_methods, subscriptions
from portal_embed.billing.stripe.objects import id_of
from portal_embed.billing.subscriptions import is_managed, overriding
from portal_embed.errors import NotAllowed, NotFound

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.stripe.objects import SetupIntent

MOST_METHODS = 25
"""More saved methods than anybody needs: past it no new one is offered, which also slows down testers of stolen cards."""


@dataclass(frozen=True)
class SavedMethod:
    """What became of saving a method. `payment_method` is None while the bank is still deciding (`processing`)."""

    setup_intent: SetupIntent
    payment_method: str | None


async def start(
    account: CustomerAccount, deed: Deed, *, session_label: str, configuration: str | None = None
) -> SetupIntent:
    """Begin saving a method. `session_label`: a digest that ties the intent to one portal session. `configuration`: which
    types there are ("pmc_…"), None for Stripe's default. Raises `NotAllowed`.
    """
    customer, methods = await asyncio.gather(account.customer(), account.payment_methods())
    if len(methods) >= MOST_METHODS:
        raise NotAllowed("too_many_methods")
    return await payment_methods.start_setup(
        account.stripe,
        customer.id,
        key=deed.key("setup"),
        metadata={"portal_session": session_label},
        configuration=configuration,
        on_behalf_of=account.on_behalf_of,
    )


async def finish(
    account: CustomerAccount,
    setup_intent_id: str,
    deed: Deed,
    *,
    make_default: bool,
    use_for_all: bool,
    replaces: str | None = None,
) -> SavedMethod:
    """After Stripe.js has saved a method: make it the default, the one for all subscriptions, or the heir of another.

    What the browser says of the outcome counts for nothing; the intent is read. The first method ever becomes the
    default whatever was ticked. Raises `NotFound` for somebody else's intent, `NotAllowed("not_saved")` when nothing
    was saved.
    """
    intent = await account.setup_intent(setup_intent_id)
    if intent.status == "processing":
        return SavedMethod(intent, None)
    if intent.status != "succeeded" or intent.payment_method is None:
        raise NotAllowed("not_saved")
    saved = intent.payment_method
    await account.payment_method(saved)
    with underway():  # Stripe.js has saved it already
        await payment_methods.show_again(account.stripe, saved, key=deed.key("show"))
        customer = await account.customer()
        if make_default or replaces == default_of(customer) or default_of(customer) is None:
            # The card is saved, whatever became of the default since: that is no conflict.
            await set_default(account, saved, replace(deed, again=False), use_for_all=use_for_all)
        if replaces is not None and replaces != saved:
            await _hand_over(account, replaces, saved, deed)
    account.forget()
    return SavedMethod(intent, saved)


async def set_default(account: CustomerAccount, method_id: str, deed: Deed, *, use_for_all: bool) -> None:
    """Pay with this method from now on.

    `use_for_all` also clears each subscription's own method, which would otherwise silently win over the default (the
    most frequent complaint about card updates). Raises `NotFound`.
    """
    method = await account.payment_method(method_id)
    await settled(
        lambda: customers.set_default_method(account.stripe, account.customer_id, method.id, key=deed.key("default")),
        lambda: _is_default(account, method.id),
        again=deed.again,
    )
    if use_for_all:
        with underway():
            for subscription in overriding(await account.subscriptions(), method.id):
                await subscriptions.update(
                    account.stripe, subscription.id, key=deed.key(f"use:{subscription.id}"), default_payment_method=""
                )
    account.forget()


async def remove(account: CustomerAccount, method_id: str, deed: Deed) -> None:
    """Remove a method for good; never one that a live subscription will charge.

    One that is gone already is fine: the deed is of a form that we made for this method. Raises `NotAllowed("in_use")`.
    """
    try:
        method = await account.payment_method(method_id)
    except NotFound:
        return
    customer, subscriptions_ = await asyncio.gather(account.customer(), account.subscriptions())
    refusal = removal_refusal(method.id, customer, subscriptions_)
    if refusal is not None:
        raise NotAllowed(refusal)
    await settled(
        lambda: payment_methods.detach(account.stripe, method.id, key=deed.key("detach")),
        lambda: _is_gone(account, method.id),
    )
    account.forget()


async def _hand_over(account: CustomerAccount, old: str, new: str, deed: Deed) -> None:
    """The new method takes the place of the old one wherever that was used; then the old one goes."""
    try:
        await account.payment_method(old)
    except NotFound:
        return
    account.forget()
    for subscription in await account.live_subscriptions():
        if id_of(subscription.default_payment_method) == old and not is_managed(subscription):
            await subscriptions.update(
                account.stripe, subscription.id, key=deed.key(f"heir:{subscription.id}"), default_payment_method=new
            )
    account.forget()
    customer, subscriptions_ = await asyncio.gather(account.customer(), account.subscriptions())
    if removal_refusal(old, customer, subscriptions_) is None:
        await payment_methods.detach(account.stripe, old, key=deed.key("detach"))


async def _is_default(account: CustomerAccount, method_id: str) -> bool:
    account.forget()
    return default_of(await account.customer()) == method_id


async def _is_gone(account: CustomerAccount, method_id: str) -> bool:
    try:
        await account.payment_method(method_id)
    except NotFound:
        return True
    return False
