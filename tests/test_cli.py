"""The commands, run as a person runs them: a process, its exit code and what it prints."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from portal_embed.cli import main
from portal_embed.cli.serve import default_port
from tests.serving import free_port

KEY = "an-example-key-of-forty-letters-and-more"
CUSTOMER = "cus_AdaLovelace"
SETTINGS = {
    "STRIPE_SECRET_KEY": "sk_test_cli",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_cli",
    "STRIPE_API_BASE": "http://127.0.0.1:9",
    "STRIPE_JS_URL": "http://127.0.0.1:9/stripe.js",
    "PORTAL_SECRET_KEYS": KEY,
    "PORTAL_BASE_URL": "http://localhost:8000/billing",
    "PORTAL_RETURN_URL": "/account",
}


@pytest.fixture(autouse=True)
def settings(monkeypatch):
    """A right set of settings, and nothing else of the kind."""
    for name in [name for name in os.environ if name.startswith(("STRIPE_", "PORTAL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("PORT", raising=False)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("command", ["serve", "link", "check", "templates", "gallery", "sandbox", "demo", "simulate"])
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])

    assert end.value.code == 0
    assert len(capsys.readouterr().out) > 200


def test_no_command_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as end:
        main([])

    assert end.value.code == 2
    assert "command" in capsys.readouterr().err


# -- templates


def test_templates_are_listed_shown_and_copied_but_never_over_one_of_yours(tmp_path, capsys):
    assert main(["templates"]) == 0
    names = capsys.readouterr().out.split()
    assert {"layout.html", "overview/show.html", "mail/letter.txt"} <= set(names)

    assert main(["templates", "show", "overview/show.html"]) == 0
    shown = capsys.readouterr().out
    assert '{% extends "layout.html" %}' in shown

    assert main(["templates", "copy", "overview/show.html", str(tmp_path)]) == 0
    copied = tmp_path / "overview" / "show.html"
    assert copied.read_text(encoding="utf-8") == shown
    copied.write_text("mine", encoding="utf-8")
    assert main(["templates", "copy", "overview/show.html", str(tmp_path)]) == 1
    assert copied.read_text(encoding="utf-8") == "mine"
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nothing.html", "../portal.py", "/etc/passwd", "overview"])
def test_what_is_no_template_is_said(name, tmp_path, capsys):
    assert main(["templates", "copy", name, str(tmp_path)]) == 1
    assert "There is no template" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


# -- link


def test_link_prints_a_link_into_the_portal_and_nothing_else(capsys):
    assert main(["link", "--customer", CUSTOMER]) == 0

    printed = capsys.readouterr()
    assert re.fullmatch(r"http://localhost:8000/billing/enter\?token=[\w.-]+\n", printed.out)
    assert printed.err == ""


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--customer", "ada"], "customer"),
        (["--customer", CUSTOMER, "--ttl", "301"], "ttl"),
        (["--customer", CUSTOMER, "--scopes", "everything"], "scope"),
        (["--customer", CUSTOMER, "--return-url", "https://evil.example/"], "return_url"),
    ],
)
def test_link_says_in_a_sentence_what_is_wrong_with_an_argument(arguments, word, capsys):
    assert main(["link", *arguments]) == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    assert word in printed.err
    assert "Traceback" not in printed.err


def test_a_wrong_setting_stops_with_the_sentence_that_names_it(monkeypatch, capsys):
    monkeypatch.setenv("PORTAL_SECRET_KEYS", "short")

    assert main(["link", "--customer", CUSTOMER]) == 1
    assert "PORTAL_SECRET_KEYS holds a key shorter than 32 bytes" in capsys.readouterr().err


# -- serve


def test_serve_puts_the_portal_at_its_address_and_says_so_at_the_root():
    with serving() as (origin, _log):
        status, _, root = get(f"{origin}/")
        expired, _, page = get(f"{origin}/billing/")
        moved, headers, _ = get(f"{origin}/billing")

    assert (status, expired, moved) == (200, 401, 308)
    assert f"The billing portal is at {origin}/billing/." in root
    assert "<html" in page
    assert headers["location"] == f"{origin}/billing/"


def test_serve_keeps_sign_in_links_out_of_its_log(tmp_path, monkeypatch, capsys):
    with serving(log_path=tmp_path / "log") as (origin, log):
        monkeypatch.setenv("PORTAL_BASE_URL", f"{origin}/billing")
        assert main(["link", "--customer", CUSTOMER]) == 0
        link = capsys.readouterr().out.strip()
        get(link)
        get(f"{origin}/billing/invoices?token={link.split('token=')[1]}")

    lines = log.read_text()
    assert "GET /billing/enter HTTP/1.1" in lines
    assert "token" not in lines
    assert link.split("token=")[1][:24] not in lines


@pytest.mark.parametrize(
    ("given", "is_said"), [("", True), ("store=MemoryStore()", True), ("identity=lambda request: None", False)]
)
def test_serve_takes_a_portal_from_a_module_and_says_when_signing_out_of_the_host_is_not_known_to_it(
    tmp_path, given, is_said
):
    (tmp_path / "mysite.py").write_text(
        "from portal_embed import Portal, PortalConfig\nfrom portal_embed.store import MemoryStore\n"
        f"portal = Portal(PortalConfig.from_env({given}))\n"
    )
    with serving("mysite:portal", cwd=tmp_path, log_path=tmp_path / "log") as (origin, log):
        assert get(f"{origin}/billing/")[0] == 401

    assert ("end_sessions in your site's own process ends no session here" in log.read_text()) is is_said


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("nonsense", "write module:portal"),
        ("no_such_module:portal", "There is no module 'no_such_module'"),
        ("portal_embed.cli:main", "should be a Portal, but there is a function"),
        ("portal_embed.cli:nothing", "should be a Portal, but there is nothing of that name"),
    ],
)
def test_serve_says_what_is_wrong_with_the_name_of_a_portal(target, sentence, capsys, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))

    assert main(["serve", target]) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("command", ["serve", "demo", "gallery", "sandbox"])
def test_a_taken_port_is_one_clear_sentence(command, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main([command, "--port", str(port)]) == 1

    assert capsys.readouterr().err.startswith(f"Port {port} is taken")


@pytest.mark.parametrize(
    ("base_url", "port"),
    [
        ("http://localhost:8123/billing", 8123),
        ("http://localhost/billing", 8000),
        ("https://app.example.com:8443/billing", 8000),
    ],
)
def test_serve_listens_where_a_local_address_says(base_url, port):
    assert default_port(base_url) == port


# -- demo and sandbox


def test_demo_refuses_a_port_that_is_none(monkeypatch, capsys):
    monkeypatch.setenv("PORT", "eighty")

    assert main(["demo"]) == 1
    assert "PORT is 'eighty'" in capsys.readouterr().err


def test_demo_prints_where_to_click_once_it_answers(tmp_path):
    with running("demo", "--port", "0", log_path=tmp_path / "log", ready="Ctrl-C") as (log, _process):
        address = re.search(r"Click here:\s+(http://localhost:\d+)/", log.read_text())[1]
        status, _, page = get(f"{address}/")

    assert status == 200
    assert "Ada Lovelace" in page


def test_gallery_shows_the_pages_of_the_portal_that_it_is_given(tmp_path):
    (tmp_path / "mysite.py").write_text(
        "from portal_embed import BusinessProfile, Portal, PortalConfig\n"
        f"portal = Portal(PortalConfig.from_env({SETTINGS!r}, business_profile=BusinessProfile(name='Kieler Sprotten')))\n"
    )
    command = ("gallery", "mysite:portal", "--port", "0")
    with running(*command, cwd=tmp_path, log_path=tmp_path / "log", ready="Ctrl-C") as (log, _process):
        address = re.search(r"(http://localhost:\d+)/", log.read_text())[1]
        index = get(f"{address}/?only=overview-active")
        frame = get(address + re.search(r'<iframe src="([^"]*)"', index[2])[1])

    assert (index[0], frame[0]) == (200, 200)
    assert "Ada Lovelace" in frame[2]
    assert "Kieler Sprotten" in frame[2]


def test_sandbox_prints_the_settings_to_use_and_answers_there(tmp_path):
    with running("sandbox", "--port", "0", log_path=tmp_path / "log", ready="Ctrl-C") as (log, process):
        api_base = re.search(r"STRIPE_API_BASE=(\S+)", log.read_text())[1]
        wait_for(api_base, process)
        status, _, body = get(f"{api_base}/v1/customers", Authorization="Bearer sk_test_any")

    assert status == 200
    assert '"object":"list"' in body


def test_sandbox_tells_how_it_knows_what_it_does(capsys):
    assert main(["sandbox", "--truth"]) == 0

    assert re.search(r"\d+ recorded, \d+ documented, \d+ assumed", capsys.readouterr().out)


# -- running a command


@contextlib.contextmanager
def serving(*arguments, cwd=None, log_path=os.devnull):
    """`portal-embed serve` on a free port until the block ends: its origin and its log."""
    origin = f"http://localhost:{free_port()}"
    with running("serve", *arguments, cwd=cwd, log_path=log_path, PORTAL_BASE_URL=f"{origin}/billing") as (
        log,
        process,
    ):
        wait_for(origin, process)
        yield origin, log


@contextlib.contextmanager
def running(*arguments, cwd=None, log_path=os.devnull, ready=None, **settings):
    """A command in a process of its own until the block ends; `ready`: the words to wait for in its output."""
    with open(log_path, "w+") as output:  # noqa: PTH123  (os.devnull is no path of ours)
        process = subprocess.Popen(
            [sys.executable, "-m", "portal_embed", *arguments],
            cwd=cwd,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE if ready else output,
            stderr=output,
            text=True,
        )
        try:
            if ready:
                for line in process.stdout:
                    output.write(line)
                    output.flush()
                    if ready in line:
                        break
            yield log_path, process
        finally:
            process.terminate()
            process.wait(timeout=60)
            if process.stdout:
                process.stdout.close()


def wait_for(origin, process):
    """Until the server takes connections; fail when its process ends first."""
    address = urlsplit(origin)
    for _ in range(2000):
        with contextlib.suppress(OSError), socket.create_connection((address.hostname, address.port), timeout=1):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
            break
    pytest.fail(f"nothing answers at {origin}")


def get(url, **headers):
    """Status, headers and text of an answer; redirects are not followed."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    try:
        connection.request("GET", url.removeprefix(f"{address.scheme}://{address.netloc}"), headers=headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()
