"""Each request is somebody's, or nobody's; there is no in-between."""

import threading

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from portal_embed.access.cookies import cookie_name
from portal_embed.config import Identity
from portal_embed.errors import StoreUnavailable
from portal_embed.store import MemoryStore
from tests.access.portal import ADA, MALLORY, ORIGIN, Clock, Portal, same_origin, session_cookies

FORM = {"content-type": "application/x-www-form-urlencoded"}


def home(browser, **headers):
    return browser.get("/billing/", headers=headers)


def test_without_a_cookie_nobody_is_signed_in():
    answer = home(Portal().browser())

    assert answer.status_code == 401
    assert session_cookies(answer) == []


@pytest.mark.parametrize("value", ["garbage", "a" * 5000, "ä", "", "a.b.c", '"quoted"', "%00"])
def test_a_cookie_we_did_not_make_is_nobody(value):
    portal = Portal()
    answer = home(portal.browser(), cookie=f"{cookie_name(portal.config)}={value}".encode())

    assert answer.status_code == 401


def test_a_cookie_next_to_another_of_its_name_is_nobody():
    portal = Portal()
    ada = portal.signed_in()
    name = cookie_name(portal.config)
    cookie = f"{name}={ada.cookies[name]}"

    assert home(portal.browser(), cookie=cookie).status_code == 200
    assert home(portal.browser(), cookie=f"{cookie}; {name}=planted").status_code == 401
    assert home(portal.browser(), cookie=f"{cookie}; {cookie_name(portal.config, framed=True)}=x").status_code == 401


def test_a_cookie_put_into_the_other_jar_is_nobody():
    portal = Portal()
    ada = portal.signed_in()
    moved = f"{cookie_name(portal.config, framed=True)}={ada.cookies[cookie_name(portal.config)]}"

    assert home(portal.browser(), cookie=moved).status_code == 401


def test_the_cookie_is_written_again_once_a_minute():
    portal = Portal()
    ada = portal.signed_in()
    assert session_cookies(home(ada)) == []
    portal.clock.move(61)

    assert len(session_cookies(home(ada))) == 1
    assert session_cookies(home(ada)) == []


def test_who_keeps_clicking_stays_until_four_hours_have_passed():
    portal = Portal()
    ada = portal.signed_in()
    for _ in range(23):
        portal.clock.move(10 * 60)
        assert home(ada).status_code == 200
    portal.clock.move(10 * 60)

    assert home(ada).status_code == 401


def test_who_rests_for_fifteen_minutes_is_signed_out():
    portal = Portal()
    ada = portal.signed_in()
    portal.clock.move(15 * 60 + 1)

    assert home(ada).status_code == 401


def test_ending_a_customers_sessions_reaches_the_very_next_request():
    portal = Portal()
    ada, mallory = portal.signed_in(), portal.signed_in(MALLORY)
    portal.clock.move(1)
    portal.sessions.end_all(customer=ADA)

    assert (home(ada).status_code, home(mallory).status_code) == (401, 200)


def test_ending_a_host_session_reaches_the_very_next_request():
    portal = Portal()
    ada = portal.signed_in(host_session="h1")
    portal.clock.move(1)
    portal.sessions.end_all(host_session="h1")

    assert home(ada).status_code == 401


def test_logging_out_is_a_form_and_removes_the_cookie():
    portal = Portal()
    ada = portal.signed_in()
    kept = ada.cookies[cookie_name(portal.config)]
    portal.clock.move(61)  # the guard would write the cookie again; the page's word wins
    assert ada.get("/billing/logout").status_code == 405
    assert home(ada).status_code == 200
    portal.clock.move(61)
    answer = ada.post("/billing/logout", headers=same_origin(**FORM))

    (line,) = session_cookies(answer)
    assert "Max-Age=0" in line
    assert home(portal.browser(), cookie=f"{cookie_name(portal.config)}={kept}").status_code == 401


def test_two_customers_never_see_each_other():
    portal = Portal()
    ada, mallory = portal.signed_in(), portal.signed_in(MALLORY)

    for _ in range(50):
        assert (home(ada).json()["customer"], home(mallory).json()["customer"]) == (ADA, MALLORY)


def test_while_the_store_is_down_nothing_is_served():
    class DownStore(MemoryStore):
        down = False

        async def get_many(self, keys):
            if self.down:
                raise StoreUnavailable
            return await super().get_many(keys)

    portal = Portal(store=DownStore(clock=Clock()))
    ada = portal.signed_in()
    portal.store.down = True

    assert home(ada).status_code == 503
    assert ada.get("/billing/static/0123456789abcdef/app.css").status_code == 200


def test_on_plain_http_on_this_machine_a_session_works_without_secure():
    portal = Portal(base_url="http://localhost:8000/billing")
    browser = portal.browser()
    answer = browser.get(portal.link())

    assert "secure" not in answer.headers["set-cookie"].lower()
    assert home(browser).status_code == 200


class Host:
    """A host that says who is signed in."""

    def __init__(self) -> None:
        self.answer = Identity(customer=ADA, host_session="h1")
        self.threads = set()

    def __call__(self, request):
        self.threads.add(threading.get_ident())
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def portal_of(host, **changes):
    portal = Portal(identity=host, **changes)
    return portal, portal.browser()


def test_the_host_says_who_it_is_and_no_link_is_needed():
    _, browser = portal_of(Host())
    first, second = home(browser), home(browser)

    assert (first.status_code, first.json()["customer"]) == (200, ADA)
    assert first.json()["sid"] == second.json()["sid"]


async def test_an_async_callable_will_do():
    async def identity(request):
        return Identity(customer=ADA)

    _, browser = portal_of(identity)
    assert home(browser).json()["customer"] == ADA


def test_a_sync_callable_does_not_block_the_event_loop():
    host = Host()
    portal, _ = portal_of(host)
    seen = []

    async def app(scope, receive, send):
        seen.append(threading.get_ident())
        await portal.app(scope, receive, send)

    home(portal.browser(host=Starlette(routes=[Mount("/billing", app=app)])))

    assert not host.threads & set(seen)


def test_the_callable_sees_the_hosts_request():
    def identity(request):
        return Identity(customer=ADA) if request.cookies.get("host") == "signed-in" else None

    _, browser = portal_of(identity)

    assert home(browser).status_code == 401
    assert home(browser, cookie="host=signed-in").status_code == 200


def test_when_the_host_says_nobody_it_is_nobody_whatever_the_cookie_says():
    host = Host()
    _, browser = portal_of(host)
    home(browser)
    host.answer = None

    assert home(browser).status_code == 401


@pytest.mark.parametrize(
    "answer", [RuntimeError("database down"), ADA, {"customer": ADA}, Identity(customer="Ada"), Identity(customer=None)]
)
def test_when_the_host_fails_nothing_is_served(answer, caplog):
    host = Host()
    _, browser = portal_of(host)
    home(browser)
    host.answer = answer

    assert home(browser).status_code == 503


@pytest.mark.parametrize(
    "changed",
    [
        Identity(customer=MALLORY, host_session="h1"),
        Identity(customer=ADA, host_session="h2"),
        Identity(customer=ADA, host_session="h1", actor="Grace"),
        Identity(customer=ADA, host_session="h1", scopes="view"),
        Identity(customer=ADA, host_session="h1", stripe_account="acct_123456"),
    ],
)
def test_when_the_identity_changes_the_session_ends_and_a_new_one_begins(changed):
    host = Host()
    portal, browser = portal_of(host)
    before, old_cookie = home(browser).json(), browser.cookies[cookie_name(portal.config)]
    host.answer = changed
    after = home(browser).json()

    assert (after["customer"], after["sid"] != before["sid"]) == (changed.customer, True)
    host.answer = Identity(customer=ADA, host_session="h1")
    assert home(portal.browser(), cookie=f"{cookie_name(portal.config)}={old_cookie}").json()["sid"] != before["sid"]


def test_a_form_filled_in_by_the_one_before_is_refused():
    host = Host()
    portal, browser = portal_of(host)
    csrf = home(browser).json()["csrf"]
    host.answer = Identity(customer=MALLORY)
    answer = browser.post("/billing/write", content=f"_csrf={csrf}", headers=same_origin(**FORM))

    assert (answer.status_code, portal.writes) == (403, [])


def test_forms_work_with_an_identity():
    portal, browser = portal_of(Host())
    csrf = home(browser).json()["csrf"]

    assert browser.post("/billing/write", content=f"_csrf={csrf}", headers=same_origin(**FORM)).status_code == 200
    assert portal.writes == [ADA]


def test_headers_that_name_a_customer_are_not_read():
    _, browser = portal_of(Host())
    headers = {"x-customer": MALLORY, "x-user": MALLORY, "stripe-account": "acct_mallory", "origin": ORIGIN}

    assert home(browser, **headers).json()["customer"] == ADA


def test_a_link_for_another_customer_does_not_beat_the_hosts_word():
    portal, browser = portal_of(Host())
    browser.get(portal.link(MALLORY))

    assert home(browser).json()["customer"] == ADA
