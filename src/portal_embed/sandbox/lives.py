"""Ready customers: whole histories made of real calls at past moments, for the demo and for tests.

Every builder takes a world and its options, and answers a dictionary with `customer` and whatever else it made
(`subscription`, `invoice`, `payment_method`, …), all ids. Options of all: `name`, `email` and `business_name`.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from portal_embed.sandbox.catalog import catalog
from portal_embed.sandbox.engine import periods
from portal_embed.sandbox.inside import call
from portal_embed.sandbox.metering import metered_price, use
from portal_embed.sandbox.resources import payment_intents
from portal_embed.sandbox.resources.payment_method_types import TYPES
from portal_embed.sandbox.world import JsonObject, World
from portal_embed.sandbox.worlds import let_happen

DAY = 86_400
Life = dict[str, Any]
_LIVES: dict[str, Callable[..., Life]] = {}


def build(world: World, life: str, *, business_name: str = "", **options: Any) -> Life:
    """Build one customer; raises ValueError for an unknown life, TypeError for an unknown option."""
    if life not in _LIVES:
        raise ValueError(f"Unknown life {life!r}; there are: {', '.join(_LIVES)}.")
    with world.atomic():
        prices = catalog(world)
        let_happen(world)
        made = _LIVES[life](world, **options)
        if business_name:
            call(world, "POST", f"/v1/customers/{made['customer']}", business_name=business_name)
        let_happen(world)
    return {"prices": prices, **made}


def names() -> list[str]:
    """The lives there are."""
    return list(_LIVES)


def life(name: str) -> Callable[[Callable[..., Life]], Callable[..., Life]]:
    """Register a builder."""

    def register(builder: Callable[..., Life]) -> Callable[..., Life]:
        _LIVES[name] = builder
        return builder

    return register


@life("monthly")
def monthly(
    world: World,
    name: str = "Ada Lovelace",
    email: str = "ada@example.com",
    *,
    price: str = "pro_monthly",
    quantity: int = 1,
    card: str = "pm_card_visa",
    days: int = 345,
    billing_mode: str = "flexible",
    coupon: str | None = None,
) -> Life:
    """Active on a monthly plan with a year of paid invoices. `price` is a lookup key; `days` how long ago it began;
    `coupon` an id that exists already.
    """
    with on(world, world.now() - days * DAY):
        made = customer(world, name, email, card)
        extra = {"discounts": [{"coupon": coupon}]} if coupon else {}
        made["subscription"] = subscribe(
            world, made["customer"], price, quantity, billing_mode={"type": billing_mode}, **extra
        )
    return _latest(world, made)


@life("past_due")
def past_due(
    world: World,
    name: str = "Bob Past",
    email: str = "bob@example.com",
    *,
    price: str = "pro_monthly",
    quantity: int = 1,
) -> Life:
    """The last renewal failed three days ago: the card that is the default now declines whenever it is charged."""
    now = world.now()
    with on(world, now - 34 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["subscription"] = subscribe(world, made["customer"], price, quantity)
    with on(world, now - 20 * DAY):
        call(world, "POST", f"/v1/payment_methods/{made['payment_method']}/detach")
        made["payment_method"] = add_card(world, made["customer"], "pm_card_chargeCustomerFail")
    return _latest(world, made)


@life("trialing")
def trialing(
    world: World,
    name: str = "Clara Trial",
    email: str = "clara@example.com",
    *,
    price: str = "pro_monthly",
    card: str | None = "pm_card_visa",
) -> Life:
    """Four days into a trial of fourteen; `card=None` for one who has not given a card yet."""
    with on(world, world.now() - 4 * DAY):
        made = customer(world, name, email, card)
        made["subscription"] = subscribe(world, made["customer"], price, trial_period_days=14)
    return _latest(world, made)


@life("canceling")
def canceling(
    world: World, name: str = "Dan Leaving", email: str = "dan@example.com", *, billing_mode: str = "flexible"
) -> Life:
    """Scheduled, two days ago, to end with the running period."""
    now = world.now()
    with on(world, now - 40 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly", billing_mode={"type": billing_mode})
    with on(world, now - 2 * DAY):
        call(
            world,
            "POST",
            f"/v1/subscriptions/{made['subscription']}",
            cancel_at_period_end=True,
            cancellation_details={"feedback": "too_expensive"},
        )
    return _latest(world, made)


@life("paused")
def paused(
    world: World,
    name: str = "Paula Paused",
    email: str = "paula@example.com",
    *,
    months: int | None = 2,
    billing_mode: str = "flexible",
    card: str | None = "pm_card_visa",
) -> Life:
    """Paused five days ago, for so many months or (None) until resumed; in classic mode its invoices are voided. `card=None`: it
    is paused because the trial ended without a card.
    """
    now, mode = world.now(), {"type": billing_mode}
    if card is None:
        trial: dict[str, Any] = {
            "trial_period_days": 14,
            "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}},
        }
        with on(world, now - 19 * DAY):
            made = customer(world, name, email, None)
            made["subscription"] = subscribe(world, made["customer"], "pro_monthly", billing_mode=mode, **trial)
        return _latest(world, made)
    with on(world, now - 50 * DAY):
        made = customer(world, name, email, card)
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly", billing_mode=mode)
    path = f"/v1/subscriptions/{made['subscription']}"
    with on(world, now - 5 * DAY):
        ends = periods.stepped(world.now(), "month", months, 1) if months else None
        if billing_mode == "classic":
            collection = {"behavior": "void", **({"resumes_at": ends} if ends else {})}
            call(world, "POST", path, pause_collection=collection)
        elif ends is None:
            call(world, "POST", f"{path}/pause")
        else:
            resume = {"resume_at": {"type": "timestamp", "timestamp": ends}}
            plan = {"pause": {"pause_at": {"type": "now"}}, "resume": resume}
            schedule = {"from_subscription": made["subscription"], "pause_schedules": [plan]}
            call(world, "POST", "/v1/subscription_schedules", **schedule)
    return _latest(world, made)


@life("ended")
def ended(
    world: World,
    name: str = "Lea Gone",
    email: str = "lea@example.com",
    *,
    price: str = "pro_monthly",
    quantity: int = 1,
) -> Life:
    """Had a plan for three months and canceled it twelve days ago."""
    now = world.now()
    with on(world, now - 100 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["subscription"] = subscribe(world, made["customer"], price, quantity)
    with on(world, now - 12 * DAY):
        call(world, "DELETE", f"/v1/subscriptions/{made['subscription']}")
    return _latest(world, made)


@life("incomplete")
def incomplete(
    world: World, name: str = "Max Almost", email: str = "max@example.com", *, price: str = "pro_monthly"
) -> Life:
    """Wanted to start a plan an hour ago; the card declined, and its first invoice is open."""
    with on(world, world.now() - 3_600):
        made = customer(world, name, email, "pm_card_chargeCustomerFail")
        made["subscription"] = subscribe(world, made["customer"], price)
    return _latest(world, made)


@life("two_subscriptions")
def two_subscriptions(world: World, name: str = "Erin Both", email: str = "erin@example.com") -> Life:
    """Pro by the month on the default card, and five seats of Scale on a card of their own."""
    now = world.now()
    with on(world, now - 100 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly")
    with on(world, now - 50 * DAY):
        made["second_payment_method"] = add_card(world, made["customer"], "pm_card_mastercard", default=False)
        made["second_subscription"] = subscribe(
            world, made["customer"], "scale_monthly", 5, default_payment_method=made["second_payment_method"]
        )
    return _latest(world, made)


@life("new")
def new(world: World, name: str = "Finn New", email: str = "finn@example.com") -> Life:
    """Signed up a minute ago, has nothing."""
    with on(world, world.now() - 60):
        return customer(world, name, email, None)


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
    with world.quietly(), _uncollected():
        with on(world, start):
            made = customer(world, name, email, "pm_card_visa")
        for number in range(by_hand):
            with world.at(start + number * step):
                one_off(world, made["customer"], 500 + 100 * (number % 7), "API calls")
        with on(world, now - 66 * DAY):
            made["subscription"] = subscribe(world, made["customer"], "pro_monthly")
        let_happen(world)
    return _latest(world, made)


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
    return _latest(world, made)


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
    """The last renewal was refused three days ago because the bank wants the customer to authenticate."""
    with on(world, world.now() - 34 * DAY):
        made = customer(world, name, email, "pm_card_authenticationRequired")
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly")
        intent = next(world.newest_first("payment_intent", customer=made["customer"]))
        payment_intents.complete_authentication(world, intent["id"], success=True)
    return _latest(world, made)


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


@life("metered")
def metered(
    world: World, name: str = "Liv Metered", email: str = "liv@example.com", *, tiers_mode: str = "graduated"
) -> Life:
    """Pays for API calls by use, in tiers; ten days into the period, with some use on most of them."""
    now = world.now()
    with on(world, now - 10 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        tiers = [
            {"up_to": 1000, "unit_amount_decimal": "0"},
            {"up_to": 10_000, "unit_amount_decimal": "0.2"},
            {"up_to": "inf", "unit_amount_decimal": "0.15", "flat_amount": 500},
        ]
        made["price"], made["meter"] = metered_price(
            world, "API calls", "API call", billing_scheme="tiered", tiers_mode=tiers_mode, tiers=tiers
        )
        made["subscription"] = call(
            world, "POST", "/v1/subscriptions", customer=made["customer"], items=[{"price": made["price"]}]
        )["id"]
    for days, count in ((9, 700), (8, 120), (6, 1460), (3, 88), (1, 932)):
        with on(world, now - days * DAY):
            use(world, made, count)
    return _latest(world, made)


@life("several_items")
def several_items(world: World, name: str = "Max Items", email: str = "max@example.com") -> Life:
    """One subscription of three parts: Pro, four seats of Scale, and storage that is billed by use."""
    now = world.now()
    with on(world, now - 40 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        made["price"], made["meter"] = metered_price(world, "Storage", "GB", unit_amount_decimal="2.5")
        prices = catalog(world)
        items = [
            {"price": prices["pro_monthly"]},
            {"price": prices["scale_monthly"], "quantity": 4},
            {"price": made["price"]},
        ]
        made["subscription"] = call(world, "POST", "/v1/subscriptions", customer=made["customer"], items=items)["id"]
    with on(world, now - 2 * DAY):
        use(world, made, 64)
    return _latest(world, made)


# -- the pieces, also for tests that build lives of their own


@life("discounted")
def discounted(world: World, name: str = "Lou Saver", email: str = "lou@example.com") -> Life:
    """Pro by the month for 20 % less with the code SPRING20, for a year; AUTUMN10 and WELCOME5 may still be tried."""
    codes = promotion_codes(world)
    with on(world, world.now() - 70 * DAY):
        made = customer(world, name, email, "pm_card_visa")
        discounts = [{"promotion_code": codes["SPRING20"]}]
        made["subscription"] = subscribe(world, made["customer"], "pro_monthly", discounts=discounts)
    found = world.need("subscription", made["subscription"])["discounts"][0]
    return {**_latest(world, made), "discount": found, "promotion_codes": codes}


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
    return _latest(world, made)


@contextmanager
def on(world: World, when: int) -> Iterator[None]:
    """Inside the block it is `when` (seconds), and everything due before has happened."""
    with world.at(when):
        let_happen(world)
        yield


def customer(world: World, name: str, email: str, card: str | None) -> Life:
    """A customer, with the card of a test name as default."""
    made = {"customer": call(world, "POST", "/v1/customers", name=name, email=email)["id"]}
    if card:
        made["payment_method"] = add_card(world, made["customer"], card)
    return made


def add_card(world: World, customer: str, card: str, *, default: bool = True) -> str:
    """Attach the card of a test name, as default unless told otherwise; returns its id."""
    method: str = call(world, "POST", f"/v1/payment_methods/{card}/attach", customer=customer)["id"]
    if default:
        call(world, "POST", f"/v1/customers/{customer}", invoice_settings={"default_payment_method": method})
    return method


def subscribe(world: World, customer: str, price: str, quantity: int = 1, **params: Any) -> str:
    """Subscribe to a price by its lookup key; returns the subscription's id."""
    item = {"price": catalog(world)[price], "quantity": quantity}
    subscription: str = call(world, "POST", "/v1/subscriptions", customer=customer, items=[item], **params)["id"]
    return subscription


_CODES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "SPRING20": ({"percent_off": 20, "duration": "repeating", "duration_in_months": 12}, {}),
    "AUTUMN10": ({"percent_off": 10, "duration": "forever"}, {}),
    "WELCOME5": ({"amount_off": 500, "currency": "usd", "duration": "once"}, {"first_time_transaction": True}),
}
"""Word → its coupon and its restrictions."""


def promotion_codes(world: World) -> dict[str, str]:
    """The codes of a world by their words, made when they are first needed."""
    known = {row["code"]: row["id"] for row in world.newest_first("promotion_code")}
    for code, (coupon, restrictions) in _CODES.items():
        if code not in known:
            promotion = {"type": "coupon", "coupon": call(world, "POST", "/v1/coupons", **coupon)["id"]}
            limits = {"restrictions": restrictions} if restrictions else {}
            known[code] = call(world, "POST", "/v1/promotion_codes", promotion=promotion, code=code, **limits)["id"]
    return {code: known[code] for code in _CODES}


def one_off(world: World, customer: str, amount: int, description: str) -> str:
    """A paid invoice over one item, in cents; returns its id."""
    call(world, "POST", "/v1/invoiceitems", customer=customer, amount=amount, currency="usd", description=description)
    draft = call(
        world, "POST", "/v1/invoices", customer=customer, pending_invoice_items_behavior="include", auto_advance=False
    )
    invoice: str = call(world, "POST", f"/v1/invoices/{draft['id']}/pay")["id"]
    return invoice


@contextmanager
def _uncollected() -> Iterator[None]:
    """Millions of new dictionaries and nothing to free: without the garbage collector this takes half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _latest(world: World, made: Life) -> Life:
    """The life with its latest invoice, once everything due has happened."""
    let_happen(world)
    invoice = next(world.newest_first("invoice", customer=made["customer"]), None)
    return {**made, "invoice": invoice["id"] if invoice else None}
