"""Invoices: the list, one of them, its documents. Sums add up, and nothing is hidden that happened to the money."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from tests.serving import hosting

NUMBER = re.compile(r"[A-Z0-9]{8}-\d{4}")


def numbers(page):
    return list(dict.fromkeys(NUMBER.findall(page.text)))


def sums(page):
    """The table of sums of an invoice: label → amount in cents."""
    found = re.findall(r"<dt><bdi>([^<]*)</bdi>.*?<dd class=\"amount\"><bdi>([^<]*)</bdi>", page.html, re.DOTALL)
    return [(label, cents(amount)) for label, amount in found]


def cents(text):
    sign = -1 if text.startswith(("-", "−")) else 1
    return sign * int(Decimal(re.sub(r"[^0-9.]", "", text)) * 100)


def adds_up(page):
    """Whether the rows before the total sum up to it."""
    rows = sums(page)
    total = next(index for index, (label, _) in enumerate(rows) if label == "Total")
    return sum(amount for _, amount in rows[:total]) == rows[total][1]


def test_the_newest_comes_first(world, books, visit):
    ada = world.live("monthly", days=100)
    page = visit(ada["customer"]).get("/invoices")
    assert numbers(page) == [invoice.number for invoice in books.invoices(ada["customer"])]


def test_paging_goes_through_all_of_them_and_back(world, books, visit):
    grace = world.live("many_invoices", count=45)
    browser = visit(grace["customer"])
    pages, at = [], "/invoices"
    while at:
        page = browser.get(at)
        pages.append(page)
        at = next((href for href in page.links if "starting_after" in href), None)
    assert [len(numbers(page)) for page in pages] == [20, 20, 5]
    everything = [number for page in pages for number in numbers(page)]
    assert everything == [invoice.number for invoice in books.invoices(grace["customer"])]
    back = browser.get(next(href for href in pages[2].links if "ending_before" in href))
    assert numbers(back) == numbers(pages[1])
    first = browser.get(next(href for href in back.links if "ending_before" in href))
    assert numbers(first) == numbers(pages[0])
    assert not any("ending_before" in href for href in first.links)


def test_a_page_of_invoices_is_one_call_however_many_there_are(world, visit):
    grace = world.live("many_invoices", count=45)
    browser = visit(grace["customer"])
    world.forget_requests()
    browser.get("/invoices")
    assert [call["path"] for call in world.requests()] == ["/v1/invoices"]


def test_a_cursor_of_somebody_else_shows_nothing_of_theirs(world, books, visit):
    ada, mallory = world.live("monthly", days=10), world.live("monthly", days=70, name="Mallory")
    hers = books.invoices(ada["customer"])[0]
    for cursor in ("starting_after", "ending_before"):
        page = visit(mallory["customer"]).get(f"/invoices?{cursor}={hers.id}")
        assert hers.number not in page.text
        assert page.status in {200, 404}


@pytest.mark.parametrize("cursor", ["in_1Missing", "x", "../x", "in_'<b>"])
def test_a_cursor_that_leads_nowhere_is_no_crash(cursor, world, visit):
    ada = world.live("monthly", days=10)
    assert visit(ada["customer"]).get(f"/invoices?starting_after={cursor}").status in {200, 404}


def test_drafts_are_nobody_s_business(world, books, visit):
    ada = world.live("monthly", days=10)
    draft = books.draft(ada["customer"], what="Secret plans")
    browser = visit(ada["customer"])
    assert "Secret plans" not in browser.get("/invoices").text
    for path in ("", "/pdf", "/receipt", "/payment"):
        assert browser.get(f"/invoices/{draft}{path}").status == 404


def test_a_page_that_would_hold_only_drafts_is_passed_over(world, books, visit):
    customer = books.customer()
    paid = books.invoice(customer)
    for _ in range(21):
        books.draft(customer)
    page = visit(customer).get("/invoices")
    assert numbers(page) == [books.api.invoices.retrieve(paid).number]


def test_a_refunded_invoice_does_not_just_say_paid(world, visit):
    henry = world.live("refunded")
    page = visit(henry["customer"]).get(f"/invoices/{henry['invoice']}")
    assert "Refunded" in page.text
    assert ("Refunded to you", 2900) in [(label, abs(amount)) for label, amount in sums(page)]


def test_a_partly_refunded_invoice_says_how_much_came_back(world, visit):
    henry = world.live("refunded", amount=1000)
    page = visit(henry["customer"]).get(f"/invoices/{henry['invoice']}")
    assert "Partly refunded" in page.text
    assert ("Refunded to you", 1000) in [(label, abs(amount)) for label, amount in sums(page)]


def test_a_credit_note_before_payment_lowers_what_is_due(world, books, visit):
    ivy = world.live("open_invoice")
    books.api.credit_notes.create({"invoice": ivy["invoice"], "amount": 900, "reason": "duplicate"})
    page = visit(ivy["customer"]).get(f"/invoices/{ivy['invoice']}")
    assert ("Credit notes", -900) in sums(page)
    assert ("Amount due", 4000) in sums(page)
    assert "Billed twice" in page.text


def test_a_credit_note_after_payment_is_told_in_the_list_too(world, books, visit):
    ada = world.live("monthly", days=10)
    books.api.credit_notes.create({"invoice": ada["invoice"], "amount": 900, "refund_amount": 900})
    browser = visit(ada["customer"])
    assert "Partly refunded" in browser.get("/invoices").text
    page = browser.get(f"/invoices/{ada['invoice']}")
    assert "Partly refunded" in page.text
    assert any("/credit-notes/" in href for href in page.links)


def test_a_credit_note_s_pdf_is_a_pdf_of_stripe_s(world, books, visit):
    ada = world.live("monthly", days=10)
    note = books.api.credit_notes.create({"invoice": ada["invoice"], "amount": 900, "refund_amount": 900})
    answer = visit(ada["customer"]).ask("GET", f"/credit-notes/{note.id}/pdf")
    assert answer.status_code == 302
    assert answer.headers["location"] == note.pdf


def test_discounts_and_taxes_are_rows_that_add_up_to_the_total(world, books, visit):
    customer = books.customer()
    coupon = books.api.coupons.create({"percent_off": 25, "duration": "once", "name": "Spring"})
    rate = books.api.tax_rates.create({"display_name": "VAT", "percentage": 19, "inclusive": False})
    invoice = books.invoice(customer, 4999, discounts=[{"coupon": coupon.id}], default_tax_rates=[rate.id])
    page = visit(customer).get(f"/invoices/{invoice}")
    assert adds_up(page)
    assert {"Subtotal", "Discount (Spring)", "Tax", "Total"} <= {label for label, _ in sums(page)}


def test_inclusive_tax_is_told_but_not_added(world, books, visit):
    customer = books.customer()
    rate = books.api.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": True})
    page = visit(customer).get(f"/invoices/{books.invoice(customer, 6000, default_tax_rates=[rate.id])}")
    assert adds_up(page)
    assert ("Tax included", 1000) in sums(page)
    assert ("Total", 6000) in sums(page)


def test_credit_from_the_account_stands_between_total_and_what_is_due(world, books, visit):
    customer = books.customer()
    books.api.customers.balance_transactions.create(customer, {"amount": -1000, "currency": "usd"})
    page = visit(customer).get(f"/invoices/{books.invoice(customer, 4900)}")
    assert ("Credit from your account", -1000) in sums(page)
    assert ("Amount due", 3900) in sums(page)


def test_a_late_evening_in_utc_is_the_next_day_in_berlin(world, books, visit):
    world.freeze(1_794_180_600)  # 23:30 UTC
    customer = books.customer()
    invoice = books.invoice(customer)
    with hosting(world, timezone="Europe/Berlin") as host:
        there = visit(customer, at=host).get(f"/invoices/{invoice}").text
    here = visit(customer).get(f"/invoices/{invoice}").text
    assert re.search(r"Date (\d+) November", there)[1] == str(int(re.search(r"Date (\d+) November", here)[1]) + 1)


def test_a_currency_without_cents_is_written_without(world, books, visit):
    customer = books.customer()
    page = visit(customer).get(f"/invoices/{books.invoice(customer, 5000, 'jpy')}")
    assert "¥5,000" in page.text
    assert "¥5,000.00" not in page.text
    assert "¥50" not in page.text.replace("¥5,000", "")


def test_void_and_uncollectible_say_what_they_are(world, books, visit):
    customer = books.customer()
    void, lost = books.invoice(customer), books.invoice(customer)
    books.api.invoices.void_invoice(void)
    books.api.invoices.mark_uncollectible(lost)
    browser = visit(customer)
    assert "Void" in browser.get(f"/invoices/{void}").text
    assert not browser.get(f"/invoices/{void}").leads_to("/payment")
    assert "Unpaid" in browser.get(f"/invoices/{lost}").text
    assert browser.get(f"/invoices/{lost}").leads_to("/payment")


def test_the_lines_say_what_was_bought_and_when(world, visit):
    ada = world.live("monthly", days=10)
    page = visit(ada["customer"]).get(f"/invoices/{ada['invoice']}")
    assert "1 × Pro (at $29.00 / month)" in page.text
    assert re.search(r"\d+ \w{3} 2026 to \d+ \w{3} 2026", page.text)


def test_the_payment_names_the_card(world, visit):
    ada = world.live("monthly", days=10)
    assert "Visa •••• 4242" in visit(ada["customer"]).get(f"/invoices/{ada['invoice']}").text


def test_a_failed_payment_says_when_it_is_tried_again(world, visit):
    bob = world.live("past_due")
    page = visit(bob["customer"]).get(f"/invoices/{bob['invoice']}")
    assert "The payment failed" in page.text
    assert "You can also pay now." in page.text


class TestDocuments:
    """PDF and receipt: Stripe's own, fetched at the click."""

    @pytest.mark.parametrize("kind", ["pdf", "receipt"])
    def test_they_are_on_stripe_s_host(self, kind, world, visit):
        ada = world.live("monthly", days=10)
        answer = visit(ada["customer"]).ask("GET", f"/invoices/{ada['invoice']}/{kind}")
        assert answer.status_code == 302
        assert answer.headers["location"].startswith(world.api_base)
        assert answer.headers["referrer-policy"] == "same-origin"  # so Stripe is not told where the click was
        assert answer.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("kind", ["pdf", "receipt"])
    def test_a_frame_s_script_is_told_where_they_are(self, kind, world, visit):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        where = browser.ask("GET", f"/invoices/{ada['invoice']}/{kind}").headers["location"]
        answer = browser.ask("GET", f"/invoices/{ada['invoice']}/{kind}", headers={"Accept": "application/json"})
        assert answer.json() == {"url": where}
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers

    def test_the_pdf_really_is_one(self, world, visit):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        pdf = browser.client.get(browser.url(f"/invoices/{ada['invoice']}/pdf"))
        assert pdf.content.startswith(b"%PDF-")

    @pytest.mark.parametrize(("kind", "reads"), [("pdf", 1), ("receipt", 2)])
    def test_the_link_is_read_anew_at_every_click(self, kind, reads, world, visit):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        for _ in range(2):
            world.forget_requests()
            browser.ask("GET", f"/invoices/{ada['invoice']}/{kind}")
            assert len(world.requests()) == reads

    @pytest.mark.parametrize("kind", ["pdf", "receipt"])
    def test_a_link_to_any_other_host_is_not_followed(self, kind, world, visit):
        ada = world.live("monthly", days=10)
        elsewhere = world.api_base.replace(
            "127.0.0.1", "localhost"
        )  # the links in Stripe's answers keep the other name
        with hosting(world, stripe_api_base=elsewhere, stripe_js_url=f"{elsewhere}/stripe.js") as host:
            answer = visit(ada["customer"], at=host).ask("GET", f"/invoices/{ada['invoice']}/{kind}")
        assert answer.status_code == 404

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/x.pdf",
            "javascript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "http://pay.stripe.com/x",
        ],
    )
    def test_nor_is_anything_that_is_no_web_address_of_stripe_s(self, url, host):
        assert not host.portal.config.stripe_hosts.may_link(url)

    def test_an_unpaid_invoice_has_no_receipt(self, world, visit):
        ivy = world.live("open_invoice")
        browser = visit(ivy["customer"])
        assert not browser.get(f"/invoices/{ivy['invoice']}").leads_to("/receipt")
        assert browser.get(f"/invoices/{ivy['invoice']}/receipt").status == 404
