"""The errands: what a portal does and what time does to its customers, each a few calls that need no browser.

Each takes the client and a clock at START, on which it puts its customers. No errand asks what came back but for ids, so
that it runs the same course wherever it runs; what came back is what `compare` is about.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import stripe

from tests.live.stage import DAY, MARK, Clock, change, customer, look, price, refused, subscribe, use

Errand = Callable[[stripe.StripeClient, Clock], None]

MONTH = 30 * DAY + 2 * 3_600
"""To the first renewal and past the hour for which its invoice is a draft."""

BAD_LATER = "pm_card_chargeCustomerFail"


def subscribe_monthly(client: stripe.StripeClient, clock: Clock) -> None:
    """Ada subscribes, and pays the first renewal."""
    made = subscribe(client, customer(client, clock), price(client, 1000))
    clock.advance(MONTH)
    look(client, made)
    client.v1.invoices.list({"subscription": made.id})
    client.v1.charges.list({"customer": made.customer})


def upgrade(client: stripe.StripeClient, clock: Clock) -> None:
    """Previewed and billed to the same second."""
    made = subscribe(client, customer(client, clock), price(client, 1000))
    clock.advance(10 * DAY)
    item, when = {"price": price(client, 5000)}, clock.now
    _preview(client, made, item, proration_behavior="always_invoice", proration_date=when)
    change(client, made, item, proration_behavior="always_invoice", proration_date=when)


def downgrade(client: stripe.StripeClient, clock: Clock) -> None:
    """What is credited stays on the balance."""
    made = subscribe(client, customer(client, clock), price(client, 5000))
    clock.advance(7 * DAY)
    item = {"price": price(client, 1000)}
    _preview(client, made, item, proration_behavior="always_invoice")
    change(client, made, item, proration_behavior="always_invoice")
    client.v1.customers.balance_transactions.list(made.customer)


def month_to_year(client: stripe.StripeClient, clock: Clock) -> None:
    """Both billing modes."""
    for mode in ("flexible", "classic"):
        person = customer(client, clock)
        made = subscribe(client, person, price(client, 2500), billing_mode={"type": mode})
        item = {"price": price(client, 25000, "year")}
        _preview(client, made, item, proration_behavior="always_invoice")
        change(client, made, item, proration_behavior="always_invoice")


def quantity(client: stripe.StripeClient, clock: Clock) -> None:
    """More seats that wait for the renewal, then fewer with an invoice."""
    made = subscribe(client, customer(client, clock), price(client, 1000), 2)
    clock.advance(6480)
    change(client, made, {"quantity": 5})
    client.v1.invoice_items.list({"customer": made.customer, "pending": True})
    client.v1.invoices.create_preview({"subscription": made.id})
    change(client, made, {"quantity": 3}, proration_behavior="always_invoice")


def cancel_and_undo(client: stripe.StripeClient, clock: Clock) -> None:
    """At the end of the period, thought better of, and again until it is over; in both modes."""
    update = client.v1.subscriptions.update
    for mode in ("flexible", "classic"):
        made = subscribe(client, customer(client, clock), price(client, 1000), billing_mode={"type": mode})
        details: Any = {"feedback": "too_expensive", "comment": "Too dear"}
        update(made.id, {"cancel_at_period_end": True, "cancellation_details": details})
        update(made.id, {"cancel_at_period_end": False})
        update(made.id, {"cancel_at_period_end": True})
        refused(client.v1.invoices.create_preview, {"subscription": made.id})
    clock.advance(MONTH)
    look(client, made)


def cancel_now(client: stripe.StripeClient, clock: Clock) -> None:
    """At once, with what is left given back."""
    made = subscribe(client, customer(client, clock), price(client, 3000))
    clock.advance(20 * DAY)
    client.v1.invoices.create_preview({"subscription": made.id, "subscription_details": {"cancel_now": True}})
    client.v1.subscriptions.cancel(made.id, {"prorate": True, "invoice_now": True})
    look(client, made)
    refused(client.v1.subscriptions.cancel, made.id)


def declined_renewal(client: stripe.StripeClient, clock: Clock) -> None:
    """Past due, then paid with another card."""
    person = customer(client, clock)
    made = subscribe(client, person, price(client, 1000))
    use(client, person, BAD_LATER)
    clock.advance(MONTH)
    due = look(client, made)
    refused(client.v1.invoices.pay, due.latest_invoice.id)
    good = client.v1.payment_methods.attach("pm_card_visa", {"customer": person.id})
    client.v1.invoices.pay(due.latest_invoice.id, {"payment_method": good.id})
    look(client, made)


def trial_with_a_card(client: stripe.StripeClient, clock: Clock) -> None:
    """The first charge comes with the trial's end."""
    made = subscribe(client, customer(client, clock), price(client, 1000), trial_period_days=14)
    clock.advance(14 * DAY + 2 * 3_600)
    look(client, made)


def trial_without_a_card(client: stripe.StripeClient, clock: Clock) -> None:
    """What each setting makes of the end."""
    for behavior in ("create_invoice", "cancel", "pause"):
        settings = {"end_behavior": {"missing_payment_method": behavior}}
        person = customer(client, clock, card=None)
        made = subscribe(client, person, price(client, 1000), trial_period_days=3, trial_settings=settings)
        clock.advance(3 * DAY + 2 * 3_600)
        look(client, made)


def pending_update(client: stripe.StripeClient, clock: Clock) -> None:
    """The card is declined: the old plan stands until the invoice is paid, or until it is voided."""
    waiting = {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}
    for paid in (True, False):
        person = customer(client, clock)
        made = subscribe(client, person, price(client, 1000))
        use(client, person, BAD_LATER)
        waits = change(client, made, {"price": price(client, 5000)}, **waiting)
        if paid:
            good = client.v1.payment_methods.attach("pm_card_visa", {"customer": person.id})
            refused(client.v1.invoices.pay, waits.latest_invoice.id, {"payment_method": good.id})
        else:
            refused(client.v1.invoices.void_invoice, waits.latest_invoice.id)
        look(client, made)


def declined_change(client: stripe.StripeClient, clock: Clock) -> None:
    """Without waiting: refused, or made and owed."""
    person = customer(client, clock)
    made = subscribe(client, person, price(client, 1000))
    use(client, person, BAD_LATER)
    item = {"price": price(client, 5000)}
    for behavior in ("error_if_incomplete", "allow_incomplete"):
        refused(
            lambda: change(client, made, item, proration_behavior="always_invoice", payment_behavior=behavior)  # noqa: B023
        )
        look(client, made)


def three_d_secure(client: stripe.StripeClient, clock: Clock) -> None:
    """Incomplete until the bank is asked, which nobody does; and refused where it may not wait."""
    person = customer(client, clock, "pm_card_authenticationRequired")
    refused(lambda: subscribe(client, person, price(client, 1000), payment_behavior="error_if_incomplete"))
    made = subscribe(client, person, price(client, 1000))
    client.v1.invoices.retrieve(made.latest_invoice.id, {"expand": ["payments.data.payment.payment_intent"]})
    clock.advance(24 * 3_600)
    look(client, made)


def balance_spent(client: stripe.StripeClient, clock: Clock) -> None:
    """A credit of one and a half months."""
    person = customer(client, clock)
    client.v1.customers.balance_transactions.create(person.id, {"amount": -1500, "currency": "usd"})
    made = subscribe(client, person, price(client, 1000))
    clock.advance(MONTH)
    look(client, made)
    client.v1.customers.balance_transactions.list(person.id)


def coupon(client: stripe.StripeClient, clock: Clock) -> None:
    """Ten percent forever, and what a change of plan credits then."""
    ten: Any = client.v1.coupons.create(
        {"percent_off": 10, "duration": "forever", "name": "Ten", "metadata": MARK, "id": f"pelive_{clock.id[-12:]}0"}
    )
    made = subscribe(client, customer(client, clock), price(client, 2500), discounts=[{"coupon": ten.id}])
    clock.advance(10 * DAY)
    item = {"price": price(client, 5000)}
    _preview(client, made, item, proration_behavior="always_invoice")
    change(client, made, item, proration_behavior="always_invoice")


def tax(client: stripe.StripeClient, clock: Clock) -> None:
    """Inclusive and exclusive rates, on the first invoice and on a change."""
    for inclusive in (False, True):
        rate = client.v1.tax_rates.create(
            {"display_name": "VAT", "percentage": 21, "inclusive": inclusive, "metadata": MARK}
        )
        made = subscribe(client, customer(client, clock), price(client, 1999), default_tax_rates=[rate.id])
        change(client, made, {"price": price(client, 5099)}, proration_behavior="always_invoice")


def refund(client: stripe.StripeClient, clock: Clock) -> None:
    """A part, then more than is left."""
    made = subscribe(client, customer(client, clock), price(client, 1000))
    charge = client.v1.charges.list({"customer": made.customer}).data[0]
    client.v1.refunds.create({"charge": charge.id, "amount": 400})
    refused(client.v1.refunds.create, {"charge": charge.id, "amount": 700})
    client.v1.charges.retrieve(charge.id)


def credit_note(client: stripe.StripeClient, clock: Clock) -> None:
    """To the balance, and with a refund."""
    made = subscribe(client, customer(client, clock), price(client, 1000))
    paid = made.latest_invoice.id
    client.v1.credit_notes.create({"invoice": paid, "amount": 300, "credit_amount": 300})
    client.v1.credit_notes.create({"invoice": paid, "amount": 200, "refund_amount": 200})
    refused(client.v1.credit_notes.create, {"invoice": paid, "amount": 900, "credit_amount": 900})
    client.v1.invoices.retrieve(paid)
    client.v1.customers.retrieve(made.customer)


def detach_default(client: stripe.StripeClient, clock: Clock) -> None:
    """What the customer's default says afterwards, and whether the card comes back."""
    person = customer(client, clock, card=None)
    method = use(client, person, "pm_card_visa")
    client.v1.payment_methods.detach(method.id)
    client.v1.customers.retrieve(person.id)
    refused(client.v1.payment_methods.detach, method.id)
    refused(client.v1.payment_methods.attach, method.id, {"customer": person.id})


def previews(client: stripe.StripeClient, clock: Clock) -> None:
    """The shapes of `create_preview`: the next renewal, a new subscription, each handling of the difference."""
    person = customer(client, clock)
    made = subscribe(client, person, price(client, 3000))
    clock.advance(10 * DAY)
    preview = client.v1.invoices.create_preview
    preview({"subscription": made.id})
    refused(preview, {"subscription": made.id, "preview_mode": "recurring"})
    item = {"price": price(client, 6000)}
    for behavior in ("none", "create_prorations", "always_invoice"):
        _preview(client, made, item, proration_behavior=behavior)
    new: Any = {"items": [item]}
    refused(preview, {"customer": person.id, "subscription_details": new})


def errors(client: stripe.StripeClient, clock: Clock) -> None:
    """Refusals of the wire itself."""
    person = customer(client, clock, card=None)
    unknown: Any = {"nickname": "Ada"}
    refused(client.v1.customers.update, person.id, unknown)
    refused(client.v1.customers.retrieve, "cus_nope")
    refused(client.v1.subscriptions.retrieve, "sub_nope")
    refused(client.v1.invoices.retrieve, "in_nope")
    refused(client.v1.customers.update, person.id, {"invoice_settings": {"default_payment_method": "pm_nope"}})
    plan = price(client, 1000)
    refused(subscribe, client, person, plan)
    once: Any = {"idempotency_key": f"portal-embed-{clock.id}"}
    client.v1.customers.update(person.id, {"name": "Ada L"}, once)
    client.v1.customers.update(person.id, {"name": "Ada L"}, once)
    refused(client.v1.customers.update, person.id, {"name": "Bob"}, once)


def _preview(client: stripe.StripeClient, subscription: Any, item: dict[str, Any], **details: Any) -> None:
    items = [{"id": subscription["items"].data[0].id, **item}]
    wanted: Any = {"subscription": subscription.id, "subscription_details": {"items": items, **details}}
    client.v1.invoices.create_preview(wanted)


ERRANDS: dict[str, Errand] = {
    errand.__name__: errand
    for errand in (
        subscribe_monthly, upgrade, downgrade, month_to_year, quantity, cancel_and_undo, cancel_now, declined_renewal,
        trial_with_a_card, trial_without_a_card, pending_update, declined_change, three_d_secure, balance_spent, coupon,
        tax, refund, credit_note, detach_default, previews, errors,
    )
}  # fmt: skip
