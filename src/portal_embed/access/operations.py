"""One form, one effect: the operation token in the hidden field `_op`, and what is derived from it.

The token is a signed value in the form, not session state: a random nonce, bound to the session and the action.
Stripe's idempotency key comes from it, so a double click, Back and resubmit, or a second worker cannot make a second
effect.
"""

from __future__ import annotations

import json
import logging
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.access import keys
from portal_embed.errors import Conflict, FormRefused, StoreUnavailable, StripeUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from portal_embed.access.session import Session
    from portal_embed.config import PortalConfig, Store

logger = logging.getLogger("portal_embed")

_PURPOSE = "operation"
_REMEMBERED = 24 * 60 * 60
"""Seconds, at least: Stripe repeats its answer to a key for a day or longer. A form lives as long as its session may."""
_LOCK_LIFE = 120.0
"""Seconds. Longer than a deed whose calls to Stripe all time out and are retried."""
_LOCK_WAIT = 10.0


@dataclass(frozen=True)
class Operation:
    """One submission of one rendered form by one session."""

    nonce: str
    customer: str
    action: str

    def idempotency_key(self, step: str = "") -> str:
        """The `Idempotency-Key` for one Stripe write of this operation. `step` tells several writes of one action apart."""
        return "pe:" + keys.digest(self.nonce, self.customer, self.action, step)


class Operations:
    """Makes and opens operation tokens, and remembers what each was used for."""

    def __init__(self, config: PortalConfig, store: Store) -> None:
        """The store holds hashes only."""
        self.config = config
        self.store = store
        self._remembered = max(_REMEMBERED, config.session_absolute)

    def issue(self, session: Session, action: str) -> str:
        """A fresh token for a form. `action` names the deed and its object: "cancellations.create:sub_123"."""
        claims = {"v": 1, "typ": _PURPOSE, "n": secrets.token_urlsafe(16), "s": session.digest, "a": action}
        return keys.sign(self.config, _PURPOSE, claims)

    def open(self, value: object, session: Session, action: str) -> Operation:
        """The operation `value` stands for; `FormRefused` when it is missing, or of another session or action."""
        try:
            claims = keys.unsign(self.config, _PURPOSE, value)
        except keys.Unsigned as refused:
            raise FormRefused(f"operation token: {refused}") from None
        if (
            (claims.get("v"), claims.get("typ")) != (1, _PURPOSE)
            or claims.get("s") != session.digest
            or claims.get("a") != action
        ):
            raise FormRefused("operation token of another session or action")
        return Operation(nonce=str(claims["n"]), customer=session.customer, action=action)

    async def claim(self, operation: Operation, params: Mapping[str, object]) -> bool:
        """Bind `operation` to what the form asked for. True the first time, False for the same form sent again.

        Raises `Conflict` when the same token comes with other parameters: that is not a repetition, and Stripe would
        refuse it too.
        """
        asked = json.dumps(dict(params), sort_keys=True, default=str)
        fingerprint = keys.digest(operation.nonce, asked)
        before = await self.store.put_once(keys.store_key("operation", operation.nonce), fingerprint, self._remembered)
        if before is not None and before != fingerprint:
            raise Conflict("the same form was sent before with other values")
        return before is None

    @asynccontextmanager
    async def lock(self, session: Session, name: str, *, wait: float | None = None) -> AsyncIterator[None]:
        """`async with`: hold one deed of one customer alone, for reads and writes that must not interleave.

        `name`: such as "subscription:sub_123". Waits up to `wait` seconds (10); then the deed before, perhaps the very same
        click, is still under way, and nobody knows yet what comes of it: `StripeUnavailable` with `outcome_unknown`.
        """
        key = keys.store_key("lock", session.account, str(session.livemode), session.customer, name)
        held = self.store.lock(key, _LOCK_LIFE, _LOCK_WAIT if wait is None else wait)
        try:
            await held.__aenter__()
        except Conflict as busy:
            raise StripeUnavailable(f"still under way: {busy}", outcome_unknown=True) from busy
        try:
            yield
        finally:
            try:
                await held.__aexit__(None, None, None)
            except StoreUnavailable as error:
                # What was done is done; the lock lapses by itself.
                logger.warning("a lock could not be given back: %s", error)
