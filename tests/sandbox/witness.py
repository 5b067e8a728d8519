"""Reads along with everything the sandbox answers, so that each body can be held against the SDK's annotations."""

from __future__ import annotations

import json
from typing import Any

from portal_embed.sandbox import Sandbox
from tests.sandbox.annotations import problems_of

_INSIDE_ERRORS = ("payment_intent", "payment_method", "setup_intent")


def watch(sandbox: Sandbox) -> None:
    """Read along with a sandbox of this process."""
    sandbox.app._api = Witness(sandbox.app._api)


class Witness:
    """Stands in front of the API of a sandbox in this process and keeps what it answered since the last question."""

    def __init__(self, api: Any) -> None:
        """In front of `api`, an `Api`."""
        self._api = api
        self._bodies: dict[bytes, str] = {}
        self._seen: set[int] = set()
        self.checked = 0

    async def __call__(self, realm: Any, path: str, scope: Any, receive: Any, send: Any) -> None:
        """Pass everything on, and keep a whole body of JSON."""
        parts: list[bytes] = []

        async def noted(message: Any) -> None:
            if message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
            await send(message)

        # Cutting a connection asks the server's own `send` for its transport.
        noted_send = _Sends(noted, getattr(send, "__self__", None))
        await self._api(realm, path, scope, receive, noted_send.send)
        body = b"".join(parts)
        if hash(body) not in self._seen:
            self._bodies.setdefault(body, f"{scope['method']} {path}")

    def problems(self) -> list[str]:
        """What is wrong with the answers since the last question."""
        bodies, self._bodies = self._bodies, {}
        found = []
        for body, call in bodies.items():
            self._seen.add(hash(body))
            self.checked += 1
            try:
                answer = json.loads(body)
            except ValueError:
                continue  # broken off on purpose
            for part in _parts(answer):
                found += [f"{call}: {problem}" for problem in problems_of(part)]
        return found


class _Sends:
    """A `send` that still belongs to the server's connection."""

    def __init__(self, send: Any, connection: Any) -> None:
        self._send = send
        self.transport = getattr(connection, "transport", None)

    async def send(self, message: Any) -> None:
        """Send on."""
        await self._send(message)


def _parts(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The answer, or the objects inside a refusal."""
    if "error" in answer:
        return [answer["error"][name] for name in _INSIDE_ERRORS if answer["error"].get(name)]
    return [answer]
