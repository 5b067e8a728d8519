"""Which Stripe account a session is about, and the one client and catalog kept for each."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from portal_embed.billing.account import CustomerAccount
from portal_embed.billing.stripe.catalog import CatalogReader
from portal_embed.billing.stripe.client import StripeClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.config import PortalConfig


class StripeAccounts:
    """Everything kept per (account, livemode): one portal may serve several Stripe accounts."""

    def __init__(self, config: PortalConfig, clock: Callable[[], float] = time.time) -> None:
        """Makes no connection yet. `clock`: seconds since 1970."""
        self._config = config
        self._clock = clock
        self._kept: dict[tuple[str | None, bool], tuple[StripeClient, CatalogReader]] = {}

    def customer(self, key: tuple[str | None, bool, str]) -> CustomerAccount:
        """The door to one customer. `key`: (account, livemode, customer), as the session has it."""
        account, livemode, customer = key
        client, catalog = self._for(account, livemode=livemode)
        return CustomerAccount(client, catalog, customer, clock=self._clock)

    async def aclose(self) -> None:
        """Close this event loop's connections."""
        for client, _ in self._kept.values():
            await client.aclose()

    def _for(self, account: str | None, *, livemode: bool) -> tuple[StripeClient, CatalogReader]:
        kept = self._kept.get((account, livemode))
        if kept is None:
            client = StripeClient(
                secret_key=self._config.stripe_secret_key, api_base=self._config.stripe_api_base, account=account
            )
            kept = self._kept[account, livemode] = (client, CatalogReader(client))
        return kept
