"""`portal-embed check --url … --page …`: a page of the host, its headers and its HTML, around a real portal."""

from __future__ import annotations

import pytest
from starlette.responses import HTMLResponse, RedirectResponse

from portal_embed.cli import main
from portal_embed.cli.outside import NOT_SEEN, look
from portal_embed.cli.outside.hosting import permission_findings
from portal_embed.sandbox import Sandbox
from tests.cli.meddling import deployed, showing
from tests.serving import server

ELEMENT = '<billing-portal src="{url}" token-url="{token}"></billing-portal>'


@pytest.fixture(scope="module")
def shop():
    """The host's origin: another site than the portal's."""
    return server().origin.replace("localhost", "127.0.0.1")


@pytest.fixture(scope="module")
def portal(shop):
    """The address of a portal that the shop may frame."""
    with Sandbox(seed="framed-by") as sandbox, deployed(sandbox.world(), embed_origins=(shop,)) as url:
        yield url


def said(
    portal, shop, *, head="", script='<script src="{url}/embed.js" async></script>', token="/token", status=200, **named
):
    """(problems, notes) about a page with the element; `named`: its headers, `{portal}` in them being the portal's origin."""
    origin = server().origin
    body = (head + script + ELEMENT).format(url=portal, portal=origin, token=token)
    given = {name.replace("_", "-"): value.format(portal=origin) for name, value in named.items()}
    with showing(HTMLResponse(body, status, headers=given)) as address:
        findings = list(look(portal, address.replace(origin, shop)))
    return tuple(
        [one.sentence for one in findings if one.kind == kind and one.sentence != NOT_SEEN]
        for kind in ("problem", "note")
    )


def the_problem(*arguments, **more):
    problems, notes = said(*arguments, **more)
    assert len(problems) == 1, problems
    assert notes == []
    return problems[0]


POLICIES = [
    "default-src 'self'; script-src {portal}; frame-src {portal}; form-action {portal}",
    "script-src 'self' {portal}/; child-src {portal}; form-action *; connect-src 'self'",
    "default-src *; form-action 'self' {portal}",
    "img-src 'self'; object-src 'none'; frame-ancestors 'none'",
    "sandbox allow-scripts allow-forms allow-same-origin",
]


def test_a_page_without_a_policy_may_frame_it(portal, shop):
    assert said(portal, shop) == ([], [])


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_that_lets_the_element_work(portal, shop, policy):
    assert said(portal, shop, content_security_policy=policy) == ([], [])


@pytest.mark.parametrize(
    ("policy", "blocking", "add"),
    [
        ("script-src 'self'", "“script-src 'self'” does not let", "add {portal} to script-src"),
        ("script-src-elem 'self'; script-src *", "“script-src-elem 'self'”", "add {portal} to script-src"),
        ("script-src 'nonce-abc' 'strict-dynamic' *", "'strict-dynamic'", "the nonce of the answer"),
        ("frame-src 'self'", "“frame-src 'self'” blocks the portal's frame", "add {portal} to frame-src"),
        ("child-src 'none'", "“child-src 'none'” blocks the portal's frame", "add {portal} to frame-src"),
        ("frame-src {portal}/elsewhere/", "blocks the portal's frame", "add {portal} to frame-src"),
        (
            "form-action 'self'",
            "“form-action 'self'” blocks the form that signs the customer in",
            "add {portal} to form-action",
        ),
        ("connect-src https://api.example", "blocks the request to token-url (/token)", "add 'self' to connect-src"),
        ("sandbox allow-scripts", "lacks allow-forms allow-same-origin", ""),
    ],
)
def test_a_policy_that_bars_the_element_is_named_with_what_to_add(portal, shop, policy, blocking, add):
    problem = the_problem(portal, shop, content_security_policy=policy)

    assert "The page's" in problem
    assert blocking in problem
    assert add.format(portal=server().origin) in problem


def test_a_policy_of_nothing_but_its_own_bars_all_three(portal, shop):
    problems, _ = said(portal, shop, content_security_policy="default-src 'self'; form-action 'self'")

    assert ["embed.js run" in problems[0], "frame" in problems[1], "form-action" in problems[2]] == [True] * 3
    assert len(problems) == 3


def test_a_nonce_lets_the_script_run(portal, shop):
    policy = "script-src 'nonce-abc' 'strict-dynamic'"
    script = '<script nonce="abc" src="{url}/embed.js"></script>'

    assert said(portal, shop, script=script, content_security_policy=policy) == ([], [])


def test_a_policy_in_a_meta_element_counts(portal, shop):
    head = '<meta http-equiv="Content-Security-Policy" content="frame-src https://www.youtube.com; sandbox">'

    assert "“frame-src https://www.youtube.com” blocks" in the_problem(portal, shop, head=head)


def test_a_token_url_of_another_origin_is_looked_up_as_what_it_is(portal, shop):
    problem = the_problem(portal, shop, token="https://api.example/token", content_security_policy="connect-src 'self'")

    assert "add https://api.example to connect-src" in problem


def test_a_page_that_does_not_name_the_script_is_worth_a_note(portal, shop):
    problems, notes = said(portal, shop, script="")

    assert problems == []
    assert f"does not name {portal}/embed.js" in notes[0]


def test_a_script_that_adds_the_element_may_do_so_under_strict_dynamic(portal, shop):
    problems, _ = said(portal, shop, script="", content_security_policy="script-src 'nonce-abc' 'strict-dynamic'")

    assert problems == []


def test_an_origin_that_is_not_listed(portal, shop):
    here = server().origin
    problem = the_problem(portal, here)

    assert problem == f"{here} may not frame the portal, only {shop} may: add it to PORTAL_EMBED_ORIGINS."


def test_a_page_in_the_clear_cannot_frame_anything():
    (finding,) = permission_findings("http://shop.example/account", ("https://shop.example",))

    assert "has to be https" in finding.sentence


@pytest.mark.parametrize("value", ["require-corp", "credentialless"])
def test_a_page_whose_embedder_policy_keeps_frames_out(portal, shop, value):
    assert f"Cross-Origin-Embedder-Policy: {value}" in the_problem(portal, shop, cross_origin_embedder_policy=value)


def test_a_page_that_keeps_payment_to_itself(portal, shop):
    problem = the_problem(portal, shop, permissions_policy="camera=(), payment=(self)")

    assert f'payment=(self "{server().origin}")' in problem
    assert said(portal, shop, permissions_policy='payment=(self "{portal}")') == ([], [])


@pytest.mark.parametrize(
    "answer",
    [RedirectResponse("/login", 302), HTMLResponse("sign in", 401, {"content-security-policy": "frame-src 'none'"})],
)
def test_a_page_that_is_not_shown_to_strangers_is_worth_a_note(portal, shop, answer):
    with showing(answer) as address:
        findings = list(look(portal, address.replace(server().origin, shop)))

    assert [one.kind for one in findings].count("problem") == 0
    assert any("was not seen: give a page of that site" in one.sentence for one in findings)


def test_a_page_that_cannot_be_reached_is_a_problem(portal, shop):
    findings = list(look(portal, "http://127.0.0.1:9/"))

    assert any("http://127.0.0.1:9 refuses connections" in one.sentence for one in findings)


def test_the_command_says_so(portal, shop, capsys):
    with showing(HTMLResponse(f'<script src="{portal}/embed.js"></script>')) as address:
        page = address.replace(server().origin, shop)
        code = main(["check", "--url", portal, "--page", page])

    assert code == 0
    assert f"ok      {page} may show it, and its own policy does not mind.\n" in capsys.readouterr().out


# -- pieces, which need no frame

PIECE = '<billing-portal-piece src="{url}" token-url="/token" name="invoices"></billing-portal-piece>'
PIECES_SCRIPT = '<script src="{url}/pieces.js"></script>'


@pytest.fixture(scope="module")
def unframed():
    """The address of a portal that nobody may frame."""
    with Sandbox(seed="pieces") as sandbox, deployed(sandbox.world()) as url:
        yield url


def said_of_pieces(portal, origin, policy):
    html = (PIECES_SCRIPT + PIECE).format(url=portal)
    with showing(HTMLResponse(html, headers={"content-security-policy": policy})) as address:
        findings = list(look(portal, address.replace(server().origin, origin)))
    return [one.sentence for one in findings if one.kind != "fine" and one.sentence != NOT_SEEN]


def test_pieces_need_neither_a_frame_nor_leave_to_frame(unframed):
    assert said_of_pieces(unframed, server().origin, "default-src 'self'; frame-src 'none'; form-action 'none'") == []


@pytest.mark.parametrize(
    ("policy", "blocking", "add"),
    [
        ("script-src 'nonce-abc'", "pieces.js run", "add {portal} to script-src"),
        ("style-src 'nonce-abc'", "blocks the styles of pieces", "add 'self' to style-src"),
        ("connect-src {portal}/token", "blocks what pieces are fetched by", "add 'self' to connect-src"),
    ],
)
def test_a_policy_that_bars_pieces_is_named_with_what_to_add(unframed, policy, blocking, add):
    origin = server().origin
    (problem,) = said_of_pieces(unframed, origin, policy.format(portal=origin))

    assert blocking in problem
    assert add.format(portal=origin) in problem


def test_pieces_on_another_origin_cannot_work(unframed, shop):
    (problem,) = said_of_pieces(unframed, shop, "img-src *")

    assert f"{server().origin} is not {shop}: use <billing-portal>" in problem
