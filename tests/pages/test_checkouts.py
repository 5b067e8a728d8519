"""Starting a plan on Stripe's page: the way there, the way back, and that nothing but Stripe's word counts."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request

import pytest

from portal_embed import Catalog, Features, Hooks, Plan
from portal_embed.config import AllowedChanges, SubscriptionCreate
from tests.pages.test_starts import offered, starting, states
from tests.serving import hosting, server

pytestmark = pytest.mark.feature(120)

CHECKOUT = starting(through="checkout")


@pytest.fixture
def host(world):
    with hosting(world, features=CHECKOUT) as served:
        yield served


@pytest.fixture
def finn(world):
    return world.live("new")


def set_out(browser, life, price="pro_monthly", **query):
    """Press the button; the answer, which the browser leaves by itself."""
    return browser.send(offered(browser, life, price, **query).form("/checkout"))


def way(answer):
    """Stripe's page, where the answer leads."""
    assert answer.status_code == 200, answer.text
    return answer.headers["refresh"].partition("url=")[2]


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def pay(url, number="4242424242424242"):
    """Pay on Stripe's page; where it leads, "" where it stays."""
    try:
        with urllib.request.build_opener(_Stay).open(url, urllib.parse.urlencode({"number": number}).encode()):
            return ""
    except urllib.error.HTTPError as error:
        return error.headers.get("location", "")


def visits(books, life):
    return books.api.checkout.sessions.list({"customer": life["customer"]}).data


def test_there_and_back(visit, finn, books):
    browser = visit(finn["customer"])
    url = way(set_out(browser, finn, "scale_monthly", quantity=3))
    (begun,) = visits(books, finn)
    assert (begun.url, begun.ui_mode, begun.mode, begun.amount_total) == (url, "hosted_page", "subscription", 4500)
    page = browser.get(pay(url))
    assert page.title.startswith("Overview")
    assert "Scale has started" in page.text
    (made,) = books.api.subscriptions.list({"customer": finn["customer"]}).data
    assert books.plan(made.id) == (finn["prices"]["scale_monthly"], 3)
    assert made.billing_mode.type == "flexible"


def test_what_is_due_is_shown_before(visit, finn):
    page = offered(visit(finn["customer"]), finn)
    assert page.form("/checkout").buttons == ["Continue to checkout"]
    assert "You pay $29.00 today" in page.text
    assert not page.leads_to("/payment-methods/new")


def test_there_is_a_link_for_who_is_not_led_by_itself(visit, finn):
    answer = set_out(visit(finn["customer"]), finn)
    assert f'href="{way(answer)}"' in answer.text


def test_back_without_paying_leads_to_the_plans(visit, finn, books):
    browser = visit(finn["customer"])
    set_out(browser, finn)
    (begun,) = visits(books, finn)
    assert browser.get(begun.cancel_url).title.startswith("Plans")
    page = browser.get(f"/checkout?session={begun.id}")
    assert page.title.startswith("Plans")
    assert "started" not in page.text


def test_a_stranger_s_visit_is_not_found(visit, finn, world, books):
    other = world.live("new", name="Other")
    browser = visit(finn["customer"])
    pay(way(set_out(visit(other["customer"]), other)))
    (theirs,) = visits(books, other)
    for session in (theirs.id, "cs_test_missing", "in_1", ""):
        assert browser.get(f"/checkout?session={session}").status == 404, session


def test_a_second_visit_ends_the_first_so_that_only_one_can_be_paid(visit, finn, books):
    browser = visit(finn["customer"])
    first = way(set_out(browser, finn))
    second = way(set_out(browser, finn, "starter_monthly"))
    assert pay(first) == ""
    assert pay(second)
    assert states(books, finn) == ["active"]
    assert [s.status for s in visits(books, finn)] == ["complete", "expired"]


def test_the_same_click_twice_is_one_visit(visit, finn, books):
    browser = visit(finn["customer"])
    form = offered(browser, finn).form("/checkout")
    assert way(browser.send(form)) == way(browser.send(form))
    assert len(visits(books, finn)) == 1


def test_the_host_s_own_visits_are_left_alone(visit, finn, books):
    theirs = books.api.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": finn["customer"],
            "line_items": [{"price": finn["prices"]["pro_monthly"], "quantity": 1}],
            "success_url": "https://shop.example/",
        }
    )
    set_out(visit(finn["customer"]), finn)
    assert books.api.checkout.sessions.retrieve(theirs.id).status == "open"


def test_who_has_a_plan_is_not_led_there(visit, world, books, finn):
    browser = visit(finn["customer"])
    form = offered(browser, finn).form("/checkout")
    card = books.add(finn["customer"])
    books.subscribe(finn["customer"], finn["prices"]["pro_monthly"], default_payment_method=card)
    answer = browser.send(form)
    assert answer.status_code == 409
    assert visits(books, finn) == []


def test_a_trial_without_a_card(world, visit, finn, books):
    catalog = Catalog([Plan(lookup_key="pro_monthly", trial_days=14)])
    with hosting(world, features=CHECKOUT, catalog=catalog) as host:
        browser = visit(finn["customer"], at=host)
        page = browser.get(pay(way(set_out(browser, finn)), number=""))
        assert "Your trial is free until" in page.text
        (made,) = books.api.subscriptions.list({"customer": finn["customer"]}).data
        assert made.trial_settings.end_behavior.missing_payment_method == "cancel"


def test_stripe_tax_goes_along(world, visit, books):
    place = {"line1": "1 Main St", "city": "Berlin", "postal_code": "10115", "country": "DE"}
    life = world.live("new")
    customer = books.customer(card=None, address=place)
    with hosting(world, features=starting(through="checkout", automatic_tax=True)) as host:
        browser = visit(customer, at=host)
        set_out(browser, life)
        (begun,) = visits(books, {"customer": customer})
        assert begun.automatic_tax.enabled


def test_the_host_hears_of_it_when_they_are_back(world, visit, finn, books):
    heard = []
    with hosting(world, features=CHECKOUT, hooks=Hooks(event=heard.append)) as host:
        browser = visit(finn["customer"], at=host)
        back = pay(way(set_out(browser, finn)))
        browser.get(back)
        browser.get(back)
        server().run(host.portal._services.outbox.drain())
    assert [event.type for event in heard] == ["portal.opened", "subscription.created"]


def test_what_the_host_does_not_allow_is_not_bought(world, visit, finn, books):
    hooks = Hooks(changes=lambda asker, plan: AllowedChanges(plans={"starter_monthly"}))
    with hosting(world, features=CHECKOUT, hooks=hooks) as host:
        browser = visit(finn["customer"], at=host)
        form = offered(browser, finn, "starter_monthly").form("/checkout")
        form.action = form.action.replace(finn["prices"]["starter_monthly"], finn["prices"]["pro_monthly"])
        assert browser.send(form).status_code == 404
        assert visits(books, finn) == []


def test_in_a_frame_it_takes_the_whole_window_and_leads_back_to_the_page_around(world, visit, finn, books):
    shop = "https://shop.example.com"
    with hosting(world, features=CHECKOUT, embed_origins=(shop,)) as host:
        browser = visit(finn["customer"], at=host, embed_origin=shop, return_url=f"{shop}/account")
        answer = set_out(browser, finn)
        (begun,) = visits(books, finn)
        assert "refresh" not in answer.headers
        assert re.search(rf'href="{re.escape(begun.url)}" hx-boost="false" target="_top"', answer.text)
        assert (begun.success_url, begun.cancel_url) == (f"{shop}/account", f"{shop}/account")


def test_a_form_of_the_one_way_is_none_of_the_other(world, visit, finn, books):
    books.add(finn["customer"], default=True)
    for through, other in (("checkout", "start"), ("portal", "checkout")):
        features = Features(subscription_create=SubscriptionCreate(enabled=True, through=through))
        with hosting(world, features=features) as host:
            browser = visit(finn["customer"], at=host)
            form = next(f for f in offered(browser, finn).forms if "amount_due" in f.fields)
            form.action = f"{form.action.rpartition('/')[0]}/{other}"
            assert browser.send(form).status_code == 403
    assert visits(books, finn) == []
    assert states(books, finn) == []


def test_a_number_out_of_bounds_asks_for_another_and_for_no_card(finn, visit):
    page = offered(visit(finn["customer"]), finn, "scale_monthly", quantity=99)
    assert "from 1 to 50" in page.text
    assert "payment method" not in page.text
    assert page.form("/checkout").buttons == ["See what it costs"]
