"""The few facts of an ASGI request that the checks read, taken once and in one way."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


def header_map(scope: Scope) -> dict[str, str]:
    """Lower-case header names to values. A header sent twice is joined by a comma, so it equals nothing we compare with."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def cookie_headers(scope: Scope) -> list[str]:
    """All `Cookie` headers (HTTP/2 may send several)."""
    return [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"cookie"]


def route_path(scope: Scope) -> str:
    """The path below the mount, as the routes spell it: "/invoices"; nothing at all for the mount without its slash."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if f"{path}/".startswith(f"{root}/") else path


def whole_path(scope: Scope) -> str:
    """The path with the mount in front, as ASGI has it: "/app/billing/invoices".

    A proxy that cuts a prefix off ("/app", with `FastAPI(root_path="/app")`), or a dispatch by hand that cuts all of it off,
    leaves a path that does not begin with `root_path`.
    """
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    around = str(scope.get("app_root_path", ""))  # where Starlette's `Mount` keeps the root path of the app around us
    for whole in (path, f"{around}{path}"):
        if f"{whole}/".startswith(f"{root}/"):
            return whole
    return f"{root}{path}"


def client_address(scope: Scope) -> str:
    """The peer's address as the server saw it, of IPv6 the network: who has one has 2^64 addresses in it.

    `X-Forwarded-For` is the server's business (uvicorn `--forwarded-allow-ips`).
    """
    client = scope.get("client")
    if not client:
        return "unknown"
    try:
        address = ipaddress.ip_address(str(client[0]).partition("%")[0])
    except ValueError:
        return str(client[0])
    if address.version == 4 or address.ipv4_mapped:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))
