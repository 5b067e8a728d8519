"""Every answer, errors and redirects included, leaves with the same armour, and nothing else escapes."""

import logging
import re

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from portal_embed.access import SecurityHeaders
from tests.access.portal import ORIGIN, Portal, make_config, same_origin

HASHED = "/billing/static/0123456789abcdef/app.css"


def answers():
    """One answer of every status a small portal gives, with a name for each."""
    portal = Portal()
    anonymous, ada = portal.browser(), portal.signed_in()
    form = same_origin(**{"content-type": "application/x-www-form-urlencoded"})
    yield 200, ada.get("/billing/")
    yield 303, portal.browser().get(portal.link())
    yield 400, anonymous.get("/billing/enter?token=x")
    yield 401, anonymous.get("/billing/")
    yield 403, ada.post("/billing/write", content="", headers=form)
    yield 404, ada.get("/billing/nothing-here")
    yield 404, ada.get("/billing/static/0123456789abcdef/gone.css")
    yield 405, ada.get("/billing/logout")
    yield 405, ada.delete("/billing/")
    yield 413, ada.post("/billing/write", content="a" * 70_000, headers=form)
    yield 415, ada.post("/billing/write", content="{}", headers={**form, "content-type": "application/json"})
    yield 429, ada.get("/billing/limited")
    yield 500, ada.get("/billing/boom")


@pytest.mark.parametrize(
    ("status", "answer"), answers(), ids=lambda value: str(getattr(value, "url", value)).partition("?")[0]
)
def test_every_answer_is_armoured(status, answer):
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "strict-dynamic" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin-allow-popups"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["permissions-policy"].startswith("camera=(), microphone=()")
    assert {"Cookie", "HX-Request"} <= set(answer.headers["vary"].split(", "))
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_what_a_page_varies_on_is_kept():
    assert "Accept-Language" in Portal().signed_in().get("/billing/limited").headers["vary"]


def test_each_answer_has_its_own_nonce_and_reference():
    ada = Portal().signed_in()
    answers = [ada.get("/billing/") for _ in range(20)]
    nonces = {re.search(r"nonce-([^']+)", answer.headers["content-security-policy"])[1] for answer in answers}

    assert len(nonces) == 20
    assert min(len(nonce) for nonce in nonces) >= 22
    assert len({answer.headers["x-request-id"] for answer in answers}) == 20


def test_files_with_a_hash_in_their_name_are_kept_for_ever():
    answer = Portal().browser().get(HASHED)

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "vary" not in answer.headers


def test_files_need_no_session_and_set_no_cookie():
    portal = Portal()
    ada = portal.signed_in()
    portal.clock.move(120)

    assert "set-cookie" not in ada.get(HASHED).headers


def test_the_embedding_script_may_be_loaded_from_anywhere_and_changes_within_minutes():
    answer = Portal().browser().get("/billing/embed.js")

    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, max-age=300"


def test_with_embedding_allowed_the_list_stands_in_the_policy_alone():
    answer = Portal(embed_origins=("https://www.example.com",)).browser().get("/billing/")

    assert "x-frame-options" not in answer.headers
    assert answer.headers["content-security-policy"].endswith("frame-ancestors https://www.example.com")


def test_a_session_made_for_one_page_is_framed_by_that_page_only():
    portal = Portal(embed_origins=("https://www.example.com", "https://shop.example.com"))
    ada = portal.signed_in(embed_origin="https://shop.example.com")

    assert ada.get("/billing/").headers["content-security-policy"].endswith("frame-ancestors https://shop.example.com")


def test_only_a_payment_page_may_reach_stripe():
    ada = Portal().signed_in()

    assert "https://js.stripe.com" in ada.get("/billing/pay").headers["content-security-policy"]
    assert "stripe" not in ada.get("/billing/").headers["content-security-policy"]


def test_an_error_that_escapes_is_a_plain_page_with_a_reference_and_a_line_in_the_log(caplog):
    answer = Portal().signed_in().get("/billing/boom")

    assert answer.status_code == 500
    assert "disk" not in answer.text
    reference = answer.headers["x-request-id"]
    assert f"request {reference}: RuntimeError escaped the portal" in caplog.text
    assert "sk_live_abcdef" not in caplog.text


async def test_an_error_before_any_answer_becomes_the_page_of_last_resort():
    async def broken(scope, receive, send):
        raise ValueError

    sent = []

    async def send(message):
        sent.append(message)

    await SecurityHeaders(broken, make_config())(http_scope(), no_body, send)

    assert sent[0]["status"] == 500
    assert b"Reference: " in sent[1]["body"]
    assert dict(sent[0]["headers"])[b"x-request-id"] in sent[1]["body"]


async def test_an_error_in_the_middle_of_an_answer_breaks_the_connection():
    async def half(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ValueError("half")

    async def send(message):
        pass

    with pytest.raises(ValueError, match="half"):
        await SecurityHeaders(half, make_config())(http_scope(), no_body, send)


def test_a_body_over_64_kib_is_refused_when_it_says_so():
    portal = Portal()
    answer = portal.signed_in().post("/billing/write", content=b"a" * (64 * 1024 + 1), headers=same_origin())

    assert (answer.status_code, portal.writes) == (413, [])


def test_a_body_over_64_kib_is_refused_when_it_comes_in_pieces():
    portal = Portal()
    headers = same_origin(**{"content-type": "application/x-www-form-urlencoded"})
    answer = portal.signed_in().post("/billing/write", content=(b"a" * 1000 for _ in range(70)), headers=headers)

    assert (answer.status_code, answer.text, portal.writes) == (413, "TooLarge", [])


@pytest.mark.parametrize("length", [b"-1", b"abc", b"1e3", b"", b"99999999999999999999", "٣".encode()])
async def test_a_nonsense_length_is_refused(length):
    answer = await status_of(http_scope(headers=[(b"content-length", length)]), no_body)

    assert answer == 413


async def test_a_body_longer_than_it_said_is_refused():
    async def lying():
        return {"type": "http.request", "body": b"a" * 40_000, "more_body": True}

    assert await status_of(http_scope(headers=[(b"content-length", b"5")]), lying) == 413


def test_a_portal_mounted_elsewhere_than_its_settings_say_serves_nothing(caplog):
    portal = Portal()
    host = Starlette(routes=[Mount("/elsewhere", app=portal.app)])
    answer = portal.browser(host=host).get("/elsewhere/")

    assert answer.status_code == 500
    assert "is set up for https://app.example.com/billing but is mounted at /elsewhere" in answer.text
    assert "PORTAL_BASE_URL" in caplog.text


def test_a_portal_reached_past_its_mount_serves_nothing():
    portal = Portal()
    link = portal.link().replace("/billing/enter", "/enter")

    answer = portal.browser(host=portal.app).get(link)
    assert answer.status_code == 500
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("path", "root_path"),
    [
        ("/app/billing/embed.js", "/app"),  # what uvicorn makes of --root-path
        ("/billing/embed.js", "/app"),  # a proxy that cuts the prefix off, and FastAPI(root_path="/app")
    ],
)
def test_an_app_below_a_prefix_of_its_own_is_no_other_place(path, root_path):
    portal = Portal(base_url="https://app.example.com/app/billing")
    host = _rooted(Starlette(routes=[Mount("/billing", app=portal.app)]), root_path)
    answer = portal.browser(host=host).get(path)

    assert (answer.status_code, answer.text) == (200, "body{}")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize(("path", "root_path"), [("/billing/embed.js", "/billing/"), ("/embed.js", "/billing")])
def test_a_dispatch_by_hand_may_write_the_root_with_a_slash_or_cut_it_off_the_path(path, root_path):
    portal = Portal()
    answer = portal.browser(host=_rooted(portal.app, root_path)).get(path)

    assert (answer.status_code, answer.text) == (200, "body{}")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize("name", ["host", "x-forwarded-host", "x-forwarded-prefix", "x-forwarded-proto"])
def test_poisoned_headers_change_no_address(name):
    portal = Portal()
    answer = portal.browser().get(portal.link(), headers={name: "evil.example"})

    assert answer.headers["location"] == ORIGIN + "/billing/"
    assert "evil" not in str(answer.headers)


async def test_websockets_are_closed():
    sent = []

    async def send(message):
        sent.append(message)

    await SecurityHeaders(None, make_config())({"type": "websocket"}, no_body, send)

    assert sent == [{"type": "websocket.close", "code": 1000}]


def test_the_package_logs_through_one_logger():
    assert [f for f in logging.getLogger("portal_embed").filters if type(f).__name__ == "Redaction"]


def _rooted(app, root_path):
    """`app`, told by whoever calls it that it stands at `root_path`."""

    async def rooted(scope, receive, send):
        await app({**scope, "root_path": root_path}, receive, send)

    return rooted


def http_scope(headers=()):
    return {
        "type": "http",
        "method": "POST",
        "path": "/billing/",
        "root_path": "/billing",
        "headers": list(headers),
    }


async def no_body():
    return {"type": "http.request", "body": b""}


async def status_of(scope, receive) -> int:
    """What a portal that reads the whole body answers."""
    sent = []

    async def send(message):
        sent.append(message)

    async def reader(scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    await SecurityHeaders(reader, make_config())(scope, receive, send)
    return sent[0]["status"]
