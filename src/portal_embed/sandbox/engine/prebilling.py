"""Billing ahead: `billing_schedules` bill periods to come in one invoice now; when they begin, nothing is billed for them.

Only what is documented clearly enough is done: all licensed items of a running subscription, billed at once up to a timestamp
that is a boundary of their periods. A `duration` is refused as an unknown choice, because Stripe's pages say of it both that it
counts from today and from the start of the period. What would change a subscription while it is billed ahead is refused too.
"""

from fractions import Fraction

from portal_embed.sandbox.engine import discounts, invoicing, periods, pricing, proration, uninvoiced
from portal_embed.sandbox.engine.change import Change
from portal_embed.sandbox.engine.proration import Period
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World

_DOCS = "Stripe docs, bill customers in advance"

TRUTH = [
    ("`billing_schedules` with `always_invoice` make one invoice now for every period up to `bill_until`", "documented", _DOCS),
    ("... which begins where the running period ends, because that one is billed already", "documented",
     f"{_DOCS}: early renewal billing, early cancellation fees"),
    ("... with a normal line for each period of each item, at today's price, of reason subscription_update", "assumed",
     "no recording"),
    ("... and what waits for the next invoice on it", "assumed", "as other changes that are invoiced at once; no recording"),
    ("usage-based items are never billed ahead and go on as before", "documented", _DOCS),
    ("a period that is billed ahead makes no invoice when it begins; the first one after it is billed as ever", "documented",
     f"{_DOCS}: use cases"),
    ("the last of them is credited by parts like a period that was billed when it began", "assumed", "no recording"),
    ("a preview shows the invoice billed ahead; without `billing_schedules` the first that is made after it", "documented",
     f"{_DOCS}: preview; the second half is assumed"),
    ("refused: classic mode, schedules, nothing but usage, `none`, coupons but a percentage once or forever, past `cancel_at`",
     "documented", f"{_DOCS}: limitations; wording assumed"),
    ("refused: more than 50 cycles, or 5 years ahead", "documented", f"{_DOCS}; wording assumed"),
    ("a schedule that is over stays in `billing_schedules`; its key is schedule-0", "assumed", "no recording"),
    ("`duration`, chosen items, `create_prorations` and changes while billed ahead are refused: not clear", "assumed",
     "nothing is billed by them here"),
]  # fmt: skip

MOST_CYCLES = 50
_FIVE_YEARS = (5 * 365 + 1) * 86_400


def not_simulated(what: str) -> StripeError:
    """The refusal of what Stripe may well do."""
    return StripeError(f"This sandbox does not simulate {what}.", param="billing_schedules")


def is_ahead(subscription: JsonObject) -> bool:
    """Whether a period that has not begun is billed already."""
    rows = subscription["items"]["data"]
    return any(row["billed_until"] is not None and row["billed_until"] > row["current_period_end"] for row in rows)


def check_unchanged(subscription: JsonObject, what: str) -> None:
    """Refuse what is not known of a subscription that is billed ahead."""
    if is_ahead(subscription):
        raise not_simulated(f"{what} a subscription that is billed ahead")


def bill(world: World, customer: JsonObject, subscription: JsonObject, change: Change) -> JsonObject:
    """The draft that bills all periods up to `change.bill_until`, not saved; `subscription` then says so. Raises refusals."""
    until = change.bill_until or 0
    items = [item for item in subscription["items"]["data"] if not pricing.is_metered(item["price"])]
    _check(world, subscription, items, change)
    ahead = {item["id"]: _periods(subscription, item, until) for item in items}
    if sum(len(found) for found in ahead.values()) > MOST_CYCLES:
        raise StripeError(f"You can only prebill up to {MOST_CYCLES} cycles.", param="billing_schedules")
    now = world.now()
    invoice = invoicing.start(
        world, customer, reason="subscription_update", currency=subscription["currency"], subscription=subscription,
        period=(now, now),
    )  # fmt: skip
    invoicing.add_items(world, invoice, uninvoiced.waiting(world, customer["id"], subscription["id"]))
    for item in items:
        for period in ahead[item["id"]]:
            invoicing.add_period(world, invoice, item, period)
        item["billed_until"] = until
    invoicing.total_up(world, invoice)
    for item in items:
        notes = [_note(invoice, item, period, proration.rates_of(subscription, item)) for period in ahead[item["id"]]]
        world.save({"object": "_prebilled", "id": item["id"], "periods": notes})
    computed = {"computed_timestamp": until, "duration": None, "timestamp": until, "type": "timestamp"}
    subscription["billing_schedules"] = [{"applies_to": None, "bill_until": computed, "key": "schedule-0"}]
    return invoice


def begin(world: World, item: JsonObject, start: int) -> bool:
    """Whether the item's period that begins at `start` is billed already; it then counts as billed by that invoice."""
    note = world.get("_prebilled", item["id"])
    found = next((one for one in (note or {}).get("periods", []) if one["start"] == start), None)
    if found is None:
        return False
    period = Period(found["start"], found["end"])
    proration.remember(world, item, period, Fraction(found["net"]), found["rates"], found["invoice"], found["lines"])
    return True


def _periods(subscription: JsonObject, item: JsonObject, until: int) -> list[Period]:
    recurring = item["price"]["recurring"]
    found, start = [], item["current_period_end"]
    while start < until:
        end = periods.after(
            subscription["billing_cycle_anchor"], recurring["interval"], recurring["interval_count"], start
        )
        found.append(Period(start, end))
        start = end
    if start != until or not found:
        raise not_simulated("billing ahead to a moment that is no boundary of the items' periods to come")
    return found


def _note(invoice: JsonObject, item: JsonObject, period: Period, rates: list[str]) -> JsonObject:
    lines = [
        line
        for line in invoice["lines"]["data"]
        if ((line["parent"] or {}).get("subscription_item_details") or {}).get("subscription_item") == item["id"]
        and line["period"] == {"start": period.start, "end": period.end}
    ]
    net = sum(line["amount"] - sum(off["amount"] for off in line["discount_amounts"]) for line in lines)
    return {
        "start": period.start, "end": period.end, "net": str(net), "rates": rates, "invoice": invoice["id"],
        "lines": [line["id"] for line in lines],
    }  # fmt: skip


def _check(world: World, subscription: JsonObject, items: list[JsonObject], change: Change) -> None:
    until = change.bill_until or 0
    if subscription["billing_mode"]["type"] != "flexible":
        raise StripeError("Billing schedules require `billing_mode[type]=flexible`.", param="billing_schedules")
    if subscription["schedule"]:
        raise StripeError(
            "You cannot use billing schedules on a subscription that is managed by a subscription schedule.",
            param="billing_schedules",
        )
    if not items:
        raise StripeError("Usage-based prices cannot be billed in advance.", param="billing_schedules")
    if change.proration_behavior == "none":
        raise StripeError(
            "You cannot set `proration_behavior` to `none` with billing schedules.", param="proration_behavior"
        )
    if until > world.now() + _FIVE_YEARS:
        raise StripeError("You can only prebill up to 5 years.", param="billing_schedules")
    if subscription["cancel_at"] is not None and subscription["cancel_at"] < until:
        raise StripeError("You cannot prebill past the scheduled cancellation.", param="billing_schedules")
    held = [id for holder in (subscription, *items) for id in holder["discounts"]]
    for _, coupon in discounts.coupons_of(world, held, world.now()):
        if coupon["percent_off"] is None or coupon["duration"] == "repeating":
            raise StripeError(
                "Only coupons with `percent_off` and a duration of `once` or `forever` can be used with billing schedules.",
                param="billing_schedules",
            )
    if change.proration_behavior != "always_invoice":
        raise not_simulated("billing ahead with the next regular invoice")
    if change.items or change.reset_anchor or change.trial_end is not None or change.discounts is not None:
        raise not_simulated("billing ahead together with another change")
    if subscription["status"] != "active" or subscription["pause_collection"] or subscription["pending_update"]:
        raise not_simulated("billing ahead unless the subscription is active, collected and without a pending update")
    check_unchanged(subscription, "billing ahead again")
