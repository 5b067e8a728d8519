"""A way for Stripe's answers past the SDK's JSON parser, which costs more than all else that a read does.

The SDK parses every body into ordered dicts, and writes it out again for a log line that nobody reads; we decode the
same bytes into our structs. So its HTTP client, which is its documented place for an own one, keeps a good answer's
bytes and gives the SDK an empty object. Refusals go through untouched: the SDK turns those into its errors.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

import stripe

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING = b"{}"

kept_bodies: ContextVar[list[bytes]] = ContextVar("kept_bodies")
"""Where the call under way finds the body of its answer: the last one, should the SDK have tried several times."""


class BodyKeepingClient(stripe.AIOHTTPClient):
    """The SDK's aiohttp client, as it is but for that."""

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: object = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Body, status and headers of one try."""
        body, status, answered = await super().request_async(method, url, headers, post_data)
        if not 200 <= status < 300:
            return body, status, answered
        kept_bodies.get().append(body)
        return _NOTHING, status, answered
