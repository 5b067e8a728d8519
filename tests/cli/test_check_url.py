"""`portal-embed check --url`: a real portal behind something that meddles, and what is said of it."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from starlette.responses import HTMLResponse

from portal_embed import Portal
from portal_embed.cli import main
from portal_embed.cli.outside import NOT_SEEN, asking, look
from portal_embed.cli.outside.asking import Answer, reason
from portal_embed.cli.outside.reaching import is_from_portal, why_not
from portal_embed.cli.serve import app_for
from tests.cli.hearing import SHOP, said, the_problem
from tests.cli.meddling import (
    adds,
    answers,
    deployed,
    forgets,
    moves_to,
    redirects,
    requests,
    showing,
    strips,
    strips_the_prefix,
)
from tests.serving import Server, config_for, server

# -- nothing in between


@pytest.mark.parametrize("origins", [(), (SHOP,)])
def test_an_untouched_portal_is_as_it_was_sent(world, origins):
    with deployed(world, embed_origins=origins) as url:
        findings = list(look(url))

    assert [one.kind for one in findings] == ["fine"] * 6 + ["note"]
    assert findings[-1].sentence == NOT_SEEN


@pytest.mark.parametrize("origins", [(), (SHOP,)])
def test_so_is_one_at_the_root(world, origins):
    with closing(Server()) as carrier:
        portal = Portal(config_for(world, carrier.origin, embed_origins=origins))
        with carrier.carrying("", portal):
            for url in (carrier.origin, f"{carrier.origin}/"):
                assert said(url) == ([], [])


def test_compression_and_a_cdns_headers_are_fine(world):
    with deployed(world, adds("via", "1.1 cdn"), adds("strict-transport-security", "max-age=63072000")) as url:
        assert said(url) == ([], [])


def test_no_more_than_ten_requests_are_made_and_each_says_what_it_is(world):
    seen = []

    def noted(scope):
        seen.append((scope["method"], dict(scope["headers"]).get(b"user-agent", b"").partition(b"/")[0]))
        return scope

    with deployed(world, forgets("origin", "sec-fetch-site"), requests(noted), embed_origins=(SHOP,)) as url:
        list(look(url, url))

    assert len(seen) <= 10
    assert {agent for _, agent in seen} == {b"portal-embed-check"}
    assert {method for method, _ in seen} == {"GET", "POST"}


# -- the command


def test_the_command_ends_with_0_and_says_what_was_looked_at(world, capsys):
    with deployed(world) as url:
        code = main(["check", "--url", f"{url}/"])
    out = capsys.readouterr().out

    assert code == 0
    assert f"ok      A portal answers at {url}.\n" in out
    assert "ok      Forms reach it" in out
    assert f"note    {NOT_SEEN}\n" in out
    assert out.endswith("No problems.\n")


def test_the_command_needs_no_settings_and_ends_with_1_on_a_problem(world):
    with deployed(world, strips("content-security-policy")) as url:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "PORTAL_"))}
        done = subprocess.run(
            [sys.executable, "-m", "portal_embed", "check", "--url", url],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert "PROBLEM The portal's own Content-Security-Policy does not arrive" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--page", SHOP],
        ["--url", "https://a.example", "mysite:portal"],
        ["--url", "https://a.example", "--import", "default"],
    ],
)
def test_options_that_do_not_go_together_are_a_usage_error(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(["check", *arguments])

    assert end.value.code == 2
    assert "--url" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url", ["shop.example/billing", "ftp://shop.example", "https://", "https://u:p@shop.example", "https://x:99999"]
)
def test_what_is_no_address_is_said(url):
    assert repr(url) in the_problem(url)


# -- it is not there


def test_nothing_that_listens(world):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert the_problem(f"{url}/billing") == f"{url} refuses connections: nothing listens there."


def test_no_tls_where_https_was_asked(world):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.listen()

        def answer():
            with listener.accept()[0] as connection:
                connection.recv(1024)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        problem = the_problem(f"https://127.0.0.1:{listener.getsockname()[1]}/billing")
        thread.join()

    assert "does not speak TLS" in problem


def certificate_error():
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_message = "certificate has expired"
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (certificate_error(), "The certificate of https://a.example is not good (certificate has expired)"),
        (socket.gaierror(-2, "Name or service not known"), "There is no address for a.example"),
        (TimeoutError(), f"has not answered within {asking.PATIENCE:.0f} seconds"),
        (http.client.RemoteDisconnected(""), "gives no answer that can be read (RemoteDisconnected)"),
    ],
)
def test_why_there_is_no_answer(error, words):
    assert words in reason(error, "https://a.example/billing/")


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (answers(404), ("404", "something that is not the portal", "mounted")),
        (answers(502), ("502", "does not reach your app")),
        (answers(403), ("403", "firewall")),
        (answers(401, www_authenticate='Basic realm="staging"'), ("401", "asks for a password")),
        (answers(200), ("200", "something that is not the portal", "PORTAL_BASE_URL")),
        (
            redirects("https://sso.example/login?next=/billing/"),
            ("302", "https://sso.example/login", "sign-in in front"),
        ),
        (redirects("/welcome"), ("302", "/welcome", "redirects nowhere")),
    ],
)
def test_something_else_that_answers(world, way, words):
    with deployed(world, way) as url:
        problem = the_problem(url)

    assert url in problem
    for word in words:
        assert word in problem


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ((("permissions-policy", "camera=(), microphone=(), geolocation=(), usb=(), payment=(self)"),), b""),
        (
            (
                (
                    "content-security-policy",
                    "script-src 'nonce-n'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
                ),
            ),
            b"",
        ),
        ((), b'<link rel="stylesheet" href="/billing/static/0123456789abcdef/css/portal.css">'),
    ],
)
def test_a_portal_is_known_by_any_of_what_only_it_sends(headers, body):
    assert is_from_portal(Answer("https://shop.example/billing/", 401, headers, body))
    assert not is_from_portal(Answer("https://shop.example/billing/", 401, (), b"<link href=/css/portal.css>"))


def redirected(to, asked="https://shop.example/billing"):
    return why_not(Answer(f"{asked}/", 301, (("location", to),), b""), asked).sentence


def test_each_kind_of_redirect_is_known_for_what_it_is():
    asked = "http://shop.example/billing"

    assert "name https in PORTAL_BASE_URL" in redirected("https://shop.example/billing/", asked)
    assert "let PORTAL_BASE_URL name that host" in redirected("https://www.shop.example/billing/")
    assert "let PORTAL_BASE_URL name that host" in redirected(
        "https://shop.example/billing/", "https://www.shop.example/billing"
    )
    assert "ends with a slash" in redirected("/billing")
    assert "redirects nowhere" in redirected("/billing/?checked=1")
    assert "sign-in in front" in redirected("/users/sign_in")


def test_a_portal_in_the_clear_is_a_problem_outside_of_this_machine():
    ours = (("permissions-policy", "camera=(), microphone=(), geolocation=(), usb=(), payment=(self)"),)
    answer = Answer("http://shop.example/billing/", 401, ours, b"")

    assert "without TLS" in why_not(answer, "http://shop.example/billing").sentence


def test_what_others_send_is_printed_without_control_characters():
    with showing(HTMLResponse("<title>\x1b[31mWelcome</title>")) as url:
        problem = the_problem(url)

    assert "calls itself “?[31mWelcome”" in problem
    assert problem.isprintable()


# -- the path


def test_a_prefix_that_is_stripped_on_the_way(world):
    with deployed(world, requests(strips_the_prefix)) as url:
        problem = the_problem(url)

    assert f"settings name {url}" in problem
    assert "is mounted at /," in problem
    assert "pass the path on as it is" in problem


def test_a_prefix_that_is_stripped_before_portal_embed_serve(world):
    carrier = server()
    path = carrier.next_path()
    url = carrier.origin + path
    alone = app_for(Portal(config_for(world, url)))
    with carrier.carrying(path, requests(strips_the_prefix)(alone)):
        problem = the_problem(url)

    assert f"The portal is at {url}, but {path} is lost on the way" in problem


def test_portal_embed_serve_asked_at_its_root_leads_to_the_portal(world):
    with closing(Server()) as carrier:
        url = f"{carrier.origin}/billing"
        with carrier.carrying("", app_for(Portal(config_for(world, url)))):
            assert f"check --url {url}." in the_problem(carrier.origin)
            assert said(url) == ([], [])


def test_a_mount_elsewhere_than_the_settings_say(world):
    elsewhere = "http://localhost:8000/elsewhere"
    with deployed(world, base_url=elsewhere) as url:
        problem = the_problem(url)

    assert f"its settings say that it is at {elsewhere}" in problem
    assert f"set PORTAL_BASE_URL={url}" in problem


def test_a_path_that_a_proxy_swaps_for_another(world):
    inside = f"{server().origin}/inside"
    with deployed(world, requests(moves_to(inside)), base_url=inside) as url:
        problems, notes = said(url)

    assert f"takes {inside} for its address" in problems[0]
    assert f"set PORTAL_BASE_URL={url}" in problems[0]
    assert "leads to /inside/expired" in problems[1]
    assert (len(problems), notes) == (2, [])


def test_settings_that_name_another_origin(world):
    carrier = server()
    path = carrier.next_path()
    with carrier.carrying(path, Portal(config_for(world, f"https://billing.example{path}"))):
        url = carrier.origin + path
        problem = the_problem(url)

    assert f"refuses every form from {carrier.origin}" in problem
    assert f"Set PORTAL_BASE_URL={url}" in problem
