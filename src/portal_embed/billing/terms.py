"""Which terms hold for a session: those of its own configuration, else of the portal's."""

from __future__ import annotations

import logging
from dataclasses import replace
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

    async def of(self, configuration: str | None, account: str | None, *, livemode: bool) -> Terms:
        """The terms of a session. `configuration`: as its link named it, None for what holds otherwise.

        Named by the session, else by the Stripe account, else by the portal: a name of the host's, "bpc_…", or "default".
        Raises `StripeUnavailable`, and `StripeMisconfigured` for one that Stripe does not know or that is inactive.
        """
        return await self.in_brand_colors(
            await self._found(configuration, account, livemode=livemode), livemode=livemode
        )

    async def in_brand_colors(self, terms: Terms, *, livemode: bool) -> Terms:
        """`terms` with the look complete where it takes its colours from Stripe; never raises, and waits two seconds at most."""
        if terms.theme.colors_from is None:
            return terms
        brand = (await self._accounts.of(terms.theme_of, livemode=livemode).branding.read()).color
        for sentence in terms.theme.told_of(brand):
            if (about := f"{terms.theme_of}: {sentence}") not in self._told:
                self._told.add(about)
                logger.warning("the branding of %s: %s", terms.theme_of or "the Stripe account", sentence)
        return replace(terms, theme=terms.theme.in_color(brand))

    async def _found(self, configuration: str | None, account: str | None, *, livemode: bool) -> Terms:
        merchant = self._config.accounts.get(account or "")
        name = configuration or (merchant.configuration if merchant is not None else None) or self._config.configuration
        if name is None:
            return self._config.terms_of(self._config.own, account) if account is not None else self._config.terms
        if name in self._config.configurations:
            return self._config.terms_of(self._config.configurations[name], account)
        # The sessions of a connected account have the platform's configurations, as with Stripe's portal.
        owner = account if merchant is not None and merchant.has_own_keys else None
        try:
            found = await self._accounts.of(owner, livemode=livemode).configurations.read(name)
        except NotFound as error:
            raise StripeMisconfigured(
                f"the portal configuration {name!r} is not in the Stripe account: {error}"
            ) from error
        if not found.active:
            raise StripeMisconfigured(f"the portal configuration {found.id} is inactive in Stripe")
        self._tell(found)
        stripes = configuration_of(found)
        # Stripe's has no word about starting a plan, so there the host's own holds.
        starting = self._config.features.subscription_create
        features = replace(stripes.features, subscription_create=starting)
        return self._config.terms_of(replace(stripes, features=features), account)

    def _tell(self, found: PortalConfiguration) -> None:
        """Say once in the log what of it this portal does not do."""
        if found.id in self._told:
            return
        self._told.add(found.id)
        for setting, sentence in not_taken(found).items():
            logger.warning("portal configuration %s: %s: %s", found.id, setting, sentence)
