"""Watches every page that any test renders: its template has a row in the contract, and gets just what the row says."""

from __future__ import annotations

import pytest

from portal_embed.web.contract import TEMPLATES
from portal_embed.web.rendering import Renderer

wrong: list[str] = []
seen: set[str] = set()
"""The templates that pages were rendered with in this process so far."""


def watch_pages() -> None:
    """From now on, in this process; asked twice, still once."""
    original = Renderer.answer
    if original.__module__ == __name__:
        return

    def answer(self, request, template, page, **options):
        seen.add(template)
        promised = TEMPLATES.get(template, {}).get("page")
        if type(page) is not promised:
            wrong.append(f"{template} was given a {type(page).__name__}, and web/contract.py promises {promised}")
        return original(self, request, template, page, **options)

    Renderer.answer = answer


@pytest.fixture(autouse=True)
def every_page_is_given_what_its_template_was_promised():
    """Asked after each test, of all pages that it met."""
    yield
    met = [*wrong]
    wrong.clear()
    assert met == []
