"""axe-core finds nothing on any page: light and dark, narrow and wide; and no page scrolls sideways."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from tests.templates.environment import STATIC, assembled, render, stylesheet
from tests.templates.samples import PAGES

AXE = (Path(__file__).parent.parent / "tests" / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HOST = "http://portal.example"
LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (
    ("light", 320),
    ("dark", 320),
    ("light", 1280),
    ("dark", 1280),
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


def findings(page: Page, name: str) -> list[str]:
    """What is wrong with one page, in axe's words and ours."""
    page.goto(f"{HOST}/{name}")
    sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.evaluate(AXE)
    result: dict[str, Any] = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    found = [f"{name}: {rule['id']} at {rule['nodes'][0]['target']}" for rule in result["violations"]]
    return found + ([f"{name}: {sideways} px wider than the window"] if sideways > 0 else [])


def look_at_all(scheme: Literal["light", "dark"], width: int) -> list[str]:
    """Every page in one browser window. Runs in a thread of its own: Playwright keeps an event loop where it was started."""
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
        system = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)
        path = None if own.is_file() else system
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
        page.route("**/*", serve)
        found = [finding for name in PAGES if name not in LEAVES_AT_ONCE | TOO_LONG for finding in findings(page, name)]
        browser.close()
        return found


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(scheme: Literal["light", "dark"], width: int) -> None:
    with ThreadPoolExecutor(max_workers=1) as thread:
        assert thread.submit(look_at_all, scheme, width).result() == []
