"""Who may go on at top level: what only the session itself knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal_embed.access import tokens
from portal_embed.access.stepping_out import may_step_out, token_for, way_back
from tests.access.portal import ADA, MALLORY, Portal

SHOP = "https://shop.example.com"


@pytest.fixture
def portal():
    return Portal(embed_origins=(SHOP,))


@pytest.fixture
def session(portal):
    """Ada's, framed by the shop."""
    return portal.sessions.open(tokens.verify(portal.config, portal.token(ADA, embed_origin=SHOP), portal.clock()))


def test_a_customer_whom_the_host_calls_by_an_account_is_handed_over_by_that_name(portal, session):
    named = replace(session, customer_account="acct_1AdaAccount")

    token = token_for(portal.config, named, return_url=None, now=portal.clock())

    says = tokens.verify(portal.config, token, portal.clock())
    assert says.customer_account == "acct_1AdaAccount"  # ended by this name too


def test_not_who_may_have_switched_away_from_that_account(portal, session):
    switched = replace(session, customer=MALLORY, customer_account="acct_1AdaAccount", customers=(ADA, MALLORY))

    assert not may_step_out(portal.config, switched)
    assert may_step_out(portal.config, replace(switched, customer_account=None))


@pytest.mark.parametrize("by_mail", [True, False])
def test_not_who_came_by_a_mail(portal, session, by_mail):
    assert may_step_out(portal.config, replace(session, by_mail=by_mail)) is not by_mail


def test_a_page_whose_origin_is_no_longer_listed_is_not_led_to(portal, session):
    placed = portal.sessions.at_page(session, f"{SHOP}/account")
    assert way_back(portal.config, placed, "/account") == f"{SHOP}/account"

    assert way_back(Portal().config, placed, "/account") == "/account"


def test_a_page_is_of_no_interest_to_whom_nobody_frames(portal, session):
    assert portal.sessions.at_page(replace(session, embed_origin=None), f"{SHOP}/account").host_page is None


def test_the_largest_page_fits_the_cookie_beside_what_is_learned_later(portal, session):
    placed = portal.sessions.at_page(session, f"{SHOP}/{'a1b2' * 240}")
    assert placed.host_page is not None

    later = replace(placed, locale="pt-BR", scheme="light", carried=True)
    assert portal.sessions.read(portal.sessions.seal(later)) == later
