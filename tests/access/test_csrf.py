"""Only a form from our own page counts."""

import pytest

from portal_embed.access import Sessions, check_csrf_token, csrf_token, tokens
from portal_embed.errors import FormRefused
from tests.access.portal import ADA, MALLORY, NEW_KEY, OLD_KEY, ORIGIN, Portal, make_config, same_origin

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def portal():
    return Portal()


def post(portal, browser, headers, *, csrf=None, body=None):
    csrf = browser.get("/billing/").json()["csrf"] if csrf is None else csrf
    content = f"_csrf={csrf}" if body is None else body
    return browser.post("/billing/write", content=content, headers={**FORM, **headers})


def test_a_form_of_our_own_page_is_accepted(portal):
    assert post(portal, portal.signed_in(), same_origin()).status_code == 200
    assert portal.writes == [ADA]


def test_an_old_browser_without_fetch_metadata_is_accepted_by_origin(portal):
    assert post(portal, portal.signed_in(), {"origin": ORIGIN}).status_code == 200


def test_without_either_header_a_referer_of_ours_will_do(portal):
    assert post(portal, portal.signed_in(), {"referer": ORIGIN + "/billing/"}).status_code == 200


@pytest.mark.parametrize("csrf", ["", "wrong", "a" * 43, "ä" * 43])
def test_without_the_right_form_token_nothing_happens(portal, csrf):
    assert post(portal, portal.signed_in(), same_origin(), csrf=csrf).status_code == 403
    assert portal.writes == []


def test_without_any_form_token_nothing_happens(portal):
    assert post(portal, portal.signed_in(), same_origin(), body="x=1").status_code == 403
    assert portal.writes == []


def test_the_form_token_of_another_session_does_not_count(portal):
    mallorys = portal.signed_in(MALLORY).get("/billing/").json()["csrf"]

    assert post(portal, portal.signed_in(), same_origin(), csrf=mallorys).status_code == 403
    assert portal.writes == []


@pytest.mark.parametrize(
    "site", ["cross-site", "same-site", "none", "SAME-ORIGIN", "future-value", "", "same-origin, same-origin"]
)
def test_a_form_from_elsewhere_is_refused_by_fetch_metadata(portal, site):
    assert post(portal, portal.signed_in(), same_origin(**{"sec-fetch-site": site})).status_code == 403
    assert portal.writes == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://sub.app.example.com"},
        {"origin": "https://app.example.com.evil.example"},
        {"origin": "http://app.example.com"},
        {"origin": "https://app.example.com:8443"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": "https://evil.example", "referer": ORIGIN + "/"},
        {"referer": "https://evil.example/" + ORIGIN},
        {"referer": "https://app.example.com@evil.example/"},
        {"referer": "nonsense"},
        {"host": "evil.example", "origin": "https://evil.example"},
        {"x-forwarded-host": "evil.example", "origin": "https://evil.example"},
    ],
)
def test_a_form_from_elsewhere_is_refused_by_origin(portal, headers):
    assert post(portal, portal.signed_in(), headers).status_code == 403
    assert portal.writes == []


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "application/x-www-form-urlencodedx"])
def test_a_body_that_is_no_form_is_refused(portal, content_type):
    answer = post(portal, portal.signed_in(), same_origin(**{"content-type": content_type}))

    assert answer.status_code == 415
    assert portal.writes == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "NONSENSE"])
def test_other_methods_than_get_and_post_do_not_exist(portal, method):
    answer = portal.signed_in().request(method, "/billing/write", headers=same_origin())

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert portal.writes == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_the_address_of_a_form_changes_nothing(portal, method):
    assert portal.signed_in().request(method, "/billing/write?_method=POST").status_code == 405
    assert portal.writes == []


def test_a_form_token_survives_key_rotation():
    old, both, new = (make_config(secret_keys=ring) for ring in [(OLD_KEY,), (OLD_KEY, NEW_KEY), (NEW_KEY,)])
    portal = Portal()
    session = portal.sessions.open(tokens.verify(portal.config, portal.token(), portal.clock()))
    token = csrf_token(old, session)

    check_csrf_token(both, session, token)
    with pytest.raises(FormRefused):
        check_csrf_token(new, session, token)


def test_a_form_token_is_not_the_session_id():
    portal = Portal()
    session = portal.sessions.open(tokens.verify(portal.config, portal.token(), portal.clock()))

    assert isinstance(portal.sessions, Sessions)
    assert session.sid not in csrf_token(portal.config, session)
