"""The portal's pages inside the host's own layout, under a policy that the host writes from what it is told."""

from __future__ import annotations

import jinja2
import pytest
from markupsafe import Markup
from playwright.sync_api import expect

from e2e.conftest import listening_to
from e2e.steps import GOOD_CARD, Visit, cards_of
from e2e.test_pieces import VENDORED
from tests.serving import hosting

pytestmark = pytest.mark.feature(13)

LAYOUT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ page.title }}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'
{%- for name, sources in page.csp.items() %}; {{ name }} {{ sources | join(" ") }}{% endfor %}">
{{ around }}{{ page.head }}</head><body><h1>The shop</h1><main>{{ page.content }}</main></body></html>"""


@pytest.fixture
def ada(world):
    return world.live("monthly", name="Ada Lovelace", email="ada@example.com")


@pytest.fixture
def around():
    """What the shop's own pages load, to be changed by a test."""
    return {"tags": ""}


@pytest.fixture
def host(world, around):
    template = jinja2.Environment(autoescape=True).from_string(LAYOUT)

    def layout(_request, page):
        return template.render(
            page=page, around=Markup(around["tags"].replace("<style", f'<style nonce="{page.nonce}"'))
        )

    with hosting(world, layout=layout) as running:
        yield running


@pytest.mark.parametrize("scripts", [True, False])
def test_the_errands_of_a_customer(scripts, host, new_context, problems, ada, books):
    context = listening_to(new_context(java_script_enabled=scripts), problems)
    visit = Visit(context.new_page(), host).arrive(ada["customer"])
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("The shop")
    if scripts:
        visit.sees("You pay $29.00 on")
    visit.follow("Cancel subscription").press("Cancel subscription").sees("Pro is canceled")
    visit.press("Keep my plan")
    assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is None
    visit.follow("Invoices").page.get_by_role("row").nth(1).get_by_role("link").first.click()
    visit.sees("$29.00")
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("The shop")


def test_a_card_is_entered_in_our_layout_and_the_way_leads_back_into_the_hosts(visit, ada, books):
    visit.arrive(ada["customer"]).follow("Payment methods").press("Add payment method")
    visit.stands_at("Add a payment method").enter_card(GOOD_CARD).sees("was added")
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("The shop")
    assert cards_of(books, ada) == ["4242", "4242"]


LOOKS = """() => [...document.querySelectorAll(".portal :is(a, h2, h3, p, dt, dd, ul, li, section, span)")]
  .filter((element) => !element.matches(".visually-hidden"))
  .map((element) => {
    const it = getComputedStyle(element);
    const names = ["color", "backgroundColor", "fontSize", "fontWeight", "fontFamily", "marginTop", "paddingLeft"];
    return `${element.tagName}.${element.className} ` + names.map((name) => it[name]).join("|");
  })"""


@pytest.mark.parametrize("sheet", ["bootstrap.css", "preflight.css"])
def test_a_framework_of_the_hosts_does_not_dress_our_part(visit, ada, around, sheet):
    visit.arrive(ada["customer"]).sees("You pay $29.00 on")
    bare = visit.page.evaluate(LOOKS)
    around["tags"] = f"<style>{VENDORED[sheet].read_text()}</style>"
    visit.open("/").sees("You pay $29.00 on")
    assert len(bare) > 20
    assert visit.page.evaluate(LOOKS) == bare
