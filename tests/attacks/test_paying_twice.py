"""An invoice is paid once, whoever else is paying it at that moment, and no page says "nothing was charged" when something was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from portal_embed.access import operations
from portal_embed.billing.stripe import invoices
from tests.serving import hosting

NOTHING = "Nothing was charged"
UNKNOWN = "We could not find out whether it went through."


@pytest.fixture
def ivy(world):
    """One with an open invoice of $49.00."""
    return world.live("open_invoice")


@pytest.fixture
def lena(books):
    """One who pays by bank debit, which takes days, and has a card beside it."""
    customer = books.customer(card=None)
    debit = books.add_sepa(customer)
    card = books.add(customer)
    return {"customer": customer, "debit": debit, "card": card, "invoice": books.invoice(customer, 4900, "eur")}


def payment_form(browser, life):
    return browser.get(f"/invoices/{life['invoice']}/payment").form("/payment")


def payments(books, life):
    """The payments that took, or are taking, money."""
    found = books.api.payment_intents.list({"customer": life["customer"]}).data
    return [intent.status for intent in found if intent.status in {"succeeded", "processing"}]


def test_the_automatic_retry_that_is_a_moment_faster_is_no_failure(ivy, books, visit, monkeypatch):
    browser = visit(ivy["customer"])
    form = payment_form(browser, ivy)
    pay = invoices.pay

    async def overtaken(*args, **named):
        books.api.invoices.pay(ivy["invoice"])
        return await pay(*args, **named)

    monkeypatch.setattr(invoices, "pay", overtaken)
    page = browser.submit(form)
    assert "We received $49.00" in page.text
    assert NOTHING not in page.text
    assert books.charged(ivy["customer"]) == 4900


def test_what_stripe_refuses_for_another_reason_stays_a_failure(ivy, books, world, visit):
    browser = visit(ivy["customer"])
    form = payment_form(browser, ivy)
    world.fail("/pay$", method="POST", status=400, times=9)
    page = browser.submit(form)
    assert page.status == 502
    assert "Nothing was charged and nothing was changed." in page.text
    assert books.charges(ivy["customer"]) == 0


def test_two_workers_that_share_nothing_charge_once_and_both_say_paid(ivy, books, world, visit):
    with hosting(world) as second:
        browsers = visit(ivy["customer"]), visit(ivy["customer"], at=second)
        forms = [payment_form(browser, ivy) for browser in browsers]
        world.fail("/pay$", method="POST", delay=0.2, status=None, times=2)
        with ThreadPoolExecutor(2) as clicks:
            pages = list(clicks.map(lambda browser, form: browser.submit(form), browsers, forms))
    assert all("We received $49.00" in page.text for page in pages)
    assert books.charges(ivy["customer"]) == 1


class TestABankDebitOnItsWay:
    """Money that is being collected is not collected a second time."""

    def test_another_tab_cannot_pay_it_again_by_card(self, lena, books, visit):
        browser = visit(lena["customer"])
        first, second = payment_form(browser, lena), payment_form(browser, lena)
        browser.submit(first)
        page = browser.submit(second, payment_method=lena["card"])
        assert "Your payment is on its way" in page.text
        assert payments(books, lena) == ["processing"]

    def test_nor_is_the_form_offered_any_more(self, lena, visit):
        browser = visit(lena["customer"])
        browser.submit(payment_form(browser, lena))
        page = browser.get(f"/invoices/{lena['invoice']}/payment?done=payment_unconfirmed")
        assert "Your payment is on its way" in page.text
        assert not page.leads_to("/payment")

    def test_coming_back_from_the_bank_does_not_say_that_nothing_was_charged(self, lena, visit):
        browser = visit(lena["customer"])
        browser.submit(payment_form(browser, lena))
        page = browser.get(f"/invoices/{lena['invoice']}/authentication")
        assert NOTHING not in page.text
        assert "Your payment is on its way" in page.text

    def test_a_500_after_it_was_started_is_found_out(self, lena, world, books, visit):
        browser = visit(lena["customer"])
        form = payment_form(browser, lena)
        world.fail("/pay$", method="POST", status=500, when="after", times=9)
        page = browser.submit(form)
        assert NOTHING not in page.text
        assert "Your payment is on its way" in page.text
        assert payments(books, lena) == ["processing"]


def test_a_second_click_that_waits_too_long_does_not_deny_the_first(ivy, books, world, visit, monkeypatch):
    monkeypatch.setattr(operations, "_LOCK_WAIT", 0.1)
    browser = visit(ivy["customer"])
    form = payment_form(browser, ivy)
    world.fail("/pay$", method="POST", delay=0.8, status=None)
    with ThreadPoolExecutor(2) as clicks:
        pages = list(clicks.map(lambda _: browser.submit(form), range(2)))
    assert books.charges(ivy["customer"]) == 1
    assert sorted(page.status for page in pages) == [200, 503]
    for page in pages:
        assert NOTHING not in page.text
    assert any(UNKNOWN in page.text for page in pages)


def test_a_bug_of_ours_after_the_charge_does_not_read_as_nothing_was_charged(ivy, books, visit, monkeypatch):
    browser = visit(ivy["customer"])
    form = payment_form(browser, ivy)
    pay = invoices.pay

    async def broken(*args, **named):
        await pay(*args, **named)
        raise KeyError("a bug")

    monkeypatch.setattr(invoices, "pay", broken)
    page = browser.submit(form)
    assert page.status == 500
    assert books.charges(ivy["customer"]) == 1
    assert NOTHING not in page.text
    assert UNKNOWN in page.text
