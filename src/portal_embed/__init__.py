"""portal_embed: the customer billing portal that a SaaS company mounts inside its own site."""

from portal_embed.access.links import PortalSession as PortalSession
from portal_embed.config import AuditRecord as AuditRecord
from portal_embed.config import BusinessProfile as BusinessProfile
from portal_embed.config import Catalog as Catalog
from portal_embed.config import Configuration as Configuration
from portal_embed.config import Features as Features
from portal_embed.config import Hooks as Hooks
from portal_embed.config import Identity as Identity
from portal_embed.config import LoginPage as LoginPage
from portal_embed.config import Mail as Mail
from portal_embed.config import MailReceipts as MailReceipts
from portal_embed.config import Plan as Plan
from portal_embed.config import PortalConfig as PortalConfig
from portal_embed.config import PortalEvent as PortalEvent
from portal_embed.config import Quantity as Quantity
from portal_embed.config import StripeAccount as StripeAccount
from portal_embed.config import Theme as Theme
from portal_embed.errors import ConfigError as ConfigError
from portal_embed.errors import PortalError as PortalError
from portal_embed.portal import Portal as Portal

__all__ = [
    "AuditRecord",
    "BusinessProfile",
    "Catalog",
    "ConfigError",
    "Configuration",
    "Features",
    "Hooks",
    "Identity",
    "LoginPage",
    "Mail",
    "MailReceipts",
    "Plan",
    "Portal",
    "PortalConfig",
    "PortalError",
    "PortalEvent",
    "PortalSession",
    "Quantity",
    "StripeAccount",
    "Theme",
]
