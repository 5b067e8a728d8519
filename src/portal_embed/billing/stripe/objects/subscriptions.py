"""What is billed again and again."""

from __future__ import annotations

from msgspec import Struct

from portal_embed.billing.stripe.objects.catalog import Discount, Price
from portal_embed.billing.stripe.objects.invoices import Invoice
from portal_embed.billing.stripe.objects.payment_methods import PaymentMethod
from portal_embed.billing.stripe.objects.shared import Listing


class SubscriptionItem(Struct, frozen=True, kw_only=True):
    """One price of a subscription. Periods live here, not on the subscription."""

    id: str
    price: Price
    current_period_start: int
    current_period_end: int
    quantity: int | None = None


class BillingMode(Struct, frozen=True, kw_only=True):
    """How it bills: "flexible" (the default of today) or "classic"; decides how a cancellation is written."""

    type: str = "classic"


class CancellationDetails(Struct, frozen=True, kw_only=True):
    """Why a subscription is being canceled."""

    comment: str | None = None
    feedback: str | None = None
    reason: str | None = None


class PendingItem(Struct, frozen=True, kw_only=True):
    """An item as a pending update would make it."""

    id: str
    price: Price
    quantity: int | None = None


class PendingUpdate(Struct, frozen=True, kw_only=True):
    """A change that takes effect only when its invoice is paid, at the latest by `expires_at`."""

    expires_at: int
    subscription_items: tuple[PendingItem, ...] | None = None


class PauseCollection(Struct, frozen=True, kw_only=True):
    """Collection is paused; the service goes on."""

    behavior: str
    resumes_at: int | None = None


class ManagedPayments(Struct, frozen=True, kw_only=True):
    """Whether Stripe is the merchant of record; its payment method cannot be changed through the API then."""

    enabled: bool = False


class Subscription(Struct, frozen=True, kw_only=True):
    """A subscription. `cancel_at` and `cancel_at_period_end` may each mean "it is ending": ask `billing.subscriptions.ends_at`."""

    id: str
    customer: str
    status: str
    currency: str
    items: Listing[SubscriptionItem]
    created: int = 0
    livemode: bool = False
    billing_mode: BillingMode = BillingMode()
    cancel_at: int | None = None
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    ended_at: int | None = None
    cancellation_details: CancellationDetails | None = None
    collection_method: str = "charge_automatically"
    default_payment_method: str | PaymentMethod | None = None
    default_source: str | None = None
    description: str | None = None
    discounts: tuple[str | Discount, ...] | None = None
    latest_invoice: str | Invoice | None = None
    managed_payments: ManagedPayments | None = None
    pause_collection: PauseCollection | None = None
    pending_update: PendingUpdate | None = None
    schedule: str | None = None
    trial_start: int | None = None
    trial_end: int | None = None
