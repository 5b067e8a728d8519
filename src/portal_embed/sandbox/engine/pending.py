"""Changes of a subscription that wait until their invoice is paid: kept, applied, dropped."""

from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a pending update takes effect when its invoice is paid and is dropped when it is voided", "documented",
     "Stripe docs, pending updates"),
]  # fmt: skip


def keep(
    world: World, subscription: str, invoice: str, after: JsonObject, billed: list[JsonObject], gone: list[str]
) -> None:
    """Keep a change that waits for its invoice: the fields of the subscription and what its items will have been billed.

    `gone` are items whose billing notes go away with the change.
    """
    row = {
        "object": "_pending_update",
        "id": subscription,
        "of": invoice,
        "after": after,
        "billed": billed,
        "gone": gone,
    }
    world.save(row)


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


def drop(world: World, subscription: JsonObject, invoice: str) -> bool:
    """Forget the pending update that hangs on this invoice; whether there was one. Does not save the subscription."""
    kept = world.get("_pending_update", subscription["id"])
    if kept is None or kept["of"] != invoice:
        return False
    world.remove("_pending_update", subscription["id"])
    subscription["pending_update"] = None
    return True
