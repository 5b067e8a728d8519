"""Every page of the portal, with somebody on it for whom it looks the way it usually does (or at its worst).

The checks that hold for all pages (axe, narrow screens, policies, printing) and the gallery of screenshots walk it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from e2e.steps import BANK_FRAME, CARD_FRAME, Visit
from portal_embed import Features
from portal_embed.config import (
    CancellationReason,
    Configuration,
    SubscriptionCancel,
    SubscriptionPause,
    SubscriptionUpdate,
)

if TYPE_CHECKING:
    from collections.abc import Callable

FEATURES = Features(
    subscription_pause=SubscriptionPause(enabled=True),
    subscription_update=SubscriptionUpdate(default_allowed_updates=("price", "quantity", "promotion_code")),
)
"""Of the hosts that the tour walks at: every page is there."""
LONG_NAME = "Enterprise Observability and Incident Collaboration Suite XL"


@dataclass(frozen=True)
class Stop:
    """One page: `life` is the sandbox's name for somebody's history; `path`, made of the life's ids, or `go` leads there."""

    name: str
    life: str
    path: str = ""
    go: Callable[[Visit, dict[str, Any]], object] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    is_signed_in: bool = True
    session: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """Keywords of `create_session` for this stop, of the life."""
    stripe_module: str = ""
    """Our script that talks to Stripe's on this page; such a page has a policy and a list of scripts of its own."""

    def __str__(self):
        return self.name


def _card_form(visit, life):
    visit.open("/payment-methods").press("Add payment method")
    visit.page.frame_locator(CARD_FRAME).get_by_label("Card number").wait_for()


def _replace_form(visit, life):
    visit.open("/payment-methods").press("Replace Visa ending in 4242")
    visit.page.frame_locator(CARD_FRAME).get_by_label("Card number").wait_for()


def _declined(visit, life):
    visit.open(f"/invoices/{life['invoice']}/payment").press("Pay $29.00").sees("Your bank declined")


def _bank(visit, life):
    visit.open(f"/invoices/{life['invoice']}/payment").press("Pay $29.00").bank("Fail authentication")
    visit.sees("Your bank did not confirm")


def _bank_asks(visit, life):
    visit.open(f"/invoices/{life['invoice']}/payment").press("Pay $29.00")
    visit.page.frame_locator(BANK_FRAME).get_by_role("button", name="Close").wait_for()


def _canceled(visit, life):
    visit.open(f"/subscriptions/{life['subscription']}/cancellation").press("Cancel subscription").sees("is canceled")


def _preview(visit, life):
    visit.open(f"/subscriptions/{life['subscription']}/plan?price={life['prices']['scale_monthly']}&quantity=5")
    visit.sees("After that")


def _yearly(visit, life):
    visit.open(f"/subscriptions/{life['subscription']}/plan?price={life['prices']['pro_yearly']}").sees("After that")


def _removal(visit, life):
    visit.open("/payment-methods").page.get_by_role("link", name="Remove Mastercard").first.click()
    visit.sees("Remove payment method")


def _make_default(visit, life):
    visit.open("/payment-methods").page.locator("summary", has_text="Make default").first.click()


def _older(visit, life):
    visit.open("/invoices").follow("Older").sees("Newer")


def _contact_saved(visit, life):
    visit.open("/details/contact").press("Save contact details").sees("Contact details saved")


def _contact_wrong(visit, life):
    visit.open("/details/contact").page.get_by_label("Name", exact=True).fill("")
    visit.press("Save contact details").sees("Name is missing")


def _japan(visit, life):
    visit.open("/details/billing-address").page.get_by_label("Country or region").select_option("JP")
    visit.sees("Prefecture")


def _canada(visit, life):
    visit.open("/details/tax-ids/new").page.get_by_label("Country or region of the tax ID").select_option("CA")
    visit.sees("GST/HST")


def _type_code(visit, life, word):
    visit.open(f"/subscriptions/{life['subscription']}/promotion-code")
    visit.page.get_by_label("Promotion code").fill(word)
    visit.press("See what it saves")


def _code_found(visit, life):
    _type_code(visit, life, "AUTUMN10")
    visit.sees("With AUTUMN10")


def _code_wrong(visit, life):
    _type_code(visit, life, "SUMMER99")
    visit.sees("is not valid here")


def _flow(kind, **detail):
    """A deep link's session about the life's subscription."""

    def session(life):
        about = {kind: {"subscription": life["subscription"], **detail}} if kind.startswith("subscription") else {}
        thanks = {
            "type": "hosted_confirmation",
            "hosted_confirmation": {"custom_message": "From all of us: thank you."},
        }
        return {"flow_data": {"type": kind, **about, "after_completion": thanks}, "return_url": "/account"}

    return session


def _confirming(life):
    items = [{"id": life["item"], "price": life["prices"]["pro_yearly"]}]
    return _flow("subscription_update_confirm", items=items)(life)


def _flow_done(visit, life):
    visit.press("Cancel subscription").sees("is canceled")


def _code(visit, life):
    visit.open("/login").page.get_by_label("Billing email").fill("ada@example.com")
    visit.press("Send the code").sees("Enter your code")


def _wrong_code(visit, life):
    _code(visit, life)
    visit.page.get_by_label("Code").fill("BBBB-BBBB")
    visit.press("Sign in").sees("That is not the code")


def _renewal(visit, life):
    link = visit.host.link(life["customer"], after_expiration={"type": "customer_login"})
    visit.page.goto(link)
    visit.page.context.clear_cookies()
    visit.page.goto(link)
    visit.sees("We can send a new one to")


def _recover(visit, life):
    visit.page.goto(visit.host.portal.create_recovery_link(customer=life["customer"]))
    visit.sees("is unpaid")


def _recovery(visit, life):
    _recover(visit, life)
    visit.press("Continue").sees("Use another card")


def _recovery_asked(visit, life):
    visit.open("/recover").page.get_by_label("Billing email").fill("bob@example.com")
    visit.press("Send the link").sees("is on its way")


ANY_TIME = {
    "any_time": Configuration(
        features=Features(
            subscription_cancel=SubscriptionCancel(
                choices=("at_period_end", "on_date", "immediately"),
                cancellation_reason=CancellationReason(required=True),
            )
        )
    )
}
"""A configuration of hosts that the tour goes to."""


def _any_time(_life):
    return {"configuration": "any_time"}


CHANGING = {_canceled, _flow_done}
"""What can be done once only: each walk there meets somebody new."""
STOPS = [
    Stop("overview", "monthly"),
    Stop("overview-past-due", "past_due"),
    Stop("overview-trial", "trialing"),
    Stop("overview-canceling", "canceling"),
    Stop("overview-two", "two_subscriptions"),
    Stop("overview-empty", "new"),
    Stop("overview-just-canceled", "monthly", go=_canceled),
    Stop("next-charge", "monthly", "/subscriptions/{subscription}/next-charge"),
    Stop("invoices", "monthly", "/invoices"),
    Stop("invoices-older", "many_invoices", go=_older, options={"count": 60}),
    Stop("invoices-open", "open_invoice", "/invoices", options={"overdue": True}),
    Stop("invoices-empty", "new", "/invoices"),
    Stop("invoice", "monthly", "/invoices/{invoice}"),
    Stop("invoice-open", "past_due", "/invoices/{invoice}"),
    Stop("invoice-refunded", "refunded", "/invoices/{invoice}"),
    Stop("invoice-authentication", "3ds_renewal", "/invoices/{invoice}"),
    Stop("payment", "open_invoice", "/invoices/{invoice}/payment", options={"overdue": True}),
    Stop("payment-declined", "past_due", go=_declined),
    Stop("payment-bank", "3ds_renewal", go=_bank_asks, stripe_module="js/authentication.js"),
    Stop("payment-unconfirmed", "3ds_renewal", go=_bank),
    Stop("payment-methods", "every_method", "/payment-methods"),
    Stop("payment-methods-default", "two_subscriptions", go=_make_default),
    Stop("payment-methods-empty", "new", "/payment-methods"),
    Stop("card-form", "monthly", go=_card_form, stripe_module="js/elements.js"),
    Stop("card-form-replace", "monthly", go=_replace_form, stripe_module="js/elements.js"),
    Stop("removal", "spare_card", go=_removal),
    Stop("details", "business", "/details"),
    Stop("details-empty", "new", "/details"),
    Stop("details-saved", "business", go=_contact_saved),
    Stop("contact", "business", "/details/contact"),
    Stop("contact-wrong", "business", go=_contact_wrong),
    Stop("billing-address", "business", "/details/billing-address"),
    Stop("billing-address-japan", "business", go=_japan),
    Stop("shipping-address", "new", "/details/shipping-address"),
    Stop("invoice-fields", "business", "/details/invoice-fields"),
    Stop("tax-id", "business", "/details/tax-ids/new"),
    Stop("tax-id-canada", "business", go=_canada),
    Stop("tax-id-removal", "business", "/details/tax-ids/{tax_id}/removal"),
    Stop("email-link-dead", "monthly", "/email-change?token=old", is_signed_in=False),
    Stop("plan", "monthly", "/subscriptions/{subscription}/plan"),
    Stop("plan-preview", "monthly", go=_preview),
    Stop("plan-yearly", "monthly", go=_yearly),
    Stop("plan-long-name", "long_name", "/subscriptions/{subscription}/plan"),
    Stop("overview-long-name", "long_name"),
    Stop("overview-discounted", "discounted"),
    Stop("promotion-code", "monthly", "/subscriptions/{subscription}/promotion-code"),
    Stop("promotion-code-found", "discounted", go=_code_found),
    Stop("promotion-code-wrong", "discounted", go=_code_wrong),
    Stop("discount-removal", "discounted", "/discounts/{discount}/removal"),
    Stop("next-charge-reversed", "reverse_charge", "/subscriptions/{subscription}/next-charge"),
    Stop("next-charge-nowhere", "nowhere", "/subscriptions/{subscription}/next-charge"),
    Stop("invoice-reversed", "reverse_charge", "/invoices/{invoice}"),
    Stop("cancellation", "monthly", "/subscriptions/{subscription}/cancellation"),
    Stop("cancellation-past-due", "past_due", "/subscriptions/{subscription}/cancellation"),
    Stop("cancellation-any-time", "monthly", "/subscriptions/{subscription}/cancellation", session=_any_time),
    Stop(
        "cancellation-on-a-day", "monthly", "/subscriptions/{subscription}/cancellation?when=on_date", session=_any_time
    ),
    Stop(
        "cancellation-no-day",
        "monthly",
        "/subscriptions/{subscription}/cancellation?when=on_date&date=",
        session=_any_time,
    ),
    Stop("another-end", "canceling", "/subscriptions/{subscription}/cancellation", session=_any_time),
    Stop("pause", "monthly", "/subscriptions/{subscription}/pause"),
    Stop("overview-paused", "paused"),
    Stop("overview-billing-paused", "paused", options={"months": 1, "billing_mode": "classic"}),
    Stop("resumption", "paused", "/subscriptions/{subscription}/resumption"),
    Stop("resumption-no-method", "paused", "/subscriptions/{subscription}/resumption", options={"card": None}),
    Stop("read-only", "monthly", session=lambda _life: {"scopes": "view"}),
    Stop("customers", "monthly", "/customers", session=lambda life: {"customers": [life["other"]]}),
    Stop("flow-details", "business", session=_flow("customer_update")),
    Stop("flow-method", "monthly", session=_flow("payment_method_update")),
    Stop(
        "flow-cancel-offer",
        "couponed",
        session=lambda life: _flow(
            "subscription_cancel",
            retention={"type": "coupon_offer", "coupon_offer": {"coupon": life["coupon"]}},
        )(life),
    ),
    Stop("flow-plan", "monthly", session=_flow("subscription_update")),
    Stop("flow-confirm", "monthly", session=_confirming),
    Stop("flow-done", "monthly", go=_flow_done, session=_flow("subscription_cancel")),
    Stop("login", "monthly", "/login?prefilled_email=ada%40example.com", is_signed_in=False),
    Stop("login-code", "monthly", go=_code, is_signed_in=False),
    Stop("login-wrong-code", "monthly", go=_wrong_code, is_signed_in=False),
    Stop("login-renewal", "monthly", go=_renewal, is_signed_in=False),
    Stop("recover", "past_due", "/recover", is_signed_in=False),
    Stop("recover-asked", "past_due", go=_recovery_asked, is_signed_in=False),
    Stop("recover-link", "past_due", go=_recover, is_signed_in=False),
    Stop("recovery", "past_due", go=_recovery, is_signed_in=False),
    Stop("not-found", "monthly", "/invoices/in_nobodys"),
    Stop("not-allowed", "monthly", "/payment-methods/{payment_method}/removal"),
    Stop("expired", "monthly", "/expired", is_signed_in=False),
    Stop("used-link", "monthly", "/enter?token=used", is_signed_in=False),
]


class Town:
    """A world where everybody of the tour lives, built once; walking it changes nothing that the others look at."""

    def __init__(self, world, books):
        self._world = world
        self._books = books
        self._lives: dict[tuple[str, str], dict[str, Any]] = {}

    def who(self, stop: Stop) -> dict[str, Any]:
        """The life of the one who stands at a stop."""
        if stop.go in CHANGING:
            return self._build(stop)
        key = (stop.life, repr(stop.options))
        if key not in self._lives:
            self._lives[key] = self._build(stop)
        return self._lives[key]

    def _build(self, stop: Stop) -> dict[str, Any]:
        if stop.life == "spare_card":
            life = self._world.live("monthly")
            self._books.v1.payment_methods.attach("pm_card_mastercard", {"customer": life["customer"]})
            return life
        if stop.life == "business":
            return self._business()
        if stop.life == "long_name":
            return self._long_name()
        if stop.life == "nowhere":
            life = self._world.live("reverse_charge")
            self._books.v1.customers.update(life["customer"], {"tax_exempt": "none", "address": {"country": "US"}})
            return life
        if stop.life == "couponed":
            coupon = self._books.v1.coupons.create(
                {"percent_off": 25, "duration": "repeating", "duration_in_months": 3}
            )
            return {**self._world.live("monthly"), "coupon": coupon.id}
        life = self._world.live(stop.life, **stop.options)
        if stop.life == "monthly":
            other = self._books.v1.customers.create({"name": "Analytical Engines Ltd", "email": "ada@engines.example"})
            item = self._books.v1.subscriptions.retrieve(life["subscription"])["items"].data[0].id
            return {**life, "other": other.id, "item": item}
        return life

    def _business(self) -> dict[str, Any]:
        """One with everything that a business has."""
        life = self._world.live("monthly", name="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbau GmbH")
        berlin = {"country": "DE", "line1": "Hauptstraße 1", "line2": "3. OG", "city": "Berlin", "postal_code": "10115"}
        customers = self._books.v1.customers
        customers.update(
            life["customer"],
            {
                "business_name": "Donaudampfschifffahrt GmbH",
                "phone": "+49 30 1234567",
                "address": berlin,
                "shipping": {"name": "Warehouse 7", "phone": "+49 30 7654321", "address": {**berlin, "line1": "Kai 7"}},
                "invoice_settings": {
                    "custom_fields": [
                        {"name": "PO number", "value": "4500012345"},
                        {"name": "Cost center", "value": "R&D 12"},
                    ]
                },
            },
        )
        customers.tax_ids.create(life["customer"], {"type": "de_stn", "value": "1234567890"})
        tax_id = customers.tax_ids.create(life["customer"], {"type": "eu_vat", "value": "DE123456789"})
        return {**life, "tax_id": tax_id.id}

    def _long_name(self) -> dict[str, Any]:
        life = self._world.live("trialing", name="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbau GmbH")
        product = self._books.v1.products.create({"name": LONG_NAME, "description": LONG_NAME * 2})
        recurring = {"interval": "month", "interval_count": 3}
        price = self._books.v1.prices.create(
            {"product": product.id, "currency": "usd", "unit_amount": 123456789, "recurring": recurring}
        )
        subscription = self._books.v1.subscriptions.create(
            {"customer": life["customer"], "items": [{"price": price.id, "quantity": 1}]}
        )
        return {**life, "subscription": subscription.id}


def walk(stop: Stop, visit: Visit, town: Town) -> Visit:
    """Stand at a stop."""
    life = town.who(stop)
    if stop.session is not None:
        visit.page.goto(visit.host.link(life["customer"], **stop.session(life)))
    elif stop.is_signed_in and (stop.go or stop.path):
        visit.enter(life["customer"])
    elif stop.is_signed_in:
        visit.arrive(life["customer"])
        visit.page.locator(".next-charge[hx-get]").first.wait_for(state="detached")
    if stop.go is not None:
        stop.go(visit, life)
    elif stop.path:
        visit.open(stop.path.format(**life))
    return visit
