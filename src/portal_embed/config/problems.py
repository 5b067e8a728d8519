"""What can be wrong with the settings: one sentence for each, naming the setting and saying what to change."""

from __future__ import annotations

import re
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from portal_embed.config import jwt_keys
from portal_embed.config.configuration import is_stripes_configuration
from portal_embed.config.deciding import Challenge
from portal_embed.config.origins import is_exact_origin, is_loopback_host, origin_of
from portal_embed.config.stripe_hosts import REAL_JS

if TYPE_CHECKING:
    from portal_embed.config.settings import PortalConfig

_SECRET_KEY = re.compile(r"(?:sk|rk)_(test|live)_[A-Za-z0-9_]+")
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_ACCOUNT = re.compile(r"acct_[A-Za-z0-9_]{6,64}")
_PUBLISHABLE_KEY = re.compile(r"pk_(test|live)_[A-Za-z0-9_]+")
_LOCALE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_NAME = re.compile(r"[A-Za-z0-9_\-]{1,64}")
_SHORTEST_KEY = 32


def found_in(config: PortalConfig) -> list[str]:
    """The sentences; none when all is well."""
    return [
        *_key_problems(config),
        *_signing_problems(config.secret_keys),
        *jwt_keys.problems(config.jwt_keys, config.secret_keys),
        *_address_problems(config),
        *_origin_problems("PORTAL_RETURN_ORIGINS", config.return_origins),
        *_origin_problems("PORTAL_EMBED_ORIGINS", config.embed_origins),
        *_configuration_problems(config),
        *_account_problems(config),
        *_mail_problems(config),
        *_other_problems(config),
    ]


def _key_problems(config: PortalConfig) -> list[str]:
    problems = []
    secret = _SECRET_KEY.fullmatch(config.stripe_secret_key or "")
    publishable = _PUBLISHABLE_KEY.fullmatch(config.stripe_publishable_key or "")
    if not config.stripe_secret_key:
        problems.append(
            "STRIPE_SECRET_KEY is missing: set it to a Stripe secret or restricted key (sk_test_… or rk_test_…)."
        )
    elif not secret:
        problems.append(
            "STRIPE_SECRET_KEY is not a Stripe secret key: it must start with sk_test_, rk_test_, sk_live_ or rk_live_."
        )
    if not config.stripe_publishable_key:
        problems.append(
            "STRIPE_PUBLISHABLE_KEY is missing: set it to the publishable key of the same account (pk_test_…)."
        )
    elif not publishable:
        problems.append("STRIPE_PUBLISHABLE_KEY is not a publishable key: it must start with pk_test_ or pk_live_.")
    if secret and publishable and secret[1] != publishable[1]:
        problems.append(
            f"STRIPE_SECRET_KEY is a {secret[1]} key and STRIPE_PUBLISHABLE_KEY a {publishable[1]} key: use two keys of one mode."
        )
    return problems


def _signing_problems(keys: tuple[str, ...] | str) -> list[str]:
    if isinstance(keys, str):
        return [
            "secret_keys must be a list of strings, not one string (in the environment, PORTAL_SECRET_KEYS is split at commas)."
        ]
    if not keys:
        return ["PORTAL_SECRET_KEYS is missing: set it to at least 32 random bytes (`openssl rand -base64 32`)."]
    problems = []
    if not all(_is_long_enough(key) for key in keys):
        problems.append(
            "PORTAL_SECRET_KEYS holds a key shorter than 32 bytes: replace it, for example by `openssl rand -base64 32`."
        )
    if len(set(keys)) != len(keys):
        problems.append("PORTAL_SECRET_KEYS names one key twice: remove the repetition.")
    return problems


def _is_long_enough(key: object) -> bool:
    return isinstance(key, str) and len(key.encode()) >= _SHORTEST_KEY


def _address_problems(config: PortalConfig) -> list[str]:
    problems = []
    if not config.base_url:
        problems.append(
            "PORTAL_BASE_URL is missing: set it to the portal's public address, such as https://app.example.com/billing."
        )
    else:
        problems += _url_problems("PORTAL_BASE_URL", config.base_url)
        if re.search(r"//|/\.\.?(?:/|$)|[%;]", urlsplit(config.base_url).path):
            problems.append("PORTAL_BASE_URL must have a plain path such as /billing.")
    problems += _url_problems("STRIPE_API_BASE", config.stripe_api_base)
    problems += _url_problems("STRIPE_JS_URL", config.stripe_js_url)
    # PCI DSS SAQ A: with live cards Stripe.js must come from Stripe itself.
    if not problems and config.livemode and origin_of(config.stripe_js_url) != REAL_JS:
        problems.append("STRIPE_JS_URL must be on https://js.stripe.com when the keys are live ones.")
    if not problems and config.livemode and config.stripe_api_base.startswith("http://"):
        problems.append("STRIPE_API_BASE must be https when the keys are live ones.")
    problems += _return_url_problems("PORTAL_RETURN_URL", config.return_url)
    for name, configuration in config.configurations.items():
        problems += _return_url_problems(
            f"configurations[{name!r}].default_return_url", configuration.default_return_url
        )
    if config.stylesheet_url is not None and not config.stylesheet_url.startswith("/"):
        problems += _url_problems("stylesheet_url", config.stylesheet_url, query=True)
    return problems


def _return_url_problems(name: str, url: str | None) -> list[str]:
    if url is None:
        return []
    if not url.startswith("/"):
        return _url_problems(name, url, query=True)
    if re.match(r"/[/\\]", url) or not _is_clean(url):
        return [f"{name} must be a path such as /account or a full https address."]
    return []


def _url_problems(name: str, url: object, *, query: bool = False) -> list[str]:
    """At most one sentence: an absolute https URL (http for this machine alone), no user name, query or fragment."""
    wanted = f"{name} must be a full address such as https://app.example.com/…, without query or fragment."
    if not isinstance(url, str) or not _is_clean(url):
        return [wanted]
    try:
        origin = origin_of(url)
    except ValueError:
        return [wanted]
    parts = urlsplit(url)
    if "@" in parts.netloc or (not query and (parts.query or parts.fragment or url.endswith(("?", "#")))):
        return [wanted]
    if origin.startswith("http://") and not is_loopback_host(parts.hostname):
        return [f"{name} must use https: plain http is for this machine alone (localhost, *.localhost, 127.0.0.1)."]
    if not is_exact_origin(origin):
        return [
            f"{name} has a host name that is not plain ASCII: write it in lower case, international names as punycode (xn--…)."
        ]
    return []


def _origin_problems(name: str, origins: tuple[str, ...] | str) -> list[str]:
    if isinstance(origins, str):
        return [f"{name} must be a list of origins, not one string."]
    return [
        f"{name} holds {origin!r}: write each origin exactly as https://host or https://host:port "
        "(http only for this machine), without path or wildcard."
        for origin in origins
        if not is_exact_origin(origin)
    ]


def _configuration_problems(config: PortalConfig) -> list[str]:
    problems = [
        f"configurations names one {name!r}: use letters, digits, - and _; bpc_… and default are Stripe's."
        for name in config.configurations
        if not _NAME.fullmatch(name) or name.startswith("bpc_") or name == "default"
    ]
    wanted = config.configuration
    if wanted is not None and wanted not in config.configurations and not is_stripes_configuration(wanted):
        problems.append(
            f'configuration {wanted!r} must be one of Stripe\'s (bpc_…), "default" for its default one, or a name in '
            "configurations."
        )
    return [*problems, *_catalog_problems(config)]


def _catalog_problems(config: PortalConfig) -> list[str]:
    """Starting plans is switched on where there are none. What Stripe's own configurations list is not known yet."""
    catalogs = [config.catalog, *(merchant.catalog for merchant in config.accounts.values())]
    named = {
        "features": config.own,
        **{f"configurations[{name!r}].features": c for name, c in config.configurations.items()},
    }
    return [
        f"{name}.subscription_create is enabled, but there is no plan to start: give catalog=Catalog([Plan(…)])."
        for name, configuration in named.items()
        if configuration.features.subscription_create.enabled
        and not (name == "features" and is_stripes_configuration(config.configuration or ""))
        and not any(catalog is not None and catalog.plans for catalog in (configuration.catalog, *catalogs))
    ]


def _account_problems(config: PortalConfig) -> list[str]:
    problems = []
    for account, merchant in config.accounts.items():
        name = f"accounts[{account!r}]"
        if not _ACCOUNT.fullmatch(account):
            problems.append(f"{name} is not named by a Stripe account id: write it as acct_….")
        secret = _SECRET_KEY.fullmatch(merchant.secret_key or "")
        publishable = _PUBLISHABLE_KEY.fullmatch(merchant.publishable_key or "")
        if bool(merchant.secret_key) != bool(merchant.publishable_key):
            problems.append(f"{name} has one key: give both, or neither for a connected account of your platform.")
        elif merchant.secret_key and not (secret and publishable):
            problems.append(f"{name} needs a secret key (sk_… or rk_…) and a publishable key (pk_…).")
        elif secret and publishable and {secret[1], publishable[1]} != {"live" if config.livemode else "test"}:
            problems.append(
                f"{name} has keys of another mode than STRIPE_SECRET_KEY: use test keys together, or live ones."
            )
        wanted = merchant.configuration
        if wanted is not None and wanted not in config.configurations and not is_stripes_configuration(wanted):
            problems.append(
                f"{name}.configuration {wanted!r} is neither one of Stripe's (bpc_…) nor in configurations."
            )
    return problems


def _mail_problems(config: PortalConfig) -> list[str]:
    problems = []
    if config.mail is not None and not callable(config.mail):
        problems.append("mail must be a callable that takes a Mail.")
    if config.smtp_url is not None and not _is_smtp(config.smtp_url):
        problems.append(
            "PORTAL_SMTP_URL must be such as smtp://user:password@mail.example.com:587, or smtps:// for TLS."
        )
    if config.smtp_url is not None and config.mail is None and not config.mail_from:
        problems.append("PORTAL_MAIL_FROM is missing: set it to the sender, such as Acme <billing@acme.example>.")
    if config.mail_from is not None and not _is_sender(config.mail_from):
        problems.append(f"PORTAL_MAIL_FROM {config.mail_from!r} is not a sender such as Acme <billing@acme.example>.")
    if config.login_page.enabled and not config.can_mail:
        problems.append(
            "login_page is enabled, but there is no mail to send codes with: give mail=, or PORTAL_SMTP_URL."
        )
    if config.login_page.may_be_framed and not config.embed_origins:
        problems.append(
            "login_page may be framed, but nobody is named who may do so: set PORTAL_EMBED_ORIGINS, or leave may_be_framed out."
        )
    return problems


def _is_smtp(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0 and parts.path in {"", "/"}
        )
    except ValueError:
        return False


def _is_sender(sender: str) -> bool:
    name, address = parseaddr(sender)
    return sender.isprintable() and _ADDRESS.fullmatch(address) is not None and name.isprintable()


def _other_problems(config: PortalConfig) -> list[str]:
    problems = []
    if config.identity is not None and not callable(config.identity):
        problems.append("identity must be a callable that takes the request and returns Identity(...) or None.")
    for name in ("event", "audit", "changes", "step_up", "offers", "navigation"):
        hook = getattr(config.hooks, name)
        if hook is not None and not callable(hook):
            problems.append(f"hooks.{name} must be a callable, not a {type(hook).__name__}.")
    if config.hooks.challenge is not None and not isinstance(config.hooks.challenge, Challenge):
        problems.append("hooks.challenge must be a Challenge(…).")
    if config.layout is not None and not callable(config.layout):
        problems.append("layout must be a callable that takes the request and an InsidePage, and returns the document.")
    if not _is_timezone(config.timezone):
        problems.append(
            f"timezone {config.timezone!r} is unknown: use a name such as Europe/Berlin, the one of your Stripe account."
        )
    if not _LOCALE.fullmatch(config.default_locale):
        problems.append(f"default_locale {config.default_locale!r} is not a locale: use one such as en or pt-BR.")
    if not 60 <= config.session_idle <= config.session_absolute <= 7 * 24 * 3600:
        problems.append(
            "session_idle must be at least 60 seconds and at most session_absolute, which is at most 7 days."
        )
    secrets = config.webhook_secrets
    if not all(secret.startswith("whsec_") and len(secret) > 20 for secret in secrets):
        problems.append("PORTAL_WEBHOOK_SECRETS must be the signing secrets of your webhook endpoint, such as whsec_….")
    if config.templates_dir is not None and not Path(config.templates_dir).is_dir():
        problems.append(f"templates_dir {str(config.templates_dir)!r} is not a directory.")
    return problems


def _is_clean(url: str) -> bool:
    return url.isascii() and not re.search(r"[\x00-\x20\x7f\\\"'<>]", url)


def _is_timezone(name: str) -> bool:
    if name == "UTC":  # does not need the tz database, which slim systems lack
        return True
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return False
    return True
