"""Which hosts are Stripe, derived in this one place from `STRIPE_API_BASE` and `STRIPE_JS_URL`.

The Content-Security-Policy and the check on links both read it, so a sandbox needs no exception anywhere else. For the
real Stripe the lists are those of Stripe's security guide for Stripe.js; for any other address they are exactly its
origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from portal_embed.config.origins import origin_of

REAL_JS = "https://js.stripe.com"
REAL_API = "https://api.stripe.com"


@dataclass(frozen=True)
class StripeHosts:
    """Sources for each CSP directive of a payment page, and the hosts a link in a Stripe object may point to."""

    script: tuple[str, ...]
    frame: tuple[str, ...]
    connect: tuple[str, ...]
    image: tuple[str, ...]
    link_origins: tuple[str, ...]
    link_domain: str | None

    @classmethod
    def of(cls, stripe_api_base: str, stripe_js_url: str) -> StripeHosts:
        """Both addresses must be valid http(s) URLs, as `PortalConfig` has checked."""
        api, js = origin_of(stripe_api_base), origin_of(stripe_js_url)
        real_js, real_api = js == REAL_JS, api == REAL_API
        # Stripe.js starts frames and scripts on varying subdomains, so js.stripe.com alone is not enough.
        script = (REAL_JS, "https://*.js.stripe.com") if real_js else (js,)
        hooks = ("https://hooks.stripe.com",) if real_js else (api,)
        return cls(
            script=script,
            frame=_unique(*script, *hooks),
            connect=_unique(api, *(() if real_js else (js,))),
            image=("https://*.stripe.com",) if real_js else (js,),
            link_origins=() if real_api else _unique(api, js),
            link_domain="stripe.com" if real_api else None,
        )

    def may_link(self, url: str | None) -> bool:
        """Whether `url`, read from a Stripe object (hosted invoice, PDF, receipt), may become a link of ours."""
        if not url or not url.isascii() or any(character <= " " or character in "\\\x7f" for character in url):
            return False
        try:
            parts = urlsplit(url)
            origin = origin_of(url)
        except ValueError:
            return False
        if "@" in parts.netloc or not parts.hostname:
            return False
        if self.link_domain is None:
            return origin in self.link_origins
        host = parts.hostname
        return parts.scheme == "https" and parts.port in (None, 443) and host.endswith("." + self.link_domain)


def _unique(*sources: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sources))
