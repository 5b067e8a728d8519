"""What the host switches off leaves no dead ends behind."""

from __future__ import annotations

import pytest

from portal_embed import BusinessProfile, Features
from portal_embed.config import InvoiceHistory, PaymentMethodUpdate
from tests.serving import hosting


def test_without_the_invoice_history_an_open_invoice_can_still_be_paid(world, visit):
    bob = world.live("past_due")
    with hosting(world, features=Features(invoice_history=InvoiceHistory(enabled=False))) as host:
        browser = visit(bob["customer"], at=host)
        assert not [link for link in browser.get("/").links if link.split("?")[0].endswith("/invoices")]
        assert browser.get("/invoices").status == 404
        page = browser.get(f"/invoices/{bob['invoice']}/payment")
        assert page.status == 200
        shown = browser.get(f"/invoices/{bob['invoice']}")
        assert shown.status == 200
        assert not [link for link in shown.links if link.split("?")[0].endswith("/invoices")]


@pytest.mark.parametrize("life", ["past_due", "monthly", "new"])
def test_without_payment_methods_no_page_links_to_them(world, visit, life):
    customer = world.live(life)["customer"]
    with hosting(world, features=Features(payment_method_update=PaymentMethodUpdate(enabled=False))) as host:
        browser = visit(customer, at=host)
        page = browser.get("/")
        assert page.status == 200
        assert not [link for link in page.links if "payment-methods" in link]
        assert browser.get("/payment-methods").status == 404


def test_the_headline_of_the_host_stands_on_the_overview(world, visit):
    customer = world.live("new")["customer"]
    profile = BusinessProfile(name="Acme", headline="Plans and payments")
    with hosting(world, business_profile=profile) as host:
        assert "Plans and payments" in visit(customer, at=host).get("/").text
