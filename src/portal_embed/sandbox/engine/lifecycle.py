"""A subscription from its first invoice through its renewals to its end."""

from dataclasses import dataclass, field
from fractions import Fraction

from portal_embed.sandbox.engine import (
    bodies,
    charging,
    discounts,
    invoicing,
    periods,
    prebilling,
    pricing,
    proration,
    settling,
    stored,
    uninvoiced,
    usage,
)
from portal_embed.sandbox.engine.proration import Period
from portal_embed.sandbox.wire.errors import StripeError
from portal_embed.sandbox.world import JsonObject, World, copied

TRUTH = [
    ("create with a working method: active, first invoice paid in the call", "recorded", "Recorded from Stripe's API, Aug 2026"),
    ("create with 3-D Secure or a decline: incomplete, invoice open; `error_if_incomplete` refuses and writes nothing",
     "recorded", "Recorded from Stripe's API, Aug 2026 (the decline under `error_if_incomplete` is documented)"),
    ("a trial's first invoice is real: 0, numbered, paid", "recorded", "Recorded from Stripe's API, Mar 2026"),
    ("`send_invoice` is active at once and leaves a draft", "recorded", "Recorded from Stripe's API, Aug 2026"),
    ("prices of several intervals share a subscription in flexible mode only", "documented",
     "Stripe docs, mixed interval subscriptions; wording assumed"),
    ("an anchor in the future bills the first stretch as a part of the period", "documented",
     "Stripe docs, billing cycle anchor"),
    ("a renewal is a draft for an hour, then charged; failing it makes the subscription past_due", "documented",
     "Stripe docs, subscription invoices"),
    ("a renewal's invoice period is the period that ended", "documented", "Stripe docs, invoice period"),
    ("a subscription that ends inside a coming period is billed only to its end", "assumed", "no recording"),
]  # fmt: skip


PENDING_FOR = 23 * 3_600
"""How long a change waits for its payment, seconds."""


@dataclass(frozen=True)
class ItemTerms:
    """One price and quantity to subscribe to."""

    price: JsonObject
    quantity: int | None = 1
    metadata: dict[str, str] = field(default_factory=dict)
    discounts: list[JsonObject] = field(default_factory=list)
    tax_rates: list[JsonObject] = field(default_factory=list)


@dataclass(frozen=True)
class Terms:
    """What a new subscription is to be; moments in seconds. `fields` go into the subscription as they are.

    `schedule` is the id of the schedule that starts it, if one does.
    """

    items: list[ItemTerms]
    trial_end: int | None = None
    anchor: int | None = None
    payment_behavior: str = "allow_incomplete"
    proration_behavior: str = "create_prorations"
    off_session: bool = False
    discounts: list[JsonObject] = field(default_factory=list)
    schedule: str | None = None
    fields: JsonObject = field(default_factory=dict)


def create(world: World, customer: JsonObject, terms: Terms) -> JsonObject:
    """Start a subscription and bill its first period; returns it as stored. Raises Stripe's refusals."""
    subscription, invoice = begin(world, customer, terms)
    if invoice is None:
        return world.need("subscription", subscription["id"])
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


def begin(world: World, customer: JsonObject, terms: Terms) -> tuple[JsonObject, JsonObject | None]:
    """The new subscription, stored, and its first invoice as a draft that is not: also what a preview shows.

    None where flexible mode makes no invoice, as nothing stands on it.
    """
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
        item["metadata"], item["tax_rates"] = wanted.metadata, wanted.tax_rates
        item["discounts"] = discounts.redeem(
            world, wanted.discounts, customer, subscription_item=item["id"], currency=subscription["currency"],
            amount=proration.price_now(world, item),
        )  # fmt: skip
        subscription["items"]["data"].append(item)
    check_intervals(subscription)
    subscription["discounts"] = redeemed(world, subscription, customer, terms.discounts)
    subscription["schedule"] = terms.schedule
    subscription["status"] = "incomplete"
    if subscription["collection_method"] == "send_invoice" or terms.schedule:
        subscription["status"] = "trialing" if trial else "active"
    invoice = invoicing.start(
        world, customer, reason="subscription_create", currency=subscription["currency"], subscription=subscription
    )
    invoicing.add_items(world, invoice, uninvoiced.waiting(world, customer["id"], subscription["id"]))
    if trial or terms.proration_behavior != "none" or anchor == now:
        for item in subscription["items"]["data"]:
            _first_line(world, subscription, invoice, item, trial=trial)
    as_redeemed = copied(subscription)
    first = (
        invoice if invoice["lines"]["data"] or any(not pricing.is_metered(one.price) for one in terms.items) else None
    )
    if first is None:
        subscription["status"] = "trialing" if trial else "active"
    else:
        invoicing.total_up(world, invoice)
        cover(world, subscription, invoice)
        subscription["latest_invoice"] = invoice["id"]
    stored.save_subscription(world, subscription)
    world.emit("customer.subscription.created", subscription)
    stored.discounts_changed(world, None, as_redeemed)
    stored.discounts_changed(world, as_redeemed, subscription)
    if terms.trial_end is not None and terms.trial_end - stored.TRIAL_NOTICE <= now:
        world.emit("customer.subscription.trial_will_end", subscription)
    return subscription, first


def redeemed(world: World, subscription: JsonObject, customer: JsonObject, wanted: list[JsonObject]) -> list[str]:
    """Redeem discounts for a subscription whose items are set; their ids. Raises Stripe's refusals."""
    rows = subscription["items"]["data"]
    amount = sum((proration.price_now(world, item) for item in rows), Fraction(0))
    return discounts.redeem(
        world, wanted, customer, subscription=subscription["id"], currency=subscription["currency"], amount=amount
    )


def _first_line(world: World, subscription: JsonObject, invoice: JsonObject, item: JsonObject, *, trial: bool) -> None:
    start, end, anchor = item["current_period_start"], item["current_period_end"], subscription["billing_cycle_anchor"]
    if pricing.is_metered(item["price"]):
        if subscription["billing_mode"]["type"] == "classic":
            invoicing.add_usage(world, invoice, item, Period(start, end), Fraction(0))
        return
    if trial or anchor == start:
        invoicing.add_period(world, invoice, item, Period(start, end), trial=trial)
        return
    recurring = item["price"]["recurring"]
    whole = periods.period_at(anchor, recurring["interval"], recurring["interval_count"], start)
    length = whole[1] - whole[0]
    invoicing.add_period(world, invoice, item, Period(start, start + length), until=end)


def check_prices(prices: list[JsonObject], customer: JsonObject, currency: str) -> None:
    """Refuse what cannot be subscribed to together, and what this sandbox does not bill."""
    seen: set[str] = set()
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


def check_intervals(subscription: JsonObject) -> None:
    """Refuse items of several intervals in classic mode."""
    rows = [item["price"]["recurring"] for item in subscription["items"]["data"]]
    if (
        subscription["billing_mode"]["type"] == "classic"
        and len({(r["interval"], r["interval_count"]) for r in rows}) > 1
    ):
        raise StripeError(
            "All prices of a subscription with `billing_mode[type]=classic` must have the same billing interval.",
            param="items",
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
    licensed = {item["id"]: item for item in subscription["items"]["data"] if not pricing.is_metered(item["price"])}
    full: dict[str, list[JsonObject]] = {}
    for line in invoice["lines"]["data"]:
        details = (line["parent"] or {}).get("subscription_item_details")
        if not details or details["subscription_item"] not in licensed:
            continue
        if details["proration"]:
            _name_charge(world, details["subscription_item"], invoice, line)
        elif line["pricing"]["unit_amount_decimal"] != "0" or line["amount"]:
            full.setdefault(details["subscription_item"], []).append(line)
    for id, lines in full.items():
        net = sum(line["amount"] - sum(off["amount"] for off in line["discount_amounts"]) for line in lines)
        rates = proration.rates_of(subscription, licensed[id])
        period = Period(lines[0]["period"]["start"], lines[0]["period"]["end"])
        proration.remember(
            world, licensed[id], period, Fraction(net), rates, invoice["id"], [line["id"] for line in lines]
        )
    use_up(world, subscription, invoice)


def _name_charge(world: World, item: str, invoice: JsonObject, line: JsonObject) -> None:
    billed = world.get("_billed", item)
    if billed and billed["invoice"] is None and line["amount"] >= 0 and line["period"]["end"] == billed["end"]:
        world.save({**billed, "invoice": invoice["id"], "lines": [line["id"]]})


def use_up(world: World, subscription: JsonObject, invoice: JsonObject) -> None:
    """Drop the `once` discounts that an invoice used."""
    used = {off["discount"] for off in invoice["total_discount_amounts"]}
    for line in invoice["lines"]["data"]:
        details = line["parent"].get("subscription_item_details")
        item = world.get("invoiceitem", details["invoice_item"]) if details and details["invoice_item"] else None
        used |= {off["discount"] for off in (item or {}).get("proration_details", {}).get("discount_amounts", [])}
    for holder in (subscription, *subscription["items"]["data"]):
        running = discounts.coupons_of(world, holder["discounts"], world.now())
        holder["discounts"] = [id for id, coupon in running if coupon["duration"] != "once" or id not in used]
    customer = world.need("customer", subscription["customer"])
    theirs = customer["discount"]
    if theirs is not None and theirs["id"] in used:
        ((_, coupon),) = discounts.coupons_of(world, [theirs["id"]], invoice["created"]) or ((None, {}),)
        if coupon.get("duration") == "once":
            world.save({**customer, "discount": None})


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
    invoicing.add_items(world, invoice, uninvoiced.waiting(world, customer["id"], subscription["id"]))
    for item in due:
        recurring = item["price"]["recurring"]
        start = item["current_period_end"]
        used = usage.unbilled(world, subscription, item, start)
        free = subscription["status"] == "trialing" and subscription["trial_end"] > now
        end = (
            subscription["trial_end"] if free else
            periods.after(subscription["billing_cycle_anchor"], recurring["interval"], recurring["interval_count"], start)
        )  # fmt: skip
        stop = subscription["cancel_at"]
        cut = stop if stop is not None and start < stop < end else None
        item["current_period_start"], item["current_period_end"] = start, cut or end
        if used is None and prebilling.begin(world, item, start):
            continue
        if used is None:
            invoicing.add_period(world, invoice, item, Period(start, end), until=cut, trial=free)
        elif subscription["status"] != "trialing":
            invoicing.add_usage(world, invoice, item, *used)
    invoicing.total_up(world, invoice)
    cover(world, subscription, invoice)
    if invoice["lines"]["data"]:
        subscription["latest_invoice"] = invoice["id"]
    return invoice


def count_again(world: World, subscription: JsonObject, invoice: JsonObject) -> None:
    """Before a draft is finalised: what was reported late for its metered periods goes on it. Does not save the invoice."""
    metered = {item["id"]: item for item in subscription["items"]["data"] if pricing.is_metered(item["price"])}
    rows = invoice["lines"]["data"]
    seen: set[str] = set()
    invoice["lines"].update(data=[], total_count=0)
    for line in rows:
        details = (line["parent"] or {}).get("subscription_item_details") or {}
        item = metered.get(details.get("subscription_item"))
        if item is None or details["invoice_item"] or line["pricing"]["price_details"]["price"] != item["price"]["id"]:
            invoice["lines"]["data"].append(line)
            invoice["lines"]["total_count"] += 1
        elif item["id"] not in seen:
            seen.add(item["id"])
            period = Period(line["period"]["start"], line["period"]["end"])
            meter = world.need("billing.meter", item["price"]["recurring"]["meter"])
            used = usage.between(world, meter, subscription["customer"], period.start, period.end)
            invoicing.add_usage(world, invoice, item, period, used)


def renew(world: World, subscription: JsonObject) -> None:
    """A boundary has come: bill the next period by a draft, which is charged in an hour. A trial that is over ends."""
    before = world.need("subscription", subscription["id"])
    invoice = renewal(world, subscription)
    if subscription["status"] == "trialing" and subscription["trial_end"] <= world.now():
        subscription["status"] = "active"
    if not invoice["lines"]["data"]:
        stored.save_subscription(world, subscription)
        stored.updated(world, before, subscription)
        return
    paused = subscription["pause_collection"]
    kept = subscription["status"] == "unpaid" or (paused and paused["behavior"] == "keep_as_draft")
    invoice["auto_advance"] = not kept
    invoicing.wait_to_finalise(invoice)
    settling.save_draft(world, invoice)
    stored.save_subscription(world, subscription)
    world.emit("invoice.created", invoice)
    stored.updated(world, before, subscription)
