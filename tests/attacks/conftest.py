"""What the attacks share: the world, the host and the visitors of the tests of the pages."""

from tests.pages.conftest import (  # noqa: F401  (pytest finds fixtures by name)
    _quiet_sdk,
    _templates_compiled_once,
    books,
    host,
    sandbox,
    visit,
    world,
)
