"""What a frame of another site may do, and what nobody else may: as requests, without a browser."""

from __future__ import annotations

import re

import httpx
import pytest

from portal_embed import Identity, Theme
from tests.serving import hosting

pytestmark = pytest.mark.feature(2)

SHOP = "https://shop.example.com"
IN_FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site", "Origin": SHOP}


@pytest.fixture
def host(world):
    with hosting(world, embed_origins=(SHOP, "https://second.example.com")) as served:
        yield served


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")


@pytest.fixture
def client(host):
    with httpx.Client(base_url=host.origin + host.path, timeout=30) as made:
        yield made


def token_of(host, customer, **arguments):
    return host.link(customer, **arguments).partition("token=")[2]


def hand_over(client, host, customer, *, headers=IN_FRAME, arguments=None, **fields):
    return client.post(
        "/session", data={"token": token_of(host, customer, **(arguments or {})), **fields}, headers=headers
    )


def own(host, **more):
    return {"Origin": host.origin, "Sec-Fetch-Site": "same-origin", **more}


def first_form(html):
    """The hidden fields of the page's first form."""
    form = re.search(r'<form class="form"(.*?)</form>', html, re.DOTALL)[1]
    return dict(re.findall(r'<input type="hidden" name="(_\w+)" value="([^"]+)"', form))


def carried(client, host, customer):
    """The session that the first page of a cookieless frame carries."""
    page = hand_over(client, host, customer, cookieless="1")
    return page, re.search(r'data-session="([^"]+)"', page.text)[1]


class TestArriving:
    def test_the_frame_gets_a_partitioned_cookie_and_a_clean_address(self, client, host, ada):
        answer = hand_over(client, host, ada["customer"])
        assert (answer.status_code, answer.headers["location"]) == (303, f"{host.path}/")
        assert answer.headers["set-cookie"].startswith("__Host-pex_")
        assert answer.headers["set-cookie"].endswith("; Secure; HttpOnly; SameSite=None; Partitioned")

    def test_who_posted_it_is_who_may_frame_it_and_nobody_else(self, client, host, ada):
        cookie = hand_over(client, host, ada["customer"]).headers["set-cookie"].partition(";")[0]
        policy = client.get("/", headers={"Cookie": cookie}).headers["content-security-policy"]
        assert f"frame-ancestors {SHOP};" in policy + ";"

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://shop.example.com.evil.example"])
    def test_not_from_an_origin_that_is_not_listed(self, client, host, ada, origin):
        answer = hand_over(client, host, ada["customer"], headers={**IN_FRAME, "Origin": origin})
        assert answer.status_code == 400
        assert "set-cookie" not in answer.headers

    def test_a_token_for_one_page_is_none_for_another(self, client, host, ada):
        answer = hand_over(client, host, ada["customer"], arguments={"embed_origin": "https://second.example.com"})
        assert answer.status_code == 400

    @pytest.mark.parametrize(("view", "path"), [("plan", "/plan"), ("details", "/details"), ("//evil", "/"), ("", "/")])
    def test_it_leads_to_the_view_that_was_asked_for(self, client, host, ada, view, path):
        assert hand_over(client, host, ada["customer"], view=view).headers["location"] == host.path + path

    @pytest.mark.parametrize("life", ["past_due", "canceling", "incomplete"])
    def test_a_plan_that_cannot_be_changed_is_shown_with_the_reason(self, life, visit, world):
        someone = world.live(life)
        page = visit(someone["customer"]).get("/plan")
        assert (page.status, page.title.startswith("Overview")) == (200, True)
        assert re.search("Keep your plan first|Pay the open invoice first", page.text)

    def test_the_plan_of_who_has_several_is_chosen_on_the_overview(self, visit, world, books, ada):
        assert "Change plan" in visit(ada["customer"]).get("/plan").title
        books.api.subscriptions.create(
            {"customer": ada["customer"], "items": [{"price": ada["prices"]["starter_monthly"]}]}
        )
        assert "Overview" in visit(ada["customer"]).get("/plan").title
        assert "Overview" in visit(ada["customer"], scopes="view").get("/plan").title


class TestWhatStandsAround:
    """The host's own page has its name, the way back and the way out already."""

    def page(self, client, host, ada, **arguments):
        cookie = hand_over(client, host, ada["customer"], arguments=arguments).headers["set-cookie"].partition(";")[0]
        return client.get("/", headers={"Cookie": cookie}).text

    def test_it_is_not_said_twice(self, client, host, ada):
        html = self.page(client, host, ada)
        assert "Back to Acme" not in html
        assert "Sign out of billing" not in html
        assert "header__name" not in html

    def test_but_a_way_back_that_was_asked_for_is_there(self, client, host, ada):
        assert 'href="/special"' in self.page(client, host, ada, return_url="/special")

    def test_nor_is_a_form_that_opens_the_portal_in_a_tab_of_its_own_a_frame(self, client, host, ada):
        in_a_tab = {**IN_FRAME, "Sec-Fetch-Dest": "document"}
        line = hand_over(client, host, ada["customer"], headers=in_a_tab).headers["set-cookie"]
        assert "Partitioned" not in line
        html = client.get("/", headers={"Cookie": line.partition(";")[0]}).text
        assert "Back to Acme" in html
        assert "Sign out of billing" in html


class TestLanguageAndLight:
    def look(self, client, host, ada, **fields):
        cookie = hand_over(client, host, ada["customer"], **fields).headers["set-cookie"].partition(";")[0]
        return cookie, client.get("/details", headers={"Cookie": cookie}).text

    def test_as_the_page_around_it_asks(self, client, host, ada):
        _, html = self.look(client, host, ada, locale="de", theme="dark")
        assert '<meta name="color-scheme" content="dark">' in html
        assert f"{host.path}/theme.css?scheme=dark" in html
        css = client.get("/theme.css?scheme=dark").text
        assert "color-scheme: dark;" in css

    def test_it_stays_so_when_the_session_is_renewed(self, client, host, ada):
        cookie, _ = self.look(client, host, ada, theme="dark")
        fresh = TestGoingOn().post(client, host, ada["customer"], Cookie=cookie).headers["set-cookie"].partition(";")[0]
        assert 'content="dark"' in client.get("/", headers={"Cookie": fresh}).text

    @pytest.mark.parametrize("fields", [{}, {"locale": "klingon", "theme": "neon"}, {"theme": '"><script>'}])
    def test_what_is_no_language_and_no_light_changes_nothing(self, client, host, ada, fields):
        _, html = self.look(client, host, ada, **fields)
        assert '<meta name="color-scheme" content="light dark">' in html
        assert "theme.css" not in html

    def test_a_language_is_that_of_dates_and_sums(self, client, host, ada):
        cookie, _ = self.look(client, host, ada, locale="de")
        assert "29,00" in client.get("/invoices", headers={"Cookie": cookie}).text

    def test_a_host_that_has_decided_is_not_asked(self, world, ada):
        with (
            hosting(world, embed_origins=(SHOP,), theme=Theme(scheme="light")) as light,
            httpx.Client(base_url=light.origin + light.path, timeout=30) as client,
        ):
            _, html = self.look(client, light, ada, theme="dark")
            assert '<meta name="color-scheme" content="light">' in html
            assert "color-scheme: light;" in client.get("/theme.css?scheme=dark").text


class TestGoingOn:
    """A fresh token that the frame's own script hands in."""

    def post(self, client, host, customer, **headers):
        by_script = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
        return hand_over(client, host, customer, headers={**own(host), **by_script, **headers})

    def test_it_goes_into_the_jar_of_the_session_that_was(self, client, host, ada):
        cookie = hand_over(client, host, ada["customer"]).headers["set-cookie"].partition(";")[0]
        answer = self.post(client, host, ada["customer"], Cookie=cookie)
        assert answer.status_code == 204
        assert answer.headers["set-cookie"].endswith("SameSite=None; Partitioned")

    def test_and_stays_with_who_framed_it(self, client, host, ada):
        cookie = hand_over(client, host, ada["customer"]).headers["set-cookie"].partition(";")[0]
        fresh = self.post(client, host, ada["customer"], Cookie=cookie).headers["set-cookie"].partition(";")[0]
        policy = client.get("/", headers={"Cookie": fresh}).headers["content-security-policy"]
        assert f"frame-ancestors {SHOP};" in policy + ";"
        elsewhere = token_of(host, ada["customer"], embed_origin="https://second.example.com")
        headers = {**own(host), "Sec-Fetch-Mode": "cors", "Cookie": cookie}
        assert client.post("/session", data={"token": elsewhere}, headers=headers).status_code == 400

    def test_not_without_any(self, client, host, ada):
        assert self.post(client, host, ada["customer"]).status_code == 400

    def test_not_for_a_script_of_another_origin(self, client, host, ada):
        cookie = hand_over(client, host, ada["customer"]).headers["set-cookie"].partition(";")[0]
        answer = self.post(client, host, ada["customer"], Cookie=cookie, Origin=SHOP)
        assert answer.status_code == 400
        assert "set-cookie" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers


class TestWithoutCookies:
    def test_the_page_is_the_answer_and_no_cookie_is_set(self, client, host, ada):
        page, _ = carried(client, host, ada["customer"])
        assert page.status_code == 200
        assert "Billing for Ada Lovelace" in page.text
        assert "set-cookie" not in page.headers
        assert page.headers["cache-control"] == "no-store"
        assert f"frame-ancestors {SHOP};" in page.headers["content-security-policy"] + ";"

    def test_a_header_or_a_field_carries_it_and_no_address_holds_it(self, client, host, ada):
        page, session = carried(client, host, ada["customer"])
        assert client.get("/invoices", headers={"X-Portal-Session": session}).status_code == 200
        in_frame = own(host, **{"Sec-Fetch-Dest": "iframe"})
        answer = client.post("/visit", data={"_session": session, "to": f"{host.path}/invoices"}, headers=in_frame)
        assert answer.status_code == 200
        assert "<h1" in answer.text
        assert "Invoices" in answer.text
        assert f'data-at="{host.path}/invoices"' in answer.text
        assert not re.search(rf'(?:href|action|src)="[^"]*{re.escape(session[:40])}', page.text + answer.text)

    def test_a_form_s_deed_is_done_and_its_page_is_the_answer(self, client, host, ada, books):
        _, session = carried(client, host, ada["customer"])
        form = client.get("/details/contact", headers={"X-Portal-Session": session}).text
        fields = first_form(form)
        assert set(fields) == {"_csrf", "_op", "_session"}
        in_frame = own(host, **{"Sec-Fetch-Dest": "iframe"})
        answer = client.post("/details/contact", data={**fields, "name": "Ada King"}, headers=in_frame)
        assert answer.status_code == 200
        assert "Ada King" in answer.text
        assert books.api.customers.retrieve(ada["customer"]).name == "Ada King"

    def test_by_htmx_the_address_is_pushed(self, client, host, ada):
        _, session = carried(client, host, ada["customer"])
        hx = {"X-Portal-Session": session, "HX-Request": "true", "HX-Boosted": "true"}
        form = client.get("/details/contact", headers=hx).text
        fields = first_form(form)
        answer = client.post("/details/contact", data={**fields, "name": "A"}, headers={**own(host), **hx})
        assert answer.status_code == 200
        assert answer.headers["hx-push-url"].startswith(f"{host.path}/details?done=contact")

    def test_a_session_of_the_cookie_is_not_to_be_carried(self, client, host, ada):
        cookie = hand_over(client, host, ada["customer"]).headers["set-cookie"].partition(";")[0]
        value = cookie.partition("=")[2]
        assert client.get("/", headers={"X-Portal-Session": value}).status_code == 401
        in_frame = own(host, **{"Sec-Fetch-Dest": "iframe"})
        assert (
            client.post("/visit", data={"_session": value, "to": f"{host.path}/"}, headers=in_frame).status_code == 401
        )

    def test_nor_a_carried_one_to_be_a_cookie(self, client, host, ada):
        _, session = carried(client, host, ada["customer"])
        name = hand_over(client, host, ada["customer"]).headers["set-cookie"].partition("=")[0]
        assert client.get("/", headers={"Cookie": f"{name}={session}"}).status_code == 401

    def test_a_form_of_another_site_does_nothing_with_it(self, client, host, ada):
        _, session = carried(client, host, ada["customer"])
        answer = client.post("/visit", data={"_session": session, "to": f"{host.path}/"}, headers=IN_FRAME)
        assert answer.status_code == 403

    @pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/account", "/billing", "", "/h1x/"])
    def test_only_pages_of_ours_are_visited(self, client, host, ada, to):
        _, session = carried(client, host, ada["customer"])
        in_frame = own(host, **{"Sec-Fetch-Dest": "iframe"})
        answer = client.post("/visit", data={"_session": session, "to": to}, headers=in_frame)
        assert answer.status_code == 404

    def test_the_host_ends_it(self, client, host, ada):
        _, session = carried(client, host, ada["customer"])
        host.portal.end_sessions(customer=ada["customer"])
        assert client.get("/", headers={"X-Portal-Session": session}).status_code == 401

    @pytest.mark.parametrize("change", [{"Origin": "self"}, {"Sec-Fetch-Dest": "document"}])
    def test_only_a_page_that_may_frame_us_gets_one(self, client, host, ada, change):
        headers = {**IN_FRAME, **{name: host.origin if value == "self" else value for name, value in change.items()}}
        answer = hand_over(client, host, ada["customer"], headers=headers, cookieless="1")
        assert "data-session" not in answer.text
        assert answer.status_code == 303

    def test_nor_where_the_host_itself_says_who_is_there(self, world, ada):
        identity = Identity(customer=ada["customer"], scopes="view")
        with (
            hosting(world, embed_origins=(SHOP,), identity=lambda _: identity) as known,
            httpx.Client(base_url=known.origin + known.path, timeout=30) as client,
        ):
            answer = hand_over(client, known, ada["customer"], cookieless="1")
        assert "data-session" not in answer.text

    def test_it_is_renewed_by_a_fresh_token(self, client, host, ada):
        _, session = carried(client, host, ada["customer"])
        host.portal.end_sessions(customer=ada["customer"])
        by_script = {**own(host), "Sec-Fetch-Mode": "cors", "X-Portal-Session": session}
        answer = hand_over(client, host, ada["customer"], headers=by_script)
        fresh = answer.json()["session"]
        assert fresh != session
        assert client.get("/", headers={"X-Portal-Session": fresh}).status_code == 200
        assert client.get("/", headers={"X-Portal-Session": session}).status_code == 401
