"""Promotion codes: what customers type to get a coupon."""

import re

from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.resources.coupons import in_the_past
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.expand import expandable
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    by_name,
    created_filter,
    merged_metadata,
    metadata,
    required,
    timestamp,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World
from portal_embed.sandbox.worlds import timekeeper

TRUTH = [
    (
        "Least amounts in further currencies, shown only when expanded.",
        "documented",
        "stripe-python 16.1, restrictions",
    ),
    (
        "Several customers may each have a code of their own with the same letters.",
        "documented",
        "stripe-python 16.1, PromotionCode.code; that a code for everybody bars them all is assumed",
    ),
    ("The keys of a promotion code, its filters, and the refusals of create.", "recorded", "Stripe's API, Aug 2026"),
]

_OPTIONS = by_name({"minimum_amount": required(int)})


@route(
    "POST",
    "/v1/promotion_codes",
    accepts={
        "active": bool,
        "code": str,
        "customer": str,
        "expires_at": timestamp,
        "max_redemptions": int,
        "metadata": metadata,
        "promotion": required({"type": required(("coupon",)), "coupon": str}),
        "restrictions": {
            "currency_options": _OPTIONS,
            "first_time_transaction": bool,
            "minimum_amount": int,
            "minimum_amount_currency": str,
        },
    },
)
def create(call: Call) -> JsonObject:
    """A code for a coupon; the active codes that one customer may use are unique, whatever the case of their letters."""
    world = call.world
    coupon = call.get("promotion").get("coupon", "")
    world.need("coupon", coupon, param="promotion[coupon]", status=400)
    if call.has("customer"):
        world.need("customer", call.get("customer"), param="customer", status=400)
    code = call.get("code") or world.new_id("", 8).upper()
    if not re.fullmatch(r"[a-zA-Z0-9\-_]+", code):
        raise StripeError(
            rf"This value must match the regex pattern. (/\A[a-zA-Z0-9\-_]+\z/ does not match for the value {code}).",
            param="code",
        )
    mine = (None, call.get("customer"))
    same = world.newest_first("promotion_code").where(
        lambda row: (
            row["active"] and row["code"].lower() == code.lower() and (row["customer"] in mine or mine == (None, None))
        )
    )
    if next(same, None):
        raise StripeError(f"An active promotion code with `code: {code}` already exists.")
    expires_at = call.get("expires_at")
    if expires_at is not None and expires_at <= world.now():
        raise in_the_past("expires_at", expires_at)
    restrictions = call.get("restrictions", {})
    promotion_code: JsonObject = {
        "id": world.new_id("promo_"),
        "object": "promotion_code",
        "active": call.get("active", True),
        "code": code,
        "created": world.now(),
        "customer": call.get("customer"),
        "customer_account": None,
        "expires_at": expires_at,
        "livemode": False,
        "max_redemptions": call.get("max_redemptions"),
        "metadata": merged_metadata({}, call.get("metadata", {})),
        "promotion": {"coupon": coupon, "type": "coupon"},
        "restrictions": {
            "first_time_transaction": restrictions.get("first_time_transaction", False),
            "minimum_amount": restrictions.get("minimum_amount"),
            "minimum_amount_currency": restrictions.get("minimum_amount_currency"),
        },
        "times_redeemed": 0,
    }
    _set_options(world, promotion_code, restrictions)
    world.save(promotion_code)
    world.emit("promotion_code.created", promotion_code)
    return promotion_code


@route("GET", "/v1/promotion_codes/{id}")
def retrieve(call: Call) -> JsonObject:
    """One code, by id."""
    return call.world.answer("promotion_code", call.ids["id"], param="promotion_code")


@route(
    "GET",
    "/v1/promotion_codes",
    accepts={**PAGING, "active": bool, "code": str, "coupon": str, "created": created_filter, "customer": str},
)
def index(call: Call) -> JsonObject:
    """Codes, newest first; `code` is matched without regard to case."""
    equals = {name: call.get(name) for name in ("coupon", "customer") if call.has(name)}
    rows = call.world.newest_first("promotion_code", **equals)
    if call.has("code"):
        rows = rows.where(lambda row: row["code"].lower() == call.get("code").lower())
    if call.has("active"):
        rows = rows.where(lambda row: row["active"] == call.get("active"))
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    return page(call, rows, "/v1/promotion_codes")


@route(
    "POST",
    "/v1/promotion_codes/{id}",
    accepts={"active": bool, "metadata": metadata, "restrictions": {"currency_options": _OPTIONS}},
)
def update(call: Call) -> JsonObject:
    """Switch it off or on, change metadata."""
    promotion_code = call.world.need("promotion_code", call.ids["id"], param="promotion_code")
    if call.has("active"):
        promotion_code["active"] = call.get("active")
    _set_options(call.world, promotion_code, call.get("restrictions", {}))
    if call.has("metadata"):
        promotion_code["metadata"] = merged_metadata(promotion_code["metadata"], call.get("metadata"))
    return save_changed(call.world, promotion_code, "promotion_code.updated")


def _set_options(world: World, promotion_code: JsonObject, restrictions: JsonObject) -> None:
    """Keep the least amounts in further currencies."""
    wanted = restrictions.get("currency_options")
    if not wanted:
        return
    if promotion_code["restrictions"]["minimum_amount_currency"] in wanted:
        raise StripeError(
            "Each currency must be different from the `minimum_amount_currency`.",
            param="restrictions[currency_options]",
        )
    kept = {**least_amounts(world, promotion_code), **wanted}
    world.save({"object": "_least_amounts", "id": promotion_code["id"], "by_currency": kept})


def least_amounts(world: World, promotion_code: JsonObject) -> JsonObject:
    """The least amounts in further currencies: `{"eur": {"minimum_amount": 500}}`."""
    kept = world.get("_least_amounts", promotion_code["id"])
    return kept["by_currency"] if kept else {}


@expandable("promotion_code", "restrictions.currency_options")
def _currency_options(world: World, promotion_code: JsonObject) -> JsonObject:
    return least_amounts(world, promotion_code)


@timekeeper
def _expire(world: World) -> None:
    """Codes past their `expires_at` are no longer active."""
    now = world.now()
    for code in list(
        world.newest_first("promotion_code", active=True).where(lambda row: (row["expires_at"] or now) < now)
    ):
        world.save({**code, "active": False})
