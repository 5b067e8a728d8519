"""The sandbox's books as an auditor reads them: what one customer has, owes and has paid, at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal_embed.sandbox.world import JsonObject, World

TAKES_MONEY = ("succeeded", "pending")
"""States of a charge that took money, or is taking it (bank debits take days)."""
OVER = ("canceled", "incomplete_expired")
WAITING = "changes that wait"
"""One of the facts."""


@dataclass(frozen=True)
class Snapshot:
    """One customer's books. The rows are the sandbox's own and never change, so that keeping them costs nothing."""

    now: int
    customer: JsonObject
    subscriptions: dict[str, JsonObject]
    invoices: dict[str, JsonObject]
    charges: dict[str, JsonObject]
    methods: frozenset[str]
    discounts: dict[str, JsonObject]
    ledger: tuple[JsonObject, ...]
    invoice_of: dict[str, str]
    """The invoice behind a PaymentIntent."""

    @property
    def default(self) -> str | None:
        """The customer's default method."""
        found: str | None = self.customer["invoice_settings"]["default_payment_method"]
        return found

    @cached_property
    def taken(self) -> dict[str, int]:
        """What was taken and not given back, or is being taken: cents by charge."""
        return {
            id: charge["amount"] - charge["amount_refunded"]
            for id, charge in self.charges.items()
            if charge["status"] in TAKES_MONEY
        }

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What a customer would call "my billing": all that "nothing was changed" is about."""
        return {
            "subscriptions": {
                id: (
                    *(s["status"], plan(s), ending(s), s["default_payment_method"]),
                    *(_off(s), s["pause_collection"], s["schedule"]),
                )
                for id, s in self.subscriptions.items()
            },
            WAITING: {id for id, s in self.subscriptions.items() if s["pending_update"]},
            "paid invoices": {id: i["amount_paid"] for id, i in self.invoices.items() if i["status"] == "paid"},
            "methods": self.methods,
            "default": self.default,
        }

    def of(self, subscription: str) -> list[JsonObject]:
        """The invoices of a subscription, oldest first."""
        return [invoice for invoice in self.invoices.values() if subscription_of(invoice) == subscription]

    def taken_for(self, invoice: str) -> int:
        """Cents taken for an invoice."""
        return sum(
            cents
            for id, cents in self.taken.items()
            if self.invoice_of.get(self.charges[id]["payment_intent"]) == invoice
        )


def snapshot(world: World, customer: str) -> Snapshot:
    """The books of one customer as they stand."""
    kept = world.view("customer", customer)
    if kept is None:
        raise KeyError(customer)
    invoices = _by_id(world, "invoice", customer)
    return Snapshot(
        now=world.now(),
        customer=kept,
        subscriptions=_by_id(world, "subscription", customer),
        invoices=invoices,
        charges=_by_id(world, "charge", customer),
        methods=frozenset(_by_id(world, "payment_method", customer)),
        discounts=_by_id(world, "discount", customer),
        ledger=tuple(world.oldest_first("customer_balance_transaction", customer=customer)),
        invoice_of={
            payment["payment"]["payment_intent"]: id
            for id in invoices
            for payment in world.oldest_first("invoice_payment", invoice=id)
            if payment["payment"]["type"] == "payment_intent"
        },
    )


def plan(subscription: JsonObject) -> tuple[tuple[str, int], ...]:
    """Price and quantity of each item."""
    return tuple((item["price"]["id"], item.get("quantity") or 0) for item in subscription["items"]["data"])


def _off(subscription: JsonObject) -> tuple[str, ...]:
    """The discounts of the subscription and of its items."""
    return (*subscription["discounts"], *(id for item in subscription["items"]["data"] for id in item["discounts"]))


def ending(subscription: JsonObject) -> int | None:
    """When it ends or has ended, unix seconds; None while it goes on."""
    if subscription["status"] in OVER:
        return int(subscription["ended_at"])
    return subscription["cancel_at"] or (period(subscription)[1] if subscription["cancel_at_period_end"] else None)


def is_paused(subscription: JsonObject) -> bool:
    """Whether it is paused, or its invoices are not collected."""
    return bool(subscription["status"] == "paused" or subscription["pause_collection"])


def period(subscription: JsonObject) -> tuple[int, int]:
    """The period it is in: the one of its first item."""
    item = subscription["items"]["data"][0]
    return item["current_period_start"], item["current_period_end"]


def subscription_of(invoice: JsonObject) -> str | None:
    """The subscription that an invoice bills."""
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    found: str | None = details.get("subscription")
    return found


def _by_id(world: World, kind: str, customer: str) -> dict[str, JsonObject]:
    return {row["id"]: row for row in world.oldest_first(kind, customer=customer)}
