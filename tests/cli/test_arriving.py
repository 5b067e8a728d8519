"""`portal-embed check --url`: pages that are kept or written into, files that are changed, forms that do not arrive."""

from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse

from portal_embed import Identity
from portal_embed.cli.outside.arriving import form_findings
from portal_embed.cli.outside.asking import Answer
from portal_embed.cli.outside.reaching import why_not
from tests.cli.hearing import the_note, the_problem
from tests.cli.meddling import (
    answers,
    deployed,
    forgets,
    keeps,
    redirects,
    requests,
    sets,
    showing,
    strips,
    writes_into,
)


def test_a_page_that_may_be_cached(world):
    with deployed(world, sets("cache-control", "public, max-age=600", only="/")) as url:
        problem = the_problem(url)

    assert "“public, max-age=600”" in problem
    assert "no-store" in problem


def test_a_page_that_is_cached(world):
    with deployed(world, keeps) as url:
        assert "came twice with the same nonce" in the_problem(url)


def test_a_script_that_is_written_into_pages(world):
    with deployed(world, writes_into("/", b'<script src="/rum.js"></script>', before=b"</head>")) as url:
        assert "Scripts are added to pages on the way (/rum.js)" in the_note(url)


def test_a_page_of_another_type(world):
    with deployed(world, sets("content-type", "text/plain", only="/")) as url:
        assert "Pages arrive as “text/plain” and not as text/html." in the_problem(url)


def test_billing_that_is_shown_to_anybody(world):
    ada = Identity(customer=world.life("monthly"))
    with deployed(world, identity=lambda _request: ada) as url:
        assert "shows somebody's billing to whoever asks, without a session" in the_problem(url)


@pytest.mark.parametrize("status", [500, 503])
def test_a_portal_that_is_in_trouble_itself(status):
    ours = (("permissions-policy", "camera=(), microphone=(), geolocation=(), usb=(), payment=(self)"),)
    answer = Answer("https://shop.example/billing/", status, ours, b"")

    assert (
        f"The portal itself answers https://shop.example/billing/ with {status}"
        in why_not(answer, "https://shop.example/billing").sentence
    )


@pytest.mark.parametrize("name", ["css/portal.css", "js/portal.js", "vendor/htmx-4.0.1.min.js", "embed.js"])
def test_a_file_that_is_rewritten(world, name):
    with deployed(world, writes_into(name, b"/* minified */")) as url:
        problem = the_problem(url)

    assert f"{name} is changed on the way" in problem


def test_a_file_that_a_proxy_looks_for_itself(world):
    with deployed(world, answers(404, only=".css")) as url:
        problem = the_problem(url)

    assert "css/portal.css is answered with 404 by something that is not the portal" in problem


def test_a_file_of_another_type(world):
    with deployed(world, sets("content-type", "text/plain", only="portal.css")) as url:
        assert "css/portal.css arrives as “text/plain” and not as text/css" in the_problem(url)


def test_a_file_that_is_never_kept(world):
    with deployed(world, sets("cache-control", "no-cache", only="portal.css")) as url:
        assert "portal.css arrives as “no-cache”" in the_note(url)


def test_an_embed_script_that_other_sites_cannot_load(world):
    with deployed(world, strips("cross-origin-resource-policy", only="embed.js")) as url:
        assert "Cross-Origin-Resource-Policy of" in the_problem(url)
    with deployed(world, sets("cross-origin-resource-policy", "same-site", only="embed.js")) as url:
        assert "embed.js arrives as same-site, where the portal sends cross-origin" in the_problem(url)


def test_an_embed_script_that_is_kept_for_months(world):
    with deployed(world, sets("cache-control", "public, max-age=2592000", only="embed.js")) as url:
        assert "max-age=2592000" in the_note(url)


def test_an_embed_script_that_is_no_module(world):
    with deployed(world, strips("access-control-allow-origin")) as url:
        assert "as a module" in the_note(url)


def test_an_embed_script_that_is_not_there(world):
    with deployed(world, answers(404, only="embed.js")) as url:
        assert "no page of yours can frame the portal" in the_problem(url)


@pytest.mark.parametrize("status", [403, 405])
def test_forms_that_something_else_refuses(world, status):
    with deployed(world, answers(status, method="POST")) as url:
        problem = the_problem(url)

    assert f"a POST to {url}/session/end is answered with {status}, by something on the way" in problem


def test_forms_that_something_else_redirects(world):
    with deployed(world, redirects("/login", method="POST")) as url:
        assert "302, a redirect to /login, by something on the way" in the_problem(url)


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        (("hx-request",), "htmx's headers do not pass"),
        (("content-type",), "without their Content-Type"),
        (("origin", "sec-fetch-site"), "neither Origin nor Sec-Fetch-Site arrives"),
    ],
)
def test_headers_of_requests_that_are_lost(world, lost, words):
    with deployed(world, forgets(*lost)) as url:
        assert words in the_problem(url)


def test_htmxs_answers_that_are_lost(world):
    with deployed(world, strips("hx-redirect")) as url:
        assert "without HX-Redirect" in the_problem(url)


def test_forms_that_arrive_as_something_else(world):
    with deployed(world, requests(lambda scope: {**scope, "method": "GET"})) as url:
        assert "arrive as another method" in the_problem(url)


def test_a_page_of_the_host_is_not_taken_for_a_portal(world):
    with showing(PlainTextResponse("The billing portal is nice.")) as url:
        assert "something that is not the portal" in the_problem(url)


def test_forms_that_the_portal_itself_cannot_answer():
    ours = (("permissions-policy", "camera=(), microphone=(), geolocation=(), usb=(), payment=(self)"),)
    answer = Answer("https://shop.example/billing/session/end", 500, ours, b"")
    (finding,) = form_findings(answer, "https://shop.example/billing", None)

    assert "answers a form of nobody with 500" in finding.sentence
