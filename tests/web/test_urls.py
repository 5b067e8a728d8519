"""Addresses are made from our own table and `base_url`, whatever comes in."""

from __future__ import annotations

import pytest

from portal_embed import PortalConfig
from portal_embed.pages.routes import PATTERNS
from portal_embed.web.urls import Urls


@pytest.fixture
def urls():
    config = PortalConfig(
        stripe_secret_key="sk_test_1",
        stripe_publishable_key="pk_test_1",
        secret_keys=("k" * 40,),
        base_url="https://app.example.com/billing",
    )
    return Urls(config, PATTERNS)


def test_an_address_starts_at_the_mount(urls):
    assert urls.path("invoices.show", "in_1") == "/billing/invoices/in_1"


def test_an_absolute_one_starts_at_the_configured_origin(urls):
    assert urls.absolute("invoices.show", "in_1") == "https://app.example.com/billing/invoices/in_1"


@pytest.mark.parametrize("id", ["../../x", "a/b", "a?b=c", "a#b", "a%2fb", "<b>", "\r\nX: y"])
def test_an_id_stays_one_piece_of_the_path(urls, id):
    tail = urls.path("invoices.show", id).removeprefix("/billing/invoices/")
    assert not set(tail) & set('/?#<>\r\n" ')


def test_questions_without_an_answer_are_left_out(urls):
    assert urls.path("invoices.index", starting_after=None) == "/billing/invoices"
    assert urls.path("invoices.index", starting_after="in_1&x=y") == "/billing/invoices?starting_after=in_1%26x%3Dy"


def test_no_route_has_more_than_one_parameter():
    assert all(pattern.count("{") <= 1 for name, pattern in PATTERNS.items() if name != "static")
