"""Invoice items that wait for an invoice: made, listed, and taken off the list."""

from fractions import Fraction

from portal_embed.sandbox.engine import bodies, discounts, pricing, proration, wording
from portal_embed.sandbox.engine.money import rounded
from portal_embed.sandbox.engine.proration import Period, Prorated
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("waiting items without a subscription are taken up by the next subscription invoice", "documented",
     "Stripe docs, invoice items"),
]  # fmt: skip


def pricing_of(price: JsonObject, unit: str | None) -> JsonObject:
    """The `pricing` of a line or item; `unit` is null on prorations."""
    details = {"price": price["id"], "product": price["product"]}
    return {"price_details": details, "type": "price_details", "unit_amount_decimal": unit}


def make_item(
    world: World, customer: JsonObject, subscription: JsonObject, made: Prorated, *, orphan: bool = False
) -> JsonObject:
    """Save the waiting item of one proration. `orphan`: without a parent, as a cancellation's credit is."""
    details = {
        "subscription": subscription["id"],
        "subscription_item": made.item,
    }
    credited = {"type": "invoice_line_items", "invoice_line_item_details": made.credited} if made.credited else None
    body = bodies.invoiceitem(
        world,
        customer,
        amount=made.amount,
        currency=subscription["currency"],
        description=made.description,
        discountable=False,
        frozen_fields=["pricing", "quantity", "discounts"],
        net_amount=made.amount,
        parent=None if orphan else {"type": "subscription_details", "subscription_details": details},
        period={"end": made.end, "start": made.start},
        pricing=pricing_of(made.price, None),
        proration=True,
        quantity=made.quantity,
        quantity_decimal=str(made.quantity),
        tax_rates=[world.need("tax_rate", id) for id in made.rates or []],
    )
    if not orphan:
        body["proration_details"] = {
            "credited_items": credited,
            "discount_amounts": discounts.as_amounts(made.discount_amounts),
        }
    world.save(body)
    world.save(
        {
            "object": "_item",
            "id": body["id"],
            "subscription_item": made.item,
            "credited": made.credited,
            "rates": made.rates,
        }
    )
    _wait(world, customer["id"], [body["id"]])
    world.emit("invoiceitem.created", body)
    return body


def make_usage_items(
    world: World, customer: JsonObject, subscription: JsonObject, item: JsonObject, period: Period, used: Fraction
) -> None:
    """Save waiting items for usage that is billed before its period is over; nothing for no usage."""
    for part in pricing.parts(world, item["price"], used) if used else []:
        details = {"subscription": subscription["id"], "subscription_item": item["id"]}
        body = bodies.invoiceitem(
            world,
            customer,
            amount=rounded(part.amount, subscription["currency"]),
            currency=subscription["currency"],
            description=wording.normal(world, item["price"], part),
            parent={"type": "subscription_details", "subscription_details": details},
            period={"end": period.end, "start": period.start},
            pricing=pricing_of(item["price"], part.unit),
            quantity=int(part.quantity),
            quantity_decimal=wording.plain(part.quantity),
        )
        world.save(body)
        world.save(
            {
                "object": "_item",
                "id": body["id"],
                "subscription_item": item["id"],
                "credited": None,
                "rates": proration.own_rates(item),
            }
        )
        _wait(world, customer["id"], [body["id"]])
        world.emit("invoiceitem.created", body)


def waiting(world: World, customer: str, subscription: str | None) -> list[JsonObject]:
    """The items an invoice of this subscription takes up, newest first: its own and those of no subscription.

    With None: every item that waits.
    """
    ids = (world.get("_waiting", customer) or {"items": []})["items"]
    found = [world.need("invoiceitem", id) for id in reversed(ids)]
    return [item for item in found if subscription is None or owner(item) in (None, subscription)]


def owner(item: JsonObject) -> str | None:
    """The id of the subscription an item belongs to."""
    owner: str | None = ((item["parent"] or {}).get("subscription_details") or {}).get("subscription")
    return owner


def _wait(world: World, customer: str, ids: list[str]) -> None:
    row = world.get("_waiting", customer) or {"object": "_waiting", "id": customer, "items": []}
    row["items"].extend(ids)
    world.save(row)


def now_waiting(world: World, item: JsonObject) -> None:
    """Put a new item on its customer's list of waiting ones."""
    _wait(world, item["customer"], [item["id"]])


def no_longer_waiting(world: World, customer: str, ids: list[str]) -> None:
    """Take items off the list of waiting ones: invoiced or deleted."""
    row = world.get("_waiting", customer)
    if row and ids:
        row["items"] = [id for id in row["items"] if id not in ids]
        world.save(row)
