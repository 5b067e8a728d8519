"""Takes a picture of every page, to look at: `python -m e2e.gallery [words of names]`.

Wide and narrow, light and dark, into `build/gallery` (ignored by git). With `--locale en-XA` and the like in
another language.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import stripe
from playwright.sync_api import sync_playwright

from e2e.browser import launch_options
from e2e.steps import Visit
from e2e.tour import ANY_TIME, FEATURES, STOPS, Town, walk
from portal_embed import LoginPage
from portal_embed.sandbox import Sandbox
from tests.serving import hosting

if TYPE_CHECKING:
    from playwright.sync_api import Page

TARGET = Path(__file__).resolve().parent.parent / "build" / "gallery"
SIZES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 320, "height": 640}}
SCHEMES = ("light", "dark")


def main() -> None:
    """Walk the tour once and take each page in every size and scheme."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only stops whose name contains one of these")
    parser.add_argument("--locale", default="en")
    asked = parser.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    with Sandbox(seed="gallery") as sandbox, sync_playwright() as playwright:
        world = sandbox.world("gallery")
        town = Town(world, stripe.StripeClient("sk_test_books", base_addresses={"api": world.api_base}))
        browser = playwright.chromium.launch(**launch_options())
        with hosting(
            world,
            default_locale=asked.locale,
            mail=lambda _mail: None,
            login_page=LoginPage(enabled=True),
            features=FEATURES,
            configurations=ANY_TIME,
        ) as host:
            for stop in STOPS:
                if not asked.names or any(name in stop.name for name in asked.names):
                    context = browser.new_context(reduced_motion="reduce")
                    walk(stop, Visit(context.new_page(), host), town)
                    take(context.pages[0], stop.name)
                    context.close()
        browser.close()
    print(f"Wrote {TARGET}")


def take(page: Page, name: str) -> None:
    """One page as it stands, in every size and scheme."""
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.screenshot(path=TARGET / f"{name}-{size}-{scheme}.png", full_page=True)


if __name__ == "__main__":
    main()
