"""Tidewater, a pretend SaaS that plans shifts: sign-in, this week's shifts, an account page. Works without JavaScript."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from portal_embed.demo import billing
from portal_embed.demo.inbox import Inbox
from portal_embed.demo.people import PEOPLE, settle
from portal_embed.sandbox import SandboxWorld

HERE = Path(__file__).parent
BY_KEY = {person.key: person for person in PEOPLE}

DAYS = ("Mon 6", "Tue 7", "Wed 8", "Thu 9", "Fri 10", "Sat 11", "Sun 12")
SHIFTS = (
    ("Noor", ("7–15", "7–15", "", "", "7–15", "8–16", "")),
    ("Tomás", ("", "10–18", "10–18", "10–18", "", "", "9–15")),
    ("Mei", ("12–20", "", "12–20", "12–20", "12–20", "", "")),
    ("Jonas", ("", "", "7–15", "7–15", "", "12–20", "12–18")),
)
CARDS = (
    ("4242 4242 4242 4242", "Works."),
    ("4000 0025 0000 3155", "Asks for 3-D Secure when it is saved."),
    ("4000 0027 6000 3184", "Asks for 3-D Secure every time."),
    ("4000 0000 0000 0002", "Is declined at once."),
    ("4000 0000 0000 0341", "Can be saved, and declines every charge."),
)

_templates = Jinja2Templates(directory=HERE / "templates")


def build(
    *,
    sandbox_api_base: str,
    site_url: str = "http://localhost:8000",
    customers: Mapping[str, str] | None = None,
) -> Starlette:
    """The site as an ASGI app for `site_url` (no trailing slash), on the sandbox's world at `sandbox_api_base`.

    `customers`: Stripe customer ids by a person's key; without it, everybody is given their history first, which calls
    the sandbox.
    """
    world = SandboxWorld(sandbox_api_base)
    inbox = Inbox()
    portal = billing.make_portal(
        {
            "STRIPE_SECRET_KEY": "sk_test_tidewater",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_tidewater",
            "STRIPE_API_BASE": world.api_base,
            "STRIPE_JS_URL": world.stripe_js_url,
            "PORTAL_SECRET_KEYS": secrets.token_urlsafe(32),
            "PORTAL_BASE_URL": f"{site_url}/billing",
            "PORTAL_RETURN_URL": "/account",
        },
        inbox.deliver,
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await portal.aclose()

    app = Starlette(
        routes=[
            Route("/", sign_in_page),
            Route("/sign-in", sign_in, methods=["POST"]),
            Route("/dashboard", dashboard),
            Route("/account", account),
            *inbox.routes(_page),
            *billing.routes(portal),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(SessionMiddleware, secret_key=secrets.token_urlsafe(32), session_cookie="tidewater")],
        lifespan=lifespan,
    )
    app.state.portal, app.state.inbox = portal, inbox
    app.state.customers = dict(settle(world) if customers is None else customers)
    return app


async def sign_in_page(request: Request) -> Response:
    """Who is there to be; whoever is signed in goes on to their shifts."""
    if _is_signed_in(request):
        return RedirectResponse("/dashboard", status_code=303)
    people = [person for person in PEOPLE if person.key in request.app.state.customers]
    return _page(request, "sign_in.html", people=people)


async def sign_in(request: Request) -> Response:
    """One click instead of a password: this is a demo."""
    async with request.form() as form:
        key = str(form.get("person", ""))
    customer = request.app.state.customers.get(key)
    if customer is None:
        return RedirectResponse("/", status_code=303)
    if "id" in request.session:
        request.app.state.portal.end_sessions(host_session=request.session["id"])
    request.session.clear()
    request.session.update(id=secrets.token_urlsafe(16), person=key, customer=customer)
    return RedirectResponse("/dashboard", status_code=303)


async def dashboard(request: Request) -> Response:
    """What Tidewater is for."""
    return _members_page(request, "dashboard.html", days=DAYS, shifts=SHIFTS)


async def account(request: Request) -> Response:
    """Where the host's own account settings end and the portal begins; and how it was mounted."""
    return _members_page(request, "account.html", code=shown_code(), cards=CARDS)


def shown_code() -> str:
    """The host's own lines, read from the file that runs."""
    text = Path(billing.__file__).read_text(encoding="utf-8")
    return text.split('"""\n', 1)[1].strip("\n")


def _is_signed_in(request: Request) -> bool:
    """A cookie outlives the sandbox's world when the demo is started anew; its customer does not."""
    key, customer = request.session.get("person"), request.session.get("customer")
    return key in BY_KEY and customer is not None and request.app.state.customers.get(key) == customer


def _members_page(request: Request, template: str, **context: Any) -> Response:
    if not _is_signed_in(request):
        return RedirectResponse("/", status_code=303)
    person = BY_KEY[request.session["person"]]
    return _page(request, template, person=person, customer=request.session["customer"], **context)


def _page(request: Request, template: str, **context: Any) -> Response:
    response = _templates.TemplateResponse(request, template, context)
    response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'self'; base-uri 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response
