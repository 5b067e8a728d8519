"""A deployed portal, looked at from outside: for `portal-embed check --url`.

`asking` makes the few requests; everything else is rules about what came back: `reaching` (is it there), `headers` and
`policies`, `arriving` (pages, files, forms), `hosting` (a page of the host with it). No session, no key, nothing written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal_embed.billing.stripe.check import Finding
from portal_embed.cli.outside.arriving import FORM, embed_findings, file_findings, form_findings, page_findings
from portal_embed.cli.outside.asking import Unreachable, ask
from portal_embed.cli.outside.headers import header_findings
from portal_embed.cli.outside.hosting import host_findings, is_page
from portal_embed.cli.outside.page import read_page
from portal_embed.cli.outside.policies import framed_by
from portal_embed.cli.outside.reaching import misplaced, why_not
from portal_embed.config.origins import origin_of
from portal_embed.web.assets import assets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portal_embed.cli.outside.page import Page

__all__ = ["look"]

FILES = ("css/portal.css", "vendor/htmx-4.0.1.min.js", "js/portal.js")
NOT_SEEN = (
    "What only a signed-in customer gets was not looked at: the session's cookie, the headers X-Portal-…, and the pages "
    "with card fields."
)


def look(url: str, page_url: str | None = None) -> Iterator[Finding]:
    """Ask the portal at `url`, its public address with the mount path, and say what the way to it did to its answers.

    `page_url`: a page of the host that is to show it. At most ten requests.
    """
    for given in (url, *([page_url] if page_url is not None else [])):
        if not is_page(given):
            yield Finding("problem", f"{given!r} is no address: write https:// and all of it.")
            return
    parts = urlsplit(url)
    address = f"{origin_of(url)}{parts.path.rstrip('/')}"
    try:
        yield from _portal(address, page_url)
    except Unreachable as error:
        yield Finding("problem", str(error))


def _portal(address: str, page_url: str | None) -> Iterator[Finding]:
    first = ask(f"{address}/")
    if (problem := why_not(first, address)) is not None:
        yield problem
        return
    yield Finding("fine", f"A portal answers at {address}.")
    page = read_page(first.text)
    if (problem := misplaced(first, address)) is not None:
        yield problem
    yield from _or_fine(
        header_findings(first, page, address),
        "The headers of its pages arrive as it sent them, and no others that would bar anything.",
    )
    yield from _or_fine(
        page_findings(first, ask(f"{address}/")),
        "Its pages are kept nowhere on the way, and nothing is written into them.",
    )
    yield from _or_fine(_files(address, page), "Its files arrive whole, and may be kept.")
    yield from _or_fine(
        embed_findings(ask(f"{address}/embed.js"), assets()["embed/embed.js"].hash),
        "embed.js arrives whole, for pages of any site.",
    )
    yield from _or_fine(_forms(address), "Forms reach it, and so do htmx's headers and their answers.")
    if page_url is not None:
        yield from _or_fine(
            _shown_in(page_url, address, framed_by(first, page)),
            f"{page_url} may show it, and its own policy does not mind.",
        )
    yield Finding("note", NOT_SEEN)


def _or_fine(findings: Iterable[Finding], fine: str) -> Iterator[Finding]:
    found = list(dict.fromkeys(findings))
    yield from found or [Finding("fine", fine)]


def _files(address: str, page: Page) -> Iterator[Finding]:
    for name in FILES:
        if (file := page.files.get(name)) is not None:
            yield from file_findings(ask(f"{address}/static/{file.hash}/{name}"), file.hash)


def _forms(address: str) -> Iterator[Finding]:
    """Signing out without a session: refused before anything is done."""
    form = f"{address}/session/end"
    answer = ask(form, "POST", {**FORM, "Origin": origin_of(address)})
    unnamed = ask(form, "POST", FORM) if answer.status == 403 else None
    yield from form_findings(answer, address, unnamed)


def _shown_in(page_url: str, address: str, framers: tuple[str, ...]) -> Iterator[Finding]:
    try:
        answer = ask(page_url)
    except Unreachable as error:
        yield Finding("problem", str(error))
        return
    yield from host_findings(answer, address, framers)
