"""Random subscriptions and random ends: what is said to be billed still is billed then, and nothing else is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from portal_embed import Features
from portal_embed.config import SubscriptionCancel
from tests.pages.people import DAY
from tests.pages.test_changes_at_random import Merchant, a_case, day_in, move_to
from tests.pages.test_plan_changes import cents
from tests.serving import hosting

ANY_TIME = ("at_period_end", "on_date", "immediately")
SUM = r"(\$[0-9,]+\.[0-9]{2})"
DATE = r"(\d+ \w+ \d+)"


@pytest.fixture
def merchant(world) -> Merchant:
    return Merchant(world)


def due_by_day(merchant, customer, known):
    """What each later bill comes to that somebody has to pay, cents, by the day on which it is made."""
    bills = (bill for bill in merchant.bills(customer, known) if bill.amount_due)
    return sorted((datetime.fromtimestamp(bill.created, UTC).date(), bill.amount_due) for bill in bills)


def query_of(dice, world, when):
    """The end that is asked for."""
    day = datetime.fromtimestamp(world.now(), UTC).date() + timedelta(dice.randint(1, 80))
    return f"when={when}&date={day.isoformat()}" if when == "on_date" else f"when={when}"


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.feature(33, 35, 36, 37, 38)
def test_what_is_said_to_be_billed_still_is_and_nothing_else(merchant, visit, seed):
    case, dice = a_case(seed), Random(f"end {seed}")
    books, world = merchant.books, merchant.world
    customer, subscription = merchant.subscribe(case)
    world.move_clock(case.days * DAY + 1801)
    is_used = case.plan.startswith("metered")
    merchant.use(customer, case.used)
    if waits := dice.choice([0, 0, 700, -300]):
        more = {"customer": customer, "subscription": subscription, "currency": "usd"}
        books.api.invoice_items.create({**more, "amount": waits})
    world.move_clock(1800)
    prorates = dice.choice(["none", "create_prorations"])
    settings = SubscriptionCancel(
        mode="immediately", choices=ANY_TIME, proration_behavior=prorates, invoice_now=dice.random() < 0.5
    )
    when = dice.choice(ANY_TIME)
    with hosting(world, features=Features(subscription_cancel=settings), clock=world.now) as host:
        browser = visit(customer, at=host)
        page = browser.get(f"/subscriptions/{subscription}/cancellation?{query_of(dice, world, when)}")
        known = {bill.id for bill in books.invoices(customer)}
        done = browser.submit(page.form("/cancellation"))
        assert done.status == 200, done.text
    ends = books.subscription(subscription).cancel_at or world.now()
    last_day = datetime.fromtimestamp(ends, UTC).date()
    move_to(world, last_day + timedelta(45), seconds=0)
    assert books.subscription(subscription).status == "canceled", page.text
    billed = due_by_day(merchant, customer, known)
    said = page.text
    if re.search(r"(you are|You are) not charged", said):
        assert billed == [], said
    elif found := re.search(rf"One last bill of {SUM} comes on {DATE}", said):
        assert billed == [(day_in(found[2]), cents(found[1]))], said
    elif found := re.search(rf"One last bill of {SUM} comes then", said):
        assert billed == [(last_day, cents(found[1]))], said
    elif found := re.search(rf"A last bill of {SUM} follows", said):
        assert [due for _, due in billed] == [cents(found[1])], said
    elif found := re.search(rf"billed as before, next on {DATE}: {SUM}", said):
        bill = (day_in(found[1]), cents(found[2]))
        assert bill[1] == 0 or billed[0] == bill, said
    elif found := re.search(rf"What you use until then is billed on {DATE}. So far that is {SUM}", said):
        assert billed == [(day_in(found[1]), cents(found[2]))], said
    else:
        assert is_used, said
