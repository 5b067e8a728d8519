"""Somebody who walks to a page of the gallery: follows links, sends forms, in this very process and without scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from portal_embed.simulator.browser import MOST_HOPS, Raw, ask
from portal_embed.simulator.reading import Seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from portal_embed.config import Mail
    from portal_embed.portal import Portal
    from portal_embed.simulator.reading import Form


class Unreachable(Exception):
    """A page cannot be walked to; the message says which step failed."""


@dataclass(frozen=True)
class Page:
    """An answer at the end of its redirects."""

    url: str
    raw: Raw

    @cached_property
    def seen(self) -> Seen:
        """Its words, links and forms."""
        return Seen(self.raw.body.decode(), urlsplit(self.url).path)


class Visit:
    """One browser at one portal. `page` is where it stands."""

    page: Page

    def __init__(self, app: ASGIApp, portal: Portal, mails: list[Mail], *, is_framed: bool) -> None:
        """`app` keeps the cookies. `mails`: what the portal has sent. `is_framed`: a page of the host's stands around it."""
        self.portal = portal
        self._app = app
        self._base = portal.config.base_url
        self._mails = mails
        self._seen_as = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" if is_framed else "document"}
        self._is_framed = is_framed

    async def enter(self, customer: str, **session: Any) -> Page:
        """Come by a link of the host's; in a frame, by the form that the host's page posts."""
        link = self.portal.create_session(customer=customer, **session).url
        if not self._is_framed:
            return await self.open(link)
        (token,) = parse_qs(urlsplit(link).query)["token"]
        return await self._go("POST", f"{self._base}/session", {"token": token})

    async def open(self, path: str) -> Page:
        """An address of the portal ("/invoices"), or a whole one."""
        return await self._go("GET", path if path.startswith("http") else self._base + path)

    async def press(self, to: str, which: Callable[[Form], bool] = lambda _form: True, **typed: str) -> Page:
        """Send the first form of the page that leads to an address with this end, and that `which` means."""
        for form in self.page.seen.forms:
            if form.method == "post" and form.path.endswith(to) and which(form):
                return await self._go("POST", urljoin(self.page.url, form.action), {**form.fields, **typed})
        raise Unreachable(f"{urlsplit(self.page.url).path} has no form that leads to …{to}")

    async def mail(self, kind: str) -> Mail:
        """The newest mail of a kind, once everything under way is sent."""
        await self.portal.aclose()
        found = [mail for mail in self._mails if mail.kind == kind]
        if not found:
            raise Unreachable(f"no mail of the kind {kind} was sent")
        return found[-1]

    async def follow_mail(self, kind: str) -> Page:
        """Open the link in it."""
        link = re.search(r"https?://\S+", (await self.mail(kind)).text)
        if link is None:
            raise Unreachable(f"the mail of the kind {kind} has no link")
        return await self.open(link[0])

    async def _go(self, method: str, url: str, fields: dict[str, str] | None = None) -> Page:
        for _ in range(MOST_HOPS):
            headers, body = dict(self._seen_as), b""
            if method == "POST":
                body = urlencode(fields or {}).encode()
                headers["content-type"] = "application/x-www-form-urlencoded"
                headers |= {"origin": self.portal.config.origin, "sec-fetch-site": "same-origin"}
            raw = await ask(self._app, method, url, headers, body)
            location = raw.header("location")
            if not location:
                self.page = Page(url, raw)
                return self.page
            method, url = "GET", urljoin(url, location)
        raise Unreachable(f"{urlsplit(url).path} redirects for ever")
