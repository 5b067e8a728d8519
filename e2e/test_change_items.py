"""Changing what a subscription is made of, as customers do it: a downgrade that waits, add-ons, use, invoices; with and without
JavaScript.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from e2e.steps import Visit
from portal_embed import Catalog, Features, Plan, Quantity
from portal_embed.config import SubscriptionUpdate
from tests.serving import CATALOG, hosting


@pytest.fixture(params=["with JavaScript", "without"])
def arrive(request, new_context, problems):
    """`arrive(host, customer)`: somebody in front of a browser, once with JavaScript and once without."""
    from e2e.conftest import listening_to

    context = listening_to(new_context(java_script_enabled=request.param == "with JavaScript"), problems)
    return lambda host, customer: Visit(context.new_page(), host).arrive(customer)


def ask_for_the_price(visit):
    """Without JavaScript a button asks for the preview, with it the page has asked already."""
    button = visit.page.get_by_role("button", name="See what it costs")
    if button.is_visible():
        button.click()
    return visit


def choose(visit, plan):
    visit.page.locator(".choice", has_text=plan).first.click()
    return ask_for_the_price(visit)


def items_of(books, subscription):
    return {item.price.id: item.quantity for item in books.v1.subscriptions.retrieve(subscription).items.data}


def price(books, amount, name, **recurring):
    return books.v1.prices.create(
        {
            "currency": "usd",
            "unit_amount": amount,
            "recurring": {"interval": "month", **recurring},
            "product_data": {"name": name},
        }
    ).id


def subscribe(books, world, *items, **more):
    """A customer with a card, and a subscription."""
    customer = world.live("new")["customer"]
    card = books.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    books.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": card.id}})
    return customer, books.v1.subscriptions.create({"customer": customer, "items": list(items), **more}).id


@pytest.mark.feature(64, 65, 66)
def test_a_downgrade_is_planned_edited_and_undone(arrive, world, books):
    later = Features(subscription_update=SubscriptionUpdate(schedule_at_period_end=("decreasing_item_amount",)))
    ada = world.live("monthly", days=10)
    with hosting(world, catalog=CATALOG, features=later) as host:
        visit = arrive(host, ada["customer"]).follow("Change plan")
        choose(visit, "Starter").sees("You pay nothing today and keep what you have until")
        visit.page.get_by_role("button", name="Change on").click()
        visit.stands_at("Overview").sees("Your change is planned")

        visit.follow("Change plan").stands_at("Change plan").sees("Changes to Starter on")
        choose(visit, "Scale").sees("You pay nothing today")
        visit.page.get_by_role("button", name="Change on").click()
        visit.sees("Your change is planned")

        visit.follow("Change plan").stands_at("Change plan").sees("Changes to Scale on")
        visit.press("Undo this change").sees("The planned change was dropped")
        visit.follow("Change plan").stands_at("Change plan")
        expect(visit.page.get_by_role("button", name="Undo this change")).to_have_count(0)
    subscription = books.v1.subscriptions.retrieve(ada["subscription"])
    assert subscription.schedule is None
    assert subscription.items.data[0].price.lookup_key == "pro_monthly"


@pytest.mark.feature(50, 64)
def test_a_change_begins_on_a_day_of_their_own(arrive, world, books):
    asks = Features(subscription_update=SubscriptionUpdate(takes_effect=("now", "at_period_end", "on_date")))
    ada = world.live("monthly", days=10)
    day = datetime.fromtimestamp(world.now() + 6 * 86_400, UTC).date()
    said = f"{day.day} {day:%B %Y}"
    with hosting(world, catalog=CATALOG, features=asks) as host:
        visit = arrive(host, ada["customer"]).follow("Change plan")
        choose(visit, "Scale").sees("When should it change?").sees("is kept as credit")
        field = visit.page.get_by_label("The day")
        expect(field).to_be_hidden()
        choose(visit, "On another day").sees("Choose the day on which it changes")
        field.fill(day.isoformat())
        ask_for_the_price(visit).sees(f"keep what you have until {said}").sees(f"Your bill on {said}")
        visit.press(f"Change on {said}").stands_at("Overview").sees("Your change is planned").sees(f"on {said}")
    assert items_of(books, ada["subscription"]) == {ada["prices"]["pro_monthly"]: 1}
    world.move_clock(7 * 86_400)
    assert items_of(books, ada["subscription"]) == {ada["prices"]["scale_monthly"]: 1}


@pytest.mark.feature(51)
def test_an_add_on_goes_in_and_out(arrive, world, books):
    base, storage, support = price(books, 4000, "Team"), price(books, 500, "Storage"), price(books, 2500, "Support")
    customer, subscription = subscribe(books, world, {"price": base})
    catalog = Catalog([Plan(price=base)], add_ons=[Plan(price=storage, quantity=Quantity(1, 10)), Plan(price=support)])
    with hosting(world, catalog=catalog) as host:
        visit = arrive(host, customer).follow("Change plan").stands_at("Change plan")
        visit.page.get_by_label("Storage").fill("3")
        visit.page.get_by_label("Support").check()
        ask_for_the_price(visit).sees("Support is added").sees("Storage is added")
        visit.page.get_by_role("button", name="and change plan").click()
        visit.stands_at("Overview").sees("Your plan is now Team, Storage × 3, and Support")
        assert items_of(books, subscription) == {base: 1, storage: 3, support: 1}

        visit.follow("Change plan")
        visit.stands_at("Change plan").page.get_by_label("Support").uncheck()
        ask_for_the_price(visit).sees("Support is removed")
        visit.press("Change plan").stands_at("Overview").sees("Your plan is now Team and Storage × 3")
    assert items_of(books, subscription) == {base: 1, storage: 3}


@pytest.mark.feature(52)
def test_a_plan_that_is_billed_by_use_is_switched(arrive, world, books):
    meter = books.v1.billing.meters.create(
        {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    )
    dear, cheap = (
        price(books, amount, name, usage_type="metered", meter=meter.id)
        for name, amount in (("Pay as you go", 5), ("Bulk", 3))
    )
    customer, subscription = subscribe(books, world, {"price": dear})
    with hosting(world, catalog=Catalog([Plan(price=dear), Plan(price=cheap)])) as host:
        visit = arrive(host, customer).follow("Change plan")
        choose(visit, "Bulk").sees("What you have used so far is still billed at its old price.")
        visit.press("Change plan").stands_at("Overview").sees("Your plan is now Bulk")
    assert items_of(books, subscription) == {cheap: None}


@pytest.mark.feature(53)
def test_a_plan_that_is_paid_by_invoice_is_changed(arrive, world, books):
    base, team = price(books, 1000, "Base"), price(books, 4000, "Team")
    customer, subscription = subscribe(
        books, world, {"price": base}, collection_method="send_invoice", days_until_due=14
    )
    with hosting(world, catalog=Catalog([Plan(price=base), Plan(price=team)])) as host:
        visit = arrive(host, customer).follow("Change plan")
        choose(visit, "Team").sees("You get an invoice for $30.00")
        visit.press("Change plan").stands_at("Overview").sees("Your plan is now Team")
    assert items_of(books, subscription) == {team: 1}
    newest = books.v1.invoices.list({"customer": customer}).data[0]
    assert (newest.billing_reason, newest.amount_due) == ("subscription_update", 3000)
