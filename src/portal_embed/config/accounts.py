"""Several Stripe accounts behind one portal: two companies with keys of their own, or the connected accounts of a platform."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal_embed.config.catalog import Catalog
    from portal_embed.config.features import BusinessProfile
    from portal_embed.config.theme import Theme


@dataclass(frozen=True, kw_only=True)
class StripeAccount:
    """How the portal serves one Stripe account, beside its own: `PortalConfig(accounts={"acct_…": StripeAccount(…)})`.

    With both keys it is an account of its own. Without them it is a connected account of the platform whose keys the
    portal has, and calls carry `Stripe-Account`. What is None is the portal's. `configuration` is a name of the portal's
    configurations, or one in this very Stripe account ("bpc_…", "default"); a connected account has the platform's.
    """

    secret_key: str | None = field(default=None, repr=False)
    publishable_key: str | None = None
    catalog: Catalog | None = None
    business_profile: BusinessProfile | None = None
    theme: Theme | None = None
    configuration: str | None = None

    @property
    def has_own_keys(self) -> bool:
        """Whether it is reached with keys of its own, and not as a connected account."""
        return self.secret_key is not None
