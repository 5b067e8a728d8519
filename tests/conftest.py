"""What every test shares."""

from __future__ import annotations

import gc
import ssl
from functools import cache

import pytest

from tests.sandbox.witness import (  # noqa: F401  (pytest finds fixtures by name)
    every_answer_is_as_the_sdk_declares,
    every_late_answer_is_as_the_sdk_declares,
    watch_all,
)
from tests.web.witness import every_page_is_given_what_its_template_was_promised, watch_pages  # noqa: F401  (as above)

watch_all()
watch_pages()

# What tests build lives on in their worlds: looking for rubbish at every turn took a tenth of the time.
gc.set_threshold(50_000, *gc.get_threshold()[1:])
# Portals and clients by the thousand would each read the certificates of this machine.
ssl.create_default_context = cache(ssl.create_default_context)


@pytest.fixture(scope="session")
def anyio_backend():
    """Run `async def` tests on asyncio, as hosts do."""
    return "asyncio"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Browser tests come last, whatever pytest groups together: Playwright leaves its event loop in the main thread."""
    items.sort(key=lambda item: item.path.is_relative_to(item.config.rootpath / "e2e"))
