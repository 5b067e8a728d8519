"""Hosts put the portal into their site in several ways; each must find the same pages."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from portal_embed import Portal, PortalConfig


@pytest.fixture
def portal():
    config = PortalConfig(
        stripe_secret_key="sk_test_1",
        stripe_publishable_key="pk_test_1",
        secret_keys=("k" * 40,),
        base_url="https://app.example.com/billing",
    )
    return Portal(config)


def by_hand(portal):
    """As a host's own dispatch does it: Django's `asgi.py`, say."""

    async def host(scope, receive, send):
        await portal({**scope, "root_path": "/billing"}, receive, send)

    return host


def by_mount(portal):
    return Starlette(routes=[Mount("/billing", portal)])


@pytest.mark.parametrize("put_in", [by_hand, by_mount])
def test_its_address_without_the_last_slash_leads_to_it(portal, put_in):
    browser = TestClient(put_in(portal), base_url="https://app.example.com")
    answer = browser.get("/billing")

    assert answer.url.path == "/billing/"
    assert "Your session has expired" in answer.text


def test_addresses_that_only_begin_alike_are_not_found(portal):
    assert TestClient(by_hand(portal), base_url="https://app.example.com").get("/billings").status_code == 404
