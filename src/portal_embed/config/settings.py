"""`PortalConfig`: all a portal needs to know, checked when built, so that a wrong setting stops the start, not a customer."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from portal_embed.config.catalog import Catalog
from portal_embed.config.features import BusinessProfile, Features
from portal_embed.config.origins import is_exact_origin, is_loopback_host, origin_of
from portal_embed.config.stripe_hosts import REAL_JS, StripeHosts
from portal_embed.config.theme import Theme
from portal_embed.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.config.contracts import IdentityCallable, MailCallable, Store

ENVIRONMENT = {
    "stripe_secret_key": "STRIPE_SECRET_KEY",
    "stripe_publishable_key": "STRIPE_PUBLISHABLE_KEY",
    "secret_keys": "PORTAL_SECRET_KEYS",
    "base_url": "PORTAL_BASE_URL",
    "return_url": "PORTAL_RETURN_URL",
    "return_origins": "PORTAL_RETURN_ORIGINS",
    "embed_origins": "PORTAL_EMBED_ORIGINS",
    "stripe_api_base": "STRIPE_API_BASE",
    "stripe_js_url": "STRIPE_JS_URL",
}
_LISTS = {"secret_keys", "return_origins", "embed_origins"}
_SECRETS = {"stripe_secret_key", "secret_keys"}
_SECRET_KEY = re.compile(r"(?:sk|rk)_(test|live)_[A-Za-z0-9_]+")
_PUBLISHABLE_KEY = re.compile(r"pk_(test|live)_[A-Za-z0-9_]+")
_LOCALE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_SHORTEST_KEY = 32


@dataclass(frozen=True, kw_only=True, repr=False)
class PortalConfig:
    """The settings of one portal. Every wrong one is named in a single `ConfigError`, a sentence to a line.

    `secret_keys` sign links and sessions, oldest first; the newest signs, all are accepted. `base_url` is the public
    address of the portal with its mount path; links, cookies, the CSRF origin and Stripe's return URLs come from it,
    never from a request. `session_idle` and `session_absolute` are seconds: how long a session may rest, and how long
    it may live at all.
    """

    stripe_secret_key: str
    stripe_publishable_key: str
    secret_keys: tuple[str, ...]
    base_url: str
    return_url: str | None = None
    return_origins: tuple[str, ...] = ()
    embed_origins: tuple[str, ...] = ()
    stripe_api_base: str = "https://api.stripe.com"
    stripe_js_url: str = "https://js.stripe.com/endive/stripe.js"
    catalog: Catalog = field(default_factory=Catalog)
    features: Features = field(default_factory=Features)
    business_profile: BusinessProfile = field(default_factory=BusinessProfile)
    theme: Theme = field(default_factory=Theme)
    identity: IdentityCallable | None = None
    store: Store | None = None
    mail: MailCallable | None = None
    timezone: str = "UTC"
    default_locale: str = "en"
    templates_dir: Path | None = None
    stylesheet_url: str | None = None
    session_idle: int = 15 * 60
    session_absolute: int = 4 * 60 * 60

    def __post_init__(self) -> None:
        """Raise `ConfigError` with one sentence per wrong setting."""
        for name in _LISTS:
            value = getattr(self, name)
            object.__setattr__(self, name, value if isinstance(value, str) else tuple(value))
        for name in ("base_url", "stripe_api_base"):
            value = getattr(self, name)
            if isinstance(value, str):
                object.__setattr__(self, name, value.rstrip("/"))
        problems = self.problems()
        if problems:
            raise ConfigError("\n".join(problems))

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> PortalConfig:
        """Settings from the environment; keyword arguments win, and carry what has structure (catalog, theme, features).

        Raises `ConfigError`. Lists are separated by commas.
        """
        environ = os.environ if environ is None else environ
        settings: dict[str, Any] = dict.fromkeys(("stripe_secret_key", "stripe_publishable_key", "base_url"), "")
        settings["secret_keys"] = ()
        for name, variable in ENVIRONMENT.items():
            text = environ.get(variable, "").strip()
            if text:
                settings[name] = tuple(part.strip() for part in text.split(",")) if name in _LISTS else text
        return cls(**{**settings, **overrides})

    @property
    def livemode(self) -> bool:
        """Whether the Stripe keys are live ones."""
        return self.stripe_secret_key.startswith(("sk_live_", "rk_live_"))

    @cached_property
    def origin(self) -> str:
        """`https://host[:port]` of `base_url`, as browsers write it in `Origin`."""
        return origin_of(self.base_url)

    @cached_property
    def mount_path(self) -> str:
        """The path under which the portal is mounted: "/billing", or "" at the root."""
        return urlsplit(self.base_url).path

    @cached_property
    def is_loopback_http(self) -> bool:
        """Plain http on this machine: development. Cookies then go without `Secure` and without the `__Host-` prefix."""
        return self.origin.startswith("http://")

    @cached_property
    def stripe_hosts(self) -> StripeHosts:
        """Which hosts are Stripe, for the Content-Security-Policy and for links."""
        return StripeHosts.of(self.stripe_api_base, self.stripe_js_url)

    @cached_property
    def allowed_return_origins(self) -> frozenset[str]:
        """Where a return link may lead: our own origin, the listed ones, and that of `return_url`, which the host itself wrote."""
        origins = {self.origin, *self.return_origins}
        if self.return_url and not self.return_url.startswith("/"):
            origins.add(origin_of(self.return_url))
        return frozenset(origins)

    def problems(self) -> list[str]:
        """One sentence for each wrong or missing setting, naming it and saying what to change; empty when all is well."""
        return [
            *_key_problems(self),
            *_signing_problems(self.secret_keys),
            *_address_problems(self),
            *_origin_problems("PORTAL_RETURN_ORIGINS", self.return_origins),
            *_origin_problems("PORTAL_EMBED_ORIGINS", self.embed_origins),
            *_other_problems(self),
        ]

    def warnings(self) -> list[str]:
        """What works but should be known before production, one sentence each."""
        warnings = []
        if self.stripe_secret_key.startswith("sk_live_"):
            warnings.append(
                "STRIPE_SECRET_KEY is an unrestricted key: a restricted one (rk_live_…) limits what a leak can do."
            )
        if self.return_url is None:
            warnings.append("PORTAL_RETURN_URL is not set: an expired link cannot lead its customer back to your site.")
        return warnings

    def __repr__(self) -> str:
        """All settings but the secrets."""
        shown = (f"{f.name}={'***' if f.name in _SECRETS else repr(getattr(self, f.name))}" for f in fields(self))
        return f"PortalConfig({', '.join(shown)})"


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
    if config.return_url is not None and not config.return_url.startswith("/"):
        problems += _url_problems("PORTAL_RETURN_URL", config.return_url, query=True)
    elif config.return_url is not None and (re.match(r"/[/\\]", config.return_url) or not _is_clean(config.return_url)):
        problems.append("PORTAL_RETURN_URL must be a path such as /account or a full https address.")
    if config.stylesheet_url is not None and not config.stylesheet_url.startswith("/"):
        problems += _url_problems("stylesheet_url", config.stylesheet_url, query=True)
    return problems


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


def _other_problems(config: PortalConfig) -> list[str]:
    problems = []
    if config.identity is not None and not callable(config.identity):
        problems.append("identity must be a callable that takes the request and returns Identity(...) or None.")
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
