"""Markup in everything that Stripe's books hold in words: it is shown as text, on every page, and nothing of it is obeyed."""

from __future__ import annotations

import pytest

from portal_embed import Catalog, Plan
from tests.pages.deeds import add_method
from tests.serving import hosting

EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}{% raw %}%(name)s</textarea>'"


@pytest.fixture
def eve(books):
    """One whose every name is markup."""
    customer = books.customer(name=EVIL, email="eve@example.com", description=EVIL)
    price, other = books.price(1000, name=EVIL, nickname=EVIL), books.price(2000, name=EVIL)
    product = books.api.prices.retrieve(price).product
    books.api.products.update(product, {"description": EVIL, "unit_label": EVIL[:12]})
    subscription = books.subscribe(customer, price)
    coupon = books.api.coupons.create({"percent_off": 10, "duration": "forever", "name": EVIL[:40]})
    books.api.subscriptions.update(subscription, {"discounts": [{"coupon": coupon.id}]})
    invoice = books.invoice(customer, what=EVIL, description=EVIL, footer=EVIL)
    debit = books.api.payment_methods.create(
        {
            "type": "sepa_debit",
            "sepa_debit": {"iban": "AT611904300234573201"},
            "billing_details": {"name": EVIL, "email": "eve@example.com"},
        }
    )
    books.api.payment_methods.attach(debit.id, {"customer": customer})
    address = {"country": "DE", "line1": EVIL, "line2": EVIL, "city": EVIL, "postal_code": EVIL, "state": EVIL}
    fields = [{"name": EVIL[:40], "value": EVIL[:140]}]
    books.api.customers.update(
        customer,
        {
            "business_name": EVIL,
            "phone": EVIL,
            "address": address,
            "shipping": {"name": EVIL, "phone": EVIL, "address": address},
            "invoice_settings": {"custom_fields": fields},
        },
    )
    tax_id = books.api.customers.tax_ids.create(customer, {"type": "de_stn", "value": EVIL})
    books.world.forget_requests()
    return {
        "tax_id": tax_id.id,
        "customer": customer,
        "subscription": subscription,
        "invoice": invoice,
        "method": debit.id,
        "price": price,
        "other": other,
        "catalog": Catalog([Plan(price=price), Plan(price=other, name=EVIL, description=EVIL)]),
    }


def assert_is_text(page):
    """No element, attribute or expression of it has come to life."""
    assert page.status == 200, page.text
    assert "<script>alert" not in page.html
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert not [value for _, name, value in page.attributes if name == "src" and value == "x"]
    assert ">49" not in page.text
    for _, name, value in page.attributes:
        if name in {"href", "action", "formaction", "src"}:
            assert not value.lower().lstrip().startswith(("javascript:", "data:"))


@pytest.mark.parametrize(
    "path",
    ["/", "/?done=kept&of={subscription}", "/subscriptions/{subscription}/next-charge", "/invoices", "/invoices/{invoice}",
     "/invoices/{invoice}/payment", "/payment-methods", "/payment-methods/{method}/removal",
     "/subscriptions/{subscription}/plan", "/subscriptions/{subscription}/plan?price={other}",
     "/subscriptions/{subscription}/cancellation", "/details", "/details/contact", "/details/billing-address",
     "/details/shipping-address", "/details/shipping-address?from=billing", "/details/invoice-fields",
     "/details/tax-ids/{tax_id}/removal"],
)  # fmt: skip
def test_it_is_shown_as_text(path, eve, world, visit):
    with hosting(world, catalog=eve["catalog"]) as host:
        browser = visit(eve["customer"], at=host)
        assert_is_text(browser.get(path.format(**eve)))


def test_the_words_themselves_are_there(eve, world, visit):
    with hosting(world, catalog=eve["catalog"]) as host:
        browser = visit(eve["customer"], at=host)
        assert EVIL in browser.get("/").text
        assert EVIL in browser.get(f"/invoices/{eve['invoice']}").text
        assert EVIL in browser.get("/details").text


def test_in_the_attributes_that_scripts_read_too(eve, world, visit):
    with hosting(world, catalog=eve["catalog"]) as host:
        browser = visit(eve["customer"], at=host)
        assert_is_text(browser.part(f"/subscriptions/{eve['subscription']}/plan?price={eve['other']}"))
        assert_is_text(add_method(browser))


def test_after_an_action_too(eve, world, visit):
    with hosting(world, catalog=eve["catalog"]) as host:
        browser = visit(eve["customer"], at=host)
        form = browser.get(f"/subscriptions/{eve['subscription']}/cancellation").form("/cancellation")
        page = browser.submit(form, comment=EVIL)
        assert_is_text(page)
        assert "is canceled" in page.text
