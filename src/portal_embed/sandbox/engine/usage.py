"""What meters counted: how much of a metered price a customer used in a stretch of time, and from when it is unbilled."""

from fractions import Fraction

from portal_embed.sandbox.engine import pricing
from portal_embed.sandbox.engine.money import exact
from portal_embed.sandbox.engine.proration import Period
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("events of a customer between start (inclusive) and end (exclusive) are summed, counted, or the last one taken",
     "documented", "stripe-python 16.1, billing.Meter default_aggregation"),
    ("a metered item is billed after each period for what was used in it", "documented", "Stripe docs, usage-based billing"),
    ("flexible: no line of 0 when a metered item is added, and no invoice that would be empty; classic has the line",
     "documented", "Stripe docs, compare billing modes: suppress zero-amount line items"),
    ("flexible: taking a metered item away, or giving it another price, leaves its usage so far waiting; classic drops it",
     "documented", "Stripe docs, compare billing modes: metered pricing"),
    ("... counted up to the proration date, when one is given", "assumed", "MOVES MONEY: no recording"),
    ("use during a trial is not billed", "assumed", "MOVES MONEY: no recording"),
    ("usage of a period that is reported while its renewal is a draft is still billed by it", "documented",
     "Stripe docs, usage-based billing: grace period for meter events"),
]  # fmt: skip


def between(world: World, meter: JsonObject, customer: str, start: int, end: int) -> Fraction:
    """What one customer's events add up to by the meter's formula; `end` is exclusive, seconds."""
    rows = world.oldest_first("_meter_event", customer=customer)
    found = [row for row in rows if row["meter"] == meter["id"] and start <= row["timestamp"] < end]
    formula = meter["default_aggregation"]["formula"]
    if formula == "count":
        return Fraction(len(found))
    values = [exact(row["value"]) for row in sorted(found, key=lambda row: int(row["timestamp"]))]
    if formula == "last":
        return values[-1] if values else Fraction(0)
    return max(sum(values, Fraction(0)), Fraction(0))


def unbilled(world: World, subscription: JsonObject, item: JsonObject, until: int) -> tuple[Period, Fraction] | None:
    """The running stretch of a metered item up to `until` and what was used in it; None for a licensed item."""
    if not pricing.is_metered(item["price"]):
        return None
    start = max(item["current_period_start"], (world.get("_usage", item["id"]) or {"from": 0})["from"])
    meter = world.need("billing.meter", item["price"]["recurring"]["meter"])
    return Period(start, until), between(world, meter, subscription["customer"], start, until)


def billed(world: World, item: str, until: int) -> None:
    """Note that an item's usage is billed up to a moment inside its period."""
    world.save({"object": "_usage", "id": item, "from": until})
