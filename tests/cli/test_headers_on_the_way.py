"""`portal-embed check --url`: which headers something on the way removed, doubled, changed or added, and what that breaks."""

from __future__ import annotations

import pytest

from portal_embed.config.stripe_hosts import REAL_API, REAL_JS
from tests.cli.hearing import SHOP, said, the_note, the_problem
from tests.cli.meddling import (
    adds,
    deployed,
    edits,
    headers,
    sets,
    strips,
    writes_into,
)


def test_a_policy_that_is_removed(world):
    with deployed(world, strips("content-security-policy")) as url:
        assert "Content-Security-Policy does not arrive: something on the way removes it" in the_problem(url)


def test_a_policy_that_is_replaced_and_what_the_new_one_blocks(world):
    with deployed(world, sets("content-security-policy", "default-src 'self'")) as url:
        problems, _ = said(url)

    assert "another stands in its place" in problems[0]
    assert "“default-src 'self'” blocks Stripe.js" in problems[1]
    assert len(problems) == 2


def test_a_policy_that_is_rewritten(world):
    with deployed(world, edits("content-security-policy", "form-action 'self'", "form-action 'self' https:")) as url:
        problem = the_problem(url)

    assert "is rewritten on the way" in problem
    assert "form-action 'self' https:" in problem


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("script-src 'self'", ("“script-src 'self'” blocks Stripe.js.", "add to it: script-src {stripe}")),
        ("script-src {stripe}", ("blocks the portal's scripts.", "add to it: script-src {own}")),
        ("style-src 'unsafe-inline'", ("blocks its styles.", "style-src {own}")),
        ("frame-src 'none'", ("blocks the card fields and 3-D Secure.", "frame-src {stripe}")),
        ("child-src 'self'", ("“child-src 'self'” blocks the card fields", "frame-src {stripe}")),
        ("connect-src 'self'", ("blocks Stripe's API.", "connect-src {stripe}")),
        ("form-action https://shop.example", ("blocks its forms.", "form-action 'self'")),
        ("default-src 'self'; frame-ancestors *", ("blocks Stripe.js, the card fields and 3-D Secure, Stripe's API.",)),
        ("sandbox allow-forms", ("lacks allow-popups allow-same-origin allow-scripts",)),
        ("require-trusted-types-for 'script'", ("blocks htmx",)),
    ],
)
def test_a_second_policy_is_named_with_what_it_blocks(world, policy, words):
    stripe = world.api_base.partition("/w")[0]
    with deployed(world) as url:
        own = url[: url.index("/h")]
    with deployed(world, adds("content-security-policy", policy.format(stripe=stripe, own=own))) as url:
        problem = the_problem(url)

    assert "Another Content-Security-Policy is added on the way" in problem
    for word in words:
        assert word.format(stripe=stripe, own=own) in problem


def test_for_the_real_stripe_its_own_list_of_hosts_is_what_is_needed(world):
    real = {"stripe_api_base": REAL_API, "stripe_js_url": f"{REAL_JS}/endive/stripe.js"}
    with deployed(world, adds("content-security-policy", "default-src 'self' https://js.stripe.com"), **real) as url:
        problem = the_problem(url)

    assert "script-src https://*.js.stripe.com;" in problem
    assert "frame-src https://*.js.stripe.com https://hooks.stripe.com;" in problem
    assert "connect-src https://api.stripe.com." in problem


def test_whom_others_give_payment_is_not_taken_for_stripe(world):
    policy = 'payment=(self "https://pay.google.com")'
    with deployed(world, sets("permissions-policy", policy, only="/")) as url:
        assert "Google Pay need https://js.stripe.com https://*.js.stripe.com there" in the_problem(url)


def test_a_second_policy_that_stands_in_the_page_counts_too(world):
    meta = b"<meta http-equiv=\"Content-Security-Policy\" content=\"frame-src 'none'; frame-ancestors 'none'\">"
    with deployed(world, writes_into("/", meta, before=b"</head>"), embed_origins=(SHOP,)) as url:
        problem = the_problem(url)

    assert "“frame-src 'none'” blocks the card fields" in problem


def test_a_second_policy_that_keeps_the_frame_out(world):
    with deployed(world, adds("content-security-policy", "frame-ancestors 'self'"), embed_origins=(SHOP,)) as url:
        problem = the_problem(url)

    assert "“frame-ancestors 'self'” blocks the frame on shop.example" in problem
    assert f"frame-ancestors {SHOP}" in problem


@pytest.mark.parametrize(
    "policy", ["upgrade-insecure-requests", "frame-ancestors 'self'", "object-src 'none'; base-uri 'self'"]
)
def test_a_second_policy_that_blocks_nothing_is_no_problem(world, policy):
    with deployed(world, adds("content-security-policy", policy)) as url:
        assert "It blocks nothing" in the_note(url)


def test_two_policies_in_one_header_are_two(world):
    joined = headers(
        lambda pairs: [(name, f"{value}, frame-src 'none'" if "security-p" in name else value) for name, value in pairs]
    )
    with deployed(world, joined) as url:
        assert "“frame-src 'none'” blocks" in the_problem(url)


def test_frame_options_beside_the_portals_own_list(world):
    with deployed(world, adds("x-frame-options", "SAMEORIGIN"), embed_origins=(SHOP,)) as url:
        note = the_note(url)

    assert f"X-Frame-Options: SAMEORIGIN is added on the way, while {SHOP} may frame the portal" in note


def test_frame_options_instead_of_the_portals_own_list(world):
    ways = (adds("x-frame-options", "DENY"), strips("content-security-policy"))
    with deployed(world, *ways, embed_origins=(SHOP,)) as url:
        problems, _ = said(url)

    assert any("X-Frame-Options: DENY" in problem and "stays empty" in problem for problem in problems)


def test_a_portal_that_anybody_could_frame_once_its_headers_are_gone(world):
    with deployed(world, strips("x-frame-options"), strips("content-security-policy")) as url:
        problems, _ = said(url)

    assert "X-Frame-Options: DENY does not arrive: any site may frame the portal." in problems


@pytest.mark.parametrize(
    "name",
    [
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy",
        "Permissions-Policy",
    ],
)
def test_a_header_that_is_removed_is_named(world, name):
    with deployed(world, strips(name.lower(), only="/")) as url:
        problem = the_problem(url)

    assert problem.startswith(f"{name} does not arrive")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("referrer-policy", "no-referrer", "the portal refuses them"),
        ("cross-origin-opener-policy", "same-origin", "3-D Secure"),
        ("cross-origin-opener-policy", "unsafe-none", "keeps a hand on its window"),
        ("cross-origin-resource-policy", "cross-origin", "other sites may load"),
    ],
)
def test_a_header_that_is_set_anew_is_named_with_what_it_does(world, name, value, words):
    for way in (sets, adds):
        with deployed(world, way(name, value, only="/")) as url:
            problem = the_problem(url)

        assert value in problem
        assert words in problem


def test_the_same_header_twice_is_worth_a_note(world):
    with deployed(world, adds("x-content-type-options", "nosniff")) as url:
        assert "X-Content-Type-Options arrives 2 times" in the_note(url)


def test_a_payment_permission_that_is_taken_away(world):
    with deployed(world, adds("permissions-policy", "geolocation=(), payment=(self)")) as url:
        problem = the_problem(url)

    assert "gives payment to self" in problem
    assert "Google Pay need http://127.0.0.1:" in problem


def test_an_embedder_policy_that_keeps_stripes_frames_out(world):
    with deployed(world, adds("cross-origin-embedder-policy", "require-corp")) as url:
        assert "Cross-Origin-Embedder-Policy: require-corp is added" in the_problem(url)
