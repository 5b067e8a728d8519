"""Markup in what merchants and customers wrote, on every page that shows it."""

from __future__ import annotations

import pytest

from portal_embed import BusinessProfile, Catalog, Plan, Quantity
from tests.pages.people import Books
from tests.pages.visitor import Visitor
from tests.serving import hosting

MARKUP = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>{{7*7}}%(x)s</textarea>'"


class TestForeignText:
    """What merchants and customers wrote is text: on every page it stands, and nowhere does it act."""

    @pytest.fixture(scope="class")
    def pages(self, sandbox):
        world = sandbox.world("markup")
        books = Books(world)
        customer = books.customer(card=None, name=MARKUP)
        method = books.api.payment_methods.create(
            {"type": "card", "card": {"token": "tok_visa"}, "billing_details": {"name": MARKUP}}
        )
        books.api.payment_methods.attach(method.id, {"customer": customer})
        books.api.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})
        product = books.api.products.create({"name": MARKUP, "description": MARKUP, "unit_label": "<i>seat</i>"})
        prices = [
            books.api.prices.create(
                {"currency": "usd", "unit_amount": amount, "recurring": {"interval": "month"}, "product": product.id,
                 "nickname": MARKUP}
            ).id
            for amount in (1000, 2000)
        ]  # fmt: skip
        coupon = books.api.coupons.create({"percent_off": 10, "duration": "forever", "name": "<b>Off</b>"})
        subscription = books.subscribe(customer, prices[0], 2, discounts=[{"coupon": coupon.id}])
        invoice = books.invoice(
            customer, what=MARKUP, description=MARKUP, footer=MARKUP, discounts=[{"coupon": coupon.id}],
            custom_fields=[{"name": "PO", "value": "<u>1</u>"}],
        )  # fmt: skip
        catalog = Catalog([Plan(price=price, quantity=Quantity(1, 9)) for price in prices])
        with hosting(world, catalog=catalog, business_profile=BusinessProfile(name=MARKUP)) as host:
            tab = Visitor(host).enter(host.link(customer))
            paths = [
                "/", f"/subscriptions/{subscription}/next-charge", "/invoices", f"/invoices/{invoice}",
                f"/invoices/{books.subscription(subscription).latest_invoice}", f"/invoices/{invoice}/payment",
                "/payment-methods", f"/subscriptions/{subscription}/plan",
                f"/subscriptions/{subscription}/plan?price={prices[1]}&quantity=3",
                f"/subscriptions/{subscription}/cancellation", f"/nowhere/{MARKUP}",
                f"/invoices?starting_after={MARKUP}", f"/payment-methods?done={MARKUP}&of={MARKUP}",
            ]  # fmt: skip
            read = [tab.get(path) for path in paths]
            read.append(tab.submit(tab.get(paths[9]).form("/cancellation"), comment=MARKUP, _op="x"))
            read.append(tab.submit(tab.get(paths[9]).form("/cancellation"), comment=MARKUP))
            tab.close()
        return read

    def test_no_page_breaks(self, pages):
        assert {page.status for page in pages} <= {200, 403, 404}

    def test_none_of_it_becomes_an_element(self, pages):
        for page in pages:
            assert not set(page.tags) & {"img", "i", "b", "u"}, page.url
            scripts = [value for tag, name, value in page.attributes if (tag, name) == ("script", "nonce")]
            assert page.tags.count("script") == len(scripts), page.url

    def test_none_of_it_becomes_a_handler_or_a_link(self, pages):
        for page in pages:
            for _tag, name, value in page.attributes:
                assert not name.startswith("on")
                assert not (name in {"href", "src", "action"} and value.startswith(("javascript:", "data:")))

    def test_none_of_it_is_evaluated(self, pages):
        for page in pages:
            assert "{{49" not in page.html
            assert ">49<" not in page.html

    def test_it_stands_there_as_text(self, pages):
        assert "<script>alert(1)</script>" in pages[0].text
        assert "<script>alert(1)</script>" in pages[3].text
        assert "<b>Off</b>" in pages[3].text
