"""`portal-embed check`: it names what is wrong, what to change, and what is right; its exit code says which."""

from __future__ import annotations

import asyncio
import os

import pytest

from portal_embed import Catalog, Features, Plan, PortalConfig, StripeAccount, Theme
from portal_embed.billing.stripe.check import OF_CODES, READS, check_stripe
from portal_embed.cli import main
from portal_embed.config import SubscriptionCreate, SubscriptionUpdate
from portal_embed.sandbox import Sandbox
from tests.pages.people import services
from tests.serving import config_for


@pytest.fixture(scope="module")
def sandbox():
    """A running sandbox."""
    with Sandbox(seed="check") as running:
        yield running


@pytest.fixture
def world(sandbox):
    """Its default world, with the usual prices and one customer, and no failures left from another test."""
    world = sandbox.world()
    world.reset()
    world.life("monthly")
    return world


@pytest.fixture
def settings(monkeypatch, world):
    """The right settings for that world, in the environment."""
    for name in [name for name in os.environ if name.startswith(("STRIPE_", "PORTAL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    values = {
        "STRIPE_SECRET_KEY": "sk_test_check",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_check",
        "STRIPE_API_BASE": world.api_base,
        "STRIPE_JS_URL": world.stripe_js_url,
        "PORTAL_SECRET_KEYS": "an-example-key-of-forty-letters-and-more",
        "PORTAL_BASE_URL": "http://localhost:8000/billing",
        "PORTAL_RETURN_URL": "/account",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def check(capsys):
    """The exit code and what was printed."""
    code = main(["check"])
    return code, capsys.readouterr().out


def test_right_settings_and_a_good_key_end_without_problems(settings, capsys):
    code, said = check(capsys)

    assert code == 0
    assert "Stripe takes the key: Sandbox Shop" in said
    assert f"The key may read {', '.join(READS)}." in said
    assert said.endswith("No problems.\n")


def test_every_wrong_setting_is_named_and_the_right_ones_too(settings, capsys):
    settings.delenv("STRIPE_PUBLISHABLE_KEY")
    settings.setenv("PORTAL_SECRET_KEYS", "short")

    code, said = check(capsys)

    assert code == 1
    assert "PROBLEM STRIPE_PUBLISHABLE_KEY is missing" in said
    assert "PROBLEM PORTAL_SECRET_KEYS holds a key shorter than 32 bytes" in said
    assert "ok      STRIPE_SECRET_KEY is set." in said
    assert said.endswith("2 problems.\n")


def test_keys_of_two_modes_are_told_apart(settings, capsys):
    settings.setenv("STRIPE_PUBLISHABLE_KEY", "pk_live_check")

    code, said = check(capsys)

    assert code == 1
    assert "STRIPE_SECRET_KEY is a test key and STRIPE_PUBLISHABLE_KEY a live key" in said


def test_no_secret_is_ever_printed(settings, capsys):
    _, said = check(capsys)

    assert "sk_test_check" not in said
    assert "an-example-key" not in said


def test_a_refused_key_is_said_to_be_refused(settings, world, capsys):
    world.fail(r"^/v1/account$", status=401)

    code, said = check(capsys)

    assert code == 1
    assert "PROBLEM STRIPE_SECRET_KEY is refused by Stripe" in said


def test_a_stripe_that_cannot_be_reached_is_said_to_be_out_of_reach(settings, capsys):
    settings.setenv("STRIPE_API_BASE", "http://127.0.0.1:9")

    code, said = check(capsys)

    assert code == 1
    assert "PROBLEM http://127.0.0.1:9 cannot be reached" in said


@pytest.mark.parametrize("resource", READS)
def test_a_permission_that_a_restricted_key_lacks_is_named(resource, settings, world, capsys):
    settings.setenv("STRIPE_SECRET_KEY", "rk_test_check")
    world.fail(f"^{READS[resource]}$", method="GET", status=403)

    code, said = check(capsys)

    assert code == 1
    assert f"PROBLEM The key may not read {resource}: give the restricted key that permission" in said
    assert said.endswith("One problem.\n")


def test_where_plans_are_started_through_checkout_the_key_is_tried_on_that_too(world):
    create = {"enabled": True, "through": "checkout"}
    config = PortalConfig(
        stripe_secret_key="rk_test_check",
        stripe_publishable_key="pk_test_check",
        secret_keys=("a-signing-key-only-for-tests-0123456789",),
        base_url="http://localhost/billing",
        stripe_api_base=world.api_base,
        stripe_js_url=world.stripe_js_url,
        catalog=Catalog([Plan(lookup_key="pro_monthly")]),
        features=Features(subscription_create=SubscriptionCreate(**create)),
    )
    found = asyncio.run(check_stripe(config))
    assert any("checkout sessions" in finding.sentence for finding in found if finding.kind == "note")
    world.fail("^/v1/checkout/sessions$", method="GET", status=403)
    (problem,) = [finding for finding in asyncio.run(check_stripe(config)) if finding.kind == "problem"]
    assert "The key may not read checkout sessions" in problem.sentence


@pytest.mark.parametrize("resource", OF_CODES)
def test_where_customers_may_use_codes_those_must_be_readable_too(resource, world):
    update = SubscriptionUpdate(default_allowed_updates=("price", "promotion_code"))
    world.fail(f"^{OF_CODES[resource]}$", method="GET", status=403, times=2)

    with_codes, without = (
        [
            found.sentence
            for found in asyncio.run(check_stripe(config_for(world, "https://acme.example/billing", **more)))
        ]
        for more in ({"features": Features(subscription_update=update)}, {})
    )

    assert any(f"The key may not read {resource}" in sentence for sentence in with_codes)
    assert not any(f"may not read {resource}" in sentence for sentence in without)


def test_a_restricted_key_that_may_not_read_the_account_is_still_good(settings, world, capsys):
    settings.setenv("STRIPE_SECRET_KEY", "rk_test_check")
    world.fail(r"^/v1/account$", status=403)

    code, said = check(capsys)

    assert code == 0
    assert "Stripe takes the key (test mode, restricted)." in said


def test_several_workers_with_a_store_in_memory_are_a_problem(settings, capsys):
    settings.setenv("WEB_CONCURRENCY", "4")

    code, said = check(capsys)

    assert code == 1
    assert "PROBLEM WEB_CONCURRENCY asks for 4 workers" in said


def configured(world, *plans, **more):
    """A portal's settings for a world, with these plans on offer."""
    return PortalConfig(
        stripe_secret_key="sk_test_check",
        stripe_publishable_key="pk_test_check",
        secret_keys=("an-example-key-of-forty-letters-and-more",),
        base_url="http://localhost:8000/billing",
        stripe_api_base=world.api_base,
        stripe_js_url=world.stripe_js_url,
        catalog=Catalog(plans),
        **more,
    )


async def test_a_plan_without_a_price_at_stripe_is_named(world):
    config = configured(
        world, Plan(lookup_key="pro_monthly"), Plan(lookup_key="gone_monthly"), Plan(price="price_gone")
    )

    problems = [finding.sentence for finding in await check_stripe(config) if finding.kind == "problem"]

    assert len(problems) == 2
    assert "'gone_monthly'" in problems[0]
    assert "price_gone" in problems[1]


async def test_a_catalog_whose_prices_are_all_there_is_fine(world):
    findings = await check_stripe(configured(world, Plan(lookup_key="pro_monthly"), Plan(lookup_key="pro_yearly")))

    assert any(finding.kind == "fine" and "each of the catalog's 2 plans" in finding.sentence for finding in findings)


async def test_another_time_zone_than_the_accounts_is_worth_a_note(world):
    findings = await check_stripe(configured(world, timezone="Europe/Berlin"))

    assert any(finding.kind == "note" and "Europe/Berlin" in finding.sentence for finding in findings)


async def said_of_the_brand(config):
    return [(f.kind, f.sentence) for f in await check_stripe(config) if "brand" in f.sentence]


async def test_the_brand_that_a_theme_takes_is_told_with_what_becomes_of_it(world):
    config = configured(world, theme=Theme(colors_from="stripe", scheme="light"))
    assert [kind for kind, _ in await said_of_the_brand(config)] == ["note"]

    world.brand(secondary_color="#0a5cff")
    ((kind, sentence),) = await said_of_the_brand(config)
    assert (kind, "#0a5cff" in sentence) == ("fine", True)

    world.brand(primary_color="#ffcc00")
    ((kind, sentence),) = await said_of_the_brand(config)
    assert kind == "note"
    assert "#ffcc00 on the page's #ffffff has a contrast of 1.51:1" in sentence


async def test_a_theme_that_names_its_colours_asks_for_no_brand(world):
    assert await said_of_the_brand(configured(world, theme=Theme(accent="#0a5cff"))) == []


async def test_the_permission_for_the_brand_is_named_for_each_account(world):
    world.own("rk_test_eu", "acct_1European")
    world.restrict("rk_test_eu", "customer_read")
    other = StripeAccount(secret_key="rk_test_eu", publishable_key="pk_test_eu", theme=Theme(colors_from="stripe"))
    ((kind, sentence),) = await said_of_the_brand(configured(world, accounts={"acct_1European": other}))
    assert kind == "problem"
    assert "The brand colours of acct_1European cannot be read" in sentence
    assert "read permission on accounts" in sentence
    assert "accounts_kyc_basic_read" in sentence


@pytest.mark.feature(16)
class TestBesideStripesPortal:
    """`--import` sets the merchant's own portal beside this one."""

    @pytest.fixture
    def configuration(self, world):
        client = services(world.stripe_client())
        return client.billing_portal.configurations.create(
            {
                "name": "Everybody",
                "features": {
                    "invoice_history": {"enabled": True},
                    "payment_method_update": {"enabled": True},
                    "subscription_cancel": {"enabled": False},
                    "subscription_pause": {"enabled": True, "duration": {"type": "indefinite"}},
                    "subscription_update": {"enabled": True, "default_allowed_updates": ["price", "promotion_code"]},
                },
            }
        ).id

    def compared(self, capsys, name):
        code = main(["check", "--import", name])
        return code, capsys.readouterr().out

    @pytest.mark.parametrize("by", ["id", "default"])
    def test_both_stand_side_by_side(self, settings, configuration, capsys, by):
        code, said = self.compared(capsys, configuration if by == "id" else by)

        assert code == 0
        rows = {line[2:].split("  ")[0].strip(): line for line in said.splitlines()}
        assert f"Configuration {configuration} (Everybody, default)" in said
        assert rows["Invoices"].split()[1:] == ["on", "on"]
        assert rows["Canceling"].split()[1:] == ["off", "off"]
        assert rows["Pausing"].split("  ")[1:][-1].strip() == "until resumed"
        assert not rows["Pausing"].startswith("≠")
        assert "price, promotion_code" in rows["Changing a plan"]

    def test_what_is_on_there_and_not_here_is_named(self, settings, configuration, capsys):
        _, said = self.compared(capsys, configuration)

        assert "promotion codes" not in said

    def test_the_limits_that_fall_are_named(self, settings, configuration, capsys):
        _, said = self.compared(capsys, configuration)

        assert "At most 10 products to switch to" in said
        assert "end_sessions ends it" in said
        assert "cannot be canceled" not in said  # canceling is off

    @pytest.mark.parametrize(
        ("name", "word"), [("bpc_1Nobody", "does not know"), ("mine", "is no configuration of Stripe's")]
    )
    def test_a_wrong_name_is_said(self, settings, world, capsys, name, word):
        code, said = self.compared(capsys, name)

        assert code == 1
        assert word in said
