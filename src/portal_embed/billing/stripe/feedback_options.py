"""The merchant's own reasons for canceling: the same for every customer, so kept for a minute per process."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import FeedbackOption, Listing
from portal_embed.errors import PortalError

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.billing.stripe.client import StripeClient

logger = logging.getLogger("portal_embed.stripe")

LIFE_SECONDS = 60
MOST = 100


async def active(stripe: StripeClient) -> tuple[FeedbackOption, ...]:
    """Those that may be offered, newest first; at most a hundred."""
    page = await stripe.get(Listing[FeedbackOption], "/v1/billing/feedback_options", status="active", limit=MOST)
    return page.data


class FeedbackReader:
    """The feedback options of one Stripe account, and never an error: what cannot be read is as it was, or not there. Nobody
    is kept from leaving by it.
    """

    def __init__(self, stripe: StripeClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds; tests move it."""
        self._stripe = stripe
        self._clock = clock
        self._kept: dict[str, str] = {}
        self._until = float("-inf")

    async def described(self, ids: tuple[str, ...]) -> dict[str, str]:
        """Of these options the active ones with their words, in this order. Asks Stripe nothing for none."""
        if ids and self._clock() >= self._until:
            try:
                self._kept = {option.id: option.description for option in await active(self._stripe)}
            except PortalError as error:
                logger.warning("the reasons for canceling could not be read, the last ones read are offered: %s", error)
            self._until = self._clock() + LIFE_SECONDS
        return {id: self._kept[id] for id in ids if id in self._kept}
