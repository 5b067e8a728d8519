"""Every action that changes something, as the failure tests need them: how to come to its form, and what it must leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal_embed import Features
from portal_embed.config import (
    PauseDuration,
    PauseInterval,
    SubscriptionCancel,
    SubscriptionCreate,
    SubscriptionPause,
    SubscriptionPrepay,
)
from tests.pages.people import Books
from tests.pages.visitor import Form, Page, Visitor


@dataclass(frozen=True)
class Deed:
    """`prepare` makes the customer; `open` comes to the form; `effects` counts what happened in Stripe's books (0 before).

    `call`: the Stripe write that does it, method and path. `says`: words of the page after success. `other`: another
    wish sent with the same form. `settings`: of the portal. `changed_before`: whether something had happened before the
    form was sent, so that a failure must not say that nothing did.
    """

    name: str
    prepare: Callable[[Books], dict[str, Any]]
    open: Callable[[Visitor, Books, dict[str, Any]], Form]
    effects: Callable[[Books, dict[str, Any]], int]
    call: tuple[str, str]
    says: str
    other: dict[str, str]
    settings: dict[str, Any]
    changed_before: bool = False

    def __str__(self) -> str:
        """For pytest."""
        return self.name


def _pays(books: Books) -> dict[str, Any]:
    life = books.world.live("open_invoice")
    return {**life, "second": books.add(life["customer"], "pm_card_mastercard")}


def _open_payment(browser: Visitor, books: Books, life: dict[str, Any]) -> Form:
    return browser.get(f"/invoices/{life['invoice']}/payment").form("/payment")


def _two_cards(books: Books) -> dict[str, Any]:
    customer = books.customer()
    return {"customer": customer, "second": books.add(customer, "pm_card_mastercard")}


def _open_default(browser: Visitor, books: Books, life: dict[str, Any]) -> Form:
    return browser.get("/payment-methods").form(f"/{life['second']}/default")


def _open_removal(browser: Visitor, books: Books, life: dict[str, Any]) -> Form:
    return browser.get(f"/payment-methods/{life['second']}/removal").form("/removal")


def _monthly(books: Books) -> dict[str, Any]:
    life = books.world.live("monthly", days=10)
    books.world.forget_requests()
    return {**life, "charged": books.charges(life["customer"])}


def _open_change(browser: Visitor, books: Books, life: dict[str, Any]) -> Form:
    price = life["prices"]["pro_yearly"]
    return browser.get(f"/subscriptions/{life['subscription']}/plan?price={price}").form("/plan")


def _changes(books: Books, life: dict[str, Any]) -> int:
    moved = books.plan(life["subscription"])[0] == life["prices"]["pro_yearly"]
    paid = books.charges(life["customer"]) - life["charged"]
    assert paid == int(moved) or books.plan(life["subscription"])[0] == life["prices"]["pro_yearly"], (
        "no plan for the money"
    )
    return paid


def _open_prepayment(browser: Visitor, books: Books, life: dict[str, Any]) -> Form:
    return browser.get(f"/subscriptions/{life['subscription']}/prepayment?periods=3").form("/prepayment")


def _prepays(books: Books, life: dict[str, Any]) -> int:
    def read() -> tuple[int, int]:
        paid = books.charges(life["customer"]) - life["charged"]
        return paid, len(books.subscription(life["subscription"]).billing_schedules)

    paid, planned = read()
    if paid != planned:  # it may have landed between the two
        paid, planned = read()
    assert paid == planned, "no time for the money"
    return paid


def _open_cancellation(browser: Visitor, books: Books, life: dict[str, Any]) -> Form:
    return browser.get(f"/subscriptions/{life['subscription']}/cancellation").form("/cancellation")


def _open_keeping(browser: Visitor, books: Books, life: dict[str, Any]) -> Form:
    return browser.get("/").form("/continuation")


def _open_pause(browser: Visitor, books: Books, life: dict[str, Any]) -> Form:
    return browser.get(f"/subscriptions/{life['subscription']}/pause").form("/pause")


def _chosen(form: Form, **fields: str) -> Form:
    form.fields.update(fields)
    return form


def _is_paused(books: Books, life: dict[str, Any]) -> int:
    schedules = books.api.subscription_schedules.list({"customer": life["customer"]}).data
    assert len(schedules) <= 1
    return int(books.subscription(life["subscription"]).status == "paused")


def _counted(books: Books, life: dict[str, Any]) -> dict[str, Any]:
    return {**life, "charged": books.charges(life["customer"])}


def _open_resumption(browser: Visitor, books: Books, life: dict[str, Any]) -> Form:
    return browser.get(f"/subscriptions/{life['subscription']}/resumption").form("/resumption")


def _open_finish(browser: Visitor, books: Books, life: dict[str, Any]) -> Form:
    page = add_method(browser)
    books.confirm_setup(client_secret(page), "pm_card_mastercard")
    return finish_form(page)


def add_method(browser: Visitor) -> Page:
    """The page with the Payment Element, as "Add payment method" opens it."""
    forms = browser.get("/payment-methods").forms
    return browser.submit(next(f for f in forms if f.action.endswith("/new") and "replaces" not in f.fields))


def finish_form(page: Page) -> Form:
    """The form that Stripe.js submits once the method is saved."""
    return next(form for form in page.forms if "setup_intent" in form.fields)


def client_secret(page: Page) -> str:
    """The client secret that the page gives to Stripe.js."""
    return next(value for _, name, value in page.attributes if name == "data-client-secret")


def _made_default(books: Books, life: dict[str, Any]) -> int:
    default = books.default_of(life["customer"])
    return int(default != life["payment_method"])


PAUSING = {
    "features": Features(
        subscription_pause=SubscriptionPause(
            enabled=True, duration=PauseDuration(type="indefinite", interval_options=(PauseInterval(),))
        )
    )
}
STARTING = Features(subscription_create=SubscriptionCreate(enabled=True))


def _newcomer(books: Books) -> dict[str, Any]:
    life = books.world.live("new")
    return {**life, "payment_method": books.add(life["customer"], default=True)}


def _waits(books: Books) -> dict[str, Any]:
    life = _newcomer(books)
    subscription = books.subscribe(
        life["customer"], life["prices"]["pro_monthly"], payment_behavior="default_incomplete"
    )
    return {**life, "subscription": subscription}


def _open_start(browser: Visitor, books: Books, life: dict[str, Any]) -> Form:
    return browser.get(f"/plans/{life['prices']['scale_monthly']}/start?quantity=3").form("/start")


def _started(books: Books, life: dict[str, Any]) -> int:
    """It is there, running or waiting for its first payment."""
    _running(books, life)
    return len(books.api.subscriptions.list({"customer": life["customer"], "status": "all"}).data)


def _running(books: Books, life: dict[str, Any]) -> int:
    found = books.api.subscriptions.list({"customer": life["customer"], "status": "all"}).data
    assert len(found) <= 1, "a second one"
    assert books.charges(life["customer"]) <= len(found), "money for nothing"
    return sum(s.status == "active" for s in found)


DEEDS = [
    Deed(
        "pay",
        _pays,
        _open_payment,
        lambda books, life: books.charges(life["customer"]),
        ("POST", "^/v1/invoices/[^/]+/pay$"),
        "We received $49.00",
        {"amount": "4800"},
        {},
    ),
    Deed(
        "choose the default",
        _two_cards,
        _open_default,
        lambda books, life: int(books.default_of(life["customer"]) == life["second"]),
        ("POST", "^/v1/customers/[^/]+$"),
        "is your default now",
        {"use_for_all": "on"},
        {},
    ),
    Deed(
        "remove a method",
        _two_cards,
        _open_removal,
        lambda books, life: int(life["second"] not in books.methods(life["customer"])),
        ("POST", "/detach$"),
        "The payment method was removed",
        {"anything": "else"},
        {},
    ),
    Deed(
        "change plan",
        _monthly,
        _open_change,
        _changes,
        ("POST", "^/v1/subscriptions/[^/]+$"),
        "Your plan is now Pro",
        {"quantity": "2"},
        {},
    ),
    Deed(
        "pay ahead",
        _monthly,
        _open_prepayment,
        _prepays,
        ("POST", "^/v1/subscriptions/[^/]+$"),
        "Paid until",
        {"periods": "6"},
        {"features": Features(subscription_prepay=SubscriptionPrepay(enabled=True))},
    ),
    Deed(
        "cancel at period end",
        _monthly,
        _open_cancellation,
        lambda books, life: int(books.subscription(life["subscription"]).cancel_at is not None),
        ("POST", "^/v1/subscriptions/[^/]+$"),
        "Pro is canceled",
        {"comment": "other words"},
        {},
    ),
    Deed(
        "cancel now",
        _monthly,
        _open_cancellation,
        lambda books, life: int(books.subscription(life["subscription"]).status == "canceled"),
        ("DELETE", "^/v1/subscriptions/[^/]+$"),
        "Pro has ended",
        {"comment": "other words"},
        {"features": Features(subscription_cancel=SubscriptionCancel(mode="immediately"))},
    ),
    Deed(
        "keep the plan",
        lambda books: books.world.live("canceling"),
        _open_keeping,
        lambda books, life: int(books.subscription(life["subscription"]).cancel_at is None),
        ("POST", "^/v1/subscriptions/[^/]+$"),
        "You keep Pro",
        {"anything": "else"},
        {},
    ),
    Deed(
        "pause for a month",
        _monthly,
        _open_pause,
        _is_paused,
        ("POST", "^/v1/subscription_schedules$"),
        "Pro is paused",
        {"length": "indefinite"},
        PAUSING,
    ),
    Deed(
        "pause until resumed",
        _monthly,
        lambda browser, books, life: _chosen(_open_pause(browser, books, life), length="indefinite"),
        _is_paused,
        ("POST", "^/v1/subscriptions/[^/]+/pause$"),
        "Pro is paused",
        {"length": "month:1"},
        PAUSING,
    ),
    Deed(
        "resume",
        lambda books: _counted(books, books.world.live("paused", months=None)),
        _open_resumption,
        lambda books, life: books.charges(life["customer"]) - life["charged"],
        ("POST", "^/v1/subscriptions/[^/]+/resume$"),
        "Pro runs again",
        {"amount_due": "1"},
        {},
    ),
    Deed(
        "resume early",
        lambda books: _counted(books, books.world.live("paused")),
        _open_resumption,
        lambda books, life: books.charges(life["customer"]) - life["charged"],
        ("POST", "^/v1/subscriptions/[^/]+/resume$"),
        "Pro runs again",
        {"amount_due": "1"},
        {},
        changed_before=True,
    ),
    Deed(
        "finish adding a method",
        lambda books: books.world.live("monthly", days=10),
        _open_finish,
        _made_default,
        ("POST", "^/v1/customers/[^/]+$"),
        "It is your default from now on.",
        {"make_default": ""},
        {},
        changed_before=True,
    ),
    Deed(
        "start a plan",
        _newcomer,
        _open_start,
        _started,
        ("POST", "^/v1/subscriptions$"),
        "Scale has started",
        {"payment_method": "pm_1Other"},
        {"features": STARTING},
    ),
    Deed(
        "start a plan: pay for it",
        _newcomer,
        _open_start,
        _running,
        ("POST", "^/v1/invoices/[^/]+/pay$"),
        "Scale has started",
        {"quantity": "4"},
        {"features": STARTING},
        changed_before=True,
    ),
    Deed(
        "drop what was not paid",
        _waits,
        lambda browser, books, life: browser.get("/").form("/start-over"),
        lambda books, life: int(books.subscription(life["subscription"]).status != "incomplete"),
        ("POST", "^/v1/invoices/[^/]+/void$"),
        "Pro was dropped",
        {"anything": "else"},
        {"features": STARTING},
    ),
]
