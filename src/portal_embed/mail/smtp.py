"""Mail by SMTP: `smtp("smtp://user:password@mail.example.com:587", "Acme <billing@acme.example>")`."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, make_msgid, parseaddr
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from portal_embed.config.origins import is_loopback_host
from portal_embed.errors import ConfigError

if TYPE_CHECKING:
    from portal_embed.config import Mail, MailCallable

PORTS = {"smtp": 587, "smtps": 465}


def smtp(url: str, sender: str) -> MailCallable:
    """A callable that sends by the server of `url`, as `sender` ("Acme <billing@acme.example>").

    "smtp://" begins in the clear and must turn to TLS at once (STARTTLS), except on this machine; "smtps://" is TLS from the
    first byte. Raises `ConfigError` when `aiosmtplib` is not installed.
    """
    try:
        import aiosmtplib  # noqa: PLC0415  an extra: only who sends by SMTP needs it
    except ImportError:
        raise ConfigError("PORTAL_SMTP_URL needs aiosmtplib: pip install 'portal-embed[smtp]'.") from None
    options = connection(url)

    async def send(mail: Mail) -> None:
        await aiosmtplib.send(message(mail, sender), **options)

    return send


def connection(url: str) -> dict[str, Any]:
    """`aiosmtplib.send`'s keywords for a server's address. `config.problems` has checked it."""
    parts = urlsplit(url)
    is_tls = parts.scheme == "smtps"
    # None: STARTTLS if the server offers it, which the one on this machine often does not.
    starts_tls = None if is_loopback_host(parts.hostname) else True
    return {
        "hostname": parts.hostname,
        "port": parts.port or PORTS[parts.scheme],
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "use_tls": is_tls,
        "start_tls": False if is_tls else starts_tls,
        "timeout": 20,
    }


def message(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it travels: plain text first, then the same as HTML. Raises ValueError for an address that is none.

    `EmailMessage` refuses line breaks in headers, so nothing that a customer typed can add a header.
    """
    name, address = parseaddr(sender)
    sent = EmailMessage(policy=SMTP)
    sent["From"] = Address(display_name=name, addr_spec=address)
    sent["To"] = Address(addr_spec=mail.to)
    sent["Subject"] = mail.subject
    sent["Date"] = format_datetime(localtime())
    sent["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
    sent["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office note comes back
    sent.set_content(mail.text)
    sent.add_alternative(mail.html, subtype="html")
    sent["Content-Language"] = mail.locale  # last: making it multipart moves what is about content into the first part
    return sent
