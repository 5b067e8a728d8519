"""What somebody hostile would try, against whole pages: forged forms, fields we never asked for, strange requests."""

from __future__ import annotations

import logging
import re
from typing import ClassVar

import pytest

from portal_embed.pages.routes import _PAGES, _SESSION
from tests.pages.people import Books
from tests.pages.test_every_page import ALL, EVERY_FIELD, FORMS, MISSING, ROUTES
from tests.pages.visitor import NAVIGATION
from tests.serving import hosting

CARD = "4242 4242 4242 4242"

every_form = pytest.mark.parametrize("route", FORMS, ids=str)


@pytest.fixture(scope="module")
def world(sandbox):
    """One for all: nothing here may have an effect."""
    return sandbox.world("attacks")


@pytest.fixture(scope="module")
def books(world):
    return Books(world)


@pytest.fixture(scope="module")
def host(world):
    with hosting(world, mail=lambda mail: None, features=ALL) as served:
        yield served


@pytest.fixture(scope="module")
def ada(world, books):
    life = world.live("monthly", days=10)
    return {
        **life,
        "ids": {
            "invoice": books.invoice(life["customer"]),
            "subscription": life["subscription"],
            "method": books.add(life["customer"]),
            "price": life["prices"]["pro_monthly"],
            "credit_note": "cn_1Missing",
            "discount": "di_1Missing",
            "tax_id": books.api.customers.tax_ids.create(
                life["customer"], {"type": "de_stn", "value": "1234567890"}
            ).id,
        },
    }


@pytest.fixture
def tab(ada, visit):
    return visit(ada["customer"])


def csrf(tab):
    return tab.get("/").form("/session/end").fields["_csrf"]


def send(tab, route, ada, fields=None, **headers):
    """One POST to a route with Ada's own ids. A header that is None is not sent."""
    sent = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    return tab.ask("POST", route.path(**ada["ids"]), data={**EVERY_FIELD, **(fields or {})}, headers=sent)


class TestForgedForms:
    """A form counts only when it came from our own page and this session."""

    @every_form
    @pytest.mark.parametrize("token", [None, "", "x", "0" * 43])
    def test_without_this_session_s_token_nothing_reaches_stripe(self, route, token, ada, tab, world):
        world.forget_requests()
        answer = send(tab, route, ada, {"_csrf": token} if token is not None else {}, **tab.own)
        assert answer.status_code == 403
        assert world.requests() == []

    @every_form
    def test_the_token_of_another_session_is_no_token(self, route, ada, tab, visit, world):
        other = csrf(visit(ada["customer"]))
        world.forget_requests()
        assert send(tab, route, ada, {"_csrf": other}, **tab.own).status_code == 403
        assert world.requests() == []

    @pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "whatever", ""])
    def test_a_form_from_another_site_is_refused_even_with_the_token(self, site, ada, tab, world):
        token = csrf(tab)
        world.forget_requests()
        for route in FORMS:
            answer = send(tab, route, ada, {"_csrf": token}, Origin=tab.origin, Sec_Fetch_Site=site)
            assert answer.status_code == 403, route
        assert world.requests() == []

    @pytest.mark.parametrize(
        "origin",
        ["https://evil.example", "null", "http://sub.localhost", "https://localhost", "http://localhost:1", None],
    )
    def test_an_old_browser_must_at_least_name_our_origin(self, origin, ada, tab, world):
        token = csrf(tab)
        world.forget_requests()
        for route in FORMS:
            assert send(tab, route, ada, {"_csrf": token}, Origin=origin).status_code == 403, route
        assert world.requests() == []

    def test_an_old_browser_that_does_is_served(self, ada, tab):
        page = tab.get(f"/subscriptions/{ada['subscription']}/cancellation")
        fields = page.form("/cancellation").fields
        answer = tab.ask("POST", "/session/end", data=fields, headers={"Origin": tab.origin})
        assert answer.status_code == 303

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
    def test_only_get_and_post_exist(self, method, ada, tab, world):
        world.forget_requests()
        for route in ROUTES:
            answer = tab.ask(method, route.path(**ada["ids"]), headers=tab.own)
            assert answer.status_code == 405, route
        assert world.requests() == []

    @every_form
    def test_a_get_never_writes(self, route, ada, tab, world):
        world.forget_requests()
        tab.ask("GET", route.path(**ada["ids"]), params=EVERY_FIELD)
        tab.ask("HEAD", route.path(**ada["ids"]))
        assert Books(world).writes() == []

    @pytest.mark.parametrize("override", ["_method", "X-HTTP-Method-Override"])
    def test_a_method_is_not_overridden(self, override, ada, tab, world):
        world.forget_requests()
        path = f"/subscriptions/{ada['subscription']}/cancellation"
        tab.ask("GET", path, params={override: "POST"}, headers={override: "POST"} if "-" in override else {})
        assert Books(world).writes() == []

    @every_form
    def test_a_body_that_is_no_form_is_refused(self, route, ada, tab, world):
        world.forget_requests()
        for kind in ("application/json", "text/plain", ""):
            answer = tab.ask(
                "POST", route.path(**ada["ids"]), content=b'{"a":1}', headers={**tab.own, "Content-Type": kind}
            )
            assert answer.status_code == 415
        assert world.requests() == []

    def test_the_operation_token_of_another_form_is_refused(self, ada, tab, world):
        page = tab.get(f"/subscriptions/{ada['subscription']}/cancellation")
        borrowed = page.form("/cancellation").fields
        world.forget_requests()
        answer = tab.ask(
            "POST",
            f"/payment-methods/{ada['ids']['method']}/default",
            data={**borrowed, **EVERY_FIELD},
            headers=tab.own,
        )
        assert answer.status_code == 403
        assert all(call["method"] == "GET" for call in world.requests())

    def test_the_operation_token_of_another_session_is_refused(self, ada, tab, visit, world):
        path = f"/subscriptions/{ada['subscription']}/cancellation"
        foreign = visit(ada["customer"]).get(path).form("/cancellation").fields["_op"]
        answer = tab.send(tab.get(path).form("/cancellation"), _op=foreign)
        assert answer.status_code == 403

    @every_form
    def test_a_form_without_an_operation_token_does_nothing(self, route, ada, tab, world):
        token = csrf(tab)
        world.forget_requests()
        answer = send(tab, route, ada, {"_csrf": token}, **tab.own)
        # Looking a code up does nothing, so its form needs no such token.
        assert answer.status_code in ({422} if route.name == "promotion_codes.show" else {400, 403, 404})
        assert all(call["method"] == "GET" for call in world.requests())


class TestMoreThanWasAsked:
    """Fields and headers that a form of ours never sends."""

    EXTRA: ClassVar = {
        "customer": "cus_Somebody1",
        "metadata[admin]": "1",
        "balance": "-100000",
        "tax_exempt": "exempt",
        "expand[]": "customer",
        "stripe_account": "acct_123456",
        "application_fee_amount": "1",
        "off_session": "true",
    }

    def test_they_reach_stripe_in_no_form(self, books, world, visit):
        life = world.live("open_invoice")
        tab = visit(life["customer"])
        form = tab.get(f"/invoices/{life['invoice']}/payment").form("/payment")
        world.forget_requests()
        assert tab.submit(form, **self.EXTRA).status == 200
        (sent,) = [call["form"] for call in world.requests() if call["method"] == "POST"]
        assert sent == {"payment_method": life["payment_method"], "off_session": "false"}

    def test_a_cancellation_sends_only_its_own(self, world, visit):
        life = world.live("monthly", days=10)
        tab = visit(life["customer"])
        form = tab.get(f"/subscriptions/{life['subscription']}/cancellation").form("/cancellation")
        world.forget_requests()
        tab.submit(form, **self.EXTRA)
        (sent,) = [call["form"] for call in Books(world).writes()]
        assert set(sent) == {"cancel_at"}

    def test_another_stripe_account_cannot_be_asked_for(self, ada, tab, world):
        world.forget_requests()
        tab.get("/?account=acct_123456&stripe_account=acct_123456", **{"Stripe-Account": "acct_123456"})
        assert {call["account"] for call in world.requests()} == {None}

    @pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded"])
    def test_addresses_are_made_from_the_settings(self, header, ada, host, tab):
        page = tab.get("/", **{header: "evil.example"})
        assert "evil.example" not in page.html
        location = tab.ask("GET", "/invoices/x/pdf", headers={header: "evil.example"}).headers.get("location", "")
        assert "evil" not in location

    def test_the_host_header_leads_nowhere_else(self, ada, tab):
        answer = tab.ask("GET", "/", headers={**NAVIGATION, "Host": "evil.example"})
        assert "evil.example" not in answer.text


class TestStrangeRequests:
    """Bodies and addresses that no tab sends."""

    def test_a_body_of_a_megabyte(self, ada, tab):
        answer = tab.ask("POST", "/session/end", data={"x": "y" * 1_000_000}, headers=tab.own)
        assert answer.status_code == 413

    def test_a_megabyte_in_chunks(self, ada, tab):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        chunks = (b"x=" + b"y" * 100_000 for _ in range(10))
        answer = tab.ask("POST", "/session/end", content=chunks, headers={**tab.own, **kind})
        # Too much for a body, or first too much for a field: it depends on how the network cuts it.
        assert answer.status_code in {400, 413}

    @pytest.mark.parametrize(
        "body",
        [b"", b"garbage", b"--b\r\nContent-Disposition: form-data\r\n\r\nx", b"--b\r\n\r\n\r\n--b--"],
    )
    @pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=b"])
    def test_a_broken_multipart_form(self, kind, body, ada, tab):
        answer = tab.ask("POST", "/session/end", content=body, headers={**tab.own, "Content-Type": kind})
        assert answer.status_code in {400, 403}

    def test_a_file(self, ada, tab):
        answer = tab.ask("POST", "/session/end", files={"f": ("x.html", b"<b>")}, headers=tab.own)
        assert answer.status_code in {400, 403}

    def test_a_thousand_fields(self, ada, tab):
        fields = {f"f{number}": "1" for number in range(1000)}
        assert tab.ask("POST", "/session/end", data=fields, headers=tab.own).status_code == 400

    @pytest.mark.parametrize(
        "path", ["/%ff%fe", "/invoices/%00", "/invoices/" + "a" * 5000, "/%", "/invoices/%2e%2e/x", "//"]
    )
    def test_a_strange_address(self, path, ada, tab):
        assert tab.ask("GET", path).status_code in {301, 307, 308, 400, 404}

    def test_a_zero_byte_in_a_field(self, ada, tab):
        fields = {"_csrf": csrf(tab), "comment": "a\x00b"}
        assert tab.ask("POST", "/session/end", data=fields, headers=tab.own).status_code == 400

    def test_bytes_that_are_no_text(self, ada, tab):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = tab.ask("POST", "/session/end", content=b"comment=%ff%fe&%80=1", headers={**tab.own, **kind})
        assert answer.status_code in {400, 403}

    def test_two_hundred_headers(self, ada, tab):
        headers = {f"X-Header-{number}": "x" * 50 for number in range(100)}
        assert tab.ask("GET", "/", headers=headers).status_code in {200, 400, 431}

    @pytest.mark.parametrize("name", ["card_number", "cardnumber", "CVC", "cvv", "pan", "number"])
    def test_a_field_named_like_card_data_is_refused(self, name, ada, tab):
        answer = tab.ask("POST", "/session/end", data={"_csrf": csrf(tab), name: "123"}, headers=tab.own)
        assert answer.status_code == 400

    def test_a_card_s_number_is_refused_and_written_nowhere(self, ada, tab, caplog, world):
        world.forget_requests()
        caplog.set_level(logging.DEBUG)
        form = tab.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        page = tab.submit(form, comment=f"charge {CARD} please")
        assert page.status == 400
        assert CARD not in page.html
        assert CARD not in caplog.text
        assert Books(world).writes() == []


def test_every_route_of_the_portal_is_in_the_tables_these_tests_walk(host):
    assert len(_PAGES) + len(_SESSION) == len({name for name, *_ in (*_PAGES, *_SESSION)})
    assert {route.name for route in ROUTES} == {name for name, *_ in _PAGES}
    assert {name for route in ROUTES for name in re.findall(r"{(\w+)}", route.pattern)} == set(MISSING)


def test_secrets_are_in_no_text_of_the_settings(host):
    config = host.portal.config
    for text in (repr(config), str(config)):
        assert config.stripe_secret_key not in text
        assert config.secret_keys[0] not in text


def test_an_unknown_address_is_a_page_of_ours(tab):
    answer = tab.ask("GET", "/nowhere")
    assert answer.status_code == 404
    assert "We could not find this page" in answer.text
