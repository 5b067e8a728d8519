"""Which terms hold for a session: those of its own configuration, else of the portal's."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from portal_embed.billing.configurations import configuration_of, not_taken
from portal_embed.errors import NotFound, StripeMisconfigured

if TYPE_CHECKING:
    from portal_embed.billing.accounts import StripeAccounts
    from portal_embed.billing.stripe.objects import PortalConfiguration
    from portal_embed.config import PortalConfig, Terms

logger = logging.getLogger("portal_embed")


class TermsReader:
    """Finds the terms of each session: in the settings, or in the merchant's Stripe account."""

    def __init__(self, config: PortalConfig, accounts: StripeAccounts) -> None:
        """Reads nothing yet."""
        self._config = config
        self._accounts = accounts
        self._told: set[str] = set()

    async def of(self, configuration: str | None, *, livemode: bool) -> Terms:
        """The terms of a session.

        `configuration`: a name of the host's, "bpc_…" or "default" for one in Stripe; None for the portal's own. A session
        on a connected account uses the platform's configurations, as Stripe's portal does. Raises `StripeUnavailable`, and
        `StripeMisconfigured` for a configuration that Stripe does not know or that is inactive.
        """
        name = configuration or self._config.configuration
        if name is None:
            return self._config.terms
        if name in self._config.configurations:
            return self._config.terms_of(self._config.configurations[name])
        try:
            found = await self._accounts.of(None, livemode=livemode).configurations.read(name)
        except NotFound as error:
            raise StripeMisconfigured(
                f"the portal configuration {name!r} is not in the Stripe account: {error}"
            ) from error
        if not found.active:
            raise StripeMisconfigured(f"the portal configuration {found.id} is inactive in Stripe")
        self._tell(found)
        return self._config.terms_of(configuration_of(found))

    def _tell(self, found: PortalConfiguration) -> None:
        """Say once in the log what of it this portal does not do."""
        if found.id in self._told:
            return
        self._told.add(found.id)
        for setting, sentence in not_taken(found).items():
            logger.warning("portal configuration %s: %s: %s", found.id, setting, sentence)
