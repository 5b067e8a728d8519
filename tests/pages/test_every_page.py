"""What holds for every address of the portal, whatever stands there."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from portal_embed import Features
from portal_embed.config import SubscriptionCreate, SubscriptionPause, SubscriptionPrepay, SubscriptionUpdate
from portal_embed.pages.routes import _PAGES
from tests.pages.deeds import add_method, client_secret, finish_form
from tests.pages.people import Books
from tests.serving import hosting


@dataclass(frozen=True)
class Route:
    """A route as the table of routes names it."""

    name: str
    method: str
    pattern: str
    scope: str

    def path(self, **ids: str) -> str:
        """The address for an object of each kind."""
        return re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], self.pattern)

    def __str__(self) -> str:
        """For pytest."""
        return self.name


ROUTES = [Route(name, method, path, scope) for name, method, path, _, scope, _ in _PAGES]
WITH_ID = [route for route in ROUTES if "{" in route.pattern]
FORMS = [route for route in ROUTES if route.method == "POST"]
WRITING = [route for route in ROUTES if route.scope and route.scope.endswith((":pay", ":write"))]

every_route = pytest.mark.parametrize("route", ROUTES, ids=str)
MISSING = {
    "invoice": "in_1Missing",
    "subscription": "sub_1Missing",
    "method": "pm_1Missing",
    "credit_note": "cn_1Missing",
    "tax_id": "txi_1Missing",
    "discount": "di_1Missing",
    "price": "price_1Missing",
}
EVERY_FIELD = {
    "amount": "4900",
    "payment_method": "pm_1Missing",
    "setup_intent": "seti_1Missing",
    "price": "price_1Missing",
    "quantity": "1",
    "count": "1",
    "said": "price=price_1Missing",
    "name": "Ada",
    "country": "DE",
    "line1": "Hauptstraße 1",
    "city": "Berlin",
    "postal_code": "10115",
    "type": "de_stn",
    "tax_id": "1234567890",
    "email": "new@example.com",
    "proration_date": "1",
    "amount_due": "1",
    "total": "1",
    "periods": "3",
    "until": "1",
    "code": "SPRING20",
    "promotion_code": "promo_1Missing",
    "subscription": "sub_1Missing",
    "length": "month:1",
    "later": "1",
}
ALL = Features(
    subscription_create=SubscriptionCreate(enabled=True),
    subscription_pause=SubscriptionPause(enabled=True),
    subscription_update=SubscriptionUpdate(default_allowed_updates=("price", "quantity", "promotion_code")),
    subscription_prepay=SubscriptionPrepay(enabled=True),
)
"""Every page is there."""


@pytest.fixture(scope="module")
def world(sandbox):
    """One for all: these tests look, and change nothing of Ada's."""
    return sandbox.world("every-page")


@pytest.fixture(scope="module")
def books(world):
    return Books(world)


@pytest.fixture(scope="module")
def host(world):
    with hosting(world, mail=lambda mail: None, features=ALL) as served:
        yield served


@pytest.fixture(autouse=True)
def _stripe_is_well_again(world):
    yield
    world.heal()


@pytest.fixture(scope="module")
def mallory(world):
    return world.live("monthly", days=10, name="Mallory", email="mallory@example.com")


@pytest.fixture(scope="module")
def ada(world, books):
    """One who has everything: an id of every kind."""
    life = world.live("two_subscriptions")
    customer = life["customer"]
    paid = books.invoices(customer)[0]
    books.api.coupons.create({"id": "EVERYBODY", "percent_off": 10, "duration": "forever"})
    books.api.subscriptions.update(life["subscription"], {"discounts": [{"coupon": "EVERYBODY"}]})
    note = books.api.credit_notes.create({"invoice": paid.id, "amount": 100, "refund_amount": 100})
    return {
        **life,
        "ids": {
            "invoice": books.invoice(customer),
            "subscription": life["subscription"],
            "method": books.add(customer),
            "price": books.price(100, name="Not on sale"),
            "credit_note": note.id,
            "discount": books.subscription(life["subscription"]).discounts[0],
            "tax_id": books.api.customers.tax_ids.create(customer, {"type": "de_stn", "value": "1234567890"}).id,
        },
    }


def proof_of(browser):
    """The fields by which a form of this session is known."""
    return {"_csrf": browser.get("/").form("/session/end").fields["_csrf"]}


def body_without_reference(answer):
    text = re.sub(r"Reference [0-9a-f]+", "Reference", answer.text)
    return re.sub(r'(nonce|name="_op" value|name="_csrf" value)="[^"]*"', r"\1", text)


def call(browser, route, ids, **fields):
    if route.method == "GET":
        return browser.ask("GET", route.path(**ids))
    return browser.ask("POST", route.path(**ids), data=fields, headers=browser.own)


@pytest.mark.parametrize("route", WITH_ID, ids=str)
def test_ids_of_somebody_else_are_answered_exactly_as_ids_that_do_not_exist(route, ada, mallory, world, visit):
    browser = visit(mallory["customer"])
    fields = {**proof_of(browser), **EVERY_FIELD}
    world.forget_requests()
    strangers, missing = call(browser, route, ada["ids"], **fields), call(browser, route, MISSING, **fields)
    assert strangers.status_code == missing.status_code == 404
    assert body_without_reference(strangers) == body_without_reference(missing)
    assert all(call["method"] == "GET" for call in world.requests())


@pytest.mark.parametrize("id", ["x", "in_", "../secrets", "cus_1", "in_1/../../v1/customers", "in_'\"<b>", "pm_%00"])
def test_what_is_no_id_is_not_found_and_never_reaches_stripe(id, world, visit, ada):
    browser = visit(ada["customer"])
    fields = {**proof_of(browser), **EVERY_FIELD}
    world.forget_requests()
    for route in WITH_ID:
        answer = call(browser, route, dict.fromkeys(MISSING, id), **fields)
        assert answer.status_code in {404, 405}, route  # a slash may make it another address
    customer = f"/v1/customers/{ada['customer']}"
    assert {call["path"] for call in world.requests()} <= {
        *(customer, "/v1/invoices", "/v1/subscriptions", "/v1/prices"),
    }


@every_route
def test_without_a_session_there_is_a_calm_page_that_leads_back_to_the_host(route, ada, visit):
    browser = visit()
    answer = call(browser, route, ada["ids"], **EVERY_FIELD)
    assert answer.status_code == 401
    assert "Your session has expired" in answer.text
    assert 'href="/account"' in answer.text
    assert ada["customer"] not in answer.text


@pytest.mark.parametrize("route", WRITING, ids=str)
def test_who_may_only_look_is_told_so_and_nothing_is_written(route, ada, world, visit):
    browser = visit(ada["customer"], scopes="view")
    fields = {**proof_of(browser), **EVERY_FIELD}
    world.forget_requests()
    answer = call(browser, route, ada["ids"], **fields)
    assert answer.status_code == 403
    assert "You may not do this" in answer.text
    assert world.requests() == []


def test_who_may_only_look_is_offered_nothing_else(ada, visit):
    browser = visit(ada["customer"], scopes="view")
    for path in ("/", "/invoices", "/payment-methods", "/details", f"/invoices/{ada['ids']['invoice']}"):
        page = browser.get(path)
        assert page.status == 200
        assert "Read-only view" in page.text
        assert [form.action.rpartition("/")[2] for form in page.forms] == ["end"], path
        for deed in ("/payment", "/plan", "/cancellation", "/removal", "/promotion-code"):
            assert not page.leads_to(deed)


@pytest.mark.feature(19)
@pytest.mark.parametrize("scopes", ["manage", "pay", "invoices:pay"])
def test_nobody_else_is_told_that_they_may_only_look(scopes, ada, visit):
    page = visit(ada["customer"], scopes=scopes, actor="sam@acme.example").get("/invoices")
    assert page.status == 200
    assert "Read-only" not in page.text


@pytest.mark.feature(19)
@pytest.mark.parametrize("path", ["/", "/invoices", "/payment-methods", "/nowhere", "/payment-methods/new"])
def test_a_colleague_s_view_says_so_on_every_page_and_never_who_they_are(path, ada, visit):
    page = visit(ada["customer"], scopes="view", actor="sam@acme.example").get(path)
    assert "Read-only view" in page.text
    assert "sam@acme.example" not in page.html


@pytest.mark.feature(19)
@pytest.mark.parametrize("scopes", ["invoices:read", "subscriptions:read", "payment_methods:read", "customer:read"])
def test_a_page_outside_the_session_s_scopes_is_neither_linked_nor_served(scopes, ada, visit):
    browser = visit(ada["customer"], scopes=scopes)
    served = {path for path in ("/", "/invoices", "/payment-methods", "/details") if browser.get(path).status == 200}
    assert len(served) == 1
    page = browser.get(served.pop())
    assert len([href for href in page.links if href.startswith(browser.url("/").removeprefix(browser.origin))]) >= 1
    assert sum(page.leads_to(end) for end in ("/billing/", "/invoices", "/payment-methods", "/details")) == 1


@every_route
def test_every_answer_forbids_caching_and_scripts_of_others(route, ada, visit):
    browser = visit(ada["customer"])
    answer = call(browser, route, ada["ids"], **proof_of(browser))
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'nonce-" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/nowhere", "/invoices/in_1Missing", "/session/end"])
def test_so_do_the_pages_of_problems(path, ada, visit):
    answer = visit(ada["customer"]).ask("GET", path)
    assert answer.status_code in {404, 405}
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/invoices", "/payment-methods", "/details"])
def test_every_page_leads_to_the_others_and_back_to_the_host(path, ada, visit):
    page = visit(ada["customer"]).get(path)
    assert page.leads_to("/billing/")
    assert page.leads_to("/invoices")
    assert page.leads_to("/payment-methods")
    assert page.leads_to("/details")
    assert page.link("Back to Acme") == "/account"


@pytest.mark.parametrize("path", ["/", "/invoices", "/payment-methods", "/details", "/nowhere"])
def test_every_page_has_one_heading_and_a_title(path, ada, visit):
    page = visit(ada["customer"]).get(path)
    assert page.tags.count("h1") == 1
    assert page.title.endswith("· Acme")


def test_a_part_is_only_a_part(ada, visit):
    browser = visit(ada["customer"])
    for path in (f"/subscriptions/{ada['subscription']}/next-charge", "/invoices"):
        whole, part = browser.get(path), browser.part(path)
        assert "html" in whole.tags
        assert "html" not in part.tags
        assert part.status == 200
        assert "HX-Request-Type" in part.response.headers["vary"]


def test_a_preview_of_a_plan_comes_as_a_part_too(ada, visit):
    path = f"/subscriptions/{ada['subscription']}/plan?price={ada['prices']['pro_yearly']}"
    browser = visit(ada["customer"])
    whole, part = browser.get(path), browser.part(path)
    assert "html" not in part.tags
    assert "amount_due" in whole.form("/plan").fields
    assert ("input", "name", "amount_due") in part.attributes


def test_a_problem_in_a_part_is_a_message_in_place(ada, visit):
    part = visit(ada["customer"]).part("/invoices/in_1Missing")
    assert part.status == 404
    assert "hx-partial" in part.tags
    assert "Reference" in part.text


def test_a_part_without_a_session_sends_the_whole_page_to_say_so(ada, visit):
    answer = visit().part("/")
    assert answer.status == 401
    assert answer.response.headers["hx-redirect"].endswith("/billing/expired")


def test_signing_out_ends_the_session_and_leads_back_to_the_host(ada, visit):
    browser = visit(ada["customer"])
    page = browser.submit(browser.get("/").form("/session/end"))
    assert page.status == 401
    assert page.link("Back to Acme") == "/account"
    assert browser.get("/").status == 401


def test_a_link_works_once(ada, host, visit):
    link = host.link(ada["customer"])
    visit().enter(link)
    answer = visit().get(link)
    assert answer.status == 400
    assert "This link has expired" in answer.text
    assert answer.link("Back to Acme") == "/account"


def test_a_link_for_a_customer_that_was_deleted_lets_nobody_in(books, host, visit):
    gone = books.customer()
    books.api.customers.delete(gone)
    assert "This link has expired" in visit().get(host.link(gone)).text


def test_a_session_ends_when_its_customer_is_deleted(books, host, visit):
    gone = books.customer()
    browser = visit(gone)
    books.api.customers.delete(gone)
    page = browser.get("/")
    assert page.status == 401
    assert "Your session has expired" in page.text


@pytest.mark.feature(7)
def test_a_host_can_end_a_customer_s_sessions(ada, host, visit):
    browser = visit(ada["customer"])
    host.portal.end_sessions(customer=ada["customer"])
    assert browser.get("/").status == 401


@pytest.mark.parametrize("status", [429, 500])
def test_when_stripe_cannot_be_read_the_page_says_so_with_a_reference(status, ada, world, visit):
    browser = visit(ada["customer"])
    world.fail("^/v1/subscriptions$", status=status, times=99)
    page = browser.get("/")
    assert page.status == {429: 429, 500: 503}[status]
    assert re.search(r"Reference [0-9a-f]{8}", page.text)


def test_a_refused_key_is_not_the_customer_s_problem_but_is_no_dead_end(world, ada, visit):
    browser = visit(ada["customer"])
    world.fail("^/v1/subscriptions$", status=401, times=9)
    page = browser.get("/")
    assert page.status == 502
    assert "Something is wrong on our side." in page.text


def test_the_whole_way_goes_without_javascript(world, books, visit):
    ivy = world.live("open_invoice")
    browser = visit(ivy["customer"])
    overview = browser.get("/")
    pay = browser.get(overview.link("Pay $49.00"))
    paid = browser.submit(pay.form("/payment"))
    assert "We received $49.00" in paid.text
    added = add_method(browser)
    books.confirm_setup(client_secret(added), "pm_card_mastercard")
    assert "Mastercard •••• 4444 was added" in browser.submit(finish_form(added)).text
