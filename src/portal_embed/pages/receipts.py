"""Receipts by mail of what was changed, worded from what Stripe says afterwards; written after the page has been answered.

Each is sent once, however often the click or its answer arrived: what it is about names it in the store.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from portal_embed.access.keys import store_key
from portal_embed.billing import subscriptions as rules
from portal_embed.billing.endings import still_billed
from portal_embed.billing.payment_methods import default_of
from portal_embed.billing.stripe.objects import id_of
from portal_embed.errors import NotFound, PortalError
from portal_embed.view_models import letters
from portal_embed.view_models.endings import is_over_with_it, last_bill_words, still_billed_words
from portal_embed.view_models.receipts import change_facts, plan_in_words
from portal_embed.view_models.subscription_words import subscription_name
from portal_embed.view_models.wording import method_label
from portal_embed.web import mails

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.stripe.objects import Invoice, Subscription
    from portal_embed.view_models.letters import Letter
    from portal_embed.web.request import PortalRequest

REMEMBERED = 24 * 60 * 60
"""Seconds for which the same thing is not told twice; a click is not repeated later than that."""

_Found = tuple["Letter", tuple[str, ...]]
"""A letter, and what it is about: once told, it is not told again."""


def plan_changed(request: PortalRequest, subscription_id: str) -> None:
    """The plan is another one now."""
    if request.config.mail_receipts.plan_changed:
        _write(request, lambda account: _plan_changed(request, account, subscription_id))


def canceled(request: PortalRequest, subscription_id: str) -> None:
    """A subscription ends, or has ended."""
    if request.config.mail_receipts.canceled:
        _write(request, lambda account: _canceled(request, account, subscription_id))


def payment_method_added(request: PortalRequest, method_id: str) -> None:
    """A payment method was saved."""
    if request.config.mail_receipts.payment_method_added:
        _write(request, lambda account: _payment_method_added(request, account, method_id))


def _write(request: PortalRequest, letter: Callable[[CustomerAccount], Coroutine[None, None, _Found | None]]) -> None:
    services, session = request.services, request.signed_in
    if services.outbox.is_open:
        account = services.stripe.customer(session.key, on_behalf_of=session.on_behalf_of)
        services.outbox.later(_written(request, account, letter(account)), "a receipt")


async def _written(
    request: PortalRequest, account: CustomerAccount, finding: Coroutine[None, None, _Found | None]
) -> None:
    found = await finding
    customer = await account.customer()
    if found is None or not customer.email:
        return
    letter, about = found
    key = store_key("receipt", letter.kind, *map(str, request.signed_in.key), *about)
    if await request.services.sessions.store.add_once(key, REMEMBERED):
        mails.send(request.services, request.terms, letter, to=customer.email, fmt=request.fmt)


async def _plan_changed(request: PortalRequest, account: CustomerAccount, subscription_id: str) -> _Found | None:
    subscription, customer = await asyncio.gather(account.subscription(subscription_id), account.customer())
    if not rules.is_live(subscription) or subscription.pending_update is not None:
        return None
    products, charged, following = await asyncio.gather(
        account.products_of((subscription,)), _charged(account, subscription), _following(account, subscription)
    )
    fmt = request.fmt
    price = plan_in_words(subscription, products, fmt)
    letter = letters.plan_changed(
        request.terms.business_profile.name or "",
        customer.name,
        plan=subscription_name(subscription, products, fmt),
        price=price,
        facts=change_facts(subscription, charged, following, fmt),
        url=_way_back(request),
        fmt=fmt,
    )
    return letter, (subscription.id, id_of(subscription.latest_invoice) or "", price)


async def _canceled(request: PortalRequest, account: CustomerAccount, subscription_id: str) -> _Found | None:
    subscription, customer = await asyncio.gather(account.subscription(subscription_id), account.customer())
    ends = rules.ends_at(subscription)
    if rules.is_live(subscription) and ends is None:
        return None
    products, outlook = await asyncio.gather(account.products_of((subscription,)), still_billed(account, subscription))
    fmt = request.fmt
    letter = letters.canceled(
        request.terms.business_profile.name or "",
        customer.name,
        plan=subscription_name(subscription, products, fmt),
        ends=fmt.date(ends) if ends is not None else None,
        url=_way_back(request),
        fmt=fmt,
        is_over=is_over_with_it(subscription, outlook),
        billed=last_bill_words(outlook, fmt) if ends is None else still_billed_words(subscription, outlook, ends, fmt),
    )
    return letter, (subscription.id, str(subscription.canceled_at), str(ends))


async def _payment_method_added(request: PortalRequest, account: CustomerAccount, method_id: str) -> _Found | None:
    method, customer = await asyncio.gather(account.payment_method(method_id), account.customer())
    letter = letters.payment_method_added(
        request.terms.business_profile.name or "",
        customer.name,
        method=method_label(method, request.fmt, account.now).text,
        is_default=default_of(customer) == method.id,
        url=_way_back(request),
        fmt=request.fmt,
    )
    return letter, (method.id,)


async def _charged(account: CustomerAccount, subscription: Subscription) -> Invoice | None:
    """The invoice by which the change was paid, None where nothing was due at once."""
    latest = id_of(subscription.latest_invoice)
    try:
        invoice = await account.invoice(latest) if latest is not None else None
    except NotFound:  # a draft
        return None
    return invoice if invoice is not None and invoice.billing_reason == "subscription_update" else None


async def _following(account: CustomerAccount, subscription: Subscription) -> Invoice | None:
    try:
        return await account.next_invoice(subscription) if rules.has_next_charge(subscription) else None
    except PortalError:  # the receipt is right without it
        return None


def _way_back(request: PortalRequest) -> str:
    """Where billing is opened from: a mail cannot hold a link that lives for minutes."""
    url = request.signed_in.return_url or request.terms.return_url
    return urljoin(request.config.base_url + "/", url) if url else ""
