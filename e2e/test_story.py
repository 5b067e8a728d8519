"""The whole story: a customer comes from the host, looks after their billing, and goes back."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from e2e.steps import ASKING_CARD, Visit, amount_in, default_of, id_in


def test_the_whole_story(tidewater, page, books):
    visit, ada = Visit(page, tidewater), tidewater.ada

    sign_in_and_go_to_billing(visit)
    visit.sees("Pro").sees("$29.00 a month").sees("Active")

    visit.follow("Invoices", exact=True).stands_at("Invoices")
    page.locator(".invoice-row__number a").first.click()
    invoice = books.v1.invoices.retrieve(id_in_when_there(page, "invoices"))
    visit.stands_at(f"Invoice {invoice.number}").sees("$29.00").sees("Paid")
    assert pdf_of(visit).startswith(b"%PDF")

    visit.follow("Payment methods").stands_at("Payment methods")
    visit.add_card(ASKING_CARD).bank("Complete authentication")
    visit.stands_at("Payment methods").sees("Visa •••• 3155 was added")
    card = books.v1.payment_methods.retrieve(default_of(books, ada))
    assert card.card.last4 == "3155"
    own = books.v1.subscriptions.retrieve(ada["subscription"]).default_payment_method
    assert own in {None, card.id}, "a subscription's own method would win over the default"

    change_plan_and_compare(visit, books, ada)
    cancel_and_come_back(visit, books, ada)

    go_back_to_the_host(visit)


def test_the_whole_story_without_javascript(tidewater, plain_context, books):
    visit, ada = Visit(plain_context.new_page(), tidewater), tidewater.ada

    sign_in_and_go_to_billing(visit)
    visit.sees("Pro").sees("$29.00 a month")
    visit.follow("See the amount").stands_at("Next charge").sees("$29.00")

    visit.follow("Invoices", exact=True)
    visit.page.locator(".invoice-row__number a").first.click()
    assert pdf_of(visit).startswith(b"%PDF")

    second = books.v1.payment_methods.attach("pm_card_mastercard", {"customer": ada["customer"]}).id
    visit.follow("Payment methods")
    visit.page.locator("summary", has_text="Make default").click()
    visit.press("Use as default").sees("Mastercard •••• 4444 is your default now")
    assert default_of(books, ada) == second

    change_plan_and_compare(visit, books, ada)
    cancel_and_come_back(visit, books, ada)

    go_back_to_the_host(visit)


def sign_in_and_go_to_billing(visit):
    """At the host; the address that Ada arrives at is clean of what brought her there."""
    visit.page.goto(f"{visit.host.origin}/")
    visit.press("Ada Lovelace").stands_at("This week at The Boathouse Café")
    visit.page.get_by_role("navigation").get_by_role("link", name="Account").click()
    visit.press("Manage billing").stands_at("Overview")
    assert visit.page.url == f"{visit.base}/"


def go_back_to_the_host(visit):
    """Still signed in there."""
    visit.follow("Back to Tidewater").stands_at("Account")
    expect(visit.page).to_have_url(f"{visit.host.origin}/account")


def change_plan_and_compare(visit, books, ada):
    """Upgrade; the sum on the button is the sum that was charged, to the cent."""
    visit.follow("Overview", exact=True).follow("Change plan").stands_at("Change plan")
    visit.page.get_by_label("Scale").first.check()
    see = visit.page.get_by_role("button", name="See what it costs")
    is_plain = see.is_visible()
    if is_plain:
        see.click()
    quantity = visit.page.get_by_label("Seats")
    quantity.select_text()  # Firefox, driven over BiDi, would put the new number behind the old one
    quantity.press("Backspace")
    quantity.fill("5")
    if is_plain:
        see.click()
    visit.sees("$15.00 a month × 5")
    button = visit.page.get_by_role("button", name="and change plan")
    shown = amount_in(button.inner_text())
    button.click()

    visit.stands_at("Overview").sees("Your plan is now Scale")
    subscription = books.v1.subscriptions.retrieve(ada["subscription"], {"expand": ["latest_invoice"]})
    item = subscription.items.data[0]
    assert (item.price.lookup_key, item.quantity) == ("scale_monthly", 5)
    assert subscription.latest_invoice.status == "paid"
    assert subscription.latest_invoice.amount_paid == shown


def cancel_and_come_back(visit, books, ada):
    """Cancel with a reason and a word, then keep the plan after all."""
    visit.follow("Cancel subscription").stands_at("Cancel Scale")
    visit.page.get_by_label("It costs too much").check()
    visit.page.get_by_label("Anything you want to tell us?").fill("See you next year")
    visit.press("Cancel subscription")
    visit.stands_at("Overview").sees("Scale is canceled")
    ending = books.v1.subscriptions.retrieve(ada["subscription"])
    assert ending.cancel_at is not None
    assert ending.cancellation_details.feedback == "too_expensive"
    assert ending.cancellation_details.comment == "See you next year"

    visit.press("Keep my plan").sees("You keep Scale")
    kept = books.v1.subscriptions.retrieve(ada["subscription"])
    assert (kept.status, kept.cancel_at, kept.cancel_at_period_end) == ("active", None, False)


def pdf_of(visit):
    """The bytes behind "Download PDF", fetched as the browser would."""
    link = visit.page.get_by_role("link", name="Download PDF").get_attribute("href")
    answer = visit.page.context.request.get(f"{visit.host.origin}{link}")
    assert answer.headers["content-type"] == "application/pdf"
    return answer.body()


def id_in_when_there(page, noun):
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"^Invoice \S+"))
    return id_in(page.url, noun)
