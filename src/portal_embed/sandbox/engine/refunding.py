"""Refunds that take their time: money on its way back to a bank account."""

from portal_embed.sandbox.changes import previous_attributes
from portal_embed.sandbox.engine import agenda
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a refund to a card succeeds at once, one to a bank account is `pending` first", "documented", "Stripe docs, refunds"),
    ("... for three minutes", "assumed", "days in life; Stripe names no time for tests"),
    ("a pending refund counts as refunded on its charge from the start", "documented", "Stripe docs, refunds"),
]  # fmt: skip

TAKES = 180
_SLOW = frozenset({"acss_debit", "au_becs_debit", "bacs_debit", "sepa_debit", "us_bank_account"})


def is_slow(charge: JsonObject) -> bool:
    """Whether money goes back to a bank account."""
    return charge["payment_method_details"]["type"] in _SLOW


def wait(world: World, refund: JsonObject) -> None:
    """Let a pending refund arrive later."""
    agenda.put(world, _on_clock(world, refund), world.now() + TAKES)


def arrived(world: World, refund: JsonObject) -> None:
    """The bank has the money."""
    if refund["status"] != "pending":
        return
    before = dict(refund)
    refund["status"] = "succeeded"
    world.save(refund)
    world.emit("refund.updated", refund, previous_attributes(before, refund))


def _on_clock(world: World, refund: JsonObject) -> JsonObject:
    customer = world.get("customer", refund["customer"]) if refund["customer"] else None
    return {**refund, "test_clock": (customer or {}).get("test_clock")}
