"""axe-core finds nothing on any page: light and dark, narrow and wide; and no page scrolls sideways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.templates.environment import STATIC, assembled, render, stylesheet
from tests.templates.samples import PAGES

AXE = (Path(__file__).parent.parent / "tests" / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HOST = "http://portal.example"
COLOURS = ["color-contrast", "link-in-text-block"]
# The dark changes colours only (see below), and of all rules these two look at colours.
# What stands on a narrow screen alone is looked at in the dark by `test_every_page.py`.
LOOKS: tuple[tuple[Literal["light", "dark"], int, list[str]], ...] = (
    ("light", 320, RULES),
    ("dark", 1280, COLOURS),
    ("light", 1280, RULES),
)
# Five hundred rows take axe minutes and are the same row as in the page with twelve.
TOO_LONG = {"invoices_500"}
# These pages leave as soon as they are there: by pressing their own button, by a refresh of no seconds.
LEAVES_AT_ONCE = {"finish_method", "flow_leads_on"}


def serve(route: Route) -> None:
    """Answers the browser from memory: pages, the stylesheet, the scripts."""
    path = route.request.url.removeprefix(HOST + "/")
    if path in PAGES:
        sample = PAGES[path]
        html = render(sample.template, sample.page, sample.chrome, static=lambda name: f"/{name}")
        route.fulfill(body=html, content_type="text/html; charset=utf-8")
    elif path == "css/portal.css":
        route.fulfill(body=stylesheet(), content_type="text/css")
    elif path == "js/portal.js":
        route.fulfill(body=assembled("js"), content_type="text/javascript")
    elif (STATIC / path).is_file():
        route.fulfill(body=(STATIC / path).read_text(encoding="utf-8"), content_type="text/javascript")
    else:
        route.fulfill(status=404, body="")


def test_the_dark_changes_colours_only() -> None:
    blocks = stylesheet().split("@media (prefers-color-scheme: dark)")[1:]
    assert blocks
    for block in blocks:
        rules = re.match(r"\s*{\s*\.portal {(?P<lines>[^{}]*)}\s*}", block)
        assert rules, block[:200]
        for line in rules["lines"].split(";")[:-1]:
            assert re.fullmatch(r"\s*--portal-[a-z-]+: (#[0-9a-f]{3,6}|rgb\([0-9 /%]+\))", line), line


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    """One for all pages, and without motion: axe would measure colours halfway between light and dark."""
    page = browser.new_page(reduced_motion="reduce")
    page.route("**/*", serve)
    page.add_init_script(AXE)
    yield page
    page.close()


@pytest.mark.parametrize("name", [name for name in PAGES if name not in LEAVES_AT_ONCE | TOO_LONG])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(window: Page, name: str) -> None:
    window.goto(f"{HOST}/{name}")
    for scheme, width, rules in LOOKS:
        window.emulate_media(color_scheme=scheme)
        window.set_viewport_size({"width": width, "height": 800})
        assert violations(window, rules) == [], (scheme, width)
        assert window.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (scheme, width)


def violations(page: Page, rules: list[str]) -> list[str]:
    """What is wrong with one page as it stands, in axe's words."""
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    result: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [f"{rule['id']} at {rule['nodes'][0]['target']}" for rule in result["violations"]]
