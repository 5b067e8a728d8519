"""The merchant's branding at Stripe: the same for every customer, so kept for a minute per process. Only ever decoration."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from typing import TYPE_CHECKING

from msgspec import Struct

from portal_embed.errors import PortalError, StripeMisconfigured

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.billing.stripe.client import StripeClient

logger = logging.getLogger("portal_embed.stripe")

LIFE_SECONDS = 60
REFUSED_SECONDS = 60 * 60
"""A key that may not read the account will not be allowed to by the next minute."""
PATIENCE_SECONDS = 2.0
"""No customer waits longer for a colour."""

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")


class Branding(Struct, frozen=True, kw_only=True):
    """What the merchant chose in Stripe's dashboard. Logos are not read: they are files without a public address, and making
    one public is the merchant's to do.
    """

    primary_color: str | None = None
    secondary_color: str | None = None

    @property
    def color(self) -> str | None:
        """The colour of links and buttons, "#rrggbb": the secondary one, the dashboard's "accent color" that Stripe's own
        pages paint their buttons with, else the primary one; None where neither is chosen.
        """
        spelled = [(color or "").strip().lower() for color in (self.secondary_color, self.primary_color)]
        found = next((color for color in spelled if _HEX.fullmatch(color)), None)
        if found is None or len(found) == len("#rrggbb"):
            return found
        return "#" + "".join(digit * 2 for digit in found[1:])


class _Settings(Struct, frozen=True, kw_only=True):
    branding: Branding = Branding()


class _Account(Struct, frozen=True, kw_only=True):
    settings: _Settings | None = None


async def retrieve(stripe: StripeClient) -> Branding:
    """The branding of the account that the client calls. Raises `StripeUnavailable`, and `StripeMisconfigured` for a key
    that may not read accounts.
    """
    account = await stripe.get(_Account, "/v1/account")
    return account.settings.branding if account.settings is not None else Branding()


class BrandingReader:
    """The branding of one Stripe account, read at most once a minute, and never an error: what cannot be read is as it was,
    or as if nothing had been chosen.
    """

    def __init__(self, stripe: StripeClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds; tests move it."""
        self._stripe = stripe
        self._clock = clock
        self._kept: Branding | None = None
        self._until = float("-inf")

    async def read(self) -> Branding:
        """What is known by now, after at most `PATIENCE_SECONDS`."""
        now = self._clock()
        if self._kept is not None and now < self._until:
            return self._kept
        if self._kept is not None:
            self._until = now + LIFE_SECONDS  # one asks anew; whoever comes meanwhile takes the last one
        life = LIFE_SECONDS
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                self._kept = await retrieve(self._stripe)
        except StripeMisconfigured as error:
            life = REFUSED_SECONDS
            logger.warning("the account's brand colours may not be read, the portal's own are shown: %s", error)
        except (PortalError, TimeoutError) as error:
            logger.warning("the account's brand colours could not be read: %r", error)
        self._kept, self._until = self._kept or Branding(), now + life
        return self._kept
