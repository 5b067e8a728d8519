"""How often is too often. Counters live in the store, under hashed keys, in fixed windows of time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.access.keys import store_key
from portal_embed.errors import RateLimited

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.config import PortalConfig, Store

TEST_MODE_FACTOR = 10
"""With Stripe test keys a stolen card cannot be tried out and developers try everything, so limits are this many times as high."""


@dataclass(frozen=True)
class Limit:
    """At most `times` in any window of `seconds`; after more, nothing for `cool_down` seconds where that is set."""

    name: str
    times: int
    seconds: int
    cool_down: int = 0


# Card testing needs many SetupIntents or payment attempts, so those have the tightest limits.
HANDOVER_FAILURES = Limit("handover-failures", 20, 60, cool_down=60 * 60)
"""Key: the client's address."""
SETUP_INTENTS_PER_HOUR = Limit("setup-intents-per-hour", 5, 60 * 60)
"""Key: the customer."""
SETUP_INTENTS_PER_DAY = Limit("setup-intents-per-day", 10, 24 * 60 * 60)
"""Key: the customer."""
INVOICE_PAYMENTS = Limit("invoice-payments", 3, 10 * 60)
"""Key: the customer and the invoice."""
SUBSCRIPTION_CHANGES = Limit("subscription-changes", 10, 60 * 60)
"""Key: the customer."""
PROMOTION_GUESSES = Limit("promotion-guesses", 10, 60 * 60, cool_down=60 * 60)
"""Key: the customer. Codes that were not taken; one that is taken does not count."""
STARTS = Limit("starts", 6, 60 * 60)
"""Key: the customer. Each may be a payment attempt."""
LOGINS = Limit("logins", 10, 10 * 60)
"""Key: the client's address. Codes asked for, and codes and links tried."""
LOGIN_MAILS = Limit("login-mails", 5, 60 * 60)
"""Key: the address that is written to. What is over it is not sent, and nobody is told."""
RECOVERY_MAILS = Limit("recovery-mails", 5, 60 * 60)
"""Key: the address that is written to, as above; apart, so that nobody can use up the one by asking for the other."""
DETAIL_CHANGES = Limit("detail-changes", 30, 60 * 60)
"""Key: the customer."""
EMAIL_CHANGES_PER_HOUR = Limit("email-changes-per-hour", 3, 60 * 60)
"""Key: the customer. Each sends a letter to an address that anybody may have typed."""
EMAIL_CHANGES_PER_DAY = Limit("email-changes-per-day", 10, 24 * 60 * 60)
"""Key: the address that the letter would go to, whoever asks."""
REQUESTS = Limit("requests", 120, 60)
"""Key: the session. Counted by the guard; static files do not count."""
POSTS = Limit("posts", 30, 60)
"""Key: the session. Counted by the guard."""


class Limits:
    """Counts, and says when it is enough."""

    def __init__(self, config: PortalConfig, store: Store, clock: Callable[[], float] = time.time) -> None:
        """`clock`: seconds since 1970, the same for all processes."""
        self.store = store
        self._clock = clock
        self._factor = 1 if config.livemode else TEST_MODE_FACTOR

    async def rest(self, limit: Limit, *key: str | None) -> None:
        """Raise `RateLimited` while `key` cools down, and count nothing: for what counts only once it has gone wrong."""
        if limit.cool_down and await self.store.get(store_key("cool-down", limit.name, *key)) is not None:
            raise RateLimited(f"limit {limit.name}: cooling down", retry_after=limit.cool_down)

    async def check(self, limit: Limit, *key: str | None) -> None:
        """Count one more for `key` and raise `RateLimited` when it is one too many."""
        await self.rest(limit, *key)
        cooling = store_key("cool-down", limit.name, *key)
        window, elapsed = divmod(self._clock(), limit.seconds)
        count = await self.store.incr(store_key("limit", limit.name, str(int(window)), *key), limit.seconds)
        if count <= limit.times * self._factor:
            return
        if limit.cool_down:
            await self.store.put(cooling, "1", limit.cool_down)
        raise RateLimited(f"limit {limit.name}", retry_after=limit.cool_down or int(limit.seconds - elapsed) + 1)
