"""Every preview is what the change then bills: over plans, tiers, usage, discounts, taxes, modes, currencies and moments."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal_embed.sandbox import Sandbox
from tests.sandbox.billing import DAY, SEPTEMBER_21, Shop
from tests.sandbox.support import sdk

AMOUNTS = st.integers(1, 200_000)
INTERVALS = st.sampled_from(["month", "year", "week"])
TIERS = st.tuples(st.integers(1, 20), st.integers(0, 5_000), st.integers(1, 3_000), st.integers(1, 3_000))
SHAPES = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["unit", "unit", "graduated", "volume", "package"]),
        "amount": AMOUNTS,
        "tiers": TIERS,
        "interval": INTERVALS,
        "quantity": st.integers(1, 12),
    }
)
OFF = (
    st.integers(1, 100).map(lambda percent: {"percent_off": percent})
    | st.decimals(1, 99, places=1).map(lambda percent: {"percent_off": float(percent)})
    | st.integers(1, 50_000).map(lambda amount: {"amount_off": amount})
)
DISCOUNTS = st.none() | st.fixed_dictionaries(
    {
        "duration": st.sampled_from(["once", "forever", "repeating"]),
        "off": OFF,
        "where": st.sampled_from(["subscription", "item", "change"]),
    }
)
TAXES = st.none() | st.tuples(st.decimals(1, 30, places=1).map(float), st.booleans(), st.booleans())
SUBSCRIPTIONS = st.fixed_dictionaries(
    {
        "items": st.lists(SHAPES, min_size=1, max_size=3),
        "usage": st.none() | st.integers(0, 500),
        "currency": st.sampled_from(["usd", "jpy", "kwd"]),
        "mode": st.sampled_from(["flexible", "classic"]),
        "discount": DISCOUNTS,
        "tax": TAXES,
        "automatic_tax": st.booleans(),
        "sent": st.booleans(),
        "balance": st.integers(-20_000, 20_000),
        "began": st.integers(SEPTEMBER_21 - 300 * DAY, SEPTEMBER_21),
        "passed": st.integers(0, 100 * DAY),
    }
)
CHANGES = st.fixed_dictionaries(
    {
        "to": SHAPES,
        "add": st.none() | SHAPES,
        "remove": st.booleans(),
        "behaviour": st.sampled_from(["always_invoice", "create_prorations", "none"]),
        "reset": st.booleans(),
        "thinking": st.integers(0, 900),
    }
)


@pytest.fixture(scope="module")
def busy(sandbox: Sandbox) -> Shop:
    """One shop for all the examples; each example empties its books."""
    world = sandbox.world("previews")
    return Shop(sdk(world), world)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=SUBSCRIPTIONS, change=CHANGES)
def test_every_preview_equals_what_the_change_then_bills(
    busy: Shop, plan: dict[str, Any], change: dict[str, Any]
) -> None:
    busy.world.reset()
    busy.now = busy.world.freeze(plan["began"])
    if plan["mode"] == "classic":  # one interval for all items of a classic subscription
        _align(plan, change)
    ada, made = _started(busy, plan)
    busy.pass_time(plan["passed"])
    while busy.api.invoices.list({"customer": ada.id, "status": "draft"}).data:
        busy.pass_time(3601)
    asked = _asked(busy, made, plan, change)
    details = {key: value for key, value in asked.items() if key != "discounts"}
    redeemed = {key: value for key, value in asked.items() if key == "discounts"}
    preview = busy.api.invoices.create_preview({"subscription": made.id, "subscription_details": details, **redeemed})
    running = busy.subscription(made.id)
    first_end = min(item.current_period_end for item in running["items"].data)
    if not change["reset"] and plan["mode"] == "flexible" and busy.now + change["thinking"] < first_end:
        busy.pass_time(change["thinking"])  # an anchor that moves to now would move with the clock
    changed = busy.api.subscriptions.update(made.id, {**asked, "expand": ["latest_invoice"]})
    billed = changed.latest_invoice
    if billed is None or billed.billing_reason != "subscription_update" or billed.created != busy.now:
        busy.pass_time(min(item.current_period_end for item in changed["items"].data) - busy.now + 3601)
        billed = busy.api.subscriptions.retrieve(made.id, {"expand": ["latest_invoice"]}).latest_invoice
    elif plan["sent"]:
        busy.pass_time(3601)
        billed = busy.api.invoices.retrieve(billed.id)
    assert _figures(preview) == _figures(billed)
    if not plan["sent"]:
        assert billed.amount_paid == preview.amount_due
    assert busy.api.customers.retrieve(ada.id).balance == preview.ending_balance


def _align(plan: dict[str, Any], change: dict[str, Any]) -> None:
    alone = len(plan["items"]) == 1 and plan["usage"] is None
    for shape in plan["items"]:
        shape["interval"] = plan["items"][0]["interval"]
    if not alone:
        change["to"]["interval"] = plan["items"][0]["interval"]
    if change["add"]:
        change["add"]["interval"] = change["to"]["interval"]


def _started(shop: Shop, plan: dict[str, Any]) -> tuple[Any, Any]:
    """Ada and her subscription as the plan says, with what she used of it."""
    ada = shop.customer(address={"country": "DE"})
    if plan["balance"]:
        money = {"amount": plan["balance"], "currency": plan["currency"]}
        shop.api.customers.balance_transactions.create(ada.id, money)
    items: list[dict[str, Any]] = [
        {"price": _price(shop, shape, plan["currency"]), "quantity": shape["quantity"]} for shape in plan["items"]
    ]
    if plan["usage"] is not None:
        items.append({"price": _metered(shop, plan)})
    more: dict[str, Any] = {"collection_method": "send_invoice", "days_until_due": 30} if plan["sent"] else {}
    coupon = _coupon(shop, plan)
    if coupon and plan["discount"]["where"] == "subscription":
        more["discounts"] = [{"coupon": coupon}]
    if coupon and plan["discount"]["where"] == "item":
        items[0]["discounts"] = [{"coupon": coupon}]
    if plan["tax"]:
        percentage, inclusive, on_item = plan["tax"]
        rate = shop.api.tax_rates.create({"display_name": "VAT", "percentage": percentage, "inclusive": inclusive})
        (items[0] if on_item else more)["tax_rates" if on_item else "default_tax_rates"] = [rate.id]
    elif plan["automatic_tax"]:
        more["automatic_tax"] = {"enabled": True}
    made = shop.api.subscriptions.create(
        {"customer": ada.id, "items": items, "billing_mode": {"type": plan["mode"]}, **more}
    )
    if plan["usage"]:
        payload = {"stripe_customer_id": ada.id, "value": str(plan["usage"])}
        shop.api.billing.meter_events.create({"event_name": "calls", "payload": payload})
    return ada, made


def _asked(shop: Shop, made: Any, plan: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """The parameters of the change."""
    rows, to = made["items"].data, change["to"]
    items: list[dict[str, Any]] = [
        {"id": rows[0].id, "price": _price(shop, to, plan["currency"]), "quantity": to["quantity"]}
    ]
    if change["remove"] and len(rows) > 1:
        items.append({"id": rows[1].id, "deleted": True})
    if change["add"]:
        items.append({"price": _price(shop, change["add"], plan["currency"]), "quantity": change["add"]["quantity"]})
    asked: dict[str, Any] = {
        "items": items, "proration_behavior": change["behaviour"], "proration_date": shop.now,
    }  # fmt: skip
    if change["reset"]:
        asked["billing_cycle_anchor"] = {"type": "now"}
    if plan["discount"] and plan["discount"]["where"] == "change":
        asked["discounts"] = [{"coupon": _coupon(shop, plan)}]
    return asked


def _price(shop: Shop, shape: dict[str, Any], currency: str) -> str:
    """The id of a price of this shape."""
    recurring = {"interval": shape["interval"]}
    base = {"currency": currency, "recurring": recurring, "product_data": {"name": "Pro"}}
    up_to, flat, low, high = shape["tiers"]
    if shape["kind"] in ("graduated", "volume"):
        tiers = [{"up_to": up_to, "unit_amount": high, "flat_amount": flat}, {"up_to": "inf", "unit_amount": low}]
        more = {"billing_scheme": "tiered", "tiers_mode": shape["kind"], "tiers": tiers}
    else:
        more = {"unit_amount": shape["amount"]}
    if shape["kind"] == "package":
        more["transform_quantity"] = {"divide_by": up_to, "round": "up"}
    return str(shop.api.prices.create({**base, **more}).id)  # type: ignore[typeddict-item]


def _metered(shop: Shop, plan: dict[str, Any]) -> str:
    """The id of a metered price of 30 minor units a call."""
    meter = shop.api.billing.meters.create(
        {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    )
    interval = plan["items"][0]["interval"]
    made = shop.api.prices.create(
        {
            "currency": plan["currency"], "product_data": {"name": "Calls"}, "unit_amount": 30,
            "recurring": {"interval": interval, "usage_type": "metered", "meter": meter.id},
        }
    )  # fmt: skip
    return str(made.id)


def _coupon(shop: Shop, plan: dict[str, Any]) -> str | None:
    discount = plan["discount"]
    if discount is None:
        return None
    money = {"currency": plan["currency"]} if "amount_off" in discount["off"] else {}
    months = {"duration_in_months": 2} if discount["duration"] == "repeating" else {}
    made = shop.api.coupons.create({**discount["off"], **money, **months, "duration": discount["duration"]})
    return str(made.id)


def _figures(invoice: Any) -> dict[str, Any]:
    names = (
        "subtotal", "total", "amount_due", "starting_balance", "ending_balance", "currency", "period_start",
        "total_excluding_tax",
    )  # fmt: skip
    lines = [
        (
            line.amount, line.subtotal, line.description, line.period.start, line.period.end, line.quantity,
            [off.amount for off in line.discount_amounts], [tax.amount for tax in line.taxes],
        )
        for line in invoice.lines.data
    ]  # fmt: skip
    return {**{name: invoice[name] for name in names}, "lines": lines}
