"""A session that is over, a link that is used up: a calm page that leads back to the host, and nothing personal left."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

EXPIRED = "Your session has expired"


@pytest.fixture
def ada(world):
    return world.live("monthly", price="scale_monthly", quantity=2)


def over(visit, life):
    visit.host.portal.end_sessions(customer=life["customer"])


def leads_back(visit):
    visit.follow("Back to Acme", exact=True)
    expect(visit.page).to_have_url(f"{visit.host.origin}/account")


def test_following_a_link_after_the_end_leads_to_the_page_that_says_so(visit, ada):
    visit.arrive(ada["customer"])
    over(visit, ada)

    visit.follow("Invoices", exact=True).stands_at(EXPIRED).sees_no("Scale")

    visit.page.locator("main").get_by_role("link", name="Back to Acme").click()
    expect(visit.page).to_have_url(f"{visit.host.origin}/account")


def test_a_part_of_a_page_that_asks_after_the_end_leads_there_too(visit, ada):
    visit.arrive(ada["customer"]).follow("Change plan").stands_at("Change plan")
    over(visit, ada)

    visit.page.get_by_label("Seats").fill("9")

    visit.stands_at(EXPIRED)


@pytest.mark.parametrize("who", ["visit", "plain_visit"])
def test_a_form_sent_after_the_end_changes_nothing(request, who, ada, books):
    visit = request.getfixturevalue(who)
    visit.arrive(ada["customer"]).follow("Cancel subscription").stands_at("Cancel Scale")
    over(visit, ada)

    visit.press("Cancel subscription").stands_at(EXPIRED)

    assert books.v1.subscriptions.retrieve(ada["subscription"]).cancel_at is None


def test_a_used_link_lets_nobody_else_in_and_leads_back_to_the_host(visit, new_context, ada):
    link = visit.host.link(ada["customer"])
    visit.page.goto(link)
    visit.stands_at("Overview")

    stranger = new_context().new_page()
    stranger.goto(link)

    expect(stranger.get_by_role("heading", level=1)).to_have_text("This link has expired")
    expect(stranger.locator("body")).not_to_contain_text("Ada")
    stranger.locator("main").get_by_role("link", name="Back to Acme").click()
    expect(stranger).to_have_url(f"{visit.host.origin}/account")


def test_back_after_signing_out_shows_nothing_personal(visit, ada):
    visit.arrive(ada["customer"]).follow("Payment methods").sees("Visa •••• 4242")
    visit.press("Sign out of billing")
    expect(visit.page.get_by_role("heading", level=1)).not_to_have_text("Payment methods")

    for _ in range(2):
        visit.page.go_back()
        visit.stands_at(EXPIRED)
        expect(visit.page.locator("body")).not_to_contain_text("4242")
        expect(visit.page.locator("body")).not_to_contain_text("Ada")
