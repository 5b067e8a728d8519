"""Random subscriptions, paused: what is said to be billed when it goes on is billed then, be it by itself or earlier."""

from __future__ import annotations

import re
from datetime import timedelta
from random import Random

import pytest

from portal_embed import Features
from portal_embed.config import PauseDuration, PauseInterval, SubscriptionPause
from tests.pages.people import DAY
from tests.pages.test_changes_at_random import Merchant, a_case, day_in, move_to
from tests.pages.test_plan_changes import cents, rows_of
from tests.serving import hosting

LENGTHS = (PauseInterval(), PauseInterval(interval="week"))
PAUSING = Features(
    subscription_pause=SubscriptionPause(
        enabled=True, duration=PauseDuration(type="indefinite", interval_options=LENGTHS)
    )
)
SUM = r"(\$[0-9,]+\.[0-9]{2})"
DATE = r"(\d+ \w+ \d+)"


@pytest.fixture
def merchant(world) -> Merchant:
    return Merchant(world)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.feature(78, 79, 80, 81)
def test_what_is_said_to_be_billed_when_it_goes_on_is_billed_then(merchant, visit, seed):
    case, dice = a_case(seed), Random(f"pause {seed}")
    books, world = merchant.books, merchant.world
    customer, subscription = merchant.subscribe(case)
    world.move_clock(case.days * DAY + 1801)
    merchant.use(customer, case.used)
    if waits := dice.choice([0, 0, 700]):
        more = {"customer": customer, "subscription": subscription, "currency": "usd"}
        books.api.invoice_items.create({**more, "amount": waits})
    world.move_clock(1800)
    with hosting(world, features=PAUSING, clock=world.now) as host:
        browser = visit(customer, at=host)
        place = f"/subscriptions/{subscription}"
        page = browser.get(f"{place}/pause")
        if page.status != 200:
            assert page.status == 409
            return
        length = dice.choice(["month:1", "week:1"])
        found = re.search(r"One month(.*?)One week(.*?)Until I resume", page.text)
        said = found[1 if length == "month:1" else 2]
        browser.submit(page.form("/pause"), length=length)
        known = {bill.id for bill in books.invoices(customer)}
        if case.mode == "classic":
            return
        assert books.subscription(subscription).status == "paused", page.text
        told = re.search(rf"on {DATE}, and {SUM} is billed then", said)
        if dice.random() < 0.5:
            world.move_clock(dice.randint(1, 5) * DAY)
            browser = visit(customer, at=host)
            page = browser.get(f"{place}/resumption")
            assert page.status == 200, page.text
            before = books.charged(customer)
            browser.submit(page.form("/resumption"))
            rows = rows_of(page)
            assert books.subscription(subscription).status == "active", page.text
            assert books.charged(customer) - before == (rows[-1][1] if rows else 0), page.text
            next_bill = re.search(rf"The next bill comes on {DATE}", page.text)
            if next_bill is None:
                return
            known = {bill.id for bill in books.invoices(customer)}
            move_to(world, day_in(next_bill[1]), seconds=-1)
            assert not [bill for bill in merchant.bills(customer, known) if bill.total], page.text
            move_to(world, day_in(next_bill[1]) + timedelta(1), seconds=-1)
            assert merchant.bills(customer, known), page.text
        elif told is not None:
            move_to(world, day_in(told[1]), seconds=-1)
            assert not [bill for bill in merchant.bills(customer, known) if bill.total], page.text
            move_to(world, day_in(told[1]) + timedelta(1), seconds=-1)
            assert sum(bill.amount_due for bill in merchant.bills(customer, known)) == cents(told[2]), page.text
