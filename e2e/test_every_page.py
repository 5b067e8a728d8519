"""What holds for every page: axe finds nothing, narrow screens fit, scripts and styles are the ones we know."""

from __future__ import annotations

from pathlib import Path

import pytest
import stripe
from babel import Locale
from playwright.sync_api import expect

from e2e.conftest import listening_to
from e2e.steps import Visit
from e2e.tour import ANY_TIME, FEATURES, LONG_NAME, STOPS, Town, walk
from portal_embed import LoginPage
from portal_embed.billing.addresses import countries, rules_of
from portal_embed.sandbox.catalog import PRODUCTS
from portal_embed.view_models.wording import BRANDS, TYPES, WALLETS
from tests.serving import hosting

AXE = (Path(__file__).parent.parent / "tests" / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
MONTHS = "January February March April May June July August September October November December"
DATA = [
    *(description for _, description, _, _ in PRODUCTS.values()),
    *(name for name, _, _, _ in PRODUCTS.values()),
    *(LONG_NAME, "Acme", "Ada Lovelace", "Kim Collector", "kim@example.com", "$jenny", "SPRING20", "AUTUMN10"),
    *(name for names in (BRANDS, WALLETS, TYPES) for name in names.values()),
    *sorted(
        {str(name) for name in Locale("en").territories.values()}
        | {name for code in countries() for state in rules_of(code).states for name in (state.name, state.value)},
        key=len,
        reverse=True,  # so that "Jersey" leaves nothing of "New Jersey"
    ),
    *(name for month in MONTHS.split() for name in (month, month[:3])),
]
"""Words of Stripe's books, brands, and months (dates are the locale's business)."""
PLAIN_WORDS = """data => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        let text = node.data, before;
        do { before = text; text = text.replace(/⟦[^⟦⟧]*⟧/g, ""); } while (text !== before);
        for (const known of data) text = text.replaceAll(known, "");
        if (/[A-Za-z]{3,}/.test(text) && !node.parentElement.closest("bdi, script")) found.push(text.trim());
    }
    return found;
}"""
WIDE = {"width": 1280, "height": 720}
NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def town_world(sandbox):
    return sandbox.world("tour")


@pytest.fixture(scope="module")
def town(town_world):
    return Town(town_world, stripe.StripeClient("sk_test_books", base_addresses={"api": town_world.api_base}))


@pytest.fixture(scope="module")
def mails():
    """What the hosts send; nobody reads it here."""
    return []


SETTINGS = {"login_page": LoginPage(enabled=True), "features": FEATURES, "configurations": ANY_TIME}
"""What every page of the tour needs."""


@pytest.fixture(scope="module")
def host(town_world, mails):
    with hosting(town_world, mail=mails.append, **SETTINGS) as running:
        yield running


@pytest.fixture(scope="module")
def pseudo_host(town_world, mails):
    with hosting(town_world, default_locale="en-XA", mail=mails.append, **SETTINGS) as running:
        yield running


@pytest.fixture(scope="module")
def window(browser, host, pseudo_host):
    """(page, what its console complained of): one for all stops, as a new one takes longer than many a stop.

    Without motion: axe would measure colours halfway between light and dark.
    """
    heard: list[str] = []
    context = listening_to(browser.new_context(reduced_motion="reduce"), heard)
    yield context.new_page(), heard
    context.close()


@pytest.fixture
def page(window):
    """The window as it is when nobody has used it."""
    page, heard = window
    page.context.clear_cookies()
    page.set_viewport_size(WIDE)
    page.emulate_media(media="screen", color_scheme="light")
    yield page
    complaints = [*heard]
    heard.clear()
    assert complaints == []


@pytest.fixture
def browse(page, host):
    """Somebody to stand at stops."""
    return Visit(page, host)


@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_axe_finds_nothing_nothing_scrolls_sideways_and_only_known_scripts_run(stop, browse, town, town_world):
    page = walk(stop, browse, town).page

    assert scripts_of(page, browse) == expected_scripts(stop, town_world)
    assert inline_code(page) == []
    assert page.locator("[hidden]:visible").count() == 0
    # All rules once; what differs in a wide window `test_templates.py` looks at with all of them.
    assert violations(page, COLOURS) == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(NARROW)
    assert violations(page, RULES) == []
    assert sideways(page) == []


@pytest.mark.parametrize("stop", [s for s in STOPS if s.name in {"overview", "invoice", "invoices-open"}], ids=str)
def test_paper_shows_the_facts_and_no_navigation(stop, browse, town):
    page = walk(stop, browse, town).page
    page.emulate_media(media="print")

    for gone in (".nav", ".header__back", ".button", ".skip", ".footer", ".crumb"):
        assert page.locator(f"{gone}:visible").count() == 0, gone
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.locator(":visible", has_text="$").count() > 0


@pytest.mark.parametrize("stop", [s for s in STOPS if s.go is None], ids=str)
def test_in_the_pseudo_locale_every_word_is_translated_or_data(stop, page, pseudo_host, town):
    """Our words stand in ⟦brackets⟧; what stays plain must be data: names and texts of Stripe's, amounts, dates."""
    walk(stop, Visit(page, pseudo_host), town)

    assert page.evaluate(PLAIN_WORDS, DATA) == []
    assert "⟦" in page.title()


def scripts_of(page, visit):
    """The scripts of a page in order: ours by their names, others by their addresses."""
    sources = page.evaluate("[...document.scripts].map(script => script.src || 'inline: ' + script.text)")
    ours = f"{visit.base}/static/"
    return [source.removeprefix(ours).partition("/")[2] if source.startswith(ours) else source for source in sources]


def expected_scripts(stop, world):
    """PCI DSS 6.4.3: the scripts of a payment page are a known list."""
    if stop.stripe_module:
        return [world.stripe_js_url, "js/portal.js", stop.stripe_module]
    return ["vendor/htmx-4.0.1.min.js", "js/portal.js"]


def inline_code(page):
    """Style elements, style attributes and event handlers; what Stripe.js puts on its own frames is not ours."""
    return page.evaluate(
        """() => [...document.querySelectorAll("*:not(iframe)")]
        .filter(e => e.tagName === "STYLE" || [...e.attributes].some(a => /^(on|hx-on|style$)/.test(a.name)))
        .filter(e => !e.querySelector(":scope > iframe")).map(e => e.outerHTML.slice(0, 160))"""
    )


def violations(page, rules):
    """What axe finds, in a line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"runOnly": rules, "resultTypes": ["violations"], "iframes": False}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{v['id']}: {node['html'][:160]}: {node['failureSummary'][:300]}" for v in found for node in v["nodes"]]


def sideways(page):
    """What sticks out to the right of the screen, unless it scrolls in a box of its own (the navigation)."""
    return page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .filter(e => !e.closest('.nav')).map(e => e.outerHTML.slice(0, 160))"""
    )
