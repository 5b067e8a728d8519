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


def test_the_portal_s_address_works_without_its_last_slash(site, page):
    site.sign_in(page, "ada")
    site.framed(page).stands_at("Invoices")  # which has signed in the whole browser
    Visit(page, site).open("").stands_at("Overview")
    expect(page).to_have_url(f"{site.origin}/billing/")


def test_manage_billing_leads_to_the_overview_and_back(site, page):
    site.sign_in(page, "ada")

    visit = Visit(page, site).press("Manage billing").stands_at("Overview")
    expect(page).to_have_url(f"{site.origin}/billing/")
    expect(page.locator("body")).to_contain_text("Ada Lovelace")

    visit.follow("Back to Acme", exact=True)
    expect(page).to_have_url(site.pages + site.account)
    expect(page.get_by_role("button", name="Manage billing")).to_be_visible()


def test_the_account_page_frames_the_invoices(site, page):
    site.sign_in(page, "ada")

    site.framed(page).stands_at("Invoices").sees("$29.00")


def test_canceling_and_keeping_work_in_a_tab_and_in_the_frame(site, page):
    site.sign_in(page, "ada")
    subscription = site.lives["ada"]["subscription"]

    visit = site.framed(page).stands_at("Invoices").follow("Overview")
    visit.follow("Cancel subscription").press("Cancel subscription").sees("Pro is canceled")
    assert site.books.v1.subscriptions.retrieve(subscription).cancel_at is not None

    Visit(page, site).press("Manage billing").stands_at("Overview").press("Keep my plan").sees("You keep Pro")
    assert site.books.v1.subscriptions.retrieve(subscription).cancel_at is None


def test_another_user_of_the_same_browser_sees_their_own_billing(site, page):
    site.sign_in(page, "ada")
    Visit(page, site).press("Manage billing").sees("$29.00")

    page.goto(site.pages + site.account)
    page.get_by_role("button", name="Sign out").click()
    site.sign_in(page, "bob")
    site.framed(page).stands_at("Invoices").sees_no("$29.00")
    visit = Visit(page, site).press("Manage billing").stands_at("Overview").sees("Starter")
    expect(page.locator("body")).to_contain_text("Bob Noyce")
    expect(page.locator("body")).not_to_contain_text("Ada")
    visit.open(f"/subscriptions/{site.lives['ada']['subscription']}/cancel").sees_no("Pro")


def test_signing_out_of_the_host_ends_the_portal_s_session(site, page):
    site.sign_in(page, "ada")
    Visit(page, site).press("Manage billing").stands_at("Overview")
    kept = page.context.cookies()

    page.goto(site.pages + site.account)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(site.pages + site.sign_in_page)
    Visit(page, site).open("/invoices").stands_at("Your session has expired")

    # Not because the browser has forgotten it: whoever kept the portal's cookie is out too.
    page.context.add_cookies([cookie for cookie in kept if "pe_" in cookie["name"]])
    Visit(page, site).open("/invoices").stands_at("Your session has expired")


@pytest.mark.parametrize("site", ["static pages"], indirect=True)
def test_a_plain_frame_works_where_the_api_redirects_it_into_the_portal(site, page):
    site.sign_in(page, "ada")
    page.goto(f"{site.pages}/frame.html")

    visit = site.framed(page, "iframe").stands_at("Overview").follow("Invoices", exact=True).stands_at("Invoices")
    visit.sees("$29.00").follow("Overview").follow("Cancel subscription").stands_at("Cancel Pro")
