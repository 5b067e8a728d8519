"""Lives about what somebody owes, has paid, and pays with."""

import time
from typing import Any

from portal_embed.sandbox.engine import discounts
from portal_embed.sandbox.inside import call
from portal_embed.sandbox.lives.making import (
    DAY,
    Life,
    add_card,
    customer,
    latest,
    life,
    on,
    one_off,
    promotion_codes,
    subscribe,
    uncollected,
)
from portal_embed.sandbox.resources import payment_intents
from portal_embed.sandbox.resources.payment_method_types import TYPES
from portal_embed.sandbox.world import JsonObject, World
from portal_embed.sandbox.worlds import let_happen


@life("many_invoices")
def many_invoices(
    world: World, name: str = "Grace Many", email: str = "grace@example.com", *, count: int = 500
) -> Life:
    """`count` paid invoices (up to 10,000) over three years, the last ones of a monthly plan. Its history has no events."""
    if not 1 <= count <= 10_000:
        raise ValueError("count must be between 1 and 10000")
    now, by_hand = world.now(), max(0, count - 3)
    start = now - 3 * 365 * DAY
    step = (now - 70 * DAY - start) // max(1, by_hand)
    with world.quietly(), uncollected():
        with on(world, start):
            made = customer(world, name, email, "pm_card_visa")
        for number in range(by_hand):
            with world.at(start + number * step):
                one_off(world, made["customer"], 500 + 100 * (number % 7), "API calls")
        with on(world, now - 66 * DAY):
            made["subscription"] = subscribe(world, made["customer"], "pro_monthly")
        let_happen(world)
    return latest(world, made)


@life("refunded")
def refunded(
    world: World, name: str = "Henry Back", email: str = "henry@example.com", *, amount: int | None = None
) -> Life:
    """Paid an invoice twelve days ago and got the money back two days later, or `amount` cents of it."""
    now = world.now()
    with on(world, now - 12 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly")
    with on(world, now - 10 * DAY):
        charge = next(world.newest_first("charge", customer=made["customer"]))
        part = {"amount": amount} if amount else {}
        made["refund"] = call(world, "POST", "/v1/refunds", charge=charge["id"], **part)["id"]
    return latest(world, made)


@life("open_invoice")
def open_invoice(
    world: World,
    name: str = "Ivy Owes",
    email: str = "ivy@example.com",
    *,
    amount: int = 4900,
    card: str | None = "pm_card_visa",
    overdue: bool = False,
) -> Life:
    """An invoice sent four days ago that waits to be paid: ten days are left, or it is overdue since a day."""
    days = 3 if overdue else 14
    with on(world, world.now() - 4 * DAY):
        made = customer(world, name, email, card)
        call(
            world,
            "POST",
            "/v1/invoiceitems",
            customer=made["customer"],
            amount=amount,
            currency="usd",
            description="Setup and training",
        )
        draft = call(
            world,
            "POST",
            "/v1/invoices",
            customer=made["customer"],
            collection_method="send_invoice",
            days_until_due=days,
            pending_invoice_items_behavior="include",
            auto_advance=False,
        )
        made["invoice"] = call(world, "POST", f"/v1/invoices/{draft['id']}/finalize")["id"]
    return made


@life("3ds_renewal")
def three_d_secure_renewal(world: World, name: str = "Jo Secure", email: str = "jo@example.com") -> Life:
    """The last renewal was refused three days ago, or a few more after a short month, because the bank wants the customer to
    authenticate.
    """
    with on(world, world.now() - 34 * DAY):
        made = customer(world, name, email, "pm_card_authenticationRequired")
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly")
        intent = next(world.newest_first("payment_intent", customer=made["customer"]))
        payment_intents.complete_authentication(world, intent["id"], success=True)
    return latest(world, made)


@life("every_method")
def every_method(world: World, name: str = "Kim Collector", email: str = "kim@example.com") -> Life:
    """Every type of payment method that can be saved, an expiring card and an Apple Pay card among them."""
    made = customer(world, name, email, "pm_card_visa")
    holder = {"name": name, "email": email}
    given: dict[str, JsonObject] = {
        "acss_debit": {"account_number": "000123456789", "institution_number": "000", "transit_number": "11000"},
        "au_becs_debit": {"account_number": "900123456", "bsb_number": "000000"},
        "bacs_debit": {"account_number": "00012345", "sort_code": "108800"},
        "card": {
            "number": "378282246310005",
            "exp_month": time.gmtime(world.now()).tm_mon,
            "exp_year": time.gmtime(world.now()).tm_year,
        },
        "ideal": {"bank": "ing"},
        "sepa_debit": {"iban": "DE89370400440532013000"},
        "us_bank_account": {
            "account_number": "000123456789",
            "routing_number": "110000000",
            "account_holder_type": "individual",
        },
    }
    methods = {}
    for kind in TYPES:
        params = {kind: given[kind]} if kind in given else {}
        method = call(world, "POST", "/v1/payment_methods", type=kind, billing_details=holder, **params)
        call(world, "POST", f"/v1/payment_methods/{method['id']}/attach", customer=made["customer"])
        methods[kind] = method["id"]
    wallet = world.need("payment_method", add_card(world, made["customer"], "pm_card_visa", default=False))
    wallet["card"]["wallet"] = {"apple_pay": {}, "dynamic_last4": "4242", "type": "apple_pay"}
    world.save(wallet)
    return {**made, "payment_methods": {**methods, "apple_pay": wallet["id"]}}


@life("discounted")
def discounted(world: World, name: str = "Lou Saver", email: str = "lou@example.com") -> Life:
    """Pro by the month for 20 % less with the code SPRING20, for a year; AUTUMN10 and WELCOME5 may still be tried."""
    codes = promotion_codes(world)
    with on(world, world.now() - 70 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        discounts = [{"promotion_code": codes["SPRING20"]}]
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly", discounts=discounts)
    found = world.need("subscription", made["subscription"])["discounts"][0]
    return {**latest(world, made), "discount": found, "promotion_codes": codes}


@life("loyal")
def loyal(
    world: World, name: str = "Theo Loyal", email: str = "theo@example.com", *, coupon: JsonObject | None = None
) -> Life:
    """Pro by the month; a discount on the customer, as the API gives to nobody any more: of 10 % since the beginning, or by a
    `coupon` of these parameters since now.
    """
    with on(world, world.now() - 40 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        if coupon is None:
            made |= _lowered(world, made["customer"], percent_off=10, duration="forever")
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly")
    if coupon is not None:
        let_happen(world)
        made |= _lowered(world, made["customer"], **coupon)
    return latest(world, made)


def _lowered(world: World, customer_id: str, **coupon: Any) -> Life:
    made = call(world, "POST", "/v1/coupons", **coupon)
    stored = world.need("customer", customer_id)
    (discount,) = discounts.redeem(world, [{"coupon": made["id"]}], stored)
    world.save({**stored, "discount": world.need("discount", discount)})
    return {"discount": discount, "coupon": made["id"]}


@life("reverse_charge")
def reverse_charge(world: World, name: str = "Rosa Reverse", email: str = "rosa@example.com") -> Life:
    """A business in Germany whose VAT ID is being checked: it is billed without VAT and accounts for it itself."""
    with on(world, world.now() - 40 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        path = f"/v1/customers/{made['customer']}"
        berlin = {"country": "DE", "line1": "Hauptstraße 1", "city": "Berlin", "postal_code": "10115"}
        call(world, "POST", path, address=berlin, tax_exempt="reverse")
        made["tax_id"] = call(world, "POST", f"{path}/tax_ids", type="eu_vat", value="DE123456789")["id"]
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly", automatic_tax={"enabled": True})
    return latest(world, made)
