"""Mail by SMTP, held against a small server of this machine."""

from __future__ import annotations

import asyncio
import sys
from email import message_from_bytes, policy

import pytest

from portal_embed import Mail, PortalConfig
from portal_embed.errors import ConfigError
from portal_embed.mail.smtp import connection, message, smtp
from tests.access.portal import make_config

SENDER = "Acmé <billing@acme.example>"


def mail(**changes) -> Mail:
    settings = {
        "kind": "login_code",
        "to": "ada@example.com",
        "subject": "Your code: 123 – für Sie",
        "text": "Grüße 123\n",
        "html": "<p>Grüße 123</p>",
        "locale": "de",
    }
    return Mail(**{**settings, **changes})


class Server:
    """Enough of SMTP to be sent a mail."""

    def __init__(self) -> None:
        self.envelopes: list[tuple[str, str, bytes]] = []

    async def __call__(self, reader, writer):
        async def say(line):
            writer.write(line + b"\r\n")
            await writer.drain()

        sender = to = ""
        await say(b"220 here")
        while line := (await reader.readline()).rstrip():
            verb = line.split(b" ")[0].upper()
            if verb == b"MAIL":
                sender = line.decode()
            elif verb == b"RCPT":
                to = line.decode()
            elif verb == b"DATA":
                await say(b"354 go on")
                body = await reader.readuntil(b"\r\n.\r\n")
                self.envelopes.append((sender, to, body.removesuffix(b".\r\n")))
            elif verb == b"QUIT":
                await say(b"221 bye")
                break
            await say(b"250 fine")
        writer.close()


async def test_a_mail_arrives_as_text_and_as_html():
    server = Server()
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening:
        await smtp(f"smtp://127.0.0.1:{port}", SENDER)(mail())
    ((sender, to, body),) = server.envelopes
    assert "<billing@acme.example>" in sender
    assert "<ada@example.com>" in to
    read = message_from_bytes(body, policy=policy.default)
    assert read["From"] == SENDER
    assert read["Subject"] == "Your code: 123 – für Sie"
    assert (read["Auto-Submitted"], read["Content-Language"]) == ("auto-generated", "de")
    assert read["Message-ID"].endswith("@acme.example>")
    assert read["Date"]
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert read.get_body(("plain",)).get_content() == "Grüße 123\n"
    assert "Grüße 123" in read.get_body(("html",)).get_content()


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "ada@example.com\r\nBcc: mallory@example.com"},
        {"to": "ada@example.com, mallory@example.com"},
        {"to": "nobody"},
        {"subject": "Hello\r\nBcc: mallory@example.com"},
    ],
)
def test_nothing_typed_adds_a_header_or_a_reader(changes):
    with pytest.raises(ValueError, match=r"."):
        message(mail(**changes), SENDER)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://u%40x:p%2Fw@mail.example.com", {"port": 587, "username": "u@x", "password": "p/w", "start_tls": True}),
        ("smtps://mail.example.com", {"port": 465, "use_tls": True, "start_tls": False, "username": None}),
        ("smtp://localhost:1025", {"port": 1025, "use_tls": False, "start_tls": None}),
    ],
)
def test_only_this_machine_is_spoken_to_in_the_clear(url, expected):
    assert expected.items() <= connection(url).items()


def test_without_the_library_the_start_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "aiosmtplib", None)
    with pytest.raises(ConfigError, match=r"portal-embed\[smtp\]"):
        smtp("smtp://mail.example.com", SENDER)


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"smtp_url": "mail.example.com", "mail_from": SENDER}, "PORTAL_SMTP_URL"),
        ({"smtp_url": "http://mail.example.com", "mail_from": SENDER}, "PORTAL_SMTP_URL"),
        ({"smtp_url": "smtp://mail.example.com:port", "mail_from": SENDER}, "PORTAL_SMTP_URL"),
        ({"smtp_url": "smtp://mail.example.com"}, "PORTAL_MAIL_FROM is missing"),
        ({"mail_from": "billing"}, "PORTAL_MAIL_FROM"),
        ({"mail_from": "billing@acme.example\r\nBcc: x@y.z"}, "PORTAL_MAIL_FROM"),
        ({"mail": "smtp"}, "callable"),
    ],
)
def test_a_wrong_setting_stops_the_start(settings, word):
    with pytest.raises(ConfigError, match=word):
        make_config(**settings)


def test_settings_come_from_the_environment_and_the_password_is_not_shown():
    config = PortalConfig.from_env(
        {
            "STRIPE_SECRET_KEY": "sk_test_1",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_1",
            "PORTAL_SECRET_KEYS": "an-example-key-of-forty-letters-and-more",
            "PORTAL_BASE_URL": "https://app.example.com/billing",
            "PORTAL_SMTP_URL": "smtp://user:hunter2@mail.example.com",
            "PORTAL_MAIL_FROM": "billing@acme.example",
        }
    )
    assert config.can_mail
    assert "hunter2" not in repr(config)
