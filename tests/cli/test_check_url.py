"""`portal-embed check --url`: a real portal behind something that meddles, and what is said of it."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import subprocess
import sys
import threading

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse

from portal_embed import Identity, Portal
from portal_embed.cli import main
from portal_embed.cli.outside import NOT_SEEN, asking, look
from portal_embed.cli.outside.asking import Answer, reason
from portal_embed.cli.outside.reaching import why_not
from portal_embed.cli.serve import app_for
from portal_embed.config.stripe_hosts import REAL_API, REAL_JS
from portal_embed.sandbox import Sandbox
from tests.cli.meddling import (
    adds,
    answers,
    deployed,
    edits,
    forgets,
    headers,
    keeps,
    moves_to,
    redirects,
    requests,
    sets,
    showing,
    strips,
    strips_the_prefix,
    writes_into,
)
from tests.serving import Server, config_for, server

SHOP = "https://shop.example"


@pytest.fixture(scope="module")
def world():
    with Sandbox(seed="check-url") as sandbox:
        yield sandbox.world()


def said(url, page_url=None):
    """(problems, notes), without the note about what cannot be seen."""
    findings = [finding for finding in look(url, page_url) if finding.sentence != NOT_SEEN]
    return tuple([one.sentence for one in findings if one.kind == kind] for kind in ("problem", "note"))


def the_problem(url, page_url=None):
    """The one thing that is wrong."""
    problems, notes = said(url, page_url)
    assert len(problems) == 1, problems
    assert notes == []
    return problems[0]


def the_note(url, page_url=None):
    problems, notes = said(url, page_url)
    assert problems == []
    assert len(notes) == 1, notes
    return notes[0]


# -- nothing in between


@pytest.mark.parametrize("origins", [(), (SHOP,)])
def test_an_untouched_portal_is_as_it_was_sent(world, origins):
    with deployed(world, embed_origins=origins) as url:
        findings = list(look(url))

    assert [one.kind for one in findings] == ["fine"] * 6 + ["note"]
    assert findings[-1].sentence == NOT_SEEN


@pytest.mark.parametrize("origins", [(), (SHOP,)])
def test_so_is_one_at_the_root(world, origins):
    carrier = Server()
    with carrier.carrying("", Portal(config_for(world, carrier.origin, embed_origins=origins))):
        for url in (carrier.origin, f"{carrier.origin}/"):
            assert said(url) == ([], [])


def test_compression_and_a_cdns_headers_are_fine(world):
    with deployed(world, adds("via", "1.1 cdn"), adds("strict-transport-security", "max-age=63072000")) as url:
        assert said(url) == ([], [])


def test_no_more_than_ten_requests_are_made_and_each_says_what_it_is(world):
    seen = []

    def noted(scope):
        seen.append((scope["method"], dict(scope["headers"]).get(b"user-agent", b"").partition(b"/")[0]))
        return scope

    with deployed(world, forgets("origin", "sec-fetch-site"), requests(noted), embed_origins=(SHOP,)) as url:
        list(look(url, url))

    assert len(seen) <= 10
    assert {agent for _, agent in seen} == {b"portal-embed-check"}
    assert {method for method, _ in seen} == {"GET", "POST"}


# -- the command


def test_the_command_ends_with_0_and_says_what_was_looked_at(world, capsys):
    with deployed(world) as url:
        code = main(["check", "--url", f"{url}/"])
    out = capsys.readouterr().out

    assert code == 0
    assert f"ok      A portal answers at {url}.\n" in out
    assert "ok      Forms reach it" in out
    assert f"note    {NOT_SEEN}\n" in out
    assert out.endswith("No problems.\n")


def test_the_command_needs_no_settings_and_ends_with_1_on_a_problem(world):
    with deployed(world, strips("content-security-policy")) as url:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "PORTAL_"))}
        done = subprocess.run(
            [sys.executable, "-m", "portal_embed", "check", "--url", url],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert "PROBLEM The portal's own Content-Security-Policy does not arrive" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--framed-by", SHOP],
        ["--url", "https://a.example", "mysite:portal"],
        ["--url", "https://a.example", "--import", "default"],
    ],
)
def test_options_that_do_not_go_together_are_a_usage_error(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(["check", *arguments])

    assert end.value.code == 2
    assert "--url" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url", ["shop.example/billing", "ftp://shop.example", "https://", "https://u:p@shop.example", "https://x:99999"]
)
def test_what_is_no_address_is_said(url):
    assert repr(url) in the_problem(url)


# -- it is not there


def test_nothing_that_listens(world):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        assert the_problem(f"{url}/billing") == f"{url} refuses connections: nothing listens there."


def test_no_tls_where_https_was_asked(world):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.listen()

        def answer():
            with listener.accept()[0] as connection:
                connection.recv(1024)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        problem = the_problem(f"https://127.0.0.1:{listener.getsockname()[1]}/billing")
        thread.join()

    assert "does not speak TLS" in problem


def certificate_error():
    error = ssl.SSLCertVerificationError("certificate verify failed")
    error.verify_message = "certificate has expired"
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (certificate_error(), "The certificate of https://a.example is not good (certificate has expired)"),
        (socket.gaierror(-2, "Name or service not known"), "There is no address for a.example"),
        (TimeoutError(), f"has not answered within {asking.PATIENCE:.0f} seconds"),
        (http.client.RemoteDisconnected(""), "gives no answer that can be read (RemoteDisconnected)"),
    ],
)
def test_why_there_is_no_answer(error, words):
    assert words in reason(error, "https://a.example/billing/")


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (answers(404), ("404", "something that is not the portal", "mounted")),
        (answers(502), ("502", "does not reach your app")),
        (answers(403), ("403", "firewall")),
        (answers(401, www_authenticate='Basic realm="staging"'), ("401", "asks for a password")),
        (answers(200), ("200", "something that is not the portal", "PORTAL_BASE_URL")),
        (
            redirects("https://sso.example/login?next=/billing/"),
            ("302", "https://sso.example/login", "sign-in in front"),
        ),
        (redirects("/welcome"), ("302", "/welcome", "redirects nowhere")),
    ],
)
def test_something_else_that_answers(world, way, words):
    with deployed(world, way) as url:
        problem = the_problem(url)

    assert url in problem
    for word in words:
        assert word in problem


def redirected(to, asked="https://shop.example/billing"):
    return why_not(Answer(f"{asked}/", 301, (("location", to),), b""), asked).sentence


def test_each_kind_of_redirect_is_known_for_what_it_is():
    asked = "http://shop.example/billing"

    assert "name https in PORTAL_BASE_URL" in redirected("https://shop.example/billing/", asked)
    assert "let PORTAL_BASE_URL name that host" in redirected("https://www.shop.example/billing/")
    assert "let PORTAL_BASE_URL name that host" in redirected(
        "https://shop.example/billing/", "https://www.shop.example/billing"
    )
    assert "ends with a slash" in redirected("/billing")
    assert "sign-in in front" in redirected("/users/sign_in")


def test_a_portal_in_the_clear_is_a_problem_outside_of_this_machine():
    ours = (("permissions-policy", "camera=(), microphone=(), geolocation=(), usb=(), payment=(self)"),)
    answer = Answer("http://shop.example/billing/", 401, ours, b"")

    assert "without TLS" in why_not(answer, "http://shop.example/billing").sentence


def test_what_others_send_is_printed_without_control_characters():
    with showing(HTMLResponse("<title>\x1b[31mWelcome</title>")) as url:
        problem = the_problem(url)

    assert "calls itself “?[31mWelcome”" in problem
    assert problem.isprintable()


# -- the path


def test_a_prefix_that_is_stripped_on_the_way(world):
    with deployed(world, requests(strips_the_prefix)) as url:
        problem = the_problem(url)

    assert f"settings name {url}" in problem
    assert "is mounted at /," in problem
    assert "pass the path on as it is" in problem


def test_a_prefix_that_is_stripped_before_portal_embed_serve(world):
    carrier = server()
    path = carrier.next_path()
    url = carrier.origin + path
    alone = app_for(Portal(config_for(world, url)))
    with carrier.carrying(path, requests(strips_the_prefix)(alone)):
        problem = the_problem(url)

    assert f"The portal is at {url}, but {path} is lost on the way" in problem


def test_portal_embed_serve_asked_at_its_root_leads_to_the_portal(world):
    carrier = Server()
    url = f"{carrier.origin}/billing"
    with carrier.carrying("", app_for(Portal(config_for(world, url)))):
        assert f"check --url {url}." in the_problem(carrier.origin)
        assert said(url) == ([], [])


def test_a_mount_elsewhere_than_the_settings_say(world):
    elsewhere = "http://localhost:8000/elsewhere"
    with deployed(world, base_url=elsewhere) as url:
        problem = the_problem(url)

    assert f"its settings say that it is at {elsewhere}" in problem
    assert f"set PORTAL_BASE_URL={url}" in problem


def test_a_path_that_a_proxy_swaps_for_another(world):
    inside = f"{server().origin}/inside"
    with deployed(world, requests(moves_to(inside)), base_url=inside) as url:
        problems, notes = said(url)

    assert f"takes {inside} for its address" in problems[0]
    assert f"set PORTAL_BASE_URL={url}" in problems[0]
    assert "leads to /inside/expired" in problems[1]
    assert (len(problems), notes) == (2, [])


def test_settings_that_name_another_origin(world):
    carrier = server()
    path = carrier.next_path()
    with carrier.carrying(path, Portal(config_for(world, f"https://billing.example{path}"))):
        url = carrier.origin + path
        problem = the_problem(url)

    assert f"refuses every form from {carrier.origin}" in problem
    assert f"Set PORTAL_BASE_URL={url}" in problem


# -- headers


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


# -- pages, files, forms


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
