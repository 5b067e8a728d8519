"""The portal session: a signed, self-contained cookie value, and the store's word on whether it was ended early.

Self-contained because a portal that needs a shared session store would break on `--workers 4`; it holds nothing secret
and only what the host's token said. Ended sessions, by contrast, must be shared: logged-out ids, host sessions, and
"everything of this customer up to now" stand in the store, under hashed keys, for as long as a session, or a link that
makes one, could still live.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from portal_embed.access import flows, keys
from portal_embed.access.return_url import safe_return_url
from portal_embed.access.scopes import SCOPES
from portal_embed.access.tokens import CLOCK_SKEW, LASTING_LIFE, Handover, host_session_digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.access.flows import Flow
    from portal_embed.config import PortalConfig, Store

LONGEST_COOKIE = 3500
"""Bytes; browsers keep about 4096 for name, value and attributes together."""

_PURPOSE = "session"
_VERSION = 1
_REISSUE_AFTER = 60
_ROOM = 100
"""Bytes of the cookie that stay free for what a session learns later: its language, another customer."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """Who is signed in and what they may do. Times are seconds since 1970.

    `customer_account`: the customer's other name ("acct_…"), where the host used it. `flow`: the one thing this session
    may do, None for all that its scopes allow. `configuration`: the name of the one that holds for it, None for the
    portal's own. `on_behalf_of`: only what is billed on behalf of this account is there. `customers`: whom it
    may switch between, none for nobody else; `is_choosing`: nobody has said yet which of them it is about. `return_url` is the one
    named for this session. `host_session` is a digest. `by_mail`: signed in by a code or link in a mail, without the host. `link`
    is the id of the handover that made the session (None when
    `identity=` did). `framed` says that it lives in a cross-site frame, so its cookie must be partitioned; `carried`, that the
    browser keeps no cookie there at all, so that forms and a header carry it. `scheme`: "light" or "dark" where the
    page around it asks for that. `host_page`: the address of that page, to come back to it from a page of ours that stands alone.
    """

    sid: str
    customer: str
    account: str | None
    livemode: bool
    scopes: frozenset[str]
    flow: Flow | None
    actor: str | None
    host_session: str | None
    locale: str | None
    return_url: str | None
    embed_origin: str | None
    created: float
    last_seen: float
    customer_account: str | None = None
    configuration: str | None = None
    on_behalf_of: str | None = None
    customers: tuple[str, ...] = ()
    is_choosing: bool = False
    carried: bool = False
    scheme: str | None = None
    by_mail: bool = False
    link: str | None = None
    framed: bool = False
    host_page: str | None = None

    def may(self, scope: str) -> bool:
        """Whether the session has `scope`, such as "invoices:pay"."""
        return scope in self.scopes

    @property
    def is_read_only(self) -> bool:
        """Whether it may look and do nothing: a support colleague's, say, or the bookkeeper's."""
        return all(scope.endswith(":read") for scope in self.scopes)

    @property
    def key(self) -> tuple[str | None, bool, str]:
        """(account, livemode, customer): what every gateway call and every cache is keyed by."""
        return (self.account, self.livemode, self.customer)

    @property
    def digest(self) -> str:
        """The session's id, hashed: what a form or a log may carry."""
        return keys.digest("sid", self.sid)

    @property
    def log_name(self) -> str:
        """Eight characters that name the session in the log."""
        return self.digest[:8]


class Sessions:
    """Opens, seals, reads and ends sessions."""

    def __init__(self, config: PortalConfig, store: Store, clock: Callable[[], float] = time.time) -> None:
        """`clock`: seconds since 1970."""
        self.config = config
        self.store = store
        self.clock = clock

    def open(self, handover: Handover, now: float | None = None, *, framed: bool = False) -> Session:
        """A new session, with a new id, for what a verified and now used-up link says."""
        now = self.clock() if now is None else now
        return Session(
            sid=new_sid(),
            customer=handover.customer,
            account=handover.account,
            livemode=handover.livemode,
            scopes=handover.scopes,
            flow=handover.flow,
            actor=handover.actor,
            host_session=handover.host_session,
            locale=handover.locale,
            return_url=handover.return_url,
            embed_origin=handover.embed_origin,
            created=now,
            last_seen=now,
            customer_account=handover.customer_account,
            configuration=handover.configuration,
            on_behalf_of=handover.on_behalf_of,
            customers=handover.customers,
            link=handover.jti,
            framed=framed,
        )

    def open_by_mail(self, handover: Handover) -> Session:
        """A new session for somebody who proved that they read the customer's mail. What the billing address is they cannot
        change: it is what let them in.
        """
        return replace(self.open(handover), by_mail=True)

    def switched(self, session: Session, customer: str, locale: str | None) -> Session:
        """The same session for another of its customers, under a new id: what was opened for the one is not the other's.

        It began when the first one began, so it ends when that would have, and with whatever the host ends: the "acct_…" that
        the host called the first one by stays with it.
        """
        return replace(
            session,
            sid=new_sid(),
            customer=customer,
            is_choosing=False,
            locale=locale,
            last_seen=self.clock(),
            link=new_sid(),  # the link that made the first one does not lead in here again
        )

    def at_page(self, session: Session, page: str | None) -> Session:
        """The same session, which remembers `page` as the address of the page around it: only where that is of the origin that
        frames us, clean enough to lead back to, and short enough for the cookie. Else as it was.
        """
        if page is None or session.embed_origin is None or page.startswith("/"):  # a path would be one of ours
            return session
        if safe_return_url(page, {session.embed_origin}) is None:
            return session
        placed = replace(session, host_page=page)
        return placed if len(self._sealed(placed)) <= LONGEST_COOKIE - _ROOM else session

    def seal(self, session: Session) -> str:
        """The cookie's value, signed. Raises ValueError beyond 3 500 bytes, which no checked handover reaches."""
        value = self._sealed(session)
        if len(value) > LONGEST_COOKIE:
            raise ValueError(f"a session of {len(value)} bytes does not fit a cookie")
        return value

    def _sealed(self, session: Session) -> str:
        claims: dict[str, Any] = {fact.name: getattr(session, fact.name) for fact in fields(session)}
        claims["scopes"] = sorted(session.scopes)
        claims["flow"] = None if session.flow is None else session.flow.flow_data()
        claims = {name: value for name, value in claims.items() if value is not None}
        return keys.sign(self.config, _PURPOSE, {"v": _VERSION, "typ": _PURPOSE, "aud": self.config.base_url, **claims})

    def read(self, value: object, now: float | None = None) -> Session | None:
        """The session sealed in `value`, or None when it is not ours, has rested too long, or is too old.

        Says nothing about being ended early: ask `is_ended`.
        """
        now = self.clock() if now is None else now
        session = self.unsealed(value)
        if session is None:
            return None
        is_over = (
            now - session.last_seen >= self.config.session_idle or now - session.created >= self.config.session_absolute
        )
        return None if is_over else session

    def unsealed(self, value: object) -> Session | None:
        """The session sealed in `value`, alive or long over; None when it is not ours."""
        try:
            claims = keys.unsign(self.config, _PURPOSE, value)
        except keys.Unsigned:
            return None
        mine = {"v": _VERSION, "typ": _PURPOSE, "aud": self.config.base_url, "livemode": self.config.livemode}
        if any(claims.get(name) != expected for name, expected in mine.items()):
            return None
        try:
            facts: dict[str, Any] = {fact.name: claims.get(fact.name) for fact in fields(Session)}
            facts["scopes"] = frozenset(claims["scopes"]) & SCOPES
            facts["customers"] = tuple(facts["customers"] or ())
            if facts["flow"] is not None:
                facts["flow"] = flows.parse(facts["flow"], self.config.allowed_return_origins)
            session = Session(**facts)
        except (KeyError, TypeError, ValueError):  # signed by another version of this package
            return None
        return session

    def needs_reissue(self, session: Session, now: float | None = None) -> bool:
        """Whether the cookie is due again, so that the idle limit counts from now: at most once a minute."""
        return (self.clock() if now is None else now) - session.last_seen >= _REISSUE_AFTER

    def touched(self, session: Session, now: float | None = None) -> Session:
        """The same session, seen now."""
        return replace(session, last_seen=self.clock() if now is None else now)

    async def is_ended(self, session: Session) -> bool:
        """Whether the customer logged out, or the host ended this session, its host session, or all of the customer's.

        One round trip. Raises `StoreUnavailable`: not knowing is not "no".
        """
        logged_out, *revoked = await self.store.get_many([_sid_key(session.sid), *_revocation_keys(session)])
        return logged_out is not None or _revoked_since(session.created, revoked)

    async def is_link_ended(self, handover: Handover) -> bool:
        """Whether the host ended the customer's sessions after it made this link."""
        return _revoked_since(handover.issued, await self.store.get_many(_revocation_keys(handover)))

    async def is_customer_ended(self, *names: str | None, since: float) -> bool:
        """Whether the host ended, by any of the customer's `names` ("cus_…", "acct_…"), what they had begun by `since` (seconds
        since 1970). Not by host session: who logs out of the host may still confirm, in their mail, what they asked for.
        """
        asked = [_customer_key(name) for name in names if name is not None]
        return _revoked_since(since, await self.store.get_many(asked))

    async def end(self, session: Session) -> None:
        """Log this one session out, for as long as its cookie could still be read."""
        await self.store.put(_sid_key(session.sid), "1", self.config.session_absolute)

    def end_all(self, *, customer: str | None = None, host_session: str | None = None) -> None:
        """End every session, and every unused link, of a customer ("cus_…", or the "acct_…" of a `customer_account`) or of a
        host session, made up to now.

        Sync, and usable with or without a running loop: a host calls it from its logout view. With a store that is not
        shared between processes it reaches the sessions of this process only. Raises ValueError unless exactly one of
        the two is named.
        """
        if customer is not None and host_session is None:
            key = _customer_key(customer)
        elif host_session is not None and customer is None:
            key = _host_session_key(host_session_digest(host_session))
        else:
            raise ValueError("end_sessions needs either customer= or host_session=.")
        # To be remembered until every session open now, and every link made before now, is dead anyway.
        remember = max(self.config.session_absolute, LASTING_LIFE) + CLOCK_SKEW
        self.store.put_sync(key, str(_microseconds(self.clock())), remember)


def new_sid() -> str:
    """A session id of 256 random bits."""
    return secrets.token_urlsafe(32)


def _microseconds(now: float) -> int:
    """Fine enough that a link made right after `end_sessions` is not taken for one made before it."""
    return round(now * 1_000_000)


def _sid_key(sid: str) -> str:
    return keys.store_key("session-ended", sid)


def _customer_key(customer: str) -> str:
    return keys.store_key("customer-ended", customer)


def _host_session_key(digest: str) -> str:
    return keys.store_key("host-session-ended", digest)


def _revocation_keys(made: Session | Handover) -> list[str]:
    names = [_customer_key(name) for name in (made.customer, made.customer_account) if name is not None]
    if made.host_session is not None:
        names.append(_host_session_key(made.host_session))
    return names


def _revoked_since(made: float, revoked: list[str | None]) -> bool:
    """Whether one of the revocation times (microseconds) is at or after `made` (seconds)."""
    return any(time_text is not None and _microseconds(made) <= int(time_text) for time_text in revoked)
