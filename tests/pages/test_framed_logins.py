"""Signing in inside a frame: only where the host allows it, only from its own pages, and in the jar that a frame keeps."""

from __future__ import annotations

import re

import httpx
import pytest

from portal_embed import LoginPage
from tests.pages.postbox import Postbox
from tests.serving import hosting

pytestmark = pytest.mark.feature(2, 3)

SHOP, SECOND = "https://shop.example.com", "https://second.example.com"
FRAMED = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate"}
ARRIVING = {**FRAMED, "Sec-Fetch-Site": "cross-site"}
ALLOWED, NOT_ALLOWED = LoginPage(enabled=True, may_be_framed=True), LoginPage(enabled=True)


@pytest.fixture
def serve(world):
    """`serve(login_page)`: a client at a portal of two embedding origins."""
    opened = []

    def start(login_page, **settings):
        postbox = Postbox()
        hosted = hosting(world, embed_origins=(SHOP, SECOND), mail=postbox.deliver, login_page=login_page, **settings)
        postbox.host = hosted.__enter__()
        client = httpx.Client(base_url=postbox.host.origin + postbox.host.path, timeout=30)
        client.postbox = postbox
        opened.append((client, hosted))
        return client

    yield start
    for client, hosted in opened:
        client.close()
        hosted.__exit__(None, None, None)


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")


def framers(answer):
    return re.search(r"frame-ancestors ([^;]+)", answer.headers["content-security-policy"])[1]


def send(client, path, headers=FRAMED, **fields):
    own = {"Origin": client.postbox.host.origin, "Sec-Fetch-Site": "same-origin", **headers}
    return client.post(path, data=fields, headers=own)


def sign_in(client, *, keeps_cookies=True, headers=FRAMED):
    """As a person in a frame: the page, the address, the code. Answers what the code led to."""
    client.get("/login", headers={**ARRIVING, **headers})
    if not keeps_cookies:
        client.cookies.clear()
    probed = {"Cookie": "; ".join(f"{c.name}={c.value}" for c in client.cookies.jar)}  # Secure, and this is plain http
    html = send(client, "/login", headers, email="ada@example.com").text
    token = re.search(r'name="token" value="([^"]+)"', html)[1]
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", client.postbox.last().text)[0]
    return send(client, "/login/code", {**headers, **probed}, token=token, code=code)


@pytest.mark.parametrize("path", ["/login", "/recover", "/login/link?token=x", "/recover/x", "/email-change?token=x"])
def test_nobody_frames_them_where_nothing_is_said(serve, path):
    answer = serve(NOT_ALLOWED).get(path, headers=ARRIVING)
    assert framers(answer) == "'none'"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "embed/frame.js" not in answer.text


@pytest.mark.parametrize("path", ["/login", "/recover"])
def test_where_it_is_allowed_the_embedding_origins_do_and_nobody_else(serve, path):
    answer = serve(ALLOWED).get(path, headers=ARRIVING)
    assert framers(answer) == f"{SHOP} {SECOND}"
    assert "x-frame-options" not in answer.headers
    assert "embed/frame.js" in answer.text


@pytest.mark.parametrize("path", ["/login/link?token=x", "/recover/x", "/email-change?token=x", "/recovery"])
def test_what_a_mailed_link_opens_is_never_framed(serve, path):
    answer = serve(ALLOWED).get(path, headers=ARRIVING)
    assert framers(answer) == "'none'"
    assert answer.headers["x-frame-options"] == "DENY"


def test_the_session_goes_into_the_jar_of_frames(serve, ada):
    answer = sign_in(serve(ALLOWED))
    assert answer.status_code == 303
    (line,) = [line for line in answer.headers.get_list("set-cookie") if "pex_" in line]
    assert line.endswith("; Secure; HttpOnly; SameSite=None; Partitioned")


def test_outside_of_any_frame_it_is_the_usual_cookie(serve, ada):
    answer = sign_in(serve(ALLOWED), headers={"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"})
    assert "Partitioned" not in answer.headers["set-cookie"]


def test_a_frame_that_keeps_no_cookie_carries_its_session(serve, ada):
    client = serve(ALLOWED)
    answer = sign_in(client, keeps_cookies=False)
    assert answer.status_code == 200
    assert "Billing for Ada Lovelace" in answer.text
    assert "set-cookie" not in answer.headers
    session = re.search(r'data-session="([^"]+)"', answer.text)[1]
    assert client.get("/invoices", headers={"X-Portal-Session": session}).status_code == 200


@pytest.mark.parametrize("login_page", [NOT_ALLOWED, ALLOWED])
def test_a_session_is_carried_nowhere_but_in_a_frame_that_is_allowed(serve, ada, login_page):
    headers = FRAMED if login_page is NOT_ALLOWED else {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
    answer = sign_in(serve(login_page), keeps_cookies=False, headers=headers)
    assert answer.status_code == 303
    assert "data-session" not in answer.text
    assert "Partitioned" not in answer.headers["set-cookie"]


def test_a_page_of_another_site_cannot_send_its_forms(serve, ada):
    client = serve(ALLOWED)
    evil = {**FRAMED, "Origin": SHOP, "Sec-Fetch-Site": "cross-site"}
    assert send(client, "/login", evil, email="ada@example.com").status_code == 403
    assert client.postbox.mails() == []
