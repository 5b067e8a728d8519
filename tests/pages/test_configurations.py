"""A merchant who has set up Stripe's portal moves by naming its configuration: what is off there is off here."""

from __future__ import annotations

import pytest

from tests.serving import hosting

pytestmark = [pytest.mark.feature(15), pytest.mark.feature(16)]


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10)


@pytest.fixture
def stripes(books, ada):
    """Cancel off, update on, as many merchants have it; two prices to switch to."""
    product = books.api.prices.retrieve(ada["prices"]["pro_monthly"]).product
    return books.api.billing_portal.configurations.create(
        {
            "business_profile": {"headline": "Plans of Acme", "privacy_policy_url": "https://acme.example/privacy"},
            "default_return_url": "https://acme.example/account",
            "features": {
                "invoice_history": {"enabled": True},
                "payment_method_update": {"enabled": True},
                "customer_update": {"enabled": True, "allowed_updates": ["phone"]},
                "subscription_cancel": {"enabled": False},
                "subscription_update": {
                    "enabled": True,
                    "default_allowed_updates": ["price"],
                    "proration_behavior": "none",
                    "products": [
                        {"product": product, "prices": [ada["prices"]["pro_monthly"], ada["prices"]["pro_yearly"]]}
                    ],
                },
            },
        }
    )


def assert_as_at_stripe(browser, ada):
    page = browser.get("/")
    assert "Plans of Acme" in page.text
    assert not page.leads_to("/cancellation")
    assert browser.get(f"/subscriptions/{ada['subscription']}/cancellation").status == 404
    plans = browser.get(f"/subscriptions/{ada['subscription']}/plan")
    assert {form_price for form in plans.forms for form_price in form.choices.get("price", [])} == {
        ada["prices"]["pro_monthly"],
        ada["prices"]["pro_yearly"],
    }
    details = browser.get("/details")
    assert details.leads_to("/details/contact")
    for off in ("/details/email", "/details/billing-address", "/details/tax-ids/new"):
        assert not details.leads_to(off)
        assert browser.get(off).status == 404


def test_a_session_may_name_it(host, visit, ada, stripes):
    assert_as_at_stripe(visit(ada["customer"], configuration=stripes.id), ada)
    assert visit(ada["customer"]).get("/").leads_to("/cancellation")


@pytest.mark.parametrize("name", ["default", "its id"])
def test_the_portal_may_have_it(world, visit, ada, stripes, name):
    with hosting(world, configuration=stripes.id if name == "its id" else name, return_url=None) as host:
        browser = visit(ada["customer"], at=host)
        assert_as_at_stripe(browser, ada)
        assert "https://acme.example/account" in browser.get("/").links


def test_it_costs_one_call_a_minute_and_not_one_a_page(world, visit, ada, stripes):
    with hosting(world, configuration="default") as host:
        browser = visit(ada["customer"], at=host)
        world.forget_requests()
        for path in ("/", "/invoices", "/payment-methods"):
            assert browser.get(path).status == 200
        asked = [call for call in world.requests() if "billing_portal" in call["path"]]
    assert len(asked) == 1


def test_one_that_stripe_does_not_know_is_a_calm_page(visit, ada):
    page = visit(ada["customer"], configuration="bpc_1Nobody").get("/")
    assert page.status == 502
    assert "Billing is not available" in page.text


def test_one_that_is_inactive_too(visit, ada, stripes, books):
    second = books.api.billing_portal.configurations.create({"features": {"invoice_history": {"enabled": True}}})
    books.api.billing_portal.configurations.update(second.id, {"active": False})
    assert visit(ada["customer"], configuration=second.id).get("/").status == 502


def test_with_the_change_made_here_the_merchant_s_proration_holds(visit, ada, stripes, books):
    browser = visit(ada["customer"], configuration=stripes.id)
    before = books.charged(ada["customer"])
    page = browser.get(f"/subscriptions/{ada['subscription']}/plan?price={ada['prices']['pro_yearly']}")
    assert "You pay nothing today" in page.text
    browser.submit(page.form("/plan"))
    assert books.charged(ada["customer"]) == before
