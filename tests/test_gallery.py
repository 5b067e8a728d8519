"""The gallery walks to real pages of a real portal; whatever a host may override or style stands on one of them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from html import unescape

import pytest
from jinja2 import Environment, PackageLoader

from portal_embed import BusinessProfile, Features, Theme
from portal_embed.cli import main
from portal_embed.cli.gallery import folders, unserved
from portal_embed.cli.gallery.site import LOOKS, Gallery, app_for, looks_of
from portal_embed.cli.gallery.stops import NOT_SHOWN, STOPS
from portal_embed.cli.loading import CommandError
from portal_embed.config import SubscriptionCancel
from portal_embed.sandbox import Sandbox
from portal_embed.simulator.browser import ask
from portal_embed.web.contract import TEMPLATES
from portal_embed.web.rendering import Renderer
from tests.serving import config_for
from tests.templates.environment import STATIC

SITE = "http://localhost:1"
WITHOUT_A_PAGE = {
    "header__logo": "this host has no logo; one that has sees it on every page",
}


@dataclass
class Seen:
    """A stop as it was walked to: the template that the page was rendered with, and all that this one took in."""

    template: str
    used: set[str]
    status: int
    headers: dict[str, str]
    html: str


@pytest.fixture(scope="module")
def world():
    with Sandbox(seed="gallery") as sandbox:
        yield sandbox.world("gallery")


@pytest.fixture(scope="module")
def gallery(world):
    return Gallery(config_for(world, "https://acme.example/billing"), world, SITE)


@pytest.fixture(scope="module")
def tour(gallery):
    """Every stop, walked to once."""
    answered, used = [], set()

    def remember(cls, name, note):
        original = getattr(cls, name)

        def watched(self, *arguments, **options):
            note(*arguments)
            return original(self, *arguments, **options)

        patch.setattr(cls, name, watched)

    async def walk_all():
        seen = {}
        for name in STOPS:
            used.clear()
            response = await gallery.walk(name, LOOKS["light"])
            html = response.body.decode()
            seen[name] = Seen(answered[-1], set(used), response.status_code, dict(response.headers), html)
        await gallery.aclose()
        return seen

    with pytest.MonkeyPatch.context() as patch:
        remember(Renderer, "answer", lambda _request, template, *_more: answered.append(template))
        remember(Environment, "get_template", lambda name, *_more: used.add(name))
        return asyncio.run(walk_all())


@pytest.mark.parametrize("name", STOPS)
def test_every_stop_is_the_page_that_it_says(name, tour):
    stop, seen = STOPS[name], tour[name]

    assert seen.status < 500 or name == "problems-stripe-fails"
    if stop.mail:
        assert stop.template in seen.used
    else:
        assert seen.template == stop.template
        assert "frame-ancestors 'self'" in seen.headers["content-security-policy"]
    assert "set-cookie" not in seen.headers
    assert "x-frame-options" not in seen.headers


def test_every_template_stands_somewhere_or_says_why_not(tour):
    shown = {name for seen in tour.values() for name in seen.used}

    assert set(TEMPLATES) - shown == set(NOT_SHOWN)


def test_every_part_that_the_stylesheet_knows_stands_somewhere(tour):
    order = (STATIC / "css" / "ORDER").read_text().split()
    css = "".join((STATIC / "css" / name).read_text(encoding="utf-8") for name in order)
    selectors = re.sub(r"/\*.*?\*/|@layer [^{;]*|\{[^{}]*\}", "{}", css, flags=re.DOTALL)
    later = [PackageLoader("portal_embed").get_source(Environment(autoescape=True), name)[0] for name in NOT_SHOWN]
    shown = {
        name
        for html in (*later, *(seen.html for seen in tour.values()))
        for names in re.findall(r'class="([^"]*)"', html)
        for name in names.split()
    }

    assert set(re.findall(r"\.([a-z][\w-]*)", selectors)) - shown == set(WITHOUT_A_PAGE)


async def walked(gallery, name, look="light"):
    try:
        return await gallery.walk(name, look if not isinstance(look, str) else LOOKS[look])
    finally:
        await gallery.aclose()


async def test_the_host_s_look_words_and_templates_are_in_force(world, tmp_path):
    (tmp_path / "templates" / "shared").mkdir(parents=True)
    (tmp_path / "templates" / "shared" / "_footer.html").write_text("<footer>Made in Kiel</footer>")
    (tmp_path / "words" / "en" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "words" / "en" / "LC_MESSAGES" / "portal_embed.po").write_text(
        'msgid "Cancel subscription"\nmsgstr "End membership"\n'
    )
    config = config_for(
        world,
        "https://acme.example/billing",
        theme=Theme(accent="#8a3b12"),
        stylesheet_url="/static/portal.css",
        templates_dir=tmp_path / "templates",
        translations_dir=tmp_path / "words",
        business_profile=BusinessProfile(name="Kieler Sprotten"),
        features=Features(subscription_cancel=SubscriptionCancel(enabled=False)),
        identity=lambda _request: None,
        layout=lambda _request, _page: "not without the host's own request",
    )
    own = Gallery(config, world, SITE)
    html = (await walked(own, "overview-active")).body.decode()

    assert "Made in Kiel" in html
    assert "End membership" in html  # also shows that what is switched off is shown
    assert "Kieler Sprotten" in html
    assert 'href="/static/portal.css"' in html
    theme = re.search(r'href="([^"]*/theme\.css[^"]*)"', html)[1]
    answer = await ask(app_for(own, {}), "GET", SITE + unescape(theme))
    await own.aclose()
    assert "#8a3b12" in answer.body.decode()


@pytest.mark.parametrize(
    ("look", "scheme"), [("light", "light"), ("dark", "dark"), ("narrow", "light"), ("framed", "light")]
)
async def test_each_look_is_light_or_dark_whatever_the_reader_s_system_prefers(look, scheme, gallery):
    html = (await walked(gallery, "overview-active", look)).body.decode()

    assert f'<meta name="color-scheme" content="{scheme}">' in html


async def test_in_a_frame_there_is_no_way_back_because_the_host_s_page_stands_around(gallery):
    plain = (await walked(gallery, "overview-active")).body.decode()
    framed = (await walked(gallery, "overview-active", "framed")).body.decode()

    assert "Back to Acme" in plain
    assert "Back to Acme" not in framed
    assert f'data-frame="{SITE}"' in framed


@pytest.mark.parametrize(("scheme", "looks"), [("light", "light narrow framed"), ("dark", "dark narrow framed")])
def test_a_theme_for_one_light_has_no_other(scheme, looks, world):
    own = Gallery(config_for(world, "https://acme.example/billing", theme=Theme(scheme=scheme)), world, SITE)
    shown = looks_of(STOPS["overview-active"], own.config)

    assert [look.name for look in shown] == looks.split()
    assert {look.scheme for look in shown} == {scheme}


def test_who_is_not_signed_in_is_never_framed_and_a_mail_has_no_dark(gallery):
    assert [look.name for look in looks_of(STOPS["signing-in-login"], gallery.config)] == ["light", "dark", "narrow"]
    assert [look.name for look in looks_of(STOPS["mails-code"], gallery.config)] == ["light", "narrow"]


async def test_each_frame_has_a_session_of_its_own_which_the_browser_never_sees(gallery):
    site = app_for(gallery, {})
    two = "overview-active", "overview-past-due"
    for name in two:
        await ask(site, "GET", f"{SITE}/at/{name}/light/")
    answers = [await ask(site, "GET", f"{SITE}/at/{name}/light/billing/details") for name in two]
    await gallery.aclose()

    assert [name in answer.body.decode() for name, answer in zip(("Ada", "Bob"), answers, strict=True)] == [True, True]
    assert not any(answer.header("set-cookie") for answer in answers)


async def test_the_index_has_a_frame_for_every_page_in_every_look(gallery):
    site = app_for(gallery, {})
    everything = (await ask(site, "GET", f"{SITE}/")).body.decode()
    plans = (await ask(site, "GET", f"{SITE}/", {})).body.decode()

    wanted = [f"/at/{name}/{look.name}/" for name, stop in STOPS.items() for look in looks_of(stop, gallery.config)]
    assert re.findall(r'<iframe src="([^"]*)"', everything) == wanted
    assert all(f"<code>{template}</code>" in plans for template in NOT_SHOWN)
    one = (await ask(site, "GET", f"{SITE}/?only=plans-choose")).body.decode()
    assert {name.split("/")[2] for name in re.findall(r'<iframe src="([^"]*)"', one)} == {"plans-choose"}


async def test_the_index_shows_one_look_alone_of_the_pages_that_have_it(gallery):
    site = app_for(gallery, {})

    async def frames(query):
        html = (await ask(site, "GET", f"{SITE}/?{query}")).body.decode()
        return [src.split("/")[2:4] for src in re.findall(r'<iframe src="([^"]*)"', html)]

    framed = [name for name, stop in STOPS.items() if LOOKS["framed"] in looks_of(stop, gallery.config)]
    assert await frames("look=framed") == [[name, "framed"] for name in framed]
    assert await frames("only=plans-choose&look=dark") == [["plans-choose", "dark"]]
    assert await frames("look=pink") == []


@pytest.mark.parametrize("path", ["/at/nowhere/light/", "/at/plans-choose/pink/", "/at/plans-choose/light/billing/"])
async def test_a_frame_that_is_none_is_not_found(path, world):
    own = Gallery(config_for(world, "https://acme.example/billing"), world, SITE)

    assert (await ask(app_for(own, {}), "GET", SITE + path)).status == 404


async def test_a_page_that_a_host_s_template_cut_the_way_to_says_so(world, tmp_path):
    (tmp_path / "cancellations").mkdir()
    (tmp_path / "cancellations" / "new.html").write_text("Call us.")
    own = Gallery(config_for(world, "https://acme.example/billing", templates_dir=tmp_path), world, SITE)
    answer = await ask(app_for(own, {}), "GET", f"{SITE}/at/overview-just-canceled/light/")
    await own.aclose()

    assert answer.status == 500
    assert "could not be reached" in answer.body.decode()
    assert "has no form that leads to …/cancellation" in answer.body.decode()


def test_folders_of_the_host_s_are_served_beside(tmp_path):
    assert folders([f"/static={tmp_path}"]) == {"/static": tmp_path}
    for wrong in ("static", "/static", "=x", "/=x", f"static={tmp_path}"):
        with pytest.raises(CommandError, match="is not a path and a folder"):
            folders([wrong])
    with pytest.raises(CommandError, match="is not a directory"):
        folders([f"/static={tmp_path / 'gone'}"])


async def test_a_stylesheet_of_the_host_s_own_site_is_found_there_or_missed(world, tmp_path):
    (tmp_path / "portal.css").write_text("body { color: red }")
    config = config_for(world, "https://acme.example/billing", stylesheet_url="/assets/portal.css")
    (missed,) = unserved(config, {})

    assert missed == (
        "stylesheet_url is /assets/portal.css, a file of your own site: name its folder by --files /assets=…."
    )
    assert unserved(config, {"/assets": tmp_path}) == []
    answer = await ask(app_for(Gallery(config, world, SITE), {"/assets": tmp_path}), "GET", f"{SITE}/assets/portal.css")
    assert answer.body == b"body { color: red }"


def test_the_command_says_what_to_change(capsys):
    assert main(["gallery", "--files", "static"]) == 1
    assert "--files static is not a path and a folder" in capsys.readouterr().err
    assert main(["gallery", "nowhere:portal"]) == 1
    assert "There is no module" in capsys.readouterr().err
