"""Telling the host what was done: after the answer, once, and never in the customer's way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal_embed.access import keys
from portal_embed.config.hooks import AuditRecord, EventType, PortalEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.access.email_changes import EmailChange
    from portal_embed.access.session import Session
    from portal_embed.billing.stripe.webhooks import StripeEvent
    from portal_embed.web.request import PortalRequest

SLOWEST = 10.0
"""Seconds for one try."""
REMEMBERED = 24 * 60 * 60
"""Seconds for which the same thing is not told twice."""

_UPDATES = ("contact", "billing_address", "shipping_address", "shipping_removed", "invoice_fields")
BY_DONE: dict[str, EventType] = {
    "started": "subscription.created",
    "changed": "subscription.changed",
    "change_withdrawn": "subscription.change_withdrawn",
    "canceled": "subscription.canceled",
    "end_moved": "subscription.end_moved",
    "kept": "subscription.kept",
    "paused": "subscription.paused",
    "resumed": "subscription.resumed",
    "discount_added": "subscription.discount_added",
    "discount_removed": "subscription.discount_removed",
    "stayed": "offer.accepted",
    "paid": "invoice.paid",
    "method_added": "payment_method.added",
    "method_default": "payment_method.made_default",
    "method_removed": "payment_method.removed",
    "email_asked": "customer.email_change_requested",
    "tax_id_added": "customer.tax_id_added",
    "tax_id_removed": "customer.tax_id_removed",
    **dict.fromkeys(_UPDATES, "customer.updated"),
}
"""What the address after a deed says was done, see `pages/done.py`, as an event."""
_IDS = ("sub_", "in_", "pm_", "txi_")


def tell(
    request: PortalRequest,
    type_: EventType,
    object_: str | None,
    *,
    once: str,
    who: Session | EmailChange | None = None,
) -> None:
    """Tell of one thing that was done. `once` names it, so that a repeated click or a reload is not told again."""
    hook = request.config.hooks.event
    if hook is None:
        return
    who = who or request.signed_in
    event = PortalEvent(
        id=f"pe_{keys.digest('event', who.account, str(who.livemode), who.customer, type_, object_, once)[:32]}",
        type=type_,
        customer=who.customer,
        object=object_ if object_ is not None and object_.startswith(_IDS) else None,
        account=who.account,
        livemode=who.livemode,
        actor=who.actor,
        idempotency_keys=tuple(request.scope.get("portal.keys", ())),
        created=int(request.services.sessions.clock()),
    )
    name = f"event {type_}"
    request.services.outbox.later(_once(request, hook, event, name), name)


def tell_done(request: PortalRequest, done: str, of: str | None) -> None:
    """Tell what a deed has done, by the word that its address has for it. Only after a deed: an address alone proves nothing."""
    once = request.scope.get("portal.operation")
    if once is not None and done in BY_DONE:
        tell(request, BY_DONE[done], of, once=once)


BY_STRIPE: dict[str, EventType] = {
    "customer.subscription.created": "subscription.created",
    "customer.subscription.updated": "subscription.changed",
    "customer.subscription.paused": "subscription.paused",
    "customer.subscription.resumed": "subscription.resumed",
    "customer.subscription.deleted": "subscription.canceled",
    "invoice.paid": "invoice.paid",
    "payment_method.attached": "payment_method.added",
    "payment_method.detached": "payment_method.removed",
    "customer.updated": "customer.updated",
    "customer.tax_id.created": "customer.tax_id_added",
    "customer.tax_id.deleted": "customer.tax_id_removed",
}
"""Stripe's events as ours. Others are not told."""


def pass_on(request: PortalRequest, event: StripeEvent) -> None:
    """Tell of what Stripe's webhook says."""
    hook, type_, thing = request.config.hooks.event, BY_STRIPE.get(event.type), event.data.object
    customer = event.data.customer
    if hook is None or type_ is None or customer is None:
        return
    key = event.request.idempotency_key if event.request is not None else None
    told = PortalEvent(
        id=event.id,
        type=type_,
        customer=customer,
        object=thing.id if thing.object != "customer" else None,
        account=event.account,
        livemode=event.livemode,
        actor=None,
        idempotency_keys=(key,) if key is not None else (),
        created=event.created,
        source="stripe",
    )
    _later(request, hook, told, f"event {type_}")


def audit(request: PortalRequest, action: str, object_: str | None, outcome: str, idempotency_keys: list[str]) -> None:
    """Hand over one line of the audit log."""
    hook, session = request.config.hooks.audit, request.signed_in
    if hook is None:
        return
    record = AuditRecord(
        action=action,
        outcome=outcome,
        customer=session.customer,
        object=object_,
        account=session.account,
        livemode=session.livemode,
        actor=session.actor,
        by_mail=session.by_mail,
        session=session.log_name,
        request=request.scope["portal.request_id"],
        idempotency_keys=tuple(idempotency_keys),
        created=int(request.services.sessions.clock()),
    )
    _later(request, hook, record, f"audit of {action}")


async def _once(request: PortalRequest, hook: Callable[[PortalEvent], object], event: PortalEvent, name: str) -> None:
    if await request.services.sessions.store.add_once(keys.store_key("told", event.id), REMEMBERED):
        await request.services.outbox.hand(hook, event, name, slowest=SLOWEST)


def _later(request: PortalRequest, hook: Callable[[Any], object], told: object, name: str) -> None:
    outbox = request.services.outbox
    outbox.later(outbox.hand(hook, told, name, slowest=SLOWEST), name)
