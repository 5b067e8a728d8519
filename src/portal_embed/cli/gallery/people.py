"""Who stands on the pages: the sandbox's ready customers, and some with more to show."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal_embed.cli.gallery.stops import Stop
    from portal_embed.sandbox import SandboxWorld

LONG_NAME = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbau GmbH"
LONG_PLAN = "Enterprise Observability and Incident Collaboration Suite XL"
BERLIN = {"country": "DE", "line1": "Hauptstraße 1", "line2": "3. OG", "city": "Berlin", "postal_code": "10115"}


class People:
    """The lives of one world, each built once, when a page first needs it."""

    def __init__(self, world: SandboxWorld) -> None:
        """`world`: nobody else's."""
        self._world = world
        client = world.stripe_client()
        self._api: Any = getattr(client, "v1", client)  # as older versions of the SDK have it
        self._lives: dict[str, dict[str, Any]] = {}
        self._building: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def who(self, stop: Stop) -> dict[str, Any]:
        """All ids of the one who stands at a stop. Where the way there changes something, somebody new each time."""
        if stop.changes:
            return await asyncio.to_thread(self._build, stop)
        key = f"{stop.life} {stop.options}"
        async with self._building[key]:
            if key not in self._lives:
                self._lives[key] = await asyncio.to_thread(self._build, stop)
        return self._lives[key]

    async def save_card(self, setup_intent: str, return_url: str) -> None:
        """What Stripe.js does with a card once the bank has agreed."""
        client = self._api.setup_intents
        card = {"payment_method": "pm_card_mastercard", "return_url": return_url}
        await asyncio.to_thread(client.confirm, setup_intent, card)

    async def break_invoice(self, invoice: str) -> None:
        """From now on Stripe fails whenever this invoice is asked for."""
        await asyncio.to_thread(self._world.fail, f"^/v1/invoices/{invoice}$", times=None)

    def _build(self, stop: Stop) -> dict[str, Any]:
        own = {
            "business": self._business,
            "long_name": self._long_name,
            "credited": self._credited,
            "debited": self._debited,
        }
        if stop.life in own:
            return own[stop.life]()
        life = self._world.live(stop.life, **stop.options)
        if stop.life == "monthly":
            self._add_more(life)
        return life

    def _add_more(self, life: dict[str, Any]) -> None:
        """A second card, a second account to switch to, a coupon to stay for."""
        api = self._api
        api.payment_methods.attach("pm_card_mastercard", {"customer": life["customer"]})
        life["other"] = api.customers.create({"name": "Analytical Engines Ltd", "email": "ada@engines.example"}).id
        life["item"] = api.subscriptions.retrieve(life["subscription"])["items"].data[0].id
        offer = {"percent_off": 25, "duration": "repeating", "duration_in_months": 3}
        life["coupon"] = api.coupons.create(offer).id

    def _business(self) -> dict[str, Any]:
        """One with everything that a business has."""
        life = self._world.live("monthly", name=LONG_NAME)
        customers = self._api.customers
        customers.update(
            life["customer"],
            {
                "business_name": "Donaudampfschifffahrt GmbH",
                "phone": "+49 30 1234567",
                "address": BERLIN,
                "shipping": {"name": "Warehouse 7", "phone": "+49 30 7654321", "address": {**BERLIN, "line1": "Kai 7"}},
                "invoice_settings": {
                    "custom_fields": [
                        {"name": "PO number", "value": "4500012345"},
                        {"name": "Cost center", "value": "R&D 12"},
                    ]
                },
            },
        )
        customers.tax_ids.create(life["customer"], {"type": "de_stn", "value": "1234567890"})
        vat = customers.tax_ids.create(life["customer"], {"type": "eu_vat", "value": "DE123456789"})
        return {**life, "tax_id": vat.id}

    def _long_name(self) -> dict[str, Any]:
        """A plan with a long name, dear, by the quarter, beside a trial."""
        life = self._world.live("trialing", name=LONG_NAME)
        api = self._api
        product = api.products.create({"name": LONG_PLAN, "description": LONG_PLAN})
        price = api.prices.create(
            {
                "product": product.id,
                "currency": "usd",
                "unit_amount": 123_456_789,
                "recurring": {"interval": "month", "interval_count": 3},
            }
        )
        bought = api.subscriptions.create({"customer": life["customer"], "items": [{"price": price.id}]})
        return {**life, "subscription": bought.id}

    def _debited(self) -> dict[str, Any]:
        """One whose larger plan is paid by a bank debit that is on its way."""
        life = self._world.live(
            "monthly", price="starter_monthly", days=10, name="Dora Debit", email="dora@example.com"
        )
        made = self._api.payment_methods.create(
            {
                "type": "sepa_debit",
                "sepa_debit": {"iban": "AT611904300234573201"},
                "billing_details": {"name": "Dora Debit", "email": "dora@example.com"},
            }
        )
        self._api.payment_methods.attach(made.id, {"customer": life["customer"]})
        self._api.customers.update(life["customer"], {"invoice_settings": {"default_payment_method": made.id}})
        return self._changed(life, "pro_monthly", proration_behavior="always_invoice")

    def _changed(self, life: dict[str, Any], plan: str, **how: Any) -> dict[str, Any]:
        item = self._api.subscriptions.retrieve(life["subscription"])["items"].data[0].id
        change = {"items": [{"id": item, "price": life["prices"][plan]}], **how}
        self._api.subscriptions.update(life["subscription"], change)
        return life

    def _credited(self) -> dict[str, Any]:
        """One whose invoice has a credit note."""
        life = self._world.live("monthly", days=10, name="Hanna Credit", email="hanna@example.com")
        self._api.credit_notes.create(
            {"invoice": life["invoice"], "amount": 500, "refund_amount": 500, "reason": "product_unsatisfactory"}
        )
        return life
