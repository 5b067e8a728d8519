"""The merchant's side of a world: people, prices and what Stripe's books say, through the real SDK. Amounts in cents."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

import requests
import stripe

from portal_embed.billing.stripe.client import API_VERSION

if TYPE_CHECKING:
    from portal_embed.sandbox import SandboxWorld

DAY = 86_400


def services(client: stripe.StripeClient) -> Any:
    """The services of a client: below `v1`, or on the client itself in SDK 11."""
    return getattr(client, "v1", client)


class Books:
    """What is true in one world."""

    def __init__(self, world: SandboxWorld) -> None:
        """No call yet."""
        self.world = world
        session = requests.Session()
        session.trust_env = False  # looking for proxies takes as long as a call
        self.client = stripe.StripeClient(
            "sk_test_merchant",
            stripe_version=API_VERSION,
            base_addresses={"api": world.api_base},
            http_client=stripe.RequestsClient(session=session),
            max_network_retries=2,  # a kept connection may be closed just as it is used again
        )
        self.api = services(self.client)

    # -- making

    def customer(self, card: str | None = "pm_card_visa", **more: Any) -> str:
        """A customer, with the card of a test name as default."""
        person = self.api.customers.create({"name": "Ada Lovelace", "email": "ada@example.com", **more})
        if card:
            self.add(person.id, card, default=True)
        return person.id

    def add(self, customer: str, card: str = "pm_card_visa", *, default: bool = False) -> str:
        """A saved method; returns its id."""
        method = self.api.payment_methods.attach(card, {"customer": customer})
        if default:
            self.api.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})
        return method.id

    def add_sepa(self, customer: str, *, default: bool = True, iban: str = "AT611904300234573201") -> str:
        """A SEPA direct debit; returns its id."""
        made = self.api.payment_methods.create(
            {
                "type": "sepa_debit",
                "sepa_debit": {"iban": iban},
                "billing_details": {"name": "Ada Lovelace", "email": "ada@example.com"},
            }
        )
        self.api.payment_methods.attach(made.id, {"customer": customer})
        if default:
            self.api.customers.update(customer, {"invoice_settings": {"default_payment_method": made.id}})
        return made.id

    def price(
        self, amount: int, interval: str = "month", name: str = "Custom", currency: str = "usd", **more: Any
    ) -> str:
        """A recurring price; returns its id."""
        made = self.api.prices.create(
            {
                "currency": currency,
                "unit_amount": amount,
                "recurring": {"interval": interval},
                "product_data": {"name": name},
                **more,
            }
        )
        return made.id

    def subscribe(self, customer: str, price: str, quantity: int = 1, **more: Any) -> str:
        """A subscription of one item; returns its id."""
        items = [{"price": price, "quantity": quantity}]
        return self.api.subscriptions.create({"customer": customer, "items": items, **more}).id

    def invoice(
        self, customer: str, amount: int = 4900, currency: str = "usd", what: str = "Training", **more: Any
    ) -> str:
        """An open invoice to be paid by hand; returns its id."""
        draft = self.draft(customer, amount, currency, what, **more)
        return self.api.invoices.finalize_invoice(draft).id

    def draft(
        self, customer: str, amount: int = 4900, currency: str = "usd", what: str = "Training", **more: Any
    ) -> str:
        """A draft; returns its id."""
        self.api.invoice_items.create(
            {"customer": customer, "amount": amount, "currency": currency, "description": what}
        )
        settings = {"collection_method": "send_invoice", "days_until_due": 14, "auto_advance": False}
        return self.api.invoices.create(
            {"customer": customer, "pending_invoice_items_behavior": "include", **settings, **more}
        ).id

    # -- reading

    def subscription(self, id: str) -> Any:
        """As it is now."""
        return self.api.subscriptions.retrieve(id)

    def plan(self, id: str) -> tuple[str, int]:
        """Price and quantity of a subscription's one item."""
        item = self.subscription(id)["items"].data[0]
        return item.price.id, item.quantity

    def items(self, id: str) -> dict[str, int | None]:
        """The quantity of each price of a subscription."""
        return {item.price.id: item.quantity for item in self.subscription(id)["items"].data}

    def invoices(self, customer: str) -> list[Any]:
        """All, newest first."""
        return self.api.invoices.list({"customer": customer, "limit": 100}).data

    def default_of(self, customer: str) -> str | None:
        """The customer's default method."""
        return self.api.customers.retrieve(customer).invoice_settings.default_payment_method

    def methods(self, customer: str) -> set[str]:
        """The saved ones."""
        return {m.id for m in self.api.customers.payment_methods.list(customer, {"limit": 100}).data}

    def charged(self, customer: str) -> int:
        """All the money that was taken, and kept."""
        charges = self.api.charges.list({"customer": customer, "limit": 100}).data
        return sum(c.amount - c.amount_refunded for c in charges if c.status == "succeeded")

    def charges(self, customer: str) -> int:
        """How many charges succeeded."""
        return sum(c.status == "succeeded" for c in self.api.charges.list({"customer": customer, "limit": 100}).data)

    def writes(self) -> list[dict[str, Any]]:
        """The calls so far that could change something; previews cannot."""
        return [
            call
            for call in self.world.requests()
            if call["method"] != "GET" and not call["path"].endswith("/create_preview")
        ]

    # -- the customer's browser at Stripe

    def confirm_setup(self, client_secret: str, card: str = "pm_card_visa") -> dict[str, Any]:
        """What Stripe.js does when the Payment Element is submitted: confirm with the publishable key."""
        intent = client_secret.partition("_secret_")[0]
        return self._as_browser(
            f"/v1/setup_intents/{intent}/confirm",
            {
                "client_secret": client_secret,
                "payment_method": card,
                "use_stripe_sdk": "true",
                "return_url": "https://example.com/",
            },
        )

    def answer_bank(self, client_secret: str, outcome: str = "complete") -> None:
        """Press a button of the bank's 3-D Secure dialog: "complete" or "fail"."""
        intent = client_secret.partition("_secret_")[0]
        self._post(f"/3ds/{intent}", {"client_secret": client_secret, "outcome": outcome}, {})

    def _as_browser(self, path: str, fields: dict[str, str]) -> dict[str, Any]:
        return self._post(path, fields, {"Authorization": "Bearer pk_test_portal"})

    def _post(self, path: str, fields: dict[str, str], headers: dict[str, str]) -> dict[str, Any]:
        body = urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(self.world.api_base + path, body, headers)
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.loads(response.read())


class Calendar:
    """A world and a portal whose clocks stand still, and move together. Called, it tells the time: seconds since 1970."""

    def __init__(self, world: SandboxWorld, at: int) -> None:
        """Stop the world's clock at a moment."""
        self._world = world
        self._now = world.freeze(at)

    def __call__(self) -> int:
        """What time it is."""
        return self._now

    def move(self, days: int) -> None:
        """Let days pass. Who was signed in is not any more."""
        self._now = self._world.move_clock(days * DAY)
