"""`PortalConfig`: all a portal needs to know, checked when built, so that a wrong setting stops the start, not a customer."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from portal_embed.config.accounts import StripeAccount
from portal_embed.config.catalog import Catalog
from portal_embed.config.configuration import Configuration, LoginPage, Terms
from portal_embed.config.features import BusinessProfile, Features
from portal_embed.config.hooks import Hooks
from portal_embed.config.jwt_keys import JwtKey, parse
from portal_embed.config.mails import MailReceipts
from portal_embed.config.origins import origin_of
from portal_embed.config.problems import found_in
from portal_embed.config.stripe_hosts import StripeHosts
from portal_embed.config.theme import Theme
from portal_embed.config.translations import read_translations
from portal_embed.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from babel.messages.catalog import Catalog as MessageCatalog

    from portal_embed.config.contracts import IdentityCallable, LayoutCallable, Store
    from portal_embed.config.mails import MailCallable

ENVIRONMENT = {
    "stripe_secret_key": "STRIPE_SECRET_KEY",
    "stripe_publishable_key": "STRIPE_PUBLISHABLE_KEY",
    "secret_keys": "PORTAL_SECRET_KEYS",
    "jwt_keys": "PORTAL_JWT_KEYS",
    "base_url": "PORTAL_BASE_URL",
    "return_url": "PORTAL_RETURN_URL",
    "return_origins": "PORTAL_RETURN_ORIGINS",
    "embed_origins": "PORTAL_EMBED_ORIGINS",
    "webhook_secrets": "PORTAL_WEBHOOK_SECRETS",
    "smtp_url": "PORTAL_SMTP_URL",
    "mail_from": "PORTAL_MAIL_FROM",
    "stripe_api_base": "STRIPE_API_BASE",
    "stripe_js_url": "STRIPE_JS_URL",
}
_LISTS = {"secret_keys", "jwt_keys", "return_origins", "embed_origins", "webhook_secrets"}
_SECRETS = {"stripe_secret_key", "secret_keys", "jwt_keys", "webhook_secrets", "smtp_url"}


@dataclass(frozen=True, kw_only=True, repr=False)
class PortalConfig:
    """The settings of one portal. Every wrong one is named in a single `ConfigError`, a sentence to a line.

    `secret_keys` sign links and sessions, oldest first; the newest signs, all are accepted. `base_url` is the public
    address of the portal with its mount path; links, cookies, the CSRF origin and Stripe's return URLs come from it,
    never from a request. `session_idle` and `session_absolute` are seconds: how long a session may rest, and how long
    it may live at all.

    `configuration` says which configuration holds where a session names none: None for `features`, `business_profile` and
    `catalog` as they stand here, a name in `configurations`, one of Stripe's ("bpc_…"), or "default" for the default one of
    the merchant's Stripe account. `accounts` are other Stripe accounts that `create_session(stripe_account=…)` may name.
    `hooks` are callables of the host's that hear what was done; `webhook_secrets` ("whsec_…", several while one is replaced)
    let them hear of what happens at Stripe too.
    `layout` puts each page inside one of the host's own: it is called with the request and an `InsidePage`.
    `mail` sends to customers; without it `smtp_url` and `mail_from` do.
    `translations_dir` holds the host's own words as gettext catalogs, `<locale>/LC_MESSAGES/portal_embed.po`: an entry there
    wins over ours of the same source text, in English too.
    `jwt_keys` let hosts in other languages sign the handover token themselves, as a JWT: `kid:HS256:secret` or
    `kid:EdDSA:public key`, base64, see `config/jwt_keys.py`; all are accepted.
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
    configuration: str | None = None
    configurations: Mapping[str, Configuration] = field(default_factory=dict)
    accounts: Mapping[str, StripeAccount] = field(default_factory=dict)
    catalog: Catalog = field(default_factory=Catalog)
    features: Features = field(default_factory=Features)
    business_profile: BusinessProfile = field(default_factory=BusinessProfile)
    login_page: LoginPage = field(default_factory=LoginPage)
    theme: Theme = field(default_factory=Theme)
    hooks: Hooks = field(default_factory=Hooks)
    webhook_secrets: tuple[str, ...] = ()
    jwt_keys: tuple[str, ...] = ()
    mail: MailCallable | None = None
    mail_receipts: MailReceipts = field(default_factory=MailReceipts)
    smtp_url: str | None = None
    mail_from: str | None = None
    identity: IdentityCallable | None = None
    store: Store | None = None
    timezone: str = "UTC"
    default_locale: str = "en"
    templates_dir: Path | None = None
    translations_dir: Path | None = None
    layout: LayoutCallable | None = None
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

    @property
    def can_mail(self) -> bool:
        """Whether customers can be written to."""
        return self.mail is not None or self.smtp_url is not None

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
    def terms(self) -> Terms:
        """What holds where no configuration and no other account is named."""
        return self.terms_of(self.own, None)

    @cached_property
    def own(self) -> Configuration:
        """The portal's own configuration, made of these settings."""
        return Configuration(features=self.features, business_profile=self.business_profile)

    def terms_of(self, configuration: Configuration, account: str | None) -> Terms:
        """A configuration for one Stripe account ("acct_…", None for the portal's), its gaps filled from these settings."""
        merchant = self.accounts.get(account or "", StripeAccount())
        profile, mine = configuration.business_profile, merchant.business_profile or self.business_profile
        if configuration is self.own and merchant.business_profile is not None:
            profile = merchant.business_profile
        theme = merchant.theme or self.theme
        # Of the listed accounts alone: the address of the stylesheet names it, and whoever asks could name any.
        own_look = merchant.theme is not None or (account in self.accounts and theme.colors_from is not None)
        return Terms(
            features=configuration.features,
            business_profile=profile if profile.name else replace(profile, name=mine.name),
            catalog=configuration.catalog or merchant.catalog or self.catalog,
            theme=theme,
            publishable_key=merchant.publishable_key or self.stripe_publishable_key,
            connected_account=None if merchant.has_own_keys else account,
            theme_of=account if own_look else None,
            return_url=configuration.default_return_url or self.return_url,
        )

    @cached_property
    def jwt_keyring(self) -> Mapping[str, JwtKey]:
        """The keys of hosts that sign JWTs, by `kid`."""
        return {key.kid: key for key in map(parse, self.jwt_keys)}

    @cached_property
    def allowed_return_origins(self) -> frozenset[str]:
        """Where a return link may lead: our own origin, the listed ones, those of pages that may frame us, and those of return
        URLs the host itself wrote.
        """
        origins = {self.origin, *self.return_origins, *self.embed_origins}
        named = (self.return_url, *(c.default_return_url for c in self.configurations.values()))
        origins |= {origin_of(url) for url in named if url and not url.startswith("/")}
        return frozenset(origins)

    @cached_property
    def translations(self) -> Mapping[str, MessageCatalog]:
        """The host's catalogs by locale ("pt_BR"), read once; empty without `translations_dir`."""
        return self._translations[0]

    @cached_property
    def _translations(self) -> tuple[Mapping[str, MessageCatalog], list[str]]:
        return (
            ({}, [])
            if self.translations_dir is None
            else read_translations(Path(self.translations_dir), self.templates_dir)
        )

    def problems(self) -> list[str]:
        """One sentence for each wrong or missing setting, naming it and saying what to change; empty when all is well."""
        return [*found_in(self), *self._translations[1]]

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
