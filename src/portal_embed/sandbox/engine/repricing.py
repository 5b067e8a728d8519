"""Working out a change of a running subscription: its items' new state, what is credited and charged, its invoice.

Nothing here is paid: a preview reads the result and a real change hands it to `changes`.
"""

from portal_embed.sandbox.engine import (
    bodies,
    discounts,
    invoicing,
    lifecycle,
    periods,
    prebilling,
    pricing,
    proration,
    settling,
    stored,
    uninvoiced,
    usage,
)
from portal_embed.sandbox.engine.change import Change, ItemChange, Prepared, checked_quantity
from portal_embed.sandbox.engine.proration import Period, Prorated
from portal_embed.sandbox.wire.errors import StripeError, missing_param
from portal_embed.sandbox.world import JsonObject, World

TRUTH = [
    ("flexible: month to year keeps the anchor; the item's start stays and its end is the anchor's next year", "recorded",
     "Recorded from Stripe's API, Oct 2025, on the first period; later periods assumed to follow the anchor's grid"),
    ("flexible: a price change with the anchor reset credits the rest and bills a full normal line", "recorded",
     "Recorded from Stripe's API, Oct 2025, for `always_invoice`"),
    ("flexible: an anchor reset alone makes one waiting `Remaining time` from the old end to the new", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("flexible: price change and anchor reset with `create_prorations` leave credit and charge waiting", "assumed",
     "no recording"),
    ("price change and anchor reset with `none` in flexible mode bill nothing until the new period's end", "assumed",
     "no recording"),
    ("flexible: another interval with `none` keeps the running period; the new price begins with the next", "assumed",
     "no recording"),
    ("classic: another interval, or free to paid, resets the anchor and bills at once", "documented",
     "Stripe docs, change the price of a subscription"),
    ("ending a trial now: anchor now, `trial_end` a second ago, a new paid invoice of reason subscription_update", "recorded",
     "Recorded from Stripe's API, Aug 2026"),
    ("a proration date lies within the running period and the current phase of a schedule", "documented",
     "stripe-python 16.1, Invoice.create_preview"),
    ("changes inside a trial make no prorations", "documented", "Stripe docs, prorations and trials"),
    ("a price change without a quantity sets it to 1", "documented", "stripe-python 16.1, portal configuration"),
]  # fmt: skip


def prepare(world: World, subscription: JsonObject, change: Change) -> Prepared:
    """Work the change out. Writes waiting items, discounts and billing notes, but not the subscription."""
    before = world.need("subscription", subscription["id"])
    if before["status"] == "incomplete" and (change.items or change.reset_anchor or change.trial_end is not None):
        raise StripeError("You cannot update a subscription in `incomplete` status in a way that creates an invoice.")
    billed_before = [row for item in before["items"]["data"] if (row := world.get("_billed", item["id"]))]
    after = subscription
    customer = world.need("customer", after["customer"])
    if change.edit:
        change.edit(after)
    waited = [item["id"] for item in uninvoiced.waiting(world, customer["id"], after["id"])]
    made = Prepared(before, after, None, billed_before, waited)
    if change.bill_until is not None:
        made.invoice = prebilling.bill(world, customer, after, change)
        lifecycle.use_up(world, after, made.invoice)
        return made
    if change.items or change.reset_anchor or change.trial_end is not None or change.discounts is not None:
        prebilling.check_unchanged(before, "changing")
    Repricing(world, customer, change, made).run()
    if after["cancel_at_period_end"] and after["cancel_at"] is not None:
        after["cancel_at"] = min(item["current_period_end"] for item in after["items"]["data"])
    return made


class Repricing:
    """The items of one change: their new state, and what is credited and charged for it."""

    def __init__(self, world: World, customer: JsonObject, change: Change, made: Prepared) -> None:
        """Works on `made.after` and leaves the invoice in `made.invoice`."""
        self.world, self.customer, self.change, self.made = world, customer, change, made
        self.subscription = made.after
        self.now = world.now()
        self.moment = change.proration_date or self.now
        self.prorates = change.proration_behavior != "none"
        self.old = {item["id"]: item for item in made.before["items"]["data"]}
        self.full: list[tuple[JsonObject, Period]] = []
        self.lines: list[Prorated] = []
        self.used = False

    def run(self) -> None:
        """Work out the change."""
        touched, removed = self._set_items()
        if self.change.discounts is not None:
            found = lifecycle.redeemed(self.world, self.subscription, self.customer, self.change.discounts)
            self.subscription["discounts"] = found
        if self.change.trial_end is not None and self._move_trial():
            return
        if self._in_trial():
            for item in self.subscription["items"]["data"]:
                item["current_period_end"] = self.subscription["trial_end"]
            return
        if not touched and not removed and not self.change.reset_anchor:
            return
        self._check_date()
        reset = self.change.reset_anchor or self._classic_reset(touched)
        if reset:
            self._restart(touched)
        else:
            for item in touched:
                if item["id"] in self.old and item["price"]["id"] != self.old[item["id"]]["price"]["id"]:
                    self._bill_usage(self.old[item["id"]])
                self._reprice(item)
        for item in removed:
            self._bill_usage(self.old[item["id"]])
            self._credit(item)
        self._bill(at_once=reset and self._classic())

    # -- the items

    def _set_items(self) -> tuple[list[JsonObject], list[JsonObject]]:
        rows = self.subscription["items"]["data"]
        touched, removed = [], []
        for wanted in self.change.items:
            if wanted.id is None:
                touched.append(self._new_item(wanted))
                continue
            item = next((row for row in rows if row["id"] == wanted.id), None)
            if item is None:
                raise StripeError(f"Invalid subscription_item id: {wanted.id}", status=404)
            if wanted.metadata is not None:
                item["metadata"] = wanted.metadata
            self._set_own(item, wanted)
            if wanted.deleted:
                rows.remove(item)
                removed.append(item)
            elif self._changed(item, wanted):
                touched.append(item)
        if not rows:
            raise StripeError(
                "A subscription must have at least one active plan. In order to remove the final plan, you must cancel the "
                "subscription."
            )
        lifecycle.check_intervals(self.subscription)
        lifecycle.check_prices([row["price"] for row in touched], self.customer, self.subscription["currency"])
        lifecycle.check_prices(
            [{**row["price"], "active": True} for row in rows], self.customer, self.subscription["currency"]
        )
        return touched, removed

    def _new_item(self, wanted: ItemChange) -> JsonObject:
        if wanted.price is None:
            raise missing_param("items[0][price]")
        quantity = checked_quantity(wanted.price, wanted.quantity)
        item = bodies.subscription_item(self.world, self.subscription["id"], wanted.price, quantity, self.now, self.now)
        item["metadata"] = wanted.metadata or {}
        self._set_own(item, wanted)
        period = self._grid(item)
        item["current_period_start"], item["current_period_end"] = period.start, period.end
        self.subscription["items"]["data"].append(item)
        return item

    def _set_own(self, item: JsonObject, wanted: ItemChange) -> None:
        if wanted.tax_rates is not None:
            item["tax_rates"] = wanted.tax_rates
        if wanted.discounts is not None:
            price = wanted.price or item["price"]
            item["discounts"] = discounts.redeem(
                self.world, wanted.discounts, self.customer, subscription_item=item["id"], currency=price["currency"]
            )

    def _changed(self, item: JsonObject, wanted: ItemChange) -> bool:
        price, quantity = item["price"], item["quantity"]
        if wanted.price is not None and wanted.price["id"] != price["id"]:
            item["price"], item["plan"] = wanted.price, bodies.plan_of(wanted.price)
            item["quantity"] = checked_quantity(wanted.price, wanted.quantity)
        elif wanted.quantity is not None:
            item["quantity"] = checked_quantity(price, wanted.quantity)
        return bool(item["price"]["id"] != price["id"] or item["quantity"] != quantity)

    def _grid(self, item: JsonObject) -> Period:
        if self._in_trial():
            return Period(self.subscription["trial_start"] or self.now, self.subscription["trial_end"])
        recurring = item["price"]["recurring"]
        anchor = self.subscription["billing_cycle_anchor"]
        return Period(*periods.period_at(anchor, recurring["interval"], recurring["interval_count"], self.now))

    def _same_interval(self, item: JsonObject) -> bool:
        old, new = self.old[item["id"]]["price"]["recurring"], item["price"]["recurring"]
        return (old["interval"], old["interval_count"]) == (new["interval"], new["interval_count"])

    # -- trials

    def _in_trial(self) -> bool:
        end = self.subscription["trial_end"]
        return bool(self.subscription["status"] == "trialing" and end is not None and end > self.now)

    def _move_trial(self) -> bool:
        """Start, move or end a trial; whether that settles the whole change."""
        wanted = self.change.trial_end
        if wanted == "now":
            if not self._in_trial():
                return False
            self._end_trial()
            return True
        if not self._in_trial():
            for item in [*self.old.values()] if self.prorates else []:
                self._credit(item)
            self.subscription["trial_start"] = self.now
            self.subscription["status"] = "trialing"
        self.subscription["trial_end"] = self.subscription["billing_cycle_anchor"] = wanted
        for item in self.subscription["items"]["data"]:
            item["current_period_start"] = self.subscription["trial_start"]
            item["current_period_end"] = wanted
        self._bill(at_once=False)
        return True

    def _end_trial(self) -> None:
        subscription = self.subscription
        method = settling.subscription_method(self.world, subscription)
        behaviour = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
        subscription["trial_end"] = self.now - 1
        if (
            method is None
            and subscription["collection_method"] == "charge_automatically"
            and behaviour != "create_invoice"
        ):
            for item in subscription["items"]["data"]:
                item["current_period_end"] = self.now
            if behaviour == "cancel":
                subscription.update(status="canceled", canceled_at=self.now, ended_at=self.now)
                subscription["cancellation_details"]["reason"] = "cancellation_requested"
            else:
                stored.set_paused(self.world, subscription, "trial_end_without_payment_method")
            self.made.paused = True
            return
        subscription["status"] = "active"
        subscription["billing_cycle_anchor"] = self.now
        for item in subscription["items"]["data"]:
            self._fresh_period(item)
        self._bill(at_once=True)

    def restart_paused(self) -> None:
        """A paused subscription begins anew: anchor now, full periods, billed at once."""
        self.subscription["billing_cycle_anchor"] = self.now
        for item in self.subscription["items"]["data"]:
            self._fresh_period(item)
        self._bill(at_once=True)

    def go_on(self) -> None:
        """A paused subscription goes on in the period that runs now: what of it was credited, or never billed, is charged."""
        for item in self.subscription["items"]["data"]:
            period = self._grid(item)
            item["current_period_start"], item["current_period_end"] = period.start, period.end
            billed = self.world.get("_billed", item["id"])
            if self.prorates and (billed is None or billed["end"] <= self.now):
                self._charge(item, period)
        self._bill(at_once=False)

    def _fresh_period(self, item: JsonObject) -> None:
        recurring = item["price"]["recurring"]
        end = periods.after(self.now, recurring["interval"], recurring["interval_count"], self.now)
        item["current_period_start"], item["current_period_end"] = self.now, end
        if not pricing.is_metered(item["price"]):
            self.full.append((item, Period(self.now, end)))

    # -- the money

    def _classic(self) -> bool:
        kind: str = self.subscription["billing_mode"]["type"]
        return kind == "classic"

    def _classic_reset(self, touched: list[JsonObject]) -> bool:
        known = [item for item in touched if item["id"] in self.old]
        was_free = all(pricing.is_free(self.world, item["price"]) for item in self.old.values())
        is_free = all(pricing.is_free(self.world, item["price"]) for item in self.subscription["items"]["data"])
        return self._classic() and ((was_free and not is_free) or any(not self._same_interval(item) for item in known))

    def _check_date(self) -> None:
        if self.change.proration_date is None:
            return
        for item in self.old.values():
            if not item["current_period_start"] <= self.moment <= item["current_period_end"]:
                raise StripeError(
                    "Invalid proration_date: it must lie within the current period of the subscription's items.",
                    param="proration_date",
                )
        id = self.made.before["schedule"]
        schedule = self.world.get("subscription_schedule", id) if id else None
        running = schedule["current_phase"] if schedule is not None else None
        if running is not None and not running["start_date"] <= self.moment <= running["end_date"]:
            raise StripeError(
                "Invalid proration_date: it must lie within the current phase of the subscription's schedule.",
                param="proration_date",
            )

    def _reprice(self, item: JsonObject) -> None:
        known = self.old.get(item["id"])
        whole = Period(item["current_period_start"], item["current_period_end"])
        if known and not self._same_interval(item):
            if not self.prorates:
                return
            whole = self._grid(item)
            item["current_period_end"] = whole.end
        if not self.prorates:
            return
        if known:
            self._credit(known)
        self._charge(item, whole)

    def _bill_usage(self, item: JsonObject) -> None:
        """Leave what was used of an item in its old state waiting: a meter goes on counting for its new one."""
        used = usage.unbilled(self.world, self.made.before, item, self.moment)
        if used is None or self._classic() or self._in_trial():
            return
        uninvoiced.make_usage_items(self.world, self.customer, self.subscription, item, *used)
        usage.billed(self.world, item["id"], self.moment)
        self.used = self.used or bool(used[1])

    def _restart(self, touched: list[JsonObject]) -> None:
        subscription = self.subscription
        subscription["billing_cycle_anchor"] = self.now
        for item in list(subscription["items"]["data"]):
            known = self.old.get(item["id"])
            old_end = known["current_period_end"] if known else self.now
            if known:
                self._bill_usage(known)
            self._fresh_period(item)
            if pricing.is_metered(item["price"]):
                if known and self.prorates:
                    self._credit(known)
                continue
            _, period = self.full.pop()
            if self._classic() or (item in touched and self.change.proration_behavior == "always_invoice"):
                if known and self.prorates:
                    self._credit(known)
                self.full.append((item, period))
            elif not self.prorates:
                continue
            elif item in touched:
                if known:
                    self._credit(known)
                self._charge(item, period, start=self.now)
            elif old_end < period.end:
                self._charge(item, period, start=old_end)

    def _credit(self, item: JsonObject) -> None:
        if self.prorates:
            line = proration.credit(self.world, self.made.before, item, self.moment)
            if line:
                self.lines.append(line)
        proration.forget(self.world, item["id"])

    def _charge(self, item: JsonObject, whole: Period, start: int | None = None) -> None:
        if pricing.is_metered(item["price"]):
            return
        self.lines.append(proration.charge(self.world, self.subscription, item, self.moment, whole, start))
        net, _ = proration.net_price(self.world, self.subscription, item)
        proration.remember(self.world, item, whole, net, proration.rates_of(self.subscription, item))

    def _bill(self, *, at_once: bool) -> None:
        """Write the lines as waiting items, and draft an invoice if the change is billed now."""
        for line in reversed(self.lines):
            uninvoiced.make_item(self.world, self.customer, self.subscription, line)
        always = self.change.proration_behavior == "always_invoice"
        if not (at_once or (always and (self.lines or self.full or self.used))):
            return
        start = min((item["current_period_start"] for item in self.subscription["items"]["data"]), default=self.now)
        invoice = invoicing.start(
            self.world,
            self.customer,
            reason="subscription_update",
            currency=self.subscription["currency"],
            subscription=self.subscription,
            period=(self.now if self.full else min(start, self.now), self.now),
        )
        waiting = uninvoiced.waiting(self.world, self.customer["id"], self.subscription["id"])
        if not waiting and not self.full:
            return
        invoicing.add_items(self.world, invoice, waiting)
        for item, period in self.full:
            invoicing.add_period(self.world, invoice, item, period)
        invoicing.total_up(self.world, invoice)
        lifecycle.cover(self.world, self.subscription, invoice)
        self.made.invoice = invoice
