"""Which Stripe account a session is about, and what is kept for each: one client, one catalog, its configurations, its branding."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal_embed.billing.account import CustomerAccount
from portal_embed.billing.stripe import customers
from portal_embed.billing.stripe.branding import BrandingReader
from portal_embed.billing.stripe.catalog import CatalogReader
from portal_embed.billing.stripe.client import StripeClient
from portal_embed.billing.stripe.configurations import ConfigurationReader
from portal_embed.billing.stripe.feedback_options import FeedbackReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.billing.stripe.objects import Customer
    from portal_embed.config import PortalConfig


@dataclass(frozen=True)
class Merchant:
    """What this process keeps of one Stripe account; nothing about any customer."""

    client: StripeClient
    catalog: CatalogReader
    configurations: ConfigurationReader
    branding: BrandingReader
    feedback: FeedbackReader


class StripeAccounts:
    """Everything kept per (account, livemode): one portal may serve several Stripe accounts."""

    def __init__(self, config: PortalConfig, clock: Callable[[], float] = time.time) -> None:
        """Makes no connection yet. `clock`: seconds since 1970."""
        self._config = config
        self._clock = clock
        self._kept: dict[tuple[str | None, bool], Merchant] = {}

    def customer(
        self,
        key: tuple[str | None, bool, str],
        *,
        on_behalf_of: str | None = None,
        only_subscription: str | None = None,
    ) -> CustomerAccount:
        """The door to one customer. `key`: (account, livemode, customer), as the session has it."""
        account, livemode, customer = key
        merchant = self.of(account, livemode=livemode)
        return CustomerAccount(
            merchant.client,
            merchant.catalog,
            customer,
            on_behalf_of=on_behalf_of,
            only_subscription=only_subscription,
            clock=self._clock,
        )

    def of(self, account: str | None, *, livemode: bool) -> Merchant:
        """What is kept of one account; None is the one that the portal's own key belongs to."""
        kept = self._kept.get((account, livemode))
        if kept is None:
            own = self._config.accounts.get(account or "")
            has_keys = own is not None and own.secret_key is not None
            client = StripeClient(
                secret_key=own.secret_key if own is not None and own.secret_key else self._config.stripe_secret_key,
                api_base=self._config.stripe_api_base,
                account=None if has_keys else account,
            )
            kept = Merchant(
                client,
                CatalogReader(client),
                ConfigurationReader(client),
                BrandingReader(client),
                FeedbackReader(client),
            )
            self._kept[account, livemode] = kept
        return kept

    async def customers_of(self, email: str, *, livemode: bool) -> tuple[Customer, ...]:
        """Everybody with this address in the portal's own account, as it is typed or in lower case, newest first.

        Only ASCII has a lower case here: for Unicode a Kelvin sign is a "k" too, and another mailbox. Write to the addresses found.
        """
        client = self.of(None, livemode=livemode).client
        spelled = dict.fromkeys((email, email.lower() if email.isascii() else email))
        found = await asyncio.gather(*(customers.by_email(client, spelling) for spelling in spelled))
        return tuple(
            {customer.id: customer for page in found for customer in page if customer.email in spelled}.values()
        )

    async def aclose(self) -> None:
        """Close this event loop's connections."""
        for kept in self._kept.values():
            await kept.client.aclose()
