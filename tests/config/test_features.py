"""The features have Stripe's names and take only what Stripe takes."""

import pytest

from portal_embed.config import (
    FEEDBACK,
    BusinessProfile,
    CancellationReason,
    CustomerUpdate,
    Features,
    PauseDuration,
    PauseInterval,
    SubscriptionCancel,
    SubscriptionCreate,
    SubscriptionUpdate,
)
from portal_embed.errors import ConfigError


def test_as_it_comes_a_portal_is_useful():
    features = Features()

    assert features.invoice_history.enabled
    assert features.payment_method_update.enabled
    assert (features.subscription_cancel.enabled, features.subscription_cancel.mode) == (True, "at_period_end")
    assert features.subscription_cancel.cancellation_reason.options == FEEDBACK
    assert features.subscription_update.default_allowed_updates == ("price", "quantity")
    assert features.subscription_update.proration_behavior == "always_invoice"
    assert not features.subscription_create.enabled


@pytest.mark.parametrize(
    ("build", "arguments"),
    [
        (SubscriptionCancel, {"mode": "now"}),
        (SubscriptionCancel, {"mode": "immediately", "proration_behavior": "always_invoice"}),
        (SubscriptionCancel, {"mode": "at_period_end", "proration_behavior": "create_prorations"}),
        (CancellationReason, {"options": ("boredom",)}),
        (CancellationReason, {"options": ()}),
        (SubscriptionUpdate, {"default_allowed_updates": ("everything",)}),
        (SubscriptionUpdate, {"proration_behavior": "sometimes"}),
        (SubscriptionUpdate, {"billing_cycle_anchor": "later"}),
        (SubscriptionUpdate, {"trial_update_behavior": "extend"}),
        (PauseDuration, {"type": "forever"}),
        (PauseDuration, {"interval_options": ("month",)}),
        (PauseDuration, {"interval_options": (PauseInterval(), PauseInterval(interval="month"))}),
        (PauseInterval, {"interval": "fortnight"}),
        (PauseInterval, {"interval_count": 0}),
        (PauseInterval, {"interval_count": True}),
        (PauseInterval, {"interval_count": "2"}),
        (PauseInterval, {"interval_count": 37}),
        (PauseInterval, {"interval": "year", "interval_count": 4}),
        (PauseInterval, {"interval": "week", "interval_count": 157}),
        (PauseInterval, {"interval": "day", "interval_count": 1096}),
        (SubscriptionCreate, {"enabled": "yes"}),
        (SubscriptionCreate, {"through": "email"}),
        (SubscriptionCreate, {"allow_several": 1}),
        (SubscriptionCreate, {"automatic_tax": None}),
        (SubscriptionCreate, {"missing_payment_method": "ignore"}),
        (CustomerUpdate, {"allowed_updates": ("iban",)}),
        (CustomerUpdate, {"invoice_fields": ("footer",)}),
        (CustomerUpdate, {"purchase_order_name": "x" * 41}),
        (BusinessProfile, {"headline": "x" * 61}),
        (BusinessProfile, {"privacy_policy_url": "javascript:alert(1)"}),
    ],
)
def test_a_value_stripe_does_not_take_is_refused(build, arguments):
    with pytest.raises(ConfigError):
        build(**arguments)


@pytest.mark.feature(78)
def test_a_pause_is_off_and_for_a_month_and_may_have_no_end():
    assert not Features().subscription_pause.enabled
    assert PauseDuration().choices == (PauseInterval(interval="month", interval_count=1),)
    assert PauseDuration(type="indefinite").choices == (None,)
    assert PauseDuration(type="indefinite", interval_options=(PauseInterval(),)).choices == (PauseInterval(), None)


def test_canceling_at_once_may_prorate():
    assert SubscriptionCancel(mode="immediately", proration_behavior="create_prorations").enabled
