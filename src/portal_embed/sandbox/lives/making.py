"""What lives are made with: calls at past moments, people, cards, plans; and the register of lives."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from portal_embed.sandbox.catalog import catalog
from portal_embed.sandbox.inside import call
from portal_embed.sandbox.world import World
from portal_embed.sandbox.worlds import let_happen

DAY = 86_400
Life = dict[str, Any]
LIVES: dict[str, Callable[..., Life]] = {}


def life(name: str) -> Callable[[Callable[..., Life]], Callable[..., Life]]:
    """Register a builder."""

    def register(builder: Callable[..., Life]) -> Callable[..., Life]:
        LIVES[name] = builder
        return builder

    return register


@contextmanager
def on(world: World, when: int) -> Iterator[None]:
    """Inside the block it is `when` (seconds), and everything due before has happened."""
    with world.at(when):
        let_happen(world)
        yield


def customer(world: World, name: str, email: str, card: str | None) -> Life:
    """A customer, with the card of a test name as default."""
    made = {"customer": call(world, "POST", "/v1/customers", name=name, email=email)["id"]}
    if card:
        made["payment_method"] = add_card(world, made["customer"], card)
    return made


def add_card(world: World, customer: str, card: str, *, default: bool = True) -> str:
    """Attach the card of a test name, as default unless told otherwise; returns its id."""
    method: str = call(world, "POST", f"/v1/payment_methods/{card}/attach", customer=customer)["id"]
    if default:
        call(world, "POST", f"/v1/customers/{customer}", invoice_settings={"default_payment_method": method})
    return method


def subscribe(world: World, customer: str, price: str, quantity: int = 1, **params: Any) -> str:
    """Subscribe to a price by its lookup key; returns the subscription's id."""
    item = {"price": catalog(world)[price], "quantity": quantity}
    subscription: str = call(world, "POST", "/v1/subscriptions", customer=customer, items=[item], **params)["id"]
    return subscription


_CODES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "SPRING20": ({"percent_off": 20, "duration": "repeating", "duration_in_months": 12}, {}),
    "AUTUMN10": ({"percent_off": 10, "duration": "forever"}, {}),
    "WELCOME5": ({"amount_off": 500, "currency": "usd", "duration": "once"}, {"first_time_transaction": True}),
}
"""Word → its coupon and its restrictions."""


def promotion_codes(world: World) -> dict[str, str]:
    """The codes of a world by their words, made when they are first needed."""
    known = {row["code"]: row["id"] for row in world.newest_first("promotion_code")}
    for code, (coupon, restrictions) in _CODES.items():
        if code not in known:
            promotion = {"type": "coupon", "coupon": call(world, "POST", "/v1/coupons", **coupon)["id"]}
            limits = {"restrictions": restrictions} if restrictions else {}
            known[code] = call(world, "POST", "/v1/promotion_codes", promotion=promotion, code=code, **limits)["id"]
    return {code: known[code] for code in _CODES}


def one_off(world: World, customer: str, amount: int, description: str) -> str:
    """A paid invoice over one item, in cents; returns its id."""
    call(world, "POST", "/v1/invoiceitems", customer=customer, amount=amount, currency="usd", description=description)
    draft = call(
        world, "POST", "/v1/invoices", customer=customer, pending_invoice_items_behavior="include", auto_advance=False
    )
    invoice: str = call(world, "POST", f"/v1/invoices/{draft['id']}/pay")["id"]
    return invoice


@contextmanager
def uncollected() -> Iterator[None]:
    """Millions of new dictionaries and nothing to free: without the garbage collector this takes half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def latest(world: World, made: Life) -> Life:
    """The life with its latest invoice, once everything due has happened."""
    let_happen(world)
    invoice = next(world.newest_first("invoice", customer=made["customer"]), None)
    return {**made, "invoice": invoice["id"] if invoice else None}
