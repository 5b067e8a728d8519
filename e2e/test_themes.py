"""Three companies' own looks, in a frame of theirs; everything can be read in each."""

from __future__ import annotations

import pytest

from e2e.embedding import framed, shop_and_portal
from e2e.test_every_page import AXE
from e2e.themes import THEMES, picture
from portal_embed import BusinessProfile, Theme

pytestmark = pytest.mark.feature(13)

BACKGROUNDS = {"paperleaf": "rgb(251, 246, 236)", "nightshift": "rgb(13, 17, 23)", "sherbet": "rgb(255, 245, 251)"}


@pytest.fixture(params=THEMES)
def shop(request, world):
    name = request.param
    with shop_and_portal(world, theme=THEMES[name], business_profile=BusinessProfile(name=name.title())) as running:
        running.name = name
        running.customer = world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")["customer"]
        yield running


@pytest.mark.parametrize("system", ["light", "dark"])
def test_it_looks_like_the_company_s_own_whatever_the_system_prefers(shop, page, system, tmp_path):
    page.emulate_media(color_scheme=system)
    shown = picture(page, shop)
    (tmp_path / f"{shop.name}.png").write_bytes(shown)
    visit = framed(page, shop)
    root = visit.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert root == BACKGROUNDS[shop.name]
    look = "getComputedStyle(document.querySelector('.button')).borderRadius"
    assert visit.page.evaluate(look) == f"{THEMES[shop.name].radius.removesuffix('px')}px"
    visit.page.evaluate(AXE)
    found = visit.page.evaluate("axe.run(document, { runOnly: ['color-contrast'] })")["violations"]
    assert [node["failureSummary"] for problem in found for node in problem["nodes"]] == []
    page.goto("about:blank")


@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("brand", ["#ffcc00", "#1a237e"])
def test_a_brand_from_stripe_colours_the_page_and_can_be_read_in_either_light(world, page, brand, system):
    """Yellow cannot be read on white, nor dark blue on black: each is shown as it is in the other."""
    world.brand(secondary_color=brand)
    page.emulate_media(color_scheme=system)
    as_it_is = (brand == "#ffcc00") == (system == "dark")
    ada = world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")
    with shop_and_portal(world, theme=Theme(colors_from="stripe")) as shop:
        shop.customer = ada["customer"]
        page.goto(shop.page_url("details"))
        visit = framed(page, shop).stands_at("Details")
        link = visit.page.locator("main a[href$='/details/contact']")
        shown = link.evaluate("(link) => getComputedStyle(link).color")
        red, green, blue = (int(brand[at : at + 2], 16) for at in (1, 3, 5))
        assert (shown == f"rgb({red}, {green}, {blue})") == as_it_is
        own = "rgb(157, 178, 255)" if system == "dark" else "rgb(47, 79, 201)"
        assert shown != own
        visit.page.evaluate(AXE)
        found = visit.page.evaluate("axe.run(document, { runOnly: ['color-contrast'] })")["violations"]
        assert [node["failureSummary"] for problem in found for node in problem["nodes"]] == []
        page.goto("about:blank")
