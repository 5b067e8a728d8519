"""The Content-Security-Policy of each answer, built from a nonce, the embedding origins and the hosts that are Stripe.

Scripts and styles run by nonce alone. Not `'self'`: mounted in a host's site, that would include the host's uploads.
Not `'strict-dynamic'`: htmx re-creates script elements, so injected ones would run. Payment pages add what Stripe's
security guide lists for Stripe.js, or exactly the sandbox's origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.config.origins import origin_of

if TYPE_CHECKING:
    from portal_embed.access.session import Session
    from portal_embed.config import PortalConfig


def content_security_policy(
    config: PortalConfig,
    nonce: str,
    *,
    session: Session | None,
    payment_page: bool,
    may_be_framed: bool = True,
    challenge: bool = False,
) -> str:
    """The header's value. `payment_page`: whether the page mounts Stripe Elements; `challenge`: whether the host's CAPTCHA."""
    hosts = config.stripe_hosts
    stripe = {"script": hosts.script, "frame": hosts.frame, "connect": hosts.connect, "image": hosts.image}
    if not payment_page:
        stripe = dict.fromkeys(stripe, ())
    asked = config.hooks.challenge.origins if challenge and config.hooks.challenge is not None else ()
    directives = {
        "default-src": ["'none'"],
        "script-src": [f"'nonce-{nonce}'", *stripe["script"], *asked],
        "style-src": [f"'nonce-{nonce}'", *asked],
        "img-src": ["'self'", "data:", *_logo_origins(config), *stripe["image"]],
        "font-src": ["'self'", *_stylesheet_origin(config)],
        "connect-src": ["'self'", *stripe["connect"], *asked],
        "frame-src": [*stripe["frame"], *asked] or ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
    written = [f"{name} {' '.join(sources)}" for name, sources in directives.items()]
    return "; ".join([*written, framing_policy(config, session, may_be_framed=may_be_framed)])


def sources_inside(config: PortalConfig, nonce: str) -> dict[str, tuple[str, ...]]:
    """What the portal's part of a host's own page needs of that page's policy, directive → sources.

    Either of `'self'` and the nonce is enough for scripts and styles.
    """
    return {
        "script-src": ("'self'", f"'nonce-{nonce}'"),
        "style-src": ("'self'", f"'nonce-{nonce}'", *_stylesheet_origin(config)),
        "img-src": ("'self'", "data:", *_logo_origins(config)),
        "font-src": ("'self'", *_stylesheet_origin(config)),
        "connect-src": ("'self'",),
        "form-action": ("'self'",),
    }


def framing_policy(config: PortalConfig, session: Session | None, *, may_be_framed: bool) -> str:
    """For a page whose policy is the host's to write: only who may frame it, which adds to theirs."""
    allowed = (list(frame_ancestors(config, session)) if may_be_framed else []) or ["'none'"]
    return f"frame-ancestors {' '.join(allowed)}"


def frame_ancestors(config: PortalConfig, session: Session | None) -> tuple[str, ...]:
    """Who may frame the portal: the one origin the session was made for, else all that are configured."""
    if session is not None and session.embed_origin is not None:
        # The setting may have been shortened since the session was made.
        return (session.embed_origin,) if session.embed_origin in config.embed_origins else ()
    return config.embed_origins


def permissions_policy(config: PortalConfig) -> str:
    """Nothing but payments, and those for Stripe.js alone: wallets ask through its frames."""
    allowed = " ".join(f'"{origin}"' for origin in config.stripe_hosts.script)
    return f"camera=(), microphone=(), geolocation=(), usb=(), payment=(self {allowed})"


def _logo_origins(config: PortalConfig) -> list[str]:
    themes = [config.theme, *(account.theme for account in config.accounts.values() if account.theme is not None)]
    logos = (logo for theme in themes for logo in (theme.logo, theme.logo_dark) if logo is not None)
    return sorted({origin_of(logo) for logo in logos if not logo.startswith("/")})


def _stylesheet_origin(config: PortalConfig) -> list[str]:
    """A host's stylesheet is linked with the nonce; only the fonts it names need their origin listed."""
    if config.stylesheet_url is None or config.stylesheet_url.startswith("/"):
        return []
    return [origin_of(config.stylesheet_url)]
