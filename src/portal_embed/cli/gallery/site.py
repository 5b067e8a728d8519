"""The gallery's site: an index of frames, and in each frame a portal of its own, where somebody has walked to one page.

All frames share one browser and one origin, so the cookies of each stay here, at the server, in the frame's own jar.
"""

from __future__ import annotations

import re
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from portal_embed.cli.gallery.people import People
from portal_embed.cli.gallery.stops import NOT_SHOWN, SECTIONS, STOPS, Stop, slug
from portal_embed.cli.gallery.visit import Unreachable, Visit
from portal_embed.config import Catalog, Features, Hooks, LoginPage, Plan, Quantity
from portal_embed.portal import Portal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.requests import Request
    from starlette.types import Message, Receive, Scope, Send

    from portal_embed.config import Mail, PortalConfig
    from portal_embed.sandbox import SandboxWorld

CATALOG = Catalog(
    [
        Plan(lookup_key="starter_monthly"),
        Plan(lookup_key="pro_monthly"),
        Plan(lookup_key="scale_monthly", quantity=Quantity(1, 50)),
        Plan(lookup_key="starter_yearly"),
        Plan(lookup_key="pro_yearly"),
        Plan(lookup_key="scale_yearly", quantity=Quantity(1, 50)),
    ]
)
_SCRIPT = re.compile(rb"<script\b[^>]*></script>")


@dataclass(frozen=True)
class Look:
    """One way to look at a page. `width` in pixels."""

    name: str
    width: int
    scheme: Literal["auto", "light", "dark"] = "light"
    is_framed: bool = False


LOOKS = {
    look.name: look
    for look in (
        Look("light", 760),
        Look("dark", 760, "dark"),
        Look("narrow", 360),
        Look("framed", 760, is_framed=True),
    )
}


def looks_of(stop: Stop, config: PortalConfig) -> list[Look]:
    """The looks that a page has: a mail has no theme, who is not signed in is never framed, a theme may have one scheme."""
    if stop.mail:
        return [LOOKS["light"], *([] if stop.as_text else [LOOKS["narrow"]])]
    other = {"light": "dark", "dark": "light"}.get(config.theme.scheme)
    looks = [
        replace(look, scheme=config.theme.scheme) if other else look for look in LOOKS.values() if look.name != other
    ]
    return [look for look in looks if stop.is_signed_in or not look.is_framed]


@dataclass
class Pane:
    """What stands in one frame: a portal, and the cookies that its reader's browser would keep."""

    portal: Portal
    mails: list[Mail]
    cookies: dict[str, str] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, with the cookies of this frame alone; let the gallery frame the answer."""
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items()).encode("latin-1")
        headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
        mount = self.portal.config.mount_path
        inside = {
            **scope,
            "root_path": mount,
            "path_params": {},
            "headers": [*headers, *([(b"cookie", jar)] if jar else [])],
        }

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": list(self._framable(message["headers"]))}
            await send(message)

        await self.portal(inside, receive, answer)

    def _framable(self, headers: list[tuple[bytes, bytes]]) -> Any:
        for name, value in headers:
            key = name.lower()
            if key == b"set-cookie":
                self._keep(value.decode("latin-1"))
            elif key == b"content-security-policy":
                yield name, re.sub(rb"frame-ancestors [^;]*", b"frame-ancestors 'self'", value)
            elif key != b"x-frame-options":
                yield name, value

    def _keep(self, line: str) -> None:
        for name, morsel in SimpleCookie(line).items():
            if morsel["max-age"] == "0" or not morsel.value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value


class Gallery:
    """The pages of one host's portal on the sandbox."""

    def __init__(self, config: PortalConfig, world: SandboxWorld, site: str) -> None:
        """`config`: the host's; its look, words and templates hold, everything can be done, and nobody outside hears of it.

        `site`: the gallery's own origin, "http://localhost:8000".
        """
        self.site = site
        self._people = People(world)
        self._panes: dict[tuple[str, str], Pane] = {}
        self.config = replace(
            config,
            stripe_secret_key="sk_test_gallery",  # noqa: S106  (the sandbox takes any)
            stripe_publishable_key="pk_test_gallery",
            stripe_api_base=world.api_base,
            stripe_js_url=world.stripe_js_url,
            secret_keys=(secrets.token_urlsafe(32),),
            base_url=site,
            return_url="/",
            return_origins=(),
            embed_origins=(),
            configuration=None,
            configurations={},
            accounts={},
            catalog=CATALOG,
            features=Features(),
            login_page=LoginPage(enabled=True),
            hooks=Hooks(),
            webhook_secrets=(),
            mail=lambda _mail: None,
            smtp_url=None,
            identity=None,
            layout=None,  # it may need the host's own request
            jwt_keys=(),
            store=None,
        )

    def pane(self, name: str, look: Look) -> Pane:
        """A fresh one."""
        mails: list[Mail] = []
        config = replace(
            self.config,
            base_url=f"{self.site}/at/{name}/{look.name}/billing",
            theme=replace(self.config.theme, scheme=look.scheme),
            embed_origins=(self.site,) if look.is_framed else (),
            **{"mail": mails.append, **STOPS[name].settings},
        )
        made = self._panes[name, look.name] = Pane(Portal(config), mails)
        return made

    async def walk(self, name: str, look: Look) -> Response:
        """Walk to a stop in a fresh pane; the answer is the page there. Raises `Unreachable`."""
        stop, before = STOPS[name], self._panes.get((name, look.name))
        if before is not None:
            await before.portal.aclose()
        pane, life = self.pane(name, look), await self._people.who(stop)
        visit = Visit(pane, pane.portal, pane.mails, is_framed=look.is_framed)
        if stop.is_signed_in:
            await visit.enter(life["customer"], **(stop.session(life) if stop.session is not None else {}))
        if stop.go is not None:
            await stop.go(visit, life, self._people)
        elif stop.path:
            await visit.open(stop.path.format(**life))
        if stop.mail:
            mail = await visit.mail(stop.mail)
            return PlainTextResponse(mail.text) if stop.as_text else HTMLResponse(mail.html)
        raw = visit.page.raw
        # Among so many pages at once none may take the focus, and have the browser scroll to it.
        body = raw.body.replace(b' data-portal-focus="now"', b"")
        body = _SCRIPT.sub(b"", body) if stop.is_still else body
        # No page here leads on by itself, either.
        kept = {name: value for name, value in raw.headers if name not in {"content-length", "refresh"}}
        return Response(body, raw.status, kept)

    async def frame(self, request: Request) -> Response:
        """The page in a frame, or the sentence that says why it cannot be shown."""
        name, look = request.path_params["name"], request.path_params["look"]
        if name not in STOPS or look not in LOOKS:
            return PlainTextResponse("There is no such page in the gallery.", 404)
        shown = {each.name: each for each in looks_of(STOPS[name], self.config)}
        try:
            return await self.walk(name, shown.get(look, LOOKS[look]))
        except Unreachable as error:
            return PlainTextResponse(f"This page could not be reached: {error}.", 500)

    async def inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Whatever is followed, pressed or loaded in a frame."""
        name, look = scope["path"].split("/")[2:4]
        pane = self._panes.get((name, look))
        if pane is None:
            await PlainTextResponse("Load the gallery again.", 404)(scope, receive, send)
        else:
            await pane(scope, receive, send)

    async def index(self, request: Request) -> HTMLResponse:
        """All frames, or those of one section or page (`?only=plans`), in all looks or in one (`?look=dark`)."""
        only, look = (request.query_params.get(name, "") for name in ("only", "look"))
        shown: dict[str, list[tuple[str, Stop, list[Look]]]] = {}
        for section, stops in SECTIONS.items():
            chosen = [(slug(section, stop), stop) for stop in stops if slug(section, stop).startswith(only)]
            rows = [(name, stop, self._looks(stop, look)) for name, stop in chosen]
            if any(looks for *_, looks in rows):
                shown[section] = [row for row in rows if row[-1]]
        every = {one.name for stop in STOPS.values() for one in looks_of(stop, self.config)}
        about = {"sections": SECTIONS, "looks": [name for name in LOOKS if name in every], "not_shown": NOT_SHOWN}
        return HTMLResponse(_INDEX.render(about, shown=shown, only=only, look=look))

    def _looks(self, stop: Stop, name: str) -> list[Look]:
        """Those of a stop that are shown; `name`: the one that is asked for, else all."""
        return [look for look in looks_of(stop, self.config) if name in {"", look.name}]

    async def aclose(self) -> None:
        """Close what the panes hold open."""
        for pane in self._panes.values():
            await pane.portal.aclose()


_INDEX = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True).get_template("index.html")


def app_for(gallery: Gallery, files: Mapping[str, Path]) -> Starlette:
    """The gallery as an ASGI app. `files`: folders of the host's by the path at which they are served ("/static")."""

    async def home(_request: Request) -> RedirectResponse:
        return RedirectResponse("/")

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await gallery.aclose()

    return Starlette(
        routes=[
            Route("/", gallery.index),
            Route("/favicon.ico", lambda _request: Response(status_code=204)),
            Route("/at/{name}/{look}/", gallery.frame),
            Mount("/at/{name}/{look}/billing", gallery.inside),
            *(Mount(path, StaticFiles(directory=folder)) for path, folder in files.items()),
        ],
        lifespan=lifespan,
    )
