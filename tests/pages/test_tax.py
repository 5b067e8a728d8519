"""Tax on the way to something else: an address that is missing, the way back, and who accounts for the VAT."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from portal_embed import Features
from portal_embed.config import CustomerUpdate, SubscriptionUpdate
from tests.serving import hosting

BERLIN = {"country": "DE", "line1": "Hauptstraße 1", "city": "Berlin", "postal_code": "10115"}
ASKED = "Your address is needed to work out the tax"
CODES = SubscriptionUpdate(default_allowed_updates=("price", "quantity", "promotion_code"))
REVERSED = "You account for the VAT yourself (reverse charge)."


@pytest.fixture
def host(world):
    with hosting(world, features=Features(subscription_update=CODES)) as served:
        yield served


@pytest.fixture
def ada(world, books):
    """Taxed by address, and the address is gone."""
    life = world.live("monthly", days=10)
    books.api.customers.update(life["customer"], {"address": BERLIN})
    books.api.subscriptions.update(life["subscription"], {"automatic_tax": {"enabled": True}})
    books.api.customers.update(life["customer"], {"address": ""})
    return life


def enter_address(browser, page):
    form = browser.get(page.link("Enter your address")).form("/billing-address")
    return browser.submit(form, **BERLIN)


def plan(life):
    return f"/subscriptions/{life['subscription']}/plan?price={life['prices']['pro_yearly']}"


@pytest.mark.feature(63)
class TestAMissingAddress:
    def test_the_next_charge_asks_for_it_in_place_and_then_has_the_tax(self, ada, visit):
        browser = visit(ada["customer"])
        page = browser.get(f"/subscriptions/{ada['subscription']}/next-charge")
        assert ASKED in page.text
        assert "You pay $29.00" in page.text
        back = enter_address(browser, page)
        assert back.url.endswith("/next-charge")
        assert "You pay $34.51" in back.text
        assert ASKED not in back.text

    def test_as_a_part_of_the_overview_it_leads_back_there(self, ada, visit):
        browser = visit(ada["customer"])
        part = browser.part(f"/subscriptions/{ada['subscription']}/next-charge")
        assert enter_address(browser, part).url == browser.url("/")

    def test_a_change_asks_for_it_and_goes_on_with_the_same_choice(self, ada, visit, books):
        browser = visit(ada["customer"])
        page = browser.get(plan(ada))
        assert ASKED in page.text
        back = enter_address(browser, page)
        assert back.url.endswith(plan(ada))
        assert "Your plan is now Pro" in browser.submit(back.form("/plan")).text
        assert books.plan(ada["subscription"])[0] == ada["prices"]["pro_yearly"]

    def test_a_write_that_stripe_refuses_for_it_leads_there_and_back(self, ada, visit, books, world):
        books.api.customers.update(ada["customer"], {"address": BERLIN})
        browser = visit(ada["customer"])
        form = browser.get(plan(ada)).form("/plan")
        code = "customer_tax_location_invalid"
        world.fail("^/v1/subscriptions/[^/]+$", method="POST", status=400, code=code)
        refused = browser.submit(form)
        assert refused.status == 422
        assert ASKED in refused.text
        assert "Nothing was charged and nothing was changed." in refused.text
        assert enter_address(browser, refused).url.endswith(f"/subscriptions/{ada['subscription']}/plan")

    @pytest.mark.feature(72)
    def test_a_code_asks_for_it_too(self, ada, visit, books):
        coupon = books.api.coupons.create({"percent_off": 10, "duration": "once"}).id
        books.api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon}, "code": "TENTH"})
        browser = visit(ada["customer"])
        page = browser.get(f"/subscriptions/{ada['subscription']}/promotion-code")
        found = browser.submit(page.form("/promotion-code"), code="TENTH")
        assert ASKED in found.text
        back = enter_address(browser, found)
        assert back.form("/promotion-code").fields["code"] == "TENTH"
        found = browser.submit(back.form("/promotion-code"))
        assert "Without TENTH $34.51 With TENTH $31.06" in found.text

    def test_what_is_wrong_with_it_is_said_and_the_way_back_is_kept(self, ada, visit):
        browser = visit(ada["customer"])
        page = browser.get(f"/subscriptions/{ada['subscription']}/next-charge")
        form = browser.get(page.link("Enter your address")).form("/billing-address")
        wrong = browser.submit(form, country="DE", line1="", city="", postal_code="")
        assert wrong.status == 422
        fields = browser.submit(form, country="US", use_country="yes").form("/billing-address")
        assert fields.fields["back"] == wrong.form("/billing-address").fields["back"]
        assert browser.submit(fields, **BERLIN, use_country=None).url.endswith("/next-charge")

    def test_the_shipping_address_is_asked_for_where_the_tax_follows_it(self, ada, visit, books):
        nowhere = {"name": "Ada", "address": {"country": "US"}}
        books.api.customers.update(ada["customer"], {"address": BERLIN, "shipping": nowhere})
        browser = visit(ada["customer"])
        page = browser.get(f"/subscriptions/{ada['subscription']}/next-charge")
        form = browser.get(page.link("Enter your address")).form("/shipping-address")
        back = browser.submit(form, name="Ada", **BERLIN)
        assert back.url.endswith("/next-charge")
        assert "You pay $34.51" in back.text

    @pytest.mark.parametrize("how", ["scope", "feature"])
    def test_who_may_not_enter_it_is_told_but_led_nowhere(self, how, ada, world, visit):
        features = (
            Features(customer_update=CustomerUpdate(allowed_updates=("name",))) if how == "feature" else Features()
        )
        with hosting(world, features=features) as host:
            scopes = "view" if how == "scope" else "manage"
            browser = visit(ada["customer"], at=host, scopes=scopes)
            page = browser.get(f"/subscriptions/{ada['subscription']}/next-charge")
            assert ASKED in page.text
            assert "Enter your address" not in page.text
            assert browser.get("/details/tax-address").status == {"scope": 403, "feature": 404}[how]


@pytest.mark.feature(62)
class TestTheWayBack:
    ELSEWHERE = (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/%2f/evil.example",
        "javascript:alert(1)",
        "/..//evil.example",
        "/session/end",
        "/enter?token=x",
        "/details/tax-address",
        "/subscriptions/../plan",
        "/subscriptions/sub_1/plan/withdrawal",
        "/subscriptions/sub_1%2f..%2f../plan",
        "/subscriptions/cus_1/x/plan",
        " /",
        "/\r\nSet-Cookie: a=b",
        "?x",
        "x" * 600,
    )

    @pytest.mark.parametrize("asked", ELSEWHERE)
    def test_nothing_but_a_page_of_ours_is_led_back_to(self, asked, world, visit):
        browser = visit(world.live("monthly", days=10)["customer"])
        page = browser.get(f"/details/billing-address?back={quote(asked)}")
        form = page.form("/billing-address")
        assert "back" not in form.fields
        answer = browser.send(form, **BERLIN, back=asked)
        assert str(answer.url).startswith(browser.url("/details"))
        assert "evil" not in answer.text

    def test_the_address_is_made_anew_and_cannot_say_that_something_was_done(self, world, visit):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        asked = f"/?done=canceled&of={ada['subscription']}&x=%22%3E&back=/"
        page = browser.get(f"/details/billing-address?back={quote(asked)}")
        back = browser.submit(page.form("/billing-address"), **BERLIN)
        assert back.url == f"{browser.url('/')}?x=%22%3E"

    def test_without_one_the_details_say_what_became_of_it(self, world, visit):
        browser = visit(world.live("monthly", days=10)["customer"])
        page = browser.submit(browser.get("/details/billing-address").form("/billing-address"), **BERLIN)
        assert "/details?done=billing_address" in page.url


@pytest.mark.feature(63)
class TestReverseCharge:
    @pytest.fixture
    def rosa(self, world):
        return world.live("reverse_charge")

    def test_it_is_said_on_the_invoice_and_of_the_next_charge(self, rosa, visit):
        browser = visit(rosa["customer"])
        for path in (f"/invoices/{rosa['invoice']}", f"/subscriptions/{rosa['subscription']}/next-charge"):
            page = browser.get(path)
            assert REVERSED in page.text
            assert "Your VAT ID DE123456789 is not verified yet" in page.text

    def test_nobody_else_reads_of_it_and_no_tax_id_is_asked_for(self, world, visit):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        browser.get("/")
        world.forget_requests()
        for path in (f"/invoices/{ada['invoice']}", f"/subscriptions/{ada['subscription']}/next-charge"):
            assert "VAT" not in browser.get(path).text
        assert not [call for call in world.requests() if "tax_ids" in call["path"]]

    def test_tax_ids_that_cannot_be_read_keep_nothing_back(self, rosa, world, visit):
        browser = visit(rosa["customer"])
        world.fail("/tax_ids$", status=400, times=9)
        page = browser.get(f"/invoices/{rosa['invoice']}")
        assert page.status == 200
        assert REVERSED in page.text
        assert "Your VAT ID" not in page.text
