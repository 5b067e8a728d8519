"""The features have Stripe's names and take only what Stripe takes."""

import pytest

from portal_embed.config import (
    FEEDBACK,
    BusinessProfile,
    CancellationReason,
    CustomerUpdate,
    Features,
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


def test_canceling_at_once_may_prorate():
    assert SubscriptionCancel(mode="immediately", proration_behavior="create_prorations").enabled
