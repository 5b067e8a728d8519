"""A subscription from its first invoice through its renewals to its end."""

from dataclasses import dataclass, field
from fractions import Fraction

from portal_embed.sandbox.engine import (
    agenda,
    bodies,
    charging,
    discounts,
    invoicing,
    pending,
    periods,
    proration,
    settling,
)
from portal_embed.sandbox.engine.proration import Period
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("create with a working method: active, first invoice paid in the call", "recorded", "Recorded from Stripe's API, Aug 2026"),
    ("create with 3-D Secure or a decline: incomplete, invoice open; `error_if_incomplete` refuses and writes nothing",
     "recorded", "Recorded from Stripe's API, Aug 2026 (the decline under `error_if_incomplete` is documented)"),
    ("a trial's first invoice is real: 0, numbered, paid", "recorded", "Recorded from Stripe's API, Mar 2026"),
    ("`send_invoice` is active at once and leaves a draft", "recorded", "Recorded from Stripe's API, Aug 2026"),
    ("an anchor in the future bills the first stretch as a part of the period", "documented",
     "Stripe docs, billing cycle anchor"),
    ("a renewal is a draft for an hour, then charged; failing it makes the subscription past_due", "documented",
     "Stripe docs, subscription invoices"),
    ("a renewal's invoice period is the period that ended", "documented", "Stripe docs, invoice period"),
    ("a subscription that ends inside a coming period is billed only to its end", "assumed", "no recording"),
    ("canceling at once with `prorate` writes one credit without parent", "recorded", "Recorded from Stripe's API, Aug 2026"),
    ("... and with `invoice_now` a draft of reason subscription_cycle that soon becomes uncollectible", "recorded",
     "Recorded from Stripe's API, Aug 2026; the uncollectible end is noted from a probe, not read in a recording"),
    ("canceling an incomplete subscription makes it incomplete_expired", "assumed", "no recording"),
]  # fmt: skip


@dataclass(frozen=True)
class ItemTerms:
    """One price and quantity to subscribe to."""

    price: JsonObject
    quantity: int = 1
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Terms:
    """What a new subscription is to be; moments in seconds. `fields` go into the subscription as they are."""

    items: list[ItemTerms]
    trial_end: int | None = None
    anchor: int | None = None
    payment_behavior: str = "allow_incomplete"
    proration_behavior: str = "create_prorations"
    off_session: bool = False
    discounts: list[JsonObject] = field(default_factory=list)
    fields: JsonObject = field(default_factory=dict)


def create(world: World, customer: JsonObject, terms: Terms) -> JsonObject:
    """Start a subscription and bill its first period; returns it as stored. Raises Stripe's refusals."""
    subscription, invoice = begin(world, customer, terms)
    if subscription["collection_method"] == "send_invoice":
        invoicing.wait_to_finalise(invoice)
        settling.save_draft(world, invoice)
        world.emit("invoice.created", invoice)
        return world.need("subscription", subscription["id"])
    settling.save_draft(world, invoice)
    world.emit("invoice.created", invoice)
    due, _ = invoicing.left_to_pay(invoice)
    method = settling.method_for(world, invoice)
    if due and method is None and terms.payment_behavior != "default_incomplete":
        raise settling.no_method()
    settling.finalise(world, invoice)
    if due and method and terms.payment_behavior != "default_incomplete":
        outcome = settling.collect(world, invoice, method, off_session=terms.off_session, automatic=False)
        if terms.payment_behavior == "error_if_incomplete" and outcome.status != "processing" and not outcome.paid:
            raise unpaid_error(outcome)
    return world.need("subscription", subscription["id"])


def begin(world: World, customer: JsonObject, terms: Terms) -> tuple[JsonObject, JsonObject]:
    """The new subscription, stored, and its first invoice as a draft that is not: also what a preview shows."""
    now = world.now()
    subscription = bodies.subscription(world, customer)
    subscription.update(terms.fields)
    subscription["currency"] = terms.items[0].price["currency"]
    check_prices([item.price for item in terms.items], customer, subscription["currency"])
    trial = terms.trial_end is not None
    subscription["billing_cycle_anchor"] = anchor = terms.trial_end or terms.anchor or now
    if trial:
        subscription.update(trial_start=now, trial_end=terms.trial_end)
    for wanted in terms.items:
        recurring = wanted.price["recurring"]
        end = anchor if trial else periods.after(anchor, recurring["interval"], recurring["interval_count"], now)
        item = bodies.subscription_item(world, subscription["id"], wanted.price, wanted.quantity, now, end)
        item["metadata"] = wanted.metadata
        subscription["items"]["data"].append(item)
    subscription["discounts"] = discounts.redeem(world, terms.discounts, customer, subscription=subscription["id"])
    subscription["status"] = "active" if subscription["collection_method"] == "send_invoice" else "incomplete"
    if trial and subscription["collection_method"] == "send_invoice":
        subscription["status"] = "trialing"
    invoice = invoicing.start(
        world, customer, reason="subscription_create", currency=subscription["currency"], subscription=subscription
    )
    invoicing.add_items(world, invoice, invoicing.waiting(world, customer["id"], subscription["id"]))
    if trial or terms.proration_behavior != "none" or anchor == now:
        for item in subscription["items"]["data"]:
            _first_line(world, invoice, item, anchor, trial=trial)
    invoicing.total_up(world, invoice)
    cover(world, subscription, invoice)
    subscription["latest_invoice"] = invoice["id"]
    settling.save_subscription(world, subscription)
    world.emit("customer.subscription.created", subscription)
    return subscription, invoice


def _first_line(world: World, invoice: JsonObject, item: JsonObject, anchor: int, *, trial: bool) -> None:
    start, end = item["current_period_start"], item["current_period_end"]
    if trial or anchor == start:
        invoicing.add_period(world, invoice, item, Period(start, end), trial=trial)
        return
    recurring = item["price"]["recurring"]
    whole = periods.period_at(anchor, recurring["interval"], recurring["interval_count"], start)
    length = whole[1] - whole[0]
    invoicing.add_period(world, invoice, item, Period(start, start + length), until=end)


def check_prices(prices: list[JsonObject], customer: JsonObject, currency: str) -> None:
    """Refuse what cannot be subscribed to together, and what this sandbox does not bill."""
    seen = set()
    for price in prices:
        if price["id"] in seen:
            raise StripeError(
                f"Cannot create a Subscription with multiple Subscription Items with the same Price: {price['id']}",
                param="plan",
            )
        seen.add(price["id"])
        if not price["active"]:
            raise StripeError(
                "The price specified is inactive. This field only accepts active prices.", param="items[0][price]"
            )
        if price["currency"] != currency or customer["currency"] not in (None, currency):
            raise StripeError(
                "You cannot combine currencies on a single customer. This customer has an active subscription, subscription "
                f"schedule, discount, quote, or invoice item with currency {customer['currency'] or currency}"
            )
        if price["type"] != "recurring":
            raise StripeError(
                "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
                param="items[0][price]",
            )
        if price["billing_scheme"] != "per_unit" or price["recurring"]["usage_type"] != "licensed":
            raise StripeError(
                "This sandbox bills licensed per-unit prices only, not tiered or metered ones.", param="items[0][price]"
            )


def unpaid_error(outcome: charging.Outcome) -> StripeError:
    """`error_if_incomplete`: the 402 for an attempt that did not pay; everything written is undone."""
    if outcome.status == "requires_action":
        return StripeError(
            "Payment for this subscription requires additional user action, but the requested payment behavior doesn't save "
            "the invoice or PaymentIntent. Retry the request with a different payment behavior.",
            status=402,
            type="card_error",
            code="subscription_payment_intent_requires_action",
            extra={"doc_url": None},
        )
    error = charging.as_error(outcome)
    error.keeps_writes = False
    error.extra.pop("payment_intent", None)
    return error


def cover(world: World, subscription: JsonObject, invoice: JsonObject) -> None:
    """Note what each item's period was billed at by this invoice, and drop `once` discounts that it used.

    A normal line that bills only a stretch of a full period is credited by parts of that stretch.
    """
    items = {item["id"]: item for item in subscription["items"]["data"]}
    for line in invoice["lines"]["data"]:
        details = (line["parent"] or {}).get("subscription_item_details")
        item = items.get(details["subscription_item"]) if details else None
        if item is None or details is None:
            continue
        if details["proration"]:
            _name_charge(world, item["id"], invoice, line)
        elif line["pricing"]["unit_amount_decimal"] != "0" or line["amount"]:
            net = line["amount"] - sum(off["amount"] for off in line["discount_amounts"])
            period = Period(line["period"]["start"], line["period"]["end"])
            proration.remember(world, item, period, Fraction(net), invoice["id"], [line["id"]])
    _use_up(world, subscription, invoice)


def _name_charge(world: World, item: str, invoice: JsonObject, line: JsonObject) -> None:
    billed = world.get("_billed", item)
    if billed and billed["invoice"] is None and line["amount"] >= 0 and line["period"]["end"] == billed["end"]:
        world.save({**billed, "invoice": invoice["id"], "lines": [line["id"]]})


def _use_up(world: World, subscription: JsonObject, invoice: JsonObject) -> None:
    used = {off["discount"] for off in invoice["total_discount_amounts"]}
    for line in invoice["lines"]["data"]:
        details = line["parent"].get("subscription_item_details")
        item = world.get("invoiceitem", details["invoice_item"]) if details and details["invoice_item"] else None
        used |= {off["discount"] for off in (item or {}).get("proration_details", {}).get("discount_amounts", [])}
    kept = []
    for id in subscription["discounts"]:
        discount = world.need("discount", id)
        coupon = world.need("coupon", discount["source"]["coupon"])
        over = discount["end"] is not None and discount["end"] <= world.now()
        if not over and not (coupon["duration"] == "once" and id in used):
            kept.append(id)
    subscription["discounts"] = kept


# -- renewals


def renewal(world: World, subscription: JsonObject) -> JsonObject:
    """Move every item whose period is over into its next one and make the draft that bills it.

    Changes `subscription`, saves neither. `world.now()` is the boundary.
    """
    now = world.now()
    customer = world.need("customer", subscription["customer"])
    due = [item for item in subscription["items"]["data"] if item["current_period_end"] <= now]
    began = min((item["current_period_start"] for item in due), default=now)
    invoice = invoicing.start(
        world,
        customer,
        reason="subscription_cycle",
        currency=subscription["currency"],
        subscription=subscription,
        period=(began, now),
    )
    invoicing.add_items(world, invoice, invoicing.waiting(world, customer["id"], subscription["id"]))
    for item in due:
        recurring = item["price"]["recurring"]
        start = item["current_period_end"]
        end = periods.after(
            subscription["billing_cycle_anchor"], recurring["interval"], recurring["interval_count"], start
        )
        stop = subscription["cancel_at"]
        cut = stop if stop is not None and start < stop < end else None
        item["current_period_start"], item["current_period_end"] = start, cut or end
        invoicing.add_period(world, invoice, item, Period(start, end), until=cut)
    invoicing.total_up(world, invoice)
    cover(world, subscription, invoice)
    subscription["latest_invoice"] = invoice["id"]
    return invoice


def renew(world: World, subscription: JsonObject) -> JsonObject:
    """A boundary has come: bill the next period by a draft, which is charged in an hour. A trial that is over ends."""
    before = world.need("subscription", subscription["id"])
    invoice = renewal(world, subscription)
    if subscription["status"] == "trialing":
        subscription["status"] = "active"
    paused = subscription["pause_collection"]
    invoice["auto_advance"] = not (paused and paused["behavior"] == "keep_as_draft")
    invoicing.wait_to_finalise(invoice)
    settling.save_draft(world, invoice)
    settling.save_subscription(world, subscription)
    world.emit("invoice.created", invoice)
    settling.updated(world, before, subscription)
    return invoice


# -- the end


def end(world: World, subscription: JsonObject, reason: str | None = None) -> JsonObject:
    """The subscription is over now. What waits is not billed by this; its invoices are no longer collected by themselves."""
    now = world.now()
    before = world.need("subscription", subscription["id"])
    incomplete = subscription["status"] == "incomplete"
    subscription["status"] = "incomplete_expired" if incomplete else "canceled"
    subscription["canceled_at"] = subscription["canceled_at"] or now
    subscription["ended_at"] = now
    details = subscription["cancellation_details"]
    details["reason"] = details["reason"] or reason
    if subscription["pending_update"]:
        pending.drop(world, subscription, subscription["latest_invoice"])
        subscription["pending_update"] = None
    settling.save_subscription(world, subscription)
    for found in list(world.newest_first("invoice", subscription=subscription["id"])):
        if found["status"] in ("draft", "open") and found["auto_advance"]:
            stopped = world.need("invoice", found["id"])
            stopped.update(auto_advance=False, automatically_finalizes_at=None, next_payment_attempt=None)
            world.save(stopped)
            agenda.put(world, stopped, None)
    schedule = world.get("subscription_schedule", subscription["schedule"]) if subscription["schedule"] else None
    if schedule and schedule["status"] == "active":
        schedule.update(status="canceled", canceled_at=now, current_phase=None)
        world.save(schedule)
        world.emit("subscription_schedule.canceled", schedule)
    if incomplete:
        settling.updated(world, before, subscription)
    else:
        world.emit("customer.subscription.deleted", subscription)
    return subscription


def cancel_now(world: World, subscription: JsonObject, *, prorate: bool, invoice_now: bool) -> JsonObject:
    """`DELETE`: end at once. `prorate` credits unused time, `invoice_now` bills what waits by a final draft."""
    customer = world.need("customer", subscription["customer"])
    now = world.now()
    for line in reversed(unused_time(world, subscription, now) if prorate else []):
        invoicing.make_item(world, customer, subscription, line, orphan=not invoice_now)
    final = None
    if invoice_now:
        items = invoicing.waiting(world, customer["id"], subscription["id"])
        final = final_invoice(world, customer, subscription, items) if items else None
    elif not prorate:
        _remove_waiting(world, customer, subscription)
    subscription.update(cancel_at=None, cancel_at_period_end=False, canceled_at=now)
    subscription["cancellation_details"]["reason"] = "cancellation_requested"
    if final:
        subscription["latest_invoice"] = final["id"]
    ended = end(world, subscription)
    if final:
        _close(world, final)
    return ended


def unused_time(world: World, subscription: JsonObject, moment: int | None = None) -> list[proration.Prorated]:
    """The credits for ending every item at `moment` (now unless said); none for a trial."""
    if subscription["status"] == "trialing":
        return []
    at = world.now() if moment is None else moment
    found = [proration.credit(world, subscription, item, at) for item in subscription["items"]["data"]]
    return [line for line in found if line is not None]


def final_invoice(world: World, customer: JsonObject, subscription: JsonObject, items: list[JsonObject]) -> JsonObject:
    """The draft of a subscription that ends, for what still waits; not saved."""
    invoice = invoicing.start(
        world, customer, reason="subscription_cycle", currency=subscription["currency"], subscription=subscription
    )
    invoicing.add_items(world, invoice, items)
    invoicing.total_up(world, invoice)
    return invoice


def _close(world: World, invoice: JsonObject) -> None:
    invoicing.wait_to_finalise(invoice)
    settling.save_draft(world, invoice)
    if invoice["total"] <= 0:
        # Seen on Stripe: about five seconds later the draft is uncollectible and the credit never reaches the balance.
        world.save({"object": "_given_up", "id": invoice["id"]})
        agenda.put(world, invoice, world.now() + 5)
    world.emit("invoice.created", invoice)


def end_of_term(world: World, subscription: JsonObject) -> JsonObject:
    """The moment of `cancel_at` has come: end, and bill by a last draft what still waits."""
    customer = world.need("customer", subscription["customer"])
    items = [
        item for item in invoicing.waiting(world, customer["id"], subscription["id"]) if item["parent"] is not None
    ]
    final = final_invoice(world, customer, subscription, items) if items else None
    if final:
        subscription["latest_invoice"] = final["id"]
    ended = end(world, subscription, "cancellation_requested")
    if final:
        _close(world, final)
    return ended


def _remove_waiting(world: World, customer: JsonObject, subscription: JsonObject) -> None:
    mine = [item for item in invoicing.waiting(world, customer["id"], subscription["id"]) if item["parent"] is not None]
    for item in mine:
        world.remove("invoiceitem", item["id"])
    invoicing.no_longer_waiting(world, customer["id"], [item["id"] for item in mine])
