"""Three themes of three imaginary companies. `python -m e2e.themes` takes the README's pictures of them anew."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

from e2e.browser import launch_options
from e2e.embedding import framed, shop_and_portal
from portal_embed import BusinessProfile, Theme
from portal_embed.sandbox import Sandbox

TARGET = Path(__file__).resolve().parent / "screenshots" / "themes"
SIZE = {"width": 760, "height": 900}

THEMES = {
    "paperleaf": Theme(  # a stationer: warm paper, a serif, sharp corners
        scheme="light",
        accent="#8a3b12",
        surface="#fbf6ec",
        text="#33261a",
        radius="0",
        font="Georgia, 'Liberation Serif', serif",
    ),
    "nightshift": Theme(  # a tool for programmers: dark at any hour, a monospaced face, little space
        scheme="dark",
        accent_dark="#7ee787",
        surface_dark="#0d1117",
        text_dark="#e6edf3",
        radius="3px",
        density="compact",
        font="ui-monospace, 'Liberation Mono', monospace",
    ),
    "sherbet": Theme(  # a shop for children: round, and not afraid of colour
        scheme="light",
        accent="#b5179e",
        surface="#fff5fb",
        text="#3a0a36",
        radius="22px",
        font="'Liberation Sans', sans-serif",
    ),
}


def picture(page, shop) -> bytes:
    """The overview in the shop's page, once everything is there."""
    page.goto(shop.page_url())
    visit = framed(page, shop)
    visit.sees("Pro")
    visit.page.locator("[aria-busy=true]").first.wait_for(state="detached")
    page.wait_for_function("Number(document.querySelector('billing-portal iframe').style.opacity) === 1")
    return page.locator("billing-portal").screenshot()


def main() -> None:
    """All three, into the folder."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, Sandbox(seed="themes") as sandbox:
        browser = playwright.chromium.launch(**launch_options())
        for name, theme in THEMES.items():
            world = sandbox.world(name)
            ada = world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")
            profile = BusinessProfile(name=name.title())
            with shop_and_portal(world, theme=theme, business_profile=profile) as shop:
                shop.customer = ada["customer"]
                page = browser.new_context(viewport=SIZE, timezone_id="UTC").new_page()
                (TARGET / f"{name}.png").write_bytes(picture(page, shop))
                page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
