"""What is billed again and again."""

from __future__ import annotations

from msgspec import Struct

from portal_embed.billing.stripe.objects.catalog import Coupon, Discount, Price, PromotionCode
from portal_embed.billing.stripe.objects.customers import Customer
from portal_embed.billing.stripe.objects.invoices import Invoice
from portal_embed.billing.stripe.objects.payment_methods import PaymentMethod
from portal_embed.billing.stripe.objects.shared import Listing, Reference


class SubscriptionItem(Struct, frozen=True, kw_only=True):
    """One price of a subscription. Periods live here, not on the subscription. `billed_until`: unix seconds, later than the
    period's end where it is billed ahead.
    """

    id: str
    price: Price
    current_period_end: int
    current_period_start: int = 0
    billed_until: int | None = None
    quantity: int | None = None
    discounts: tuple[str | Discount, ...] | None = None
    tax_rates: tuple[str | Reference, ...] | None = None


class BillingMode(Struct, frozen=True, kw_only=True):
    """How it bills: "flexible" (the default of today) or "classic"; decides how a cancellation is written."""

    type: str = "classic"


class PendingUpdate(Struct, frozen=True, kw_only=True):
    """A change that takes effect only when its invoice is paid. Its presence says that one is waiting, until `expires_at` (unix
    seconds). `subscription_items`: the items as they will be.
    """

    expires_at: int | None = None
    subscription_items: tuple[SubscriptionItem, ...] | None = None


class PauseCollection(Struct, frozen=True, kw_only=True):
    """Collection is paused; the service goes on. Its presence says so. `resumes_at` unix seconds, None for until further notice.

    `behavior`: what becomes of its invoices meanwhile, "keep_as_draft", "mark_uncollectible" or "void".
    """

    behavior: str = ""
    resumes_at: int | None = None


class ManagedPayments(Struct, frozen=True, kw_only=True):
    """Whether Stripe is the merchant of record; its payment method cannot be changed through the API then."""

    enabled: bool = False


class AutomaticTax(Struct, frozen=True, kw_only=True):
    """Whether Stripe works out the tax, from the customer's address."""

    enabled: bool = False


class CancellationDetails(Struct, frozen=True, kw_only=True):
    """Why it was canceled: "cancellation_requested", "payment_failed", "payment_disputed"; None where nobody said."""

    reason: str | None = None


class PauseReason(Struct, frozen=True, kw_only=True):
    """Why it is paused: "pause_requested", "trial_end_without_payment_method", or for want of a payment."""

    type: str


class Paused(Struct, frozen=True, kw_only=True):
    """It is paused, since `transitioned_at` (unix seconds)."""

    subscription: PauseReason | None = None
    transitioned_at: int | None = None


class SubscriptionStatusDetails(Struct, frozen=True, kw_only=True):
    """More about a status."""

    paused: Paused | None = None


class PhaseDiscount(Struct, frozen=True, kw_only=True):
    """A discount that a phase has, or will redeem: one of the three."""

    coupon: str | Coupon | None = None
    discount: str | Discount | None = None
    promotion_code: str | PromotionCode | None = None


class PhaseItem(Struct, frozen=True, kw_only=True):
    """One price of a phase."""

    price: str | Price
    quantity: int | None = None
    discounts: tuple[PhaseDiscount, ...] | None = None
    tax_rates: tuple[str | Reference, ...] | None = None


class Phase(Struct, frozen=True, kw_only=True):
    """How a subscription is billed from `start_date` to `end_date`, unix seconds."""

    items: tuple[PhaseItem, ...]
    start_date: int
    end_date: int
    proration_behavior: str = "create_prorations"
    trial_end: int | None = None
    discounts: tuple[PhaseDiscount, ...] | None = None
    default_tax_rates: tuple[str | Reference, ...] | None = None


class MomentStatus(Struct, frozen=True, kw_only=True):
    """What became of a moment: "scheduled", "succeeded", "error", and of a resumption that waits for its payment "pending"."""

    type: str = "scheduled"


class PauseMoment(Struct, frozen=True, kw_only=True):
    """When a planned pause begins, unix seconds."""

    pause_at: int | None = None
    status: MomentStatus = MomentStatus()


class ResumeMoment(Struct, frozen=True, kw_only=True):
    """When a planned pause ends, unix seconds."""

    resume_at: int | None = None
    status: MomentStatus = MomentStatus()


class PauseSchedule(Struct, frozen=True, kw_only=True):
    """A planned pause. `resume` is None where it has no end."""

    key: str = ""
    pause: PauseMoment | None = None
    resume: ResumeMoment | None = None


class CurrentPhase(Struct, frozen=True, kw_only=True):
    """When the phase that runs began and ends, unix seconds."""

    start_date: int
    end_date: int


class TrialEnd(Struct, frozen=True, kw_only=True):
    """What becomes of a trial that ends without a payment method: "create_invoice", "cancel" or "pause"."""

    missing_payment_method: str = "create_invoice"


class TrialSettings(Struct, frozen=True, kw_only=True):
    """How a trial ends."""

    end_behavior: TrialEnd = TrialEnd()


class Schedule(Struct, frozen=True, kw_only=True):
    """What is planned for a subscription: its phases, the first of which may be over. `metadata` says who planned it."""

    id: str
    status: str = "active"
    end_behavior: str = "release"
    current_phase: CurrentPhase | None = None
    phases: tuple[Phase, ...] = ()
    pause_schedules: tuple[PauseSchedule, ...] | None = None
    metadata: dict[str, str] = {}


class Subscription(Struct, frozen=True, kw_only=True):
    """A subscription. `cancel_at` and `cancel_at_period_end` may each mean "it is ending": ask `billing.subscriptions.ends_at`."""

    id: str
    customer: str | Customer
    status: str
    currency: str
    items: Listing[SubscriptionItem]
    discounts: tuple[str | Discount, ...] | None = None
    automatic_tax: AutomaticTax = AutomaticTax()
    created: int = 0
    billing_cycle_anchor: int = 0
    billing_mode: BillingMode = BillingMode()
    cancel_at: int | None = None
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    cancellation_details: CancellationDetails | None = None
    ended_at: int | None = None
    collection_method: str = "charge_automatically"
    days_until_due: int | None = None
    default_payment_method: str | PaymentMethod | None = None
    default_source: str | None = None
    default_tax_rates: tuple[str | Reference, ...] | None = None
    latest_invoice: str | Invoice | None = None
    metadata: dict[str, str] = {}
    managed_payments: ManagedPayments | None = None
    on_behalf_of: str | None = None
    pause_collection: PauseCollection | None = None
    pending_update: PendingUpdate | None = None
    schedule: str | Schedule | None = None
    start_date: int = 0
    status_details: SubscriptionStatusDetails | None = None
    trial_end: int | None = None
    trial_settings: TrialSettings | None = None
