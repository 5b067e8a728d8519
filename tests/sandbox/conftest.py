"""One sandbox for the whole run, one private world for each test, and the real SDK pointed at it."""

import itertools
from collections.abc import Iterator
from importlib.metadata import version

import pytest
import stripe

from portal_embed.sandbox import Sandbox, SandboxWorld
from tests.sandbox.support import sdk
from tests.sandbox.witness import watch

# The sandbox speaks the newest API, so the newest SDK is its judge: the run on the lowest versions leaves this room out.
collect_ignore_glob = ["test_*.py"] if int(version("stripe").split(".")[0]) < 16 else []

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A running sandbox."""
    running = Sandbox(seed="tests")
    watch(running)
    with running:
        yield running


@pytest.fixture(autouse=True)
def every_answer_is_as_the_sdk_declares(sandbox: Sandbox) -> Iterator[None]:
    """Whatever a test is about: every body it was answered fits the SDK's annotations."""
    yield
    assert sandbox.app._api.problems() == []


@pytest.fixture
def world(sandbox: Sandbox) -> SandboxWorld:
    """A world nobody else uses."""
    return sandbox.world(f"test{next(_numbers)}")


@pytest.fixture
def client(world: SandboxWorld) -> stripe.StripeClient:
    """Stripe's own client, without retries, so that every refusal is seen."""
    return sdk(world)
