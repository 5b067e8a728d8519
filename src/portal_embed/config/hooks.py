"""What the host may hear of: each thing a customer did, as an event, and each attempt, for its audit log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from portal_embed.config.deciding import (
        Challenge,
        ChangesCallable,
        NavigationCallable,
        OffersCallable,
        StepUpCallable,
    )

EventType = Literal[
    "portal.opened",
    "subscription.created",
    "subscription.changed",
    "subscription.change_withdrawn",
    "subscription.canceled",
    "subscription.end_moved",
    "subscription.kept",
    "subscription.paused",
    "subscription.resumed",
    "subscription.discount_added",
    "subscription.discount_removed",
    "offer.accepted",
    "offer.declined",
    "invoice.paid",
    "payment_method.added",
    "payment_method.made_default",
    "payment_method.removed",
    "customer.updated",
    "customer.email_change_requested",
    "customer.email_changed",
    "customer.tax_id_added",
    "customer.tax_id_removed",
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)


@dataclass(frozen=True, kw_only=True)
class PortalEvent:
    """Something that was done in the portal. A hint: Stripe is the truth, so read there what is so now.

    `id` is the same however often it is told. `source`: "portal" when it was done here; "stripe" when Stripe's webhook said so,
    of whatever caused it. The latter is told of the portal's own doings too, by the same `idempotency_keys`, once they are so at
    Stripe; its `id` is then Stripe's ("evt_…") and `actor` None.
    `object`: the id of what it is about ("sub_…", "in_…", "pm_…", "txi_…"), None
    where that is the customer. `account`: "acct_…" of a Stripe account that is not the portal's own. `actor`: the one that
    `create_session` named. `idempotency_keys`: of the calls that did it; Stripe's own events have them in
    `request.idempotency_key`. `created`: seconds since 1970.
    """

    id: str
    type: EventType
    customer: str
    object: str | None
    account: str | None
    livemode: bool
    actor: str | None
    idempotency_keys: tuple[str, ...]
    created: int
    source: Literal["portal", "stripe"] = "portal"

    @property
    def by_portal(self) -> bool:
        """Whether something done in the portal caused it."""
        return self.source == "portal" or any(key.startswith("pe:") for key in self.idempotency_keys)


@dataclass(frozen=True, kw_only=True)
class AuditRecord:
    """One attempt to change something, whatever became of it: a line for a log that is only ever appended to.

    `action` is the portal's name for it ("cancellations.create"), `outcome` "done", "failed", or the kind of refusal
    ("Declined", "NotFound", …). `request` and `session` are the names that the portal's own log has. Else as `PortalEvent`.
    """

    action: str
    outcome: str
    customer: str
    object: str | None
    account: str | None
    livemode: bool
    actor: str | None
    by_mail: bool
    session: str
    request: str
    idempotency_keys: tuple[str, ...]
    created: int


EventCallable = Callable[[PortalEvent], Awaitable[object] | object]
AuditCallable = Callable[[AuditRecord], Awaitable[object] | object]


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """What the host wants to be called for. Sync callables run in a thread. One that fails is a line in the log.

    `event` and `audit` hear: they are called after the customer has been answered, with 10 seconds and a second try.
    "portal.opened" is not told where `identity=` says who is there. What is under way when the process ends is lost.

    The others decide, and a page waits for them:
    - `changes` says what a plan may change to, and which may be started (3 seconds; without an answer neither is done). The pages
      that show a plan ask too, for the words where nothing may be changed (1 second),
    - `step_up` whether somebody must first prove once more who they are (3 seconds; without an answer nothing is done). It is not
      asked about canceling, staying and paying,
    - `offers` what is offered to who is about to cancel (3 seconds; else nothing, they go on),
    - `navigation` further links (1 second on every page; else none),
    - `challenge` is a CAPTCHA.

    None of them can keep anybody from canceling or paying.
    """

    event: EventCallable | None = None
    audit: AuditCallable | None = None
    changes: ChangesCallable | None = None
    offers: OffersCallable | None = None
    step_up: StepUpCallable | None = None
    navigation: NavigationCallable | None = None
    challenge: Challenge | None = None
