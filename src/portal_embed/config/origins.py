"""Web origins: taking them from URLs, and telling this machine from the rest of the world."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)*|\[[0-9a-f:.]{2,45}\])"
_ORIGIN = re.compile(rf"https?://{_HOST}(?::[0-9]{{1,5}})?")


def origin_of(url: str) -> str:
    """`https://host[:port]` of an absolute http(s) URL, the default port left out. Raises ValueError otherwise."""
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError("not an absolute http(s) URL")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port
    suffix = "" if port is None or port == DEFAULT_PORTS[parts.scheme] else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


def is_loopback_host(host: str | None) -> bool:
    """True for 127.0.0.0/8, ::1, localhost and *.localhost: names that never leave this machine (RFC 6761)."""
    if not host:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_exact_origin(value: object) -> bool:
    """True for exactly `https://host[:port]` as a browser writes it; `http` only for this machine.

    No wildcard, path, quote or semicolon can pass: these values are written into response headers.
    """
    if not isinstance(value, str) or not _ORIGIN.fullmatch(value):
        return False
    try:
        if origin_of(value) != value:
            return False
    except ValueError:
        return False
    parts = urlsplit(value)
    return parts.scheme == "https" or is_loopback_host(parts.hostname)
