"""What every test shares."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def anyio_backend():
    """Run `async def` tests on asyncio, as hosts do."""
    return "asyncio"
