"""Where an errand plays: a test clock of its own, helpers to people it, and the cleaning up afterwards."""

from __future__ import annotations

import contextlib
from typing import Any

import stripe

from tests.live.safety import Refused
from tests.live.wire import Wire, rest

DAY = 86_400
START = 1_726_920_000
"""2024-09-21 12:00:00 UTC. Always the same day, so that months are as long in every run; noon, so that the date is the
same in the time zones of most accounts; long past, so that no moment of the clock looks like the day of the run."""

MARK = {"made_by": "portal_embed live check"}
_PATIENCE = 120


class Clock:
    """The time of one errand: a test clock, whose customers vanish with it."""

    def __init__(self, client: stripe.StripeClient, wire: Wire) -> None:
        """A new test clock at START."""
        self._clocks, self._wire = client.v1.test_helpers.test_clocks, wire
        with wire.quietly():
            self.id = self._clocks.create({"frozen_time": START, "name": "portal_embed live check"}).id
        self.now = START

    def advance(self, seconds: int) -> None:
        """Move on, and wait until all that fell due has happened. Raises RuntimeError when Stripe cannot."""
        self.now += seconds
        with self._wire.quietly():
            state = self._clocks.advance(self.id, {"frozen_time": self.now})
            for _ in range(_PATIENCE):
                if state.status == "ready":
                    return
                if state.status == "internal_failure":
                    break
                rest(1)
                state = self._clocks.retrieve(self.id)
        raise RuntimeError(f"the test clock is {state.status}, not ready")


def clean_up(client: stripe.StripeClient, wire: Wire) -> list[str]:
    """Delete or put away everything the wire saw made; returns what could not be, as sentences."""
    api = client.v1
    ways: dict[str, Any] = {
        "test_helpers.test_clock": api.test_helpers.test_clocks.delete,
        "promotion_code": lambda id: api.promotion_codes.update(id, {"active": False}),
        "coupon": api.coupons.delete,
        "price": lambda id: api.prices.update(id, {"active": False}),
        "product": lambda id: api.products.update(id, {"active": False}),
        "tax_rate": lambda id: api.tax_rates.update(id, {"active": False}),
    }
    left = []
    with wire.quietly():
        for kind, put_away in ways.items():
            for made in [made for made in wire.made if made["object"] == kind]:
                try:
                    put_away(made["id"])
                except (stripe.StripeError, Refused, ValueError) as error:
                    left.append(f"{kind} {made['id']} is still there: {error}")
    return left


# ---- Helpers of the errands ------------------------------------------------------------------------------------------


def customer(client: stripe.StripeClient, clock: Clock, card: str | None = "pm_card_visa", **more: Any) -> Any:
    """Ada on the errand's clock, whose default method is that test card; None for no card."""
    ada = client.v1.customers.create(
        {"name": "Ada", "email": "ada@example.com", "test_clock": clock.id, "metadata": MARK, **more}
    )
    if card:
        use(client, ada, card)
    return ada


def use(client: stripe.StripeClient, person: Any, card: str) -> Any:
    """Attach a test card and make it the default."""
    method = client.v1.payment_methods.attach(card, {"customer": person.id})
    client.v1.customers.update(person.id, {"invoice_settings": {"default_payment_method": method.id}})
    return method


def price(client: stripe.StripeClient, amount: int, interval: str = "month") -> str:
    """The id of a new price of a new product."""
    made = client.v1.prices.create(
        {
            "currency": "usd",
            "unit_amount": amount,
            "recurring": {"interval": interval},  # type: ignore[typeddict-item]
            "product_data": {"name": "Pro", "metadata": MARK},
            "metadata": MARK,
        }
    )
    return str(made.id)


def subscribe(client: stripe.StripeClient, person: Any, price_id: str, quantity: int = 1, **more: Any) -> Any:
    """A subscription of one item, with its first invoice."""
    items = [{"price": price_id, "quantity": quantity}]
    return client.v1.subscriptions.create(
        {"customer": person.id, "items": items, "expand": ["latest_invoice"], "metadata": MARK, **more}
    )


def change(client: stripe.StripeClient, subscription: Any, item: dict[str, Any], **more: Any) -> Any:
    """Change the first item; the answer has the latest invoice."""
    items = [{"id": subscription["items"].data[0].id, **item}]
    return client.v1.subscriptions.update(subscription.id, {"items": items, "expand": ["latest_invoice"], **more})


def look(client: stripe.StripeClient, subscription: Any) -> Any:
    """The subscription as it is now, with its latest invoice."""
    return client.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice.payments"]})


def refused(action: Any, *arguments: Any) -> None:
    """Do what is expected to be refused; the refusal is in the exchanges, and so is an unexpected success."""
    with contextlib.suppress(stripe.StripeError):
        action(*arguments)
