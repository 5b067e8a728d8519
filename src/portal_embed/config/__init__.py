"""What the host decides: settings, features, catalog, look. Frozen, checked when built, knowing no other room."""

from portal_embed.config.catalog import Catalog, Plan, Quantity
from portal_embed.config.contracts import Identity, IdentityCallable, Mail, MailCallable, Store
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
from portal_embed.config.settings import PortalConfig
from portal_embed.config.stripe_hosts import StripeHosts
from portal_embed.config.theme import Theme

__all__ = [
    "FEEDBACK",
    "AllowedUpdate",
    "BillingCycleAnchor",
    "BusinessProfile",
    "CancelMode",
    "CancelProration",
    "CancellationReason",
    "Catalog",
    "CustomerUpdate",
    "CustomerUpdateField",
    "Features",
    "Feedback",
    "Identity",
    "IdentityCallable",
    "InvoiceField",
    "InvoiceHistory",
    "Mail",
    "MailCallable",
    "PaymentMethodUpdate",
    "Plan",
    "PortalConfig",
    "Quantity",
    "Store",
    "StripeHosts",
    "SubscriptionCancel",
    "SubscriptionUpdate",
    "Theme",
    "TrialUpdate",
    "UpdateProration",
]
