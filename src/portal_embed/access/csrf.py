"""A form counts only when it came from our own page: origin and content type before the body is read, the form's token
after.

Origins are compared with `base_url`, never with `Host` or `X-Forwarded-*`, which a client or a careless proxy may set.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from portal_embed.access import keys
from portal_embed.config.origins import origin_of
from portal_embed.errors import FormRefused, UnsupportedForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal_embed.access.session import Session
    from portal_embed.config import PortalConfig

FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def csrf_token(config: PortalConfig, session: Session) -> str:
    """What the hidden field `_csrf` holds: the same for the whole session, so that Back and old tabs keep working."""
    return keys.macs(config, "csrf", session.sid)[0]


def check_csrf_token(config: PortalConfig, session: Session, sent: object) -> None:
    """Raise `FormRefused` unless `sent` is this session's token. Tokens of a key being retired still count."""
    text = sent.encode("utf-8", "replace") if isinstance(sent, str) else b""
    matches = [hmac.compare_digest(text, mac.encode()) for mac in keys.macs(config, "csrf", session.sid)]
    if not any(matches):
        raise FormRefused("form token missing or foreign")


def check_origin(config: PortalConfig, headers: Mapping[str, str]) -> None:
    """Raise `FormRefused` unless the browser says that the form came from the portal's own origin.

    `headers` have lower-case names. `Sec-Fetch-Site` must be "same-origin" where the browser sends it; where not,
    `Origin` must be there, or else a `Referer` of our origin. Nothing at all is refused.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None and origin != config.origin:
        raise FormRefused(f"origin {origin[:100]!r}, sec-fetch-site {(site or '')[:20]!r}")
    if site is not None:
        if site != "same-origin":
            raise FormRefused(f"sec-fetch-site {site[:20]!r}")
    elif origin is None and not _is_own(headers.get("referer"), config):
        raise FormRefused("neither origin nor sec-fetch-site nor a referer of ours")


def check_content_type(headers: Mapping[str, str]) -> None:
    """Raise `UnsupportedForm` unless the body is an HTML form: Starlette reads anything else as an empty one."""
    content_type = headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type not in FORM_TYPES:
        raise UnsupportedForm(f"content type {content_type[:60]!r}")


def _is_own(referer: str | None, config: PortalConfig) -> bool:
    try:
        return referer is not None and origin_of(referer) == config.origin
    except ValueError:
        return False
