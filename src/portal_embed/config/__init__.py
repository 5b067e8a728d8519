"""What the host decides: settings, features, catalog, look. Frozen, checked when built, knowing no other room."""

from .catalog import Catalog, Plan, Quantity
from .contracts import Identity, IdentityCallable, Store
from .features import (
    FEEDBACK,
    AllowedUpdate,
    BillingCycleAnchor,
    BusinessProfile,
    CancellationReason,
    CancelMode,
    CancelProration,
    Features,
    Feedback,
    InvoiceHistory,
    PaymentMethodUpdate,
    SubscriptionCancel,
    SubscriptionUpdate,
    TrialUpdate,
    UpdateProration,
)
from .settings import PortalConfig
from .stripe_hosts import StripeHosts
from .theme import Theme

__all__ = [
    "FEEDBACK",
    "AllowedUpdate",
    "BillingCycleAnchor",
    "BusinessProfile",
    "CancelMode",
    "CancelProration",
    "CancellationReason",
    "Catalog",
    "Features",
    "Feedback",
    "Identity",
    "IdentityCallable",
    "InvoiceHistory",
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
