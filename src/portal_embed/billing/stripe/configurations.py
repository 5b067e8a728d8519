"""Calls about the merchant's own portal configurations: the same for every customer, so kept for a minute per process."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from portal_embed.billing.stripe.objects import Listing, PortalConfiguration
from portal_embed.errors import NotFound, StripeUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.billing.stripe.client import StripeClient

logger = logging.getLogger("portal_embed.stripe")

DEFAULT = "default"
LIFE_SECONDS = 60
_PRODUCTS = "features.subscription_update.products"
"""Sent only when expanded (`x-expandableFields` of Stripe's OpenAPI schema `portal_subscription_update`)."""


async def retrieve(stripe: StripeClient, name: str) -> PortalConfiguration:
    """One configuration, by its id ("bpc_…"), or the account's default one by the name "default". Raises `NotFound`."""
    if name != DEFAULT:
        return await stripe.get(PortalConfiguration, f"/v1/billing_portal/configurations/{name}", expand=[_PRODUCTS])
    page = await stripe.get(
        Listing[PortalConfiguration],
        "/v1/billing_portal/configurations",
        is_default=True,
        limit=1,
        expand=[f"data.{_PRODUCTS}"],
    )
    if not page.data:
        raise NotFound("the account has no default portal configuration: save one in Stripe's dashboard")
    return page.data[0]


class ConfigurationReader:
    """Configurations of one Stripe account, read at most once a minute.

    While Stripe does not answer, the last one read goes on holding: what customers may do must not change with the
    weather.
    """

    def __init__(self, stripe: StripeClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds; tests move it."""
        self._stripe = stripe
        self._clock = clock
        self._kept: dict[str, tuple[float, PortalConfiguration]] = {}

    async def read(self, name: str) -> PortalConfiguration:
        """The configuration with this id, or "default". Raises `NotFound`, `StripeUnavailable`, `StripeMisconfigured`."""
        now = self._clock()
        kept = self._kept.get(name)
        if kept is not None and now - kept[0] < LIFE_SECONDS:
            return kept[1]
        try:
            found = await retrieve(self._stripe, name)
        except StripeUnavailable:
            if kept is None:
                raise
            logger.warning("the portal configuration %s could not be read anew; the last one read holds", name)
            found = kept[1]
        self._kept[name] = (now, found)
        return found
