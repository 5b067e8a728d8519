"""Whether a page of the host may show the portal, in a frame or in pieces: what the portal says, and the page's own headers."""

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

_SANDBOX = {"allow-scripts", "allow-forms", "allow-same-origin"}
_Need = tuple[str, str, str, str]
"""(directive, an address, what it is, the source to allow)"""


def permission_findings(page_url: str, framers: Sequence[str]) -> Iterator[Finding]:
    """What the portal says to a frame. `framers`: the origins that may frame it."""
    origin = origin_of(page_url)
    if not is_exact_origin(origin):
        yield Finding("problem", f"{origin} cannot frame the portal: such a page has to be https.")
    elif not matches(f"{origin}/", framers, own=origin):
        listed = f"only {shown(' '.join(framers))} may" if framers else "nobody may"
        yield Finding("problem", f"{origin} may not frame the portal, {listed}: add it to PORTAL_EMBED_ORIGINS.")


def host_findings(answer: Answer, address: str, framers: Sequence[str]) -> Iterator[Finding]:
    """What the page's own headers and HTML do to our elements in it. `address`: the portal's; `framers`: who may frame it.

    A page that names no element of ours is taken for one that frames the portal by a script of its own.
    """
    page = read_page(answer.text)
    is_shown = answer.status < 300
    frames = not is_shown or bool(page.elements) or not page.pieces
    if frames:
        yield from permission_findings(answer.url, framers)
    if not is_shown:
        location = answer.first("location")
        to = f", a redirect to {shown(joined(answer.url, location))}" if location else ""
        yield Finding(
            "note",
            f"{answer.url} is answered with {answer.status}{to}, so its own Content-Security-Policy was not seen: give a page "
            "of that site that shows without signing in.",
        )
        return
    if frames:
        yield from _around_a_frame(answer, address)
    if page.pieces and origin_of(answer.url) != origin_of(address):
        yield Finding(
            "problem",
            f"Pieces need the portal under the page's own origin, and {origin_of(address)} is not {origin_of(answer.url)}: use "
            "<billing-portal> there.",
        )
        return
    for src, needs in _elements(answer.url, page, address, frames=frames):
        script = next((one for one in page.scripts if joined(answer.url, one.src) == src), None)
        if script is None:
            yield Finding(
                "note", f"{answer.url} does not name {src} in its HTML. If a script of yours adds it, all is well."
            )
        for policy in (*policies(answer.all("content-security-policy")), *policies(page.policies, is_meta=True)):
            yield from _script(policy, script, src, origin_of(answer.url))
            yield from _rest(policy, needs, origin_of(answer.url))


def _around_a_frame(answer: Answer, address: str) -> Iterator[Finding]:
    embedder = " ".join(answer.all("cross-origin-embedder-policy"))
    if "require-corp" in embedder or "credentialless" in embedder:
        yield Finding(
            "problem",
            f"{answer.url} sends Cross-Origin-Embedder-Policy: {shown(embedder)}, under which the portal's frame does not "
            "load: leave it out on that page.",
        )
    allowed = allowed_by_permissions(answer.all("permissions-policy"), "payment")
    own, portal = origin_of(answer.url), origin_of(address)
    if allowed is not None and not {"*", portal, *(["self"] if own == portal else [])} & set(allowed):
        given = shown(" ".join(allowed)) or "nobody"
        yield Finding(
            "problem",
            f"The Permissions-Policy of {answer.url} gives payment to {given}, so there is no Apple Pay or Google Pay in the "
            f'frame: write payment=(self "{portal}").',
        )


def _elements(page_url: str, page: Page, address: str, *, frames: bool) -> Iterator[tuple[str, list[_Need]]]:
    """Each of our scripts that the page needs, and what its elements load."""
    portal = origin_of(address)
    if frames:
        yield (
            f"{address}/embed.js",
            [
                ("frame-src", f"{address}/session", "the portal's frame", portal),
                ("form-action", f"{address}/session", "the form that signs the customer in", portal),
                *_token(page_url, page.elements),
            ],
        )
    if page.pieces:
        yield (
            f"{address}/pieces.js",
            [
                ("connect-src", f"{address}/pieces/plan", "what pieces are fetched by", "'self'"),
                ("style-src-elem", f"{address}/pieces.css", "the styles of pieces", "'self'"),
                *_token(page_url, page.pieces),
            ],
        )


def _token(page_url: str, elements: list[dict[str, str]]) -> Iterator[_Need]:
    token_url = next((one["token-url"] for one in elements if one.get("token-url")), "")
    if token_url and (fetched := joined(page_url, token_url)):
        source = "'self'" if fetched.startswith(f"{origin_of(page_url)}/") else "/".join(fetched.split("/")[:3])
        yield "connect-src", fetched, f"the request to token-url ({shown(token_url)})", shown(source)


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


def _rest(policy: Policy, needs: list[_Need], own: str) -> Iterator[Finding]:
    for directive, url, what, source in needs:
        found = policy.governing(directive)
        if found is not None and not policy.allows(directive, url, own=own):
            yield Finding(
                "problem",
                f"The page's “{shown(policy.quoted(found))}” blocks {what}: add {source} to {directive.removesuffix('-elem')}.",
            )
    if "sandbox" in policy.directives and (missing := _SANDBOX - set(policy.directives["sandbox"])):
        yield Finding("problem", f"The page's “{shown(policy.quoted('sandbox'))}” lacks {' '.join(sorted(missing))}.")


def is_page(url: str) -> bool:
    """Whether this is an address that a page can have."""
    try:
        return urlsplit(url).username is None and bool(origin_of(url))
    except ValueError:
        return False
