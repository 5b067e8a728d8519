"""Several Stripe accounts behind one portal: keys of their own, Connect, `on_behalf_of`, and customers that are Accounts."""

from __future__ import annotations

import pytest

from portal_embed import BusinessProfile, Catalog, Plan, StripeAccount, Theme
from tests.pages.people import services
from tests.pages.postbox import Postbox
from tests.serving import hosting

EU, SHOP = "acct_1EuropeanSide", "acct_1ConnectedShop"
pytestmark = pytest.mark.feature(17)


def seller(world, **options):
    """Another account's books, as its own key or the platform's header opens them."""
    client = services(world.stripe_client(**options))
    product = client.products.create({"name": "Nordsee"})
    price = client.prices.create(
        {
            "product": product.id,
            "currency": "eur",
            "unit_amount": 1900,
            "recurring": {"interval": "month"},
            "lookup_key": "nordsee",
        }
    )
    customer = client.customers.create({"name": "Greta Garbo", "email": "greta@example.com"}).id
    card = client.payment_methods.attach("pm_card_visa", {"customer": customer}).id
    client.customers.update(customer, {"invoice_settings": {"default_payment_method": card}})
    subscription = client.subscriptions.create({"customer": customer, "items": [{"price": price.id}]})
    return {"client": client, "customer": customer, "subscription": subscription.id, "price": price.id}


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10, name="Ada Lovelace")


class TestAnAccountWithKeysOfItsOwn:
    @pytest.fixture
    def greta(self, world):
        world.own("sk_test_eu", EU)
        world.own("pk_test_eu", EU)
        return seller(world, key="sk_test_eu")

    @pytest.fixture
    def host(self, world):
        merchant = StripeAccount(
            secret_key="sk_test_eu",
            publishable_key="pk_test_eu",
            catalog=Catalog([Plan(lookup_key="nordsee")]),
            business_profile=BusinessProfile(name="Acme Europe"),
            theme=Theme(accent="#0b6e75"),
        )
        postbox = Postbox()
        with hosting(world, accounts={EU: merchant}, mail=postbox.deliver) as served:
            postbox.host, served.postbox = served, postbox
            yield served

    def test_each_customer_sees_their_own_account_s_books_name_and_look(self, ada, greta, visit):
        page = visit(greta["customer"], stripe_account=EU).get("/")
        assert "Nordsee" in page.text
        assert "€19.00" in page.text
        assert "Acme Europe" in page.html
        assert any("theme.css?account=" in value for _, name, value in page.attributes if name == "href")
        assert "Acme Europe" not in visit(ada["customer"]).get("/").html

    def test_a_dead_link_of_its_is_had_anew_in_its_name(self, host, greta, visit):
        link = host.link(greta["customer"], stripe_account=EU, after_expiration={"type": "customer_login"})
        visit().enter(link)
        browser = visit()
        page = browser.get(link)
        assert "Acme Europe" in page.html
        browser.submit(page.form("/login/renewal"))
        assert "Acme Europe" in host.postbox.last().subject

    def test_its_theme_is_served_to_whoever_asks_and_no_other_s(self, greta, visit):
        assert "#0b6e75" in visit().ask("GET", f"/theme.css?account={EU}").text
        assert "#0b6e75" not in visit().ask("GET", "/theme.css?account=acct_1Nobody").text

    def test_calls_carry_its_key_and_no_connect_header(self, greta, visit, world):
        browser = visit(greta["customer"], stripe_account=EU)
        world.forget_requests()
        browser.get("/invoices")
        assert {call["account"] for call in world.requests()} == {None}

    def test_stripe_js_gets_its_publishable_key(self, greta, visit):
        browser = visit(greta["customer"], stripe_account=EU)
        page = browser.submit(next(f for f in browser.get("/payment-methods").forms if f.action.endswith("/new")))
        values = {name: value for _, name, value in page.attributes if name.startswith("data-")}
        assert (values["data-publishable-key"], values["data-stripe-account"]) == ("pk_test_eu", "")

    def test_a_customer_of_one_account_is_nobody_in_the_other(self, host, ada, greta, visit):
        for customer, account in ((ada["customer"], EU), (greta["customer"], None)):
            link = host.link(customer, stripe_account=account)
            assert visit().ask("GET", link, headers={"Sec-Fetch-Mode": "navigate"}).status_code == 400

    def test_a_subscription_of_the_other_account_is_not_found(self, ada, greta, visit):
        browser = visit(greta["customer"], stripe_account=EU)
        assert browser.get(f"/subscriptions/{ada['subscription']}/cancellation").status == 404


class TestConnect:
    @pytest.fixture
    def greta(self, world):
        return seller(world, stripe_account=SHOP)

    def test_a_connected_account_is_reached_through_the_platform(self, greta, visit, world):
        browser = visit(greta["customer"], stripe_account=SHOP)
        world.forget_requests()
        assert "Nordsee" in browser.get("/").text
        assert {call["account"] for call in world.requests()} == {SHOP}

    def test_stripe_js_gets_the_platform_s_key_and_the_account(self, greta, visit):
        browser = visit(greta["customer"], stripe_account=SHOP)
        page = browser.submit(next(f for f in browser.get("/payment-methods").forms if f.action.endswith("/new")))
        values = {name: value for _, name, value in page.attributes if name.startswith("data-")}
        assert (values["data-publishable-key"], values["data-stripe-account"]) == ("pk_test_portal", SHOP)

    def test_it_may_have_a_catalog_and_a_name_of_its_own(self, greta, visit, world):
        merchant = StripeAccount(
            catalog=Catalog([Plan(lookup_key="nordsee")]), business_profile=BusinessProfile(name="Shop")
        )
        with hosting(world, accounts={SHOP: merchant}) as host:
            page = visit(greta["customer"], at=host, stripe_account=SHOP).get(
                f"/subscriptions/{greta['subscription']}/plan"
            )
        assert page.status == 200
        assert "Shop" in page.html


class TestOnBehalfOf:
    """Only what is billed on behalf of the account is there, as in a session of Stripe's that names one."""

    @pytest.fixture
    def both(self, books, ada):
        price = ada["prices"]["starter_monthly"]
        theirs = books.api.subscriptions.create(
            {"customer": ada["customer"], "items": [{"price": price}], "on_behalf_of": SHOP}
        )
        return {**ada, "theirs": theirs.id, "their_invoice": theirs.latest_invoice}

    def test_only_those_subscriptions_and_invoices_are_there(self, both, visit):
        browser = visit(both["customer"], on_behalf_of=SHOP)
        page = browser.get("/")
        assert "Starter" in page.text
        assert "$29.00" not in page.text
        listed = [
            link for link in browser.get("/invoices").links if "/invoices/in_" in link and not link.endswith("/pdf")
        ]
        assert {link.rpartition("/")[2] for link in listed} == {both["their_invoice"]}

    def test_the_others_are_not_found_by_their_ids_either(self, both, visit, books):
        browser = visit(both["customer"], on_behalf_of=SHOP)
        other = next(i.id for i in books.invoices(both["customer"]) if i.id != both["their_invoice"])
        for path in (
            f"/subscriptions/{both['subscription']}/cancellation",
            f"/invoices/{other}",
            f"/invoices/{other}/pdf",
        ):
            assert browser.get(path).status == 404
        assert browser.get(f"/subscriptions/{both['theirs']}/cancellation").status == 200

    def test_a_new_method_is_saved_on_behalf_of_it(self, both, visit, books):
        browser = visit(both["customer"], on_behalf_of=SHOP)
        browser.submit(next(f for f in browser.get("/payment-methods").forms if f.action.endswith("/new")))
        assert books.api.setup_intents.list({"customer": both["customer"]}).data[0].on_behalf_of == SHOP

    def test_a_session_that_names_none_sees_all(self, both, visit):
        page = visit(both["customer"]).get("/")
        assert "Starter" in page.text
        assert "$29.00" in page.text


@pytest.mark.feature(18)
class TestACustomerThatIsAnAccount:
    ACCOUNT = "acct_1AdaLovelace"

    @pytest.fixture
    def account(self, world, ada):
        world.as_account(ada["customer"], self.ACCOUNT)
        return self.ACCOUNT

    def enter(self, host, visit, account):
        return visit().enter(host.portal.create_session(customer_account=account).url)

    def test_the_link_names_the_account_and_opens_the_customer(self, host, visit, ada, account):
        page = self.enter(host, visit, account).get("/")
        assert "Billing for Ada Lovelace" in page.text
        assert "$29.00" in page.text

    def test_either_name_ends_the_session(self, host, visit, ada, account):
        for name in (ada["customer"], account):
            browser = self.enter(host, visit, account)
            host.portal.end_sessions(customer=name)
            assert browser.get("/").status == 401

    def test_an_account_that_is_no_customer_opens_nothing(self, host, visit):
        link = host.portal.create_session(customer_account="acct_1SomebodyElse").url
        assert visit().ask("GET", link, headers={"Sec-Fetch-Mode": "navigate"}).status_code == 400
