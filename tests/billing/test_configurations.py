"""A configuration of Stripe's portal, read as one of ours: every toggle arrives, and what is not taken is named."""

from __future__ import annotations

import asyncio
import logging

import msgspec
import pytest

from portal_embed.billing.configurations import configuration_of, not_taken
from portal_embed.billing.stripe.configurations import LIFE_SECONDS, ConfigurationReader
from portal_embed.billing.stripe.objects import PortalConfiguration
from portal_embed.billing.terms import TermsReader
from portal_embed.config import Catalog, PauseInterval, Plan, Quantity
from portal_embed.errors import NotFound, StripeMisconfigured, StripeUnavailable
from tests.access.portal import make_config

pytestmark = pytest.mark.feature(16)

EVERYTHING = {
    "customer_update": {"enabled": True, "allowed_updates": ["email", "tax_id", "a_new_one"]},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True, "payment_method_configuration": "pmc_1Abc"},
    "subscription_cancel": {
        "enabled": True,
        "mode": "immediately",
        "proration_behavior": "create_prorations",
        "cancellation_reason": {"enabled": True, "options": ["other", "unused"], "feedback_options": ["fo_1"]},
    },
    "subscription_pause": {
        "enabled": True,
        "duration": {
            "type": "interval_options",
            "interval_options": [
                {"interval": "month", "interval_count": 2},
                {"interval": "fortnight", "interval_count": 1},
            ],
        },
    },
    "subscription_update": {
        "enabled": True,
        "default_allowed_updates": ["price", "quantity", "promotion_code"],
        "proration_behavior": "create_prorations",
        "billing_cycle_anchor": "now",
        "trial_update_behavior": "continue_trial",
        "schedule_at_period_end": {"conditions": [{"type": "shortening_interval"}]},
        "products": [
            {
                "product": "prod_1",
                "prices": ["price_1A", "price_1B", "price_1A"],
                "adjustable_quantity": {"enabled": True, "minimum": 0, "maximum": 9},
            },
            {
                "product": "prod_2",
                "prices": ["price_2", "gold"],
                "adjustable_quantity": {"enabled": True, "minimum": 3},
            },
            {"product": "prod_3", "prices": ["price_3"], "adjustable_quantity": {"enabled": False, "minimum": 1}},
        ],
    },
}


def stripes(**changes):
    """A configuration as Stripe sends it, everything on."""
    body = {
        "id": "bpc_1Abc",
        "default_return_url": "https://app.example.com/account",
        "business_profile": {"headline": "Plans", "privacy_policy_url": "https://app.example.com/privacy"},
        "features": EVERYTHING,
        **changes,
    }
    return msgspec.convert(body, PortalConfiguration)


def features(**changes):
    return configuration_of(stripes(features={**EVERYTHING, **changes})).features


def test_every_toggle_arrives():
    found = features()

    assert found.customer_update.allowed_updates == ("email", "tax_id")
    assert found.customer_update.enabled
    assert found.invoice_history.enabled
    assert found.payment_method_update.payment_method_configuration == "pmc_1Abc"
    cancel = found.subscription_cancel
    assert (cancel.enabled, cancel.mode, cancel.proration_behavior) == (True, "immediately", "create_prorations")
    assert (cancel.cancellation_reason.enabled, cancel.cancellation_reason.options) == (True, ("unused", "other"))
    assert cancel.cancellation_reason.feedback_options == ("fo_1",)
    update = found.subscription_update
    assert (update.enabled, update.default_allowed_updates) == (True, ("price", "quantity", "promotion_code"))
    assert (update.proration_behavior, update.billing_cycle_anchor) == ("create_prorations", "now")
    assert update.trial_update_behavior == "continue_trial"
    assert update.schedule_at_period_end == ("shortening_interval",)


def test_what_is_off_is_off():
    off = configuration_of(stripes(features={name: {"enabled": False} for name in EVERYTHING})).features

    assert not any(
        (
            *(off.customer_update.enabled, off.invoice_history.enabled, off.payment_method_update.enabled),
            *(off.subscription_cancel.enabled, off.subscription_update.enabled, off.subscription_pause.enabled),
        )
    )
    assert not off.subscription_cancel.cancellation_reason.enabled


def test_the_products_become_the_catalog():
    assert configuration_of(stripes()).catalog.plans == (
        Plan(price="price_1A", quantity=Quantity(1, 9)),
        Plan(price="price_1B", quantity=Quantity(1, 9)),
        Plan(price="price_2", quantity=Quantity(3)),
        Plan(price="price_3"),
    )


def test_without_products_the_portal_s_own_catalog_holds():
    mine = Catalog([Plan(lookup_key="pro_monthly")])
    found = configuration_of(stripes(features={}))

    assert found.catalog is None
    assert make_config(catalog=mine).terms_of(found, None).catalog == mine


def test_profile_and_way_back_come_along():
    found = configuration_of(stripes())

    assert (found.business_profile.headline, found.default_return_url) == ("Plans", "https://app.example.com/account")
    assert found.business_profile.privacy_policy_url == "https://app.example.com/privacy"
    assert found.business_profile.terms_of_service_url is None


@pytest.mark.feature(79)
@pytest.mark.parametrize(
    ("duration", "choices"),
    [
        (EVERYTHING["subscription_pause"]["duration"], (PauseInterval(interval="month", interval_count=2),)),
        ({"type": "indefinite", "interval_options": []}, (None,)),
        ({"type": "interval_options"}, (PauseInterval(),)),
        (None, (PauseInterval(),)),
    ],
)
def test_how_long_may_be_paused_comes_along(duration, choices):
    found = features(subscription_pause={"enabled": True, "duration": duration}).subscription_pause

    assert (found.enabled, found.duration.choices) == (True, choices)


@pytest.mark.parametrize(
    "duration",
    [
        {"type": "interval_options", "interval_options": [{"interval": "month", "interval_count": 40}]},
        {"type": "until_spring"},
    ],
)
def test_a_pause_of_no_length_that_we_know_is_off_and_named(duration):
    given = {**EVERYTHING, "subscription_pause": {"enabled": True, "duration": duration}}

    assert not configuration_of(stripes(features=given)).features.subscription_pause.enabled
    assert "subscription_pause.duration" in not_taken(stripes(features=given))


@pytest.mark.parametrize(
    ("feature", "setting", "read"),
    [
        ("subscription_cancel", {"mode": "some_day"}, lambda f: f.subscription_cancel.mode == "at_period_end"),
        (
            "subscription_update",
            {"proration_behavior": "twice"},
            lambda f: f.subscription_update.proration_behavior == "none",
        ),
    ],
)
def test_a_value_that_stripe_adds_tomorrow_is_read_as_the_careful_one(feature, setting, read):
    assert read(features(**{feature: {**EVERYTHING[feature], **setting}}))


def test_what_is_not_taken_is_named():
    assert set(not_taken(stripes())) == {
        "subscription_update.products",
    }
    assert not_taken(stripes(features={})) == {}


def test_a_condition_of_tomorrow_is_named():
    strange = {"conditions": [{"type": "shortening_interval"}, {"type": "full_moon"}]}
    found = stripes(
        features={"subscription_update": {**EVERYTHING["subscription_update"], "schedule_at_period_end": strange}}
    )
    assert "full_moon" in not_taken(found)["subscription_update.schedule_at_period_end"]
    assert configuration_of(found).features.subscription_update.schedule_at_period_end == ("shortening_interval",)


class Sky:
    """A Stripe that answers, or does not; and a clock."""

    def __init__(self, answer) -> None:
        self.answer, self.now, self.calls = answer, 0.0, 0

    async def get(self, _kind, _path, **_params):
        self.calls += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def read(sky, name="bpc_1Abc", reader=None):
    reader = reader or ConfigurationReader(sky, clock=lambda: sky.now)
    return asyncio.run(reader.read(name)), reader


def test_it_is_read_once_a_minute():
    sky = Sky(stripes())
    _, reader = read(sky)
    read(sky, reader=reader)
    assert sky.calls == 1

    sky.now += LIFE_SECONDS
    read(sky, reader=reader)
    assert sky.calls == 2


def test_while_stripe_does_not_answer_the_last_one_read_goes_on_holding():
    sky = Sky(stripes())
    first, reader = read(sky)
    sky.answer, sky.now = StripeUnavailable("down"), LIFE_SECONDS + 1

    assert read(sky, reader=reader)[0] == first


def test_with_nothing_read_before_an_outage_is_an_outage():
    with pytest.raises(StripeUnavailable):
        read(Sky(StripeUnavailable("down")))


class OneAccount:
    """The accounts of a portal, with one configuration in Stripe."""

    def __init__(self, answer) -> None:
        self.configurations = ConfigurationReader(Sky(answer))

    def of(self, _account, *, livemode):
        return self


def terms(answer, configuration="bpc_1Abc"):
    return asyncio.run(TermsReader(make_config(), OneAccount(answer)).of(configuration, None, livemode=False))


@pytest.mark.parametrize("answer", [NotFound("No such configuration"), stripes(active=False)])
def test_a_configuration_that_is_not_there_or_inactive_is_the_host_s_to_mend(answer):
    with pytest.raises(StripeMisconfigured, match="bpc_1Abc"):
        terms(answer)


def test_what_is_not_taken_is_said_in_the_log(caplog):
    with caplog.at_level(logging.WARNING, logger="portal_embed"):
        terms(stripes())

    assert "subscription_update.products: gold cannot be switched to" in caplog.text
