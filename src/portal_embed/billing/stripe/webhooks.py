"""Events as Stripe posts them: whether they are Stripe's, and the little that is read of them.

Source: docs.stripe.com/webhooks, "Verify webhook signatures". The SDK checks signature and age; it takes times that lie in the
future, and raises whatever its parser does, so both are looked at here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import stripe

if TYPE_CHECKING:
    from collections.abc import Iterable

TOLERANCE = 300
"""Seconds that an event's signature may lie in the past, or in the future."""

_TIME = re.compile(r"(?:^|,)t=([0-9]{1,12})(?:,|$)")


class NotStripes(Exception):
    """A body that no secret of ours has signed, that is too old or from the future, or that is no event."""


class EventRequest(msgspec.Struct, frozen=True):
    """The call that made an event; its key is None when Stripe acted by itself."""

    idempotency_key: str | None = None


class EventObject(msgspec.Struct, frozen=True):
    """Of the object only its name and whose it is. Whatever else stands there is not looked at, and must not matter."""

    id: Any = None
    object: Any = None
    customer: Any = None


class EventData(msgspec.Struct, frozen=True):
    """`data` of an event."""

    object: EventObject
    previous_attributes: EventObject | None = None

    @property
    def customer(self) -> str | None:
        """Whose it is; of a payment method that was detached, whose it was."""
        was = self.previous_attributes.customer if self.previous_attributes is not None else None
        found = self.object.id if self.object.object == "customer" else self.object.customer or was
        return found if isinstance(found, str) else None


class StripeEvent(msgspec.Struct, frozen=True):
    """An event. `created` in seconds since 1970; `account` of a connected account, None for the endpoint's own."""

    id: str
    type: str
    created: int
    livemode: bool
    data: EventData
    account: str | None = None
    request: EventRequest | None = None


def read(body: bytes, header: str, secrets: Iterable[str], now: float) -> StripeEvent:
    """The event in `body`, signed by one of `secrets` (several while one is replaced). `now`: seconds since 1970.

    Raises `NotStripes`.
    """
    signed_at = _TIME.search(header)
    if signed_at is None or abs(now - int(signed_at[1])) > TOLERANCE:
        raise NotStripes("time")
    if not any(_is_signed(body, header, secret) for secret in secrets):
        raise NotStripes("signature")
    try:
        return msgspec.json.decode(body, type=StripeEvent)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NotStripes("not an event") from None


def _is_signed(body: bytes, header: str, secret: str) -> bool:
    try:
        # Its age was looked at above, by the portal's own clock.
        return bool(stripe.WebhookSignature.verify_header(body.decode(), header, secret, tolerance=None))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
