"""The same story at every host application: signing in there, billing in a page of its own and in a frame, signing out."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.hosts.running import HOSTS, settings_for, users_file
from e2e.steps import Visit


@pytest.fixture(scope="module", params=HOSTS)
def site(request, sandbox, tmp_path_factory):
    """A running host application where `ada` and `bob` can sign in: `site.lives` has their lives in the sandbox."""
    folder = tmp_path_factory.mktemp("host")
    world = sandbox.world(folder.name)
    lives = {
        "ada": world.live("monthly", name="Ada Lovelace", email="ada@example.com"),
        "bob": world.live("monthly", price="starter_monthly", name="Bob Noyce", email="bob@example.com"),
    }
    users = users_file(folder, {name: life["customer"] for name, life in lives.items()})
    with HOSTS[request.param](settings_for(world, users)) as running:
        running.lives = lives
        running.books = world.stripe_client()
        yield running


@pytest.fixture
def host(site):
    """Where `Visit` goes: to the portal of this host."""
    return site


def test_whoever_is_not_signed_in_gets_no_token_and_is_told_so(site, visit):
    assert visit.page.goto(site.origin + site.token_url).status == 401
    visit.open("/").stands_at("Your session has expired")


def test_billing_in_a_page_of_its_own_and_in_a_frame(site, page):
    site.sign_in(page, "ada")
    subscription = site.lives["ada"]["subscription"]

    visit = site.framed(page).stands_at("Invoices").sees("$29.00").follow("Overview")
    visit.follow("Cancel subscription").press("Cancel subscription").sees("Pro is canceled")
    assert site.books.v1.subscriptions.retrieve(subscription).cancel_at is not None

    visit = Visit(page, site).press("Manage billing").stands_at("Overview")
    expect(page).to_have_url(f"{site.origin}/billing/")
    expect(page.locator("body")).to_contain_text("Ada Lovelace")
    visit.press("Keep my plan").sees("You keep Pro")
    assert site.books.v1.subscriptions.retrieve(subscription).cancel_at is None

    visit.open("").stands_at("Overview")
    expect(page).to_have_url(f"{site.origin}/billing/")  # the address works without its last slash, too
    visit.follow("Back to Acme", exact=True)
    expect(page).to_have_url(site.pages + site.account)
    expect(page.get_by_role("button", name="Manage billing")).to_be_visible()


def test_who_signs_out_is_out_and_the_next_user_of_the_browser_sees_their_own_billing(site, page):
    site.sign_in(page, "ada")
    Visit(page, site).press("Manage billing").stands_at("Overview").sees("$29.00")
    kept = page.context.cookies()

    page.goto(site.pages + site.account)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(site.pages + site.sign_in_page)
    Visit(page, site).open("/invoices").stands_at("Your session has expired")
    # Not because the browser has forgotten it: whoever kept the portal's cookie is out too.
    page.context.add_cookies([cookie for cookie in kept if "pe_" in cookie["name"]])
    Visit(page, site).open("/invoices").stands_at("Your session has expired")

    site.sign_in(page, "bob")
    site.framed(page).stands_at("Invoices").sees_no("$29.00")
    visit = Visit(page, site).press("Manage billing").stands_at("Overview").sees("Starter")
    expect(page.locator("body")).to_contain_text("Bob Noyce")
    expect(page.locator("body")).not_to_contain_text("Ada")
    assert page.goto(f"{visit.base}/subscriptions/{site.lives['ada']['subscription']}/cancellation").status == 404


@pytest.mark.parametrize("site", ["static pages"], indirect=True)
def test_a_plain_frame_works_where_the_api_redirects_it_into_the_portal(site, page):
    site.sign_in(page, "ada")
    page.goto(f"{site.pages}/frame.html")

    visit = site.framed(page, "iframe").stands_at("Overview").follow("Invoices", exact=True).stands_at("Invoices")
    visit.sees("$29.00").follow("Overview").follow("Cancel subscription").stands_at("Cancel Pro")
