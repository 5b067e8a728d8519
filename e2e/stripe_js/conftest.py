"""A host page of another origin than the sandbox, with a strict Content Security Policy, and the sandbox behind it."""

from __future__ import annotations

from http.server import ThreadingHTTPServer
from threading import Thread

import pytest
import stripe

from e2e.stripe_js.stage import Host
from portal_embed.sandbox import Sandbox


@pytest.fixture(scope="module")
def host():
    """The origin of a host site, not the sandbox's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def world(sandbox):
    world = sandbox.world("ada")
    world.reset()
    return world


@pytest.fixture
def client(world):
    return stripe.StripeClient("sk_test_ada", base_addresses={"api": world.api_base})


@pytest.fixture
def page(browser, host, world):
    """The host's page with Stripe.js loaded, nothing mounted; fails on errors and policy violations."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(5000)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{host}/?js={world.stripe_js_url}")
    yield page
    if page.url.startswith(f"{host}/?js="):
        assert page.evaluate("violations") == []
    assert problems == []
    context.close()


@pytest.fixture
def ada(client):
    return client.v1.customers.create({"name": "Ada"})


@pytest.fixture
def intent(client, ada):
    return client.v1.setup_intents.create(
        {"customer": ada.id, "usage": "off_session", "automatic_payment_methods": {"enabled": True}}
    )
