"""A Flask application whose portal runs beside it, under the same origin.

`waitress-serve flask_host:app`, `portal-embed serve flask_host:portal`, and a proxy that sends /billing to the second.
"""

import json
import os
import secrets
from pathlib import Path

from flask import Flask, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from starlette.requests import Request

from portal_embed import BusinessProfile, Identity, Portal, PortalConfig

USERS = json.loads(Path(os.environ["USERS_FILE"]).read_text(encoding="utf-8"))  # stands for your database

app = Flask(__name__)
app.secret_key = os.environ["SESSION_SECRET"]
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"


def identity(asked: Request) -> Identity | None:
    """Who is signed in here, as the portal's process asks on every request: our cookie comes to it too, and it has our key."""
    held = app.session_interface.open_session(
        app, asked
    )  # reads nothing but the cookies, so Starlette's request will do
    user = USERS.get(held.get("username"))
    return Identity(customer=user["customer"], return_url="/account") if user else None


portal = Portal(PortalConfig.from_env(business_profile=BusinessProfile(name="Acme"), identity=identity))


def billing_url() -> str | None:
    """A link into the portal for whoever is signed in, None for nobody."""
    user = USERS.get(session.get("username"))
    return portal.create_session(customer=user["customer"], return_url="/account").url if user else None


@app.get("/")
def home() -> ResponseReturnValue:
    return render_template("sign_in.html")


@app.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    user = USERS.get(request.form["username"])
    if user is None or not secrets.compare_digest(user["password"].encode(), request.form["password"].encode()):
        return redirect("/", 303)
    session["username"] = request.form["username"]
    return redirect("/account", 303)


@app.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    session.clear()
    return redirect("/", 303)


@app.get("/account")
def account() -> ResponseReturnValue:
    if session.get("username") not in USERS:
        return redirect("/", 303)
    return render_template("account.html", username=session["username"])


@app.post("/manage-billing")
def manage_billing() -> ResponseReturnValue:
    return redirect(billing_url() or "/", 303)


@app.get("/api/billing-token")
def billing_token() -> ResponseReturnValue:
    url = billing_url()
    return ({"url": url}, 200, {"Cache-Control": "no-store"}) if url else ({"error": "Nobody is signed in."}, 401)
