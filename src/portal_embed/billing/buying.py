"""Starting a subscription on Stripe's own page, Checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal_embed.billing.account import checked
from portal_embed.billing.sales import MARK, discounts_of, items_of, marks, trial_terms
from portal_embed.billing.starting import make_room
from portal_embed.billing.stripe import checkouts
from portal_embed.errors import NotAllowed, NotFound, StripeMisconfigured

if TYPE_CHECKING:
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.deeds import Deed
    from portal_embed.billing.sales import Beginning, Shop
    from portal_embed.billing.stripe.objects import CheckoutSession


async def begin(
    account: CustomerAccount, store: Shop, wanted: Beginning, deed: Deed, *, success_url: str, cancel_url: str
) -> CheckoutSession:
    """A visit to Checkout for this plan. One that was begun here before and is still open ends: only one can be paid.

    Raises `NotAllowed`: "has_plan", "start_waits".
    """
    if store.refusal is not None:
        raise NotAllowed(store.refusal)
    await make_room(account, store, deed)
    key = deed.key("checkout")
    for before in await checkouts.open_ones(account.stripe, account.customer_id):
        if MARK in (before.metadata or {}) and (before.metadata or {})[MARK] != key:
            await _expire(account, before, deed)
    return await checkouts.create(
        account.stripe,
        account.customer_id,
        key=key,
        line_items=items_of(wanted),
        success_url=success_url,
        cancel_url=cancel_url,
        metadata={MARK: key},
        **_more(account, store, wanted, key),
    )


async def visit(account: CustomerAccount, session_id: str) -> CheckoutSession:
    """How a visit of this customer ended. Raises `NotFound` for anybody else's."""
    found = await checkouts.retrieve(account.stripe, checked(session_id, "cs"))
    if found.customer != account.customer_id:
        raise NotFound("belongs to another customer")
    return found


def _more(account: CustomerAccount, store: Shop, wanted: Beginning, key: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "billing_mode": {"type": "flexible"},
        "metadata": marks(wanted, key),
        **trial_terms(store, wanted),
    }
    if account.on_behalf_of is not None:
        data["on_behalf_of"] = account.on_behalf_of
    more: dict[str, Any] = {"subscription_data": data}
    if wanted.trial_days:
        more["payment_method_collection"] = "if_required"
    # Stripe takes either a code that is known or the field for one.
    if wanted.promotion is not None:
        more["discounts"] = discounts_of(wanted)
    elif store.terms.allow_promotion_codes:
        more["allow_promotion_codes"] = True
    if store.terms.automatic_tax:
        # Stripe Tax goes by the customer's address, so what is typed there has to be kept.
        more |= {"automatic_tax": {"enabled": True}, "customer_update": {"address": "auto", "name": "auto"}}
    return more


async def _expire(account: CustomerAccount, session: CheckoutSession, deed: Deed) -> None:
    try:
        await checkouts.expire(account.stripe, session.id, key=deed.key(f"expire:{session.id}"))
    except StripeMisconfigured:  # refused as it stands: it was completed or has expired a moment ago
        if (await visit(account, session.id)).status == "complete":
            raise NotAllowed("has_plan") from None
