"""Templates: where they are found, what they may call, and how a page becomes an answer."""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

from jinja2 import (
    BaseLoader,
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    pass_eval_context,
    select_autoescape,
)
from markupsafe import Markup
from starlette.responses import HTMLResponse

from portal_embed.access.csrf import csrf_token
from portal_embed.config.theme import Theme
from portal_embed.i18n.catalog import ENGLISH, OURS, direction
from portal_embed.view_models.chrome import ChallengeWidget, Chrome, NavItem
from portal_embed.web.assets import assets
from portal_embed.web.contract import PageNames
from portal_embed.web.frames import frame_of
from portal_embed.web.inside import is_inside, laid_out
from portal_embed.web.offers import offers
from portal_embed.web.pieces import as_piece, piece_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import CodeType

    from babel.support import NullTranslations
    from jinja2.bccache import Bucket
    from jinja2.nodes import EvalContext
    from starlette.types import Receive, Scope, Send

    from portal_embed.config import PortalConfig
    from portal_embed.i18n.catalog import Languages
    from portal_embed.view_models.chrome import Piece
    from portal_embed.web.request import PortalRequest

NAVIGATION = (
    ("overview.show", "subscriptions:read"),
    ("invoices.index", "invoices:read"),
    ("payment_methods.index", "payment_methods:read"),
    ("details.show", "customer:read"),
)
_UNCHANGED = Theme()  # made once: it checks its contrasts


class _CompiledOnce(BytecodeCache):
    """A template is compiled once for all languages and portals of a process; anew only when its text has changed."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType | None]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = (bucket.checksum, bucket.code)


_COMPILED = _CompiledOnce()


def environment(config: PortalConfig) -> Environment:
    """The Jinja environment. The host's `templates_dir` comes first; our originals are always at `@portal/…`.

    Everything is escaped but plain text (mails), and an unknown name is an error, not an empty string.
    """
    ours = PackageLoader("portal_embed")
    loaders: list[BaseLoader] = [ours, PrefixLoader({"@portal": ours})]
    if config.templates_dir is not None:
        loaders.insert(0, FileSystemLoader(config.templates_dir))
    made = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True, default_for_string=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
        auto_reload=config.templates_dir is not None,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.globals["dom_id"] = dom_id
    made.filters["as_piece"] = as_piece
    return made


def dom_id(noun: str, id: str, part: str) -> str:
    """The id of a part of a thing on the page: "portal-subscription-sub_1-panel". Made here and nowhere else."""
    return f"portal-{noun}-{id}-{part}"


def _install(made: Environment, words: NullTranslations) -> None:
    """Give templates the words of one language. A translation is text, never markup: it is escaped as any other value."""

    @pass_eval_context
    def gettext(context: EvalContext, message: str) -> str:
        return _as_text(context, words.gettext(message))

    @pass_eval_context
    def ngettext(context: EvalContext, singular: str, plural: str, count: int) -> str:
        return _as_text(context, words.ngettext(singular, plural, count))

    @pass_eval_context
    def pgettext(context: EvalContext, about: str, message: str) -> str:
        return _as_text(context, str(words.pgettext(about, message)))

    @pass_eval_context
    def npgettext(context: EvalContext, about: str, singular: str, plural: str, count: int) -> str:
        return _as_text(context, str(words.npgettext(about, singular, plural, count)))

    made.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext)  # type: ignore[attr-defined]


def _as_text(context: EvalContext, words: str) -> str:
    return escape(words) if context.autoescape else words


class Renderer:
    """Makes answers out of templates and view models. One for each portal."""

    def __init__(self, config: PortalConfig, languages: Languages = OURS) -> None:
        """Reads the static files; templates are compiled when first used."""
        self._config = config
        self._languages = languages
        self._by_locale: dict[str, Environment] = {}

    def answer(
        self,
        request: PortalRequest,
        template: str,
        page: object,
        *,
        status: int = 200,
        account_label: str = "",
        nav: bool = True,
    ) -> HTMLResponse:
        """A finished answer. `template` reads `page`; `account_label` says whose billing it is where that matters."""
        context = self._context(request, page, status, account_label=account_label, nav=nav)
        found = self.in_locale(request.fmt.locale).get_template(template)
        html, chrome = found.render(context), context["chrome"]
        if chrome.layout == INSIDE and f"<!--{context['nonce']}-->" in html:

            def whole() -> str:
                return found.render({**context, "chrome": replace(chrome, layout=WHOLE)})

            return InsideResponse(html, template, context, status, lambda: laid_out(request, self._config, html, whole))
        response = PageResponse(html, template, context, status)
        if request.piece and request.headers.get("hx-request") == "true":
            _for_htmx_of_a_host(response, context["chrome"].piece)
        return response

    def in_locale(self, locale: str) -> Environment:
        """The environment whose `_()` and `{% trans %}` speak one language."""
        name = self._languages.catalog_of(locale)
        found = self._by_locale.get(name)
        if found is None:
            found = self._by_locale[name] = environment(self._config)
            _install(found, self._languages.translations(locale))
        return found

    def _context(
        self, request: PortalRequest, page: object, status: int, *, account_label: str, nav: bool
    ) -> dict[str, Any]:
        session = request.session
        services = request.services
        names = PageNames(
            chrome=self._chrome(request, page, status, account_label=account_label, nav=nav),
            url=services.urls.path,
            static=self._static,
            nonce=request.scope["portal.nonce"],
            csrf=csrf_token(self._config, session) if session is not None else "",
            op=lambda action: services.operations.issue(session, action) if session is not None else "",
            stylesheet_url=self._config.stylesheet_url,
            theme_url=services.urls.path("theme.css", account=request.terms.theme_of, scheme=_asked_scheme(request))
            if request.theme != _UNCHANGED
            else None,
        )
        return {"page": page, **vars(names)}

    def _chrome(self, request: PortalRequest, page: object, status: int, *, account_label: str, nav: bool) -> Chrome:
        session = request.session
        terms = request.terms
        piece = piece_of(request, self._config, page, status)
        flow = session.flow if session is not None else None
        profile = terms.business_profile
        inside = is_inside(request, self._config)
        embedded = inside or (session is not None and session.embed_origin is not None)
        return Chrome(
            business_name=profile.name or "",
            return_url=(session.return_url if session is not None else None)
            or (None if embedded else terms.return_url),
            nav=self._nav(request) if nav and session is not None and flow is None and not session.is_choosing else (),
            locale=request.fmt.locale if self._languages.speaks(request.fmt.locale) else ENGLISH,
            direction=direction(request.fmt.locale),
            account_label=account_label,
            privacy_policy_url=profile.privacy_policy_url,
            terms_of_service_url=profile.terms_of_service_url,
            may_end_session=session is not None and self._config.identity is None and not embedded,
            embedded=embedded,
            headline=profile.headline or "",
            logo=request.theme.logo or "",
            logo_dark=request.theme.logo_dark or "",
            scheme=request.theme.scheme,
            may_switch=session is not None and bool(session.customers) and flow is None and not session.is_choosing,
            read_only=session is not None and session.is_read_only,
            offers=lambda route: offers(route, terms.features, flow),
            frame=frame_of(request, self._config, page, status) if piece is None else None,
            piece=piece,
            layout=PIECE if piece is not None else INSIDE if inside else WHOLE,
            theme_of=terms.theme_of,
            links=request.scope.get("portal.links", ()),
            challenge=self._challenge() if request.scope["portal.challenge"] else None,
        )

    def _challenge(self) -> ChallengeWidget | None:
        asked = self._config.hooks.challenge
        return ChallengeWidget(asked.script, Markup(asked.markup)) if asked is not None else None  # noqa: S704 - the host's own

    def _nav(self, request: PortalRequest) -> tuple[NavItem, ...]:
        fmt = request.fmt
        labels = {
            "overview.show": fmt._("Overview"),
            "invoices.index": fmt._("Invoices"),
            "payment_methods.index": fmt._("Payment methods"),
            "details.show": fmt._("Details"),
        }
        session = request.session
        return tuple(
            NavItem(route, labels[route], is_current=request.section == route)
            for route, scope in NAVIGATION
            if offers(route, request.terms.features) and session is not None and session.may(scope)
        )

    def _static(self, name: str) -> str:
        return f"{self._config.mount_path}/static/{assets()[name].hash}/{name}"


WHOLE, PIECE, INSIDE = "layouts/whole.html", "layouts/piece.html", "layouts/inside.html"


class PageResponse(HTMLResponse):
    """An HTML answer that remembers what it was made of, so that tests assert facts and not markup."""

    def __init__(self, html: str, template: str, context: dict[str, Any], status: int) -> None:
        """`template`: its name; `context`: what it was rendered with."""
        super().__init__(html, status_code=status)
        self.template = template
        self.context = context
        if status in {402, 409, 422}:
            # Answers to a form: the address of a POST must not enter the browser's history.
            self.headers["HX-Push-Url"] = "false"


def _for_htmx_of_a_host(response: PageResponse, piece: Piece) -> None:
    """What the element makes of a piece's facts, for a host that swaps pieces by itself: the same events, by `HX-Trigger`.

    htmx 2 shows no answer of 4xx or 5xx, so a problem comes as a 200; the event has the status.
    """
    response.headers["HX-Push-Url"] = "false"
    events: dict[str, dict[str, object]] = {"billing-navigate": {"view": piece.view}}
    if piece.changed:
        events["billing-changed"] = {"change": piece.changed}
    if piece.problem:
        events["billing-error"] = {"reason": "page", "status": piece.problem}
    response.headers["HX-Trigger"] = json.dumps(events)
    response.status_code = 200


class InsideResponse(PageResponse):
    """A page that the host lays out before it is sent."""

    def __init__(
        self,
        html: str,
        template: str,
        context: dict[str, Any],
        status: int,
        lay_out: Callable[[], Awaitable[str]],
    ) -> None:
        """`html`: the parts, as layouts/inside.html renders them; `lay_out` makes the document of them."""
        super().__init__(html, template, context, status)
        self._lay_out = lay_out

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        self.body = self.render(await self._lay_out())
        self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def _asked_scheme(request: PortalRequest) -> str | None:
    return request.theme.scheme if request.theme.scheme != request.terms.theme.scheme else None
