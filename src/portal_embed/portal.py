"""`Portal`: the ASGI app that a host mounts. The composition root, and the only file that knows every room."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Unpack

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.routing import Router

from portal_embed.access import links, recovery
from portal_embed.access.email_changes import EmailChanges
from portal_embed.access.guard import SessionGuard
from portal_embed.access.headers import SecurityHeaders
from portal_embed.access.limits import Limits
from portal_embed.access.operations import Operations
from portal_embed.access.requests import route_path
from portal_embed.access.session import Sessions
from portal_embed.billing.accounts import StripeAccounts
from portal_embed.billing.terms import TermsReader
from portal_embed.errors import MethodNotAllowed, NotFound
from portal_embed.i18n.catalog import Languages
from portal_embed.mail.outbox import Outbox
from portal_embed.mail.smtp import smtp
from portal_embed.pages.problems import send_problem
from portal_embed.pages.routes import PATTERNS, routes
from portal_embed.store.memory import MemoryStore
from portal_embed.web.carried import Carried
from portal_embed.web.rendering import Renderer
from portal_embed.web.request import Services
from portal_embed.web.urls import Urls

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from portal_embed.access.links import PortalSession, SessionArguments
    from portal_embed.access.recovery import RecoveryArguments
    from portal_embed.config import MailCallable, PortalConfig


HTTP_405 = 405


class Portal:
    """The billing portal as an ASGI app: `app.mount("/billing", Portal(config))`.

    Needs no lifespan and no database. `create_session` and `end_sessions` are sync and work from any process that has
    the keys.
    """

    def __init__(self, config: PortalConfig, *, clock: Callable[[], float] = time.time) -> None:
        """`config` has been checked when it was made; nothing is read from Stripe yet.

        `clock`: seconds since 1970. A sandbox whose time was moved needs a portal that knows it: `clock=world.now`.
        """
        self.config = config
        self._clock = clock
        store = config.store if config.store is not None else MemoryStore()
        self._sessions = Sessions(config, store, clock)
        limits = Limits(config, store, clock)
        accounts = StripeAccounts(config, clock)
        languages = Languages(config.translations)
        self._services = Services(
            config=config,
            sessions=self._sessions,
            operations=Operations(config, store),
            email_changes=EmailChanges(config, store),
            limits=limits,
            stripe=accounts,
            terms=TermsReader(config, accounts),
            outbox=Outbox(_mailer(config)),
            urls=Urls(config, PATTERNS),
            renderer=Renderer(config, languages),
            languages=languages,
        )
        pages: ASGIApp = _Pages()
        app = Carried(pages, config.mount_path) if config.embed_origins else pages
        self._app: ASGIApp = SecurityHeaders(
            _Provide(SessionGuard(app, config, self._sessions, limits, send_problem), self._services), config
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._app(scope, receive, send)

    def create_session(self, **arguments: Unpack[SessionArguments]) -> PortalSession:
        """A single-use link for one customer; reads like `stripe.billing_portal.sessions.create`.

        `access.links.create_session` names every argument.
        """
        return links.create_session(self.config, now=self._clock(), **arguments)

    def create_recovery_link(self, **arguments: Unpack[RecoveryArguments]) -> str:
        """A link for your dunning mails: it opens what one customer owes, for as long as they owe it, and lets them pay.

        `access.recovery.create_link` names every argument.
        """
        return recovery.create_link(self.config, **arguments)

    def end_sessions(self, *, customer: str | None = None, host_session: str | None = None) -> None:
        """End every open session, and every unused link, of a customer or of one of your own sessions (on logout, say)."""
        self._sessions.end_all(customer=customer, host_session=host_session)

    async def aclose(self) -> None:
        """Send the mail that is under way, then close the connections to Stripe of this event loop.

        Optional: they close with the process too.
        """
        await self._services.outbox.drain()
        await self._services.stripe.aclose()


def _mailer(config: PortalConfig) -> MailCallable | None:
    if config.mail is not None or config.smtp_url is None:
        return config.mail
    return smtp(config.smtp_url, config.mail_from or "")


class _Provide:
    """Puts the portal's parts where handlers, and the guard's own refusals, find them."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["portal.services"] = self._services
        await self._app(scope, receive, send)


class _Pages:
    """The routes; an address that none of them has is a page too."""

    def __init__(self) -> None:
        self._router = Router(routes=routes(), default=_not_found, redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not route_path(scope):
            # A host's `Mount` adds the slash before it comes to us; a dispatch by hand may not.
            await RedirectResponse(f"{scope['root_path']}/", status_code=308)(scope, receive, send)
            return
        scope["app"] = self  # the router then raises on a wrong method instead of answering in plain text
        try:
            await self._router(scope, receive, send)
        except HTTPException as error:
            refused = MethodNotAllowed(str(error.status_code)) if error.status_code == HTTP_405 else NotFound()
            await send_problem(scope, receive, send, refused)


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    await send_problem(scope, receive, send, NotFound("no such address"))
