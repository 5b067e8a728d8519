"""A configuration of Stripe's portal as one of ours, and where the two portals would differ. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from portal_embed.config import (
    FEEDBACK,
    BillingCycleAnchor,
    BusinessProfile,
    CancellationReason,
    CancelMode,
    CancelProration,
    Catalog,
    Configuration,
    CustomerUpdate,
    DeferCondition,
    Features,
    InvoiceHistory,
    PauseDuration,
    PauseInterval,
    PaymentMethodUpdate,
    Plan,
    Quantity,
    SubscriptionCancel,
    SubscriptionPause,
    SubscriptionUpdate,
    TrialUpdate,
    UpdateProration,
)
from portal_embed.config.catalog import LARGEST_QUANTITY, is_price_id
from portal_embed.config.features import ALLOWED_UPDATES, CUSTOMER_UPDATES, LONGEST_PAUSE

if TYPE_CHECKING:
    from portal_embed.billing.stripe.objects import PortalConfiguration
    from portal_embed.billing.stripe.objects.configurations import (
        ProductOnOffer,
        SubscriptionCancelFeature,
        SubscriptionPauseFeature,
        SubscriptionUpdateFeature,
    )


def configuration_of(stripes: PortalConfiguration) -> Configuration:
    """What the merchant set up at Stripe, for this portal. What `not_taken` names is left out."""
    profile = stripes.business_profile
    return Configuration(
        features=features_of(stripes),
        business_profile=BusinessProfile(
            headline=profile.headline or None,
            privacy_policy_url=profile.privacy_policy_url or None,
            terms_of_service_url=profile.terms_of_service_url or None,
        ),
        default_return_url=stripes.default_return_url or None,
        catalog=catalog_of(stripes.features.subscription_update),
    )


def features_of(stripes: PortalConfiguration) -> Features:
    """Stripe's toggles as ours. A value that Stripe adds tomorrow is read as the most careful one that we know."""
    theirs = stripes.features
    details, methods, update = theirs.customer_update, theirs.payment_method_update, theirs.subscription_update
    allowed = update.default_allowed_updates
    return Features(
        customer_update=CustomerUpdate(
            enabled=details.enabled and bool(details.allowed_updates),
            allowed_updates=tuple(field for field in CUSTOMER_UPDATES if field in details.allowed_updates),
            invoice_fields=(),  # ours alone: who moves here finds what they had
        ),
        invoice_history=InvoiceHistory(enabled=theirs.invoice_history.enabled),
        payment_method_update=PaymentMethodUpdate(
            enabled=methods.enabled, payment_method_configuration=methods.payment_method_configuration or None
        ),
        subscription_cancel=_cancel(theirs.subscription_cancel),
        subscription_pause=_pause(theirs.subscription_pause),
        subscription_update=SubscriptionUpdate(
            enabled=update.enabled,
            default_allowed_updates=tuple(kind for kind in ALLOWED_UPDATES if kind in allowed),
            proration_behavior=_known(update.proration_behavior, get_args(UpdateProration)),
            billing_cycle_anchor=_known(update.billing_cycle_anchor, get_args(BillingCycleAnchor)),
            trial_update_behavior=_known(update.trial_update_behavior, get_args(TrialUpdate)),
            schedule_at_period_end=tuple(
                condition
                for condition in get_args(DeferCondition)
                if condition in {found.type for found in update.schedule_at_period_end.conditions}
            ),
        ),
    )


def _cancel(theirs: SubscriptionCancelFeature) -> SubscriptionCancel:
    mode: CancelMode = _known(theirs.mode, get_args(CancelMode))
    reason = theirs.cancellation_reason
    asked = tuple(option for option in FEEDBACK if option in reason.options)
    own = reason.feedback_options or ()
    return SubscriptionCancel(
        enabled=theirs.enabled,
        mode=mode,
        proration_behavior=_known(theirs.proration_behavior, get_args(CancelProration))
        if mode == "immediately"
        else "none",
        cancellation_reason=CancellationReason(
            enabled=reason.enabled and bool(asked or own),
            options=asked if asked or own else FEEDBACK,
            feedback_options=own,
        ),
    )


def _pause(theirs: SubscriptionPauseFeature) -> SubscriptionPause:
    """Lengths that we do not know are left out; where none is left, nothing can be paused that long."""
    duration = theirs.duration
    if duration is None:
        return SubscriptionPause(enabled=theirs.enabled)
    if duration.type == "indefinite":
        return SubscriptionPause(enabled=theirs.enabled, duration=PauseDuration(type="indefinite"))
    asked = duration.interval_options or ()
    known = [
        PauseInterval(interval=interval, interval_count=option.interval_count)
        for option in asked
        for interval, most in LONGEST_PAUSE.items()
        if interval == option.interval and 1 <= option.interval_count <= most
    ]
    return SubscriptionPause(
        enabled=theirs.enabled and duration.type == "interval_options" and (bool(known) or not asked),
        duration=PauseDuration(interval_options=tuple(dict.fromkeys(known))),
    )


def catalog_of(update: SubscriptionUpdateFeature) -> Catalog | None:
    """The products to switch to as a catalog, in Stripe's order; None where there are none, so that the portal's own holds."""
    if not update.products:
        return None
    plans = (
        Plan(price=price, quantity=_quantity(product))
        for product in update.products
        for price in product.prices
        if is_price_id(price)
    )
    return Catalog({plan.price: plan for plan in plans}.values())


def not_taken(stripes: PortalConfiguration) -> dict[str, str]:
    """What the merchant has on at Stripe and this portal does not do: the setting's name → a sentence."""
    theirs, missing = stripes.features, {}
    if theirs.subscription_pause.enabled and not features_of(stripes).subscription_pause.enabled:
        missing["subscription_pause.duration"] = (
            "customers cannot pause here: none of its lengths is known to this version"
        )
    update = theirs.subscription_update
    unknown = {found.type for found in update.schedule_at_period_end.conditions} - set(get_args(DeferCondition))
    if update.enabled and unknown:
        missing["subscription_update.schedule_at_period_end"] = (
            f"changes do not wait for the period's end because of {', '.join(sorted(unknown))}"
        )
    strange = [price for product in update.products or () for price in product.prices if not is_price_id(price)]
    if update.enabled and strange:
        missing["subscription_update.products"] = (
            f"{', '.join(strange)} cannot be switched to: a price with an id of your own is named in a Catalog by its lookup key"
        )
    return missing


def _quantity(product: ProductOnOffer) -> Quantity | None:
    """Between which numbers it is the customer's choice. Stripe's minimum may be 0, which no subscription item here has."""
    asked = product.adjustable_quantity
    if not asked.enabled:
        return None
    lowest = max(1, asked.minimum)
    return Quantity(lowest, max(lowest, min(asked.maximum or LARGEST_QUANTITY, LARGEST_QUANTITY)))


def _known(value: str | None, known: tuple[Any, ...]) -> Any:
    """`value` if we know it, else the first of those that we do, which is Stripe's default."""
    return value if value in known else known[0]
