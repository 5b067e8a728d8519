"""Switching between the customers that one user of the host manages, and nobody else's."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.feature(17)


@pytest.fixture
def ada(world):
    return world.live("monthly", days=10, name="Ada Lovelace", email="ada@example.com")


@pytest.fixture
def engine(world):
    return world.live("past_due", name="Analytical Engines Ltd", email="books@engines.example")


@pytest.fixture
def mallory(world):
    return world.life("monthly", name="Mallory", email="mallory@example.com")


@pytest.fixture
def browser(visit, ada, engine):
    return visit(ada["customer"], customers=[engine["customer"]])


def test_who_manages_one_customer_is_offered_no_other(visit, ada):
    browser = visit(ada["customer"], customers=[ada["customer"]])
    assert not browser.get("/").leads_to("/customers")
    assert browser.get("/customers").status == 404


def test_all_customers_are_named_and_the_open_one_is_marked(browser):
    page = browser.get(browser.get("/").link("Switch account"))
    assert page.text.index("Ada Lovelace Open now") < page.text.index("Analytical Engines Ltd")
    assert "books@engines.example" in page.text
    assert not re.search(r"\bcus_\w+", page.text)


def test_after_the_switch_every_page_is_the_other_s(browser, engine):
    page = browser.submit(browser.get("/customers").form(f"{engine['customer']}/session"))
    assert "Billing for Analytical Engines Ltd" in page.text
    assert "Ada" not in browser.get("/invoices").text
    assert browser.get(f"/invoices/{engine['invoice']}").status == 200


def test_and_nothing_of_the_first_one_is_left_in_reach(browser, ada, engine):
    path = f"/subscriptions/{ada['subscription']}/cancellation"
    stale = browser.get(path)
    browser.submit(browser.get("/customers").form(f"{engine['customer']}/session"))
    assert browser.get(path).status == 404
    assert browser.submit(stale.form("/cancellation")).status == 403  # a form of the session that was


def test_one_can_go_back(browser, ada, engine):
    browser.submit(browser.get("/customers").form(f"{engine['customer']}/session"))
    page = browser.submit(browser.get("/customers").form(f"{ada['customer']}/session"))
    assert "Billing for Ada Lovelace" in page.text


def test_a_stranger_is_not_found_whatever_the_form_says(browser, mallory, engine):
    form = browser.get("/customers").form(f"{engine['customer']}/session")
    form.action = form.action.replace(engine["customer"], mallory)
    assert browser.submit(form).status == 404
    assert "Ada Lovelace" in browser.get("/").text


def test_a_form_of_another_site_switches_nothing(browser, engine):
    page = browser.get("/customers")
    form = page.form(f"{engine['customer']}/session")
    assert browser.send(form, _csrf="x").status_code == 403
    assert "Billing for Ada Lovelace" in browser.get("/").text


def test_what_the_session_may_do_stays_the_same(visit, ada, engine):
    browser = visit(ada["customer"], customers=[engine["customer"]], scopes="view")
    page = browser.submit(browser.get("/customers").form(f"{engine['customer']}/session"))
    assert "Read-only view" in page.text
    assert browser.get(f"/invoices/{engine['invoice']}/payment").status == 403


@pytest.mark.parametrize("whose", ["ada", "engine"])
def test_the_host_ends_it_for_whichever_customer_is_open(whose, request, host, visit, ada, engine):
    browser = visit(ada["customer"], customers=[engine["customer"]], host_session="h1")
    ending = request.getfixturevalue(whose)["customer"]
    if whose == "engine":
        browser.submit(browser.get("/customers").form(f"{ending}/session"))
    host.portal.end_sessions(customer=ending)
    assert browser.get("/").status == 401


def test_the_link_that_opened_the_first_one_does_not_lead_in_again(host, visit, ada, engine):
    link = host.link(ada["customer"], customers=[engine["customer"]])
    browser = visit().enter(link)
    browser.submit(browser.get("/customers").form(f"{engine['customer']}/session"))
    assert browser.ask("GET", link, headers={"Sec-Fetch-Mode": "navigate"}).status_code == 400


def test_a_customer_that_is_deleted_meanwhile_is_not_offered(browser, books, engine):
    form = browser.get("/customers").form(f"{engine['customer']}/session")
    books.api.customers.delete(engine["customer"])
    assert browser.submit(form).status == 404
    assert "Analytical" not in browser.get("/customers").text


@pytest.mark.parametrize(
    ("customers", "word"),
    [("cus_123456", "not one string"), (["sub_123456"], "customer ids"), ([f"cus_{n:06}" for n in range(20)], "20")],
)
def test_what_a_session_cannot_carry_is_said_at_once(host, ada, customers, word):
    with pytest.raises(ValueError, match=word):
        host.link(ada["customer"], customers=customers)
