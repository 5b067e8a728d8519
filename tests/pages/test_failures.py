"""Whatever goes wrong between us and Stripe: one effect or none, and the page says which."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from portal_embed.billing.stripe import client
from tests.pages.deeds import DEEDS, Deed
from tests.pages.people import Books
from tests.pages.visitor import Form, Page, Visitor
from tests.serving import hosting

NOTHING = "Nothing was charged and nothing was changed."
UNKNOWN = "We could not find out whether it went through."
ALWAYS = 99
PATIENCE = 0.25
"""Seconds our client waits in the tests of timeouts."""


@dataclass
class Scene:
    """A customer in front of a form."""

    deed: Deed
    life: dict[str, Any]
    browser: Visitor
    books: Books
    form: Form

    def submit(self, **changes: str) -> Page:
        """Press the button."""
        return self.browser.submit(self.form, **changes)

    def fails(self, **fault: Any) -> None:
        """The write that does it will fail."""
        method, path = self.deed.call
        self.books.world.fail(path, method=method, **fault)

    def wait_until_it_lands(self) -> None:
        """Until Stripe has done what it was slow to do."""
        given_up = time.monotonic() + 20
        while not self.effects:
            assert time.monotonic() < given_up, "it never landed"

    @property
    def effects(self) -> int:
        """How often it happened, by Stripe's books."""
        return self.deed.effects(self.books, self.life)


@pytest.fixture
def enact(world, books):
    """`enact(deed)`: the customer, in front of the deed's form."""
    open_now = []

    def come(deed: Deed) -> Scene:
        life = deed.prepare(books)
        hosted = hosting(world, **deed.settings)
        host = hosted.__enter__()
        browser = Visitor(host).enter(host.link(life["customer"]))
        open_now.append((hosted, browser))
        scene = Scene(deed, life, browser, books, deed.open(browser, books, life))
        assert scene.effects == 0
        return scene

    yield come
    for hosted, browser in open_now:
        browser.close()
        hosted.__exit__(None, None, None)


each_deed = pytest.mark.parametrize("deed", DEEDS, ids=str)


def assert_done_once(scene: Scene, page: Page) -> None:
    assert scene.effects == 1
    assert page.status == 200, page.text
    assert scene.deed.says in page.text


def assert_not_done(scene: Scene, page: Page, status: int, *, certain: bool = True) -> None:
    """`certain`: Stripe has answered, so that nothing can come any more."""
    assert scene.effects == 0
    assert "Traceback" not in page.text
    if scene.deed.changed_before or not certain:
        assert page.status == 503
        assert NOTHING not in page.text
        assert UNKNOWN in page.text
    else:
        assert page.status == status
        assert NOTHING in page.text


@each_deed
def test_once_is_once(deed, enact):
    scene = enact(deed)
    assert_done_once(scene, scene.submit())


@each_deed
def test_a_double_click_has_one_effect_and_both_answers_say_so(deed, enact):
    scene = enact(deed)
    with ThreadPoolExecutor(2) as clicks:
        pages = [click.result() for click in [clicks.submit(scene.submit) for _ in range(2)]]
    for page in pages:
        assert_done_once(scene, page)


@each_deed
def test_back_and_resubmit_changes_nothing_more_and_says_it_is_done(deed, enact):
    scene = enact(deed)
    scene.submit()
    assert_done_once(scene, scene.submit())


@each_deed
def test_the_same_form_with_another_wish_is_a_conflict(deed, enact):
    scene = enact(deed)
    scene.submit()
    writes = len(scene.books.writes())
    page = scene.submit(**deed.other)
    assert page.status == 409
    assert NOTHING in page.text
    assert scene.effects == 1
    assert len(scene.books.writes()) == writes


@each_deed
def test_one_429_is_only_a_short_wait(deed, enact):
    scene = enact(deed)
    scene.fails(status=429)
    assert_done_once(scene, scene.submit())


@each_deed
def test_429_without_end_changes_nothing_and_says_when_to_come_back(deed, enact):
    scene = enact(deed)
    scene.fails(status=429, times=ALWAYS)
    page = scene.submit()
    assert_not_done(scene, page, 429)
    assert deed.changed_before or page.response.headers["retry-after"].isdigit()


@each_deed
def test_one_500_is_retried(deed, enact):
    scene = enact(deed)
    scene.fails(status=500)
    assert_done_once(scene, scene.submit())


@each_deed
def test_500_without_end_changes_nothing_and_says_so(deed, enact):
    scene = enact(deed)
    scene.fails(status=500, times=ALWAYS)
    assert_not_done(scene, scene.submit(), 503)


@each_deed
def test_after_a_500_the_same_form_works_once_stripe_is_well_again(deed, enact):
    scene = enact(deed)
    scene.fails(status=503, times=ALWAYS)
    scene.submit()
    scene.books.world.heal()
    assert_done_once(scene, scene.submit())


@each_deed
@pytest.mark.parametrize("times", [1, ALWAYS])
def test_a_500_after_the_effect_is_found_out_to_be_a_success(deed, times, enact):
    scene = enact(deed)
    scene.fails(status=500, when="after", times=times)
    assert_done_once(scene, scene.submit())


@each_deed
def test_no_answer_at_all_changes_nothing_and_claims_nothing(deed, enact, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", PATIENCE)
    scene = enact(deed)
    scene.fails(delay=2 * PATIENCE, times=ALWAYS)
    assert_not_done(scene, scene.submit(), 503, certain=False)


@each_deed
def test_no_answer_after_the_effect_is_found_out_to_be_a_success(deed, enact, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", PATIENCE)
    scene = enact(deed)
    scene.fails(delay=2 * PATIENCE, when="after", status=None, times=ALWAYS)
    assert_done_once(scene, scene.submit())


@each_deed
def test_a_line_that_is_always_cut_changes_nothing_and_claims_nothing(deed, enact):
    scene = enact(deed)
    scene.fails(reset=True, times=ALWAYS)
    assert_not_done(scene, scene.submit(), 503, certain=False)


@each_deed
@pytest.mark.parametrize("times", [1, ALWAYS])
def test_a_cut_line_after_the_effect_is_found_out_to_be_a_success(deed, times, enact):
    scene = enact(deed)
    scene.fails(reset=True, when="after", times=times)
    assert_done_once(scene, scene.submit())


@each_deed
def test_when_stripe_cannot_even_be_asked_the_page_does_not_claim_to_know(deed, enact):
    scene = enact(deed)
    method, path = deed.call
    scene.books.world.fail(path, method=method, status=500, when="after", times=ALWAYS)
    scene.books.world.fail(r"^/v1/(?!charges)", method="GET", status=500, times=ALWAYS)
    answer = scene.submit()
    scene.books.world.heal()
    assert answer.status >= 500
    if scene.effects:
        assert NOTHING not in answer.text


class TestSeveralSteps:
    """A deed of several writes that breaks off in the middle: it never says that nothing happened, and the form finishes it."""

    @pytest.fixture
    def erin(self, world, books):
        """Two subscriptions, one on a card of its own; and a third card."""
        life = world.live("two_subscriptions")
        return {**life, "third": books.add(life["customer"], "pm_card_amex")}

    @pytest.mark.parametrize("status", [400, 429, 500])
    def test_the_default_is_set_but_a_subscription_keeps_its_own_method(self, status, erin, world, books, visit):
        browser = visit(erin["customer"])
        form = browser.get("/payment-methods").form(f"/{erin['third']}/default")
        world.fail("^/v1/subscriptions/", method="POST", status=status, times=ALWAYS)
        page = browser.submit(form)
        assert books.default_of(erin["customer"]) == erin["third"]
        assert NOTHING not in page.text
        assert UNKNOWN in page.text
        world.heal()
        assert "is your default now" in browser.submit(form).text
        assert books.subscription(erin["second_subscription"]).default_payment_method is None

    def test_a_payment_went_through_but_the_invoice_cannot_be_read_again(self, world, books, visit):
        ivy = world.live("open_invoice")
        browser = visit(ivy["customer"])
        form = browser.get(f"/invoices/{ivy['invoice']}/payment").form("/payment")
        world.fail("^/v1/invoices/[^/]+/pay$", method="POST", status=None)
        world.fail("^/v1/invoices/in_", method="GET", status=None)
        world.fail("^/v1/invoices/in_", method="GET", status=500, times=ALWAYS)
        page = browser.submit(form)
        world.heal()
        assert books.charges(ivy["customer"]) == 1
        assert NOTHING not in page.text

    def test_a_plan_was_changed_but_cannot_be_read_again(self, world, books, visit):
        ada = world.live("monthly", days=10)
        browser = visit(ada["customer"])
        price = ada["prices"]["pro_yearly"]
        form = browser.get(f"/subscriptions/{ada['subscription']}/plan?price={price}").form("/plan")
        world.fail("^/v1/subscriptions/", method="GET", status=None)
        world.fail("^/v1/subscriptions/", method="GET", status=500, times=ALWAYS)
        page = browser.submit(form)
        world.heal()
        assert books.plan(ada["subscription"]) == (price, 1)
        assert "Your plan is now Pro" in page.text, "Stripe's answer to the change has said so"


@each_deed
def test_an_effect_that_comes_after_we_stopped_waiting_is_never_denied(deed, enact, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", PATIENCE)
    scene = enact(deed)
    scene.fails(delay=4 * PATIENCE, status=None)
    page = scene.submit()
    scene.books.world.heal()
    scene.wait_until_it_lands()
    assert scene.effects == 1
    assert NOTHING not in page.text
    assert_done_once(scene, scene.submit())
