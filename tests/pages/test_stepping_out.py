"""Out of a frame with one thing to do: what the token for it may, who gets one, and where it leads back to."""

from __future__ import annotations

import re
import time
from random import Random
from string import ascii_letters

import httpx
import pytest

from portal_embed import Configuration, Identity
from portal_embed.access import tokens
from tests.pages.test_frames import IN_FRAME, SHOP, carried, hand_over, own
from tests.serving import hosting

pytestmark = pytest.mark.feature(2)

PAGE = f"{SHOP}/account?tab=billing"
AT_TOP = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}
CUSTOMER = {"type": "payment_method_update"}


@pytest.fixture
def host(world):
    with hosting(
        world, embed_origins=(SHOP, "https://second.example.com"), configurations={"own": Configuration()}
    ) as served:
        yield served


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")


@pytest.fixture
def client(host):
    with httpx.Client(base_url=host.origin + host.path, timeout=30) as made:
        yield made


def framed(client, host, customer, *, host_page=PAGE, **arguments):
    """The cookie of a session in a frame, as a header."""
    answer = hand_over(client, host, customer, host_page=host_page, arguments=arguments)
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def proof(client, session, path="/payment-methods"):
    return {"_csrf": re.search(r'name="_csrf" value="([^"]+)"', client.get(path, headers=session).text)[1]}


def asked(client, host, session, *, path="/payment-methods", **headers):
    """The answer to the frame's script, which asks for a way out."""
    by_script = own(host, **{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"})
    data = proof(client, session, path)
    return client.post("/payment-methods/outside", data=data, headers={**by_script, **session, **headers})


def handed_over(client, host, session, **more):
    """What the token says."""
    token = asked(client, host, session, **more).json()["token"]
    return tokens.verify(host.portal.config, token, time.time())


def step_out(client, host, token):
    """The form at top level, posted in a browser that has nothing of the frame's."""
    client.cookies.clear()
    return client.post("/session", data={"token": token}, headers={**AT_TOP, "Origin": host.origin})


def top_session(answer):
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


class TestWhereItLeadsBack:
    def back(self, client, host, session, **more):
        after = handed_over(client, host, session, **more).flow.after_completion
        return after.type, after.return_url

    def test_to_the_page_around_the_frame(self, client, host, ada):
        assert self.back(client, host, framed(client, host, ada["customer"])) == ("redirect", PAGE)

    @pytest.mark.parametrize(
        "page",
        [
            *(
                "https://evil.example/",
                "https://shop.example.com.evil.example/",
                "https://shop.example.com@evil.example/",
            ),
            *(
                "https://second.example.com/",
                "//evil.example/",
                "/account/tricks",
                "javascript:alert(1)",
                "about:srcdoc",
            ),
            *(
                f"{SHOP}/\\evil.example",
                f"{SHOP}/%0d%0aLocation:x",
                f"{SHOP}/{'a' * 1100}",
                "",
                "http://shop.example.com/",
            ),
        ],
    )
    def test_not_to_what_is_no_page_of_who_frames_it(self, client, host, ada, page):
        session = framed(client, host, ada["customer"], host_page=page)
        assert self.back(client, host, session) == ("redirect", "/account")

    def test_it_is_still_known_when_the_session_is_renewed(self, client, host, ada):
        session = framed(client, host, ada["customer"])
        host.portal.end_sessions(customer=ada["customer"])
        by_script = own(host, **{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", **session})
        fresh = hand_over(client, host, ada["customer"], headers=by_script)
        assert self.back(client, host, top_session(fresh)) == ("redirect", PAGE)

    def test_without_a_page_where_the_session_leads(self, client, host, ada):
        session = framed(client, host, ada["customer"], host_page="", return_url="/special")
        assert self.back(client, host, session) == ("redirect", "/special")

    def test_without_any_it_says_what_was_done(self, world, ada):
        with (
            hosting(world, embed_origins=(SHOP,), return_url=None) as lost,
            httpx.Client(base_url=lost.origin + lost.path, timeout=30) as client,
        ):
            session = framed(client, lost, ada["customer"], host_page="")
            assert self.back(client, lost, session) == ("hosted_confirmation", None)

    def test_a_flow_that_leads_somewhere_leads_there(self, client, host, ada):
        after = {"type": "redirect", "redirect": {"return_url": "/thanks"}}
        session = framed(client, host, ada["customer"], flow_data={**CUSTOMER, "after_completion": after})
        assert self.back(client, host, session, path="/flow") == ("redirect", "/thanks")

    def test_a_long_address_that_does_not_fit_the_cookie_beside_the_rest_is_let_go(self, client, host, ada):
        noise = "".join(Random(7).choices(ascii_letters, k=3200))  # nothing that could be packed smaller
        page = f"{SHOP}/{noise[:950]}"
        arguments = {
            "return_url": f"/{noise[950:1900]}",
            "customers": [f"cus_{noise[at : at + 64]}" for at in range(1900, 3116, 64)],
        }
        session = framed(client, host, ada["customer"], host_page=page, **arguments)
        assert client.get("/payment-methods", headers=session).status_code == 200
        assert self.back(client, host, session) == ("redirect", arguments["return_url"])
        short = framed(client, host, ada["customer"], host_page=page)
        assert self.back(client, host, short) == ("redirect", page)


class TestTheToken:
    def test_it_is_for_this_customer_and_this_one_thing(self, client, host, ada):
        arguments = {"actor": "user_42", "host_session": "3f9c", "locale": "de", "configuration": "own"}
        session = framed(client, host, ada["customer"], customers=["cus_another1"], **arguments)
        says = handed_over(client, host, session)
        assert says.customer == ada["customer"]
        assert says.customers == ()
        assert says.scopes == {"payment_methods:read", "payment_methods:write"}
        assert says.flow.type == "payment_method_update"
        assert (says.actor, says.locale, says.configuration) == ("user_42", "de", "own")
        assert says.host_session == tokens.host_session_digest("3f9c")
        assert says.embed_origin is None
        assert says.expires - says.issued <= 60

    def test_at_top_level_it_leads_to_that_and_to_nothing_else(self, client, host, ada):
        token = asked(client, host, framed(client, host, ada["customer"])).json()["token"]
        answer = step_out(client, host, token)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{host.path}/flow")
        assert "Partitioned" not in answer.headers["set-cookie"]
        session = top_session(answer)
        assert "Add a payment method" in client.get("/flow", headers=session).text
        for path in ("/", "/invoices", "/payment-methods", "/details", f"/subscriptions/{ada['subscription']}/plan"):
            assert client.get(path, headers=session).status_code in {403, 404}, path

    def test_and_to_no_token_more(self, client, host, ada):
        token = asked(client, host, framed(client, host, ada["customer"])).json()["token"]
        session = top_session(step_out(client, host, token))
        assert asked(client, host, session, path="/flow").status_code == 400

    def test_it_works_once(self, client, host, ada):
        token = asked(client, host, framed(client, host, ada["customer"])).json()["token"]
        assert step_out(client, host, token).status_code == 303
        assert step_out(client, host, token).status_code == 400

    @pytest.mark.parametrize("ended", [{"customer": "ada"}, {"host_session": "3f9c"}])
    def test_it_ends_with_the_session_it_comes_from(self, client, host, ada, ended):
        ended = {name: ada["customer"] if value == "ada" else value for name, value in ended.items()}
        session = framed(client, host, ada["customer"], host_session="3f9c")
        used, unused = (asked(client, host, session).json()["token"] for _ in range(2))
        at_top = top_session(step_out(client, host, used))
        assert client.get("/flow", headers=at_top).status_code == 200
        host.portal.end_sessions(**ended)
        assert step_out(client, host, unused).status_code == 400
        assert client.get("/payment-methods/return", headers=at_top).status_code == 401


class TestWhoGetsOne:
    def offered(self, client, host, session):
        """Whether the page with the Payment Element has the form that leads out."""
        form = re.search(
            r'action="[^"]*/payment-methods/new".*?</form>',
            client.get("/payment-methods", headers=session).text,
            re.DOTALL,
        )
        fields = dict(re.findall(r'name="(_\w+)" value="([^"]+)"', form[0]))
        page = client.post("/payment-methods/new", data=fields, headers={**own(host), **session})
        assert page.status_code == 200
        return "portal-outside" in page.text

    def test_who_is_in_a_frame(self, client, host, ada):
        assert self.offered(client, host, framed(client, host, ada["customer"]))

    def test_also_on_the_same_site(self, client, host, ada):
        same_site = {**IN_FRAME, "Sec-Fetch-Site": "same-site"}
        session = top_session(hand_over(client, host, ada["customer"], headers=same_site))
        assert self.offered(client, host, session)

    def test_also_in_a_plain_frame_of_another_site_whose_link_was_its_address(self, client, host, ada):
        in_frame = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"}
        session = top_session(client.get(host.link(ada["customer"]), headers=in_frame))
        assert self.offered(client, host, session)
        assert handed_over(client, host, session).flow.after_completion.return_url == "/account"

    def test_nobody_in_a_whole_page(self, client, host, ada):
        session = top_session(client.get(host.link(ada["customer"])))
        assert not self.offered(client, host, session)
        assert asked(client, host, session).status_code == 400

    def test_where_no_cookie_is_kept(self, client, host, ada):
        _, session = carried(client, host, ada["customer"])
        assert asked(client, host, {"X-Portal-Session": session}).status_code == 200

    def test_not_who_came_for_something_else(self, client, host, ada):
        flow = {"type": "subscription_cancel", "subscription_cancel": {"subscription": ada["subscription"]}}
        session = framed(client, host, ada["customer"], flow_data=flow)
        path = f"/subscriptions/{ada['subscription']}/cancellation"
        assert asked(client, host, session, path=path).status_code == 404

    def test_not_where_the_host_says_who_is_there(self, world, ada):
        with (
            hosting(world, embed_origins=(SHOP,), identity=lambda _: Identity(customer=ada["customer"])) as known,
            httpx.Client(base_url=known.origin + known.path, timeout=30) as client,
        ):
            arrived = client.get("/", headers={"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"})
            assert asked(client, known, top_session(arrived)).status_code == 400

    def test_not_who_came_by_a_mail(self, world):
        owing = world.live("open_invoice")
        with (
            hosting(world, embed_origins=(SHOP,), mail=lambda mail: None) as mailing,
            httpx.Client(base_url=mailing.origin + mailing.path, timeout=30) as client,
        ):
            link = mailing.portal.create_recovery_link(customer=owing["customer"])
            opened = client.post(link, data={"go": "1"}, headers=own(mailing, **{"Sec-Fetch-Dest": "iframe"}))
            answer = asked(client, mailing, top_session(opened), path="/recovery")
            assert answer.status_code == 404

    @pytest.mark.parametrize("change", [{"Origin": SHOP}, {"Sec-Fetch-Site": "cross-site"}])
    def test_not_another_page(self, client, host, ada, change):
        assert asked(client, host, framed(client, host, ada["customer"]), **change).status_code == 403

    def test_not_without_the_form_s_proof(self, client, host, ada):
        session = framed(client, host, ada["customer"])
        assert (
            client.post("/payment-methods/outside", data={"x": "1"}, headers={**own(host), **session}).status_code
            == 403
        )

    def test_the_host_s_page_is_told_nothing_of_another_origin(self, client, host, ada):
        preflight = client.options("/payment-methods/outside", headers={"Origin": SHOP, **IN_FRAME})
        assert "access-control-allow-origin" not in preflight.headers
