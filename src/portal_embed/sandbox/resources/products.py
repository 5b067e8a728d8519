"""Products: what is sold, by name."""

from typing import Any

from portal_embed.sandbox.changes import save_changed
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    Accepts,
    anything,
    clearable,
    created_filter,
    merged_metadata,
    metadata,
    required,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("The keys of a product, `attributes` and `type` included.", "recorded", "Stripe's API, Aug 2026"),
    (
        "A product with prices cannot be deleted; product.deleted carries it with active false.",
        "recorded",
        "Stripe's API, Aug 2026",
    ),
]

PRODUCT_FIELDS: Accepts = {
    "active": bool,
    "description": clearable(str),
    "images": clearable([str]),
    "marketing_features": clearable([{"name": required(str)}]),
    "metadata": metadata,
    "package_dimensions": clearable(anything),
    "shippable": bool,
    "statement_descriptor": clearable(str),
    "tax_code": clearable(str),
    "unit_label": clearable(str),
    "url": clearable(str),
}


@route(
    "POST",
    "/v1/products",
    accepts={
        **PRODUCT_FIELDS,
        "id": str,
        "name": required(str),
        "type": ("good", "service"),
        "default_price_data": anything,
    },
)
def create(call: Call) -> JsonObject:
    """A product."""
    if call.has("default_price_data"):
        raise StripeError(
            "Received unknown parameter: default_price_data", code="parameter_unknown", param="default_price_data"
        )
    if call.has("id") and call.world.get("product", call.get("id")):
        raise StripeError("Product already exists.", code="resource_already_exists", param="id")
    return make_product(call.world, call.params)


@route("GET", "/v1/products/{id}")
def retrieve(call: Call) -> JsonObject:
    """One product."""
    return call.world.answer("product", call.ids["id"])


@route(
    "GET",
    "/v1/products",
    accepts={
        **PAGING,
        "active": bool,
        "created": created_filter,
        "ids": [str],
        "shippable": bool,
        "type": ("good", "service"),
        "url": str,
    },
)
def index(call: Call) -> JsonObject:
    """Products, newest first."""
    rows = call.world.newest_first("product")
    for name in ("active", "shippable", "type", "url"):
        if call.has(name):
            rows = rows.where(lambda row, name=name: row[name] == call.get(name))  # type: ignore[misc]
    if call.has("ids"):
        wanted = set(call.get("ids"))
        rows = rows.where(lambda row: row["id"] in wanted)
    if call.has("created"):
        rows = rows.where(lambda row: within(row["created"], call.get("created")))
    return page(call, rows, "/v1/products")


@route("POST", "/v1/products/{id}", accepts={**PRODUCT_FIELDS, "name": str, "default_price": str})
def update(call: Call) -> JsonObject:
    """Change what was sent."""
    product = call.world.need("product", call.ids["id"])
    if call.has("default_price"):
        call.world.need("price", call.get("default_price"), param="default_price", status=400)
        product["default_price"] = call.get("default_price")
    _apply(product, call.params)
    product["updated"] = call.world.now()
    return save_changed(call.world, product, "product.updated")


@route("DELETE", "/v1/products/{id}")
def delete(call: Call) -> JsonObject:
    """Remove a product that has no prices."""
    product = call.world.need("product", call.ids["id"])
    if next(call.world.newest_first("price", product=product["id"]), None):
        raise StripeError("This product cannot be deleted because it has one or more user-created prices.")
    call.world.remove("product", product["id"])
    call.world.emit("product.deleted", {**product, "active": False})
    return {"id": product["id"], "object": "product", "deleted": True}


def make_product(world: World, data: dict[str, Any]) -> JsonObject:
    """A saved product with its event, from the parameters of the create call."""
    product: JsonObject = {
        "id": data.get("id") or world.new_id("prod_"),
        "object": "product",
        "active": True,
        "attributes": [],
        "created": world.now(),
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": data["name"],
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "tax_details": None,
        "type": data.get("type", "service"),
        "unit_label": None,
        "updated": world.now(),
        "url": None,
    }
    _apply(product, data)
    world.save(product)
    world.emit("product.created", product)
    return product


def _apply(product: JsonObject, data: dict[str, Any]) -> None:
    for name in (*PRODUCT_FIELDS, "name"):
        if name not in data:
            continue
        if name == "metadata":
            product["metadata"] = merged_metadata(product["metadata"], data["metadata"])
        elif name in ("images", "marketing_features"):
            product[name] = data[name] or []
        else:
            product[name] = data[name]
