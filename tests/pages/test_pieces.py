"""Pieces of a host's page, as requests: what a fragment is, who may have it, and how the script on that page signs in."""

from __future__ import annotations

import json

import brotli
import httpx
import pytest

from portal_embed import Features, Hooks, Theme
from portal_embed.config import InvoiceHistory
from portal_embed.pages.routes import _PIECES
from portal_embed.web.assets import assets
from portal_embed.web.pieces import as_piece, piece_stylesheet
from portal_embed.web.request import PIECES as PIECE_NAMES
from tests.serving import hosting, server

pytestmark = pytest.mark.feature(2)

PIECES = ("invoices", "invoices/{invoice}", "payment-methods", "plan", "attention", "upcoming", "cancel/{subscription}")
LARGEST_SCRIPT = 4000
"""Bytes after brotli, for a script that a host loads on its own pages."""


@pytest.fixture
def ada(world):
    return world.live("monthly", name="Ada Lovelace", email="ada@example.com")


def piece(visitor, name, **headers):
    return visitor.ask("GET", f"/pieces/{name}", headers=headers)


class TestAFragment:
    @pytest.mark.parametrize("name", PIECES)
    def test_is_one_element_and_no_document(self, visit, ada, name):
        answer = piece(visit(ada["customer"]), name.format(**ada))
        assert answer.status_code == 200
        assert answer.text.lstrip().startswith('<div class="portal portal--piece"')
        for part in ("<html", "<body", "<script", "<h1", "hx-get", "portal-main"):
            assert part not in answer.text

    @pytest.mark.parametrize("name", PIECES)
    def test_is_for_nobody_who_is_not_signed_in(self, visit, ada, name):
        answer = piece(visit(), name.format(**ada))
        assert answer.status_code == 401
        assert "portal--piece" in answer.text
        assert "<html" not in answer.text

    @pytest.mark.parametrize("name", ["invoices/{invoice}", "cancel/{subscription}"])
    def test_of_a_stranger_is_a_plain_404(self, visit, world, ada, name):
        other = world.live("monthly", name="Eve", email="eve@example.com")
        assert piece(visit(other["customer"]), name.format(**ada)).status_code == 404

    def test_of_what_is_switched_off_is_a_404(self, visit, world, ada):
        features = Features(invoice_history=InvoiceHistory(enabled=False))
        with hosting(world, features=features) as host:
            assert piece(visit(ada["customer"], at=host), "invoices").status_code == 404

    def test_asks_for_the_scope_that_its_page_asks_for(self, visit, ada):
        visitor = visit(ada["customer"], scopes="view")
        assert piece(visitor, "invoices").status_code == 200
        assert piece(visitor, f"cancel/{ada['subscription']}").status_code == 403

    def test_the_subscription_to_cancel_need_not_be_named_where_there_is_one(self, visit, ada):
        answer = piece(visit(ada["customer"]), "cancel")
        assert answer.status_code == 303
        assert answer.headers["location"].endswith(f"/pieces/cancel/{ada['subscription']}")

    def test_with_two_subscriptions_the_plans_are_shown(self, visit, world):
        erin = world.live("two_subscriptions")
        assert piece(visit(erin["customer"]), "cancel").headers["location"].endswith("/pieces/plan")

    def test_one_that_has_nothing_to_cancel_any_more_stays_a_fragment(self, visit, ada):
        visitor = visit(ada["customer"])
        visitor.submit(visitor.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation"))
        answer = piece(visitor, f"cancel/{ada['subscription']}")
        assert f"/pieces/plan?done=canceled&of={ada['subscription']}" in answer.headers["location"]
        assert "Pro is canceled" in visitor.get(answer.headers["location"]).text

    def test_what_is_refused_before_any_page_is_a_fragment_too(self, visit, ada):
        answer = visit(ada["customer"]).ask("DELETE", "/pieces/invoices")
        assert answer.status_code == 405
        assert "<html" not in answer.text

    def test_every_piece_has_an_address_and_no_address_another(self):
        assert {name for name, *_ in _PIECES} == set(PIECE_NAMES)

    def test_any_page_comes_as_a_piece_by_the_header(self, visit, ada):
        visitor = visit(ada["customer"])
        headers = {"X-Portal-Piece": "invoices"}
        answer = visitor.ask("GET", f"/invoices/{ada['invoice']}", headers=headers)
        assert answer.text.lstrip().startswith('<div class="portal portal--piece"')
        unknown = visitor.ask("GET", "/invoices", headers={"X-Portal-Piece": "everything"})
        assert "<html" in unknown.text


class TestForHtmxOfTheHost:
    def test_a_problem_is_shown_too_and_its_status_told(self, visit, ada):
        answer = piece(visit(), "invoices", **{"HX-Request": "true"})
        assert answer.status_code == 200
        assert json.loads(answer.headers["hx-trigger"])["billing-error"] == {"reason": "page", "status": 401}
        assert "hx-redirect" not in answer.headers

    def test_a_piece_is_whole_whatever_kind_of_request_it_is(self, visit, ada):
        headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
        answer = piece(visit(ada["customer"]), "invoices", **headers)
        assert answer.text.lstrip().startswith('<div class="portal portal--piece"')
        assert answer.headers["hx-push-url"] == "false"


class TestSigningInFromAPage:
    def enter(self, visitor, host, customer, **more):
        token = host.link(customer, **more.pop("arguments", {})).partition("token=")[2]
        headers = {"Origin": host.origin, "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin", **more}
        return visitor.ask("POST", "/session", data={"token": token, "page": "1"}, headers=headers)

    def test_opens_a_plain_session(self, visit, host, ada):
        visitor = visit()
        answer = self.enter(visitor, host, ada["customer"])
        assert answer.status_code == 204
        assert "SameSite=Lax" in answer.headers["set-cookie"]
        assert piece(visitor, "invoices").status_code == 200

    @pytest.mark.parametrize("origin", ["https://shop.example.com", "null", ""])
    def test_only_from_the_portals_own_origin(self, visit, world, ada, origin):
        with hosting(world, embed_origins=("https://shop.example.com",)) as host:
            answer = self.enter(visit(at=host), host, ada["customer"], Origin=origin)
        assert answer.status_code == 400
        assert "set-cookie" not in answer.headers

    def test_a_token_works_once(self, visit, host, ada):
        visitor = visit()
        token = host.link(ada["customer"]).partition("token=")[2]
        headers = {"Origin": host.origin, "Sec-Fetch-Mode": "cors"}
        data = {"token": token, "page": "1"}
        assert visitor.ask("POST", "/session", data=data, headers=headers).status_code == 204
        visitor.client.cookies.clear()
        assert visitor.ask("POST", "/session", data=data, headers=headers).status_code == 400

    def test_who_is_there_already_goes_on_with_the_forms_that_are_open(self, visit, host, ada):
        visitor = visit()
        self.enter(visitor, host, ada["customer"])
        form = visitor.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        self.enter(visitor, host, ada["customer"])
        assert "Pro is canceled" in visitor.submit(form).text

    def test_another_way_back_ends_nothing_and_counts_from_now_on(self, visit, host, ada):
        visitor = visit()
        self.enter(visitor, host, ada["customer"], arguments={"return_url": "/account?page=1"})
        form = visitor.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        self.enter(visitor, host, ada["customer"], arguments={"return_url": "/account?page=2"})
        page = visitor.submit(form)
        assert "Pro is canceled" in page.text
        assert page.leads_to("/account")
        assert "/account?page=2" in page.links

    def test_it_is_told_as_any_other_way_in(self, visit, world, ada):
        events = []
        with hosting(world, hooks=Hooks(event=events.append)) as host:
            visitor = visit(at=host)
            self.enter(visitor, host, ada["customer"])
            self.enter(visitor, host, ada["customer"])
            server().run(host.portal._services.outbox.drain())
        assert [event.type for event in events] == ["portal.opened"]

    @pytest.mark.parametrize("different", [{"scopes": "view"}, {"actor": "somebody else"}])
    def test_who_may_do_less_or_is_somebody_else_gets_a_session_of_their_own(self, visit, host, ada, different):
        visitor = visit()
        self.enter(visitor, host, ada["customer"])
        form = visitor.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        self.enter(visitor, host, ada["customer"], arguments=different)
        assert visitor.submit(form).status == 403

    def test_another_customer_takes_the_place_of_the_first(self, visit, host, world, ada):
        visitor = visit()
        self.enter(visitor, host, ada["customer"])
        self.enter(visitor, host, world.life("new", name="Finn", email="finn@example.com"))
        assert piece(visitor, f"invoices/{ada['invoice']}").status_code == 404


class TestItsLook:
    def test_lengths_are_not_the_pages_and_widths_are_the_pieces(self):
        css = piece_stylesheet(Theme())
        assert "rem" not in css.replace("--portal-rem", "").replace("remov", "")
        assert "@media (max-width" not in css
        assert "@container (max-width" in css

    def test_the_hosts_theme_is_in_it(self, host, world):
        with hosting(world, theme=Theme(accent="#7b2d8b")) as themed:
            css = httpx.get(f"{themed.origin}{themed.path}/pieces.css")
        assert css.headers["content-type"].startswith("text/css")
        assert "#7b2d8b" in css.text

    def test_words_that_look_like_our_attributes_stay(self):
        typed = "&lt;h1 hx-get=&#34;/x&#34;&gt;"
        assert as_piece(f"<h1 hx-get='/x' class='a'>{typed}</h1>") == f"<h2 class='a'>{typed}</h2>"
        field = '<input value="Ada hx-get=" hx-post="/x" name="name" hx-boost="false" required>'
        assert as_piece(field) == '<input value="Ada hx-get=" name="name" hx-boost="false" required>'

    @pytest.mark.parametrize("name", ["embed.js", "pieces.js"])
    def test_a_script_for_the_hosts_page_is_small(self, name):
        assert len(brotli.compress(assets()[f"embed/{name}"].body)) < LARGEST_SCRIPT
