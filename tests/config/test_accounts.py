"""Several Stripe accounts behind one portal: what is wrong is named at the start, what is left out is the portal's."""

import pytest

from portal_embed.config import BusinessProfile, Catalog, Configuration, Plan, StripeAccount, Theme
from portal_embed.errors import ConfigError
from tests.access.portal import make_config

EU = "acct_1EuropeanSide"
KEYS = {"secret_key": "sk_test_eu", "publishable_key": "pk_test_eu"}
MINE = Catalog([Plan(lookup_key="pro_monthly")])


def terms(merchant, configuration=None, **settings):
    config = make_config(accounts={EU: merchant}, catalog=MINE, **settings)
    return config.terms_of(configuration or config.own, EU)


@pytest.mark.parametrize(
    ("account", "merchant", "word"),
    [
        ("eu", StripeAccount(**KEYS), "acct_…"),
        (EU, StripeAccount(secret_key="sk_test_eu"), "one key"),
        (EU, StripeAccount(publishable_key="pk_test_eu"), "one key"),
        (EU, StripeAccount(secret_key="pk_test_eu", publishable_key="pk_test_eu"), "secret key"),
        (EU, StripeAccount(secret_key="sk_live_eu", publishable_key="pk_live_eu"), "mode"),
        (EU, StripeAccount(secret_key="sk_test_eu", publishable_key="pk_live_eu"), "mode"),
        (EU, StripeAccount(configuration="nobody's"), "configuration"),
    ],
)
def test_what_is_wrong_is_named(account, merchant, word):
    with pytest.raises(ConfigError, match=word):
        make_config(accounts={account: merchant})


def test_an_account_with_keys_is_no_connected_account():
    found = terms(StripeAccount(**KEYS))

    assert (found.publishable_key, found.connected_account) == ("pk_test_eu", None)


def test_one_without_is_reached_through_the_platform():
    found = terms(StripeAccount())

    assert (found.publishable_key, found.connected_account) == ("pk_test_123", EU)


def test_what_it_does_not_say_is_the_portal_s():
    found = terms(StripeAccount(), business_profile=BusinessProfile(name="Acme"), theme=Theme(radius="2px"))

    assert (found.catalog, found.business_profile.name, found.theme.radius) == (MINE, "Acme", "2px")
    assert found.theme_of is None


def test_its_own_catalog_look_and_name_win():
    yours = Catalog([Plan(lookup_key="pro_monthly_eur")])
    merchant = StripeAccount(
        catalog=yours, theme=Theme(radius="9px"), business_profile=BusinessProfile(name="Acme Europe")
    )
    found = terms(merchant, business_profile=BusinessProfile(name="Acme", headline="Plans"))

    assert (found.catalog, found.theme.radius, found.business_profile.name) == (yours, "9px", "Acme Europe")
    assert found.theme_of == EU
    assert found.business_profile.headline is None  # its profile is its own, as a whole


def test_under_a_configuration_its_name_stays():
    special = Configuration(business_profile=BusinessProfile(headline="For you"))
    found = terms(StripeAccount(business_profile=BusinessProfile(name="Acme Europe")), special)

    assert (found.business_profile.name, found.business_profile.headline) == ("Acme Europe", "For you")


def test_its_key_is_not_in_its_repr():
    assert "sk_test_eu" not in repr(make_config(accounts={EU: StripeAccount(**KEYS)}))
