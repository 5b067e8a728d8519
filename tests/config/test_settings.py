"""A wrong setting stops the start, with one sentence that names it and says what to change."""

import re

import pytest

from portal_embed.config import (
    Catalog,
    Configuration,
    Features,
    LoginPage,
    Plan,
    PortalConfig,
    SubscriptionCreate,
)
from portal_embed.errors import ConfigError

GOOD = {
    "STRIPE_SECRET_KEY": "rk_test_123",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_123",
    "PORTAL_SECRET_KEYS": "a" * 32,
    "PORTAL_BASE_URL": "https://app.example.com/billing",
}


def from_env(**changes):
    return PortalConfig.from_env({**GOOD, **changes})


def problems(**changes) -> list[str]:
    with pytest.raises(ConfigError) as error:
        from_env(**changes)
    return str(error.value).splitlines()


def test_four_settings_are_enough():
    config = from_env()

    assert config.problems() == []
    assert (config.origin, config.mount_path) == ("https://app.example.com", "/billing")
    assert (config.livemode, config.is_loopback_http) == (False, False)


def test_every_setting_is_read_from_its_variable():
    config = from_env(
        PORTAL_SECRET_KEYS=f"{'a' * 32}, {'b' * 32}",
        PORTAL_RETURN_URL="https://www.example.com/account",
        PORTAL_RETURN_ORIGINS="https://shop.example.com,https://blog.example.com",
        PORTAL_EMBED_ORIGINS="https://shop.example.com",
        STRIPE_API_BASE="http://127.0.0.1:8100/w/ada/",
        STRIPE_JS_URL="http://127.0.0.1:8100/w/ada/stripe.js",
    )

    assert config.secret_keys == ("a" * 32, "b" * 32)
    assert config.return_url == "https://www.example.com/account"
    assert config.return_origins == ("https://shop.example.com", "https://blog.example.com")
    assert config.embed_origins == ("https://shop.example.com",)
    assert config.stripe_api_base == "http://127.0.0.1:8100/w/ada"
    assert config.stripe_js_url == "http://127.0.0.1:8100/w/ada/stripe.js"


def test_what_is_given_in_python_wins_over_the_environment():
    assert PortalConfig.from_env(GOOD, base_url="https://other.example.com").origin == "https://other.example.com"


def test_an_empty_environment_names_all_that_is_missing_at_once():
    with pytest.raises(ConfigError) as error:
        PortalConfig.from_env({})
    named = [re.match(r"[A-Z_]+", line)[0] for line in str(error.value).splitlines()]

    assert named == list(GOOD)


@pytest.mark.parametrize("missing", GOOD)
def test_one_missing_setting_is_one_sentence(missing):
    (sentence,) = problems(**{missing: ""})

    assert sentence.startswith(f"{missing} is missing: set it to ")
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("STRIPE_SECRET_KEY", "pk_test_123"),
        ("STRIPE_SECRET_KEY", "whsec_123"),
        ("STRIPE_SECRET_KEY", "sk_test_ 1"),
        ("STRIPE_SECRET_KEY", "sk_live_123"),
        ("STRIPE_PUBLISHABLE_KEY", "sk_test_123"),
        ("PORTAL_SECRET_KEYS", "a" * 31),
        ("PORTAL_SECRET_KEYS", "a" * 32 + ","),
        ("PORTAL_SECRET_KEYS", "a" * 32 + "," + "a" * 32),
        ("PORTAL_BASE_URL", "app.example.com/billing"),
        ("PORTAL_BASE_URL", "/billing"),
        ("PORTAL_BASE_URL", "http://app.example.com/billing"),
        ("PORTAL_BASE_URL", "http://localhost.evil.example/"),
        ("PORTAL_BASE_URL", "https://app.example.com/billing?x=1"),
        ("PORTAL_BASE_URL", "https://app.example.com/billing#x"),
        ("PORTAL_BASE_URL", "https://user@app.example.com/billing"),
        ("PORTAL_BASE_URL", "https://app.example.com//billing"),
        ("PORTAL_BASE_URL", "https://app.example.com/a/../b"),
        ("PORTAL_BASE_URL", "https://app.example.com:99999/billing"),
        ("PORTAL_BASE_URL", "https://äpp.example.com/billing"),
        ("PORTAL_BASE_URL", "https://app.example.com/bil ling"),
        ("PORTAL_BASE_URL", "https://app;script-src *.example.com/"),
        ("PORTAL_BASE_URL", "ftp://app.example.com/"),
        ("PORTAL_RETURN_URL", "//evil.example"),
        ("PORTAL_RETURN_URL", "account"),
        ("PORTAL_RETURN_URL", "javascript:alert(1)"),
        ("PORTAL_RETURN_URL", "http://www.example.com/"),
        ("STRIPE_API_BASE", "http://api.stripe.com"),
        ("STRIPE_API_BASE", "api.stripe.com"),
        ("STRIPE_JS_URL", "//js.stripe.com/v3"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(variable, value):
    (sentence,) = problems(**{variable: value})

    assert sentence.startswith(variable)


@pytest.mark.parametrize("variable", ["PORTAL_EMBED_ORIGINS", "PORTAL_RETURN_ORIGINS"])
@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*",
        "https://*.example.com",
        "a;script-src *",
        "https://app.example.com/",
        "https://app.example.com/path",
        "https://app.example.com?x",
        "'self' x",
        "'self'",
        "http://app.example.com",
        "https://APP.example.com",
        "https://app.example.com:443",
        "https://app.example.com:99999",
        "https://app.example.com https://evil.example",
        "https://user@app.example.com",
        "https://",
        "null",
        "",
    ],
)
def test_an_origin_is_exact_or_refused(variable, origin):
    value = f"https://good.example.com,{origin}"

    assert all(sentence.startswith(variable) for sentence in problems(**{variable: value}))


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.com",
        "https://app.example.com:8443",
        "http://localhost:8000",
        "http://a.localhost",
        "http://127.0.0.1:1",
    ],
)
def test_an_exact_origin_is_accepted(origin):
    assert from_env(PORTAL_EMBED_ORIGINS=origin).embed_origins == (origin,)


@pytest.mark.parametrize(
    "base_url",
    ["http://localhost:8000/billing", "http://portal.localhost/", "http://127.0.0.1:8000", "http://[::1]:8000/billing"],
)
def test_plain_http_is_for_this_machine(base_url):
    config = from_env(PORTAL_BASE_URL=base_url)

    assert config.is_loopback_http
    assert not config.base_url.endswith("/")


def test_signing_keys_may_not_be_one_string():
    with pytest.raises(ConfigError, match="list of strings"):
        PortalConfig.from_env(GOOD, secret_keys="a" * 40)


@pytest.mark.parametrize("keys", [[], [""], ["a" * 31], ["a" * 32, "a" * 32], [None], [b"a" * 32]])
def test_signing_keys_must_be_long_and_different(keys):
    with pytest.raises(ConfigError, match="PORTAL_SECRET_KEYS"):
        PortalConfig.from_env(GOOD, secret_keys=keys)


def test_live_cards_are_entered_into_stripes_own_script_only():
    live = {"STRIPE_SECRET_KEY": "rk_live_1", "STRIPE_PUBLISHABLE_KEY": "pk_live_1"}

    assert from_env(**live).livemode
    (sentence,) = problems(**live, STRIPE_JS_URL="https://cdn.example.com/stripe.js")
    assert sentence.startswith("STRIPE_JS_URL")
    (sentence,) = problems(**live, STRIPE_API_BASE="http://127.0.0.1:8100")
    assert sentence.startswith("STRIPE_API_BASE")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"identity": "not callable"}, "identity"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"default_locale": "../en"}, "default_locale"),
        ({"session_idle": 5}, "session_idle"),
        ({"session_idle": 7200, "session_absolute": 3600}, "session_idle"),
        ({"templates_dir": "does-not-exist"}, "templates_dir"),
        ({"stylesheet_url": "http://cdn.example.com/x.css"}, "stylesheet_url"),
    ],
)
def test_other_settings_are_checked_too(changes, word):
    with pytest.raises(ConfigError, match=word):
        PortalConfig.from_env(GOOD, **changes)


def test_a_login_page_that_may_be_framed_needs_somebody_who_may():
    login_page = LoginPage(may_be_framed=True)
    with pytest.raises(ConfigError, match="set PORTAL_EMBED_ORIGINS"):
        PortalConfig.from_env(GOOD, login_page=login_page)
    assert PortalConfig.from_env({**GOOD, "PORTAL_EMBED_ORIGINS": "https://shop.example"}, login_page=login_page)


def test_starting_plans_needs_plans():
    starts = Features(subscription_create=SubscriptionCreate(enabled=True))
    catalog = Catalog([Plan(lookup_key="pro_monthly")])
    with pytest.raises(ConfigError, match=r"^features\.subscription_create is enabled, but there is no plan to start"):
        PortalConfig.from_env(GOOD, features=starts)
    with pytest.raises(ConfigError, match=r"^configurations\['shop'\].features.subscription_create is enabled"):
        PortalConfig.from_env(GOOD, configurations={"shop": Configuration(features=starts)})
    PortalConfig.from_env(GOOD, features=starts, catalog=catalog)
    PortalConfig.from_env(GOOD, configurations={"shop": Configuration(features=starts, catalog=catalog)})
    PortalConfig.from_env(GOOD, features=starts, configuration="default")


def test_an_unknown_setting_is_a_type_error():
    with pytest.raises(TypeError):
        PortalConfig.from_env(GOOD, base_ulr="x")


def test_printing_the_settings_prints_no_secret():
    config = from_env(STRIPE_SECRET_KEY="rk_test_veryprivate", PORTAL_SECRET_KEYS="s3cret" * 8)

    for text in (repr(config), str(config), f"{config}"):
        assert "veryprivate" not in text
        assert "s3cret" not in text
        assert "pk_test_123" in text


def test_a_wrong_secret_is_not_printed_either():
    text = "\n".join(problems(STRIPE_SECRET_KEY="sekrit", PORTAL_SECRET_KEYS="shortsecret"))

    assert "sekrit" not in text
    assert "shortsecret" not in text


def test_the_origin_of_the_return_url_need_not_be_listed_again():
    config = from_env(
        PORTAL_RETURN_URL="https://www.example.com/account", PORTAL_RETURN_ORIGINS="https://shop.example.com"
    )

    assert config.allowed_return_origins == {
        "https://app.example.com",
        "https://www.example.com",
        "https://shop.example.com",
    }


def test_what_should_be_known_before_production_is_a_warning():
    live = {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_PUBLISHABLE_KEY": "pk_live_1"}
    warnings = from_env(**live).warnings()

    assert [re.match(r"[A-Z_]+", line)[0] for line in warnings] == ["STRIPE_SECRET_KEY", "PORTAL_RETURN_URL"]
    assert from_env(PORTAL_RETURN_URL="/account").warnings() == []
