"""What the tests of the pages share: one sandbox, a private world and a host for each test, and visitors."""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING

import pytest

from portal_embed.sandbox import Sandbox
from portal_embed.web.rendering import Renderer
from tests.pages.people import Books
from tests.pages.visitor import Visitor
from tests.serving import hosting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portal_embed.sandbox import SandboxWorld
    from tests.serving import Host

_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def _templates_compiled_once() -> Iterator[None]:
    """Every test has a portal of its own; compiling the same templates for each would take most of the time."""
    kept: dict[object, dict] = {}
    original = Renderer.__init__

    def init(self, config, *languages) -> None:
        original(self, config, *languages)
        self._by_locale = kept.setdefault((config.templates_dir, config.translations_dir), {})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Renderer, "__init__", init)
        yield


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A running sandbox."""
    with Sandbox(seed="pages") as running:
        yield running


@pytest.fixture
def world(sandbox: Sandbox) -> SandboxWorld:
    """A world nobody else uses."""
    return sandbox.world(f"pages{next(_numbers)}")


@pytest.fixture
def books(world: SandboxWorld) -> Books:
    """The merchant's own view of that world, through Stripe's SDK."""
    return Books(world)


@pytest.fixture
def host(world: SandboxWorld) -> Iterator[Host]:
    """A host with a portal for that world."""
    with hosting(world) as served:
        yield served


@pytest.fixture
def visit(host: Host) -> Iterator[Callable[..., Visitor]]:
    """`visit(customer, scopes="view")`: a browser that has followed the host's link."""
    made: list[Visitor] = []

    def arrive(customer: str | None = None, *, at: Host | None = None, **arguments) -> Visitor:
        place = at or host
        visitor = Visitor(place)
        made.append(visitor)
        return visitor.enter(place.link(customer, **arguments)) if customer else visitor

    yield arrive
    for visitor in made:
        visitor.close()


@pytest.fixture(autouse=True)
def _quiet_sdk() -> None:
    """Stripe's SDK logs every retry; the failure tests make thousands."""
    logging.getLogger("stripe").setLevel(logging.CRITICAL)
