"""`portal-embed check --page` and a browser agree about a policy of the host's."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from playwright.sync_api import expect
from starlette.responses import HTMLResponse, JSONResponse

from portal_embed.cli.outside import look
from tests.serving import hosting, server

PIECE = (
    '<script src="{portal}/pieces.js"></script><billing-portal-piece src="{portal}" token-url="{token}" name="plan">'
)
PAGE = '<script src="{portal}/embed.js"></script><billing-portal src="{portal}" token-url="{token}"></billing-portal>'
LISTEN = "addEventListener('securitypolicyviolation', (event) => console.log(`blocked by ${event.effectiveDirective}`))"


@contextmanager
def shop_with(world, policy, html=PAGE):
    """(address of the portal, address of a page with it and this policy): of another site, or for pieces of the same."""
    carrier = server()
    shop = carrier.origin if html == PIECE else carrier.origin.replace("localhost", "127.0.0.1")
    page, token = carrier.next_path(), carrier.next_path()
    with hosting(world, embed_origins=(shop,)) as host:
        portal = host.origin + host.path
        answer = HTMLResponse(
            html.format(portal=portal, token=f"{token}/"),
            headers={"Content-Security-Policy": policy.format(portal=host.origin)},
        )
        link = JSONResponse({"url": host.link(world.life("monthly"))})
        with carrier.carrying(page, answer), carrier.carrying(token, link):
            yield portal, f"{shop}{page}/"


def problems_of(portal, page_url):
    return [finding.sentence for finding in look(portal, page_url) if finding.kind == "problem"]


@pytest.mark.parametrize(
    "policy",
    [
        "default-src 'self'; script-src {portal}; child-src {portal}; form-action {portal}",
        "script-src http://*:*; frame-src 'none' localhost:*; form-action http:; connect-src 'self'",
        "child-src 'none'; frame-src {portal}; frame-ancestors 'none'",
    ],
)
def test_what_it_finds_in_order_works(world, new_context, policy):
    page = new_context().new_page()
    with shop_with(world, policy) as (portal, page_url):
        assert problems_of(portal, page_url) == []
        page.goto(page_url)
        expect(page.frame_locator("iframe").get_by_role("link", name="Invoices")).to_be_visible()
        page.close()


def test_so_do_pieces(world, new_context):
    page = new_context().new_page()
    with shop_with(world, "default-src 'self'; frame-src 'none'; form-action 'none'", PIECE) as (portal, page_url):
        assert problems_of(portal, page_url) == []
        page.goto(page_url)
        expect(page.get_by_text("Pro", exact=True).first).to_be_visible()
        page.close()


@pytest.mark.parametrize(
    ("policy", "directive", "html"),
    [
        ("script-src {portal}/h", "script-src-elem", PAGE),
        ("script-src 'strict-dynamic' {portal}", "script-src-elem", PAGE),
        ("default-src {portal}; connect-src 'self'; frame-src https:", "frame-src", PAGE),
        ("child-src 'self'", "frame-src", PAGE),
        ("form-action 'self'", "form-action", PAGE),
        ("connect-src https://*.example", "connect-src", PAGE),
        ("script-src 'nonce-abc'", "script-src-elem", PIECE),
        ("style-src 'nonce-abc'", "style-src-elem", PIECE),
        ("connect-src {portal}/h", "connect-src", PIECE),
    ],
)
def test_the_directive_that_it_names_is_the_one_that_blocks(world, new_context, policy, directive, html):
    page = new_context().new_page()
    page.add_init_script(LISTEN)
    with shop_with(world, policy, html) as (portal, page_url):
        problems = problems_of(portal, page_url)
        with page.expect_console_message(lambda message: message.text.startswith("blocked by")) as blocked:
            page.goto(page_url)
        page.close()

    assert blocked.value.text == f"blocked by {directive}"
    wanted = directive.removesuffix("-elem")
    assert problems
    assert all(f" to {wanted}." in problem or "the nonce of the answer" in problem for problem in problems)
