"""The API of a site whose pages are only files, at another origin: `uvicorn api:app`. The portal is mounted in it.

www.acme.example and api.acme.example are two origins but one site, so our session's cookie, SameSite=Lax, comes along from
the pages: where their script may read the answer (CORS), and in a frame.
"""

import json
import os
import secrets
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from portal_embed import BusinessProfile, Portal, PortalConfig

PAGES = os.environ["PAGES_ORIGIN"]
ACCOUNT = f"{PAGES}/index.html"
USERS = json.loads(Path(os.environ["USERS_FILE"]).read_text(encoding="utf-8"))  # stands for your database
portal = Portal(
    PortalConfig.from_env(
        business_profile=BusinessProfile(name="Acme"),
        return_url=ACCOUNT,
        embed_origins=[PAGES],
    )
)


async def sign_in(request: Request) -> Response:
    async with request.form() as form:
        username, password = str(form.get("username")), str(form.get("password"))
    user = USERS.get(username)
    if user is not None and secrets.compare_digest(user["password"].encode(), password.encode()):
        end_session(request)
        request.session.update(username=username, id=secrets.token_urlsafe(16))
    return RedirectResponse(ACCOUNT, 303)


def end_session(request: Request) -> None:
    """Our session, and what was opened in the portal with it."""
    if "id" in request.session:
        portal.end_sessions(host_session=request.session["id"])
    request.session.clear()


async def sign_out(request: Request) -> Response:
    end_session(request)
    return RedirectResponse(ACCOUNT, 303)


async def to_billing(request: Request) -> Response:
    """For the button, and for a plain frame."""
    return RedirectResponse(billing_url(request) or ACCOUNT, 303, {"Cache-Control": "no-store"})


async def billing_token(request: Request) -> Response:
    url = billing_url(request)
    if url is None:
        return JSONResponse({"error": "Nobody is signed in."}, 401)
    return JSONResponse({"url": url}, headers={"Cache-Control": "no-store"})


def billing_url(request: Request) -> str | None:
    """A link into the portal that ends with this session of ours; None for nobody."""
    user = USERS.get(request.session.get("username"))
    if user is None:
        return None
    return portal.create_session(customer=user["customer"], host_session=request.session["id"]).url


app = Starlette(
    routes=[
        Route("/sign-in", sign_in, methods=["POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
        Route("/manage-billing", to_billing, methods=["POST"]),
        Route("/billing-frame", to_billing),
        Route("/billing-token", billing_token),
        Mount("/billing", portal),
    ],
    middleware=[
        Middleware(CORSMiddleware, allow_origins=[PAGES], allow_credentials=True),
        Middleware(SessionMiddleware, secret_key=os.environ["SESSION_SECRET"]),
    ],
)
