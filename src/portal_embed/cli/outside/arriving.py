"""Whether pages, files and forms reach the other side as they are: not kept, not changed, not refused on the way."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal_embed.billing.stripe.check import Finding
from portal_embed.cli.outside.page import joined, read_page
from portal_embed.cli.outside.reaching import is_from_portal, shown
from portal_embed.config.origins import origin_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal_embed.cli.outside.asking import Answer

_TYPES = {".css": {"text/css"}, ".js": {"text/javascript", "application/javascript"}}
_LONG = 24 * 60 * 60
_MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d+)", re.IGNORECASE)
FORM = {
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Dest": "empty",
    "HX-Request": "true",
    "Content-Type": "application/x-www-form-urlencoded",
}
"""What a browser sends with a form of the portal's own, by htmx; `Origin` comes to it."""


def page_findings(first: Answer, second: Answer) -> Iterator[Finding]:
    """Whether a page is kept on the way, or written into. `second`: the same page, asked for once more."""
    control = ", ".join(first.all("cache-control"))
    page, again = read_page(first.text), read_page(second.text)
    if page.nonces and page.nonces & again.nonces:
        yield Finding(
            "problem",
            f"Something on the way keeps pages: {first.url} came twice with the same nonce. One customer may be shown what was "
            "meant for another: keep nothing but what the portal's Cache-Control calls public.",
        )
    if "no-store" not in control.lower():
        came = f"arrives as “{shown(control)}”" if control else "does not arrive"
        yield Finding(
            "problem",
            f"Cache-Control of a page {came}, where the portal sends no-store: caches and browsers may keep a customer's "
            "billing.",
        )
    if not first.first("content-type").lower().startswith("text/html"):
        yield Finding("problem", f"Pages arrive as “{shown(first.first('content-type'))}” and not as text/html.")
    strange = [script.src or "one that stands in the page" for script in page.scripts if not script.nonce]
    if strange and page.nonces:
        yield Finding(
            "note",
            f"Scripts are added to pages on the way ({shown(', '.join(strange))}): the portal's Content-Security-Policy does "
            "not let them run.",
        )


def file_findings(answer: Answer, expected: str) -> Iterator[Finding]:
    """Whether a static file arrives whole. `expected`: the hash of its content, as its address says."""
    path = urlsplit(answer.url).path
    if answer.status != 200:
        yield _missing(answer, "let your proxy pass on everything below the portal's path, files too")
        return
    yield from _content(answer, expected)
    control = ", ".join(answer.all("cache-control")).lower()
    if any(word in control for word in ("no-store", "no-cache", "private")) or _seconds(control) < _LONG:
        yield Finding(
            "note",
            f"Cache-Control of {path} arrives as “{shown(control)}”: its address holds the hash of its content, so it could be "
            "kept for a year, as the portal says.",
        )


def _missing(answer: Answer, so: str) -> Finding:
    path, whose = (
        urlsplit(answer.url).path,
        "the portal itself" if is_from_portal(answer) else "something that is not the portal",
    )
    return Finding("problem", f"{path} is answered with {answer.status} by {whose}: {so}.")


def embed_findings(answer: Answer, installed: str) -> Iterator[Finding]:
    """The script for pages of the host. `installed`: the hash of the one that came with this command."""
    path = urlsplit(answer.url).path
    if answer.status != 200:
        yield _missing(answer, "no page of yours can frame the portal")
        return
    tag = re.search(r"[0-9a-f]{16}", answer.first("etag"))
    yield from _content(answer, tag[0] if tag else installed)
    policy = answer.all("cross-origin-resource-policy")
    if policy != ["cross-origin"]:
        came = f"arrives as {shown(' and '.join(policy))}" if policy else "does not arrive"
        yield Finding(
            "problem",
            f"Cross-Origin-Resource-Policy of {path} {came}, where the portal sends cross-origin: pages of other sites, or "
            "those with a Cross-Origin-Embedder-Policy, cannot load the script.",
        )
    if answer.all("access-control-allow-origin") != ["*"]:
        yield Finding(
            "note", f"Access-Control-Allow-Origin: * of {path} does not arrive: pages cannot load it as a module."
        )
    control = ", ".join(answer.all("cache-control")).lower()
    if _seconds(control) > _LONG:
        yield Finding(
            "note",
            f"Cache-Control of {path} arrives as “{shown(control)}”, where the portal sends max-age=300: after an update, "
            "pages go on with the old script for that long.",
        )


def _content(answer: Answer, expected: str) -> Iterator[Finding]:
    path = urlsplit(answer.url).path
    if hashlib.sha256(answer.body).hexdigest()[:16] != expected:
        yield Finding(
            "problem",
            f"{path} is changed on the way: its content is not what its hash says. Let nothing minify, rewrite or cut it.",
        )
    kind = answer.first("content-type").partition(";")[0].strip().lower()
    suffix = "." + path.rpartition(".")[2]
    if kind not in _TYPES.get(suffix, {kind}):
        yield Finding(
            "problem",
            f"{path} arrives as “{shown(kind)}” and not as {min(_TYPES[suffix], key=len)}: with nosniff, browsers do "
            "not use it.",
        )


def _seconds(control: str) -> int:
    found = _MAX_AGE.search(control)
    return int(found[1]) if found else 0


def form_findings(answer: Answer, address: str, unnamed: Answer | None) -> Iterator[Finding]:
    """Whether a form reaches the portal: signed out, its own answer to it is 401 and the address to go to.

    `unnamed`: the answer to the same form without `Origin`, asked for where the portal refused the first with 403.
    """
    if not is_from_portal(answer):
        to = f", a redirect to {shown(answer.first('location'))}" if answer.first("location") else ""
        yield Finding(
            "problem",
            f"Forms do not reach the portal: a POST to {answer.url} is answered with {answer.status}{to}, by something on the "
            f"way. Let POST through for {address} and all below it.",
        )
    elif answer.status == 403:
        yield Finding("problem", _refused(address, unnamed))
    elif answer.status == 415:
        yield Finding("problem", "Forms arrive without their Content-Type, so the portal refuses them: pass it on.")
    elif answer.status in {404, 405}:
        yield Finding("problem", f"Forms arrive as another method: the portal answers a POST with {answer.status}.")
    elif answer.status != 401:
        yield Finding(
            "problem", f"The portal answers a form of nobody with {answer.status} and not with 401: its log says why."
        )
    elif (to := answer.first("hx-redirect")) == "":
        yield Finding(
            "problem",
            "htmx's headers do not pass: the portal's answer to HX-Request comes without HX-Redirect. Let the request headers "
            "HX-… and X-Portal-…, and the answer headers HX-…, through.",
        )
    elif urlsplit(joined(answer.url, to)).path != f"{urlsplit(address).path}/expired":
        yield Finding(
            "problem", f"The portal leads to {shown(to)}, which is not below {address}: compare with PORTAL_BASE_URL."
        )


def _refused(address: str, unnamed: Answer | None) -> str:
    origin = origin_of(address)
    if unnamed is not None and unnamed.status == 401:
        return (
            f"The portal refuses every form from {origin}: PORTAL_BASE_URL names another origin, or your proxy changes the "
            f"header Origin. Set PORTAL_BASE_URL={address}."
        )
    return (
        f"The portal refuses forms from {origin}: neither Origin nor Sec-Fetch-Site arrives as a browser sends it. Let your "
        "proxy pass both on."
    )
