"""A Starlette application with the portal mounted in it: `uvicorn starlette_host:app`."""

import json
import os
import secrets
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.templating import Jinja2Templates

from portal_embed import BusinessProfile, Portal, PortalConfig

USERS = json.loads(Path(os.environ["USERS_FILE"]).read_text(encoding="utf-8"))  # stands for your database
portal = Portal(PortalConfig.from_env(business_profile=BusinessProfile(name="Acme")))
templates = Jinja2Templates(Path(__file__).parent / "templates")


def user_of(request: Request) -> dict[str, str] | None:
    """Who is signed in."""
    return USERS.get(request.session.get("username"))


async def home(request: Request) -> Response:
    return templates.TemplateResponse(request, "sign_in.html")


async def sign_in(request: Request) -> Response:
    async with request.form() as form:
        username, password = str(form.get("username")), str(form.get("password"))
    user = USERS.get(username)
    if user is None or not secrets.compare_digest(user["password"].encode(), password.encode()):
        return RedirectResponse("/", 303)
    end_session(request)
    request.session.update(username=username, id=secrets.token_urlsafe(16))
    return RedirectResponse("/account", 303)


def end_session(request: Request) -> None:
    """Our session, and what was opened in the portal with it."""
    if "id" in request.session:
        portal.end_sessions(host_session=request.session["id"])
    request.session.clear()


async def sign_out(request: Request) -> Response:
    end_session(request)
    return RedirectResponse("/", 303)


async def account(request: Request) -> Response:
    if user_of(request) is None:
        return RedirectResponse("/", 303)
    return templates.TemplateResponse(request, "account.html", {"username": request.session["username"]})


async def manage_billing(request: Request) -> Response:
    user = user_of(request)
    return RedirectResponse("/" if user is None else billing_url(request, user), 303)


async def billing_token(request: Request) -> Response:
    user = user_of(request)
    if user is None:
        return JSONResponse({"error": "Nobody is signed in."}, 401)
    return JSONResponse({"url": billing_url(request, user)}, headers={"Cache-Control": "no-store"})


def billing_url(request: Request, user: dict[str, str]) -> str:
    """A link into the portal that ends with this session of ours."""
    host_session = request.session["id"]
    return portal.create_session(customer=user["customer"], return_url="/account", host_session=host_session).url


app = Starlette(
    routes=[
        Route("/", home),
        Route("/sign-in", sign_in, methods=["POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
        Route("/account", account),
        Route("/manage-billing", manage_billing, methods=["POST"]),
        Route("/api/billing-token", billing_token),
        Mount("/billing", portal),
    ],
    middleware=[Middleware(SessionMiddleware, secret_key=os.environ["SESSION_SECRET"])],
)
