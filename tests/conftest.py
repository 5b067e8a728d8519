"""What every test shares."""

from __future__ import annotations

import pytest

from tests.pace import hurry
from tests.sandbox.witness import (  # noqa: F401  (pytest finds fixtures by name)
    every_answer_is_as_the_sdk_declares,
    every_late_answer_is_as_the_sdk_declares,
    watch_all,
)
from tests.web.witness import every_page_is_given_what_its_template_was_promised, watch_pages  # noqa: F401  (as above)

watch_all()
watch_pages()
hurry()


@pytest.fixture(scope="session")
def anyio_backend():
    """Run `async def` tests on asyncio, as hosts do."""
    return "asyncio"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Browser tests come last, whatever pytest groups together: Playwright leaves its event loop in the main thread."""
    items.sort(key=lambda item: item.path.is_relative_to(item.config.rootpath / "e2e"))
