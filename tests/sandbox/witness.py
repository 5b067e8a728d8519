"""Reads along with everything that any sandbox in this process answers, to hold each body against the SDK's annotations.

`tests/conftest.py` and `e2e/conftest.py` take the fixtures over, so that this is true of every test of the suite. Bodies
that differ only in ids, numbers and names have one shape, and each shape is looked at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest

from portal_embed.sandbox import Sandbox

# The sandbox speaks the newest API, so the newest SDK is its judge: the run on the lowest versions has none.
HAS_JUDGE = int(version("stripe").split(".")[0]) >= 16

_INSIDE_ERRORS = ("payment_intent", "payment_method", "setup_intent")
_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_TELLING = re.compile(rb'(%b:|"[a-z_]+"|[{}\[\]0tfn])|%b' % (_STRING, _STRING))
"""Keys, words, braces, and how numbers, true, false and null begin; any other string is found as nothing."""
_NUMBER = re.compile(rb"\d+")
_WITNESSES: list[Witness] = []
_SHAPES: set[bytes] = set()


@pytest.fixture(autouse=True)
def every_answer_is_as_the_sdk_declares() -> Iterator[None]:
    """Whatever a test is about: every body that a sandbox answered meanwhile fits the SDK's annotations."""
    yield
    _report()


@pytest.fixture(scope="session", autouse=True)
def every_late_answer_is_as_the_sdk_declares() -> Iterator[None]:
    """Also what was answered when the last test was over."""
    yield
    _report()


def _report() -> None:
    found = problems()
    if found:
        pytest.fail("\n".join(["The sandbox answered what the SDK does not declare.", *found]), pytrace=False)


def problems() -> list[str]:
    """What is wrong with the answers of all sandboxes since the last question."""
    return [problem for witness in _WITNESSES for problem in witness.problems()]


def watch_all() -> None:
    """From now on read along with every sandbox that starts in this process."""
    start = Sandbox.start
    if not HAS_JUDGE or getattr(start, "is_watched", False):
        return

    def watched(sandbox: Sandbox) -> Sandbox:
        if not isinstance(sandbox.app._api, Witness):
            sandbox.app._api = Witness(sandbox.app._api)  # type: ignore[assignment]
        return start(sandbox)

    watched.is_watched = True  # type: ignore[attr-defined]
    Sandbox.start = watched  # type: ignore[method-assign]


class Witness:
    """Stands in front of the API of a sandbox in this process and keeps what it answered since the last question."""

    def __init__(self, api: Any) -> None:
        """In front of `api`, an `Api`."""
        self._api = api
        self._bodies: dict[bytes, str] = {}
        self._seen: set[int] = set()
        self.checked = 0
        _WITNESSES.append(self)

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
        """What is wrong with the answers since the last question, in those of a shape that was not seen yet."""
        bodies, self._bodies = self._bodies, {}
        found = []
        for body, call in bodies.items():
            self._seen.add(hash(body))
            shape = shape_of(body)
            if shape in _SHAPES:
                continue
            _SHAPES.add(shape)
            self.checked += 1
            found += [f"{call}: {problem}" for problem in problems_in(body)]
        return found


def shape_of(body: bytes) -> bytes:
    """The body without what makes it one object's and not another's: its keys, its types, and words such as `paid`."""
    return b",".join(_TELLING.findall(_NUMBER.sub(b"0", body)))


def problems_in(body: bytes) -> list[str]:
    """What is wrong with one body."""
    from tests.sandbox.annotations import problems_of

    try:
        answer = json.loads(body)
    except ValueError:
        return []  # broken off on purpose
    return [problem for part in _parts(answer) for problem in problems_of(part)]


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
