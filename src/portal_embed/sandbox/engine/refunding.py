"""Refunds that take their time: money on its way back to a bank account."""

from portal_embed.sandbox import cards
from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.engine import agenda
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a refund to a card succeeds at once, one to a bank account is `pending` first", "documented", "Stripe docs, refunds"),
    ("... for three minutes", "assumed", "days in life; Stripe names no time for tests"),
    ("a refund to the test card pendingRefund is pending first, one to refundFail seems to succeed and then fails",
     "documented", "Stripe docs, testing: refunds"),
    ("a failed refund tells `refund.failed`, and its charge can be refunded again", "documented", "Stripe docs, failed refunds"),
    ("a pending refund counts as refunded on its charge from the start", "documented", "Stripe docs, refunds"),
]  # fmt: skip

TAKES = 180
_SLOW = frozenset({"acss_debit", "au_becs_debit", "bacs_debit", "sepa_debit", "us_bank_account"})


def first_status(world: World, charge: JsonObject) -> str:
    """How a refund of this charge begins."""
    slow = charge["payment_method_details"]["type"] in _SLOW or _ends(world, charge) == "waits"
    return "pending" if slow else "succeeded"


def wait(world: World, refund: JsonObject) -> None:
    """Let a refund whose end is still to come have it later."""
    fails = _ends(world, world.need("charge", refund["charge"])) == "fails"
    if refund["status"] == "pending" or fails:
        agenda.put(world, _on_clock(world, refund), world.now() + TAKES)


def arrived(world: World, refund: JsonObject) -> None:
    """The bank has the money, or will not take it."""
    charge = world.need("charge", refund["charge"])
    if _ends(world, charge) == "fails":
        refund.update(status="failed", failure_reason="expired_or_canceled_card", failure_balance_transaction=None)
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        world.save(charge)
        save_changed(world, refund, "refund.updated")
        world.emit("charge.refund.updated", refund)
        world.emit("refund.failed", refund)
    elif refund["status"] == "pending":
        refund["status"] = "succeeded"
        save_changed(world, refund, "refund.updated")


def _ends(world: World, charge: JsonObject) -> str:
    return cards.behaviour(world, charge["payment_method"]).refund if charge["payment_method"] else "succeeds"


def _on_clock(world: World, refund: JsonObject) -> JsonObject:
    customer = world.get("customer", refund["customer"]) if refund["customer"] else None
    return {**refund, "test_clock": (customer or {}).get("test_clock")}
