"""A stand-in for Stripe that replays the sandbox's own answers, so that pages per second do not measure the sandbox.

The answers are printed as Stripe prints them, indented, since reading those bytes is part of a page's cost.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable

    from portal_embed.sandbox import SandboxWorld

END = b"\r\n\r\n"
NOT_ON_TAPE = b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}"


def record(world: SandboxWorld, calls: Iterable[dict[str, Any]], path: Path) -> int:
    """Ask the sandbox the same reads again, and keep the answers in a file; returns their bytes, indented."""
    tape = {}
    for call in calls:
        query = urlencode(sorted(call["query"].items()))
        target = f"{call['path']}?{query}" if query else call["path"]
        request = urllib.request.Request(f"{world.api_base}{target}", headers={"Authorization": "Bearer sk_test_bench"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            tape[target] = json.dumps(json.load(answer), indent=2)
    path.write_text(json.dumps(tape), encoding="utf-8")
    return sum(len(body) for body in tape.values())


class StandIn:
    """Answers GETs from a tape: request → body."""

    def __init__(self, tape: dict[str, str]) -> None:
        """`tape`: path and sorted query → JSON."""
        self.answers = {_key(target): _answer(body.encode()) for target, body in tape.items()}
        self.seen: dict[bytes, bytes] = {}

    @classmethod
    def from_file(cls, path: str) -> StandIn:
        """A tape that `record` made."""
        return cls(json.loads(Path(path).read_text(encoding="utf-8")))

    def serve(self, bound: socket.socket) -> None:
        """Answer for ever."""
        asyncio.run(self._serve(bound))

    async def _serve(self, bound: socket.socket) -> None:
        server = await asyncio.get_running_loop().create_server(lambda: _Connection(self), sock=bound)
        await server.serve_forever()

    def answer(self, target: bytes) -> bytes:
        """The whole answer to "GET target"."""
        found = self.seen.get(target)
        if found is None:
            found = self.seen[target] = self.answers.get(_key(target.decode()), NOT_ON_TAPE)
        return found


class _Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, for requests without a body."""

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self.pending += data
        while END in self.pending:
            head, _, self.pending = self.pending.partition(END)
            self.transport.write(self.stand_in.answer(head.split(b" ", 2)[1]))


def _key(target: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    parts = urlsplit(target)
    return parts.path, tuple(sorted(parse_qsl(parts.query)))


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\ncontent-type: application/json\r\nrequest-id: req_bench\r\n\r\n"
    return head.encode() + body
