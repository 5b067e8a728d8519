"""A link lets one browser in, once."""

import asyncio

import pytest

from portal_embed.access.cookies import cookie_name
from portal_embed.access.entrance import Known
from portal_embed.errors import LinkRefused, StoreUnavailable
from portal_embed.store import MemoryStore
from tests.access.portal import ADA, MALLORY, ORIGIN, Clock, Portal, session_cookies

HOST = "https://www.example.com"
FORM = {"content-type": "application/x-www-form-urlencoded"}
TOP_LEVEL_POST = {
    "origin": HOST,
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
}


@pytest.fixture
def portal():
    return Portal(embed_origins=(HOST,))


def post(browser, token, **headers):
    return browser.post("/billing/session", content=f"token={token}", headers={**FORM, **headers})


def who(browser) -> str | None:
    answer = browser.get("/billing/")
    return answer.json()["customer"] if answer.status_code == 200 else None


def test_a_link_leads_in_to_a_clean_address(portal):
    browser = portal.browser()
    answer = browser.get(portal.link())

    assert (answer.status_code, answer.headers["location"]) == (303, ORIGIN + "/billing/")
    assert who(browser) == ADA


def test_a_used_link_lets_nobody_else_in(portal):
    link, stranger = portal.link(), portal.browser()
    assert portal.browser().get(link).status_code == 303
    answer = stranger.get(link)

    assert (answer.status_code, answer.text) == (400, "link expired")
    assert session_cookies(answer) == []
    assert who(stranger) is None


def test_the_browser_it_let_in_may_use_it_again(portal):
    link, browser = portal.link(), portal.browser()
    first = browser.get(link)
    portal.clock.move(600)  # long after the link itself expired
    again = browser.get(link)

    assert (first.headers["x-again"], again.status_code, again.headers["x-again"]) == ("False", 303, "True")
    assert who(browser) == ADA


def test_after_logging_out_the_old_link_does_not_lead_in_again(portal):
    link, browser = portal.link(), portal.browser()
    browser.get(link)
    browser.post("/billing/logout", headers={**FORM, "origin": ORIGIN, "sec-fetch-site": "same-origin"})

    assert browser.get(link).status_code == 400
    assert who(browser) is None


async def test_of_fifty_at_once_exactly_one_gets_in(portal):
    token = portal.token()
    scope = {"method": "GET", "headers": [], "client": ("192.0.2.1", 1)}
    results = await asyncio.gather(*(portal.entrance.by_link(scope, token) for _ in range(50)), return_exceptions=True)

    assert sum(not isinstance(result, Exception) for result in results) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x-moz": "prefetch"},
        {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
        {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
        {"sec-fetch-mode": "navigate", "sec-fetch-dest": "object"},
    ],
)
def test_what_is_no_navigation_does_not_use_the_link_up(portal, headers):
    link, browser = portal.link(), portal.browser()
    refused = browser.get(link, headers=headers)

    assert (refused.status_code, session_cookies(refused)) == (400, [])
    assert browser.get(link).status_code == 303


def test_a_head_request_does_not_use_the_link_up(portal):
    link, browser = portal.link(), portal.browser()

    assert browser.head(link).status_code == 400
    assert browser.get(link).status_code == 303


def test_an_expired_link_is_refused(portal):
    link = portal.link()
    portal.clock.move(311)

    assert portal.browser().get(link).status_code == 400


def test_an_expired_link_is_refused_to_who_came_in_by_another_one(portal):
    link, browser = portal.link(ADA), portal.signed_in(MALLORY)
    portal.clock.move(311)

    assert browser.get(link).status_code == 400
    assert who(browser) == MALLORY


def test_a_link_is_refused_once_the_host_has_ended_the_customers_sessions(portal):
    link = portal.link()
    portal.clock.move(1)
    portal.sessions.end_all(customer=ADA)

    assert portal.browser().get(link).status_code == 400


def test_another_customers_session_is_replaced_and_the_page_is_told(portal):
    browser = portal.signed_in(MALLORY)
    old = browser.cookies[cookie_name(portal.config)]
    answer = browser.get(portal.link(ADA))

    assert (answer.headers["x-replaced"], who(browser)) == ("True", ADA)
    stale = portal.browser()
    stale.cookies.set(cookie_name(portal.config), old)
    assert who(stale) is None


def test_a_new_link_of_the_same_customer_replaces_quietly_and_ends_the_old_session(portal):
    browser = portal.signed_in()
    old = browser.cookies[cookie_name(portal.config)]
    answer = browser.get(portal.link())

    assert answer.headers["x-replaced"] == "False"
    stale = portal.browser()
    stale.cookies.set(cookie_name(portal.config), old)
    assert who(stale) is None


def test_a_link_for_a_customer_stripe_no_longer_knows_is_refused_and_not_used_up():
    deleted = {ADA}

    async def confirm(handover):
        if handover.customer in deleted:
            raise LinkRefused("customer")
        return Known(handover.customer)

    portal = Portal(confirm=confirm)
    link, browser = portal.link(), portal.browser()
    assert browser.get(link).status_code == 400
    deleted.clear()
    assert browser.get(link).status_code == 303


@pytest.mark.feature(18)
class TestACustomerThatIsAnAccount:
    """`customer_account`: Stripe says which customer it is; the host may end the session by either name."""

    ACCOUNT = "acct_1AdaLovelace"

    @pytest.fixture
    def portal(self):
        async def confirm(handover):
            assert handover.customer == self.ACCOUNT
            return Known(ADA, "de")

        return Portal(confirm=confirm)

    def test_the_session_is_the_customer_s(self, portal):
        browser = portal.browser()
        assert browser.get(portal.link(None, customer_account=self.ACCOUNT)).status_code == 303
        assert who(browser) == ADA

    @pytest.mark.parametrize("name", [ADA, ACCOUNT])
    def test_either_name_ends_it(self, portal, name):
        browser = portal.browser()
        browser.get(portal.link(None, customer_account=self.ACCOUNT))
        portal.sessions.end_all(customer=name)
        assert who(browser) is None

    @pytest.mark.parametrize("name", [ADA, ACCOUNT])
    def test_either_name_ends_an_unused_link(self, portal, name):
        link = portal.link(None, customer_account=self.ACCOUNT)
        portal.sessions.end_all(customer=name)
        assert portal.browser().get(link).status_code == 400


def test_a_broken_link_is_refused_like_every_other(portal):
    pages = {
        portal.browser().get(f"/billing/enter{query}").text for query in ("", "?token=", "?token=x", "?token=%ff%00")
    }

    assert pages == {"link expired"}


def test_without_the_store_nobody_gets_in():
    class DownStore(MemoryStore):
        async def add_once(self, key, ttl):
            raise StoreUnavailable

    portal = Portal(store=DownStore(clock=Clock()))
    answer = portal.browser().get(portal.link())

    assert (answer.status_code, session_cookies(answer)) == (503, [])


def test_a_form_of_the_hosts_page_leads_in(portal):
    browser = portal.browser()

    assert post(browser, portal.token(), **TOP_LEVEL_POST).status_code == 303
    assert who(browser) == ADA


def test_a_form_of_the_host_the_portal_is_mounted_in_leads_in(portal):
    assert post(portal.browser(), portal.token(), origin=ORIGIN).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": HOST + ".evil.example"},
        {"origin": HOST.replace("https", "http")},
        {"origin": HOST + ":8443"},
        {"origin": HOST, "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
    ],
)
def test_a_form_from_anywhere_else_is_refused_and_uses_nothing_up(portal, headers):
    token, browser = portal.token(), portal.browser()
    refused = post(browser, token, **headers)

    assert (refused.status_code, session_cookies(refused)) == (400, [])
    assert post(browser, token, **TOP_LEVEL_POST).status_code == 303


def test_a_token_made_for_one_page_is_refused_from_another():
    portal = Portal(embed_origins=(HOST, "https://shop.example.com"))
    token = portal.token(embed_origin="https://shop.example.com")

    assert post(portal.browser(), token, **TOP_LEVEL_POST).status_code == 400
    assert post(portal.browser(), token, origin="https://shop.example.com").status_code == 303


def test_in_a_cross_site_frame_the_cookie_is_partitioned(portal):
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
    answer = portal.browser().get(portal.link(), headers=headers)

    (line,) = session_cookies(answer)
    assert line.startswith("__Host-pex_")
    assert line.endswith("Path=/; Secure; HttpOnly; SameSite=None; Partitioned")


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "same-site", "sec-fetch-dest": "iframe"}])
def test_everywhere_else_it_is_lax(portal, headers):
    (line,) = session_cookies(portal.browser().get(portal.link(), headers=headers))

    assert line.endswith("Path=/; Secure; HttpOnly; SameSite=Lax")
