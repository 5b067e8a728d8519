"""By keyboard alone: everything can be reached, the focus is seen, and after a navigation it stands where reading starts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

NAME_AND_RING = """() => {
    const element = document.activeElement;
    const ring = element.matches(".choice__input") ? element.closest(".choice") : element;
    const style = getComputedStyle(ring);
    return {name: (element.getAttribute("aria-label") ?? element.innerText ?? "").trim(),
            seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2};
}"""


@pytest.fixture
def ada(visit, world):
    ada = world.live("monthly", price="starter_monthly")
    visit.arrive(ada["customer"]).sees("$9.00")
    return ada


def tab_to(page, name, at_most=40):
    """Press Tab until something of that name has the focus; each stop on the way must show it."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        focused = page.evaluate(NAME_AND_RING)
        assert focused["seen"], f"the focus on {focused['name']!r} cannot be seen"
        if focused["name"] == name:
            return
    pytest.fail(f"Tab does not reach {name!r}")


def test_the_first_tab_offers_to_skip_to_the_content(visit, ada):
    visit.page.reload()
    visit.page.keyboard.press("Tab")
    expect(visit.page.get_by_role("link", name="Skip to content")).to_be_in_viewport()

    visit.page.keyboard.press("Enter")

    expect(visit.page.locator("#portal-main")).to_be_focused()


def test_a_subscription_is_canceled_and_kept_by_keyboard_alone(visit, ada, books):
    page = visit.page
    tab_to(page, "Cancel subscription")
    page.keyboard.press("Enter")
    visit.stands_at("Cancel Starter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()

    tab_to(page, "Cancel subscription")
    page.keyboard.press("Enter")
    visit.sees("Starter is canceled")
    expect(visit.notice()).to_be_focused()
    assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is not None

    tab_to(page, "Keep my plan")
    page.keyboard.press("Enter")
    visit.sees("You keep Starter")
    expect(visit.notice()).to_be_focused()


def test_a_plan_is_changed_by_keyboard_alone(visit, ada, books):
    page = visit.page
    tab_to(page, "Change plan")
    page.keyboard.press("Enter")
    visit.stands_at("Change plan")
    expect(page.get_by_role("heading", level=1)).to_be_focused()

    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.type") != "radio":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    visit.sees("Pro, $29.00 a month")
    expect(page.get_by_role("radio", checked=True)).to_be_focused()
    expect(page.locator("#portal-status")).to_contain_text("You pay $")
    button = page.get_by_role("button", name="and change plan").inner_text()
    tab_to(page, button)
    page.keyboard.press("Enter")

    visit.sees("Your plan is now Pro")
    expect(visit.notice()).to_be_focused()
    assert books.v1.subscriptions.retrieve(ada["subscription"]).items.data[0].price.lookup_key == "pro_monthly"
