"""What the host decides: settings, features, catalog, look. Frozen, checked when built, knowing no other room."""

from portal_embed.config.accounts import StripeAccount
from portal_embed.config.catalog import Catalog, Plan, Quantity
from portal_embed.config.configuration import Configuration, LoginPage, Terms
from portal_embed.config.contracts import Identity, IdentityCallable, InsidePage, LayoutCallable, Store
from portal_embed.config.features import (
    FEEDBACK,
    AllowedUpdate,
    BillingCycleAnchor,
    BusinessProfile,
    CancellationReason,
    CancelMode,
    CancelProration,
    CustomerUpdate,
    CustomerUpdateField,
    Features,
    Feedback,
    InvoiceField,
    InvoiceHistory,
    PaymentMethodUpdate,
    SubscriptionCancel,
    SubscriptionUpdate,
    TrialUpdate,
    UpdateProration,
)
from portal_embed.config.hooks import AuditRecord, EventType, Hooks, PortalEvent
from portal_embed.config.mails import Mail, MailCallable, MailKind, MailReceipts
from portal_embed.config.settings import PortalConfig
from portal_embed.config.stripe_hosts import StripeHosts
from portal_embed.config.theme import Theme

__all__ = [
    "FEEDBACK",
    "AllowedUpdate",
    "AuditRecord",
    "BillingCycleAnchor",
    "BusinessProfile",
    "CancelMode",
    "CancelProration",
    "CancellationReason",
    "Catalog",
    "Configuration",
    "CustomerUpdate",
    "CustomerUpdateField",
    "EventType",
    "Features",
    "Feedback",
    "Hooks",
    "Identity",
    "IdentityCallable",
    "InsidePage",
    "InvoiceField",
    "InvoiceHistory",
    "LayoutCallable",
    "LoginPage",
    "Mail",
    "MailCallable",
    "MailKind",
    "MailReceipts",
    "PaymentMethodUpdate",
    "Plan",
    "PortalConfig",
    "PortalEvent",
    "Quantity",
    "Store",
    "StripeAccount",
    "StripeHosts",
    "SubscriptionCancel",
    "SubscriptionUpdate",
    "Terms",
    "Theme",
    "TrialUpdate",
    "UpdateProration",
]
