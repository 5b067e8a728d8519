"""Whether it is a portal that answers at an address; and if not, who does, and what to change."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal_embed.billing.stripe.check import Finding
from portal_embed.cli.outside.page import joined, read_page
from portal_embed.config.origins import is_loopback_host, origin_of

if TYPE_CHECKING:
    from portal_embed.cli.outside.asking import Answer

# The sentences that `access/headers.py` and `cli/serve.py` answer with.
_ELSEWHERE = re.compile(r"The portal is set up for (?P<named>\S+) but is mounted at (?P<seen>\S+): ")
_SERVED_AT = re.compile(r"The billing portal is at (?P<named>https?://\S+?)/\. ")
OUR_PERMISSIONS = "camera=(), microphone=(), geolocation=(), usb=(), payment=(self"
"""How the Permissions-Policy of `access/csp.py` begins; the origins of Stripe.js follow."""
_SIGN_IN = re.compile(r"log[-_]?in|sign[-_]?in|auth|sso|saml", re.IGNORECASE)
_REDIRECTS = {301, 302, 303, 307, 308}
_GATEWAY = {502, 503, 504}


def shown(text: str, most: int = 160) -> str:
    """What somebody else's server sent, safe to print: one line, no control characters, not too long."""
    line = "".join(character if character.isprintable() else "?" for character in text)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def is_from_portal(answer: Answer) -> bool:
    """Whether a portal made this answer, even if a header or two were lost on the way: by what only it sends."""
    if any(value.startswith(OUR_PERMISSIONS) for value in answer.all("permissions-policy")):
        return True
    if any(
        "'nonce-" in value and "base-uri 'none'; object-src 'none'; frame-ancestors" in value
        for value in answer.all("content-security-policy")
    ):
        return True
    return "css/portal.css" in read_page(answer.text).files


def why_not(answer: Answer, address: str) -> Finding | None:
    """What is in the way of the portal's first page, or None when it is there. `address`: without a slash at its end."""
    sentence = _set_up_elsewhere(answer, address) or _not_ours(answer, address) or _portals_own_trouble(answer, address)
    return None if sentence is None else Finding("problem", sentence)


def _set_up_elsewhere(answer: Answer, address: str) -> str | None:
    text = html.unescape(answer.text)
    path = urlsplit(address).path or "/"
    if (found := _ELSEWHERE.search(text)) is not None:
        named, seen = shown(found["named"]), shown(found["seen"])
        if named != address:
            return (
                f"A portal answers at {address}, but its settings say that it is at {named}, so it serves nothing: "
                f"set PORTAL_BASE_URL={address}."
            )
        return (
            f"The portal's settings name {address}, but what reaches it is mounted at {seen}, so it serves nothing: mount it "
            f"at {path}, and let your proxy pass the path on as it is (in nginx, a proxy_pass without a path)."
        )
    if (found := _SERVED_AT.search(text)) is not None:
        named = shown(found["named"])
        if named == address:
            return (
                f"The portal is at {address}, but {path} is lost on the way to it: let your proxy pass the path on as it is "
                "(in nginx, a proxy_pass without a path)."
            )
        return f"At {address} there is no portal, but a sentence that says where it is: check --url {named}."
    return None


def _not_ours(answer: Answer, address: str) -> str | None:
    if answer.status in _REDIRECTS and answer.first("location"):
        return _redirected(answer, address)
    if is_from_portal(answer):
        return None
    what = f"{answer.url} is answered with {answer.status} by something that is not the portal"
    if answer.first("www-authenticate"):
        return (
            f"{what}, which asks for a password: customers would be asked too. Let {address} and all below it through."
        )
    if answer.status in _GATEWAY:
        return f"{what}: a proxy is there, but does not reach your app. Look at its log, and whether the app runs."
    if answer.status == 404:
        return (
            f"{what}: the path is lost or changed on the way, or the portal is not mounted there. Compare {address} with "
            "PORTAL_BASE_URL, with the mount in your app and with what your proxy passes on."
        )
    if answer.status in {401, 403, 405, 406, 429, 503}:
        return f"{what}, such as a firewall or a sign-in of your own: let {address} and all below it through."
    title = shown(read_page(answer.text).title, 60)
    called = f" It calls itself “{title}”." if title else ""
    return f"{what}.{called} Ask with the portal's public address and its mount path, as in PORTAL_BASE_URL."


def _redirected(answer: Answer, address: str) -> str:
    to = joined(answer.url, answer.first("location"))
    here, there = urlsplit(answer.url), urlsplit(to)
    what = f"{answer.url} is redirected ({answer.status}) to {shown(to or answer.first('location'))}"
    same_path = here.path.rstrip("/") == there.path.rstrip("/")
    if here.netloc == there.netloc and same_path and (here.scheme, there.scheme) == ("http", "https"):
        return f"{what}: ask there, and name https in PORTAL_BASE_URL."
    if here.netloc == there.netloc and same_path and here.scheme == there.scheme and here.path != there.path:
        return f"{what}: the portal's first page ends with a slash, so let both addresses through as they are."
    if same_path and here.netloc != there.netloc and _bare(here.hostname) == _bare(there.hostname):
        return f"{what}: let PORTAL_BASE_URL name that host, for forms to this one lose their content; then ask there."
    if _SIGN_IN.search(to):
        return (
            f"{what}, which looks like a sign-in in front of it: a customer comes in by a link of the portal's own, so let "
            f"{address} and all below it through."
        )
    return f"{what}, and without a session the portal redirects nowhere: let {address} and all below it through."


def _bare(host: str | None) -> str:
    return (host or "").removeprefix("www.")


def _portals_own_trouble(answer: Answer, address: str) -> str | None:
    parts = urlsplit(address)
    if parts.scheme == "http" and not is_loopback_host(parts.hostname):
        return f"The portal answers at {address} without TLS, where its cookies do not work: lead http:// to https:// there."
    if answer.status == 401:
        return None
    if answer.status == 200:
        return (
            f"{answer.url} shows somebody's billing to whoever asks, without a session: look at identity= of your "
            "PortalConfig, and at what your proxy keeps."
        )
    return f"The portal itself answers {answer.url} with {answer.status}: its log says why."


def misplaced(answer: Answer, address: str) -> Finding | None:
    """Whether the portal writes other addresses into its page than the one it was asked at."""
    mounts = {file.mount for file in read_page(answer.text).files.values()}
    path = urlsplit(address).path
    if not mounts or path in mounts:
        return None
    mount = shown(next(iter(mounts)))
    return Finding(
        "problem",
        f"The portal was asked at {address}, but takes {origin_of(address)}{mount} for its address, and its links and forms "
        f"lead there: set PORTAL_BASE_URL={address}, mount it at {path or '/'}, and pass the path on as it is.",
    )
