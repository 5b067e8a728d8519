"""The portal's own Content-Security-Policy, whether it arrives as it was sent; what another one, added on the way, blocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from portal_embed.billing.stripe.check import Finding
from portal_embed.cli.outside.csp import Policy, policies
from portal_embed.cli.outside.reaching import OUR_PERMISSIONS, shown
from portal_embed.config.origins import origin_of
from portal_embed.config.stripe_hosts import REAL_API, REAL_JS, StripeHosts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal_embed.cli.outside.asking import Answer
    from portal_embed.cli.outside.page import Page

_FIXED = {
    "default-src": "'none'",
    "connect-src": "'self'",
    "frame-src": "'none'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
}
"""What `access/csp.py` writes for a page that takes no payment, whatever the settings are."""
_OUR_ORIGINS = re.compile(re.escape(OUR_PERMISSIONS) + r' "(https?://[^"]+)"')
_OTHERS = ("script-src", "style-src", "img-src", "font-src", "frame-ancestors")


def stripe_hosts_of(answer: Answer) -> StripeHosts:
    """Which hosts are Stripe for this portal: its Permissions-Policy names Stripe.js. Without one, the real ones."""
    for value in answer.all("permissions-policy"):
        if (found := _OUR_ORIGINS.search(value)) is not None and found[1] != REAL_JS:
            return StripeHosts.of(found[1], found[1])
    return StripeHosts.of(REAL_API, REAL_JS)


def own_policies(answer: Answer, page: Page) -> tuple[list[Policy], list[Policy]]:
    """(the portal's own, those of others) that apply to this page. The portal's names the nonce of the page itself."""
    found = [*policies(answer.all("content-security-policy")), *policies(page.policies, is_meta=True)]
    ours = {f"'nonce-{nonce}'" for nonce in page.nonces}
    mine = [policy for policy in found if ours & set(policy.directives.get("script-src", ()))]
    return mine, [policy for policy in found if policy not in mine]


def framed_by(answer: Answer, page: Page) -> tuple[str, ...]:
    """The origins that the portal lets frame it."""
    mine, _ = own_policies(answer, page)
    listed = mine[0].directives.get("frame-ancestors", ()) if mine else page.framed_by
    return tuple(origin for origin in listed if origin != "'none'")


def policy_findings(answer: Answer, page: Page, address: str) -> Iterator[Finding]:
    """Everything about the policies of the portal's first page."""
    mine, others = own_policies(answer, page)
    if not mine:
        instead = "another stands in its place" if others else "something on the way removes it"
        yield Finding(
            "problem",
            f"The portal's own Content-Security-Policy does not arrive: {instead}. Leave it alone: it changes with every "
            "answer, and lets pages load the portal's scripts and Stripe's and nothing else.",
        )
    else:
        yield from _rewritten(mine[0], page)
    for policy in others:
        blocked = list(_blocks(policy, answer, page, address))
        yield from blocked
        if not blocked:
            yield Finding(
                "note",
                "Another Content-Security-Policy is added on the way, and both apply. It blocks nothing that the portal needs.",
            )


def _rewritten(policy: Policy, page: Page) -> Iterator[Finding]:
    """Whether the portal's own policy still says what the portal wrote."""
    found = {name: " ".join(sources) for name, sources in policy.directives.items()}
    sent = dict(_FIXED)
    sent["script-src"] = sent["style-src"] = found["script-src"].split()[0]
    if page.framed_by:
        sent["frame-ancestors"] = " ".join(page.framed_by)
    changed = [name for name, sources in sent.items() if found.get(name) != sources]
    changed += [name for name in _OTHERS if name not in found and name not in changed]
    changed += [name for name in found if name not in (*_FIXED, *_OTHERS, "upgrade-insecure-requests")]
    if changed:
        now = "; ".join(policy.quoted(name) if name in found else f"no {name}" for name in changed)
        yield Finding(
            "problem",
            f"The portal's Content-Security-Policy is rewritten on the way, to “{shown(now)}”: leave it alone.",
        )


def _blocks(policy: Policy, answer: Answer, page: Page, address: str) -> Iterator[Finding]:
    """What somebody else's policy blocks, one finding for each of its directives."""
    blocked: dict[str, tuple[list[str], list[str]]] = {}
    for directive, url, what, source in _needs(answer, page, address):
        own = origin_of(address)
        fits = (
            policy.allows_script(url, own=own)
            if directive == "script-src-elem"
            else policy.allows(directive, url, own=own)
        )
        if not fits:
            wanted = directive.removesuffix("-elem")
            whats, sources = blocked.setdefault(policy.governing(directive) or directive, ([], []))
            whats += [what] if what not in whats else []
            sources += [f"{wanted} {source}"]
    for found, (whats, sources) in blocked.items():
        yield Finding(
            "problem",
            f"Another Content-Security-Policy is added on the way, and both apply: its “{shown(policy.quoted(found))}” blocks "
            f"{', '.join(whats)}. Leave {address} out of it, or add to it: {shown('; '.join(_merged(sources)))}.",
        )
    yield from _blocks_whole(policy, address)


def _blocks_whole(policy: Policy, address: str) -> Iterator[Finding]:
    if "'script'" in policy.directives.get("require-trusted-types-for", ()):
        yield Finding(
            "problem",
            "Another Content-Security-Policy is added on the way: its “require-trusted-types-for 'script'” blocks htmx. "
            f"Leave {address} out of it.",
        )
    if "sandbox" in policy.directives:
        missing = {"allow-forms", "allow-scripts", "allow-same-origin", "allow-popups"} - set(
            policy.directives["sandbox"]
        )
        if missing:
            yield Finding(
                "problem",
                f"Another Content-Security-Policy is added on the way: its “{shown(policy.quoted('sandbox'))}” lacks "
                f"{' '.join(sorted(missing))}. Leave {address} out of it.",
            )


def _needs(answer: Answer, page: Page, address: str) -> Iterator[tuple[str, str, str, str]]:
    """(directive, an address, what it is, the source to allow) of all that the portal's pages load."""
    hosts, own = stripe_hosts_of(answer), origin_of(address)
    yield "script-src-elem", f"{address}/static/0/js/portal.js", "the portal's scripts", own
    yield "style-src-elem", f"{address}/static/0/css/portal.css", "its styles", own
    yield "connect-src", f"{address}/", "its requests", own
    yield "form-action", f"{address}/session/end", "its forms", "'self'"
    for directive, origins, what in (
        ("script-src-elem", hosts.script, "Stripe.js"),
        ("frame-src", hosts.frame, "the card fields and 3-D Secure"),
        ("connect-src", hosts.connect, "Stripe's API"),
    ):
        for origin in origins:
            path = "/endive/stripe.js" if directive == "script-src-elem" else "/v3/"
            yield directive, f"{origin.replace('*', 'm')}{path}", what, origin
    for origin in framed_by(answer, page):
        yield "frame-ancestors", f"{origin}/", f"the frame on {shown(origin.partition('://')[2])}", origin


def _merged(sources: list[str]) -> list[str]:
    """["frame-src a", "frame-src b"] as ["frame-src a b"]."""
    merged: dict[str, list[str]] = {}
    for source in sources:
        directive, _, origin = source.partition(" ")
        if origin not in merged.setdefault(directive, []):
            merged[directive].append(origin)
    return [" ".join((directive, *origins)) for directive, origins in merged.items()]
