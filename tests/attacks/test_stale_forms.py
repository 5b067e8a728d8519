"""Forms from another time: Back and resubmit after the effect is gone, quotes from before a renewal, two tabs that disagree."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from portal_embed import Features
from portal_embed.billing.stripe import invoices
from portal_embed.config import InvoiceHistory, SubscriptionCancel
from tests.pages.deeds import add_method, client_secret, finish_form
from tests.serving import hosting

STALE = "Things have changed in the meantime"


@pytest.fixture
def ada(world):
    """Ten days into a monthly plan."""
    return world.live("monthly", days=10)


def plan_form(browser, life, key="pro_yearly", quantity=None):
    asked = f"?price={life['prices'][key]}" + (f"&quantity={quantity}" if quantity else "")
    return browser.get(f"/subscriptions/{life['subscription']}/plan{asked}").form("/plan")


class TestAChangeThatCameToNothing:
    """Stripe repeats its first answer to the same form; that answer is no longer true."""

    def test_after_a_decline_the_same_form_does_not_claim_success(self, ada, books, visit):
        books.add(ada["customer"], "pm_card_chargeCustomerFail", default=True)
        browser = visit(ada["customer"])
        form = plan_form(browser, ada)
        browser.submit(form)
        page = browser.submit(form)
        assert page.status == 409
        assert STALE in page.text
        assert "Your plan is now" not in page.text
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)

    @pytest.fixture
    def asked(self, ada, books, visit):
        """One whose bank wants to confirm the change: browser, the form that was sent, the bank's page, the page to drop it."""
        books.add(ada["customer"], "pm_card_authenticationRequired", default=True)
        browser = visit(ada["customer"])
        form = plan_form(browser, ada)
        bank = browser.submit(form)
        return browser, form, bank, browser.get(browser.get("/").link("Finish the change"))

    def test_after_it_was_dropped_the_same_form_does_not_claim_success(self, asked, ada, books):
        browser, form, _, pay = asked
        browser.submit(pay.form("/withdrawal"))
        page = browser.submit(form)
        assert page.status == 409
        assert "Your plan is now" not in page.text
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_monthly"], 1)

    def test_paid_in_another_tab_it_is_not_called_dropped(self, asked, ada, books):
        browser, _, bank, pay = asked
        books.answer_bank(client_secret(bank))
        page = browser.submit(pay.form("/withdrawal"))
        assert "The change was dropped" not in page.text
        assert "Nothing was charged" not in page.text
        assert "Your plan is now Pro" in page.text
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_yearly"], 1)

    def test_paid_while_it_is_being_dropped_it_is_not_called_unchanged(self, asked, ada, books, monkeypatch):
        browser, _, bank, pay = asked
        void = invoices.void

        async def overtaken(*args, **named):
            books.answer_bank(client_secret(bank))
            return await void(*args, **named)

        monkeypatch.setattr(invoices, "void", overtaken)
        page = browser.submit(pay.form("/withdrawal"))
        assert "Nothing was charged" not in page.text
        assert "Your plan is now Pro" in page.text
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_yearly"], 1)


class TestUndoneSince:
    """The same form again, after something else undid what it did: it has no effect, and says so."""

    def test_canceling(self, ada, books, visit):
        browser = visit(ada["customer"])
        form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        browser.submit(form)
        browser.submit(browser.get("/").form("/continuation"))
        page = browser.submit(form)
        assert page.status == 409
        assert STALE in page.text
        assert books.subscription(ada["subscription"]).cancel_at is None

    def test_keeping_the_plan(self, world, books, visit):
        dan = world.live("canceling")
        browser = visit(dan["customer"])
        form = browser.get("/").form("/continuation")
        browser.submit(form)
        browser.submit(browser.get(f"/subscriptions/{dan['subscription']}/cancellation").form("/cancellation"))
        page = browser.submit(form)
        assert page.status == 409
        assert STALE in page.text
        assert books.subscription(dan["subscription"]).cancel_at is not None

    def test_choosing_the_default(self, ada, books, visit):
        second = books.add(ada["customer"], "pm_card_mastercard")
        browser = visit(ada["customer"])
        form = browser.get("/payment-methods").form(f"/{second}/default")
        browser.submit(form)
        browser.submit(browser.get("/payment-methods").form(f"/{ada['payment_method']}/default"))
        page = browser.submit(form)
        assert page.status == 409
        assert STALE in page.text
        assert books.default_of(ada["customer"]) == ada["payment_method"]


class TestQuotes:
    """What is charged is what was shown."""

    def test_a_quote_from_before_a_renewal_is_shown_anew(self, world, books, visit):
        ada = world.live("monthly", days=0)
        browser = visit(ada["customer"])
        before = books.charged(ada["customer"])
        start = books.subscription(ada["subscription"])["items"].data[0].current_period_start
        page = browser.submit(plan_form(browser, ada), proration_date=str(start - 5))
        assert page.status == 409
        assert "The amount has changed since you last saw it" in page.text
        assert books.charged(ada["customer"]) == before

    def test_of_two_tabs_that_disagree_the_second_is_asked_again(self, ada, books, visit):
        browser = visit(ada["customer"])
        tabs = [plan_form(browser, ada), plan_form(browser, ada, "scale_monthly", 5)]
        before = books.charged(ada["customer"])
        with ThreadPoolExecutor(2) as clicks:
            pages = list(clicks.map(browser.submit, tabs))
        assert sorted(page.status for page in pages) == [200, 409]
        done = tabs[[page.status for page in pages].index(200)]
        assert books.charged(ada["customer"]) - before == int(done.fields["amount_due"])

    def test_two_workers_that_share_nothing_charge_a_change_once(self, ada, world, books, visit):
        before = books.charged(ada["customer"])
        with hosting(world) as second:
            browsers = visit(ada["customer"]), visit(ada["customer"], at=second)
            forms = [plan_form(browser, ada) for browser in browsers]
            world.fail("^/v1/subscriptions/[^/]+$", method="POST", delay=0.2, status=None, times=2)
            with ThreadPoolExecutor(2) as clicks:
                pages = list(clicks.map(lambda browser, form: browser.submit(form), browsers, forms))
        assert all("Your plan is now Pro" in page.text for page in pages)
        assert books.charged(ada["customer"]) - before == int(forms[0].fields["amount_due"])

    @pytest.mark.parametrize("behavior", ["void", "keep_as_draft", "mark_uncollectible"])
    def test_while_collection_is_paused_no_sum_is_promised(self, behavior, ada, books, visit):
        books.api.subscriptions.update(ada["subscription"], {"pause_collection": {"behavior": behavior}})
        browser = visit(ada["customer"])
        page = browser.get(f"/subscriptions/{ada['subscription']}/plan?price={ada['prices']['pro_yearly']}")
        assert page.status == 409
        assert "It can be changed once it runs again." in page.text

    @pytest.mark.parametrize(
        "forged",
        [{"currency": "jpy"}, {"customer": "cus_Mallory1"}, {"coupon": "FREE"}, {"trial_end": "now"}, {"metadata[x]": "y"},
         {"items[0][price]": "price_1"}, {"proration_behavior": "none"}, {"expand[]": "customer"}],
    )  # fmt: skip
    def test_a_field_that_no_form_has_changes_nothing_of_the_deed(self, forged, ada, world, books, visit):
        browser = visit(ada["customer"])
        form = plan_form(browser, ada)
        before = books.charged(ada["customer"])
        world.forget_requests()
        browser.submit(form, **forged)
        assert books.charged(ada["customer"]) - before == int(form.fields["amount_due"])
        sent = [call["form"] for call in books.writes()]
        assert not any(form.get(name) == value for form in sent for name, value in forged.items())


def test_nothing_ends_at_once_of_which_the_page_said_that_it_stays(ada, world, books, visit):
    browser = visit(ada["customer"])
    form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
    at_once = Features(subscription_cancel=SubscriptionCancel(mode="immediately"))
    with hosting(world, features=at_once) as changed:
        later = visit(ada["customer"], at=changed)
        now = later.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        page = later.submit(now, mode=form.fields["mode"])
        assert page.status == 409
        assert STALE in page.text
        assert books.subscription(ada["subscription"]).status == "active"


class TestTheBankAsksSomebodyWhoSeesNoInvoices:
    """A plan change leads to the bank and back for everybody who may change a plan."""

    @pytest.fixture(params=["scopes", "feature"])
    def asked(self, request, ada, world, books, visit):
        books.add(ada["customer"], "pm_card_authenticationRequired", default=True)
        off = request.param == "feature"
        with hosting(world, features=Features(invoice_history=InvoiceHistory(enabled=not off))) as host:
            scopes = None if off else ["subscriptions:write"]
            browser = visit(ada["customer"], at=host, scopes=scopes)
            yield browser, browser.submit(plan_form(browser, ada))

    def test_confirmed_the_page_says_so(self, asked, ada, books):
        browser, bank = asked
        books.answer_bank(client_secret(bank))
        invoice = books.subscription(ada["subscription"]).latest_invoice
        page = browser.get(f"/invoices/{invoice}/authentication")
        assert page.status == 200
        assert "Your plan is now Pro" in page.text

    def test_given_up_there_is_a_way_back(self, asked, ada, books):
        browser, bank = asked
        assert browser.get(bank.link("Go back without confirming")).status == 200
        invoice = books.subscription(ada["subscription"]).latest_invoice
        page = browser.get(f"/invoices/{invoice}/authentication")
        assert page.status == 200
        assert "Your plan is now" not in page.text


class TestCancelingWhileAChangeWaits:
    """Who leaves does not buy another year by a bank's dialog that is still open."""

    @pytest.fixture
    def leaving(self, ada, books, visit):
        books.add(ada["customer"], "pm_card_authenticationRequired", default=True)
        browser = visit(ada["customer"])
        bank = browser.submit(plan_form(browser, ada))
        form = browser.get(f"/subscriptions/{ada['subscription']}/cancellation").form("/cancellation")
        return browser, bank, form

    def test_the_change_is_dropped_with_the_plan(self, leaving, ada, books):
        browser, _, form = leaving
        page = browser.submit(form)
        assert "Pro is canceled" in page.text
        assert "Your plan change is not finished" not in page.text
        after = books.subscription(ada["subscription"])
        assert after.pending_update is None
        assert after.cancel_at is not None

    def test_paid_a_moment_before_nothing_is_canceled(self, leaving, ada, books, monkeypatch):
        browser, bank, form = leaving
        void = invoices.void

        async def overtaken(*args, **named):
            books.answer_bank(client_secret(bank))
            return await void(*args, **named)

        monkeypatch.setattr(invoices, "void", overtaken)
        assert browser.submit(form).status == 409
        after = books.subscription(ada["subscription"])
        assert after.cancel_at is None
        assert books.plan(ada["subscription"]) == (ada["prices"]["pro_yearly"], 1)


def test_a_method_cannot_take_its_own_place_and_vanish(ada, books, visit):
    browser = visit(ada["customer"])
    page = add_method(browser)
    books.confirm_setup(client_secret(page), "pm_card_mastercard")
    new = (books.methods(ada["customer"]) - {ada["payment_method"]}).pop()
    browser.submit(finish_form(page), replaces=new, make_default=None)
    assert books.methods(ada["customer"]) == {ada["payment_method"], new}
