"""Two sandboxes: one stands for Stripe itself."""

from collections.abc import Iterator
from importlib.metadata import version

import pytest

from portal_embed.sandbox import Sandbox
from tests.live.running import Place, sandbox_place

# The errands are written in the newest SDK's words, so the run on the lowest versions leaves this room out.
collect_ignore_glob = ["test_*.py"] if int(version("stripe").split(".")[0]) < 16 else []


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """The sandbox of the suite."""
    with Sandbox(seed="live") as running:
        yield running


@pytest.fixture(scope="module")
def other() -> Iterator[Sandbox]:
    """Another, with other ids, where Stripe would be."""
    with Sandbox(seed="stands for Stripe") as running:
        yield running


@pytest.fixture
def here(sandbox: Sandbox, request: pytest.FixtureRequest) -> Place:
    """Errands at the suite's sandbox."""
    return sandbox_place(sandbox.world(f"here-{request.node.name}"))


@pytest.fixture
def there(other: Sandbox, request: pytest.FixtureRequest) -> Place:
    """Errands where Stripe would be."""
    return sandbox_place(other.world(f"there-{request.node.name}"))
