"""Random subscriptions and random changes: what is shown is billed, undoing restores, and nothing that is offered is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest

from portal_embed import Catalog, Features, Plan, Quantity
from portal_embed.config import SubscriptionUpdate
from tests.pages.people import DAY, Books
from tests.pages.test_plan_changes import cents, rows_of
from tests.serving import hosting

PLANS = ("base", "team", "seats", "base_yearly", "team_yearly", "free", "metered", "metered_yearly")
ADD_ONS = ("storage", "support", "storage_yearly")


@dataclass(frozen=True)
class Case:
    """A subscription, the host's rules, and what its customer wants."""

    mode: str
    plan: str
    quantity: int
    add_ons: dict[str, int]
    has_legacy: bool
    collection: str
    coupon: str | None
    has_tax: bool
    used: int
    days: int
    trial_days: int
    update: SubscriptionUpdate
    wanted: int
    wanted_quantity: int
    wanted_add_ons: dict[str, int]
    wanted_when: str
    wanted_day: int
    wanted_code: bool
    planned_before: int | None


def a_case(seed: int) -> Case:
    """The same case for the same number."""
    dice = Random(seed)
    has_coupon, has_tax = dice.random() < 0.5, dice.random() < 0.4
    return Case(
        mode=dice.choice(["flexible", "classic"]),
        plan=dice.choice(PLANS),
        quantity=dice.randint(0, 9),
        add_ons={name: dice.randint(1, 5) for name in dice.sample(ADD_ONS, dice.randint(0, 2))},
        has_legacy=dice.random() < 0.3,
        collection=dice.choice(["charge_automatically", "charge_automatically", "send_invoice"]),
        coupon=dice.choice(["forever", "repeating", "two_months"]) if has_coupon else None,
        has_tax=has_tax,
        used=0 if has_coupon or has_tax else dice.randint(0, 90),
        days=dice.randint(0, 27),
        trial_days=dice.choice([0, 0, 0, 0, 45]),
        update=SubscriptionUpdate(
            default_allowed_updates=("price", "quantity", "promotion_code"),
            proration_behavior=dice.choice(["none", "create_prorations", "always_invoice", "always_invoice"]),
            trial_update_behavior=dice.choice(["end_trial", "continue_trial"]),
            billing_cycle_anchor=dice.choice(["unchanged", "unchanged", "now"]),
            schedule_at_period_end=dice.choice([(), (), ("decreasing_item_amount", "shortening_interval")]),
            takes_effect=dice.choice([("now",), ("at_period_end", "now"), *[("now", "on_date", "at_period_end")] * 4]),
        ),
        wanted=dice.randint(0, 20),
        wanted_quantity=dice.randint(1, 9),
        wanted_add_ons={name: dice.randint(0, 5) for name in dice.sample(ADD_ONS, dice.randint(0, 3))},
        wanted_when=dice.choice(["now", "at_period_end", *["on_date"] * 4]),
        wanted_day=dice.randint(1, 27),
        wanted_code=not has_coupon and dice.random() < 0.2,
        planned_before=dice.randint(0, 20) if dice.random() < 0.3 else None,
    )


class Merchant:
    """What is sold in one world."""

    def __init__(self, world) -> None:
        self.world, self.books = world, Books(world)
        amounts = {"base": 1000, "team": 4000, "seats": 700, "free": 0, "storage": 500, "support": 2500, "legacy": 300}
        self.prices = {name: self.books.price(amount, name=name.title()) for name, amount in amounts.items()}
        for name in ("base", "team", "storage"):
            self.prices[f"{name}_yearly"] = self._yearly(name, amounts[name] * 10)
        meter = self.books.api.billing.meters.create(
            {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
        )
        for interval in ("month", "year"):
            use = {"interval": interval, "usage_type": "metered", "meter": meter.id}
            name = "metered" if interval == "month" else "metered_yearly"
            self.prices[name] = self.books.price(3, name="Use", recurring=use)
        many = Quantity(1, 9)
        self.catalog = Catalog(
            [Plan(price=self.prices[name], quantity=many if name == "seats" else None) for name in PLANS],
            add_ons=[Plan(price=self.prices[n], quantity=None if n == "support" else many) for n in ADD_ONS],
        )
        self.tax = self.books.api.tax_rates.create({"display_name": "VAT", "percentage": 19, "inclusive": False}).id
        self.coupons = {
            "forever": self.books.api.coupons.create({"percent_off": 25, "duration": "forever"}).id,
            "repeating": self.books.api.coupons.create(
                {"percent_off": 10, "duration": "repeating", "duration_in_months": 12}
            ).id,
            "two_months": self.books.api.coupons.create(
                {"percent_off": 50, "duration": "repeating", "duration_in_months": 2}
            ).id,
        }
        source = {"type": "coupon", "coupon": self.coupons["repeating"]}
        self.books.api.promotion_codes.create({"promotion": source, "code": "TENOFF"})

    def _yearly(self, name: str, amount: int) -> str:
        product = self.books.api.prices.retrieve(self.prices[name]).product
        more = {"currency": "usd", "unit_amount": amount, "recurring": {"interval": "year"}, "product": product}
        return self.books.api.prices.create(more).id

    def subscribe(self, case: Case) -> tuple[str, str]:
        items = [{"price": self.prices[case.plan]}]
        if not case.plan.startswith("metered"):
            items[0]["quantity"] = case.quantity if case.plan == "seats" else 1
        is_yearly = case.plan.endswith("yearly")
        for name, count in case.add_ons.items():
            if case.mode == "classic" and name.endswith("yearly") != is_yearly:
                continue  # Stripe does not mix intervals there
            items.append({"price": self.prices[name], "quantity": 1 if name == "support" else count})
        if case.has_legacy and not (case.mode == "classic" and is_yearly):
            items.append({"price": self.prices["legacy"], "quantity": 2})
        customer = self.books.customer()
        more = {"collection_method": case.collection, "billing_mode": {"type": case.mode}}
        if case.collection == "send_invoice":
            more["days_until_due"] = 14
        if case.coupon:
            more["discounts"] = [{"coupon": self.coupons[case.coupon]}]
        if case.trial_days:
            more["trial_period_days"] = case.trial_days
        if case.has_tax:
            more["default_tax_rates"] = [self.tax]
        made = self.books.api.subscriptions.create({"customer": customer, "items": items, **more})
        if case.collection == "send_invoice" and made.latest_invoice:
            invoice = self.books.api.invoices.finalize_invoice(made.latest_invoice)
            if invoice.status == "open":  # nothing is owed for what is free
                self.books.api.invoices.pay(invoice.id, {"paid_out_of_band": True})
        return customer, made.id

    def use(self, customer: str, count: int) -> None:
        payload = {"stripe_customer_id": customer, "value": str(count)}
        self.books.api.billing.meter_events.create({"event_name": "calls", "payload": payload})

    def items(self, subscription: str) -> list[tuple[str, int]]:
        rows = self.books.subscription(subscription)["items"].data
        return sorted((row.price.id, getattr(row, "quantity", 0)) for row in rows)

    def bills(self, customer: str, known: set[str]) -> list:
        """The invoices that are none of the known ones."""
        return [invoice for invoice in self.books.invoices(customer) if invoice.id not in known]

    def used_in(self, invoice) -> int:
        """What an invoice bills by use, cents."""
        metered = {self.prices["metered"], self.prices["metered_yearly"]}
        lines = [line for line in invoice.lines.data if line.pricing.price_details.price in metered]
        return sum(line.amount - sum(off.amount for off in line.discount_amounts) for line in lines)


@pytest.fixture
def merchant(world) -> Merchant:
    """In a world for one customer: in a common one, all who came before would go on renewing."""
    return Merchant(world)


def chosen_on(page, case, merchant):
    """The query of a random choice among what the page offers."""
    offered = page.form("/plan").choices["price"]
    price = offered[case.wanted % len(offered)]
    shown = {merchant.prices[name]: name for name in ADD_ONS if f'name="add_on.{merchant.prices[name]}"' in page.html}
    asked = {id: case.wanted_add_ons[name] for id, name in shown.items() if name in case.wanted_add_ons}
    more = "".join(f"&add_on.{id}={min(count, 1) if shown[id] == 'support' else count}" for id, count in asked.items())
    if case.wanted_code:
        more += "&promotion_code=TENOFF"
    return f"price={price}&quantity={case.wanted_quantity}{more}"


def plan_something(browser, page, case, place):
    """Let something wait for the period's end, where the host lets it: the change takes its place."""
    offered = page.form("/plan").choices["price"]
    price = offered[case.planned_before % len(offered)]
    page = browser.get(f"{place}?price={price}&quantity=1&takes_effect=at_period_end")
    for form in page.forms:
        if form.fields.get("takes_effect") == "at_period_end" and "proration_date" in form.fields:
            assert "Your change is planned" in browser.submit(form).text


def when_on(page, case):
    """The query of when, of what the page of the choice offers."""
    bounds = re.search(r'name="takes_effect_on"[^>]* min="([0-9-]+)" max="([0-9-]+)"', page.html)
    offered = [form.choices["takes_effect"] for form in page.forms if "takes_effect" in form.choices]
    if not offered:
        return ""
    when = case.wanted_when if case.wanted_when in offered[0] else offered[0][-1]
    if when != "on_date":
        return f"&takes_effect={when}"
    first, last = (date.fromisoformat(bound) for bound in bounds.groups())
    return f"&takes_effect=on_date&takes_effect_on={first + timedelta(case.wanted_day % ((last - first).days + 1))}"


@dataclass(frozen=True)
class Told:
    """A bill that the page announces: its day, and what it comes to, cents. `is_exact`: all of it, after the account's credit; else
    before that, and use comes on top.
    """

    day: date
    amount: int
    is_exact: bool


def day_in(words):
    return datetime.strptime(words, "%d %B %Y").replace(tzinfo=UTC).date()


def told_by(page):
    """The bills to come that the page announces, the first one first."""
    found = []
    title = re.search(r'<dl class="sums" aria-label="(Your bill on ([^"]*))">', page.html)
    if title:
        found.append(Told(day_in(title[2]), rows_of(page, title[1])[-1][1], is_exact=True))
    _, is_there, rest = page.text.partition("After that")
    if is_there:
        day, amount = re.search(r"From (\d+ \w+ \d+)[^$]*?([-−]?\$[0-9.,]+|What you use)", rest).groups()
        found.append(Told(day_in(day), 0 if amount == "What you use" else cents(amount), is_exact=False))
    return found


def move_to(world, day, *, seconds):
    """To so many seconds after a day begins."""
    world.move_clock(int(datetime.combine(day, time(), UTC).timestamp()) + seconds - world.now())


@pytest.mark.parametrize("seed", range(120))
@pytest.mark.feature(50, 51, 57, 59, 60, 62, 63, 64, 65)
def test_what_is_offered_is_taken_what_is_shown_is_billed_and_what_is_undone_is_as_before(merchant, visit, seed):
    case = a_case(seed)
    books, world = merchant.books, merchant.world
    customer, subscription = merchant.subscribe(case)
    world.move_clock(case.days * DAY + 1801)
    merchant.use(customer, case.used)
    world.move_clock(1800)
    place = f"/subscriptions/{subscription}/plan"
    features = Features(subscription_update=case.update)
    with hosting(world, catalog=merchant.catalog, features=features, clock=world.now) as host:
        browser = visit(customer, at=host)
        page = browser.get(place)
        assert page.status == 200, page.text
        if case.planned_before is not None:
            plan_something(browser, page, case, place)
            page = browser.get(place)
        asked = f"{place}?{chosen_on(page, case, merchant)}"
        asked += when_on(browser.get(asked), case)
        preview = browser.get(asked)
        assert preview.status == 200, preview.text
        forms = [form for form in preview.forms if "proration_date" in form.fields]
        if not forms:
            is_refused = case.update.schedule_at_period_end and "Its parts are billed at different" in preview.text
            is_so = re.search(r"This is (the plan you have|what is planned already)\.", preview.text)
            assert is_refused or is_so, preview.text
            return
        due = rows_of(preview) or rows_of(preview, "Invoiced now")
        before, had = {i.id for i in books.invoices(customer)}, merchant.items(subscription)
        is_deferred = "You pay nothing today and keep what you have" in preview.text
        done = browser.submit(forms[0])
        assert done.status == 200, done.text
        assert ("Your change is planned" if is_deferred else "Your plan is now") in done.text
        assert sum(bill.amount_due for bill in merchant.bills(customer, before)) == (due[-1][1] if due else 0)
        if is_deferred:
            assert merchant.items(subscription) == had
            browser.submit(browser.get(place).form("/plan/planned"))
            assert merchant.items(subscription) == had
            assert books.subscription(subscription).schedule is None
            browser.submit(next(f for f in browser.get(preview.url).forms if "proration_date" in f.fields))
        for told in told_by(preview):
            known = {invoice.id for invoice in books.invoices(customer)}
            move_to(world, told.day, seconds=-1)
            assert not [bill for bill in merchant.bills(customer, known) if bill.total], preview.text
            move_to(world, told.day + timedelta(1), seconds=-1)
            bills = merchant.bills(customer, known)
            billed = [bill.amount_due if told.is_exact else bill.total - merchant.used_in(bill) for bill in bills]
            assert sum(billed) == told.amount, preview.text
        if is_deferred and not case.wanted_code:
            assert merchant.items(subscription) != had
