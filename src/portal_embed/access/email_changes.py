"""The link that confirms a new email: it goes to the new address, and whoever opens it there proves that it is theirs.

Nothing is kept meanwhile. The link itself holds customer, account, old and new address, signed for this purpose alone;
it works once, within 24 hours, and only while the customer still has the old address.
"""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.access import keys, tokens
from portal_embed.errors import Conflict, LinkRefused, StripeUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from portal_embed.access.session import Session
    from portal_embed.config import PortalConfig, Store

LIFE = 24 * 60 * 60
"""Seconds."""
_PURPOSE = "email_change"
_LOCK_LIFE, _LOCK_WAIT = 120.0, 10.0


@dataclass(frozen=True)
class EmailChange:
    """One change that waits for its confirmation. `old` is "" for a customer who has no email yet; `locale` is the
    reader's; `issued`, `expires`: seconds since 1970.
    """

    customer: str
    customer_account: str | None
    account: str | None
    configuration: str | None
    livemode: bool
    old: str
    new: str
    locale: str | None
    actor: str | None
    nonce: str
    issued: float
    expires: int

    def idempotency_key(self, step: str) -> str:
        """The `Idempotency-Key` of what the link writes: the same however often its button is pressed."""
        return "pe:" + keys.digest(_PURPOSE, self.nonce, self.customer, step)


class EmailChanges:
    """Makes and opens confirmation links."""

    def __init__(self, config: PortalConfig, store: Store) -> None:
        """The store holds hashes of used links only."""
        self.config = config
        self.store = store

    def issue(self, session: Session, *, old: str, new: str, locale: str | None, now: float) -> str:
        """The signed value for a link to `new`, asked for in `session`. `now`: unix seconds."""
        claims = {
            "v": 1,
            "typ": _PURPOSE,
            "aud": self.config.base_url,
            "cus": session.customer,
            "cacct": session.customer_account,
            "acc": session.account,
            "cfg": session.configuration,
            "live": session.livemode,
            "old": old,
            "new": new,
            "loc": locale,
            "sub": session.actor,
            "n": secrets.token_urlsafe(16),
            "us": int(now * 1_000_000),
            "exp": int(now) + LIFE,
        }
        return keys.sign(self.config, _PURPOSE, claims)

    def open(self, value: object, now: float) -> EmailChange:
        """The change that a link stands for. Raises `LinkRefused` when it is not ours, too old, or of other Stripe keys."""
        try:
            claims = keys.unsign(self.config, _PURPOSE, value)
        except keys.Unsigned as refused:
            raise LinkRefused(str(refused)) from None
        if (claims.get("v"), claims.get("typ"), claims.get("live")) != (1, _PURPOSE, self.config.livemode):
            raise LinkRefused("purpose")
        if claims.get("aud") != self.config.base_url:
            raise LinkRefused("audience")
        if now >= claims["exp"]:
            raise LinkRefused("expired")
        if not tokens.is_customer(claims["cus"]):
            raise LinkRefused("customer")
        return EmailChange(
            customer=claims["cus"],
            customer_account=claims["cacct"],
            account=claims["acc"],
            configuration=claims["cfg"],
            livemode=claims["live"],
            old=claims["old"],
            new=claims["new"],
            locale=claims["loc"],
            actor=claims["sub"],
            nonce=claims["n"],
            issued=claims["us"] / 1_000_000,
            expires=claims["exp"],
        )

    async def is_used(self, change: EmailChange) -> bool:
        """Whether the link has had its effect."""
        return await self.store.get(self._key("email-change-used", change)) is not None

    @asynccontextmanager
    async def applying(self, change: EmailChange) -> AsyncIterator[bool]:
        """`async with … as again`: use the link alone. `again`: it has had its effect before; what then fails undoes nothing.

        Marked as used only when the block ends well, so that an outage does not burn the link.
        """
        used = self._key("email-change-used", change)
        held = self.store.lock(self._key("email-change-lock", change), _LOCK_LIFE, _LOCK_WAIT)
        try:
            await held.__aenter__()
        except Conflict as busy:
            raise StripeUnavailable(f"still under way: {busy}", outcome_unknown=True) from busy
        try:
            yield await self.store.get(used) is not None
            await self.store.put(used, "1", LIFE)
        finally:
            await held.__aexit__(None, None, None)

    def _key(self, purpose: str, change: EmailChange) -> str:
        return keys.store_key(purpose, change.account, change.customer, change.nonce)
