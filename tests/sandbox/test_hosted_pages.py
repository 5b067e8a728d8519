"""The pages and PDFs behind the addresses in the API's answers, fetched as a customer's browser would."""

from __future__ import annotations

import re
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest
import stripe

from portal_embed.sandbox import Sandbox
from tests.sandbox.pdf_reader import pages_of

OCTOBER_11 = 1_791_720_000  # 2026-10-11 12:00 UTC


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def world(sandbox):
    world = sandbox.world("ada")
    world.reset()
    world.freeze(OCTOBER_11)
    return world


@pytest.fixture
def client(world):
    return stripe.StripeClient("sk_test_ada", base_addresses={"api": world.api_base})


@pytest.fixture
def ada(client):
    customer = client.v1.customers.create(
        {
            "name": "Ada <Lovelace>",
            "email": "ada@example.com",
            "address": {"line1": "12 St James Square", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"},
        }
    )
    card = client.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    return client.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": card.id}})


def invoice_for(client, customer, *amounts, currency="usd", **more):
    """A finalised invoice with one line for each amount in minor units."""
    draft = client.v1.invoices.create(
        {
            "customer": customer.id,
            "currency": currency,
            "auto_advance": False,
            "pending_invoice_items_behavior": "exclude",
            **more,
        }
    )
    for number, amount in enumerate(amounts, 1):
        client.v1.invoice_items.create(
            {
                "customer": customer.id,
                "invoice": draft.id,
                "amount": amount,
                "currency": currency,
                "description": f"T-Shirt {number}",
            }
        )
    return client.v1.invoices.finalize_invoice(draft.id, {"auto_advance": False})


def fetch(url):
    """Status, headers and body of an address."""
    try:
        with urlopen(url, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers, refusal.read()


def words_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.decode()))


def test_the_page_of_a_paid_invoice_says_what_was_paid_and_when(client, ada):
    invoice = client.v1.invoices.pay(invoice_for(client, ada, 1000).id)

    status, headers, body = fetch(invoice.hosted_invoice_url)

    assert status == 200
    assert "$10.00 paid on 11 Oct 2026" in words_of(body)
    assert invoice.number in words_of(body)
    assert "T-Shirt 1" in words_of(body)
    assert "Sandbox: a pretend invoice" in words_of(body)
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_page_of_an_open_invoice_says_what_is_due(client, ada):
    invoice = invoice_for(client, ada, 1000, collection_method="send_invoice", days_until_due=30)

    _, _, body = fetch(invoice.hosted_invoice_url)

    assert "$10.00 due 10 Nov 2026" in words_of(body)
    assert "Amount due $10.00" in words_of(body)


def test_a_name_cannot_put_markup_on_the_page(client, ada):
    _, _, body = fetch(invoice_for(client, ada, 1000).hosted_invoice_url)

    assert b"Ada &lt;Lovelace&gt;" in body


def test_the_pdf_is_a_download_named_by_the_invoices_number(client, ada):
    invoice = invoice_for(client, ada, 1000, 250)

    status, headers, body = fetch(invoice.invoice_pdf)

    assert (status, headers["Content-Type"]) == (200, "application/pdf")
    assert headers["Content-Disposition"] == f'attachment; filename="Invoice-{invoice.number}.pdf"'
    (page,) = pages_of(body)
    wanted = [
        invoice.number,
        "11 Oct 2026",
        "Ada <Lovelace>",
        "London SW1Y 4JH",
        "T-Shirt 1",
        "$10.00",
        "T-Shirt 2",
        "$2.50",
        "$12.50",
    ]
    assert [word for word in wanted if word not in page] == []


def test_the_page_links_to_its_pdf(client, ada):
    invoice = invoice_for(client, ada, 1000)
    _, _, page = fetch(invoice.hosted_invoice_url)

    link = urljoin(invoice.hosted_invoice_url, re.search(r'href="([^"]+/pdf)"', page.decode())[1])

    assert fetch(link)[2] == fetch(invoice.invoice_pdf)[2]


def test_an_invoice_of_many_lines_is_printed_whole(client, ada):
    invoice = invoice_for(client, ada, *range(100, 160))

    pages = pages_of(fetch(invoice.invoice_pdf)[2])

    assert len(pages) > 1
    assert sum(word.startswith("T-Shirt ") for page in pages for word in page) == 60


def test_a_currency_without_cents_has_none_on_paper(client, ada):
    (page,) = pages_of(fetch(invoice_for(client, ada, 500, currency="jpy").invoice_pdf)[2])

    assert "¥500" in page
    assert not any("5.00" in word for word in page)


def test_discount_and_tax_stand_between_subtotal_and_total(client, ada):
    coupon = client.v1.coupons.create({"percent_off": 25, "duration": "once", "name": "Autumn"})
    vat = client.v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": False})
    invoice = invoice_for(client, ada, 1000, discounts=[{"coupon": coupon.id}], default_tax_rates=[vat.id])

    (page,) = pages_of(fetch(invoice.invoice_pdf)[2])

    totals = page[page.index("Subtotal") :]
    assert totals[:10] == [
        "Subtotal", "$10.00", "Autumn (25% off)", "-$2.50", "VAT (20%)", "$1.50", "Total", "$9.00", "Amount due", "$9.00",
    ]  # fmt: skip


def test_a_receipt_names_the_card_and_the_amount(client, ada):
    invoice = client.v1.invoices.pay(invoice_for(client, ada, 1000).id)
    payments = client.v1.invoice_payments.list(
        {"invoice": invoice.id, "expand": ["data.payment.payment_intent.latest_charge"]}
    )

    charge = payments.data[0].payment.payment_intent.latest_charge
    status, _, body = fetch(charge.receipt_url)

    assert status == 200
    assert "$10.00 paid on 11 Oct 2026" in words_of(body)
    assert "Visa •••• 4242" in words_of(body)


def test_a_refund_is_on_the_receipt(client, ada):
    invoice = client.v1.invoices.pay(invoice_for(client, ada, 1000).id)
    payments = client.v1.invoice_payments.list({"invoice": invoice.id, "expand": ["data.payment.payment_intent"]})
    client.v1.refunds.create({"payment_intent": payments.data[0].payment.payment_intent.id, "amount": 400})
    intent = client.v1.payment_intents.retrieve(
        payments.data[0].payment.payment_intent.id, {"expand": ["latest_charge"]}
    )

    _, _, body = fetch(intent.latest_charge.receipt_url)

    assert "Refunded -$4.00" in words_of(body)
    assert "Total $6.00" in words_of(body)


def test_a_credit_note_has_a_pdf_of_its_own(client, ada):
    invoice = invoice_for(client, ada, 1000)
    note = client.v1.credit_notes.create({"invoice": invoice.id, "amount": 300, "reason": "duplicate"})

    status, headers, body = fetch(note.pdf)

    assert status == 200
    assert headers["Content-Disposition"] == f'attachment; filename="CreditNote-{note.number}.pdf"'
    (page,) = pages_of(body)
    wanted = [note.number, invoice.number, "Duplicate", "$3.00 credited on 11 Oct 2026", "Total credit"]
    assert [word for word in wanted if word not in page] == []


@pytest.mark.parametrize(
    "path", ["/i/nonsense", "/i/nonsense/pdf", "/receipts/nonsense", "/c/nonsense/pdf", "/3ds/pi_nonsense"]
)
def test_an_unknown_address_is_not_found(world, path):
    assert fetch(world.api_base + path)[0] == 404


def test_another_worlds_token_is_not_found(sandbox, client, ada):
    invoice = invoice_for(client, ada, 1000)
    mallorys = sandbox.world("mallory").api_base

    assert fetch(invoice.hosted_invoice_url.replace(sandbox.world("ada").api_base, mallorys))[0] == 404
