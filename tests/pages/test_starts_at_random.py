"""Random starts: what is shown is charged, and the next bill comes on the day and with the sum that was named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pytest

from portal_embed import Catalog, Features, Plan, Quantity
from portal_embed.config import SubscriptionCreate
from tests.pages.people import Books
from tests.pages.test_changes_at_random import day_in, move_to
from tests.pages.test_plan_changes import cents, rows_of
from tests.serving import hosting

CODES = {
    "once": {"percent_off": 50, "duration": "once"},
    "month": {"percent_off": 20, "duration": "repeating", "duration_in_months": 1},
    "year": {"percent_off": 20, "duration": "repeating", "duration_in_months": 12},
    "forever": {"percent_off": 25, "duration": "forever"},
    "off": {"amount_off": 300, "currency": "usd", "duration": "forever"},
}


@dataclass(frozen=True)
class Case:
    """What is sold to somebody, and how they want it."""

    plan: str
    parts: tuple[str, ...]
    quantity: int
    trial_days: int
    code: str | None
    credit: int
    used: int


def a_case(seed: int) -> Case:
    """The same case for the same number."""
    dice = Random(seed)
    code = dice.choice([None, None, *CODES])
    return Case(
        plan=dice.choice(["month", "year", "week", "seats", "steps", "free", "use"]),
        parts=tuple(dice.sample(["calls", "domain", "setup"], dice.choice([0, 0, 1, 2]))),
        quantity=dice.randint(1, 9),
        trial_days=dice.choice([0, 0, 0, 10]),
        code=code,
        credit=dice.choice([0, 0, 700]),
        used=dice.randint(0, 50) if code != "off" else 0,  # a sum off is spread over use, too
    )


class Seller:
    """What is sold in one world."""

    def __init__(self, world) -> None:
        self.books = Books(world)
        price, api = self.books.price, self.books.api
        meter = api.billing.meters.create(
            {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        )
        use = {"interval": "month", "usage_type": "metered", "meter": meter.id}
        steps = [{"up_to": 3, "unit_amount": 500}, {"up_to": "inf", "unit_amount": 300, "flat_amount": 100}]
        tiered = {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": steps, "currency": "usd"}
        month = {"recurring": {"interval": "month"}, "product_data": {"name": "Steps"}}
        self.prices = {
            "month": price(1000, name="Month"),
            "year": price(9000, "year", name="Year"),
            "week": price(300, "week", name="Week"),
            "seats": price(700, name="Seats"),
            "steps": api.prices.create({**tiered, **month}).id,
            "free": price(0, name="Free"),
            "use": price(3, name="Use", recurring=use),
            "calls": price(2, name="Calls", recurring=use),
            "domain": price(1200, "year", name="Domain"),
            "setup": price(250, name="Setup"),
        }
        self.metered = {self.prices["use"], self.prices["calls"]}
        for word, coupon in CODES.items():
            made = api.coupons.create(coupon).id
            api.promotion_codes.create({"promotion": {"type": "coupon", "coupon": made}, "code": word.upper()})

    def catalog(self, case: Case) -> Catalog:
        parts = [Plan(price=self.prices[name]) for name in case.parts]
        many = Quantity(1, 9) if case.plan in {"seats", "steps"} else None
        plan = Plan(price=self.prices[case.plan], quantity=many, includes=parts, trial_days=case.trial_days or None)
        return Catalog([plan])

    def used_in(self, bill) -> int:
        """What a bill has for use, cents."""
        lines = [line for line in bill.lines.data if line.pricing.price_details.price in self.metered]
        return sum(line.amount - sum(off.amount for off in line.discount_amounts) for line in lines)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.feature(76)
def test_what_is_shown_is_charged_and_what_is_named_comes_on_its_day(world, visit, seed):
    case, seller = a_case(seed), Seller(world)
    books, price = seller.books, seller.prices[case.plan]
    customer = books.customer()
    if case.credit:
        books.api.customers.balance_transactions.create(customer, {"amount": -case.credit, "currency": "usd"})
    features = Features(subscription_create=SubscriptionCreate(enabled=True, allow_promotion_codes=True))
    with hosting(world, catalog=seller.catalog(case), features=features, clock=world.now) as host:
        browser = visit(customer, at=host)
        code = f"&promotion_code={case.code}" if case.code else ""
        page = browser.get(
            f"/plans/{price}/start?quantity={case.quantity if case.plan in {'seats', 'steps'} else 1}{code}"
        )
        assert page.status == 200, page.text
        rows = rows_of(page)
        done = browser.submit(page.form("/start"))
        assert "has started" in done.text, page.text
    assert books.charged(customer) == (rows[-1][1] if rows else 0), page.text
    told = re.search(r"From (\d+ \w+ \d+)[^$]*?([-−]?\$[0-9.,]+|What you use)", page.text.partition("After that")[2])
    if told is None:
        return
    known = {bill.id for bill in books.invoices(customer)}
    day, amount = day_in(told[1]), 0 if told[2] == "What you use" else cents(told[2])
    payload = {"stripe_customer_id": customer, "value": str(case.used)}
    books.api.billing.meter_events.create({"event_name": "calls", "payload": payload})
    move_to(world, day, seconds=-1)
    assert not [bill for bill in books.invoices(customer) if bill.id not in known and bill.total], page.text
    move_to(world, day + timedelta(1), seconds=-1)
    bills = [bill for bill in books.invoices(customer) if bill.id not in known]
    assert sum(bill.total - seller.used_in(bill) for bill in bills) == amount, page.text
