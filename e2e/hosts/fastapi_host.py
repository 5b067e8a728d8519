"""A FastAPI application with the portal mounted in it: `uvicorn fastapi_host:app`."""

import json
import os
import secrets
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel
from starlette.middleware.sessions import SessionMiddleware

from portal_embed import BusinessProfile, Portal, PortalConfig

USERS = json.loads(Path(os.environ["USERS_FILE"]).read_text(encoding="utf-8"))  # stands for your database
portal = Portal(PortalConfig.from_env(business_profile=BusinessProfile(name="Acme")))
templates = Jinja2Templates(Path(__file__).parent / "templates")

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=os.environ["SESSION_SECRET"])
app.mount("/billing", portal)


class User(BaseModel):
    """Whom a request is from. `session`: the id of their session here."""

    username: str
    customer: str
    session: str


class BillingToken(BaseModel):
    """What `<billing-portal>` asks for."""

    url: str


def current_user(request: Request) -> User:
    """Who is signed in; 401 when nobody is."""
    username = request.session.get("username")
    if username not in USERS:
        raise HTTPException(401, "Nobody is signed in.")
    return User(username=username, customer=USERS[username]["customer"], session=request.session["id"])


CurrentUser = Annotated[User, Depends(current_user)]


def billing_url(user: CurrentUser) -> str:
    """A link into the portal that ends with this session of ours."""
    return portal.create_session(customer=user.customer, return_url="/account", host_session=user.session).url


BillingUrl = Annotated[str, Depends(billing_url)]


def end_session(request: Request) -> None:
    """Our session, and what was opened in the portal with it."""
    if "id" in request.session:
        portal.end_sessions(host_session=request.session["id"])
    request.session.clear()


@app.get("/")
def home(request: Request) -> HTMLResponse:
    return templates.TemplateResponse(request, "sign_in.html")


@app.post("/sign-in")
def sign_in(request: Request, username: Annotated[str, Form()], password: Annotated[str, Form()]) -> RedirectResponse:
    user = USERS.get(username)
    if user is None or not secrets.compare_digest(user["password"].encode(), password.encode()):
        return RedirectResponse("/", 303)
    end_session(request)
    request.session.update(username=username, id=secrets.token_urlsafe(16))
    return RedirectResponse("/account", 303)


@app.post("/sign-out")
def sign_out(request: Request) -> RedirectResponse:
    end_session(request)
    return RedirectResponse("/", 303)


@app.get("/account")
def account(request: Request, user: CurrentUser) -> HTMLResponse:
    return templates.TemplateResponse(request, "account.html", {"username": user.username})


@app.post("/manage-billing")
def manage_billing(url: BillingUrl) -> RedirectResponse:
    return RedirectResponse(url, 303)


@app.get("/api/billing-token")
def billing_token(url: BillingUrl) -> BillingToken:
    return BillingToken(url=url)
