"""Invoice items: lines that wait for the next invoice."""

from typing import Any

from portal_embed.sandbox.engine import agenda, bodies, discounts, invoicing, settling, uninvoiced
from portal_embed.sandbox.resources.subscription_params import DISCOUNTS, tax_rates
from portal_embed.sandbox.wire.errors import StripeError, missing_param
from portal_embed.sandbox.wire.paging import page
from portal_embed.sandbox.wire.params import (
    PAGING,
    Accepts,
    clearable,
    created_filter,
    merged_metadata,
    metadata,
    required,
    timestamp,
    within,
)
from portal_embed.sandbox.wire.router import Call, route
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("an item by amount points at a one-off price and product that equal items share", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("two prorations of one change are listed credit first", "recorded", "Recorded from Stripe's API, Aug 2026"),
]  # fmt: skip

_FIELDS: Accepts = {
    "amount": int,
    "description": clearable(str),
    "discountable": bool,
    "discounts": DISCOUNTS,
    "metadata": metadata,
    "period": {"start": required(timestamp), "end": required(timestamp)},
    "pricing": {"price": str},
    "quantity": int,
    "tax_rates": clearable([str]),
}


@route(
    "POST",
    "/v1/invoiceitems",
    accepts={**_FIELDS, "currency": str, "customer": required(str), "invoice": str, "subscription": str},
)
def create(call: Call) -> JsonObject:
    """An item by `amount` and `currency`, or by a one-time price; on a draft at once when `invoice` is named."""
    world, params = call.world, call.params
    customer = world.need("customer", params["customer"], param="customer", status=400)
    with agenda.own_time(world, customer):
        price = _price(world, customer, params)
        quantity = params.get("quantity", 1)
        item = bodies.invoiceitem(
            world,
            customer,
            amount=price["unit_amount"] * quantity,
            currency=price["currency"],
            description=params.get("description") or _product_name(world, price, params),
            discountable=params.get("discountable", "amount" not in params or params["amount"] >= 0),
            metadata=merged_metadata({}, params.get("metadata", {})),
            period=params.get("period") or {"end": world.now(), "start": world.now()},
            pricing={
                "price_details": {"price": price["id"], "product": price["product"]},
                "type": "price_details",
                "unit_amount_decimal": str(price["unit_amount"]),
            },
            quantity=quantity,
            quantity_decimal=str(quantity),
            tax_rates=tax_rates(world, params.get("tax_rates")),
        )
        if call.has("subscription"):
            subscription = world.need("subscription", params["subscription"], param="subscription", status=400)
            details = {"subscription": subscription["id"], "subscription_item": None}
            item["parent"] = {"type": "subscription_details", "subscription_details": details}
        item["discounts"] = discounts.redeem(
            world,
            params.get("discounts") or [],
            customer,
            invoice_item=item["id"],
            currency=item["currency"],
            amount=item["amount"],
        )
        world.save(item)
        _place(world, item, params.get("invoice"))
        world.emit("invoiceitem.created", item)
        return item


def _place(world: World, item: JsonObject, invoice_id: str | None) -> None:
    if invoice_id is None:
        uninvoiced.now_waiting(world, item)
        return
    invoice = world.need("invoice", invoice_id, param="invoice", status=400)
    if invoice["status"] != "draft":
        raise StripeError("Invalid invoice: This invoice is no longer editable", code="invoice_not_editable")
    invoicing.add_items(world, invoice, [item])
    settling.save_draft(world, invoice)


def _price(world: World, customer: JsonObject, params: dict[str, Any]) -> JsonObject:
    given = (params.get("pricing") or {}).get("price")
    if given is not None:
        price = world.need("price", given, param="pricing[price]", status=400)
        if price["type"] != "one_time" or price["unit_amount"] is None:
            raise StripeError(
                "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
                param="pricing[price]",
            )
        return price
    if "amount" not in params:
        raise missing_param("amount")
    currency = params.get("currency") or customer["currency"]
    if currency is None:
        raise missing_param("currency")
    return _one_off(world, params["amount"], currency.lower(), params.get("description"))


def _one_off(world: World, amount: int, currency: str, description: str | None) -> JsonObject:
    key = f"{amount}/{currency}/{description or ''}"
    known = world.get("_one_off", key)
    if known:
        return world.need("price", known["price"])
    product = world.new_id("prod_")
    world.save(
        bodies.ordered(
            {
                "id": product, "object": "product", "active": False, "attributes": [], "created": world.now(),
                "default_price": None, "description": None, "images": [], "livemode": False, "marketing_features": [],
                "metadata": {}, "name": description or "Invoice item", "package_dimensions": None, "shippable": None,
                "statement_descriptor": None, "tax_code": None, "tax_details": None, "type": "service", "unit_label": None,
                "updated": world.now(), "url": None,
            }
        )
    )  # fmt: skip
    price = bodies.ordered(
        {
            "id": world.new_id("price_"), "object": "price", "active": False, "billing_scheme": "per_unit",
            "created": world.now(), "currency": currency, "custom_unit_amount": None, "livemode": False, "lookup_key": None,
            "metadata": {}, "nickname": None, "product": product, "recurring": None, "tax_behavior": "unspecified",
            "tiers_mode": None, "transform_quantity": None, "type": "one_time", "unit_amount": amount,
            "unit_amount_decimal": str(amount),
        }
    )  # fmt: skip
    world.save(price)
    world.save({"object": "_one_off", "id": key, "price": price["id"]})
    return price


def _product_name(world: World, price: JsonObject, params: dict[str, Any]) -> str | None:
    return None if "amount" in params else world.need("product", price["product"])["name"]


@route("GET", "/v1/invoiceitems/{id}")
def retrieve(call: Call) -> JsonObject:
    """One item."""
    return _item(call)


def _item(call: Call) -> JsonObject:
    return call.world.answer("invoiceitem", call.ids["id"])


@route(
    "GET",
    "/v1/invoiceitems",
    accepts={**PAGING, "created": created_filter, "customer": str, "invoice": str, "pending": bool},
)
def index(call: Call) -> JsonObject:
    """Items, newest first; `pending` tells waiting ones from invoiced ones."""
    equals = {name: call.get(name) for name in ("customer", "invoice") if call.has(name)}
    rows = call.world.newest_first("invoiceitem", **equals)
    if call.has("pending"):
        rows = rows.where(lambda row: (row["invoice"] is None) == call.get("pending"))
    if call.has("created"):
        rows = rows.where(lambda row: within(row["date"], call.get("created")))
    return page(call, rows, "/v1/invoiceitems")


@route("POST", "/v1/invoiceitems/{id}", accepts={"description": clearable(str), "metadata": metadata})
def update(call: Call) -> JsonObject:
    """Change the words of a waiting item."""
    item = _item(call)
    _check_waiting(item)
    if call.has("description"):
        item["description"] = call.get("description")
    if call.has("metadata"):
        item["metadata"] = merged_metadata(item["metadata"], call.get("metadata"))
    return call.world.save(item)


@route("DELETE", "/v1/invoiceitems/{id}")
def delete(call: Call) -> JsonObject:
    """Remove a waiting item."""
    item = _item(call)
    _check_waiting(item)
    call.world.remove("invoiceitem", item["id"])
    uninvoiced.no_longer_waiting(call.world, item["customer"], [item["id"]])
    call.world.emit("invoiceitem.deleted", item)
    return {"id": item["id"], "object": "invoiceitem", "deleted": True}


def _check_waiting(item: JsonObject) -> None:
    if item["invoice"] is not None:
        raise StripeError("Invalid invoice: This invoice is no longer editable", code="invoice_not_editable")
