"""What a Content-Security-Policy allows, by the rules of CSP Level 3."""

from __future__ import annotations

import pytest

from portal_embed.cli.outside.csp import allowed_by_permissions, matches, policies

OWN = "https://shop.example"


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("*", "https://any.example/x"),
        ("*", "http://any.example:81/x"),
        ("https:", "https://any.example/x"),
        ("http:", "https://any.example/x"),
        ("HTTPS://Pay.Example", "https://pay.example/x"),
        ("https://pay.example", "https://pay.example:443/x"),
        ("https://pay.example:443", "https://pay.example/x"),
        ("http://pay.example", "https://pay.example/x"),
        ("pay.example", "https://pay.example/x"),
        ("pay.example:*", "https://pay.example:8443/x"),
        ("pay.example:8443", "https://pay.example:8443/x"),
        ("https://*:8443", "https://any.example:8443/x"),
        ("*.pay.example", "https://a.pay.example/x"),
        ("*.pay.example", "https://a.b.pay.example/x"),
        ("https://*.pay.example:*", "https://a.pay.example:8443/x"),
        ("https://pay.example/", "https://pay.example/x/y"),
        ("https://pay.example/x/", "https://pay.example/x/y/z"),
        ("https://pay.example/x/y", "https://pay.example/x/y"),
        ("https://pay.example/x/y", "https://pay.example/x/y?query"),
        ("https://pay.example/%78", "https://pay.example/x"),
        ("http://localhost:8000", "http://localhost:8000/x"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/x"),
        ("'self'", "https://shop.example/x"),
        ("'SELF'", "https://shop.example/x"),
    ],
)
def test_a_source_that_is_about_an_address(source, url):
    assert matches(url, [source], own=OWN)
    assert matches(url, ["https://other.example", source], own=OWN)


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("*", "data:text/plain,x"),
        ("'none'", "https://shop.example/x"),
        ("https:", "http://any.example/x"),
        ("https://pay.example", "http://pay.example/x"),
        ("https://pay.example", "https://pay.example:8443/x"),
        ("https://pay.example:8443", "https://pay.example/x"),
        ("http://pay.example:80", "https://pay.example/x"),
        ("pay.example", "http://pay.example/x"),
        ("*.pay.example", "https://pay.example/x"),
        ("*.pay.example", "https://notpay.example/x"),
        ("https://pay.example", "https://pay.example.evil.example/x"),
        ("https://pay.example/x", "https://pay.example/x/y"),
        ("https://pay.example/x/", "https://pay.example/x"),
        ("https://pay.example/x/y", "https://pay.example/x"),
        ("https://pay.example/x", "https://pay.example/X"),
        ("'self'", "https://www.shop.example/x"),
        ("'self'", "https://shop.example:8443/x"),
        ("'self'", "http://shop.example/x"),
        ("self", "https://shop.example/x"),
        ("'unsafe-inline'", "https://shop.example/x"),
        ("data:", "https://shop.example/x"),
        ("https://pay.example*", "https://pay.example/x"),
    ],
)
def test_a_source_that_is_not(source, url):
    assert not matches(url, [source], own=OWN)


def test_an_empty_list_is_about_nothing():
    assert not matches("https://shop.example/x", [], own=OWN)


def test_none_beside_others_says_nothing():
    assert matches("https://shop.example/x", ["'none'", "'self'"], own=OWN)


def test_self_on_plain_http_takes_its_own_upgrade():
    assert matches("https://shop.example/x", ["'self'"], own="http://shop.example")
    assert not matches("https://shop.example:8443/x", ["'self'"], own="http://shop.example")
    assert matches("https://pay.example/x", ["pay.example"], own="http://shop.example")


def only(text, **more):
    (policy,) = policies([text], **more)
    return policy


@pytest.mark.parametrize(
    ("policy", "name", "governing"),
    [
        ("default-src 'none'", "script-src-elem", "default-src"),
        ("default-src 'none'; script-src *", "script-src-elem", "script-src"),
        ("script-src *; script-src-elem 'none'", "script-src-elem", "script-src-elem"),
        ("default-src 'none'; style-src *", "style-src-elem", "style-src"),
        ("default-src 'none'", "frame-src", "default-src"),
        ("default-src 'none'; child-src *", "frame-src", "child-src"),
        ("child-src *; frame-src 'none'", "frame-src", "frame-src"),
        ("default-src 'none'", "connect-src", "default-src"),
        ("default-src 'none'", "form-action", None),
        ("default-src 'none'", "frame-ancestors", None),
        ("img-src 'none'", "connect-src", None),
    ],
)
def test_a_directive_that_is_not_there_falls_back(policy, name, governing):
    found = only(policy)

    assert found.governing(name) == governing
    assert found.allows(name, "https://any.example/", own=OWN) is (
        governing is None or "*" in found.directives[governing]
    )


def test_the_first_of_two_directives_counts_and_names_have_no_case():
    policy = only("  FRAME-SRC https://a.example ;; frame-src *; ")

    assert policy.directives == {"frame-src": ("https://a.example",)}


def test_commas_and_headers_each_begin_a_policy():
    found = policies(["frame-src 'none', img-src *", "", "script-src 'self'"])

    assert [list(policy.directives) for policy in found] == [["frame-src"], ["img-src"], ["script-src"]]


def test_a_meta_element_cannot_say_who_frames_or_sandboxes():
    policy = only("frame-ancestors 'none'; sandbox; report-uri /r; frame-src 'self'", is_meta=True)

    assert list(policy.directives) == ["frame-src"]


URL = "https://pay.example/embed.js"


@pytest.mark.parametrize(
    ("policy", "script", "allowed"),
    [
        ("script-src https://pay.example", {}, True),
        ("script-src 'self'", {}, False),
        ("script-src 'unsafe-inline'", {}, False),
        ("script-src 'nonce-abc'", {"nonce": "abc"}, True),
        ("script-src 'nonce-abc'", {"nonce": "ABC"}, False),
        ("script-src 'nonce-abc'", {}, False),
        ("script-src 'sha256-aaaa='", {"integrity": "sha256-aaaa="}, True),
        ("script-src 'sha256-aaaa='", {"integrity": "sha256-aaaa= sha384-bbbb"}, False),
        ("script-src 'sha256-aaaa='", {}, False),
        ("script-src 'strict-dynamic' https://pay.example", {}, False),
        ("script-src 'strict-dynamic' 'nonce-abc'", {"nonce": "abc"}, True),
        ("script-src 'strict-dynamic' 'nonce-abc'", {"is_in_html": False}, True),
        ("script-src-elem 'none'; script-src *", {}, False),
        ("frame-src 'none'", {}, True),
    ],
)
def test_a_script_runs_by_its_address_its_nonce_its_hash_or_by_one_that_is_trusted(policy, script, allowed):
    assert only(policy).allows_script(URL, own=OWN, **script) is allowed


@pytest.mark.parametrize(
    ("values", "allowed"),
    [
        ([], None),
        (["camera=()"], None),
        (["payment=()"], ()),
        (["payment=*"], ("*",)),
        (["payment=self"], ("self",)),
        (['camera=(), payment=(self "https://pay.example")'], ("self", "https://pay.example")),
        (["payment=(self)", "payment=()"], ()),
    ],
)
def test_whom_a_permissions_policy_gives_payment(values, allowed):
    assert allowed_by_permissions(values, "payment") == allowed
