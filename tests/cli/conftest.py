"""What the tests of `portal-embed check --url` share."""

from __future__ import annotations

import pytest

from portal_embed.sandbox import Sandbox


@pytest.fixture(scope="module")
def world():
    """A pretend Stripe for the portals."""
    with Sandbox(seed="check-url") as sandbox:
        yield sandbox.world()
