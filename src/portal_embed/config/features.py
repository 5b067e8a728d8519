"""What customers may do, under the names and nesting of Stripe's `billing_portal.Configuration`.

Where a default differs from Stripe's API it is because Stripe's API defaults describe an empty configuration, and these
describe a portal that is useful as it comes. Names and values: Stripe API 2026-10-28.endive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, get_args

from portal_embed.errors import ConfigError

CancelMode = Literal["at_period_end", "immediately"]
CancelChoice = Literal["at_period_end", "immediately", "on_date"]
CancelProration = Literal["none", "create_prorations"]
Feedback = Literal[
    "too_expensive",
    "missing_features",
    "switched_service",
    "unused",
    "customer_service",
    "too_complex",
    "low_quality",
    "other",
]
AllowedUpdate = Literal["price", "quantity", "promotion_code"]
UpdateProration = Literal["none", "create_prorations", "always_invoice"]
BillingCycleAnchor = Literal["unchanged", "now"]
CustomerUpdateField = Literal["name", "email", "address", "phone", "shipping", "tax_id"]
InvoiceField = Literal["purchase_order", "custom_fields"]
TrialUpdate = Literal["end_trial", "continue_trial", "ask"]
TakesEffect = Literal["now", "at_period_end", "on_date"]
DeferCondition = Literal["decreasing_item_amount", "shortening_interval"]
PauseType = Literal["interval_options", "indefinite"]
Interval = Literal["day", "week", "month", "year"]
StartThrough = Literal["portal", "checkout"]
MissingPaymentMethod = Literal["cancel", "create_invoice", "pause"]

FEEDBACK: tuple[Feedback, ...] = get_args(Feedback)
ALLOWED_UPDATES: tuple[AllowedUpdate, ...] = get_args(AllowedUpdate)
CUSTOMER_UPDATES: tuple[CustomerUpdateField, ...] = get_args(CustomerUpdateField)
LONGEST_PAUSE: dict[Interval, int] = {"day": 1095, "week": 156, "month": 36, "year": 3}
"""Three years, Stripe's longest, in each interval."""


@dataclass(frozen=True, kw_only=True)
class InvoiceHistory:
    """Reading and paying invoices."""

    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class CustomerUpdate:
    """Reading and changing the customer's details.

    `allowed_updates`: Stripe's six, all allowed here. Stripe's dashboard starts without "shipping" and "tax_id"; a business
    customer looks for its tax id first, and a shipping address is only shown where there is one or may be one. "name" is
    the business name too. A new email takes effect once it is confirmed there, so it needs `mail=`.

    Ours, which Stripe's portal does not have: `invoice_fields` printed on every invoice, "purchase_order" for a purchase
    order's number and "custom_fields" for free ones, those that you have set included; leave that out where they are yours
    alone. `purchase_order_name` is the name under which the number is kept and printed, at most 40 characters.
    """

    enabled: bool = True
    allowed_updates: tuple[CustomerUpdateField, ...] = ("name", "email", "address", "phone", "shipping", "tax_id")
    invoice_fields: tuple[InvoiceField, ...] = ("purchase_order", "custom_fields")
    purchase_order_name: str = "PO number"

    def __post_init__(self) -> None:
        """Raise `ConfigError` on a value Stripe does not know, or a name it would not keep."""
        for update in self.allowed_updates:
            _check("customer_update.allowed_updates", update, get_args(CustomerUpdateField))
        for name in self.invoice_fields:
            _check("customer_update.invoice_fields", name, get_args(InvoiceField))
        if not 0 < len(self.purchase_order_name.strip()) <= 40:
            raise ConfigError(
                "features.customer_update.purchase_order_name must have 1 to 40 characters: Stripe keeps no longer one."
            )

    def allows(self, *updates: str) -> bool:
        """Whether at least one of `updates` may be changed."""
        return self.enabled and not {*self.allowed_updates, *self.invoice_fields}.isdisjoint(updates)


@dataclass(frozen=True, kw_only=True)
class PaymentMethodUpdate:
    """Adding, removing and choosing payment methods.

    `payment_method_configuration` ("pmc_…") says which types can be added; None: Stripe's default one.
    """

    enabled: bool = True
    payment_method_configuration: str | None = None

    def __post_init__(self) -> None:
        """Raise `ConfigError` on what is not an id of Stripe's."""
        name = self.payment_method_configuration
        if name is not None and not re.fullmatch(r"pmc_[A-Za-z0-9]{1,120}", name):
            raise ConfigError(
                f"features.payment_method_update.payment_method_configuration must be an id such as pmc_1Abc, not {name!r}."
            )


@dataclass(frozen=True, kw_only=True)
class CancellationReason:
    """The question asked when a subscription is canceled, before it is; there is room for a few words beside every answer.

    `options` stand in the order they are shown, below `feedback_options`: ids of your own reasons at Stripe
    (`billing.feedback_option`), shown in their words while they are active.

    Ours: `required`, nobody cancels without a reason. Laws on canceling online may forbid to ask for more than is needed.
    """

    enabled: bool = True
    options: tuple[Feedback, ...] = FEEDBACK
    feedback_options: tuple[str, ...] = ()
    required: bool = False

    def __post_init__(self) -> None:
        """Raise `ConfigError` on an option Stripe does not know, and on what is no id."""
        for name in self.feedback_options:
            if not re.fullmatch(r"[A-Za-z0-9_]{1,255}", name):
                raise ConfigError(
                    "features.subscription_cancel.cancellation_reason.feedback_options must hold ids of feedback options, "
                    f"not {name!r}."
                )
        for option in self.options:
            _check("subscription_cancel.cancellation_reason.options", option, FEEDBACK)
        if self.enabled and not self.options and not self.feedback_options:
            raise ConfigError(
                "features.subscription_cancel.cancellation_reason needs at least one option when it is enabled."
            )


@dataclass(frozen=True, kw_only=True)
class SubscriptionCancel:
    """Canceling. `mode` "at_period_end" keeps access until the period ends and can be undone until then.

    Ours, which Stripe's portal does not have: `choices` lets the customer choose among "at_period_end", "immediately" and
    "on_date", a day of theirs, beginning with `mode`; empty, there is only `mode`. `invoice_now`: who leaves at once gets a last
    bill for what was used and not billed yet. What `proration_behavior` credits to who leaves at once is never paid out, here or
    by Stripe: money back is your own decision, and a refund of yours.
    """

    enabled: bool = True
    mode: CancelMode = "at_period_end"
    choices: tuple[CancelChoice, ...] = ()
    proration_behavior: CancelProration = "none"
    invoice_now: bool = False
    cancellation_reason: CancellationReason = field(default_factory=CancellationReason)

    @property
    def offered(self) -> tuple[CancelChoice, ...]:
        """When it may end, `mode` first."""
        return (self.mode, *(choice for choice in self.choices if choice != self.mode))

    def __post_init__(self) -> None:
        """Raise `ConfigError` on values Stripe refuses: a proration exists only when canceling at once."""
        for choice in self.choices:
            _check("subscription_cancel.choices", choice, get_args(CancelChoice))
        if self.choices and self.mode not in self.choices:
            raise ConfigError(
                f"features.subscription_cancel.choices must hold its mode {self.mode!r}: it is what the page begins with."
            )
        _check("subscription_cancel.mode", self.mode, get_args(CancelMode))
        _check("subscription_cancel.proration_behavior", self.proration_behavior, get_args(CancelProration))
        if "immediately" in self.offered:
            return
        if self.proration_behavior != "none":
            raise ConfigError(
                'features.subscription_cancel.proration_behavior must be "none" unless mode is "immediately": '
                "nothing is left to prorate at the end of a period."
            )
        if self.invoice_now:
            raise ConfigError(
                "features.subscription_cancel.invoice_now is for who leaves at once: at the end of a period there is a last bill "
                'anyway. Leave it out, or let mode be "immediately".'
            )


@dataclass(frozen=True, kw_only=True)
class SubscriptionUpdate:
    """Switching plan, quantity and add-ons, within the `Catalog`; and promotion codes.

    `default_allowed_updates`: with "promotion_code", which Stripe's portal starts without too, customers put codes on their
    subscriptions at any time, and take discounts off. `schedule_at_period_end`: changes that cost less
    ("decreasing_item_amount"), or that bill more often ("shortening_interval"), take effect when the paid period ends; across
    products too. Ours, which Stripe does not have: `trial_update_behavior` "ask", the customer says whether a trial goes on; and
    `takes_effect` with several lets the customer choose when any other change begins, "now", "at_period_end" or "on_date", a day of
    theirs within the paid period. A change that by these has to wait, and cannot, is refused: one of items with several intervals,
    or beside one that waits for its payment. In a trial each takes effect now.
    """

    enabled: bool = True
    default_allowed_updates: tuple[AllowedUpdate, ...] = ("price", "quantity")
    proration_behavior: UpdateProration = "always_invoice"
    billing_cycle_anchor: BillingCycleAnchor = "unchanged"
    trial_update_behavior: TrialUpdate = "end_trial"
    schedule_at_period_end: tuple[DeferCondition, ...] = ()
    takes_effect: tuple[TakesEffect, ...] = ("now",)

    def __post_init__(self) -> None:
        """Raise `ConfigError` on a value Stripe does not know."""
        for update in self.default_allowed_updates:
            _check("subscription_update.default_allowed_updates", update, get_args(AllowedUpdate))
        _check("subscription_update.proration_behavior", self.proration_behavior, get_args(UpdateProration))
        _check("subscription_update.billing_cycle_anchor", self.billing_cycle_anchor, get_args(BillingCycleAnchor))
        _check("subscription_update.trial_update_behavior", self.trial_update_behavior, get_args(TrialUpdate))
        for condition in self.schedule_at_period_end:
            _check("subscription_update.schedule_at_period_end", condition, get_args(DeferCondition))
        for when in self.takes_effect:
            _check("subscription_update.takes_effect", when, get_args(TakesEffect))
        if not {"now", "at_period_end"} & set(self.takes_effect) or len(set(self.takes_effect)) < len(
            self.takes_effect
        ):
            raise ConfigError(
                'features.subscription_update.takes_effect must hold "now" or "at_period_end", and nothing twice: a day cannot '
                "always be chosen."
            )

    def allows(self, *updates: str) -> bool:
        """Whether at least one of `updates` may be made."""
        return self.enabled and not set(self.default_allowed_updates).isdisjoint(updates)


@dataclass(frozen=True, kw_only=True)
class SubscriptionPrepay:
    """Paying ahead, which Stripe's portal does not have; off unless switched on. Flexible billing mode only.

    `periods`: how many periods of the plan are offered after the one that runs, so 12 is a year of a monthly plan. Those beyond
    Stripe's limits, 50 periods of all items together and five years, are left out.
    """

    enabled: bool = False
    periods: tuple[int, ...] = (3, 6, 12)

    def __post_init__(self) -> None:
        """Raise `ConfigError` on numbers that Stripe would not bill ahead."""
        if not self.periods or not all(1 <= count <= 50 for count in self.periods):
            raise ConfigError("features.subscription_prepay.periods must be numbers from 1 to 50, such as (3, 6, 12).")


@dataclass(frozen=True, kw_only=True)
class PauseInterval:
    """How long a pause is: so many days, weeks, months or years."""

    interval: Interval = "month"
    interval_count: int = 1

    def __post_init__(self) -> None:
        """Raise `ConfigError` for what is no length, or one of more than three years."""
        name = "subscription_pause.duration.interval_options"
        _check(f"{name}.interval", self.interval, get_args(Interval))
        most = LONGEST_PAUSE[self.interval]
        if type(self.interval_count) is not int or not 1 <= self.interval_count <= most:
            raise ConfigError(
                f"features.{name}.interval_count must be a whole number from 1 to {most} for {self.interval!r}, not "
                f"{self.interval_count!r}: a pause ends after three years at most."
            )


@dataclass(frozen=True, kw_only=True)
class PauseDuration:
    """For how long customers may pause. `type` "interval_options": for one of `interval_options`, in the order they are shown;
    none means one month, as at Stripe. "indefinite": until they resume; what `interval_options` names beside that may be
    chosen too, which Stripe's portal does not have.
    """

    type: PauseType = "interval_options"
    interval_options: tuple[PauseInterval, ...] = ()

    def __post_init__(self) -> None:
        """Raise `ConfigError` on a type Stripe does not know, or a length that is there twice."""
        _check("subscription_pause.duration.type", self.type, get_args(PauseType))
        for option in self.interval_options:
            if not isinstance(option, PauseInterval):
                raise ConfigError(
                    f"features.subscription_pause.duration.interval_options takes PauseInterval(…), not {option!r}."
                )
        if len(set(self.interval_options)) < len(self.interval_options):
            raise ConfigError("features.subscription_pause.duration.interval_options has the same length twice.")

    @property
    def choices(self) -> tuple[PauseInterval | None, ...]:
        """What may be chosen; None is "until I resume"."""
        if self.type == "indefinite":
            return (*self.interval_options, None)
        return self.interval_options or (PauseInterval(),)


@dataclass(frozen=True, kw_only=True)
class SubscriptionPause:
    """Pausing: nothing is charged until it goes on. In flexible billing mode the subscription itself is paused and what is left
    of the paid time is credited; in classic mode, where Stripe has no such pause, only its invoices are voided.
    """

    enabled: bool = False
    duration: PauseDuration = field(default_factory=PauseDuration)


@dataclass(frozen=True, kw_only=True)
class SubscriptionCreate:
    """Starting a plan of the `Catalog`, and starting one again that has ended. Ours: Stripe's portal has nothing like it, so it
    is off until it is switched on.

    `through`: "portal", where it is paid on our own page, or "checkout", where that happens on Stripe's. `allow_several`: a
    customer who has a plan may start another beside it. `allow_promotion_codes`: customers may start with a code of theirs, in
    either way. `automatic_tax`: Stripe Tax works out the tax, from the customer's address. `missing_payment_method`: what Stripe
    does when a trial ends and there is nothing to charge, by its own names.
    """

    enabled: bool = False
    through: StartThrough = "portal"
    allow_several: bool = False
    allow_promotion_codes: bool = False
    automatic_tax: bool = False
    missing_payment_method: MissingPaymentMethod = "cancel"

    def __post_init__(self) -> None:
        """Raise `ConfigError` on a value of another kind."""
        for name in ("enabled", "allow_several", "allow_promotion_codes", "automatic_tax"):
            if type(getattr(self, name)) is not bool:
                raise ConfigError(
                    f"features.subscription_create.{name} must be True or False, not {getattr(self, name)!r}."
                )
        _check("subscription_create.through", self.through, get_args(StartThrough))
        _check(
            "subscription_create.missing_payment_method", self.missing_payment_method, get_args(MissingPaymentMethod)
        )


@dataclass(frozen=True, kw_only=True)
class Features:
    """The whole tree: `features.subscription_cancel.mode` reads as it does in Stripe's configuration."""

    customer_update: CustomerUpdate = field(default_factory=CustomerUpdate)
    invoice_history: InvoiceHistory = field(default_factory=InvoiceHistory)
    payment_method_update: PaymentMethodUpdate = field(default_factory=PaymentMethodUpdate)
    subscription_cancel: SubscriptionCancel = field(default_factory=SubscriptionCancel)
    subscription_pause: SubscriptionPause = field(default_factory=SubscriptionPause)
    subscription_update: SubscriptionUpdate = field(default_factory=SubscriptionUpdate)
    subscription_prepay: SubscriptionPrepay = field(default_factory=SubscriptionPrepay)
    subscription_create: SubscriptionCreate = field(default_factory=SubscriptionCreate)


@dataclass(frozen=True, kw_only=True)
class BusinessProfile:
    """What the portal says about the host. `name` is ours; the others are Stripe's.

    `headline` is at most 60 characters, the URLs are https (or http on this machine); each part is shown only when
    given.
    """

    name: str | None = None
    headline: str | None = None
    privacy_policy_url: str | None = None
    terms_of_service_url: str | None = None

    def __post_init__(self) -> None:
        """Raise `ConfigError` for a headline over 60 characters or a link that is not a web address."""
        if self.headline and len(self.headline) > 60:
            raise ConfigError("business_profile.headline is longer than 60 characters: shorten it.")
        for name in ("privacy_policy_url", "terms_of_service_url"):
            url = getattr(self, name)
            if url and not url.startswith(("https://", "http://localhost", "http://127.0.0.1", "/")):
                raise ConfigError(f"business_profile.{name} must start with https:// or /.")


def _check(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"features.{name} must be one of {', '.join(allowed)}, not {value!r}.")
