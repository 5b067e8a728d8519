"""Takes the README's picture anew: `python -m e2e.screenshot`. Ada's overview in the demo, as a visitor sees it."""

from __future__ import annotations

import threading
from pathlib import Path

import uvicorn
from playwright.sync_api import sync_playwright

from e2e.browser import launch_options
from portal_embed import demo
from portal_embed.cli.loading import take_port
from portal_embed.sandbox import Sandbox

TARGET = Path(__file__).resolve().parent / "screenshots" / "overview.png"
SIZE = {"width": 860, "height": 760}
PERSON = "ada"


def main() -> None:
    """Serve the demo, walk to the overview, save the picture."""
    listener = take_port("127.0.0.1", 0)
    site = f"http://localhost:{listener.getsockname()[1]}"
    with Sandbox(seed="screenshot") as sandbox:
        app = demo.build(sandbox_api_base=sandbox.url, site_url=site)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            take(site)
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def take(site: str) -> None:
    """From the sign-in page to the picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        page = browser.new_page(viewport=SIZE, color_scheme="light", device_scale_factor=2)
        page.goto(f"{site}/")
        page.locator(f"button[value={PERSON}]").click()
        page.goto(f"{site}/account")
        page.get_by_role("button", name="Manage billing").click()
        page.wait_for_url(f"{site}/billing/")
        page.wait_for_load_state("networkidle")
        height = page.locator("body").evaluate("body => Math.ceil(body.getBoundingClientRect().height)")
        page.screenshot(
            path=TARGET, clip={"x": 0, "y": 0, "width": SIZE["width"], "height": min(height, 900)}, full_page=True
        )
        browser.close()
    print(f"Wrote {TARGET}")


if __name__ == "__main__":
    main()
