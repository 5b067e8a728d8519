"""What a person does in front of the portal, in words that tests read like a story."""

from __future__ import annotations

import re

from playwright.sync_api import expect

GOOD_CARD = "4242 4242 4242 4242"
SECOND_CARD = "5555 5555 5555 4444"
ASKING_CARD = "4000 0025 0000 3155"
"""Asks for 3-D Secure when it is saved, not afterwards."""
ALWAYS_ASKING_CARD = "4000 0027 6000 3184"
DECLINED_CARD = "4000 0000 0000 0002"
AMEX = "3782 822463 10005"

CARD_FRAME = "iframe[title='Secure payment input frame']"
BANK_FRAME = "iframe[title='3D Secure authentication']"


class Visit:
    """One browser window at one host."""

    def __init__(self, page, host):
        self.page = page
        self.host = host

    @property
    def base(self):
        return f"{self.host.origin}{self.host.path}"

    def arrive(self, customer, **session):
        """Come by a link of the host's, as `portal.create_session` makes it."""
        self.page.goto(self.host.link(customer, **session))
        expect(self.page).to_have_url(f"{self.base}/")
        return self

    def enter(self, customer):
        """Be signed in by such a link without looking at where it leads: for who stands somewhere else next."""
        navigation = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "cross-site"}
        answer = self.page.context.request.get(self.host.link(customer), headers=navigation, max_redirects=0)
        assert answer.status == 303
        return self

    def open(self, path=""):
        self.page.goto(f"{self.base}{path}")
        return self

    def follow(self, name, **more):
        self.page.get_by_role("link", name=name, **more).click()
        return self

    def press(self, name, **more):
        self.page.get_by_role("button", name=name, **more).click()
        return self

    def tap_thrice(self, name):
        """An impatient person: three clicks before anything can answer."""
        self.page.get_by_role("button", name=name).click(click_count=3)
        return self

    def sees(self, text):
        expect(self.page.locator("main")).to_contain_text(text)
        return self

    def sees_no(self, text):
        expect(self.page.locator("main")).not_to_contain_text(text)
        return self

    def stands_at(self, heading):
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        return self

    def notice(self):
        return self.page.locator("main .notice").first

    # -- cards

    def add_card(self, number, **more):
        """From the list of payment methods to a saved (or asked about, or declined) card."""
        self.press("Add payment method")
        return self.enter_card(number, **more)

    def enter_card(self, number):
        return self.type_card(number).press("Save payment method")

    def type_card(self, number):
        fields = self.page.frame_locator(CARD_FRAME)
        fields.get_by_label("Card number").fill(number)
        fields.get_by_label("Expiration date").fill("12 / 34")
        fields.get_by_label("Security code").fill("123" if len(number) > 17 else "1234")
        fields.get_by_label("Country").select_option("US")
        fields.get_by_label("ZIP code").fill("12345")
        return self

    def bank(self, answer):
        """Answer the bank's dialog: "Complete authentication", "Fail authentication" or "Close"."""
        self.page.frame_locator(BANK_FRAME).get_by_role("button", name=answer).click()
        return self


def amount_in(text):
    """The sum of a sentence or a button, in cents: "Pay $1,013.40 and change plan" is 101340."""
    found = re.search(r"\$([\d,]+)\.(\d\d)", text)
    assert found, f"there is no sum in {text!r}"
    return int(found[1].replace(",", "") + found[2])


def id_in(address, noun):
    """The id after a noun of an address: id_in(".../invoices/in_1", "invoices") is "in_1"."""
    return re.search(rf"/{noun}/([^/?#]+)", address)[1]


def charged(books, life):
    """The sums that a customer was really charged, in cents, newest first, as Stripe's books have them."""
    charges = books.v1.charges.list({"customer": life["customer"], "limit": 100}).data
    return [charge.amount for charge in charges if charge.status == "succeeded"]


def cards_of(books, life):
    """The last four digits of the saved cards, in order."""
    return sorted(method.card.last4 for method in books.v1.customers.payment_methods.list(life["customer"]).data)


def default_of(books, life):
    """The id of the method that pays where nothing else is said."""
    return books.v1.customers.retrieve(life["customer"]).invoice_settings.default_payment_method
