"""One request as a page handler sees it: who asks, their account, their language, the form, and the deed it stands for."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.requests import Request

from portal_embed.access.cookies import cookie_name, delete_cookie, set_cookie
from portal_embed.access.csrf import check_csrf_token
from portal_embed.access.flows import OURS
from portal_embed.access.requests import route_path
from portal_embed.billing.deeds import Deed
from portal_embed.errors import FormRefused, PortalError, SessionExpired
from portal_embed.i18n.formatting import formatter_for
from portal_embed.web import heard
from portal_embed.web.asked import step_up
from portal_embed.web.forms import read_form
from portal_embed.web.language import preferred_locale

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.responses import Response

    from portal_embed.access.email_changes import EmailChanges
    from portal_embed.access.limits import Limits
    from portal_embed.access.operations import Operations
    from portal_embed.access.session import Session, Sessions
    from portal_embed.billing.account import CustomerAccount
    from portal_embed.billing.accounts import StripeAccounts
    from portal_embed.billing.terms import TermsReader
    from portal_embed.config import PortalConfig, Terms, Theme
    from portal_embed.i18n.catalog import Languages
    from portal_embed.i18n.formatting import Formatter
    from portal_embed.mail.outbox import Outbox
    from portal_embed.web.rendering import Renderer
    from portal_embed.web.urls import Urls

logger = logging.getLogger("portal_embed")


PIECES = ("invoices", "invoice", "payment-methods", "plan", "plans", "cancel", "upcoming", "attention")
"""What a host may take into a page of its own, see `pages/routes.py`."""


@dataclass(frozen=True)
class Services:
    """What one portal has, made once in `portal.py`."""

    config: PortalConfig
    sessions: Sessions
    operations: Operations
    email_changes: EmailChanges
    limits: Limits
    stripe: StripeAccounts
    terms: TermsReader
    outbox: Outbox
    urls: Urls
    renderer: Renderer
    languages: Languages


class PortalRequest(Request):
    """Starlette's request, and what is ours about it."""

    section = ""
    """The entry of the navigation that this page belongs to (a route name)."""

    @property
    def services(self) -> Services:
        """The portal's own parts."""
        found: Services = self.scope["portal.services"]
        return found

    @property
    def config(self) -> PortalConfig:
        """The portal's settings."""
        return self.services.config

    @property
    def terms(self) -> Terms:
        """What holds for this session: features, catalog, the host's profile and look. `pages.endpoint` has read them."""
        found: Terms = self.scope.get("portal.terms", self.config.terms)
        return found

    @property
    def session(self) -> Session | None:  # type: ignore[override]
        """Who is signed in, None if nobody is."""
        found: Session | None = self.scope["portal.session"]
        return found

    @property
    def signed_in(self) -> Session:
        """Who is signed in. Raises `SessionExpired`."""
        if self.session is None:
            raise SessionExpired
        return self.session

    def may(self, scope: str) -> bool:
        """Whether the session has a scope such as "invoices:pay"."""
        return self.session is not None and self.session.may(scope)

    @property
    def is_known_to_host(self) -> bool:
        """Whether the host itself says on each request who this is (`identity=`); a link in a mail then says nothing."""
        return self.config.identity is not None and self.session is not None and not self.session.by_mail

    @property
    def is_recovery(self) -> bool:
        """Whether the session came by the link of a dunning mail, to pay what is owed."""
        return self.session is not None and self.session.flow is not None and self.session.flow.type == OURS

    @property
    def theme(self) -> Theme:
        """The host's look; its `scheme` is the session's where the host leaves that open."""
        theme, session = self.terms.theme, self.session
        if session is None or session.scheme not in {"light", "dark"} or theme.scheme != "auto":
            return theme
        return replace(theme, scheme="dark" if session.scheme == "dark" else "light")

    async def take_terms(self, configuration: str | None, account: str | None) -> None:
        """From here on the terms of this configuration and Stripe account hold: for links that need no session."""
        terms = await self.services.terms.of(configuration, account, livemode=self.config.livemode)
        self.scope["portal.terms"] = terms

    def keep(self, response: Response, session: Session) -> None:
        """From this answer on the browser's session is this one."""
        self.scope["portal.session"] = session
        if session.carried:
            return
        line = set_cookie(self.config, self.services.sessions.seal(session), framed=session.framed)
        response.headers.append("set-cookie", line)
        if cookie_name(self.config, framed=not session.framed) in self.headers.get("cookie", ""):
            # Two together count as none, see `access/cookies.py`: the older one goes.
            response.headers.append("set-cookie", delete_cookie(self.config, framed=not session.framed))

    @cached_property
    def account(self) -> CustomerAccount:
        """The signed-in customer's account: the only way to anything in Stripe."""
        session = self.signed_in
        only = session.flow.subscription if session.flow is not None else None
        return self.services.stripe.customer(session.key, on_behalf_of=session.on_behalf_of, only_subscription=only)

    @cached_property
    def fmt(self) -> Formatter:
        """How to write for this customer."""
        session = self.session
        named = (session.locale if session is not None else None) or self.scope.get("portal.locale")
        asked = self.headers.get("accept-language", "")
        return self.speaking(named or preferred_locale(asked, self.config.default_locale, self.services.languages))

    def speaking(self, locale: str) -> Formatter:
        """How to write in a language."""
        return formatter_for(locale, self.config.timezone, self.services.languages)

    @property
    def piece(self) -> str:
        """Which piece of a host's page is asked for ("invoices"), "" for a whole page: by its address, or going on inside it."""
        named: str = (
            self.scope.get("portal.piece")
            or self.headers.get("x-portal-piece", "")
            or _piece_at(route_path(self.scope))  # refused before any page was found
        )
        return named if named in PIECES else ""

    @property
    def wants_part(self) -> bool:
        """Whether htmx asked for a part of the page. A hint for the answer's size, never proof of anything."""
        if self.piece:
            return False
        return self.headers.get("hx-request") == "true" and self.headers.get("hx-request-type") == "partial"

    def path_id(self) -> str:
        """The one path parameter of the route: an id, not checked yet."""
        return str(next(iter(self.path_params.values()), ""))

    async def fields(self) -> dict[str, str]:
        """The form's fields, read once, after the proof that it is from our own page and this session."""
        if "portal.fields" not in self.scope:
            fields = await read_form(self)
            check_csrf_token(self.config, self.signed_in, fields.get("_csrf"))
            self.scope["portal.fields"] = fields
        found: dict[str, str] = self.scope["portal.fields"]
        return found

    @asynccontextmanager
    async def deed(
        self,
        action: str,
        object_id: str | None = None,
        *,
        owned: Callable[[str], Awaitable[object]] | None = None,
        what: str = "",
        lock: str = "",
    ) -> AsyncIterator[Deed]:
        """Do once what this form asks for: its operation token, bound to `action` and object, and a lock around the
        deed.

        `owned` looks the object up when the token is not for it, so that a stranger's id is a 404 and not a refused
        form. `what`: more that the token is bound to, such as the offer that is taken. `lock` names what must not be done twice
        at a time; the customer's deeds of one name wait for each other.
        """
        session = self.signed_in
        fields = await self.fields()
        operations = self.services.operations
        name = ":".join(part for part in (action, object_id, what) if part)
        try:
            operation = operations.open(fields.get("_op"), session, name)
        except FormRefused:
            if owned is not None and object_id is not None:
                await owned(object_id)
            raise
        asked = {key: value for key, value in fields.items() if not key.startswith("_")}
        await step_up(self, action)
        first = await operations.claim(operation, asked)
        self.scope["portal.operation"] = operation.idempotency_key("event")
        async with operations.lock(session, lock or name):
            outcome = "failed"
            keys: list[str] = []
            self.scope["portal.keys"] = keys

            def key(step: str) -> str:
                keys.append(operation.idempotency_key(step))
                return keys[-1]

            try:
                yield Deed(key, again=not first)
                outcome = "done"
            except PortalError as error:
                outcome = type(error).__name__
                raise
            finally:
                heard.audit(self, action, object_id, outcome, keys)
                # The audit line: who did what to which thing, and the keys by which Stripe's own events know it.
                logger.info(
                    "request %s: %s %s by %s in session %s, keys %s",
                    *(self.scope["portal.request_id"], name, outcome, session.actor or "the customer"),
                    *(session.log_name, " ".join(keys) or "none"),
                )


def _piece_at(path: str) -> str:
    """The piece of an address such as "/pieces/invoices/in_1"; "" for an address of something else."""
    if not path.startswith("/pieces/"):
        return ""
    noun, _, object_id = path.removeprefix("/pieces/").partition("/")
    return "invoice" if noun == "invoices" and object_id else noun
