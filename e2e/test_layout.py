"""How things stand beside each other, on wide screens and narrow ones."""

from __future__ import annotations

import pytest

from e2e.steps import Visit
from portal_embed import Catalog, Features, Plan, Quantity
from portal_embed.config import SubscriptionPause, SubscriptionPrepay, SubscriptionUpdate
from tests.serving import CATALOG, hosting

EVERYTHING = Features(
    subscription_update=SubscriptionUpdate(default_allowed_updates=("price", "quantity", "promotion_code")),
    subscription_pause=SubscriptionPause(enabled=True),
    subscription_prepay=SubscriptionPrepay(enabled=True),
)
TOPS = "elements => elements.map(element => Math.round(element.getBoundingClientRect().top))"
RINGS = """element => [element, element.closest(".choice")].map(one => getComputedStyle(one).outlineStyle !== "none")"""


@pytest.fixture
def host(world):
    add_ons = [Plan(lookup_key="storage_monthly", quantity=Quantity(1, 10))]
    with hosting(world, catalog=Catalog(CATALOG.plans, add_ons=add_ons), features=EVERYTHING) as running:
        yield running


@pytest.mark.parametrize("width", [560, 680, 800, 1100])
def test_no_button_of_a_plan_stands_alone_below_the_others(page, host, world, width):
    page.set_viewport_size({"width": width, "height": 900})
    visit = Visit(page, host).arrive(world.live("monthly", days=10)["customer"]).sees("Cancel subscription")
    tops = visit.page.locator(".subscription .actions .button").evaluate_all(TOPS)
    assert len(tops) == 5
    assert tops.count(tops[-1]) > 1


@pytest.mark.parametrize("width", [320, 375])
def test_what_a_part_costs_stands_beside_it_on_a_narrow_screen(page, host, world, width):
    page.set_viewport_size({"width": width, "height": 900})
    visit = Visit(page, host).arrive(world.live("add_ons")["customer"]).sees("Storage pack")
    row = visit.page.locator(".subscription > .sums .sums__row", has_text="Storage pack")
    name, cost = row.locator("dt, dd").evaluate_all(TOPS)
    assert name == cost
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_number_has_one_ring_when_it_has_the_focus(visit, world):
    nina = world.live("add_ons")
    visit.arrive(nina["customer"]).open(f"/subscriptions/{nina['subscription']}/plan")
    field = visit.page.get_by_label("Storage pack")
    field.focus()
    assert field.evaluate(RINGS) == [True, False]
