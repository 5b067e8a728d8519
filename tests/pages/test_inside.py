"""Pages inside the host's own layout: what the host is given, what it owes, and what stays ours."""

from __future__ import annotations

import logging
import re
import threading

import jinja2
import pytest

from portal_embed import Hooks, LoginPage
from portal_embed.config import Challenge
from portal_embed.web import inside
from tests.serving import hosting

pytestmark = pytest.mark.feature(13)

BASE = """<!doctype html><html lang="en"><head><title>{{ page.title }} at the shop</title>{{ page.head }}</head>
<body><header>Signed in as {{ user }}</header><article>{{ page.content }}</article></body></html>"""


@pytest.fixture
def ada(world):
    return world.live("monthly", name="Ada <b>Lovelace</b>", email="ada@example.com")


@pytest.fixture
def given():
    """What the layout was called with, newest last."""
    return []


@pytest.fixture
def host(world, given):
    template = jinja2.Environment(autoescape=True).from_string(BASE)

    def layout(request, page):
        given.append(page)
        return template.render(page=page, user=request.headers.get("x-user", "nobody"))

    with hosting(world, layout=layout, embed_origins=("https://shop.example.com",)) as running:
        yield running


class TestAPage:
    def test_stands_in_the_hosts_document_with_what_the_host_knows(self, visit, ada):
        page = visit(ada["customer"]).get("/", **{"X-User": "ada@shop"})
        assert page.title == "Overview at the shop"
        assert "Signed in as ada@shop" in page.text
        assert "$29.00 a month" in page.text
        assert page.html.count("<html") == 1

    def test_is_not_escaped_again_and_a_name_still_is(self, visit, ada):
        html = visit(ada["customer"]).get("/").html
        assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in html
        assert '<div class="portal' in html

    def test_can_be_gone_on_from_by_plain_links_and_forms(self, visit, ada):
        visitor = visit(ada["customer"])
        page = visitor.get(f"/subscriptions/{ada['subscription']}/cancellation")
        done = visitor.submit(page.form("/cancellation"))
        assert "Pro is canceled" in done.text
        assert "Signed in as" in done.text
        assert "hx-get" not in done.html
        assert "htmx" not in done.html

    @pytest.mark.parametrize("path", ["/invoices/in_1Stranger000000000000000", "/no/such/page"])
    def test_a_problem_too(self, visit, ada, path):
        page = visit(ada["customer"]).get(path)
        assert page.status == 404
        assert "Signed in as" in page.text

    def test_a_part_of_a_page_is_a_part(self, visit, ada):
        part = visit(ada["customer"]).part(f"/subscriptions/{ada['subscription']}/next-charge")
        assert "Signed in as" not in part.text
        assert "You pay" in part.text


class TestThePolicy:
    def test_is_the_hosts_but_for_who_may_frame(self, visit, ada):
        answer = visit(ada["customer"]).ask("GET", "/")
        assert answer.headers["content-security-policy"] == "frame-ancestors https://shop.example.com"
        assert answer.headers["x-content-type-options"] == "nosniff"

    def test_its_sources_and_the_nonce_are_told(self, visit, ada, given):
        visit(ada["customer"]).get("/")
        page = given[-1]
        assert set(re.findall(r'nonce="([^"]+)"', page.head)) == {page.nonce}
        assert page.csp["script-src"] == ("'self'", f"'nonce-{page.nonce}'")
        assert "style=" not in page.content
        assert "<script" not in page.content

    def test_a_page_of_stripes_own_fields_keeps_our_layout_and_our_policy(self, visit, ada):
        visitor = visit(ada["customer"])
        form = visitor.get("/payment-methods").forms[-1]
        answer = visitor.send(form)
        assert "Signed in as" not in answer.text
        assert "script-src 'nonce-" in answer.headers["content-security-policy"]


class TestWhenItIsNotWanted:
    def test_a_frame_keeps_our_layout(self, visit, ada):
        answer = visit(ada["customer"]).ask("GET", "/", headers={"Sec-Fetch-Dest": "iframe"})
        assert "Signed in as" not in answer.text

    def test_a_piece_is_a_piece(self, visit, ada):
        assert "Signed in as" not in visit(ada["customer"]).ask("GET", "/pieces/plan").text

    @pytest.mark.parametrize("broken", [lambda _request, page: page.nothing, lambda _request, _page: None])
    def test_a_layout_that_fails_is_a_line_in_the_log(self, visit, world, ada, broken, caplog):
        with hosting(world, layout=broken) as host, caplog.at_level(logging.ERROR):
            answer = visit(ada["customer"], at=host).ask("GET", "/")
        assert answer.status_code == 200
        assert "a month" in answer.text
        assert "script-src 'nonce-" in answer.headers["content-security-policy"]
        assert "layout= " in caplog.text

    def test_nor_does_one_that_hangs_keep_a_page(self, visit, world, ada, monkeypatch):
        monkeypatch.setattr(inside, "SLOWEST", 0.05)
        over = threading.Event()
        with hosting(world, layout=lambda _request, _page: over.wait(30)) as host:
            answer = visit(ada["customer"], at=host).ask("GET", "/")
        over.set()
        assert "a month" in answer.text

    def test_an_async_one_is_a_layout_too(self, visit, world, ada):
        async def layout(_request, page):
            return f"<html><body>The shop {page.content}</body></html>"

        with hosting(world, layout=layout) as host:
            assert "The shop" in visit(ada["customer"], at=host).get("/").text

    def test_a_page_with_a_captcha_keeps_our_layout_and_our_policy(self, visit, world):
        challenge = Challenge(script="https://captcha.example/a.js", markup="", field="c", verify=lambda *_: True)
        settings = {
            "hooks": Hooks(challenge=challenge),
            "mail": lambda _mail: None,
            "login_page": LoginPage(enabled=True),
        }
        with hosting(world, layout=lambda _request, _page: "The shop", **settings) as host:
            answer = visit(at=host).ask("GET", "/login")
        assert "The shop" not in answer.text
        assert "https://captcha.example" in answer.headers["content-security-policy"]
