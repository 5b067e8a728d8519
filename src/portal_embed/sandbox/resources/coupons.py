"""Coupons: what is taken off, and for how long."""

import re

from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.wire.errors import StripeError, missing_param
from portal_embed.sandbox.wire.expand import expandable
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    clearable,
    created_filter,
    merged_metadata,
    metadata,
    timestamp,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World
from portal_embed.sandbox.worlds import timekeeper

TRUTH = [
    (
        "The keys of a coupon; applies_to only when expanded; the refusals of create.",
        "recorded",
        "Stripe's API, Aug 2026",
    ),
    (
        "coupon.deleted carries the coupon with valid false; a deleted one is a 404.",
        "recorded",
        "Stripe's API, Aug 2026",
    ),
    (
        "A coupon turns invalid, and a promotion code inactive, when its time or its redemptions are used up.",
        "documented",
        "stripe-python 16.1 docstrings",
    ),
    ("currency_options is refused, and expanded it has the coupon's own currency.", "assumed", "not built"),
]


@route(
    "POST",
    "/v1/coupons",
    accepts={
        "amount_off": int,
        "applies_to": {"products": [str]},
        "currency": str,
        "duration": ("forever", "once", "repeating"),
        "duration_in_months": int,
        "id": str,
        "max_redemptions": int,
        "metadata": metadata,
        "name": clearable(str),
        "percent_off": float,
        "redeem_by": timestamp,
    },
)
def create(call: Call) -> JsonObject:
    """A coupon: a percentage, or an amount in a currency."""
    world = call.world
    percent, amount = call.get("percent_off"), call.get("amount_off")
    _check(call, percent, amount)
    id = call.get("id") or world.new_id("", 8)
    if world.get("coupon", id):
        raise StripeError("Coupon already exists.", code="resource_already_exists", param="id")
    if not re.fullmatch(r"[a-zA-Z0-9_\-]+", id):
        raise StripeError("Invalid coupon id.", param="id")
    coupon: JsonObject = {
        "id": id,
        "object": "coupon",
        "amount_off": amount,
        "created": world.now(),
        "currency": call.get("currency") if amount is not None else None,
        "duration": call.get("duration", "once"),
        "duration_in_months": call.get("duration_in_months"),
        "livemode": False,
        "max_redemptions": call.get("max_redemptions"),
        "metadata": merged_metadata({}, call.get("metadata", {})),
        "name": call.get("name"),
        "percent_off": percent,
        "redeem_by": call.get("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }
    world.save(coupon)
    if call.has("applies_to"):
        world.save({"object": "_applies_to", "id": id, "products": call.get("applies_to").get("products", [])})
    world.emit("coupon.created", coupon)
    return coupon


@route("GET", "/v1/coupons/{id}")
def retrieve(call: Call) -> JsonObject:
    """One coupon."""
    return call.world.answer("coupon", call.ids["id"], param="coupon")


@route("GET", "/v1/coupons", accepts={**PAGING, "created": created_filter})
def index(call: Call) -> JsonObject:
    """Coupons, newest first."""
    rows = call.world.newest_first("coupon")
    return page(call, rows.where(lambda row: within(row["created"], call.get("created"))), "/v1/coupons")


@route("POST", "/v1/coupons/{id}", accepts={"metadata": metadata, "name": clearable(str)})
def update(call: Call) -> JsonObject:
    """Change the name or metadata."""
    coupon = call.world.need("coupon", call.ids["id"], param="coupon")
    if call.has("name"):
        coupon["name"] = call.get("name")
    if call.has("metadata"):
        coupon["metadata"] = merged_metadata(coupon["metadata"], call.get("metadata"))
    return save_changed(call.world, coupon, "coupon.updated")


@route("DELETE", "/v1/coupons/{id}")
def delete(call: Call) -> JsonObject:
    """Nobody can redeem it any more; who has it keeps it."""
    coupon = call.world.need("coupon", call.ids["id"], param="coupon")
    call.world.remove("coupon", coupon["id"])
    call.world.emit("coupon.deleted", {**coupon, "valid": False})
    return {"id": coupon["id"], "object": "coupon", "deleted": True}


@timekeeper
def _expire(world: World) -> None:
    """Coupons past their `redeem_by` are no longer valid."""
    now = world.now()
    for coupon in list(world.newest_first("coupon", valid=True).where(lambda row: (row["redeem_by"] or now) < now)):
        world.save({**coupon, "valid": False})


@expandable("coupon", "currency_options")
def _currency_options(_world: World, coupon: JsonObject) -> JsonObject | None:
    return {coupon["currency"]: {"amount_off": coupon["amount_off"]}} if coupon["amount_off"] is not None else None


@expandable("coupon", "applies_to")
def _applies_to(world: World, coupon: JsonObject) -> JsonObject | None:
    note = world.get("_applies_to", coupon["id"])
    return {"products": note["products"]} if note else None


def _check(call: Call, percent: float | None, amount: int | None) -> None:
    if percent is None and amount is None:
        raise StripeError("Must provide percent_off or amount_off.")
    if percent is not None and amount is not None:
        raise StripeError("Received both percent_off and amount_off parameters. Please pass in only one.")
    if percent is not None and percent < 0.01:
        raise StripeError(
            f"This value must be greater than or equal to 0.01 (it currently is '{percent}').", param="percent_off"
        )
    if percent is not None and percent > 100:
        raise StripeError(
            f"This value must be less than or equal to 100 (it currently is '{percent}').", param="percent_off"
        )
    if amount is not None and not call.has("currency"):
        raise missing_param("currency")
    if call.get("duration") == "repeating" and not call.has("duration_in_months"):
        raise missing_param("duration_in_months")
    redeem_by = call.get("redeem_by")
    if redeem_by is not None and redeem_by <= call.world.now():
        raise in_the_past("redeem_by", redeem_by)


def in_the_past(param: str, value: int) -> StripeError:
    """Stripe's sentence for a moment that has to lie ahead."""
    return StripeError(
        f"The parameter `{param}` expects a unix timestamp representing a date and time in the future. You specified the "
        f"value `{value}` which is in the past.",
        param=param,
    )
