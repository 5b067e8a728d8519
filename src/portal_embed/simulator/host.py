"""What the merchant does meanwhile: starts a subscription for whoever has none, counts what is used, sends an invoice for something
else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.sandbox.catalog import catalog
from portal_embed.sandbox.inside import call
from portal_embed.sandbox.metering import use
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.simulator.books import OVER

if TYPE_CHECKING:
    from random import Random

    from portal_embed.sandbox.world import World
    from portal_embed.simulator.books import Snapshot

PRICES = ("starter_monthly", "pro_monthly", "scale_monthly", "scale_monthly", "starter_yearly")
MOST_OPEN = 2
"""More invoices than that nobody is sent on top."""


def act(world: World, books: Snapshot, rng: Random) -> str:
    """Do one thing for the customer of these books; answers what, in words."""
    if all(subscription["status"] in OVER for subscription in books.subscriptions.values()):
        return _subscribe(world, books, rng)
    meters = sorted(
        item["price"]["recurring"]["meter"]
        for subscription in books.subscriptions.values()
        for item in subscription["items"]["data"]
        if subscription["status"] not in OVER and item["price"]["recurring"]["meter"]
    )
    if meters and rng.random() < 0.6:
        return _use(world, books, rng, rng.choice(meters))
    if sum(invoice["status"] == "open" for invoice in books.invoices.values()) < MOST_OPEN:
        return _send_invoice(world, books, rng)
    return "does nothing"


def _subscribe(world: World, books: Snapshot, rng: Random) -> str:
    price, mode = rng.choice(PRICES), rng.choice(("flexible", "flexible", "classic"))
    item = {"price": catalog(world)[price], "quantity": rng.randint(1, 9) if price.startswith("scale") else 1}
    trial = {"trial_period_days": 7} if rng.random() < 0.3 else {}
    wanted = {"customer": books.customer["id"], "items": [item], "billing_mode": {"type": mode}, **trial}
    try:
        call(world, "POST", "/v1/subscriptions", **wanted)
    except StripeError:
        return "finds nothing to charge"
    return f"starts {price} ({mode}{', with a trial' if trial else ''})"


def _use(world: World, books: Snapshot, rng: Random, meter: str) -> str:
    count = rng.randint(1, 3_000)
    use(world, {"meter": meter, "customer": books.customer["id"]}, count)
    return f"counts {count} more"


def _send_invoice(world: World, books: Snapshot, rng: Random) -> str:
    customer, amount = books.customer["id"], rng.randint(60, 20_000)
    call(world, "POST", "/v1/invoiceitems", customer=customer, amount=amount, currency="usd", description="Training")
    terms = {"collection_method": "send_invoice", "days_until_due": 14, "auto_advance": False}
    taken = {"pending_invoice_items_behavior": "include", **terms}
    draft = call(world, "POST", "/v1/invoices", customer=customer, **taken)
    call(world, "POST", f"/v1/invoices/{draft['id']}/finalize")
    return f"sends an invoice of {amount}"
