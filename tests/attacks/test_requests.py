"""What no browser sends: broken bodies, slow ones, odd headers, nonsense in addresses. Calm answers, and no memory of them."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from portal_embed.access import headers as access_headers
from portal_embed.web.language import preferred_locale
from portal_embed.web.rendering import Renderer
from tests.serving import config_for, hosting


@pytest.fixture
def ada(world):
    """Ten days into a monthly plan."""
    return world.live("monthly", days=10)


def raw(host, request: str, body: bytes = b"") -> bytes:
    """Bytes as they are, past every client's good manners; the whole answer."""
    address = urlsplit(host.origin)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode("latin-1") + body)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


class TestLanguages:
    """A browser may ask for any language; what we keep for it is bounded."""

    def test_a_thousand_invented_locales_are_served_from_one_set_of_templates(self, host, world):
        renderer = Renderer(config_for(world, host.origin + host.path))
        renderer._by_locale = {}
        spoken = {preferred_locale(f"en-{number:08d}", "en") for number in range(1000)}
        regions = {preferred_locale(f"en-{chr(65 + n % 26)}{chr(65 + n // 26)}", "en") for n in range(600)}
        assert spoken == {"en"}
        assert len({id(renderer.in_locale(locale)) for locale in spoken | (regions - {"en-XA"})}) == 1

    @pytest.mark.parametrize(
        "asked",
        ["en" + "-a" * 240, "en-\xe9", "en-", "-", "en-US-x-y", "en;q=nan", "en;q=1e999", "en-GB-oed", ";;,,q=", "x" * 9000],
    )  # fmt: skip
    def test_an_odd_one_is_read_as_far_as_it_makes_sense(self, asked, visit):
        answer = visit().ask("GET", "/", headers={"Accept-Language": asked.encode("latin-1")})
        assert answer.status_code == 401
        assert "Your session has expired" in answer.text


class TestBodies:
    """A form is small, quick, and text."""

    @pytest.fixture
    def send(self, ada, visit):
        """Send the cancellation's form as multipart, with a comment, in a charset."""
        browser = visit(ada["customer"])
        form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")

        def post(comment: bytes, charset: str, boundary: str = "x"):
            parts = {**{name: value.encode() for name, value in form.fields.items()}, "comment": comment}
            body = b"".join(
                b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
                for name, value in parts.items()
            )
            kind = f"multipart/form-data; boundary={boundary}; charset={charset}"
            return browser.ask(
                "POST", form.action, content=body + b"--x--\r\n", headers={**browser.own, "Content-Type": kind}
            )

        return post

    @pytest.mark.parametrize(
        ("charset", "comment"),
        [("utf-7", b"+2AA-"), ("unicode_escape", rb"\ud800"), ("raw_unicode_escape", rb"\ud800"), ("punycode", b"\xff"),
         ("undefined", b"x"), ("utf-8", b"a\x00b")],
    )  # fmt: skip
    def test_what_is_no_text_is_refused_and_nothing_happens(self, charset, comment, send, ada, books):
        answer = send(comment, charset)
        assert answer.status_code == 400
        assert books.subscription(ada["subscription"]).cancel_at is None

    @pytest.mark.parametrize("boundary", ["", '"', "y" * 300, "z"])
    def test_a_multipart_body_that_does_not_hold_together_is_refused(self, boundary, send, ada, books):
        assert send(b"hello", "utf-8", boundary).status_code == 400
        assert books.subscription(ada["subscription"]).cancel_at is None

    @pytest.mark.parametrize("comment", ["%ff%fe", "%ed%a0%80", "%u0041", "%", "%F0%9F%98%80", "a;b=c", "%e2%80%ae"])
    def test_odd_characters_in_a_comment_do_not_stop_a_cancellation(self, comment, ada, visit, books):
        browser = visit(ada["customer"])
        form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        body = f"_csrf={form.fields['_csrf']}&_op={form.fields['_op']}&comment={comment}"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert browser.ask("POST", form.action, content=body, headers={**browser.own, **kind}).status_code == 303
        assert books.subscription(ada["subscription"]).cancel_at is not None

    @pytest.mark.parametrize("path", ["/session", "/session/end"])
    def test_a_body_that_never_ends_is_not_waited_for(self, path, ada, host, visit, monkeypatch):
        monkeypatch.setattr(access_headers, "SLOWEST_BODY", 0.1)
        browser = visit(ada["customer"])
        cookies = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
        answer = raw(
            host,
            f"POST {host.path}{path} HTTP/1.1\nHost: x\nOrigin: {host.origin}\nCookie: {cookies}\nConnection: close\n"
            "Content-Type: application/x-www-form-urlencoded\nContent-Length: 100\n\n",
            b"token=",
        )
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"content-security-policy" in answer
        assert browser.get("/").status == 200


class TestAddresses:
    """Whatever stands in the address: 404 or 400, headers on, nothing reflected."""

    @pytest.mark.parametrize(
        "path",
        ["/invoices/%00", "/invoices/%ff", "/invoices/%ed%a0%80", "/invoices/in_%C3%A9", "/invoices/in_1%2f..%2fcus_1",
         "/invoices?starting_after=%00", "/invoices?ending_before=in_" + "a" * 4000, "/payment-methods/return?setup_intent=%00",
         "/payment-methods/return?setup_intent=seti_%2e%2e%2fcustomers", "//invoices", "/./invoices", "/invoices/../invoices",
         "/static/%2e%2e/%2e%2e/portal.py", "/static/x/..%2f..%2fportal.py", "/static/0000000000000000/css/portal.css"],
    )  # fmt: skip
    def test_nonsense_is_not_found(self, path, ada, host, visit, world):
        cookies = visit(ada["customer"]).client.cookies
        world.forget_requests()
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        answer = raw(
            host,
            f"GET {host.path}{path} HTTP/1.1\nHost: evil.example\nX-Forwarded-Host: evil.example\n"
            f"X-Forwarded-Proto: https\nX-Forwarded-Prefix: /evil\nConnection: close\nCookie: {cookie}\n\n",
        )
        assert answer.startswith(b"HTTP/1.1 404 ")
        assert b"content-security-policy" in answer
        assert b"evil" not in answer
        assert not world.requests()

    @pytest.mark.parametrize(
        "query", ["done=%ff&of=%00", "done=%3Cb%3E&of=%3Cb%3E", "done=canceled&of=sub_1&x[]=1", "done", "=&&="]
    )
    def test_nonsense_behind_the_question_mark_is_ignored(self, query, ada, visit):
        page = visit(ada["customer"]).get(f"/?{query}")
        assert page.status == 200
        assert "<b>" not in page.html
        assert page.tags.count("script") == 2


def test_a_host_s_broken_template_is_a_plain_page_with_all_headers(world, ada, visit, tmp_path):
    (tmp_path / "layout.html").write_text("{{ nobody_knows_this }}")
    with hosting(world, templates_dir=tmp_path) as host:
        answer = visit(ada["customer"], at=host).ask("GET", "/")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "nobody_knows_this" not in answer.text
    for name in ("content-security-policy", "x-content-type-options", "referrer-policy", "x-request-id"):
        assert name in answer.headers
    assert answer.headers["cache-control"] == "no-store"
