"""Clicks that arrive together, people who come together, and what comes too often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from portal_embed.access import limits
from tests.pages.deeds import add_method
from tests.pages.visitor import Visitor
from tests.serving import hosting


class TestManyAtOnce:
    """Clicks that arrive together."""

    def test_five_clicks_on_pay_are_one_charge(self, world, books, visit):
        life = world.live("open_invoice")
        tab = visit(life["customer"])
        form = tab.get(f"/invoices/{life['invoice']}/payment").form("/payment")
        with ThreadPoolExecutor(5) as clicks:
            answers = [click.result() for click in [clicks.submit(tab.submit, form) for _ in range(5)]]
        assert books.charges(life["customer"]) == 1
        assert {answer.status for answer in answers} == {200}

    def test_two_tabs_that_pay_the_same_invoice_are_one_charge(self, world, books, visit):
        life = world.live("open_invoice")
        tab = visit(life["customer"])
        forms = [tab.get(f"/invoices/{life['invoice']}/payment").form("/payment") for _ in range(2)]
        with ThreadPoolExecutor(2) as tabs:
            for click in [tabs.submit(tab.submit, form) for form in forms]:
                assert "We received $49.00" in click.result().text
        assert books.charges(life["customer"]) == 1

    def test_two_tabs_that_want_different_plans_leave_one_of_them(self, world, books, visit):
        life = world.live("monthly", days=10)
        tab = visit(life["customer"])
        wishes = [life["prices"]["pro_yearly"], life["prices"]["scale_monthly"]]
        forms = [tab.get(f"/subscriptions/{life['subscription']}/plan?price={price}").form("/plan") for price in wishes]
        with ThreadPoolExecutor(2) as tabs:
            pages = [click.result() for click in [tabs.submit(tab.submit, form) for form in forms]]
        assert sorted(page.status for page in pages) == [200, 409]
        won = wishes[[page.status for page in pages].index(200)]
        assert books.plan(life["subscription"])[0] == won

    def test_two_people_at_the_same_time_never_see_each_other_s_billing(self, world, visit):
        people = [world.live("monthly", days=10, name=name) for name in ("Ada Augusta", "Mallory Mallet")]
        browsers = [visit(person["customer"]) for person in people]

        def look(number):
            mine = number % 2
            page = browsers[mine].get(("/", "/invoices", "/payment-methods")[number % 3])
            other = people[1 - mine]
            return other["subscription"] in page.html or other["payment_method"] in page.html

        with ThreadPoolExecutor(8) as many:
            assert not any(many.map(look, range(60)))


def test_card_testing_runs_into_a_limit(sandbox, monkeypatch):
    monkeypatch.setattr(limits, "TEST_MODE_FACTOR", 1)
    world = sandbox.world("card-testing")
    customer = world.live("monthly", days=10)["customer"]
    with hosting(world) as host:
        tab = Visitor(host).enter(host.link(customer))
        answers = [add_method(tab) for _ in range(7)]
        tab.close()
    assert [page.status for page in answers] == [200] * 5 + [429] * 2
    assert sum(call["path"] == "/v1/setup_intents" for call in world.requests()) == 5
