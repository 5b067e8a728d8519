"""Fixtures for a host's own tests: `pytest_plugins = ["portal_embed.sandbox.pytest_plugin"]`.

`stripe_world` is all that most tests need: a pretend Stripe of the test's own, with `stripe_client()`, `life(…)`,
`move_clock(…)`, `fail(…)` and the rest of `SandboxWorld`. One process serves all tests of a run.
"""

import re
from collections.abc import Iterator

import pytest

from portal_embed.sandbox.handle import SandboxWorld
from portal_embed.sandbox.server import Sandbox


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--stripe-seed`: another seed makes other ids, the same seed the same."""
    parser.addoption("--stripe-seed", default="tests", help="seed of the pretend Stripe's ids (default: %(default)s)")


@pytest.fixture(scope="session")
def stripe_sandbox(pytestconfig: pytest.Config) -> Iterator[Sandbox]:
    """A running sandbox on a free port of 127.0.0.1, for the whole run."""
    with Sandbox(seed=pytestconfig.getoption("--stripe-seed", "tests")) as running:
        yield running


@pytest.fixture
def stripe_world(stripe_sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[SandboxWorld]:
    """A world of this test alone, named after it, so that its ids are the same in every run; forgotten afterwards."""
    world = stripe_sandbox.world(re.sub(r"[^A-Za-z0-9_.~-]+", "-", request.node.nodeid))
    yield world
    world.reset()
