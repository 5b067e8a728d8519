"""The end of a visit to Checkout that nobody paid."""

from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a visit to Checkout that expires is told by `checkout.session.expired`", "documented", "stripe-python 16.1, Event.type"),
]  # fmt: skip


def expired(world: World, session: JsonObject) -> None:
    """An open visit is over; one that is over already stays as it is."""
    if session["status"] != "open":
        return
    session.update(status="expired", url=None)
    world.save(session)
    world.emit("checkout.session.expired", session)
