"""What the host switches off leaves no dead ends behind."""

from __future__ import annotations

import pytest

from portal_embed import BusinessProfile, Configuration, Features
from portal_embed.config import InvoiceHistory, PaymentMethodUpdate, SubscriptionCancel
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


def test_a_session_may_have_a_configuration_of_its_own(world, visit):
    ada = world.live("monthly", days=10)
    quiet = Configuration(
        features=Features(
            subscription_cancel=SubscriptionCancel(enabled=False), invoice_history=InvoiceHistory(enabled=False)
        ),
        default_return_url="/quiet",
    )
    with hosting(world, configurations={"quiet": quiet}) as host:
        usual, special = visit(ada["customer"], at=host), visit(ada["customer"], at=host, configuration="quiet")
        path = f"/subscriptions/{ada['subscription']}/cancellation"
        assert (usual.get(path).status, special.get(path).status) == (200, 404)
        assert (usual.get("/invoices").status, special.get("/invoices").status) == (200, 404)
        overview = special.get("/")
        assert not overview.leads_to("/cancellation")
        assert not overview.leads_to("/invoices")
        assert "/quiet" in overview.links


def test_the_portal_itself_may_name_the_configuration_that_holds(world, visit):
    ada = world.live("monthly", days=10)
    quiet = Configuration(features=Features(payment_method_update=PaymentMethodUpdate(enabled=False)))
    with hosting(world, configurations={"quiet": quiet}, configuration="quiet") as host:
        assert visit(ada["customer"], at=host).get("/payment-methods").status == 404
