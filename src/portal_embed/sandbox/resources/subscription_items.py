"""Subscription items by themselves: the same changes as through the subscription."""

from typing import Any

from portal_embed.sandbox.engine import agenda, changes, settling
from portal_embed.sandbox.resources.subscription_params import (
    BILLING,
    ITEM,
    PAYMENT_BEHAVIORS,
    change_of,
    check_pending,
)
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import PAGING, required
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("a new item's period starts at the subscription's period start; the list is oldest first", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
]  # fmt: skip

_OF_ITEM = ("price", "quantity", "metadata", "discounts", "tax_rates")
_BILLING = {**BILLING, "payment_behavior": PAYMENT_BEHAVIORS}


@route("GET", "/v1/subscription_items", accepts={**PAGING, "subscription": required(str)})
def index(call: Call) -> JsonObject:
    """The items of one subscription, oldest first."""
    subscription = call.world.need("subscription", call.get("subscription"), param="subscription", status=400)
    return page(call, subscription["items"]["data"], f"/v1/subscription_items?subscription={subscription['id']}")


@route("GET", "/v1/subscription_items/{id}")
def retrieve(call: Call) -> JsonObject:
    """One item."""
    return _item(call.world, call.ids["id"])


@route(
    "POST",
    "/v1/subscription_items",
    accepts={**ITEM, **_BILLING, "price": required(str), "subscription": required(str)},
)
def create(call: Call) -> JsonObject:
    """Add an item."""
    subscription = call.world.need("subscription", call.get("subscription"), param="subscription", status=400)
    known = {item["id"] for item in subscription["items"]["data"]}
    stored = _change(call, subscription, {})
    rows: list[JsonObject] = stored["items"]["data"]
    return next((item for item in rows if item["id"] not in known), rows[-1])


@route("POST", "/v1/subscription_items/{id}", accepts={**ITEM, **_BILLING, "off_session": bool})
def update(call: Call) -> JsonObject:
    """Change an item's price, quantity or metadata."""
    item = _item(call.world, call.ids["id"])
    subscription = call.world.need("subscription", item["subscription"])
    _change(call, subscription, {"id": item["id"]})
    return _item(call.world, item["id"])


@route("DELETE", "/v1/subscription_items/{id}", accepts=_BILLING)
def delete(call: Call) -> JsonObject:
    """Take an item out."""
    item = _item(call.world, call.ids["id"])
    subscription = call.world.need("subscription", item["subscription"])
    _change(call, subscription, {"id": item["id"], "deleted": True})
    return {"id": item["id"], "object": "subscription_item", "deleted": True}


def _item(world: World, id: str) -> JsonObject:
    item = world.get("subscription_item", id)
    subscription = world.get("subscription", item["subscription"]) if item else None
    rows: list[JsonObject] = subscription["items"]["data"] if subscription else []
    found = next((row for row in rows if row["id"] == id), None)
    if found is None:
        raise StripeError(f"Invalid subscription_item id: {id}", status=404)
    return found


def _change(call: Call, subscription: JsonObject, item: dict[str, Any]) -> JsonObject:
    world, params = call.world, call.params
    wanted: dict[str, Any] = {
        **item,
        **{name: params[name] for name in _OF_ITEM if name in params},
    }
    rest = {name: value for name, value in params.items() if name not in (*_OF_ITEM, "subscription")}
    with agenda.own_time(world, world.need("customer", subscription["customer"])):
        if params.get("payment_behavior") == "pending_if_incomplete":
            method = settling.subscription_method(world, subscription)
            check_pending(world, subscription, {"items": [], **rest}, method)
        return changes.apply(world, subscription, change_of(world, {**rest, "items": [wanted]}))
