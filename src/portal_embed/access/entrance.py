"""The way in: a handover token, from a link or a form, becomes a session once.

What is cheap and certain is checked first; the single use is taken last, so a broken or refused token is not burned and
a slow check cannot be overtaken.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from portal_embed.access import handovers
from portal_embed.access.cookies import read_cookie, set_cookie
from portal_embed.access.keys import store_key
from portal_embed.access.limits import HANDOVER_FAILURES, Limits
from portal_embed.access.requests import Scope, client_address, cookie_headers, header_map
from portal_embed.access.tokens import CLOCK_SKEW, Handover
from portal_embed.errors import LinkRefused, RateLimited

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from portal_embed.access.session import Session, Sessions
    from portal_embed.config import PortalConfig

logger = logging.getLogger("portal_embed")

_FRAMES = {"iframe", "frame"}
CARRIER = "x-portal-session"
"""The header of a session that no cookie keeps; in a form it is the field `_session`."""
_MARGIN = 60


@dataclass(frozen=True)
class Arrival:
    """Somebody came in. Answer 303 to a clean URL with the `set_cookie` line.

    `replaced`: another customer was signed in in this browser and no longer is, so the next page must say whose account
    it is. `again`: the same browser used its own link a second time; nothing new was made. `set_cookie` is None where
    the session is carried by forms.
    """

    session: Session
    set_cookie: str | None = field(repr=False)
    replaced: bool = False
    again: bool = False


@dataclass(frozen=True)
class Known:
    """What Stripe says of a link's customer: their id ("cus_…"), and the first locale they prefer of those we have."""

    customer: str
    locale: str | None = None


class Entrance:
    """`GET /enter?token=…` and `POST /session`.

    `confirm` is asked about each link before it is used up; it raises `LinkRefused` when Stripe does not know the
    customer (any more).
    """

    def __init__(
        self, sessions: Sessions, limits: Limits, confirm: Callable[[Handover], Awaitable[Known]] | None = None
    ) -> None:
        """Takes configuration, store and clock from `sessions`."""
        self.config: PortalConfig = sessions.config
        self.sessions = sessions
        self.limits = limits
        self.confirm = confirm

    async def by_link(self, scope: Scope, token: object) -> Arrival:
        """Enter by a link that the browser navigates to. Raises `LinkRefused`, or `RateLimited` after many failures.

        A prefetch, a HEAD, an image or a script fetch is refused without using up the link: only a navigation counts.
        """
        headers = header_map(scope)
        if scope["method"] != "GET" or _is_prefetch(headers) or not _is_navigation(headers):
            raise LinkRefused("not_a_navigation")
        return await self._enter(scope, token, headers)

    async def by_form(self, scope: Scope, token: object, *, cookieless: bool = False) -> Arrival:
        """Enter by a form that the host's page posts: the token stands in no URL, and the browser names the page it
        came from.

        `Origin` must be one of the configured origins (or the portal's own), and the one the token was made for, if it
        names any. `cookieless`: a frame whose browser has kept no cookie before; only the pages that may frame us can say so.
        """
        headers = header_map(scope)
        origin = headers.get("origin")
        allowed = {self.config.origin, *self.config.embed_origins, *self.config.return_origins}
        if origin not in allowed or not _is_navigation(headers):
            logger.warning("handover form refused: origin %s", (origin or "none")[:100])
            raise LinkRefused("origin")
        is_known = self.config.identity is not None
        carried = cookieless and not is_known and is_frame(headers) and origin in self.config.embed_origins
        return await self._enter(scope, token, headers, origin=origin, carried=carried)

    async def by_frame(self, scope: Scope, token: object) -> Arrival:
        """Go on in a frame whose session is over: its own script posts the fresh token that the host's page handed to it.

        Only where the ended session's cookie still says in which jar the new one belongs, or where it was carried; without
        either the host's page posts its form once more.
        """
        headers = header_map(scope)
        if headers.get("origin") != self.config.origin:
            raise LinkRefused("origin")
        found = read_cookie(self.config, cookie_headers(scope))
        before = self.sessions.unsealed(headers.get(CARRIER) if found is None else found[0])
        if before is None or before.carried is not (found is None):
            raise LinkRefused("nothing to go on from")
        arrival = await self._enter(
            scope, token, headers, origin=before.embed_origin, framed=before.framed, carried=before.carried
        )
        session = replace(arrival.session, scheme=before.scheme, locale=before.locale or arrival.session.locale)
        return replace(arrival, session=self.sessions.at_page(session, before.host_page))

    async def by_page(self, scope: Scope, token: object) -> Arrival:
        """Enter from a page of our own origin, by the script of a piece on it. Whoever is signed in already, and is who the token
        names, goes on in the session they have: another page of theirs may be open with its forms.
        """
        headers = header_map(scope)
        if headers.get("origin") != self.config.origin:
            raise LinkRefused("origin")
        return await self._enter(scope, token, headers, framed=False, keep=True)

    async def _enter(
        self,
        scope: Scope,
        token: object,
        headers: Mapping[str, str],
        *,
        origin: str | None = None,
        framed: bool | None = None,
        carried: bool = False,
        keep: bool = False,
    ) -> Arrival:
        try:
            arrival = await self._open(scope, token, headers, origin, framed, keep=keep)
        except LinkRefused as refused:
            logger.warning("request %s: link refused: %s", scope.get("portal.request_id", "-"), refused.reason)
            # Counted afterwards, and good links are never counted: behind a proxy everybody may share one address, and a
            # stranger's failures must not keep customers out. Guessing a signature is hopeless anyway.
            try:
                await self.limits.check(HANDOVER_FAILURES, client_address(scope))
            except RateLimited as limited:
                raise limited from None
            raise
        if not carried:
            return arrival
        return replace(arrival, session=replace(arrival.session, carried=True), set_cookie=None)

    async def _open(
        self,
        scope: Scope,
        token: object,
        headers: Mapping[str, str],
        origin: str | None,
        framed: bool | None,
        *,
        keep: bool,
    ) -> Arrival:
        """`origin`: of the page that hands over, or frames. `framed`: in which jar, where the session before has said.

        `keep`: a session that says the same stays.
        """
        now = self.sessions.clock()
        current: Session | None = scope.get("portal.session")
        handover = handovers.verify(
            self.config, token, now, expired_ok=current is not None and current.link is not None
        )
        if origin is not None and handover.embed_origin not in (None, origin):
            raise LinkRefused("origin")
        if current is not None and current.link == handover.jti:
            return self._arrival(self.sessions.touched(current, now), again=True)
        if now >= handover.expires + CLOCK_SKEW:
            raise LinkRefused("expired")
        if await self.sessions.is_link_ended(handover):
            raise LinkRefused("revoked")
        if self.confirm is not None:
            known = await self.confirm(handover)
            handover = replace(handover, customer=known.customer, locale=handover.locale or known.locale)
            # Only now the second of the two names is known by which the host may have ended them.
            if handover.customer_account is not None and await self.sessions.is_link_ended(handover):
                raise LinkRefused("revoked")
        remember = handover.expires + CLOCK_SKEW - now + _MARGIN
        if not await self.sessions.store.add_once(store_key("link-used", handover.jti), remember):
            raise LinkRefused("replay")
        kept = _going_on(current, self.sessions.open(handover, now)) if keep and current is not None else None
        if kept is not None:
            return self._arrival(self.sessions.touched(kept, now), again=True)
        replaced = current is not None and current.key != (handover.account, handover.livemode, handover.customer)
        if current is not None:
            await self.sessions.end(current)
        is_framed = framed is not None or is_frame(headers)
        if is_framed and handover.embed_origin is None and origin in self.config.embed_origins:
            handover = replace(handover, embed_origin=origin)  # who posted it is who frames it
        if framed is None:
            framed = is_cross_site_frame(headers)
        session = self.sessions.open(handover, now, framed=framed)
        logger.info("session %s opened%s", session.log_name, ", another customer's replaced" if replaced else "")
        return self._arrival(session, replaced=replaced)

    def _arrival(self, session: Session, *, replaced: bool = False, again: bool = False) -> Arrival:
        line = set_cookie(self.config, self.sessions.seal(session), framed=session.framed)
        return Arrival(session=session, set_cookie=line, replaced=replaced, again=again)


def is_cross_site_frame(headers: Mapping[str, str]) -> bool:
    """Whether the answer will stand in a frame of another site, where only a partitioned cookie is kept."""
    return is_frame(headers) and headers.get("sec-fetch-site") == "cross-site"


def is_frame(headers: Mapping[str, str]) -> bool:
    """Whether the answer will stand in a frame."""
    return headers.get("sec-fetch-dest") in _FRAMES


def _going_on(held: Session, wanted: Session) -> Session | None:
    """The held session with the way back and the language of the wanted one, None where the two differ in anything else that a
    host says: who somebody is, and what they may do.
    """
    of_its_own = ("sid", "link", "created", "last_seen", "scheme", "locale", "return_url", "host_page")
    if replace(wanted, **{name: getattr(held, name) for name in of_its_own}) != held:
        return None
    return replace(held, return_url=wanted.return_url, locale=wanted.locale or held.locale)


def _is_prefetch(headers: Mapping[str, str]) -> bool:
    """Prefetch and prerender, by the standard's header and by the older ones."""
    words = ",".join(headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz")).lower()
    return any(word in words for word in ("prefetch", "prerender", "preview"))


def _is_navigation(headers: Mapping[str, str]) -> bool:
    """What browsers say of a page load; those that say nothing are taken at their word."""
    mode, destination = headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")
    return mode in (None, "navigate") and (destination in (None, "document") or destination in _FRAMES)
