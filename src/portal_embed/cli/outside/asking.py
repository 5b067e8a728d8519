"""One plain request from outside, and what came back: every header as often as it came, and no redirect followed."""

from __future__ import annotations

import gzip
import http.client
import socket
import ssl
import zlib
from dataclasses import dataclass, field
from importlib import metadata
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from portal_embed.config.origins import origin_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 10.0
"""Seconds for one answer."""
LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes that are read of one answer."""


class Unreachable(Exception):
    """No answer. The message is one sentence that says why, and what to look at."""


@dataclass(frozen=True)
class Answer:
    """What came back for one request: header names are lower case, the body is without its compression."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    def all(self, name: str) -> list[str]:
        """Every value of a header, in the order they came."""
        return [value for found, value in self.headers if found == name]

    def first(self, name: str) -> str:
        """Its first value, or ""."""
        return next(iter(self.all(name)), "")

    @property
    def text(self) -> str:
        """The body as text; what is none is replaced."""
        return self.body.decode("utf-8", "replace")


def ask(url: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
    """Send one request without a session. `url` is absolute http(s). Raises `Unreachable`."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    sent = {
        "User-Agent": f"portal-embed-check/{metadata.version('portal-embed')}",
        "Accept": "text/html, */*",
        "Accept-Encoding": "gzip",
        **(headers or {}),
    }
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~") + (
        f"?{quote(parts.query, safe='/%=&+')}" if parts.query else ""
    )
    try:
        name = host if host.isascii() else host.encode("idna").decode()
        made = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = made(name, parts.port, timeout=PATIENCE)
        try:
            connection.request(method, target, body=b"" if method == "POST" else None, headers=sent)
            response = connection.getresponse()
            body = _read(response, monotonic() + PATIENCE)
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Unreachable(reason(error, url)) from None
    found = tuple((name.lower(), value.strip()) for name, value in response.getheaders())
    return Answer(url, response.status, found, _unpacked(body, response.getheader("content-encoding") or ""))


def reason(error: Exception, url: str) -> str:
    """Why there is no answer from `url`, and what to look at."""
    origin, host = origin_of(url), urlsplit(url).hostname
    match error:
        case ssl.SSLCertVerificationError():
            return f"The certificate of {origin} is not good ({error.verify_message}): browsers refuse it as well."
        case ssl.SSLError():
            return f"{origin} does not speak TLS ({error.reason or error}): is it an http:// address?"
        case socket.gaierror():
            return f"There is no address for {host}: look at the name and its DNS record."
        case TimeoutError():
            return f"{url} has not answered within {PATIENCE:.0f} seconds."
        case ConnectionRefusedError():
            return f"{origin} refuses connections: nothing listens there."
        case _:
            return f"{url} gives no answer that can be read ({type(error).__name__}): look at the log of your proxy."


def _read(response: http.client.HTTPResponse, until: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while size < LARGEST_ANSWER and (part := response.read1(65536)):
        parts.append(part)
        size += len(part)
        if monotonic() > until:
            raise TimeoutError
    return b"".join(parts)


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding.strip().lower() != "gzip":
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return body
