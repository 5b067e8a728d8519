"""What every browser test shares: the browser it drives, a pretend Stripe, a host with the portal, and a strict ear.

Each test has a world of the sandbox and a host of its own, so that tests never see each other's customers.
"""

from __future__ import annotations

import itertools
import socket
import threading
from contextlib import contextmanager

import pytest
import stripe
import uvicorn
from playwright.sync_api import expect

from e2e.browser import firefox_options, launch_options
from e2e.steps import Visit
from portal_embed import demo
from portal_embed.sandbox import Sandbox
from tests.pace import hurry
from tests.sandbox.witness import (  # noqa: F401  (pytest finds fixtures by name)
    every_answer_is_as_the_sdk_declares,
    every_late_answer_is_as_the_sdk_declares,
    watch_all,
)
from tests.serving import Host, hosting
from tests.web.witness import every_page_is_given_what_its_template_was_promised, watch_pages  # noqa: F401  (as above)

watch_all()
watch_pages()
hurry()

PATIENCE_MS = 8000
HTTP_ANSWER = "Failed to load resource: the server responded with a status of"
"""The browser says so of every 4xx and 5xx; tests look at those pages themselves."""

LONG = ("test_every_page.py", "test_hosts.py", "test_gallery.py", "test_framed.py", "test_templates.py")
"""The files that take longest come first: last, each would be left to one worker while the others are done."""

_numbers = itertools.count(1)


def pytest_collection_modifyitems(items):
    """A file is one worker's; `scripts/dev.py` hands them out in this order."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Launch the browser that `e2e.browser` finds; without one the test fails, it is never skipped."""
    ours = launch_options()
    expect.set_options(timeout=PATIENCE_MS)
    return {**browser_type_launch_args, **ours, "args": [*browser_type_launch_args.get("args", []), *ours["args"]]}


@pytest.fixture(scope="session")
def firefoxes(playwright):
    """Firefox with these preferences, started when first asked for: a start takes as long as several tests."""
    running = {}

    def get(**preferences):
        key = str(preferences)
        if key not in running:
            running[key] = playwright.firefox.launch(**firefox_options(**preferences))
        return running[key]

    yield get
    for browser in running.values():
        browser.close()


@pytest.fixture(scope="session")
def sandbox():
    """A running sandbox."""
    with Sandbox(seed="e2e") as running:
        yield running


@pytest.fixture
def world(sandbox):
    """A world nobody else uses."""
    return sandbox.world(f"e2e{next(_numbers)}")


@pytest.fixture
def host(world):
    """A host's site with the portal at /billing."""
    with hosting(world) as running:
        yield running


@pytest.fixture
def tidewater(world):
    """The demo's site, where Ada can sign in: its own `ada` is her life in the sandbox."""
    with demonstrating(world) as running:
        yield running


@pytest.fixture
def books(world):
    """Stripe's side of the story, read with Stripe's own client."""
    return stripe.StripeClient("sk_test_books", base_addresses={"api": world.api_base})


@pytest.fixture
def problems():
    """What the console complained of: errors and policy violations of every page and frame. Must stay empty."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def context(host, new_context, problems):
    """One browser with JavaScript; a test that hears a complaint on the console fails.

    It asks for the host so that it closes first: no page may still be asking when a host goes.
    """
    return listening_to(new_context(), problems)


@pytest.fixture
def plain_context(host, new_context, problems):
    """One browser without JavaScript."""
    return listening_to(new_context(java_script_enabled=False), problems)


@pytest.fixture
def visit(page, host):
    """Somebody in front of a browser, at this test's host: `visit.arrive(customer)`."""
    return Visit(page, host)


@pytest.fixture
def plain_visit(plain_context, host):
    """The same without JavaScript."""
    return Visit(plain_context.new_page(), host)


@contextmanager
def demonstrating(world):
    """The demo's site at the root of a port of its own, with one customer."""
    bound = socket.create_server(("127.0.0.1", 0))
    origin = f"http://localhost:{bound.getsockname()[1]}"
    ada = world.live("monthly")
    app = demo.build(sandbox_api_base=world.api_base, site_url=origin, customers={"ada": ada["customer"]})
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    host = Host(origin, "/billing", app.state.portal)
    host.ada = ada
    try:
        yield host
    finally:
        server.should_exit = True
        thread.join(10)


def listening_to(context, heard):
    """`context`, with all that its console says in anger in `heard`."""
    context.set_default_timeout(PATIENCE_MS)

    def note(message):
        if message.type == "error" and not message.text.startswith(HTTP_ANSWER):
            heard.append(f"{message.text} ({message.location['url']})")

    context.on("console", note)
    context.on("weberror", lambda error: heard.append(str(error.error)))
    return context
