"""Test clocks: customers who live in a time of their own."""

from portal_embed.sandbox.engine import bodies, clock
from portal_embed.sandbox.resources.customers import remove_customer
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import PAGING, required, timestamp
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject

TRUTH = [
    ("advancing finishes within the call, so the status is `ready` at once", "assumed", "Stripe answers `advancing` first"),
    ("deleting a clock deletes its customers, which ends their subscriptions", "documented", "Stripe docs, test clocks"),
    ("a clock only moves forward", "documented", "Stripe docs, test clocks"),
    ("a clock tells that it was created, advances and is ready; what changed in them", "assumed", "the types are documented"),
]  # fmt: skip

_KIND = "test_helpers.test_clock"


@route("POST", "/v1/test_helpers/test_clocks", accepts={"frozen_time": required(timestamp), "name": str})
def create(call: Call) -> JsonObject:
    """A clock that stands still."""
    made = bodies.ordered(
        {
            "id": call.world.new_id("clock_"),
            "object": _KIND,
            "created": call.world.now(),
            "deletes_after": call.world.now() + 30 * 86_400,
            "frozen_time": call.get("frozen_time"),
            "livemode": False,
            "name": call.get("name"),
            "status": "ready",
            "status_details": {},
        }
    )
    call.world.save(made)
    call.world.emit("test_helpers.test_clock.created", made)
    return made


@route("GET", "/v1/test_helpers/test_clocks/{id}")
def retrieve(call: Call) -> JsonObject:
    """One clock."""
    return call.world.answer(_KIND, call.ids["id"])


@route("GET", "/v1/test_helpers/test_clocks", accepts=PAGING)
def index(call: Call) -> JsonObject:
    """Clocks, newest first."""
    return page(call, call.world.newest_first(_KIND), "/v1/test_helpers/test_clocks")


@route("POST", "/v1/test_helpers/test_clocks/{id}/advance", accepts={"frozen_time": required(timestamp)})
def advance(call: Call) -> JsonObject:
    """Move on; everything that falls due on the way happens."""
    found = call.world.need(_KIND, call.ids["id"])
    if call.get("frozen_time") <= found["frozen_time"]:
        raise StripeError("`frozen_time` must be after the clock's current time.", param="frozen_time")
    call.world.emit("test_helpers.test_clock.advancing", {**found, "status": "advancing"}, {"status": "ready"})
    clock.advance(call.world, call.get("frozen_time"), found["id"])
    before, found["frozen_time"] = found["frozen_time"], call.get("frozen_time")
    call.world.save(found)
    call.world.emit("test_helpers.test_clock.ready", found, {"frozen_time": before, "status": "advancing"})
    return found


@route("DELETE", "/v1/test_helpers/test_clocks/{id}")
def delete(call: Call) -> JsonObject:
    """The clock and its customers are gone."""
    found = call.world.need(_KIND, call.ids["id"])
    for customer in list(call.world.newest_first("customer")):
        if customer["test_clock"] == found["id"]:
            remove_customer(call.world, customer["id"])
    call.world.remove(_KIND, found["id"])
    call.world.emit("test_helpers.test_clock.deleted", found)
    return {"id": found["id"], "object": _KIND, "deleted": True}
