"""Mallory holds Ada's ids, and puts them wherever a request has room for one. Customers are told apart by the session alone."""

from __future__ import annotations

import pytest

from tests.pages.deeds import add_method, client_secret, finish_form


@pytest.fixture
def ada(world, books):
    """She has everything."""
    life = world.live("monthly", days=10)
    return {**life, "spare": books.add(life["customer"], "pm_card_amex"), "invoice": books.invoice(life["customer"])}


@pytest.fixture
def mallory(world, books):
    """She wants it."""
    life = world.live("monthly", days=10, name="Mallory", email="mallory@example.com")
    return {**life, "invoice": books.invoice(life["customer"])}


@pytest.fixture
def untouched(ada, books):
    """Ada's books are as they were when the test ends."""

    def facts():
        customer = ada["customer"]
        subscription = books.subscription(ada["subscription"])
        return (
            books.default_of(customer),
            books.methods(customer),
            books.plan(ada["subscription"]),
            subscription.default_payment_method,
            subscription.cancel_at,
            books.charged(customer),
            books.api.invoices.retrieve(ada["invoice"]).status,
        )

    before = facts()
    yield
    assert facts() == before


@pytest.mark.usefixtures("untouched")
class TestInFieldsAndQueries:
    """Ids that are not in the path."""

    @pytest.mark.feature(115)
    def test_ada_s_tax_id_in_mallory_s_address(self, ada, mallory, books, visit):
        tax_id = books.api.customers.tax_ids.create(ada["customer"], {"type": "de_stn", "value": "1234567890"}).id
        own = books.api.customers.tax_ids.create(mallory["customer"], {"type": "de_stn", "value": "1234567890"}).id
        browser = visit(mallory["customer"])
        assert browser.get(f"/details/tax-ids/{tax_id}/removal").status == 404
        form = browser.get(f"/details/tax-ids/{own}/removal").form("/removal")
        form.action = form.action.replace(own, tax_id)
        assert browser.submit(form).status == 404
        assert [t.id for t in books.api.customers.tax_ids.list(ada["customer"]).data] == [tax_id]

    @pytest.mark.feature(113)
    @pytest.mark.parametrize("name", ["customer", "id", "email", "balance", "metadata[plan]", "tax_exempt", "source"])
    def test_fields_that_no_form_of_ours_has(self, name, ada, mallory, books, visit):
        browser = visit(mallory["customer"])
        before = books.api.customers.retrieve(mallory["customer"])
        page = browser.submit(browser.get("/details/contact").form("/contact"), **{name: ada["customer"]})
        assert page.status == 200
        after = books.api.customers.retrieve(mallory["customer"])
        assert (after.email, after.balance, after.tax_exempt) == (before.email, before.balance, before.tax_exempt)
        assert ada["customer"] not in str(after)

    def test_a_method_that_takes_the_place_of_ada_s(self, ada, mallory, books, visit):
        browser = visit(mallory["customer"])
        page = add_method(browser)
        books.confirm_setup(client_secret(page), "pm_card_mastercard")
        assert browser.submit(finish_form(page), replaces=ada["payment_method"]).status == 200

    def test_ada_s_setup_intent_in_the_way_back_from_a_bank(self, ada, mallory, books, visit):
        page = add_method(visit(ada["customer"]))
        books.confirm_setup(client_secret(page), "pm_card_mastercard")
        intent = client_secret(page).split("_secret_")[0]
        stolen = visit(mallory["customer"]).get(f"/payment-methods/return?setup_intent={intent}&make_default=on")
        assert stolen.status == 404
        books.api.payment_methods.detach((books.methods(ada["customer"]) - {ada["payment_method"], ada["spare"]}).pop())

    def test_ada_s_invoice_as_the_next_one_to_pay(self, ada, mallory, books, visit):
        browser = visit(mallory["customer"])
        page = add_method(browser)
        books.confirm_setup(client_secret(page), "pm_card_mastercard")
        assert browser.submit(finish_form(page), back=f"/invoices/{ada['invoice']}/payment").status == 404

    def test_ada_s_card_for_mallory_s_invoice(self, ada, mallory, visit):
        browser = visit(mallory["customer"])
        form = browser.get(f"/invoices/{mallory['invoice']}/payment?method={ada['payment_method']}").form("/payment")
        assert form.fields["payment_method"] == mallory["payment_method"]
        assert browser.submit(form, payment_method=ada["payment_method"]).status == 404

    @pytest.mark.parametrize("done", ["canceled", "changed", "kept", "method_default", "method_added", "paid"])
    def test_ada_s_ids_in_the_address_of_a_confirmation(self, done, ada, mallory, visit):
        browser = visit(mallory["customer"])
        for of in (ada["subscription"], ada["payment_method"], ada["invoice"], ada["customer"]):
            for path in ("/", "/payment-methods"):
                page = browser.get(f"{path}?done={done}&of={of}")
                assert page.status == 200
                assert of not in page.html

    @pytest.mark.parametrize("name", ["customer", "account", "stripe_account", "acct", "subscription", "on_behalf_of"])
    def test_another_customer_named_in_the_query(self, name, ada, mallory, visit, world):
        browser = visit(mallory["customer"])
        world.forget_requests()
        page = browser.get(
            f"/?{name}={ada['customer']}", **{"Stripe-Account": "acct_1Ada", "X-Customer": ada["customer"]}
        )
        assert "Mallory" in page.text
        assert not any(ada["customer"] in str(call) for call in world.requests())

    def test_mallory_s_form_sent_to_ada_s_address(self, ada, mallory, visit):
        browser = visit(mallory["customer"])
        form = browser.get(f"/subscriptions/{mallory['subscription']}/cancellation").form("/cancellation")
        form.action = form.action.replace(mallory["subscription"], ada["subscription"])
        assert browser.submit(form).status == 404

    def test_ada_s_form_in_mallory_s_session(self, ada, mallory, visit):
        form = visit(ada["customer"]).get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        assert visit(mallory["customer"]).submit(form).status == 403


def test_the_same_customer_id_in_another_account_is_another_customer(ada, host, visit):
    answer = visit().ask("GET", host.link(ada["customer"], stripe_account="acct_1Connected"))
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("method", ["default", "removal"])
def test_after_the_customer_is_deleted_no_form_of_theirs_does_anything(method, ada, world, books, visit):
    browser = visit(ada["customer"])
    page = browser.get("/payment-methods")
    form = page.form(f"/{ada['spare']}/default") if method == "default" else None
    form = form or browser.get(f"/payment-methods/{ada['spare']}/removal").form("/removal")
    books.api.customers.delete(ada["customer"])
    world.forget_requests()
    answer = browser.submit(form)
    assert answer.status in {401, 404}
    assert not [call for call in books.writes() if call["status"] == 200]
