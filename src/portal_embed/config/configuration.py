"""What holds for a session: what its customer may do, what is on offer, and who the host is to them.

A `Configuration` is the host's answer under the names of Stripe's `billing_portal.Configuration`; a portal has one of
its own, others by name, and may read some from Stripe. `Terms` is what one session reads: a configuration with every
gap filled from the portal's settings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal_embed.config.features import BusinessProfile, Features

if TYPE_CHECKING:
    from portal_embed.config.catalog import Catalog
    from portal_embed.config.theme import Theme


_STRIPES = re.compile(r"default|bpc_[A-Za-z0-9]{1,60}")


def is_stripes_configuration(name: str) -> bool:
    """Whether `name` names a configuration of the merchant's Stripe account: its id, or "default"."""
    return _STRIPES.fullmatch(name) is not None


@dataclass(frozen=True, kw_only=True)
class LoginPage:
    """A page at `/login` where customers sign in by email, without the host. It needs `PortalConfig(mail=…)`.

    `may_be_framed` lets the embedding origins frame it, and the page at `/recover` that asks for an address.
    """

    enabled: bool = False
    may_be_framed: bool = False


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One way the portal can be: `create_session(configuration="trial")` picks it for a session.

    `default_return_url` serves sessions that name no `return_url`. `catalog` is ours: None means the portal's own.
    """

    features: Features = field(default_factory=Features)
    business_profile: BusinessProfile = field(default_factory=BusinessProfile)
    default_return_url: str | None = None
    catalog: Catalog | None = None


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What holds for one session. `publishable_key` is for Stripe.js; `connected_account` is its `stripeAccount`: "acct_…"
    for a connected account, None where the keys are the account's own. `theme_of` names the account whose look it is.
    """

    features: Features
    business_profile: BusinessProfile
    catalog: Catalog
    theme: Theme
    publishable_key: str
    connected_account: str | None
    theme_of: str | None
    return_url: str | None
