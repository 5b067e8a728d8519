"""Paused for two months and resumed early: with scripts and without them."""

from __future__ import annotations

import pytest

from e2e.steps import Visit, amount_in, charged
from portal_embed.config import Features, PauseDuration, PauseInterval, SubscriptionPause
from tests.serving import hosting

LENGTHS = (PauseInterval(), PauseInterval(interval_count=2))
PAUSING = SubscriptionPause(enabled=True, duration=PauseDuration(type="indefinite", interval_options=LENGTHS))


@pytest.fixture
def host(world):
    with hosting(world, features=Features(subscription_pause=PAUSING)) as running:
        yield running


@pytest.fixture(params=["with scripts", "without"])
def either(request):
    """The same person, with and without JavaScript."""
    return request.getfixturevalue("visit" if request.param == "with scripts" else "plain_visit")


@pytest.mark.feature(79)
@pytest.mark.feature(81)
def test_paused_for_two_months_and_resumed_early(either, world, books):
    world.freeze()
    ada = world.live("monthly", days=10)
    either.arrive(ada["customer"]).follow("Pause", exact=True).stands_at("Pause Pro")
    credit = amount_in(either.page.locator(".money__sum").inner_text())
    either.page.get_by_label("2 months").check()

    either.press("Pause my plan").stands_at("Overview").sees("Pro is paused").sees("Paused until")
    assert books.v1.subscriptions.retrieve(ada["subscription"]).status == "paused"
    before = charged(books, ada)

    either.follow("Resume now").stands_at("Resume Pro")
    button = either.page.get_by_role("button", name="and resume")
    due = amount_in(button.inner_text())
    assert due == 2900 - credit
    button.click()

    either.stands_at("Overview").sees("Pro runs again").sees("Active")
    assert charged(books, ada) == [due, *before]
    now = books.v1.subscriptions.retrieve(ada["subscription"])
    assert (now.status, now.schedule) == ("active", None)


@pytest.mark.feature(81)
def test_the_bank_asks_before_it_goes_on(host, page, world, books):
    paula = world.live("paused")
    method = books.v1.payment_methods.attach("pm_card_authenticationRequired", {"customer": paula["customer"]}).id
    books.v1.customers.update(paula["customer"], {"invoice_settings": {"default_payment_method": method}})
    visit = Visit(page, host).arrive(paula["customer"]).follow("Resume now")

    visit.press("and resume").bank("Complete authentication")

    visit.stands_at("Overview").sees("Pro runs again")
    assert books.v1.subscriptions.retrieve(paula["subscription"]).status == "active"


@pytest.mark.feature(81)
def test_an_impatient_person_is_charged_once(host, page, world, books):
    paula = world.live("paused")
    before = charged(books, paula)
    visit = Visit(page, host).arrive(paula["customer"]).follow("Resume now")

    visit.tap_thrice("and resume").stands_at("Overview").sees("Pro runs again")

    assert len(charged(books, paula)) == len(before) + 1


@pytest.mark.feature(83)
def test_after_a_trial_without_a_card_one_is_added_and_then_it_goes_on(host, page, world, books):
    tess = world.live("paused", card=None)
    visit = Visit(page, host).arrive(tess["customer"]).follow("Resume now").stands_at("Resume Pro")

    visit.add_card("4242 4242 4242 4242").stands_at("Resume Pro").press("Pay $29.00 and resume")

    visit.stands_at("Overview").sees("Pro runs again")
    assert charged(books, tess) == [2900]
