"""Changes of a subscription that wait until their invoice is paid: kept, applied, dropped."""

from dataclasses import dataclass, field

from portal_embed.sandbox.engine import discounts, uninvoiced
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a pending update takes effect when its invoice is paid and is dropped when it is voided", "documented",
     "Stripe docs, pending updates"),
    ("items that an expired or voided pending update's invoice had taken up wait again for the next one", "assumed",
     "MOVES MONEY: no recording"),
]  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """A change that waits for its invoice: the fields of the subscription and what its items will have been billed.

    `gone` are items whose billing notes go away with the change, `swept` waiting items that its invoice took up though
    they are older than it, `redeemed` the discounts it made. `owes_if_declined`: a payment that fails makes the
    change all the same, and the subscription past due.
    """

    subscription: str
    invoice: str
    after: JsonObject
    billed: list[JsonObject]
    gone: list[str]
    swept: list[str] = field(default_factory=list)
    redeemed: list[str] = field(default_factory=list)
    owes_if_declined: bool = False


def keep(world: World, kept: Kept) -> None:
    """Remember a change until its invoice is paid."""
    world.save(
        {
            "object": "_pending_update",
            "id": kept.subscription,
            "of": kept.invoice,
            "after": kept.after,
            "billed": kept.billed,
            "gone": kept.gone,
            "swept": kept.swept,
            "redeemed": kept.redeemed,
            "owes_if_declined": kept.owes_if_declined,
        }
    )


def apply(world: World, subscription: JsonObject, invoice: str) -> bool:
    """Make the change that waited for this invoice; whether there was one. Does not save the subscription."""
    kept = world.get("_pending_update", subscription["id"])
    if kept is None or kept["of"] != invoice:
        return False
    subscription.update(kept["after"])
    subscription["pending_update"] = None
    for id in kept["gone"]:
        world.remove("_billed", id)
    for row in kept["billed"]:
        world.save(row)
    world.remove("_pending_update", subscription["id"])
    return True


def owes_if_declined(world: World, subscription: str, invoice: str) -> bool:
    """Whether a failed payment of this invoice makes the change that waits for it all the same."""
    kept = world.get("_pending_update", subscription)
    return bool(kept and kept["of"] == invoice and kept["owes_if_declined"])


def drop(world: World, subscription: JsonObject, invoice: str) -> bool:
    """Forget the pending update that hangs on this invoice; whether there was one. Does not save the subscription.

    Older items that the invoice had taken up wait again, and redeemed coupons may be redeemed once more.
    """
    kept = world.get("_pending_update", subscription["id"])
    if kept is None or kept["of"] != invoice:
        return False
    world.remove("_pending_update", subscription["id"])
    discounts.release(world, kept["redeemed"])
    for id in reversed(kept["swept"]):
        item = world.get("invoiceitem", id)
        if item:
            item["invoice"] = None
            world.save(item)
            uninvoiced.now_waiting(world, item)
    subscription["pending_update"] = None
    return True
