"""Starts the host applications as their engineers would: each a process of its own, with its settings in the environment."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from e2e.hosts.proxy import proxy, serving
from e2e.steps import Visit
from tests.serving import Host, free_port

HERE = Path(__file__).parent
PASSWORD = "correct horse battery staple"
UVICORN = "Uvicorn running on"
WAITRESS = "Serving on"
PLACEHOLDER = "https://api.acme.example"
"""The API's address in the files of the static site; whoever publishes them writes the real one."""

FILL_DJANGO = f"""
import json, os, django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.contrib.auth.models import User
from acme.models import Customer
settings.MIGRATION_MODULES = {{"djstripe": None}}  # its tables from its models at once: its migrations take minutes
call_command("migrate", run_syncdb=True, verbosity=0)
for name, user in json.load(open(os.environ["USERS_FILE"])).items():
    Customer.objects.create(user=User.objects.create_user(name, password={PASSWORD!r}), stripe_id=user["customer"])
"""


class Site(Host):
    """A running host application: where it is, and what a person does there."""

    account = "/account"
    sign_in_page = "/"
    token_url = "/api/billing-token"

    def __init__(self, origin, pages_origin=None):
        """`origin`: the portal's and the API's; `pages_origin`: of the pages, where that is another."""
        super().__init__(origin, "/billing", None)
        self.pages = pages_origin or origin

    def sign_in(self, page, username):
        page.goto(self.pages + self.sign_in_page)
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(self.pages + self.account)

    def framed(self, page, frame="billing-portal iframe"):
        """The portal in a frame of the page."""
        page.locator(frame).wait_for()
        return Visit(page.locator(frame).element_handle().content_frame(), self)


class StaticSite(Site):
    account = sign_in_page = "/index.html"
    token_url = "/billing-token"


def users_file(folder, customers):
    """The users of a host that has no database. `customers`: Stripe's ids by username."""
    file = folder / "users.json"
    users = {name: {"password": PASSWORD, "customer": customer} for name, customer in customers.items()}
    file.write_text(json.dumps(users), encoding="utf-8")
    return file


# ---- Each kind of host -----------------------------------------------------------------------------------------------


@contextmanager
def mounted(environ, app, folder=HERE):
    """An ASGI application with the portal in it."""
    port = free_port()
    origin = f"http://localhost:{port}"
    with started(Process(folder, UVICORN, "uvicorn", app, "--port", str(port), **environ, **at(origin))):
        yield Site(origin)


@contextmanager
def beside(environ, app, portal, folder=HERE):
    """A WSGI application, `portal-embed serve` beside it, and a proxy that makes one origin of the two."""
    listener = socket.create_server(("127.0.0.1", 0))
    origin = f"http://localhost:{listener.getsockname()[1]}"
    environ = {**environ, **at(origin)}
    one, other = free_port(), free_port()
    with (
        started(
            Process(folder, WAITRESS, "waitress", f"--listen=127.0.0.1:{one}", app, **environ),
            Process(folder, "The portal is at", "portal_embed", "serve", portal, "--port", str(other), **environ),
        ),
        serving(proxy(f"http://127.0.0.1:{one}", f"http://127.0.0.1:{other}"), listener),
    ):
        yield Site(origin)


@contextmanager
def django(environ, run, *what):
    """A Django site, its database made and filled first."""
    folder = HERE / "django_host"
    database = Path(environ["USERS_FILE"]).with_name("db.sqlite3")
    environ = {**environ, "DATABASE_FILE": str(database), "DJANGO_SETTINGS_MODULE": "acme.settings"}
    subprocess.run([sys.executable, "-c", FILL_DJANGO], check=True, cwd=folder, env={**os.environ, **environ})
    with run(environ, *what, folder=folder) as site:
        yield site


@contextmanager
def static(environ):
    """Files at www.acme.localhost, published for an API at api.acme.localhost."""
    www, api = free_port(), free_port()
    pages, origin = f"http://www.acme.localhost:{www}", f"http://api.acme.localhost:{api}"
    published = Path(environ["USERS_FILE"]).with_name("published")
    published.mkdir()
    for file in (HERE / "static_site" / "pages").iterdir():
        text = file.read_text(encoding="utf-8").replace(PLACEHOLDER, origin)
        (published / file.name).write_text(text, encoding="utf-8")
    environ = {**environ, **at(origin), "PAGES_ORIGIN": pages}
    with started(
        Process(published, "Serving HTTP", "http.server", str(www), "--bind", "127.0.0.1", PYTHONUNBUFFERED="1"),
        Process(HERE / "static_site", UVICORN, "uvicorn", "api:app", "--port", str(api), **environ),
    ):
        yield StaticSite(origin, pages)


HOSTS = {
    "Starlette": lambda environ: mounted(environ, "starlette_host:app"),
    "FastAPI": lambda environ: mounted(environ, "fastapi_host:app"),
    "Django (ASGI)": lambda environ: django(environ, mounted, "acme.asgi:application"),
    "Django (WSGI)": lambda environ: django(environ, beside, "acme.wsgi:application", "acme.wsgi:portal"),
    "Flask (WSGI)": lambda environ: beside(environ, "flask_host:app", "flask_host:portal"),
    "static pages": static,
}


def settings_for(world, users):
    """What every host is told by its environment, but for where it is."""
    return {
        "USERS_FILE": str(users),
        "SESSION_SECRET": secrets.token_urlsafe(32),
        "STRIPE_SECRET_KEY": "sk_test_host",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_host",
        "STRIPE_API_BASE": world.api_base,
        "STRIPE_JS_URL": world.stripe_js_url,
        "PORTAL_SECRET_KEYS": secrets.token_urlsafe(32),
        "PORTAL_RETURN_URL": "/account",
    }


def at(origin):
    """Where the portal is. The host's own pages frame it, and have its origin: that has to be said too."""
    return {"PORTAL_BASE_URL": f"{origin}/billing", "PORTAL_EMBED_ORIGINS": origin}


# ---- Processes -------------------------------------------------------------------------------------------------------


class Process:
    """`python -m module …` in a folder, ready once a line of its output has `ready` in it."""

    def __init__(self, folder, ready, module, *arguments, **environ):
        self._ready = ready
        self._said = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=folder,
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=lambda: self._said.extend(self._process.stdout), daemon=True)

    def wait_until_ready(self):
        for line in self._process.stdout:
            self._said.append(line)
            if self._ready in line:
                self._reader.start()  # or the pipe would be full some day
                return
        pytest.fail(f"{self._process.args} ended:\n{''.join(self._said)}", pytrace=False)

    def stop(self):
        self._process.terminate()
        self._process.wait(60)
        if self._reader.ident:
            self._reader.join(60)
        self._process.stdout.close()


@contextmanager
def started(*processes):
    """All of them together until the block ends."""
    try:
        for process in processes:
            process.wait_until_ready()
        yield
    finally:
        for process in processes:
            process.stop()
