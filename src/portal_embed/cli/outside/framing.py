"""Whether a page of the host may hold the portal in a frame: what the portal says of it, and what the page's own headers do."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal_embed.billing.stripe.check import Finding
from portal_embed.cli.outside.csp import allowed_by_permissions, matches, policies
from portal_embed.cli.outside.page import Script, joined, read_page
from portal_embed.cli.outside.reaching import shown
from portal_embed.config.origins import is_exact_origin, origin_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portal_embed.cli.outside.asking import Answer
    from portal_embed.cli.outside.csp import Policy
    from portal_embed.cli.outside.page import Page

_REDIRECTS = range(300, 400)
_SANDBOX = {"allow-scripts", "allow-forms", "allow-same-origin"}


def permission_findings(page_url: str, framers: Sequence[str]) -> Iterator[Finding]:
    """What the portal says. `framers`: the origins that may frame it."""
    origin = origin_of(page_url)
    if not is_exact_origin(origin):
        yield Finding("problem", f"{origin} cannot frame the portal: such a page has to be https.")
    elif not matches(f"{origin}/", framers, own=origin):
        listed = f"only {shown(' '.join(framers))} may" if framers else "nobody may"
        yield Finding("problem", f"{origin} may not frame the portal, {listed}: add it to PORTAL_EMBED_ORIGINS.")


def host_findings(answer: Answer, address: str) -> Iterator[Finding]:
    """What the page's own headers and HTML do to `<billing-portal>`. `address`: the portal's."""
    if answer.status in _REDIRECTS or answer.status >= 400:
        location = answer.first("location")
        to = f", a redirect to {shown(joined(answer.url, location))}" if location else ""
        yield Finding(
            "note",
            f"{answer.url} is answered with {answer.status}{to}, so its own Content-Security-Policy was not seen: give a page "
            "of that site that shows without signing in.",
        )
        return
    page = read_page(answer.text)
    src = f"{address}/embed.js"
    script = next((one for one in page.scripts if joined(answer.url, one.src) == src), None)
    if script is None:
        yield Finding(
            "note", f"{answer.url} does not name {src} in its HTML. If a script of yours adds it, all is well."
        )
    own = origin_of(answer.url)
    for policy in (*policies(answer.all("content-security-policy")), *policies(page.policies, is_meta=True)):
        yield from _script(policy, script, src, own)
        yield from _rest(policy, answer.url, page, address)
    embedder = " ".join(answer.all("cross-origin-embedder-policy"))
    if "require-corp" in embedder or "credentialless" in embedder:
        yield Finding(
            "problem",
            f"{answer.url} sends Cross-Origin-Embedder-Policy: {shown(embedder)}, under which the portal's frame does not "
            "load: leave it out on that page.",
        )
    allowed = allowed_by_permissions(answer.all("permissions-policy"), "payment")
    portal = origin_of(address)
    if allowed is not None and not {"*", portal, *(["self"] if own == portal else [])} & set(allowed):
        given = shown(" ".join(allowed)) or "nobody"
        yield Finding(
            "problem",
            f"The Permissions-Policy of {answer.url} gives payment to {given}, so there is no Apple Pay or Google Pay in the "
            f'frame: write payment=(self "{portal}").',
        )


def _script(policy: Policy, script: Script | None, src: str, own: str) -> Iterator[Finding]:
    found = policy.governing("script-src-elem")
    element = script or Script(src, "", "")
    if found is None or policy.allows_script(
        src, own=own, nonce=element.nonce, integrity=element.integrity, is_in_html=script is not None
    ):
        return
    is_strict = "'strict-dynamic'" in policy.directives[found]
    add = "give its script element the nonce of the answer" if is_strict else f"add {origin_of(src)} to script-src"
    yield Finding("problem", f"The page's “{shown(policy.quoted(found))}” does not let {src} run: {add}.")


def _rest(policy: Policy, page_url: str, page: Page, address: str) -> Iterator[Finding]:
    own, portal = origin_of(page_url), origin_of(address)
    token_url = next((one["token-url"] for one in page.elements if one.get("token-url")), "")
    needs = [
        ("frame-src", f"{address}/session", "the portal's frame", portal),
        ("form-action", f"{address}/session", "the form that signs the customer in", portal),
    ]
    if token_url and (fetched := joined(page_url, token_url)):
        source = "'self'" if fetched.startswith(f"{own}/") else "/".join(fetched.split("/")[:3])
        needs.append(("connect-src", fetched, f"the request to token-url ({shown(token_url)})", source))
    for directive, url, what, source in needs:
        found = policy.governing(directive)
        if found is not None and not policy.allows(directive, url, own=own):
            yield Finding(
                "problem", f"The page's “{shown(policy.quoted(found))}” blocks {what}: add {source} to {directive}."
            )
    if "sandbox" in policy.directives and (missing := _SANDBOX - set(policy.directives["sandbox"])):
        yield Finding("problem", f"The page's “{policy.quoted('sandbox')}” lacks {' '.join(sorted(missing))}.")


def is_page(url: str) -> bool:
    """Whether this is an address that a page can have."""
    try:
        return urlsplit(url).username is None and bool(origin_of(url))
    except ValueError:
        return False
