"""A payment that is on its way: said so wherever it stands, asked about in one cheap call, and read anew once the result is in."""

from __future__ import annotations

import re

import pytest

from portal_embed.billing import plan_changes
from portal_embed.config import Catalog, Plan
from portal_embed.errors import StripeUnavailable
from portal_embed.sandbox.engine.charging import DEBIT_TAKES
from portal_embed.view_models.outcomes import PAUSES
from portal_embed.view_models.standings import PAUSES as STANDING_PAUSES
from tests.serving import hosting

WAITS = "is on its way. You need not do anything."


@pytest.fixture
def dora(books):
    """One whose larger plan is paid by a bank debit that is on its way."""
    return debited(books)


def debited(books, iban="AT611904300234573201"):
    customer = books.customer(card=None)
    books.add_sepa(customer, iban=iban)
    small, large = (books.price(cents, currency="eur", name=name) for cents, name in ((1000, "Small"), (5000, "Large")))
    subscription = books.subscribe(customer, small)
    books.world.move_clock(DEBIT_TAKES + 1)
    item = books.subscription(subscription)["items"].data[0].id
    change = {"items": [{"id": item, "price": large}], "proration_behavior": "always_invoice"}
    books.api.subscriptions.update(subscription, change)
    return {
        "customer": customer,
        "subscription": subscription,
        "invoice": books.subscription(subscription).latest_invoice,
        "large": large,
        "small": small,
    }


def asks(page):
    """The address that the page asks by itself, and after how long; None where nothing waits."""
    addresses = [value for _, name, value in page.attributes if name == "hx-get" and "/outcome" in value]
    pauses = [value for _, name, value in page.attributes if name == "hx-trigger" and value.startswith("load delay:")]
    assert len(addresses) == len(pauses) <= 1
    return (addresses[0], pauses[0]) if addresses else None


PAGES = ("/", "/subscriptions/{subscription}", "/invoices/{invoice}")


@pytest.mark.parametrize("path", PAGES)
def test_it_is_said_and_asked_again_and_nobody_may_pay_it_twice(path, dora, visit):
    page = visit(dora["customer"]).get(path.format(**dora))
    assert "on its way" in page.text
    assert asks(page)[1] == f"load delay:{PAUSES[0]}s"
    assert page.link("Look again")
    assert "failed" not in page.text
    assert not page.leads_to("/payment")


@pytest.mark.parametrize("path", PAGES)
def test_one_ask_is_one_cheap_call(path, dora, visit, world):
    browser = visit(dora["customer"])
    address, _ = asks(browser.get(path.format(**dora)))
    world.forget_requests()
    part = browser.part(address)
    assert [(c["method"], c["path"]) for c in world.requests()] == [("GET", "/v1/invoice_payments")]
    assert asks(part)[1] == f"load delay:{PAUSES[1]}s"


def test_the_asking_ends_and_the_link_stays(dora, visit):
    browser = visit(dora["customer"])
    page = browser.get("/")
    asked = 0
    while (found := asks(page)) is not None:
        page = browser.part(found[0])
        asked += 1
        assert asked <= len(PAUSES)
    assert asked == len(PAUSES)
    assert page.link("Look again")


@pytest.mark.parametrize("path", PAGES)
def test_once_the_result_is_in_the_page_is_read_anew_and_says_so(path, dora, visit, world):
    browser = visit(dora["customer"])
    address, _ = asks(browser.get(path.format(**dora)))
    world.move_clock(DEBIT_TAKES + 1)
    part = browser.part(address)
    anew = next(value for _, name, value in part.attributes if name == "hx-get")
    page = browser.get(anew)
    assert "Your payment has arrived" in page.text
    assert "on its way" not in page.text
    assert asks(page) is None


def test_a_debit_that_comes_back_is_a_failure_to_pay(books, visit, world):
    dora = debited(books, iban="AT861904300235473202")
    browser = visit(dora["customer"])
    address, _ = asks(browser.get("/"))
    world.move_clock(DEBIT_TAKES + 1)
    page = browser.get(next(v for _, name, v in browser.part(address).attributes if name == "hx-get"))
    assert "Your payment has arrived" not in page.text
    assert "failed" in page.text
    assert page.leads_to("/payment")


@pytest.mark.parametrize("path", PAGES)
def test_that_it_arrived_is_never_taken_from_the_address(path, dora, visit):
    browser = visit(dora["customer"])
    of = dora["invoice"] if "invoice" in path else dora["subscription"]
    assert "has arrived" not in browser.get(f"{path.format(**dora)}?done=arrived&of={of}").text


@pytest.mark.parametrize("life", ["monthly", "past_due", "open_invoice", "3ds_renewal"])
def test_where_nothing_waits_nothing_is_asked(life, world, visit):
    who = world.live(life)
    browser = visit(who["customer"])
    for path in ("/", "/invoices", f"/invoices/{who['invoice']}"):
        assert asks(browser.get(path)) is None


def test_the_list_of_invoices_does_not_call_it_failed(dora, visit):
    page = visit(dora["customer"]).get("/invoices")
    assert "Payment processing" in page.text
    assert "Payment failed" not in page.text
    assert not page.leads_to("/payment")


def test_while_stripe_does_not_answer_the_part_asks_on(dora, visit, world):
    browser = visit(dora["customer"])
    address, _ = asks(browser.get("/"))
    world.fail("/v1/invoice_payments", times=None)
    part = browser.part(address)
    assert part.status == 200
    assert asks(part) is not None


def test_a_page_that_does_not_exist_cannot_be_asked_for(dora, visit):
    browser = visit(dora["customer"])
    assert browser.part(f"/invoices/{dora['invoice']}/outcome?page=session.end").status == 404


def test_without_javascript_the_address_leads_back_to_the_page(dora, visit):
    browser = visit(dora["customer"])
    address, _ = asks(browser.get(f"/subscriptions/{dora['subscription']}"))
    answer = browser.ask("GET", address)
    assert answer.headers["location"].endswith(f"/subscriptions/{dora['subscription']}")


def test_who_sees_neither_plans_nor_invoices_may_not_ask(dora, visit):
    browser = visit(dora["customer"], scopes=["customer:read"])
    assert browser.part(f"/invoices/{dora['invoice']}/outcome").status == 403


def test_a_change_that_is_paid_by_debit_is_in_force_and_its_payment_on_its_way(world, visit, books):
    dora = debited(books)
    world.move_clock(DEBIT_TAKES + 1)
    larger = books.price(9000, currency="eur", name="Largest")
    with hosting(world, catalog=Catalog([Plan(price=dora["large"]), Plan(price=larger)])) as host:
        browser = visit(dora["customer"], at=host)
        page = browser.get(f"/subscriptions/{dora['subscription']}/plan?price={larger}&quantity=1")
        after = browser.submit(page.form("/plan"))
        assert "Your plan is now Largest" in after.text
        assert re.search(rf"Your payment of €\S+ {WAITS}", after.text)
        assert asks(after) is not None


def lose_the_answer(monkeypatch):
    """Whatever plan is changed from now on is changed, and nobody hears of it."""
    done = plan_changes.confirm

    async def lost(*arguments, **more):
        await done(*arguments, **more)
        raise StripeUnavailable("lost", outcome_unknown=True)

    monkeypatch.setattr(plan_changes, "confirm", lost)


class TestNobodyKnows:
    """A click whose answer was lost: the page cannot say what came of it, and shows how things stand instead."""

    @pytest.fixture
    def lost(self, world, visit, monkeypatch):
        """A plan change that happened, whose answer never came."""
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        form = browser.get(f"/subscriptions/{ada['subscription']}/plan?price={ada['prices']['pro_yearly']}").form(
            "/plan"
        )
        lose_the_answer(monkeypatch)
        page = browser.submit(form)
        assert "We could not find out whether it went through." in page.text
        return ada, browser, page

    def test_the_page_asks_how_the_plan_stands_and_says_it(self, lost):
        ada, browser, page = lost
        assert page.link("See how it stands now").endswith(f"/subscriptions/{ada['subscription']}")
        part = browser.part(standing_of(page))
        assert "How it stands now Pro $290.00 a year Active" in part.text

    def test_it_asks_a_few_times_and_then_no_more(self, lost):
        _, browser, page = lost
        asked = 0
        while (address := standing_of(page)) is not None:
            page = browser.part(address)
            asked += 1
            assert asked <= 10
        assert asked == len(STANDING_PAUSES)

    def test_what_is_known_to_have_failed_asks_nothing(self, world, visit):
        bob = world.live("past_due")
        browser = visit(bob["customer"])
        form = browser.get(f"/invoices/{bob['invoice']}/payment").form("/payment")
        page = browser.submit(form, _csrf="stale")
        assert "Nothing was charged and nothing was changed." in page.text
        assert standing_of(page) is None

    @pytest.mark.parametrize(
        ("life", "words"),
        [("monthly", r"Invoice \S+ \$29\.00 Paid"), ("past_due", r"Invoice \S+ \$29\.00 Payment failed")],
    )
    def test_an_invoice_too_says_how_it_stands(self, life, words, world, visit):
        who = world.live(life)
        browser = visit(who["customer"])
        assert re.search(words, browser.part(f"/invoices/{who['invoice']}/standing").text)
        assert browser.ask("GET", f"/invoices/{who['invoice']}/standing").status_code == 303

    def test_an_invoice_that_is_being_collected_says_so(self, dora, visit):
        part = visit(dora["customer"]).part(f"/invoices/{dora['invoice']}/standing")
        assert "Payment processing" in part.text


def standing_of(page):
    """The address that asks how things stand, None where nothing does."""
    return next((value for _, name, value in page.attributes if name == "hx-get" and "/standing" in value), None)
