"""Random subscriptions and random changes: what is shown is billed, undoing restores, and nothing that is offered is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

import pytest

from portal_embed import Catalog, Features, Plan, Quantity
from portal_embed.config import SubscriptionUpdate
from tests.pages.people import DAY, Books
from tests.pages.test_plan_changes import cents, rows_of
from tests.serving import hosting

PLANS = ("base", "team", "seats", "base_yearly", "team_yearly", "free")
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
    days: int
    update: SubscriptionUpdate
    wanted: int
    wanted_quantity: int
    wanted_add_ons: dict[str, int]
    wanted_when: str
    wanted_day: int


def a_case(seed: int) -> Case:
    """The same case for the same number."""
    dice = Random(seed)
    return Case(
        mode=dice.choice(["flexible", "classic"]),
        plan=dice.choice(PLANS),
        quantity=dice.randint(1, 9),
        add_ons={name: dice.randint(1, 5) for name in dice.sample(ADD_ONS, dice.randint(0, 2))},
        has_legacy=dice.random() < 0.3,
        collection=dice.choice(["charge_automatically", "charge_automatically", "send_invoice"]),
        coupon=dice.choice([None, None, "forever", "repeating"]),
        has_tax=dice.random() < 0.4,
        days=dice.randint(0, 27),
        update=SubscriptionUpdate(
            proration_behavior=dice.choice(["none", "create_prorations", "always_invoice", "always_invoice"]),
            billing_cycle_anchor=dice.choice(["unchanged", "unchanged", "now"]),
            schedule_at_period_end=dice.choice([(), ("decreasing_item_amount", "shortening_interval")]),
            takes_effect=dice.choice([("now",), ("at_period_end", "now"), *[("now", "on_date", "at_period_end")] * 4]),
        ),
        wanted=dice.randint(0, 20),
        wanted_quantity=dice.randint(1, 9),
        wanted_add_ons={name: dice.randint(0, 5) for name in dice.sample(ADD_ONS, dice.randint(0, 3))},
        wanted_when=dice.choice(["now", "at_period_end", *["on_date"] * 4]),
        wanted_day=dice.randint(1, 27),
    )


class Merchant:
    """What is sold in one world."""

    def __init__(self, world) -> None:
        self.world, self.books = world, Books(world)
        amounts = {"base": 1000, "team": 4000, "seats": 700, "free": 0, "storage": 500, "support": 2500, "legacy": 300}
        self.prices = {name: self.books.price(amount, name=name.title()) for name, amount in amounts.items()}
        for name in ("base", "team", "storage"):
            self.prices[f"{name}_yearly"] = self._yearly(name, amounts[name] * 10)
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
        }

    def _yearly(self, name: str, amount: int) -> str:
        product = self.books.api.prices.retrieve(self.prices[name]).product
        more = {"currency": "usd", "unit_amount": amount, "recurring": {"interval": "year"}, "product": product}
        return self.books.api.prices.create(more).id

    def subscribe(self, case: Case) -> tuple[str, str]:
        items = [{"price": self.prices[case.plan], "quantity": case.quantity if case.plan == "seats" else 1}]
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
        if case.has_tax:
            more["default_tax_rates"] = [self.tax]
        made = self.books.api.subscriptions.create({"customer": customer, "items": items, **more})
        if case.collection == "send_invoice":
            invoice = self.books.api.invoices.finalize_invoice(made.latest_invoice)
            if invoice.status == "open":  # nothing is owed for what is free
                self.books.api.invoices.pay(invoice.id, {"paid_out_of_band": True})
        return customer, made.id

    def items(self, subscription: str) -> list[tuple[str, int]]:
        rows = self.books.subscription(subscription)["items"].data
        return sorted((row.price.id, row.quantity) for row in rows)


@pytest.fixture
def merchant(world) -> Merchant:
    """In a world for one customer: in a common one, all who came before would go on renewing."""
    return Merchant(world)


def billed(merchant, customer, before):
    """What the invoices since bill, cents due; those that are paid by hand are drafts for their first hour."""
    return sum(invoice.amount_due for invoice in merchant.books.invoices(customer) if invoice.id not in before)


def total_since(merchant, customer, before):
    """The same before the account's credit."""
    return sum(invoice.total for invoice in merchant.books.invoices(customer) if invoice.id not in before)


def chosen_on(page, case, merchant):
    """The query of a random choice among what the page offers."""
    offered = page.form("/plan").choices["price"]
    price = offered[case.wanted % len(offered)]
    shown = {merchant.prices[name]: name for name in ADD_ONS if f'name="add_on.{merchant.prices[name]}"' in page.html}
    asked = {id: case.wanted_add_ons[name] for id, name in shown.items() if name in case.wanted_add_ons}
    more = "".join(f"&add_on.{id}={min(count, 1) if shown[id] == 'support' else count}" for id, count in asked.items())
    return f"price={price}&quantity={case.wanted_quantity}{more}"


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


def later_of(page):
    """What the page says of the first bill with the difference in it, cents due; None where it names none."""
    title = re.search(r'<dl class="sums" aria-label="(Your bill on [^"]*)">', page.html)
    return rows_of(page, title[1])[-1][1] if title else None


def after_that(page):
    """What the page says that each period, or the next bill, then costs; None where it does not."""
    _, found, rest = page.text.partition("After that")
    return cents(rest.split("$")[1].split(" ")[0]) if found else None


@pytest.mark.parametrize("seed", range(80))
@pytest.mark.feature(50, 51, 57, 59, 60, 62, 63, 64, 65)
def test_what_is_offered_is_taken_what_is_shown_is_billed_and_what_is_undone_is_as_before(merchant, visit, seed):
    case = a_case(seed)
    books, world = merchant.books, merchant.world
    customer, subscription = merchant.subscribe(case)
    world.move_clock(case.days * DAY + 3601)
    place = f"/subscriptions/{subscription}/plan"
    features = Features(subscription_update=case.update)
    with hosting(world, catalog=merchant.catalog, features=features, clock=world.now) as host:
        browser = visit(customer, at=host)
        page = browser.get(place)
        assert page.status == 200, page.text
        asked = f"{place}?{chosen_on(page, case, merchant)}"
        asked += when_on(browser.get(asked), case)
        preview = browser.get(asked)
        assert preview.status == 200, preview.text
        forms = [form for form in preview.forms if "proration_date" in form.fields]
        if not forms:
            assert "This is the plan you have." in preview.text
            return
        due, before, had = rows_of(preview), {i.id for i in books.invoices(customer)}, merchant.items(subscription)
        is_deferred = "You pay nothing today and keep what you have" in preview.text
        done = browser.submit(forms[0])
        assert done.status == 200, done.text
        assert ("Your change is planned" if is_deferred else "Your plan is now") in done.text
        assert billed(merchant, customer, before) == (due[-1][1] if due else 0)
        begins = world.now()
        if is_deferred:
            assert merchant.items(subscription) == had
            browser.submit(browser.get(place).form("/plan/planned"))
            assert merchant.items(subscription) == had
            assert books.subscription(subscription).schedule is None
            browser.submit(next(f for f in browser.get(preview.url).forms if "proration_date" in f.fields))
            begins = (
                books.api.subscription_schedules.retrieve(books.subscription(subscription).schedule)
                .phases[1]
                .start_date
            )
        ends = min(row.current_period_end for row in books.subscription(subscription)["items"].data)
        later, announced = later_of(preview), after_that(preview)
        at_once = case.update.proration_behavior == "always_invoice"
        known = {invoice.id for invoice in books.invoices(customer)}
        if is_deferred and begins < ends:
            world.move_clock(begins - world.now() + 7200)
            assert billed(merchant, customer, known) == (later if at_once and later is not None else 0)
            assert merchant.items(subscription) != had
            known = {invoice.id for invoice in books.invoices(customer)}
        if announced is not None or later is not None:
            world.move_clock(ends - world.now() + 7200)
            if later is None or at_once:
                assert total_since(merchant, customer, known) == announced
            else:
                assert billed(merchant, customer, known) == later
