"""How the merchant's own Stripe portal is set up: `billing_portal.Configuration`."""

from __future__ import annotations

from msgspec import Struct


class CustomerUpdateFeature(Struct, frozen=True, kw_only=True):
    """Which details customers change."""

    enabled: bool = False
    allowed_updates: tuple[str, ...] = ()


class InvoiceHistoryFeature(Struct, frozen=True, kw_only=True):
    """Whether invoices are shown."""

    enabled: bool = False


class PaymentMethodUpdateFeature(Struct, frozen=True, kw_only=True):
    """Whether methods are added and removed, and by which payment method configuration ("pmc_…")."""

    enabled: bool = False
    payment_method_configuration: str | None = None


class FeedbackOption(Struct, frozen=True, kw_only=True):
    """A reason for canceling in the merchant's own words. An inactive one is offered no more."""

    id: str
    description: str
    status: str = "active"


class CancellationReasonFeature(Struct, frozen=True, kw_only=True):
    """The question after a cancellation."""

    enabled: bool = False
    options: tuple[str, ...] = ()
    feedback_options: tuple[str, ...] | None = None


class SubscriptionCancelFeature(Struct, frozen=True, kw_only=True):
    """Canceling."""

    enabled: bool = False
    mode: str = "at_period_end"
    proration_behavior: str = "none"
    cancellation_reason: CancellationReasonFeature = CancellationReasonFeature()


class PauseOption(Struct, frozen=True, kw_only=True):
    """A length that a pause may have."""

    interval: str = "month"
    interval_count: int = 1


class PauseDurationOptions(Struct, frozen=True, kw_only=True):
    """For how long may be paused: "interval_options" or "indefinite"."""

    type: str = "interval_options"
    interval_options: tuple[PauseOption, ...] | None = None


class SubscriptionPauseFeature(Struct, frozen=True, kw_only=True):
    """Pausing."""

    enabled: bool = False
    duration: PauseDurationOptions | None = None


class AdjustableQuantity(Struct, frozen=True, kw_only=True):
    """Whether, and between which numbers, customers choose a quantity. `maximum` None: no limit."""

    enabled: bool = False
    minimum: int = 1
    maximum: int | None = None


class ProductOnOffer(Struct, frozen=True, kw_only=True):
    """A product to switch to, by some of its prices."""

    product: str
    prices: tuple[str, ...] = ()
    adjustable_quantity: AdjustableQuantity = AdjustableQuantity()


class ScheduleCondition(Struct, frozen=True, kw_only=True):
    """A kind of change that waits for the period's end."""

    type: str


class ScheduleAtPeriodEnd(Struct, frozen=True, kw_only=True):
    """Which changes wait for the period's end."""

    conditions: tuple[ScheduleCondition, ...] = ()


class SubscriptionUpdateFeature(Struct, frozen=True, kw_only=True):
    """Switching plan and quantity. `products` is sent only when expanded."""

    enabled: bool = False
    default_allowed_updates: tuple[str, ...] = ()
    proration_behavior: str = "none"
    billing_cycle_anchor: str | None = None
    trial_update_behavior: str = "end_trial"
    schedule_at_period_end: ScheduleAtPeriodEnd = ScheduleAtPeriodEnd()
    products: tuple[ProductOnOffer, ...] | None = None


class PortalFeatures(Struct, frozen=True, kw_only=True):
    """All features of the portal."""

    customer_update: CustomerUpdateFeature = CustomerUpdateFeature()
    invoice_history: InvoiceHistoryFeature = InvoiceHistoryFeature()
    payment_method_update: PaymentMethodUpdateFeature = PaymentMethodUpdateFeature()
    subscription_cancel: SubscriptionCancelFeature = SubscriptionCancelFeature()
    subscription_pause: SubscriptionPauseFeature = SubscriptionPauseFeature()
    subscription_update: SubscriptionUpdateFeature = SubscriptionUpdateFeature()


class PortalProfile(Struct, frozen=True, kw_only=True):
    """What the portal says about the merchant."""

    headline: str | None = None
    privacy_policy_url: str | None = None
    terms_of_service_url: str | None = None


class PortalLoginPage(Struct, frozen=True, kw_only=True):
    """Stripe's login page of this configuration."""

    enabled: bool = False
    url: str | None = None


class PortalConfiguration(Struct, frozen=True, kw_only=True):
    """A configuration of Stripe's portal. An inactive one makes no sessions."""

    id: str
    active: bool = True
    is_default: bool = False
    name: str | None = None
    default_return_url: str | None = None
    business_profile: PortalProfile = PortalProfile()
    login_page: PortalLoginPage = PortalLoginPage()
    features: PortalFeatures = PortalFeatures()
