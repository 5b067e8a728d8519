"""The merchant's side of what is billed by use: a price with its meter, and the use that is reported."""

from typing import Any

from portal_embed.sandbox.inside import call
from portal_embed.sandbox.world import World


def metered_price(world: World, name: str, unit: str, **pricing: Any) -> tuple[str, str]:
    """A monthly price by use, and the meter that counts it, whose events have the name of the price's product; their ids."""
    product = call(world, "POST", "/v1/products", name=name, unit_label=unit)
    meter = call(
        world,
        "POST",
        "/v1/billing/meters",
        display_name=name,
        event_name=product["id"],
        default_aggregation={"formula": "sum"},
    )
    price = call(
        world,
        "POST",
        "/v1/prices",
        product=product["id"],
        currency="usd",
        recurring={"interval": "month", "usage_type": "metered", "meter": meter["id"]},
        **pricing,
    )
    return price["id"], meter["id"]


def use(world: World, made: dict[str, Any], count: int) -> None:
    """Report use of the life's meter."""
    event = world.need("billing.meter", made["meter"])["event_name"]
    payload = {"stripe_customer_id": made["customer"], "value": str(count)}
    call(world, "POST", "/v1/billing/meter_events", event_name=event, payload=payload)
