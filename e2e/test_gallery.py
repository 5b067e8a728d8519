"""The gallery in a browser: every frame of every section shows its page, whole, and nothing on it complains."""

from __future__ import annotations

import socket
import threading

import pytest
import uvicorn
from playwright.sync_api import expect

from e2e.conftest import listening_to
from portal_embed import Theme
from portal_embed.cli.gallery.site import LOOKS, Gallery, app_for, looks_of
from portal_embed.cli.gallery.stops import SECTIONS, STOPS
from portal_embed.sandbox import Sandbox
from tests.serving import config_for

ANSWERING_AN_ERROR = {
    "paying-declined": 402,
    "details-contact-with-errors": 422,
    "details-tax-id-with-errors": 422,
    "details-email-a-dead-link": 400,
    "signing-in-login-with-errors": 422,
    "signing-in-code-wrong": 422,
    "signing-in-a-new-link": 400,
    "plans-cancel-with-errors": 422,
    "plans-promotion-code-wrong": 422,
    "starting-a-plan-start-declined": 402,
    "problems-not-found": 404,
    "problems-not-allowed": 409,
    "problems-a-stale-form": 403,
    "problems-stripe-fails": 503,
    "problems-session-over": 401,
    "problems-link-used": 400,
}
"""Pages that are the answer to something wrong, with the status that says so. All others are 200."""
ALL_AT_ONCE_MS = 60_000
"""A browser loads a dozen frames of an index together, and each is walked to first: the first may be there as late as the last."""


@pytest.fixture(scope="module")
def gallery():
    """A host's gallery, served as the command serves it."""
    bound = socket.create_server(("127.0.0.1", 0))
    site = f"http://localhost:{bound.getsockname()[1]}"
    with Sandbox(seed="gallery") as sandbox:
        world = sandbox.world("gallery")
        made = Gallery(config_for(world, "https://acme.example/billing", theme=Theme(accent="#8a3b12")), world, site)
        server = uvicorn.Server(uvicorn.Config(app_for(made, {}), log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        yield made
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def context(gallery, new_context, problems):
    """It asks for the gallery so that it closes first."""
    return listening_to(new_context(), problems)


@pytest.mark.parametrize("section", SECTIONS)
def test_no_frame_is_broken_and_none_complains(section, gallery, page):
    """Each page in one look. In another it has other colours or less room, which `test_templates.py` looks at, or a frame around
    it that is the host's, which `test_framed.py` does.
    """
    look, prefix = look_of(section, gallery.config), section.lower().replace(" ", "-") + "-"
    wanted = {
        name: ANSWERING_AN_ERROR.get(name, 200)
        for name, stop in STOPS.items()
        if stop in SECTIONS[section] and name.startswith(prefix)
    }
    answers: dict[str, int] = {}
    page.on("response", lambda response: answers.update({response.url.removeprefix(gallery.site): response.status}))
    page.goto(f"{gallery.site}/?only={prefix}&look={look}", wait_until="domcontentloaded")

    for name in wanted:
        shown = page.locator(f"iframe[src='/at/{name}/{look}/']")
        shown.scroll_into_view_if_needed()
        inside = shown.content_frame
        if STOPS[name].mail:
            expect(inside.locator("body")).to_contain_text("Acme")
        else:
            expect(inside.locator("main h1")).to_have_count(1, timeout=ALL_AT_ONCE_MS)
            expect(inside.locator(".payment-element[aria-busy=true], .next-charge[hx-get]")).to_have_count(0)

    frames = {url: status for url, status in answers.items() if url.startswith("/at/") and url.count("/") == 4}
    assert frames == {f"/at/{name}/{look}/": status for name, status in wanted.items()}
    assert {url: status for url, status in answers.items() if url not in frames and status >= 400} == {}


def look_of(section, config):
    """They take turns, section by section; light where a page of a section has no such look."""
    look = list(LOOKS)[list(SECTIONS).index(section) % len(LOOKS)]
    return look if all(LOOKS[look] in looks_of(stop, config) for stop in SECTIONS[section]) else "light"


def test_narrow_is_narrow_dark_is_dark_and_framed_is_framed(gallery, page):
    page.goto(f"{gallery.site}/?only=overview-active")

    def look(name, script):
        frame = page.locator(f"iframe[src='/at/overview-active/{name}/']")
        frame.scroll_into_view_if_needed()
        return frame.content_frame.locator("html").evaluate(script)

    assert look("narrow", "() => innerWidth") == 360
    assert look("light", "() => innerWidth") == 760
    backgrounds = [look(name, "html => getComputedStyle(html).backgroundColor") for name in ("light", "dark")]
    assert backgrounds[0] != backgrounds[1]
    framed, light = (look(name, "html => html.innerText") for name in ("framed", "light"))
    assert "Back to Acme" in light
    assert "Back to Acme" not in framed


def test_no_frame_takes_the_focus_though_its_page_would(gallery, page):
    page.goto(f"{gallery.site}/?only=details-contact-with-errors")

    for look in ("light", "dark", "narrow", "framed"):
        frame = page.locator(f"iframe[src='/at/details-contact-with-errors/{look}/']")
        frame.scroll_into_view_if_needed()
        expect(frame.content_frame.get_by_text("Please check what you entered")).to_be_visible()
        assert frame.content_frame.locator("body").evaluate("body => document.activeElement === body")
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_the_frames_are_real_somebody_pays_in_one(gallery, page):
    page.goto(f"{gallery.site}/?only=paying-pay")
    frame = page.locator("iframe[src='/at/paying-pay/light/']").content_frame

    frame.get_by_role("button", name="Pay $49.00").click()
    expect(frame.locator("main")).to_contain_text("We received $49.00")
