"""People with cards and plans for the tests of the billing engine; amounts in minor units."""

from typing import Any

import stripe

from portal_embed.sandbox import SandboxWorld

DAY = 86_400
SEPTEMBER_21 = 1_789_948_800
"""2026-09-21 00:00:00 UTC: the month that starts here has exactly 30 days, 2592000 seconds."""


class Shop:
    """A shop in one world whose clock stands still, with the SDK at hand."""

    def __init__(self, client: stripe.StripeClient, world: SandboxWorld, at: int = SEPTEMBER_21) -> None:
        """The clock stands at `at`."""
        self.api = client.v1
        self.client = client
        self.world = world
        self.now = world.freeze(at)

    def customer(self, card: str | None = "pm_card_visa", **more: Any) -> Any:
        """A customer whose default method is that test card; None for no card."""
        person = self.api.customers.create({"name": "Ada", "email": "ada@example.com", **more})
        if card:
            self.use(person, card)
        return person

    def use(self, person: Any, card: str) -> Any:
        """Attach a test card and make it the customer's default."""
        method = self.api.payment_methods.attach(card, {"customer": person.id})
        self.api.customers.update(person.id, {"invoice_settings": {"default_payment_method": method.id}})
        return method

    def price(
        self, amount: int, interval: str = "month", name: str = "Pro", currency: str = "usd", **product: Any
    ) -> str:
        """The id of a new recurring price."""
        made = self.api.prices.create(
            {
                "currency": currency,
                "unit_amount": amount,
                "recurring": {"interval": interval},
                "product_data": {"name": name, **product},
            }
        )
        return str(made.id)

    def subscribe(self, person: Any, price: str, quantity: int = 1, **more: Any) -> Any:
        """A subscription of one item."""
        return self.api.subscriptions.create(
            {"customer": person.id, "items": [{"price": price, "quantity": quantity}], **more}
        )

    def change(self, subscription: Any, price: str | None = None, quantity: int | None = None, **more: Any) -> Any:
        """Change the first item; the answer has `latest_invoice` expanded."""
        item: dict[str, Any] = {"id": subscription["items"].data[0].id}
        if price:
            item["price"] = price
        if quantity is not None:
            item["quantity"] = quantity
        return self.api.subscriptions.update(subscription.id, {"items": [item], "expand": ["latest_invoice"], **more})

    def subscription(self, id: str) -> Any:
        """As it is now."""
        return self.api.subscriptions.retrieve(id)

    def pass_time(self, seconds: int) -> None:
        """Let time pass with everything that falls due."""
        self.now = self.world.move_clock(seconds)


def period_of(subscription: Any) -> tuple[int, int]:
    """Start and end of the first item's period."""
    item = subscription["items"].data[0]
    return item.current_period_start, item.current_period_end


def amounts(invoice: Any) -> list[int]:
    """The amounts of an invoice's lines, in their order."""
    return [line.amount for line in invoice.lines.data]
