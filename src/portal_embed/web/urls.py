"""Addresses. Made from `base_url` and our own table of routes, never from the request's Host or the host's router."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from portal_embed.config import PortalConfig

_ID = re.compile(r"[a-z]{2,12}_[A-Za-z0-9_]{1,128}")
_PARAMETER = re.compile(r"\{\w+\}")


class Urls:
    """Route name → address below the mount. A route has at most one path parameter."""

    def __init__(self, config: PortalConfig, patterns: Mapping[str, str]) -> None:
        """`patterns`: route name → path pattern such as "/invoices/{invoice}"."""
        self._mount = config.mount_path
        self._origin = config.origin
        self._around_id = {route: _PARAMETER.split(pattern, maxsplit=1) for route, pattern in patterns.items()}

    def path(self, route: str, id: str | None = None, **query: str | None) -> str:
        """The address from the origin's root: "/billing/invoices/in_1". `query` values that are None are left out."""
        before, *after = self._around_id[route]
        path = f"{self._mount}{before}{quote(id or '', safe='')}{after[0]}" if after else f"{self._mount}{before}"
        asked = {name: value for name, value in query.items() if value is not None}
        return f"{path}?{urlencode(asked)}" if asked else path

    def route_at(self, path: str, routes: Iterable[str]) -> tuple[str, str | None] | None:
        """Which of `routes` a path below the mount is the address of ("/invoices/in_1"), and its id; None where of none."""
        for route in routes:
            before, *after = self._around_id[route]
            id = path[len(before) : len(path) - len(after[0])] if after else None
            if path == f"{before}{id or ''}{after[0] if after else ''}" and (id is None or _ID.fullmatch(id)):
                return route, id
        return None

    def absolute(self, route: str, id: str | None = None, **query: str | None) -> str:
        """The whole address, for what Stripe or a mail leads back to."""
        return self._origin + self.path(route, id, **query)
